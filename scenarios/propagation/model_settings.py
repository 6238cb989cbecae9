"""The model that predicts a whole area: by its name and parameters, as coverage takes it."""

import difflib
from collections.abc import Iterable

from phusong.coverage.models import REGISTRY, Violation, outside
from phusong.errors import Defect, InputError
from phusong.messages import Message, Text, message
from phusong.scenarios.propagation import calibrated
from phusong.scenarios.propagation.calibrated import Calibrated

FULL_REACH_M = 30_000.0  # beyond, levels no longer matter: docs/method.md


def names() -> list[str]:
    """Return the names of the models that predict an area."""
    return [name for name, model in REGISTRY.items() if model.area is not None]


def unknown(name: str) -> Text | None:
    """Return why a name stands for no model that predicts an area, None where it does."""
    known = names()
    if name in known:
        return None
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = (
        message("remedy.did_you_mean_3", near=near)
        if near
        else message("remedy.choose_among", names=known)
    )
    if name in REGISTRY:
        return message("problem.predicts_no_such_area", name=name, hint=hint)
    return message("problem.unknown_model", hint=hint)


def check(name: str) -> None:
    """Raise InputError where a name stands for no model that predicts an area."""
    if problem := unknown(name):
        raise InputError(
            message("refusal.no_model_for_an_area"), [Defect("--model", problem, value=name)]
        )


def warnings(
    name: str,
    radiators: Iterable[tuple[float, float]],
    radius_m: float,
    receiver_height_m: float,
    calibration: Calibrated | None = None,
) -> list[Message]:
    """Return a radius that cuts, and limits that cells (frequency, height) do not keep.

    Each published limit is named once, with an example and how many cells it concerns; those of
    the calibration follow.
    """
    by_limit: dict[tuple[str, str], list[Violation]] = {}
    listed = list(radiators)
    for frequency_mhz, height_m in listed:
        for model in REGISTRY[name].published:
            for broken in outside(
                model,
                frequency_mhz=frequency_mhz,
                distance_m=radius_m,
                base_height_m=height_m,
                user_height_m=receiver_height_m,
            ):
                by_limit.setdefault((broken.model, broken.quantity), []).append(broken)
    limits = [_sentence(broken, len(listed)) for broken in by_limit.values()]
    frequencies_mhz = [frequency_mhz for frequency_mhz, _ in listed]
    return [*_cut(radius_m), *limits, *calibrated.warnings(calibration, frequencies_mhz)]


def _cut(radius_m: float) -> list[Message]:
    """Return what is said of a radius within which interference is left out."""
    if radius_m >= FULL_REACH_M:
        return []
    return [message("warning.cut", radius=radius_m / 1000, full=FULL_REACH_M / 1000)]


def _sentence(broken: list[Violation], cells: int) -> Message:
    first = broken[0]
    return message(
        "warning.outside_range",
        model=first.model,
        quantity=message(f"warning.{first.quantity}"),
        value=first.value,
        low=first.low,
        high=first.high,
        broken=len(broken),
        cells=cells,
    )
