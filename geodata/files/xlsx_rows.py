"""Read the rows of an Excel workbook (XLSX), whatever it claims of its size."""

import datetime as dt
import re
import warnings
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple
from xml.etree import ElementTree as ET

from phusong.errors import Defect, InputError
from phusong.geodata import numerals
from phusong.geodata.files import archives, csv_rows, guard, header_rows
from phusong.geodata.files.csv_rows import Line, Sheet
from phusong.geodata.files.header_rows import Header, Recognised
from phusong.messages import message

MAX_BYTES = 50_000_000
ALIKE_SHARE = 0.75  # of the known headers of the best sheet that one joined to it has
MAX_UNPACKED_BYTES = 400_000_000
MAX_CELLS = 20_000_000  # also empty ones between the corners that a sheet claims
MAX_MERGED = 100_000
SHOWN, LONGEST_SHOWN = 5, 40  # cells or rows named in a note, and letters of a cell
_STORE = message("remedy.open_the_workbook_in_a_spreadsheet")
CHUNK = 1 << 20
_TELLING = (b"<mergeCell", b"hidden=", b"<f", b":mergeCell", b":f>", b":f ")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TRUE = ("1", "true")


class _Area(NamedTuple):
    """A rectangle of cells; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Return the area as a spreadsheet names it, such as D2:D7."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass
class _Markup:
    """What a sheet says beside its values."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[_Area] = field(default_factory=list)
    unstored: list[tuple[int, int]] = field(default_factory=list)  # formulas without a value


class _Page(NamedTuple):
    """A sheet of a workbook: its rows, merged cells filled, and what its markup says."""

    name: str
    lines: list[Line]
    markup: _Markup
    hidden: bool


def read(path: Path, recognised: Recognised) -> Sheet:
    """Read the sheet with the most known headers, and those with the same header as it.

    Dates and numbers become text. Cells that are merged all get the value of the first. Rows that
    are hidden or filtered count like others; sheets, rows and cells beside the table that are not
    read, or read though hidden, are named in the notes.

    Raises
    ------
    InputError
        When the workbook is broken, too large, its markup declares entities, or formulas in it
        have no stored value.
    """
    guard.check_plain(path, MAX_BYTES)
    archives.check_markup(path, MAX_UNPACKED_BYTES)
    pages = [page for page in _pages(path) if page.lines]
    if not pages:
        raise InputError(
            message("refusal.empty_table"), [Defect(str(path), message("problem.holds_no_rows"))]
        )

    def score(page: _Page) -> int:
        return header_rows.known([line.cells for line in page.lines[: csv_rows.TOP]], recognised)

    best = max(pages, key=score)
    head = _header(best, recognised)
    headers = {page.name: _header(page, recognised) for page in pages}
    alike = [page for page in pages if _alike(headers[page.name], head, recognised)]
    order = list(dict.fromkeys([*head.names, *(n for p in alike for n in headers[p.name].names)]))
    _check_formulas(path, [(page, headers[page.name]) for page in alike])
    lines, notes = [], _sheets_said(pages, alike, headers)
    for page in alike:
        rows, sheet_notes = _body(page, headers[page.name], order)
        lines += [row._replace(sheet=page.name if len(alike) > 1 else "") for row in rows]
        notes += sheet_notes
    return Sheet(order, lines, tuple(notes))


def _alike(one: Header, best: Header, recognised: Recognised) -> bool:
    """Return whether a sheet has the headers of the best one, or some more or a few less."""
    names, wanted = set(one.names), set(best.names)
    inside = names <= wanted or wanted <= names
    return inside and recognised(one.names) >= ALIKE_SHARE * recognised(best.names)


def _header(page: _Page, recognised: Recognised) -> Header:
    return header_rows.find([line.cells for line in page.lines[: csv_rows.TOP]], recognised)


