"""Roads as a network: ways along them are those of geometry, and further roads only add ways."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiLineString, Point

from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.ground import roads

WEST_M, SOUTH_M = 560_000.0, 2_360_000.0


def line(*points):
    return LineString([(WEST_M + x, SOUTH_M + y) for x, y in points])


def frame(*shapes):
    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs.PLANNING)


def noded(shapes, places=(), reach_m=50.0, snap_m=1.0):
    at = np.array(places, float).reshape(-1, 2) + np.array([WEST_M, SOUTH_M])
    return roads.noded(frame(*shapes), at, reach_m, snap_m)


def ways(net):
    """Return the network as a graph; places are (0, row), nodes (1, row)."""
    graph = nx.Graph()
    for (a, b), length_m in zip(net.ends.tolist(), net.length_m, strict=True):
        graph.add_edge((1, a), (1, b), m=length_m)
    for (place, node), length_m in zip(net.access.tolist(), net.access_m, strict=True):
        graph.add_edge((0, place), (1, node), m=length_m)
    return graph


def way_m(net, a=0, b=1):
    return nx.shortest_path_length(ways(net), (0, a), (0, b), weight="m")


def test_way_along_a_bent_road():
    """Places 20 m beside the legs of a corner: 20 + 60 + 80 + 20 m."""
    net = noded([line((0, 0), (100, 0), (100, 100))], [(40, 20), (80, 80)])
    assert way_m(net) == pytest.approx(20 + 60 + 80 + 20)


def test_roads_join_where_ends_nearly_meet():
    parts = [line((0, 0), (50, 0)), line((50.6, 0), (100, 0))]
    places = [(0, 10), (100, 10)]
    assert way_m(noded(parts, places)) == pytest.approx(120.0)
    with pytest.raises(nx.NetworkXNoPath):
        way_m(noded(parts, places, snap_m=0.5))


def test_roads_that_cross_without_a_vertex_do_not_join():
    over = [line((0, 0), (100, 0)), line((50, -50), (50, 50))]
    with pytest.raises(nx.NetworkXNoPath):
        way_m(noded(over, [(0, 1), (50, 49)], reach_m=5.0))


def test_a_place_beyond_reach_has_no_way():
    assert noded([line((0, 0), (100, 0))], [(40, 51)]).access.size == 0


def test_a_road_without_length_is_none():
    net = noded([line((0, 0), (0, 0))], [(0, 1)])
    assert (net.x_m.size, net.ends.size, net.access.size) == (0, 0, 0)


def test_parts_of_a_multiline_are_lines():
    parts = MultiLineString([line((0, 0), (50, 0)), line((50, 0), (50, 70))])
    assert way_m(noded([parts], [(0, 5), (55, 70)], reach_m=20.0)) == pytest.approx(5 + 50 + 70 + 5)


def test_dense_vertices_keep_their_length():
    """Vertices nearer than the snap distance must not shrink a road."""
    dense = line(*((0.25 * i, 0.0) for i in range(401)))
    assert way_m(noded([dense], [(0, 3), (100, 3)])) == pytest.approx(106.0)


point = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda p: (25.0 * p[0], 25.0 * p[1]))
road = st.lists(point, min_size=2, max_size=4, unique=True).map(lambda points: line(*points))
PLACES = [(10.0, 10.0), (180.0, 170.0), (20.0, 190.0)]


@settings(deadline=None, max_examples=60)
@given(st.lists(road, min_size=1, max_size=5), road, st.randoms(use_true_random=False))
def test_order_is_nothing_and_a_road_more_never_makes_a_way_longer(shapes, more, chance):
    net = noded(shapes, PLACES)
    shuffled = list(shapes)
    chance.shuffle(shuffled)
    again = noded(shuffled, PLACES)
    assert again.ends.tolist() == net.ends.tolist()
    assert again.length_m == pytest.approx(net.length_m)
    before, after = ways(net), ways(noded([*shapes, more], PLACES))
    for a, b in ((0, 1), (0, 2), (1, 2)):
        if before.has_node((0, a)) and before.has_node((0, b)):
            try:
                length_m = nx.shortest_path_length(before, (0, a), (0, b), weight="m")
            except nx.NetworkXNoPath:
                continue
            assert nx.shortest_path_length(after, (0, a), (0, b), weight="m") <= length_m + 1e-6


def saved(tmp_path, *shapes, at=crs.PLANNING):
    path = tmp_path / "roads.gpkg"
    gpd.GeoDataFrame(geometry=list(shapes), crs=at).to_file(path)
    return path


def test_roads_are_read_in_the_planning_crs(tmp_path):
    path = tmp_path / "roads.geojson"
    frame(line((0, 0), (100, 0))).to_crs(crs.GEOGRAPHIC).to_file(path)
    found = roads.read_roads(path)
    assert found.crs == crs.PLANNING
    assert found.length.to_list() == pytest.approx([100.0], abs=0.5)


def test_what_is_not_a_road_is_told_by_feature(tmp_path):
    path = saved(tmp_path, line((0, 0), (1, 1)), Point(WEST_M, SOUTH_M))
    with pytest.raises(InputError, match=r"gpkg:2: its geometry is Point, a line is needed"):
        roads.read_roads(path)
    table = tmp_path / "roads.csv"
    table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no geometry"):
        roads.read_roads(table)


def test_roads_in_another_country_are_a_wrong_crs(tmp_path):
    path = saved(tmp_path, LineString([(2.0, 48.0), (2.1, 48.1)]), at=crs.GEOGRAPHIC)
    with pytest.raises(InputError, match="lies outside Vietnam"):
        roads.read_roads(path)
