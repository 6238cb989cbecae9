"""A planner's own list: every way it is kept is read, every way it is wrong is said."""

import csv
import doctest
import io
import json
import re

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, box

from phusong import columns
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files import tables
from phusong.geodata.files.table import Stated
from phusong.geodata.network import (
    azimuths,
    cell_defaults,
    channels,
    coordinates,
    sites,
    words,
)
from phusong.geodata.writers import vector

X, Y = 560_000.0, 2_356_000.0
SIDE_M = 3_000.0
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def communes():
    """Return four square communes of one province, north and south, west and east."""
    cells = [(0, 1), (1, 1), (0, 0), (1, 0)]
    shapes = [
        box(X + i * SIDE_M, Y + j * SIDE_M, X + (i + 1) * SIDE_M, Y + (j + 1) * SIDE_M)
        for i, j in cells
    ]
    table = {
        columns.COMMUNE_CODE: ["00001", "00002", "00003", "00004"],
        columns.COMMUNE_TYPE: ["phuong", "thi tran", "xa", "xa"],
        columns.DISTRICT_CODE: ["241", "241", "242", "242"],
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs.PLANNING)


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    lon, lat = crs.transform([x_m], [y_m], crs.PLANNING, crs.GEOGRAPHIC)
    return float(lon[0]), float(lat[0])


LON, LAT = lonlat(X + 500, Y + 500)  # in commune 00003


def write(path, *rows, separator=",", encoding="utf-8"):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))
    return path


def defects_of(path, communes, **options) -> list[str]:
    with pytest.raises(InputError) as caught:
        sites.read_sites(path, communes, **options)
    return [str(defect).split(f"{path}:")[-1] for defect in caught.value.defects]


def test_a_full_row_comes_through(tmp_path, communes):
    head = ["site_id", "lon", "lat", "operator", "technologies", "height_m", "azimuths_deg"]
    head += ["mast_class", "position_id", "status", "clutter"]
    row = [
        "VP-1",
        LON,
        LAT,
        "MobiFone",
        "3G/4G/5G",
        42.5,
        "10/130/250",
        "A1",
        "P7",
        "live",
        "rural",
    ]
    read = sites.read_sites(write(tmp_path / "a.csv", head, row), communes).sites
    assert list(read.columns) == [*columns.BTS, "geometry"]
    assert read.crs == crs.PLANNING
    site = read.iloc[0]
    assert site.drop("geometry").to_dict() == {
        "site_id": "VP-1",
        "position_id": "P7",
        "operator": "MobiFone",
        "technologies": "3G/4G/5G",
        "status": "live",
        "commune_code": "00003",
        "district_code": "242",
        "height_m": 42.5,
        "mast_class": "A1",
        "clutter": "rural",
        "azimuths_deg": "10/130/250",
    }
    assert site.geometry.distance(Point(X + 500, Y + 500)) < 0.01


def test_what_a_list_lacks_is_assumed_and_said(tmp_path, communes):
    rows = [[f"S{i}", *lonlat(X + 1500 + SIDE_M * i, Y + 4500)] for i in range(2)]
    path = write(tmp_path / "a.csv", ["id", "lon", "lat"], *rows)
    read, said = sites.read_sites(path, communes)
    assert set(read["operator"]) == {"unknown"}
    assert set(read["technologies"]) == {"4G"}
    assert set(read["height_m"]) == {30.0}
    assert set(read["azimuths_deg"]) == {"0/120/240"}
    assert list(read["mast_class"]) == ["A2a", "A2b"]
    assert list(read["clutter"]) == ["urban", "township"]
    assert said.status == "given"
    assert said.source == "a.csv"
    assert re.fullmatch("[0-9a-f]{64}", said.sha256)
    assert "assumed: operator unknown for 2 of 2 rows; technologies 4G" in said.note
    assert "height_m 30 m for 2 of 2 rows" in said.note


