"""A spreadsheet of tables: typed columns, filters, a header that stays in sight."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from phusong import meanings, messages
from phusong.errors import InputError
from phusong.geodata.files.whole import replace_whole, unwritable, writing
from phusong.geodata.writers import labels, lineage
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import clean
from phusong.geodata.writers.vector import plain_table

LONGEST_TEXT = 32_767  # characters of a cell
LONGEST_TITLE = 31  # of a sheet
NARROWEST, WIDEST = 9, 60  # columns, in characters
_FORMATS = {
    "share": "0.0%",
    "people": "#,##0",
    "km2": "#,##0.00",
    "ha": "#,##0.0",
    "m": "#,##0.0",
    "deg": "0.000000",
}
_FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys(r"[]:*?/\'", " "))

Rows = Sequence[Sequence[object]]


def write(path: Path, tables: Mapping[str, pd.DataFrame], run: Publication) -> None:
    """Write tables as the sheets of one workbook (.xlsx), then their columns and sources.

    Text stays text, whatever it begins with; the same tables give the same bytes.

    References
    ----------
    ECMA-376, Office Open XML, part 1, sections 18.3.1.4 (cell) and 18.3.1.66 (pane).
    """
    book = Workbook()
    book.remove(book.active)
    described: list[list[object]] = []
    for name, frame in tables.items():
        table = plain_table(frame)
        names = [str(column) for column in table.columns]
        headings = labels.aliases(names, run.language)
        title = labels.title(name, run.language)
        rows = list(table.itertuples(index=False, name=None))
        _sheet(book, title, list(headings.values()), rows, [_format(n) for n in names])
        described += [
            [title, headings[n], n, labels.unit(n, run.language), _meaning(n, run)] for n in names
        ]
    keys = ("sheet", "heading", "column", "unit", "meaning")
    _sheet(book, _word("columns", run), [_word(key, run) for key in keys], described)
    _sheet(
        book,
        _word("about", run),
        [_word("source", run), run.title],
        _about(tables, run),
    )
    _save(book, path, run.created)


def _sheet(
    book: Workbook,
    title: str,
    header: Sequence[str],
    rows: Rows,
    formats: Sequence[str] | None = None,
) -> None:
    sheet: Any = book.create_sheet(_sheet_title(title))
    _fill(sheet, [header, *rows])
    for column in range(1, len(header) + 1):
        top = sheet.cell(1, column)
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EC")
        top.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _width([row[column - 1] for row in rows[:500]])
        if formats and formats[column - 1]:
            for row in range(2, len(rows) + 2):
                sheet.cell(row, column).number_format = formats[column - 1]
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"


def _fill(sheet: Any, rows: Rows) -> None:  # noqa: ANN401 - openpyxl has no types
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value is None:
                continue
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                cell.value = clean(value)[:LONGEST_TEXT]
                cell.data_type = "s"  # never a formula
                cell.quotePrefix = True  # nor when it is edited
            else:
                cell.value = value


def _sheet_title(title: str) -> str:
    return clean(title).translate(_FORBIDDEN_IN_TITLES).strip()[:LONGEST_TITLE] or "-"


def _width(values: Sequence[object]) -> int:
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    return min(max(longest + 2, NARROWEST), WIDEST)


def _format(name: str) -> str:
    known = meanings.COLUMNS.get(name)
    if known and known.unit == "million":
        decimals = messages.money_decimals().shown
        return "#,##0." + "0" * decimals if decimals else "#,##0"
    return _FORMATS.get(known.unit, "") if known else ""


def _meaning(name: str, run: Publication) -> str:
    return labels.meaning(name, run.language) or name


def _about(tables: Mapping[str, pd.DataFrame], run: Publication) -> list[list[object]]:
    lines = list(dict.fromkeys(line for name in tables for line in lineage.sources(name, run)))
    stated = list(dict.fromkeys(x for name in tables for x in lineage.licences(name, run)))
    rows: list[list[object]] = [[_word("made", run), run.stamp]]
    rows += [[_word("source", run), line] for line in lines]
    return rows + [[_word("licence", run), line] for line in stated]


def _word(key: str, run: Publication) -> str:
    return messages.words(run.language, "workbook")[key]


def _save(book: Workbook, path: Path, created: datetime) -> None:
    """Write the workbook with the time of the run in place of the time of writing."""
    moment = created.astimezone(UTC).replace(tzinfo=None)
    book.properties.creator, book.properties.created = "phusong", moment
    buffer = io.BytesIO()
    try:
        with writing(path):
            book.save(buffer)  # each sheet through a file of the system's
    except InputError:
        raise
    except Exception as error:  # lxml, where openpyxl finds it, has errors of its own
        raise unwritable(path, error) from error
    written = book.properties.modified.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with (
        replace_whole(path) as temporary,
        zipfile.ZipFile(buffer) as source,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, max(moment.timetuple()[:6], (1980, 1, 1, 0, 0, 0)))
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(name)
            if name == "docProps/core.xml":
                content = content.replace(written, stamp)
            target.writestr(entry, content)
