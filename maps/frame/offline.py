"""A folium page that carries its libraries, its data and its own scripts in one file."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from branca.element import Figure, MacroElement
from jinja2 import Template
from offlinefolium import Map
from offlinefolium.elements import _res as _CARRIED  # noqa: N812 - libraries by their address

STATIC = Path(__file__).parents[1] / "static"
IDENTITY = "phusong"

# Characters that could end a script element, or a line in old parsers of JavaScript.
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_SOURCE_MAP = re.compile(r"//# sourceMappingURL=\S*")
# folium forbids readers to magnify a page on a phone.
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_MAGNIFIABLE = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_PLACE = re.compile(r"<!--phusong:(\w+)-->")


class PlainMap(Map):
    """A folium map with Leaflet alone: no tiles, and none of the libraries folium adds."""

    # Plain lists on the class are how folium names the libraries of an element.
    default_js = [link for link in Map.default_js if link[0] == "leaflet"]  # noqa: RUF012
    default_css = [link for link in Map.default_css if link[0] == "leaflet_css"]  # noqa: RUF012


class _Start(MacroElement):
    """The places of the page's own parts, and the call that starts them on the map.

    folium runs every text it is given through its template engine, where a name such as
    ``{{ x }}`` would be executed. Texts therefore go in after folium has written the page.
    """

    _template = Template(
        "{% macro header(this, kwargs) %}<!--phusong:head-->{% endmacro %}"
        "{% macro html(this, kwargs) %}<!--phusong:body-->{% endmacro %}"
        "{% macro script(this, kwargs) %}phusong.start({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name, self._id = "Start", IDENTITY


def script_json(data: object) -> str:
    """Return JSON that is safe inside a script element, whatever names the data holds."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escaped in _UNSAFE.items():  # many times as fast as str.translate
        written = written.replace(character, escaped)
    return written


def static(name: str) -> str:
    """Return the text of a style sheet or script of this package."""
    return (STATIC / name).read_text(encoding="utf-8")


def leaflet() -> tuple[str, str]:
    """Return the script and the style sheet of Leaflet as folium-offline carries them."""
    names = [
        dict(links)[name]
        for links, name in ((PlainMap.default_js, "leaflet"), (PlainMap.default_css, "leaflet_css"))
    ]
    script, style = (_CARRIED[name].strip() for name in names)
    return _SOURCE_MAP.sub("", script), style


def page(
    *,
    title: str,
    language: str,
    body: str,
    data: object,
    styles: Sequence[str],
    scripts: Sequence[str],
) -> str:
    """Return the text of a page with a folium map that asks nothing of the network."""
    base = PlainMap(
        location=[0.0, 0.0],
        zoom_start=10,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.1,
        zoom_delta=0.5,
    )
    base.options |= {"minZoom": 7, "maxZoom": 18}  # folium's own arguments limit its tiles only
    base._id = IDENTITY  # noqa: SLF001 - folium's random id would make every page differ
    base.add_child(_Start())
    figure = cast("Figure", base.get_root())
    figure.title = html.escape(title)
    head = [f"<style>{static(name)}</style>" for name in styles]
    head += [f"<script>{static(name)}</script>" for name in scripts]
    holder = f'<script type="application/json" id="phusong-data">{script_json(data)}</script>'
    parts = {"head": "\n".join(head), "body": f"{body}\n{holder}"}
    written: str = figure.render()
    written = written.replace("<html>", f'<html lang="{language}">', 1)
    written = _VIEWPORT.sub(_MAGNIFIABLE, written, count=1)
    return _PLACE.sub(lambda place: parts[place[1]], written)
