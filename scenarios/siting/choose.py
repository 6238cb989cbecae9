"""Choose stations year by year: needs, then tiers, then the best gain per cost, with exchange.

A year first builds what quotas and minima due by then need, then serves one tier after the other
up to its target, then builds what serves most demand per million (lazy greedy), and swaps
stations of the year while the value rises and no tier loses. Earlier years are locked. What later
years will need for their quotas is left for them, and built before its time where the year has
room.
"""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from phusong.errors import Defect, InputError
from phusong.messages import message
from phusong.scenarios.siting import exact, foresight, greedy, one_year, quotas, tiers
from phusong.scenarios.siting.greedy import MET, GreedyInputs
from phusong.scenarios.siting.one_year import greedy_inputs
from phusong.scenarios.siting.problem import (
    Cover,
    Floats,
    Ints,
    Minimum,
    Problem,
    Quota,
    Year,
    check,
    due,
    level,
)

__all__ = [
    "Cover",
    "Minimum",
    "Problem",
    "Quota",
    "Siting",
    "Year",
    "choose",
    "greedy_inputs",
    "value",
]

MAX_SWAPS = 1000
NEAR = 5e-3  # share of a tier: less than half a point is no reason for another plan


class Reached(NamedTuple):
    """What a quota, a minimum, a tier or a year's target asked for, and what is reached by then."""

    kind: str  # quota, minimum, tier or target
    name: str
    year: int
    target: float
    reached: float
    met: bool


@dataclass(frozen=True)
class Siting:
    """A plan: candidates in order of build, the year of each, the value after each.

    ``start`` is the value before the first. Within a year those that its needs ask for come
    first, then those of one tier after the other, then the rest, each by gain per cost.

    Parameters
    ----------
    order
        Rows of candidates, in order of build.
    year
        Row of the year of each.
    stage
        What asked for it: 0 a quota or minimum, from 1 on a tier, after them all the rest.
    value
        Served after each.
    start
        Served before the first.
    cost_million
        Of all.
    reached
        What each year reaches of its target.
    swaps
        Exchanges that made the plan better.
    floors
        Share of every row of ``tiers.rows`` that was kept for it in the last year, while what comes
        after its tier was built; none where its own stations and those before them keep it.
    """

    order: Ints
    year: Ints
    stage: Ints
    value: Floats
    start: float
    cost_million: float
    reached: tuple[Reached, ...]
    swaps: int
    floors: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def total(self) -> float:
        """Return the value of the whole plan."""
        return float(self.value[-1]) if self.value.size else self.start


def choose(problem: Problem, max_swaps: int = MAX_SWAPS, *, thorough: bool = True) -> Siting:
    """Return the plan for all years; equal candidates go to the lower index.

    A quota or minimum that cannot hold is an error that says what is within reach and the
    smallest relaxation. The target share of a year without limits must be reachable; beside a
    limit it is reported (``Siting.reached``). The value does not depend on the order of the
    candidates or on the number of threads. Not ``thorough``, needs that the greedy choice cannot
    meet are refused at once, without a proof that none can and without the smallest relaxation.

    Parameters
    ----------
    problem
        What to choose from, what counts and what must hold.
    max_swaps
        Most exchanges after the greedy choice.
    thorough
        Prove what cannot hold, and find the smallest relaxation.

    Returns
    -------
    Siting
        The plan.
    """
    check(problem)
    _check_targets(problem)
    problem = foresight.useful(problem)
    if len(problem.years) == 1 and problem.years[0].target_share is None:
        plan = _year_by_year(problem, max_swaps, thorough=thorough)
        if max_swaps == 0:
            return plan
        return _settled(problem, plan, max_swaps) if problem.tiers else _exact(problem, plan)
    together = foresight.together(problem)
    if together is None:
        return _year_by_year(problem, max_swaps, thorough=thorough)
    plan, end = one_year.side_by_side(
        partial(_year_by_year, problem, max_swaps, thorough=thorough),
        partial(choose, together, max_swaps, thorough=False),
    )
    with suppress(InputError):  # what holds by the end may not hold in its year
        seen = _foreseen(problem, end(), max_swaps)
        plan = seen if _is_better(problem, seen, plan) else plan
    return plan


