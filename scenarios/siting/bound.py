"""How much better any other plan could be: a proven upper bound on the demand served.

The bound is that of the linear relaxation (``relaxation``), computed again from its multipliers
(``certificate``), so that an inexact solver can only make it weaker. With tiers each is proven
with what comes before it fixed.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from phusong.scenarios.siting import foresight, relaxation, tiers
from phusong.scenarios.siting.choose import Reached, Siting, value, values
from phusong.scenarios.siting.problem import Floats, Ints, Minimum, Problem, Quota, Year, level

ROUNDING = 1e-9  # of what all candidates serve, on the safe side
CLOSER = 1 / 3  # of the gap asked for
SETTLED = 0.98  # of the gap asked for: what outward rounding then adds stays within it


@dataclass(frozen=True)
class Bound:
    """No plan under the same rules serves more than ``value``; this one serves ``plan_value``.

    ``gap`` is what is missing at most, as a share of what the plan adds to the stations on air.
    Not ``finished``, the time ran out on it.
    """

    value: float
    plan_value: float
    gap: float
    seconds: float
    method: str
    finished: bool


def upper_bound(
    problem: Problem,
    siting: Siting,
    year: int | None = None,
    seconds: float = 60.0,
    tolerance: float = 0.005,
) -> Bound:
    """Return a proven bound on the value at the end of a year (None: of the plan).

    It holds for every plan within the stations and money that all years up to then have together
    (where one has no limit or a target share: as many as this plan uses), with the exclusions,
    and with the quotas and minima that this plan meets. It stops when the gap is at most
    ``tolerance``, when the relaxation is solved, or ``seconds`` after the first cuts.
    """
    last = problem.years[-1].year if year is None else year
    built = siting.order[siting.year <= last]
    plan_value, empty_value = value(problem, built), value(problem, ())
    quotas, minima = _met(problem, siting, last)
    limits = relaxation.limits(problem, *_allowance(problem, built, last), minima)
    core = np.zeros(problem.cover.candidates)
    core[built] = 1.0
    everywhere = value(problem, np.arange(problem.cover.candidates)) * (1.0 + ROUNDING)
    goal = plan_value + SETTLED * tolerance * (plan_value - empty_value)
    if everywhere <= goal:
        gap = _gap(everywhere, plan_value, empty_value)
        return Bound(everywhere, plan_value, gap, 0.0, "all candidates together", finished=True)
    started = time.monotonic()
    cells = relaxation.demand(problem, built, quotas)
    found = relaxation.relaxed(cells, limits, core, goal, seconds)
    best = everywhere
    if found.best is not None:
        best = min(best, relaxation.proven(cells, found.master, found.best))
    took = time.monotonic() - started
    method = (
        f"linear relaxation, {found.rounds} rounds of cuts in {cells.groups} groups of cells"
        if found.rounds
        else "all candidates together"
    )
    gap = _gap(best, plan_value, empty_value)
    return Bound(best, plan_value, gap, took, method, found.finished)


def _gap(best: float, plan_value: float, empty_value: float) -> float:
    gained = plan_value - empty_value
    if best <= plan_value:
        return 0.0
    return (best - plan_value) / gained if gained > 0.0 else math.inf


def _met(problem: Problem, siting: Siting, last: int) -> tuple[list[Quota], list[Minimum]]:
    """Return the quotas and minima due by a year that the plan meets."""
    met = {(r.kind, r.name, r.year) for r in siting.reached if r.met and r.year <= last}
    return (
        [q for q in problem.quotas if ("quota", q.name, q.year) in met],
        [m for m in problem.minima if ("minimum", m.name, m.year) in met],
    )


def _allowance(problem: Problem, built: Ints, last: int) -> tuple[float, float]:
    """Return the stations and the money of all years up to one."""
    years = [year for year in problem.years if year.year <= last]
    spent = float(problem.cost[built].sum())
    if any(year.target_share is not None for year in years):
        return float(built.size), spent
    stations = sum(math.inf if y.stations is None else y.stations for y in years)
    money = sum(math.inf if y.budget_million is None else y.budget_million for y in years)
    if math.isinf(stations) and math.isinf(money):
        return float(built.size), spent
    return float(stations), float(money)


class Stage(NamedTuple):
    """What a stage of a plan gained, and its proven bound; stage 1 is the first tier.

    ``gap`` is what is missing at most, as a share of what it gained.
    """

    number: int
    gained: float
    value: float
    plan_value: float
    gap: float
    seconds: float
    method: str
    finished: bool

    @classmethod
    def proven(cls, number: int, plan: Siting, bound: Bound) -> "Stage":
        """Return a stage that a bound was proven of."""
        return cls(number, plan.total - plan.start, **vars(bound))


def bounds(problem: Problem, siting: Siting, seconds: float, tolerance: float) -> list[Stage]:
    """Return the stages of a plan that build something, each with its proven bound.

    Without tiers that is the whole plan, under its quotas and minima. With tiers the stations of
    quotas, minima and earlier tiers are fixed, and the bound holds for every other choice of at
    most as many stations for at most as much money, whatever the years, that leaves earlier tiers
    what was kept for them: a station of a stage may serve a tier before it too. Where one stage
    cannot be proven to the tolerance the others are proven closer, for the sake of all together.
    """
    if not problem.tiers:
        bound = upper_bound(problem, siting, None, seconds, tolerance)
        return [Stage.proven(1, siting, bound)]
    own = [k for k in range(1, len(problem.tiers) + 2) if (siting.stage == k).any()]
    share = seconds / max(len(own), 1)

    def proven(number: int, within: float) -> Stage:
        part, plan = _part(problem, siting, number)
        return Stage.proven(number, plan, upper_bound(part, plan, None, share, within))

    stages = [proven(number, tolerance) for number in own]
    if combined(stages, siting).gap <= tolerance or len(stages) == 1:
        return stages
    return [
        proven(stage.number, CLOSER * tolerance) if stage.gap <= tolerance else stage
        for stage in stages
    ]


def combined(stages: list[Stage], siting: Siting) -> Stage:
    """Return all stages as one: what all miss, as a share of what all gain."""
    if len(stages) == 1:
        return stages[0]
    missing = sum(max(stage.value - stage.plan_value, 0.0) for stage in stages)
    gained = sum(stage.gained for stage in stages)
    return Stage(
        0,
        gained,
        siting.total + missing,
        siting.total,
        missing / gained if gained > 0.0 else math.inf,
        sum(stage.seconds for stage in stages),
        "; ".join(dict.fromkeys(stage.method for stage in stages)),
        all(stage.finished for stage in stages),
    )


def gains(problem: Problem, siting: Siting) -> Floats:
    """Return what each station adds, in order of build, of what its stage counts.

    That is the demand of its tier; of all demand where no tier asked for it.
    """
    level = problem.before.astype(float)
    added = np.zeros(siting.order.size)
    for nth, (i, stage) in enumerate(zip(siting.order, siting.stage, strict=True)):
        span = slice(problem.cover.first[i], problem.cover.first[i + 1])
        cell, share = problem.cover.cell[span], problem.cover.share[span]
        weight = foresight.weight(problem, int(stage))
        added[nth] = float(weight[cell] @ np.maximum(share - level[cell], 0.0))
        level[cell] = np.maximum(level[cell], share)
    return added


def _part(problem: Problem, siting: Siting, stage: int) -> tuple[Problem, Siting]:
    """Return a stage as a problem of its own: one year with the means that it used."""
    fixed = siting.order[siting.stage < stage]
    own = siting.order[siting.stage == stage]
    spent = float(problem.cost[own].sum())
    means = Year(problem.years[-1].year, int(own.size), spent)
    kept = tuple(_kept(problem, siting, stage))
    part, free = foresight.part(problem, fixed, stage, means, kept)
    order = np.searchsorted(free, own)
    year, first = np.full(own.size, means.year), np.ones(own.size, np.int64)
    needs = tuple(
        Reached("quota", quota.name, quota.year, quota.target_share, quota.target_share, met=True)
        for quota in kept
    )
    reached = values(part, order)
    return part, Siting(order, year, first, reached, value(part, ()), spent, needs, 0)


def _kept(problem: Problem, siting: Siting, stage: int) -> Iterator[Quota]:
    """Yield what a stage leaves the tiers before it, where their own stations do not keep it.

    That is what was kept for them, as far as the stations up to this stage serve it.
    """
    if not siting.floors.size:
        return
    alone, standing = (
        level(problem, siting.order[own]).astype(float)
        for own in (siting.stage < stage, siting.stage <= stage)
    )
    rows = tiers.rows(problem)
    for place in tiers.rows_before(problem, stage):
        row = rows[place]
        cells, part = row.cells, row.weight / row.weight.sum()
        share = min(float(siting.floors[place]), float(standing[cells] @ part))
        if share > float(alone[cells] @ part):
            yield replace(row, year=problem.years[-1].year, target_share=share)
