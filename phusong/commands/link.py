"""The commands for single radio paths: ``link`` and ``models``."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from phusong.commands import data, link_text
from phusong.errors import Defect, InputError
from phusong.messages import message, speak
from phusong.terminal.speech import warn

if TYPE_CHECKING:
    from phusong.coverage.profile import Profile
    from phusong.geodata.measured.profiles import Ground, Place
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
    _add_path(parser)
    _add_model(parser)
    _add_radio(parser)
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
    radio.add_argument("--subcarriers", type=int, help="subcarriers of the carrier (1200)")
    radio.add_argument("--ports", type=int, help="antenna ports that share the power (2)")


@dataclass(frozen=True)
class _Task:
    """What a checked command line asks: a request per receiver, and the way to its ground."""

    requests: "list[LinkRequest]"
    radio: "Radio"
    places: "list[tuple[Place, Place]]"  # transmitter and receiver; none with a profile
    profile: "Profile | None"


def _link(options: argparse.Namespace) -> None:
    from phusong.geodata.measured import profiles
    from phusong.scenarios.propagation import link

    task = _task(options)
    ground = None if task.profile else profiles.open_ground(options.province)
    if ground and (wrong := _misplaced(ground, task)):
        raise InputError(message("refusal.there_is_no_path_over_this"), wrong)
    predictions = [_predict(task, ground, number, options) for number in range(len(task.requests))]
    for warning in link.warnings(predictions):
        warn(warning, options.lang)
    if options.plot:
        _plot(options, task, ground, predictions[0])
    records = [_record(task, ground, *numbered) for numbered in enumerate(predictions)]
    if ground and options.model is None:
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

    defects: list[Defect] = []
    usual = link_request.DEFAULT_MODEL if options.profile else default_model.NAME
    model = _attempt(defects, lambda: link_request.model(options.model or usual))
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
    return _Task(requests, radio, places or [], profile)


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
    from phusong.geodata.measured import profiles
    from phusong.scenarios.propagation import link

    profile = _ground_of(task, ground, number, options)
    latitude_deg = profiles.centre_latitude_deg(*task.places[number]) if task.places else None
    landcover = profiles.landcover_at(ground, task.places[number][1]) if ground else None
    return link.predict(task.requests[number], profile, latitude_deg, landcover)


def _p1812_loss_db(
    task: _Task, ground: "Ground", number: int, options: argparse.Namespace
) -> float:
    """Return what P.1812 alone says of a path."""
    from phusong.coverage.models import REGISTRY

    plain = replace(task.requests[number], model=REGISTRY["p1812"])
    requests = [plain if i == number else each for i, each in enumerate(task.requests)]
    return _predict(replace(task, requests=requests), ground, number, options).loss_db


def _ground_of(
    task: _Task, ground: "Ground | None", number: int, options: argparse.Namespace
) -> "Profile":
    """Return the profile of one of the paths, with the heights that its model has."""
    from phusong.geodata.measured import profiles
    from phusong.scenarios.propagation import link

    if task.profile is not None:
        return task.profile
    assert ground is not None  # noqa: S101 - a task without a profile has ground
    request = task.requests[number]
    heights_m = request.model.clutter_m(request.settings)
    return link.checked(profiles.along(ground, *task.places[number], options.step_m, heights_m))


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