def _exact(problem: Problem, plan: Siting) -> Siting:
    """Return the best plan of one year without tiers where the problem is small."""
    if problem.cover.cell.size > exact.SMALL or problem.least_gain > 0.0:
        return plan
    built, _ = exact.best(problem, plan.order)
    if value(problem, built) <= plan.total * (1.0 + exact.ROUNDING):
        return plan
    whole = greedy_inputs(problem)
    state = greedy.start(problem.before, whole.constraints, problem.cover.candidates)
    ordered = one_year.arrange(problem, whole, whole.constraints.target, state, built)
    return _record(problem, whole, [ordered], plan.swaps)


def _settled(problem: Problem, plan: Siting, max_swaps: int) -> Siting:
    """Return the plan of one year with each stage made better, those before it fixed."""
    built, swaps = foresight.settled(problem, plan.order, plan.stage, max_swaps)
    stage = np.zeros(problem.cover.candidates, np.int64)
    for number, stations in enumerate(built):
        stage[stations] = number
    whole = greedy_inputs(problem)
    (order,) = foresight.ordered(problem, whole, [np.concatenate(built)], stage)
    return _record(problem, whole, [(order, stage[order])], plan.swaps + swaps)


def _foreseen(problem: Problem, end: Siting, max_swaps: int) -> Siting:
    """Return the plan that builds year by year what should stand at the end."""
    alone = _year_by_year(foresight.only(problem, end.order), max_swaps, thorough=False)
    built = [end.order[alone.order[alone.year == year.year]] for year in problem.years]
    built[-1] = np.concatenate([built[-1], np.setdiff1d(end.order, np.concatenate(built))])
    stage = np.zeros(problem.cover.candidates, np.int64)
    stage[end.order] = end.stage
    whole = greedy_inputs(problem)
    built = foresight.ordered(problem, whole, built, stage)
    builds = [(year, stage[year]) for year in built]
    return _record(problem, whole, builds, end.swaps + alone.swaps)


def _is_better(problem: Problem, new: Siting, old: Siting) -> bool:
    """Say whether a plan meets all that another meets, and then meets or serves more in the end.

    Tiers come before the value of all, in their order, each up to its last target.
    """
    met = [{need[:3] for need in plan.reached if need.met} for plan in (new, old)]
    if met[0] != met[1]:
        return met[0] > met[1]
    last, names = problem.years[-1].year, [tier.name for tier in problem.tiers]
    ends = [
        {n.name: min(n.reached, n.target) for n in plan.reached if n[:1] + n[2:3] == ("tier", last)}
        for plan in (new, old)
    ]
    for name in names:
        if abs(ends[0][name] - ends[1][name]) > NEAR:
            return bool(ends[0][name] > ends[1][name])
    return new.total > old.total


def _year_by_year(problem: Problem, max_swaps: int, *, thorough: bool) -> Siting:
    """Return the plan that makes the best of each year in turn."""
    whole = greedy_inputs(problem)
    reserved = quotas.reserve(problem, whole, thorough=thorough)
    cover, every = problem.cover, np.arange(problem.cover.candidates)
    state = greedy.start(problem.before, whole.constraints, problem.cover.candidates)
    carried_stations, carried_money, swaps = 0.0, 0.0, 0
    builds: list[tuple[Ints, Ints]] = []
    own_stations, own_money = quotas.own_rooms(problem)
    for t in range(len(problem.years)):
        purse = one_year.Purse(
            own_stations[t] + carried_stations,
            own_money[t] + carried_money,
            reserved.stations[t],
            reserved.money_million[t],
            problem.least_gain,
            is_limit=problem.years[t].budget_million is not None,
        )
        scoped = one_year.scopes(problem, cover, state.level)
        now = whole._replace(cover=cover)
        built, stage, swapped, floors = one_year.build_year(
            problem, now, scoped, state, reserved, purse, t, max_swaps
        )
        greedy.build_all(now, state, built)
        cover = cover.over(state.level, every)
        reserved = quotas.without(problem, reserved, built, t)
        builds.append((built, stage))
        swaps += swapped
        room = purse.room(built, problem.cost, holding=False)
        carried_stations = purse.stations - built.size if math.isfinite(purse.stations) else 0.0
        carried_money = room.money_million if math.isfinite(purse.money) else 0.0
    of_tiers = slice(len(problem.quotas), len(problem.quotas) + len(tiers.rows(problem)))
    return replace(_record(problem, whole, builds, swaps), floors=floors[of_tiers])


