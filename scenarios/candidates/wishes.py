"""What a planner rules out or asks for: stations by name, and the masts of some operators."""

import difflib
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.scenarios.candidates.candidate_grid import OPERATORS
from phusong.scenarios.config.sections import Candidates, Scenario

NAMED = 3  # of the names that come near one that does not exist


def permitted(frame: gpd.GeoDataFrame, scenario: Scenario) -> gpd.GeoDataFrame:
    """Return the candidates that are not ruled out, in their order.

    Raises
    ------
    InputError
        With every name that no candidate has, each with those that come near, and every station
        that is both ruled out and asked for.
    """
    rules = scenario.candidates
    defects = [*_unknown(frame, rules), *_clashes(frame, rules)]
    if defects:
        raise InputError("stations that are forbidden or required do not fit", defects)
    return frame[~_forbidden(frame, rules)].reset_index(drop=True)


def required(
    frame: gpd.GeoDataFrame, scenario: Scenario
) -> Iterator[tuple[str, int, NDArray[np.int64]]]:
    """Yield each station that is asked for: its name, the year, and the rows that can be it."""
    for name, year in scenario.candidates.require.items():
        yield name, year, np.flatnonzero(_called(frame, [name]))


def _called(frame: gpd.GeoDataFrame, names: list[str]) -> NDArray[np.bool_]:
    """Return which candidates have one of these names, or stand on a position of that name."""
    named = frame[col.SITE_ID].isin(names) | frame[col.POSITION_ID].isin(names)
    return np.asarray(named, bool)


def _forbidden(frame: gpd.GeoDataFrame, rules: Candidates) -> NDArray[np.bool_]:
    return _called(frame, rules.forbid) | _of_others(frame, rules)


def _of_others(frame: gpd.GeoDataFrame, rules: Candidates) -> NDArray[np.bool_]:
    """Return which stand on a mast without any of the operators whose masts may be used."""
    if not rules.only_masts_of:
        return np.zeros(len(frame), bool)
    wanted = set(rules.only_masts_of)
    on = [wanted.isdisjoint(str(names).split(", ")) for names in frame[OPERATORS]]
    return np.asarray(np.array(on, bool) & (frame[col.KIND] == col.COLOCATED).to_numpy(), bool)


def _unknown(frame: gpd.GeoDataFrame, rules: Candidates) -> Iterator[Defect]:
    known = sorted({*frame[col.SITE_ID], *frame[col.POSITION_ID]})
    for key, names in (("forbid", rules.forbid), ("require", list(rules.require))):
        for name in sorted(set(names) - set(known)):
            near = difflib.get_close_matches(name, known, NAMED)
            remedy = f"did you mean {', '.join(near)}?" if near else "see candidates.geojson"
            problem = "no station can be built there"
            yield Defect(f"candidates.{key}", problem, remedy, value=name)
    there = {name for text in frame[OPERATORS] for name in str(text).split(", ") if name}
    for name in sorted(set(rules.only_masts_of) - there):
        remedy = f"there are {', '.join(sorted(there))}"
        yield Defect("candidates.only_masts_of", "has no mast to use", remedy, value=name)


def _clashes(frame: gpd.GeoDataFrame, rules: Candidates) -> Iterator[Defect]:
    out = _forbidden(frame, rules)
    for name in rules.require:
        rows = _called(frame, [name])
        if rows.any() and out[rows].all():
            yield Defect("candidates.require", "is ruled out too", "choose one", value=name)
