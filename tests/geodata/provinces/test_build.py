"""A province from a user's files, and what becomes of layers and defects on the way."""

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from phusong import columns
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.audit import check
from phusong.geodata.files import whole
from phusong.geodata.files.table import Stated
from phusong.geodata.province import LandCover
from phusong.geodata.provinces import build, folder
from phusong.geodata.units import admin
from phusong.geodata.writers import vector

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def write_raster(path, values, origin, pixel, epsg=5897, nodata=None):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=str(values.dtype),
        crs=f"EPSG:{epsg}",
        transform=from_origin(*origin, pixel, pixel),
        nodata=nodata,
    ) as target:
        target.write(values, 1)
    return path


@pytest.fixture
def given(mini_province, tmp_path):
    """Return files of the small province as a user might keep them."""
    west, south, east, north = mini_province.communes.total_bounds
    frame = mini_province.communes.rename(
        columns={columns.COMMUNE_CODE: "ma_xa", columns.POPULATION: "dan_so"}
    )
    frame.to_crs(32648).to_file(tmp_path / "communes.gpkg")
    size = (int((north - south + 8000) / 90) + 1, int((east - west + 8000) / 90) + 1)
    heights = np.full(size, 20, np.int16)
    write_raster(tmp_path / "dem.tif", heights, (west - 4000, north + 4000), 90, nodata=-32768)
    vector.write_geojson(tmp_path / "zones.geojson", mini_province.zones)
    vector.write_csv(tmp_path / "sites.csv", mini_province.sites)
    return tmp_path


def everything(given, **more):
    paths = {"communes": given / "communes.gpkg", "terrain": [given / "dem.tif"]}
    return build.build_province(**(paths | {"out": given / "out"} | more))


def test_what_is_given_is_kept_and_the_rest_is_made(given, mini_province):
    built = everything(
        given, zones=given / "zones.geojson", sites=given / "sites.csv", name="Tỉnh Nhỏ"
    )
    assert built.name == "Tỉnh Nhỏ"
    assert built.units == "unknown"
    status = {layer: origin.status for layer, origin in built.provenance.items()}
    assert status == {
        "communes": "given",
        "districts": "given",
        "zones": "given",
        "sites": "given",
        "terrain": "given",
        "landcover": "synthetic",
        "population": "synthetic",
    }
    digest = hashlib.sha256((given / "sites.csv").read_bytes()).hexdigest()
    assert built.provenance["sites"].sha256 == digest
    assert built.provenance["terrain"].source == "dem.tif"
    assert list(built.sites[columns.SITE_ID]) == list(mini_province.sites[columns.SITE_ID])
    assert built.sites.distance(mini_province.sites).max() < 0.2
    assert list(built.zones[columns.ZONE_ID]) == ["U01", "I01", "T01"]
    assert (built.terrain.values == 20).all()
    west, south, east, north = built.communes.total_bounds
    left, bottom, right, top = built.grid.bounds
    assert left <= west - 3000
    assert bottom <= south - 3000
    assert right >= east + 3000
    assert top >= north + 3000
    assert built.population.values.sum(dtype=float) == built.communes[columns.POPULATION].sum()


def test_the_folder_holds_what_was_returned(given):
    built = everything(given)
    opened = folder.open_province(given / "out")
    assert opened.provenance == built.provenance
    np.testing.assert_array_equal(opened.population.values, built.population.values)
    assert list(opened.sites[columns.SITE_ID]) == list(built.sites[columns.SITE_ID])
    assert sorted(p.name for p in (given / "out").iterdir()) == sorted(
        [*folder.FILES.values(), "province.toml"]
    )


