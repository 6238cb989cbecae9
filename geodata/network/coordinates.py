"""Where the rows of a table lie: which columns give the place, and which places cannot be right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.countries import current
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.network import positions
from phusong.geodata.units import admin
from phusong.messages import Text, is_one, message

SAME_POSITION_M = 15.0
BORDER_M = 1.0  # rounding of coordinates may put a point so far outside
MOST = 0.9  # of the rows that lie in or near the province: other zones need not be tried
SAMPLE_ROWS = 2_000  # that are tried in every coordinate system
SHOWN_SYSTEMS = 6
WELL_READ = 0.1  # of the rows lie inside: those around are neighbours, not a list read wrongly
MAX_EXPLAINED = 100  # rows outside for which other readings are looked for
NEARBY_M = 5_000.0  # how far outside the province a point still tells which axis is which
MAX_PAIRS = 20_000_000  # of places within reach of each other
SURE_ROWS, SURE_SHARE = 5, 0.02  # by how much a grid must fit better than the province's own
_SCALES = {10.0: "a digit is missing", 0.1: "a digit is too many", 100.0: "two digits are missing"}
_SKIP = message("remedy.correct_it_or_leave_such_rows")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """Two columns read as easting (or longitude) and northing (or latitude) in a CRS."""

    east: str
    north: str
    crs: str


def locate(
    table: Table, header_of: Mapping[str, str], communes: GeoDataFrame, around_m: float = 0.0
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    """Return a point per row in the planning CRS, its commune's row (-1: none), and the defects.

    Columns called longitude and latitude (or easting and northing) are taken at their word, so
    a swapped pair is a defect. Columns called X and Y are read the way in which most rows lie
    in the province: in Vietnamese surveys X is the northing. Metric coordinates are those of
    the system that the user states, else of the one that fits (see ``axes_of``).

    Rows that lie outside by at most ``around_m`` are no defects, but neighbours without a
    commune, where enough of the list lies inside and they name no commune of the province.
    """
    if table.shapes is not None:
        return _locate_shapes(table, header_of, communes, around_m)
    axes = axes_of(table, header_of, communes)
    columns_read = {name: positions.numbers(table, name) for name in (axes.east, axes.north)}
    defects = [
        table.defect(
            i,
            message("problem.is_missing") if not text else message("problem.is_not_a_number"),
            _SKIP,
            name,
        )
        for name in (axes.east, axes.north)
        for i, text in enumerate(table.cells[name])
        if np.isnan(columns_read[name][i])
    ]
    x, y = columns_read[axes.east], columns_read[axes.north]
    return _placed(table, header_of, (x, y), axes, communes, defects, around_m)


def axes_of(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> Axes:
    """Return how the two columns of the position are read.

    Of the systems that the names and sizes allow, the one that puts most rows in or near the
    province, and in the communes that they name. Several grids lie within a kilometre of each
    other: among those that fit alike, the zone in which the province's survey is kept stands.

    Raises
    ------
    InputError
        When several systems fit alike and none is that of the province; names them all.
    """
    fitting, _ = _fitting(table, header_of, communes)
    if len(fitting) == 1 or fitting[0].crs in {
        table.stated.crs,
        *crs.degrees(),
        _official(communes),
    }:
        return fitting[0]
    raise InputError(
        message("refusal.the_coordinates_may_be_in_several"),
        [_ambiguity(table, header_of, communes)],
    )


def _fitting(
    table: Table, header_of: Mapping[str, str], communes: GeoDataFrame
) -> tuple[list[Axes], dict[str, Floats]]:
    """Return the readings of the position that fit the rows alike, the best or official first."""
    east, north = positions.columns_of(table, header_of)
    every = {name: positions.numbers(table, name) for name in (east, north)}
    some = np.linspace(0, len(table.rows) - 1, min(len(table.rows), SAMPLE_ROWS)).astype(int)
    values = {name: numbers[some] for name, numbers in every.items()}
    planning = crs.name_of(communes)
    options = _readings(header_of, (east, north), values, _hinted((east, north)), planning)
    if table.stated.crs is not None:
        metric = not crs_is_geographic(table.stated.crs)
        same = [o for o in options if (o.crs not in crs.degrees()) == metric] or options
        options = list(dict.fromkeys(Axes(o.east, o.north, table.stated.crs) for o in same))
    own = Axes(east, north, planning)  # x_m, y_m: by their definition in the planning grid
    stands = header_of.get(columns.X_M) == columns.X_M and own in options
    if stands and _landed(own, values, communes) >= MOST * len(some):
        return [own], values
    usual_names = {*crs.usual(planning), *current().coordinates.further, _official(communes)}
    usual = [option for option in options if option.crs in usual_names]
    landed = [_landed(option, values, communes) for option in usual]
    if max(landed, default=0) >= MOST * len(some) or table.stated.crs is not None:
        options = usual or options
    if options is not usual:
        landed = [_landed(option, values, communes) for option in options]
    best = options[landed.index(max(landed))]
    if best.crs in crs.degrees() or len(options) == 1:
        return [best], values
    slack = min(SURE_ROWS, max(landed) // 2)
    near = [
        option
        for option, count in zip(options, landed, strict=True)
        if count >= max(landed) - slack and (option.east, option.north) == (best.east, best.north)
    ]
    if len(near) == 1:
        return near, values
    named = admin.rows_named(table, header_of, communes)[some]
    fits = [_fit(option, values, communes, named) for option in near]
    sure = max(SURE_ROWS, SURE_SHARE * len(some))
    alike = [i for i, fit in enumerate(fits) if fit > max(fits) - sure]
    first = _official(communes)
    alike.sort(key=lambda i: (near[i].crs != first, -fits[i]))
    return [near[i] for i in alike], values


def _official(communes: GeoDataFrame) -> str:
    """Return the coordinate system in which the province's survey is kept."""
    planning = crs.name_of(communes)
    if planning not in crs.known():
        return planning
    west, south, east, north = communes.total_bounds
    lon, lat = crs.transform([(west + east) / 2], [(south + north) / 2], planning, crs.GEOGRAPHIC)
    return current().planning_crs(round(float(lon[0]), 2), round(float(lat[0]), 2))


