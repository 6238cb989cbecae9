"""The commands for data: ``data build``, ``data check``, ``data template`` and ``data info``."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.commands import fetch
from phusong.errors import Defect, InputError, without_secrets
from phusong.messages import message, recognised, speak
from phusong.progress import bars
from phusong.terminal import streams
from phusong.terminal.parsing import Commands, add_command, add_wait
from phusong.terminal.speech import sayer

if TYPE_CHECKING:
    from phusong.geodata.files.table import Stated

# Each command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

MAPPED = ("sites", "cells", "communes", "zones", "measurements")
LAYERS = ("sites", "communes", "zones", "terrain", "landcover", "population")  # of a build
TEMPLATES = ("sites", "cells", "zones", "measurements")


def add(commands: Commands) -> None:
    """Add the commands of this module to the command line."""
    data_commands = commands.add_parser(
        "data",
        help="Make, check and describe province folders and the files they are made of.",
        epilog="example: phusong data check bts.xlsx",
    ).add_subparsers(metavar="COMMAND", required=True)
    _add_build(data_commands)
    _add_check(data_commands)
    _add_template(data_commands)
    fetch.add(data_commands)
    info = add_command(
        data_commands,
        "info",
        _info,
        "Describe a province.",
        "phusong data info --province provinces/real",
    )
    info.add_argument("--province", type=Path, help="province folder (default: the embedded one)")


def _add_build(commands: Commands) -> None:
    build = add_command(
        commands,
        "build",
        _build,
        "Make a province folder from GIS files; what is not given is made by recipe.",
        "phusong data build --communes communes.geojson --terrain dem.tif --out provinces/real",
    )
    build.add_argument("--communes", type=Path, required=True, help="commune polygons")
    build.add_argument(
        "--terrain",
        type=Path,
        nargs="+",
        required=True,
        help="elevation: GeoTIFF, HGT (also .zip, .gz), ASCII grid; tiles, or best first",
    )
    for layer in ("zones", "landcover", "population"):
        build.add_argument(f"--{layer}", type=Path, help=f"{layer} file")
    _add_list(build, "site list")
    _add_map(build)
    _add_crs(build)
    _add_repair(build)
    build.add_argument("--name", help="name of the province")
    build.add_argument(
        "--country", help="whose rules, prices and words hold: vn (default), generic, or a folder"
    )
    build.add_argument(
        "--planning-crs",
        metavar="EPSG",
        help="system of the planning grid, projected in metres (default: by the country's rule)",
    )
    build.add_argument(
        "--far-km",
        type=float,
        metavar="KM",
        help="islands farther than this from the land with most residents stay in the layers, "
        "unplanned (default: 100)",
    )
    build.add_argument("--out", type=Path, required=True, help="folder to make")
    add_wait(build, _build, lambda options: options.out)


def add_sites(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the options that say which site list is read, and how."""
    _add_list(parser, what)
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a list's own headers and coordinates are."""
    _add_map(parser)
    _add_crs(parser)


def _add_list(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--sites", type=Path, metavar="FILE", help=f"{what} (CSV, XLSX, GeoJSON, GPKG, SHP, KML)"
    )
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="keep the good rows of --sites; the others go to rejected.csv with their reasons",
    )


def _add_map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map",
        dest="mapping",
        metavar="[LAYER.]COLUMN=HEADER",
        action="append",
        default=[],
        help="the file's own header of a column, such as site_id=Ký hiệu or "
        "communes.population=DS; may be repeated",
    )
    parser.add_argument(
        "--assume",
        dest="assumed",
        metavar="[LAYER.]COLUMN=UNIT",
        action="append",
        default=[],
        help="the unit of a column that does not say it, such as power_dbm=W, or its decimal mark: "
        "workers=decimal-comma, decimal-point; may be repeated",
    )


def _add_check(commands: Commands) -> None:
    check = add_command(
        commands,
        "check",
        _check,
        "Audit a province folder, a file on its way into one, or a folder of files.",
        "phusong data check bts.xlsx --geojson findings.geojson",
    )
    check.add_argument("path", type=Path, help="province folder, file or folder of files")
    check.add_argument(
        "--province", type=Path, help="what files are held against (default: the embedded one)"
    )
    _add_map(check)
    _add_crs(check)
    _add_repair(check)
    check.add_argument("--json", action="store_true", help="print JSON instead of text")
    check.add_argument(
        "--geojson", type=Path, metavar="FILE", help="write the findings that have a place"
    )


def _add_crs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--crs",
        metavar="EPSG",
        help="coordinates of files that do not say: 4326, 32648 or another (default: recognised)",
    )


def _add_repair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--repair",
        action="store_true",
        help="cut small overlaps of communes and fill small gaps (build lists each in repairs.csv)",
    )


def _add_template(commands: Commands) -> None:
    template = add_command(
        commands,
        "template",
        _template,
        "Write an empty list with an example row to fill in.",
        "phusong data template sites --out bts.csv",
    )
    template.add_argument("what", choices=TEMPLATES, help="what the list holds")
    template.add_argument("--out", type=Path, metavar="FILE", help="CSV or XLSX (default: stdout)")


