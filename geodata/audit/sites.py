"""Audit a list of base stations: what its rows say of operator, height, sectors and status."""

import difflib
from collections.abc import Iterable

import numpy as np

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata.audit.findings import WRONG_ROW, Finding
from phusong.geodata.audit.places import (
    PLACES,
    Hit,
    Listed,
    Reference,
    Rule,
    Steps,
    apply,
    at,
    not_here,
    silent,
)
from phusong.geodata.audit.text import audit as audit_text
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.network import azimuths, coordinates, sites, words
from phusong.geodata.network.azimuths import closest_deg
from phusong.messages import is_one, message

LOW_M, HIGH_M = 6.0, 100.0  # antennas below stand on poles in rooms, above on TV towers
CLOSE_DEG = 30.0  # sectors of 65 degrees closer than this serve the same ground
WHAT = "sites"


def audit(table: Table, ground: Reference) -> list[Finding]:
    """Return what there is to say of a site list, row by row; see ``with_notes``."""
    return with_notes(table, ground)[0]


def with_notes(
    table: Table, ground: Reference, steps: Steps = silent
) -> tuple[list[Finding], list[str]]:
    """Return what there is to say of a site list, row by row, and how it is read.

    Raises
    ------
    InputError
        When the table has no column for the sites or their positions.
    """
    header_of = sites.headers_of(table)
    read = sites.parse(table, header_of, ground.communes)
    listed = Listed(table, header_of, read.sites, ground)
    rules = (*PLACES, *RULES)
    steps(len(rules))
    wrong = unusable(listed, read.defects)
    texts = [at(listed, f.level, f.defect, f.check, f.why) for f in audit_text(table, header_of)]
    return [*wrong, *texts, *apply(rules, listed, steps)], _notes(listed, read)


def _notes(listed: Listed, read: sites.ParsedSites) -> list[str]:
    """Return how a site list is read, what of it is not used, and what is to be assumed."""
    table, header_of = listed.table, listed.header_of
    sentences = coordinates.reading_notes(table, header_of, listed.ground.communes)
    sentences += [*read.notes, *tables.unused(table, header_of), *sites.by_status(read.sites)]
    return [*sentences, *sites.assumptions(table, header_of)]


STATUS = "problem.is_not_a_known_status"


def unusable(listed: Listed, defects: list[Defect]) -> list[Finding]:
    """Return the errors of rows that cannot be used as they are."""
    return [
        at(listed, "error", defect, _check_of(defect), WRONG_ROW)
        for defect in not_here(listed.table, defects)
    ]


def _check_of(defect: Defect) -> str:
    """Return the check that a reader's defect belongs to."""
    return "unknown-status" if is_one(defect.problem, STATUS) else "unusable-row"


def operators() -> frozenset[str]:
    """Return the operators that the country names."""
    return frozenset(words.brands().values())


def _operators(listed: Listed) -> Iterable[Hit]:
    header, brands = listed.header_of.get(col.OPERATOR), words.brands()
    for i, text in enumerate(listed.texts(col.OPERATOR) if brands else ()):
        if text and tables.fold(text) not in brands:
            near = difflib.get_close_matches(tables.fold(text), brands, 1)
            remedy = (
                message("remedy.did_you_mean_2", brands=brands[near[0]])
                if near
                else ", ".join(sorted({*brands.values()}))
            )
            yield Hit(i, message("problem.is_not_an_operator_known_in"), remedy, header)


def _heights(listed: Listed) -> Iterable[Hit]:
    header = listed.header_of.get(col.HEIGHT_M)
    if header is None:
        return
    read = tables.measured(listed.table, listed.header_of, col.HEIGHT_M, sites.HEIGHT).values
    for i in np.flatnonzero((read < LOW_M) | (read > HIGH_M)).tolist():
        problem = message("problem.m_is_unusual_for_an_antenna", read=read[i])
        remedy = message("remedy.give_metres_above_ground_not_above")
        yield Hit(i, problem, remedy, header)


def _sectors(listed: Listed) -> Iterable[Hit]:
    header, texts = listed.header_of.get(col.AZIMUTHS_DEG), listed.texts(col.AZIMUTHS_DEG)
    for i, angles in enumerate(azimuths.each(texts, listed.table.mark)):
        gap_deg = 360.0 if isinstance(angles, str) else closest_deg(angles)
        if gap_deg < CLOSE_DEG:
            problem = message("problem.has_two_sectors_degrees_apart", gap_deg=gap_deg)
            yield Hit(i, problem, message("remedy.check_the_azimuths_one_may_be"), header)


def _shared(listed: Listed) -> Iterable[Hit]:
    """Tell which rows of other operators stand on the mast of an earlier row."""
    first: dict[int, int] = {}
    operators = listed.rows[col.OPERATOR].tolist()
    for i, label in enumerate(coordinates.cluster(listed.rows).tolist()):
        before = first.setdefault(label, i)
        if before != i and operators[i] != operators[before]:
            other = f"{operators[before]} in row {listed.table.rows[before]}"
            yield Hit(
                i,
                message("problem.stands_on_one_mast_with", operators=operators[i], other=other),
                message("remedy.nothing_if_it_is_so"),
            )


RULES = (
    Rule("unknown-operator", "warning", message("why.it_is_planned_for_as_an"), _operators),
    Rule("unusual-height", "warning", message("why.coverage_grows_with_the_height"), _heights),
    Rule("close-sectors", "warning", message("why.other_directions_are_left_without_a"), _sectors),
    Rule("shared-mast", "note", message("why.a_shared_mast_is_one_position"), _shared),
)
