"""The greedy step that the choice and the redraws share: lazy, on arrays, compiled.

Value and needs are submodular: what a candidate adds can only fall as others are built. A stored
gain is therefore an upper bound and only the head of the queue is counted again (Minoux 1978).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Minimum, Quota, Shares, gain

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

    level: Shares
    barred: NDArray[np.int32]
    served: Floats
    counted: Ints

    def copy(self) -> "CoverageState":
        """Return a plan that can go another way."""
        return CoverageState(
            self.level.copy(), self.barred.copy(), self.served.copy(), self.counted.copy()
        )


class GreedyInputs(NamedTuple):
    """What the greedy step chooses by: demand of cells, cost, and the price gain is divided by."""

    cover: Cover
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


class Lack(NamedTuple):
    """What needs are not met yet, as arrays that the greedy step keeps up.

    ``weight`` is what quotas that do not hold count in each cell together, ``least`` what one of
    them lacks at least, ``quotas`` how many they are and of how many the weight is; ``part`` is
    scratch, one for each quota.
    """

    weight: Floats
    least: Floats
    quotas: Ints
    part: Floats


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
        before.astype(np.float32),
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
def _lacking(constraints: Constraints, state: CoverageState, lack: Lack) -> None:
    """Note what quotas that do not hold yet count in each cell, and the least that one lacks."""
    lack.least[0], lack.quotas[0] = np.inf, 0
    for q in range(state.served.size):
        lacking = constraints.target[q] - state.served[q]
        if lacking > MET:
            lack.quotas[0] += 1
            lack.least[0] = min(lack.least[0], lacking)
    if lack.quotas[0] == lack.quotas[1]:
        return
    lack.quotas[1] = lack.quotas[0]
    for cell in range(lack.weight.size):
        lack.weight[cell] = 0.0
        for k in range(constraints.first[cell], constraints.first[cell + 1]):
            q = constraints.quota[k]
            if constraints.target[q] - state.served[q] > MET:
                lack.weight[cell] += constraints.weight[k]


@kernel(**INNER)
def _parts(inputs: GreedyInputs, state: CoverageState, part: NDArray, candidate: int) -> float:
    """Fill in what a candidate adds to each quota; return what those that lack it ask for."""
    cover, constraints = inputs.cover, inputs.constraints
    part[:] = 0.0
    for e in range(cover.first[candidate], cover.first[candidate + 1]):
        cell = cover.cell[e]
        rise = float(cover.share[e]) - float(state.level[cell])
        if rise > 0.0:
            for k in range(constraints.first[cell], constraints.first[cell + 1]):
                part[constraints.quota[k]] += constraints.weight[k] * rise
    gain = 0.0
    for q in range(part.size):
        lacking = constraints.target[q] - state.served[q]
        if lacking > MET:
            gain += min(part[q], lacking)
    return gain


@kernel(**INNER)
def _filled(constraints: Constraints, state: CoverageState, candidate: int) -> float:
    """Return what a candidate adds to minima that do not hold yet: 1 when one is full."""
    gain = 0.0
    for k in range(constraints.minima_first[candidate], constraints.minima_first[candidate + 1]):
        m = constraints.minimum[k]
        if state.counted[m] < constraints.least[m]:
            gain += 1.0 / constraints.least[m]
    return gain


@kernel(**INNER)
def _build(inputs: GreedyInputs, state: CoverageState, candidate: int) -> None:
    """Add a candidate to a plan."""
    cover, constraints = inputs.cover, inputs.constraints
    for e in range(cover.first[candidate], cover.first[candidate + 1]):
        cell = cover.cell[e]
        rise = float(cover.share[e]) - float(state.level[cell])
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
        _build(inputs, state, candidate)


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
    lack: Lack,
    room: Room,
    phase: int,
    scale: float,
    i: int,
) -> float:
    """Return gain per price, or -1 where a candidate can add nothing worth its cost any more.

    Shares of quotas count up to their targets.
    """
    needed, asked = 0.0, 1.0
    if phase != DEMAND:
        added = gain(inputs.cover, state.level, lack.weight, i)
        needed = added
        if added > lack.least[0]:
            needed = _parts(inputs, state, lack.part, i)
            asked = needed / added
        needed += _filled(inputs.constraints, state, i)
        if needed <= MET:
            return -1.0
    demand = gain(inputs.cover, state.level, inputs.weight, i)
    if demand < room.min_gain_per_million * inputs.cost[i]:
        return -1.0
    if phase == DEMAND:
        return demand / inputs.price[i] if demand > 0.0 else -1.0
    if phase == TIER:
        return (asked + TIE) * demand * scale / inputs.price[i]
    return (needed + TIE * demand * scale) / inputs.price[i]


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
    lack: Lack,
    room: Room,
    phase: int,
    scale: float,
    score: NDArray,
    heap: NDArray,
) -> int:
    """Fill in scores and the queue of those that add anything; return its length."""
    # Of a literal numba would make one more form of what is called with it.
    size: int = np.int64(0)  # type: ignore[assignment]
    for i in range(score.size):
        if state.barred[i] == 0 and inputs.cost[i] <= room.money_million:
            score[i] = _score(inputs, state, lack, room, phase, scale, i)
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
    and gain. Equal scores go to the lower index.
    """
    candidates, total = inputs.cost.size, inputs.weight.sum()
    score, fresh = np.zeros(candidates), np.zeros(candidates, np.int64)
    heap, built = np.empty(candidates, np.int64), np.empty(candidates, np.int64)
    lack = Lack(
        np.zeros(inputs.weight.size if phase != DEMAND else 0),
        np.array([np.inf]),
        np.zeros(2, np.int64),
        np.zeros(state.served.size),
    )
    scale, count, money = 1.0 / total if total > 0.0 else 0.0, 0, room.money_million
    if phase != DEMAND:
        _lacking(inputs.constraints, state, lack)
    size = _queue(inputs, state, lack, room, phase, scale, score, heap)
    while size > 0 and count < room.stations:
        if phase != DEMAND and _holds(inputs.constraints, state):
            break
        i = heap[0]
        if fresh[i] != count:
            score[i] = _score(inputs, state, lack, room, phase, scale, i)
            fresh[i] = count
        elif score[i] > 0.0 and state.barred[i] == 0 and inputs.cost[i] <= money:
            _build(inputs, state, i)
            if phase != DEMAND:
                _lacking(inputs.constraints, state, lack)
            money -= inputs.cost[i]
            built[count] = i
            count += 1
            score[i] = -1.0
        if score[i] <= 0.0 or state.barred[i] > 0 or inputs.cost[i] > money:
            size -= 1
            heap[0] = heap[size]
        _sink(heap, size, score, np.int64(0))
    return built[:count]


def take(inputs: GreedyInputs, state: CoverageState, room: Room, phase: int) -> Ints:
    """Build greedily as ``consume`` does, where there is room for and need of anything."""
    if room.stations <= 0 or (phase != DEMAND and met(inputs.constraints, state)):
        return np.empty(0, np.int64)
    built: Ints = consume(inputs, state, room, phase)
    return built
