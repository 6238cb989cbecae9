"""The model that predicts a whole area: by its name and parameters, as coverage takes it."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from phusong.coverage.area.cells import AreaLoss
from phusong.coverage.models import REGISTRY, Violation, outside
from phusong.errors import Defect, InputError
from phusong.messages import Message, message
from phusong.scenarios.propagation.calibrated import Calibrated


def names() -> list[str]:
    """Return the names of the models that predict an area."""
    return [name for name, model in REGISTRY.items() if model.area is not None]


def unknown(name: str) -> str | None:
    """Return why a name stands for no model that predicts an area, None where it does."""
    known = names()
    if name in known:
        return None
    near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else ", ".join(known)
    return f"{f'{name} predicts no area' if name in REGISTRY else 'unknown model'}; {hint}"


def check(name: str) -> None:
    """Raise InputError where a name stands for no model that predicts an area."""
    if problem := unknown(name):
        raise InputError("no model for an area", [Defect("--model", problem, value=name)])


def values(
    name: str, given: Mapping[str, Any], latitude_deg: float, frequency_mhz: float
) -> dict[str, Any]:
    """Return every parameter that a model reads at a frequency: as given, else by default.

    Latitude, where a model reads it, is that of the area unless it is given.
    """
    read = [each for each in REGISTRY[name].parameters if frequency_mhz >= each.from_mhz]
    usual = {each.name: each.default for each in read if each.default is not None}
    if "latitude_deg" in usual:
        usual["latitude_deg"] = latitude_deg
    return usual | dict(given)


def area_loss(
    name: str, values: Mapping[str, Any], frequency_mhz: float, tuned: Calibrated | None
) -> AreaLoss:
    """Return what sweeps an area at a frequency, calibrated where it is."""
    loss = REGISTRY[name].for_area(values, frequency_mhz)
    return tuned.area_loss(loss, frequency_mhz) if tuned else loss


def warnings(
    name: str,
    radiators: Iterable[tuple[float, float]],
    radius_m: float,
    receiver_height_m: float,
) -> list[Message]:
    """Return the published limits that cells (frequency, height) do not keep, each once.

    Each names an example and how many cells it concerns.
    """
    found: dict[tuple[str, str], list[Violation]] = {}
    cells = 0
    for frequency_mhz, height_m in radiators:
        cells += 1
        for model in REGISTRY[name].published:
            for broken in outside(
                model,
                frequency_mhz=frequency_mhz,
                distance_m=radius_m,
                base_height_m=height_m,
                user_height_m=receiver_height_m,
            ):
                found.setdefault((broken.model, broken.quantity), []).append(broken)
    return [_sentence(broken, cells) for broken in found.values()]


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
