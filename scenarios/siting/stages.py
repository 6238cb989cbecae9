"""How near the best a plan with tiers is: each tier proven with what comes before it fixed."""

import math
from typing import NamedTuple

import numpy as np

from phusong.scenarios.siting import foresight
from phusong.scenarios.siting.bound import Bound, upper_bound
from phusong.scenarios.siting.choose import Siting, value, values
from phusong.scenarios.siting.problem import Floats, Problem, Year


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
    most as many stations for at most as much money, whatever the years.
    """
    if not problem.tiers:
        bound = upper_bound(problem, siting, None, seconds, tolerance)
        return [Stage.proven(1, siting, bound)]
    own = [k for k in range(1, len(problem.tiers) + 2) if (siting.stage == k).any()]
    share = seconds / max(len(own), 1)
    stages = []
    for number in own:
        part, plan = _part(problem, siting, number)
        stages.append(Stage.proven(number, plan, upper_bound(part, plan, None, share, tolerance)))
    return stages


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
    part, free = foresight.part(problem, fixed, stage, means)
    order = np.searchsorted(free, own)
    year = np.full(own.size, means.year)
    reached = values(part, order)
    plan = Siting(order, year, np.ones(own.size, np.int64), reached, value(part, ()), spent, (), 0)
    return part, plan
