"""The ground along a path: cut out of the province's grid or read from a file; receivers' lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.network import positions
from phusong.geodata.province import Provenance, clutter_heights_m
from phusong.geodata.provinces import folder
from phusong.meanings import COLUMNS
from phusong.messages import Text, message

Floats = NDArray[np.float64]

PROFILE_HEADERS: Names = {
    columns.DISTANCE_KM: ("dkm", "khoangcachkm"),
    columns.HEIGHT_M: ("hm", "groundm", "terrainm", "elevationm", "docaom"),
    columns.CLUTTER_M: ("clutterheightm", "docaolopphum"),
    columns.RADIO_ZONE: ("radiozone", "radioclimaticzone"),
}
RECEIVER_HEADERS: Names = {
    columns.LON: positions.HEADERS[columns.LON],
    columns.LAT: positions.HEADERS[columns.LAT],
    columns.HEIGHT_M: ("height", "antennaheight", "docao", "docaoangten"),
    columns.RECEIVER_ID: ("receiver", "receiverid", "point", "ma", "madiem", "diem"),
}
RADIO_ZONES = (1, 3, 4)  # sea, coastal land, inland: ITU-R P.1812-7 table 3
INLAND = 4
FEWEST_POINTS = 3
LOWEST_M, HIGHEST_M = -500.0, 9_000.0  # of ground on Earth; beyond is a mark for a void
HIGHEST_CLUTTER_M = 1_000.0
_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class GroundProfile:
    """Ground under a path: distances from the transmitter, terrain, clutter on it and zones.

    Parameters
    ----------
    distance_km
        From the transmitter, rising from 0, shape (n,) [km].
    height_m
        Of the ground above the sea, shape (n,) [m].
    clutter_m
        Of what stands on it, shape (n,) [m].
    zone
        1 sea, 3 coastal land, 4 inland, shape (n,).
    """

    distance_km: Floats
    height_m: Floats
    clutter_m: Floats
    zone: NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """Terrain and land cover on one grid, and where both come from."""

    terrain: Raster
    landcover: Raster
    provenance: Mapping[str, Provenance]


@dataclass(frozen=True)
class Place:
    """An antenna: WGS 84 position, height above ground, and where the user gave it.

    Parameters
    ----------
    lon
        Longitude, WGS 84 [degrees].
    lat
        Latitude, WGS 84 [degrees].
    height_m
        Above ground [m].
    source
        File, or option.
    row
        Of the file.
    name
        As the user calls it.
    """

    lon: float
    lat: float
    height_m: float
    source: str = "place"
    row: int | None = None
    name: str = ""

    def defect(self, problem: Text, remedy: Text = "") -> Defect:
        """Return a defect of this place."""
        value = f"{self.lon:.10g}, {self.lat:.10g}"
        return Defect(self.source, problem, remedy, self.row, value=value)


def open_ground(path: Path | None = None, seed: int = 1) -> Ground:
    """Return the ground of a province folder, or of the embedded province."""
    return Ground(*folder.open_ground(path, seed))


def place(text: str, source: str) -> Place:
    """Return the antenna that ``LON,LAT,HEIGHT`` names; all that is wrong with it is one error.

    >>> place("105.6,21.3,30", "--from").height_m
    30.0
    """
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != len(_LIMITS):
        form = message("problem.is_not_lon_lat_height")
        defect = Defect(source, form, message("remedy.example_of_a_place"), value=text)
        raise InputError(message("refusal.unreadable_place"), [defect])
    defects = [
        Defect(source, problem, _FORM, column=name, value=part)
        for name, part in zip(_LIMITS, parts, strict=True)
        if (problem := _out_of_range(name, part))
    ]
    if defects:
        raise InputError(message("refusal.unusable_place"), defects)
    lon, lat, height_m = (float(part) for part in parts)
    return Place(lon, lat, height_m, source)


_FORM = message("remedy.write_lon_lat_height")
_LIMITS = {
    columns.LON: (-180.0, 180.0),
    columns.LAT: (-90.0, 90.0),
    columns.HEIGHT_M: (0.0, 100_000.0),
}


def _out_of_range(name: str, text: str) -> Text:
    """Return what is wrong with a number of a place, or nothing."""
    try:
        value = float(text)
    except ValueError:
        return message("problem.is_not_a_number")
    low, high = _LIMITS[name]
    return "" if low <= value <= high else _outside(low, high)


def _outside(low: float, high: float) -> Text:
    return message("problem.is_not_between_and", low=low, high=high)


def defects(ground: Ground, start: Place, end: Place, step_m: float | None = None) -> list[Defect]:
    """Return why there is no path between two places over this ground."""
    problems = [
        site.defect(
            _away(ground.terrain.grid, site), message("remedy.choose_a_place_of_the_province")
        )
        for site in (start, end)
        if not _inside(ground.terrain.grid, site)
    ]
    if problems:
        return problems
    if length_m(start, end) < 1.0:
        return [
            end.defect(
                message("problem.is_the_place_of_the_transmitter"),
                message("remedy.a_path_needs_a_length"),
            )
        ]
    _, height_m = _heights(ground, start, end, step_m)
    return [
        _void(first_km, last_km) for first_km, last_km in _gaps(_km(start, end, height_m), height_m)
    ]


def length_m(start: Place, end: Place) -> float:
    """Return the length of the path on the ellipsoid."""
    return float(_EARTH.inv(start.lon, start.lat, end.lon, end.lat)[2])


def along(
    ground: Ground,
    start: Place,
    end: Place,
    step_m: float | None = None,
    clutter_m: Mapping[str, float] | None = None,
) -> GroundProfile:
    """Return the ground between two places, at even steps of at most ``step_m`` (a pixel).

    Terrain is bilinear between pixel centres, clutter is that of the pixel the point lies in
    (``province.CLUTTER_HEIGHT_M``, or ``clutter_m`` by class of land). The points lie on the
    straight line of the planning grid; the length is that on the ellipsoid. Everything is inland.

    Parameters
    ----------
    ground
        Terrain and land cover.
    start
        The transmitter.
    end
        The receiver.
    step_m
        Longest step [m]; a pixel if None.
    clutter_m
        Height of what stands on each class of land [m]; those of P.1812 if None.

    Returns
    -------
    GroundProfile
        From start to end.

    Raises
    ------
    InputError
        When a place lies outside the terrain, both are the same, or terrain is missing.
    """
    if problems := defects(ground, start, end, step_m):
        raise InputError(message("refusal.no_path_over_this_terrain"), problems)
    xy_m, height_m = _heights(ground, start, end, step_m)
    classes = _classes(ground.landcover, *xy_m)
    stands_m = np.asarray(clutter_heights_m(classes, clutter_m), float)
    zone = np.full(height_m.size, INLAND)
    return GroundProfile(_km(start, end, height_m), height_m, stands_m, zone)


def landcover_along(
    ground: Ground, start: Place, end: Place, step_m: float | None = None
) -> NDArray[np.int64]:
    """Return the class of land at each point of ``along``."""
    xy_m, _ = _heights(ground, start, end, step_m)
    return _classes(ground.landcover, *xy_m)


def _xy_m(grid: Grid, *sites: Place) -> tuple[Floats, Floats]:
    lon, lat = [site.lon for site in sites], [site.lat for site in sites]
    return crs.transform(lon, lat, crs.GEOGRAPHIC, grid.crs)


def _inside(grid: Grid, site: Place) -> bool:
    x_m, y_m = _xy_m(grid, site)
    west, south, east, north = grid.bounds
    return bool(west <= x_m[0] <= east and south <= y_m[0] <= north)


def _away(grid: Grid, site: Place) -> str:
    """Return how far outside the terrain a place lies."""
    x_m, y_m = (float(value[0]) for value in _xy_m(grid, site))
    west, south, east, north = grid.bounds
    away_m = np.hypot(max(west - x_m, x_m - east, 0.0), max(south - y_m, y_m - north, 0.0))
    far = f"{away_m / 1000.0:,.1f} km " if np.isfinite(away_m) else ""
    return f"lies {far}outside the terrain"


def _km(start: Place, end: Place, height_m: Floats) -> Floats:
    return np.linspace(0.0, length_m(start, end) / 1000.0, height_m.size)


def _heights(
    ground: Ground, start: Place, end: Place, step_m: float | None
) -> tuple[tuple[Floats, Floats], Floats]:
    """Return the points of a path in the planning grid and the terrain at each."""
    grid = ground.terrain.grid
    x_m, y_m = _xy_m(grid, start, end)
    span_m = float(np.hypot(x_m[1] - x_m[0], y_m[1] - y_m[0]))
    count = max(int(np.ceil(span_m / (step_m or grid.pixel_m) - 1e-9)) + 1, FEWEST_POINTS)
    xs_m, ys_m = (np.linspace(float(ends[0]), float(ends[1]), count) for ends in (x_m, y_m))
    return (xs_m, ys_m), _bilinear(ground.terrain, xs_m, ys_m)


def _bilinear(raster: Raster, x_m: Floats, y_m: Floats) -> Floats:
    """Return values between pixel centres; half a pixel at the grid's edge keeps its value."""
    grid = raster.grid
    column, row = grid.fractional(x_m, y_m)
    column, row = np.clip(column, 0, grid.width - 1), np.clip(row, 0, grid.height - 1)
    left, top = np.floor(column).astype(int), np.floor(row).astype(int)
    right, below = np.minimum(left + 1, grid.width - 1), np.minimum(top + 1, grid.height - 1)
    across, down = column - left, row - top
    upper = (1.0 - across) * _known(raster, top, left) + across * _known(raster, top, right)
    lower = (1.0 - across) * _known(raster, below, left) + across * _known(raster, below, right)
    return np.asarray((1.0 - down) * upper + down * lower, float)


