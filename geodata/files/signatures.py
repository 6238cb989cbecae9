"""Tell vector files that are what their name says from ones that lead to other sources.

GDAL opens a file by its content, whatever its name: markup of a service, a reference system to
fetch from an address, a view that computes for ever. Such files are refused before it sees them.
"""

import json
import mmap
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from phusong.errors import Defect, InputError
from phusong.geodata.files import archives

MARKUP = (".kml", ".gml", ".gpx")
TOP_BYTES = 65_536
MAX_CRS = 1_000  # members of that name in a file
CRS_BYTES = 4_096
# How a file begins, in small letters and without byte order mark and blanks.
BEGINNINGS = {
    **dict.fromkeys((".geojson", ".json"), b"{"),
    **dict.fromkeys(MARKUP, b"<"),
    ".gpkg": b"sqlite format 3",
    ".shp": b"'",  # 9994 as four bytes, of which two are zero and one is a line end
    ".fgb": b"fgb\3",
    ".tab": b"!table",
    ".mif": b"version",
}
_SERVICE = re.compile(rb"<\s*(OGR\w*DataSource|GDAL_WMS|VRTDataset)", re.IGNORECASE)
_SEAMLESS = re.compile(rb"\\IsSeamless\W*=\W*TRUE", re.IGNORECASE)  # names other tables
_CRS = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*(?=\{)', re.IGNORECASE)
_NAMED = ("name", "epsg", "ogc")
_REMEDY = "give the data itself: GeoJSON, GeoPackage or KML"


def check(path: Path, inner: Path) -> None:
    """Refuse a file that is not what its name says, or leads to other sources.

    Parameters
    ----------
    path : what the user gave, for the message.
    inner : the file itself, unpacked.
    """
    suffix = inner.suffix.lower()
    with inner.open("rb") as file:
        top = file.read(TOP_BYTES).replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if _SERVICE.search(top) or (top.startswith(b"<") and suffix not in MARKUP):
        raise _refused(path, "is markup that leads to other sources")
    if not top.lower().startswith(BEGINNINGS.get(suffix, b"")):
        raise _refused(path, f"does not begin like a {suffix} file")
    if suffix in MARKUP:
        archives.check_markup(inner)
    if suffix == ".tab" and _SEAMLESS.search(top):
        raise _refused(path, "is a seamless table that leads to others")
    if suffix in {".geojson", ".json"} and any(_leads_away(value) for value in _systems(inner)):
        raise _refused(path, "names an address to fetch its coordinate system (crs) from")


def check_layer(path: Path, inner: Path, layer: str) -> None:
    """Refuse a view of a GeoPackage: it may compute without end."""
    if inner.suffix.lower() != ".gpkg":
        return
    asked = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND lower(name) = lower(?)"
    try:
        with closing(sqlite3.connect(f"{inner.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (views,) = database.execute(asked, [layer]).fetchone()
    except sqlite3.Error as error:
        raise InputError(
            "unreadable file", [Defect(str(path), f"cannot be read: {error}")]
        ) from None
    if views:
        problem = f"its layer {layer} is a view, not a table"
        raise InputError("unsafe file", [Defect(str(path), problem, "save the layer as a table")])


def _systems(inner: Path) -> Iterator[Any]:
    """Yield the objects called ``crs`` in a JSON file; None for one that cannot be told."""
    if not inner.stat().st_size:
        return
    with inner.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for number, found in enumerate(_CRS.finditer(content)):
            text = content[found.end() : found.end() + CRS_BYTES].decode("utf-8", "replace")
            try:
                yield json.JSONDecoder().raw_decode(text)[0]
            except (ValueError, RecursionError):
                yield None
            if number > MAX_CRS:
                yield None


def _leads_away(system: object) -> bool:
    if not isinstance(system, dict):
        return True
    kind = system.get("type", "name")
    return not isinstance(kind, str) or kind.lower() not in _NAMED


def _refused(path: Path, problem: str) -> InputError:
    return InputError("unsafe file", [Defect(str(path), problem, _REMEDY)])
