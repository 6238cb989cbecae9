"""The command ``calibrate``: tune a propagation model with measurements."""

import argparse
from pathlib import Path
from typing import Any

from phusong.commands import data
from phusong.terminal.parsing import add_csv, add_wait
from phusong.terminal.speech import samples, sayer, warn

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/calibration")
DEFAULT_MODEL = "p1812_terminal"
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
    add_measured(parser)
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="NAME",
        help="which to write: p1812_terminal, p1812 or spm (default: p1812_terminal)",
    )
    parser.add_argument(
        "--receiver-height-m",
        type=float,
        default=1.5,
        metavar="M",
        help="where no row tells it (1.5)",
    )
    parser.add_argument(
        "--block-m", type=float, default=500.0, metavar="M", help="side of held-out blocks (500)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the choice of blocks (default: 1)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    add_csv(parser)


def add_measured(parser: argparse.ArgumentParser) -> None:
    """Add the measurements, their cells and the ground between."""
    parser.add_argument(
        "measurements",
        type=Path,
        help="CSV with lon, lat, rsrp_dbm (or path_loss_db), and cell_id, pci, or cell_lon and "
        "cell_lat; if wanted time, device, frequency_mhz, receiver_height_m",
    )
    parser.add_argument(
        "--cells",
        type=Path,
        help="list of cells with cell_id, lon, lat, height_m, azimuth_deg, tilts, power, pci "
        "(default: those at cell_lon, cell_lat of the measurements)",
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
    data.add_reading(parser)


def _calibrate(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.geodata.files import toml_json
    from phusong.maps.pages import calibration_page
    from phusong.scenarios.calibration import result as calibration_result
    from phusong.scenarios.results import result

    result.check_folder(options.out, calibration_result.RECORD)
    stated = data.stated(options, ("measurements", "cells"))
    tuned = ps.calibrate(
        options.measurements,
        cells=options.cells,
        stated=stated,
        province=options.province,
        terrain=options.terrain or (),
        flat=options.flat,
        model=options.model,
        receiver_height_m=options.receiver_height_m,
        block_m=options.block_m,
        seed=options.seed,
    )
    written = tuned.write(options.out, language=options.lang, machine_csv=options.csv == "machine")
    record = toml_json.read_json(written / calibration_result.RECORD)
    for warning in record["warnings"]:
        warn(warning, options.lang)
    print(summary(record, options.out, calibration_page.lead(record, options.lang), options.lang))


def summary(record: dict[str, Any], out: Path, lead: str, language: str) -> str:
    """Return the errors of both models in a few lines."""
    say = sayer(language)
    rmse_db = {
        name: {key: model["errors"][key]["rmse_db"] for key in ("before", "after", "baseline")}
        for name, model in record["models"].items()
    }
    return "\n".join(
        [
            lead,
            *samples(record["measurements"], language),
            *(say("held_out", model=name, **errors) for name, errors in rmse_db.items()),
            say("model", path=str(out / "calibration.toml"), name=record["model"]),
            say("calibration_page", path=str(out / "calibration.html")),
        ]
    )
