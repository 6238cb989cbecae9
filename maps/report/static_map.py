"""Static maps for the report as SVG: the same ground, classes and symbols as the map page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from markupsafe import Markup, escape
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong.geodata import symbols
from phusong.geodata.crs import GEOGRAPHIC
from phusong.geodata.grid import Grid
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers import features
from phusong.maps.pictures import overlay, palette, relief

WIDTH = 1000.0
GROUND_ID = "ground"
CLIP_ID = "province"
MARGIN_M = 1200.0
NUMBERED_RANKS = 20
SCALE_KM = 10.0
NAME_WIDTH = 13.0  # of one letter of a district's name, in drawing units
NAME_HEIGHT = 16.0
SHIFTS = (0.0, -22.0, 22.0, -40.0, 40.0, -58.0, 58.0)
NOTHING: NDArray[np.float64] = np.empty((0, 2))


@dataclass(frozen=True)
class StaticMap:
    """What the maps of one report share: the frame, the ground picture, display geometry."""

    frame: Grid
    ground: Markup
    communes: GeoDataFrame
    districts: GeoSeries
    outline: BaseGeometry
    name_points: GeoSeries

    @property
    def unit_m(self) -> float:
        """Return how many mercator metres one drawing unit spans."""
        return self.frame.width * self.frame.pixel_m / WIDTH

    @property
    def height(self) -> float:
        """Return the height of the drawing in units."""
        return self.frame.height * self.frame.pixel_m / self.unit_m


def prepare(run: RunFolder) -> StaticMap:
    """Return what the maps of a report share."""
    display = features.display_communes(run)
    province = features.degrees(display.geometry).union_all()
    picture, ground = relief.picture(run, province)
    frame = overlay.mercator_grid(province.bounds, MARGIN_M)
    dissolved = display.dissolve(col.DISTRICT_CODE)
    mercator = display.to_crs(overlay.MERCATOR)
    static_map = StaticMap(
        frame,
        Markup(),
        mercator,
        dissolved.geometry.to_crs(overlay.MERCATOR),
        mercator.geometry.union_all(),
        features.label_points(dissolved).to_crs(overlay.MERCATOR),
    )
    return _with_ground(static_map, overlay.data_url(picture, "webp"), ground)


def _with_ground(static_map: StaticMap, url: str, ground: Grid) -> StaticMap:
    x_min, y_min, x_max, y_max = ground.bounds
    left, top = _units(static_map, np.array([[x_min, y_max]]))[0]
    width, height = (x_max - x_min) / static_map.unit_m, (y_max - y_min) / static_map.unit_m
    image = Markup(
        '<svg width="0" height="0" class="store" aria-hidden="true"><defs><image id="{}" href="{}"'
        ' x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" preserveAspectRatio="none"/>'
        '<clipPath id="{}"><path d="{}"/></clipPath></defs></svg>'
    ).format(
        GROUND_ID, url, left, top, width, height, CLIP_ID, _path(static_map, static_map.outline)
    )
    return replace(static_map, ground=image)


def _units(static_map: StaticMap, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return mercator points in drawing units, y downward."""
    x = (points[:, 0] - static_map.frame.x_min_m) / static_map.unit_m
    y = (static_map.frame.y_max_m - points[:, 1]) / static_map.unit_m
    return np.column_stack([x, y])


def _path(static_map: StaticMap, shape: BaseGeometry) -> str:
    """Return the rings of a polygon as SVG path data."""
    written = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        units = _units(static_map, shapely.get_coordinates(ring)[:-1])
        written.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in units) + "Z")
    return "".join(written)


def shaded(static_map: StaticMap, column: str, label: str, names: Mapping[str, str]) -> Markup:
    """Return a map of communes shaded by a share, with district names by code."""
    return _drawing(
        static_map,
        label,
        _shades(static_map, column),
        _lines(static_map),
        _names(static_map, names),
    )


def plan(
    static_map: StaticMap, run: RunFolder, column: str, label: str, names: Mapping[str, str]
) -> Markup:
    """Return a map of communes shaded by a share, with the proposed stations on it."""
    markers = station_units(static_map, run)
    return _drawing(
        static_map,
        label,
        _shades(static_map, column),
        _lines(static_map),
        _names(static_map, names, markers),
        _stations(run, markers),
    )


def _drawing(static_map: StaticMap, label: str, *parts: str) -> Markup:
    start = (
        f'<svg class="plate" viewBox="0 0 {WIDTH:g} {static_map.height:.0f}" role="img" '
        f'aria-label="{escape(label)}"><use href="#{GROUND_ID}" clip-path="url(#{CLIP_ID})"/>'
    )
    return Markup(start + "".join(parts) + _scale(static_map) + "</svg>")  # noqa: S704 - escaped


