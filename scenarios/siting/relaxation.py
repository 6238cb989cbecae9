"""The linear relaxation of a siting problem of one year, by cutting planes.

A linear programme (HiGHS) over stations and one served demand per group of cells, to which bounds
(``cuts``) are added where it promises too much. Cuts are made at its answer and half-way to the
best answer yet (in-out separation, Ben-Ameur and Neto 2007, Acceleration of cutting-plane and
column generation algorithms).
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from phusong.scenarios.siting import certificate, cuts
from phusong.scenarios.siting.certificate import LevelTerm, PricedQuota, PricedRows
from phusong.scenarios.siting.cuts import Cuts, Servers
from phusong.scenarios.siting.problem import Floats, Ints, Minimum, Problem, Quota

MAX_GROUPS, FEWEST_GROUPS = 300, 60
CLOSED = 1e-4  # the linear programme cannot fall by more than this part any further
VIOLATED = 1e-9
ROUNDING = 1e-9  # what sums of doubles may add to a share, on the safe side


@dataclass(frozen=True)
class CutDemand:
    """The cells as the cuts read them: servers, demand, groups, and quotas by weight."""

    problem: Problem
    table: Servers
    weight: Floats
    starts: Ints
    constant: float
    quotas: tuple[tuple[Quota, Floats, float], ...]

    @property
    def groups(self) -> int:
        """Return the number of groups."""
        return self.starts.size - 1


@dataclass(frozen=True)
class Limits:
    """What a plan must respect besides: ``rows @ x <= most``.

    The first rows are given, the others are cuts of quotas; ``quota`` is the quota of each and
    ``made`` the levels that it was made at.
    """

    rows: csr_array
    most: Floats
    quota: tuple[int, ...] = ()
    made: tuple[int, ...] = ()

    def with_row(self, row: NDArray[np.float64], most: float, quota: int, made: int) -> "Limits":
        """Return one cut of a quota more."""
        rows = vstack([self.rows, csr_array(row[None, :])], format="csr")
        return Limits(rows, np.append(self.most, most), (*self.quota, quota), (*self.made, made))


@dataclass(frozen=True)
class Master:
    """The cuts so far, the group and the levels of each, and what a plan must respect."""

    cuts: Cuts
    group: Ints
    made: Ints
    limits: Limits
    levels: list[Floats] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Return the number of rows of the programme."""
        return self.group.size + self.limits.most.size


@dataclass(frozen=True)
class MasterAnswer:
    """An answer of the master: stations, promised demand of each group, multipliers, bound."""

    x: Floats
    promised: Floats
    shares: Floats
    prices: Floats
    bound: float
    slope: Floats


@dataclass(frozen=True)
class Relaxed:
    """The relaxation when cutting ended: the lowest bound, its answer, and all cuts."""

    master: Master
    best: MasterAnswer | None
    bound: float
    rounds: int
    finished: bool


def demand(problem: Problem, built: Ints, quotas: Sequence[Quota]) -> CutDemand:
    """Return cells grouped by the station that serves them, with demand and quotas."""
    counts = problem.weight > 0.0
    for quota in quotas:
        counts[quota.cells] = True
    table = cuts.servers(problem, counts)
    table, starts = cuts.ordered(table, _groups(table, built, problem.cover.candidates))
    outside = problem.before.astype(float) * (table.of_cell < 0)
    weights = [
        np.bincount(q.cells, q.weight / q.weight.sum(), problem.before.size).astype(float)
        for q in quotas
    ]
    targets = [
        (quota, cuts.gathered(table, weight), quota.target_share - float(weight @ outside))
        for quota, weight in zip(quotas, weights, strict=True)
    ]
    constant = float(problem.weight @ outside)
    weight = cuts.gathered(table, problem.weight)
    return CutDemand(problem, table, weight, starts, constant, tuple(targets))


def limits(
    problem: Problem, stations: float, money: float, minima: Sequence[Minimum] = ()
) -> Limits:
    """Return stations, money, minima and exclusions as rows; what is infinite has none."""
    candidates = problem.cover.candidates
    rows, most = [np.empty((0, candidates))], []
    if math.isfinite(stations):
        rows.append(np.ones((1, candidates)))
        most.append(stations)
    if math.isfinite(money):
        rows.append(problem.cost[None, :])
        most.append(money)
    for minimum in minima:
        row = np.zeros((1, candidates))
        row[0, minimum.candidates] = -1.0
        rows.append(row)
        most.append(float(minimum.existing - minimum.least))
    pairs = problem.excludes
    apart = csr_array(
        (np.ones(pairs.size), (np.repeat(np.arange(len(pairs)), 2), pairs.ravel())),
        shape=(len(pairs), candidates),
    )
    every = vstack([csr_array(np.concatenate(rows)), apart], format="csr")
    return Limits(every, np.concatenate([most, np.ones(len(pairs))]))


