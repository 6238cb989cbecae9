"""The commands for single radio paths: ``link`` and ``models``."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from phusong.commands import data, link_text
from phusong.errors import Defect, InputError
from phusong.messages import Message, message, speak
from phusong.terminal import link_arguments
from phusong.terminal.speech import warn

if TYPE_CHECKING:
    from phusong.coverage.profile import Profile
    from phusong.geodata.measured.profiles import Ground, Place
    from phusong.scenarios.prediction.area import Method
    from phusong.scenarios.prediction.single_path import CellAntenna
    from phusong.scenarios.propagation.calibrated import Calibrated
    from phusong.scenarios.propagation.link import LinkPrediction, Radio
    from phusong.scenarios.propagation.link_request import LinkRequest

# Each command imports what it needs: --help and a typing error should not wait for numba.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
Result = TypeVar("Result")

RECEIVER_HEIGHT_M = 1.5


def add(commands: Commands) -> None:
    """Add the commands of this module to the command line."""
    parser = commands.add_parser(
        "link",
        help="Predict one radio path, or the paths to a list of receivers.",
        description="Predict one radio path: loss and its parts, line of sight, link budget.",
        epilog="example: phusong link --from 105.5950,21.3100,30 --to 105.6100,21.3000,1.5 "
        "--frequency-mhz 2600 --plot link.png",
    )
    parser.set_defaults(command=_link)
    link_arguments.add(parser)
    data.add_reading(parser)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--plot", type=Path, metavar="FILE.png", help="draw the (first) path with its Fresnel zone"
    )
    models = commands.add_parser(
        "models",
        help="List the propagation models with their ranges and sources.",
        description="List the propagation models with their published ranges and sources.",
        epilog="example: phusong models --json",
    )
    models.set_defaults(command=_models)
    models.add_argument("--json", action="store_true", help="print JSON instead of a table")


@dataclass(frozen=True)
class _Task:
    """What a checked command line asks: a request per receiver, and the way to its ground."""

    requests: "list[LinkRequest]"
    radio: "Radio"
    places: "list[tuple[Place, Place]]"  # transmitter and receiver; none with a profile
    profile: "Profile | None"
    calibration: "Calibrated | None" = None
    antenna: "CellAntenna | None" = None


def _link(options: argparse.Namespace) -> None:
    from phusong.geodata.measured import profiles
    from phusong.scenarios.propagation import calibrated, link

    task = _task(options)
    ground = None if task.profile else profiles.open_ground(options.province)
    if ground and (wrong := _misplaced(ground, task)):
        raise InputError(message("refusal.there_is_no_path_over_this"), wrong)
    predictions = [_predict(task, ground, number, options) for number in range(len(task.requests))]
    mhz = [options.frequency_mhz]
    cautions: list[Message | str] = [*link.warnings(predictions)]
    for caution in (*cautions, *calibrated.warnings(task.calibration, mhz)):
        warn(caution, options.lang)
    if options.plot:
        _plot(options, task, ground, predictions[0])
    records = [_record(task, ground, *numbered) for numbered in enumerate(predictions)]
    if ground and options.model is None and not task.calibration:
        for number, record in enumerate(records):
            record["p1812_loss_db"] = _p1812_loss_db(task, ground, number, options)
    if options.json:
        print(link_text.as_json(records if options.points else records[0]))
    elif options.points:
        print(link_text.points_csv(records), end="")
    else:
        print(link_text.table(predictions[0], records[0], options.lang))


def _task(options: argparse.Namespace) -> _Task:
    """Return what is asked; everything wrong with the command and its files is one error."""
    from phusong.coverage.models import REGISTRY
    from phusong.geodata.reference import default_model
    from phusong.scenarios.propagation import link_request
    from phusong.scenarios.propagation import options as options_

    defects: list[Defect] = []
    usual = link_request.DEFAULT_MODEL if options.profile else default_model.NAME
    calibration = _attempt(defects, lambda: _calibration(options))
    model = _attempt(
        defects,
        lambda: link_request.model(options_.model_name(options.model, calibration, usual)),
    )
    antenna = None if options.profile else _attempt(defects, lambda: _antenna(options))
    settings = _attempt(defects, lambda: link_request.settings(options.settings))
    radio = _attempt(defects, lambda: _radio(options))
    if options.plot:
        _attempt(defects, lambda: _check_picture(options.plot))
    form = _form(options)
    defects += form
    places = None if form else _places(options, defects)
    profile = None if form or not options.profile else _profile(options, defects)
    requests = [
        link_request.LinkRequest(
            options.frequency_mhz,
            tx_height_m,
            rx_height_m,
            model or REGISTRY[link_request.DEFAULT_MODEL],
            settings or {},
        )
        for tx_height_m, rx_height_m in _heights_m(options, places)
    ]
    defects += _unusable(requests, places or []) if model else []
    if defects or radio is None:
        raise InputError(message("refusal.this_link_cannot_be_predicted"), defects)
    return _Task(requests, radio, places or [], profile, calibration, antenna)


def _calibration(options: argparse.Namespace) -> "Calibrated | None":
    """Return the calibration that is named."""
    from phusong.scenarios.propagation import calibration_file

    return calibration_file.load(options.calibration) if options.calibration else None


def _antenna(options: argparse.Namespace) -> "CellAntenna":
    """Return where the transmitter's antenna looks, as given or by default."""
    from phusong.scenarios.prediction import single_path

    names = {"antenna": "name"} | {
        each: each for each in ("azimuth_deg", "downtilt_deg", "cell_id")
    }
    given = {name: getattr(options, key) for key, name in names.items()}
    chosen = single_path.CellAntenna(
        **{name: value for name, value in given.items() if value is not None}
    )
    if defects := single_path.antenna_defects(chosen):
        raise InputError(message("refusal.unusable_link_budget"), defects)
    return chosen


