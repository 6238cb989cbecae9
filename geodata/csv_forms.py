"""How a table is written as CSV: for the spreadsheets of a language, or for machines.

A spreadsheet reads a CSV file by the rules of its country: where decimals have a comma, a semicolon
stands between cells, and 0.578 is read as 578. It also takes any text for a number or a date that
looks like one, so that the code 08740 loses its zero.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phusong.messages import decimal_mark

BYTE_ORDER_MARK = "\ufeff"  # tells Excel that a file is UTF-8
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_GUARDED = re.compile(r'="([^"]*)"')
# What a spreadsheet would change: zeros before a number, more digits than it keeps, decimals of
# either mark, powers, dates and times, names of months beside numbers.
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_CHANGED = re.compile(
    rf"[+-]?(0\d+|\d{{16,}}|\d+[.,:/e-][\d.,:/ e+-]*|{_MONTH}[ -]?\d+|\d+[ -]?{_MONTH})",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class CsvForm:
    """How cells, decimals and codes stand in a CSV file.

    Parameters
    ----------
    separator
        Of the cells.
    decimal
        Mark of the decimals.
    guarded
        Whether codes are guarded, so that they keep their zeros when a spreadsheet opens the file,
        and the file begins with a byte order mark.
    """

    separator: str = ","
    decimal: str = "."
    guarded: bool = False


MACHINE = CsvForm()


def of_language(language: str, *, machine: bool = False) -> CsvForm:
    """Return the form that spreadsheets of a language open rightly, or that of machines.

    >>> of_language("vi").separator, of_language("vi").decimal
    (';', ',')
    """
    if machine:
        return MACHINE
    decimal = decimal_mark(language)
    return CsvForm(";" if decimal == "," else ",", decimal, guarded=True)


def text(headers: Sequence[str], rows: Iterable[Sequence[object]], form: CsvForm) -> str:
    r"""Return a table as CSV with ``\n`` line ends.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. Columns of text
    that it would change, such as codes with zeros in front, are written ``="08740"`` where the
    form guards them.

    Parameters
    ----------
    headers
        Of the columns.
    rows
        Plain values: text, numbers, truth or None.
    form
        Separator and decimal mark.

    References
    ----------
    RFC 4180; OWASP, CSV Injection; Unicode CLDR, decimal symbols.
    """
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in headers]
    written = [_cells(column, form) for column in columns]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n", delimiter=form.separator)
    writer.writerow([unarmed(header) for header in headers])
    writer.writerows(zip(*written, strict=True))
    return (BYTE_ORDER_MARK if form.guarded else "") + buffer.getvalue()


def _cells(column: Sequence[object], form: CsvForm) -> list[object]:
    """Return the values of a column as they are written; a column is guarded as a whole."""
    changed = any(isinstance(value, str) and _CHANGED.fullmatch(value) for value in column)
    guarded = form.guarded and changed
    return [_cell(value, form.decimal, guarded=guarded) for value in column]


def _cell(value: object, decimal: str, *, guarded: bool) -> object:
    if isinstance(value, float):
        return repr(value).replace(".", decimal)
    if not isinstance(value, str):
        return value
    if guarded and (_CHANGED.fullmatch(value) or _DIGITS.fullmatch(value)):
        return f'="{value}"'
    return unarmed(value.replace("\r\n", "\n").replace("\r", "\n"))  # csv quotes no lone \r


def unarmed(value: str) -> str:
    """Return text that a spreadsheet opening a CSV file will not run as a formula.

    Text that begins as a formula does gets an apostrophe in front; plain numbers stay.

    References
    ----------
    OWASP, CSV Injection.
    """
    return f"'{value}" if _armed(value) else value


def rearmed(value: str) -> str:
    """Return the text of a cell as it was before it was guarded or disarmed.

    >>> rearmed('="08740"'), rearmed("'=1+1")
    ('08740', '=1+1')
    """
    if guarded := _GUARDED.fullmatch(value):
        return guarded[1]
    return value[1:] if value.startswith("'") and _armed(value[1:]) else value


def _armed(value: str) -> bool:
    """Return whether text begins as a formula does, behind any apostrophes."""
    bare = value.lstrip("'")
    return bool(_FORMULA.match(bare)) and not _NUMBER.fullmatch(bare)
