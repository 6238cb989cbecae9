"""The model that predicts a whole area: by its name and parameters, as coverage takes it."""

from collections.abc import Iterable, Mapping
from typing import Any

from phusong.coverage.area.base_loss import EXPECTED
from phusong.coverage.models import REGISTRY, Model, Violation, outside, p1812, spm
from phusong.messages import Message, message
from phusong.scenarios.propagation import link_request

NAMES = (*(name for name, model in REGISTRY.items() if model.kind != "addition"), EXPECTED)
AreaModel = p1812.Parameters | spm.Parameters | str


def registered(name: str) -> tuple[Model, ...]:
    """Return the models of the registry that stand behind a name."""
    return tuple(REGISTRY[each] for each in (("uma", "rma") if name == EXPECTED else (name,)))


def sees_terrain(name: str) -> bool:
    """Return whether a model reads the path's profile, so that no distance bounds its loss."""
    return name != EXPECTED and REGISTRY[name].kind == "profile"


def chosen(name: str, values: Mapping[str, Any], frequency_mhz: float) -> AreaModel:
    """Return what ``cells.Reach`` takes: parameters of P.1812 or of the SPM, or a name.

    ``values`` are the parameters of that model by name, without the name before them.
    """
    if name == "p1812":
        return p1812.Parameters(**values)
    if name == "spm":
        settings = {f"spm.{key}": value for key, value in values.items()}
        request = link_request.Request(frequency_mhz, 0.0, 0.0, REGISTRY[name], settings)
        return link_request.spm_parameters(request)
    return name


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
        for model in registered(name):
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
