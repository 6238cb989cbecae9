"""Zones: every published area is kept, none is lost, and people add up to what is known."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from phusong import columns
from phusong.geodata import crs
from phusong.geodata.provinces import zone_reader, zones
from phusong.geodata.units import admin

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def communes():
    return admin.reference_communes()


@pytest.fixture(scope="module")
def layer(communes):
    return zones.reference_zones(communes)


def test_there_are_64_zones_with_the_right_columns(layer):
    assert tuple(layer.columns) == (*columns.ZONES, "geometry")
    assert layer[columns.KIND].value_counts().to_dict() == {
        "urban": 25,
        "industrial": 23,
        "tourism": 16,
    }
    assert set(layer[columns.STATUS]) <= set(zone_reader.STATUSES)
    assert layer[columns.ZONE_ID].is_unique
    assert (layer[columns.ZONE_ID].str[0] == layer[columns.KIND].str[0].str.upper()).all()


def test_towns_are_operating(layer):
    towns = layer[layer[columns.CATEGORY].isin(["urban_core", "township"])]
    assert len(towns) == 21
    assert (towns[columns.STATUS] == "operating").all()


def test_nine_operating_parks_have_the_published_area(layer):
    parks = layer[layer[columns.CATEGORY] == "industrial_park"]
    parks = parks[parks[columns.STATUS] == "operating"]
    assert len(parks) == 9
    assert parks[columns.AREA_HA].sum() == pytest.approx(1840.75)


def test_polygons_are_whole_inside_the_province_and_of_their_area(layer, communes):
    province = shapely.union_all(communes.geometry.to_numpy()).buffer(0.01)
    assert layer.is_valid.all()
    assert (layer.geom_type.isin(["Polygon", "MultiPolygon"])).all()
    assert shapely.covers(province, layer.geometry.to_numpy()).all()
    ratio = layer.area.to_numpy() / 1e4 / layer[columns.AREA_HA].to_numpy()
    assert ratio.min() > 0.9
    assert ratio.max() < 1.01


def test_industrial_zones_do_not_overlap(layer):
    solid = layer[layer[columns.CATEGORY].isin(zones.SOLID)].geometry.to_numpy()
    assert shapely.union_all(solid).area == pytest.approx(shapely.area(solid).sum(), rel=1e-9)


def test_workers_add_up_to_those_of_all_parks(layer):
    parks = layer[layer[columns.CATEGORY] == "industrial_park"]
    assert parks[columns.WORKERS].sum() == pytest.approx(zones.PARK_WORKERS, abs=5)
    by_id = layer.set_index(columns.ZONE_ID)[columns.WORKERS]
    assert (by_id["I01"], by_id["I05"]) == (40_000, 21_000)
    idle = layer[(layer[columns.STATUS] != "operating") | (layer[columns.KIND] != "industrial")]
    assert (idle[columns.WORKERS] == 0).all()


def test_visitors_keep_the_known_figures_and_the_peak_day(layer):
    by_id = layer.set_index(columns.ZONE_ID)[columns.VISITORS]
    assert (by_id["T01"], by_id["T03"]) == (5_000, 20_000)
    assert by_id.sum() <= zones.DAY_AVERAGE_VISITORS * zones.PEAK_FACTOR
    rest = by_id.drop("T03")
    assert rest.max() <= zones.MAX_VISITORS
    assert (by_id[~by_id.index.str.startswith("T")] == 0).all()


def test_an_assumed_area_is_said_to_be_assumed(layer):
    assumed = layer[columns.SOURCE].str.contains(zones.ASSUMED_AREA)
    default = layer[columns.CATEGORY].map(zones.DEFAULT_AREA_HA)
    assert assumed.sum() == 36
    assert (layer[columns.AREA_HA][assumed] == default[assumed]).all()


def test_codes_are_those_of_the_place(layer, communes):
    district = communes.set_index(columns.COMMUNE_CODE)[columns.DISTRICT_CODE]
    assert (layer[columns.COMMUNE_CODE].map(district) == layer[columns.DISTRICT_CODE]).all()
    by_id = layer.set_index(columns.ZONE_ID)[columns.COMMUNE_CODE]
    assert by_id["I01"] == "08728"  # Khai Quang
    assert by_id["T01"] == "08908"  # Tam Dao


@pytest.mark.skipif(not DATA.is_dir(), reason="the true polygons are not at hand (../shared/data)")
@pytest.mark.parametrize("units", ["communes", "communes_2025"])
def test_zones_fit_true_polygons_with_and_without_districts(units):
    table = gpd.read_file(DATA / f"{units}.geojson").to_crs(crs.PLANNING)
    table = table.rename(columns={"code": columns.COMMUNE_CODE})
    if columns.DISTRICT_CODE not in table:
        table[columns.DISTRICT_CODE] = ""
    layer = zones.reference_zones(table)
    assert len(layer) == 64
    assert layer.is_valid.all()
    assert (layer.area.to_numpy() / 1e4 / layer[columns.AREA_HA].to_numpy() > 0.7).all()


def test_zones_outside_the_communes_are_left_out(communes):
    city = communes[communes[columns.DISTRICT_CODE] == "243"].reset_index(drop=True)
    layer = zones.reference_zones(city)
    assert set(layer[columns.DISTRICT_CODE]) == {"243"}
    assert 0 < len(layer) < 12
    assert (layer.area > 0).all()


def test_no_zones_still_have_their_columns_and_kinds_of_number():
    layer = zones.empty(crs.PLANNING)
    assert len(layer) == 0
    assert tuple(layer.columns) == (*columns.ZONES, "geometry")
    assert layer[columns.WORKERS].dtype == np.int64
