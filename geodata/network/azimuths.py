"""Read the azimuths of the sectors of a site, or of one cell: degrees, points of the compass."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from phusong.geodata.files.tables import fold, quantity

DEFAULT_DEG = "0/120/240"
OMNI = ("omni", "vohuong", "da huong", "dahuong")
CLOSE_DEG = 30.0  # no two sectors look so nearly the same way
_STRONG = re.compile(r"\s*[/;|\n]+\s*|(?<=\d)\s*-\s*(?=\d)")
_BLANKS = re.compile(r"\s+")
_ENGLISH = {
    "n": 0.0,
    "nne": 22.5,
    "ne": 45.0,
    "ene": 67.5,
    "e": 90.0,
    "ese": 112.5,
    "se": 135.0,
    "sse": 157.5,
    "s": 180.0,
    "ssw": 202.5,
    "sw": 225.0,
    "wsw": 247.5,
    "w": 270.0,
    "wnw": 292.5,
    "nw": 315.0,
    "nnw": 337.5,
    "north": 0.0,
    "northeast": 45.0,
    "east": 90.0,
    "southeast": 135.0,
    "south": 180.0,
    "southwest": 225.0,
    "west": 270.0,
    "northwest": 315.0,
}
_VIETNAMESE = {
    "b": 0.0,
    "db": 45.0,
    "d": 90.0,
    "dn": 135.0,
    "n": 180.0,
    "tn": 225.0,
    "t": 270.0,
    "tb": 315.0,
    "bac": 0.0,
    "dongbac": 45.0,
    "dong": 90.0,
    "dongnam": 135.0,
    "nam": 180.0,
    "taynam": 225.0,
    "tay": 270.0,
    "taybac": 315.0,
}
BOTH = "n"  # Nam is south, north is north


def language(texts: Iterable[str]) -> str:
    """Return in which language points of the compass are given: 'en', 'vi', or '' for neither."""
    words = {word for text in texts if not _has_digit(text) for word in _words(text)}
    english = words & set(_ENGLISH) - set(_VIETNAMESE)
    vietnamese = words & set(_VIETNAMESE) - set(_ENGLISH)
    if bool(english) == bool(vietnamese):
        return ""
    return "en" if english else "vi"


def read(text: str, language_: str = "", mark: str = "") -> list[float] | str:
    """Return the azimuths of a text [deg], none for an antenna all round; what is wrong as text.

    Parameters
    ----------
    text : such as 0/120/240, "32,5/152,5", "0, 120, 240", "B/ĐN/TN", or omni.
    spoken : language of points of the compass, see ``language``.
    mark : decimal mark of the file, '' where it is not known.

    >>> read("0; 120; 240°"), read("32,5/152,5/272,5"), read("omni"), read("10,5")
    ([0.0, 120.0, 240.0], [32.5, 152.5, 272.5], [], [10.5])
    >>> read("NE"), read("Đông Bắc / Nam"), read("0,120,240"), read("0-120-240")
    ([45.0], [45.0, 180.0], [0.0, 120.0, 240.0], [0.0, 120.0, 240.0])
    """
    if fold(text).startswith(OMNI):
        return []
    if not _has_digit(text):
        return _compass(text, language_)
    parts = [part for part in _STRONG.split(text.strip()) if part]
    options = [_degrees(parts)] if len(parts) > 1 else _split_weakly(parts[0], mark)
    right = [option for option in options if option is not None]
    if not right:
        return "is not a list of azimuths from 0 to 360, such as 0/120/240"
    if len(right) > 1 and right[0] != right[1]:
        shown = " or ".join("/".join(f"{value:g}" for value in option) for option in right)
        return f"may be the azimuths {shown}: write them as 0/120/240"
    return right[0]


def each(texts: Sequence[str], mark: str = "") -> list[list[float] | str]:
    """Return how ``read`` reads every text of a column, none for empty ones.

    Points of the compass are taken in the language that the column shows.
    """
    spoken = language(dict.fromkeys(texts))
    readings = {text: read(text, spoken, mark) for text in dict.fromkeys(texts) if text}
    return [readings.get(text, []) for text in texts]


def _has_digit(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def _words(text: str) -> list[str]:
    parts = re.split(r"[/,;|+]+|\s-\s", text)
    return [fold(part) for part in parts if fold(part)]


def _compass(text: str, language_: str) -> list[float] | str:
    words = _words(text)
    known = {**_VIETNAMESE, **_ENGLISH} if language_ != "vi" else {**_ENGLISH, **_VIETNAMESE}
    if not words or not all(word in known for word in words):
        return "is not a list of azimuths from 0 to 360, such as 0/120/240"
    if BOTH in words and not (language_ or language([text])):
        return "may be north (0) or Nam, south (180): write degrees"
    if not language_ and language([text]) == "vi":
        known = {**_ENGLISH, **_VIETNAMESE}
    return [known[word] for word in words]


def _degrees(parts: Iterable[str]) -> list[float] | None:
    """Return the azimuths of parts that are numbers by one decimal mark."""
    values = []
    for part in parts:
        value = quantity(part, "deg")
        if value is None:
            return None
        values.append(value)
    return [value % 360.0 for value in values] if all(0 <= v <= 360 for v in values) else None


def _split_weakly(text: str, mark: str) -> list[list[float] | None]:
    """Return the readings of a text without / or ;: blanks, commas, or commas that are decimal."""
    blanks = [part.strip(",") for part in _BLANKS.split(text) if part.strip("°,")]
    if "," not in text or len(blanks) > 1:
        whole = _degrees([text])
        return [_degrees(blanks) if whole is None else whole]
    parts = [part for part in text.replace(" ", "").split(",") if part]
    apart, decimal = _apart(_degrees(parts)), None
    if len(parts) % 2 == 0 and all(len(part.strip("°")) <= 2 for part in parts[1::2]):
        pairs = zip(parts[::2], parts[1::2], strict=True)
        decimal = _apart(_degrees([f"{whole}.{rest}" for whole, rest in pairs]))
    if apart is not None and decimal is not None:
        return [decimal, apart] if mark == "," else [apart]
    return [_degrees(parts) if decimal is None else decimal]


def _apart(values: list[float] | None) -> list[float] | None:
    """Return azimuths of which no two look nearly the same way."""
    return values if values is not None and closest_deg(values) >= CLOSE_DEG else None


def closest_deg(angles: Iterable[float]) -> float:
    """Return the smallest angle between two directions, 360 where there are not two.

    >>> closest_deg([350, 120, 5]), closest_deg([90])
    (15.0, 360.0)
    """
    around = np.sort(np.asarray(list(angles), float) % 360)
    if len(around) < 2:
        return 360.0
    return float(np.min(np.diff(np.append(around, around[0] + 360))))
