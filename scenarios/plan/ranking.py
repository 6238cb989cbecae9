"""The stations of a plan in order of build: what each adds, for what, and how sure it is."""

from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.scenarios.candidates.demand import Demand
from phusong.scenarios.plan import rollout
from phusong.scenarios.plan.explain import reason
from phusong.scenarios.siting.choose import Siting
from phusong.scenarios.siting.stability import Stability

Floats = NDArray[np.float64]
BILLION = 1000.0  # in millions
SURE, LIKELY = 0.8, 0.5  # shares of redraws from which a station is of class A, and B
ADDED_COLUMNS = {
    "people": col.PEOPLE_GAINED,
    "workers": col.WORKERS_GAINED,
    "visitors": col.VISITORS_GAINED,
    rollout.FIRST: col.ZONE_DEMAND_GAINED,
}


def compared(frame: GeoDataFrame, siting: Siting, stability: Stability) -> GeoDataFrame:
    """Return all candidates: those of the plan in order of build, then by people gained alone."""
    every = _with_stability(frame, stability)
    rank = np.zeros(len(every), np.int64)
    rank[siting.order] = np.arange(1, siting.order.size + 1)
    every[col.RANK] = rank
    last = np.where(rank > 0, rank, siting.order.size + 1)
    order = np.lexsort((every[col.SITE_ID], -every[col.PEOPLE_GAINED], last))
    return every.iloc[order].reset_index(drop=True)


def table(frame: GeoDataFrame, siting: Siting, stability: Stability, gain: Floats) -> GeoDataFrame:
    """Return the chosen candidates in order of build, but for what each adds and why.

    ``gain`` is what each adds of what its tier counts, each zone by its weight, in residents.
    """
    chosen = _with_stability(frame, stability).iloc[siting.order].reset_index(drop=True)
    chosen[col.RANK] = np.arange(1, len(chosen) + 1)
    chosen[col.YEAR] = siting.year
    chosen[col.TIER] = siting.stage
    chosen[col.GAIN_PER_BILLION] = (BILLION * gain / chosen[col.MONEY_MILLION]).round(1)
    chosen[col.THROUGHPUT_GAINED_MBPS] = chosen[col.THROUGHPUT_GAINED_MBPS].round(1)
    return chosen


def with_gains(chosen: GeoDataFrame, added: pd.DataFrame, zones: GeoDataFrame) -> GeoDataFrame:
    """Return the stations with what each adds to those before it, and the reason in words."""
    result = chosen.copy()
    for kind, column in ADDED_COLUMNS.items():
        result[column] = added[kind].round(1)
    result[col.AREA_GAINED_KM2] = added["area_km2"].round(4)
    result[col.ROAD_GAINED_KM] = added["road_km"].round(3)
    names = zones.set_index(col.ZONE_ID)[col.NAME].to_dict()
    result[col.REASON] = [
        reason(station, names.get(station[col.ZONE_ID], "")) for _, station in result.iterrows()
    ]
    return result


def classes(probability_nearby: Floats) -> NDArray[np.str_]:
    """Return how stable stations are: A, B or C, by the share of redraws that build them or near.

    >>> classes(np.array([0.85, 0.5, 0.2, np.nan])).tolist()
    ['A', 'B', 'C', '']
    """
    every = [probability_nearby >= SURE, probability_nearby >= LIKELY, probability_nearby >= 0.0]
    return np.select(every, ["A", "B", "C"], "")


def _with_stability(frame: GeoDataFrame, stability: Stability) -> GeoDataFrame:
    return frame.assign(
        **{
            col.STABILITY: classes(stability.probability_nearby),
            col.PROBABILITY_TOP_N: stability.probability.round(3),
            col.PROBABILITY_NEARBY: stability.probability_nearby.round(3),
        }
    )


def curve(
    ranked: GeoDataFrame, added: pd.DataFrame, people_before: float, decimals: int
) -> list[dict[str, Any]]:
    """Return people covered and money spent after each station, from none on."""
    gained = added["people"].to_numpy(float)
    people = np.concatenate(([0.0], np.cumsum(gained))) + people_before
    cost = np.concatenate(([0.0], np.cumsum(ranked[col.COST_MILLION].to_numpy(float))))
    return [
        {"stations": i, "people": round(float(p), 1), "cost_million": round(float(c), decimals)}
        for i, (p, c) in enumerate(zip(people, cost, strict=True))
    ]


def by_year(
    ranked: GeoDataFrame,
    added: pd.DataFrame,
    demand: Demand,
    served_before: NDArray[np.floating],
    years: list[int],
    decimals: int,
) -> list[dict[str, Any]]:
    """Return stations, cost and covered shares at the end of each year."""
    kinds = {"people": demand.people, rollout.FIRST: demand.first}
    start = {kind: stored.dot(values, served_before) for kind, values in kinds.items()}
    total = {kind: float(values.sum()) for kind, values in kinds.items()}
    result = []
    for year in years:
        built, until = (ranked[col.YEAR] == year).to_numpy(), (ranked[col.YEAR] <= year).to_numpy()
        shares = {
            kind: float((start[kind] + added[kind][until].sum()) / max(total[kind], 1e-9))
            for kind in start
        }
        last = added["people"][built].to_numpy()[-1:]
        new = int((ranked[col.KIND][built] == col.NEW).sum())
        result.append(
            {
                "year": int(year),
                "stations": int(built.sum()),
                "colocated": int(built.sum()) - new,
                "new": new,
                "cost_million": round(float(ranked[col.COST_MILLION][built].sum()), decimals),
                "opex_million_per_year": round(
                    float(ranked[col.OPEX_MILLION][until].sum()), decimals
                ),
                "people_gained": round(float(added["people"][built].sum()), 1),
                "people_share": shares["people"],
                "zone_demand_share": shares[rollout.FIRST],
                "last_station_people": round(float(last.sum()), 1),
            }
        )
    return result
