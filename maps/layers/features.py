"""The vector layers of the map page: display geometry and the figures that each thing shows.

Everything here ends as JSON in the page, in degrees with five decimals (about a metre).
"""

import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong import messages
from phusong.geodata.crs import GEOGRAPHIC, described, label
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.texts.text import unit_name

DECIMALS = 5
UNIT_CATEGORIES = ("ward", "township")  # zones that are units of the province
SIMPLIFY_M = 40.0
CLOSE_M = 20.0

Json = dict[str, Any]

COMMUNE_FIGURES = (
    col.COMMUNE_CODE,
    col.NAME,
    col.COMMUNE_TYPE,
    col.DISTRICT_CODE,
    col.DISTRICT,
    col.POPULATION,
    col.SITES,
    *col.SHARES,
    *col.INTERVALS,
    col.WHY,
)
DISTRICT_FIGURES = (
    col.DISTRICT_CODE,
    col.NAME,
    col.POPULATION,
    col.SITES,
    *col.SHARES,
    *col.INTERVALS,
)
SITE_FIGURES = (
    col.SITE_ID,
    col.POSITION_ID,
    col.OPERATOR,
    col.TECHNOLOGIES,
    col.STATUS,
    col.COMMUNE_CODE,
    col.HEIGHT_M,
    col.MAST_CLASS,
    col.AZIMUTHS_DEG,
)


def plain(value: object) -> object:
    """Return a value as JSON can hold it: None for a missing or infinite number."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() else round(value, 6)
    return value if isinstance(value, str | int | bool | None) else str(value)


def rows(frame: GeoDataFrame, columns: Iterable[str]) -> list[list[object]]:
    """Return the rows of a table as lists in the order of ``columns``."""
    lists = [[plain(value) for value in frame[name]] for name in columns]
    return [list(row) for row in zip(*lists, strict=True)]


def table(frame: GeoDataFrame, columns: Sequence[str]) -> Json:
    """Return a table as ``{"columns": [...], "rows": [[...], ...]}``, each name written once.

    Columns that only later versions write may be missing.
    """
    held = [name for name in columns if name in frame]
    return {"columns": held, "rows": rows(frame, held)}


@lru_cache(maxsize=20_000)  # the same shapes go out in every language
def geometry(shape: BaseGeometry) -> Json | None:
    """Return a geometry as GeoJSON with five decimals; None where nothing of it is left."""
    rounded = shapely.set_precision(shape, 10.0**-DECIMALS, mode="pointwise")
    if rounded.is_empty:
        return None
    result: Json = shapely.geometry.mapping(rounded)
    return {"type": result["type"], "coordinates": _listed(result["coordinates"])}


def _listed(coordinates: Any) -> Any:  # noqa: ANN401 - GeoJSON nests to any depth
    if isinstance(coordinates[0], float | int):
        return [round(float(value), DECIMALS) for value in coordinates]
    return [_listed(part) for part in coordinates]


def degrees(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return geometries of the planning CRS in degrees."""
    return shapes.to_crs(GEOGRAPHIC)


def display_communes(run: RunFolder) -> GeoDataFrame:
    """Return the communes of a run as they are displayed."""
    return display(run.communes.to_crs(run.crs))


def display(frame: GeoDataFrame) -> GeoDataFrame:
    """Return communes of the planning CRS simplified without opening gaps between them."""
    communes = frame.copy()
    communes[col.AREA_KM2] = (communes.area / 1e6).round(3)
    simpler = shapely.coverage_simplify(communes.geometry.to_numpy(), SIMPLIFY_M)
    return communes.set_geometry(gpd.GeoSeries(simpler, index=communes.index, crs=frame.crs))


def full_names(frame: GeoDataFrame, language: str) -> list[str]:
    """Return the names of communes with their types."""
    pairs = zip(frame[col.NAME], frame[col.COMMUNE_TYPE], strict=True)
    return [unit_name(str(name), str(kind), language) for name, kind in pairs]


