"""Vector layers of the page: display geometry without gaps, lines drawn once, plain values."""

import json
import math
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon, box

from phusong import columns as col
from phusong.geodata.crs import GEOGRAPHIC, PLANNING, transform
from phusong.maps.layers import features

BOUNDS = (105.32, 21.15, 105.79, 21.58)


def wavy_pair():
    """Return two communes in two districts that share a line of many small steps."""
    line = [(1000 + 8 * math.sin(i), 20.0 * i) for i in range(101)]
    west = Polygon([(0, 0), *line, (0, 2000)])
    east = Polygon([(2500, 0), (2500, 2000), *reversed(line)])
    frame = gpd.GeoDataFrame(
        {col.COMMUNE_CODE: ["1", "2"], col.DISTRICT_CODE: ["10", "20"]},
        geometry=[west, east],
        crs=PLANNING,
    )
    return frame.set_geometry(frame.translate(555_000, 2_350_000))


class Run:
    """Stands for a run folder that has communes only."""

    crs = PLANNING

    def __init__(self, communes):
        self.communes = communes.to_crs(GEOGRAPHIC)


def test_simplified_communes_share_their_line_still():
    communes = wavy_pair()
    display = features.display_communes(Run(communes))
    before, after = communes.geometry, display.geometry
    assert shapely.get_num_coordinates(after).sum() < shapely.get_num_coordinates(before).sum() / 3
    assert shapely.coverage_is_valid(after.to_numpy())
    assert after.union_all().area == pytest.approx(before.union_all().area, rel=0.01)
    assert display[col.AREA_KM2].tolist() == pytest.approx((before.area / 1e6).tolist(), abs=2e-3)


def test_every_line_belongs_to_one_level():
    squares = [box(x, y, x + 1, y + 1) for x in range(4) for y in range(2)]
    frame = gpd.GeoDataFrame(
        {col.DISTRICT_CODE: ["10"] * 4 + ["20"] * 4}, geometry=squares, crs=PLANNING
    )
    frame = frame.set_geometry(frame.scale(500, 500, origin=(0, 0)).translate(555_000, 2_350_000))
    lines = features.boundaries(frame)
    length = {
        name: gpd.GeoSeries([shapely.geometry.shape(shape)], crs=GEOGRAPHIC)
        .to_crs(PLANNING)
        .length.iloc[0]
        for name, shape in lines.items()
    }
    assert length["province"] == pytest.approx(6000, abs=10)
    assert length["districts"] == pytest.approx(1000, abs=5)
    assert length["communes"] == pytest.approx(4000, abs=10)


@pytest.mark.parametrize(("language", "ward"), [("vi", "Phường Tích Sơn"), ("en", "Tích Sơn ward")])
def test_a_ward_among_zones_is_called_as_the_unit_it_is(language, ward):
    communes = pd.DataFrame(
        {col.COMMUNE_CODE: ["08707"], col.NAME: ["Tích Sơn"], col.COMMUNE_TYPE: ["phuong"]}
    )
    zones = pd.DataFrame(
        {
            col.ZONE_ID: ["C08707", "I01", "C99999"],
            col.NAME: ["Tích Sơn", "KCN Khai Quang", "Elsewhere"],
            col.CATEGORY: ["ward", "industrial_park", "township"],
            col.COMMUNE_CODE: ["08707", "08707", "99999"],
        }
    )
    names = features.zone_names(SimpleNamespace(communes=communes, zones=zones), language)
    assert names == {"C08707": ward, "I01": "KCN Khai Quang", "C99999": "Elsewhere"}


def test_one_commune_has_an_outline_and_no_inner_line():
    frame = wavy_pair().iloc[:1]
    lines = features.boundaries(frame)
    assert lines["communes"] is None
    assert lines["districts"] is None
    assert lines["province"]["type"] == "LineString"


@given(st.floats(BOUNDS[0], BOUNDS[2]), st.floats(BOUNDS[1], BOUNDS[3]))
def test_planning_coordinates_of_the_page_are_those_of_proj(lon, lat):
    fitted = features.planning_system(BOUNDS, "EPSG:5897")
    centre = fitted["centre"]
    terms = features.polynomial_terms(np.array([lon - centre[0]]), np.array([lat - centre[1]]))
    x, y = transform(lon, lat, GEOGRAPHIC, PLANNING)
    assert float((terms @ fitted["x"])[0]) == pytest.approx(float(x), abs=0.2)
    assert float((terms @ fitted["y"])[0]) == pytest.approx(float(y), abs=0.2)


@given(st.floats() | st.integers() | st.text() | st.none() | st.booleans())
def test_plain_values_survive_json(value):
    back = json.loads(json.dumps(features.plain(value), allow_nan=False))
    if isinstance(value, float):
        assert back is None if not math.isfinite(value) else back == pytest.approx(value, abs=1e-6)
    else:
        assert back == value


def test_numpy_values_become_plain():
    values = [np.float32(1.5), np.int64(3), np.float64("nan"), np.bool_(True)]
    assert [features.plain(value) for value in values] == [1.5, 3, None, True]


def test_geometry_has_five_decimals():
    written = features.geometry(Point(105.123456789, 21.987654321))
    assert written == {"type": "Point", "coordinates": [105.12346, 21.98765]}
    assert features.geometry(Polygon()) is None


def unpacked(column):
    """Return a packed column as the page reads it."""
    return column if isinstance(column, list) else [column["words"][i] for i in column["at"]]


@given(st.lists(st.sampled_from(["", "Viettel", "VNPT", None]) | st.text(), max_size=60))
def test_a_packed_column_holds_the_same_values_and_is_never_longer(values):
    written = features.packed(values)
    assert unpacked(written) == values
    assert len(json.dumps(written)) <= len(json.dumps(values))


def test_a_column_of_few_words_is_written_once_each():
    written = features.packed(["Viettel", "VNPT"] * 500)
    assert written["words"] == ["Viettel", "VNPT"]
    assert len(json.dumps(written)) < len(json.dumps(["Viettel", "VNPT"] * 500)) / 3
    assert features.packed([f"BTS{i}" for i in range(9)]) == [f"BTS{i}" for i in range(9)]


def sites_at(points):
    frame = gpd.GeoDataFrame(
        {name: [""] * len(points) for name in col.BTS} | {col.HEIGHT_M: 30.0},
        geometry=[Point(*point) for point in points],
        crs=GEOGRAPHIC,
    )
    frame[col.SITE_ID] = [f"S{i}" for i in range(len(points))]
    return features.sites(SimpleNamespace(sites=frame))


@settings(deadline=None)  # a frame of sites takes long to make, not to pack
@given(st.lists(st.tuples(st.floats(BOUNDS[0], BOUNDS[2]), st.floats(BOUNDS[1], BOUNDS[3]))))
def test_sites_stand_within_a_metre_of_their_places(points):
    written = sites_at(points)
    back = np.add(written["corner"], np.transpose(written["position"]) * written["unit"])
    assert np.abs(back - np.reshape(points, (-1, 2))).max(initial=0.0) <= 0.51e-5
    assert all(min(axis, default=0) == 0 for axis in written["position"])
    assert unpacked(written["columns"][col.SITE_ID]) == [f"S{i}" for i in range(len(points))]
