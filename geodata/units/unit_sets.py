"""Which dated set of administrative units a file holds, told by its codes and names."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.units import boundaries
from phusong.geodata.units.crosswalk import SETS
from phusong.geodata.units.matching import plain

PROVINCES = ("25", "26")  # Phú Thọ, and Vĩnh Phúc until July 2025


class Held(NamedTuple):
    """The set that most rows of a file belong to.

    ``codes`` are those of the rows, with their leading zeros; ``fits`` says which rows have code
    and name of the set; ``lacking`` are the codes of the set that no row has.
    """

    date: str
    codes: tuple[str, ...]
    fits: NDArray[np.bool_]
    lacking: tuple[str, ...]


def held(table: Table, found: Mapping[str, str]) -> Held | None:
    """Return the dated set of units that the rows of a table are, None where no row is of any."""
    codes = tuple(padded(code) for code in tables.texts(table, found, col.COMMUNE_CODE))
    own = [plain(name) for name in tables.texts(table, found, col.NAME)]
    hits = {date: _hits(codes, own, date) for date in SETS}
    date = max(SETS, key=lambda key: int(hits[key].sum()))
    if not hits[date].any():
        return None
    return Held(date, codes, hits[date], tuple(sorted(set(names(date)) - set(codes))))


def date_of(codes: Sequence[str]) -> str | None:
    """Return the date of the set that has exactly these codes, None where none has.

    >>> date_of(list(names("2025-01"))), date_of(["08707"])
    ('2025-01', None)
    """
    return next((date for date in SETS if set(names(date)) == set(codes)), None)


def are_larger(table: Table) -> bool:
    """Return whether the codes of a table are those of districts or provinces."""
    header = {col.COMMUNE_CODE: boundaries.COMMUNE_HEADERS[col.COMMUNE_CODE]}
    codes = tables.texts(table, tables.tentative(table, header), col.COMMUNE_CODE)
    return set(codes) <= {*PROVINCES, *reference.table("districts")["code"]}


@cache
def names(date: str) -> dict[str, str]:
    """Return the name of every unit of a set, as it is compared, by code."""
    if date == "2020-03":
        table = reference.table("communes").rename(columns={"commune": "name"})
    else:
        table = reference.table("communes_2025").query("units == @date")
    return dict(zip(table["code"], table["name"].map(plain), strict=True))


@cache
def census(date: str) -> dict[str, int]:
    """Return the residents of every unit of a set by code, from the census of 1 April 2019."""
    people = reference.table("communes").set_index("code")["pop_2019"]
    links = reference.table("commune_crosswalk").set_index("code_136", drop=False)[SETS[date]]
    return {str(code): int(count) for code, count in people.groupby(links).sum().items()}


@cache
def areas_km2(date: str) -> dict[str, float]:
    """Return the areas that are known of the units of a set by code; none of those of 2025-01."""
    if date == "2020-03":
        table = reference.table("communes")
    else:
        table = reference.table("communes_2025").query("units == @date")
    known = table[table["area_km2"].notna()]
    return dict(zip(known["code"], known["area_km2"].astype(float), strict=True))


def padded(code: str) -> str:
    """Return a code of five digits with the zeros that a spreadsheet takes away."""
    return code.zfill(5) if code.isdigit() else code


def _hits(codes: Sequence[str], own: Sequence[str], date: str) -> NDArray[np.bool_]:
    """Return which rows have a code of the set, and its name where they have one."""
    known = names(date)
    return np.array(
        [
            code in known and name in {"", known[code]}
            for code, name in zip(codes, own, strict=True)
        ],
        bool,
    )