def _sheets_said(
    pages: Sequence[_Page], alike: Sequence[_Page], headers: Mapping[str, Header]
) -> list[str]:
    """Return which sheets are read and which are not, where a workbook has several."""
    others = ", ".join(page.name for page in pages if page not in alike)
    names = " and ".join(f"'{page.name}'" for page in alike)
    same = len({frozenset(headers[page.name].names) for page in alike}) == 1
    how = "the same header" if same else "headers of which one holds the others"
    joined = f"sheets {names} have {how} and were joined" * (len(alike) > 1)
    note = joined or (f"sheet {names} was read" if others else "")
    hidden = [f"the hidden sheet '{page.name}' was read" for page in alike if page.hidden]
    return [*filter(None, [note + (f"; not: {others}" if others else "")]), *hidden]


def _body(page: _Page, header: Header, order: Sequence[str]) -> tuple[list[Line], list[str]]:
    """Return the rows below a header, their cells in an order of columns, and what to say."""
    names, body = header.names, page.lines[header.body :]
    width = len(names)
    places = [names.index(name) if name in names else width for name in order]
    rows = [csv_rows.fitted(line, width) for line in body]
    rows = [row for row in rows if any(row.cells)]  # all of a row may stand beside the table
    if places != list(range(width)):
        rows = [row._replace(cells=[[*row.cells, ""][i] for i in places]) for row in rows]
    stray = [
        f"{letters(i + 1)}{line.start} ('{cell[:LONGEST_SHOWN]}')"
        for line in body
        for i, cell in enumerate(line.cells[width:], width)
        if cell.strip()
    ]
    used = [line.start for line in body if line.start in page.markup.hidden_rows]
    columns = [letters(i) for i in sorted(page.markup.hidden_columns) if i <= width]
    of = f" of sheet '{page.name}'"
    first = body[0].start if body else 0
    merged = [str(area) for area in page.markup.merged if body and area.bottom >= first]
    notes = [
        _named(f"cells beside the table{of} were left out: ", stray),
        _named(f"{len(used)} hidden or filtered rows{of} are used like others: rows ", used),
        _named(f"hidden columns{of} are used like others: ", columns),
        _named(f"merged cells{of} were filled with their value: ", merged),
    ]
    return rows, [note for note in notes if note]


def _named(what: str, items: Sequence[object]) -> str:
    """Return a note with the first of some items, '' where there are none."""
    return f"{what}{_some(items)}" if items else ""


def _some(items: Sequence[object]) -> str:
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(map(str, items[:SHOWN])) + more


def _check_formulas(path: Path, read: Sequence[tuple[_Page, Header]]) -> None:
    """Raise where a sheet that is read has formulas without stored values: they look empty."""
    defects = []
    for page, header in read:
        first = page.lines[header.body].start if len(page.lines) > header.body else None
        for row, column in page.markup.unstored:
            if first is not None and row >= first and column <= len(header.names):
                name = header.names[column - 1]
                problem = message("problem.holds_a_formula_without_its_result", page=page.name)
                defects.append(Defect(str(path), problem, _STORE, row, name))
    if defects:
        raise InputError(message("refusal.formulas_without_results"), defects)


def _pages(path: Path) -> list[_Page]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, and few lists are workbooks

    try:
        # openpyxl leaves a file open that it has opened and cannot read.
        with warnings.catch_warnings(), zipfile.ZipFile(path) as archive, path.open("rb") as file:
            warnings.simplefilter("ignore")  # of styles and validations that it does not keep
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            try:
                return [_page(path, archive, sheet) for sheet in book.worksheets]
            finally:
                book.close()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken workbook fails in any of a dozen ways
        problem = message(
            "problem.cannot_be_read_as_a_workbook", name=type(error).__name__, error=error
        )
        remedy = message("remedy.open_it_in_excel_or_libreoffice")
        raise InputError(
            message("refusal.unreadable_table"), [Defect(str(path), problem, remedy)]
        ) from None


def _page(path: Path, archive: zipfile.ZipFile, sheet: Any) -> _Page:  # noqa: ANN401 - openpyxl has no types
    markup = _markup_of(archive, sheet._worksheet_path)  # noqa: SLF001 - nothing public tells it
    lines = list(_lines(path, sheet))
    _fill(lines, markup.merged)
    return _Page(sheet.title, lines, markup, sheet.sheet_state != "visible")


