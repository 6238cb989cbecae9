"""A folium map of one layer, for a notebook: it asks nothing of the network."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from branca.element import Element, Figure, MacroElement
from folium import CircleMarker, GeoJson, GeoJsonTooltip, Map
from folium.raster_layers import ImageOverlay
from geopandas import GeoDataFrame
from jinja2 import Template
from numpy.typing import NDArray
from offlinefolium.elements import _res as libraries

from phusong.geodata import symbols
from phusong.geodata.crs import GEOGRAPHIC
from phusong.geodata.files.whole import write_text
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.writers import raster_styles
from phusong.maps.pictures import overlay, palette, servers
from phusong.maps.pictures.palette import Classes

__all__ = ["Page", "explore"]

OUTLINE_M = 20.0  # to which borders are simplified
LABELS = ("server", "best_server")  # which station, not how much
YEARS, SERVERS = "covered_year", "servers"
COVERED_BEFORE = 1  # the value in covered_year of what is covered before the plan
BLUES = ("#dbe7ef", "#7fa7c9", "#1f3d63")
COUNT = Classes("count", "", (0.5, 1.5, 2.5, 3.5, 4.5), ("", *palette.ramp(BLUES, 5)))
LANDCOVER = Classes(
    "landcover",
    "",
    tuple(float(cover) - 0.5 for cover in raster_styles.LANDCOVER),
    ("", *raster_styles.LANDCOVER.values()),
)
_PAPER = f"<style>.leaflet-container {{ background: {palette.PAPER} !important }}</style>"
BY_NAME = {"landcover": LANDCOVER}
BY_UNIT = {**raster_styles.BY_UNIT, "share": palette.SHARE}


@dataclass(frozen=True)
class Page:
    """A whole page, shown in a frame by a notebook.

    Parameters
    ----------
    text
        Its HTML.
    """

    text: str = field(repr=False)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the page.

        Parameters
        ----------
        path
            The file; it is replaced whole or not at all.

        Returns
        -------
        Path
            The file.
        """
        write_text(Path(path), self.text)
        return Path(path)

    def _repr_html_(self) -> str:
        source = html.escape(self.text)
        return f'<iframe srcdoc="{source}" style="border:0;width:100%;height:640px"></iframe>'


def _inline(links: Sequence[tuple[str, str]], name: str, kind: str) -> list[tuple[str, str]]:
    """Return the link of a library as one that holds the library itself."""
    return [(n, overlay.inline(libraries[url].encode(), kind)) for n, url in links if n == name]


class NotebookMap(Map):
    """A folium map that carries Leaflet, and needs none of the other libraries of folium."""

    # Plain lists on the class are how folium names the libraries of an element.
    default_js = _inline(Map.default_js, "leaflet", "text/javascript")
    default_css = _inline(Map.default_css, "leaflet_css", "text/css")


