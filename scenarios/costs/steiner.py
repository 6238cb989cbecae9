"""The cheapest tree of links that joins stations to fibre, nearly: and how near it must be."""

import heapq
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import networkx as nx
from geopandas import GeoDataFrame
from shapely import LineString

from phusong import columns as col
from phusong.scenarios.costs.links import ROAD, fibre_nodes, known, reached

ROOT = ""  # the node that stands for the whole fibre network

Neighbours = Mapping[str, Sequence[tuple[str, float]]]


class Link(NamedTuple):
    """A link of a tree, from its far end towards fibre, and how many stations share it."""

    from_id: str
    to_id: str
    stations: int


@dataclass(frozen=True)
class Tree:
    """Links that join all stations to fibre, their cost, and what no tree can cost less than."""

    links: tuple[Link, ...]
    cost_million: float
    bound_million: float


def tree(graph: nx.Graph, stations: Collection[str], fibre: Collection[str]) -> Tree:
    """Return a tree that joins the stations to the fibre network and costs little.

    All fibre points are one: a node joined to them at no cost. The tree grows from it to the
    nearest station left, again and again (Takahashi and Matsuyama, 1980), which costs at most
    twice the optimum; then the cheapest tree over the same nodes is taken and idle ends are cut.
    New candidates that are not among the stations carry nothing.

    Raises
    ------
    InputError
        When a station or fibre point is not in the graph, or a station cannot reach fibre.
    """
    wanted, sources = known(graph, stations, "station"), fibre_nodes(graph, fibre)
    near = _neighbours(graph, set(wanted), sources)
    nodes = _grown_tree(near, wanted)
    reached(wanted, nodes)
    towards = _pruned(near, nodes, set(wanted))
    count = _shares(towards, wanted)
    links = tuple(
        Link(here, there, count[here]) for here, there in sorted(towards.items()) if there != ROOT
    )
    cost = sum(float(graph.edges[link.from_id, link.to_id][col.COST_MILLION]) for link in links)
    return Tree(links, cost, min(cost, _bound(near, wanted)))


def edges_frame(graph: nx.Graph, built: Tree, planning: str) -> GeoDataFrame:
    """Return the links of a tree with columns.BACKHAUL, in the order of their far ends.

    Pieces of road between two junctions are one line.
    """
    towards = {link.from_id: link for link in built.links}
    passed = _passed(graph, built)
    rows, shapes = [], []
    for link in built.links:
        if link.from_id in passed:
            continue
        way = [link.from_id, link.to_id]
        while way[-1] in passed:
            way.append(towards[way[-1]].to_id)
        first = graph.edges[way[0], way[1]]
        rows.append(
            {
                col.KIND: first[col.KIND],
                col.FROM_ID: way[0],
                col.TO_ID: way[-1],
                col.LENGTH_M: nx.path_weight(graph, way, col.LENGTH_M),
                col.COST_MILLION: nx.path_weight(graph, way, col.COST_MILLION),
                col.STATIONS: link.stations,
            }
        )
        shapes.append(LineString([(graph.nodes[n][col.X_M], graph.nodes[n][col.Y_M]) for n in way]))
    return gpd.GeoDataFrame(
        rows, columns=list(col.BACKHAUL), geometry=gpd.GeoSeries(shapes), crs=planning
    )


def _passed(graph: nx.Graph, built: Tree) -> set[str]:
    """Return the points of roads where a tree only goes on."""
    arriving: dict[str, int] = {}
    for link in built.links:
        arriving[link.to_id] = arriving.get(link.to_id, 0) + 1
    return {
        link.from_id
        for link in built.links
        if graph.nodes[link.from_id][col.KIND] == ROAD and arriving.get(link.from_id) == 1
    }


def _neighbours(graph: nx.Graph, stations: set[str], fibre: Sequence[str]) -> Neighbours:
    """Return who is joined to whom at what cost, without candidates that are not built."""
    usable = {n for n, kind in graph.nodes(data=col.KIND) if kind != col.NEW or n in stations}
    near: dict[str, list[tuple[str, float]]] = {ROOT: [(point, 0.0) for point in fibre]}
    for node in sorted(usable):
        near[node] = sorted(
            (other, float(link[col.COST_MILLION]))
            for other, link in graph.adj[node].items()
            if other in usable
        )
    for point in fibre:
        near[point].append((ROOT, 0.0))
    return near


