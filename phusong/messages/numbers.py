"""Numbers and dates as a language writes them, by the Unicode CLDR (through Babel)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from phusong.messages.catalogue import catalogue

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

# Babel is imported where it is used: most of a run writes nothing.
# ruff: noqa: PLC0415

MINUS = "\N{MINUS SIGN}"
GENERAL = "#,##0.######"
PLAIN = "0.############"
TOO_LARGE = 1e20  # for the decimal numbers of Babel


def pattern(value: float, form: str, language: str) -> str:
    """Return a number by a CLDR pattern, such as ``#,##0.0`` or ``0.0%``.

    >>> pattern(1151154.5, "#,##0.0", "vi"), pattern(0.961, "0.0%", "en")
    ('1.151.154,5', '96.1%')
    """
    return _written(_decimal(value), form, language)


def number(value: float, language: str, decimals: int = 0) -> str:
    """Return a number with so many decimals: 1.151.154,5 or 1,151,154.5."""
    exact = _decimal(value)
    if exact.is_finite() and abs(exact) < TOO_LARGE:
        exact = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return _written(exact + 0, _fixed(decimals), language)  # + 0: no sign where nothing is left


def general(value: float, language: str, digits: int = 6) -> str:
    """Return a number with at most so many significant digits, and no zeros at its end."""
    return pattern(float(f"{value:.{digits}g}"), GENERAL, language)


def plain(value: float, language: str, digits: int = 6) -> str:
    """Return a number with at most so many significant digits and no groups: 2655 or 0.8."""
    return pattern(float(f"{value:.{digits}g}"), PLAIN, language)


def percent(share: float, language: str, decimals: int = 1) -> str:
    """Return a share (0 to 1) in percent."""
    return _written(_decimal(100.0 * share).scaleb(-2), f"{_fixed(decimals)}%", language)


def decimal_mark(language: str) -> str:
    """Return what stands before the decimals of a number: a comma or a point."""
    from babel.numbers import get_decimal_symbol

    return str(get_decimal_symbol(catalogue(language).locale))


def date(iso: str, language: str) -> str:
    """Return an ISO 8601 date (and time) as a date of the language."""
    from babel.dates import format_date

    moment = datetime.fromisoformat(iso)
    written: str = format_date(moment, catalogue(language).date, locale=catalogue(language).locale)
    return written


def listed(parts: Sequence[str], language: str) -> str:
    """Return parts as a sentence lists them: a, b and c."""
    from babel.lists import format_list

    written: str = format_list(parts, locale=catalogue(language).locale)
    return written


def alternatives(parts: Sequence[str], language: str) -> str:
    """Return parts as a sentence offers them: a, b or c."""
    from babel.lists import format_list

    written: str = format_list(parts, style="or", locale=catalogue(language).locale)
    return written


def plural(count: float, language: str) -> str:
    """Return the plural category of a count, such as one or other."""
    return str(_locale(catalogue(language).locale).plural_form(count))


@cache
def _locale(name: str) -> "Locale":
    from babel import Locale

    return Locale.parse(name)


def _decimal(value: float) -> Decimal:
    """Return a number as it is written shortest, which is what browsers round too."""
    return Decimal(repr(float(value)))


def _written(value: Decimal, form: str, language: str) -> str:
    """Return a number by a pattern, halves rounded away from zero, as the pages do."""
    if not value.is_finite() or abs(value) >= TOO_LARGE:
        return str(float(value))
    return _formatted(str(value), form, catalogue(language).locale)


@lru_cache(maxsize=2**15)  # tables, record, pages and report write the same numbers
def _formatted(value: str, form: str, locale: str) -> str:
    with localcontext(Context(prec=40, rounding=ROUND_HALF_UP)):
        text: str = _pattern(form).apply(Decimal(value), _locale(locale))
    return text.replace("-", MINUS)


@cache
def _pattern(form: str) -> "NumberPattern":
    from babel.numbers import parse_pattern

    return parse_pattern(form)


def _fixed(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
