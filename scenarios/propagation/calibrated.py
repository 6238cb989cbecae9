"""A calibrated model: its file, and how a prediction applies it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong import __version__
from phusong.coverage import antenna
from phusong.coverage.area import cells
from phusong.coverage.models import REGISTRY, spm
from phusong.coverage.models.sweep_spm import Spm
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, toml_json
from phusong.geodata.province import LandCover
from phusong.messages import Message, message

FORMAT = 1
ANY = ("offset", "coefficients")  # ways to tune a model
FAR_SHARE = 0.25  # a frequency farther than this from the measured one is warned of
LARGEST = 1e6  # of any number in the file
CLASSES = {kind.name.lower(): kind for kind in LandCover if kind != LandCover.OUTSIDE}


def tunable(*ways: str) -> list[str]:
    """Return the names of the models that can be tuned, in one of these ways or in any."""
    return [
        name for name, model in REGISTRY.items() if model.tuned and model.tuned in (ways or ANY)
    ]


def weakened(pattern: antenna.Pattern, share: float) -> antenna.Pattern:
    """Return a pattern that loses a share of its decibels.

    Waves scattered round a receiver in town leave the antenna in many directions, so that
    behind and below it less is lost than its pattern says; a calibration finds how much.
    """
    return replace(
        pattern,
        horizontal_db=pattern.horizontal_db * np.float32(share),
        vertical_db=pattern.vertical_db * np.float32(share),
        floor_db=pattern.floor_db * share,
    )


@dataclass(frozen=True)
class Calibrated:
    """What a calibration has found.

    ``coefficients`` are those of the standard propagation model at ``frequency_mhz``; to the
    loss of others ``offset_db`` is added. ``clutter_db`` is a loss by land-cover class:
    weighted before the receiver by the standard model, at the receiver with others.
    ``antenna_share`` is the share of the antenna patterns' loss (in decibels) that is found
    in the field. ``eirp_offset_db`` is what cells radiate above the power they were taken
    to have. ``error_sd_db`` is the deviation of the model's error from one block of ground
    to another, ``common_share`` the share of its variance that is alike everywhere,
    ``sigma_db`` that of places within a block.

    Parameters
    ----------
    model
        Name of the model.
    frequency_mhz
        Of the measurements [MHz].
    coefficients
        Of the standard propagation model.
    offset_db
        Added to the loss [dB].
    clutter_db
        By class of land cover [dB].
    antenna_share
        0 to 1.
    eirp_offset_db
        By cell [dB].
    sigma_db
        Within a block [dB].
    error_sd_db
        From block to block [dB].
    common_share
        0 to 1.
    rmse_db
        On held-out blocks [dB].
    distance_m
        Shortest and longest path measured [m].
    source
        Measurements and ground.
    file
        Where it was read.
    sha256
        Checksum of the file.
    """

    model: str
    frequency_mhz: float
    coefficients: spm.Coefficients | None
    offset_db: float
    clutter_db: Mapping[LandCover, float]
    antenna_share: float
    eirp_offset_db: Mapping[str, float]
    sigma_db: float
    error_sd_db: float
    common_share: float
    rmse_db: float
    distance_m: tuple[float, float]
    source: Mapping[str, str] = field(default_factory=dict)
    file: str = field(default="", compare=False)
    sha256: str = field(default="", compare=False)

    @property
    def place_sd_db(self) -> float:
        """Return the deviation of the held-out error from place to place."""
        return math.hypot(self.sigma_db, self.error_sd_db)

    @property
    def common_sd_db(self) -> float:
        """Return the deviation of the error that is alike everywhere: that of its mean."""
        return self.error_sd_db * math.sqrt(self.common_share)

    def stated(self) -> dict[str, dict[str, Any]]:
        """Return what a scenario takes from here, by section and key, unless it says otherwise."""
        return {
            "propagation": {"model": self.model},
            "service": {"shadowing_sigma_db": self.place_sd_db},
            "uncertainty": {
                "common_db": self.common_sd_db,
                "field_db": self.error_sd_db,
                "place_db": self.sigma_db,
            },
        }

    def record(self) -> dict[str, Any]:
        """Return what the record of a run or prediction says of the calibration."""
        names = ("file", "sha256", "model", "frequency_mhz", *_ERRORS)
        values = {name: getattr(self, name) for name in names}
        holds_mhz = [self.frequency_mhz * (1.0 + far) for far in (-FAR_SHARE, FAR_SHARE)]
        ranges = {"holds_mhz": holds_mhz, "distance_m": list(self.distance_m)}
        return {**values, **ranges, "source": dict(self.source)}

    def area_loss(self, given: cells.AreaLoss, frequency_mhz: float) -> cells.AreaLoss:
        """Return what ``cells.Reach`` takes: the tuned coefficients, or the model as it is given.

        At another frequency than the measured one, K1 and K6 move as Hata's do.
        """
        return given if self.coefficients is None else Spm(self.moved(frequency_mhz))

    def moved(self, frequency_mhz: float) -> spm.Coefficients:
        """Return the tuned coefficients at a frequency."""
        assert self.coefficients is not None  # noqa: S101 - asked of tuned coefficients only
        there, here = (spm.hata_coefficients(f) for f in (self.frequency_mhz, frequency_mhz))
        shifted = {
            name: getattr(self.coefficients, name) + getattr(here, name) - getattr(there, name)
            for name in ("k1", "k6")
        }
        return self.coefficients._replace(**shifted)

    def surface(self, ground: cells.Surface, landcover: NDArray[np.integer]) -> cells.Surface:
        """Return the ground with what the calibration adds to the loss of every pixel."""
        by_class = np.zeros(len(LandCover), np.float32)
        for kind, value_db in self.clutter_db.items():
            by_class[kind] = value_db
        clutter_db = by_class[np.asarray(landcover, np.int64)]
        if self.coefficients is not None:
            return replace(ground, clutter_db=clutter_db)
        return replace(ground, offset_db=clutter_db + np.float32(self.offset_db))

    def cells(self, radiating: cells.Cells) -> cells.Cells:
        """Return cells with the patterns as they are found in the field."""
        patterns = tuple(weakened(each, self.antenna_share) for each in radiating.patterns)
        return replace(radiating, patterns=patterns)

    def eirp_offsets_db(self, cell_ids: Iterable[str]) -> NDArray[np.float64]:
        """Return what cells radiate above the power they were taken to have, 0 where not found."""
        return np.array([self.eirp_offset_db.get(name, 0.0) for name in cell_ids], float)


def in_the_field(
    radiating: cells.Cells, calibration: Calibrated | None, pattern_fill: float
) -> cells.Cells:
    """Return cells with their patterns as a calibration has found them, else with filled nulls."""
    if calibration is not None:
        return calibration.cells(radiating)
    patterns = tuple(antenna.filled(each, pattern_fill) for each in radiating.patterns)
    return replace(radiating, patterns=patterns)


def warnings(calibration: Calibrated | None, frequencies_mhz: Iterable[float]) -> list[Message]:
    """Return, each once, the frequencies that are far from the one that was calibrated."""
    if calibration is None:
        return []
    measured = calibration.frequency_mhz
    return [
        message("warning.calibrated_elsewhere", measured=measured, applied=mhz)
        for mhz in dict.fromkeys(frequencies_mhz)
        if abs(mhz / measured - 1.0) > FAR_SHARE
    ]


def text(model: Calibrated) -> str:
    """Return a calibrated model as TOML."""
    lines = [
        "# A model calibrated with measurements: phusong predict --calibration FILE applies it, or",
        "# phusong run SCENARIO --set propagation.calibration=FILE.",
        "# Losses and levels in dB, distances in m.",
        f"format = {FORMAT}",
        f"phusong = {_string(__version__)}",
        f"model = {_string(model.model)}",
        f"frequency_mhz = {model.frequency_mhz:.10g}",
        f"offset_db = {model.offset_db:.4f}",
        f"antenna_share = {model.antenna_share:.4f}",
        f"measured_distance_m = [{model.distance_m[0]:.1f}, {model.distance_m[1]:.1f}]",
    ]
    if model.coefficients is not None:
        lines += ["", "[spm]"]
        lines += [f"{name} = {value:.6f}" for name, value in model.coefficients._asdict().items()]
    lines += ["", "[clutter_db]"]
    lines += [f"{kind.name.lower()} = {value:.4f}" for kind, value in model.clutter_db.items()]
    lines += ["", "[eirp_offset_db]  # by cell"]
    lines += [f"{_string(name)} = {value:.4f}" for name, value in model.eirp_offset_db.items()]
    lines += ["", "[error]  # on blocks of ground that the fit has not seen"]
    lines += [f"{name} = {getattr(model, name):.6f}" for name in _ERRORS]
    lines += ["", "[source]"]
    lines += [f"{_string(name)} = {_string(value)}" for name, value in model.source.items()]
    return "\n".join([*lines, ""])


_ERRORS = ("rmse_db", "sigma_db", "error_sd_db", "common_share")
_NUMBERS = {
    "frequency_mhz": (30.0, 100_000.0),
    "offset_db": (-100.0, 100.0),
    "antenna_share": (0.0, 1.0),
}


def _string(value: str) -> str:
    """Return a TOML basic string."""
    escaped = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 32 or c in '"\\' or ord(c) == 127 else c for c in value
    )
    return f'"{escaped}"'


def load(path: Path) -> Calibrated:
    """Read a calibrated model.

    Raises
    ------
    InputError
        When the file cannot be read, or with every value in it that cannot be used.
    """
    path = Path(path)
    tree, _ = toml_json.read_toml(path)
    if defects := _defects(path, tree):
        raise InputError(f"{path.name} is not a usable calibration", defects)
    tuned = REGISTRY[tree["model"]].tuned == "coefficients"
    low, high = tree["measured_distance_m"]
    return Calibrated(
        model=tree["model"],
        coefficients=spm.Coefficients(**tree["spm"]) if tuned else None,
        clutter_db={CLASSES[name]: float(value) for name, value in tree["clutter_db"].items()},
        eirp_offset_db={k: float(v) for k, v in tree["eirp_offset_db"].items()},
        distance_m=(float(low), float(high)),
        source=tree["source"],
        file=path.name,
        sha256=guard.digest(path),
        **{name: float(tree[name]) for name in _NUMBERS},
        **{name: float(tree["error"][name]) for name in _ERRORS},
    )


def _defects(path: Path, tree: dict[str, Any]) -> list[Defect]:
    """Return everything in a file that cannot be used."""
    wrong: list[tuple[str, object, str]] = []
    if tree.get("format") != FORMAT:
        wrong.append(("format", tree.get("format"), f"is not {FORMAT}, the format that is read"))
    if tree.get("model") not in tunable():  # a list has no hash
        wrong.append(("model", tree.get("model"), f"is not {' or '.join(tunable())}"))
    for name, (low, high) in _NUMBERS.items():
        if not _number(tree.get(name)) or not low <= tree[name] <= high:
            wrong.append((name, tree.get(name), f"is not a number from {low:g} to {high:g}"))
    span = tree.get("measured_distance_m")
    if not (isinstance(span, list) and len(span) == 2 and all(map(_number, span))):
        wrong.append(("measured_distance_m", span, "is not a pair of numbers"))
    wrong += _wrong_tables(tree)
    return [Defect(str(path), problem, column=name, value=value) for name, value, problem in wrong]


def _wrong_tables(tree: dict[str, Any]) -> list[tuple[str, object, str]]:
    """Return what is wrong in the tables of a file."""
    by_coefficients = tree.get("model") in tunable("coefficients")
    constants = set(spm.Coefficients._fields) if by_coefficients else set()
    known: dict[str, set[str] | None] = {
        "clutter_db": set(CLASSES),
        "error": set(_ERRORS),
        "eirp_offset_db": None,
        **({"spm": constants} if constants else {}),
    }
    complete = {"error", "spm"}
    wrong: list[tuple[str, object, str]] = []
    for table, names in known.items():
        held = tree.get(table)
        if not isinstance(held, dict):
            wrong.append((table, held, "is not a table"))
            continue
        wrong += [
            (
                f"{table}.{name}",
                value,
                "is not a number"
                if names is None or name in names
                else f"is not one of {', '.join(sorted(names))}",
            )
            for name, value in held.items()
            if not _number(value) or (names is not None and name not in names)
        ]
        if table in complete and names is not None:
            wrong += [(f"{table}.{name}", None, "is missing") for name in sorted(names - set(held))]
    source = tree.get("source")
    if not isinstance(source, dict) or not all(isinstance(v, str) for v in source.values()):
        wrong.append(("source", source, "is not a table of texts"))
    return wrong


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST  # false for what is not finite
