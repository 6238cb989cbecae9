"""Places that a plan compared, packed column by column: a province has thousands of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

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
_UNUSED = (col.DISTRICT_CODE, col.STABILITY)
_DECIMALS = {
    **dict.fromkeys((col.PEOPLE_GAINED, col.WORKERS_GAINED, col.VISITORS_GAINED, col.HEIGHT_M), 1),
    **dict.fromkeys((col.CAPEX_MILLION, col.BACKHAUL_MILLION, col.THROUGHPUT_GAINED_MBPS), 1),
    **dict.fromkeys((col.PROBABILITY_TOP_N, col.PROBABILITY_NEARBY), 3),
    col.RANK: 0,
}
_OTHER_DECIMALS = 4


def places(run: RunFolder) -> dict[str, Json]:
    """Return all places compared, those of the plan first; columns without rows where none are."""
    frame = run.layer("candidates", col.CANDIDATES)
    figures = [name for name in col.CANDIDATES if name not in (*_TEXTS, *_UNUSED)]
    packed = {name: texts(frame[name]) for name in _TEXTS}
    packed |= _numbers(frame, figures)
    points = frame.geometry
    return packed | {
        col.LON: numbers(points.x, DECIMALS),
        col.LAT: numbers(points.y, DECIMALS),
    }


def _numbers(frame: GeoDataFrame, names: Iterable[str]) -> dict[str, Json]:
    return {name: numbers(frame[name], _DECIMALS.get(name, _OTHER_DECIMALS)) for name in names}


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
