"""The tables without geometry of a finished run: CSV files, checked when they are read."""

import csv
import io
import math
from pathlib import Path
from typing import Any

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.files import csv_rows, guard

TABLES = {
    "masts_by_district": col.MASTS_BY_DISTRICT,
    "sharing_by_operator": col.SHARING_BY_OPERATOR,
    "sites_by_technology": col.SITES_BY_TECHNOLOGY,
    "stations_by_commune": col.STATIONS_BY_COMMUNE,
    "qcvn126": col.QUALITY_BY_UNIT,
}
# Columns that hold text.
TEXT = {
    col.DISTRICT_CODE,
    col.COMMUNE_CODE,
    col.NAME,
    col.OPERATOR,
    col.MAST_CLASS,
    col.TECHNOLOGY,
    col.WEIGHTING,
}
NO_NUMBER: dict[str, bool | None] = {"": None, "True": True, "False": False}
MAX_BYTES = 50_000_000
LARGEST = 1e12  # of any number in a table
_AGAIN = "write the run again with phusong run"

Value = str | float | bool | None


def read(folder: Path, name: str) -> list[dict[str, Value]]:
    """Return the rows of a table of a run by its name; none where it was not written.

    Raises
    ------
    InputError
        With every column that is missing, every row of another length, every value that is none.
    """
    path = Path(folder) / f"{name}.csv"
    if not path.is_file():
        return []
    lines = _lines(guard.beside(folder, path.name))
    header = lines[0] if lines else []
    missing = [column for column in TABLES.get(name, ()) if column not in header]
    defects = [Defect(str(path), "column is missing", _AGAIN, column=c) for c in missing]
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            problem = f"has {len(line)} values for {len(header)} columns"
            defects.append(Defect(str(path), problem, _AGAIN, number))
            continue
        row: dict[str, Any] = {}
        for column, text in zip(header, line, strict=True):
            try:
                row[column] = _value(column, text)
            except ValueError:
                defect = Defect(str(path), "is no number", _AGAIN, number, column, text[:40])
                defects.append(defect)
        rows.append(row)
    if defects:
        raise InputError(f"{path} is damaged", defects)
    return rows


def _lines(path: Path) -> list[list[str]]:
    raw = guard.read_bytes(path, MAX_BYTES)
    try:
        return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        defect = Defect(str(path), f"is no table: {error}", _AGAIN)
        raise InputError(f"{path} is damaged", [defect]) from None


def _value(column: str, text: str) -> Value:
    """Return a value: text, truth, number, or None where a number is missing."""
    if column in TEXT:
        return csv_rows.rearmed(text)
    if text in NO_NUMBER:
        return NO_NUMBER[text]
    number = float(text)
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise ValueError(text)
    return number
