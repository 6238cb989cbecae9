"""Write map.html: one page that shows a finished run, opens offline, in either language."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong import messages
from phusong.geodata.files import guard
from phusong.geodata.files.whole import write_text
from phusong.geodata.grid import Grid
from phusong.geodata.runs.folder import RunFolder, open_run
from phusong.maps import layers, offline, overlay, palette, places, relief, servers, template
from phusong.maps.texts import text

FILE_NAME = "map.html"
STYLES = ("page.css",)
SCRIPTS = (
    "core.js",
    "canvas.js",
    "years.js",
    "themes.js",
    "surface.js",
    "swipe.js",
    "symbols.js",
    "network.js",
    "names.js",
    "card.js",
    "station.js",
    "area.js",
    "legend.js",
    "places.js",
    "links.js",
    "controls.js",
    "search.js",
    "weights.js",
    "filters.js",
    "sheet.js",
    "ranking.js",
    "about.js",
    "point.js",
    "tiles.js",
    "permalink.js",
    "print.js",
    "app.js",
)
PICTURE_MARGIN_M = 300.0
RASTERS = {
    "rsrp_before": palette.LEVEL,
    "rsrp_after": palette.LEVEL,
    "rsrp_4g": palette.LEVEL,
    "sinr_after": palette.SINR,
    "throughput_after": palette.THROUGHPUT,
}
# Asked for only while the reader has switched the online map on.
TILES = {
    "url": "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
    "licence": "https://www.openstreetmap.org/copyright",
}
_RECORD_KEYS = (
    "phusong",
    "created",
    "scenario",
    "province",
    "layers",
    "service",
    "link_budgets",
    "headline",
    "choice",
    "checks",
    "years",
    "assumptions",
    "notes",
)


def write_map(run_folder: Path, language: str) -> Path:
    """Write ``map.html`` into the folder of a finished run and return its path."""
    run = open_run(run_folder)
    path = run.path / FILE_NAME
    write_text(path, rendered(run, language))
    return path


def rendered(run: RunFolder, language: str) -> str:
    """Return the text of the map of a finished run."""
    spoken = text.language(language)
    run = run.spoken(spoken)
    return offline.page(
        title=_title(run, spoken),
        language=spoken,
        body=_body(run, spoken),
        data=payload(run, spoken),
        styles=STYLES,
        scripts=SCRIPTS,
    )


def payload(run: RunFolder, language: str) -> dict[str, Any]:
    """Return everything the page's scripts need, ready for JSON."""
    display = layers.display_communes(run)
    province = layers.degrees(display.geometry).union_all()
    ground, ground_grid = relief.picture(run, province)
    return {
        "language": language,
        "text": text.words(language),
        "locale": messages.locale(language),
        "record": messages.spoken({key: run.record.get(key) for key in _RECORD_KEYS}, language),
        "bounds": [round(edge, layers.DECIMALS) for edge in province.bounds],
        "polynomial": layers.planning_polynomial(province.bounds),
        "palettes": _palettes(run),
        "colours": _colours(run),
        "base": {
            "url": overlay.data_url(ground, "webp"),
            "corners": overlay.corners(ground_grid),
        },
        "pictures": pictures(run, province),
        "tiles": TILES,
        "communes": layers.communes(display, language),
        "districts": layers.districts(run, display),
        "boundaries": layers.boundaries(display) | layers.roads(run),
        "sites": layers.sites(run),
        "candidates": layers.candidates(run),
        "places": places.places(run),
        "links": layers.links(run),
        "zones": layers.zones(run),
        "holes": layers.holes(run),
    }


def pictures(run: RunFolder, province: BaseGeometry) -> dict[str, Any]:
    """Return the coverage rasters of a run as pictures that share two corners.

    ``classes`` names the palette of each picture; ``servers`` lists the stations of the best
    server with their colours.
    """
    grid = overlay.mercator_grid(province.bounds, PICTURE_MARGIN_M)
    inside = overlay.inside(province, grid)
    shown = {name: classes for name, classes in _rasters(run).items() if run.raster(name)}
    urls = {}
    for name, classes in shown.items():
        index = classes.index(overlay.warped(run.path / f"{name}.tif", grid))
        urls[name] = _picture_url(index, inside, classes)
    if "covered_year" not in shown and {"rsrp_before", "rsrp_after"} <= set(shown):
        shown["coverage_gain"] = palette.GAIN
        urls["coverage_gain"] = _picture_url(gain_index(run, grid), inside, palette.GAIN)
    found = {"corners": overlay.corners(grid), "urls": urls, "servers": []}
    if run.raster("best_server") and run.record.get("network"):
        urls["best_server"], found["servers"] = _servers(run, grid, inside)
    return found | {"classes": {name: classes.name for name, classes in shown.items()}}