@pytest.mark.parametrize(
    "head",
    [
        ["Mã trạm", "Kinh độ", "Vĩ độ", "Nhà mạng", "Công nghệ", "Độ cao"],
        ["MÃ TRẠM", "KINH ĐỘ", "VĨ ĐỘ", "NHÀ MẠNG", "CÔNG NGHỆ", "ĐỘ CAO (m)"],
        ["ma tram", "kinh do", "vi do", "nha mang", "cong nghe", "do cao ang-ten"],
        ["Mã  trạm ", "Kinh_độ", "Vĩ-độ [độ]", "Doanh nghiệp", "Thế hệ", "Chiều cao"],
        ["Site ID", "Longitude", "LATITUDE", "Operator", "RAT", "Antenna height"],
        ["BTS", "lng", "lat", "Carrier", "Technology", "height_m"],
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_headers_separators_and_encodings(tmp_path, communes, head, separator, encoding):
    row = ["VP 1", str(LON), str(LAT), "VinaPhone", "LTE + NR", "36"]
    path = write(tmp_path / "a.csv", head, row, separator=separator, encoding=encoding)
    site = sites.read_sites(path, communes).sites.iloc[0]
    assert list(site[["site_id", "operator", "technologies", "height_m"]]) == [
        "VP 1",
        "VNPT",
        "4G/5G",
        36.0,
    ]
    assert site["commune_code"] == "00003"


def test_decomposed_diacritics_and_a_title_above_the_header(tmp_path, communes):
    head = ["Ma\u0303 tra\u0323m", "Kinh đo\u0323\u0302", "Vi\u0303 đo\u0323\u0302"]
    title = ["DANH SÁCH TRẠM BTS", "", ""]
    path = write(tmp_path / "a.csv", title, [], head, ["A", LON, LAT])
    assert list(sites.read_sites(path, communes).sites["site_id"]) == ["A"]


@pytest.mark.parametrize(
    ("head", "values"),
    [
        (("x_m", "y_m"), (X + 500, Y + 500)),
        (("Easting", "Northing"), (X + 500, Y + 500)),
        (("Tọa độ X", "Tọa độ Y"), (Y + 500, X + 500)),  # Vietnamese surveys: X is the northing
        (("Tọa độ X (m)", "Tọa độ Y (m)"), (X + 500, Y + 500)),
        (("X", "Y"), (LON, LAT)),
        (("X", "Y"), (LAT, LON)),
        (("Kinh độ", "Vĩ độ"), (X + 500, Y + 500)),
        (("Tọa độ Đông", "Tọa độ Bắc"), (LON, LAT)),
    ],
)
def test_axes_are_told_by_name_and_by_size(tmp_path, communes, head, values):
    path = write(tmp_path / "a.csv", ["site_id", *head], ["A", *values])
    read = sites.read_sites(path, communes).sites
    assert read.geometry[0].distance(Point(X + 500, Y + 500)) < 0.01


@pytest.mark.parametrize(
    "cells",
    [
        ("560.500,25", "2.356.500,75"),
        ("560,500.25", "2,356,500.75"),
        ("560 500,25", "2\u00a0356\u00a0500.75"),
        ("560500.25", "2356500,75"),
    ],
)
def test_numbers_as_people_write_them(tmp_path, communes, cells):
    path = write(tmp_path / "a.csv", ["id", "x_m", "y_m"], ["A", *cells], separator=";")
    point = sites.read_sites(path, communes).sites.geometry[0]
    assert (point.x, point.y) == (560_500.25, 2_356_500.75)


def test_degrees_minutes_and_seconds(tmp_path, communes):
    def angle(value: float) -> str:
        minutes = (value % 1) * 60
        return f"{int(value)}°{int(minutes):02d}'{(minutes % 1) * 60:.4f}\""

    path = write(
        tmp_path / "a.csv", ["id", "lon", "lat"], ["A", angle(LON) + "E", angle(LAT) + "N"]
    )
    assert (
        sites.read_sites(path, communes).sites.geometry[0].distance(Point(X + 500, Y + 500)) < 0.1
    )


@QUICK
@given(
    st.lists(
        st.tuples(TEXT, TEXT, st.floats(1, SIDE_M * 2 - 1), st.floats(1, SIDE_M * 2 - 1)),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[0].strip(),
    ),
    st.sampled_from(",;\t|"),
)
def test_any_list_comes_back(tmp_path, communes, rows, separator):
    """Names with quotes, separators and signs, and positions to the micrometre."""
    ids = [row[0] + '", \n' + row[0] for row in rows]
    operators = [f"{row[1]}-{i}" for i, row in enumerate(rows)]
    cells = [
        [name, operator, repr(X + row[2]), repr(Y + row[3])]
        for name, operator, row in zip(ids, operators, rows, strict=True)
    ]
    head = ["site_id", "operator", "x_m", "y_m"]
    path = write(tmp_path / "a.csv", head, *cells, separator=separator)
    read = sites.read_sites(path, communes).sites
    assert list(read["site_id"]) == ids
    assert list(read["operator"]) == operators
    assert list(read.geometry.x) == [X + row[2] for row in rows]
    assert list(read.geometry.y) == [Y + row[3] for row in rows]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
def test_vector_files_give_the_same_sites_as_csv(tmp_path, communes, suffix):
    table = {"ma_tram": ["001", "002"], "nha_mang": ["Viettel", "Gmobile"], "do_cao": [20.0, None]}
    points = [Point(X + 500, Y + 500), Point(X + 4000, Y + 4000)]
    frame = gpd.GeoDataFrame(table, geometry=points, crs=crs.PLANNING)
    path = tmp_path / f"a.{suffix}"
    frame.to_crs("EPSG:4326" if suffix == "geojson" else "EPSG:32648").to_file(path)
    read = sites.read_sites(path, communes).sites
    cells = [
        [*row[:2], row[2] or "", p.x, p.y]
        for row, p in zip([("001", "Viettel", 20), ("002", "Gmobile", "")], points, strict=True)
    ]
    head = ["Mã trạm", "Nhà mạng", "Độ cao", "x_m", "y_m"]
    same = sites.read_sites(write(tmp_path / "b.csv", head, *cells), communes).sites
    assert read.drop(columns="geometry").equals(same.drop(columns="geometry"))
    assert read.distance(same).max() < 0.01
    assert list(read["site_id"]) == ["001", "002"]
    assert list(read["operator"]) == ["Viettel", "Gtel"]


def test_near_sites_share_a_position(tmp_path, communes):
    places = [(500, 500), (510, 500), (520, 508), (900, 500), (536, 508)]
    rows = [[f"S{i}", f"op{i}", X + x, Y + y] for i, (x, y) in enumerate(places)]
    head = ["site_id", "operator", "x_m", "y_m"]
    read = sites.read_sites(write(tmp_path / "a.csv", head, *rows), communes).sites
    assert list(read["position_id"]) == ["P-S0", "P-S0", "P-S0", "P-S3", "P-S4"]
    for row, mast in zip(rows, ["", "M1", "", "", ""], strict=True):
        row.append(mast)
    read = sites.read_sites(write(tmp_path / "a.csv", [*head, "Mã cột"], *rows), communes).sites
    assert list(read["position_id"]) == ["M1", "M1", "M1", "P-S3", "P-S4"]


def test_a_site_on_a_border_gets_one_commune(tmp_path, communes):
    path = write(tmp_path / "a.csv", ["id", "x_m", "y_m"], ["A", X + SIDE_M, Y + SIDE_M])
    read = sites.read_sites(path, communes).sites
    assert list(read["commune_code"]) == ["00001"]


def test_a_site_on_a_border_may_name_its_commune(tmp_path, communes):
    head = ["id", "x_m", "y_m", "commune_code"]
    corner = [X + SIDE_M + 0.0001, Y + SIDE_M]
    for code, expected in [("00004", "00004"), ("00001", "00001"), ("99999", "00002")]:
        path = write(tmp_path / "a.csv", head, ["A", *corner, code])
        assert list(sites.read_sites(path, communes).sites["commune_code"]) == [expected]
    path = write(tmp_path / "a.csv", head, ["A", X + SIDE_M + 5, Y + 500, "00003"])
    assert list(sites.read_sites(path, communes).sites["commune_code"]) == ["00004"]


def test_rounding_does_not_put_a_site_out_of_the_province(tmp_path, communes):
    path = write(tmp_path / "a.csv", ["id", "x_m", "y_m"], ["A", X - 0.5, Y + 500])
    assert list(sites.read_sites(path, communes).sites["commune_code"]) == ["00003"]
    path = write(tmp_path / "a.csv", ["id", "x_m", "y_m"], ["A", X - 1.5, Y + 500])
    assert "lies 2 m outside the province" in defects_of(path, communes)[0]


def test_every_defect_is_told_at_once(tmp_path, communes):
    head = ["Mã trạm", "Kinh độ", "Vĩ độ", "Nhà mạng", "Công nghệ", "Độ cao", "Phương vị"]
    head += ["Loại cột"]
    good = [LON, LAT, "Viettel", "4G", 30, "0/120/240", "A2b"]
    path = write(
        tmp_path / "bad.csv",
        head,
        ["A", *good],
        ["B", LAT, LON, *good[2:]],
        ["C", "gần chợ", LAT, *good[2:]],
        ["D", LON, "", *good[2:]],
        ["A", LON + 0.005, LAT, *good[2:]],
        ["", LON + 0.006, LAT, *good[2:]],
        ["E", LON + 1, LAT, *good[2:]],
        ["F", 250, LAT, *good[2:]],
        ["G", LON + 0.007, LAT, "Viettel", "6G", 0, "0/120/400", "B7"],
        ["H", LON + 0.008, LAT, "Viettel", "3G", 250.5, "lên", ""],
        ["I", LON, LAT, *good[2:]],
        ["K", LON + 0.009, LAT, "Viettel", "2G", "cao", "", ""],
    )
    found = defects_of(path, communes)
    expected = [
        r"^3, column 'Kinh độ, Vĩ độ', value '21\.\d+, 105\.\d+': longitude and .* look swapped",
        r"^4, column 'Kinh độ', value 'gần chợ': is not a number .*--skip-bad-rows",
        r"^5, column 'Vĩ độ', value '': is missing",
        r"^6, column 'Mã trạm', value 'A': the identifier is already that of row 2",
        r"^7, column 'Mã trạm', value '': the site has no identifier",
        r"^8, .*: lies 9\d\.\d km outside the province .*--skip-bad-rows",
        r"^9, .*value '250, 21\.\d+': longitude and latitude are out of range",
        r"^10, column 'Công nghệ', value '6G': names no technology such as 3G/4G",
        r"^10, column 'Loại cột', value 'B7': is not a mast class: A1, A2a or A2b",
        r"^10, column 'Độ cao', value '0': is not a height above 0 and up to 200 m",
        r"^10, column 'Phương vị', value '0/120/400': is not a list of azimuths from 0 to 360",
        r"^11, column 'Độ cao', value '250.5': is not a height",
        r"^11, column 'Phương vị', value 'lên': is not a list of azimuths",
        r"^12, column 'Mã trạm', value 'I': Viettel already has 4G here in row 2",
        r"^13, column 'Độ cao', value 'cao': is not a height",
    ]
    for text, pattern in zip(found, expected, strict=True):
        assert re.search(pattern, text), (text, pattern)


def test_bad_rows_can_be_left_out_with_their_reasons(tmp_path, communes):
    path = write(
        tmp_path / "a.csv",
        ["Mã trạm", "Ghi chú", "Kinh độ", "Vĩ độ", "Độ cao"],
        ["A", "tốt", LON, LAT, 30],
        ["B", 'ghi chú "lạ",\nhai dòng', LAT, LON, -3],
        ["C", "=1+1", LON + 2, LAT, 30],
        ["D", "tốt", LON, LAT + 0.01, 25],
    )
    rejected = tmp_path / "rejected.csv"
    read = sites.read_sites(path, communes, skip_bad_rows=True, rejected_csv=rejected).sites
    assert list(read["site_id"]) == ["A", "D"]
    assert list(read.index) == [0, 1]
    assert rejected.read_bytes().startswith("\ufeff".encode())  # Excel takes it for UTF-8
    with rejected.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Mã trạm"] for row in rows] == ["B", "C"]
    assert [row["row"] for row in rows] == ["3", "5"]  # the note of B takes two lines
    assert rows[0]["Ghi chú"] == 'ghi chú "lạ",\nhai dòng'
    assert "look swapped (swap them, then the point lies inside)" in rows[0]["reasons"]
    assert "--skip-bad-rows" not in rows[1]["reasons"]
    assert rows[1]["Ghi chú"] == "'=1+1"  # no formula for a spreadsheet to run
    assert "Độ cao: is not a height" in rows[0]["reasons"]
    assert "outside the province" in rows[1]["reasons"]


def test_rows_left_out_hold_no_formula_and_read_back_as_they_were(tmp_path, communes):
    names = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"]
    rows = [[name, LAT, LON] for name in names]
    path = write(tmp_path / "a.csv", ["site_id", "lon", "lat"], ["A", LON, LAT], *rows)
    rejected = tmp_path / "rejected.csv"
    sites.read_sites(path, communes, skip_bad_rows=True, rejected_csv=rejected)
    with rejected.open(encoding="utf-8-sig", newline="") as file:
        assert [row["site_id"] for row in csv.DictReader(file)] == ["'" + name for name in names]
    assert tables.read(rejected, sites.HEADERS).cells["site_id"].tolist() == names


def test_a_good_list_makes_no_file_of_rejected_rows(tmp_path, communes):
    path = write(tmp_path / "a.csv", ["id", "lon", "lat"], ["A", LON, LAT])
    sites.read_sites(path, communes, skip_bad_rows=True, rejected_csv=tmp_path / "r.csv")
    assert not (tmp_path / "r.csv").exists()


def test_nothing_left_is_an_error_all_the_same(tmp_path, communes):
    path = write(tmp_path / "a.csv", ["id", "lon", "lat"], ["A", LAT, LON])
    with pytest.raises(InputError, match="a.csv holds no usable site: 1 defect"):
        sites.read_sites(path, communes, skip_bad_rows=True)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["tên", "ghi chú"], ["A", "b"]], r"no column for the site identifier \(name it site_id"),
        ([["tên", "ghi chú"], ["A", "b"]], r"no columns for the position .*'tên', 'ghi chú'"),
        ([["id", "lon"], ["A", LON]], r"no columns for the position beside 'lon'"),
        ([["id", "lon", "lat"]], "holds no rows"),
        ([], "holds no rows"),
        ([["id", "ID", "lon", "lat"], ["A", "B", LON, LAT]], r"'id' and 'ID' both mean site_id"),
        ([["id", "lon", "lat"], ["A", 105, 6, 21, 3]], r"2: has 5 cells where the header has 3"),
    ],
)
def test_what_is_wrong_with_the_whole_file(tmp_path, communes, rows, message):
    with pytest.raises(InputError, match=message):
        sites.read_sites(write(tmp_path / "a.csv", *rows), communes, skip_bad_rows=True)


