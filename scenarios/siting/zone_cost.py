"""What it costs to serve a zone by itself: the cheapest stations that the greedy step takes."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from phusong.coverage.kernel import KERNEL, kernel
from phusong.scenarios.siting import greedy, swap
from phusong.scenarios.siting.greedy import MET, TIER, GreedyInputs, Room
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Problem, Quota, Shares
from phusong.scenarios.siting.swap import ByCell

NEARLY = 0.98  # of what all candidates together serve: the last of it would cost most


class ZoneDemand(NamedTuple):
    """Cells of a zone, rising, what counts in each, and the share of it to be served."""

    cells: Ints
    weight: Floats
    target_share: float


class Way(NamedTuple):
    """Stations that serve a zone: how many, for how much, and what they add of its demand."""

    stations: int
    cost_million: float
    gained: float

    @property
    def million_per_1000(self) -> float:
        """Return the cost of 1,000 that count; infinite where nothing is gained."""
        return 1000.0 * self.cost_million / self.gained if self.gained > 0.0 else math.inf


def ways(problem: Problem, zones: Iterable[ZoneDemand]) -> list[Way]:
    """Return the cheapest way found to serve each zone, as if there were no other.

    Stations are taken by what they add for their money until the target share is reached, or what
    is nearly within reach; where that share is served today, as far as is nearly within reach.
    """
    cells = swap.by_cell(problem.cover, problem.before.size)
    most, served = problem.before.copy(), np.diff(cells.first) > 0
    best = np.maximum.reduceat(cells.share, cells.first[:-1][served]) if served.any() else most[:0]
    most[served] = np.maximum(most[served], best)
    return [_way(problem, cells, most[zone.cells], zone) for zone in zones]


def _way(problem: Problem, cells: ByCell, most: Shares, zone: ZoneDemand) -> Way:
    """Return the way of a zone; ``most`` is what all candidates serve of its cells."""
    whole = float(zone.weight.sum())
    rows, cover = _own(cells, zone.cells)
    if not whole > 0.0 or not rows.size:
        return Way(0, 0.0, 0.0)
    before = problem.before[zone.cells]
    start, reach = (float(level @ zone.weight) / whole for level in (before, NEARLY * most))
    target = min(zone.target_share, reach)
    if start >= target - MET:
        target = reach
    quota = Quota("", 0, np.arange(zone.cells.size), zone.weight, target)
    inputs = GreedyInputs(
        cover,
        zone.weight.astype(float),
        problem.cost[rows].astype(float),
        problem.cost[rows].astype(float),
        greedy.constraints([quota], [], zone.cells.size, rows.size),
        greedy.pairs(_among(problem.excludes, rows, problem.cost.size), rows.size),
    )
    state = greedy.start(before, inputs.constraints, rows.size)
    built = greedy.take(inputs, state, Room(rows.size, math.inf), TIER)
    gained = float((state.level - before) @ zone.weight)
    return Way(int(built.size), float(inputs.cost[built].sum()), gained)


def _own(cells: ByCell, wanted: Ints) -> tuple[Ints, Cover]:
    """Return the candidates that serve some of the cells, and what each serves of them."""
    most = int(cells.candidate.max(initial=-1)) + 1
    rows, first, place, share = _rows_of(cells, wanted, most)
    return rows, Cover(first, place, share)


@kernel(**KERNEL)
def _rows_of(cells: ByCell, wanted: Ints, candidates: int) -> tuple[Any, Any, Any, Any]:
    """Return who serves some cells: candidates, and row by row their cells by place, and shares."""
    counts = np.zeros(candidates, np.int64)
    for d in wanted:
        for e in range(cells.first[d], cells.first[d + 1]):
            counts[cells.candidate[e]] += 1
    rows = np.flatnonzero(counts)
    first, at = np.zeros(rows.size + 1, np.int64), np.zeros(candidates, np.int64)
    for k in range(rows.size):
        at[rows[k]] = first[k]
        first[k + 1] = first[k] + counts[rows[k]]
    place, share = np.empty(first[-1], np.int32), np.empty(first[-1], np.float32)
    for k in range(wanted.size):
        for e in range(cells.first[wanted[k]], cells.first[wanted[k] + 1]):
            entry = at[cells.candidate[e]]
            place[entry], share[entry] = k, cells.share[e]
            at[cells.candidate[e]] += 1
    return rows, first, place, share


def _among(excludes: Ints, rows: Ints, candidates: int) -> Ints:
    """Return the pairs that lie among these candidates, by their places there."""
    place = np.full(candidates, -1)
    place[rows] = np.arange(rows.size)
    pairs: Ints = place[excludes]
    return pairs[(pairs >= 0).all(axis=1)].reshape(-1, 2)
