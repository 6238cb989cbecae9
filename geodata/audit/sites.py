"""Audit a list of base stations: what its rows say of operator, height, sectors and status."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from phusong import columns as col
from phusong.geodata.audit.findings import WRONG_ROW, Finding
from phusong.geodata.audit.places import PLACES, Ground, Hit, Listed, Rule, apply, at, not_here
from phusong.geodata.audit.text import audit as audit_text
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.network import coordinates, sites

LOW_M, HIGH_M = 6.0, 100.0  # antennas below stand on poles in rooms, above on TV towers
CLOSE_DEG = 30.0  # sectors of 65 degrees closer than this serve the same ground
BRANDS = tuple(sorted({*sites.BRANDS.values()}))
STATUSES = (*sites.LIVE, "planned", "quyhoach", "dangxaydung", "xaydung", "off", "ngung", "tat")


def audit(
    table: Table,
    ground: Ground,
    stated_crs: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return what there is to say of a site list, row by row.

    Raises
    ------
    InputError
        When the table has no column for the sites or their positions.
    """
    found = sites.columns_found(table, headers)
    rows, defects = sites.parse(table, found, ground.communes, stated_crs)
    listed = Listed(table, found, rows, ground, stated_crs)
    wrong = [
        at(listed, "error", defect, "unusable-row", WRONG_ROW)
        for defect in not_here(table, defects)
    ]
    texts = [at(listed, f.level, f.defect, f.check, f.why) for f in audit_text(table, found)]
    return [*wrong, *texts, *apply((*PLACES, *RULES), listed)]


def notes(
    table: Table,
    ground: Ground,
    stated_crs: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Return how the positions of a site list are read, and what it leaves to be assumed."""
    found = sites.columns_found(table, headers)
    said = coordinates.said(table, found, ground.communes, stated_crs)
    return [*said, *sites.assumptions(table, found)]


def _operators(listed: Listed) -> Iterable[Hit]:
    header = listed.found.get(col.OPERATOR)
    for i, text in enumerate(listed.texts(col.OPERATOR)):
        if text and tables.fold(text) not in sites.BRANDS:
            near = difflib.get_close_matches(tables.fold(text), sites.BRANDS, 1)
            remedy = f"did you mean {sites.BRANDS[near[0]]}?" if near else ", ".join(BRANDS)
            yield Hit(i, "is not an operator known in Vietnam", remedy, header)


def _heights(listed: Listed) -> Iterable[Hit]:
    header = listed.found.get(col.HEIGHT_M)
    for i, text in enumerate(listed.texts(col.HEIGHT_M)):
        value = sites.antenna_height_m(text) if text else None
        if value is not None and not LOW_M <= value <= HIGH_M:
            problem = f"{value:g} m is unusual for an antenna above ground"
            remedy = "give metres above ground, not above sea level and not feet"
            yield Hit(i, problem, remedy, header)


def _sectors(listed: Listed) -> Iterable[Hit]:
    header = listed.found.get(col.AZIMUTHS_DEG)
    for i, text in enumerate(listed.texts(col.AZIMUTHS_DEG)):
        parts = [tables.number(part) for part in sites.BETWEEN_AZIMUTHS.split(text) if part]
        angles = [value for value in parts if value is not None]
        if (gap := closest_deg(angles)) < CLOSE_DEG:
            problem = f"has two sectors {gap:g} degrees apart"
            yield Hit(i, problem, "check the azimuths; one may be a copy", header)


def closest_deg(angles: Sequence[float]) -> float:
    """Return the smallest angle between two directions, 360 where there are not two.

    >>> closest_deg([350, 120, 5]), closest_deg([90])
    (15.0, 360.0)
    """
    if len(angles) < 2:
        return 360.0
    around = np.sort(np.asarray(angles, float) % 360)
    return float(np.min(np.diff(np.append(around, around[0] + 360))))


def _statuses(listed: Listed) -> Iterable[Hit]:
    header = listed.found.get(col.STATUS)
    for i, text in enumerate(listed.texts(col.STATUS)):
        if text and not tables.fold(text).startswith(STATUSES):
            yield Hit(i, "is not a known status", "write live or planned", header)


def _shared(listed: Listed) -> Iterable[Hit]:
    """Tell which rows of other operators stand on the mast of an earlier row."""
    first: dict[int, int] = {}
    operators = listed.rows[col.OPERATOR].tolist()
    for i, label in enumerate(coordinates.cluster(listed.rows).tolist()):
        before = first.setdefault(label, i)
        if before != i and operators[i] != operators[before]:
            other = f"{operators[before]} in row {listed.table.rows[before]}"
            yield Hit(i, f"{operators[i]} stands on one mast with {other}", "nothing, if it is so")


RULES = (
    Rule("unknown-operator", "warning", "it is planned for as an operator of its own", _operators),
    Rule("unusual-height", "warning", "coverage grows with the height", _heights),
    Rule("close-sectors", "warning", "other directions are left without a sector", _sectors),
    Rule("unknown-status", "warning", "only sites on air count as coverage", _statuses),
    Rule("shared-mast", "note", "a shared mast is one position to build on", _shared),
)
