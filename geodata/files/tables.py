"""Read a table as a planner keeps it: CSV, Excel, GeoJSON, GeoPackage, shapefile, KML."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from phusong.errors import Defect, InputError
from phusong.geodata import csv_forms, folded, measures, numerals
from phusong.geodata.countries import current
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import (
    archives,
    encodings,
    guard,
    input_formats,
    quantities,
    vector,
)
from phusong.geodata.files.header_rows import JOINT
from phusong.geodata.files.input_formats import FeatureFormat, RowFormat
from phusong.geodata.files.quantities import Measure, Quantities
from phusong.geodata.files.table import NOTHING, Stated, Table
from phusong.geodata.files.whole import write_text
from phusong.meanings import meaning
from phusong.messages import Text, message, speak

FEWEST_ROWS = 10  # from which a column of identifiers is judged as a whole
OLD_WORKBOOKS = (".xls", ".ods")

LONGEST_NAME = folded.LONGEST

Names = Mapping[str, Sequence[str]]
__all__ = [
    "FEWEST_ROWS",
    "LONGEST_NAME",
    "NOTHING",
    "Measure",
    "Names",
    "Quantities",
    "Stated",
    "Table",
    "as_text",
    "by_row",
    "fold",
    "lacking",
    "measured",
    "number",
    "quantity",
    "read",
    "recognise",
    "repeated",
    "tentative",
    "texts",
    "unused",
    "whole",
    "write_rejected",
]
number = numerals.number
fold, whole = folded.fold, folded.whole


def read(path: Path, names: Names, stated: Stated = NOTHING) -> Table:
    """Read a table; ``names`` (folded headers by column) tell a header row from a title.

    Parameters
    ----------
    path : of a format of rows or features (see ``input_formats``); also in a zip file.
    names : folded headers by column.
    stated : what the user says of the file.

    Raises
    ------
    InputError
        When the file cannot be read, or holds no row.
    """
    path = Path(path)
    guard.check_plain(path)
    if path.suffix.lower() in OLD_WORKBOOKS:
        remedy = message("remedy.open_it_and_save_it_as")
        raise InputError(
            message("refusal.unreadable_table"),
            [Defect(str(path), message("problem.is_an_old_workbook"), remedy)],
        )
    with archives.opened(path, input_formats.suffixes(RowFormat, FeatureFormat)) as inner:
        form = input_formats.of_path(inner)
        if isinstance(form, RowFormat):
            table = _read_rows(inner, form, names)
        else:
            table = _tabulated(path, vector.read(inner, stated.crs))
    if not len(table.rows):
        raise InputError(
            message("refusal.empty_table"), [Defect(str(path), message("problem.holds_no_rows"))]
        )
    return replace(table, path=path, stated=stated)


def recognise(table: Table, names: Names, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the file's own header for each column that it has.

    The names of a column are tried in order, so the first wins; a unit at the end of a header
    does not count. What the user states (``given``, column to header) goes before. Two headers
    that read alike are a defect.
    """
    headers = list(map(str, table.cells.columns))
    meant = {column: header for column, header in table.meant.items() if column in names}
    header_of = {**meant, **table.stated.headers} if given is None else dict(given)
    defects = []
    for column, header in header_of.items():
        if column not in names or header not in headers:
            problem = message("problem.cannot_take_from", column=column, header=header)
            remedy = message(
                "remedy.columns_headers_of_the_file", names=[*names], headers=[*headers]
            )
            defects.append(Defect(str(table.path), problem, remedy))
    exact, others = _folded(headers)
    for column, aliases in names.items():
        for alias in () if column in header_of else (fold(column), *aliases):
            taken = set(header_of.values())
            free = [[h for h in way.get(alias, ()) if h not in taken] for way in (exact, others)]
            hits = free[0] or free[1]
            if len(hits) > 1:
                problem = message(
                    "problem.the_headers_both_mean", hits=[*map(repr, hits)], column=column
                )
                defects.append(
                    Defect(str(table.path), problem, message("remedy.rename_or_remove_one"))
                )
            if hits:
                header_of[column] = hits[0]
                break
    if defects:
        raise InputError(message("refusal.ambiguous_columns"), defects)
    return header_of


