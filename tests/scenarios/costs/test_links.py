"""Backhaul: what a link costs and when it is clear, and how near the best the tree is."""

from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mini_province import SIDE_M, SOUTH_M, WEST_M
from shapely.geometry import LineString, Point

from phusong import columns as col
from phusong.coverage import profile
from phusong.coverage.area import sight
from phusong.coverage.units import wavelength_m
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.measured import profiles
from phusong.geodata.province import LandCover
from phusong.geodata.writers import vector
from phusong.meanings import COLUMNS
from phusong.scenarios.candidates import places
from phusong.scenarios.config import schema
from phusong.scenarios.costs import fibre, links, steiner
from phusong.scenarios.costs.backhaul_rates import BackhaulRates

VIETNAM = {"currency_per_usd": 23_898.0}
RATES = BackhaulRates(currency_per_usd=24_000.0)
FIBRE = ["P01", "P06"]


@pytest.fixture(scope="module")
def frame(mini_province):
    return places.candidates(mini_province, schema.load("urban", ["candidates.lattice_m=200"]))


@pytest.fixture(scope="module")
def points(mini_province):
    every = fibre.existing(mini_province.sites)
    return every[every[col.POSITION_ID].isin(FIBRE)]


@pytest.fixture(scope="module")
def graph(mini_province, frame, points):
    return links.network(mini_province, frame, points, RATES)


def roads(*lines):
    shapes = [LineString([(WEST_M + x, SOUTH_M + y) for x, y in line]) for line in lines]
    return gpd.GeoDataFrame(geometry=shapes, crs=crs.PLANNING)


def edges(graph):
    return {
        frozenset((a, b)): (link[col.KIND], link[col.LENGTH_M], link[col.COST_MILLION])
        for a, b, link in graph.edges(data=True)
    }


def at(graph, node):
    return np.array([graph.nodes[node][col.X_M], graph.nodes[node][col.Y_M]])


def test_price_of_fibre_by_hand():
    """20, 12 and 7 USD a metre at 24,000 VND: 0.48, 0.288 and 0.168 million VND."""
    classes = np.array([LandCover.URBAN, LandCover.SETTLEMENT, LandCover.FOREST])
    price = RATES.fibre_million_per_m(classes)
    assert price == pytest.approx([0.48, 0.288, 0.168])
    assert replace(RATES, price_level=0.42).fibre_million_per_m(classes) == pytest.approx(
        0.42 * price
    )


def test_price_of_a_hop_by_its_length():
    far = replace(RATES, max_hop_m=50_000.0)
    cost = far.microwave_million(np.array([1.0, 10_000.0, 10_001.0, 30_001.0, 45_001.0]))
    assert cost == pytest.approx([381.6, 381.6, 405.6, 459.84, np.inf])
    assert RATES.microwave_million(np.array([5_001.0]))[0] == np.inf


def test_every_candidate_has_a_node_and_a_way(graph, frame):
    assert set(links.node_ids(frame)) <= set(graph)
    assert nx.is_connected(graph)


def test_straight_fibre_costs_its_length_times_detour_and_price(graph):
    for pair, (kind, length_m, cost) in edges(graph).items():
        if kind == links.FIBRE:
            a, b = sorted(pair)
            assert length_m == pytest.approx(1.3 * np.hypot(*(at(graph, a) - at(graph, b))))
            assert 0.168 - 1e-9 <= cost / length_m <= 0.48 + 1e-9


def test_microwave_is_clear_by_the_terms_of_a_single_link(mini_province, frame, points):
    """Dear fibre: every hop that is in reach and clear is taken, and no other."""
    dear = {f"fibre_{setting}_usd_per_m": 1e5 for setting in ("urban", "suburban", "rural")}
    rates = BackhaulRates(**VIETNAM, **dear, max_hop_m=2_500.0, upgrade_usd=1e9)
    taken = links.network(mini_province, frame, points, rates)
    ground = profiles.Ground(mini_province.terrain, mini_province.landcover, {})
    height_m = dict(zip(links.node_ids(frame), frame[col.HEIGHT_M], strict=True)) | {"P00": 30.0}
    seen = {True: 0, False: 0}
    for a, b, link in taken.edges(data=True):
        length_m = np.hypot(*(at(taken, a) - at(taken, b)))
        ends = []
        for node in (a, b):
            lon, lat = crs.transform(*at(taken, node), crs.PLANNING, crs.GEOGRAPHIC)
            ends.append(profiles.Place(float(lon), float(lat), height_m[node]))
        cut = profiles.along(ground, *ends)
        top_m = profile.surface_m(cut.height_m, cut.clutter_m)
        masts_m = (top_m[0] + ends[0].height_m, top_m[-1] + ends[1].height_m)
        clear, _ = profile.fresnel_clearance(
            cut.distance_km,
            top_m,
            *masts_m,
            sight.EFFECTIVE_RADIUS_KM,
            float(wavelength_m(18_000.0)),
        )
        if abs(clear - 0.6) > 0.05:
            wanted = bool(clear >= 0.6 and length_m <= 2_500.0)
            assert (link[col.KIND] == links.MICROWAVE) == wanted
            seen[wanted] += 1
    assert min(seen.values()) > 5


