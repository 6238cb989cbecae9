"""How much better any other plan could be: a proven upper bound on the demand served.

Cutting planes on the linear relaxation: a linear programme (HiGHS) over stations and one served
demand per group of cells, to which bounds (``cuts``) are added where it promises too much. Cuts
are made at its answer and half-way to the best answer yet (in-out separation, Ben-Ameur and
Neto 2007, Acceleration of cutting-plane and column generation algorithms). The bound is
recomputed from the dual prices, so that an inexact solver can only make it weaker.
"""

import math
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from phusong.scenarios.siting import cuts
from phusong.scenarios.siting.choose import Siting, value
from phusong.scenarios.siting.cuts import Cuts, Servers
from phusong.scenarios.siting.exact import optimum
from phusong.scenarios.siting.problem import Floats, Ints, Minimum, Problem, Quota

__all__ = ["Bound", "optimum", "upper_bound"]

MAX_GROUPS, FEWEST_GROUPS = 300, 60
ROUNDING = 1e-9  # of the bound, on the safe side: sums of doubles are exact to about 1e-12
CLOSED = 1e-4  # the linear programme cannot fall by more than this part any further
VIOLATED = 1e-9


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


@dataclass(frozen=True)
class Side:
    """What a plan must respect besides: ``rows @ x <= most``."""

    rows: csr_array
    most: Floats

    def with_row(self, row: NDArray[np.float64], most: float) -> "Side":
        """Return one row more."""
        rows = vstack([self.rows, csr_array(row[None, :])], format="csr")
        return Side(rows, np.append(self.most, most))


@dataclass(frozen=True)
class Master:
    """The cuts so far, the group of each, and what a plan must respect."""

    cuts: Cuts
    group: Ints
    side: Side
    groups: int

    def with_cuts(self, more: Cuts, group: Ints) -> "Master":
        """Return the master with more cuts."""
        rows = vstack([self.cuts.rows, more.rows], format="csr")
        constant = np.concatenate([self.cuts.constant, more.constant])
        both = np.concatenate([self.group, group])
        return Master(Cuts(constant, rows), both, self.side, self.groups)


@dataclass(frozen=True)
class MasterAnswer:
    """An answer of the master: stations, promised demand of each group, and the proven bound."""

    x: Floats
    promised: Floats
    bound: float


@dataclass(frozen=True)
class GroupedDemand:
    """The cells as the cuts read them: servers, demand, groups, and quotas by weight."""

    table: Servers
    weight: Floats
    starts: Ints
    constant: float
    quotas: tuple[tuple[Floats, float], ...]


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
    demand = _demand(problem, siting, built, last)
    best, rounds = value(problem, np.arange(problem.cover.candidates)), 0
    core = np.zeros(problem.cover.candidates)
    core[built] = 1.0
    relaxed, first_cuts, _ = _cut(demand, core)
    started = time.monotonic()  # what is compiled is compiled by now
    finished = True
    groups = demand.starts.size - 1
    master = Master(first_cuts, np.arange(groups), _side(problem, siting, built, last), groups)
    while _gap(best, plan_value, empty_value) > tolerance:
        left = seconds - (time.monotonic() - started)
        step = _solve(master, left) if left > 0.0 else None
        if step is None:
            finished = False
            break
        rounds += 1
        best = min(best, step.bound + demand.constant)
        points = [0.5 * (step.x + core), step.x]
        before = master.group.size + master.side.most.size
        for point in points:
            reached, more, level = _cut(demand, point)
            master = _tighten(master, more, step, demand, level)
            if reached > relaxed and _feasible(master.side, point):
                relaxed, core = reached, point
        closed = best - relaxed - demand.constant <= CLOSED * (best - empty_value)
        if closed or master.group.size + master.side.most.size == before:
            break
    best += ROUNDING * abs(best)
    took = time.monotonic() - started
    method = (
        f"linear relaxation, {rounds} rounds of cuts in {groups} groups of cells"
        if rounds
        else "all candidates together"
    )
    return Bound(best, plan_value, _gap(best, plan_value, empty_value), took, method, finished)


def _gap(best: float, plan_value: float, empty_value: float) -> float:
    gained = plan_value - empty_value
    if best <= plan_value:
        return 0.0
    return (best - plan_value) / gained if gained > 0.0 else math.inf


def _feasible(side: Side, x: Floats) -> bool:
    slack = side.most - side.rows @ x
    return bool(np.all(slack >= -1e-6 * np.maximum(np.abs(side.most), 1.0)))


def _demand(problem: Problem, siting: Siting, built: Ints, last: int) -> GroupedDemand:
    """Return cells grouped by the station that serves them, with demand and quotas."""
    quotas, _ = _met(problem, siting, last)
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
        (cuts.gathered(table, weight), quota.target_share - float(weight @ outside))
        for quota, weight in zip(quotas, weights, strict=True)
    ]
    constant = float(problem.weight @ outside)
    return GroupedDemand(
        table, cuts.gathered(table, problem.weight), starts, constant, tuple(targets)
    )


