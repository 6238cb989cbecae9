"""What is asked of one radio path: the model, its parameters by name, frequency and heights."""

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from phusong.coverage.models import (
    REGISTRY,
    Model,
    Range,
    atmosphere,
    p1812,
    p1812_loss,
    spm,
)
from phusong.coverage.profile import Profile
from phusong.errors import Defect, InputError

DEFAULT_MODEL = "p1812"
RESOLUTION_M = 50.0  # of location variability: the finest of P.1812-7 section 4.8
# An empirical model is refused where its frequency is so many times off its published range.
FARTHEST_FACTOR = 2.0
HEIGHTS_M = Range(0.1, 3000.0)
LENGTHS_M = Range(1.0, 3e6)

_EFFECTIVE_HEIGHTS = {
    "above_ground": spm.ABOVE_GROUND,
    "above_average": spm.ABOVE_AVERAGE,
    "slope_at_receiver": spm.SLOPE_AT_RECEIVER,
    "spot": spm.SPOT,
    "absolute_spot": spm.ABSOLUTE_SPOT,
}
_TEXTS = {
    "p1812.polarization": tuple(p1812.POLARIZATIONS),
    "spm.effective_height": tuple(_EFFECTIVE_HEIGHTS),
}
KEYS = (
    *(f"p1812.{entry.name}" for entry in fields(p1812.Parameters)),
    *(f"spm.k{i}" for i in range(1, 8)),
    "spm.effective_height",
    *(f"air.{name}" for name in atmosphere.Air._fields),
)
_AIR = {
    "pressure_hpa": Range(500.0, 1100.0),
    "vapour_g_m3": Range(0.0, 50.0),
    "temperature_k": Range(220.0, 330.0),
    "rain_mm_h": Range(0.0, 300.0),
}
Value = float | str


@dataclass(frozen=True)
class Request:
    """What is to be predicted: a model of paths, its settings by name, frequency, heights."""

    frequency_mhz: float
    tx_height_m: float
    rx_height_m: float
    model: Model = REGISTRY[DEFAULT_MODEL]
    settings: Mapping[str, Value] = field(default_factory=dict)


def model(name: str) -> Model:
    """Return a model of paths by name.

    Raises
    ------
    InputError
        When there is none, with the names that come near; or when it is not a model of paths.
    """
    if name not in REGISTRY:
        near = difflib.get_close_matches(name, REGISTRY, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "phusong models lists them"
        raise InputError("unknown model", [Defect("--model", "no such model", hint, value=name)])
    found = REGISTRY[name]
    if found.kind == "addition":
        remedy = "choose a model of paths"
        problem = "is what a place or a building adds to a path's loss"
        raise InputError("not a path model", [Defect("--model", problem, remedy, value=name)])
    return found


def settings(texts: Iterable[str]) -> dict[str, Value]:
    """Return the parameters of ``model.name=value`` texts; the last of a name wins.

    Raises
    ------
    InputError
        With every unknown name and every value that cannot be used.
    """
    values: dict[str, Value] = {}
    found: list[Defect] = []
    for text in texts:
        key, _, value = (part.strip() for part in text.partition("="))
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(KEYS)}"
            found.append(Defect("--set", "unknown parameter", hint, value=text))
        elif key in _TEXTS and value not in _TEXTS[key]:
            near = difflib.get_close_matches(value, _TEXTS[key], n=1)
            hint = f"did you mean {near[0]}?" if near else f"use {' or '.join(_TEXTS[key])}"
            found.append(Defect("--set", "unknown value", hint, column=key, value=value))
        elif key in _TEXTS:
            values[key] = value
        elif (number := _number(value)) is None:
            found.append(Defect("--set", "is not a number", column=key, value=value))
        else:
            values[key] = number
    found += p1812.defects(p1812.Parameters(**_of(values, "p1812")))
    found += _air_defects(_of(values, "air"))
    if found:
        raise InputError("unusable parameters", found)
    return values


def _air_defects(values: Mapping[str, float]) -> list[Defect]:
    return [
        Defect("--set", f"is not between {low:g} and {high:g}", column=f"air.{name}", value=value)
        for name, value in values.items()
        for low, high in [_AIR[name]]
        if not low <= value <= high
    ]


def air(request: Request) -> atmosphere.Air:
    """Return the air of a path: the standard atmosphere, changed as set."""
    return atmosphere.Air(**_of(request.settings, "air"))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _of(values: Mapping[str, Value], prefix: str) -> dict[str, Any]:
    """Return the settings of one model, without its name."""
    length = len(prefix) + 1
    return {key[length:]: value for key, value in values.items() if key.startswith(f"{prefix}.")}


def limits(found: Model) -> dict[str, Range]:
    """Return the hard limits of a model, beyond which it says nothing.

    P.1812 is held to its published frequencies and heights; the other models may be used
    beyond their published ranges, with a warning, up to twice the frequency.
    """
    if found.name == "p1812":
        heights = {"tx_height_m": found.base_height_m, "rx_height_m": found.user_height_m}
        return {"frequency_mhz": found.frequency_mhz, **heights}
    low, high = found.frequency_mhz
    frequency = Range(max(low / FARTHEST_FACTOR, 1.0), min(high * FARTHEST_FACTOR, 1e6))
    return {"frequency_mhz": frequency, "tx_height_m": HEIGHTS_M, "rx_height_m": HEIGHTS_M}


def defects(request: Request, distance_m: float | None = None) -> list[Defect]:
    """Return why a model cannot be used so: its hard limits that are not kept."""
    found = []
    for name, (low, high) in limits(request.model).items():
        value = getattr(request, name)
        if not low <= value <= high:
            problem = f"is not between {low:g} and {high:g}, the limits of {request.model.name}"
            found.append(Defect(name, problem, value=value))
    if distance_m is not None and not LENGTHS_M.low <= distance_m <= LENGTHS_M.high:
        problem = f"is not between {LENGTHS_M.low:g} and {LENGTHS_M.high:,.0f} m"
        found.append(Defect("distance_m", problem, value=distance_m))
    return found


def p1812_parameters(
    request: Request, ground: Profile, latitude_deg: float | None = None
) -> p1812.Parameters:
    """Return the parameters of P.1812: as set, else of the path, else the defaults.

    A percentage of locations other than half needs a deviation; where none is set it is that
    of section 4.8 at a resolution of 50 m with the clutter at the receiver.
    """
    values = _of(request.settings, "p1812")
    if latitude_deg is not None:
        values.setdefault("latitude_deg", latitude_deg)
    if values.get("location_percent", 50.0) != 50.0 and "location_sigma_db" not in values:
        values["location_sigma_db"] = p1812_loss.location_sigma_db(
            float(request.frequency_mhz),
            float(request.rx_height_m),
            float(ground.clutter_m[-1]),
            RESOLUTION_M,
        )
    return p1812.Parameters(**values)


def spm_parameters(request: Request) -> spm.Parameters:
    """Return the tuned model: Hata's coefficients, changed as set."""
    values = _of(request.settings, "spm")
    method = _EFFECTIVE_HEIGHTS[values.pop("effective_height", "above_ground")]
    coefficients = spm.hata_coefficients(request.frequency_mhz)._replace(**values)
    return spm.Parameters(coefficients, spm.OPTIONS._replace(effective_height=method))
