"""Where stations may stand: every free position, and new ones that keep their distance."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from mini_province import SOUTH_M, WEST_M
from shapely.geometry import LineString

from phusong import columns as col
from phusong.geodata.ground.terrain import slope_deg
from phusong.geodata.network import mast_rules
from phusong.geodata.province import LandCover
from phusong.geodata.provinces import masts
from phusong.scenarios.candidates import colocation, places
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.config import schema


@pytest.fixture(scope="module")
def scenario():
    return schema.load("urban", ["candidates.lattice_m=200"])


@pytest.fixture(scope="module")
def frame(mini_province, scenario):
    return places.candidates(mini_province, scenario)


def test_every_position_without_5g_is_a_candidate_once(frame, mini_province):
    shared = frame[frame[col.KIND] == col.COLOCATED]
    on_air = set(places.live_5g(mini_province)[col.POSITION_ID])
    assert on_air == {"P00"}
    assert sorted(shared[col.POSITION_ID]) == sorted(
        set(mini_province.sites[col.POSITION_ID]) - on_air
    )
    assert frame[col.SITE_ID].is_unique


def test_shared_positions_name_all_operators(frame):
    operators = frame.set_index(col.POSITION_ID)[places.OPERATORS]
    assert operators["P01"] == "VNPT, Viettel"
    assert operators["P05"] == "Viettel"


def published_spacing_m(row):
    """Return the larger of Hải Dương's and Quảng Nam's figures, written out by hand."""
    town = row[col.CLUTTER] in {"urban", "township", "industrial"}
    general = 100.0 if town else 400.0
    mast = (row[col.MAST_CLASS], row[col.MAST_HEIGHT_M] > 15.0)
    by_class = {
        ("A2a", False): (150.0, 200.0),
        ("A2a", True): (200.0, 350.0),
        ("A2b", True): (300.0, 0.0),
    }.get(mast, (0.0, 0.0))
    return max(general, by_class[0] if town else by_class[1])


def new_ones(frame):
    return frame[frame[col.KIND] == col.NEW].reset_index(drop=True)


@pytest.fixture(scope="module", params=["mini", "reference"])
def built(request):
    """Return a province and its new candidates, on a lattice of 200 m or the usual one."""
    province = request.getfixturevalue(f"{request.param}_province")
    settings = ["candidates.lattice_m=200"] if request.param == "mini" else []
    found = places.candidates(province, schema.load("province", settings))
    return province, new_ones(found)


def test_no_new_candidate_is_closer_than_the_rule_to_any_mast(built):
    province, new = built
    assert len(new) > 30
    min_m = new.apply(published_spacing_m, axis=1).to_numpy()
    masts = province.sites.geometry.to_numpy()
    nearest_m = shapely.distance(new.geometry.to_numpy()[:, None], masts[None, :]).min(axis=1)
    assert (nearest_m >= min_m).all()
    assert np.allclose(nearest_m, new[places.NEAREST_M])
    assert (nearest_m < min_m + 300).any()  # and the rule is not simply kept far off


def test_no_new_candidate_stands_in_water_or_on_steep_ground(built):
    province, new = built
    row, column = province.grid.index(new.geometry.x, new.geometry.y)
    land = province.landcover.values[row, column]
    assert not np.isin(land, [LandCover.WATER, LandCover.OUTSIDE]).any()
    assert (slope_deg(province.terrain)[row, column] <= 20).all()


def test_class_of_new_candidates_follows_the_setting(built):
    province, new = built
    tourism = province.zones[province.zones[col.KIND] == "tourism"].union_all()
    centres = shapely.union_all(mast_rules.centres(province.communes))
    special = new.distance(tourism.union(centres)) <= 200.0
    streets = new[col.CLUTTER].isin(["urban", "township"])
    assert set(new[col.MAST_CLASS]) == {"A1", "A2a", "A2b"}
    assert (new[col.MAST_CLASS] == np.select([special, streets], ["A1", "A2a"], "A2b")).all()
    heights = new.groupby([col.CLUTTER, col.MAST_CLASS])[col.HEIGHT_M].unique()
    assert heights.loc["urban", "A2a"].tolist() == [24.0]
    assert heights.loc["rural", "A2b"].tolist() == [42.0]


def test_new_candidates_are_wanted(built):
    """Each stands on settled land or within 500 m of a zone."""
    province, new = built
    row, column = province.grid.index(new.geometry.x, new.geometry.y)
    land = province.landcover.values[row, column]
    settled = np.isin(land, [LandCover.URBAN, LandCover.INDUSTRIAL, LandCover.SETTLEMENT])
    assert (settled | (new.distance(province.zones.union_all()) <= 500.0)).all()
    assert settled.any()
    assert not settled.all()


def test_conflicts_are_all_pairs_closer_than_the_larger_spacing(built):
    _, new = built
    min_m = new.apply(published_spacing_m, axis=1).to_numpy()
    points = new.geometry.to_numpy()
    apart_m = shapely.distance(points[:, None], points[None, :])
    close = apart_m < np.maximum(min_m[:, None], min_m[None, :]) - 1e-6
    np.fill_diagonal(close, val=False)
    found = places.conflicts(new, schema.load("province"))
    assert close.any()
    assert {i: others.tolist() for i, others in found.items()} == {
        i: np.flatnonzero(row).tolist() for i, row in enumerate(close)
    }


def test_conflicts_count_rows_of_the_whole_frame(frame, scenario):
    found = places.conflicts(frame, scenario)
    assert set(frame[col.KIND].iloc[list(found)]) == {col.NEW}
    shared = frame[frame[col.KIND] == col.COLOCATED]
    assert places.conflicts(shared, scenario) == {}
    for one, others in found.items():
        assert all(one in found[other] for other in others)


def test_a_stricter_rule_leaves_fewer_and_keeps_its_distance(mini_province):
    own = ["candidates.lattice_m=200", "candidates.masts.a2b_high.spacing_outside_m=800"]
    new = new_ones(places.candidates(mini_province, schema.load("urban", own)))
    usual = new_ones(places.candidates(mini_province, schema.load("urban", own[:1])))
    ground = (new[col.MAST_CLASS] == "A2b") & (new[col.CLUTTER] == "rural")
    assert (new.loc[ground, places.NEAREST_M] >= 800).all()
    assert len(new) < len(usual)
    assert set(new[col.SITE_ID]) < set(usual[col.SITE_ID])


def test_height_of_new_masts_can_be_given_by_class(mini_province):
    own = ["candidates.lattice_m=200", "candidates.new_height_m={ A2a = 30.0 }"]
    new = new_ones(places.candidates(mini_province, schema.load("urban", own)))
    assert set(new[col.HEIGHT_M][new[col.MAST_CLASS] == "A2a"]) == {30.0}
    assert set(new[col.HEIGHT_M][new[col.MAST_CLASS] == "A2b"]) == {42.0}


def test_new_candidates_come_where_demand_is_not_served(mini_province, scenario, frame):
    grid = mini_province.grid
    assert new_ones(places.candidates(mini_province, scenario, np.zeros(grid.shape, bool))).empty
    everywhere = places.candidates(mini_province, scenario, np.ones(grid.shape, bool))
    assert everywhere.equals(frame)
    west = np.zeros(grid.shape, bool)
    west[:, : grid.width // 2] = True
    edge_m = grid.x_min_m + grid.width // 2 * grid.pixel_m
    half = new_ones(places.candidates(mini_province, scenario, west.ravel()))
    every = new_ones(frame).geometry.x
    assert (half.geometry.x <= edge_m + 100.0).all()  # half a step of the lattice
    assert (every <= edge_m - 100.0).sum() <= len(half) <= (every <= edge_m + 100.0).sum()
    assert 0 < len(half) < len(every)


def test_names_of_new_candidates_say_where_they_stand(frame, scenario):
    """So the same place has the same name in another run."""
    new = new_ones(frame)
    east, north = new[col.POSITION_ID].str.removeprefix("N").str.split("-", expand=True).T.values
    assert (east.astype(int) * scenario.candidates.lattice_m == new.geometry.x).all()
    assert (north.astype(int) * scenario.candidates.lattice_m == new.geometry.y).all()


@pytest.mark.parametrize("policy", ["one_network", "operators", "shared"])
def test_order_of_sites_changes_nothing(reference_province, policy):
    order = np.random.default_rng(2).permutation(len(reference_province.sites))
    turned = reference_province.sites.iloc[order].reset_index(drop=True)
    scenario = schema.load("urban", [f"candidates.policy={policy}"])
    straight = places.candidates(reference_province, scenario)
    again = places.candidates(replace(reference_province, sites=turned), scenario)
    assert straight.equals(again)


@pytest.fixture(scope="module")
def by_operator(reference_province):
    scenario = schema.load("urban", ["candidates.policy=operators"])
    return places.candidates(reference_province, scenario), scenario


def test_operators_use_only_their_own_or_shared_positions(by_operator, reference_province):
    frame, _ = by_operator
    there = reference_province.sites.groupby(col.POSITION_ID)[col.OPERATOR].agg(set)
    shared = frame[frame[col.KIND] == col.COLOCATED]
    guests = []
    for operator, position in zip(shared[col.OPERATOR], shared[col.POSITION_ID], strict=True):
        assert operator in there[position] or len(there[position]) > 1
        guests.append(operator not in there[position])
    assert any(guests)
    assert not all(guests)
    assert set(frame[col.OPERATOR]) == {"Viettel", "VNPT", "MobiFone"}


def test_each_operator_has_one_candidate_a_position_on_its_own_block(by_operator):
    frame, _ = by_operator
    assert frame[col.SITE_ID].is_unique
    assert not frame.duplicated([col.POSITION_ID, col.OPERATOR]).any()
    blocks = frame.groupby(col.OPERATOR)[[col.FREQUENCY_MHZ, col.BANDWIDTH_MHZ]].agg(set)
    assert blocks[col.FREQUENCY_MHZ].to_dict() == {
        "Viettel": {2550.0},
        "VNPT": {3750.0},
        "MobiFone": {3850.0},
    }
    assert (blocks[col.BANDWIDTH_MHZ].map(list) == [[100.0]] * 3).all()


def test_candidates_on_one_mast_can_all_be_built(by_operator, reference_province):
    """Every antenna on a mast, of today or tomorrow, keeps 3 m from the others."""
    frame, _ = by_operator
    sites = reference_province.sites
    sites = sites.drop_duplicates([col.POSITION_ID, col.OPERATOR])  # its technologies hang together
    alone = sites[sites[col.HEIGHT_M] > masts.LOWEST_M]  # the recipe crowds the lowest level
    columns = [col.POSITION_ID, col.HEIGHT_M]
    every = pd.concat([alone[columns], frame[columns]]).sort_values(columns)
    steps = every.groupby(col.POSITION_ID)[col.HEIGHT_M].diff().dropna()
    assert len(steps) > 1000
    assert (steps >= 3.0).all()
    highest = sites.groupby(col.POSITION_ID)[col.HEIGHT_M].max().reindex(frame[col.POSITION_ID])
    old = highest.notna().to_numpy()
    assert (frame[col.HEIGHT_M][old] <= highest.to_numpy()[old] - 3.0).all()


def test_operators_on_one_new_mast_do_not_exclude_each_other(by_operator):
    frame, scenario = by_operator
    found = places.conflicts(frame, scenario)
    position = frame[col.POSITION_ID].to_numpy()
    assert all(position[one] not in position[others] for one, others in found.items())
    owner = frame[col.OPERATOR].to_numpy()
    assert any((owner[others] != owner[one]).any() for one, others in found.items())


def test_every_position_is_a_candidate_or_left_out_with_a_reason(reference_province):
    for policy in ("one_network", "shared"):
        scenario = schema.load("urban", [f"candidates.policy={policy}", "candidates.new=false"])
        frame = places.candidates(reference_province, scenario)
        out = places.left_out(reference_province, scenario)
        positions = [*frame[col.POSITION_ID], *out[col.POSITION_ID]]
        assert sorted(positions) == sorted(set(reference_province.sites[col.POSITION_ID]))
        assert out[col.REASON].isin(list(colocation.LEFT_OUT)).all()
        assert (out[col.REASON] == colocation.LIVE).sum() == 5
        assert (out[col.REASON] == colocation.FULL).any()


def test_one_network_keeps_the_scenarios_own_carrier(frame, scenario):
    layer = scenario.layer_5g
    assert set(frame[col.OPERATOR]) == {""}
    assert set(frame[col.FREQUENCY_MHZ]) == {layer.frequency_mhz}
    assert set(frame[col.BANDWIDTH_MHZ]) == {layer.bandwidth_mhz}
    assert set(frame[col.EIRP_PER_RE_DBM]) == {layer.eirp_per_re_dbm}


def test_colocated_antennas_hang_under_those_of_today(frame):
    height_m = frame.set_index(col.POSITION_ID)[col.HEIGHT_M]
    assert height_m["P01"] == height_m["P05"] == 27.0  # two users at 30 m, and one


def test_kinds_can_be_switched_off(mini_province):
    only = schema.load("urban", ["candidates.new=false"])
    assert set(places.candidates(mini_province, only)[col.KIND]) == {col.COLOCATED}
    only = schema.load("urban", ["candidates.colocated=false"])
    assert set(places.candidates(mini_province, only)[col.KIND]) == {col.NEW}
    none = schema.load("urban", ["candidates.new=false", "candidates.colocated=false"])
    assert places.candidates(mini_province, none).empty


def test_candidates_near_a_zone_belong_to_it(frame, mini_province, scenario):
    zones = demand_.priority_zones(mini_province, scenario)
    away_m = np.column_stack([frame.distance(zone) for zone in zones.geometry])
    near = away_m.min(axis=1) <= scenario.zones.near_m
    assert 0 < near.sum() < len(frame)
    ids = zones[col.ZONE_ID].to_numpy()[away_m.argmin(axis=1)]
    inside = away_m.min(axis=1) == 0.0
    assert (frame[col.ZONE_ID][inside] == ids[inside]).all()
    assert ((frame[col.ZONE_ID] != "") == near).all()


@pytest.mark.parametrize(
    ("kind", "zones"),
    [
        ("urban", ["C90001", "C90002"]),
        ("industrial", ["I01"]),
        ("tourism", ["T01"]),
        ("province", ["C90001", "C90002", "I01", "T01"]),
    ],
)
def test_priority_zones_follow_the_kind(kind, zones, mini_province):
    found = demand_.priority_zones(mini_province, schema.load(kind))
    assert list(found[col.ZONE_ID]) == zones


def test_status_filters_zones(mini_province):
    scenario = schema.load("urban", ['zones.statuses=["planned"]', "tiers=[]"])
    assert demand_.priority_zones(mini_province, scenario).empty
    assert demand_.demand(mini_province, scenario).first.sum() == 0


def test_demand_adds_up(mini_province):
    scenario = schema.load(
        "province", ["demand.people=1", "demand.workers=10", "demand.visitors=100"]
    )
    demand = demand_.demand(mini_province, scenario)
    assert demand.people.sum() == 35_500
    assert demand.workers.sum() == pytest.approx(8000)
    assert demand.visitors.sum() == pytest.approx(2500)
    every = 35_500 + 80_000 + 250_000
    inside = demand.first.sum()
    assert 0 < inside < every
    assert demand.weighted.sum() == pytest.approx(every)
    assert (demand.first <= demand.weighted).all()
    assert demand.area_km2.sum() == pytest.approx(36.0)
    assert not demand.road_km.any()


def test_roads_are_counted_by_length_inside_the_province(mini_province):
    x_m, y_m = WEST_M + 1000.0, SOUTH_M + 1500.0
    lines = [LineString([(x_m, y_m), (x_m + 2000.0, y_m)]), LineString([(0, 0), (500, 500)])]
    roads = gpd.GeoDataFrame(geometry=lines, crs=mini_province.communes.crs)
    found = demand_.demand(mini_province, schema.load("urban"), roads).road_km
    assert found.sum() == pytest.approx(2.0)
    assert found.max() <= 0.0301


def test_planned_sites_are_candidates_and_those_switched_off_are_neither(mini_province, scenario):
    sites = mini_province.sites.copy()
    planned, off = sites[col.POSITION_ID] == "P05", sites[col.POSITION_ID] == "P07"
    sites.loc[planned, col.STATUS], sites.loc[off, col.STATUS] = "planned", "off"
    province = replace(mini_province, sites=sites)
    assert len(province.live) == len(sites) - int(planned.sum()) - int(off.sum())
    frame = places.candidates(province, scenario)
    of = frame.groupby(col.POSITION_ID)[col.KIND].agg(set)
    assert of["P05"] == {col.NEW}
    assert "P07" not in of.index
    assert set(frame.loc[frame[col.POSITION_ID] == "P05", places.OPERATORS]) == {""}


def test_a_planned_5g_station_does_not_cover(mini_province):
    sites = mini_province.sites.copy()
    sites.loc[sites[col.POSITION_ID] == "P00", col.STATUS] = "planned"
    assert len(places.live_5g(mini_province)) == 1
    assert places.live_5g(replace(mini_province, sites=sites)).empty
