"""Layers for other programs: what RFC 7946, QGIS and a byte-wise comparison ask of them."""

import csv
import json
import sqlite3
import subprocess
from contextlib import closing
from itertools import pairwise
from xml.etree import ElementTree as ET

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, box

from phusong import columns
from phusong.errors import InputError
from phusong.geodata import crs, csv_forms
from phusong.geodata.files import whole
from phusong.geodata.symbols import Symbol
from phusong.geodata.writers import styles, vector

HOSTILE = ['Xã "Đạo Trù", Tam Đảo', "hai\ndòng", "a,b;c\td", "📶 5G", "'; DROP TABLE x", "", "=1+1"]
ORIGIN = np.array([560_000, 2_356_000])
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)


def points(names: list[str]) -> gpd.GeoDataFrame:
    x_m = 560_000.0 + 10.25 * np.arange(len(names))
    return gpd.GeoDataFrame(
        {"site_id": names, "height_m": np.linspace(10, 40, len(names))},
        geometry=gpd.points_from_xy(x_m, np.full(len(names), 2_356_000.0)),
        crs=crs.PLANNING,
    )


def squares() -> gpd.GeoDataFrame:
    clockwise = Polygon(
        [(0, 0), (0, 900), (900, 900), (900, 0)], [[(90, 90), (300, 90), (300, 300)]]
    )
    shapes = [clockwise, MultiPolygon([box(1000, 0, 1900, 900), box(2000, 0, 2900, 900)])]
    moved = [shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame({"name": ["Bá Hiến", "Tam Đảo"]}, geometry=moved, crs=crs.PLANNING)


def ogrinfo(path, layer: str = "") -> str:
    command = ["ogrinfo", "-ro", "-so", *(["-al"] if not layer else []), str(path)]
    done = subprocess.run(
        [*command, *([layer] if layer else [])], capture_output=True, text=True, check=True
    )
    assert not done.stderr, done.stderr
    return done.stdout


needs_ogrinfo = pytest.mark.skipif(
    subprocess.run(["sh", "-c", "command -v ogrinfo"], capture_output=True, check=False).returncode
    != 0,
    reason="ogrinfo (gdal-bin) is not installed",
)


def test_geojson_follows_rfc_7946(tmp_path):
    path = tmp_path / "a.geojson"
    vector.write_geojson(path, squares())
    read = json.loads(path.read_text("utf-8"))
    assert set(read) == {"type", "features"}  # above all, no crs member
    for feature in read["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
            assert 104 < part.centroid.x < 107
            assert 20 < part.centroid.y < 22
        numbers = shapely.get_coordinates(shape).ravel().tolist()
        assert max(len(str(number).split(".")[1]) for number in numbers) == 6


def test_geojson_keeps_diacritics_readable_and_opens_elsewhere(tmp_path):
    path = tmp_path / "a.geojson"
    vector.write_geojson(path, squares())
    assert "Tam Đảo".encode() in path.read_bytes()
    assert list(pyogrio.read_dataframe(path)["name"]) == ["Bá Hiến", "Tam Đảo"]


@needs_ogrinfo
def test_ogrinfo_opens_geojson_and_gpkg(tmp_path):
    vector.write_geojson(tmp_path / "a.geojson", squares())
    assert "Feature Count: 2" in ogrinfo(tmp_path / "a.geojson")
    vector.write_gpkg(tmp_path / "a.gpkg", {"a": squares(), "b": points(["x"])}, {"a": "<qgis/>"})
    said = ogrinfo(tmp_path / "a.gpkg", "a")
    assert "Geometry: Multi Polygon" in said
    assert 'ID["EPSG",5897]' in said


def test_geojson_of_nothing_is_a_collection(tmp_path):
    vector.write_geojson(tmp_path / "a.geojson", points([]))
    assert json.loads((tmp_path / "a.geojson").read_text()) == {
        "type": "FeatureCollection",
        "features": [],
    }


def test_features_are_what_their_file_gives(tmp_path):
    """Pages of a run that is being written read no file, and are the same."""
    frame = gpd.GeoDataFrame(
        {
            "name": ["Vĩnh Yên", None, ""],
            "population": [1.26, np.nan, np.inf],
            "sites": [1, 2, 3],
            "rank": pd.array([1, None, 3], dtype="Int64"),
            "nothing": [None, None, None],
            "ok": [True, False, None],
        },
        geometry=[box(540_000, 2_360_000, 541_000, 2_361_000), Point(540_000, 2_360_000), None],
        crs=crs.PLANNING,
    )
    vector.write_geojson(tmp_path / "a.geojson", frame)
    read = gpd.GeoDataFrame.from_features(
        json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"], crs=crs.GEOGRAPHIC
    )
    pd.testing.assert_frame_equal(vector.features(frame).frame(), read)
    assert vector.features(frame.iloc[:0]).frame().empty


def test_missing_and_infinite_values_are_null(tmp_path):
    frame = points(["a", "b", "c", "d"])
    frame["score"] = [np.nan, np.inf, -np.inf, 1.0]
    frame["year"] = pd.array([2024, None, 2025, None], dtype="Int64")
    frame["reason"] = [None, pd.NA, "vì", np.nan]
    frame["live"] = [True, False, True, False]
    vector.write_geojson(tmp_path / "a.geojson", frame)
    read = [f["properties"] for f in json.loads((tmp_path / "a.geojson").read_text())["features"]]
    assert [row["score"] for row in read] == [None, None, None, 1.0]
    assert [row["year"] for row in read] == [2024, None, 2025, None]
    assert [row["reason"] for row in read] == [None, None, "vì", None]
    assert [row["live"] for row in read] == [True, False, True, False]


def test_numbers_are_rounded_by_their_unit(tmp_path):
    frame = points(["a"])
    frame[columns.COVERED_POPULATION_SHARE_AFTER] = 1 / 3
    frame[columns.COST_MILLION] = 1234.56789
    frame["negative_zero"] = -1e-12
    vector.write_csv(tmp_path / "a.csv", frame.drop(columns="geometry"))
    row = (tmp_path / "a.csv").read_text().splitlines()[1].split(",")
    assert row == ["a", "10.0", "0.333333", "1234.568", "0.0"]


def test_order_chooses_the_columns_and_a_missing_one_is_named(tmp_path):
    vector.write_geojson(tmp_path / "a.geojson", points(["a"]), ["height_m", "site_id"])
    feature = json.loads((tmp_path / "a.geojson").read_text())["features"][0]
    assert list(feature["properties"]) == ["height_m", "site_id"]
    with pytest.raises(KeyError, match="lacks the columns rank"):
        vector.write_geojson(tmp_path / "b.geojson", points(["a"]), ["rank"])
    with pytest.raises(ValueError, match="no CRS"):
        vector.write_geojson(
            tmp_path / "b.geojson", points(["a"]).set_crs(None, allow_override=True)
        )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(TEXT, max_size=6))
def test_any_text_survives_csv_and_geojson(tmp_path, names):
    for name in (names, HOSTILE):
        vector.write_csv(tmp_path / "a.csv", points(name))
        vector.write_geojson(tmp_path / "a.geojson", points(name))
        with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
            read = [row["site_id"] for row in csv.DictReader(file)]
        assert [csv_forms.rearmed(text) for text in read] == name
        features = json.loads((tmp_path / "a.geojson").read_text("utf-8"))["features"]
        assert [feature["properties"]["site_id"] for feature in features] == name


def test_csv_gives_points_their_position_in_both_systems(tmp_path):
    frame = points(["a", "b"])
    vector.write_csv(tmp_path / "a.csv", frame)
    read = pd.read_csv(tmp_path / "a.csv")
    assert list(read.columns) == ["site_id", "height_m", "lon", "lat", "x_m", "y_m"]
    np.testing.assert_allclose(read["x_m"], frame.geometry.x, atol=0.01)
    x_m, y_m = crs.transform(read["lon"], read["lat"], crs.GEOGRAPHIC, crs.PLANNING)
    assert np.hypot(x_m - read["x_m"], y_m - read["y_m"]).max() < 0.1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    st.lists(
        st.tuples(st.floats(530_000, 585_000), st.floats(2_335_000, 2_395_000)),
        min_size=1,
        max_size=9,
    )
)
def test_exact_positions_survive_any_number_of_journeys(tmp_path, places):
    start = gpd.GeoDataFrame(geometry=[Point(place) for place in places], crs=crs.PLANNING)
    vector.write_geojson(tmp_path / "1.geojson", start, exact=True)
    once = gpd.read_file(tmp_path / "1.geojson").to_crs(crs.PLANNING)
    vector.write_geojson(tmp_path / "2.geojson", once, exact=True)
    assert start.distance(once).max() < 0.0002  # m
    assert (tmp_path / "1.geojson").read_bytes() == (tmp_path / "2.geojson").read_bytes()


