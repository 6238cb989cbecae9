"""What a scenario may say, and how one is read: base, then the scenario, then ``--set``."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from phusong.errors import Defect, InputError
from phusong.scenarios import area_model

SHIPPED = ("urban", "industrial", "tourism", "province")
Kind = Literal["urban", "industrial", "tourism", "province"]
Year = Annotated[str, Field(pattern=r"^20\d\d$")]
ZoneStatus = Literal["operating", "building", "planned", "unknown"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Text(_Section):
    """A text in both languages."""

    en: str = ""
    vi: str = ""


class About(_Section):
    """Name, kind and seed of a scenario."""

    name: str = Field(pattern=r"^[\w-]+$")
    kind: Kind
    seed: int = Field(ge=0)
    title: Text
    description: Text


class Service(_Section):
    """When a place counts as covered by 5G."""

    threshold_dbm: float = Field(ge=-156, le=-31)
    location: Literal["indoor", "outdoor"]
    entry_loss_db: float = Field(ge=0, le=80)
    probability: float = Field(gt=0, lt=1)
    shadowing_sigma_db: float = Field(ge=0, le=20)
    outdoor_threshold_dbm: float = Field(ge=-156, le=-31)
    receiver_height_m: float = Field(ge=1, le=10)


class Propagation(_Section):
    """Which model predicts the loss, and what it assumes of the climate."""

    model: str
    time_percent: float = Field(ge=1, le=50)
    delta_n: float = Field(ge=0, le=150)
    n0: float = Field(ge=200, le=500)
    polarization: Literal["vertical", "horizontal"]

    @field_validator("model")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in area_model.NAMES:
            near = difflib.get_close_matches(name, area_model.NAMES, n=2, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else ", ".join(area_model.NAMES)
            raise ValueError(f"unknown model; {hint}")
        return name


class Layer(_Section):
    """What a station of one technology and band radiates."""

    name: str
    frequency_mhz: float = Field(ge=500, le=100_000)
    bandwidth_mhz: float = Field(gt=0, le=2000)
    subcarrier_khz: float = Field(gt=0, le=960)
    eirp_per_re_dbm: float = Field(ge=-50, le=90)
    horizontal_beamwidth_deg: float = Field(gt=0, le=360)
    vertical_beamwidth_deg: float = Field(gt=0, le=180)
    downtilt_deg: float = Field(ge=-20, le=45)
    radius_m: float = Field(ge=100, le=20_000)
    load: float = Field(ge=0, le=1)
    noise_figure_db: float = Field(ge=0, le=30)
    downlink_share: float = Field(gt=0, le=1)
    streams: int = Field(ge=1, le=16)


class Demand(_Section):
    """Weight of one person of each kind."""

    people: float = Field(ge=0)
    workers: float = Field(ge=0)
    visitors: float = Field(ge=0)


class Zones(_Section):
    """Which zones count and how far they come first."""

    statuses: list[ZoneStatus]
    near_m: float = Field(ge=0)
    target_share: float = Field(ge=0, le=1)


class MastKind(_Section):
    """What a mast of one class and height carries, and how far a new one stands from others."""

    antenna_sets: int = Field(ge=1, le=20)
    spacing_urban_m: float = Field(ge=0)
    spacing_outside_m: float = Field(ge=0)


class Masts(_Section):
    """The kinds of masts: class, low or high (``geodata.mast_rules.LOW_TO_M``)."""

    a1_low: MastKind
    a1_high: MastKind
    a2a_low: MastKind
    a2a_high: MastKind
    a2b_low: MastKind
    a2b_high: MastKind


class Candidates(_Section):
    """Where a station may stand."""

    policy: Literal["one_network", "operators", "shared"]
    colocated: bool
    new: bool
    separation_m: float = Field(gt=0, le=20)
    least_height_m: float = Field(gt=0, le=200)
    lattice_m: float = Field(ge=100)
    spacing_urban_m: float = Field(ge=0)
    spacing_outside_m: float = Field(ge=0)
    sensitive_m: float = Field(ge=0)
    max_slope_deg: float = Field(gt=0, le=90)
    new_height_m: dict[Literal["A1", "A2a", "A2b"], Annotated[float, Field(gt=0, le=200)]]
    least_gain: float = Field(ge=0)
    masts: Masts


class Cost(_Section):
    """Million VND for one station of each kind."""

    colocated: float = Field(gt=0)
    new_urban: float = Field(gt=0)
    new_outside: float = Field(gt=0)


class Rollout(_Section):
    """Stations to build in each year."""

    stations: dict[Year, Annotated[int, Field(ge=0)]] = Field(min_length=1)


class Uncertainty(_Section):
    """How wrong the prediction may be."""

    model_error_db: float = Field(ge=0, le=20)


class Scenario(_Section):
    """A resolved scenario: every parameter has a value."""

    scenario: About
    service: Service
    propagation: Propagation
    layer_5g: Layer
    layer_4g: Layer
    demand: Demand
    zones: Zones
    candidates: Candidates
    cost: Cost
    rollout: Rollout
    uncertainty: Uncertainty


def load(name_or_path: str, settings: Iterable[str] = ()) -> Scenario:
    """Read a shipped scenario by name, or a TOML file, and apply ``section.key=value`` settings.

    Raises
    ------
    InputError
        An unknown name, unreadable TOML, or every unknown key and wrong value at once,
        each with the file and line it stands in.
    """
    layers = _chain(name_or_path) + _settings(settings)
    merged: dict[str, Any] = {}
    for _, tree, _ in layers:
        merged = _merged(merged, tree)
    try:
        return Scenario.model_validate(merged)
    except ValidationError as error:
        defects = [_defect(problem, layers) for problem in error.errors()]
        raise InputError(f"the scenario {name_or_path} is not valid", defects) from None


_Source = tuple[str, dict[str, Any], str]  # (file as shown, its content, its text)


def _chain(name_or_path: str) -> list[_Source]:
    """Return the scenario's file after all the files it extends, base first."""
    chain: list[_Source] = []
    seen: list[str] = []
    following: str | None = name_or_path
    folder = Path()
    while following is not None:
        path = _find(following, folder)
        if str(path) in seen:
            raise InputError(f"{path}: extends itself through {' -> '.join(seen)}")
        seen.append(str(path))
        text = _text(path)
        tree = _parsed(path, text)
        folder = path.parent
        following = tree.pop("extends", None)
        chain.insert(0, (str(path), tree, text))
    return chain


