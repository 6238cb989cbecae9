"""Read rows of text cells: CSV and TSV in any usual encoding, and where their header stands."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from phusong.errors import Defect, InputError
from phusong.geodata import csv_forms
from phusong.geodata.countries import current
from phusong.geodata.files import encodings, guard, header_rows
from phusong.geodata.files.header_rows import Recognised
from phusong.geodata.numerals import Figure
from phusong.messages import Text, message

SEPARATORS = ",;\t|"
TOP = header_rows.WITHIN + 1  # rows among which the header stands
MAX_BYTES = 100_000_000
MAX_COLUMNS = 1_000
MAX_MARKS = 100_000  # separators in a line; quoted cells may hold some
MAX_ROWS = 1_000_000
MAX_CELLS = 10_000_000
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SAVE_AS_UTF8 = message("remedy.save_it_as_utf_8_in")


class Line(NamedTuple):
    """A row and the line of the file it starts on."""

    start: int
    cells: list[str]
    sheet: str = ""  # of a workbook with several


@dataclass(frozen=True)
class Sheet:
    """Headers and the rows below them; ``notes`` say what was done to read them."""

    headers: list[str]
    lines: list[Line]
    notes: tuple[str, ...] = ()
    separator: str = ""  # of the cells of a text file


def read(path: Path, recognised: Recognised) -> Sheet:
    """Read a text file; the separator and the header row are those with the most known headers."""
    text, notes = _decode(path)
    top = text[: 1 << 20].splitlines()[: header_rows.WITHIN]
    marks = [mark for mark in SEPARATORS if mark == "," or any(mark in line for line in top)]

    def score(mark: str) -> tuple[int, int]:
        some = islice(_rows(path, "\n".join(top), mark, strict=False), header_rows.WITHIN)
        rows = [row.cells for row in some]
        return header_rows.known(rows, recognised), max(map(len, rows), default=0)

    best = max(marks, key=score)
    _check_width(path, text, best)
    return replace(sheet(path, list(_rows(path, text, best)), recognised, notes), separator=best)


def sheet(
    path: Path, lines: Sequence[Line], recognised: Recognised, notes: tuple[str, ...] = ()
) -> Sheet:
    """Find the header among the first rows, and fit the others to it."""
    if not lines:
        raise InputError(
            message("refusal.empty_table"), [Defect(str(path), message("problem.holds_no_rows"))]
        )
    headers, start = header_rows.find([line.cells for line in lines[:TOP]], recognised)
    width, body = len(headers), lines[start:]
    remedy = message("remedy.quote_a_cell_that_holds_the")
    defects = [
        Defect(
            str(path),
            message("problem.has_cells_where_the_header_has", n=len(line.cells), width=width),
            remedy,
            line.start,
        )
        for line in body
        if any(cell.strip() for cell in line.cells[width:])
    ]
    if defects:
        raise InputError(message("refusal.rows_do_not_fit_the_header"), defects)
    return Sheet(headers, [fitted(line, width) for line in body], notes)


def fitted(line: Line, width: int) -> Line:
    """Return a line with as many cells as the header has."""
    cells = (line.cells + [""] * width)[:width]
    return line._replace(cells=[_cell(cell) for cell in cells])


def _cell(text: str) -> str:
    return text if isinstance(text, Figure) else csv_forms.rearmed(text.strip())


def too_large(path: Path, problem: Text, row: int | None = None) -> InputError:
    """Return the error of a table that is wider or longer than any list of sites."""
    remedy = message("remedy.keep_the_columns_and_rows_that")
    return InputError(
        message("refusal.is_too_large", path=path.name), [Defect(str(path), problem, remedy, row)]
    )


def _decode(path: Path) -> tuple[str, tuple[str, ...]]:
    raw = guard.read_bytes(path, MAX_BYTES)
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "")
    try:
        if encoding:
            return raw.decode(encoding), ()
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        old = current().encodings
        decoded = encodings.decode(raw) if old and not encoding else None
        if decoded is None:
            line = raw[: error.start].count(b"\n") + 1
            told = {
                "byte": f"0x{raw[error.start]:02X}",
                "encoding": (encoding or "UTF-8").upper(),
            }
            problem = message("problem.byte_is_not_of_this_encoding", **told)
            if old:
                others = [*encodings.LEGACY]
                problem = message("problem.byte_is_not_of_the_encoding", **told, others=others)
            defect = Defect(str(path), problem, _SAVE_AS_UTF8, line)
            raise InputError(message("refusal.unreadable_text"), [defect]) from None
        return decoded[0], (
            f"its text is kept in {decoded[1]} and was read as that; UTF-8 is safer",
        )
    return raw.decode("utf-8"), ()


def _check_width(path: Path, text: str, separator: str) -> None:
    for number, line in enumerate(io.StringIO(text), 1):
        if line.count(separator) > MAX_MARKS:
            raise too_large(path, f"has more than {MAX_MARKS:,} cells in a line", number)


def _rows(path: Path, text: str, separator: str, *, strict: bool = True) -> Iterator[Line]:
    """Yield the rows that hold anything; raise where the reading cannot go on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    start = count = 1
    cells = 0
    try:
        for row in reader:
            cells += len(row)
            if cells > MAX_CELLS:
                raise too_large(path, f"has more than {MAX_CELLS:,} cells", start)
            if any(cell.strip() for cell in row) and not row[0].startswith("sep="):
                if len(row) > MAX_COLUMNS and strict:
                    raise too_large(path, f"has {len(row):,} columns", start)
                if (count := count + 1) > MAX_ROWS + header_rows.WITHIN:
                    raise too_large(path, f"has more than {MAX_ROWS:,} rows", start)
                yield Line(start, row)
            start = reader.line_num + 1
    except csv.Error as error:
        if not strict:
            return
        problem = message("problem.the_row_that_starts_here_cannot", error=error)
        remedy = message("remedy.look_for_a_quotation_mark_that")
        defect = Defect(str(path), problem, remedy, start)
        raise InputError(message("refusal.unreadable_text"), [defect]) from None
