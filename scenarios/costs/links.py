"""How stations reach the fibre network: the links that could be built, and what each costs.

Nodes are the existing positions (by position_id), new candidates (by site_id), further fibre
points and, where roads are given, points of roads. Every mast is tried with its nearest
neighbours of each kind: fibre along the straight line times a detour factor, and microwave
where the first Fresnel zone is clear. Fibre may follow the roads as well; the straight line
stays, because no layer holds every lane. A position without fibre has a microwave link today,
assumed to end at the nearest fibre point it sees; new radios make it carry 5G. Nothing new is
needed at a position with fibre. Capacity of links is not looked at.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong import columns as col
from phusong.coverage.area.sight import Antennas, clearances
from phusong.coverage.units import wavelength_m
from phusong.errors import Defect, InputError
from phusong.geodata.grid import Raster
from phusong.geodata.ground import roads as ways
from phusong.geodata.province import Province, clutter_heights_m
from phusong.messages import message
from phusong.scenarios.costs import fibre as supply
from phusong.scenarios.costs.backhaul_rates import BackhaulRates

FIBRE = "fibre"
MICROWAVE = "microwave"
UPGRADE = "upgrade"  # new radios on an existing microwave link
KINDS = np.array([FIBRE, MICROWAVE, UPGRADE])
EXISTING, OTHER, ROAD = "existing", "other", "road"  # kinds of node beside candidates.NEW
SAMPLES = 9  # points of a straight line where the price of fibre is looked up
_GIVE_FIBRE = message("remedy.raise_the_share_of_positions_with")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class LinkEnds(NamedTuple):
    """Places that links end at, in the order of their ids; height is NaN without a mast."""

    ids: list[str]
    kind: NDArray[np.str_]
    xy_m: Floats
    height_m: Floats
    has_fibre: Bools


class Links(NamedTuple):
    """Links that could be built: rows of their ends, kind, length and cost."""

    ends: Ints
    kind: NDArray[np.str_]
    length_m: Floats
    cost_million: Floats


def node_ids(candidates: GeoDataFrame) -> list[str]:
    """Return the node of each candidate: its position, or itself where it stands on a new one."""
    new = candidates[col.KIND] == col.NEW
    names = candidates[col.SITE_ID].where(new, candidates[col.POSITION_ID])
    return [str(name) for name in names]


def network(
    province: Province,
    candidates: GeoDataFrame,
    fibre: GeoDataFrame,
    rates: BackhaulRates,
    roads: GeoDataFrame | None = None,
) -> nx.Graph:
    """Return the graph of all links that could join candidates, positions and fibre points.

    Nodes carry kind, x_m, y_m; edges carry kind (fibre, microwave or upgrade), length_m (of
    fibre: along its way) and cost_million, the cheapest kind of each pair. The graph is the
    same whatever the order of the rows. Make it of all candidates to price each alone, and of
    the chosen ones to find their tree: then they are each other's neighbours.

    Parameters
    ----------
    province : gives the existing positions, terrain and land cover.
    candidates : from ``scenarios.candidates``; co-located ones stand on existing positions.
    fibre : points with position_id, from ``scenarios.fibre``.
    rates : unit costs and limits.
    roads : lines in the planning CRS, from ``geodata.roads``.

    Raises
    ------
    InputError
        When there is no fibre point.
    """
    if fibre.empty:
        raise InputError(
            message("refusal.no_backhaul"),
            [Defect(FIBRE, message("problem.there_is_no_fibre_point"), _GIVE_FIBRE)],
        )
    masts = _masts(province, candidates, fibre)
    links = _mast_links(masts, province, rates)
    graph = nx.Graph()
    _add_nodes(graph, masts.ids, masts.kind, masts.xy_m)
    _add_links(graph, masts.ids, links)
    if roads is not None and len(roads):
        _add_roads(graph, masts, roads, province.landcover, rates)
    return graph


def standalone_cost(
    graph: nx.Graph, candidates: GeoDataFrame, fibre: Collection[str]
) -> pd.DataFrame:
    """Return what joining each candidate alone to fibre costs, and how far it is.

    Columns backhaul_million and backhaul_m (along the cheapest way, 0 where the position
    has fibre), on the index of the candidates. A way leads over existing masts and roads only,
    for other candidates may never be built.
    """
    sources = fibre_nodes(graph, fibre)
    kind = dict(graph.nodes(data=col.KIND))

    def price(here: str, _: str, link: dict[str, Any]) -> float | None:
        return None if kind[here] == col.NEW else float(link[col.COST_MILLION])

    cost, ways_there = nx.multi_source_dijkstra(graph, sources, weight=price)
    stations = node_ids(candidates)
    known(graph, stations, "station")
    reached(stations, cost)
    lengths = [nx.path_weight(graph, ways_there[node], col.LENGTH_M) for node in stations]
    return pd.DataFrame(
        {
            col.BACKHAUL_MILLION: [float(cost[node]) for node in stations],
            col.BACKHAUL_M: np.array(lengths, float),
        },
        index=candidates.index,
    )


def reached(stations: Sequence[str], joined: Collection[str]) -> None:
    """Raise when a station cannot be joined to fibre at all."""
    remedy = message("remedy.give_fibre_points_near_it_or")
    lost = [Defect(station, message("problem.cannot_reach_fibre"), remedy) for station in stations]
    lost = [defect for defect in lost if defect.source not in joined]
    if lost:
        raise InputError(message("refusal.stations_without_backhaul"), lost)


def known(graph: nx.Graph, nodes: Collection[str], what: str) -> list[str]:
    """Return the nodes in order, each once; raise on those that the graph does not have."""
    names = sorted(set(nodes))
    problem = message("problem.is_a_that_the_network_does", what=what)
    remedy = message("remedy.make_the_network_with_the_same")
    defects = [Defect(node, problem, remedy) for node in names if node not in graph]
    if defects:
        raise InputError(message("refusal.no_backhaul"), defects)
    return names


def fibre_nodes(graph: nx.Graph, fibre: Collection[str]) -> list[str]:
    """Return the fibre points in order; raise on none, and on those not in the graph."""
    if not len(fibre):
        raise InputError(
            message("refusal.no_backhaul"),
            [Defect(FIBRE, message("problem.there_is_no_fibre_point"), _GIVE_FIBRE)],
        )
    return known(graph, fibre, "fibre point")


def _masts(province: Province, candidates: GeoDataFrame, fibre: GeoDataFrame) -> LinkEnds:
    """Return positions, new candidates and fibre points elsewhere, in the order of their ids."""
    places = supply.existing(province.live)
    new = candidates[candidates[col.KIND] == col.NEW]
    other = fibre[~fibre[col.POSITION_ID].isin(places[col.POSITION_ID])]
    parts = (
        (places[col.POSITION_ID], EXISTING, places, places[col.HEIGHT_M]),
        (new[col.SITE_ID], col.NEW, new, new[col.HEIGHT_M]),
        (other[col.POSITION_ID], OTHER, other, np.nan),
    )
    frames = [
        pd.DataFrame(
            {"id": ids.astype(str), "kind": kind, "x": at.geometry.x, "y": at.geometry.y, "h": high}
        )
        for ids, kind, at, high in parts
        if len(ids)
    ]
    every = pd.concat(frames).sort_values("id").reset_index(drop=True)
    has_fibre = every["id"].isin(fibre[col.POSITION_ID].astype(str)).to_numpy(bool)
    return LinkEnds(
        every["id"].tolist(),
        every["kind"].to_numpy(str),
        every[["x", "y"]].to_numpy(float),
        every["h"].to_numpy(float),
        has_fibre,
    )


def _mast_links(masts: LinkEnds, province: Province, rates: BackhaulRates) -> Links:
    """Return the cheapest kind of link for every pair of neighbouring masts."""
    ends = _neighbours(masts, rates.neighbours)
    start, stop = masts.xy_m[ends[:, 0]], masts.xy_m[ends[:, 1]]
    length_m = np.hypot(*(stop - start).T)
    clear = _clear(masts, ends, length_m, province, rates)
    along_m = rates.detour * length_m
    options = np.array(
        [
            along_m * _price(province.landcover, start, stop, rates),
            np.where(clear, rates.microwave_million(length_m), np.inf),
            np.where(
                _todays_hops(masts, ends, length_m, clear),
                rates.million(rates.upgrade_usd),
                np.inf,
            ),
        ]
    )
    best = np.argmin(options, axis=0)
    lengths_m = np.where(best == 0, along_m, length_m)
    return Links(ends, KINDS[best], lengths_m, options[best, np.arange(len(ends))])


def _neighbours(masts: LinkEnds, count: int) -> Ints:
    """Return each pair of a mast and one of its nearest: with fibre, existing without, and new."""
    new = masts.kind == col.NEW
    pairs = [np.empty((0, 2), np.int64)]
    for group in (masts.has_fibre, ~masts.has_fibre & ~new, new & ~masts.has_fibre):
        rows = np.flatnonzero(group)
        if not rows.size:
            continue
        nearest = min(count + 1, rows.size)  # a mast of the group finds itself
        _, nearest_rows = cKDTree(masts.xy_m[rows]).query(masts.xy_m, k=nearest)
        every = np.repeat(np.arange(len(masts.ids)), nearest)
        pairs.append(np.column_stack([every, rows[nearest_rows.reshape(-1)]]))
    both = np.sort(np.vstack(pairs), axis=1)
    return np.unique(both[both[:, 0] != both[:, 1]], axis=0)


def _clear(
    masts: LinkEnds, ends: Ints, length_m: Floats, province: Province, rates: BackhaulRates
) -> Bools:
    """Tell which pairs of masts are in reach of a hop and see each other clearly."""
    grid = province.grid
    column, row = grid.fractional(*masts.xy_m.T)
    antennas = Antennas(column, row, masts.height_m)
    able = np.isfinite(masts.height_m)[ends].all(axis=1) & (length_m <= rates.max_hop_m)
    least = clearances(
        province.terrain.values,
        clutter_heights_m(province.landcover.values),
        antennas,
        ends[able],
        grid.pixel_m,
        float(wavelength_m(rates.frequency_mhz)),
    )
    clear = np.zeros(len(ends), bool)
    clear[able] = least >= rates.min_clearance
    return clear


def _price(landcover: Raster, start: Floats, stop: Floats, rates: BackhaulRates) -> Floats:
    """Return the mean cost of a metre of fibre along straight lines, millions."""
    grid = landcover.grid
    total = np.zeros(len(start))
    for share in (np.arange(SAMPLES) + 0.5) / SAMPLES:
        row, column = grid.index(*(start + share * (stop - start)).T)
        row, column = np.clip(row, 0, grid.height - 1), np.clip(column, 0, grid.width - 1)
        total += rates.fibre_million_per_m(landcover.values[row, column])
    return total / SAMPLES


def _todays_hops(masts: LinkEnds, ends: Ints, length_m: Floats, clear: Bools) -> Bools:
    """Mark the pair that stands for the microwave link of each position without fibre.

    It ends at the nearest fibre point that the position sees, else at the nearest.
    """
    needy = (masts.kind == EXISTING) & ~masts.has_fibre
    pair = np.tile(np.arange(len(ends)), 2)
    near, far = np.vstack([ends, ends[:, ::-1]]).T
    order = np.lexsort((far, length_m[pair], ~clear[pair], near))
    order = order[needy[near[order]] & masts.has_fibre[far[order]]]
    best = order[np.diff(near[order], prepend=-1) != 0]
    marked = np.zeros(len(ends), bool)
    marked[pair[best]] = True
    return marked


def _add_nodes(graph: nx.Graph, ids: Sequence[str], kind: NDArray[np.str_], xy_m: Floats) -> None:
    for node, what, (x_m, y_m) in zip(ids, kind.tolist(), xy_m.tolist(), strict=True):
        graph.add_node(node, **{col.KIND: what, col.X_M: x_m, col.Y_M: y_m})


def _add_links(graph: nx.Graph, ids: Sequence[str], links: Links) -> None:
    values = (column.tolist() for column in links)
    graph.add_edges_from(
        (ids[a], ids[b], {col.KIND: kind, col.LENGTH_M: length_m, col.COST_MILLION: cost})
        for (a, b), kind, length_m, cost in zip(*values, strict=True)
    )


def _add_roads(
    graph: nx.Graph, masts: LinkEnds, lines: GeoDataFrame, landcover: Raster, rates: BackhaulRates
) -> None:
    """Add the roads, and the straight way from each mast to every road near it."""
    roads = ways.noded(lines, masts.xy_m, rates.road_access_m, rates.snap_m)
    nodes = np.column_stack([roads.x_m, roads.y_m])
    ids = [f"road {i}" for i in range(len(nodes))]
    _add_nodes(graph, ids, np.full(len(ids), ROAD), nodes)
    there = (nodes[roads.ends[:, 0]], nodes[roads.ends[:, 1]])
    cost = roads.length_m * _price(landcover, *there, rates)
    fibre = np.full(len(cost), FIBRE)
    _add_links(graph, ids, Links(roads.ends, fibre, roads.length_m, cost))
    start, stop = masts.xy_m[roads.access[:, 0]], nodes[roads.access[:, 1]]
    along_m = rates.detour * roads.access_m
    cost = along_m * _price(landcover, start, stop, rates)
    ends = roads.access + np.array([0, len(masts.ids)])
    links = Links(ends, np.full(len(cost), FIBRE), along_m, cost)
    _add_links(graph, [*masts.ids, *ids], links)
