"""On which basis residents are counted: census and register differ and must not be mixed."""

from collections.abc import Mapping

import numpy as np

from phusong import columns
from phusong.geodata import boundaries, reference, tables
from phusong.geodata.tables import Table

CENSUS, REGISTER, UNKNOWN = "census of 1 April 2019", "register or estimate of 2025", "not stated"
BASES = {
    **dict.fromkeys(("pop2019", "danso2019", "population2019"), CENSUS),
    **dict.fromkeys(("popregister", "dansodangky", "danso2025", "pop2025est"), REGISTER),
}
SAME_SHARE = 0.005  # rounding
OTHER_SHARE = 0.05  # in Vĩnh Phúc the register of 2025 lies 17 % above the census
FEWEST = 3  # communes on a basis before it counts as one


def basis_of(header: str) -> str:
    """Return what a header says its residents are.

    >>> basis_of("pop_2019"), basis_of("Dân số")
    ('census of 1 April 2019', 'not stated')
    """
    return BASES.get(tables.fold(header), UNKNOWN)


def notes(table: Table, found: Mapping[str, str]) -> list[str]:
    """Return on which basis the communes' residents are, and whether bases seem mixed."""
    header = found.get(columns.POPULATION)
    if header is None:
        return []
    said = [f"residents from '{header}': {basis_of(header)}"]
    known = (columns.POPULATION, *boundaries.COMMUNE_HEADERS[columns.POPULATION])
    others = [
        name for name in map(str, table.cells) if name != header and tables.fold(name) in known
    ]
    if others:
        said[0] += f", not from {', '.join(map(repr, others))}"
    return [*said, *filter(None, [mixed(table, found)])]


def mixed(table: Table, found: Mapping[str, str]) -> str:
    """Return a warning when some communes have the census figure and others far more, or ''."""
    facts = reference.table("communes")
    census = dict(zip(facts["code"], facts["pop_2019"], strict=True))
    codes = [code.zfill(5) for code in tables.texts(table, found, columns.COMMUNE_CODE)]
    people = map(tables.number, tables.texts(table, found, columns.POPULATION))
    pairs = [
        (code, value / census[code])
        for code, value in zip(codes, people, strict=True)
        if value is not None and census.get(code)
    ]
    ratio = np.array([share for _, share in pairs])
    same = np.abs(ratio - 1) <= SAME_SHARE
    other = np.abs(ratio - 1) > OTHER_SHARE
    if same.sum() < FEWEST or other.sum() < FEWEST:
        return ""
    shown = ", ".join([code for (code, _), far in zip(pairs, other, strict=True) if far][:5])
    more = f"{np.median(ratio[other]) - 1:+.0%}"
    return (
        f"population bases are mixed: {int(same.sum())} communes have the census figure of 2019, "
        f"{int(other.sum())} differ by about {more} ({shown})"
    )


def raster_note(total: float, people: int) -> str:
    """Return what the sum of a raster says of its basis, '' where it fits the communes."""
    if people <= 0 or abs(total / people - 1) <= OTHER_SHARE:
        return ""
    return (
        f"; the raster sums to {total:,.0f} people, {total / people - 1:+.0%} against the "
        f"communes' {people:,}: another basis or unit, only its pattern is used"
    )
