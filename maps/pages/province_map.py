"""Write map.html: one page that shows a finished run, opens offline, in either language."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from geopandas import GeoDataFrame
from shapely.geometry.base import BaseGeometry

from phusong import columns as col
from phusong import content_cache, meanings, messages
from phusong.geodata import symbols
from phusong.geodata.countries import speaking
from phusong.geodata.files.whole import write_text
from phusong.geodata.grid import Grid
from phusong.geodata.runs.folder import RunFolder, open_run
from phusong.maps.frame import offline, policy, template
from phusong.maps.layers import (
    features,
    later_units,
    other_names,
    places,
    ranked_zones,
    themes,
    what_if,
)
from phusong.maps.pictures import overlay, palette, rasters, relief
from phusong.maps.texts import text

__all__ = ["write_map"]

FILE_NAME = "map.html"
STYLES = ("page.css", "sketch.css")
SCRIPTS = (
    "core.js",
    "languages.js",
    "canvas.js",
    "years.js",
    "themes.js",
    "surface.js",
    "swipe.js",
    "symbols.js",
    "network.js",
    "names.js",
    "later_units.js",
    "card.js",
    "station.js",
    "area.js",
    "legend.js",
    "places.js",
    "links.js",
    "controls.js",
    "search.js",
    "judgement.js",
    "weights.js",
    "filters.js",
    "sheet.js",
    "ranking.js",
    "about.js",
    "point.js",
    "tiles.js",
    "sketch_engine.js",
    "sketch.js",
    "sketch_panel.js",
    "sketch_file.js",
    "permalink.js",
    "print.js",
    "app.js",
)
# Asked for only while the reader has switched the online map on.
TILE_ORIGIN = "https://tile.openstreetmap.org"
TILES = {
    "url": f"{TILE_ORIGIN}/{{z}}/{{x}}/{{y}}.png",
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
    "tiers",
    "summary",
    "cost",
    "baseline",
    "assumptions",
    "notes",
)


# What of the record themes are drawn by: they see no more of it.
_SURFACE_KEYS = ("network", "service", "years")
_SHIPPED = themes.THEMES


def write_map(run_folder: Path, language: str) -> Path:
    """Write ``map.html`` into the folder of a finished run and return its path.

    Parameters
    ----------
    run_folder
        Folder of the run.
    language
        ``vi`` or ``en``.

    Returns
    -------
    Path
        The page.
    """
    known = text.language(language)
    return write_page(open_run(run_folder), known)


def write_page(run: RunFolder, language: str) -> Path:
    """Write ``map.html`` into the folder of an open run and return its path."""
    path = run.path / FILE_NAME
    write_text(path, rendered(run, language))
    return path


@speaking("run")
def rendered(run: RunFolder, language: str, *, studio: bool = False) -> str:
    """Return the text of the map of a finished run, in every language; it opens in one.

    That of the studio asks its server.
    """
    first = text.language(language)
    others = [other for other in messages.languages() if other != first]
    title = {each: _title(run, each) for each in (first, *others)}
    runs = {each: run.in_language(each) for each in (first, *others)}
    bodies = {each: _body(spoken, each) for each, spoken in runs.items()}
    drawn = offline.page(
        title=title[first],
        language=first,
        body=both_bodies(bodies, title),
        data=payload(runs, studio=studio),
        styles=(*STYLES, "studio.css") if studio else STYLES,
        scripts=(*SCRIPTS[:-1], "studio.js", SCRIPTS[-1]) if studio else SCRIPTS,
    )
    return policy.guarded(drawn, TILE_ORIGIN, asks_its_server=studio, works=not studio)


def both_bodies(bodies: Mapping[str, str], titles: Mapping[str, str]) -> str:
    """Return the body in the first language, and those in the others ready to take its place."""
    first, *others = bodies
    ready = (
        f'<template data-language="{other}" data-title="{escape(titles[other])}">'
        f"{bodies[other]}</template>"
        for other in others
    )
    return f'<div id="page">{bodies[first]}</div>' + "".join(ready)


def language_names() -> dict[str, str]:
    """Return what each language calls itself."""
    return {each: messages.words(each, "page")["language_name"] for each in messages.languages()}


def payload(runs: Mapping[str, RunFolder], *, studio: bool = False) -> dict[str, Any]:
    """Return everything the page's scripts need, ready for JSON.

    ``runs`` are a run spoken in each language, that which the page opens in first; ``others``
    holds, by language, what differs from it.
    """
    run, others = next(iter(runs.values())), list(runs)[1:]
    later = later_units.displayed(run)
    words, *spoken = (_spoken(own, later, each, studio=studio) for each, own in runs.items())
    return {
        **_drawn(run),
        **({} if studio else {"sketch": what_if.what_if(run)}),
        **words,
        "others": {
            other: differing(words, each) for other, each in zip(others, spoken, strict=True)
        },
    }


def differing(first: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return what one object says otherwise than another with the same keys, part by part."""
    parts = {
        key: differing(first[key], value) if isinstance(value, dict) else value
        for key, value in other.items()
        if value != first[key]
    }
    return other if first.keys() != other.keys() else parts