def test_text_in_no_encoding_is_named_with_the_line_and_the_way_out(tmp_path, communes):
    path = tmp_path / "a.csv"
    path.write_bytes("id,lon,lat\nПоселок,1,2\n".encode("cp1251"))
    with pytest.raises(InputError, match=r"a.csv:2: byte 0x.. is not UTF-8.*1258.*CSV UTF-8"):
        sites.read_sites(path, communes)


def test_an_unclosed_quotation_mark_is_found(tmp_path, communes):
    path = tmp_path / "a.csv"
    path.write_text(f'id,lon,lat\nA,{LON},{LAT}\n"B,{LON},{LAT}\nC,{LON},{LAT}\n')
    with pytest.raises(InputError, match=r"a.csv:3: the row that starts here cannot be read"):
        sites.read_sites(path, communes)


def test_files_that_are_no_list_are_refused(tmp_path, communes):
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        sites.read_sites(tmp_path / "none.csv", communes)
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 not a table")
    with pytest.raises(
        InputError, match=r"a.xlsx: cannot be (read|unpacked).*(save it again as|and give)"
    ):
        sites.read_sites(tmp_path / "a.xlsx", communes)
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": [')
    with pytest.raises(InputError, match=r"b.geojson: cannot be read"):
        sites.read_sites(tmp_path / "b.geojson", communes)
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(InputError, match=r"a.geojson: holds no rows"):
        sites.read_sites(tmp_path / "a.geojson", communes)