def value(problem: Problem, chosen: Sequence[int] | Ints) -> float:
    """Return the demand served when these candidates stand beside the stations on air."""
    return float(level(problem, chosen).astype(float) @ problem.weight)


def _check_targets(problem: Problem) -> None:
    """Raise where the target of a year without limits is out of reach."""
    targeted = [year for year in problem.years if year.target_share is not None]
    if targeted and not problem.target_weight.sum() > 0.0:
        raise InputError(message("refusal.target_shares_need_people_target_weight"))
    everywhere = np.arange(problem.before.size)
    defects = []
    for year in targeted:
        if year.stations is not None or year.budget_million is not None:
            continue
        most = quotas.reachable_share(problem, everywhere, problem.target_weight)
        if most < (year.target_share or 0.0) - MET:
            defects.append(
                Defect(
                    f"target of {year.year}",
                    message(
                        "problem.asked_all_candidates_together_reach",
                        target_share=year.target_share,
                        floored=quotas.floored(most),
                    ),
                    message("remedy.lower_target_share_to_or_add", floored=quotas.floored(most)),
                )
            )
    if defects:
        raise InputError(message("refusal.target_shares_are_out_of_reach"), defects)


def _reached(
    problem: Problem, whole: GreedyInputs, builds: list[tuple[Ints, Ints]]
) -> tuple[Reached, ...]:
    state = greedy.start(problem.before, whole.constraints, problem.cover.candidates)
    served, counted = [], []
    for built, _ in builds:
        greedy.build_all(whole, state, built)
        served.append(state.served.copy())
        counted.append(state.counted.copy())
    outcomes = []
    for k, q in enumerate(problem.quotas):
        share = float(served[due(problem, q.year)][k])
        met = share >= q.target_share - MET
        outcomes.append(Reached("quota", q.name, q.year, q.target_share, share, met))
    for k, m in enumerate(problem.minima):
        number = m.existing + int(counted[due(problem, m.year)][k])
        outcomes.append(Reached("minimum", m.name, m.year, m.least, number, number >= m.least))
    for t, y in enumerate(problem.years):
        for k, tier in enumerate(problem.tiers):
            share = float(served[t][len(problem.quotas) + k])
            met = share >= tier.targets[t] - MET
            outcomes.append(Reached("tier", tier.name, y.year, tier.targets[t], share, met))
        if y.target_share is not None:
            share = float(served[t][-1])
            met = share >= y.target_share - MET
            outcomes.append(Reached("target", str(y.year), y.year, y.target_share, share, met))
    return tuple(outcomes)


def _record(
    problem: Problem, whole: GreedyInputs, builds: list[tuple[Ints, Ints]], swaps: int
) -> Siting:
    order = np.concatenate([built for built, _ in builds]).astype(np.int64)
    years = np.repeat([y.year for y in problem.years], [built.size for built, _ in builds])
    return Siting(
        order,
        years.astype(np.int64),
        np.concatenate([stage for _, stage in builds]).astype(np.int64),
        values(problem, order),
        value(problem, ()),
        float(problem.cost[order].sum()),
        _reached(problem, whole, builds),
        swaps,
    )


def values(problem: Problem, order: Ints) -> Floats:
    """Return the value after each station in turn."""
    best = problem.before.astype(float)
    total, reached = float(best @ problem.weight), []
    for i in order:
        span = slice(problem.cover.first[i], problem.cover.first[i + 1])
        cell, share = problem.cover.cell[span], problem.cover.share[span]
        total += float(problem.weight[cell] @ np.maximum(share - best[cell], 0.0))
        best[cell] = np.maximum(best[cell], share)
        reached.append(total)
    return np.array(reached, float)