def test_rounding_does_not_spoil_a_thin_polygon(tmp_path):
    thin = [
        Polygon([(0, 0), (1000, 300), (1000, 300.2), (500 + i, 150.04 + 0.3 * i), (0, 0.2)])
        for i in range(40)
    ]
    moved = shapely.transform(np.array(thin), lambda xy: xy + ORIGIN)
    frame = gpd.GeoDataFrame(geometry=moved, crs=crs.PLANNING)
    rounded = shapely.transform(
        frame.to_crs(crs.GEOGRAPHIC).to_numpy().ravel(), lambda c: c.round(6)
    )
    assert not shapely.is_valid(rounded).all()
    vector.write_geojson(tmp_path / "a.geojson", frame)
    read = gpd.read_file(tmp_path / "a.geojson")
    assert read.geometry.is_valid.all()


@pytest.mark.parametrize("exact", [True, False])
def test_a_polygon_that_no_rounding_keeps_valid_is_written_valid(tmp_path, exact):
    wedges = [
        Polygon([(0, 0), (10, 3), (10, 5), (3 + i / 20, 0.90002 + 0.3 * i / 20), (0, 2)])
        for i in range(60)
    ]
    moved = shapely.transform(np.array(wedges), lambda xy: xy + ORIGIN)
    frame = gpd.GeoDataFrame(geometry=moved, crs=crs.PLANNING)
    finest = shapely.transform(
        frame.to_crs(crs.GEOGRAPHIC).to_numpy().ravel(), lambda c: c.round(9)
    )
    assert frame.is_valid.all()
    assert not shapely.is_valid(finest).all()
    vector.write_geojson(tmp_path / "a.geojson", frame, exact=exact)
    read = gpd.read_file(tmp_path / "a.geojson")
    assert read.geometry.is_valid.all()
    assert set(read.geom_type) <= {"Polygon", "MultiPolygon"}
    assert read.to_crs(crs.PLANNING).area.to_numpy() == pytest.approx(
        shapely.area(moved), abs=0.1 if exact else 3.0
    )