def _attempt(defects: list[Defect], step: Callable[[], Result]) -> Result | None:
    """Return the result of a step; None when its input is wrong, which goes to ``found``."""
    try:
        return step()
    except InputError as error:
        defects += error.defects or (Defect("link", error.what),)
        return None


def _form(options: argparse.Namespace) -> list[Defect]:
    """Return what is missing or too much on the command line."""
    rules = _profile_form(options) if options.profile else _places_form(options)
    return [Defect(flag, problem, remedy) for flag, problem, remedy, wrong in rules if wrong]


_OVER_TERRAIN = ("calibration", "antenna", "azimuth_deg", "downtilt_deg", "cell_id")
_Rule = tuple[str, str, str, bool]  # option, problem, remedy, whether it is so


def _profile_form(options: argparse.Namespace) -> list[_Rule]:
    needs, clash = "--profile needs the antenna heights", "does not go with --profile"
    return [
        ("--tx-height", "is missing", needs, options.tx_height is None),
        ("--rx-height", "is missing", needs, options.rx_height is None),
        ("--from", clash, "leave one out", options.start is not None),
        ("--to", clash, "leave one out", options.end is not None),
        ("--points", clash, "leave one out", options.points is not None),
        ("--province", clash, "leave one out", options.province is not None),
        ("--step-m", clash, "leave one out", options.step_m is not None),
        *(
            (
                f"--{name.replace('_', '-')}",
                clash,
                "leave one out",
                getattr(options, name) is not None,
            )
            for name in _OVER_TERRAIN
        ),
    ]


def _places_form(options: argparse.Namespace) -> list[_Rule]:
    one, many = options.end is not None, options.points is not None
    step_m = 1.0 if options.step_m is None else options.step_m
    return [
        ("--from", "is missing", "or give --profile", options.start is None),
        ("--to", "is missing", "give --to or --points", not one and not many),
        ("--to", "does not go with --points", "leave one out", one and many),
        ("--tx-height", "goes with --profile", "say it in --from", options.tx_height is not None),
        (
            "--rx-height",
            "does not go with --to",
            "say it in --to",
            one and options.rx_height is not None,
        ),
        ("--step-m", f"is {step_m:g}", "give 1 m or more", not 1.0 <= step_m <= 1e6),
    ]


