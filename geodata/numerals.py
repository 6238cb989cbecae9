"""How people write a number: decimal point or comma, marks of thousands, signs, groups.

``21.000`` is twenty-one or twenty-one thousand. A text has a reading by each decimal mark; which
one a column means is told by what its other cells can only mean, else by the rest of the file.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)
LONGEST = 40  # characters of a number
MARK_NAMES = {POINT: "decimal-point", COMMA: "decimal-comma"}
_MINUS = str.maketrans(dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"))
_GROUPS = {  # whole part with marks of thousands, and the decimals after the other mark
    POINT: re.compile(r"[1-9]\d{0,2}(?:([, '’])\d{3})(?:\1\d{3})*(?:\.\d*)?"),
    COMMA: re.compile(r"[1-9]\d{0,2}(?:([. '’])\d{3})(?:\1\d{3})*(?:,\d*)?"),
}
_PLAIN = {
    POINT: re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)"),
    COMMA: re.compile(r"(?:\d+(?:,\d*)?|,\d+)"),
}
_FEW = {  # decimals in groups of three: 105.601 230
    POINT: re.compile(r"\d+\.\d{3}(?: \d{1,3})+"),
    COMMA: re.compile(r"\d+,\d{3}(?: \d{1,3})+"),
}
_NUMBER = re.compile(r"([+-]?) ?([\d., '’]*\d[.,]?)(?:[eE]([+-]?\d{1,3}))?")
_REPEATED = re.compile(r"([+-]?)(\d{1,3})((?:([.,])\d{3})(?:\4\d{1,3})+)")


class Figure(str):
    """The text of a cell that its file holds as a number, so that its point is a decimal one."""

    __slots__ = ()


class Readings(NamedTuple):
    """What a text means by each decimal mark, None where it is no number so."""

    point: float | None
    comma: float | None

    def by(self, mark: str) -> float | None:
        """Return the reading by a decimal mark."""
        return self.point if mark == POINT else self.comma


def clean(text: str) -> str:
    """Return text in plain characters: one kind of minus and of space, no full-width digits.

    >>> clean("−12\u00a0345 m²")
    '-12 345 m2'
    """
    if text.isascii():
        return " ".join(text.split())
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS)
    return " ".join(plain.split())


@lru_cache(100_000)
def readings(text: str) -> Readings:
    """Return what a text means by each decimal mark.

    >>> readings("21.000"), readings("2.356.283,3")
    (Readings(point=21.0, comma=21000.0), Readings(point=None, comma=2356283.3))
    """
    plain = clean(text)
    parts = _NUMBER.fullmatch(plain) if len(plain) <= LONGEST else None
    if parts is None:
        return Readings(None, None)
    sign, digits, power = parts.groups()
    values = [_value(sign, digits, power or "0", mark) for mark in MARKS]
    return Readings(*values)


def _value(sign: str, digits: str, power: str, mark: str) -> float | None:
    other = COMMA if mark == POINT else POINT
    grouped = _GROUPS[mark].fullmatch(digits)
    if not (grouped or _PLAIN[mark].fullmatch(digits) or _FEW[mark].fullmatch(digits)):
        return None
    bare = re.sub(r"[ '’]", "", digits)
    bare = bare.replace(other, "") if grouped else bare
    value = float(f"{sign}{bare.replace(COMMA, POINT)}e{power}")
    return value if np.isfinite(value) else None


def broken(text: str) -> tuple[float, float] | None:
    """Return a number whose decimals were given marks of thousands, by its first and last mark.

    Some spreadsheets write 105.601.230 for 105.601230, and 560.500.25 for 560500.25.

    >>> broken("105.601.230"), broken("105.6")
    ((105.60123, 105601.23), None)
    """
    parts = _REPEATED.fullmatch(clean(text).replace(" ", ""))
    if parts is None:
        return None
    sign, first, rest, mark = parts.groups()
    groups = rest[1:].split(mark)
    whole = "".join(groups)
    last = f"{first}{''.join(groups[:-1])}.{groups[-1]}"
    return float(f"{sign}{first}.{whole}"), float(f"{sign}{last}")


def number(text: str) -> float | None:
    """Return the number of a text that stands alone: a single mark is the decimal one.

    >>> number("2.356.283,3"), number("105,6"), number("105.601"), number("cao")
    (2356283.3, 105.6, 105.601, None)
    """
    read = readings(text)
    if read.point is None or read.comma is None:
        return read.comma if read.point is None else read.point
    return min(read.point, read.comma, key=abs)  # a mark of thousands makes the larger


def mark_of(texts: Iterable[str]) -> str:
    """Return the decimal mark that texts can only mean, '' where they show none or both."""
    shown = Counter(mark for text in texts if (mark := _shown(text)))
    if len(shown) == 1:
        return next(iter(shown))
    (first, many), (_, few) = shown.most_common(2) if len(shown) > 1 else (("", 0), ("", 0))
    return first if many > 20 * few else ""


def _shown(text: str) -> str:
    """Return the decimal mark of a text that has one only; whole numbers show none."""
    if isinstance(text, Figure) or not (POINT in text or COMMA in text):
        return ""
    read = readings(text)
    if (read.point is None) == (read.comma is None):
        return ""
    return COMMA if read.point is None else POINT


def decide(
    texts: Iterable[str], fits: Callable[[float], bool], stated: str = ""
) -> tuple[Mapping[str, float | None], set[str], str]:
    """Return the number of each distinct text, the texts that may be two, and the decimal mark.

    Parameters
    ----------
    texts : distinct cells of a column.
    fits : whether a number can stand in the column.
    stated : decimal mark that the user states; '' leaves it to the cells.

    Returns
    -------
    values
        Number by text, None where it is none.
    doubtful
        Texts with two readings that both fit, where no other cell decides.
    mark
        The decimal mark of the column, '' where nothing shows it.
    """
    read = {text: readings(text) for text in texts}
    usable = {text: _usable(text, value, fits) for text, value in read.items()}
    only = {"".join(marks) for marks in usable.values() if len(marks) == 1}
    mark = stated or (only.pop() if len(only) == 1 else "")
    values: dict[str, float | None] = {}
    doubtful = set()
    for text, marks in usable.items():
        if isinstance(text, Figure):
            values[text] = read[text].point
            continue
        options = marks or tuple(m for m in MARKS if read[text].by(m) is not None)
        chosen = mark if mark in options else options[0] if options else POINT
        values[text] = read[text].by(chosen)
        if len(marks) > 1 and not mark and read[text].point != read[text].comma:
            doubtful.add(text)
    return values, doubtful, mark


def _usable(text: str, read: Readings, fits: Callable[[float], bool]) -> tuple[str, ...]:
    """Return the decimal marks by which a text is a number that fits; all where it shows none."""
    if isinstance(text, Figure):
        return ()
    if read.point == read.comma:
        return MARKS
    return tuple(m for m in MARKS if (value := read.by(m)) is not None and fits(value))
