"""A small made problem: choosing, proving, redrawing and counting it compiles all that does so."""

from typing import Any

import numpy as np

from phusong.coverage import statistics, uncertainty
from phusong.coverage.area import network
from phusong.scenarios.candidates import demand_cells
from phusong.scenarios.plan import monte_carlo
from phusong.scenarios.prediction import station_gains
from phusong.scenarios.siting import bound, choose, stability, zone_cost
from phusong.scenarios.siting.problem import (
    Cover,
    Minimum,
    Problem,
    Quota,
    Tier,
    Year,
    ZoneParts,
)
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules
from phusong.scenarios.siting.zone_cost import ZoneDemand

CANDIDATES, CELLS, SIDE_M = 30, 400, 3000.0
YEARS = 2024, 2025


def choose_and_prove() -> None:
    """Choose stations by number, by money and for a target, and prove how good the choice is."""
    for years in (_years(stations=3), _years(budget_million=2500.0)):
        problem = _problem(years)
        plan = choose.choose(problem)
        bound.bounds(problem, plan, seconds=5.0, tolerance=1e-6)
    choose.choose(_problem([Year(YEARS[-1], target_share=0.3)]))


def measure() -> None:
    """Tell what each candidate would bring by itself."""
    problem = _problem(_years(stations=3))
    problem.cover.gains(problem.before, problem.weight)
    before = problem.before.astype(np.float64)
    low, high = np.split(np.zeros(2 * demand_cells.SMALL.size), 2)
    demand_cells.mean_rise(problem.cover, before, problem.weight, low, high)
    quota = problem.quotas[0]
    zone_cost.ways(problem, [ZoneDemand(quota.cells, quota.weight, quota.target_share)])


def count() -> None:
    """Count who is served where, with intervals, and raise levels by a station."""
    labels, share = np.zeros(CELLS, np.int32), np.full(CELLS, 0.5, np.float32)
    fixed = labels.copy()
    fixed.flags.writeable = False  # as in a file
    ends, local = uncertainty.Ends(share, share, share), [uncertainty.Local(share, labels)]
    for weight in (share, share.astype(np.float64)):
        for own in (labels, fixed):
            statistics.sum_by_label(own, weight, 1)
        uncertainty.sums(ends, local, weight, labels, 1)
    statistics.sum_shares_by_label(labels, share, [share], 1)
    middle, everywhere = labels[:1], np.ones((1, 1), np.bool_)
    side, first = middle.astype(np.uint8), np.arange(2)
    prints = network.Footprints(first, middle, middle, side, share[:1], everywhere)
    station_gains.weighed(labels.astype(np.int64), share, share.astype(np.float64))
    station_gains.raise_to_best(prints, 0, 1, share[:1].copy())
    station_gains.raise_levels(station_gains.squares_of(prints, 0), everywhere, share[:1].copy())


def _years(**means: Any) -> list[Year]:  # noqa: ANN401 - the fields of a year
    return [Year(year, **means) for year in YEARS]


def _problem(years: list[Year]) -> Problem:
    """Return stations on a square whose service falls with distance; made, by a seed."""
    random = np.random.default_rng(1)
    x_m, y_m = random.uniform(0.0, SIDE_M, (2, CELLS))
    at_m = random.uniform(0.0, SIDE_M, (2, CANDIDATES))
    far_m = np.hypot(x_m - at_m[0][:, None], y_m - at_m[1][:, None])
    share = np.exp(-far_m / 400.0)
    candidate, cell = np.nonzero(share > 0.05)
    first = np.searchsorted(candidate, np.arange(CANDIDATES + 1)).astype(np.int64)
    weight, near = random.gamma(1.0, 10.0, CELLS), np.arange(40)
    demand = np.where(x_m < SIDE_M / 2.0, weight, 0.0)
    targets = tuple(0.2 for _ in years)
    return Problem(
        cover=Cover(first, cell.astype(np.int32), share[candidate, cell].astype(np.float32)),
        before=np.where(y_m < 300.0, 0.1, 0.0).astype(np.float32),
        weight=weight,
        cost=random.choice([700.0, 1000.0], CANDIDATES),
        excludes=np.array([[0, 1], [2, 3]]),
        quotas=(Quota("made", years[-1].year, near, weight[near], 0.05),),
        minima=(Minimum("made", years[-1].year, np.arange(5), 0, 1),),
        years=tuple(years),
        target_weight=weight,
        tiers=(Tier("made", demand, 1.1 * demand, targets, 1e-3),),
        least_gain=1e-3,
    )


def redraw() -> None:
    """Redraw the choice, on coarser cells."""
    problem = _problem(_years(stations=3))
    cover, random = problem.cover, np.random.default_rng(2)
    margin_db = (8.0 * (cover.share - 0.5)).astype(np.float32)
    x_m, y_m = random.uniform(0.0, SIDE_M, (2, CELLS))
    before_db = np.full(CELLS, -np.inf, np.float32)
    tier = problem.tiers[0]
    parts = ZoneParts(np.zeros(CELLS, np.int64), np.arange(CELLS), tier.demand)
    rules = Rules(
        problem.cost,
        problem.excludes,
        4,
        problem.quotas,
        problem.minima,
        problem.tiers,
        (parts,),
        np.ones((2, 1)),
    )
    spread = InputUncertainty(10.0, 2.0, 2.0, 3.0, 1000.0, 8.0, 0.005, 0.05, 0.1)
    predicted = Predicted(cover.first, cover.cell, margin_db, before_db, x_m, y_m)
    layers = problem.weight[None, :]
    monte_carlo.coarser(problem, np.arange(CELLS) // 4, np.full(CELLS, 0.25))
    stability.monte_carlo(predicted, layers, np.ones(1), rules, spread, 2, near=problem.excludes)