def _shades(static_map: StaticMap, column: str) -> str:
    shapes = []
    values = static_map.communes[column].to_numpy(dtype=float)
    for shape, place in zip(static_map.communes.geometry, palette.SHARE.index(values), strict=True):
        if place != palette.NO_CLASS:
            colour = palette.SHARE.colours[int(place) - 1]
            shapes.append(f'<path d="{_path(static_map, shape)}" fill="{colour}"/>')
    return f'<g class="shades">{"".join(shapes)}</g>'


def _lines(static_map: StaticMap) -> str:
    communes = "".join(_path(static_map, shape) for shape in static_map.communes.geometry)
    districts = "".join(_path(static_map, shape) for shape in static_map.districts)
    return (
        f'<path class="commune-line" d="{communes}"/><path class="district-line" d="{districts}"/>'
        f'<path class="province-line" d="{_path(static_map, static_map.outline)}"/>'
    )


def _names(
    static_map: StaticMap, names: Mapping[str, str], markers: NDArray[np.float64] = NOTHING
) -> str:
    """Return the district names, each moved up or down to where it hides the fewest markers."""
    points = _units(
        static_map, np.column_stack([static_map.name_points.x, static_map.name_points.y])
    )
    written = []
    for code, (x, y) in zip(static_map.districts.index, points, strict=True):
        name = names.get(str(code), "")
        half_width = NAME_WIDTH * len(name) / 2.0
        near = markers[np.abs(markers[:, 0] - x) < half_width]
        hidden = [int((np.abs(near[:, 1] - y - shift) < NAME_HEIGHT).sum()) for shift in SHIFTS]
        best = y + SHIFTS[int(np.argmin(hidden))] + NAME_HEIGHT / 3.0
        written.append(f'<text class="place" x="{x:.0f}" y="{best:.0f}">{escape(name)}</text>')
    return "".join(written)


def station_units(static_map: StaticMap, run: RunFolder) -> NDArray[np.float64]:
    """Return where the proposed stations stand on the drawing, the last rank first."""
    frame = run.ranking.sort_values(col.RANK, ascending=False)
    points = frame.geometry.set_crs(GEOGRAPHIC, allow_override=True).to_crs(overlay.MERCATOR)
    return _units(static_map, np.column_stack([points.x, points.y]))


def _stations(run: RunFolder, units: NDArray[np.float64]) -> str:
    frame = run.ranking.sort_values(col.RANK, ascending=False)
    colours = symbols.year_colours([int(year) for year in frame[col.YEAR]])
    rows = zip(frame[col.RANK], frame[col.KIND], frame[col.YEAR], units, strict=True)
    return "".join(
        station(int(rank), str(kind), colours[int(year)], float(x), float(y))
        for rank, kind, year, (x, y) in rows
    )


def station(rank: int, kind: str, colour: str, x: float, y: float) -> str:
    """Return the symbol of a proposed station: a disc on an existing mast, a diamond when new."""
    radius = 11.0 if rank <= NUMBERED_RANKS else 6.5
    shape = (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>'
        if kind != "new"
        else f'<path d="M{x:.1f} {y - 1.3 * radius:.1f}l{1.3 * radius:.1f} {1.3 * radius:.1f}'
        f'l{-1.3 * radius:.1f} {1.3 * radius:.1f}l{-1.3 * radius:.1f} {-1.3 * radius:.1f}Z" '
        f'fill="{colour}"/>'
    )
    ink = palette.readable(colour)
    number = (
        f'<text class="rank" x="{x:.1f}" y="{y + 3.8:.1f}" fill="{ink}">{rank}</text>'
        if rank <= NUMBERED_RANKS
        else ""
    )
    return f'<g class="station">{shape}{number}</g>'


def _scale(static_map: StaticMap) -> str:
    """Return a scale bar in the lower left corner."""
    x_m, y_m = static_map.outline.centroid.coords[0]
    latitude = float(GeoSeries([shapely.Point(x_m, y_m)], crs=overlay.MERCATOR).to_crs(4326).y[0])
    length = SCALE_KM * 1000.0 / np.cos(np.radians(latitude)) / static_map.unit_m
    bottom = static_map.height - 16.0
    return (
        f'<path class="scale" d="M24 {bottom - 8:.1f}v8h{length:.1f}v-8"/>'
        f'<text class="scale-text" x="{24 + length / 2:.1f}" y="{bottom - 7:.1f}">'
        f"{SCALE_KM:g} km</text>"
    )
