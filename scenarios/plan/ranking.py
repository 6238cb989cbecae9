"""The stations of a plan in order of build: what each adds, how it scores, how far it can move."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.scenarios.candidates.demand import Demand
from phusong.scenarios.criteria import criteria, scores
from phusong.scenarios.plan import explain, rollout
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


@dataclass(frozen=True)
class Scored:
    """How all candidates compare by the criteria, each alone; arrays in their order."""

    values: pd.DataFrame
    weights: Floats
    score: Floats
    topsis: Floats
    standings: list[explain.CandidateRank]

    @property
    def agreement(self) -> float:
        """Return the rank correlation of weighted sum and TOPSIS."""
        return scores.rank_correlation(self.score, self.topsis)

    def build_agreement(self, order: NDArray[np.int64]) -> float:
        """Return the rank correlation of the weighted sum and an order of build."""
        return scores.rank_correlation(self.score[order], -np.arange(order.size, dtype=float))

    def criteria(self) -> list[dict[str, Any]]:
        """Return for each criterion all that the weighted sum needs, and where its values are.

        ``low`` and ``high`` are the least and greatest value of all candidates, 0 where there are
        none; ``column`` is that of candidates.geojson.
        """
        table = self.values.to_numpy(float)
        rows = table if len(table) else np.zeros((1, table.shape[1]))
        low, high = rows.min(axis=0), rows.max(axis=0)
        return [
            {
                "name": criterion.name,
                "column": criterion.column,
                "unit": criterion.unit,
                "benefit": criterion.benefit,
                "weight": float(self.weights[i]),
                "low": float(low[i]),
                "high": float(high[i]),
                "meaning": explain.meaning(criterion),
            }
            for i, criterion in enumerate(criteria.CRITERIA)
        ]


def scored(values: pd.DataFrame, weights: Floats) -> Scored:
    """Score all candidates by weighted sum and by TOPSIS."""
    table, benefit = values.to_numpy(float), criteria.benefit()
    return Scored(
        values,
        weights,
        scores.weighted_sum(table, weights, benefit),
        scores.topsis(table, weights, benefit),
        explain.standings(table, weights, benefit),
    )


def compared(
    frame: GeoDataFrame, scored: Scored, siting: Siting, stability: Stability
) -> GeoDataFrame:
    """Return all candidates with ``criteria.candidate_columns()``, best score first."""
    every = _with_scores(frame, scored, stability)
    for criterion in criteria.CRITERIA:
        if criterion.column not in frame:
            every[criterion.column] = scored.values[criterion.name].to_numpy().round(4)
    every[col.SCORE_RANK] = scores.ranks(scored.score)
    rank = np.zeros(len(every), np.int64)
    rank[siting.order] = np.arange(1, siting.order.size + 1)
    every[col.RANK] = rank
    return every.sort_values([col.SCORE_RANK, col.SITE_ID], ignore_index=True)


def table(
    frame: GeoDataFrame,
    scored: Scored,
    siting: Siting,
    stability: Stability,
    gain: Floats,
) -> GeoDataFrame:
    """Return the chosen candidates in order of build, but for what each adds and why.

    ``gain`` is what each adds of what its tier counts, in residents.
    """
    order = siting.order
    chosen = _with_scores(frame, scored, stability).iloc[order].reset_index(drop=True)
    chosen[col.RANK] = np.arange(1, len(chosen) + 1)
    chosen[col.YEAR] = siting.year
    chosen[col.TIER] = siting.stage
    chosen[col.GAIN_PER_BILLION] = (BILLION * gain / chosen[col.MONEY_MILLION]).round(1)
    alone = scored.values.iloc[order].reset_index(drop=True)
    chosen[col.THROUGHPUT_GAINED_MBPS] = alone["throughput"].round(1)
    chosen[col.POLICY_PRIORITY] = alone["policy"]
    chosen[col.EXPLANATION] = [
        explain.explain(scored.standings[i], criteria.CRITERIA, len(frame)) for i in order
    ]
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

    >>> classes(np.array([0.85, 0.5, 0.2])).tolist()
    ['A', 'B', 'C']
    """
    return np.select([probability_nearby >= SURE, probability_nearby >= LIKELY], ["A", "B"], "C")


def _with_scores(frame: GeoDataFrame, scored: Scored, stability: Stability) -> GeoDataFrame:
    return frame.assign(
        **{
            col.SCORE: (100 * scored.score).round(2),
            col.TOPSIS: (100 * scored.topsis).round(2),
            col.STABILITY: classes(stability.probability_nearby),
            col.PROBABILITY_TOP_N: stability.probability.round(3),
            col.PROBABILITY_NEARBY: stability.probability_nearby.round(3),
        }
    )


def curve(ranked: GeoDataFrame, added: pd.DataFrame, people_before: float) -> list[dict[str, Any]]:
    """Return people covered and money spent after each station, from none on."""
    gained = added["people"].to_numpy(float)
    people = np.concatenate(([0.0], np.cumsum(gained))) + people_before
    cost = np.concatenate(([0.0], np.cumsum(ranked[col.COST_MILLION].to_numpy(float))))
    return [
        {"stations": i, "people": round(float(p), 1), "cost_million": round(float(c), 1)}
        for i, (p, c) in enumerate(zip(people, cost, strict=True))
    ]


def by_year(
    ranked: GeoDataFrame,
    added: pd.DataFrame,
    demand: Demand,
    served_before: Floats,
    years: list[int],
) -> list[dict[str, Any]]:
    """Return stations, cost and covered shares at the end of each year."""
    start = {"people": served_before @ demand.people, rollout.FIRST: served_before @ demand.first}
    total = {"people": demand.people.sum(), rollout.FIRST: demand.first.sum()}
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
                "cost_million": round(float(ranked[col.COST_MILLION][built].sum()), 1),
                "opex_million_per_year": round(float(ranked[col.OPEX_MILLION][until].sum()), 1),
                "people_gained": round(float(added["people"][built].sum()), 1),
                "people_share": shares["people"],
                "zone_demand_share": shares[rollout.FIRST],
                "last_station_people": round(float(last.sum()), 1),
            }
        )
    return result