def _hinted(headers: tuple[str, str]) -> Callable[[str], bool]:
    """Return whether a system is one that the headers name: UTM, WGS 84 or another of the country.

    A label such as WGS 84 / UTM 48N begins with the datum.
    """
    plain, known = tables.whole(" ".join(headers)), crs.known()
    datums = {label.split(" / ")[0].split(" longitude")[0] for label in known.values()}
    named = [datum for datum in datums if tables.whole(datum) in plain]
    named += ["WGS 84"] * ("wgs" in plain) + ["UTM"] * ("utm" in plain)
    return lambda name: all(mark in known.get(name, "") for mark in named)


def _ambiguity(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> Defect:
    """Return the defect that names the systems which fit alike, and how they differ."""
    fitting, values = _fitting(table, header_of, communes)
    planning = crs.name_of(communes)
    first = _metric(values[fitting[0].east], values[fitting[0].north], fitting[0].crs, planning)
    shown = []
    for axes in fitting[:SHOWN_SYSTEMS]:
        x_m, y_m = _metric(values[axes.east], values[axes.north], axes.crs, planning)
        inside = int((admin.assign(_points(x_m, y_m, planning), communes) >= 0).sum())
        apart_m = float(np.nanmedian(np.hypot(x_m - first[0], y_m - first[1])))
        apart = f", {apart_m:,.0f} m from the first" if apart_m else ""
        shown.append(f"{crs.label(axes.crs)}: {inside} of {len(x_m)} rows in the province{apart}")
    problem = message("problem.may_be_coordinates_in_systems", n=len(fitting), shown=[*shown])
    codes = [axes.crs.removeprefix("EPSG:") for axes in fitting[:SHOWN_SYSTEMS]]
    remedy = message("remedy.say_which_with_crs_or_add", codes=codes)
    column = f"{fitting[0].east}, {fitting[0].north}"
    return Defect(str(table.path), problem, remedy, column=column)


def _fit(
    axes: Axes, values: Mapping[str, Floats], communes: GeoDataFrame, named: NDArray[np.int64]
) -> int:
    """Return how many rows lie in the commune that they name, else in the province."""
    planning = crs.name_of(communes)
    x_m, y_m = _metric(values[axes.east], values[axes.north], axes.crs, planning)
    points = _points(x_m, y_m, planning)
    commune = admin.assign(points, communes)
    return int(np.count_nonzero(np.where(named >= 0, commune == named, commune >= 0)))


def _locate_shapes(
    table: Table, header_of: Mapping[str, str], communes: GeoDataFrame, around_m: float
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    """Locate the features of a vector file; a geographic CRS is checked for swapped axes."""
    shapes = table.shapes
    assert shapes is not None  # noqa: S101 - the caller looked
    kinds = shapes.geom_type.fillna("missing")
    defects = [
        table.defect(i, message("problem.its_geometry_is_a_point_is", kind=kind), _SKIP)
        for i, kind in enumerate(kinds)
        if kind != "Point"
    ]
    points = shapes.where(kinds == "Point", shapely.Point())
    if points.crs.is_geographic:
        axes = Axes("", "", points.crs.to_string())
    else:
        planning = crs.name_of(communes)
        points, axes = points.to_crs(planning), Axes("", "", planning)
    xy = (points.x.to_numpy(), points.y.to_numpy())
    return _placed(table, header_of, xy, axes, communes, defects, around_m)


def _readings(
    header_of: Mapping[str, str],
    headers: tuple[str, str],
    values: Mapping[str, Floats],
    allowed: Callable[[str], bool],
    planning: str,
) -> list[Axes]:
    """Return the ways to read two columns that their names and the size of the values allow."""
    east, north = headers
    degrees = next(filter(allowed, crs.degrees()), crs.GEOGRAPHIC)
    geographic = Axes(east, north, degrees)
    metric = [Axes(east, north, name) for name in crs.metric(planning) if allowed(name)]
    turned = [Axes(north, east, option.crs) for option in (*metric, geographic)]
    if header_of.get(positions.FIRST) == east:
        return [*metric[:1], geographic, *metric[1:], *turned]
    known = np.concatenate([values[east], values[north]])
    size = (
        np.nanquantile(np.abs(known), 0.5, method="lower") if np.isfinite(known).any() else np.nan
    )
    if header_of.get(columns.LON) == east:
        return [*metric, *turned[:-1]] if size > 360 else [geographic]
    if size <= positions.LARGEST_DEGREES:
        return [geographic]
    surveyed = east != columns.X_M and tables.fold(east) in positions.HEADERS[positions.FIRST]
    return [*metric, *turned[:-1]] if surveyed else metric  # X (m) of surveyors is the northing


def _landed(axes: Axes, values: Mapping[str, Floats], communes: GeoDataFrame) -> int:
    """Return how many rows this reading puts in or near the province."""
    x_m, y_m = _metric(values[axes.east], values[axes.north], axes.crs, crs.name_of(communes))
    west, south, east, north = communes.total_bounds
    near = (x_m > west - NEARBY_M) & (x_m < east + NEARBY_M)
    near &= (y_m > south - NEARBY_M) & (y_m < north + NEARBY_M)
    return int(near.sum())


@lru_cache
def crs_is_geographic(name: str) -> bool:
    """Return whether a coordinate system counts in degrees."""
    return bool(CRS(name).is_geographic)


def _metric(x: Floats, y: Floats, source: str, planning: str) -> tuple[Floats, Floats]:
    """Return planning coordinates, NaN where the input is out of any range."""
    metric = not crs_is_geographic(source)
    farthest = (positions.FARTHEST_M, positions.FARTHEST_M) if metric else (180, 90)
    sane = (np.abs(x) <= farthest[0]) & (np.abs(y) <= farthest[1])
    if source == planning:
        return np.where(sane, x, np.nan), np.where(sane, y, np.nan)
    x_m, y_m = crs.transform(np.where(sane, x, 0), np.where(sane, y, 0), source, planning)
    good = sane & np.isfinite(x_m) & np.isfinite(y_m)
    return np.where(good, x_m, np.nan), np.where(good, y_m, np.nan)


def _placed(
    table: Table,
    header_of: Mapping[str, str],
    xy: tuple[Floats, Floats],
    axes: Axes,
    communes: GeoDataFrame,
    defects: list[Defect],
    around_m: float,
) -> tuple[GeoDataFrame, NDArray[np.int64], list[Defect]]:
    planning = crs.name_of(communes)
    points = _points(*_metric(*xy, axes.crs, planning), planning)
    commune = with_border(points, admin.assign(points, communes), communes)
    strangers = np.flatnonzero((commune < 0) & ~table.where(defects))
    if strangers.size:
        named = admin.rows_named(table, header_of, communes)
        if np.count_nonzero(commune >= 0) >= WELL_READ * len(commune):
            around = points.iloc[strangers].distance(_whole(communes)).to_numpy() <= around_m
            foreign = np.isin(named[strangers], (admin.NOT_SAID, admin.UNKNOWN))
            strangers = strangers[~(around & foreign)]
    if strangers.size:
        defects = [*defects, *_outside(table, xy, axes, communes, strangers, named)]
    return points, commune, defects


def _whole(communes: GeoDataFrame) -> shapely.Geometry:
    return admin.dissolve(communes.geometry.to_numpy())


def with_border(
    points: GeoDataFrame, commune: NDArray[np.int64], communes: GeoDataFrame
) -> NDArray[np.int64]:
    """Give points within a metre of the province to the commune they almost lie in."""
    tree = shapely.STRtree(communes.geometry.to_numpy())
    lost = np.flatnonzero((commune < 0) & ~points.geometry.is_empty.to_numpy())
    lost_rows, near = tree.query_nearest(
        points.geometry.to_numpy()[lost], max_distance=BORDER_M, all_matches=False
    )
    commune[lost[lost_rows]] = near
    return commune


def _points(x_m: Floats, y_m: Floats, planning: str) -> GeoDataFrame:
    missing = np.isnan(x_m) | np.isnan(y_m)
    shapes = np.where(missing, shapely.Point(), shapely.points(x_m, y_m))
    return gpd.GeoDataFrame(geometry=shapes, crs=planning)


def of_commune(communes: GeoDataFrame, column: str, commune: NDArray[np.int64]) -> list[object]:
    """Return a column of the communes by their row, empty for points outside."""
    values = np.append(communes[column].to_numpy(object), "")
    return list(values[np.maximum(commune, -1)])


def neighbour_notes(listed: GeoDataFrame, what: str) -> list[str]:
    """Return how many rows of a list lie outside the province, and what becomes of them."""
    around = int((listed[columns.COMMUNE_CODE] == "").sum())
    if not around:
        return []
    return [f"{around} {what} outside the province are neighbours: they serve and interfere in it"]


def _outside(
    table: Table,
    xy: tuple[Floats, Floats],
    axes: Axes,
    communes: GeoDataFrame,
    rows: NDArray[np.int64],
    named: NDArray[np.int64],
) -> list[Defect]:
    """Say of each row why it is not in the province: swapped, out of range, or elsewhere."""
    x, y = xy[0][rows], xy[1][rows]
    planning = crs.name_of(communes)
    straight = _points(*_metric(x, y, axes.crs, planning), planning)
    turned = _points(*_metric(y, x, axes.crs, planning), planning)
    swapped = admin.assign(turned, communes) >= 0
    distance_m = straight.distance(_whole(communes)).to_numpy()
    column = f"{axes.east}, {axes.north}" if axes.east else None
    geographic = crs_is_geographic(axes.crs)
    kind = "longitude and latitude" if geographic else "easting and northing"
    defects = []
    for i, row in enumerate(rows):
        if swapped[i]:
            problem, remedy = (
                message("problem.look_swapped", kind=kind),
                message("remedy.swap_them_then_the_point_lies"),
            )
        elif not np.isfinite(distance_m[i]):
            problem, remedy = message("problem.are_out_of_range", kind=kind), _SKIP
        else:
            problem, remedy = (
                message("problem.lies_outside_the_province", far=_far(distance_m[i])),
                _SKIP,
            )
        if (
            not swapped[i]
            and i < MAX_EXPLAINED
            and (fits := readings_inside(float(x[i]), float(y[i]), communes, int(named[row])))
        ):
            remedy = message("remedy.it_would_lie_inside", fits=[*fits])
        value = f"{x[i]:.10g}, {y[i]:.10g}"
        defects.append(
            Defect(table.source(row), problem, remedy, int(table.rows[row]), column, value)
        )
    return defects


def _far(distance_m: float) -> Text:
    """Return a distance in words; the planning CRS does not hold very large ones.

    >>> _far(12.3), _far(12_340.0), str(_far(2e7))
    ('12 m', '12.3 km', 'more than 1,000 km')
    """
    if distance_m > 1e6:
        return message("problem.more_than_1000_km")
    return f"{distance_m / 1000:,.1f} km" if distance_m >= 1000 else f"{distance_m:.0f} m"


UNREAD = ("problem.is_missing", "problem.is_not_a_number")


def with_points(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> Table:
    """Return a table without geometry with the points that its columns give, if they do."""
    if table.shapes is not None or not any(name in header_of for name in positions.HEADERS):
        return table
    points, _, defects = locate(table, header_of, communes)
    unread = [defect for defect in defects if is_one(defect.problem, *UNREAD)]
    if unread:
        raise InputError(
            message("refusal.holds_rows_without_a_position", path=table.path.name), unread
        )
    return replace(table, shapes=points.geometry)


def reading_notes(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> list[str]:
    """Return how coordinates in columns were read, where that is not plain."""
    if table.shapes is not None:
        return []
    fitting, _ = _fitting(table, header_of, communes)
    axes = fitting[0]
    regrouped = positions.regrouped(table, (axes.east, axes.north))
    if axes.crs in {table.stated.crs, crs.GEOGRAPHIC}:
        return regrouped
    planning = crs.name_of(communes)
    if axes.crs != planning:
        return [*regrouped, f"coordinates recognised as {crs.label(axes.crs)}"]
    others = ", ".join(other.crs for other in fitting[1:])
    alike = f" ({others} would fit as well)" if others else ""
    return [
        *regrouped,
        f"coordinates read as {crs.label(planning)}{alike}; state another with --crs",
    ]


def readings_inside(x: float, y: float, communes: GeoDataFrame, named: int = -1) -> list[str]:
    """Return in words how a point must be read to lie in the province, the likeliest first.

    Every known CRS, both orders of the axes, and degrees with a digit lost or doubled;
    readings that lie in the named commune go before, and hide the others.
    """
    planning = crs.name_of(communes)
    usual = crs.usual(planning)
    options = [(x, y, name, f"read as {crs.label(name)}") for name in usual]
    options += [(y, x, name, f"read as {crs.label(name)}, swapped") for name in usual]
    if min(abs(x), abs(y)) > 360:
        for scale, what in _SCALES.items():
            options += [
                (x * scale, y, planning, f"with easting {x * scale:.10g} ({what})"),
                (x, y * scale, planning, f"with northing {y * scale:.10g} ({what})"),
            ]
    for scale, what in _SCALES.items():
        options += [
            (x * scale, y, crs.GEOGRAPHIC, f"with longitude {x * scale:.10g} ({what})"),
            (x, y * scale, crs.GEOGRAPHIC, f"with latitude {y * scale:.10g} ({what})"),
            (x * scale, y * scale, crs.GEOGRAPHIC, f"with both times {scale:g} ({what})"),
        ]
    metric = [_metric(np.array([a]), np.array([b]), name, planning) for a, b, name, _ in options]
    x_m, y_m = (np.concatenate(part) for part in zip(*metric, strict=True))
    places = _points(x_m, y_m, planning)
    commune = admin.assign(places, communes)
    by_row = [(row, option[3]) for row, option in zip(commune, options, strict=True) if row >= 0]
    exact = [words for row, words in by_row if row == named]
    return exact or [words for _, words in by_row]


def cluster(points: GeoDataFrame, reach_m: float = SAME_POSITION_M) -> NDArray[np.int64]:
    """Return a label per point; points linked by steps of at most ``reach_m`` share one.

    Labels count up in the order of first appearance. Empty points stand alone.
    """
    shapes = points.geometry.to_numpy()
    known = ~shapely.is_empty(shapes)
    places, place = np.unique(shapely.get_coordinates(shapes), axis=0, return_inverse=True)
    pairs = _near(places, reach_m)
    size = len(places)
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, of_place = connected_components(links, directed=False)
    label = np.arange(size, size + len(shapes))  # empty points stand alone
    label[known] = of_place[place.reshape(-1)]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(first))[inverse], np.int64)


def _near(places: Floats, reach_m: float) -> NDArray[np.int64]:
    """Return the pairs of places within reach; raise where there are more than fit in memory."""
    tree = cKDTree(places)
    if tree.count_neighbors(tree, reach_m) > MAX_PAIRS:
        problem = message("problem.places_lie_within_m_of_many", n=len(places), reach_m=reach_m)
        remedy = message("remedy.are_the_coordinates_rounded_or_in")
        raise InputError(
            message("refusal.the_positions_cannot_be_told_apart"), [Defect("list", problem, remedy)]
        )
    return np.asarray(tree.query_pairs(reach_m, output_type="ndarray"), np.int64)
