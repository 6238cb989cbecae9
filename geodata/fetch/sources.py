"""The public sources of geodata: addresses, versions, licences; one table, ``sources.csv``."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from phusong.errors import Defect, InputError
from phusong.geodata import reference
from phusong.geodata.fetch.area import Box
from phusong.geodata.fetch.web import TOKEN
from phusong.messages import Message, message, speak

WHATS = ("boundaries", "terrain", "population", "landcover", "osm", "cells")
MAX_UNKNOWN_MB = 2_000.0  # a file of unknown size is not let grow beyond


@dataclass(frozen=True)
class Source:
    """A row of ``sources.csv``.

    ``access`` is ``window`` (only the part over the province is read), ``tiles`` (whole tiles by
    their corner) or ``whole`` (one file); ``checksum`` is ``sha256:HEX``, ``md5-beside`` (a file
    of that suffix beside), ``crc`` (held by the format) or ``none``; ``checked`` says where the
    row was read and what could not be verified.
    """

    what: str
    name: str
    title: str
    address: str
    version: str
    tile_deg: int
    access: str
    size_mb: float | None
    licence: str
    attribution: str
    checksum: str
    checked: str

    @property
    def max_bytes(self) -> int:
        """Return what a file may measure at most: five times the size it had, or 2 GB."""
        return int(1e6 * (MAX_UNKNOWN_MB if self.size_mb is None else max(5 * self.size_mb, 50)))


@lru_cache
def table() -> tuple[Source, ...]:
    """Return every source in the order of the table; the first of a kind is the default."""
    frame = reference.table("sources")
    return tuple(_source(row) for row in frame.to_dict("records"))


def _source(row: dict[Any, Any]) -> Source:
    fields: dict[str, Any] = {key: None if pd.isna(value) else value for key, value in row.items()}
    fields["tile_deg"] = int(fields["tile_deg"] or 0)
    return Source(**fields)


def choose(what: str, name: str | None = None) -> Source:
    """Return the source of that name, or the default one; raise when there is none."""
    offered = {source.name: source for source in table() if source.what == what}
    if not offered:
        defect = Defect(
            "WHAT",
            message("problem.is_not_known"),
            message("remedy.known", whats=[*WHATS]),
            value=what,
        )
        raise InputError(message("refusal.nothing_to_fetch"), [defect])
    if name is None:
        return next(iter(offered.values()))
    if name not in offered:
        remedy = message("remedy.sources_of", what=what, offered=[*offered])
        raise InputError(
            message("refusal.no_such_source"),
            [Defect("--source", message("problem.is_not_known"), remedy, value=name)],
        )
    return offered[name]


def addresses(source: Source, box: Box) -> list[str]:
    """Return the addresses to ask: one, or those of all tiles that the box touches."""
    if not source.tile_deg:
        return [source.address]
    return [source.address.format(**fields) for fields in _tiles(source.tile_deg, box)]


def _tiles(size_deg: int, box: Box) -> Iterator[dict[str, object]]:
    """Yield the south-west corners of the tiles, south to north, as the addresses name them."""
    for lat in range(_floor(box.south, size_deg), math.ceil(box.north), size_deg):
        for lon in range(_floor(box.west, size_deg), math.ceil(box.east), size_deg):
            ns, ew = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
            yield {"ns": ns, "lat": abs(lat), "ew": ew, "lon": abs(lon)}


def _floor(degrees: float, size_deg: int) -> int:
    return math.floor(degrees / size_deg) * size_deg


def file_name(address: str) -> str:
    """Return the name a file of this address has in a mirror and in the cache.

    >>> file_name("https://host/ocid/downloads?type=mcc&file=452.csv.gz")
    '452.csv.gz'
    """
    parts = urlsplit(address)
    named = parse_qs(parts.query).get("file", [""])[0]
    return PurePosixPath(named or parts.path).name


def listing(what: str, language: str) -> str:
    """Return the sources of one kind in lines to read."""
    blocks = []
    for source in table():
        if source.what == what:
            checked = speak(message("fetch.checked", checked=source.checked), language)
            blocks.append(
                f"{source.what} --source {source.name}: {source.title}\n"
                f"  {source.version}; {speak(_size(source), language)}; {source.licence}\n"
                f"  {source.attribution}\n"
                f"  {source.address.replace(TOKEN, '***')}\n"
                f"  {checked}"
            )
    return "\n".join(blocks)


def _size(source: Source) -> Message:
    """Return how much comes, of a tile where there are several."""
    if source.size_mb is None:
        return message("fetch.unknown_tile" if source.tile_deg else "fetch.size_unknown")
    return message("fetch.size_tile" if source.tile_deg else "fetch.size", size_mb=source.size_mb)


def markdown() -> str:
    """Return the table of the sources for the documentation."""
    lines = [
        "| WHAT | `--source` | data | version | size, MB | licence | checksum |",
        "|---|---|---|---|---|---|---|",
    ]
    details = []
    for source in table():
        size = "?" if source.size_mb is None else f"{source.size_mb:g}"
        size += " a tile" if source.tile_deg else ""
        rule = source.checksum.partition(":")[0]
        cells = (source.what, f"`{source.name}`", source.title, source.version, size)
        lines.append(f"| {' | '.join((*cells, source.licence, rule))} |")
        details.append(
            f"- **{source.what}, {source.name}**: `{source.address}`\n"
            f"  Attribution: {source.attribution}.\n"
            f"  What was checked: {source.checked}."
        )
    return "\n".join([*lines, "", *details]) + "\n"