def test_dear_fibre_makes_new_stations_take_hops(mini_province, frame, points):
    dear = {f"fibre_{setting}_usd_per_m": 1e5 for setting in ("urban", "suburban", "rural")}
    graph = links.network(mini_province, frame, points, replace(RATES, **dear))
    new = frame[frame[col.KIND] == col.NEW]
    alone = links.standalone_cost(graph, new, FIBRE)
    assert alone[col.BACKHAUL_MILLION].min() == pytest.approx(381.6)
    first = new.loc[[alone[col.BACKHAUL_MILLION].idxmin()]]
    table = steiner.edges_frame(
        graph, steiner.tree(graph, links.node_ids(first), FIBRE), crs.PLANNING
    )
    assert table[col.KIND].to_list() == [links.MICROWAVE]
    assert table[col.LENGTH_M].iloc[0] == pytest.approx(table.length.iloc[0])


def test_positions_without_fibre_have_one_link_to_upgrade(graph, points, mini_province, frame):
    free = links.network(mini_province, frame, points, BackhaulRates(**VIETNAM, upgrade_usd=0.0))
    upgraded = [pair for pair, link in edges(free).items() if link[0] == links.UPGRADE]
    masts = set(mini_province.sites[col.POSITION_ID])
    assert sorted(n for pair in upgraded for n in pair - set(FIBRE)) == sorted(masts - set(FIBRE))
    assert all(len(pair & set(FIBRE)) == 1 for pair in upgraded)
    cost = links.standalone_cost(free, frame, FIBRE)[col.BACKHAUL_MILLION]
    assert (cost[frame[col.KIND] == col.COLOCATED] == 0.0).all()
    dear = links.standalone_cost(graph, frame, FIBRE)[col.BACKHAUL_MILLION]
    shared = frame[col.POSITION_ID].isin(masts - set(FIBRE))
    assert (dear[shared] > 0).all()
    assert (dear[shared] <= RATES.million(RATES.upgrade_usd) + 1e-9).all()


def test_order_of_rows_is_nothing(mini_province, frame, points, graph):
    turned = replace(mini_province, sites=mini_province.sites.iloc[::-1])
    again = links.network(turned, frame.iloc[::-1], points.iloc[::-1], RATES)
    assert edges(again) == edges(graph)
    stations = links.node_ids(frame)
    one, other = (
        steiner.edges_frame(g, steiner.tree(g, s, f), crs.PLANNING)
        for g, s, f in ((graph, stations, FIBRE), (again, stations[::-1], FIBRE[::-1]))
    )
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_no_fibre_at_all_is_an_error(mini_province, frame, points, graph):
    with pytest.raises(InputError, match="there is no fibre point .raise the share"):
        links.network(mini_province, frame, points.iloc[:0], RATES)
    with pytest.raises(InputError, match="there is no fibre point"):
        steiner.tree(graph, ["P02"], [])
    with pytest.raises(InputError, match="there is no fibre point"):
        links.standalone_cost(graph, frame, [])


def test_strangers_to_the_network_are_named_all_at_once(graph):
    with pytest.raises(InputError, match="2 defects") as error:
        steiner.tree(graph, ["P02", "P98", "P99"], FIBRE)
    assert "P98: is a station that the network does not have" in str(error.value)
    with pytest.raises(InputError, match="P77: is a fibre point that the network does not have"):
        steiner.tree(graph, ["P02"], ["P01", "P77"])


def test_a_station_that_cannot_be_joined_is_named():
    apart = made({("a", "b"): 1.0})
    apart.add_node("c", **{col.KIND: links.EXISTING})
    with pytest.raises(InputError, match="c: cannot reach fibre"):
        steiner.tree(apart, ["b", "c"], ["a"])


def test_a_listed_fibre_point_without_a_mast_takes_no_microwave(mini_province, frame):
    lone = gpd.GeoDataFrame(
        {col.POSITION_ID: ["fibre X"]},
        geometry=[Point(WEST_M + 0.5 * SIDE_M, SOUTH_M + 0.5 * SIDE_M)],
        crs=crs.PLANNING,
    )
    graph = links.network(mini_province, frame, lone, RATES)
    kinds = {link[0] for pair, link in edges(graph).items() if "fibre X" in pair}
    assert links.FIBRE in kinds
    assert links.MICROWAVE not in kinds
    cost = links.standalone_cost(graph, frame, ["fibre X"])
    assert (cost[col.BACKHAUL_MILLION] > 0).all()


