"""A province folder: what is saved comes back, what is wrong is said with its line."""

import re
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rio_cogeo.cogeo import cog_validate
from shapely import Point

from phusong import columns
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.province import LAYERS, Provenance
from phusong.geodata.provinces import embedded, folder, manifest
from phusong.geodata.writers import vector

WORD = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=10)
LINE = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


@pytest.fixture
def copy(mini_folder, tmp_path):
    """Return a copy of the small province folder that a test may spoil."""
    shutil.copytree(mini_folder, tmp_path / "mini")
    return tmp_path / "mini"


def edit(path, pattern, replacement):
    text = path.read_text("utf-8")
    changed = re.sub(pattern, replacement, text, count=1)
    assert changed != text
    path.write_text(changed, "utf-8")


def assert_same(before, after):
    for layer in ("communes", "districts", "zones", "sites"):
        one, other = getattr(before, layer), getattr(after, layer)
        for name in one.columns.drop("geometry"):
            assert list(one[name]) == list(other[name]), (layer, name)
        if len(one):
            assert one.geometry.hausdorff_distance(other.geometry).max() < 0.001  # m
    for layer in ("terrain", "landcover", "population", "commune_index"):
        one, other = getattr(before, layer), getattr(after, layer)
        np.testing.assert_array_equal(one.values, other.values)
        assert one.values.dtype == other.values.dtype
        assert one.grid == other.grid
    assert before.provenance == after.provenance
    assert (before.name, before.units) == (after.name, after.units)


def test_a_saved_province_comes_back(mini_province, mini_folder):
    assert_same(mini_province, folder.open_province(mini_folder))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None
)
@given(data=st.data())
def test_any_province_comes_back(mini_province, tmp_path, data):
    count = data.draw(st.integers(1, 5))
    names = data.draw(st.lists(WORD, min_size=count, max_size=count, unique=True))
    masts = data.draw(st.lists(WORD, min_size=count, max_size=count, unique=True))
    west, south, east, north = mini_province.communes.total_bounds
    places = data.draw(
        st.lists(
            st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)), min_size=count, max_size=count
        )
    )
    points = [Point(west + u * (east - west), south + v * (north - south)) for u, v in places]
    sites = gpd.GeoDataFrame(
        {name: mini_province.sites[name].iloc[:count] for name in columns.BTS},
        geometry=points,
        crs=crs.PLANNING,
    )
    row = embedded.admin.assign(sites, mini_province.communes)
    codes = mini_province.communes.iloc[row].reset_index()
    sites = sites.assign(
        site_id=names,
        position_id=masts,
        operator=data.draw(
            st.lists(
                st.sampled_from(["Viettel", "Mạng số 9", "unknown"]), min_size=count, max_size=count
            )
        ),
        height_m=data.draw(st.lists(st.floats(0.1, 200), min_size=count, max_size=count)),
        commune_code=codes[columns.COMMUNE_CODE],
        district_code=codes[columns.DISTRICT_CODE],
    )
    said = {layer: Provenance("given", *data.draw(st.tuples(*[LINE] * 4))) for layer in LAYERS}
    before = replace(
        mini_province, name=data.draw(WORD), units=data.draw(WORD), sites=sites, provenance=said
    )
    folder.save_province(before, tmp_path / "p")
    assert_same(before, folder.open_province(tmp_path / "p"))


