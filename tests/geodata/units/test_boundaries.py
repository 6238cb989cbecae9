"""Communes and zones from a user's own files."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box

from phusong import columns
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.files.table import Stated
from phusong.geodata.provinces import zone_reader
from phusong.geodata.units import boundaries

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
X, Y, SIDE_M = 560_000.0, 2_356_000.0, 2_000.0


def square(i, j, size=SIDE_M):
    return box(X + i * SIDE_M, Y + j * SIDE_M, X + i * SIDE_M + size, Y + j * SIDE_M + size)


def save(path, shapes, epsg=4326, **table):
    frame = gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs.PLANNING)
    frame.to_crs(epsg).to_file(path)
    return path


@pytest.fixture(scope="module")
def communes(tmp_path_factory):
    path = tmp_path_factory.mktemp("communes") / "a.gpkg"
    save(path, [square(0, 0), square(1, 0)], code=["00001", "00002"], pop=[10, 20])
    return boundaries.read_communes(path)


def said(read, path, *more) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(path, *more)
    return [str(defect).removeprefix(f"{path}") for defect in caught.value.defects]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "shp"])
@pytest.mark.parametrize("epsg", [4326, 32648, 3405])
def test_vietnamese_headers_any_format_any_crs(tmp_path, suffix, epsg):
    if suffix == "geojson":
        epsg = 4326
    path = save(
        tmp_path / f"a.{suffix}",
        [square(0, 0), square(1, 0)],
        epsg,
        ma_xa=[8707, 8710],
        ten_xa=["Phường Tích Sơn", "Thị trấn Gia Khánh"],
        ma_huyen=[243, 249],
        ten_huyen=["Vĩnh Yên", "Bình Xuyên"],
        dan_so=[9414.0, 10210.4],
    )
    read = boundaries.read_communes(path)
    assert list(read.columns) == [*columns.COMMUNES, "geometry"]
    assert read.drop(columns="geometry").to_numpy().tolist() == [
        ["08707", "Tích Sơn", "Tich Son", "phuong", "243", "Vĩnh Yên", 9414],
        ["08710", "Gia Khánh", "Gia Khanh", "thi tran", "249", "Bình Xuyên", 10210],
    ]
    assert read.crs == crs.PLANNING
    assert (
        read.geometry.hausdorff_distance(
            gpd.GeoSeries([square(0, 0), square(1, 0)], crs=crs.PLANNING)
        ).max()
        < 0.01
    )


def test_every_defect_of_the_communes_is_told(tmp_path):
    bow = Polygon([(X, Y), (X + 900, Y + 900), (X + 900, Y), (X, Y + 900)])
    path = save(
        tmp_path / "a.gpkg",
        [square(0, 0), bow, LineString([(X, Y), (X + 5, Y)]), None, square(2, 0)],
        code=["1", "1", "3", None, "5"],
        pop=["10", "-3", "many", None, "20"],
    )
    found = said(boundaries.read_communes, path)
    expected = [
        ":2: its polygon is not valid: Self-intersection",
        ":2, column 'code', value '1': the code is already that of feature 1",
        ":2, column 'pop', value '-3': is not a number of residents",
        ":3: its geometry is LineString, a polygon is needed",
        ":3, column 'pop', value 'many': is not a number of residents",
        ":4: its geometry is missing, a polygon is needed",
        ":4, column 'code', value '': the commune has no code",
        ":4, column 'pop', value '': is not a number of residents",
    ]
    for text, start in zip(found, expected, strict=True):
        assert text.startswith(start)


def test_missing_columns_and_geometry(tmp_path):
    path = save(tmp_path / "a.gpkg", [square(0, 0)], ghi_chu=["x"])
    found = said(boundaries.read_communes, path)
    assert found[0].startswith(": has no column for commune_code (mã xã, phường, thị trấn)")
    assert found[1].startswith(": has no column for population (dân số) (name it population;")
    (tmp_path / "a.csv").write_text("code,pop\n1,2\n")
    assert said(boundaries.read_communes, tmp_path / "a.csv")[0].startswith(": holds no geometry")


def test_overlaps_beyond_a_hectare_are_refused_slivers_are_not(tmp_path):
    moved = box(X + SIDE_M - 10, Y, X + 2 * SIDE_M, Y + SIDE_M)
    table = {"code": ["00001", "00002"], "pop": [1, 2]}
    path = save(tmp_path / "a.gpkg", [square(0, 0), moved], 5897, **table)
    assert said(boundaries.read_communes, path)[0].startswith(
        ":2, column 'code', value '00002': overlaps '00001' by 2.0 ha"
    )
    moved = box(X + SIDE_M - 1, Y, X + 2 * SIDE_M, Y + SIDE_M)
    path = save(tmp_path / "b.gpkg", [square(0, 0), moved], 5897, **table)
    assert len(boundaries.read_communes(path)) == 2


def test_a_wrong_crs_is_found_by_where_it_puts_the_province(tmp_path):
    frame = gpd.GeoDataFrame({"code": ["1"], "pop": [1]}, geometry=[square(0, 0)], crs="EPSG:32756")
    frame.to_file(tmp_path / "a.gpkg")
    found = said(boundaries.read_communes, tmp_path / "a.gpkg")
    assert "lies outside Vietnam (longitude 154" in found[0]
    assert "says its CRS is EPSG:32756" in found[0]


def test_overlaps_agree_with_pairwise_areas():
    generator = np.random.default_rng(4)
    boxes = np.array([box(x, y, x + 3, y + 2) for x, y in generator.uniform(0, 9, (30, 2))])
    found = {(a, b): area for a, b, area in boundaries.overlaps(boxes)}
    for a in range(30):
        for b in range(a + 1, 30):
            assert found.get((a, b), 0.0) == pytest.approx(boxes[a].intersection(boxes[b]).area)
    assert boundaries.overlaps(np.array([square(0, 0), square(1, 0)])) == []


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside the project")
def test_the_true_communes_are_read_as_they_are():
    read = boundaries.read_communes(SHARED / "communes.geojson")
    assert len(read) == 136
    assert read[columns.POPULATION].sum() == 1_151_154
    assert read[columns.DISTRICT_CODE].nunique() == 9
    assert read[columns.COMMUNE_TYPE].value_counts().to_dict() == {
        "xa": 102,
        "thi tran": 18,
        "phuong": 16,
    }
    assert read[columns.COMMUNE_CODE].str.len().eq(5).all()
    later = boundaries.read_communes(SHARED / "communes_2025.geojson")
    assert len(later) == 36
    assert set(later[columns.DISTRICT_CODE]) == {""}


def test_zones_in_either_language(tmp_path, communes):
    shapes = [square(0, 0, 500), square(1, 0, 300), Point(X + 1000, Y + 1000), square(0, 0, 200)]
    path = save(
        tmp_path / "z.geojson",
        shapes,
        loai=["Khu công nghiệp", "urban_area", "Du lịch", "KĐT"],
        ten=["KCN Bá Thiện", None, "Tây Thiên", "Đô thị"],
        trang_thai=["Đang hoạt động", "building", None, "quy hoạch 2030"],
        dien_tich=[None, 9.5, 40.0, None],
        lao_dong=[1200.4, None, None, None],
    )
    read = zone_reader.read_zones(path, communes)
    assert list(read.columns) == [*columns.ZONES, "geometry"]
    assert list(read[columns.ZONE_ID]) == ["I01", "U01", "T01", "U02"]
    assert list(read[columns.KIND]) == ["industrial", "urban", "tourism", "urban"]
    assert list(read[columns.NAME]) == ["KCN Bá Thiện", "U01", "Tây Thiên", "Đô thị"]
    assert list(read[columns.STATUS]) == ["operating", "building", "unknown", "planned"]
    assert list(read[columns.WORKERS]) == [1200, 0, 0, 0]
    assert list(read[columns.COMMUNE_CODE]) == ["00001", "00002", "00001", "00001"]
    np.testing.assert_allclose(read[columns.AREA_HA], [25, 9.5, 40, 4], rtol=1e-3)
    assert read.area[2] == pytest.approx(40e4, rel=0.01)


def test_every_defect_of_the_zones_is_told(tmp_path, communes):
    path = save(
        tmp_path / "z.gpkg",
        [square(0, 0), square(9, 9), Point(X, Y), square(0, 0), square(1, 0)],
        id=["A", "B", "C", "A", "D"],
        kind=["urban", "urban", "tourism", "quân sự", "industrial"],
        workers=["1", "2", "3", "4", "đông"],
        status=["operating", "", "", "", "closed"],
    )
    found = said(zone_reader.read_zones, path, communes)
    expected = [
        ":2: lies outside the province",
        ":3: is a point without an area (give a polygon, or area_ha)",
        ":4, column 'kind', value 'quân sự': is none of urban, industrial, tourism",
        ":4, column 'id', value 'A': the identifier is already that of another zone",
        ":5, column 'workers', value 'đông': is not a number of 0 or more",
        ":5, column 'status', value 'closed': is none of operating, building, planned, unknown",
    ]
    for text, start in zip(found, expected, strict=True):
        assert text.startswith(start), (text, start)


def test_an_empty_zones_file_is_refused(tmp_path, communes):
    (tmp_path / "z.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    with pytest.raises(InputError, match=r"z.geojson: holds no rows"):
        zone_reader.read_zones(tmp_path / "z.geojson", communes)
    path = save(tmp_path / "b.gpkg", [square(0, 0)], name=["x"])
    with pytest.raises(InputError, match=r"has no column for kind \(loại\)"):
        zone_reader.read_zones(path, communes)


def test_parts_of_a_commune_are_one_feature(tmp_path):
    two = MultiPolygon([square(0, 0, 500), square(1, 0, 500)])
    read = boundaries.read_communes(save(tmp_path / "a.gpkg", [two], code=["1"], pop=[4]))
    assert read.geometry[0].geom_type == "MultiPolygon"
    assert read.area[0] == pytest.approx(2 * 500**2, rel=1e-6)


def test_headers_of_communes_and_zones_are_unambiguous():
    for headers in (boundaries.COMMUNE_HEADERS, zone_reader.HEADERS):
        names = sorted(name for group in headers.values() for name in group)
        assert all(one != other for one, other in pairwise(names))


REPAIR = Stated(repair=True)


@pytest.mark.parametrize("slip_m", [6, 20, 45])
def test_a_small_overlap_is_repaired_where_the_user_says_so_and_named(tmp_path, slip_m):
    wide = box(X, Y, X + SIDE_M + slip_m, Y + SIDE_M)
    path = save(tmp_path / "a.gpkg", [wide, square(1, 0)], code=["1", "2"], pop=[10, 20])
    assert "--repair" in said(boundaries.read_communes, path)[0]
    read = boundaries.read_communes(path, REPAIR)
    assert boundaries.overlaps(read.geometry.to_numpy()) == []
    assert read.area.sum() == pytest.approx(2 * SIDE_M**2, abs=1)
    area = f"{slip_m * SIDE_M / 1e4:.2f} ha"
    assert read.attrs["notes"] == (
        f"repaired: overlap cut off 1 times, {area}; the largest {area} of 2 over 1",
    )


@pytest.mark.parametrize("gap_m", [30, 200, 900])
def test_a_small_gap_is_given_to_the_neighbour_with_the_longest_border(tmp_path, gap_m):
    hole = box(X + 500, Y + 500, X + 500 + gap_m, Y + 500 + gap_m)
    shapes = [square(0, 0).difference(hole), square(1, 0)]
    path = save(tmp_path / "a.gpkg", shapes, code=["1", "2"], pop=[10, 20])
    read = boundaries.read_communes(path, REPAIR)
    assert read.area[0] == pytest.approx(SIDE_M**2, abs=1)
    area = f"{gap_m**2 / 1e4:.2f} ha"
    assert read.attrs["notes"] == (
        f"repaired: gap filled 1 times, {area}; the largest {area} of 1",
    )


def test_any_number_of_repairs_is_summed_up_in_a_line_and_each_is_handed_on(tmp_path):
    holes = [box(X + at, Y + 500, X + at + 5, Y + 505) for at in range(100, 1900, 10)]
    pierced = square(0, 0).difference(shapely.union_all(holes))
    path = save(tmp_path / "a.gpkg", [pierced, square(1, 0)], code=["1", "2"], pop=[10, 20])
    repairs: list[boundaries.Repair] = []
    read = boundaries.read_communes(path, REPAIR, repairs=repairs)
    assert read.attrs["notes"][0].startswith("repaired: gap filled 180 times, 0.45 ha")
    assert len(read.attrs["notes"]) == 1
    assert [(each.commune_code, each.other) for each in repairs] == [("1", "")] * 180
    assert sum(each.area_ha for each in repairs) == pytest.approx(0.45)


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_communes_that_overlap_much_are_no_slip_and_stay_an_error(tmp_path, share):
    wide = box(X, Y, X + SIDE_M * (1 + share), Y + SIDE_M)
    path = save(tmp_path / "a.gpkg", [wide, square(1, 0)], code=["1", "2"], pop=[10, 20])
    with pytest.raises(InputError):
        boundaries.read_communes(path, REPAIR)


@pytest.mark.parametrize(("distance_km", "far"), [(40, 0), (150, 1), (380, 1), (700, 1)])
def test_far_islands_lie_beyond_what_is_planned_and_near_ones_do_not(distance_km, far):
    shapes = [square(0, 0), square(1, 0), square(distance_km / 2, 0)]
    table = {columns.POPULATION: [10, 20, 5]}
    bounds, beyond = boundaries.mainland(gpd.GeoDataFrame(table, geometry=shapes, crs=crs.PLANNING))
    assert beyond.tolist() == [False, False, bool(far)]
    assert bounds[2] == (shapes[1] if far else shapes[2]).bounds[2]


@pytest.mark.parametrize("slip_m", [0, 20, 100])
def test_a_zone_drawn_twice_is_an_error_and_one_that_only_overlaps_is_not(
    tmp_path, communes, slip_m
):
    zone = square(0, 0, 1000)
    again = box(X + slip_m, Y, X + slip_m + 1000, Y + 1000)
    path = save(tmp_path / "z.gpkg", [zone, again], kind=["urban"] * 2, workers=[10, 10])
    assert "overlaps the urban zone of row 1" in said(zone_reader.read_zones, path, communes)[0]
    beside = box(X + 400 + slip_m, Y, X + 1400 + slip_m, Y + 1000)
    path = save(tmp_path / "b.gpkg", [zone, beside], kind=["urban"] * 2, workers=[10, 10])
    assert len(zone_reader.read_zones(path, communes)) == 2
