"""Audit a list of cells: bands against their holders, power, tilt, azimuths of a site."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from phusong import columns as col
from phusong.geodata import countries
from phusong.geodata.audit import sites
from phusong.geodata.audit.findings import Finding
from phusong.geodata.audit.places import (
    PLACES,
    Hit,
    Listed,
    Reference,
    Rule,
    Steps,
    apply,
    at,
    silent,
)
from phusong.geodata.audit.text import audit as audit_text
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.network import azimuths, cell_defaults, cells
from phusong.messages import message

WEAK_DBM, STRONG_DBM = 15.0, 56.0  # 30 mW and 400 W, all branches
STEEP_DEG = 20.0
_SETS = ("names", "holders")
FAR_SHARE = 0.1  # how far a frequency may lie from the middle of its band
WHAT = "cells"


def audit(table: Table, ground: Reference) -> list[Finding]:
    """Return what there is to say of a cell list, row by row; see ``with_notes``."""
    return with_notes(table, ground)[0]


def with_notes(
    table: Table, ground: Reference, steps: Steps = silent
) -> tuple[list[Finding], list[str]]:
    """Return what there is to say of a cell list, row by row, and how it is read.

    Raises
    ------
    InputError
        When the table lacks a column that cells need.
    """
    header_of = cells.headers_of(table)
    read = cells.parse(table, header_of, ground.communes)
    listed = Listed(table, header_of, read.cells, ground)
    rules = (*PLACES, *(rule for rule in sites.RULES if rule.name in _SHARED), *RULES)
    steps(len(rules))
    wrong = sites.unusable(listed, read.defects)
    texts = [at(listed, f.level, f.defect, f.check, f.why) for f in audit_text(table, {})]
    notes = cells.notes_on(table, header_of, ground.communes, read.notes, read.cells)
    return [*wrong, *texts, *apply(rules, listed, steps)], notes


def holders(band: str, frequency_mhz: float) -> set[str] | None:
    """Return who may transmit there, None where that is not known.

    >>> holders("", 5000.0) is None
    True
    """
    number = re.sub(r"\D", "", band)
    known: set[str] = set()
    hits = 0
    for low, high, names, held in _blocks(countries.current().folder):
        inside = low <= frequency_mhz <= high
        if inside if np.isfinite(frequency_mhz) else number in names:
            hits += 1
            if not held:
                return None
            known |= held
    return known - {"none"} if hits else None


@cache
def _blocks(folder: Path) -> list[tuple[float, float, set[str], set[str]]]:
    table = countries.open_country(str(folder)).table("band_holders").astype(object).fillna("")
    names, held = ([set(filter(None, str(v).split(";"))) for v in table[c]] for c in _SETS)
    return list(zip(table["low_mhz"], table["high_mhz"], names, held, strict=True))


def _given(listed: Listed, column: str) -> list[float]:
    measure = cells.MEASURES[column]
    values = tables.measured(listed.table, listed.header_of, column, measure).values
    return [float(value) for value in values]


def _not_held(listed: Listed) -> Iterable[Hit]:
    header = listed.header_of.get(col.BAND) or listed.header_of.get(col.FREQUENCY_MHZ)
    given = _given(listed, col.FREQUENCY_MHZ)
    bands, known = listed.texts(col.BAND), sites.operators()
    for i, operator in enumerate(listed.rows[col.OPERATOR]):
        held = holders(bands[i], given[i])
        if held is not None and operator in known and operator not in held:
            whose = ", ".join(sorted(held)) or "nobody"
            yield Hit(
                i,
                message("problem.does_not_hold_this_band", operator=operator, whose=whose),
                message("remedy.check_both"),
                header,
            )


def _elsewhere(listed: Listed) -> Iterable[Hit]:
    given = _given(listed, col.FREQUENCY_MHZ)
    for i, band in enumerate(listed.texts(col.BAND)):
        middle = cell_defaults.frequency_of(band) if band else None
        if middle and np.isfinite(given[i]) and abs(given[i] / middle - 1) > FAR_SHARE:
            problem = message(
                "problem.mhz_is_not_in_band_about", given=given[i], band=band, middle=middle
            )
            yield Hit(
                i,
                problem,
                message("remedy.give_the_downlink_frequency"),
                listed.header_of[col.FREQUENCY_MHZ],
            )


def _power(listed: Listed) -> Iterable[Hit]:
    header = listed.header_of.get(col.POWER_DBM) or listed.header_of.get(cells.POWER_W)
    for i, value in enumerate(listed.rows[col.POWER_DBM]):
        if np.isfinite(value) and not WEAK_DBM <= value <= STRONG_DBM:
            problem = message("problem.dbm_is_unusual_for_a_carrier", value=value)
            yield Hit(i, problem, message("remedy.46_dbm_are_40_w_call"), header)


def _tilts(listed: Listed) -> Iterable[Hit]:
    for column in (col.MECHANICAL_TILT_DEG, col.ELECTRICAL_TILT_DEG):
        for i, value in enumerate(listed.rows[column]):
            if np.isfinite(value) and not -1.0 <= value <= STEEP_DEG:
                problem = message("problem.a_downtilt_of_degrees_is_unusual", value=value)
                yield Hit(
                    i, problem, message("remedy.downtilt_is_positive"), listed.header_of.get(column)
                )


def _sectors(listed: Listed) -> Iterable[Hit]:
    """Find cells of one site and carrier that look nearly the same way."""
    rows = listed.rows
    keys = [rows[name].astype(str) for name in (col.SITE_ID, col.TECHNOLOGY, col.FREQUENCY_MHZ)]
    before: dict[tuple[object, ...], list[tuple[float, int]]] = {}
    for i, key in enumerate(zip(*keys, strict=True)):
        azimuth = rows[col.AZIMUTH_DEG].iloc[i]
        if not np.isfinite(azimuth):
            continue
        for other, j in before.setdefault(key, []):
            gap = azimuths.closest_deg([azimuth, other])
            if gap < sites.CLOSE_DEG:
                problem = message(
                    "problem.looks_degrees_beside_the_cell_of", gap=gap, rows=listed.table.rows[j]
                )
                remedy = message("remedy.check_the_azimuths_one_may_be")
                yield Hit(i, problem, remedy, listed.header_of[col.AZIMUTH_DEG])
                break
        before[key].append((float(azimuth), i))


_SHARED = ("unknown-operator", "unusual-height")
RULES = (
    Rule(
        "band-not-held", "warning", message("why.interference_is_counted_in_the_wrong"), _not_held
    ),
    Rule(
        "frequency-not-in-band", "warning", message("why.loss_grows_with_the_frequency"), _elsewhere
    ),
    Rule("unusual-power", "warning", message("why.3_db_halve_or_double_the"), _power),
    Rule("unusual-tilt", "warning", message("why.a_beam_that_looks_up_or"), _tilts),
    Rule("close-sectors", "warning", message("why.other_directions_are_left_without_a"), _sectors),
)
