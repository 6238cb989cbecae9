"""What one year builds: needs, one tier after the other, then the most gain per cost."""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import numba
import numpy as np

from phusong.coverage.beside import beside
from phusong.scenarios.siting import greedy, quotas, swap, tiers
from phusong.scenarios.siting.greedy import (
    CONSTRAINTS,
    DEMAND,
    TIER,
    CoverageState,
    GreedyInputs,
    Room,
)
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Problem, Quota, Shares
from phusong.scenarios.siting.quotas import NEVER, Reserve
from phusong.scenarios.siting.swap import ByCell

First = TypeVar("First")
Second = TypeVar("Second")
ROUNDS = 5  # of swapping and sparing where a share is asked for


class Purse(NamedTuple):
    """What a year may still spend, and what it must leave for later years."""

    stations: float
    money: float
    held_stations: float = 0.0
    held_money: float = 0.0
    min_gain_per_million: float = 0.0  # of what is not needed
    is_limit: bool = False  # whether money is what the year is limited by

    @property
    def rate(self) -> float:
        """Return what a million must bring in exchange: nothing where money is no limit."""
        return self.min_gain_per_million if self.is_limit else 0.0

    def room(self, built: Ints, cost: Floats, *, holding: bool) -> Room:
        """Return what is left after these stations, with or without what is held."""
        stations = self.stations - built.size - (self.held_stations if holding else 0.0)
        money = self.money - float(cost[built].sum()) - (self.held_money if holding else 0.0)
        return Room(int(min(max(stations, 0.0), cost.size)), money)


def greedy_inputs(problem: Problem, target: float = NEVER) -> GreedyInputs:
    """Return a problem as the kernels read it; tiers and years' targets follow the quotas."""
    cells, candidates = problem.before.size, problem.cover.candidates
    everywhere = np.arange(cells)
    targets = [
        Quota("", year.year, everywhere, problem.target_weight, target)
        for year in problem.years
        if year.target_share is not None
    ][:1]
    return GreedyInputs(
        problem.cover,
        problem.weight.astype(float),
        problem.cost.astype(float),
        problem.cost.astype(float),
        greedy.constraints(
            [*problem.quotas, *tiers.rows(problem), *targets],
            [*problem.minima],
            cells,
            candidates,
        ),
        greedy.pairs(problem.excludes, candidates),
    )


def side_by_side(
    first: Callable[[], First], second: Callable[[], Second]
) -> tuple[First, Callable[[], Second]]:
    """Return one plan, and what gives another that is made meanwhile if there is a thread."""
    if numba.get_num_threads() == 1:
        return first(), second
    with beside(second) as other:
        return first(), other.result


class Scope(NamedTuple):
    """What candidates serve of the cells that a step looks at, by candidate and by cell."""

    cover: Cover
    cells: ByCell


def scopes(problem: Problem, cover: Cover, level: Shares) -> list[Scope]:
    """Return the scope of every tier, with the needs and tiers before it, then of all demand.

    ``level`` is the share served in each cell when the year begins: what candidates serve no better
    adds nothing, and ``cover`` is without it.
    """
    counts, cells = np.zeros(problem.before.size), problem.before.size
    for quota in problem.quotas:
        np.add.at(counts, quota.cells, quota.weight)
    every, covers = np.arange(cover.candidates), []
    for tier in problem.tiers:
        counts = counts + tier.demand + tier.weight
        least = np.where(counts > 0.0, level, np.inf).astype(np.float32)
        covers.append(cover.over(least, every))
    return [Scope(each, swap.by_cell(each, cells)) for each in (*covers, cover)]


def build_year(
    problem: Problem,
    whole: GreedyInputs,
    scoped: list[Scope],
    state: CoverageState,
    reserved: Reserve,
    purse: Purse,
    t: int,
    max_swaps: int,
) -> tuple[Ints, Ints, int, Floats]:
    """Return what one year builds in order, the stage of each, the swaps, and the floors.

    Floors are the shares of quotas and tiers that what comes after a tier has to keep.
    """
    needed = quotas.until(whole.constraints, reserved.quotas_due, reserved.minima_due, t)
    now = whole._replace(constraints=needed)
    ahead = np.concatenate([np.empty(0, np.int64), *reserved.picks[t:]])
    begun = _bar(state, now, ahead)
    urgent = _urgent(now, begun.copy(), reserved.picks[t], purse)
    floors, first, tier_swaps = _tiers(problem, now, scoped, begun, urgent, purse, t, max_swaps)
    cells = scoped[-1].cells
    now = now._replace(constraints=needed._replace(target=floors))
    target = problem.years[t].target_share
    if target is None:
        built, swaps = most_value(now, cells, begun, first, purse, max_swaps)
        later = np.concatenate([np.empty(0, np.int64), *reserved.picks[t + 1 :]])
        built = np.concatenate([built, _early(now, begun, built, later, purse)])
    else:
        goal = floors.copy()
        goal[-1] = target
        now = now._replace(constraints=needed._replace(target=goal))
        built, swaps = _least_cost(
            now, problem.target_weight, cells, begun, first, purse, max_swaps
        )
    ordered, stage = arrange(problem, now._replace(constraints=needed), floors, state, built)
    return ordered, stage, swaps + tier_swaps, floors


