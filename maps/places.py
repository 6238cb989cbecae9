"""The places that a plan compared, packed column by column: a province has thousands of them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from phusong import columns as col
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.layers import DECIMALS, plain

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
# Decimals as candidates.geojson has them: the page scores these figures anew.
_NUMBERS = {
    col.HEIGHT_M: 1,
    col.PEOPLE_GAINED: 2,
    col.WORKERS_GAINED: 2,
    col.VISITORS_GAINED: 2,
    col.AREA_GAINED_KM2: 4,
    col.THROUGHPUT_GAINED_MBPS: 4,
    col.ROAD_GAINED_KM: 4,
    col.CAPEX_MILLION_VND: 4,
    col.BACKHAUL_MILLION_VND: 4,
    col.POLICY_PRIORITY: 4,
    col.SCORE: 2,
    col.SCORE_RANK: 0,
    col.TOPSIS: 2,
    col.RANK: 0,
    col.PROBABILITY_TOP_N: 3,
    col.PROBABILITY_NEARBY: 3,
}


def places(run: RunFolder) -> dict[str, Json]:
    """Return all places compared, best score first; columns without rows where there are none."""
    frame = run.layer("candidates", col.CANDIDATES)
    packed = {name: texts(frame[name]) for name in _TEXTS}
    packed |= {name: numbers(frame[name], most) for name, most in _NUMBERS.items()}
    points = frame.geometry
    return packed | {
        col.LON: numbers(points.x, DECIMALS),
        col.LAT: numbers(points.y, DECIMALS),
    }


def texts(values: Iterable[object]) -> Json:
    """Return texts as a list of different ones and the place of each value in it."""
    written = [plain(value) for value in values]
    words = list(dict.fromkeys(written))
    place = {word: i for i, word in enumerate(words)}
    return {"words": words, "at": [place[word] for word in written]}


def numbers(values: pd.Series, max_decimals: int) -> Json:
    """Return numbers as whole ones and the scale that divides them; None where one is missing."""
    array = np.asarray(values, dtype=float)
    known = np.isfinite(array)
    scaled = (array[known] * 10**decimals for decimals in range(max_decimals))
    shorter = (d for d, tried in enumerate(scaled) if np.array_equal(tried, np.rint(tried)))
    scale = 10 ** next(shorter, max_decimals)
    whole = np.rint(np.where(known, array, 0.0) * scale).astype(np.int64).tolist()
    kept = [value if there else None for value, there in zip(whole, known.tolist(), strict=True)]
    return {"scale": scale, "whole": kept}
