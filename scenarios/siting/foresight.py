"""Years and tiers seen together: what should stand at the end, before it is said what comes first.

A plan made year by year does not know what later years will build: stations for the rest of the
land lie where later stations of a tier will serve too. With foresight all means are spent at once
on the last targets, and each year then builds of these stations alone.

Within a year a tier is served when the tiers after it have none of their stations, and later
exchange moves its stations. At last the stages are settled in their order: each keeps its number
of stations, its money and the share that it was asked for, and serves more of what it counts.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from phusong.scenarios.siting import greedy, one_year, quotas, swap
from phusong.scenarios.siting.greedy import DEMAND, CoverageState, GreedyInputs, Room
from phusong.scenarios.siting.one_year import Purse
from phusong.scenarios.siting.problem import (
    Floats,
    Ints,
    Problem,
    Quota,
    Shares,
    Year,
    level,
    subset,
)


def together(problem: Problem) -> Problem | None:
    """Return the problem of one year with the means of all, and the last targets.

    None where there is one year only, a year asks for a target share, or years differ in what
    they limit: what one leaves over would be lost to the next.
    """
    years = problem.years
    kinds = {(year.stations is None, year.budget_million is None) for year in years}
    if len(years) < 2 or len(kinds) > 1 or any(year.target_share is not None for year in years):
        return None
    no_stations, no_money = kinds.pop()
    last = Year(
        years[-1].year,
        None if no_stations else sum(year.stations or 0 for year in years),
        None if no_money else sum(year.budget_million or 0.0 for year in years),
    )
    return replace(
        problem,
        years=(last,),
        quotas=tuple(replace(quota, year=last.year) for quota in problem.quotas),
        minima=tuple(replace(minimum, year=last.year) for minimum in problem.minima),
        tiers=tuple(replace(tier, targets=tier.targets[-1:]) for tier in problem.tiers),
    )


def ordered(problem: Problem, whole: GreedyInputs, built: list[Ints], stage: Ints) -> list[Ints]:
    """Return what each year builds by stage, and within a stage by gain per cost.

    ``stage`` holds the stage of every candidate.
    """
    state = greedy.start(problem.before, whole.constraints, problem.cover.candidates)
    apart = whole.pairs._replace(first=np.zeros_like(whole.pairs.first))
    weights = [problem.weight, *(tier.weight for tier in problem.tiers), problem.weight]
    years = []
    for year in built:
        parts = []
        for number, weight in enumerate(weights):
            own = year[stage[year] == number]
            state.barred[:] = 1
            state.barred[own] = 0
            inputs = whole._replace(weight=weight.astype(float), pairs=apart)
            first = greedy.take(inputs, state, Room(own.size, np.inf), DEMAND)
            rest = np.setdiff1d(own, first)
            greedy.build_all(inputs, state, rest)
            parts.extend([first, rest])
        years.append(np.concatenate(parts))
    return years


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
    alone, free = part(problem, fixed, number, means)
    alone = replace(alone, quotas=_asked(problem, number, fixed, own))
    inputs = one_year.greedy_inputs(alone)
    begun = greedy.start(alone.before, inputs.constraints, free.size)
    cells = swap.by_cell(alone.cover, alone.before.size)
    stations, money = (float(room[0]) for room in quotas.own_rooms(alone))
    purse = Purse(
        stations,
        money,
        min_gain_per_million=_least_gain(problem, number),
        is_limit=problem.years[0].budget_million is not None,
    )
    start, nothing = np.searchsorted(free, own[np.isin(own, free)]), np.empty(0, np.int64)
    better, anew = one_year.side_by_side(
        partial(one_year.improved, inputs, cells, begun, start, purse, max_swaps),
        partial(one_year.most_value, inputs, cells, begun, nothing, purse, max_swaps),
    )
    built, swaps = max(better, anew(), key=lambda plan: _worth(inputs, begun, plan[0]))
    if any(quota.target_share >= problem.tiers[number - 1].targets[-1] for quota in alone.quotas):
        floor = inputs.constraints.target
        built, more = one_year.fewest(inputs, cells, begun, built, floor, max_swaps, sparing=True)
        swaps += more
    return free[built], swaps


def _least_gain(problem: Problem, number: int) -> float:
    tiered = number <= len(problem.tiers)
    return problem.tiers[number - 1].least_gain if tiered else problem.least_gain


def _asked(problem: Problem, number: int, fixed: Ints, own: Ints) -> tuple[Quota, ...]:
    """Return the share that a tier was asked for, as far as its stations reach it."""
    if number > len(problem.tiers):
        return ()
    tier = problem.tiers[number - 1]
    held = np.flatnonzero(tier.demand > 0.0)
    served = level(problem, np.concatenate([fixed, own]))[held].astype(float)
    share = float(served @ tier.demand[held] / tier.demand[held].sum())
    share = min(share, tier.targets[-1])
    return (Quota(tier.name, problem.years[0].year, held, tier.demand[held], share),)


def _worth(inputs: GreedyInputs, begun: CoverageState, built: Ints) -> tuple[bool, float]:
    """Return whether stations reach what is asked for, and what they serve."""
    state = begun.copy()
    greedy.build_all(inputs, state, built)
    return greedy.met(inputs.constraints, state), float(state.level @ inputs.weight)


def useful(problem: Problem) -> Problem:
    """Return the problem without what its candidates serve for nothing.

    That is what the stations on air serve as well, and what no demand, tier or quota counts.
    """
    counts = problem.weight + problem.target_weight
    for tier in problem.tiers:
        counts = counts + tier.demand + tier.weight
    for quota in problem.quotas:
        np.add.at(counts, quota.cells, quota.weight)
    every = np.arange(problem.cover.candidates)
    return replace(problem, cover=problem.cover.over(least(problem.before, counts), every))


def least(before: Shares, counts: Floats) -> Shares:
    """Return what a share must exceed to add something: infinite where nothing counts."""
    return np.where(counts > 0.0, before, np.inf).astype(np.float32)


def weight(problem: Problem, stage: int) -> Floats:
    """Return what counts as gain in a stage: that of its tier, of all where no tier asked."""
    return problem.tiers[stage - 1].weight if 1 <= stage <= len(problem.tiers) else problem.weight


def part(
    problem: Problem, fixed: Ints, stage: int, means: Year, kept: tuple[Quota, ...] = ()
) -> tuple[Problem, Ints]:
    """Return a stage as a problem of one year, and the candidates that its rows stand for.

    ``fixed`` stand already, and what they exclude is left out. Quotas and minima are theirs;
    ``kept`` are those of the stage.
    """
    free = _free(problem, fixed)
    before, gain = level(problem, fixed), weight(problem, stage).astype(float)
    counts = gain.copy()
    for quota in kept:
        np.add.at(counts, quota.cells, quota.weight)
    return (
        replace(
            subset(problem, free, least(before, counts)),
            before=before,
            weight=gain,
            quotas=kept,
            minima=(),
            tiers=(),
            least_gain=0.0,
            years=(means,),
        ),
        free,
    )


def only(problem: Problem, chosen: Ints) -> Problem:
    """Return the problem with these candidates alone, in this order, all of them worth while."""
    tiers = tuple(replace(tier, least_gain=0.0) for tier in problem.tiers)
    return replace(subset(problem, chosen), tiers=tiers, least_gain=0.0)


def _free(problem: Problem, fixed: Ints) -> Ints:
    """Return the candidates that may stand beside fixed ones."""
    barred = np.zeros(problem.cover.candidates, bool)
    barred[fixed] = True
    for one, other in (problem.excludes.T, problem.excludes[:, ::-1].T):
        barred[other[np.isin(one, fixed)]] = True
    return np.flatnonzero(~barred)
