"""The command ``predict``: coverage layers of a planner's own list of cells."""

import argparse
import time
from pathlib import Path
from typing import Any

from phusong.commands import data
from phusong.messages import message, speak
from phusong.terminal.parsing import add_csv, add_wait
from phusong.terminal.speech import sayer, spoken_bars, warn

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/predict")

# Option, its metavar and help, by the field of options.PredictionOptions that it fills.
NUMBERS = {
    "radius_m": ("M", "how far cells are followed (default: 30000); less is a cut"),
    "load": ("SHARE", "traffic: resource elements that other cells fill (default: 0.5)"),
    "reference_load": ("SHARE", "the same for RSSI, RSRQ and RS-SINR of 4G (default: 1)"),
    "threshold_dbm": ("DBM", "RSRP of service, outdoors and indoors (default: -110)"),
    "sigma_db": ("DB", "deviation of a place, for the probability (default: 9.3)"),
    "pattern_fill": ("SHARE", "of the power that fills the nulls of antennas (default: 0.04)"),
    "receiver_height_m": ("M", "handset above ground (default: 1.5)"),
    "downlink_share": ("SHARE", "of the time in TDD (default: 0.7)"),
    "noise_figure_db": ("DB", "of the handset (default: 7)"),
    "shadowing_correlation": ("SHARE", "of that deviation between masts (default: 0.5)"),
    "handset_power_dbm": ("DBM", "of the handset, uplink (default: 23)"),
    "uplink_overhead": ("SHARE", "of the uplink (default: 0.08 of 5G, 0.15 of 4G)"),
    "uplink_highest_efficiency": ("BITS", "a resource element (default: 7.41 of 5G, 2 of 4G)"),
    "body_loss_db": ("DB", "of the handset's user, uplink (default: 4)"),
    "uplink_noise_figure_db": ("DB", "of the base station (default: 5)"),
    "uplink_noise_rise_db": ("DB", "from handsets of other cells (default: 3)"),
}


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    what = "Predict coverage layers of your own cell list: level, quality, speed, exposure."
    parser = commands.add_parser(
        "predict",
        help=what,
        description=what,
        epilog="example: phusong predict cells.csv --province provinces/real --out out/mine",
    )
    add_wait(parser, _predict, lambda options: options.out)
    parser.add_argument(
        "cells", type=Path, metavar="SITES", help="list of cells, or of sites (CSV, GeoJSON, GPKG)"
    )
    parser.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    add_csv(parser)
    parser.add_argument("--workers", type=int, help="threads (default: all cores)")
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="keep the good rows; the others go to rejected.csv with their reasons",
    )
    what = "leave map.html out"
    parser.add_argument("--no-page", dest="page", action="store_false", help=what)
    data.add_reading(parser)
    _add_method(parser)


def _add_method(parser: argparse.ArgumentParser) -> None:
    method = parser.add_argument_group("method")
    method.add_argument(
        "--calibration",
        type=Path,
        metavar="FILE",
        help="model that phusong calibrate has written (default: none)",
    )
    method.add_argument(
        "--model",
        metavar="NAME",
        help="a model of phusong models, or tr38901: the mean of UMa in built-up land and RMa "
        "elsewhere with diffraction over the terrain (default: p1812_terminal)",
    )
    method.add_argument(
        "--set",
        dest="settings",
        metavar="MODEL.NAME=VALUE",
        action="append",
        default=[],
        help="a parameter of the model, such as p1812.time_percent=10; may be repeated",
    )
    method.add_argument(
        "--building",
        choices=("traditional", "efficient"),
        default="traditional",
        help="buildings of the indoor layer, ITU-R P.2109 (default: traditional)",
    )
    method.add_argument(
        "--mcs", action="store_true", help="speed by modulation and code, not truncated Shannon"
    )
    for name, (metavar, text) in NUMBERS.items():
        method.add_argument(f"--{name.replace('_', '-')}", type=float, metavar=metavar, help=text)
    what = "layers of the handset at most, which share its power (default: 1)"
    method.add_argument("--uplink-streams", type=int, metavar="N", help=what)


def _predict(options: argparse.Namespace) -> None:
    import phusong as ps
    from phusong.geodata.files import toml_json
    from phusong.scenarios.prediction import levels
    from phusong.scenarios.results import levels_result, result

    result.check_folder(options.out, levels_result.RECORD)
    province = ps.open_province(options.province)
    own = data.stated(options, ("cells", "sites"))
    same = own["sites"] if own["sites"].headers or own["sites"].units else own["cells"]
    listed = ps.read_cells(options.cells, province, **data.reading(options, same))
    stated = {name: getattr(options, name) for name in (*NUMBERS, "uplink_streams")}
    coverage = ps.predict(
        province,
        listed,
        model=options.model,
        calibration=options.calibration,
        settings=options.settings,
        progress=spoken_bars(options.lang),
        workers=options.workers,
        building=options.building,
        by_table=options.mcs,
        **{name: value for name, value in stated.items() if value is not None},
    )
    for warning in coverage.warnings:
        warn(warning, options.lang)
    start = time.perf_counter()
    written = coverage.write(
        options.out, language=options.lang, machine_csv=options.csv == "machine"
    )
    record = toml_json.read_json(written / levels_result.RECORD)
    if options.page:
        _draw(written, province, record, options.lang)
    print(summary(record, options.out, time.perf_counter() - start, levels.ALL, options.lang))


def _draw(folder: Path, province: Any, record: dict[str, Any], language: str) -> None:  # noqa: ANN401
    """Write the page of a prediction, and count it to its files."""
    from phusong.geodata.files import toml_json, whole
    from phusong.maps.pages import prediction_map

    page = prediction_map.write_page(folder, province, language)
    record["files"] = sorted({*record["files"], page.name})
    whole.write_text(folder / prediction_map.RECORD, toml_json.as_json(record))


def summary(record: dict[str, Any], out: Path, seconds: float, union: str, language: str) -> str:
    """Return the figures of a prediction in a few lines."""
    say = sayer(language)
    lines = [
        say(
            "network",
            technology=entry["technology"],
            operator=message("terminal.all") if entry["operator"] == union else entry["operator"],
            cells=entry["cells"],
            threshold=record["parameters"]["threshold_dbm"],
            outdoors=entry["people_share_outdoors"],
            indoors=entry["people_share_indoors"],
        )
        for entry in record["networks"]
    ]
    lines += [say("assumed", what=speak(text, language)) for text in record["assumed"]]
    return "\n".join([*lines, say("layers", path=str(out), seconds=seconds)])