def zone_names(run: RunFolder, language: str) -> dict[str, str]:
    """Return the names of zones by identifier; a ward or township is called as the unit it is."""
    units = dict(
        zip(run.communes[col.COMMUNE_CODE], full_names(run.communes, language), strict=True)
    )
    zones = run.zones
    unit = zones[col.CATEGORY].isin(UNIT_CATEGORIES)
    codes = zones[col.COMMUNE_CODE].where(unit)
    every = zip(zones[col.ZONE_ID], codes, zones[col.NAME], strict=True)
    return {zone: units.get(code, name) for zone, code, name in every}


def communes(
    display: GeoDataFrame,
    language: str,
    figures: tuple[str, ...] = (*COMMUNE_FIGURES, col.AREA_KM2),
) -> Json:
    """Return the communes with their figures, a point for the name, and their outlines."""
    points = degrees(label_points(display))
    result = table(display, figures or (*COMMUNE_FIGURES, col.AREA_KM2))
    result["full_name"] = full_names(display, language)
    result["label"] = lon_lat(points)
    result["geometry"] = [geometry(shape) for shape in degrees(display.geometry)]
    return result


def districts(run: RunFolder, display: GeoDataFrame) -> Json:
    """Return the districts with their figures, area, bounds and a point for the name."""
    shapes = display.dissolve(col.DISTRICT_CODE).geometry
    known = run.districts[run.districts[col.DISTRICT_CODE].isin(shapes.index)]
    ordered = shapes.loc[known[col.DISTRICT_CODE]]
    frame = GeoDataFrame(
        known.drop(columns="geometry"), geometry=ordered.to_numpy(), crs=display.crs
    ).assign(**{col.AREA_KM2: (ordered.area / 1e6).round(3).to_numpy()})
    result = table(frame, (*DISTRICT_FIGURES, col.AREA_KM2))
    result["label"] = lon_lat(degrees(label_points(frame)))
    result["bounds"] = degrees(frame.geometry).bounds.round(DECIMALS).to_numpy().tolist()
    return result


def label_points(frame: GeoDataFrame) -> gpd.GeoSeries:
    """Return the centre of the largest circle inside each polygon."""
    circles = shapely.maximum_inscribed_circle(frame.geometry.to_numpy(), tolerance=50.0)
    starts = shapely.get_point(circles, 0)
    return gpd.GeoSeries(starts, index=frame.index, crs=frame.crs)


def lon_lat(points: gpd.GeoSeries) -> list[list[float]]:
    """Return points in degrees as [lon, lat] with five decimals."""
    pairs = np.column_stack([points.x, points.y]).round(DECIMALS)
    return [[float(lon), float(lat)] for lon, lat in pairs]


def boundaries(display: GeoDataFrame) -> dict[str, Json | None]:
    """Return the lines of communes, districts and the province, each line in one layer only."""
    province = display.geometry.union_all()
    outline = shapely.boundary(province)
    by_district = display.dissolve(col.DISTRICT_CODE).boundary.union_all()
    all_lines = display.boundary.union_all()
    levels = {
        "communes": all_lines.difference(by_district),
        "districts": by_district.difference(outline),
        "province": outline,
    }
    merged = {name: _merged(lines) for name, lines in levels.items()}
    placed = degrees(gpd.GeoSeries(merged, crs=display.crs))
    return {name: None if lines.is_empty else geometry(lines) for name, lines in placed.items()}


def _merged(lines: BaseGeometry) -> BaseGeometry:
    return shapely.line_merge(lines) if lines.geom_type.startswith("Multi") else lines


def sites(run: RunFolder) -> Json:
    """Return the existing sites by column, with positions in whole units from a corner."""
    frame = run.sites
    unit = 10.0**-DECIMALS
    steps = np.round(np.column_stack([frame.geometry.x, frame.geometry.y]) / unit).astype(np.int64)
    corner = steps.min(axis=0) if len(steps) else np.zeros(2, np.int64)
    return {
        "columns": {name: packed([plain(value) for value in frame[name]]) for name in SITE_FIGURES},
        "unit": unit,
        "corner": [round(float(edge) * unit, DECIMALS) for edge in corner],
        "position": (steps - corner).T.tolist(),
    }