def test_fibre_at_the_position_costs_nothing(graph, frame):
    alone = links.standalone_cost(graph, frame, FIBRE)
    assert alone.index.equals(frame.index)
    here = frame[col.POSITION_ID].isin(FIBRE)
    assert (alone[here] == 0.0).all().all()
    assert (alone[~here] > 0.0).all().all()


def test_ways_lead_over_no_candidate_that_may_not_be_built(graph, frame):
    """The second way: the shortest path in the graph of masts and one new candidate."""
    alone = links.standalone_cost(graph, frame, FIBRE)[col.BACKHAUL_MILLION]
    kind = nx.get_node_attributes(graph, col.KIND)
    masts = {node for node in graph if kind[node] != col.NEW}
    for node, cost in list(zip(links.node_ids(frame), alone, strict=True))[::7]:
        part = graph.subgraph(masts | {node})
        best, _ = nx.multi_source_dijkstra(part, FIBRE, node, weight=col.COST_MILLION)
        assert cost == pytest.approx(best)


place = st.tuples(st.floats(300, 5700), st.floats(300, 5700))
road = st.lists(place, min_size=2, max_size=5, unique=True)


@settings(deadline=None, max_examples=12)
@given(st.lists(road, min_size=1, max_size=3), road)
def test_a_further_road_never_raises_a_cost(mini_province, frame, points, lines, more):
    few = frame.iloc[::9]
    near = BackhaulRates(**VIETNAM, road_access_m=1500.0)
    cost = [
        links.standalone_cost(links.network(mini_province, few, points, near, layer), few, FIBRE)[
            col.BACKHAUL_MILLION
        ]
        for layer in (None, roads(*lines), roads(*lines, more))
    ]
    assert (cost[1] <= cost[0] + 1e-6).all()
    assert (cost[2] <= cost[1] + 1e-6).all()


def test_a_straight_road_saves_the_detour(mini_province, points, frame):
    """A road from the mast to fibre costs its own length, not 1.3 times it."""
    x, y = (points.geometry.iloc[0].x - WEST_M, points.geometry.iloc[0].y - SOUTH_M)
    far = fibre.existing(mini_province.sites).iloc[9]
    layer = roads([(x, y), (far.geometry.x - WEST_M, far.geometry.y - SOUTH_M)])
    rates = BackhaulRates(**VIETNAM, upgrade_usd=1e9, max_hop_m=1.0)
    graph = links.network(mini_province, frame, points, rates, layer)
    built = steiner.tree(graph, ["P09"], ["P01"])
    table = steiner.edges_frame(graph, built, crs.PLANNING)
    assert table[col.LENGTH_M].sum() == pytest.approx(layer.length.iloc[0], rel=1e-3)
    assert len(table) <= 3  # pieces of one road are one line
    assert table.length.sum() == pytest.approx(layer.length.iloc[0], rel=1e-3)


def test_layer_of_links(graph, frame, tmp_path):
    stations = links.node_ids(frame)
    built = steiner.tree(graph, stations, FIBRE)
    table = steiner.edges_frame(graph, built, crs.PLANNING)
    assert [*table.columns] == [*col.BACKHAUL, "geometry"]
    assert set(col.BACKHAUL) <= set(COLUMNS)
    assert table.crs == crs.PLANNING
    assert table[col.COST_MILLION].sum() == pytest.approx(built.cost_million)
    last = table[table[col.TO_ID].isin(FIBRE)]
    assert last[col.STATIONS].sum() == len(set(stations) - set(FIBRE))
    vector.write_geojson(tmp_path / "backhaul.geojson", table, col.BACKHAUL)
    assert len(gpd.read_file(tmp_path / "backhaul.geojson")) == len(table)


def test_nothing_to_build_is_an_empty_layer(graph):
    for stations in ([], ["P01"]):
        built = steiner.tree(graph, stations, FIBRE)
        assert (built.links, built.cost_million, built.bound_million) == ((), 0.0, 0.0)
        table = steiner.edges_frame(graph, built, crs.PLANNING)
        assert table.empty
        assert [*table.columns] == [*col.BACKHAUL, "geometry"]


def made(costs):
    """Return a graph of existing positions with these costs."""
    graph = nx.Graph()
    for (a, b), cost in costs.items():
        for node in (a, b):
            graph.add_node(node, **{col.KIND: links.EXISTING, col.X_M: 0.0, col.Y_M: 0.0})
        told = {col.KIND: links.FIBRE, col.LENGTH_M: cost, col.COST_MILLION: cost}
        graph.add_edge(a, b, **told)
    return graph