def _tiers(
    problem: Problem,
    now: GreedyInputs,
    scoped: list[Scope],
    begun: CoverageState,
    built: Ints,
    purse: Purse,
    t: int,
    max_swaps: int,
) -> tuple[Floats, Ints, int]:
    """Serve one tier after the other up to its target of the year.

    Returns what quotas and tiers must keep from here on, the stations so far, and the swaps made.
    """
    keep, swaps = now.constraints.target.copy(), 0
    for k, tier in enumerate(problem.tiers):
        row = len(problem.quotas) + k
        tiered = purse._replace(min_gain_per_million=tier.least_gain)
        cover, cells = scoped[k]
        own = now._replace(cover=cover, weight=tier.weight.astype(float))
        goal = keep.copy()
        goal[row] = tier.targets[t]
        asked = own._replace(constraints=now.constraints._replace(target=goal))
        built, reached, done = _share(asked, cells, begun, built, tiered, max_swaps, TIER)
        if not reached:
            kept = own._replace(constraints=now.constraints._replace(target=keep))
            built, more = improved(kept, cells, begun, built, tiered, max_swaps)
            done += more
        state = begun.copy()
        greedy.build_all(now, state, built)
        served = float(state.served[row])
        keep[row] = min(served, tier.targets[t])
        if (worth := tiers.worth_row(problem, k)) is not None and served > 0.0:
            keep[worth] = state.served[worth] * keep[row] / served
        swaps += done
    return keep, built, swaps


def _bar(state: CoverageState, now: GreedyInputs, ahead: Ints) -> CoverageState:
    """Return a plan in which nothing may be built that excludes a station kept for a need."""
    begun = state.copy()
    for pick in ahead[state.barred[ahead] == 0]:
        rows = slice(now.pairs.first[pick], now.pairs.first[pick + 1])
        begun.barred[now.pairs.other[rows]] += 1
    return begun


def _urgent(now: GreedyInputs, state: CoverageState, picks: Ints, purse: Purse) -> Ints:
    """Return stations that meet the needs that are due; those kept for them where greed fails."""
    trial = state.copy()
    room = purse.room(np.empty(0, np.int64), now.cost, holding=True)
    built = greedy.take(now, trial, room, CONSTRAINTS)
    if greedy.met(now.constraints, trial):
        return built
    first = picks[state.barred[picks] == 0]
    greedy.build_all(now, state, first)
    room = purse.room(first, now.cost, holding=False)
    return np.concatenate([first, greedy.take(now, state, room, CONSTRAINTS)])


def most_value(
    now: GreedyInputs,
    cells: ByCell,
    begun: CoverageState,
    urgent: Ints,
    purse: Purse,
    max_swaps: int,
) -> tuple[Ints, int]:
    """Return the better of two rules after exchange: by gain per cost, and by gain alone."""

    def tried(price: Floats) -> tuple[float, Ints, int]:
        built = _fill(now._replace(price=price), begun, urgent, purse)
        built, swaps = improved(now, cells, begun, built, purse, max_swaps)
        state = begun.copy()
        greedy.build_all(now, state, built)
        return float(state.level @ now.weight), built, swaps

    by_cost, by_gain = side_by_side(
        partial(tried, now.cost), partial(tried, np.ones(now.cost.size))
    )
    _, built, swaps = max(by_cost, by_gain(), key=lambda plan: plan[0])
    return built, swaps


def _early(now: GreedyInputs, begun: CoverageState, built: Ints, later: Ints, purse: Purse) -> Ints:
    """Return stations that later needs will ask for, as far as what is kept for them allows."""
    state = begun.copy()
    greedy.build_all(now, state, built)
    others = np.ones(state.barred.size, np.int32)
    others[np.setdiff1d(later, built)] = 0
    room = purse.room(built, now.cost, holding=False)
    return greedy.take(now, state._replace(barred=state.barred + others), room, DEMAND)


def _fill(now: GreedyInputs, begun: CoverageState, built: Ints, purse: Purse) -> Ints:
    """Add stations by gain per price while there is room."""
    state = begun.copy()
    greedy.build_all(now, state, built)
    room = purse.room(built, now.cost, holding=True)
    room = room._replace(min_gain_per_million=purse.min_gain_per_million)
    return np.concatenate([built, greedy.take(now, state, room, DEMAND)])


