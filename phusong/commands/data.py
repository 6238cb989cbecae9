"""The commands for data: ``data build``, ``data check``, ``data template`` and ``data info``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from phusong.commands import fetch, streams
from phusong.commands.parsing import Commands, add_command, add_wait
from phusong.commands.terminal import sayer
from phusong.errors import Defect, InputError, without_secrets

# Each command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

MAPPED = ("sites", "communes", "zones")
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
    build.add_argument("--name", help="name of the province")
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
        "communes.population=DS; may be repeated (default layer: sites)",
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
    check.add_argument("--json", action="store_true", help="print JSON instead of text")
    check.add_argument(
        "--geojson", type=Path, metavar="FILE", help="write the findings that have a place"
    )


def _add_crs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--crs",
        metavar="EPSG",
        help="coordinates of files that do not say: 4326, 5897, 3405, 32648, 9208 or another "
        "(default: recognised)",
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
    from phusong.geodata import crs
    from phusong.geodata.audit import province as audit_province
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
        headers=mapping(options.mapping),
        stated_crs=crs.named(options.crs) if options.crs else None,
        skip_bad_rows=options.skip_bad_rows,
    )
    print(audit_province.info(province))


def mapping(given: list[str]) -> dict[str, dict[str, str]]:
    """Return the headers by layer and column that ``[LAYER.]COLUMN=HEADER`` texts give.

    >>> mapping(["site_id=Số hiệu", "communes.population=DS 2019"])
    {'sites': {'site_id': 'Số hiệu'}, 'communes': {'population': 'DS 2019'}}
    """
    headers: dict[str, dict[str, str]] = {}
    defects = []
    for text in given:
        left, mark, header = text.partition("=")
        layer, dot, column = left.strip().rpartition(".")
        layer = layer if dot else "sites"
        if not mark or not column or not header.strip() or layer not in MAPPED:
            remedy = f"write COLUMN=HEADER, or LAYER.COLUMN=HEADER with {', '.join(MAPPED)}"
            defects.append(Defect("--map", "names no column and header", remedy, value=text))
            continue
        headers.setdefault(layer, {})[column] = header.strip()
    if defects:
        raise InputError("unusable mapping", defects)
    return headers


def reading(options: argparse.Namespace) -> dict[str, Any]:
    """Return how a list is read, as the options of ``add_sites`` or ``add_reading`` say."""
    return {
        "headers": mapping(options.mapping).get("sites"),
        "crs": options.crs,
        "skip_bad_rows": options.skip_bad_rows,
    }


def _check(options: argparse.Namespace) -> None:
    from phusong.geodata import crs
    from phusong.geodata.audit import check, findings
    from phusong.geodata.files import whole

    stated = crs.named(options.crs) if options.crs else None
    headers = mapping(options.mapping)
    if headers and (options.path.is_dir() or len(headers) > 1):
        remedy = "give one file, and headers of one layer"
        defect = Defect("--map", "headers of which file?", remedy, value=str(options.path))
        raise InputError("headers belong to one file", [defect])
    audited = check.audit(options.path, options.province, stated, headers)
    text = without_secrets(findings.as_json(audited) if options.json else findings.text(audited))
    print(streams.json_text(text) if options.json else text)
    if options.geojson:
        points, placed = findings.as_points(audited)
        whole.write_text(options.geojson, points)
        text_ = sayer(options.lang)("placed", n=placed, path=str(options.geojson))
        print(text_, file=sys.stderr)
    if any(finding.level == "error" for finding in audited):
        raise InputError(f"{options.path} has errors")


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

    print(audit_province.info(folder.open_province(options.province)))