def _met(problem: Problem, siting: Siting, last: int) -> tuple[list[Quota], list[Minimum]]:
    """Return the quotas and minima due by a year that the plan meets."""
    met = {(r.kind, r.name, r.year) for r in siting.reached if r.met and r.year <= last}
    return (
        [q for q in problem.quotas if ("quota", q.name, q.year) in met],
        [m for m in problem.minima if ("minimum", m.name, m.year) in met],
    )


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


def _side(problem: Problem, siting: Siting, built: Ints, last: int) -> Side:
    """Return stations, money, exclusions and minima as rows."""
    candidates = problem.cover.candidates
    stations, money = _allowance(problem, built, last)
    rows, most = [np.empty((0, candidates))], []
    if math.isfinite(stations):
        rows.append(np.ones((1, candidates)))
        most.append(stations)
    if math.isfinite(money):
        rows.append(problem.cost[None, :])
        most.append(money)
    for minimum in _met(problem, siting, last)[1]:
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
    return Side(every, np.concatenate([most, np.ones(len(pairs))]))


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


def _cut(demand: GroupedDemand, x: Floats) -> tuple[float, Cuts, Floats]:
    """Return the value of the relaxation at x, and the cuts and levels that are tight there."""
    level, served = np.empty_like(demand.table.base), np.empty_like(demand.table.base)
    cuts.levels(demand.table, x, level, served)
    tight = cuts.cuts(demand.table, demand.weight, level, demand.starts, x.size)
    return float(demand.weight @ served), tight, level


def _tighten(
    master: Master, more: Cuts, step: MasterAnswer, demand: GroupedDemand, level: Floats
) -> Master:
    """Return the master with those cuts that its last answer breaks, of demand and of quotas."""
    over = step.promised - more.constant - more.rows @ step.x
    broken = np.flatnonzero(over > VIOLATED * max(float(np.abs(step.promised).sum()), 1e-300))
    master = master.with_cuts(Cuts(more.constant[broken], more.rows[broken]), broken)
    side = master.side
    for weight, target in demand.quotas:
        whole = np.array([0, demand.table.base.size])
        row = cuts.cuts(demand.table, weight, level, whole, step.x.size)
        if row.constant[0] + (row.rows @ step.x)[0] < target - 1e-7:
            # what rounding may add to a share, on the safe side
            side = side.with_row(-row.rows.toarray()[0], row.constant[0] - target + ROUNDING)
    return Master(master.cuts, master.group, side, master.groups)


def _solve(master: Master, seconds: float) -> MasterAnswer | None:
    """Solve the master; None where the solver ran out of time."""
    candidates = master.cuts.rows.shape[1]
    picked = csr_array(
        (np.ones(master.group.size), (np.arange(master.group.size), master.group)),
        shape=(master.group.size, master.groups),
    )
    empty = csr_array((master.side.most.size, master.groups))
    solved = linprog(
        np.concatenate([np.zeros(candidates), -np.ones(master.groups)]),
        A_ub=vstack(
            [hstack([-master.cuts.rows, picked]), hstack([master.side.rows, empty])],
            format="csc",
        ),
        b_ub=np.concatenate([master.cuts.constant, master.side.most]),
        bounds=[(0.0, 1.0)] * candidates + [(None, None)] * master.groups,
        method="highs",
        options={"time_limit": seconds},
    )
    if solved.status != 0 or solved.x is None:
        return None
    prices = np.maximum(-np.asarray(solved.ineqlin.marginals, float), 0.0)
    bound = proven(master, prices[: master.group.size], prices[master.group.size :])
    x = np.clip(np.asarray(solved.x[:candidates], float), 0.0, 1.0)
    return MasterAnswer(x, np.asarray(solved.x[candidates:], float), bound)


def proven(master: Master, shares: Floats, prices: Floats) -> float:
    """Return the bound that any shares of cuts and any prices of rows, from 0 up, prove.

    The shares of the cuts of a group are scaled to sum to 1; their sum bounds the demand by a
    linear function of x, less the prices of what x must respect; each x is then 0 or 1.
    """
    total = np.bincount(master.group, shares, minlength=master.groups)
    latest = np.zeros(master.groups, np.int64)
    latest[master.group] = np.arange(master.group.size)
    shares = shares / np.where(total > 0.0, total, 1.0)[master.group]
    shares[latest[total <= 0.0]] = 1.0
    slope = master.cuts.rows.T @ shares - master.side.rows.T @ prices
    constant = float(master.cuts.constant @ shares + master.side.most @ prices)
    return constant + float(np.maximum(slope, 0.0).sum())