def test_communes_with_thousands_of_slips_are_repaired_and_open_again(given, mini_province):
    """As digitised borders come: many slivers between neighbours, some thinner than files tell."""
    frame = gpd.read_file(given / "communes.gpkg")
    generator = np.random.default_rng(5)
    west, south, east, north = frame.total_bounds
    at = generator.uniform((west, south), (east, north), (4000, 2))
    slivers = shapely.buffer(shapely.points(at), generator.uniform(0.001, 4.0, 4000), quad_segs=2)
    kept = shapely.difference(frame.geometry.to_numpy(), shapely.union_all(slivers))
    frame.set_geometry(gpd.GeoSeries(kept, crs=frame.crs)).to_file(given / "communes.gpkg")
    built = everything(given, stated={"communes": Stated(repair=True)})
    opened = folder.open_province(given / "out")
    assert opened.provenance == built.provenance
    listed = pd.read_csv(given / "out" / folder.REPAIRS)
    assert len(listed) > 3000
    assert f"gap filled {len(listed):,} times" in built.provenance["communes"].note
    assert opened.communes.area.sum() == pytest.approx(mini_province.communes.area.sum(), rel=1e-3)
    assert (given / "out" / "province.toml").stat().st_size < 10_000


def test_voids_in_the_province_are_counted_in_square_kilometres(given):
    with rasterio.open(given / "dem.tif", "r+") as target:
        values = target.read(1)
        values[50:60, 50:60] = -32768  # 0.81 km2, all inside
        values[:3, :3] = -32768  # outside
        target.write(values, 1)
    note = everything(given).provenance["terrain"].note
    number, area = int(note.split()[0]), float(note.split("(")[1].split()[0])
    assert 900 <= number <= 1300
    assert area == pytest.approx(number * 0.0009, abs=0.005)
    assert "of the province were void and interpolated" in note


def test_population_keeps_the_pattern_and_the_figures_of_the_communes(given, mini_province):
    west, _, east, north = mini_province.communes.total_bounds
    pattern = np.where(np.arange(60) < 30, 3.0, 1.0).astype(np.float32) * np.ones(
        (60, 1), np.float32
    )  # left half three times as dense
    path = write_raster(given / "people.tif", pattern, (west, north), (east - west) / 60)
    built = everything(given, population=path)
    row = built.commune_index.values
    for i, people in enumerate(built.communes[columns.POPULATION]):
        assert built.population.values[row == i].sum(dtype=float) == people
    quarter = built.population.values[row == 0]
    assert quarter.max() < 1.5 * np.median(quarter)  # even inside a commune that is evenly dense
    assert built.provenance["population"].status == "given"
    write_raster(path, pattern * 0, (west, north), 100)
    with pytest.raises(InputError, match=r"people.tif: holds no residents in the province"):
        everything(given, population=path, out=given / "other")


@pytest.mark.parametrize(("density", "pixel_m"), [(0.5, 90), (2.0, 50), (7.0, 120)])
def test_residents_come_from_the_raster_where_the_communes_have_none(
    given, mini_province, density, pixel_m
):
    bare = gpd.read_file(given / "communes.gpkg").drop(columns="dan_so")
    bare.to_file(given / "bare.gpkg")
    west, _, _, north = mini_province.communes.total_bounds
    values = np.full((200, 200), density, np.float32)
    path = write_raster(given / "people.tif", values, (west - 300, north + 300), pixel_m)
    built = everything(given, communes=given / "bare.gpkg", population=path)
    counted = built.communes[columns.POPULATION]
    expected = density / pixel_m**2 * built.communes.area
    np.testing.assert_allclose(counted, expected, rtol=0.02)
    assert "residents of each commune summed from people.tif" in built.provenance["communes"].note
    with pytest.raises(InputError) as caught:
        everything(given, communes=given / "bare.gpkg", out=given / "other")
    checked = [f for f in check.audit(given / "bare.gpkg") if f.level == "error"]
    assert {str(d) for d in caught.value.defects} <= {str(f.defect) for f in checked}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ((1, 5), (LandCover.URBAN, LandCover.FOREST)),
        ((50, 10), (LandCover.SETTLEMENT, LandCover.FOREST)),
        ((80, 40), (LandCover.WATER, LandCover.FARMLAND)),
    ],
)
def test_land_cover_of_phusong_and_of_worldcover(given, mini_province, codes, expected):
    west, _, east, north = mini_province.communes.total_bounds
    classes = np.full((600, 600), codes[0], np.uint8)
    classes[:, 300:] = codes[1]
    path = write_raster(given / "cover.tif", classes, (west, north), (east - west) / 600, nodata=0)
    built = everything(given, landcover=path)
    row = built.commune_index.values
    assert set(built.landcover.values[row < 0]) == {LandCover.OUTSIDE}
    north_west = set(built.landcover.values[row == 2])  # a commune, not a ward
    assert north_west <= set(expected)
    assert expected[0] in north_west
    ward = set(built.landcover.values[row == 0])
    assert (LandCover.URBAN if codes[0] == 50 else expected[0]) in ward
    assert built.provenance["landcover"].note.endswith("0 pixels without a class count as farmland")


