"""What a run may show the public: no mast by its place, no operator, no identifier.

Only what is listed here goes out. Masts are counted in squares of 500 m; where a square holds fewer
than three, they are counted in a larger one round it, without the parts that are told already.
Coverage is shown in squares of 500 m. The rule is published with the run, in words.

References
----------
The least number in a group is the k of L. Sweeney, "k-anonymity: a model for protecting privacy",
International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10 (2002).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import messages
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import whole
from phusong.geodata.files.raster import read_raster
from phusong.geodata.grid import Grid, Raster, covering
from phusong.maps.feed.content import Content, texts
from phusong.messages import message, speak

RULE = "anonymisation.txt"
CELL_M, LEAST = 500.0, 3
UNCOVERED, OUTSIDE = 0, 65_535  # of covered_year.tif
MASTS, PLANNED, COVERED_YEAR = "masts_500m", "stations_500m", "covered_year"
UNITS = {
    "communes": (*col.COMMUNES, *col.SHARES, *col.INTERVALS, col.MAIN_CAUSE),
    "districts": (*col.DISTRICTS, *col.SHARES, *col.INTERVALS),
    "zones": (
        *(name for name in col.ZONES if name != col.SOURCE),
        *(col.TIER, col.COVERED_SHARE_BEFORE, col.COVERED_SHARE_AFTER, *col.ZONE_INTERVALS),
    ),
}
TABLES = ("stations_by_commune",)
_RECORD = ("schema_version", "phusong", "created", "language", "currency", "province", "versions")
_SERVICE = ("location", "probability", "threshold_dbm")
_NETWORK = frozenset({"sites", "cells"})
_NAMES = (col.OPERATOR, col.SITE_ID, col.POSITION_ID)
SHORTEST = 3  # characters of a name that is looked for in texts

Area = tuple[shapely.Geometry, int]


def public(content: Content) -> Content:
    """Return what of a run may be shown to anybody.

    Parameters
    ----------
    content
        All of it.

    Returns
    -------
    Content
        Units with their shares, masts and stations counted in squares, coverage in squares, and
        a record without parameters, sources of networks and texts of people.

    Raises
    ------
    InputError
        When the name that the run is to be published under says an operator or identifier.
    """
    forbidden = _forbidden(content)
    _check_name(content.name, forbidden)
    title = texts(
        "feed.public_title",
        province=content.province,
        name=content.name,
        date=content.publication.stamp[:10],
    )
    return replace(
        content,
        title=title,
        public=True,
        record=_record(content, title, forbidden),
        layers={**_units(content), **_counted(content)},
        rasters=_rasters(content),
        tables={name: content.tables[name] for name in TABLES if name in content.tables},
    )


def write_rule(folder: Path) -> None:
    """Write in words, in both languages, what was taken out of a public run and how."""
    said = texts("feed.rule", cell_m=int(CELL_M), least=LEAST)
    whole.write_text(folder / RULE, "\n\n".join(said.values()) + "\n")


def _forbidden(content: Content) -> "re.Pattern[str] | None":
    """Return what finds operators and identifiers of the network in a text; None without any."""
    names = {
        str(value).strip()
        for frame in content.layers.values()
        for column in _NAMES
        if column in frame
        for value in frame[column]
        if len(str(value).strip()) >= SHORTEST
    }
    if not names:
        return None
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def _check_name(name: str, forbidden: "re.Pattern[str] | None") -> None:
    """Raise when an address would say an operator or identifier."""
    words = re.sub(r"[-_]+", " ", name)
    if forbidden and (forbidden.search(words) or forbidden.search(name)):
        remedy = message("remedy.give_it_another_name_with_name")
        problem = message("problem.names_an_operator_or_a_mast")
        raise InputError(
            message("refusal.wrong_name_of_a_feed"), [Defect("--name", problem, remedy, value=name)]
        )


def _record(
    content: Content, title: Mapping[str, str], forbidden: "re.Pattern[str] | None"
) -> dict[str, Any]:
    record = content.record
    origins = {
        name: _origin(origin, forbidden if name not in _NETWORK else re.compile(""))
        for name, origin in record["layers"].items()
    }
    return {key: record[key] for key in _RECORD if key in record} | {
        "scenario": {"name": content.name, "title": dict(title)},
        "service": {key: record["service"][key] for key in _SERVICE},
        "headline": _numbers(record["headline"]),
        "years": [
            _numbers(year) | {"communes": year.get("communes", {})} for year in record["years"]
        ],
        "layers": origins,
    }


def _numbers(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if isinstance(value, int | float)}


def _origin(origin: Mapping[str, Any], forbidden: "re.Pattern[str] | None") -> dict[str, Any]:
    """Return where a layer comes from; a text that names an operator or mast is left out."""

    def allowed(key: str) -> Any:  # noqa: ANN401 - a text or a message
        text = origin.get(key, "")
        said = " ".join(speak(text, language) for language in messages.SHIPPED)
        return "" if forbidden and forbidden.search(said) else text

    told = {key: allowed(key) for key in ("source", "licence", "note")}
    return {"status": origin["status"]} | {key: text for key, text in told.items() if text}


def _units(content: Content) -> dict[str, GeoDataFrame]:
    """Return communes, districts and zones with the columns that tell of no mast."""
    return {
        name: content.layers[name][
            [*(c for c in columns if c in content.layers[name]), content.layers[name].geometry.name]
        ]
        for name, columns in UNITS.items()
        if name in content.layers
    }


def _counted(content: Content) -> dict[str, GeoDataFrame]:
    """Return masts today and stations of the plan, each counted in squares."""
    layers = {}
    outline = content.layers["communes"].to_crs(content.crs).union_all()
    for name, source, count in (
        (MASTS, "sites", col.MASTS),
        (PLANNED, "ranking", col.PLANNED_STATIONS),
    ):
        if source not in content.layers:
            continue
        counted = areas(_places(content, source), _frame_of(content))
        table = {count: [number for _, number in counted]}
        if counted:
            shown = shapely.intersection([shape for shape, _ in counted], outline)
            frame = gpd.GeoDataFrame(table, geometry=_polygons(shown), crs=content.crs)
            layers[name] = frame[~frame.geometry.is_empty].to_crs(crs.GEOGRAPHIC)
    return layers


def _polygons(shapes: NDArray[np.object_]) -> list[shapely.Geometry]:
    """Return shapes without the points and lines in which areas touch an outline."""
    return [
        shapely.union_all([part for part in shapely.get_parts(shape) if part.area > 0])
        for shape in shapes
    ]


def _places(content: Content, layer: str) -> NDArray[np.float64]:
    """Return the places of the points, each once, in the planning CRS [m]."""
    xy = shapely.get_coordinates(content.layers[layer].to_crs(content.crs).geometry.to_numpy())
    return np.unique(np.round(xy, 1), axis=0)


def _frame_of(content: Content) -> Grid:
    """Return the squares that cover the communes."""
    bounds = content.layers["communes"].to_crs(content.crs).total_bounds
    west, south, east, north = (float(edge) for edge in bounds)
    return covering((west, south, east, north), pixel_m=CELL_M, crs=content.crs)


def areas(places: NDArray[np.float64], frame: Grid, least: int = LEAST) -> list[Area]:
    """Return areas of which each holds at least so many places, and how many.

    A square of the frame that holds enough is an area. What is left over is looked at in squares
    of twice the side, and so on; such an area is the larger square without the areas inside it.
    Where fewer than enough are left in the end, the last area takes them in.

    Parameters
    ----------
    places
        Shape (n, 2), in the CRS of the frame [m]; those outside the frame are not counted.
    frame
        The smallest squares.
    least
        How many places an area holds at least.

    Returns
    -------
    list of (Geometry, int)
        Areas that share no ground; none where there are fewer places than ``least``.

    Examples
    --------
    >>> frame = Grid(0.0, 1000.0, 2, 2, 500.0)
    >>> places = np.array([[10.0, 10.0], [20.0, 20.0], [30.0, 30.0], [900.0, 900.0]])
    >>> [(area.area, count) for area, count in areas(places, frame)]
    [(1000000.0, 4)]
    """
    west, south, east, north = frame.bounds
    x_m, y_m = places.T
    inside = (x_m >= west) & (x_m < east) & (y_m >= south) & (y_m < north)
    loose, side_m = places[inside], frame.pixel_m
    counted: list[Area] = []
    whole_m = max(east - west, north - south)
    while len(loose):
        loose, found = _settled(loose, (west, south), side_m, least)
        counted += [(_without(shape, counted), number) for shape, number in found]
        if side_m >= whole_m:
            break
        side_m *= 2
    if len(loose) and counted:
        shape, number = counted[-1]
        rest = _without(shapely.box(*frame.bounds), counted)
        counted[-1] = (shapely.union(shape, rest), number + len(loose))
    clip = shapely.box(*frame.bounds)
    return [(shapely.intersection(shape, clip), number) for shape, number in counted]


def _settled(
    loose: NDArray[np.float64], corner: tuple[float, float], side_m: float, least: int
) -> tuple[NDArray[np.float64], list[Area]]:
    """Return the places whose square holds too few, and the squares that hold enough."""
    keys = np.floor((loose - corner) / side_m).astype(np.int64)
    squares, of_place, counts = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    enough = counts >= least
    boxes = [
        (shapely.box(*(corner + key * side_m), *(corner + (key + 1) * side_m)), int(count))
        for key, count in zip(squares[enough], counts[enough], strict=True)
    ]
    return loose[~enough[of_place.ravel()]], boxes


def _without(shape: shapely.Geometry, counted: Iterable[Area]) -> shapely.Geometry:
    """Return a square without the areas that are told already."""
    inside = [area for area, _ in counted if shapely.intersects(area, shape)]
    return shapely.difference(shape, shapely.union_all(inside)) if inside else shape


def _rasters(content: Content) -> dict[str, Raster]:
    """Return the year of coverage in squares; every other raster tells where masts are."""
    source = content.rasters.get(COVERED_YEAR)
    if not isinstance(source, Path):
        return {}
    return {COVERED_YEAR: coarse_years(read_raster(source))}


def coarse_years(years: Raster, cell_m: float = CELL_M) -> Raster:
    """Return in which year at least half of the land of each square is first covered.

    Parameters
    ----------
    years
        Of first coverage: 0 never, 1 before the plan, 65535 outside.
    cell_m
        Side of a square [m].

    Returns
    -------
    Raster
        On a grid of such squares, with the same marks.
    """
    grid = covering(years.grid.bounds, pixel_m=cell_m, crs=years.grid.crs)
    x_m, y_m = years.grid.centres()
    columns = ((x_m - grid.x_min_m) // cell_m).astype(np.int64)
    rows = ((grid.y_max_m - y_m) // cell_m).astype(np.int64)
    square = rows[:, None] * grid.width + columns[None, :]
    size = grid.width * grid.height
    land = years.values != OUTSIDE
    pixels = np.bincount(square[land], minlength=size)
    coarse = np.where(pixels > 0, UNCOVERED, OUTSIDE).astype(np.uint16)
    for year, covered in _covered_by(years.values, land):
        share = np.bincount(square[covered], minlength=size) >= np.maximum(pixels / 2, 1)
        coarse[share] = year
    return Raster(coarse.reshape(grid.shape), grid, OUTSIDE, years.unit, years.description)


def _covered_by(
    years: NDArray[Any], land: NDArray[np.bool_]
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Yield each year, the last first, with the pixels that are covered by its end."""
    for year in sorted({int(y) for y in np.unique(years[land])} - {UNCOVERED}, reverse=True):
        yield year, land & (years > UNCOVERED) & (years <= year)