def test_same_frame_gives_same_bytes(tmp_path):
    for name in ("1", "2"):
        vector.write_geojson(tmp_path / f"{name}.geojson", squares())
        vector.write_csv(tmp_path / f"{name}.csv", points(HOSTILE))
    assert (tmp_path / "1.geojson").read_bytes() == (tmp_path / "2.geojson").read_bytes()
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_gpkg_layers_survive_and_carry_their_styles(tmp_path):
    path = tmp_path / "plan.gpkg"
    layers = {"sites": points(HOSTILE), "communes": squares(), "empty": points([])}
    layers["sites"]["operator"] = ["Viettel", "A & <B>", 'C"', "📶", "D", "E", "F"]
    vector.write_gpkg(path, layers, {"sites": "<qgis/>", "not a layer": "<qgis/>"})
    assert list(pyogrio.read_dataframe(path, layer="sites")["site_id"]) == HOSTILE
    assert len(pyogrio.read_dataframe(path, layer="empty")) == 0
    read = pyogrio.read_dataframe(path, layer="communes")
    assert read.crs == crs.PLANNING
    assert read.area.sum() == pytest.approx(squares().area.sum())
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault, update_time"
            " FROM layer_styles"
        ).fetchall()
        kind = database.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [row[:4] for row in rows] == [("sites", "geom", "<qgis/>", 1)]
    assert rows[0][4].endswith("Z")
    assert kind == ("attributes",)


def test_styles_name_every_value_once_and_are_well_formed():
    sites = points(HOSTILE)
    sites["operator"] = ["Viettel", "A & <B>", 'C"', "📶", "VNPT", "Viettel", "unknown"]
    ranking = points(["a", "b", "c"]).assign(year=[2025, 2024, 2025])
    zones = squares().assign(kind=["urban", "tourism"])
    zones[columns.COVERED_POPULATION_SHARE_AFTER] = 0.5
    made = styles.plan_styles(
        {"sites": sites, "ranking": ranking, "zones": zones, "communes": zones, "holes": zones}
    )
    assert set(made) == {"sites", "ranking", "zones", "communes", "holes"}
    trees = {name: ET.fromstring(qml.split("\n", 1)[1]) for name, qml in made.items()}  # noqa: S314
    values = {
        name: [node.get("value") for node in tree.iter("category")] for name, tree in trees.items()
    }
    assert sorted(values["sites"]) == sorted(set(sites["operator"]))
    assert values["sites"][0] == "Viettel"  # with most stations
    assert values["ranking"] == ["2024", "2025"]
    assert values["zones"] == ["tourism", "urban"]
    limits = [
        (float(r.get("lower")), float(r.get("upper"))) for r in trees["communes"].iter("range")
    ]
    assert limits[0][0] == 0
    assert limits[-1][1] == 1
    assert all(a[1] == b[0] for a, b in pairwise(limits))
    for tree in trees.values():
        used = [node.get("symbol") for node in [*tree.iter("category"), *tree.iter("range")]]
        assert (used or ["0"]) == [node.get("name") for node in tree.iter("symbol")]


def test_classes_have_the_colours_of_colorbrewer():
    places = np.linspace(0.15, 0.9, 5)
    for colours, name in ((styles.SHARE_COLOURS, "YlGnBu"), (styles.SCORE_COLOURS, "Purples")):
        drawn = [mpl.colors.to_hex(mpl.colormaps[name](place)) for place in places]
        assert list(colours) == drawn


def test_line_style_has_line_settings():
    qml = styles.categorized("kind", {"fibre": Symbol("#112233")}, styles.Look("line", 0.5))
    layer = next(ET.fromstring(qml.split("\n", 1)[1]).iter("layer"))  # noqa: S314
    assert layer.get("class") == "SimpleLine"
    assert {o.get("name"): o.get("value") for o in layer.iter("Option") if o.get("name")} == {
        "line_color": "17,34,51,255",
        "line_width": "0.5",
    }


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def interrupted():
        with whole.replace_whole(path) as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_place_is_said_plainly(tmp_path):
    with pytest.raises(InputError, match=r"cannot write a.csv: .*\n.*No such file or directory"):
        vector.write_csv(tmp_path / "missing" / "a.csv", points(["a"]))
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(InputError, match="Is a directory"):
        vector.write_csv(tmp_path / "a.csv", points(["a"]))
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
