"""The tables without geometry of a finished run: kept in tables.json, checked when they are read.

Their CSV files are for people: written in a language, and read by spreadsheets only.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.countries import current
from phusong.geodata.files import toml_json
from phusong.geodata.writers.vector import plain_table
from phusong.messages import message

NAME = "tables.json"

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
LARGEST = 1e12  # of any number in a table
_AGAIN = message("remedy.write_the_run_again_with_phusong")

Value = str | float | bool | None
Rows = list[dict[str, Value]]


def _columns(name: str) -> tuple[str, ...]:
    rule = current().quality
    return col.QUALITY_BY_UNIT if rule and rule.table == name else TABLES.get(name, ())


def text(tables: Mapping[str, tuple[pd.DataFrame, Sequence[str]]]) -> str:
    """Return tables and the order of their columns, by name, as the text of ``tables.json``."""
    rows = {name: _records(*table) for name, table in tables.items()}
    return json.dumps(toml_json.without_nan(rows), ensure_ascii=False) + "\n"


def _records(frame: pd.DataFrame, order: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of a table; years, which are keys in text, as numbers and of totals none."""
    table = plain_table(frame, order)
    for column in (col.YEAR,) if col.YEAR in table else ():
        years = [int(year) if year else None for year in table[column]]
        table[column] = pd.Series(years, index=table.index, dtype=object)
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def read(path: Path, name: str) -> Rows:
    """Return the rows of a table of a run by its name; none where the run did not write it.

    Raises
    ------
    InputError
        With every row that is none, every column that is missing, every value that is none.
    """
    held = toml_json.read_json(path).get(name, [])
    rows = held if isinstance(held, list) else [held]
    defects = [defect for n, row in enumerate(rows, 1) for defect in _defects(path, name, n, row)]
    if defects:
        raise InputError(message("refusal.is_damaged", path=path), defects)
    return [{column: _value(column, value) for column, value in row.items()} for row in rows]


def _defects(path: Path, name: str, number: int, row: object) -> list[Defect]:
    """Return what is wrong with a row of a table."""
    place = f"{path} [{name}]"
    if not isinstance(row, dict):
        return [Defect(place, message("problem.is_no_row_of_a_table"), _AGAIN, number)]
    missing = [column for column in _columns(name) if column not in row]
    problem = message("problem.column_is_missing")
    defects = [Defect(place, problem, _AGAIN, number, column) for column in missing]
    for column, value in row.items():
        good, problem = (
            (_is_text(value), message("problem.is_not_a_text"))
            if column in TEXT
            else (_is_number(value), message("problem.is_no_number"))
        )
        if not good:
            defects.append(Defect(place, problem, _AGAIN, number, column, str(value)[:40]))
    return defects


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_number(value: object) -> bool:
    """Return whether a value is a number of a table, truth, or missing."""
    return value is None or (isinstance(value, int | float) and abs(value) <= LARGEST)


def _value(column: str, value: Any) -> Value:  # noqa: ANN401 - of JSON, checked before
    """Return a value as tables hold it: text is never missing, numbers count as such."""
    if column in TEXT:
        return value or ""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
