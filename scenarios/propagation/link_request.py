"""What is asked of one radio path: the model, its parameters by name, frequency and heights."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from phusong.coverage.models import REGISTRY, Model, Parameter, Range, Value
from phusong.errors import Defect, InputError
from phusong.messages import message

DEFAULT_MODEL = "p1812"  # of a profile, whose clutter the user states
LENGTHS_M = Range(1.0, 3e6)


@dataclass(frozen=True)
class LinkRequest:
    """What is to be predicted: a model of paths, its settings by name, frequency, heights."""

    frequency_mhz: float
    tx_height_m: float
    rx_height_m: float
    model: Model = REGISTRY[DEFAULT_MODEL]
    settings: Mapping[str, Value] = field(default_factory=dict)


def model(name: str) -> Model:
    """Return a model of single paths by name.

    Raises
    ------
    InputError
        When there is none, with the names that come near; or when it predicts no single path.
    """
    model_ = named(name)
    if model_.predict_path is None:
        adds = model_.kind == "addition"
        problem = (
            message("problem.is_what_a_place_or_a") if adds else message("problem.predicts_areas")
        )
        defect = Defect("--model", problem, message("remedy.choose_a_model_of_paths"), value=name)
        raise InputError(message("refusal.not_a_path_model"), [defect])
    return model_


def named(name: str) -> Model:
    """Return a model by name; raise InputError with the names that come near if there is none."""
    if name not in REGISTRY:
        near = difflib.get_close_matches(name, REGISTRY, n=3, cutoff=0.5)
        hint = (
            message("remedy.did_you_mean_3", near=[*near])
            if near
            else message("remedy.phusong_models_lists_them")
        )
        raise InputError(
            message("refusal.unknown_model"),
            [Defect("--model", message("problem.no_such_model"), hint, value=name)],
        )
    return REGISTRY[name]


def parameters() -> dict[str, Parameter]:
    """Return everything that can be set of any model, by key."""
    every = [(*known.parameters, *known.heights) for known in REGISTRY.values()]
    return {each.key: each for settable in every for each in settable}


def settings(texts: Iterable[str]) -> dict[str, Value]:
    """Return the parameters of ``model.name=value`` texts; the last of a name wins.

    Raises
    ------
    InputError
        With every unknown name and every value that cannot be used.
    """
    values: dict[str, Value] = {}
    wrong: list[Defect] = []
    known = parameters()
    for text in texts:
        key, _, value = (part.strip() for part in text.partition("="))
        if key not in known:
            near = difflib.get_close_matches(key, known, n=2, cutoff=0.5)
            hint = (
                message("remedy.did_you_mean_3", near=[*near])
                if near
                else message("remedy.there_are_4", known=[*known])
            )
            wrong.append(Defect("--set", message("problem.unknown_parameter"), hint, value=text))
        elif defect := known[key].text_defect(value):
            wrong.append(defect)
        else:
            values[key] = known[key].value(value)
    if wrong:
        raise InputError(message("refusal.unusable_parameters"), wrong)
    return values


def defects(request: LinkRequest, distance_m: float | None = None) -> list[Defect]:
    """Return why a model cannot be used so: its hard limits that are not kept."""
    defects_ = []
    for name, (low, high) in request.model.limits().items():
        value = getattr(request, name)
        if not low <= value <= high:
            problem = message(
                "problem.is_not_between_and_the_limits",
                low=low,
                high=high,
                model=request.model.name,
            )
            defects_.append(Defect(name, problem, value=value))
    if distance_m is not None and not LENGTHS_M.low <= distance_m <= LENGTHS_M.high:
        problem = message("problem.is_not_between_and_m", low=LENGTHS_M.low, high=LENGTHS_M.high)
        defects_.append(Defect("distance_m", problem, value=distance_m))
    return defects_
