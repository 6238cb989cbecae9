"""The tables without geometry of a finished run: CSV files, checked when they are read."""

import math
from pathlib import Path
from typing import Any

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.countries import current
from phusong.geodata.files import csv_rows
from phusong.messages import message

TABLES = {
    "masts_by_district": col.MASTS_BY_DISTRICT,
    "sharing_by_operator": col.SHARING_BY_OPERATOR,
    "sites_by_technology": col.SITES_BY_TECHNOLOGY,
    "stations_by_commune": col.STATIONS_BY_COMMUNE,
    "waiting": col.WAITING,
    "zones_ranking": col.ZONES_RANKING,
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
    *(col.ZONE_ID, col.REASON, col.WAY, col.SITE_ID),
    *(col.KIND, col.CATEGORY, col.STATUS, col.EXPLANATION),
}
NO_NUMBER: dict[str, bool | None] = {"": None, "True": True, "False": False}
LARGEST = 1e12  # of any number in a table
_AGAIN = message("remedy.write_the_run_again_with_phusong")

Value = str | float | bool | None


def _columns(name: str) -> tuple[str, ...]:
    rule = current().quality
    return col.QUALITY_BY_UNIT if rule and rule.table == name else TABLES.get(name, ())


def read(path: Path) -> list[dict[str, Value]]:
    """Return the rows of a table of a run; its name says which columns it has.

    Raises
    ------
    InputError
        With every column that is missing, every row of another length, every value that is none.
    """
    lines = csv_rows.plain(path)
    header = lines[0] if lines else []
    missing = [column for column in _columns(path.stem) if column not in header]
    defects = [
        Defect(str(path), message("problem.column_is_missing"), _AGAIN, column=c) for c in missing
    ]
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(header):
            problem = message("problem.has_values_for_columns", n=len(line), n2=len(header))
            defects.append(Defect(str(path), problem, _AGAIN, number))
            continue
        row: dict[str, Any] = {}
        for column, text in zip(header, line, strict=True):
            try:
                row[column] = _value(column, text)
            except ValueError:
                defect = Defect(
                    str(path), message("problem.is_no_number"), _AGAIN, number, column, text[:40]
                )
                defects.append(defect)
        rows.append(row)
    if defects:
        raise InputError(message("refusal.is_damaged", path=path), defects)
    return rows


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
