"""The page of a feed: a map and figures in both languages, all libraries inside the folder."""

from pathlib import Path
from typing import Any

from phusong import messages
from phusong.geodata import symbols
from phusong.geodata.files import whole
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed import masking
from phusong.maps.feed.folder import Feed
from phusong.maps.frame import folium_page, offline, template
from phusong.maps.pictures import palette
from phusong.messages import message, speak

NAME, FOLDER, SETTINGS = "index.html", "app", "settings.json"
SCRIPTS = ("feed_tiles.js", "feed_map.js", "feed.js")
STYLE = "feed.css"
# What the page leads to, in a run or (with a slash) in the feed; one for the public only.
FILES: tuple[dict[str, Any], ...] = (
    {"path": "figures.json", "word": "figures_file"},
    {"path": "figures.schema.json", "word": "schema_file"},
    {"path": "layers.gpkg", "word": "package_file"},
    {"path": "dictionary.csv", "word": "dictionary_file"},
    {"path": "LICENCE.txt", "word": "licence_file"},
    {"path": masking.RULE, "word": "rule_file", "public": True},
    {"path": "/catalog.json", "word": "catalogue_file"},
)


def write(folder: Path, feed: Feed, language: str) -> None:
    """Write the page, its scripts and styles, and the words and colours that they use.

    Parameters
    ----------
    folder
        Of the feed.
    feed
        Its runs.
    language
        That the page opens in; a reader may choose the other.
    """
    app = folder / FOLDER
    app.mkdir()
    script, style = folium_page.leaflet()
    whole.write_text(app / "leaflet.js", script)
    whole.write_text(app / "leaflet.css", style)
    for name in (*SCRIPTS, STYLE):
        whole.write_text(app / name, offline.static(name))
    feed_folder.write_json(app / SETTINGS, settings(feed))
    title = speak(message("feed.title", province=feed.province), language)
    whole.write_text(folder / NAME, template.filled("feed.html", language, title=title))


def settings(feed: Feed) -> dict[str, Any]:
    """Return words by language, colours of shares and years, and the files to lead to."""
    years = sorted({year for run in feed.runs for year in run.years})
    share = palette.SHARE
    return {
        "words": {each: messages.words(each, "feed_page") for each in messages.SHIPPED},
        "locales": {each: messages.locale(each) for each in messages.SHIPPED},
        "share": {"breaks": share.breaks, "colours": share.colours},
        "years": symbols.year_colours(years),
        "before": symbols.STATES["covered_before"].colour,
        "files": FILES,
    }