def _groups(table: Servers, built: Ints, candidates: int) -> Ints:
    """Return a group for each cell: that of its best station, or of its best candidate's area.

    Cells of one station lie together, so the cuts of a group have few candidates in them.
    """
    if built.size == 0 or table.base.size == 0:
        return np.zeros(table.base.size, np.int64)
    place = np.full(candidates, -1)
    place[np.sort(built)] = np.arange(built.size)
    cell = np.repeat(np.arange(table.base.size), np.diff(table.first))
    serving = np.flatnonzero(place[table.candidate] >= 0)
    served, at = np.unique(cell[serving], return_index=True)
    owner = np.full(table.base.size, -1)
    owner[served] = place[table.candidate[serving[at]]]
    best = table.candidate[table.first[:-1]]
    home = np.full(candidates, -1)
    known = owner[cell] >= 0
    home[table.candidate[known]] = owner[cell][known]
    owner = np.where(owner < 0, home[best], owner)
    parts = max(1, FEWEST_GROUPS // built.size)
    wanted = (owner + 1) * parts + best.astype(np.int64) * parts // candidates
    merged = wanted * min(MAX_GROUPS, wanted.max() + 1) // (wanted.max() + 1)
    groups: Ints = np.unique(merged, return_inverse=True)[1].astype(np.int64)
    return groups


def relaxed(
    cells: CutDemand,
    limits: Limits,
    core: Floats,
    goal: float,
    seconds: float,
    closed: float = CLOSED,
) -> Relaxed:
    """Cut until the bound is at most ``goal``, the relaxation is solved or the time is over.

    ``core`` is a plan to start from; ``closed`` is the part of the bound that is let be.
    """
    reached, master = cut(cells, Master(*_no_cuts(core.size), limits), core, None)
    started = time.monotonic()  # what is compiled is compiled by now
    bound, best, rounds = np.inf, None, 0
    while bound > goal:
        left = seconds - (time.monotonic() - started)
        step = _solve(master, cells, left) if left > 0.0 else None
        if step is None:
            return Relaxed(master, best, bound, rounds, finished=False)
        rounds += 1
        if step.bound < bound:
            bound, best = step.bound, step
        before = master.rows
        for point in (0.5 * (step.x + core), step.x):
            value, master = cut(cells, master, point, step)
            if value > reached and _feasible(master.limits, point):
                reached, core = value, point
        is_closed = bound - reached - cells.constant <= closed * max(bound - cells.constant, 0.0)
        if is_closed or master.rows == before:
            break
    return Relaxed(master, best, bound, rounds, finished=True)


def _no_cuts(candidates: int) -> tuple[Cuts, Ints, Ints]:
    none = np.empty(0, np.int64)
    return Cuts(np.empty(0), csr_array((0, candidates))), none, none


def _feasible(limits: Limits, x: Floats) -> bool:
    slack = limits.most - limits.rows @ x
    return bool(np.all(slack >= -1e-6 * np.maximum(np.abs(limits.most), 1.0)))


def cut(
    cells: CutDemand, master: Master, x: Floats, step: MasterAnswer | None
) -> tuple[float, Master]:
    """Return the value of the relaxation at x, and the master with the cuts that are tight there.

    Of those the cuts that its last answer breaks; all, where there is none yet.
    """
    level, served = np.empty_like(cells.table.base), np.empty_like(cells.table.base)
    cuts.levels(cells.table, x, level, served)
    more = cuts.cuts(cells.table, cells.weight, level, cells.starts, x.size)
    broken = np.arange(cells.groups)
    if step is not None:
        over = step.promised - more.constant - more.rows @ step.x
        least = VIOLATED * max(float(np.abs(step.promised).sum()), 1e-300)
        broken = np.flatnonzero(over > least)
    made = len(master.levels)
    rows = vstack([master.cuts.rows, more.rows[broken]], format="csr")
    constant = np.concatenate([master.cuts.constant, more.constant[broken]])
    group = np.concatenate([master.group, broken])
    both = np.concatenate([master.made, np.full(broken.size, made)])
    limits = _of_quotas(cells, master.limits, level, x if step is None else step.x, made)
    cut_more = Master(Cuts(constant, rows), group, both, limits, [*master.levels, level])
    return float(cells.weight @ served), cut_more


def _of_quotas(cells: CutDemand, limits: Limits, level: Floats, x: Floats, made: int) -> Limits:
    """Return the limits with the cuts of quotas that x breaks."""
    whole = np.array([0, cells.table.base.size])
    for k, (_, weight, target) in enumerate(cells.quotas):
        row = cuts.cuts(cells.table, weight, level, whole, x.size)
        if row.constant[0] + (row.rows @ x)[0] < target - 1e-7:
            most = row.constant[0] - target + ROUNDING
            limits = limits.with_row(-row.rows.toarray()[0], most, k, made)
    return limits


def _solve(master: Master, cells: CutDemand, seconds: float) -> MasterAnswer | None:
    """Solve the master; None where the solver ran out of time."""
    candidates = master.cuts.rows.shape[1]
    objective, matrix, most = programme(master, cells)
    solved = linprog(
        objective,
        A_ub=matrix,
        b_ub=most,
        bounds=[(0.0, 1.0)] * candidates + [(None, None)] * cells.groups,
        method="highs",
        options={"time_limit": seconds, "presolve": False},  # it takes longer than it saves
    )
    if solved.status != 0 or solved.x is None:
        return None
    prices = np.maximum(-np.asarray(solved.ineqlin.marginals, float), 0.0)
    shares = _of_one(master, cells, prices[: master.group.size])
    prices = prices[master.group.size :]
    slope = master.cuts.rows.T @ shares - master.limits.rows.T @ prices
    constant = float(master.cuts.constant @ shares + master.limits.most @ prices)
    bound = cells.constant + constant + float(np.maximum(slope, 0.0).sum())
    x = np.clip(np.asarray(solved.x[:candidates], float), 0.0, 1.0)
    promised = np.asarray(solved.x[candidates:], float)
    return MasterAnswer(x, promised, shares, prices, bound, slope)


def programme(master: Master, cells: CutDemand) -> tuple[Floats, Any, Floats]:
    """Return what is least, and the rows and right sides: stations first, then groups."""
    candidates = master.cuts.rows.shape[1]
    picked = csr_array(
        (np.ones(master.group.size), (np.arange(master.group.size), master.group)),
        shape=(master.group.size, cells.groups),
    )
    empty = csr_array((master.limits.most.size, cells.groups))
    matrix = vstack(
        [hstack([-master.cuts.rows, picked]), hstack([master.limits.rows, empty])], format="csc"
    )
    most = np.concatenate([master.cuts.constant, master.limits.most])
    return np.concatenate([np.zeros(candidates), -np.ones(cells.groups)]), matrix, most


def _of_one(master: Master, cells: CutDemand, shares: Floats) -> Floats:
    """Return the shares of the cuts of each group scaled to sum to 1."""
    total = np.bincount(master.group, shares, minlength=cells.groups)
    latest = np.zeros(cells.groups, np.int64)
    latest[master.group] = np.arange(master.group.size)
    scaled: Floats = shares / np.where(total > 0.0, total, 1.0)[master.group]
    scaled[latest[total <= 0.0]] = 1.0
    return scaled


def proven(cells: CutDemand, master: Master, answer: MasterAnswer) -> float:
    """Return the bound of an answer, computed anew from its multipliers."""
    table, problem, limits = cells.table, cells.problem, master.limits
    shares, prices = answer.shares, answer.prices
    given = limits.most.size - len(limits.quota)
    some = table.of_cell >= 0
    group = np.repeat(np.arange(cells.groups), np.diff(cells.starts))
    before = problem.before.astype(float)
    terms = [LevelTerm(np.where(some, 0.0, problem.weight), before)]
    totals = np.zeros(len(cells.quotas))
    priced = [*zip(limits.quota, limits.made, prices[given:], strict=False)]
    for k, _, price in priced:
        totals[k] += price
    for made, level in enumerate(master.levels):
        own = master.made[: shares.size] == made  # cuts made after the answer have no share
        group_of = master.group[: shares.size]
        share = np.bincount(group_of[own], shares[own], minlength=cells.groups)
        weight = np.zeros(before.size)
        weight[some] = problem.weight[some] * share[group][table.of_cell[some]]
        for k, of_levels, price in priced:
            if of_levels == made and price > 0.0:
                quota = cells.quotas[k][0]
                scaled = price * quota.weight / quota.weight.sum()
                weight += np.bincount(quota.cells, scaled, weight.size)
        if weight.any():
            terms.append(LevelTerm(weight, np.where(some, level[table.of_cell], before)))
    quotas = [
        PricedQuota(quota, float(price))
        for (quota, *_), price in zip(cells.quotas, totals, strict=True)
    ]
    rows = PricedRows(limits.rows[:given], limits.most[:given], prices[:given])
    return certificate.checked(problem, terms, rows, quotas)
