"""The model that predicts a whole area: by its name and parameters, as coverage takes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from phusong.coverage.base_loss import EXPECTED
from phusong.coverage.models import REGISTRY, Model, outside, p1812, spm
from phusong.scenarios import path_request

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
        request = path_request.Request(frequency_mhz, 0.0, 0.0, REGISTRY[name], settings)
        return path_request.spm_parameters(request)
    return name


def warnings(
    name: str,
    radiators: Iterable[tuple[float, float]],
    radius_m: float,
    receiver_height_m: float,
) -> list[str]:
    """Return the published limits that cells (frequency, height) do not keep, each once."""
    counts: Counter[tuple[str, str]] = Counter()
    said: dict[tuple[str, str], str] = {}
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
                key = (broken.model, broken.quantity)
                said.setdefault(key, str(broken))
                counts[key] += 1
    return [f"{said[key]} ({count} of {cells} cells)" for key, count in counts.items()]
