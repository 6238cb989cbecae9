"""A spreadsheet of tables: typed columns, filters, a header that stays in sight."""

import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from phusong import columns, meanings, messages
from phusong.errors import InputError
from phusong.geodata import headline
from phusong.geodata.files.whole import replace_whole, unwritable, writing
from phusong.geodata.writers import labels, lineage
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import clean
from phusong.geodata.writers.vector import plain_table
from phusong.messages import message, speak

LONGEST_TEXT = 32_767  # characters of a cell
LONGEST_TITLE = 31  # of a sheet
NARROWEST, WIDEST = 9, 60  # columns, in characters
PRINTED = 235  # characters across a page that can still be read
ONE_PAGE = 90  # rows that a page holds when the sheet is fitted to it
HEADING_LINES = 5
LINE_PT = 15  # height of a line
NAMED = {
    columns.COMMUNE_CODE: "communes",
    columns.DISTRICT_CODE: "districts",
    columns.ZONE_ID: "zones",
}
BESIDE = "beside_"  # a code: its name
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
    """Write tables as the sheets of one workbook (.xlsx): first the figures, last the sources.

    Codes stand in words, and beside the codes of units and zones their names. Text stays text,
    whatever it begins with; the same tables give the same bytes.

    References
    ----------
    ECMA-376, Office Open XML, part 1, sections 18.3.1.4 (cell), 18.3.1.66 (pane) and 18.3.1.63
    (page set-up).
    """
    book = Workbook()
    book.remove(book.active)
    if run.headline:
        _summary(book, run)
    names_of = _names(tables)
    described: list[list[object]] = []
    for name, frame in tables.items():
        table = _named(labels.worded(plain_table(frame), run.language), names_of)
        names = [str(column) for column in table.columns]
        headings = _headings(names, run)
        title = labels.title(name, run.language)
        rows = list(table.itertuples(index=False, name=None))
        sheet = _sheet(book, title, list(headings.values()), rows, [_format(n) for n in names])
        described += [
            [sheet.title, headings[n], n, labels.unit(n, run.language), _meaning(n, run)]
            for n in names
            if not n.startswith(BESIDE)
        ]
    keys = ("sheet", "heading", "column", "unit", "meaning")
    _sheet(book, _word("columns", run), [_word(key, run) for key in keys], _once(described))
    about = _about(tables, run)
    _sheet(book, _word("about", run), [_word("source", run), run.title], about, wrapped=True)
    for sheet in book.worksheets:
        _set_up(sheet, run)
    _save(book, path, run.created)


def _once(described: Sequence[Sequence[object]]) -> list[list[object]]:
    """Return each column once, with all the sheets that hold it."""
    sheets: dict[tuple[object, ...], list[str]] = {}
    for sheet, *column in described:
        sheets.setdefault(tuple(column), []).append(str(sheet))
    return [[", ".join(titles), *column] for column, titles in sheets.items()]


def _names(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """Return the names of communes, districts and zones by their codes."""
    return {
        key: dict(zip(tables[layer][key], tables[layer][columns.NAME], strict=True))
        for key, layer in NAMED.items()
        if layer in tables and {key, columns.NAME} <= set(tables[layer])
    }


def _named(table: pd.DataFrame, names_of: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Return a table with names beside the codes of units and zones other than its own."""
    for key, names in names_of.items():
        own = key in table and columns.NAME in table and table[key].is_unique
        if key in table and not own:
            place = list(table.columns).index(key) + 1
            table.insert(place, f"{BESIDE}{key}", [names.get(code) for code in table[key]])
    return table


def _headings(names: list[str], run: Publication) -> dict[str, str]:
    """Return the heading of each column; names beside codes have words of their own."""
    plain = labels.aliases([name for name in names if not name.startswith(BESIDE)], run.language)
    return {name: plain.get(name) or _word(name, run) for name in names}


def _summary(book: Workbook, run: Publication) -> None:
    """Write the first sheet: every figure of the headline, before and after, with its range."""
    rows = [
        [speak(message(figure.title), run.language), *figure[3:], figure.name]
        for figure in headline.figures(run.headline)
    ]
    keys = ("figure", "before", "after", "low", "high", "name")
    sheet = _sheet(book, _word("summary", run), [_word(key, run) for key in keys], rows)
    for number, figure in enumerate(headline.figures(run.headline), 2):
        for column in range(2, 6):
            sheet.cell(number, column).number_format = _FORMATS.get(figure.unit, "#,##0")


def _sheet(
    book: Workbook,
    title: str,
    header: Sequence[str],
    rows: Rows,
    formats: Sequence[str] | None = None,
    *,
    wrapped: bool = False,
) -> Any:  # noqa: ANN401 - openpyxl has no types
    sheet: Any = book.create_sheet(_sheet_title(title, book.sheetnames))
    _fill(sheet, [header, *rows])
    for column in range(1, len(header) + 1):
        top = sheet.cell(1, column)
        top.font, top.fill = Font(bold=True), PatternFill("solid", fgColor="DDE6EC")
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _width(
            header[column - 1], [row[column - 1] for row in rows[:500]]
        )
        if formats and formats[column - 1]:
            for row in range(2, len(rows) + 2):
                sheet.cell(row, column).number_format = formats[column - 1]
    _fit_heights(sheet, [header, *(rows if wrapped else ())])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{len(rows) + 1}"
    return sheet


def _fit_heights(sheet: Any, rows: Rows) -> None:  # noqa: ANN401 - openpyxl has no types
    """Wrap the text of the first rows, and give them the height that it needs."""
    for number, row in enumerate(rows, 1):
        lines = 1
        for column, value in enumerate(row, 1):
            width = sheet.column_dimensions[get_column_letter(column)].width
            lines = max(lines, math.ceil(len(str(value or "")) * 1.15 / width))
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.row_dimensions[number].height = lines * LINE_PT


def _set_up(sheet: Any, run: Publication) -> None:  # noqa: ANN401 - openpyxl has no types
    """Let a sheet print on A4 across: as many columns as can be read, the heading on each page.

    Columns after those stay on the screen.
    """
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    whole = 1 if sheet.max_row <= ONE_PAGE else 0
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, whole
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    width, last = 0.0, 1
    for column in range(1, sheet.max_column + 1):
        width += sheet.column_dimensions[get_column_letter(column)].width
        if column > 1 and width > PRINTED:
            break
        last = column
    sheet.print_area = f"A1:{get_column_letter(last)}{sheet.max_row}"
    sheet.oddFooter.left.text = run.title.replace("&", "&&")[:100]
    sheet.oddFooter.center.text = "&A"
    sheet.oddFooter.right.text = f"{_word('page', run)} &P/&N"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.4, 0.6


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


def _sheet_title(title: str, taken: Sequence[str]) -> str:
    """Return a title that a sheet may have, and that no other sheet of the book has."""
    plain = clean(title).translate(_FORBIDDEN_IN_TITLES).strip()[:LONGEST_TITLE].strip() or "-"
    given, number = plain, 1
    while given.lower() in {name.lower() for name in taken}:
        number += 1
        given = f"{plain[: LONGEST_TITLE - len(f' {number}')]} {number}"
    return given


def _width(heading: str, values: Sequence[object]) -> int:
    """Return the width of a column: its values fit, and its heading in a few lines."""
    longest = max((len(str(value)) for value in values if value is not None), default=0)
    of_heading = math.ceil(len(heading) / HEADING_LINES) + 2
    return min(max(longest + 2, of_heading, NARROWEST), WIDEST)


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
