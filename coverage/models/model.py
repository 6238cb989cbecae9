"""What a propagation model is: where it holds, what can be set, and how it predicts."""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from phusong.coverage.area.cells import AreaLoss
from phusong.coverage.profile import Profile
from phusong.errors import Defect, InputError
from phusong.messages import Text, message

Value = float | str


class Range(NamedTuple):
    """The smallest and the largest value for which a model was published.

    Parameters
    ----------
    low
        The smallest.
    high
        The largest.
    """

    low: float
    high: float


ANY = Range(0.0, math.inf)
# An empirical model is refused where its frequency is so many times off its published range.
FARTHEST_FACTOR = 2.0
HEIGHTS_M = Range(0.1, 3000.0)


@dataclass(frozen=True)
class Parameter:
    """What can be set of a model: ``--set KEY=VALUE``, or ``propagation.NAME`` of a scenario.

    ``key`` is the name with its group before it (``p1812.time_percent``); ``default`` is None
    where it follows from the path. Texts have ``choices``, numbers may have ``limits``. Below
    ``from_mhz`` it has no effect.

    Parameters
    ----------
    key
        Name with its group.
    unit
        Of the value; empty for a text.
    default
        Value unless set.
    limits
        Of a number.
    choices
        Of a text.
    from_mhz
        Lowest frequency at which it has effect [MHz].
    """

    key: str
    unit: str
    default: Value | None
    limits: Range | None = None
    choices: tuple[str, ...] = ()
    from_mhz: float = 0.0

    @property
    def name(self) -> str:
        """Return the name without its group."""
        return self.key.partition(".")[2]

    def value(self, text: str) -> Value:
        """Return what a text says; raise ValueError where it is no number."""
        return text if self.choices else float(text)

    def text_defect(self, text: str) -> Defect | None:
        """Return what is wrong with a value given as text, None where it can be used."""
        try:
            return self.defect(self.value(text))
        except ValueError:
            return self.defect(text)

    def defect(self, value: Value, source: str = "--set") -> Defect | None:
        """Return what is wrong with a value, None where it can be used."""
        if self.choices:
            if value in self.choices:
                return None
            near = difflib.get_close_matches(str(value), self.choices, n=1)
            hint = (
                message("remedy.did_you_mean", near=near[0])
                if near
                else message("remedy.use", choices=[*self.choices])
            )
            return Defect(
                source, message("problem.unknown_value"), hint, column=self.key, value=value
            )
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(value, str) or not number or not math.isfinite(value):
            return Defect(source, message("problem.is_not_a_number"), column=self.key, value=value)
        if self.limits is not None and not self.limits.low <= value <= self.limits.high:
            problem = message(
                "problem.is_not_between_and", low=self.limits.low, high=self.limits.high
            )
            return Defect(source, problem, column=self.key, value=value)
        return None


class RadioPath(NamedTuple):
    """One path: its ground, from the base station to the user, and the radio at its ends.

    ``built_up`` is whether the user stands in built-up land, None where that is not known.
    """

    ground: Profile
    frequency_mhz: float
    base_height_m: float
    user_height_m: float
    latitude_deg: float | None = None  # of its centre, where it is known
    built_up: bool | None = None

    @property
    def distance_m(self) -> float:
        """Return the horizontal distance."""
        return 1000.0 * float(self.ground.distance_km[-1])


class PathLoss(NamedTuple):
    """The loss of one path with its parts (``loss_db`` first), and the parameters used."""

    parts: dict[str, float]
    parameters: dict[str, Value]


