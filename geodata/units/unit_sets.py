"""Which dated set of units a file holds, and on which basis its residents are counted.

Sets are told by codes and names; census and register differ and must not be mixed.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import reference
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.province import CENSUS, REGISTER, UNKNOWN
from phusong.geodata.units import boundaries, crosswalk
from phusong.geodata.units.admin import plain
from phusong.geodata.units.crosswalk import SETS
from phusong.messages import Text, message

BASES = {
    **dict.fromkeys(("pop2019", "danso2019", "population2019"), CENSUS),
    **dict.fromkeys(("popregister", "dansodangky", "danso2025", "pop2025est"), REGISTER),
}
OTHER_SHARE = 0.05  # the register of 2025 lies 17 % above the census
FEWEST = 3  # communes on a basis before it counts as one
ONE = message("remedy.name_a_column_on_one_basis")
MAX_SHARE = 0.9  # of the communes with the census figure, from which a file is of the census
PROVINCES = ("25", "26")  # Phú Thọ, and Vĩnh Phúc until July 2025


class Held(NamedTuple):
    """The set that most rows of a file belong to.

    ``codes`` are those of the rows, with their leading zeros; ``fits`` says which rows have code
    and name of the set; ``units`` are the names of its units by code, those of Vĩnh Phúc alone
    where no row is of another former province.
    """

    date: str
    codes: tuple[str, ...]
    fits: NDArray[np.bool_]
    units: Mapping[str, str]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the codes of the set that no row has."""
        return tuple(sorted(set(self.units) - set(self.codes)))


def held(table: Table, header_of: Mapping[str, str]) -> Held | None:
    """Return the dated set of units that the rows of a table are, None where no row is of any."""
    codes = tuple(padded(code) for code in tables.texts(table, header_of, col.COMMUNE_CODE))
    own = [plain(name) for name in tables.texts(table, header_of, col.NAME)]
    hits = {date: _hits(codes, own, date) for date in SETS}
    date = max(SETS, key=lambda key: int(hits[key].sum()))
    if not hits[date].any():
        return None
    own_codes = {code for code, fits in zip(codes, hits[date], strict=True) if fits}
    part = names(date)
    return Held(date, codes, hits[date], part if own_codes <= set(part) else whole_names(date))


def date_of(codes: Sequence[str]) -> str | None:
    """Return the date of the set that has exactly these codes, None where none has.

    That of July 2025 is known of Phú Thọ and of the part of it that was Vĩnh Phúc.

    >>> date_of(list(names("2025-01"))), date_of(["08707"]), date_of(list(whole_names("2025-07")))
    ('2025-01', None, '2025-07')
    """
    own = set(codes)
    return next((d for d in SETS if own in (set(names(d)), set(whole_names(d)))), None)


def are_larger(table: Table) -> bool:
    """Return whether the codes of a table are those of districts or provinces."""
    header = {col.COMMUNE_CODE: boundaries.COMMUNE_HEADERS[col.COMMUNE_CODE]}
    codes = tables.texts(table, tables.tentative(table, header), col.COMMUNE_CODE)
    return set(codes) <= {*PROVINCES, *reference.table("districts")["code"]}


@cache
def whole_names(date: str) -> dict[str, str]:
    """Return the same of the whole province: since July 2025 that is Phú Thọ, with 148 units.

    >>> len(names("2025-07")), len(whole_names("2025-07"))
    (36, 148)
    """
    merged = crosswalk.merged()
    own = merged[merged["units"] == date]
    return names(date) | dict(zip(own["code"], own["name"].map(plain), strict=True))


@cache
def names(date: str) -> dict[str, str]:
    """Return the name of every unit of a set in Vĩnh Phúc, as it is compared, by code."""
    if date == "2020-03":
        table = reference.table("communes").rename(columns={"commune": "name"})
    else:
        table = reference.table("communes_2025").query("units == @date")
    return dict(zip(table["code"], table["name"].map(plain), strict=True))


@cache
def written_names(date: str) -> dict[str, tuple[str, str]]:
    """Return name and type of every unit of a set, as its register writes them, by code."""
    if date == "2020-03":
        table = reference.table("communes").rename(columns={"commune": "name"})
    else:
        table = reference.table("communes_2025").query("units == @date")
    pairs = zip(table["name"].astype(str), table["type"].astype(str), strict=True)
    return dict(zip(table["code"], pairs, strict=True))


@cache
def districts(date: str) -> dict[str, str]:
    """Return the district of every unit of a set by code; none for sets without districts."""
    if date == "2020-03":
        table = reference.table("communes")
    else:
        table = reference.table("communes_2025").query("units == @date")
    if "district" not in table:
        return {}
    known = table[table["district"].fillna("") != ""]
    return dict(zip(known["code"], known["district"].astype(str), strict=True))


def other_set(date: str, code: str, name: str) -> str | None:
    """Return another set than that of a date with a unit of this code and name, None without."""
    others = (other for other in SETS if other != date)
    return next((other for other in others if names(other).get(code) == plain(name)), None)


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
    known = whole_names(date)
    return np.array(
        [
            code in known and name in {"", known[code]}
            for code, name in zip(codes, own, strict=True)
        ],
        bool,
    )