def _spoken(
    run: RunFolder, later: GeoDataFrame | None, language: str, *, studio: bool
) -> dict[str, Any]:
    """Return the part of the data that holds words or names, in a language."""
    display = features.display_communes(run)
    words = text.words(language)
    return {
        "language": language,
        "text": words,
        **({"studio": messages.words(language, "studio")} if studio else {}),
        **({} if studio else {"sketch_words": messages.words(language, "sketch")}),
        "locale": messages.locale(language),
        "record": messages.speak_all({key: run.record.get(key) for key in _RECORD_KEYS}, language),
        "communes": features.communes(display, language),
        "districts": features.districts(run, display),
        "candidates": features.candidates(run),
        "zones_ranking": ranked_zones.ranked(run, language),
        "judgements": ranked_zones.judgements(run.record, words, language),
        "zones": features.zones(run, language),
        "holes": features.holes(run),
        "later_units": later_units.shown(run, later, language),
    }


def _drawn(run: RunFolder) -> dict[str, Any]:
    """Return the part of the data that is the same in every language."""
    display = features.display_communes(run)
    province = features.degrees(display.geometry).union_all()
    ground, ground_grid = relief.picture(run, province)
    return {
        "bounds": [round(edge, features.DECIMALS) for edge in province.bounds],
        "planning": features.planning_system(province.bounds, run.crs),
        "colours": colours(run, run.sites[col.OPERATOR]),
        "base": {
            "url": overlay.data_url(ground, "webp"),
            "corners": overlay.corners(ground_grid),
            "water": relief.water_picture(run, ground_grid),
        },
        **_surface(run, province),
        "tiles": TILES,
        "boundaries": features.boundaries(display) | features.roads(run),
        "sites": features.sites(run),
        "places": places.places(run),
        "other_names": other_names.by_commune(run),
        "links": features.links(run),
    }


def _surface(run: RunFolder, province: BaseGeometry) -> dict[str, Any]:
    """Return what shades the province, from the cache where nothing that it shows has changed."""
    shown = replace(run, record={key: run.record.get(key) for key in _SURFACE_KEYS})
    names = rasters.names(run)
    inputs = (
        ("surface", json.dumps(shown.record), tuple(names), province.wkb),
        tuple(int(year) for year in run.ranking[col.YEAR]),
        rasters.contents(run, *names),
    )

    def drawn() -> bytes:
        pictures, grid = themes.drawn(shown, province)
        sources = {name.partition(themes.STEP)[0] for name in pictures}
        known = [
            each for each in themes.THEMES if each.kind == "communes" or each.source in sources
        ]
        return json.dumps(surface(pictures, grid, known)).encode()

    is_shipped = themes.THEMES is _SHIPPED  # what is added while this runs is in no source
    content = content_cache.cached(inputs, __name__, drawn) if is_shipped else drawn()
    held: dict[str, Any] = json.loads(content)
    return held


def surface(
    pictures: Mapping[str, themes.Picture], grid: Grid, known: Sequence[themes.Theme]
) -> dict[str, Any]:
    """Return themes, their pictures that share two corners, and the palettes.

    ``classes`` names the palette of each picture; ``servers`` lists the stations of the best
    server with their colours.
    """
    steps = themes.steps_of(pictures)
    classes = {name: picture.classes for name, picture in pictures.items() if picture.classes}
    return {
        "themes": [theme.payload() | {"steps": steps.get(theme.source, [])} for theme in known],
        "pictures": {
            "corners": overlay.corners(grid),
            "urls": {name: picture.url for name, picture in pictures.items()},
            "servers": [pair for picture in pictures.values() for pair in picture.servers],
            "classes": {name: palette_.name for name, palette_ in classes.items()},
            "residents": {n: each.residents for n, each in pictures.items() if each.residents},
        },
        "palettes": _palettes(list(classes.values())),
    }


def _palettes(used: list[palette.Classes]) -> dict[str, Any]:
    every = (*used, palette.OPERATOR, palette.SHARE)
    named = {classes.name: classes for classes in every} | {
        "level_operator": palette.recoloured(palette.LEVEL, palette.OPERATOR)
    }
    return {
        name: {"unit": classes.unit, "breaks": classes.breaks, "colours": classes.colours}
        for name, classes in named.items()
    }


def colours(run: RunFolder, operators: Iterable[str]) -> dict[str, Any]:
    """Return the colours of the signs on the page; ``operators`` are those of all stations."""
    colour_of = symbols.year_colours(themes.years(run))
    built = sorted({int(year) for year in run.ranking[col.YEAR]})
    return {
        "operators": _colour_of(symbols.operator_symbols(operators)),
        "years": {str(year): colour_of[year] for year in built},
        "zones": _colour_of(symbols.ZONES),
        "other": symbols.OTHER.colour,
        "servers": palette.SERVER_COLOURS,
        "live_5g": symbols.STATES["live_5g"].colour,
        "hole": symbols.STATES["hole"].colour,
        "water": palette.WATER,
        "paper": palette.PAPER,
        "ink": palette.INK,
    }


def _colour_of(kinds: Mapping[str, symbols.Symbol]) -> dict[str, str]:
    return {kind: symbol.colour for kind, symbol in kinds.items()}


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
        languages=language_names(),
        plan=True,
        share_names=meanings.share_names(run.record["service"], language),
    )


def estimated(run: RunFolder) -> bool:
    """Return whether any layer of the run is synthetic or approximate."""
    return any(layer["status"] != "given" for layer in run.record["layers"].values())
