"""Stations outside a province: near ones are kept as neighbours, far or doubtful ones are not."""

import csv
from dataclasses import replace

import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.network import cells, sites
from phusong.geodata.provinces import folder


@pytest.fixture(scope="module")
def bounds(mini_province):
    return mini_province.communes.total_bounds


def listed(tmp_path, rows, header=("site_id", "x_m", "y_m", "commune_code")):
    path = tmp_path / "sites.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def inside(bounds, count=6):
    """Rows well inside the communes, a kilometre apart."""
    west, south, east, north = bounds
    x_m, y_m = (west + east) / 2, (south + north) / 2
    return [(f"in{i}", x_m + 300 * (i - count / 2), y_m, "") for i in range(count)]


def test_stations_within_thirty_kilometres_are_neighbours(tmp_path, mini_province, bounds):
    west, south, east, north = bounds
    rows = [
        *inside(bounds),
        ("near", west - 800.0, (south + north) / 2, ""),
        ("far", east + 29_000.0, (south + north) / 2, ""),
    ]
    read = sites.read_sites(listed(tmp_path, rows), mini_province.communes)
    assert list(read.neighbours[col.SITE_ID]) == ["near", "far"]
    assert (read.neighbours[[col.COMMUNE_CODE, col.DISTRICT_CODE]] == "").all(axis=None)
    assert len(read.sites) == 6
    assert "2 sites outside the province are neighbours" in read.provenance.note
    province = mini_province.with_sites(read)
    assert len(province.live) == 6
    assert list(province.heard[col.SITE_ID])[6:] == ["near", "far"]


def test_a_station_farther_out_is_a_defect(tmp_path, mini_province, bounds):
    rows = [*inside(bounds), ("off", bounds[2] + 31_000.0, bounds[1] + 500.0, "")]
    with pytest.raises(InputError, match="lies 3.* km outside the province"):
        sites.read_sites(listed(tmp_path, rows), mini_province.communes)


def test_a_station_that_names_a_commune_must_lie_inside(tmp_path, mini_province, bounds):
    code = mini_province.communes[col.COMMUNE_CODE].iloc[0]
    rows = [*inside(bounds), ("lost", bounds[0] - 5_000.0, bounds[1] + 500.0, code)]
    with pytest.raises(InputError, match=r"lies 5\.\d km outside the province"):
        sites.read_sites(listed(tmp_path, rows), mini_province.communes)


def test_a_list_that_lies_beside_the_province_is_not_read_as_neighbours(
    tmp_path, mini_province, bounds
):
    rows = [(name, x_m + 20_000.0, y_m, "") for name, x_m, y_m, _ in inside(bounds)]
    with pytest.raises(InputError, match="outside the province"):
        sites.read_sites(listed(tmp_path, rows), mini_province.communes)


def test_neighbours_of_a_list_of_cells_have_no_commune(tmp_path, mini_province, bounds):
    west, south, _, north = bounds
    header = ("site_id", "x_m", "y_m", "technology", "azimuth_deg")
    rows = [(name, x_m, y_m, "5G", 0) for name, x_m, y_m, _ in inside(bounds)]
    rows.append(("near", west - 2_000.0, (south + north) / 2, "5G", 90))
    read = cells.read(listed(tmp_path, rows, header), mini_province.communes)
    codes = read.cells.set_index(col.SITE_ID)[col.COMMUNE_CODE]
    assert codes["near"] == ""
    assert (codes.drop("near") != "").all()
    assert any("1 cells outside the province are neighbours" in note for note in read.assumed)


def test_a_province_folder_keeps_its_neighbours(tmp_path, mini_province, bounds):
    rows = [*inside(bounds), ("near", bounds[0] - 900.0, bounds[1] + 500.0, "")]
    read = sites.read_sites(listed(tmp_path, rows), mini_province.communes)
    province = mini_province.with_sites(read)
    folder.save_province(replace(province, roads=None, fibre=None), tmp_path / "kept")
    opened = folder.open_province(tmp_path / "kept")
    assert list(opened.neighbours[col.SITE_ID]) == ["near"]
    assert len(opened.sites) == 6
    assert opened.neighbours.geometry.iloc[0].distance(read.neighbours.geometry.iloc[0]) < 0.001
