"""The greedy step that the choice and the redraws share: lazy, on arrays, compiled.

Value and needs are submodular: what a candidate adds can only fall as others are built. A stored
gain is therefore an upper bound and only the head of the queue is counted again (Minoux 1978).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Minimum, Quota, Shares

TIE = 1e-4  # of all demand: between candidates that serve a need alike, the demand decides
MET = 1e-9  # a share this near its target has reached it
# What stations are taken for: needs, all demand, or the share of a tier, where demand counts until
# the share is reached.
CONSTRAINTS, DEMAND, TIER = 0, 1, 2


class Constraints(NamedTuple):
    """Quotas by cell and minima by candidate, as sparse rows.

    The weights of a quota sum to 1; ``target`` is its share, ``least`` the stations of a minimum
    less those on air.
    """

    first: Ints
    quota: NDArray[np.int32]
    weight: Floats
    target: Floats
    minima_first: Ints
    minimum: NDArray[np.int32]
    least: Ints


class Pairs(NamedTuple):
    """For each candidate, those that may not stand beside it: ``other[first[i]:first[i + 1]]``."""

    first: Ints
    other: NDArray[np.int32]


class CoverageState(NamedTuple):
    """How far a plan has come; the greedy step changes it.

    ``level`` is the share served in each cell; ``barred`` counts what keeps a candidate out
    (it stands, or one that excludes it does); ``served`` and ``counted`` are the share of each
    quota and the stations of each minimum.
    """

    level: Floats
    barred: NDArray[np.int32]
    served: Floats
    counted: Ints

    def copy(self) -> "CoverageState":
        """Return a plan that can go another way."""
        return CoverageState(
            self.level.copy(), self.barred.copy(), self.served.copy(), self.counted.copy()
        )


class GreedyInputs(NamedTuple):
    """What the greedy step chooses by: demand of cells, cost, and the price gain is divided by.

    Row ``i`` of the cover ends before ``end[i]``; the greedy step cuts rows short.
    """

    cover: Cover
    end: Ints
    weight: Floats
    cost: Floats
    price: Floats
    constraints: Constraints
    pairs: Pairs


class Room(NamedTuple):
    """How many stations and how much money are left, and the gain per million it ends below."""

    stations: int
    money_million: float
    min_gain_per_million: float = 0.0


def constraints(
    quotas: list[Quota], minima: list[Minimum], cells: int, candidates: int
) -> Constraints:
    """Return quotas and minima as the kernels read them."""
    first, quota, weight = rows(
        [q.cells for q in quotas], [q.weight / q.weight.sum() for q in quotas], cells
    )
    minima_first, minimum, _ = rows(
        [m.candidates for m in minima], [np.ones(m.candidates.size) for m in minima], candidates
    )
    return Constraints(
        first,
        quota,
        weight,
        np.array([q.target_share for q in quotas], float),
        minima_first,
        minimum,
        np.array([m.least - m.existing for m in minima], np.int64),
    )


def rows(
    members: list[Ints], weights: list[Floats], size: int
) -> tuple[Ints, NDArray[np.int32], Floats]:
    """Return lists of members turned round: for each member the lists that hold it."""
    lists = np.repeat(np.arange(len(members)), [m.size for m in members])
    member = np.concatenate([np.empty(0, np.int64), *members])
    order = np.argsort(member, kind="stable")
    first = np.concatenate(([0], np.cumsum(np.bincount(member, minlength=size)))).astype(np.int64)
    weight = np.concatenate([np.empty(0), *weights])
    return first, lists[order].astype(np.int32), weight[order]


def pairs(excludes: Ints, candidates: int) -> Pairs:
    """Return pairs of candidates as rows, both ways round, each pair once."""
    both = np.unique(np.concatenate([excludes, excludes[:, ::-1]]), axis=0)
    first = np.searchsorted(both[:, 0], np.arange(candidates + 1))
    return Pairs(first.astype(np.int64), both[:, 1].astype(np.int32))


def start(before: Shares, constraints: Constraints, candidates: int) -> CoverageState:
    """Return the plan in which only the stations on air stand."""
    of_cell = np.repeat(np.arange(before.size), np.diff(constraints.first))
    served = np.bincount(
        constraints.quota, constraints.weight * before[of_cell], minlength=constraints.target.size
    )
    return CoverageState(
        before.astype(float),
        np.zeros(candidates, np.int32),
        served.astype(float),
        np.zeros(constraints.least.size, np.int64),
    )


def met(constraints: Constraints, state: CoverageState) -> bool:
    """Say whether every quota and every minimum holds."""
    return bool(
        np.all(state.served >= constraints.target - MET)
        and np.all(state.counted >= constraints.least)
    )


@kernel(**INNER)
def _demand_gain(inputs: GreedyInputs, level: NDArray, candidate: int) -> float:
    """Return the demand that a candidate adds to what is served.

    Entries that add nothing never will again: they leave the row, and the next count is shorter.
    """
    cover, gain, end = inputs.cover, 0.0, inputs.cover.first[candidate]
    for e in range(cover.first[candidate], inputs.end[candidate]):
        cell, share = cover.cell[e], cover.share[e]
        rise = max(share - level[cell], 0.0)
        gain += inputs.weight[cell] * rise
        cover.cell[end], cover.share[end] = cell, share  # without a branch: faster
        end += rise > 0.0
    inputs.end[candidate] = end
    return gain


@kernel(**INNER)
def _constraint_gain(
    inputs: GreedyInputs, state: CoverageState, part: NDArray, candidate: int
) -> tuple[float, float]:
    """Return what a candidate adds to quotas and minima that do not hold yet.

    A quota counts in shares, up to its target; a minimum counts 1 when it is full. Beside it the
    part of what is added to such quotas that their targets ask for.
    """
    cover, constraints = inputs.cover, inputs.constraints
    part[:] = 0.0
    for e in range(cover.first[candidate], inputs.end[candidate]):
        cell = cover.cell[e]
        rise = cover.share[e] - state.level[cell]
        if rise > 0.0:
            for k in range(constraints.first[cell], constraints.first[cell + 1]):
                part[constraints.quota[k]] += constraints.weight[k] * rise
    gain, added = 0.0, 0.0
    for q in range(part.size):
        lacking = constraints.target[q] - state.served[q]
        if lacking > MET:
            gain += min(part[q], lacking)
            added += part[q]
    asked = gain / added if added > 0.0 else 0.0
    for k in range(constraints.minima_first[candidate], constraints.minima_first[candidate + 1]):
        m = constraints.minimum[k]
        if state.counted[m] < constraints.least[m]:
            gain += 1.0 / constraints.least[m]
    return gain, asked


@kernel(**INNER)
def build(inputs: GreedyInputs, state: CoverageState, candidate: int) -> None:
    """Add a candidate to a plan."""
    cover, constraints = inputs.cover, inputs.constraints
    for e in range(cover.first[candidate], inputs.end[candidate]):
        cell = cover.cell[e]
        rise = cover.share[e] - state.level[cell]
        if rise > 0.0:
            state.level[cell] = cover.share[e]
            for k in range(constraints.first[cell], constraints.first[cell + 1]):
                state.served[constraints.quota[k]] += constraints.weight[k] * rise
    for k in range(constraints.minima_first[candidate], constraints.minima_first[candidate + 1]):
        state.counted[constraints.minimum[k]] += 1
    state.barred[candidate] += 1
    for k in range(inputs.pairs.first[candidate], inputs.pairs.first[candidate + 1]):
        state.barred[inputs.pairs.other[k]] += 1


@kernel(**KERNEL)
def build_all(inputs: GreedyInputs, state: CoverageState, candidates: NDArray) -> None:
    """Add candidates to a plan."""
    for candidate in candidates:
        build(inputs, state, candidate)


@kernel(**INNER)
def _sink(heap: NDArray, size: int, score: NDArray, place: int) -> None:
    """Let an entry of the queue sink to its place: best score first, then the lower index."""
    item = heap[place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size:
            left, right = heap[child], heap[child + 1]
            if score[right] > score[left] or (score[right] == score[left] and right < left):
                child += 1
        lower = heap[child]
        if score[lower] < score[item] or (score[lower] == score[item] and lower > item):
            break
        heap[place] = lower
        place = child
    heap[place] = item


@kernel(**INNER)
def _score(
    inputs: GreedyInputs,
    state: CoverageState,
    part: NDArray,
    phase: int,
    scale: float,
    rate: float,
    i: int,
) -> float:
    """Return gain per price, or -1 where a candidate can add nothing worth its cost any more."""
    demand, least = _demand_gain(inputs, state.level, i), rate * inputs.cost[i]
    if phase == DEMAND:
        return demand / inputs.price[i] if demand > 0.0 and demand >= least else -1.0
    constraint, asked = _constraint_gain(inputs, state, part, i)
    if constraint <= MET or demand < least:
        return -1.0
    if phase == TIER:
        return (asked + TIE) * demand * scale / inputs.price[i]
    return (constraint + TIE * demand * scale) / inputs.price[i]


@kernel(**INNER)
def _holds(constraints: Constraints, state: CoverageState) -> bool:
    for q in range(constraints.target.size):
        if state.served[q] < constraints.target[q] - MET:
            return False
    for m in range(constraints.least.size):  # noqa: SIM110 - a loop compiles without the runtime
        if state.counted[m] < constraints.least[m]:
            return False
    return True


@kernel(**INNER)
def _queue(
    inputs: GreedyInputs,
    state: CoverageState,
    room: Room,
    phase: int,
    scale: float,
    score: NDArray,
    part: NDArray,
    heap: NDArray,
) -> int:
    """Fill in scores and the queue of those that add anything; return its length."""
    size = 0
    for i in range(score.size):
        if state.barred[i] == 0 and inputs.cost[i] <= room.money_million:
            rate = room.min_gain_per_million
            score[i] = _score(inputs, state, part, phase, scale, rate, i)
            if score[i] > 0.0:
                heap[size] = i
                size += 1
    for place in range(size // 2 - 1, -1, -1):
        _sink(heap, size, score, place)
    return size


@kernel(**KERNEL)
def consume(inputs: GreedyInputs, state: CoverageState, room: Room, phase: int) -> NDArray:
    """Build greedily, best gain per price first, and return what was built in order.

    ``phase`` CONSTRAINTS and TIER stop when every need holds; DEMAND goes on while there is room
    and gain.
    Equal scores go to the lower index. The rows of the cover are cut short as stations are built.
    """
    candidates, total = inputs.cost.size, inputs.weight.sum()
    score, fresh = np.zeros(candidates), np.zeros(candidates, np.int64)
    heap, part = np.empty(candidates, np.int64), np.zeros(inputs.constraints.target.size)
    built, count, money = np.empty(candidates, np.int64), 0, room.money_million
    scale = 1.0 / total if total > 0.0 else 0.0
    size = _queue(inputs, state, room, phase, scale, score, part, heap)
    while size > 0 and count < room.stations:
        if phase != DEMAND and _holds(inputs.constraints, state):
            break
        i = heap[0]
        if fresh[i] != count:
            rate = room.min_gain_per_million
            score[i] = _score(inputs, state, part, phase, scale, rate, i)
            fresh[i] = count
        elif score[i] > 0.0 and state.barred[i] == 0 and inputs.cost[i] <= money:
            build(inputs, state, i)
            money -= inputs.cost[i]
            built[count] = i
            count += 1
            score[i] = -1.0
        if score[i] <= 0.0 or state.barred[i] > 0 or inputs.cost[i] > money:
            size -= 1
            heap[0] = heap[size]
        _sink(heap, size, score, 0)
    return built[:count]


def take(inputs: GreedyInputs, state: CoverageState, room: Room, phase: int) -> Ints:
    """Build greedily as ``consume`` does, and leave the cover as it is."""
    if room.stations <= 0 or (phase != DEMAND and met(inputs.constraints, state)):
        return np.empty(0, np.int64)
    cover = inputs.cover._replace(cell=inputs.cover.cell.copy(), share=inputs.cover.share.copy())
    built: Ints = consume(inputs._replace(cover=cover, end=inputs.end.copy()), state, room, phase)
    return built