def test_swapped_and_foreign_geometries_are_found_in_vector_files(tmp_path, communes):
    def feature(name, kind, place):
        geometry = {"type": kind, "coordinates": place} if kind else None
        return {"type": "Feature", "properties": {"id": name}, "geometry": geometry}

    features = [
        feature("A", "Point", [LON, LAT]),
        feature("B", "Point", [LAT, LON]),
        feature("C", "LineString", [[LON, LAT], [LON, LAT + 0.01]]),
        feature("D", None, None),
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    found = defects_of(path, communes)
    assert len(found) == 3
    assert re.match(r"2, value '21\.\d+, 105\.\d+': longitude and latitude look swapped", found[0])
    assert found[1].startswith("3: its geometry is LineString, a point is needed")
    assert found[2].startswith("4: its geometry is missing, a point is needed")
    read = sites.read_sites(path, communes, skip_bad_rows=True).sites
    assert list(read["site_id"]) == ["A"]


def test_identifiers_that_look_like_something_else_stay_text(tmp_path, communes):
    names = ["2024-01-01", "2024/01/01 10:00:00", "007", "1e3", "true", "null"]
    points = [Point(X + 500 + 100 * i, Y + 500) for i in range(len(names))]
    frame = gpd.GeoDataFrame({"site_id": names}, geometry=points, crs=crs.PLANNING)
    frame.to_crs(crs.GEOGRAPHIC).to_file(tmp_path / "a.geojson")
    assert list(sites.read_sites(tmp_path / "a.geojson", communes).sites["site_id"]) == names


def test_derived_positions_do_not_take_a_name_in_use(tmp_path, communes):
    rows = [["A", "", X + 500, Y + 500], ["B", "P-A", X + 1500, Y + 500]]
    path = write(tmp_path / "a.csv", ["id", "position_id", "x_m", "y_m"], *rows)
    assert list(sites.read_sites(path, communes).sites["position_id"]) == ["P-A-2", "P-A"]


def test_several_layers_or_no_crs_are_refused(tmp_path, communes):
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[Point(X + 5, Y + 5)], crs=crs.PLANNING)
    for layer in ("one", "two"):
        frame.to_file(tmp_path / "a.gpkg", layer=layer)
    vector.write_gpkg(tmp_path / "c.gpkg", {"sites": frame}, {"sites": "<qgis/>"})
    assert len(sites.read_sites(tmp_path / "c.gpkg", communes).sites) == 1  # its style is no layer
    with pytest.raises(InputError, match=r"has 2 layers: one, two"):
        sites.read_sites(tmp_path / "a.gpkg", communes)
    with pytest.warns(UserWarning, match="crs"):
        frame.set_crs(None, allow_override=True).to_file(tmp_path / "b.shp")
    with pytest.raises(InputError, match=r"b.shp: has no coordinate system"):
        sites.read_sites(tmp_path / "b.shp", communes)