def _rasters(run: RunFolder) -> dict[str, palette.Classes]:
    return RASTERS | {"covered_year": palette.coverage_years(_years(run))}


def _years(run: RunFolder) -> list[int]:
    """Return the years of the rollout, those without a station too."""
    years = {int(year["year"]) for year in run.record.get("years") or []}
    return sorted(years | {int(year) for year in run.ranking[col.YEAR]})


def _servers(
    run: RunFolder, grid: Grid, inside: NDArray[np.bool_]
) -> tuple[str, list[tuple[str, str]]]:
    """Return the picture of the best server, and each station with its colour."""
    stations = [str(name) for name in run.record["network"]]
    warped = overlay.warped(run.path / "best_server.tif", grid)
    known = inside & (warped >= 0) & (warped < len(stations))  # false where it is not a number
    server = np.where(known, np.nan_to_num(warped, nan=servers.NONE), servers.NONE).astype(int)
    colours = servers.colours(servers.kinds(server, len(stations)))
    picture = overlay.colour_picture(servers.painted(server, colours), servers.CLEAR)
    written = ["#" + bytes(colour).hex() for colour in colours]
    return overlay.data_url(picture, "png"), list(zip(stations, written, strict=True))


def gain_index(run: RunFolder, grid: Grid) -> NDArray[np.uint8]:
    """Return class 1 where the service is not covered, 2 where it was before, 3 where gained."""
    required_dbm = float(run.record["service"]["required_dbm"])
    covered = [
        np.nan_to_num(overlay.warped(guard.beside(run.path, f"{name}.tif"), grid), nan=-np.inf)
        >= required_dbm
        for name in ("rsrp_before", "rsrp_after")
    ]
    state = np.where(covered[0], 1.0, np.where(covered[1], 2.0, 0.0))
    return palette.GAIN.index(state)


def _picture_url(
    index: NDArray[np.uint8], inside: NDArray[np.bool_], classes: palette.Classes
) -> str:
    shown = np.where(inside, index, palette.NO_CLASS).astype(np.uint8)
    return overlay.data_url(overlay.picture(shown, classes), "png")


def _palettes(run: RunFolder) -> dict[str, Any]:
    level_in_vnpt = palette.recoloured(palette.LEVEL, palette.VNPT)
    named = {
        classes.name: classes
        for classes in (
            palette.LEVEL,
            palette.VNPT,
            palette.SINR,
            palette.THROUGHPUT,
            palette.SHARE,
            palette.SCORE,
            palette.GAIN,
            palette.coverage_years(_years(run)),
        )
    } | {"level_vnpt": level_in_vnpt}
    return {
        name: {"unit": classes.unit, "breaks": classes.breaks, "colours": classes.colours}
        for name, classes in named.items()
    }


def _colours(run: RunFolder) -> dict[str, Any]:
    colour_of = palette.year_colours(_years(run))
    built = sorted({int(year) for year in run.ranking[col.YEAR]})
    return {
        "operators": palette.operator_colours(layers.operators(run)),
        "years": {str(year): colour_of[year] for year in built},
        "zones": palette.ZONE_COLOURS,
        "servers": palette.SERVER_COLOURS,
        "live_5g": palette.LIVE_5G,
        "hole": palette.HOLE,
        "paper": palette.PAPER,
        "ink": palette.INK,
    }


def _title(run: RunFolder, language: str) -> str:
    return text.words(language)["map_title"].format(province=run.record["province"]["name"])


def _body(run: RunFolder, language: str) -> str:
    """Return the page around the map."""
    return template.filled(
        "map.html",
        language,
        title=_title(run, language),
        record=run.record,
        estimated=estimated(run),
        zones=not run.zones.empty,
    )


def estimated(run: RunFolder) -> bool:
    """Return whether any layer of the run is synthetic or approximate."""
    return any(layer["status"] != "given" for layer in run.record["layers"].values())
