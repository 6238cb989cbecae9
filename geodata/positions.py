"""Where the rows of a table lie: which columns give the place, and which places cannot be right."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import admin, crs
from phusong.geodata.tables import Names, Table, number

SAME_POSITION_M = 15.0
BORDER_M = 1.0  # rounding of coordinates may put a point so far outside
FARTHEST_M = 1e7  # no easting or northing on Earth is larger
NEARBY_M = 5_000.0  # how far outside the province a point still tells which axis is which
FIRST, SECOND = "first axis", "second axis"  # X and Y, whose meaning depends on the surveyor
HEADERS: Names = {
    columns.LON: ("longitude", "long", "lng", "kinhdo", "toadokinhdo", "longitudedeg", "londeg"),
    columns.LAT: ("latitude", "vido", "toadovido", "latitudedeg", "latdeg"),
    columns.X_M: ("easting", "east", "toadodong", "eastingm", "e"),
    columns.Y_M: ("northing", "north", "toadobac", "northingm", "n"),
    FIRST: ("x", "toadox", "xvn2000", "vn2000x", "xcoord", "coordx"),
    SECOND: ("y", "toadoy", "yvn2000", "vn2000y", "ycoord", "coordy"),
}
_SKIP = "correct it, or leave such rows out with --skip-bad-rows"
_NAMES = {crs.GEOGRAPHIC: "longitude and latitude", crs.PLANNING: "easting and northing"}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """Two columns read as easting (or longitude) and northing (or latitude) in a CRS."""

    east: str
    north: str
    crs: str


def locate(
    table: Table, found: Mapping[str, str], communes: GeoDataFrame
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    """Return a point per row in the planning CRS, its commune's row (-1: none), and the defects.

    Columns called longitude and latitude (or easting and northing) are taken at their word, so
    a swapped pair is a defect. Columns called X and Y are read the way in which most rows lie
    in the province: in Vietnamese surveys X is the northing.
    """
    if table.shapes is not None:
        return _locate_shapes(table, communes)
    east, north = columns_of(table, found)
    values = {name: _numbers(table, name) for name in (east, north)}
    options = _readings(found, east, north, values)
    axes = max(options, key=lambda option: _landed(option, values, communes))
    defects = [
        table.defect(i, "is missing" if not text else "is not a number", _SKIP, name)
        for name in (axes.east, axes.north)
        for i, text in enumerate(table.cells[name])
        if np.isnan(values[name][i])
    ]
    x, y = values[axes.east], values[axes.north]
    return _placed(table, (x, y), axes, communes, defects)


def _locate_shapes(
    table: Table, communes: GeoDataFrame
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    """Locate the features of a vector file; a geographic CRS is checked for swapped axes."""
    shapes = table.shapes
    assert shapes is not None  # noqa: S101 - the caller looked
    kinds = shapes.geom_type.fillna("missing")
    defects = [
        table.defect(i, f"its geometry is {kind}, a point is needed", _SKIP)
        for i, kind in enumerate(kinds)
        if kind != "Point"
    ]
    points = shapes.where(kinds == "Point", shapely.Point())
    if points.crs.is_geographic:
        axes = Axes("", "", points.crs.to_string())
        return _placed(table, (points.x.to_numpy(), points.y.to_numpy()), axes, communes, defects)
    moved = points.to_crs(crs.PLANNING)
    axes = Axes("", "", crs.PLANNING)
    return _placed(table, (moved.x.to_numpy(), moved.y.to_numpy()), axes, communes, defects)


def columns_of(table: Table, found: Mapping[str, str]) -> tuple[str, str]:
    """Return the headers of the two columns that give the position; raise if there are none."""
    pairs = ((columns.LON, columns.LAT), (columns.X_M, columns.Y_M), (FIRST, SECOND))
    for east, north in pairs:
        if east in found and north in found:
            return found[east], found[north]
    half = [found[name] for pair in pairs for name in pair if name in found]
    headers = ", ".join(map(repr, table.cells.columns))
    problem = "has no columns for the position" + (f" beside '{half[0]}'" if half else "")
    remedy = f"name them lon and lat, or x_m and y_m (EPSG:5897); the header has {headers}"
    raise InputError("missing columns", [Defect(str(table.path), problem, remedy)])


def _numbers(table: Table, name: str) -> Floats:
    parsed = [number(text) for text in table.cells[name]]
    return np.array([np.nan if value is None else value for value in parsed], float)


def _readings(
    found: Mapping[str, str], east: str, north: str, values: Mapping[str, Floats]
) -> list[Axes]:
    """Return the ways to read two columns that their names and the size of the values allow."""
    geographic, metric = Axes(east, north, crs.GEOGRAPHIC), Axes(east, north, crs.PLANNING)
    turned = [Axes(north, east, option.crs) for option in (metric, geographic)]
    if found.get(FIRST) == east:
        return [metric, geographic, *turned]
    known = np.concatenate([values[east], values[north]])
    size = np.nanmedian(np.abs(known)) if np.isfinite(known).any() else np.nan
    if found.get(columns.LON) == east:
        return [metric, turned[0]] if size > 360 else [geographic]
    return [geographic] if size <= 180 else [metric]


def _landed(axes: Axes, values: Mapping[str, Floats], communes: GeoDataFrame) -> int:
    """Return how many rows this reading puts in or near the province."""
    x_m, y_m = _metric(values[axes.east], values[axes.north], axes.crs)
    west, south, east, north = communes.total_bounds
    near = (x_m > west - NEARBY_M) & (x_m < east + NEARBY_M)
    near &= (y_m > south - NEARBY_M) & (y_m < north + NEARBY_M)
    return int(near.sum())


def _metric(x: Floats, y: Floats, source: str) -> tuple[Floats, Floats]:
    """Return planning coordinates, NaN where the input is out of any range."""
    if source == crs.PLANNING:
        sane = (np.abs(x) <= FARTHEST_M) & (np.abs(y) <= FARTHEST_M)
        return np.where(sane, x, np.nan), np.where(sane, y, np.nan)
    sane = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    x_m, y_m = crs.transform(np.where(sane, x, 0), np.where(sane, y, 0), source, crs.PLANNING)
    good = sane & np.isfinite(x_m) & np.isfinite(y_m)
    return np.where(good, x_m, np.nan), np.where(good, y_m, np.nan)


def _placed(
    table: Table,
    xy: tuple[Floats, Floats],
    axes: Axes,
    communes: GeoDataFrame,
    defects: list[Defect],
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    points = _points(*_metric(*xy, axes.crs))
    commune = _with_border(points, admin.assign(points, communes), communes)
    bad = {defect.row for defect in defects}
    strangers = [i for i in np.flatnonzero(commune < 0) if int(table.rows[i]) not in bad]
    if strangers:
        outside = _outside(table, xy, axes, communes, np.array(strangers))
        defects = [*defects, *outside]
    return points, commune, defects


def _with_border(
    points: GeoDataFrame, commune: NDArray[np.int64], communes: GeoDataFrame
) -> NDArray[np.int64]:
    """Give points within a metre of the province to the commune they almost lie in."""
    tree = shapely.STRtree(communes.geometry.to_numpy())
    lost = np.flatnonzero((commune < 0) & ~points.geometry.is_empty.to_numpy())
    found, near = tree.query_nearest(
        points.geometry.to_numpy()[lost], max_distance=BORDER_M, all_matches=False
    )
    commune[lost[found]] = near
    return commune


def _points(x_m: Floats, y_m: Floats) -> GeoDataFrame:
    missing = np.isnan(x_m) | np.isnan(y_m)
    shapes = np.where(missing, shapely.Point(), shapely.points(x_m, y_m))
    return gpd.GeoDataFrame(geometry=shapes, crs=crs.PLANNING)


def _outside(
    table: Table,
    xy: tuple[Floats, Floats],
    axes: Axes,
    communes: GeoDataFrame,
    rows: NDArray[np.int64],
) -> list[Defect]:
    """Say of each row why it is not in the province: swapped, out of range, or elsewhere."""
    x, y = xy[0][rows], xy[1][rows]
    straight = _points(*_metric(x, y, axes.crs))
    turned = _points(*_metric(y, x, axes.crs))
    swapped = admin.assign(turned, communes) >= 0
    province = admin.dissolve(communes.geometry.to_numpy())
    distance_m = straight.distance(province).to_numpy()
    column = f"{axes.east}, {axes.north}" if axes.east else None
    kind = _NAMES.get(axes.crs, _NAMES[crs.GEOGRAPHIC])
    defects = []
    for i, row in enumerate(rows):
        if swapped[i]:
            problem, remedy = f"{kind} look swapped", "swap them, then the point lies inside"
        elif not np.isfinite(distance_m[i]):
            problem, remedy = f"{kind} are out of range", _SKIP
        else:
            far = (
                f"{distance_m[i] / 1000:,.1f} km"
                if distance_m[i] >= 1000
                else f"{distance_m[i]:.0f} m"
            )
            problem, remedy = f"lies {far} outside the province", _SKIP
        value = f"{x[i]:.10g}, {y[i]:.10g}"
        defects.append(
            Defect(str(table.path), problem, remedy, int(table.rows[row]), column, value)
        )
    return defects


def cluster(points: GeoDataFrame, reach_m: float = SAME_POSITION_M) -> NDArray[np.int64]:
    """Return a label per point; points linked by steps of at most ``reach_m`` share one.

    Labels count up in the order of first appearance. Empty points stand alone.
    """
    shapes = points.geometry.to_numpy()
    known = np.flatnonzero(~shapely.is_empty(shapes))
    pairs = known[
        cKDTree(shapely.get_coordinates(shapes)).query_pairs(reach_m, output_type="ndarray")
    ]
    size = len(shapes)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, label = connected_components(links, directed=False)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], np.int64)