def test_unknown_land_cover_is_refused(given, mini_province):
    west, _, _, north = mini_province.communes.total_bounds
    path = write_raster(given / "c.tif", np.full((99, 99), 77, np.uint8), (west, north), 90)
    with pytest.raises(InputError, match=r"c.tif: holds unknown land-cover classes: 77"):
        everything(given, landcover=path)


def test_defects_of_all_files_come_together_and_nothing_is_left(given):
    (given / "zones.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    (given / "sites.csv").write_text("id,lon,lat\nA,21.3,105.6\n")
    (given / "cover.tif").write_text("no raster")
    before = sorted(path.name for path in given.iterdir())
    with pytest.raises(InputError, match="the province cannot be built: 4 defects") as caught:
        everything(
            given,
            terrain=[given / "none.tif"],
            zones=given / "zones.geojson",
            sites=given / "sites.csv",
            landcover=given / "cover.tif",
        )
    for text in ("none.tif: no such file", "zones.geojson: holds no rows", "look swapped"):
        assert caught.match(text)
    assert sorted(path.name for path in given.iterdir()) == before


def test_bad_sites_can_be_left_out(given):
    with (given / "sites.csv").open("a", encoding="utf-8") as file:
        file.write("S99,P99,VNPT,4G,live,,,30,A2b,,0/120/240,100.0,10.0,,\n")
    with pytest.raises(InputError, match=r"sites.csv:14.*outside the province"):
        everything(given, sites=given / "sites.csv")
    built = everything(given, sites=given / "sites.csv", skip_bad_rows=True)
    assert len(built.sites) == 12
    assert built.provenance["sites"].note.endswith("1 of 13 rows left out")
    assert "S99" in (given / "rejected.csv").read_text("utf-8")


def test_an_interrupted_build_leaves_nothing(given, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    before = sorted(path.name for path in given.iterdir())
    monkeypatch.setattr(folder.raster, "write_cog", interrupt)
    with pytest.raises(KeyboardInterrupt):
        everything(given)
    assert sorted(path.name for path in given.iterdir()) == before


def test_a_foreign_folder_is_refused_before_any_work(given):
    (given / "out").mkdir()
    (given / "out" / "thesis.txt").write_text("important")
    with pytest.raises(InputError, match=r"is not empty and holds no province.toml"):
        build.build_province(given / "no such file", [], given / "out")


def test_a_folder_that_may_not_be_written_is_refused(given, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(whole.Path, "mkdir", refuse)
    with pytest.raises(InputError, match=r"cannot write out.*\n.*Permission denied"):
        everything(given)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside the project")
def test_the_true_province_is_built_from_boundaries_and_srtm(tmp_path):
    built = build.build_province(
        SHARED / "communes.geojson", [SHARED / "dem_srtm3_vinhphuc.tif"], tmp_path / "real"
    )
    assert built.name == "Vĩnh Phúc"
    assert built.units == "2020-03"
    assert len(built.communes) == 136
    assert len(built.districts) == 9
    assert built.population.values.sum(dtype=float) == 1_151_154
    assert 1570 < built.terrain.values.max() <= 1582
    assert built.provenance["terrain"].note.startswith("0 pixels")
    true = gpd.read_file(SHARED / "communes.geojson").to_crs(crs.PLANNING)
    assert built.communes.geometry.hausdorff_distance(true.geometry).max() < 0.01
    assert (admin.assign(built.sites, built.communes) >= 0).all()