def test_saving_what_was_opened_changes_nothing(copy, tmp_path):
    folder.save_province(folder.open_province(copy), tmp_path / "again")
    for path in sorted(copy.iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


def test_rasters_of_a_folder_are_valid_cogs_with_units(mini_folder):
    for name in ("terrain", "landcover", "population"):
        assert cog_validate(mini_folder / f"{name}.tif", strict=True)[:3] == (True, [], [])
    assert raster.rasterio.open(mini_folder / "terrain.tif").units == ("m",)


def test_no_folder_is_the_embedded_province(monkeypatch):
    monkeypatch.setattr(embedded, "reference_province", lambda seed: f"reference {seed}")
    assert folder.open_province(None, seed=4) == "reference 4"


@pytest.mark.parametrize("layer", ["zones", "sites", "landcover", "population"])
def test_what_is_not_named_is_made_and_called_so(copy, mini_province, layer):
    edit(copy / manifest.NAME, rf'{layer} = ".*"\n', "")
    opened = folder.open_province(copy, seed=2)
    assert opened.provenance[layer].status == "synthetic"
    others = {"zones", "sites", "landcover", "population"} - {layer}
    assert all(opened.provenance[name] == mini_province.provenance[name] for name in others)
    again = folder.open_province(copy, seed=2)
    assert_same(opened, again)


def test_a_province_may_have_no_zones(mini_province, tmp_path):
    bare = replace(mini_province, zones=mini_province.zones.iloc[:0])
    folder.save_province(bare, tmp_path / "p")
    assert folder.open_province(tmp_path / "p").zones.empty


def test_a_folder_without_manifest_is_no_province(tmp_path):
    with pytest.raises(InputError, match=r"is not a province folder.*\n.*phusong data build"):
        folder.open_province(tmp_path)


@pytest.mark.parametrize(
    ("pattern", "replacement", "message"),
    [
        (r'name = ".*"', "name = Mini", r"province.toml:2: Invalid value"),
        (r'name = ".*"', "nam = 'Mini'", r"2: unknown key 'nam' \(did you mean 'name'\?\)"),
        (r'name = ".*"', "nam = 'Mini'", r"the key 'name' is missing"),
        (r'name = ".*"', "name = 7", r"2, column 'name', value 7: input should be a valid string"),
        (r'crs = ".*"', 'crs = "EPSG:4326"', r"4, column 'crs', value 'EPSG:4326': .*in degrees"),
        (
            r'crs = ".*"',
            'crs = "EPSG:2263"',
            r"4, column 'crs', .*counts in US survey foot, not in",
        ),
        (r'crs = ".*"', 'crs = "EPSG:99999"', r"4, column 'crs', .*is not a coordinate system"),
        (r'crs = ".*"', 'crs = "EPSG:32648"', r"in EPSG:5897 .*the planning grid.*EPSG:32648"),
        (r"pixel_m = 30", "pixel_m = -1", r"5, column 'pixel_m', value -1: .*greater than 0"),
        (r'zones = ".*"', 'zone = "z.geojson"', r"unknown key 'zone' in \[files\] .*'zones'"),
        (r'terrain = ".*"\n', "", r"the key 'terrain' is missing in \[files\]"),
        (r'terrain = ".*"', 'terrain = "t.tif"', r"column 'terrain', value 't.tif': no such file"),
        (r'status = "synthetic"', 'status = "real"', r"'status', value 'real'.*'approximate'"),
        (
            r"\[provenance.terrain\]",
            "[provenance.height]",
            r"unknown key 'height' in \[provenance\]",
        ),
    ],
)
def test_defects_of_the_manifest_are_told_with_their_line(copy, pattern, replacement, message):
    edit(copy / manifest.NAME, pattern, replacement)
    with pytest.raises(InputError, match=message):
        folder.open_province(copy)


def test_all_defects_of_the_manifest_come_together(copy):
    edit(copy / manifest.NAME, r'name = ".*"', "nam = 1")
    edit(copy / manifest.NAME, r"pixel_m = 30", 'pixel_m = "thirty"')
    with pytest.raises(InputError) as caught:
        folder.open_province(copy)
    assert len(caught.value.defects) == 3
    assert sorted(defect.row or 0 for defect in caught.value.defects) == [0, 2, 5]


def shifted(raster_, dx=30.0):
    grid = raster_.grid
    return Raster(
        raster_.values,
        Grid(grid.x_min_m + dx, grid.y_max_m, grid.width, grid.height, crs="EPSG:5897"),
    )


def test_rasters_must_share_one_grid(copy, mini_province):
    raster.write_cog(copy / "population.tif", shifted(mini_province.population), description="")
    with pytest.raises(
        InputError, match=r"population.tif: .* pixels of 30 m from .*but the terrain"
    ):
        folder.open_province(copy)


def test_values_that_cannot_be_are_refused(copy, mini_province):
    grid = mini_province.grid
    wrong = {
        "landcover": Raster(np.full(grid.shape, 9, np.uint8), grid),
        "population": Raster(np.full(grid.shape, -1, np.float32), grid),
        "terrain": Raster(np.full(grid.shape, np.nan, np.float32), grid),
    }
    for layer, values in wrong.items():
        raster.write_cog(copy / f"{layer}.tif", values, description="")
    with pytest.raises(InputError) as caught:
        folder.open_province(copy)
    said = str(caught.value)
    assert f"{grid.width * grid.height} pixels have no height" in said
    assert "holds other values than the classes 0 to 6" in said
    assert "holds less than no residents" in said


def test_another_crs_and_too_small_a_grid_are_refused(copy, mini_province):
    edit(copy / manifest.NAME, r'landcover = ".*"\n', "")
    edit(copy / manifest.NAME, r'population = ".*"\n', "")
    heights = mini_province.terrain
    utm = Raster(heights.values, replace(heights.grid, crs="EPSG:32648"))
    raster.write_cog(copy / "terrain.tif", utm, description="")
    with pytest.raises(InputError, match=r"pixels of 30 m in EPSG:32648 .*EPSG:5897"):
        folder.open_province(copy)
    raster.write_cog(copy / "terrain.tif", shifted(heights, 3000), description="")
    with pytest.raises(InputError, match=r"terrain.tif: does not reach over all communes"):
        folder.open_province(copy)


def test_foreign_folders_and_files_are_left_alone(mini_province, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("important")
    with pytest.raises(InputError, match=r"is not empty and holds no province.toml"):
        folder.save_province(mini_province, tmp_path / "theirs")
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        folder.save_province(mini_province, tmp_path / "file")
    with pytest.raises(InputError, match=r"(?s)cannot write below.*(File exists|Not a directory)"):
        folder.save_province(mini_province, tmp_path / "file" / "below")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "theirs", "thesis.txt"]


def test_saving_again_keeps_foreign_files(copy, mini_province):
    (copy / "notes.txt").write_text("mine")
    folder.save_province(replace(mini_province, name="Mới"), copy)
    assert folder.open_province(copy).name == "Mới"
    assert (copy / "notes.txt").read_text() == "mine"
    assert [path.name for path in copy.parent.iterdir()] == ["mini"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_save_changes_nothing(copy, mini_province, monkeypatch, error):
    before = {path.name: path.read_bytes() for path in copy.iterdir()}

    def interrupt(*_, **__):
        raise error

    monkeypatch.setattr(vector, "write_text", interrupt)  # the manifest is written last
    monkeypatch.setattr(manifest, "write", interrupt)
    for place in (copy, copy.parent / "new"):
        with pytest.raises(error):
            folder.save_province(mini_province, place)
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before
    assert [path.name for path in copy.parent.iterdir()] == ["mini"]


def test_a_folder_without_a_country_is_of_the_default_one(copy):
    edit(copy / manifest.NAME, r"country = .*\n", "")
    assert folder.open_province(copy).country == "vn"


def test_country_and_currency_survive_a_round_trip(mini_province, tmp_path):
    named = replace(mini_province, country="generic", currency="EUR")
    folder.save_province(named, tmp_path / "own")
    again = folder.open_province(tmp_path / "own")
    assert (again.country, again.currency) == ("generic", "EUR")


def test_an_unknown_country_is_told_with_its_line(copy):
    edit(copy / manifest.NAME, r'country = ".*"', 'country = "vm"')
    with pytest.raises(InputError, match=r"province.toml:\d+, .*vm.*did you mean vn"):
        folder.open_province(copy)
