"""The command ``predict``: coverage layers of a planner's own list of cells."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from phusong.commands import data
from phusong.errors import Defect, InputError

# The command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
OUT = Path("out/predict")

# Option, its metavar and help, by the field of scenarios.layer_options.Options that it fills.
NUMBERS = {
    "radius_m": ("M", "no prediction beyond (default: 5000)"),
    "load": ("SHARE", "share of resource elements that other cells fill (default: 0.5)"),
    "threshold_dbm": ("DBM", "RSRP of service, outdoors and indoors (default: -110)"),
    "sigma_db": ("DB", "deviation of a place, for the probability (default: 9.3)"),
    "pattern_fill": ("SHARE", "of the power that fills the nulls of antennas (default: 0.04)"),
    "receiver_height_m": ("M", "handset above ground (default: 1.5)"),
    "downlink_share": ("SHARE", "of the time in TDD (default: 0.7)"),
    "noise_figure_db": ("DB", "of the handset (default: 7)"),
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
    parser.set_defaults(command=_predict)
    parser.add_argument(
        "cells", type=Path, metavar="SITES", help="list of cells, or of sites (CSV, GeoJSON, GPKG)"
    )
    parser.add_argument("--province", type=Path, help="province folder (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=OUT, help=f"output folder (default: {OUT})")
    parser.add_argument(
        "--lang", choices=("vi", "en"), default="vi", help="language of the outputs (default: vi)"
    )
    parser.add_argument("--workers", type=int, help="threads (default: all cores)")
    parser.add_argument(
        "--skip-bad-rows",
        action="store_true",
        help="keep the good rows; the others go to rejected.csv with their reasons",
    )
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
        "elsewhere with diffraction over the terrain (default: p1812)",
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


def _predict(options: argparse.Namespace) -> None:
    from phusong import pipeline
    from phusong.geodata import crs
    from phusong.geodata.network import cells
    from phusong.geodata.provinces import folder
    from phusong.scenarios.prediction import levels
    from phusong.scenarios.propagation import options as layer_options
    from phusong.scenarios.results import levels_result, result

    chosen = _chosen(options)
    result.check_folder(options.out, levels_result.RECORD)
    province = folder.open_province(options.province)
    listed = cells.read(
        options.cells,
        province.communes,
        skip_bad_rows=options.skip_bad_rows,
        rejected_csv=options.cells.with_name("rejected.csv"),
        headers=data.mapping(options.mapping).get("sites"),
        stated_crs=crs.named(options.crs) if options.crs else None,
    )
    layer_options.check(listed.cells, chosen)
    for warning in layer_options.warnings(listed.cells, chosen):
        print(f"phusong: warning: {warning['en']}", file=sys.stderr)
    threads, start = pipeline.use_workers(options.workers), time.perf_counter()
    with result.replacing(options.out, levels_result.RECORD) as temporary:
        record = levels_result.write(
            province,
            listed,
            chosen,
            temporary,
            language=options.lang,
            progress=pipeline.bars,
            workers=threads,
        )
    seconds = time.perf_counter() - start
    print(summary(record, options.out, seconds, levels.ALL))


def _chosen(options: argparse.Namespace) -> Any:  # noqa: ANN401 - the type would load numba
    """Return the checked options of the layers."""
    from phusong.coverage.models import REGISTRY
    from phusong.scenarios.propagation import (
        calibrated,
        default_model,
        link_request,
        model_settings,
    )
    from phusong.scenarios.propagation.options import Options

    if options.workers is not None and options.workers < 1:
        defect = Defect("--workers", "must be a whole number, 1 or more", value=options.workers)
        raise InputError("wrong number of threads", [defect])
    calibration = calibrated.load(options.calibration) if options.calibration else None
    model = options.model or (calibration.model if calibration else default_model.NAME)
    link_request.named(model)
    model_settings.check(model)
    if calibration and calibration.model != model:
        remedy = f"leave --model out, or use {calibration.model}"
        defect = Defect(str(options.calibration), f"is not of the model {model}", remedy)
        raise InputError("the wrong calibration", [defect])
    settings = link_request.settings(options.settings)
    tuned = calibration is not None and calibration.coefficients is not None
    known = REGISTRY[model]
    read = {each.key for each in (*known.parameters, *known.heights)}
    foreign = [key for key in settings if tuned or key not in read]
    if foreign:
        problem = f"has no effect on the {'calibrated ' * tuned}model {model}"
        raise InputError("unusable parameters", [Defect("--set", problem, value=foreign[0])])
    numbers = {name: getattr(options, name) for name in NUMBERS}
    return Options(
        model=model,
        calibration=calibration,
        building=options.building,
        by_table=options.mcs,
        parameters=known.own(settings),
        clutter_m=known.clutter_m(settings),
        **{name: value for name, value in numbers.items() if value is not None},
    )


def summary(record: dict[str, Any], out: Path, seconds: float, union: str) -> str:
    """Return the figures of a prediction in a few lines, in its language."""
    vi = record["language"] == "vi"
    threshold = record["parameters"]["threshold_dbm"]
    words = (
        ("tất cả", "cell", "dân số có mức thu", "ngoài trời", "trong nhà", "giả định", "kết quả")
        if vi
        else ("all", "cells", "people at", "outdoors", "indoors", "assumed", "layers")
    )
    lines = [
        f"{entry['technology']} {words[0] if entry['operator'] == union else entry['operator']}: "
        f"{entry['cells']} {words[1]}, {words[2]} >= {threshold:g} dBm: "
        f"{entry['people_share_outdoors']:.1%} {words[3]}, "
        f"{entry['people_share_indoors']:.1%} {words[4]}"
        for entry in record["networks"]
    ]
    assumed = record["assumed"]
    lines += [f"{words[5]}: {text[record['language']]}" for text in assumed]
    return "\n".join([*lines, f"{words[6]}: {out} ({seconds:.1f} s)"])
