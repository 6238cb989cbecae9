"""The data commands as a planner types them: check, build with mapping and CRS, templates."""

import csv
import doctest
import json

import numpy as np
import openpyxl
import pytest
import rasterio

from phusong import cli, data
from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import (
    audit_cells,
    audit_sites,
    bases,
    build,
    check,
    crs,
    encodings,
    export,
    folder,
    named_units,
    positions,
    sites,
    tables,
    templates,
    zone_list,
)


@pytest.fixture
def given(mini_province, tmp_path):
    """Return a folder with communes and terrain of the small province, and its sites in UTM."""
    export.write_geojson(tmp_path / "communes.geojson", mini_province.communes)
    grid = mini_province.terrain.grid
    heights = np.full((grid.height + 300, grid.width + 300), 20, np.float32)
    heights[160:180, 160:180] = np.nan
    profile = {"height": heights.shape[0], "width": heights.shape[1], "count": 1}
    corner = rasterio.Affine(30, 0, grid.x_min_m - 4500, 0, -30, grid.y_max_m + 4500)
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        crs=grid.crs,
        transform=corner,
        nodata=np.nan,
        **profile,
    ) as target:
        target.write(heights, 1)
    shapes = mini_province.sites.to_crs(32648).geometry
    book = openpyxl.Workbook()
    book.active.append(["Số hiệu", "Hãng", "Đông", "Bắc"])
    names = mini_province.sites[[col.SITE_ID, col.OPERATOR]].itertuples(index=False)
    for (name, operator), point in zip(names, shapes, strict=True):
        book.active.append([name, operator, point.x, point.y])
    book.save(tmp_path / "bts.xlsx")
    return tmp_path


def run(capsys, *arguments):
    code = cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


MAP = ("--map", "site_id=Số hiệu", "--map", "operator=Hãng", "--map", "x_m=Đông")


def test_a_workbook_with_headers_of_its_own_and_a_stated_grid(given, mini_province, capsys):
    code, out, err = run(
        capsys,
        "data",
        "build",
        "--communes",
        given / "communes.geojson",
        "--terrain",
        given / "dem.tif",
        "--sites",
        given / "bts.xlsx",
        *MAP,
        "--map",
        "y_m=Bắc",
        "--crs",
        "32648",
        "--out",
        given / "out",
    )
    assert code == 0, err
    assert "12 BTS on 10 positions" in out
    built = folder.open_province(given / "out")
    assert built.sites.distance(mini_province.sites).max() < 0.2
    with rasterio.open(given / "out" / folder.TERRAIN_MASK) as mask:
        assert set(np.unique(mask.read(1))) == {0, 2}
    notes = built.provenance["communes"].note
    assert notes.startswith("residents from 'population': not stated")


def test_a_mask_goes_when_the_next_build_needs_none(given, capsys):
    arguments = ["data", "build", "--communes", given / "communes.geojson", "--out", given / "out"]
    assert run(capsys, *arguments, "--terrain", given / "dem.tif")[0] == 0
    with rasterio.open(given / "dem.tif", "r+") as target:
        target.write(np.nan_to_num(target.read(1), nan=20.0), 1)
    assert run(capsys, *arguments, "--terrain", given / "dem.tif")[0] == 0
    assert not (given / "out" / folder.TERRAIN_MASK).exists()


def test_headers_that_are_not_there_are_told(given, capsys):
    code, _, err = run(
        capsys,
        "data",
        "build",
        "--communes",
        given / "communes.geojson",
        "--terrain",
        given / "dem.tif",
        "--sites",
        given / "bts.xlsx",
        "--map",
        "site_id=Mã",
        "--out",
        given / "out",
    )
    assert code == 2
    assert "cannot take 'site_id' from 'Mã'" in err
    assert not (given / "out").exists()


@pytest.mark.parametrize("text", ["site_id", "=A", "site_id=", "roads.name=A"])
def test_mappings_that_map_nothing_are_refused(text):
    with pytest.raises(InputError, match=r"--map, value .*names no column and header.*sites, com"):
        data.mapping([text])


def test_check_prints_text_or_json_and_writes_points(tmp_path, capsys):
    path = tmp_path / "bts.csv"
    path.write_text("site_id,lon,lat\nA,105.597121,21.308941\nB,21.308941,105.597121\n")
    code, out, err = run(capsys, "data", "check", path)
    assert code == 2
    assert "bts.csv:3" in out
    assert "look swapped" in out
    assert "bts.csv has errors" in err
    code, out, _ = run(capsys, "data", "check", path, "--json", "--geojson", tmp_path / "f.geojson")
    assert code == 2
    found = json.loads(out)
    assert found["counts"]["error"] == 1
    assert found["findings"][0]["row"] == 3
    assert json.loads((tmp_path / "f.geojson").read_text())["type"] == "FeatureCollection"


def test_an_unknown_crs_is_wrong_use(tmp_path, capsys):
    code, _, err = run(capsys, "data", "check", tmp_path, "--crs", "VN2000")
    assert code == 2
    assert "is not a coordinate system" in err


# Templates


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_templates_of_sites_and_zones_read_back_without_complaint(tmp_path, language, suffix):
    for what in ("sites", "zones"):
        path = tmp_path / f"{what}.{suffix}"
        templates.write(path, what, language)
        found = check.audit(path)
        assert {f.level for f in found} == {"note"}, [str(f) for f in found]
        assert f"1 usable {what}" in str(found[-1])
        names = sites.HEADERS if what == "sites" else zone_list.HEADERS
        table = tables.read(path, names)
        known = tables.recognise(table, names)
        assert {field.name for field in templates.TEMPLATES[what]} <= set(known)


def test_the_template_of_measurements_is_one(tmp_path):
    templates.write(tmp_path / "drive.csv", "measurements", "en")
    assert any("1 measurements" in str(f) for f in check.audit(tmp_path / "drive.csv"))
    assert list(csv.reader(templates.as_csv("measurements", "en").splitlines()))[1][3] == "-96"


def test_templates_overwrite_nothing(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("mine")
    code, _, err = run(capsys, "data", "template", "sites", "--out", tmp_path / "a.csv")
    assert code == 2
    assert "is there already" in err
    assert (tmp_path / "a.csv").read_text() == "mine"
    with pytest.raises(InputError, match=r"ends in neither .csv nor .xlsx"):
        templates.write(tmp_path / "a.pdf", "sites")


# Residents on two bases


def test_a_raster_on_another_basis_is_told_in_the_province(given, mini_province):
    grid = mini_province.population.grid
    with rasterio.open(
        given / "pop.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        crs=grid.crs,
        height=grid.height,
        width=grid.width,
        transform=grid.transform,
    ) as target:
        target.write(mini_province.population.values * np.float32(1.17), 1)
    built = build.build(
        given / "communes.geojson", [given / "dem.tif"], given / "out", population=given / "pop.tif"
    )
    note = built.provenance["population"].note
    assert "the raster sums to 41,5" in note
    assert "+17% against the communes' 35,500" in note
    assert built.population.values.sum(dtype=float) == 35_500
    found = check.audit(given / "pop.tif", given / "out")
    assert any(f.check == "population-basis" and f.level == "warning" for f in found)


@pytest.mark.parametrize(
    "module",
    [audit_cells, audit_sites, bases, crs, data, encodings, named_units, positions, tables],
    ids=lambda module: module.__name__,
)
def test_examples_in_the_texts_are_true(module):
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
