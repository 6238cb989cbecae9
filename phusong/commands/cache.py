"""The command ``cache``: what is kept from one run to the next, and throwing it away."""

import argparse
import json
from pathlib import Path
from typing import Any

from phusong.terminal.parsing import Commands, add_command
from phusong.terminal.speech import sayer

# The commands import what they need: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

WHATS = ("kernels", "predictions", "windows", "files", "downloads")


def add(commands: Commands) -> None:
    """Add the commands of this module to the command line."""
    cache_commands = commands.add_parser(
        "cache",
        help="Show or throw away what is kept from one run to the next.",
        epilog="example: phusong cache info",
    ).add_subparsers(metavar="COMMAND", required=True)
    info = add_command(
        cache_commands, "info", _info, "Show where and how much is kept.", "phusong cache info"
    )
    info.add_argument("--json", action="store_true", help="print JSON instead of text")
    clear = add_command(
        cache_commands,
        "clear",
        _clear,
        "Throw away what is kept; it is made or fetched again when it is needed.",
        "phusong cache clear predictions windows",
    )
    clear.add_argument(
        "what", nargs="*", metavar="WHAT", choices=[[], *WHATS], help=f"{', '.join(WHATS)} (all)"
    )


def _limits() -> dict[str, tuple[Path, int]]:
    """Return the folder and the largest size [byte] of each cache."""
    from phusong import compilation, content_cache
    from phusong.geodata.fetch import download
    from phusong.scenarios.prediction import cache

    limits = (
        (compilation.FOLDER, compilation.MAX_BYTES),
        (cache.FOLDER, cache.MAX_BYTES),
        (cache.WINDOWS, cache.MAX_WINDOW_BYTES),
        (content_cache.FOLDER, content_cache.MAX_BYTES),
        (download.FOLDER, download.MAX_CACHE_BYTES),
    )
    return dict(zip(WHATS, limits, strict=True))


def _info(options: argparse.Namespace) -> None:
    from phusong import cache_files

    rows: list[dict[str, Any]] = [
        {
            "cache": name,
            "folder": str(folder),
            "files": sum(path.is_file() for path in folder.rglob("*")),
            "bytes": cache_files.size_bytes(folder),
            "max_bytes": max_bytes,
        }
        for name, (folder, max_bytes) in _limits().items()
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        sizes = {"used_mb": row["bytes"] / 1e6, "most_mb": row["max_bytes"] / 1e6}
        where = {key: row[key] for key in ("cache", "files", "folder")}
        print(sayer(options.lang, "cache")("used", **where, **sizes))


def _clear(options: argparse.Namespace) -> None:
    from phusong import cache_files

    for name, (folder, _) in _limits().items():
        if not options.what or name in options.what:
            freed = cache_files.size_bytes(folder)
            for path in folder.glob("*"):
                cache_files.remove(path)
            freed -= cache_files.size_bytes(folder)
            say = sayer(options.lang, "cache")
            print(say("freed", cache=name, freed_mb=freed / 1e6, folder=str(folder)))
