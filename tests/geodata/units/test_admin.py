"""Communes and districts: a whole without gaps, and one commune for every point."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns
from phusong.geodata import crs
from phusong.geodata.folded import ascii_name
from phusong.geodata.grid import covering
from phusong.geodata.units import admin

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def communes():
    return admin.reference_communes()


@pytest.fixture(scope="module")
def districts(communes):
    return admin.districts_of(communes)


def squares(codes, districts=None):
    """Return unit squares of 1 km in a row, west to east."""
    shapes = [shapely.box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(len(codes))]
    table = {name: [""] * len(codes) for name in columns.COMMUNES}
    table[columns.COMMUNE_CODE] = codes
    table[columns.DISTRICT_CODE] = districts or ["1"] * len(codes)
    table[columns.DISTRICT] = [f"Huyện {code}" for code in table[columns.DISTRICT_CODE]]
    table[columns.POPULATION] = [10 * (i + 1) for i in range(len(codes))]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs.PLANNING)


def test_communes_are_136_with_the_census_sum(communes):
    assert tuple(communes.columns) == (*columns.COMMUNES, "geometry")
    assert len(communes) == 136
    assert communes[columns.COMMUNE_CODE].is_monotonic_increasing
    assert communes[columns.POPULATION].sum() == 1_151_154
    assert communes.crs == crs.PLANNING


def test_communes_are_a_valid_coverage_of_one_piece(communes):
    assert communes.is_valid.all()
    assert shapely.coverage_is_valid(communes.geometry.to_numpy())
    whole = shapely.union_all(communes.geometry.to_numpy())
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert communes.area.sum() == pytest.approx(whole.area, rel=1e-12)
    assert whole.area / 1e6 == pytest.approx(1235, rel=0.005)  # the published area


def test_no_commune_has_a_crumb_for_a_part(communes):
    assert shapely.area(shapely.get_parts(communes.geometry.to_numpy())).min() > admin.CRUMB_M2


def test_districts_are_the_union_of_their_communes(communes, districts):
    assert tuple(districts.columns) == (*columns.DISTRICTS, "geometry")
    assert len(districts) == 9
    assert shapely.coverage_is_valid(districts.geometry.to_numpy())
    assert districts[columns.POPULATION].sum() == 1_151_154
    home = districts.set_index(columns.DISTRICT_CODE).geometry
    inside = [
        home[code].covers(shape)
        for code, shape in zip(communes[columns.DISTRICT_CODE], communes.geometry, strict=True)
    ]
    assert all(inside)
    assert districts.area.sum() == pytest.approx(communes.area.sum(), rel=1e-12)


def mean_iou(ours, true, key):
    true = true.to_crs(crs.PLANNING).set_index("code").geometry
    pairs = [(shape, true[code]) for code, shape in zip(ours[key], ours.geometry, strict=True)]
    return np.mean([a.intersection(b).area / a.union(b).area for a, b in pairs])


@pytest.mark.skipif(not DATA.is_dir(), reason="the true polygons are not at hand (../shared/data)")
def test_boundaries_agree_with_the_true_ones(communes, districts):
    true_communes = gpd.read_file(DATA / "communes.geojson")
    true_districts = gpd.read_file(DATA / "districts.geojson")
    assert mean_iou(communes, true_communes, columns.COMMUNE_CODE) >= 0.80
    assert mean_iou(districts, true_districts, columns.DISTRICT_CODE) >= 0.94


def test_a_seed_point_of_each_cell_lies_in_its_commune():
    x, y = np.array([100.0, 900.0, 500.0, 480.0]), np.array([100.0, 150.0, 800.0, 500.0])
    cells = admin.tessellate(x, y, ["a", "b", "c", "a"], shapely.box(0, 0, 1000, 1000))
    assert set(cells) == {"a", "b", "c"}
    for label, px, py in zip("abca", x, y, strict=True):
        assert cells[label].contains(shapely.Point(px, py))
    assert shapely.coverage_is_valid(list(cells.values()))
    assert sum(cell.area for cell in cells.values()) == pytest.approx(1e6)


@given(seed=st.integers(0, 5000))
def test_tessellation_gives_every_place_to_its_nearest_point(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 50_000, (2, 12))
    labels = np.array([str(i % 5) for i in range(12)])
    cells = admin.tessellate(x, y, list(labels), shapely.box(0, 0, 50_000, 50_000))
    assert shapely.coverage_is_valid(list(cells.values()))
    for px, py in rng.uniform(0, 50_000, (20, 2)):
        apart = np.hypot(x - px, y - py)
        nearest = labels[np.argmin(apart)]
        if apart[labels != nearest].min() - apart.min() > 300.0:  # no crumb is so wide
            assert cells[nearest].contains(shapely.Point(px, py))


def test_a_point_on_a_shared_border_gets_the_smallest_code():
    communes = squares(["00003", "00001", "00002"])
    points = gpd.GeoDataFrame(
        geometry=[
            shapely.Point(1000, 500),  # 00003 | 00001
            shapely.Point(2000, 500),  # 00001 | 00002
            shapely.Point(2500, 500),
            shapely.Point(3000, 500),  # on the outer edge of 00002
            shapely.Point(3000.001, 500),
        ],
        crs=crs.PLANNING,
    )
    assert admin.assign(points, communes).tolist() == [1, 1, 2, 2, admin.OUTSIDE]


def test_every_vertex_of_every_border_gets_exactly_one_commune(communes):
    corners = np.unique(shapely.get_coordinates(communes.geometry.to_numpy()), axis=0)
    points = gpd.GeoDataFrame(geometry=shapely.points(corners), crs=crs.PLANNING)
    rows = admin.assign(points, communes)
    assert (rows >= 0).all()
    first = communes.iloc[rows].geometry.to_numpy()
    assert shapely.intersects(first, points.geometry.to_numpy()).all()


def test_points_in_degrees_are_transformed_first(communes):
    points = gpd.GeoDataFrame(geometry=[shapely.Point(105.597, 21.308)], crs=crs.GEOGRAPHIC)
    row = admin.assign(points, communes)[0]
    assert communes[columns.NAME][row] == "Ngô Quyền"


def test_no_points_give_no_rows(communes):
    assert admin.assign(gpd.GeoDataFrame(geometry=[], crs=crs.PLANNING), communes).shape == (0,)


def test_units_without_districts_give_an_empty_frame():
    districts = admin.districts_of(squares(["00001", "00002"], ["", ""]))
    assert len(districts) == 0
    assert tuple(districts.columns) == (*columns.DISTRICTS, "geometry")


def test_districts_add_up_and_dissolve_even_where_neighbours_overlap():
    communes = squares(["00001", "00002", "00003"], ["8", "8", "7"])
    communes.loc[0, "geometry"] = shapely.box(0, 0, 1100, 1000)
    districts = admin.districts_of(communes)
    assert districts[columns.DISTRICT_CODE].tolist() == ["7", "8"]
    assert districts[columns.POPULATION].tolist() == [30, 30]
    assert districts[columns.NAME_ASCII].tolist() == ["Huyen 7", "Huyen 8"]
    assert districts.area.tolist() == [1e6, 2e6]


def test_pixels_belong_to_the_commune_of_their_centre(communes):
    grid = covering(tuple(communes.total_bounds), 90.0, pixel_m=300.0, crs="EPSG:5897")
    index = admin.index_raster(communes, grid)
    assert index.values.dtype == np.int16
    x, y = np.meshgrid(*grid.centres())
    points = gpd.GeoDataFrame(geometry=shapely.points(x.ravel(), y.ravel()), crs=crs.PLANNING)
    assert (admin.assign(points, communes) == index.values.ravel()).all()


@pytest.mark.parametrize(
    ("name", "plain"), [("Đại Đình", "Dai Dinh"), ("Phường Ngô Quyền", "Phuong Ngo Quyen")]
)
def test_names_lose_their_diacritics_only(name, plain):
    assert ascii_name(name) == plain