def _places(
    options: argparse.Namespace, defects: list[Defect]
) -> "list[tuple[Place, Place]] | None":
    """Return the ends of every path that is given by coordinates."""
    from phusong.geodata.measured import profiles

    if options.profile:
        return None
    start = _attempt(defects, lambda: profiles.place(options.start, "--from"))
    if options.points is None:
        end = _attempt(defects, lambda: profiles.place(options.end, "--to"))
        ends = None if end is None else [end]
    else:
        stated = data.stated(options, ("receivers", "profile"))["receivers"]
        default_m = RECEIVER_HEIGHT_M if options.rx_height is None else options.rx_height
        ends = _attempt(defects, lambda: profiles.read_receivers(options.points, default_m, stated))
    return None if start is None or ends is None else [(start, end) for end in ends]


def _profile(options: argparse.Namespace, defects: list[Defect]) -> "Profile | None":
    """Return the profile of a file."""
    from phusong.geodata.measured import profiles
    from phusong.scenarios.propagation import link

    stated = data.stated(options, ("profile", "receivers"))["profile"]
    return _attempt(
        defects,
        lambda: link.checked(profiles.read_profile(options.profile, stated), str(options.profile)),
    )


def _heights_m(
    options: argparse.Namespace, places: "list[tuple[Place, Place]] | None"
) -> list[tuple[float, float]]:
    """Return the antenna heights of every path; none where the command does not tell them."""
    if places is not None:
        return [(start.height_m, end.height_m) for start, end in places]
    if options.tx_height is None or options.rx_height is None:
        return []
    return [(options.tx_height, options.rx_height)]


def _unusable(requests: "list[LinkRequest]", places: "list[tuple[Place, Place]]") -> list[Defect]:
    """Return the limits of the model that are not kept; heights of a list with their row."""
    from phusong.scenarios.propagation import link_request

    limits = []
    for i, request in enumerate(requests):
        row = places[i][1].row if places else None
        for defect in link_request.defects(request):
            if row is not None and defect.source == "rx_height_m":
                source = places[i][1].source
                limits.append(replace(defect, source=source, row=row, column="height_m"))
            elif i == 0:
                limits.append(defect)
    return limits


def _radio(options: argparse.Namespace) -> "Radio":
    """Return both ends of the link budget, as given or by default."""
    from phusong.scenarios.propagation import link

    names = [field.name for field in fields(link.Radio)]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    radio = link.Radio(**given)
    defects = link.radio_defects(radio)
    per_re_dbm = options.eirp_per_re_dbm
    if per_re_dbm is not None and not -150.0 <= per_re_dbm <= 150.0:
        defects.append(
            Defect(
                "eirp_per_re_dbm", message("problem.is_not_between_150_and_150"), value=per_re_dbm
            )
        )
    if per_re_dbm is not None and options.tx_power_w is not None:
        defects.append(
            Defect(
                "--eirp-per-re-dbm",
                message("problem.does_not_go_with_tx_power"),
                message("remedy.leave_one_out"),
            )
        )
    if defects:
        raise InputError(message("refusal.unusable_link_budget"), defects)
    return radio if per_re_dbm is None else link.with_eirp_per_re(radio, per_re_dbm)


def _check_picture(path: Path) -> None:
    from phusong.maps.plots import profile_plot

    profile_plot.check_name(path)


def _misplaced(ground: "Ground", task: _Task) -> list[Defect]:
    """Return the places outside the terrain, and stretches without terrain, each once."""
    from phusong.geodata.measured import profiles

    defects = (defect for ends in task.places for defect in profiles.defects(ground, *ends))
    return list(dict.fromkeys(defects))


