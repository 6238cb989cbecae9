"""What a decision maker asks of a plan: who gains, how sure its stations are, what it promises."""

from typing import Any

import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.scenarios.results.infrastructure import EVERY

# A station that this share of the redrawn plans builds is called sure, or likely.
SURE, LIKELY = 0.8, 0.5


def summary(
    ranking: GeoDataFrame,
    districts: GeoDataFrame,
    quality: pd.DataFrame,
    masts: pd.DataFrame,
) -> dict[str, Any]:
    """Return the figures that run.json keeps for the first page of the report."""
    return {
        "workers_gained": float(ranking[col.WORKERS_GAINED].sum()),
        "visitors_gained": float(ranking[col.VISITORS_GAINED].sum()),
        "gained_by_district": _gained(districts),
        "stations_by_probability": _by_probability(ranking),
        "quality": [_quality(operator, rows) for operator, rows in quality.groupby(col.OPERATOR)],
        "masts": _masts(masts, ranking),
    }


def _gained(districts: GeoDataFrame) -> list[dict[str, Any]]:
    """Return the residents that each district gains, the most first."""
    share = districts[col.COVERED_POPULATION_SHARE_AFTER]
    gained = (share - districts[col.COVERED_POPULATION_SHARE_BEFORE]) * districts[col.POPULATION]
    frame = districts.assign(people=gained).sort_values("people", ascending=False, kind="stable")
    return [
        {col.DISTRICT_CODE: code, col.NAME: name, "people": round(float(people), 1)}
        for code, name, people in zip(
            frame[col.DISTRICT_CODE], frame[col.NAME], frame["people"], strict=True
        )
    ]


def _by_probability(ranking: GeoDataFrame) -> dict[str, Any]:
    probability = ranking[col.PROBABILITY_TOP_N]
    sure, likely = int((probability >= SURE).sum()), int((probability >= LIKELY).sum())
    nearby = int((ranking[col.PROBABILITY_NEARBY] >= SURE).sum())
    return {
        "sure": sure,
        "likely": likely - sure,
        "other": len(ranking) - likely,
        "sure_nearby": nearby,
        "sure_from": SURE,
        "likely_from": LIKELY,
    }


def _quality(operator: object, rows: pd.DataFrame) -> dict[str, Any]:
    """Return how many communes and districts with service keep the rule, weighed by people."""
    rows = rows[(rows[col.WEIGHTING] == "people") & (rows[col.SERVICE_SHARE] > 0)]
    communes = rows[rows[col.COMMUNE_CODE] != EVERY]
    districts = rows[(rows[col.COMMUNE_CODE] == EVERY) & (rows[col.DISTRICT_CODE] != EVERY)]
    return {
        col.OPERATOR: str(operator),
        "communes": len(communes),
        "communes_complying": int(communes[col.COMPLIES].sum()),
        "districts": len(districts),
        "districts_complying": int(districts[col.COMPLIES].sum()),
    }


def _masts(masts: pd.DataFrame, ranking: GeoDataFrame) -> dict[str, Any]:
    """Return the province's masts today and after, and the existing ones that take a station."""
    whole = masts[(masts[col.DISTRICT_CODE] == EVERY) & (masts[col.MAST_CLASS] == EVERY)].iloc[0]
    counts = [col.MASTS, col.SHARED_MASTS, col.NEW_MASTS, col.MASTS_AFTER, col.SHARED_MASTS_AFTER]
    used = ranking[ranking[col.KIND] == "colocated"][col.POSITION_ID].nunique()
    return {name: int(whole[name]) for name in counts} | {col.MASTS_USED: int(used)}
