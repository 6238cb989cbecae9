"""Read the rows of an Excel workbook (XLSX), whatever it claims of its size."""

import datetime as dt
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from phusong.errors import Defect, InputError
from phusong.geodata.files import archives, csv_rows, guard, numerals
from phusong.geodata.files.csv_rows import Line, Recognised, Sheet

MAX_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 400_000_000
MAX_CELLS = 20_000_000  # also empty ones between the corners that a sheet claims


def read(path: Path, recognised: Recognised) -> Sheet:
    """Read the sheet with the most known headers; dates and numbers become text.

    Raises
    ------
    InputError
        When the workbook is broken, too large, or its markup declares entities.
    """
    guard.check_plain(path, MAX_BYTES)
    archives.check_markup(path, MAX_UNPACKED_BYTES)
    sheets = _sheets(path)
    filled = {name: lines for name, lines in sheets.items() if lines}
    if not filled:
        raise InputError("empty table", [Defect(str(path), "holds no rows")])

    def score(name: str) -> int:
        return max(recognised(line.cells) for line in filled[name][: csv_rows.HEADER_WITHIN])

    best = max(filled, key=score)
    others = ", ".join(name for name in filled if name != best)
    notes = (f"sheet '{best}' was read; not: {others}",) if others else ()
    return csv_rows.sheet(path, filled[best], recognised, notes)


def _sheets(path: Path) -> dict[str, list[Line]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and validations that it does not keep
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return {sheet.title: list(_lines(path, sheet)) for sheet in book.worksheets}
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in any of a dozen ways
        problem = f"cannot be read as a workbook: {type(error).__name__}: {error}"
        remedy = "open it in Excel or LibreOffice and save it again as .xlsx"
        raise InputError("unreadable table", [Defect(str(path), problem, remedy)]) from None


def _lines(path: Path, sheet: Any) -> Iterator[Line]:  # noqa: ANN401 - openpyxl has no types
    sheet.reset_dimensions()
    cells = rows = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells += len(values) + 1
        row = [_text(value) for value in values]
        while row and not row[-1]:
            row.pop()
        rows += bool(row)
        if len(row) > csv_rows.MAX_COLUMNS:
            raise csv_rows.too_large(path, f"has {len(row):,} columns", number)
        if cells > MAX_CELLS or rows > csv_rows.MAX_ROWS:
            raise csv_rows.too_large(path, f"has more than {MAX_CELLS:,} cells", number)
        if row:
            yield Line(number, row)


def _text(value: object) -> str:
    """Return what a cell shows: no '.0' for a whole number, dates by ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float):
        return numerals.Figure(int(value) if value.is_integer() else repr(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).strip()
