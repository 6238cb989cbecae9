"""The command ``validate``: hold a model, as it is, against measurements."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.commands import calibrate, terminal
from phusong.errors import Defect, InputError

if TYPE_CHECKING:
    from phusong.scenarios.validation.result import Options

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
NUMBERS = {
    "receiver_height_m": ("M", "above ground (default: 1.5)", (1.0, 50.0)),
    "threshold_dbm": ("DBM", "level from which a place is covered (-110)", (-156.0, -31.0)),
    "rule": ("SHARE", "of the places shown as covered that must be (0.95)", (0.01, 0.9999)),
    "pattern_fill": ("SHARE", "of the power that fills the nulls of patterns (0.04)", (0.0, 0.5)),
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
    for name, (metavar, text, _) in NUMBERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, metavar=metavar, help=text)
    parser.add_argument("--out", type=Path, help="folder for the page (default: none is written)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")


def _validate(options: argparse.Namespace) -> None:
    from phusong.geodata.measured import cells, measurements
    from phusong.scenarios.validation import result as validation

    wanted, chosen = calibrate.wanted(options), _chosen(options)
    measured = measurements.read(options.measurements)
    listed = cells.read(options.cells, measured) if options.cells else cells.of_samples(measured)
    found = validation.run(measured, listed, wanted, chosen)
    if options.out:
        _write(found, options.out, options.lang)
    record = validation.record(found)
    for warning in validation.warnings(found):
        terminal.warn(warning, options.lang)
    if options.json:
        print(json.dumps(record, ensure_ascii=False, indent=1))
        return
    from phusong.maps import validation_page

    leads = (validation_page.lead, validation_page.map_lead)
    print("\n".join(filter(None, (each(record, options.lang) for each in leads))))
    if options.out:
        print(options.out / validation_page.FILE_NAME)


def _write(found: Any, out: Path, language: str) -> None:  # noqa: ANN401 - the type loads numba
    """Write record, residuals and page into a folder."""
    from phusong.maps import validation_page
    from phusong.scenarios.results import result
    from phusong.scenarios.validation import result as validation

    result.check_folder(out, validation.RECORD)
    with result.replacing(out, validation.RECORD) as temporary:
        validation.write(found, temporary, language, also=(validation_page.FILE_NAME,))
        validation_page.write(temporary, language)


def _chosen(options: argparse.Namespace) -> "Options":
    """Return what is asked; everything wrong with it is one error."""
    from phusong.geodata.reference import default_model
    from phusong.scenarios.propagation import calibrated, link_request
    from phusong.scenarios.validation.result import Options

    given = {name: getattr(options, name) for name in NUMBERS}
    given = {name: value for name, value in given.items() if value is not None}
    wrong = [
        Defect(f"--{name.replace('_', '-')}", f"is not between {low:g} and {high:g}", value=value)
        for name, value in given.items()
        for low, high in [NUMBERS[name][2]]
        if not low <= value <= high
    ]
    if wrong:
        raise InputError("unusable options", wrong)
    calibration = calibrated.load(options.calibration) if options.calibration else None
    name = calibration.model if calibration else options.model or default_model.NAME
    model = link_request.model(name)
    settings = link_request.settings(options.settings)
    read = {each.key for each in (*model.parameters, *model.heights)}
    if foreign := [key for key in settings if key not in read]:
        problem = f"has no effect on the model {name}"
        raise InputError("unusable parameters", [Defect("--set", problem, value=foreign[0])])
    return Options(name, settings, calibration, **given)
