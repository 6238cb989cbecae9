"""The command ``data fetch``: public sources for a province, on the user's own machine."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from phusong.errors import Defect, InputError
from phusong.messages import message, recognised, speak
from phusong.terminal import streams
from phusong.terminal.parsing import add_wait
from phusong.terminal.speech import sayer

# The command imports what it needs: --help and a typing error should not wait for geopandas.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("fetched")
WHATS = ("boundaries", "terrain", "population", "landcover", "osm", "cells")

# People come first: boundaries count their residents on them.
WHATS_FIRST = ("population", *(what for what in WHATS if what != "population"))


def add(commands: Commands) -> None:
    """Add the command to those of ``data``."""
    what = (
        "Fetch public data for a province: boundaries, terrain, people, land cover, roads, cells."
    )
    parser = commands.add_parser(
        "fetch",
        help=what,
        description=what,
        epilog="example: phusong data fetch terrain --bbox 105.2,21.0,105.9,21.7 --out fetched",
    )
    add_wait(parser, _fetch, lambda options: None if options.list else options.out)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(WHATS))
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--province", type=Path, metavar="DIR", help="fetch for it (default: the embedded one)"
    )
    where.add_argument("--bbox", metavar="W,S,E,N", help="fetch for a box in degrees")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    parser.add_argument(
        "--from", dest="mirror", metavar="MIRROR", help="folder or http address with the files"
    )
    parser.add_argument("--source", metavar="NAME", help="another source than the first of --list")
    parser.add_argument("--refresh", action="store_true", help="fetch again what is there already")
    parser.add_argument(
        "--timeout", type=float, default=30.0, metavar="S", help="wait for an answer (default: 30)"
    )
    parser.add_argument("--list", action="store_true", help="show the sources and their licences")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _fetch(options: argparse.Namespace) -> None:
    from phusong.geodata.fetch import collect

    _check(options)
    if options.list:
        print(_listing(options))
        return
    order = sorted(options.what, key=WHATS_FIRST.index)
    harvests = [collect.fetch(_request(options, what)) for what in order]
    folder = options.province
    drawn = (options.out / "boundaries.geojson").is_file()
    command = collect.next_command(
        options.out, None if drawn or folder is None else _communes(folder)
    )
    if options.json:
        text = json.dumps(collect.as_record(harvests, command), indent=1, ensure_ascii=False)
        print(streams.json_text(text))
        return
    for done in harvests:
        print(_summary(done, options.lang))
    print(sayer(options.lang, "fetch")("next", command=command))


def _check(options: argparse.Namespace) -> None:
    """Raise with everything that is wrong with the options."""
    known = message("remedy.known", whats=[*WHATS])
    defects = [
        Defect("WHAT", message("problem.is_not_known"), known, value=what)
        for what in options.what
        if what not in WHATS
    ]
    if not options.what and not options.list:
        defects.append(Defect("WHAT", message("problem.is_lacking"), known))
    if options.source and len(options.what) != 1:
        defects.append(
            Defect("--source", message("problem.goes_with_one_what"), value=options.source)
        )
    if not 0 < options.timeout < float("inf"):
        defects.append(
            Defect("--timeout", message("problem.must_be_above_0_seconds"), value=options.timeout)
        )
    if defects:
        raise InputError(message("refusal.cannot_fetch_that"), defects)


def _request(options: argparse.Namespace, what: str) -> Any:  # noqa: ANN401 - loads geopandas
    from phusong.geodata.fetch import area, collect, sources
    from phusong.geodata.fetch.web import Patience

    source = sources.choose(what, options.source)
    place = area.of_box(options.bbox) if options.bbox else area.of_province(options.province)
    return collect.FetchRequest(
        source,
        place,
        options.out,
        options.mirror,
        os.environ.get(collect.TOKEN_VARIABLE, ""),
        options.refresh,
        Patience(options.timeout),
        _bars,
    )


def _communes(folder: Path) -> Path:
    from phusong.geodata.provinces import manifest

    return folder / manifest.read(folder / manifest.NAME).files["communes"]


def _listing(options: argparse.Namespace) -> str:
    from phusong.geodata.fetch import sources

    shown = options.what or WHATS
    if options.json:
        rows = [asdict(source) for source in sources.table() if source.what in shown]
        return streams.json_text(json.dumps(rows, indent=1, ensure_ascii=False))
    return "\n".join(sources.listing(what, options.lang) for what in shown)


def _summary(done: Any, language: str) -> str:  # noqa: ANN401 - the type would load geopandas
    """Return what came of one request, in a few lines."""
    say, source = sayer(language, "fetch"), done.source
    state = "fetched" if done.new else "there"
    lines = [
        say(state, what=source.what, files=[*map(str, done.files)]),
        *(speak(recognised(note), language) for note in done.notes),
        say("checked_by", checked=[*done.checked]),
        say("licence", licence=source.licence),
        say("name_it", attribution=source.attribution),
    ]
    return "\n  ".join(lines)


def _bars(title: str, total: int) -> Callable[[int], None]:
    """Open a progress bar of bytes on stderr and return what moves it."""
    bar = tqdm(total=total or None, desc=title, unit="B", unit_scale=True, file=sys.stderr)

    def move(done: int) -> None:
        bar.update(done - bar.n)
        if total and done >= total:
            bar.close()

    return move
