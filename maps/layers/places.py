"""The places that a plan compared, packed column by column: a province has thousands of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from phusong import columns as col
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers.features import DECIMALS, plain, worded

Json = dict[str, Any]

_TEXTS = (
    col.SITE_ID,
    col.KIND,
    col.OPERATOR,
    col.POSITION_ID,
    col.ZONE_ID,
    col.COMMUNE_CODE,
    col.MAST_CLASS,
)
# Decimals as candidates.geojson has them: the page scores its figures anew.
_SCORE_DECIMALS = {
    col.SCORE: 2,
    col.SCORE_RANK: 0,
    col.TOPSIS: 2,
    col.RANK: 0,
    col.PROBABILITY_TOP_N: 3,
    col.PROBABILITY_NEARBY: 3,
}
_DECIMALS_BY_UNIT = {"people": 2}
_OTHER_DECIMALS = 4


def places(run: RunFolder) -> dict[str, Json]:
    """Return all places compared, best score first; columns without rows where there are none."""
    measured = _measured(run.record)
    columns = (*col.CANDIDATE_PLACES, *measured, *col.CANDIDATE_SCORES)
    frame = run.layer("candidates", columns)
    decimals = {col.HEIGHT_M: 1, **measured, **_SCORE_DECIMALS}
    packed = {name: texts(frame[name]) for name in _TEXTS}
    packed |= {name: numbers(frame[name], most) for name, most in decimals.items()}
    points = frame.geometry
    return packed | {
        col.LON: numbers(points.x, DECIMALS),
        col.LAT: numbers(points.y, DECIMALS),
    }


def _measured(record: Json) -> dict[str, int]:
    """Return the columns that the criteria of a run are measured by, and their decimals."""
    criteria = (record.get("choice") or {}).get("criteria") or []
    return {
        criterion["column"]: _DECIMALS_BY_UNIT.get(criterion["unit"], _OTHER_DECIMALS)
        for criterion in criteria
        if criterion["column"] not in col.CANDIDATE_PLACES
    }


def texts(values: Iterable[object]) -> Json:
    """Return texts as a list of different ones and the place of each value in it."""
    return worded([plain(value) for value in values])


def numbers(values: pd.Series, max_decimals: int) -> Json:
    """Return numbers as whole ones and the scale that divides them; None where one is missing."""
    array = np.asarray(values, dtype=float)
    known = np.isfinite(array)
    scaled = (array[known] * 10**decimals for decimals in range(max_decimals))
    shorter = (d for d, tried in enumerate(scaled) if np.array_equal(tried, np.rint(tried)))
    scale = 10 ** next(shorter, max_decimals)
    whole = np.rint(np.where(known, array, 0.0) * scale).astype(np.int64).tolist()
    shown = [value if there else None for value, there in zip(whole, known.tolist(), strict=True)]
    return {"scale": scale, "whole": shown}
