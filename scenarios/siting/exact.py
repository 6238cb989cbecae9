"""A siting problem as a mixed integer programme: exact, for small parts and small problems.

Variables: ``x[t, i]`` says whether candidate i stands at the end of year t, ``z[t, e]`` which
entry of the cover serves its cell then. A cell is served by one entry at most, an entry only if
its candidate stands, and what stands stays.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, vstack

from phusong.scenarios.siting import cuts, relaxation
from phusong.scenarios.siting.problem import (
    Floats,
    Ints,
    Minimum,
    Problem,
    Quota,
    due,
    level,
    subset,
)
from phusong.scenarios.siting.relaxation import CutDemand, Master, Relaxed
from phusong.scenarios.siting.swap import by_cell

MAX_ENTRIES = 300_000
SMALL = 120_000  # entries up to which the choice of a year is made the best there is
MAX_ROUNDS = 30  # of whole stations that promise more than they serve
SCALE = 1e5  # all demand, as HiGHS reads it
MET = 1e-9  # a share this near its target has reached it
ROUNDING = 1e-9
CLOSED = 1e-3  # of the relaxation: branching closes the rest sooner
INFEASIBLE = 2  # of HiGHS
MOST_BRANCHES = 100  # nodes of all rounds together, for the choice of a year
MAX_NODES = 20_000  # a limit of seconds would make results differ from machine to machine


class Limit(NamedTuple):
    """What may be built after the end of year ``since`` (-1: from the start) up to ``until``."""

    since: int
    until: int
    amount: float
    is_money: bool


class ServedShare(NamedTuple):
    """The mean served share of cells at the end of a year: a constant plus terms in z."""

    constant: float
    variables: Ints
    shares: Floats


class Answer(NamedTuple):
    """What a solver found: the values and the proven bound, or nothing."""

    values: Floats | None
    bound: float
    proven: bool


@dataclass
class Programme:
    """Rows and columns of a programme that grows."""

    columns: int = 0
    rows: list[tuple[Ints, Floats, float, float]] = field(default_factory=list)
    integers: list[tuple[int, int]] = field(default_factory=list)
    upper: list[tuple[int, float]] = field(default_factory=list)

    def add(self, count: int, upper: float, *, integer: bool = False) -> Ints:
        """Add columns from 0 to ``upper`` and return their numbers."""
        start = self.columns
        self.columns += count
        self.upper.append((count, upper))
        if integer:
            self.integers.append((start, self.columns))
        return np.arange(start, self.columns)

    def hold(self, columns: Ints, factors: Floats, least: float, most: float) -> None:
        """Add a row."""
        self.rows.append((columns, factors, least, most))

    def minimise(self, columns: Ints, factors: Floats, gap: float = 0.0) -> Answer:
        """Solve with HiGHS."""
        objective = np.zeros(self.columns)
        np.add.at(objective, columns, factors)
        integrality = np.zeros(self.columns, np.int64)
        for start, end in self.integers:
            integrality[start:end] = 1
        upper = np.concatenate([np.full(count, most) for count, most in self.upper])
        solved = milp(
            objective,
            integrality=integrality,
            bounds=Bounds(0.0, upper),
            constraints=self._constraints(),
            options={"mip_rel_gap": gap, "node_limit": MAX_NODES},
        )
        bound = getattr(solved, "mip_dual_bound", None)
        return Answer(
            None if solved.x is None else np.asarray(solved.x, float),
            -np.inf if bound is None else float(bound),
            solved.status in {0, 2},
        )

    def _constraints(self) -> LinearConstraint:
        sizes = [columns.size for columns, *_ in self.rows]
        matrix = csr_array(
            (
                np.concatenate([factors for _, factors, *_ in self.rows]),
                np.concatenate([columns for columns, *_ in self.rows]),
                np.concatenate(([0], np.cumsum(sizes))),
            ),
            shape=(len(self.rows), self.columns),
        )
        return LinearConstraint(
            matrix, [row[2] for row in self.rows], [row[3] for row in self.rows]
        )


@dataclass(frozen=True)
class Stages:
    """A programme with ``x[t, place]`` for the candidates named and the years of a plan."""

    programme: Programme
    candidates: Ints
    x: NDArray[np.int64]


def limits(problem: Problem) -> list[Limit]:
    """Return the limits on stations and money; what a year leaves over is carried on.

    A year without a limit carries nothing over and breaks the sum.
    """
    rows = []
    for is_money in (False, True):
        since, total = -1, 0.0
        for t, year in enumerate(problem.years):
            amount = year.budget_million if is_money else year.stations
            if amount is None:
                since, total = t, 0.0
            else:
                total += amount
                rows.append(Limit(since, t, total, is_money))
    return rows


def stages(
    problem: Problem, candidates: Ints, years: int, extra: list[Limit] | None = None
) -> tuple[Stages, Ints]:
    """Return the programme of the first years with limits and exclusions.

    ``extra`` are limits that may be exceeded: the columns returned say by how much.
    """
    programme = Programme()
    x = np.array([programme.add(candidates.size, 1.0, integer=True) for _ in range(years)])
    for t in range(1, years):
        for later, earlier in zip(x[t], x[t - 1], strict=True):
            programme.hold(np.array([later, earlier]), np.array([1.0, -1.0]), 0.0, np.inf)
    over = programme.add(len(extra or ()), np.inf)
    column = dict(zip(extra or (), over.tolist(), strict=True))
    for limit in limits(problem):
        if limit.until < years:
            _limit(programme, x, problem.cost[candidates], limit, column.get(limit))
    place = np.full(problem.cover.candidates, -1)
    place[candidates] = np.arange(candidates.size)
    for one, other in place[problem.excludes]:
        if one >= 0 and other >= 0:
            programme.hold(x[-1, [one, other]], np.ones(2), 0.0, 1.0)
    return Stages(programme, candidates, x), over


def _limit(
    programme: Programme, x: NDArray[np.int64], cost: Floats, limit: Limit, over: int | None
) -> None:
    factors = cost if limit.is_money else np.ones(cost.size)
    parts = [(x[limit.until], factors)]
    if limit.since >= 0:
        parts.append((x[limit.since], -factors))
    if over is not None:
        parts.append((np.array([over]), np.array([-1.0])))
    columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    programme.hold(columns, values, -np.inf, limit.amount)


def entries(problem: Problem, cells: Ints) -> tuple[Ints, Ints, Floats]:
    """Return cell, candidate and rise over ``before`` of every entry that can serve these cells."""
    table = by_cell(problem.cover, problem.before.size)
    spans = [np.arange(table.first[d], table.first[d + 1]) for d in cells]
    chosen = np.concatenate([np.empty(0, np.int64), *spans])
    cell = np.repeat(cells, [span.size for span in spans])
    rise = table.share[chosen].astype(float) - problem.before[cell]
    useful = rise > 0.0
    return cell[useful], table.candidate[chosen][useful].astype(np.int64), rise[useful]


def serve(
    stage: Stages, problem: Problem, year: int, measures: list[tuple[Ints, Floats]]
) -> list[ServedShare]:
    """Add who serves the cells of some measures at the end of a year; return their shares.

    A measure is cells with weights that sum to 1 (or to the demand they stand for).
    """
    cells = np.unique(np.concatenate([np.empty(0, np.int64), *(m[0] for m in measures)]))
    cell, candidate, rise = entries(problem, cells)
    place = np.searchsorted(stage.candidates, candidate)
    z = stage.programme.add(cell.size, 1.0)
    for column, x in zip(z, stage.x[year, place], strict=True):
        stage.programme.hold(np.array([x, column]), np.array([1.0, -1.0]), 0.0, np.inf)
    starts, ends = np.searchsorted(cell, cells), np.searchsorted(cell, cells, side="right")
    for start, end in zip(starts, ends, strict=True):
        if end > start:
            stage.programme.hold(z[start:end], np.ones(end - start), 0.0, 1.0)
    served = []
    for members, weights in measures:
        weight = np.bincount(members, weights, problem.before.size)
        constant = float(weight @ problem.before.astype(float))
        served.append(ServedShare(constant, z, weight[cell] * rise))
    return served


def best(problem: Problem, start: Ints, branches: int = MOST_BRANCHES) -> tuple[Ints, bool]:
    """Return the stations of one year that serve most, and whether that is proven.

    Limits, exclusions, quotas and minima hold; where no plan is better, it is ``start``. First
    the candidates that another outdoes are left out, then those that by the prices of the linear
    relaxation cannot belong to a better plan. HiGHS branches on the rest; each of its answers is
    served truly, and cut off where it promised too much, up to a number of branches.
    """
    counts = problem.weight > 0.0
    for quota in problem.quotas:
        counts[quota.cells] = True
    needed = ~cuts.outdone(cuts.servers(problem, counts), problem)
    needed[start] = True
    rows = np.flatnonzero(needed)
    chosen, proven = _best(subset(problem, rows), np.searchsorted(rows, np.sort(start)), branches)
    return rows[chosen], proven


def _best(problem: Problem, start: Ints, branches: int) -> tuple[Ints, bool]:
    stations, money = means(problem)
    core = np.zeros(problem.cover.candidates)
    core[start] = 1.0
    known = _value(problem, start) if holds(problem, start) else -math.inf
    cells = relaxation.demand(problem, start, problem.quotas)
    limited = relaxation.limits(problem, stations, money, problem.minima)
    most = relaxation.relaxed(cells, limited, core, known * (1.0 + ROUNDING), math.inf, CLOSED)
    if most.best is None or most.bound <= known * (1.0 + ROUNDING):
        return start, True
    return _branched(cells, most, start, known, branches)


def _branched(
    cells: CutDemand, most: Relaxed, start: Ints, known: float, branches: int
) -> tuple[Ints, bool]:
    """Solve the master with whole stations, cut, and again, until it promises nothing better."""
    problem, master, found = cells.problem, most.master, start
    scale = max(float(cells.weight.sum()), 1e-300) / SCALE
    for _ in range(MAX_ROUNDS):
        solved = _whole(cells, master, most, known, scale, branches)
        if solved.x is None:
            return found, solved.status == INFEASIBLE
        x = np.round(solved.x[: problem.cover.candidates])
        chosen = np.flatnonzero(x > 0.5)
        if holds(problem, chosen) and _value(problem, chosen) > known:
            found, known = chosen, _value(problem, chosen)
        bound = cells.constant - scale * float(solved.mip_dual_bound)
        if solved.status != 0 or bound <= known * (1.0 + ROUNDING):
            return found, solved.status == 0
        branches = max(branches - int(solved.mip_node_count), 1)
        before = master.rows
        master = _cut_off(cells, master, x, scale * solved.x[x.size :])
        if master.rows == before:
            return found, True
    return found, False


def _cut_off(cells: CutDemand, master: Master, x: Floats, promised: Floats) -> Master:
    """Return the master that promises no more at these whole stations than they serve."""
    none = np.empty(0)
    step = relaxation.MasterAnswer(x, promised, none, none, math.inf, none)
    master = relaxation.cut(cells, master, x, step)[1]
    if float(cells.problem.cost @ x) <= means(cells.problem)[1]:
        return master
    limits = master.limits  # the solver lets rows be broken a little: not with these stations
    rows = vstack([csr_array(x[None, :]), limits.rows], format="csr")
    most = np.concatenate([[x.sum() - 1.0], limits.most])
    return replace(master, limits=replace(limits, rows=rows, most=most))


def _whole(
    cells: CutDemand, master: Master, most: Relaxed, known: float, scale: float, branches: int
) -> OptimizeResult:
    """Solve the master with whole stations that promise more than is known."""
    objective, matrix, right = relaxation.programme(master, cells)
    candidates = cells.problem.cover.candidates
    unit = np.concatenate([np.ones(candidates), np.full(cells.groups, scale)])
    rows = np.concatenate([np.full(master.group.size, scale), np.ones(master.limits.most.size)])
    matrix = matrix * unit[None, :] / rows[:, None]
    low, high = _fixed(most, known, candidates)
    integrality = np.concatenate([np.ones(candidates), np.zeros(cells.groups)])
    constraints = [LinearConstraint(matrix, -np.inf, right / rows)]
    if math.isfinite(known):
        better = (known - cells.constant) / scale
        constraints.append(LinearConstraint(csr_array(-objective[None, :]), better, np.inf))
    return milp(
        objective,
        integrality=integrality,
        bounds=Bounds(
            np.concatenate([low, np.full(cells.groups, -np.inf)]),
            np.concatenate([high, np.full(cells.groups, np.inf)]),
        ),
        constraints=constraints,
        options={"mip_rel_gap": 0.0, "node_limit": branches},
    )


def _fixed(most: Relaxed, known: float, candidates: int) -> tuple[Floats, Floats]:
    """Return the least and the most of each station in a plan better than what is known."""
    low, high = np.zeros(candidates), np.ones(candidates)
    if most.best is not None:
        room = most.bound * (1.0 + ROUNDING) - known
        high[most.best.slope < -room] = 0.0
        low[most.best.slope > room] = 1.0
    return low, high


def means(problem: Problem) -> tuple[float, float]:
    """Return the stations and the money of a problem of one year, infinite without a limit."""
    (year,) = problem.years
    stations, money = year.stations, year.budget_million
    return math.inf if stations is None else stations, math.inf if money is None else money


def _value(problem: Problem, chosen: Ints) -> float:
    return float(level(problem, chosen).astype(float) @ problem.weight)


def holds(problem: Problem, chosen: Ints) -> bool:
    """Say whether stations of one year are within all limits, quotas and minima."""
    stations, money = means(problem)
    served = level(problem, chosen).astype(float)
    stand = np.zeros(problem.cover.candidates, bool)
    stand[chosen] = True
    shares = (served[q.cells] @ q.weight / q.weight.sum() for q in problem.quotas)
    return bool(
        chosen.size <= stations
        and problem.cost[chosen].sum() <= money * (1.0 + 1e-12)
        and not stand[problem.excludes].all(axis=1).any()
        and all(s >= q.target_share - MET for s, q in zip(shares, problem.quotas, strict=True))
        and all(
            m.existing + stand[np.unique(m.candidates)].sum() >= m.least for m in problem.minima
        )
    )


def require(
    stage: Stages,
    problem: Problem,
    quotas: Sequence[Quota],
    minima: Sequence[Minimum],
    *,
    slack: bool = False,
) -> Ints:
    """Ask for quotas and minima in their years; return a column of slack for each, if wanted.

    The slack of a quota is a share, that of a minimum a number of stations.
    """
    count = len(quotas) + len(minima)
    lacking = stage.programme.add(count, np.inf) if slack else np.empty(0, np.int64)
    for t in range(len(stage.x)):
        now = [k for k, quota in enumerate(quotas) if due(problem, quota.year) == t]
        measures = [(quotas[k].cells, quotas[k].weight / quotas[k].weight.sum()) for k in now]
        for k, share in zip(now, serve(stage, problem, t, measures), strict=True):
            columns = np.concatenate([share.variables, lacking[k : k + 1]])
            factors = np.concatenate([share.shares, np.ones(columns.size - share.shares.size)])
            least = quotas[k].target_share - share.constant
            stage.programme.hold(columns, factors, least, np.inf)
    for k, minimum in enumerate(minima, start=len(quotas)):
        places = np.searchsorted(stage.candidates, np.unique(minimum.candidates))
        stations = stage.x[due(problem, minimum.year), places]
        columns = np.concatenate([stations, lacking[k : k + 1]])
        least = minimum.least - minimum.existing
        stage.programme.hold(columns, np.ones(columns.size), least, np.inf)
    return lacking