def _predict(
    task: _Task, ground: "Ground | None", number: int, options: argparse.Namespace
) -> "LinkPrediction":
    """Predict one of the paths."""
    from phusong.scenarios.prediction import single_path
    from phusong.scenarios.propagation import link

    request = task.requests[number]
    if task.profile is not None:
        return link.predict(request, task.profile)
    assert ground is not None  # noqa: S101 - a task without a profile has ground
    method = (_method(task, number), task.antenna, options.step_m)
    return single_path.predict(ground, task.places[number], request, *method)


def _method(task: _Task, number: int) -> "Method":
    """Return the method of an area that is predicted as one of the paths is."""
    from phusong.scenarios.prediction import levels
    from phusong.scenarios.propagation.options import PredictionOptions

    request = task.requests[number]
    chosen = PredictionOptions(
        model=request.model.name,
        receiver_height_m=request.rx_height_m,
        parameters=request.model.own(request.settings),
        clutter_m=request.model.clutter_m(request.settings),
        calibration=task.calibration,
    )
    return levels.method(chosen)


def _p1812_loss_db(
    task: _Task, ground: "Ground", number: int, options: argparse.Namespace
) -> float:
    """Return what P.1812 alone says of a path."""
    from phusong.coverage.models import REGISTRY

    plain = replace(task.requests[number], model=REGISTRY["p1812"])
    requests = [plain if i == number else each for i, each in enumerate(task.requests)]
    alone = replace(task, requests=requests, calibration=None)
    return _predict(alone, ground, number, options).loss_db


def _ground_of(
    task: _Task, ground: "Ground | None", number: int, options: argparse.Namespace
) -> "Profile":
    """Return the profile of one of the paths, with the heights that its model has."""
    from phusong.scenarios.prediction import single_path

    if task.profile is not None:
        return task.profile
    assert ground is not None  # noqa: S101 - a task without a profile has ground
    return single_path.ground_profile(
        ground, task.places[number], _method(task, number), options.step_m
    )


def _plot(
    options: argparse.Namespace, task: _Task, ground: "Ground | None", prediction: "LinkPrediction"
) -> None:
    """Draw the first path."""
    from phusong.maps.plots import profile_plot
    from phusong.scenarios.propagation import link

    request, sight = prediction.request, prediction.sight
    drawn = link.drawing(request, _ground_of(task, ground, 0, options))
    picture = profile_plot.PathPicture(
        **drawn._asdict(),
        model=speak(link_text.title(request.model), options.lang),
        frequency_mhz=request.frequency_mhz,
        loss_db=prediction.loss_db,
        line_of_sight=sight.line_of_sight,
        clearance=sight.fresnel_clearance,
        clearance_km=sight.fresnel_at_m / 1000.0,
        note=profile_plot.origin(_origin(ground), options.lang),
    )
    profile_plot.write(options.plot, picture, options.lang)


def _origin(ground: "Ground | None") -> dict[str, str]:
    """Return how far terrain and clutter are to be trusted."""
    layers = ground.provenance if ground else {}
    return {layer: origin.status for layer, origin in layers.items()}


def _record(
    task: _Task, ground: "Ground | None", number: int, prediction: "LinkPrediction"
) -> dict[str, Any]:
    """Return a prediction as plain values; with a list, which receiver it is comes along."""
    from phusong.scenarios.propagation import link

    record = link.record(prediction, task.radio)
    if ground:
        record["ground"] = _origin(ground)
    if task.places and (end := task.places[number][1]).name:
        record |= {"id": end.name, "lon": end.lon, "lat": end.lat}
    return record


def _models(options: argparse.Namespace) -> None:
    from phusong.coverage.models import REGISTRY

    listed = list(REGISTRY.values())
    if options.json:
        print(link_text.as_json([link_text.model_record(model) for model in listed]))
    else:
        print(link_text.models(listed, options.lang))