@dataclass(frozen=True)
class Violation:
    """One published limit that a use of a model does not keep.

    Parameters
    ----------
    model
        Name of the model.
    quantity
        What is outside, with its unit in the name.
    value
        The value used.
    low
        Smallest published value.
    high
        Largest published value.
    """

    model: str
    quantity: str
    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return a sentence for a warning."""
        return (
            f"{self.model}: {self.quantity} {self.value:g} is outside the published range "
            f"{self.low:g} to {self.high:g}"
        )


@dataclass(frozen=True)
class Model:
    """A propagation model: all that the rest of the program asks of it.

    ``predict_path`` takes a path and values by the names of ``parameters``; ``area`` takes such
    values and a frequency in MHz and returns what sweeps an area. A model without the one or
    the other cannot be used so: ``for_path`` and ``for_area`` refuse it.

    ``function`` is the published equation. By ``kind``, which only tells how to call it, it is
    ``function(distance_m, frequency_mhz, base_height_m, user_height_m)``, or
    ``function(ground, frequency_mhz, base_height_m, user_height_m, parameters)`` over a
    profile, or what is added to a path loss.

    ``strict`` models are refused outside their published frequencies and heights; others with
    a warning up to twice the frequency. ``tuned`` says what a calibration finds: an offset to
    the model's loss, or the coefficients of the standard propagation model; None if nothing.
    ``heights`` are the representative heights of classes of land that the model takes where no
    profile gives them, as parameters ``CLASS_m``; without them those of P.1812 hold.
    ``made_of`` are the models, if any, that it puts together.

    Parameters
    ----------
    name
        In the registry.
    title
        In English.
    title_vi
        In Vietnamese.
    source
        The Recommendation, report or paper.
    kind
        How ``function`` is called.
    frequency_mhz
        Published range [MHz].
    distance_m
        Published range [m].
    base_height_m
        Published range, above ground [m].
    user_height_m
        Published range, above ground [m].
    function
        The published equation.
    predict_path
        Loss of one path, if it can.
    area
        What sweeps an area, if it can.
    parameters
        What can be set.
    heights
        Heights of classes of land [m].
    strict
        Refused outside its published ranges.
    tuned
        What a calibration finds.
    made_of
        Models it puts together.
    """

    name: str
    title: str
    title_vi: str
    source: str
    kind: Literal["distance", "profile", "area", "addition"]
    frequency_mhz: Range
    distance_m: Range
    base_height_m: Range
    user_height_m: Range
    function: Callable[..., Any]
    predict_path: Callable[[RadioPath, Mapping[str, Any]], PathLoss] | None = None
    area: Callable[[Mapping[str, Any], float], AreaLoss] | None = None
    parameters: tuple[Parameter, ...] = ()
    heights: tuple[Parameter, ...] = ()
    strict: bool = False
    tuned: Literal["offset", "coefficients"] | None = None
    made_of: tuple["Model", ...] = ()

    @property
    def published(self) -> tuple["Model", ...]:
        """Return the models whose published ranges and sources count: its own, or its parts'."""
        return self.made_of or (self,)

    def own(self, settings: Mapping[str, Value]) -> dict[str, Any]:
        """Return those of the settings (by key) that this model reads, by name."""
        return {p.name: settings[p.key] for p in self.parameters if p.key in settings}

    def clutter_m(self, settings: Mapping[str, Value]) -> dict[str, float]:
        """Return the heights of clutter by class of land, as set (by key) or as the model has."""
        chosen = {each.name: settings.get(each.key, each.default) for each in self.heights}
        return {name.removesuffix("_m"): float(value or 0.0) for name, value in chosen.items()}

    def limits(self) -> dict[str, Range]:
        """Return the hard limits, beyond which the model says nothing."""
        if self.strict:
            heights = (self.base_height_m, self.user_height_m)
            return dict(zip(_LIMITED, (self.frequency_mhz, *heights), strict=True))
        low, high = self.frequency_mhz
        frequency = Range(max(low / FARTHEST_FACTOR, 1.0), min(high * FARTHEST_FACTOR, 1e6))
        return dict(zip(_LIMITED, (frequency, HEIGHTS_M, HEIGHTS_M), strict=True))

    def for_path(self, path: RadioPath, values: Mapping[str, Any]) -> PathLoss:
        """Return the loss of a path, or refuse where the model predicts none."""
        if self.predict_path is None:
            raise _refused(self, message("problem.predicts_no_single_path"))
        return self.predict_path(path, values)

    def for_area(self, values: Mapping[str, Any], frequency_mhz: float) -> AreaLoss:
        """Return what sweeps an area, or refuse where the model sweeps none."""
        if self.area is None:
            raise _refused(self, message("problem.predicts_no_area"))
        return self.area(values, frequency_mhz)


_LIMITED = ("frequency_mhz", "tx_height_m", "rx_height_m")


def _refused(model: Model, why: Text) -> InputError:
    if model.kind == "addition":
        why = message("problem.it_is_what_a_place_adds", why=why)
    defect = Defect(model.name, why, message("remedy.choose_another_phusong_models_lists_them"))
    return InputError(message("refusal.the_model_cannot_be_used_so", model=model.name), [defect])


def outside(
    model: Model,
    *,
    frequency_mhz: float,
    distance_m: float | None = None,
    base_height_m: float | None = None,
    user_height_m: float | None = None,
) -> list[Violation]:
    """Return the published limits of a model that a use does not keep.

    Parameters
    ----------
    model
        The model.
    frequency_mhz
        Frequency [MHz].
    distance_m
        Horizontal distance [m].
    base_height_m
        Of the base station above ground [m].
    user_height_m
        Of the handset above ground [m].

    Returns
    -------
    list of Violation
        Each limit that is not kept.

    Examples
    --------
    >>> from phusong.coverage.models import REGISTRY
    >>> [str(broken) for broken in outside(REGISTRY["hata_urban"], frequency_mhz=2600.0)]
    ['hata_urban: frequency_mhz 2600 is outside the published range 150 to 1500']
    """
    used = {
        "frequency_mhz": frequency_mhz,
        "distance_m": distance_m,
        "base_height_m": base_height_m,
        "user_height_m": user_height_m,
    }
    broken = []
    for quantity, value in used.items():
        limits: Range = getattr(model, quantity)
        if value is not None and not limits.low <= value <= limits.high:
            broken.append(Violation(model.name, quantity, value, limits.low, limits.high))
    return broken