def test_headers_can_be_given(tmp_path, communes):
    path = write(tmp_path / "a.csv", ["K1", "K2", "K3", "id"], ["A", LON, LAT, "other"])
    headers = {"site_id": "K1", "lon": "K2", "lat": "K3"}
    listed = sites.read_sites(path, communes, stated=Stated(headers=headers)).sites
    assert list(listed["site_id"]) == ["A"]
    with pytest.raises(
        InputError, match=r"cannot take 'lon' from 'K9' .*headers of the file: K1, K2"
    ):
        sites.read_sites(path, communes, stated=Stated(headers={"lon": "K9"}))
    with pytest.raises(InputError, match=r"cannot take 'colour' from 'K1'"):
        sites.read_sites(path, communes, stated=Stated(headers={"colour": "K1"}))


def test_one_position_cannot_lie_in_two_places(tmp_path, communes):
    rows = [["A", "Viettel", "P1", X + 500, Y + 500], ["B", "VNPT", "P1", X + 1500, Y + 500]]
    path = write(tmp_path / "a.csv", ["id", "operator", "position_id", "x_m", "y_m"], *rows)
    assert defects_of(path, communes)[0].startswith(
        "3, column 'position_id', value 'P1': the position is 1,000 m from where row 2 has it"
    )


def test_omnidirectional_sites_are_told_from_unknown_ones(tmp_path, communes):
    place = [LON, LAT]
    for header, cell, expected in [
        ("azimuths_deg", "", ""),  # as phusong itself writes it
        ("Phương vị", "", "0/120/240"),
        ("Phương vị", "Omni", ""),
        ("Azimuth", "0 | 120 | 240", "0/120/240"),
        ("Azimuth", "360", "0"),
        ("Azimuth", "12.5°", "12.5"),
    ]:
        path = write(tmp_path / "a.csv", ["id", "lon", "lat", header], ["A", *place, cell])
        assert list(sites.read_sites(path, communes).sites["azimuths_deg"]) == [expected]


