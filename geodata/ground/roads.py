"""Roads as a network: lines cut at their vertices, and the nearest point to each place."""

from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Stated
from phusong.messages import message

LINES = ("LineString", "MultiLineString")
SAME_VERTEX_DECIMALS = 3  # vertices that are one to the millimetre are one

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Roads(NamedTuple):
    """A road network: its nodes, the segments between them, and the way to them from places.

    ``ends`` holds the two nodes of each segment; ``access`` holds a place and the node of a
    road near it.
    """

    x_m: Floats
    y_m: Floats
    ends: Ints
    length_m: Floats
    access: Ints
    access_m: Floats


def read_roads(path: Path, stated: Stated = NOTHING, planning: str = crs.PLANNING) -> GeoDataFrame:
    """Return the lines of a vector file in the planning CRS, one geometry a row.

    Parameters
    ----------
    path
        The file.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.
    planning
        Coordinate system of the province.

    Returns
    -------
    GeoDataFrame
        Lines.

    Raises
    ------
    InputError
        With every feature that is not a line.
    """
    table = tables.read(path, {}, stated)
    if table.shapes is None:
        remedy = message("remedy.give_geojson_or_geopackage")
        raise InputError(
            message("refusal.unusable_roads"),
            [Defect(str(path), message("problem.holds_no_geometry"), remedy)],
        )
    kinds = table.shapes.geom_type.fillna("missing")
    defects = [
        table.defect(i, message("problem.its_geometry_is_a_line_is", kind=kind))
        for i, (kind, empty) in enumerate(zip(kinds, table.shapes.is_empty, strict=True))
        if kind not in LINES or empty
    ]
    if wrong := crs.outside_country(table.shapes):
        defects.append(Defect(str(path), *wrong))
    if defects:
        raise InputError(
            message("refusal.does_not_hold_usable_roads", path=table.path.name),
            tables.by_row(defects),
        )
    shapes = shapely.force_2d(table.shapes.to_crs(planning).to_numpy())
    lines = gpd.GeoDataFrame(geometry=shapes, crs=planning)
    lines.attrs["notes"] = (*table.notes, *tables.unused(table, {}))
    return lines


def noded(lines: GeoDataFrame, places: Floats, reach_m: float, snap_m: float) -> Roads:
    """Return the network of road lines, with a way from each place to every line in reach.

    Lines meet where they share a vertex, and where vertices lie within ``snap_m`` of each other:
    these are joined by a short segment, so that nothing moves. A place is joined to the nearest
    point of every line in reach: a further road only adds ways. Nodes are in the order of their
    coordinates, whatever the order of the lines.

    Parameters
    ----------
    lines : LineStrings or MultiLineStrings in the planning CRS.
    places : coordinates of the places [m], shape (n, 2).
    reach_m : farthest road that a place is joined to [m].
    snap_m : farthest apart that vertices count as joined [m].
    """
    shapes = lines.geometry.explode(ignore_index=True).to_numpy()
    shapes = shapes[shapely.length(shapes) > 0]
    points = shapely.points(places)
    place, near = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=reach_m)
    along_m = shapely.line_locate_point(shapes[near], points[place])
    feet = shapely.get_coordinates(shapely.line_interpolate_point(shapes[near], along_m))
    vertices, line = shapely.get_coordinates(shapes, return_index=True)
    xy = np.round(np.vstack([vertices, feet]), SAME_VERTEX_DECIMALS) + 0.0
    nodes, node = np.unique(xy, axis=0, return_inverse=True)
    node = node.reshape(-1)
    measure_m = np.concatenate([_measures_m(vertices, line), along_m])
    ends, length_m = _segments(node, np.concatenate([line, near]), measure_m, nodes, snap_m)
    feet_node = node[len(vertices) :]
    access_m = np.hypot(*(places[place] - nodes[feet_node]).T)
    access = np.column_stack([place, feet_node])
    return Roads(nodes[:, 0], nodes[:, 1], ends, length_m, access, access_m)


def _measures_m(vertices: Floats, line: Ints) -> Floats:
    """Return how far along its line each vertex lies."""
    steps_m = np.hypot(*np.diff(vertices, axis=0, prepend=vertices[:1]).T)
    first = np.flatnonzero(np.diff(line, prepend=-1))
    steps_m[first] = 0.0
    total_m = np.cumsum(steps_m)
    return np.asarray(total_m - np.repeat(total_m[first], np.bincount(line)), float)


def _segments(
    node: Ints, line: Ints, measure_m: Floats, nodes: Floats, snap_m: float
) -> tuple[Ints, Floats]:
    """Return the segments between neighbours on each line, and those that join vertices."""
    order = np.lexsort((node, measure_m, line))
    node, line, measure_m = node[order], line[order], measure_m[order]
    same = (line[1:] == line[:-1]) & (node[1:] != node[:-1])
    ends = np.column_stack([node[:-1], node[1:]])[same]
    length_m = np.diff(measure_m)[same]
    joined = cKDTree(nodes).query_pairs(snap_m, output_type="ndarray").reshape(-1, 2)
    joined_m = np.hypot(*(nodes[joined[:, 0]] - nodes[joined[:, 1]]).T)
    both = np.sort(np.vstack([ends, joined]), axis=1).astype(np.int64)
    every_m = np.concatenate([length_m, joined_m])
    order = np.lexsort((every_m, both[:, 1], both[:, 0]))
    both, every_m = both[order], every_m[order]
    first = np.any(np.diff(both, axis=0, prepend=-1) != 0, axis=1)  # the shortest of parallel ones
    return both[first], every_m[first]
