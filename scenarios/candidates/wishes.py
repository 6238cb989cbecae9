"""What a planner rules out or asks for: stations by name, and the masts of some operators."""

import difflib
from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.messages import message
from phusong.scenarios.candidates.candidate_grid import OPERATORS
from phusong.scenarios.config.sections import Candidates

NAMED = 3  # of the names that come near one that does not exist
MakeDefect = Callable[..., Defect]  # of a key of the scenario, which it places in its file


def permitted(frame: gpd.GeoDataFrame, rules: Candidates, defect: MakeDefect) -> gpd.GeoDataFrame:
    """Return the candidates that are not ruled out, in their order.

    Raises
    ------
    InputError
        With every name that no candidate has, each with those that come near, and every station
        that is both ruled out and asked for.
    """
    require = list(rules.require)
    out = called(frame, rules.forbid) | _of_others(frame, rules.only_masts_of)
    if rules.only:
        out |= ~called(frame, rules.only)
    defects = [
        *_unknown(frame, "forbid", rules.forbid, defect),
        *_unknown(frame, "require", require, defect),
        *_unknown(frame, "only", rules.only, defect),
        *_without_mast(frame, rules.only_masts_of, defect),
        *_clashes(frame, require, out, defect),
    ]
    if defects:
        raise InputError(message("refusal.wishes_do_not_fit"), defects)
    return frame[~out].reset_index(drop=True)


def called(frame: gpd.GeoDataFrame, names: list[str]) -> NDArray[np.bool_]:
    """Return which candidates have one of these names, or stand on a position of that name."""
    named = frame[col.SITE_ID].isin(names) | frame[col.POSITION_ID].isin(names)
    return np.asarray(named, bool)


def _of_others(frame: gpd.GeoDataFrame, operators: list[str]) -> NDArray[np.bool_]:
    """Return which stand on a mast without any of the operators whose masts may be used."""
    if not operators:
        return np.zeros(len(frame), bool)
    on = [set(operators).isdisjoint(str(names).split(", ")) for names in frame[OPERATORS]]
    return np.asarray(np.array(on, bool) & (frame[col.KIND] == col.COLOCATED).to_numpy(), bool)


def _unknown(
    frame: gpd.GeoDataFrame, key: str, names: list[str], defect: MakeDefect
) -> Iterator[Defect]:
    known = sorted({*frame[col.SITE_ID], *frame[col.POSITION_ID]})
    for name in sorted(set(names) - set(known)):
        near = difflib.get_close_matches(name, known, NAMED)
        remedy = (
            message("remedy.did_you_mean_3", near=near)
            if near
            else message("remedy.see_candidates")
        )
        problem = message("problem.no_station_can_be_built_there")
        yield defect(("candidates", key), problem, remedy, name)


def _without_mast(
    frame: gpd.GeoDataFrame, operators: list[str], defect: MakeDefect
) -> Iterator[Defect]:
    there = {name for text in frame[OPERATORS] for name in str(text).split(", ") if name}
    for name in sorted(set(operators) - there):
        remedy = message("remedy.there_are", known=", ".join(sorted(there)))
        problem = message("problem.has_no_mast_to_use")
        yield defect(("candidates", "only_masts_of"), problem, remedy, name)


def _clashes(
    frame: gpd.GeoDataFrame, require: list[str], out: NDArray[np.bool_], defect: MakeDefect
) -> Iterator[Defect]:
    for name in require:
        rows = called(frame, [name])
        if rows.any() and out[rows].all():
            problem, remedy = message("problem.is_ruled_out_too"), message("remedy.choose_one")
            yield defect(("candidates", "require"), problem, remedy, name)
