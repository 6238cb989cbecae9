"""Every word of the maps and reports in Vietnamese and English, and numbers as each writes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from phusong.errors import Defect, InputError
from phusong.maps.texts.words import WORDS

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_VIETNAMESE_MARKS = str.maketrans({",": ".", ".": ","})
_MILLIONS_PER_BILLION = 1000.0
_TYPES = tuple(pair[0] for key, pair in WORDS.items() if key.startswith("type_"))


def language(value: str) -> Language:
    """Return the language named by ``value``, or raise InputError."""
    if value not in LANGUAGES:
        raise InputError(
            "unknown language",
            [Defect("--lang", "unknown language", f"use {' or '.join(LANGUAGES)}", value=value)],
        )
    return value


def words(language: Language) -> dict[str, str]:
    """Return every string of the pages in one language, by key."""
    column = LANGUAGES.index(language)
    return {key: pair[column] for key, pair in WORDS.items()}


def said(record: Mapping[str, Any] | str, language: Language) -> str:
    """Return the text of a ``{"vi": ..., "en": ...}`` record in one language."""
    if isinstance(record, str):
        return record
    return str(record.get(language) or next(iter(record.values()), ""))


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Return a number as the language writes it: 1.151.154,5 or 1,151,154.5."""
    written = f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
    return written.translate(_VIETNAMESE_MARKS) if language == "vi" else written


def unit_name(name: str, kind: str, language: Language) -> str:
    """Return the name of a commune with its type: Phường Tích Sơn, or Tích Sơn ward."""
    key = f"type_{kind.replace(' ', '_')}"
    if key not in WORDS or name.startswith(tuple(f"{word} " for word in _TYPES)):
        return name
    vietnamese, english = WORDS[key]
    return f"{vietnamese} {name}" if language == "vi" else f"{name} {english.lower()}"


def percent(share: float, language: Language, decimals: int = 1) -> str:
    """Return a share (0 to 1) in percent."""
    return f"{number(100.0 * share, language, decimals)}%"


def interval(row: Mapping[str, Any], name: str, language: Language, decimals: int = 1) -> str:
    """Return the ends of the band on a share in percent; '' where a record holds none."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None:
        return ""
    return f"{number(100.0 * low, language, decimals)}–{percent(high, language, decimals)}"


def signed(value: float, language: Language, decimals: int = 0) -> str:
    """Return a change as a number with its sign; a change that rounds to nothing has none."""
    rounded = round(value, decimals) + 0.0
    return f"{'+' if rounded > 0 else ''}{number(rounded, language, decimals)}"


def points(share: float, language: Language, decimals: int = 1) -> str:
    """Return a change of a share in percentage points."""
    return f"{signed(100.0 * share, language, decimals)} {words(language)['unit_points']}"


def money(million: float, language: Language) -> str:
    """Return an amount in million or billion dong, whichever reads better."""
    large = abs(million) >= _MILLIONS_PER_BILLION
    amount = million / _MILLIONS_PER_BILLION if large else million
    written = number(amount, language, 1 if large else 0)
    unit = words(language)["unit_billion_vnd" if large else "unit_million_vnd"]
    return f"{written} {unit}"


def date(iso: str, language: Language) -> str:
    """Return an ISO 8601 date (and time) as a date of the language."""
    moment = datetime.fromisoformat(iso)
    return f"{moment:%d/%m/%Y}" if language == "vi" else f"{moment.day} {moment:%B %Y}"


def money_each(million: float, language: Language) -> str:
    """Return a small amount, such as a cost per person, in dong."""
    written = number(round(million * 1e6, -3), language)
    return f"{written} {words(language)['unit_dong']}"