class _Legend(MacroElement):
    """The classes of a layer in a corner of the map."""

    _template = Template(
        """{% macro html(this, kwargs) %}<div style="position:absolute; z-index:900; right:8px;
        bottom:20px; background:#fffe; padding:6px 9px; font:12px sans-serif; border-radius:4px">
        <b>{{ this.title }}</b>{% for colour, label in this.entries %}<br>
        <i style="background:{{ colour }}; display:inline-block; width:14px; height:10px"></i>
        {{ label }}{% endfor %}</div>{% endmacro %}"""
    )

    def __init__(self, title: str, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self.title, self.entries = "Legend", html.escape(title), entries


def explore(
    raster: Raster,
    name: str,
    *,
    outlines: GeoDataFrame,
    stations: GeoDataFrame | None = None,
    shown: Sequence[str] = (),
    tiles: str | None = None,
) -> Map:
    """Return a map of a raster over the communes, with stations.

    Parameters
    ----------
    raster
        What is drawn, in the colours that its name or unit has on all maps.
    name
        Of the layer, such as ``rsrp_after``.
    outlines
        Areas whose borders are drawn.
    stations
        Points, if any.
    shown
        Columns of the stations that the pointer shows.
    tiles
        Map tiles of folium below the layer, such as ``"OpenStreetMap"``; they need the network.

    Returns
    -------
    folium.Map
        A map that carries its libraries; a notebook shows it as it is.
    """
    degrees = outlines.geometry.simplify(OUTLINE_M).to_crs(GEOGRAPHIC)
    west, south, east, north = degrees.total_bounds
    grid = overlay.mercator_grid((west, south, east, north))
    middle = [(south + north) / 2, (west + east) / 2]
    drawn = NotebookMap(tiles=tiles, location=middle, attribution_control=tiles is not None)
    cast("Figure", drawn.get_root()).header.add_child(Element(_PAPER), name="paper")
    values = _on_mercator(raster, grid)
    picture, entries = _picture(values, raster, name)
    drawn.fit_bounds(overlay.corners(_of_values(values, grid)))
    ImageOverlay(
        overlay.data_url(picture, "png"), overlay.corners(grid), opacity=0.85, pixelated=True
    ).add_to(drawn)
    _lines(degrees.boundary.union_all().__geo_interface__).add_to(drawn)
    if stations is not None and len(stations):
        _points(stations, shown).add_to(drawn)
    title = f"{name} [{raster.unit}]" if raster.unit else name
    drawn.add_child(_Legend(title, entries))
    return drawn


def _on_mercator(raster: Raster, grid: Grid) -> NDArray[np.float32]:
    """Return the values of a raster on a web-mercator grid, NaN where there are none."""
    band = raster.values.astype(np.float32)
    band[(raster.values == raster.nodata) | ~np.isfinite(band)] = np.nan
    return overlay.reprojected(band, raster.grid.transform, raster.grid.crs, grid)


def _of_values(values: NDArray[np.float32], grid: Grid) -> Grid:
    """Return the part of a grid that holds values; all of it where none does."""
    rows, columns = np.nonzero(np.isfinite(values))
    if not rows.size:
        return grid
    return replace(
        grid,
        x_min_m=grid.x_min_m + int(columns.min()) * grid.pixel_m,
        y_max_m=grid.y_max_m - int(rows.min()) * grid.pixel_m,
        width=int(np.ptp(columns)) + 1,
        height=int(np.ptp(rows)) + 1,
    )


def _picture(
    values: NDArray[np.float32], raster: Raster, name: str
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return the PNG of values on a web-mercator grid, and the entries of its legend."""
    if name in LABELS:
        return _labels(values), []
    classes = BY_NAME.get(name) or BY_UNIT.get(raster.unit) or _classes(name, values)
    picture = overlay.picture(classes.index(values), classes.colours)
    return picture, _entries(classes, _words(name, values))


def _classes(name: str, values: NDArray[np.float32]) -> Classes:
    """Return the classes of years, of counts, or eight equal ones."""
    if name == YEARS:
        return palette.coverage_years(_years(values))
    if name == SERVERS:
        return COUNT
    present = values[np.isfinite(values)]
    low, high = (float(present.min()), float(present.max())) if present.size else (0.0, 1.0)
    breaks = np.linspace(low, max(high, low + 1e-6), 9)[1:-1]
    return Classes(name, "", tuple(map(float, breaks)), palette.ramp(BLUES, 8))


def _labels(values: NDArray[np.float32]) -> bytes:
    server = np.nan_to_num(values, nan=servers.NONE).astype(np.int64)
    colours = servers.colours(servers.kinds(server, int(server.max(initial=0)) + 1))
    return overlay.colour_picture(servers.painted(server, colours), servers.CLEAR)


def _words(name: str, values: NDArray[np.float32]) -> list[str]:
    """Return what the drawn classes of labels are called, lowest first; none of a quantity."""
    if name == "landcover":
        return [kind.name.lower() for kind in raster_styles.LANDCOVER]
    if name == YEARS:
        return ["before", *(f"{year}" for year in _years(values))]
    return ["1", "2", "3", "4", "5 and more"] if name == SERVERS else []


def _years(values: NDArray[np.float32]) -> list[int]:
    present = np.unique(values[np.isfinite(values)])
    return [int(year) for year in present if year > COVERED_BEFORE]


def _entries(classes: Classes, words: Sequence[str]) -> list[tuple[str, str]]:
    """Return colour and label of each class that is drawn, the highest first."""
    limits = (None, *classes.breaks)
    labels = [f"< {classes.breaks[0]:g}" if low is None else f"&ge; {low:g}" for low in limits]
    drawn = [pair for pair in zip(classes.colours, labels, strict=True) if pair[0]]
    if len(words) == len(drawn):
        drawn = [(colour, word) for (colour, _), word in zip(drawn, words, strict=True)]
    return drawn[::-1]


def _lines(outline: dict[str, Any]) -> GeoJson:
    style = {"color": palette.INK, "weight": 0.7, "fill": False}
    return GeoJson(outline, style_function=lambda _: style, control=False)


def _points(stations: GeoDataFrame, shown: Sequence[str]) -> GeoJson:
    """Return stations as circles; what the pointer shows of them is escaped for HTML."""
    columns = [name for name in shown if name in stations]
    frame = stations[[*columns, "geometry"]].to_crs(GEOGRAPHIC)
    for name in columns:
        frame[name] = [_escaped(value) for value in frame[name]]
    circle = CircleMarker(
        radius=4,
        color="#ffffff",
        weight=1,
        fill_color=symbols.STATES["live_5g"].colour,
        fill_opacity=1.0,
    )
    tooltip = GeoJsonTooltip(columns) if columns else None
    return GeoJson(json.loads(frame.to_json()), marker=circle, tooltip=tooltip)


def _escaped(value: object) -> str:
    """Return a value that neither HTML nor folium's templates take for code."""
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return html.escape(shown).replace("{", "&#123;").replace("}", "&#125;")
