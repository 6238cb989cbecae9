"""Figures of the pages as a language writes them: shares, changes, money, names of communes."""

from collections.abc import Mapping
from typing import Any

from phusong import languages, messages
from phusong.messages.catalogue import template

_MILLIONS_PER_BILLION = 1000.0
_TYPES = ("type_phuong", "type_thi_tran", "type_xa")

language, number, percent, date = (
    languages.language,
    messages.number,
    messages.percent,
    messages.date,
)


def words(language: str) -> dict[str, str]:
    """Return every string of the map and what all pages share in one language, by key."""
    return messages.words(language, "page")


def unit_name(name: str, kind: str, language: str) -> str:
    """Return the name of a commune with its type, before or behind it as people say."""
    key = f"type_{kind.replace(' ', '_')}"
    types = [_word(each, shipped) for shipped in messages.SHIPPED for each in _TYPES]
    if key not in _TYPES or name.startswith(tuple(f"{kind_} " for kind_ in types)):
        return name
    word = _word(key, language)
    pattern = _word("unit_name", language)
    return pattern.format(name=name, type=word, type_small=word.lower())


def _word(key: str, language: str) -> str:
    """Return one of the words of a page; all of them each time would take long."""
    return str(template(f"page.{key}", language))


def interval(row: Mapping[str, Any], name: str, language: str, decimals: int = 1) -> str:
    """Return the ends of the band on a share in percent; '' where a record holds none."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None:
        return ""
    return f"{number(100.0 * low, language, decimals)}–{percent(high, language, decimals)}"


def signed(value: float, language: str, decimals: int = 0) -> str:
    """Return a change as a number with its sign; a change that rounds to nothing has none."""
    rounded = round(value, decimals) + 0.0
    return f"{'+' if rounded > 0 else ''}{number(rounded, language, decimals)}"


def points(share: float, language: str, decimals: int = 1) -> str:
    """Return a change of a share in percentage points."""
    return f"{signed(100.0 * share, language, decimals)} {_word('unit_points', language)}"


def money(million: float, language: str) -> str:
    """Return an amount in millions or billions of the currency, whichever reads better."""
    large = abs(million) >= _MILLIONS_PER_BILLION
    amount = million / _MILLIONS_PER_BILLION if large else million
    decimals = 1 if large else int(_word("money_decimals", language))
    unit = _word("unit_billion" if large else "unit_million", language)
    return f"{number(amount, language, decimals)} {unit}".rstrip()


def money_each(million: float, language: str) -> str:
    """Return a small amount, such as a cost per person, rounded as the country rounds it."""
    decimals = int(_word("money_small_decimals", language))
    written = number(round(million * 1e6, decimals), language)
    return f"{written} {_word('unit_currency', language)}".rstrip()
