"""Zones that a rollout serves first: urban, industrial and tourism areas as polygons."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS

from phusong import columns
from phusong.geodata import crs, reference
from phusong.geodata.folded import ascii_name
from phusong.geodata.province import TOWNSHIPS, WARDS
from phusong.geodata.units import admin

# Area of a zone whose source gives none. General knowledge, not verified.
DEFAULT_AREA_HA = {
    "urban_core": 500.0,
    "township": 120.0,
    "new_urban_area": 100.0,
    "industrial_park": 150.0,
    "industrial_cluster": 30.0,
    "tourism": 40.0,
}
ASSUMED_AREA = "area assumed for its category"
URBAN_TYPES = {
    **dict.fromkeys(WARDS, "ward"),
    **dict.fromkeys(TOWNSHIPS, "township"),
}  # categories of zones by type of unit
SOLID = ("industrial_park", "industrial_cluster")  # two of these never overlap
MIN_SHARE = 0.5  # a clip must keep this share of the area, else a wider one is tried
GROWTH = 2.0  # largest radius of a clipped zone, in radii of the plain disc
BISECTIONS = 14

# Workers of all operating parks, November 2023: dangcongsan 655688.
PARK_WORKERS = 135_000
# 9.3 million visitors in 2023 over 365 days (znews); the factor is general knowledge (3 to 5).
DAY_AVERAGE_VISITORS = 25_500
PEAK_FACTOR = 3.0
# The rest of the peak day goes by area, bounded per zone. General knowledge, not verified.
VISITED_AREA_HA = 600.0
MAX_VISITORS = 5_000


@dataclass(frozen=True)
class ZoneSource:
    """A zone as its source gives it: point, area, and the units it is said to lie in."""

    point: shapely.Point
    area_m2: float
    communes: str
    district_code: str


@dataclass(frozen=True)
class Land:
    """The units a zone can be clipped to."""

    polygons: NDArray[np.object_]
    names: NDArray[np.str_]
    district_codes: NDArray[np.str_]
    districts: dict[str, shapely.Geometry]
    province: shapely.Geometry


def reference_zones(communes: GeoDataFrame) -> GeoDataFrame:
    """Return the 64 zones of the reference province as approximate polygons on these communes.

    Each zone is a disc of its published area (or of its category's default) round its point,
    clipped to the communes its source names, and grown until the area fits again; where
    less than half could be kept it is clipped to the district, then the province. Industrial
    zones do not overlap: the better known place comes first. Zones whose point lies outside
    the communes are left out.
    """
    table, planning = reference.table("zones"), crs.name_of(communes)
    x_m, y_m = crs.transform(table["lon"], table["lat"], crs.GEOGRAPHIC, planning)
    points = gpd.GeoDataFrame(table, geometry=shapely.points(x_m, y_m), crs=communes.crs)
    row = admin.assign(points, communes)
    points, row = points[row >= 0].reset_index(drop=True), row[row >= 0]
    assumed = points[columns.AREA_HA].isna()
    default = points[columns.CATEGORY].map(DEFAULT_AREA_HA)
    points[columns.AREA_HA] = points[columns.AREA_HA].fillna(default)
    points[columns.COMMUNE_CODE] = communes[columns.COMMUNE_CODE].to_numpy()[row]
    points[columns.DISTRICT_CODE] = communes[columns.DISTRICT_CODE].to_numpy()[row]
    points[columns.WORKERS] = _workers(points)
    points[columns.VISITORS] = _visitors(points)
    note = np.where(assumed, "; " + ASSUMED_AREA, "")
    points[columns.SOURCE] = points["source"] + "; place: " + points["point_source"] + note
    shapes = _shapes(points, communes)
    return gpd.GeoDataFrame(points[list(columns.ZONES)], geometry=shapes, crs=communes.crs)


def of_units(communes: GeoDataFrame) -> GeoDataFrame:
    """Return a zone for every ward and township, with columns.ZONES."""
    urban = communes[communes[columns.COMMUNE_TYPE].isin(URBAN_TYPES)]
    table = {
        columns.ZONE_ID: "C" + urban[columns.COMMUNE_CODE].astype(str),
        columns.KIND: "urban",
        columns.NAME: urban[columns.NAME],
        columns.CATEGORY: urban[columns.COMMUNE_TYPE].map(URBAN_TYPES),
        columns.STATUS: "operating",
        columns.COMMUNE_CODE: urban[columns.COMMUNE_CODE],
        columns.DISTRICT_CODE: urban[columns.DISTRICT_CODE],
        columns.AREA_HA: (urban.area / 1e4).round(2),
        columns.WORKERS: 0,
        columns.VISITORS: 0,
        columns.CONFIDENCE: "high",
        columns.SOURCE: "unit of the province",
    }
    return gpd.GeoDataFrame(table, geometry=urban.geometry, crs=urban.crs).reset_index(drop=True)


def empty(planning: CRS) -> GeoDataFrame:
    """Return a frame of no zones with the right columns, in a planning CRS."""
    kinds = {columns.AREA_HA: float, columns.WORKERS: np.int64, columns.VISITORS: np.int64}
    table = {name: np.array([], kinds.get(name, object)) for name in columns.ZONES}
    return gpd.GeoDataFrame(table, geometry=[], crs=planning)


def _workers(zones: GeoDataFrame) -> NDArray[np.int64]:
    """Return workers per zone: known figures, and the rest of PARK_WORKERS by area.

    Only operating parks share the rest; a cluster gets the same workers per hectare on top.
    """
    known = zones["workers"].to_numpy(float)
    works = _operating(zones, "industrial") & np.isnan(known)
    parks = works & (zones[columns.CATEGORY] == "industrial_park").to_numpy()
    area_ha = zones[columns.AREA_HA].to_numpy(float)
    rest = max(PARK_WORKERS - np.nansum(known), 0.0)
    per_ha = rest / area_ha[parks].sum() if parks.any() else 0.0
    workers = np.where(works, area_ha * per_ha, np.nan_to_num(known))
    return np.asarray(np.round(workers), np.int64)


def _visitors(zones: GeoDataFrame) -> NDArray[np.int64]:
    """Return visitors present on a peak day per zone: known figures, the rest by area.

    The day average times PEAK_FACTOR, less the known figures, goes to the other operating
    tourism zones by area, of which VISITED_AREA_HA at most counts; no zone gets more than
    MAX_VISITORS. What is left over is spent outside the listed zones.
    """
    known = zones["visitors_per_day"].to_numpy(float)
    open_now = _operating(zones, "tourism") & np.isnan(known)
    area_ha = np.minimum(zones[columns.AREA_HA].to_numpy(float), VISITED_AREA_HA)
    rest = max(DAY_AVERAGE_VISITORS * PEAK_FACTOR - np.nansum(known), 0.0)
    per_ha = rest / area_ha[open_now].sum() if open_now.any() else 0.0
    shared = np.minimum(area_ha * per_ha, MAX_VISITORS)
    visitors = np.where(open_now, shared, np.nan_to_num(known))
    return np.asarray(np.round(visitors), np.int64)


def _operating(zones: GeoDataFrame, kind: str) -> NDArray[np.bool_]:
    chosen = (zones[columns.STATUS] == "operating") & (zones[columns.KIND] == kind)
    return np.asarray(chosen, bool)


def _shapes(points: GeoDataFrame, communes: GeoDataFrame) -> list[shapely.Geometry]:
    """Return the polygons in the order of the points; the better known places are laid first."""
    confidence = points[columns.CONFIDENCE].map({"high": 0, "medium": 1}).fillna(2)
    land = _land(communes)
    solid = points[columns.CATEGORY].isin(SOLID).to_numpy()
    places = [
        ZoneSource(point, area_ha * 1e4, names, district)
        for point, area_ha, names, district in zip(
            points.geometry,
            points[columns.AREA_HA],
            points["communes"],
            points[columns.DISTRICT_CODE],
            strict=True,
        )
    ]
    taken: shapely.Geometry = shapely.Polygon()
    shapes: dict[int, shapely.Geometry] = {}
    for row in np.argsort(confidence.to_numpy(), kind="stable"):
        shapes[row] = _fit(places[row], _rooms(places[row], land), taken if solid[row] else None)
        if solid[row]:
            taken = taken.union(shapes[row])
    return [shapes[row] for row in range(len(places))]


def _land(communes: GeoDataFrame) -> Land:
    polygons = communes.geometry.to_numpy()
    code = communes[columns.DISTRICT_CODE].fillna("").to_numpy(str)
    districts = {str(key): admin.dissolve(polygons[code == key]) for key in np.unique(code)}
    names = np.char.lower(communes[columns.NAME_ASCII].to_numpy(str))
    return Land(polygons, names, code, districts, admin.dissolve(polygons))


def _rooms(place: ZoneSource, land: Land) -> list[shapely.Geometry]:
    """Return where the zone may lie, narrowest first: named communes, district, province."""
    text = ascii_name(place.communes).lower()
    named = (land.district_codes == place.district_code) & [_names(text, n) for n in land.names]
    near = land.polygons[named | shapely.intersects(land.polygons, place.point)]
    return [
        admin.dissolve(near),
        land.districts.get(place.district_code, land.province),
        land.province,
    ]


def _names(text: str, name: str) -> bool:
    """Return whether a list such as ``p. khai quang; tam hop`` names the commune."""
    parts = [part.split("(")[0].strip() for part in text.split(";")]
    return any(part == name or part.endswith(" " + name) for part in parts)


def _fit(
    place: ZoneSource, rooms: list[shapely.Geometry], taken: shapely.Geometry | None
) -> shapely.Geometry:
    """Return the disc clipped to the first room that keeps enough, grown to the area."""
    shape: shapely.Geometry = shapely.Polygon()
    reach = _disc(place, GROWTH)
    for room in rooms:
        near = shapely.clip_by_rect(room, *reach.bounds)
        free = near if taken is None else near.difference(taken)
        shape = _widened(place, free)
        if shape.area >= MIN_SHARE * place.area_m2:
            return shape
    return shape if shape.area > 0 else _disc(place, 1.0).intersection(rooms[-1])


def _widened(place: ZoneSource, free: shapely.Geometry) -> shapely.Geometry:
    """Return the smallest clipped disc that has the wanted area, or the largest allowed."""
    low, high = 1.0, GROWTH
    shape = _disc(place, low).intersection(free)
    if shape.area >= 0.995 * place.area_m2:
        return _polygons(shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        shape = _disc(place, middle).intersection(free)
        low, high = (middle, high) if shape.area < place.area_m2 else (low, middle)
    return _polygons(shape)


def _disc(place: ZoneSource, growth: float) -> shapely.Geometry:
    radius_m = growth * np.sqrt(place.area_m2 / np.pi)
    return place.point.buffer(radius_m, quad_segs=24)


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a clip without stray lines and points."""
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