def _fill(lines: Sequence[Line], merged: Sequence[_Area]) -> None:
    """Give every merged cell of the rows that there are the value of its first cell."""
    row_at = {line.start: line for line in lines}
    starts = [line.start for line in lines]
    for area in merged[:MAX_MERGED]:
        first = row_at.get(area.top)
        if first is None or len(first.cells) < area.left or area.left > csv_rows.MAX_COLUMNS:
            continue
        value = first.cells[area.left - 1]
        within = lines[bisect_left(starts, area.top) : bisect_right(starts, area.bottom)]
        right = min(area.right, csv_rows.MAX_COLUMNS)
        for line in within if value else ():
            line.cells.extend([""] * (right - len(line.cells)))
            for i in range(area.left - 1, right):
                line.cells[i] = line.cells[i] or value


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


def _markup_of(archive: zipfile.ZipFile, part: str) -> _Markup:
    """Return what a sheet says beside its values; a plain sheet is only skimmed.

    Parameters
    ----------
    archive : the workbook; its markup must have been checked.
    part : the sheet's file in it.
    """
    with archive.open(part) as file:
        if not _tells(file):
            return _Markup()
    markup = _Markup()
    with archive.open(part) as file:
        for event in _elements(file):
            _take(markup, event)
    return markup


def _tells(file: IO[bytes]) -> bool:
    rest = b""
    while chunk := file.read(CHUNK):
        if any(mark in rest + chunk for mark in _TELLING):
            return True
        rest = chunk[-20:]
    return False


def _elements(file: IO[bytes]) -> Iterator[ET.Element]:
    """Yield rows, columns and merges as they end; memory does not grow with the sheet."""
    root: ET.Element | None = None
    for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - checked before
        if root is None:
            root = element
        if event == "end" and _name(element) in {"row", "col", "mergeCell"}:
            yield element
            element.clear()
            if _name(element) == "row":
                for parent in root:
                    if _name(parent) == "sheetData":
                        parent.clear()


def _take(markup: _Markup, element: ET.Element) -> None:
    kind = _name(element)
    if kind == "mergeCell":
        markup.merged += _area(element.get("ref", ""))
    elif kind == "col" and element.get("hidden") in _TRUE:
        first, last = int(element.get("min", 0)), int(element.get("max", 0))
        markup.hidden_columns |= set(range(first, min(last, first + 1000) + 1))
    elif kind == "row":
        number = int(element.get("r", 0))
        if element.get("hidden") in _TRUE:
            markup.hidden_rows.add(number)
        markup.unstored += [(number, column) for column in _unstored(element)]


def _unstored(row: Iterable[ET.Element]) -> Iterator[int]:
    """Yield the columns of a row's formulas that have no stored value."""
    for cell in row:
        kinds = {_name(child): child for child in cell}
        value = kinds.get("v")
        if "f" in kinds and (value is None or not (value.text or "").strip()):
            if cell.get("t") == "str" and value is not None:
                continue  # a formula whose result is empty text
            place = _CELL.fullmatch(cell.get("r", ""))
            if place:
                yield number_of(place[1])


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _area(text: str) -> list[_Area]:
    """Return the area that a text such as D2:D7 names, none where it names none.

    >>> _area("D2:E7"), _area("D2"), _area("x")
    ([_Area(top=2, left=4, bottom=7, right=5)], [], [])
    """
    corners = [_CELL.fullmatch(part) for part in text.split(":")]
    if len(corners) != 2 or not all(corners):
        return []
    (left, top), (right, bottom) = ((number_of(c[1]), int(c[2])) for c in corners if c)
    return [_Area(top, left, bottom, right)]


def letters(column: int) -> str:
    """Return a column as a spreadsheet names it.

    >>> letters(1), letters(28), number_of("AB")
    ('A', 'AB', 28)
    """
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def number_of(name: str) -> int:
    """Return the number of a column by its letters, from 1."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
