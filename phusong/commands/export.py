"""The commands ``export`` and ``publish``: a finished run handed to other programs and systems.

``export`` writes layers as files or tables, ``publish`` a folder that any web server hands out.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from phusong.terminal.parsing import add_wait
from phusong.terminal.speech import warn

# The command imports what it needs: --help and a typing error should not wait for geopandas.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    _add_publish(commands)
    what = "Export the layers of a run to files of GIS and CAD programs, or to PostGIS."
    parser = commands.add_parser(
        "export",
        help=what,
        description=what,
        epilog="example: phusong export out/urban --to urban.fgb --layers ranking --crs 4326",
    )
    add_wait(parser, _export, _file)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument(
        "--to",
        required=True,
        metavar="FILE|postgresql://...",
        help="file ending in .gpkg, .fgb, .parquet, .shp, .tab or .dxf, or address of a database",
    )
    parser.add_argument(
        "--layers", nargs="+", default=[], metavar="LAYER", help="layers (default: all)"
    )
    parser.add_argument(
        "--crs", metavar="EPSG", help="coordinate system, such as 4326 (default: that of the plan)"
    )
    parser.add_argument("--schema", default="phusong", help="schema of a database's tables")
    parser.add_argument("--replace", action="store_true", help="replace files or tables that exist")


def _add_publish(commands: Commands) -> None:
    what = "Publish a finished run in a static folder: catalogue, layers, tiles, figures, page."
    parser = commands.add_parser(
        "publish",
        help=what,
        description=what,
        epilog="example: phusong publish out/urban --to /srv/www/coverage",
    )
    add_wait(parser, _publish, lambda options: options.to)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="new or empty folder, or a feed"
    )
    parser.add_argument(
        "--public",
        action="store_true",
        help="for anybody: masts counted in squares of 500 m, no operator, no identifier",
    )
    parser.add_argument(
        "--name", default="", help="what the run is called there (default: its scenario)"
    )


def _publish(options: argparse.Namespace) -> None:
    from phusong.maps.feed.publish import publish

    spoken = partial(warn, language=options.lang)
    written = publish(
        options.run,
        options.to,
        public=options.public,
        language=options.lang,
        name=options.name,
        warn=spoken,
    )
    print(written)


def _file(options: argparse.Namespace) -> Path | None:
    """Return the file that is written; a database locks its own tables."""
    from phusong.geodata.writers import postgis

    return None if postgis.is_address(options.to) else Path(options.to)


def _export(options: argparse.Namespace) -> None:
    from phusong.geodata import crs
    from phusong.geodata.files import whole
    from phusong.geodata.runs import folder as run_folder
    from phusong.geodata.runs import run_layers
    from phusong.geodata.writers import formats, postgis

    system = crs.named(options.crs) if options.crs else ""
    with (
        whole.steady(options.run, records=run_layers.RECORDS),
        run_folder.whole_run(options.run),
    ):
        publication = run_layers.about_run(options.run, options.lang)
        layers = run_layers.layers_of(options.run, options.layers, system, options.lang)
    if postgis.is_address(options.to):
        written = postgis.write(
            options.to, layers, publication, schema=options.schema, replace=options.replace
        )
    else:
        target, warn_ = Path(options.to), partial(warn, language=options.lang)
        written = [
            str(path)
            for path in formats.write(
                target,
                layers,
                publication,
                replace=options.replace,
                warn=warn_,
            )
        ]
    for name in written:
        print(name)
