"""Units as headers and cells write them, and what turns one into another.

Linear units are converted by Pint, one factor per distinct unit; levels in decibels by a table of
their own.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong.geodata import numerals
from phusong.geodata.folded import ascii_name

DIPOLE_DBI = 2.15  # gain of a half-wave dipole: 0 dBd
LONGEST_UNIT = 30  # characters
SYMBOL = 3  # characters of the symbol of a level; longer are words for it
Convert = Callable[[Any], Any]

# Words of linear units and what Pint calls them, by what is measured.
_LINEAR: Mapping[str, Mapping[str, str]] = {
    "length": {
        **dict.fromkeys(("m", "met", "metre", "metres", "meter", "meters", "mét"), "meter"),
        **dict.fromkeys(("km", "kilomet", "kilometre", "kilometer", "kilometers"), "kilometer"),
        **dict.fromkeys(("cm", "centimet", "centimetre", "centimeter"), "centimeter"),
        **dict.fromkeys(("dm", "decimet", "decimetre", "decimeter"), "decimeter"),
        **dict.fromkeys(("mm", "millimetre", "millimeter"), "millimeter"),
        **dict.fromkeys(("ft", "foot", "feet", "'", "′"), "foot"),
        **dict.fromkeys(("in", "inch", "inches", "''", '"', "″"), "inch"),
        **dict.fromkeys(("yd", "yard", "yards"), "yard"),
        **dict.fromkeys(("mi", "mile", "miles", "dặm"), "mile"),
    },
    "angle": {
        **dict.fromkeys(("deg", "degs", "degree", "degrees", "do", "°", "º"), "degree"),
        **dict.fromkeys(("rad", "radian", "radians"), "radian"),
        **dict.fromkeys(("gon", "grad", "grads", "gradian"), "gon"),
        **dict.fromkeys(("mil", "mils"), "2*pi/6400 radian"),
    },
    "frequency": {"hz": "Hz", "khz": "kHz", "mhz": "MHz", "ghz": "GHz", "hec": "Hz"},
    "area": {
        **dict.fromkeys(("ha", "hecta", "hectare", "hectares", "hec-ta"), "hectare"),
        **dict.fromkeys(("m2", "m^2", "sqm", "met vuong", "sq m"), "meter**2"),
        **dict.fromkeys(("km2", "km^2", "sqkm", "kilomet vuong", "sq km"), "kilometer**2"),
        **dict.fromkeys(("acre", "acres"), "43560 foot**2"),
        **dict.fromkeys(("ft2", "sqft", "sq ft"), "foot**2"),
        **dict.fromkeys(("sqmi", "mi2", "sq mi"), "mile**2"),
    },
}
# Powers and gains: the scale, and what is added in decibels.
_LEVELS: Mapping[str, Mapping[str, tuple[str, float]]] = {
    "power": {
        "dBm": ("log", 0.0),
        "dBW": ("log", 30.0),
        "W": ("linear", 30.0),
        "mW": ("linear", 0.0),
        "kW": ("linear", 60.0),
        "uW": ("linear", -30.0),
        "µW": ("linear", -30.0),
        "MW": ("linear", 90.0),
        **dict.fromkeys(("watt", "watts", "oat"), ("linear", 30.0)),
        **dict.fromkeys(("milliwatt", "milliwatts"), ("linear", 0.0)),
        **dict.fromkeys(("kilowatt", "kilowatts"), ("linear", 60.0)),
    },
    "gain": {"dBi": ("log", 0.0), "dBd": ("log", DIPOLE_DBI)},
    "loss": {"dB": ("log", 0.0)},
}
_COUNTS = {
    **dict.fromkeys(("", "nguoi", "people", "persons", "person", "ppl", "luot", "khach"), 1.0),
    **dict.fromkeys(("lao dong", "cong nhan", "workers", "visitors", "residents", "dan"), 1.0),
    **dict.fromkeys(("nghin", "ngan", "thousand", "thousands", "k"), 1e3),
    **dict.fromkeys(("trieu", "million", "millions", "tr"), 1e6),
}
_COUNTED = r"\s*(?:nguoi|people|persons|luot khach|luot|khach|lao dong|cong nhan|workers|visitors)$"
_SHARES = {"%": 0.01, "percent": 0.01, "pct": 0.01, "phan tram": 0.01, "‰": 0.001, "": 1.0}
KINDS = {  # what the units of our columns measure
    "m": "length",
    "km": "length",
    "deg": "angle",
    "MHz": "frequency",
    "kHz": "frequency",
    "ha": "area",
    "km2": "area",
    "dBm": "power",
    "dBi": "gain",
    "dB": "loss",
    "people": "count",
    "share": "share",
    "": "number",
}
_UNIT_IN_CELL = re.compile(
    r"([+-]? ?[\d.,'’ ]*\d[.,]?(?:[eE][+-]?\d+(?![a-zA-Z]))?) ?([^\W\d_].*|[°º'′\"″%‰µ].*)?"
)
_BRACKETS = re.compile(r"[(\[{]\s*([^()\[\]{}]*?)\s*[)\]}]")
_LAST_WORD = re.compile(r"(?:[\s_,;/-]+|(?<=[a-z])(?=[A-Z]))([^\s_,;/()\[\]-]+)\s*$")
# What may stand in the brackets of a header and is no unit.
_QUALIFIERS = re.compile(
    r"agl|wgs ?-?84|vn ?-?2000|an(g|-| )?ten|antenna|tong|total|co|co khi|dien|mechanical"
    r"|electrical|new|old|cu|moi|dl|ul|tx|rx|downlink|uplink|lte|nr|[2-5]g|\d+"
    r"|neu co|optional|max|min|.*\d{4}"
)


def conversion(unit: str, target: str) -> Convert | None:
    """Return what turns numbers in a unit into those of a column, None where the unit is unknown.

    >>> [round(float(conversion(*pair)(98)), 3) for pair in (("ft", "m"), ("W", "dBm"))]
    [29.87, 49.912]
    >>> conversion("furlongs", "dBm") is None
    True
    """
    kind, word = KINDS[target], numerals.clean(unit)
    if kind in _LEVELS:
        return _level(kind, word)
    factor = _factor(kind, word, target)
    return None if factor is None else lambda value: _times(value, factor)


def _times(values: object, factor: float) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # what overflows is infinite, and out of every range
        return np.asarray(values, float) * factor


def _level(kind: str, word: str) -> Convert | None:
    known = _LEVELS[kind]
    plain = ascii_name(word).casefold()
    name = word if word in known else next((k for k in known if k.casefold() == plain), "")
    if not name:
        return None
    scale, added_db = known[name]
    if scale == "log":
        return lambda value: np.asarray(value, float) + added_db

    def in_decibels(value: Any) -> Any:  # noqa: ANN401 - a number or an array
        with np.errstate(divide="ignore", invalid="ignore"):
            return 10.0 * np.log10(np.asarray(value, float)) + added_db

    return in_decibels


@cache
def _factor(kind: str, word: str, target: str) -> float | None:
    plain = ascii_name(word).casefold()
    if kind == "count":
        return _COUNTS.get(plain, _COUNTS.get(re.sub(_COUNTED, "", plain).strip()))
    if kind == "share":
        return _SHARES.get(plain)
    if kind == "number":
        return 1.0 if not plain else None
    names = _LINEAR[kind]
    name = names.get(word) or names.get(word.casefold()) or names.get(plain.strip(". "))
    return None if name is None else _pint_factor(name, names[target.casefold()])


@cache
def _pint_factor(unit: str, target: str) -> float:
    return float(_registry()(unit).to(target).magnitude)


@cache
def _registry() -> Any:  # noqa: ANN401 - Pint is imported late
    import pint  # noqa: PLC0415

    return pint.UnitRegistry()


def known_units(target: str) -> str:
    """Return the units that a column is read in, for messages."""
    kind = KINDS[target]
    if kind in _LEVELS:
        return ", ".join(name for name in _LEVELS[kind] if name.isascii() and len(name) <= SYMBOL)
    shown = {
        "length": "m, km, cm, ft, in, yd",
        "angle": "deg, rad, gon",
        "frequency": "Hz, kHz, MHz, GHz",
        "area": "ha, m2, km2, acre",
        "count": "people, nghìn, triệu",
        "share": "%, share",
        "number": "no unit",
    }
    return shown[kind]


def header_unit(header: str, target: str) -> tuple[str, str]:
    """Return the unit that a header names, and what stands in its place and is none known.

    >>> header_unit("Antenna height (ft)", "m"), header_unit("height_m", "m")
    (('ft', ''), ('m', ''))
    >>> header_unit("Height (cubits)", "m"), header_unit("Độ cao (ăng ten)", "m")
    (('', 'cubits'), ('', ''))
    """
    strange = ""
    for inner in _BRACKETS.findall(header):
        if not inner:
            continue
        for word in (inner, *re.split(r"[\s,;:/]+", inner)):
            if word and conversion(word, target) is not None:
                return word, ""
        if " " not in inner and not _QUALIFIERS.fullmatch(ascii_name(inner).casefold()):
            strange = inner
    last = _LAST_WORD.search(_BRACKETS.sub("", header).rstrip())
    if last and len(last[1]) <= LONGEST_UNIT and conversion(last[1], target) is not None:
        return last[1], ""
    return "", strange


def without_unit(header: str) -> str:
    """Return a header without a unit at its end, whatever it measures.

    >>> without_unit("height_ft"), without_unit("Độ cao (m)"), without_unit("EIRP dBm")
    ('height', 'Độ cao ', 'EIRP')
    """
    bare = _BRACKETS.sub("", header)
    last = _LAST_WORD.search(bare.rstrip())
    if last and any(conversion(last[1], target) is not None for target in KINDS if target):
        return bare[: last.start()]
    return bare


def split(text: str) -> tuple[str, str]:
    """Return the number of a cell and the unit behind it.

    >>> split("98 ft"), split("40W"), split("1.84E3 MHz"), split("cao")
    (('98', 'ft'), ('40', 'W'), ('1.84E3', 'MHz'), ('cao', ''))
    """
    if isinstance(text, numerals.Figure):
        return text, ""
    parts = _UNIT_IN_CELL.fullmatch(numerals.clean(text)) if len(text) <= 2 * LONGEST_UNIT else None
    return (text, "") if parts is None else (parts[1].strip(), (parts[2] or "").strip())
