"""Order the candidates, say what each adds and why, and how far its rank can move."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage.network import Footprints
from phusong.geodata.province import Province
from phusong.scenarios import candidates, rollout, selection
from phusong.scenarios.demand import Demand
from phusong.scenarios.reason import reason
from phusong.scenarios.schema import Scenario


@dataclass(frozen=True)
class Choice:
    """The chosen candidates in order of build, with what they were chosen on.

    ``low`` and ``high`` are the best and worst rank of each over the shifts of the prediction;
    a candidate that a shift does not choose counts there as one after the last.
    """

    order: list[int]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    footprints: Footprints
    covered_before: NDArray[np.bool_]


def choose(
    frame: GeoDataFrame,
    footprints: Footprints,
    demand: Demand,
    rsrp_before_dbm: NDArray[np.float32],
    required_dbm: float,
    scenario: Scenario,
) -> Choice:
    """Choose at the required level, and again with the prediction shifted both ways.

    Raising the prediction by x dB is the same as lowering the required level by x dB, for the
    candidates and for the stations on air alike.
    """
    error_db = scenario.uncertainty.model_error_db
    rules = selection.Rules(
        count=rollout.stations(scenario),
        target_share=scenario.zones.target_share,
        least_gain=scenario.candidates.least_gain,
        excludes=candidates.conflicts(frame, scenario),
    )
    cost = frame[col.COST_MILLION_VND].to_numpy(float)
    orders = []
    for shift_db in sorted({0.0, -error_db, error_db}, key=abs):
        level = required_dbm + shift_db
        orders.append(
            selection.greedy(
                footprints.at_least(level),
                demand.first,
                demand.weighted,
                cost,
                (rsrp_before_dbm >= level).ravel(),
                rules,
            )
        )
    ranks = np.array([_ranks(order, orders[0]) for order in orders], np.int64)
    return Choice(
        orders[0],
        ranks.min(axis=0) if orders[0] else ranks[0],
        ranks.max(axis=0) if orders[0] else ranks[0],
        footprints.at_least(required_dbm),
        (rsrp_before_dbm >= required_dbm).ravel(),
    )


def _ranks(order: list[int], wanted: list[int]) -> list[int]:
    places = {candidate: place for place, candidate in enumerate(order, start=1)}
    return [places.get(candidate, len(order) + 1) for candidate in wanted]


def table(
    frame: GeoDataFrame,
    choice: Choice,
    demand: Demand,
    province: Province,
    scenario: Scenario,
    language: str,
) -> GeoDataFrame:
    """Return the chosen candidates with the columns of columns.RANKING, in order of rank."""
    chosen = frame.iloc[choice.order].reset_index(drop=True)
    chosen[col.RANK] = np.arange(1, len(chosen) + 1)
    chosen[col.YEAR] = rollout.years(scenario, len(chosen))
    for column, values in (
        (col.PEOPLE_GAINED, demand.people),
        (col.WORKERS_GAINED, demand.workers),
        (col.VISITORS_GAINED, demand.visitors),
        (col.ZONE_DEMAND_GAINED, demand.first),
    ):
        chosen[column] = _gains(choice, values).round(1)
    pixels = np.ones(demand.people.size)
    chosen[col.AREA_GAINED_KM2] = (_gains(choice, pixels) * province.grid.pixel_area_km2).round(4)
    per_cost = _gains(choice, demand.weighted) / chosen[col.COST_MILLION_VND]
    chosen[col.SCORE] = (100 * per_cost / per_cost.max()).round(2) if len(chosen) else per_cost
    chosen[col.RANK_LOW], chosen[col.RANK_HIGH] = choice.low, choice.high
    names = province.zones.set_index(col.ZONE_ID)[col.NAME].to_dict()
    chosen[col.REASON] = [
        reason(station, names.get(station[col.ZONE_ID], ""), language)
        for _, station in chosen.iterrows()
    ]
    return chosen


def _gains(choice: Choice, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return selection.gains(choice.footprints, choice.order, values, choice.covered_before)


def curve(ranked: GeoDataFrame, choice: Choice, demand: Demand) -> list[dict[str, Any]]:
    """Return people covered and money spent after each station, from none on."""
    base = float(demand.people[choice.covered_before].sum())
    people = np.concatenate(([0.0], np.cumsum(_gains(choice, demand.people)))) + base
    cost = np.concatenate(([0.0], np.cumsum(ranked[col.COST_MILLION_VND].to_numpy(float))))
    return [
        {"stations": i, "people": round(float(p), 1), "cost_million_vnd": float(c)}
        for i, (p, c) in enumerate(zip(people, cost, strict=True))
    ]


def by_year(ranked: GeoDataFrame, choice: Choice, demand: Demand) -> list[dict[str, Any]]:
    """Return stations, cost and covered shares at the end of each year."""
    people, first = demand.people, demand.first
    start = {
        "people": people[choice.covered_before].sum(),
        "first": first[choice.covered_before].sum(),
    }
    gained = {"people": _gains(choice, people), "first": _gains(choice, first)}
    result = []
    for year in sorted(set(ranked[col.YEAR])):
        built, until = (ranked[col.YEAR] == year).to_numpy(), (ranked[col.YEAR] <= year).to_numpy()
        shares = {
            name: float((start[name] + gained[name][until].sum()) / max(total.sum(), 1e-9))
            for name, total in (("people", people), ("first", first))
        }
        result.append(
            {
                "year": int(year),
                "stations": int(built.sum()),
                "cost_million_vnd": float(ranked[col.COST_MILLION_VND][built].sum()),
                "people_share": shares["people"],
                "zone_demand_share": shares["first"],
            }
        )
    return result
