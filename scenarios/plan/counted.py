"""Plans held to what is reported: all pixels, not the cells on which the choice counts.

Cells are a sample, so that a share of them may lie a little over or under that of all pixels.
What the choice is asked for is moved by as much, and it is made again, until what is reported
reaches what is asked with as few stations as found.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.errors import InputError
from phusong.scenarios.siting.choose import Problem, Reached, Siting

RECOUNTS = 5  # of a plan, until it asks cells for what pixels need
STEP = 1e-4  # share: what is asked of cells is told apart no finer
MET = 1e-9
NEAR = 1e-3  # share: a tier this near its target is served up to it

Key = tuple[str, int]  # name and year of a need
Shares = dict[Key, float]
Count = Callable[[NDArray[np.int64], NDArray[np.int64]], Shares]
Choose = Callable[[Problem], tuple[Problem, Siting]]


class HeldPlan(NamedTuple):
    """A plan, the problem that it solves, and the share of every need as pixels count it."""

    problem: Problem
    siting: Siting
    shares: Shares


def held(as_set: Problem, choose: Choose, count: Count) -> HeldPlan:
    """Return the plan that misses fewest needs, with the fewest stations, as pixels count them.

    ``choose`` solves a problem, perhaps with lower quotas, ``count`` returns what a plan reaches
    of quotas, tiers and targets.
    """
    problem, plan = choose(as_set)
    best = HeldPlan(problem, plan, count(plan.order, plan.year))
    now, fewest = best, (math.inf, 0)
    for _ in range(RECOUNTS):
        missed = sum(_short(need, asked(as_set), now) for need in now.siting.reached)
        if (missed, now.siting.order.size) < fewest:
            best, fewest = now, (missed, now.siting.order.size)
        moved = _moved(as_set, now)
        if _is_alike(moved, now.problem):
            break
        with suppress(InputError):  # quotas can be asked no more of
            problem, plan = choose(moved)
            now = HeldPlan(problem, plan, count(plan.order, plan.year))
            continue
        break
    return best


def asked(problem: Problem) -> Shares:
    """Return what a problem asks for, by the names and years of ``Siting.reached``."""
    targets = {(str(y.year), y.year): y.target_share for y in problem.years}
    tiers = {
        (tier.name, year.year): share
        for tier in problem.tiers
        for year, share in zip(problem.years, tier.targets, strict=True)
    }
    quotas = {(quota.name, quota.year): quota.target_share for quota in problem.quotas}
    return quotas | tiers | {key: share for key, share in targets.items() if share is not None}


def _short(need: Reached, wanted: Shares, now: HeldPlan) -> bool:
    """Return whether a need is met on cells but not as pixels count it."""
    key = need.name, need.year
    if key not in now.shares or not need.met:
        return False
    least = min(wanted[key], need.target) - (NEAR if need.kind == "tier" else MET)
    return now.shares[key] < least


def _moved(as_set: Problem, now: HeldPlan) -> Problem:
    """Return the problem with what it asks of cells moved to what pixels need.

    Tiers are moved where they fall short: a little more than their target does no harm.
    """
    wanted, on_cells = asked(as_set), asked(now.problem)
    for need in now.siting.reached:
        key = need.name, need.year
        if key not in now.shares or not need.met:
            continue
        if need.kind != "tier" or _short(need, wanted, now):
            of_cells = need.reached / max(now.shares[key], MET)
            share = min(wanted[key], need.target) if need.kind == "quota" else wanted[key]
            on_cells[key] = min(math.ceil(share * of_cells / STEP - 1e-6) * STEP, 1.0)
    return _asking(as_set, on_cells)


def _asking(problem: Problem, wanted: Shares) -> Problem:
    years = tuple(
        year
        if year.target_share is None
        else replace(year, target_share=wanted[str(year.year), year.year])
        for year in problem.years
    )
    tiers = tuple(
        replace(tier, targets=tuple(wanted[tier.name, year.year] for year in years))
        for tier in problem.tiers
    )
    quotas = tuple(
        replace(quota, target_share=wanted[quota.name, quota.year]) for quota in problem.quotas
    )
    return replace(problem, years=years, tiers=tiers, quotas=quotas)


def _is_alike(one: Problem, other: Problem) -> bool:
    shares = asked(one), asked(other)
    return all(abs(shares[0][key] - shares[1][key]) < STEP / 2 for key in shares[0])