def _known(raster: Raster, row: NDArray[np.int64], column: NDArray[np.int64]) -> Floats:
    """Return pixels as numbers, NaN where the raster has none."""
    values = raster.values[row, column].astype(float)
    return np.where(values == raster.nodata, np.nan, values)


def _classes(landcover: Raster, x_m: Floats, y_m: Floats) -> NDArray[np.int64]:
    row, column = landcover.grid.index(x_m, y_m)
    row = np.clip(row, 0, landcover.grid.height - 1)
    column = np.clip(column, 0, landcover.grid.width - 1)
    return np.asarray(landcover.values[row, column], np.int64)


def _gaps(distance_km: Floats, height_m: Floats) -> list[tuple[float, float]]:
    """Return the first and last distance of each stretch without height."""
    missing = np.concatenate([[False], ~np.isfinite(height_m), [False]])
    edges = np.flatnonzero(missing[1:] != missing[:-1])
    return [
        (float(distance_km[first]), float(distance_km[last - 1]))
        for first, last in edges.reshape(-1, 2)
    ]


def _void(first_km: float, last_km: float) -> Defect:
    problem = message("problem.has_no_height_at", km=first_km)
    if last_km > first_km:
        problem = message("problem.has_no_height_from_to", first_km=first_km, last_km=last_km)
    return Defect("terrain", problem, message("remedy.fill_the_voids_of_the_terrain"))