def best_by_force(graph, stations, sources):
    """Return the cost of the best tree: the cheapest over every choice of further nodes."""
    joined = nx.Graph()
    joined.add_weighted_edges_from(graph.edges(data=col.COST_MILLION))
    joined.add_weighted_edges_from(("", source, 0.0) for source in sources)
    needed = {"", *stations}
    free = [node for node in joined if node not in needed]
    best = np.inf
    for size in range(len(free) + 1):
        for more in combinations(free, size):
            part = joined.subgraph(needed | set(more))
            if nx.is_connected(part):
                best = min(best, nx.minimum_spanning_tree(part).size(weight="weight"))
    return best


costs = st.lists(st.integers(1, 40), min_size=21, max_size=21)
absent = st.lists(st.booleans(), min_size=21, max_size=21)


@settings(deadline=None, max_examples=80)
@given(costs, absent, st.integers(1, 5), st.integers(1, 2))
def test_tree_against_brute_force(prices, missing, wanted, given_fibre):
    pairs = combinations("abcdefg", 2)
    graph = made(
        {p: float(c) for p, c, no in zip(pairs, prices, missing, strict=True) if not no} or {}
    )
    stations, sources = list("gfedc")[:wanted], list("ab")[:given_fibre]
    assume(set(stations) | set(sources) <= set(graph))
    assume(all(any(nx.has_path(graph, s, f) for f in sources) for s in stations))
    built = steiner.tree(graph, stations, sources)
    best = best_by_force(graph, stations, sources)
    factor = 2 * (1 - 1 / (wanted + 1))
    assert best - 1e-9 <= built.cost_million <= factor * best + 1e-9
    assert best / 2 - 1e-9 <= built.bound_million <= best + 1e-9
    alone, _ = nx.multi_source_dijkstra(graph, set(sources), weight=col.COST_MILLION)
    assert max(alone[s] for s in stations) - 1e-9 <= built.cost_million
    assert built.cost_million <= sum(alone[s] for s in stations) + 1e-9
    check_joined(built, stations, sources)


def check_joined(built, stations, sources):
    """Follow every station to fibre, and count who passes each link."""
    towards = {link.from_id: link.to_id for link in built.links}
    assert len(towards) == len(built.links)
    passing = dict.fromkeys(towards, 0)
    for station in stations:
        node = station
        while node in towards:
            passing[node] += 1
            node = towards[node]
        assert node in sources
    assert [passing[link.from_id] for link in built.links] == [n for *_, n in built.links]


def test_every_station_is_joined_at_no_more_than_alone(graph, frame):
    stations = links.node_ids(frame)
    built = steiner.tree(graph, stations, FIBRE)
    check_joined(built, stations, FIBRE)
    alone = links.standalone_cost(graph, frame, FIBRE)[col.BACKHAUL_MILLION]
    assert alone.max() <= built.cost_million <= alone.sum()
    assert 0.5 <= built.bound_million / built.cost_million <= 1.0


def test_a_second_method_is_not_much_cheaper(graph, frame):
    """The tree of networkx (Mehlhorn, 1988), which is within a factor 2 as well."""
    stations = links.node_ids(frame)
    whole = graph.copy()
    whole.add_edges_from(("", node, {col.COST_MILLION: 0.0}) for node in FIBRE)
    other = nx.algorithms.approximation.steiner_tree(
        whole, ["", *stations], weight=col.COST_MILLION, method="mehlhorn"
    )
    built = steiner.tree(graph, stations, FIBRE)
    assert built.cost_million <= 1.02 * other.size(weight=col.COST_MILLION)
    assert built.bound_million <= other.size(weight=col.COST_MILLION)


def test_candidates_that_are_not_built_carry_nothing(graph, frame):
    new = [n for n in links.node_ids(frame) if graph.nodes[n][col.KIND] == col.NEW]
    built = steiner.tree(graph, [new[0]], FIBRE)
    used = {node for link in built.links for node in link[:2]}
    assert used & set(new) == {new[0]}


def test_neighbours_share_their_way():
    """Three stations in a row: one trunk of 10, not three."""
    built = steiner.tree(made({("f", "a"): 10.0, ("a", "b"): 1.0, ("b", "c"): 1.0}), "abc", ["f"])
    assert built.cost_million == 12.0
    assert built.bound_million == 11.0  # three moats of 0.5, then one of 9.5
    assert built.links == (("a", "f", 3), ("b", "a", 2), ("c", "b", 1))
