"""All years seen together: what should stand at the end, before it is said what comes first.

A plan made year by year does not know what later years will build: stations for the rest of the
land lie where later stations of a tier will serve too. With foresight all means are spent at once
on the last targets, and each year then builds of these stations alone.
"""

from dataclasses import replace

import numpy as np

from phusong.scenarios.siting import greedy
from phusong.scenarios.siting.greedy import DEMAND, GreedyInputs, Room
from phusong.scenarios.siting.problem import Ints, Problem, Year


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