def _grown_tree(near: Neighbours, stations: Sequence[str]) -> set[str]:
    """Return the nodes of a tree grown from the root to the nearest station left, repeatedly.

    One search serves all: when a station is reached its way is laid, costs nothing from then
    on, and the search goes on from there.
    """
    cost: dict[str, float] = {ROOT: 0.0}
    before: dict[str, str] = {}
    queue, joined, left = [(0.0, ROOT)], {ROOT}, set(stations)
    while queue and left:
        at, node = heapq.heappop(queue)
        if at > cost[node]:
            continue
        if node in left:
            while node not in joined:
                joined.add(node)
                left.discard(node)
                cost[node] = 0.0
                heapq.heappush(queue, (0.0, node))
                node = before[node]
            continue
        for other, price in near[node]:
            if at + price < cost.get(other, math.inf):
                cost[other], before[other] = at + price, node
                heapq.heappush(queue, (at + price, other))
    return joined


def _pruned(near: Neighbours, nodes: set[str], stations: set[str]) -> dict[str, str]:
    """Return the next node towards the root on the cheapest tree over the nodes, ends cut."""
    whole = nx.Graph()
    whole.add_node(ROOT)
    for node in sorted(nodes):
        whole.add_weighted_edges_from((node, n, price) for n, price in near[node] if n in nodes)
    parents = dict(nx.bfs_predecessors(nx.minimum_spanning_tree(whole), ROOT))
    busy = set(stations)
    for node in reversed(parents):  # ends come before what they hang on
        if node in busy:
            busy.add(parents[node])
    return {node: parent for node, parent in parents.items() if node in busy}


def _shares(towards: Mapping[str, str], stations: Sequence[str]) -> dict[str, int]:
    """Return how many stations pass each node on their way to the root."""
    count: dict[str, int] = {}
    for station in stations:
        node = station
        while node != ROOT:
            count[node] = count.get(node, 0) + 1
            node = towards[node]
    return count


def _searched(near: Neighbours, source: str, to_root: Mapping[str, float]) -> dict[str, float]:
    """Return the cost from a node to others, as far as another station's moat may meet its own.

    No moat is wider than the way to the root, so nothing beyond a node matters that is as far
    away as the source and the node are from the root together.
    """
    width = to_root.get(source, math.inf)
    cost, queue = {source: 0.0}, [(0.0, source)]
    while queue:
        at, node = heapq.heappop(queue)
        if at > cost[node] or at - width >= to_root.get(node, math.inf):
            continue
        for other, price in near[node]:
            if at + price < cost.get(other, math.inf):
                cost[other] = at + price
                heapq.heappush(queue, (at + price, other))
    return cost


def _bound(near: Neighbours, stations: Sequence[str]) -> float:
    """Return what every tree costs at least: the width of moats that it has to cross.

    A moat grows round every station at one speed. Two that meet become one; one that meets the
    root, or a moat that stands still, stands still (Agrawal, Klein and Ravi, 1995).
    """
    to_root = _searched(near, ROOT, {})
    apart = [station for station in stations if to_root[station] > 0]
    queue = [(to_root[station], station, ROOT) for station in apart]
    gaps = _gaps(near, apart, to_root)
    queue += [(gap / 2.0, *pair) for pair, gap in gaps.items()]
    heapq.heapify(queue)
    moats = nx.utils.UnionFind([ROOT, *apart])
    still, growing, total, last = {ROOT: 0.0}, len(apart), 0.0, 0.0
    while growing:
        now, one, other = heapq.heappop(queue)
        stopped = [at for at in (moats[one], moats[other]) if at in still]
        if moats[one] == moats[other] or len(stopped) == 2:
            continue
        if stopped and other != ROOT and now < gaps[one, other] - still[stopped[0]]:
            heapq.heappush(queue, (gaps[one, other] - still[stopped[0]], one, other))
            continue
        total += growing * (now - last)
        last, growing = now, growing - 1
        if stopped:
            still[moats[one] if moats[other] == stopped[0] else moats[other]] = now
        else:
            moats.union(one, other)
    return total


def _gaps(
    near: Neighbours, apart: Sequence[str], to_root: Mapping[str, float]
) -> dict[tuple[str, str], float]:
    """Return the cost between stations whose moats may meet, past all that has fibre."""
    outside = {
        node: [(n, price) for n, price in others if to_root.get(n, 0.0) > 0]
        for node, others in near.items()
        if to_root.get(node, 0.0) > 0
    }
    gaps: dict[tuple[str, str], float] = {}
    stations = set(apart)
    for station in apart:
        cost = _searched(outside, station, to_root)
        gaps |= {(station, n): cost[n] for n in cost if n in stations and n > station}
    return gaps
