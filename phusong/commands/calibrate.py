"""The command ``calibrate``: tune a propagation model with measurements."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phusong.commands import data
from phusong.commands.parsing import add_wait
from phusong.errors import Defect, InputError
from phusong.messages import speak

if TYPE_CHECKING:
    from phusong.geodata.measured.ground import Wanted

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/calibration")
DEFAULT_MODEL = "p1812"
BARE = "bare"  # flat ground with nothing on it


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    what = "Calibrate a propagation model with a drive test or crowd data."
    parser = commands.add_parser(
        "calibrate",
        help=what,
        description=f"{what} The error told is that on ground which the fit has not seen.",
        epilog="example: phusong calibrate drive.csv --cells cells.csv --model spm --lang en",
    )
    add_wait(parser, _calibrate, lambda options: options.out)
    parser.add_argument(
        "measurements",
        type=Path,
        help="CSV with lon, lat, rsrp_dbm (or path_loss_db), and cell_id, pci, or cell_lon and "
        "cell_lat; if wanted time, device, frequency_mhz",
    )
    parser.add_argument(
        "--cells",
        type=Path,
        help="list of cells with cell_id, lon, lat, height_m, azimuth_deg, tilts, power, pci "
        "(default: those at cell_lon, cell_lat of the measurements)",
    )
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help="which to write, p1812 or spm (default: p1812)",
    )
    ground = parser.add_mutually_exclusive_group()
    ground.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    ground.add_argument(
        "--terrain", type=Path, nargs="+", metavar="FILE", help="elevation rasters instead"
    )
    ground.add_argument(
        "--flat",
        nargs="?",
        const=BARE,
        metavar="CLASS",
        help="flat ground instead, all of one land-cover class, such as urban (default: bare)",
    )
    parser.add_argument(
        "--receiver-height-m", type=float, default=1.5, metavar="M", help="above ground (1.5)"
    )
    parser.add_argument(
        "--block-m", type=float, default=500.0, metavar="M", help="side of held-out blocks (500)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the choice of blocks (default: 1)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    parser.add_argument(
        "--lang", choices=("vi", "en"), default="vi", help="language of the outputs (default: vi)"
    )
    data.add_reading(parser)


def _calibrate(options: argparse.Namespace) -> None:
    _check(options)
    from phusong.geodata.measured import cells, measurements
    from phusong.maps import calibration_page
    from phusong.scenarios.calibration import result as calibration_result
    from phusong.scenarios.results import result

    wanted = _wanted(options)
    result.check_folder(options.out, calibration_result.RECORD)
    stated = data.stated(options, ("measurements", "cells"))
    measured = measurements.read(options.measurements, stated["measurements"])
    data.say(options.measurements.name, measured.notes)
    if options.cells:
        listed = cells.read(options.cells, measured, stated["cells"])
        data.say(options.cells.name, listed.assumed)
    else:
        listed = cells.of_samples(measured)
    chosen = calibration_result.Options(
        options.model, options.receiver_height_m, options.block_m, options.seed
    )
    outcome = calibration_result.run(measured, listed, wanted, chosen)
    page = calibration_page.FILE_NAME
    with result.replacing(options.out, calibration_result.RECORD) as temporary:
        calibration_result.write(outcome, temporary, options.lang, also=(page,))
        calibration_page.write(temporary, options.lang)
    record = json.loads((options.out / calibration_result.RECORD).read_text(encoding="utf-8"))
    for warning in record["warnings"]:
        print(f"phusong: warning: {speak(warning, options.lang)}", file=sys.stderr)
    print(summary(record, options.out, calibration_page.lead(record, options.lang)))


def _check(options: argparse.Namespace) -> None:
    """Raise one error with every number that cannot be used, and a model that is not tuned."""
    from phusong.scenarios.propagation.calibrated import tunable

    limits = {"receiver_height_m": (1.0, 50.0), "block_m": (60.0, 50_000.0), "seed": (0, 2**31)}
    found = [
        Defect(f"--{name.replace('_', '-')}", f"is not between {low:g} and {high:g}", value=value)
        for name, (low, high) in limits.items()
        for value in [getattr(options, name)]
        if not low <= value <= high
    ]
    if options.model not in tunable():
        problem = f"is not a model that can be tuned: {', '.join(tunable())}"
        found.append(Defect("--model", problem, value=options.model))
    if found:
        raise InputError("unusable options", found)


def _wanted(options: argparse.Namespace) -> "Wanted":
    """Return which ground is asked for."""
    from phusong.geodata.measured.ground import Wanted
    from phusong.geodata.province import LandCover

    known: dict[str, LandCover] = {
        kind.name.lower(): kind for kind in LandCover if kind != LandCover.OUTSIDE
    }
    known[BARE] = LandCover.OUTSIDE
    if options.flat is not None and options.flat not in known:
        remedy = f"use {', '.join(known)}"
        defect = Defect("--flat", "is not a class of land cover", remedy, value=options.flat)
        raise InputError("unknown land cover", [defect])
    flat = None if options.flat is None else known[options.flat]
    return Wanted(options.province, tuple(options.terrain or ()), flat)


def summary(record: dict[str, Any], out: Path, lead: str) -> str:
    """Return the errors of both models in a few lines, in the language of the record."""
    from phusong.maps.texts import text

    vi = record["language"] == "vi"
    words = (
        ("trước", "sau", "RMSE trên ô kiểm tra", "độ lệch mỗi cell và độ dốc", "mô hình", "trang")
        if vi
        else (
            "untuned",
            "calibrated",
            "held-out RMSE",
            "offset per cell and slope",
            "model",
            "page",
        )
    )
    lines = [lead]
    for name, model in record["models"].items():
        before, after, plain = (
            text.number(model["errors"][kind]["rmse_db"], record["language"], 2)
            for kind in ("before", "after", "baseline")
        )
        lines.append(
            f"{name}: {words[2]} {words[0]} {before} dB, {words[1]} {after} dB, "
            f"{words[3]} {plain} dB"
        )
    lines.append(f"{words[4]}: {out / 'calibration.toml'} ({record['model']})")
    return "\n".join([*lines, f"{words[5]}: {out / 'calibration.html'}"])
