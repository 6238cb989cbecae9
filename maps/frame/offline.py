"""A folium page that carries its libraries, its data and its own scripts in one file."""

import html
import json
import re
from collections.abc import Sequence
from pathlib import Path

from phusong import code_keys, content_cache

STATIC = Path(__file__).parents[1] / "static"
IDENTITY = "phusong"

# Characters that could end a script element, or a line in old parsers of JavaScript.
_UNSAFE = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
# folium forbids readers to magnify a page on a phone.
_VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
_MAGNIFIABLE = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_PLACE = re.compile(r"<!--phusong:(\w+)-->")


def script_json(data: object) -> str:
    """Return JSON that is safe inside a script element, whatever names the data holds."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escaped in _UNSAFE.items():  # many times as fast as str.translate
        written = written.replace(character, escaped)
    return written


def static(name: str) -> str:
    """Return the text of a style sheet or script of this package."""
    return (STATIC / name).read_text(encoding="utf-8")


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
    head = [f"<style>{static(name)}</style>" for name in styles]
    head += [f"<script>{static(name)}</script>" for name in scripts]
    holder = f'<script type="application/json" id="phusong-data">{script_json(data)}</script>'
    parts = {
        "title": html.escape(title),
        "head": "\n".join(head),
        "body": f"{body}\n{holder}",
    }
    written = _frame().replace("<html>", f'<html lang="{language}">', 1)
    written = _VIEWPORT.sub(_MAGNIFIABLE, written, count=1)
    return _PLACE.sub(lambda place: parts[place[1]], written)


def _frame() -> str:
    """Return a page of folium with places for all that is its own; folium takes long to import."""

    def written() -> bytes:
        from phusong.maps.frame import folium_page  # noqa: PLC0415 - as above

        return folium_page.frame(IDENTITY).encode()

    inputs = ("frame", code_keys.versions("folium-offline", "branca", "jinja2"))
    return content_cache.cached(inputs, __name__, written).decode()