def _find(name_or_path: str, folder: Path) -> Path:
    shipped = Path(str(files("phusong.scenarios").joinpath(f"{name_or_path}.toml")))
    if re.fullmatch(r"\w+", name_or_path) and shipped.is_file():
        return shipped
    path = folder / name_or_path
    if path.suffix == ".toml" and path.is_file():
        return path
    near = difflib.get_close_matches(name_or_path, SHIPPED, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(SHIPPED)}"
    raise InputError(f"unknown scenario '{name_or_path}': {hint} Or give the path of a .toml file")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None


def _settings(settings: Iterable[str]) -> list[_Source]:
    """Turn each ``section.key=value`` into a small tree; the value is TOML, or else a text."""
    sources: list[_Source] = []
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)+", key.strip()):
            raise InputError(f"--set {setting}: write it as section.key=value")
        try:
            tree = tomllib.loads(f"{key} = {value}")
        except tomllib.TOMLDecodeError:
            tree = tomllib.loads(f"{key} = '''{value}'''")
        sources.append((f"--set {setting}", tree, ""))
    return sources


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return both trees as one, ``above`` winning; years of a rollout are replaced as a whole."""
    result = dict(below)
    for key, value in above.items():
        nested = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = _merged(result[key], value) if nested and key != "stations" else value
    return result


def _defect(problem: Mapping[str, Any], layers: list[_Source]) -> Defect:
    """Say where the key stands (in the last file that gives it) and what is wrong with it."""
    place = [str(part) for part in problem["loc"]]
    source, _, text = next(
        (layer for layer in reversed(layers) if _holds(layer[1], problem["loc"])), layers[-1]
    )
    if problem["type"] == "extra_forbidden":
        text_of = f"unknown key{_near_key(place)}"
    elif problem["type"] == "missing":
        return Defect(source, f"'{'.'.join(place)}' is missing", "give it a value")
    else:
        text_of = problem["msg"][0].lower() + problem["msg"][1:]
    return Defect(
        source, text_of, row=_line(text, place), column=".".join(place), value=problem["input"]
    )


def _holds(tree: object, place: tuple[Any, ...]) -> bool:
    for part in place:
        if isinstance(tree, list) and isinstance(part, int):
            return True
        if not isinstance(tree, dict) or part not in tree:
            return False
        tree = tree[part]
    return True


def _near_key(place: list[str]) -> str:
    model: Any = Scenario
    for part in place[:-1]:
        fields = getattr(model, "model_fields", {})
        model = fields[part].annotation if part in fields else None
    near = difflib.get_close_matches(place[-1], list(getattr(model, "model_fields", {})), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _line(text: str, place: list[str]) -> int | None:
    """Return the line of a key: the deepest ``[table]`` header or ``key =`` that leads to it."""
    table: list[str] = []
    found = None
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            table = header[1].replace('"', "").split(".")
            if place[: len(table)] == table and found is None:
                found = number
        elif key := re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line):
            full = table + key[1].split(".")
            if place[: len(full)] == full:
                return number
    return found