def read_profile(path: Path, stated: Stated = NOTHING) -> GroundProfile:
    """Read a path profile with columns distance_km, height_m and optionally clutter_m, zone.

    Distances begin at 0 and rise; heights are those of the ground above sea level; without
    clutter the ground is bare, without zones it is inland.

    Parameters
    ----------
    path
        The file.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.

    Returns
    -------
    GroundProfile
        As the file gives it.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    table = tables.read(Path(path), PROFILE_HEADERS, stated)
    header = tables.recognise(table, PROFILE_HEADERS)
    needed = (columns.DISTANCE_KM, columns.HEIGHT_M)
    problems = [tables.lacking(table, column) for column in needed if column not in header]
    values = {column: _numbers(table, header, column, problems) for column in PROFILE_HEADERS}
    problems += _limits(table, header, values)
    problems += _order(table, header, values[columns.DISTANCE_KM])
    if len(table.rows) < FEWEST_POINTS:
        problem = message("problem.holds_points", count=len(table.rows))
        remedy = message("remedy.a_profile_needs_or_more", fewest=FEWEST_POINTS)
        problems.append(Defect(str(path), problem, remedy))
    if problems:
        refusal = message("refusal.is_not_a_usable_profile", name=Path(path).name)
        raise InputError(refusal, tables.by_row(problems))
    distance_km, height_m, clutter_m, zone = values.values()
    return GroundProfile(distance_km, height_m, clutter_m, zone.astype(np.int64))


_ABSENT = {columns.CLUTTER_M: 0.0, columns.RADIO_ZONE: float(INLAND)}


def _numbers(
    table: Table, header: Mapping[str, str], column: str, problems: list[Defect]
) -> Floats:
    """Return a column as numbers; cells without one become NaN and a defect."""
    if column not in header:
        return np.full(len(table.rows), _ABSENT.get(column, np.nan))
    if column in {columns.LON, columns.LAT}:
        read = positions.degrees(table, header, column, 1e7)
    else:
        read = tables.measured(table, header, column, Measure(COLUMNS[column].unit))
    empty = [i for i, text in enumerate(tables.texts(table, header, column)) if not text]
    problems += [
        table.defect(i, message("problem.is_missing"), column=header[column]) for i in empty
    ]
    problems += read.defects
    return read.values


def _limits(table: Table, header: Mapping[str, str], values: Mapping[str, Floats]) -> list[Defect]:
    """Return the cells that hold a number no profile can have."""
    height_m, clutter_m = values[columns.HEIGHT_M], values[columns.CLUTTER_M]
    zone = values[columns.RADIO_ZONE]
    wrong = {
        columns.HEIGHT_M: (height_m < LOWEST_M) | (height_m > HIGHEST_M),
        columns.CLUTTER_M: (clutter_m < 0.0) | (clutter_m > HIGHEST_CLUTTER_M),
        columns.RADIO_ZONE: np.isfinite(zone) & ~np.isin(zone, RADIO_ZONES),
    }
    remedies: dict[str, tuple[Text, Text]] = {
        columns.HEIGHT_M: (
            message("problem.is_not_between_and_m", low=LOWEST_M, high=HIGHEST_M),
            message("remedy.a_void_needs_its_true_height"),
        ),
        columns.CLUTTER_M: (
            message("problem.is_not_between_and_m", low=0.0, high=HIGHEST_CLUTTER_M),
            "",
        ),
        columns.RADIO_ZONE: (
            message("problem.is_not_a_radio_zone"),
            message("remedy.use_a_radio_zone"),
        ),
    }
    return [
        table.defect(int(i), *remedies[column], column=header[column])
        for column, mask in wrong.items()
        for i in np.flatnonzero(mask)
    ]


def _order(table: Table, header: Mapping[str, str], distance_km: Floats) -> list[Defect]:
    """Return where distances do not start at 0 or do not rise."""
    known = np.flatnonzero(np.isfinite(distance_km))
    if columns.DISTANCE_KM not in header or known.size == 0:
        return []
    name, problems = header[columns.DISTANCE_KM], []
    if known[0] == 0 and distance_km[0] != 0.0:
        remedy = message("remedy.begin_at_the_transmitter")
        problem = message("problem.the_first_distance_is_not_0")
        problems.append(table.defect(0, problem, remedy, name))
    for before, here in pairwise(known):
        if distance_km[here] <= distance_km[before]:
            before_km = float(distance_km[before])
            problem = message("problem.is_not_beyond_the_distance_before", km=before_km)
            problems.append(table.defect(int(here), problem, message("remedy.sort_the_rows"), name))
    return problems


def read_receivers(path: Path, height_m: float, stated: Stated = NOTHING) -> list[Place]:
    """Read receivers with columns lon, lat and optionally height_m, id.

    Without heights all stand ``height_m`` above ground; without identifiers they are counted
    from 1.

    Raises
    ------
    InputError
        With every defect of the file.
    """
    table = tables.read(Path(path), RECEIVER_HEADERS, stated)
    header = tables.recognise(table, RECEIVER_HEADERS)
    needed = (columns.LON, columns.LAT)
    problems = [tables.lacking(table, column) for column in needed if column not in header]
    lon, lat = (_numbers(table, header, column, problems) for column in needed)
    heights_m = np.full(len(table.rows), height_m)
    if columns.HEIGHT_M in header:
        heights_m = _numbers(table, header, columns.HEIGHT_M, problems)
    problems += _misplaced(table, header, (lon, lat, heights_m))
    if problems:
        refusal = message("refusal.is_not_a_usable_list", path=Path(path).name)
        raise InputError(refusal, tables.by_row(problems))
    counted = [str(i + 1) for i in range(len(table.rows))]
    given = tables.texts(table, header, columns.RECEIVER_ID, counted)
    names = [name or number for name, number in zip(given, counted, strict=True)]
    return [
        Place(float(lon[i]), float(lat[i]), float(heights_m[i]), str(path), int(row), name)
        for i, (row, name) in enumerate(zip(table.rows, names, strict=True))
    ]


def _misplaced(table: Table, header: Mapping[str, str], values: Sequence[Floats]) -> list[Defect]:
    """Return the cells that hold no longitude, latitude or height."""
    return [
        table.defect(int(i), _outside(low, high), column=header[column])
        for (column, (low, high)), numbers in zip(_LIMITS.items(), values, strict=True)
        if column in header
        for i in np.flatnonzero((numbers < low) | (numbers > high))
    ]
