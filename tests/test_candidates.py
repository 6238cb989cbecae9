"""Where stations may stand: every free position, and new ones that keep their distance."""

import numpy as np
import pytest
import shapely

from phusong import columns as col
from phusong.geodata.landcover import LandCover
from phusong.geodata.terrain import slope_deg
from phusong.scenarios import candidates, criteria, schema


@pytest.fixture(scope="module")
def scenario():
    return schema.load("urban", ["candidates.lattice_m=200"])


@pytest.fixture(scope="module")
def frame(mini_province, scenario):
    return candidates.candidates(mini_province, scenario)


def test_every_position_without_5g_is_a_candidate_once(frame, mini_province):
    shared = frame[frame[col.KIND] == candidates.COLOCATED]
    on_air = set(candidates.live_5g(mini_province)[col.POSITION_ID])
    assert on_air == {"P00"}
    assert sorted(shared[col.POSITION_ID]) == sorted(
        set(mini_province.sites[col.POSITION_ID]) - on_air
    )
    assert frame[col.SITE_ID].is_unique


def test_shared_positions_name_all_operators(frame):
    operators = frame.set_index(col.POSITION_ID)[candidates.OPERATORS]
    assert operators["P01"] == "VNPT, Viettel"
    assert operators["P05"] == "Viettel"


def test_new_candidates_keep_the_rules(frame, mini_province):
    new = frame[frame[col.KIND] == candidates.NEW]
    assert len(new) > 5
    masts = shapely.union_all(mini_province.sites.geometry)
    spacing = np.where(new[candidates.URBAN], 100.0, 400.0)
    distance = new.distance(masts)
    assert (distance >= spacing).all()
    assert np.allclose(distance, new[candidates.NEAREST_M])
    row, column = mini_province.grid.index(new.geometry.x, new.geometry.y)
    land = mini_province.landcover.values[row, column]
    assert not np.isin(land, [LandCover.WATER, LandCover.OUTSIDE]).any()
    assert (slope_deg(mini_province.terrain)[row, column] <= 20).all()


def test_conflicts_are_mutual_and_closer_than_the_spacing(frame, scenario):
    found = candidates.conflicts(frame, scenario)
    assert any(len(others) for others in found.values())
    for one, others in found.items():
        assert frame[col.KIND][one] == candidates.NEW
        assert one not in others
        spacing = 100.0 if frame[candidates.URBAN][one] else 400.0
        for other in others:
            assert frame.geometry[one].distance(frame.geometry[other]) < spacing


def test_kinds_can_be_switched_off(mini_province):
    only = schema.load("urban", ["candidates.new=false"])
    assert set(candidates.candidates(mini_province, only)[col.KIND]) == {candidates.COLOCATED}
    only = schema.load("urban", ["candidates.colocated=false"])
    assert set(candidates.candidates(mini_province, only)[col.KIND]) == {candidates.NEW}
    none = schema.load("urban", ["candidates.new=false", "candidates.colocated=false"])
    assert candidates.candidates(mini_province, none).empty


def test_cost_follows_kind_and_land(mini_province):
    settings = ["cost.colocated=1", "cost.new_urban=2", "cost.new_outside=3"]
    frame = candidates.candidates(mini_province, schema.load("urban", settings))
    shared = frame[col.KIND] == candidates.COLOCATED
    cost = frame[col.COST_MILLION_VND]
    assert (cost[shared] == 1).all()
    assert (cost[~shared & frame[candidates.URBAN]] == 2).all()
    assert (cost[~shared & ~frame[candidates.URBAN]] == 3).all()
    assert set(cost) == {1, 2, 3}


def test_candidates_near_a_zone_belong_to_it(frame, mini_province, scenario):
    zones = criteria.priority_zones(mini_province, scenario)
    reach = zones.geometry.iloc[0].buffer(scenario.zones.near_m)
    inside = frame.within(reach)
    assert (frame[col.ZONE_ID] == "U01")[inside].all()
    assert (frame[col.ZONE_ID] == "")[frame.disjoint(reach)].all()


@pytest.mark.parametrize(
    ("kind", "zones"),
    [("urban", ["U01"]), ("industrial", ["I01"]), ("tourism", ["T01"]), ("province", None)],
)
def test_priority_zones_follow_the_kind(kind, zones, mini_province):
    found = criteria.priority_zones(mini_province, schema.load(kind))
    assert list(found[col.ZONE_ID]) == (zones or ["U01", "I01", "T01"])


def test_status_filters_zones(mini_province):
    scenario = schema.load("urban", ['zones.statuses=["planned"]'])
    assert criteria.priority_zones(mini_province, scenario).empty
    assert criteria.demand(mini_province, scenario).first.sum() == 0


def test_demand_adds_up(mini_province):
    scenario = schema.load(
        "province", ["demand.people=1", "demand.workers=10", "demand.visitors=100"]
    )
    demand = criteria.demand(mini_province, scenario)
    assert demand.people.sum() == 35_500
    assert demand.workers.sum() == pytest.approx(8000)
    assert demand.visitors.sum() == pytest.approx(2500)
    assert demand.weighted.sum() == pytest.approx(35_500 + 80_000 + 250_000)
    assert 0 < demand.first.sum() < demand.weighted.sum()
    assert (demand.first <= demand.weighted).all()
