"""The file of a calibrated model: written, read and checked."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from phusong import __version__
from phusong.coverage.kriging import ResidualField
from phusong.coverage.models import REGISTRY, spm
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, toml_json
from phusong.messages import message
from phusong.scenarios.propagation import calibrated
from phusong.scenarios.propagation.calibrated import (
    CLASSES,
    ERRORS,
    FORMAT,
    OLD,
    TERMS,
    Calibrated,
    Measured,
)

__all__ = ["Calibrated", "load", "text"]

LARGEST = 1e6  # of any number in the file
VALUES_A_LINE = 8


def text(found: Calibrated) -> str:
    """Return a calibrated model as TOML."""
    lines = [
        "# A model calibrated with measurements: phusong predict --calibration FILE applies it, or",
        "# phusong run SCENARIO --set propagation.calibration=FILE.",
        "# Losses and levels in dB, distances in m.",
        f"format = {FORMAT}",
        f"phusong = {_string(__version__)}",
        f"model = {_string(found.model)}",
        f"frequency_mhz = {found.frequency_mhz:.10g}",
        f"offset_db = {found.offset_db:.4f}",
        *(f"{name} = {getattr(found, name):.4f}" for name in TERMS if name != "offset_db"),
        f"measured_distance_m = [{found.distance_m[0]:.1f}, {found.distance_m[1]:.1f}]",
    ]
    if found.coefficients is not None:
        lines += ["", "[spm]"]
        lines += [f"{name} = {value:.6f}" for name, value in found.coefficients._asdict().items()]
    lines += ["", "[clutter_db]"]
    lines += [f"{kind.name.lower()} = {value:.4f}" for kind, value in found.clutter_db.items()]
    lines += ["", "[eirp_offset_db]  # by cell"]
    lines += [f"{_string(name)} = {value:.4f}" for name, value in found.eirp_offset_db.items()]
    lines += ["", "[error]  # on blocks of ground that the fit has not seen"]
    lines += [f"{name} = {getattr(found, name):.6f}" for name in ERRORS]
    lines += ["", "[land]", f"measured = {_list(kind.name.lower() for kind in found.classes)}"]
    lines += ["", "[interval]  # of every term, 95 %"]
    lines += [
        f"{_string(name)} = [{low:.4f}, {high:.4f}]"
        for name, (low, high) in found.intervals.items()
    ]
    lines += _places_text(found.measured)
    lines += ["", "[source]"]
    lines += [f"{_string(name)} = {_string(value)}" for name, value in found.source.items()]
    return "\n".join([*lines, ""])


def _list(texts: Iterable[str]) -> str:
    return _wrapped([_string(text) for text in texts])


def _wrapped(values: list[str]) -> str:
    """Return a list of TOML, a few values a line."""
    rows = (", ".join(values[i : i + VALUES_A_LINE]) for i in range(0, len(values), VALUES_A_LINE))
    return "[" + ",\n  ".join(rows) + "]"


def _places_text(measured: Measured | None) -> list[str]:
    """Return the lines of what is left over at measured places, each number once."""
    if measured is None:
        return []
    parts = {"lon": 6, "lat": 6, "residual_db": 2, "stands_for": 0}
    columns = {
        name: [f"{value:.{digits}f}" for value in getattr(measured, name)]
        for name, digits in parts.items()
    }
    columns["cell"] = [str(number) for number in measured.cell]
    return [
        "",
        "[places]  # residuals: measured less predicted loss, thinned",
        *(f"{name} = {value:.4f}" for name, value in measured.field._asdict().items()),
        f"cells = {_list(measured.cell_ids)}",
        *(f"{name} = {_wrapped(values)}" for name, values in columns.items()),
    ]


_NUMBERS = {
    "frequency_mhz": (30.0, 100_000.0),
    "offset_db": (-100.0, 100.0),
    "antenna_share": (0.0, 1.0),
}
_NEWER = {"pattern_fill": (0.0, 1.0), "obstruction": (-0.5, 2.0), "slope_db": (-200.0, 200.0)}


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
    if found := _defects(path, tree):
        raise InputError(message("refusal.is_not_a_usable_calibration", path=path.name), found)
    tuned = REGISTRY[tree["model"]].tuned == "coefficients"
    low, high = tree["measured_distance_m"]
    newer: dict[str, Any] = {} if tree["format"] == OLD else _newer(tree)
    numbers: dict[str, Any] = {name: float(tree[name]) for name in _NUMBERS}
    numbers |= {name: float(tree["error"][name]) for name in ERRORS}
    return Calibrated(
        model=tree["model"],
        coefficients=spm.Coefficients(**tree["spm"]) if tuned else None,
        clutter_db={CLASSES[name]: float(value) for name, value in tree["clutter_db"].items()},
        eirp_offset_db={k: float(v) for k, v in tree["eirp_offset_db"].items()},
        distance_m=(float(low), float(high)),
        source=tree["source"],
        format=tree["format"],
        file=path.name,
        sha256=guard.digest(path),
        **numbers,
        **newer,
    )


def _newer(tree: dict[str, Any]) -> dict[str, Any]:
    """Return what a file of the first format has not."""
    return {
        **{name: float(tree[name]) for name in _NEWER},
        "classes": tuple(CLASSES[name] for name in tree["land"]["measured"]),
        "intervals": {name: (float(a), float(b)) for name, (a, b) in tree["interval"].items()},
        "measured": _measured(tree["places"]) if "places" in tree else None,
    }


def _measured(table: dict[str, Any]) -> Measured:
    numbers = {name: np.asarray(table[name], float) for name in _PLACE_COLUMNS}
    return Measured(
        ResidualField(*(float(table[name]) for name in ResidualField._fields)),
        tuple(table["cells"]),
        np.asarray(table["cell"], np.int64),
        **numbers,
    )


_PLACE_COLUMNS = ("lon", "lat", "residual_db", "stands_for")


def _defects(path: Path, tree: dict[str, Any]) -> list[Defect]:
    """Return everything in a file that cannot be used."""
    wrong: list[tuple[str, object, str]] = []
    if tree.get("format") not in (OLD, FORMAT):
        wrong.append(("format", tree.get("format"), f"is not {OLD} or {FORMAT}, which are read"))
    newer = {} if tree.get("format") == OLD else _NEWER
    if tree.get("model") not in calibrated.tunable():  # a list has no hash
        wrong.append(("model", tree.get("model"), f"is not {' or '.join(calibrated.tunable())}"))
    for name, (low, high) in (_NUMBERS | newer).items():
        if not _number(tree.get(name)) or not low <= tree[name] <= high:
            wrong.append((name, tree.get(name), f"is not a number from {low:g} to {high:g}"))
    span = tree.get("measured_distance_m")
    if not (isinstance(span, list) and len(span) == 2 and all(map(_number, span))):
        wrong.append(("measured_distance_m", span, "is not a pair of numbers"))
    wrong += _wrong_tables(tree)
    if newer:
        wrong += _wrong_land(tree) + _wrong_places(tree.get("places"))
    return [Defect(str(path), problem, column=name, value=value) for name, value, problem in wrong]


def _wrong_land(tree: dict[str, Any]) -> list[tuple[str, object, str]]:
    """Return what is wrong with the measured classes and the intervals of a file."""
    wrong: list[tuple[str, object, str]] = []
    land = tree.get("land")
    names = land.get("measured") if isinstance(land, dict) else None
    if not isinstance(names, list) or not all(n in CLASSES for n in names if isinstance(n, str)):
        wrong.append(("land.measured", names, f"is not a list of {', '.join(CLASSES)}"))
    held = tree.get("interval")
    pairs = held.values() if isinstance(held, dict) else [None]
    if not all(isinstance(p, list) and len(p) == 2 and all(map(_number, p)) for p in pairs):
        wrong.append(("interval", held, "is not a table of pairs of numbers"))
    return wrong


def _wrong_places(table: object) -> list[tuple[str, object, str]]:
    """Return what is wrong with the residuals of a file, which may have none."""
    if table is None:
        return []
    if not isinstance(table, dict):
        return [("places", table, "is not a table")]
    wrong: list[tuple[str, object, str]] = [
        (f"places.{name}", table.get(name), "is not a number above 0")
        for name in ResidualField._fields
        if not _number(table.get(name)) or table[name] <= 0.0
    ]
    lists = [table.get(name) for name in (*_PLACE_COLUMNS, "cell")]
    if not all(isinstance(each, list) and all(map(_number, each)) for each in lists):
        return [*wrong, ("places", "", "columns are not lists of numbers")]
    names = table.get("cells")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return [*wrong, ("places.cells", names, "is not a list of texts")]
    if len({len(each) for each in lists if each is not None}) != 1 or not all(
        0 <= c < len(names) for c in table["cell"]
    ):
        wrong.append(("places", "", "columns differ in length, or name no cell"))
    if not all(count >= 1 for count in table["stands_for"]):
        wrong.append(("places.stands_for", "", "is not 1 or more"))
    return wrong


def _wrong_tables(tree: dict[str, Any]) -> list[tuple[str, object, str]]:
    """Return what is wrong in the tables of a file."""
    by_coefficients = tree.get("model") in calibrated.tunable("coefficients")
    constants = set(spm.Coefficients._fields) if by_coefficients else set()
    known: dict[str, set[str] | None] = {
        "clutter_db": set(CLASSES),
        "error": set(ERRORS),
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
