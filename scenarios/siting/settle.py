"""Make each stage of a year better, with the stages before it fixed: what a tier asked for last.

A tier is served when the tiers after it have none of their stations, and later exchange moves
its stations. Here the stages are gone through again in their order: each keeps its number of
stations, its money and the share that it was asked for, and serves more of what it counts.
"""

from dataclasses import replace

import numpy as np

from phusong.scenarios.siting import greedy, one_year, parts, quotas, swap
from phusong.scenarios.siting.greedy import CoverageState, GreedyInputs
from phusong.scenarios.siting.one_year import Purse
from phusong.scenarios.siting.problem import Ints, Problem, Quota, Year


def settled(problem: Problem, order: Ints, stage: Ints, max_swaps: int) -> tuple[list[Ints], int]:
    """Return the stations of each stage of a plan of one year, and the swaps made."""
    stages = [order[stage == number] for number in range(len(problem.tiers) + 2)]
    swaps = 0
    for number in range(1, len(stages)):
        fixed, own = np.concatenate(stages[:number]), stages[number]
        is_last = not any(later.size for later in stages[number + 1 :])
        if own.size or number > len(problem.tiers):
            means = _left(problem, fixed) if is_last else _spent(problem, own)
            stages[number], done = _improved(problem, fixed, number, own, means, max_swaps)
            swaps += done
    return stages, swaps


def _spent(problem: Problem, own: Ints) -> Year:
    return Year(problem.years[0].year, own.size, float(problem.cost[own].sum()))


def _left(problem: Problem, fixed: Ints) -> Year:
    """Return the means that fixed stations leave."""
    year, spent = problem.years[0], float(problem.cost[fixed].sum())
    stations, money = year.stations, year.budget_million
    return replace(
        year,
        stations=None if stations is None else max(stations - fixed.size, 0),
        budget_million=None if money is None else max(money - spent, 0.0),
    )


def _improved(
    problem: Problem, fixed: Ints, number: int, own: Ints, means: Year, max_swaps: int
) -> tuple[Ints, int]:
    """Return the stations of a stage made better, and the swaps made.

    Where a tier's target is reached, that is with as few stations as are found.
    """
    part, free = parts.part(problem, fixed, number, means)
    part = replace(part, quotas=_asked(problem, part, number, fixed, own))
    inputs = one_year.greedy_inputs(part)
    begun = greedy.start(part.before, inputs.constraints, free.size)
    cells = swap.by_cell(part.cover, part.before.size)
    stations, money = (float(room[0]) for room in quotas.own_rooms(part))
    purse = Purse(stations, money, min_gain_per_million=_least_gain(problem, number))
    start, nothing = np.searchsorted(free, own[np.isin(own, free)]), np.empty(0, np.int64)
    plans = [
        one_year.improved(inputs, cells, begun, start, purse, max_swaps),
        one_year.most_value(inputs, cells, begun, nothing, purse, max_swaps),
    ]
    built, swaps = max(plans, key=lambda plan: _worth(inputs, begun, plan[0]))
    if any(quota.target_share >= problem.tiers[number - 1].targets[-1] for quota in part.quotas):
        floor = inputs.constraints.target
        built, more = one_year.fewest(inputs, cells, begun, built, floor, max_swaps, sparing=True)
        swaps += more
    return free[built], swaps


def _least_gain(problem: Problem, number: int) -> float:
    tiered = number <= len(problem.tiers)
    return problem.tiers[number - 1].least_gain if tiered else problem.least_gain


def _asked(
    problem: Problem, part: Problem, number: int, fixed: Ints, own: Ints
) -> tuple[Quota, ...]:
    """Return the share that a tier was asked for, as far as its stations reach it."""
    if number > len(problem.tiers):
        return ()
    tier = problem.tiers[number - 1]
    held = np.flatnonzero(tier.demand > 0.0)
    level = parts.level(problem, np.concatenate([fixed, own]))[held].astype(float)
    share = float(level @ tier.demand[held] / tier.demand[held].sum())
    share = min(share, tier.targets[-1])
    return (Quota(tier.name, part.years[0].year, held, tier.demand[held], share),)


def _worth(inputs: GreedyInputs, begun: CoverageState, built: Ints) -> tuple[bool, float]:
    """Return whether stations reach what is asked for, and what they serve."""
    state = begun.copy()
    greedy.build_all(inputs, state, built)
    return greedy.met(inputs.constraints, state), float(state.level @ inputs.weight)
