"""The command ``validate``: hold a model, as it is, against measurements."""

import argparse
import json
from pathlib import Path
from typing import Any

from phusong.commands import calibrate, data
from phusong.terminal import speech
from phusong.terminal.parsing import add_csv

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
NUMBERS = {
    "receiver_height_m": ("M", "above ground, where no row tells it (default: 1.5)"),
    "threshold_dbm": ("DBM", "level from which a place is covered (default: -110)"),
    "rule": ("SHARE", "of the places shown as covered that must be (default: 0.95)"),
    "pattern_fill": ("SHARE", "of the power that fills the nulls of patterns (default: 0.04)"),
}


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    what = "Hold a propagation model, as it is, against a drive test or crowd data."
    parser = commands.add_parser(
        "validate",
        help=what,
        description=f"{what} Nothing is fitted: errors, whether intervals hold, map reliability.",
        epilog="example: phusong validate drive.csv --cells cells.csv --lang en --out out/check",
    )
    parser.set_defaults(command=_validate)
    calibrate.add_measured(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", metavar="NAME", help="a model of phusong models")
    which.add_argument(
        "--calibration", type=Path, metavar="FILE", help="what phusong calibrate has written"
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="MODEL.NAME=VALUE",
        action="append",
        default=[],
        help="a parameter of the model; may be repeated",
    )
    for name, (metavar, text) in NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar=metavar, help=text)
    parser.add_argument("--out", type=Path, help="folder for the page (default: none is written)")
    add_csv(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")


def _validate(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.maps.pages import validation_page

    stated = {name: getattr(options, name) for name in NUMBERS}
    validation = ps.validate(
        options.measurements,
        cells=options.cells,
        stated=data.stated(options, ("measurements", "cells")),
        province=options.province,
        terrain=options.terrain or (),
        flat=options.flat,
        model=options.model,
        calibration=options.calibration,
        settings=options.settings,
        **{name: value for name, value in stated.items() if value is not None},
    )
    if options.out:
        validation.write(options.out, language=options.lang, machine_csv=options.csv == "machine")
    for warning in validation.warnings:
        speech.warn(warning, options.lang)
    record = validation.record()
    if options.json:
        print(json.dumps(record, ensure_ascii=False, indent=1))
        return
    leads = (validation_page.lead, validation_page.map_lead)
    said = [each(record, options.lang) for each in leads]
    said += speech.samples(record["measurements"], options.lang)
    print("\n".join(filter(None, said)))
    if options.out:
        print(options.out / validation_page.FILE_NAME)
