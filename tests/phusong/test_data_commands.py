"""The data commands as a planner types them: check, build with mapping and CRS, templates."""

import doctest
import json
from argparse import Namespace

import numpy as np
import openpyxl
import pytest
import rasterio

from phusong import columns as col
from phusong.commands import cli, data
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.audit import cells as audit_cells
from phusong.geodata.audit import check
from phusong.geodata.files import encodings, tables
from phusong.geodata.measured import measurements
from phusong.geodata.network import azimuths, coordinates, sites, templates
from phusong.geodata.network import cells as cell_list
from phusong.geodata.provinces import build, folder, zone_reader
from phusong.geodata.units import admin, crosswalk, unit_sets
from phusong.geodata.writers import vector


@pytest.fixture
def given(mini_province, tmp_path):
    """Return a folder with communes and terrain of the small province, and its sites in UTM."""
    vector.write_geojson(tmp_path / "communes.geojson", mini_province.communes)
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
        data.stated(Namespace(mapping=[text], assumed=[], crs=None), data.LAYERS)


def test_headers_of_communes_and_zones_are_taken_by_check_too(given, capsys, mini_province):
    frame = mini_province.communes.rename(columns={col.POPULATION: "DS 2024"})
    vector.write_geojson(given / "c.geojson", frame)
    code, out, _ = run(capsys, "data", "check", given / "c.geojson")
    assert "usable communes" not in out
    mapped = ("--map", "communes.population=DS 2024")
    code, out, _ = run(capsys, "data", "check", given / "c.geojson", *mapped)
    assert code == 0
    assert "residents from 'DS 2024': not stated" in out
    assert "4 usable communes" in out
    zones = mini_province.zones.rename(columns={col.KIND: "Nhóm"})
    vector.write_geojson(given / "z.geojson", zones)
    code, out, _ = run(capsys, "data", "check", given / "z.geojson", "--map", "zones.kind=Nhóm")
    assert "3 usable zones" in out
    code, _, err = run(capsys, "data", "check", given, *mapped)
    assert code == 2
    assert "headers of which file?" in err


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


HEADERS = {
    "sites": sites.HEADERS,
    "cells": cell_list.HEADERS,
    "zones": zone_reader.HEADERS,
    "measurements": measurements.HEADERS,
}
USABLE = {"measurements": "1 measurements, 1 usable"}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize("what", data.TEMPLATES)
def test_templates_read_back_without_complaint(tmp_path, what, suffix, language):
    path = tmp_path / f"{what}.{suffix}"
    templates.write(path, what, language)
    found = check.audit(path)
    assert {f.level for f in found} == {"note"}, [str(f) for f in found]
    assert USABLE.get(what, f"1 usable {what.removesuffix('s')}") in str(found[-1])
    table = tables.read(path, HEADERS[what])
    known = tables.recognise(table, HEADERS[what])
    assert {field.name for field in templates.TEMPLATES[what]} <= set(known)


def test_codes_of_a_template_stay_text(tmp_path):
    templates.write(tmp_path / "bts.xlsx", "sites")
    sheet = openpyxl.load_workbook(tmp_path / "bts.xlsx").active
    named = {sheet.cell(1, i).value: sheet.cell(2, i).number_format for i in range(1, 12)}
    assert (named["Mã trạm"], named["Mã vị trí"], named["Kinh độ"]) == ("@", "@", "General")


def test_templates_overwrite_nothing(tmp_path, capsys):
    (tmp_path / "a.csv").write_text("mine")
    code, _, err = run(capsys, "data", "template", "sites", "--out", tmp_path / "a.csv")
    assert code == 2
    assert "is there already" in err
    assert (tmp_path / "a.csv").read_text() == "mine"
    with pytest.raises(InputError, match=r"ends in neither .csv nor .xlsx"):
        templates.write(tmp_path / "a.pdf", "sites")


# Residents on two bases


def of_people(frame, factor, rows):
    """Return the communes of July 2025 with residents of some rows on another basis."""
    people = (frame[col.POPULATION] * factor).round().astype(int)
    return frame.assign(**{"Dân số": people.where(frame.index < rows, frame[col.POPULATION])}).drop(
        columns=col.POPULATION
    )


@pytest.fixture(scope="module")
def july(reference_province):
    return crosswalk.restate(reference_province.communes, "2025-07")


def test_a_build_on_two_bases_is_refused_and_leaves_nothing(july, given, capsys):
    vector.write_geojson(given / "mixed.geojson", of_people(july, 1.17, 10))
    arguments = ["--communes", given / "mixed.geojson", "--terrain", given / "dem.tif"]
    code, _, err = run(capsys, "data", "build", *arguments, "--out", given / "out")
    assert code == 2
    assert "26 communes have the figure of the census of 1 April 2019, 10 differ by about" in err
    assert "--map communes.population=HEADER" in err
    assert not (given / "out").exists()


def test_the_basis_goes_from_the_file_into_the_province(july, given, tmp_path, capsys):
    """The census is told by its figures alone; it is kept in the folder and printed."""
    vector.write_geojson(given / "c.geojson", of_people(july, 1.0, 0))
    with rasterio.open(given / "dem.tif", "r") as source:
        profile = source.profile
    west, south, east, north = july.total_bounds
    size = {"height": 100, "width": 100}
    profile |= size | {
        "transform": rasterio.transform.from_bounds(
            west - 9e3, south - 9e3, east + 9e3, north + 9e3, 100, 100
        )
    }
    with rasterio.open(given / "wide.tif", "w", **profile) as target:
        target.write(np.full((100, 100), 20, np.float32), 1)
    arguments = ["--communes", given / "c.geojson", "--terrain", given / "wide.tif"]
    code, out, err = run(capsys, "data", "build", *arguments, "--out", tmp_path / "july")
    assert code == 0, err
    assert "units of 2025-07" in out
    assert "1,151,154 (census of 1 April 2019)" in out
    assert folder.open_province(tmp_path / "july").basis == unit_sets.CENSUS


def test_terrain_that_is_a_mask_is_refused(given, capsys):
    with rasterio.open(given / "dem.tif", "r+") as target:
        target.write((target.read(1) > 1e6).astype(np.float32), 1)
    arguments = ["--communes", given / "communes.geojson", "--terrain", given / "dem.tif"]
    code, _, err = run(capsys, "data", "build", *arguments, "--out", given / "out")
    assert code == 2
    assert "holds nothing but 0 to 1: a mask, no heights" in err


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
    built = build.build_province(
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
    [
        *(audit_cells, azimuths, crs, data, unit_sets, encodings, admin),
        *(coordinates, tables),
    ],
    ids=lambda module: module.__name__,
)
def test_examples_in_the_texts_are_true(module):
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