def improved(
    now: GreedyInputs,
    cells: ByCell,
    begun: CoverageState,
    built: Ints,
    purse: Purse,
    max_swaps: int,
) -> tuple[Ints, int]:
    """Swap stations, spare those not worth their cost any more, and fill the room that leaves.

    Each of these raises what is served less what it must bring for its cost, so that they end.
    """
    done = 0
    while done < max_swaps:
        money = purse.room(built, now.cost, holding=True).money_million
        swap_state = swap.start_swaps(now, begun, built, now.constraints.target, money)
        rate, least = purse.rate, swap.RISE * float(now.weight.sum())
        step_swaps = swap.improve(now, cells, swap_state, max_swaps - done, rate)
        spared = swap.spare(now, cells, swap_state, least, rate)
        stations = swap_state.stations[swap_state.stations >= 0]
        filled = _fill(now, begun, stations, purse)
        done += step_swaps
        if filled.size == stations.size and (spared == 0 or step_swaps == 0):
            return stations, done
        # What is filled in again after it was spared serves nobody.
        if step_swaps == 0 and set(filled) == set(built):
            return stations, done
        built = filled
    return built, done


def _least_cost(
    now: GreedyInputs,
    people: Floats,
    cells: ByCell,
    begun: CoverageState,
    urgent: Ints,
    purse: Purse,
    max_swaps: int,
) -> tuple[Ints, int]:
    """Return few stations that reach the target share of people, swapped for value at last."""
    by_people = now._replace(weight=people.astype(float))
    purse = purse._replace(min_gain_per_million=0.0)
    built, reached, swaps = _share(by_people, cells, begun, urgent, purse, max_swaps, CONSTRAINTS)
    if reached:
        swap_state = swap.start_swaps(now, begun, built, now.constraints.target, 0.0)
        swaps += swap.improve(now, cells, swap_state, max(max_swaps - swaps, 0))
        built = swap_state.stations[swap_state.stations >= 0]
    return built, swaps


def _share(
    now: GreedyInputs,
    cells: ByCell,
    begun: CoverageState,
    urgent: Ints,
    purse: Purse,
    max_swaps: int,
    phase: int,
) -> tuple[Ints, bool, int]:
    """Return few stations that reach every share asked for: swap for demand, spare, again.

    Also whether they reach it, and the swaps made; where they do not, they are as the greedy
    choice left them, swapped once.
    """
    state = begun.copy()
    greedy.build_all(now, state, urgent)
    room = purse.room(urgent, now.cost, holding=True)
    room = room._replace(min_gain_per_million=purse.min_gain_per_million)
    built = np.concatenate([urgent, greedy.take(now, state, room, phase)])
    reached, floor = greedy.met(now.constraints, state), now.constraints.target
    if not reached:  # what is reached is kept
        floor = np.minimum(floor, state.served)
    built, swaps = fewest(now, cells, begun, built, floor, max_swaps, sparing=reached)
    return built, reached, swaps


def fewest(
    now: GreedyInputs,
    cells: ByCell,
    begun: CoverageState,
    built: Ints,
    floor: Floats,
    max_swaps: int,
    *,
    sparing: bool,
) -> tuple[Ints, int]:
    """Return stations swapped for demand and, if ``sparing``, without those that shares spare."""
    swaps = 0
    for _ in range(ROUNDS):
        swap_state = swap.start_swaps(now, begun, built, floor, 0.0)
        swaps += swap.improve(now, cells, swap_state, max(max_swaps - swaps, 0))
        spared = swap.spare(now, cells, swap_state, np.inf) if sparing else 0
        built = swap_state.stations[swap_state.stations >= 0]
        if spared == 0:
            break
    return built, swaps


def arrange(
    problem: Problem, needed: GreedyInputs, floors: Floats, state: CoverageState, built: Ints
) -> tuple[Ints, Ints]:
    """Return a year's stations in order of build, and the stage of each.

    ``needed`` holds the needs alone, ``floors`` also what every tier has been given.
    """
    others = state.copy()
    others.barred[:] = 1
    others.barred[built] = 0
    alone = needed.pairs._replace(first=np.zeros_like(needed.pairs.first))
    now = needed._replace(pairs=alone)  # they do not exclude each other
    room = Room(built.size, math.inf)
    parts = [greedy.take(now, others, room, CONSTRAINTS)]
    for k, tier in enumerate(problem.tiers):
        row = len(problem.quotas) + k
        own = tiers.alone(now, row, tier, float(floors[row]))
        worth = room._replace(min_gain_per_million=tier.least_gain)
        parts.append(greedy.take(own, others, worth, TIER))
    parts.append(greedy.take(now, others, room, DEMAND))
    parts[-1] = np.concatenate([parts[-1], np.setdiff1d(built, np.concatenate(parts))])
    stage = np.repeat(np.arange(len(parts)), [part.size for part in parts])
    return np.concatenate(parts), stage