def test_no_header_name_means_two_columns():
    names = [tables.fold(column) for column in sites.HEADERS]
    names += [name for group in sites.HEADERS.values() for name in group]
    assert len(names) == len(set(names))
    assert all(tables.fold(name) == name for group in sites.HEADERS.values() for name in group)


@given(st.floats(-1e9, 1e9))
def test_numbers_come_back_with_point_or_comma(value):
    plain = f"{value:.6f}"
    assert tables.number(plain) == float(plain)
    assert tables.number(plain.replace(".", ",")) == float(plain)


@pytest.mark.parametrize("text", ["", "N/A", "nan", "inf", "1_000", "12abc", "--5", "1e400"])
def test_text_is_not_a_number(text):
    assert tables.number(text) is None


def test_positions_do_not_depend_on_the_order_of_the_points():
    generator = np.random.default_rng(3)
    xy = generator.uniform(0, 400, (200, 2))
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=crs.PLANNING)
    order = generator.permutation(len(xy))
    straight = coordinates.cluster(points)
    mixed = coordinates.cluster(points.iloc[order])
    same = straight[order][:, None] == straight[order][None, :]
    assert np.array_equal(mixed[:, None] == mixed[None, :], same)
    apart = np.linalg.norm(xy[:, None] - xy[None, :], axis=2)
    assert apart[straight[:, None] != straight[None, :]].min() > coordinates.SAME_POSITION_M


def test_examples_in_the_docstrings():
    for module in (words, azimuths, tables, coordinates, channels, cell_defaults):
        done = doctest.testmod(module)
        assert done.attempted
        assert not done.failed
