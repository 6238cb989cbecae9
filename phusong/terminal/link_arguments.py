"""What the command ``link`` asks for: the path, the model, the antenna and the link budget."""

import argparse
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a path to a parser."""
    _add_path(parser)
    _add_model(parser)
    _add_radio(parser)


def _add_path(parser: argparse.ArgumentParser) -> None:
    path = parser.add_argument_group("path: --from with --to or --points, or else --profile")
    path.add_argument(
        "--from", dest="start", metavar="LON,LAT,HEIGHT", help="transmitter; height above ground, m"
    )
    path.add_argument("--to", dest="end", metavar="LON,LAT,HEIGHT", help="receiver")
    path.add_argument(
        "--points",
        type=Path,
        metavar="FILE.csv",
        help="receivers with columns lon, lat and, if wanted, height_m, id; prints CSV",
    )
    path.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    path.add_argument("--step-m", type=float, help="step of the terrain profile (default: a pixel)")
    path.add_argument(
        "--profile",
        type=Path,
        metavar="FILE.csv",
        help="profile with columns distance_km, height_m and, if wanted, clutter_m, zone",
    )
    path.add_argument(
        "--tx-height", type=float, metavar="M", help="antenna height above ground (with --profile)"
    )
    path.add_argument(
        "--rx-height",
        type=float,
        metavar="M",
        help="receiver height above ground (with --profile; with --points 1.5 if not given)",
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    model = parser.add_argument_group("model")
    model.add_argument("--frequency-mhz", type=float, required=True, metavar="F")
    model.add_argument(
        "--model",
        metavar="NAME",
        help="see phusong models (default: p1812_terminal over the province's terrain, with P.1812 "
        "beside it; p1812 with --profile)",
    )
    model.add_argument(
        "--calibration",
        type=Path,
        metavar="FILE",
        help="model that phusong calibrate has written, over a province's terrain",
    )
    model.add_argument(
        "--set",
        dest="settings",
        metavar="MODEL.NAME=VALUE",
        action="append",
        default=[],
        help="a parameter, such as p1812.time_percent=10; may be repeated",
    )


def _add_radio(parser: argparse.ArgumentParser) -> None:
    radio = parser.add_argument_group("link budget (default: LTE 1800, 80 W, 2 ports, 20 MHz)")
    helps = {
        "--tx-power-w": "power of the carrier over all branches (80)",
        "--tx-gain-dbi": "antenna gain of the transmitter (17.5)",
        "--feeder-loss-db": "loss before the transmitter's antenna (0.5)",
        "--rx-gain-dbi": "antenna gain of the receiver (0)",
        "--eirp-per-re-dbm": "radiated power per resource element, instead of --tx-power-w",
    }
    for name, what in helps.items():
        radio.add_argument(name, type=float, help=what)
    antenna = parser.add_argument_group("antenna, over the province's terrain")
    antenna.add_argument(
        "--azimuth-deg",
        type=float,
        metavar="DEG",
        help="from true north (default: the main lobe meets the receiver)",
    )
    antenna.add_argument("--downtilt-deg", type=float, metavar="DEG", help="electrical (0)")
    antenna.add_argument("--antenna", metavar="NAME", help="sector, omni, isotropic ... (sector)")
    antenna.add_argument("--cell-id", metavar="ID", help="the cell, as the calibration names it")
    radio.add_argument("--subcarriers", type=int, help="subcarriers of the carrier (1200)")
    radio.add_argument("--ports", type=int, help="antenna ports that share the power (2)")
