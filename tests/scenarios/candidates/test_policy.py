"""Policy priority: pilot communes, operating parks, tourism areas and centres of cities."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from phusong import columns as col
from phusong.geodata import reference
from phusong.scenarios.candidates.policy import REACH_M, policy_priority

PILOTS = {"Lãng Công", "Hướng Đạo", "Thổ Tang", "Tam Đảo"}


def frame(places, communes):
    rows = {col.COMMUNE_CODE: communes}
    return gpd.GeoDataFrame(rows, geometry=places, crs="EPSG:5897")


def test_codes_of_the_pilot_communes_are_theirs():
    named = reference.table("communes").set_index("code")[["commune", "commune_full"]]
    pilots = reference.table("priorities").dropna(subset=[col.COMMUNE_CODE])
    found = named.loc[pilots[col.COMMUNE_CODE]]
    assert set(found["commune"]) == PILOTS
    assert found["commune_full"].tolist() == pilots["name"].tolist()


def test_priorities_lie_between_none_and_one():
    assert reference.table("priorities")["priority"].between(0, 1, inclusive="right").all()


def test_pilot_communes_come_before_their_neighbours(mini_province):
    far = [Point(0, 0)] * 3
    found = policy_priority(frame(far, ["08773", "08776", "09112"]), mini_province)
    assert found.tolist() == [0.5, 0.0, 0.5]


def test_parks_reach_to_their_edge_and_no_farther(mini_province):
    park = mini_province.zones.set_index(col.KIND).geometry["industrial"]
    east, y = park.bounds[2], park.centroid.y
    places = [park.centroid, Point(east + REACH_M - 1, y), Point(east + REACH_M + 1, y)]
    found = policy_priority(frame(places, ["90002"] * 3), mini_province)
    assert found.tolist() == [1.0, 1.0, 0.0]


def test_the_higher_of_park_and_pilot_holds(mini_province):
    park = mini_province.zones.set_index(col.KIND).geometry["industrial"]
    found = policy_priority(frame([park.centroid], ["08881"]), mini_province)
    assert found.tolist() == [1.0]


@pytest.mark.parametrize("status", ["planned", "building", "unknown"])
def test_only_what_operates_counts(mini_province, status):
    zones = mini_province.zones.assign(**{col.STATUS: status})
    province = mini_province.__class__(**{**vars(mini_province), "zones": zones})
    places = frame(zones.centroid, ["90001"] * len(zones))
    assert policy_priority(places, province).max() == 0.0


def test_clusters_and_townships_do_not_count(mini_province):
    categories = ["township", "industrial_cluster", "tourism"]
    zones = mini_province.zones.assign(**{col.CATEGORY: categories})
    province = mini_province.__class__(**{**vars(mini_province), "zones": zones})
    found = policy_priority(frame(zones.centroid, ["90001"] * 3), province)
    assert found.tolist() == [0.0, 0.0, 1.0]


def test_the_centres_of_the_cities_come_first(reference_province):
    zones = reference_province.zones
    cores = zones[zones[col.CATEGORY] == "urban_core"]
    places = frame(cores.representative_point().to_list(), ["90001"] * len(cores))
    assert len(cores) >= 2
    assert (policy_priority(places, reference_province) == 1.0).all()


def test_order_of_candidates_changes_nothing(reference_province):
    rng = np.random.default_rng(3)
    sites = reference_province.sites
    order = rng.permutation(len(sites))
    straight = policy_priority(sites, reference_province)
    turned = policy_priority(sites.iloc[order], reference_province)
    assert (turned == straight[order]).all()
    assert set(straight) == {0.0, 0.5, 1.0}