def tentative(table: Table, names: Names) -> dict[str, str]:
    """Return what ``recognise`` does, to see what a file is: what is not understood raises not."""
    headers = set(map(str, table.cells.columns))
    stated = {**table.meant, **table.stated.headers}.items()
    given = {column: header for column, header in stated if column in names and header in headers}
    try:
        return recognise(table, names, given)
    except InputError:
        return given


def _folded(headers: Sequence[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the headers as they are compared, with and without brackets; and without a unit."""
    exact: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for header in headers:
        plain = {fold(header), whole(header)} - {""}
        for way in plain:
            exact.setdefault(way, []).append(header)
        for way in _ways(header) - plain:
            others.setdefault(way, []).append(header)
    return exact, others


def _ways(header: str) -> set[str]:
    """Return every way to fold a header: in full, without brackets or unit, its lower part."""
    ways = set()
    for part in {header, header.rpartition(JOINT)[2]}:
        short = part[:LONGEST_NAME]
        ways |= {whole(short), fold(short), fold(measures.without_unit(short))}
    return ways - {""}


def unused(table: Table, header_of: Mapping[str, str]) -> list[str]:
    """Return a note that names the columns of a file that are not used; none where all are."""
    used = {*header_of.values(), *table.parts}
    others = [name for name in map(str, table.cells.columns) if name not in used]
    return [f"columns not used: {', '.join(map(repr, others))}"] if others else []


def measured(
    table: Table, header_of: Mapping[str, str], column: str, measure: Measure, default: str = ""
) -> Quantities:
    """Return the numbers of a column in its unit; all NaN where the file does not have it.

    ``default`` is the unit of figures without one, where it is not that of the measure.
    """
    if column not in header_of:
        return Quantities(np.full(len(table.rows), np.nan))
    return quantities.read(table, header_of[column], column, measure, default)


def quantity(text: str, unit: str) -> float | None:
    """Return the number of a text that stands alone, in a unit; None where it is none.

    >>> quantity("2 km", "m"), quantity("-95", "dBm"), quantity("cao", "m")
    (2000.0, -95.0, None)
    """
    bare, own = measures.split(text)
    value, convert = numerals.number(bare), measures.conversion(own or unit, unit)
    return None if value is None or convert is None else float(convert(value))


def texts(
    table: Table, header_of: Mapping[str, str], column: str, default: Sequence[str] | str = ""
) -> list[str]:
    """Return the cells of a column; the default where the file has no such column."""
    if column in header_of:
        return [str(cell) for cell in table.cells[header_of[column]]]
    return [default] * len(table.rows) if isinstance(default, str) else list(default)


def lacking(table: Table, column: str) -> Defect:
    """Return the defect of a file without a column that it needs."""
    headers = ", ".join(map(repr, table.cells.columns))
    problem = message(
        "problem.has_no_column_for", column=column, speak=speak(meaning(column), "vi")
    )
    return Defect(
        str(table.path),
        problem,
        message("remedy.name_it_the_file_has", column=column, headers=headers),
    )


def repeated(table: Table, header: str, column: str) -> Defect | None:
    """Return the defect of a column of identifiers that does not tell most rows apart."""
    rows, own = len(table.rows), table.cells[header].nunique()
    if rows < FEWEST_ROWS or own > rows / 2:
        return None
    others = [name for name in map(str, table.cells) if table.cells[name].nunique() > 0.9 * rows]
    remedy = message(
        "remedy.say_map_header_perhaps_one_of", column=column, others=[*map(repr, others)]
    )
    problem = message("problem.holds_different_identifiers_in_rows_it", own=own, rows=rows)
    return Defect(str(table.path), problem, remedy if others else "", column=header)


def by_row(defects: Sequence[Defect]) -> list[Defect]:
    """Return the defects in the order of the rows; those of the whole file first."""
    return sorted(defects, key=lambda defect: defect.row or 0)


def _read_rows(path: Path, form: RowFormat, names: Names) -> Table:
    known = {fold(column) for column in names} | {n for group in names.values() for n in group}

    def recognised(cells: Sequence[str]) -> int:
        return sum(not known.isdisjoint(_ways(cell)) for cell in cells)

    sheet = form.read(path, recognised)
    rows = [line.cells for line in sheet.lines]
    starts = np.array([line.start for line in sheet.lines], np.int64)
    frame = pd.DataFrame(rows, columns=sheet.headers, dtype=object)
    sheets = tuple(line.sheet for line in sheet.lines if line.sheet)
    table = Table(path, frame, starts, notes=sheet.notes, separator=sheet.separator, sheets=sheets)
    return _clear(table)


def _clear(table: Table) -> Table:
    """Return the table with text of an old Vietnamese encoding as Unicode, and say so."""
    if not current().encodings:
        return table
    cells = table.cells
    columns = [list(map(str, cells.columns)), *(cells[name].unique().tolist() for name in cells)]
    clear, names = encodings.repairs(columns)
    if not clear:
        return table
    rows = int(cells.isin(list(clear)).any(axis=1).sum())
    fixed = cells.map(lambda text: clear.get(text, text))
    fixed.columns = [clear.get(header, header) for header in map(str, cells.columns)]
    some = f" in {rows} of {len(cells)} rows" if rows < len(cells) else ""
    note = f"its text is kept in {' and '.join(names)}{some} and was read as that; UTF-8 is safer"
    return replace(table, cells=fixed, notes=(*table.notes, note))


def _tabulated(path: Path, frame: gpd.GeoDataFrame | pd.DataFrame) -> Table:
    """Return the features of a vector file as a table of text."""
    shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(frame.drop(columns=shapes.name if shapes is not None else []))
    text = {name: [as_text(value) for value in cells[name].tolist()] for name in cells}
    table = pd.DataFrame(text, index=cells.index, dtype=object)
    return _clear(Table(path, table, np.arange(1, len(frame) + 1), shapes))


def as_text(value: object) -> str:
    """Return what a cell shows: nothing for a missing value, no '.0' for a whole number."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if np.isnan(value):
            return ""
        return numerals.Figure(int(value) if value.is_integer() else repr(value))
    return str(value).strip()


def write_rejected(path: Path, table: Table, defects: Sequence[Defect], usual: Text) -> None:
    """Write the rows left out, each with its row number, reasons and remedies, formulas disarmed.

    The ``usual`` remedy, which the reader of the list knows, is not repeated. Separator and
    decimal mark are those of the list itself, so that what opens the one opens the other.
    """
    reasons: dict[tuple[str, int | None], list[str]] = {}
    for defect in defects:
        reason = f"{defect.column}: {defect.problem}" if defect.column else str(defect.problem)
        reason += f" ({defect.remedy})" if defect.remedy not in {"", usual} else ""
        reasons.setdefault((defect.source, defect.row), []).append(reason)
    rows = []
    for i, cells in enumerate(table.cells.to_numpy(object)):
        key = (table.source(i), int(table.rows[i]))
        if key in reasons:
            row = f"{table.sheets[i]}!{key[1]}" if table.sheets else str(key[1])
            rows.append([*map(str, cells), row, "; ".join(reasons[key])])
    headers = [str(name) for name in (*table.cells.columns, "row", "reasons")]
    write_text(path, csv_forms.text(headers, rows, _form_of(table)))


def _form_of(table: Table) -> CsvForm:
    """Return how a list is written again: as it came, or by its decimal mark if not from CSV."""
    separator = table.separator or (";" if table.mark == "," else ",")
    return CsvForm(separator, table.mark or ".", guarded=True)
