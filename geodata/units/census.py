"""On which basis residents are counted: census and register differ and must not be mixed."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.province import CENSUS, REGISTER, UNKNOWN
from phusong.geodata.units import boundaries, unit_sets

BASES = {
    **dict.fromkeys(("pop2019", "danso2019", "population2019"), CENSUS),
    **dict.fromkeys(("popregister", "dansodangky", "danso2025", "pop2025est"), REGISTER),
}
OTHER_SHARE = 0.05  # in Vĩnh Phúc the register of 2025 lies 17 % above the census
FEWEST = 3  # communes on a basis before it counts as one
ONE = "name a column on one basis with --map communes.population=HEADER"
MAX_SHARE = 0.9  # of the communes with the census figure, from which a file is of the census


class Held(NamedTuple):
    """The figures of a file against the census: codes, and the ratio (1: the very figure)."""

    codes: list[str]
    ratio: NDArray[np.float64]

    @property
    def same(self) -> NDArray[np.bool_]:
        """Return which communes have the very figure of the census."""
        return np.asarray(self.ratio == 1.0, bool)

    @property
    def other(self) -> NDArray[np.bool_]:
        """Return which communes lie so far off that they are on another basis."""
        return np.asarray(np.abs(self.ratio - 1) > OTHER_SHARE, bool)


def basis_of(header: str) -> str:
    """Return what a header says its residents are.

    >>> basis_of("pop_2019"), basis_of("Dân số")
    ('census of 1 April 2019', 'not stated')
    """
    return BASES.get(tables.fold(header), UNKNOWN)


def basis(table: Table, found: Mapping[str, str]) -> str:
    """Return on which basis the residents of a file are: by its header, else by its figures."""
    said = basis_of(found.get(columns.POPULATION, ""))
    against = _against_census(table, found)
    if said == UNKNOWN and len(against.ratio) and against.same.mean() >= MAX_SHARE:
        return CENSUS
    return said


def notes(table: Table, found: Mapping[str, str]) -> list[str]:
    """Return on which basis the communes' residents are, and what other columns there are."""
    header = found.get(columns.POPULATION)
    if header is None:
        return []
    said = f"residents from '{header}': {basis(table, found)}"
    known = (columns.POPULATION, *boundaries.COMMUNE_HEADERS[columns.POPULATION])
    others = [
        name for name in map(str, table.cells) if name != header and tables.fold(name) in known
    ]
    return [said + (f", not from {', '.join(map(repr, others))}" if others else "")]


def mixed(table: Table, found: Mapping[str, str]) -> str:
    """Return what is wrong where some residents are those of the census and others far off, or ''.

    A column that is called census and holds none of its figures is wrong too.
    """
    against = _against_census(table, found)
    same, other = against.same, against.other
    if other.sum() < FEWEST:
        return ""
    shown = ", ".join([c for c, far in zip(against.codes, other, strict=True) if far][:5])
    more = (
        f"{int(other.sum())} differ by about {np.median(against.ratio[other]) - 1:+.0%} ({shown})"
    )
    if same.sum() >= FEWEST:
        figure = f"{int(same.sum())} communes have the figure of the {CENSUS}"
        return f"population bases are mixed: {figure}, {more}"
    header = found[columns.POPULATION]
    if basis_of(header) == CENSUS and other.mean() > 1 - MAX_SHARE:
        return f"population bases are mixed: '{header}' is called {CENSUS}, {more}"
    return ""


def require_one(table: Table, found: Mapping[str, str]) -> None:
    """Raise where the residents of a file are on more than one basis."""
    if said := mixed(table, found):
        defect = Defect(str(table.path), said, ONE, column=found[columns.POPULATION])
        raise InputError("residents are on more than one basis", [defect])


def raster_note(total: float, people: int) -> str:
    """Return what the sum of a raster says of its basis, '' where it fits the communes."""
    if people <= 0 or abs(total / people - 1) <= OTHER_SHARE:
        return ""
    return (
        f"; the raster sums to {total:,.0f} people, {total / people - 1:+.0%} against the "
        f"communes' {people:,}: another basis or unit, only its pattern is used"
    )


def _against_census(table: Table, found: Mapping[str, str]) -> Held:
    """Return how far each commune of a known set of units lies from the census of 2019."""
    units = unit_sets.held(table, found)
    census = unit_sets.census(units.date) if units else {}
    codes = [unit_sets.padded(code) for code in tables.texts(table, found, columns.COMMUNE_CODE)]
    people = tables.measured(table, found, columns.POPULATION, boundaries.RESIDENTS).values
    pairs = [
        (code, value / census[code])
        for code, value in zip(codes, people.tolist(), strict=True)
        if np.isfinite(value) and census.get(code)
    ]
    return Held([code for code, _ in pairs], np.array([ratio for _, ratio in pairs]))
