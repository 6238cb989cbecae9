"""What a planner rules out or asks for: stations by name, and the masts of some operators."""

import difflib
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.scenarios.candidates.candidate_grid import OPERATORS

NAMED = 3  # of the names that come near one that does not exist


def permitted(
    frame: gpd.GeoDataFrame, forbid: list[str], require: list[str], only_masts_of: list[str]
) -> gpd.GeoDataFrame:
    """Return the candidates that are not ruled out, in their order.

    Raises
    ------
    InputError
        With every name that no candidate has, each with those that come near, and every station
        that is both ruled out and asked for.
    """
    out = called(frame, forbid) | _of_others(frame, only_masts_of)
    defects = [
        *_unknown(frame, "forbid", forbid),
        *_unknown(frame, "require", require),
        *_without_mast(frame, only_masts_of),
        *_clashes(frame, require, out),
    ]
    if defects:
        raise InputError("stations that are forbidden or required do not fit", defects)
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


def _unknown(frame: gpd.GeoDataFrame, key: str, names: list[str]) -> Iterator[Defect]:
    known = sorted({*frame[col.SITE_ID], *frame[col.POSITION_ID]})
    for name in sorted(set(names) - set(known)):
        near = difflib.get_close_matches(name, known, NAMED)
        remedy = f"did you mean {', '.join(near)}?" if near else "see candidates.geojson"
        yield Defect(f"candidates.{key}", "no station can be built there", remedy, value=name)


def _without_mast(frame: gpd.GeoDataFrame, operators: list[str]) -> Iterator[Defect]:
    there = {name for text in frame[OPERATORS] for name in str(text).split(", ") if name}
    for name in sorted(set(operators) - there):
        remedy = f"there are {', '.join(sorted(there))}"
        yield Defect("candidates.only_masts_of", "has no mast to use", remedy, value=name)


def _clashes(
    frame: gpd.GeoDataFrame, require: list[str], out: NDArray[np.bool_]
) -> Iterator[Defect]:
    for name in require:
        rows = called(frame, [name])
        if rows.any() and out[rows].all():
            yield Defect("candidates.require", "is ruled out too", "choose one", value=name)