def packed(values: list[Any]) -> list[Any] | Json:
    """Return a column, or its words and the place of each value's where that is shorter."""
    coded = worded(values)
    return coded if len(json.dumps(coded)) < len(json.dumps(values)) else values


def worded(values: Sequence[Any]) -> Json:
    """Return the different values of a column and the place of each row's among them."""
    words = list(dict.fromkeys(values))
    place = {word: index for index, word in enumerate(words)}
    return {"words": words, "at": [place[value] for value in values]}


def candidates(run: RunFolder) -> Json:
    """Return the chosen candidates by rank."""
    frame = run.ranking.sort_values(col.RANK)
    result = table(frame, col.RANKING)
    result["position"] = lon_lat(frame.geometry)
    return result


def links(run: RunFolder) -> Json:
    """Return the backhaul of the chosen stations; none where the run knows none."""
    frame = run.layer("backhaul", col.BACKHAUL)
    result = table(frame, col.BACKHAUL)
    result["geometry"] = [geometry(shape) for shape in frame.geometry]
    return result


def roads(run: RunFolder) -> dict[str, Json | None]:
    """Return the roads as lines of their own, simplified for display; None where none are given."""
    frame = run.layer("roads", col.ROADS)
    if frame.empty:
        return {"roads": None}
    lines = frame.to_crs(run.crs).explode(ignore_index=True).simplify(CLOSE_M)
    together = shapely.multilinestrings(degrees(lines).to_numpy())
    return {"roads": geometry(together)}


def zones(run: RunFolder, language: str) -> Json:
    """Return the zones with their names in a language, figures and outlines."""
    frame = run.zones
    named = frame.assign(
        **{
            col.NAME: frame[col.ZONE_ID].map(zone_names(run, language)),
            col.SOURCE: [_source(text, language) for text in frame[col.SOURCE]],
        }
    )
    result = table(named, col.RESULT_ZONES)
    result["geometry"] = [geometry(shape) for shape in frame.geometry]
    return result


def _source(text: object, language: str) -> str:
    """Return where a zone comes from, its known sentences in a language."""
    return messages.speak(messages.recognised(str(text)), language) if isinstance(text, str) else ""


def holes(run: RunFolder) -> Json:
    """Return the coverage holes, simplified for display."""
    frame = run.holes.to_crs(run.crs)
    smooth = frame.geometry.simplify(CLOSE_M) if len(frame) else frame.geometry
    result = table(frame, col.HOLES)
    result["geometry"] = [geometry(shape) for shape in degrees(smooth)]
    return result


def planning_system(bounds_deg: tuple[float, float, float, float], planning: str) -> Json:
    """Return what the planning CRS is called, and cubic polynomials from lon and lat to it.

    The page shows planning coordinates under the mouse without carrying a projection library;
    over a province the fit is good to centimetres.
    """
    west, south, east, north = bounds_deg
    centre = ((west + east) / 2.0, (south + north) / 2.0)
    lon, lat = np.meshgrid(np.linspace(west, east, 12), np.linspace(south, north, 12))
    points = gpd.points_from_xy(lon.ravel(), lat.ravel(), crs=GEOGRAPHIC).to_crs(planning)
    terms = polynomial_terms(lon.ravel() - centre[0], lat.ravel() - centre[1])
    x_m, y_m = (np.linalg.lstsq(terms, axis, rcond=None)[0] for axis in (points.x, points.y))
    return {
        "name": described(planning),
        "label": label(planning),
        "centre": list(centre),
        "x": x_m.tolist(),
        "y": y_m.tolist(),
    }


def polynomial_terms(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ten terms lon**i * lat**j with i + j <= 3, ordered by i, then j."""
    return np.column_stack([lon**i * lat**j for i in range(4) for j in range(4 - i)])