class Ratios(NamedTuple):
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


def basis(table: Table, header_of: Mapping[str, str]) -> str:
    """Return on which basis the residents of a file are: by its header, else by its figures."""
    stated = basis_of(header_of.get(col.POPULATION, ""))
    if stated != UNKNOWN:
        return stated
    for known, against in (
        (CENSUS, _against_census(table, header_of)),
        (REGISTER, _against(table, header_of, _register())),
    ):
        if len(against.ratio) and against.same.mean() >= MAX_SHARE:
            return known
    return UNKNOWN


def notes(table: Table, header_of: Mapping[str, str]) -> list[str]:
    """Return on which basis the communes' residents are, and what other columns there are."""
    header = header_of.get(col.POPULATION)
    if header is None:
        return []
    note = f"residents from '{header}': {basis(table, header_of)}"
    known = (col.POPULATION, *boundaries.COMMUNE_HEADERS[col.POPULATION])
    others = [
        name for name in map(str, table.cells) if name != header and tables.fold(name) in known
    ]
    return [note + (f", not from {', '.join(map(repr, others))}" if others else "")]


def mixed(table: Table, header_of: Mapping[str, str]) -> Text:
    """Return what is wrong where some residents are those of the census and others far off, or ''.

    A column that is called census and holds none of its figures is wrong too.
    """
    against = _against_census(table, header_of)
    same, other = against.same, against.other
    if other.sum() < FEWEST:
        return ""
    codes = [code for code, far in zip(against.codes, other, strict=True) if far][:5]
    change = np.median(against.ratio[other]) - 1
    more = message("problem.differ_by_about", n=other.sum(), change=change, codes=codes)
    if same.sum() >= FEWEST:
        figure = message("problem.communes_have_the_census", n=same.sum(), census=CENSUS)
        return message("problem.population_bases_are_mixed", figure=figure, more=more)
    header = header_of[col.POPULATION]
    if basis_of(header) == CENSUS and other.mean() > 1 - MAX_SHARE:
        return message(
            "problem.population_bases_are_mixed_is_called", header=header, census=CENSUS, more=more
        )
    return ""


def require_one(table: Table, header_of: Mapping[str, str]) -> None:
    """Raise where the residents of a file are on more than one basis."""
    if problem := mixed(table, header_of):
        defect = Defect(str(table.path), problem, ONE, column=header_of[col.POPULATION])
        raise InputError(message("refusal.residents_are_on_more_than_one"), [defect])


def require_one_set(table: Table, header_of: Mapping[str, str]) -> None:
    """Raise where a file mixes units of several dated sets, by codes and names."""
    units = held(table, header_of)
    if units is None:
        return
    own = [plain(name) for name in tables.texts(table, header_of, col.NAME)]
    for other in SETS:
        strangers = ~units.fits & _hits(units.codes, own, other)
        if other == units.date or not strangers.any():
            continue
        codes = [code for code, odd in zip(units.codes, strangers, strict=True) if odd][:5]
        problem = message(
            "problem.codes_of_several_unit_sets",
            n=int(strangers.sum()),
            rows=len(units.codes),
            other=other,
            date=units.date,
            codes=", ".join(codes),
        )
        remedy = message("remedy.give_units_of_one_date")
        defect = Defect(str(table.path), problem, remedy, column=header_of[col.COMMUNE_CODE])
        raise InputError(message("refusal.several_unit_sets"), [defect])


def raster_note(total: float, people: int) -> str:
    """Return what the sum of a raster says of its basis, '' where it fits the communes."""
    if people <= 0 or abs(total / people - 1) <= OTHER_SHARE:
        return ""
    return (
        f"; the raster sums to {total:,.0f} people, {total / people - 1:+.0%} against the "
        f"communes' {people:,}: another basis or unit, only its pattern is used"
    )


def _against_census(table: Table, header_of: Mapping[str, str]) -> Ratios:
    """Return how far each commune of a known set of units lies from the census of 2019."""
    units = held(table, header_of)
    return _against(table, header_of, census(units.date) if units else {})


@cache
def _register() -> dict[str, int]:
    """Return the residents of the units of Phú Thọ as published with the merger, by code."""
    merged = crosswalk.merged()
    return dict(zip(merged["code"], merged["population"].astype(int), strict=True))


def _against(table: Table, header_of: Mapping[str, str], counted: Mapping[str, int]) -> Ratios:
    """Return how far each commune lies from figures by code."""
    codes = [padded(code) for code in tables.texts(table, header_of, col.COMMUNE_CODE)]
    people = tables.measured(table, header_of, col.POPULATION, boundaries.RESIDENTS).values.tolist()
    pairs = [
        (code, value / counted[code])
        for code, value in zip(codes, people, strict=True)
        if np.isfinite(value) and counted.get(code)
    ]
    return Ratios([code for code, _ in pairs], np.array([ratio for _, ratio in pairs]))