def _build(options: argparse.Namespace) -> None:
    from phusong.geodata import countries, crs
    from phusong.geodata.audit import province as audit_province
    from phusong.geodata.province import FAR_M
    from phusong.geodata.provinces import build

    province = build.build_province(
        communes=options.communes,
        terrain=options.terrain,
        zones=options.zones,
        sites=options.sites,
        landcover=options.landcover,
        population=options.population,
        name=options.name,
        out=options.out,
        country=options.country or countries.DEFAULT,
        planning=crs.named(options.planning_crs) if options.planning_crs else "",
        far_m=1000.0 * options.far_km if options.far_km else FAR_M,
        stated=stated(options, LAYERS, "sites"),
        skip_bad_rows=options.skip_bad_rows,
    )
    print(audit_province.info(province, options.lang))


def stated(
    options: argparse.Namespace, layers: Sequence[str], default: str = ""
) -> dict[str, "Stated"]:
    """Return what the options say of the files of a command, by layer.

    Parameters
    ----------
    options : with ``mapping``, ``assumed`` and ``crs``, see ``add_reading``.
    layers : that the command reads.
    default : the layer of ``COLUMN=...`` without one, the first when left out.
    """
    from phusong.geodata import crs
    from phusong.geodata.files.table import Stated

    first = default or layers[0]
    headers = _by_layer("--map", options.mapping, layers, first, "HEADER")
    units = _by_layer("--assume", options.assumed, layers, first, "UNIT")
    system = crs.named(options.crs) if options.crs else None
    repair = bool(getattr(options, "repair", False))
    return {
        layer: Stated(
            {column: texts[-1] for column, texts in headers.get(layer, {}).items()},
            {column: tuple(texts) for column, texts in units.get(layer, {}).items()},
            system,
            repair,
        )
        for layer in layers
    }


def _by_layer(
    option: str, given: Sequence[str], layers: Sequence[str], default: str, what: str
) -> dict[str, dict[str, list[str]]]:
    """Return the texts by layer and column that ``[LAYER.]COLUMN=TEXT`` gives.

    >>> _by_layer("--map", ["id=Số", "zones.kind=K"], ("sites", "zones"), "sites", "HEADER")
    {'sites': {'id': ['Số']}, 'zones': {'kind': ['K']}}
    """
    texts: dict[str, dict[str, list[str]]] = {}
    defects = []
    for text in given:
        left, mark, right = text.partition("=")
        layer, dot, column = left.strip().rpartition(".")
        layer = layer if dot else default
        if not mark or not column or not right.strip() or layer not in layers:
            remedy = message(
                "remedy.write_column_or_layer_column_with", what=what, layers=[*layers]
            )
            problem = message("problem.names_no_column_and", lower=what.lower())
            defects.append(Defect(option, problem, remedy, value=text))
            continue
        texts.setdefault(layer, {}).setdefault(column, []).append(right.strip())
    if defects:
        raise InputError(message("refusal.unusable_mapping"), defects)
    return texts


def say(source: str, notes: Iterable[str], language: str) -> None:
    """Say on stderr how a file was read."""
    for note in notes:
        print(f"phusong: {source}: {speak(recognised(note), language)}", file=sys.stderr)


def reading(options: argparse.Namespace, own: "Stated") -> dict[str, Any]:
    """Return how a list is read, as the options of ``add_sites`` or ``add_reading`` say."""
    return {
        "headers": own.headers,
        "units": own.units,
        "crs": own.crs,
        "skip_bad_rows": options.skip_bad_rows,
    }


def _check(options: argparse.Namespace) -> None:
    from phusong.geodata.audit import check, findings
    from phusong.geodata.files import whole

    by_layer = stated(options, ("", *MAPPED, "terrain"))
    stated_layers = {layer: own for layer, own in by_layer.items() if own.headers or own.units}
    if stated_layers and (options.path.is_dir() or len(stated_layers) > 1):
        remedy = message("remedy.give_one_file_and_headers_of")
        defect = Defect(
            "--map", message("problem.headers_of_which_file"), remedy, value=str(options.path)
        )
        raise InputError(message("refusal.headers_belong_to_one_file"), [defect])
    layer, own = next(iter(stated_layers.items()), ("", by_layer[""]))
    rows = partial(bars, unit=sayer(options.lang)("row"))
    audited = check.audit(options.path, options.province, own, layer, rows)
    written = findings.as_json if options.json else findings.text
    text = without_secrets(written(audited, options.lang))
    print(streams.json_text(text) if options.json else text)
    if options.geojson:
        points, placed = findings.as_points(audited, options.lang)
        whole.write_text(options.geojson, points)
        done = sayer(options.lang)("placed", n=placed, path=str(options.geojson))
        print(done, file=sys.stderr)
    if any(finding.level == "error" for finding in audited):
        raise InputError(message("refusal.has_errors", path=options.path))


def _template(options: argparse.Namespace) -> None:
    from phusong.geodata.network import templates

    if options.out is None:
        print(templates.as_csv(options.what, options.lang), end="")
        return
    templates.write(options.out, options.what, options.lang)
    print(sayer(options.lang)("fill_in", path=str(options.out)))


def _info(options: argparse.Namespace) -> None:
    from phusong.geodata.audit import province as audit_province
    from phusong.geodata.provinces import folder

    print(audit_province.info(folder.open_province(options.province), options.lang))
