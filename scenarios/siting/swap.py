"""Improve one year's stations by exchange: swap one out and one in while the value rises.

For every cell the best and the second best server are kept. What a swap brings is the gain of the
newcomer, less the loss of the leaver, plus what both serve (fast interchange, Resende and Werneck
2007, A fast swap-based local search procedure for location problems), so one look at
the newcomer's row gives its swap with every leaver.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.scenarios.siting.greedy import (
    MET,
    Constraints,
    CoverageState,
    GreedyInputs,
    build_all,
)
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Shares

# Typed: of a literal number numba makes a form of its own of every kernel that is called with it.
NOBODY = np.int64(-1)  # a cell is served by what stood before this year
BUILT, REMOVED = np.int64(1), np.int64(-1)
TRIES = 8  # leavers that a newcomer may try before the next newcomer's turn
RISE = 1e-9  # of all demand: a smaller improvement is rounding


class ByCell(NamedTuple):
    """Who serves each cell: ``candidate[first[d]:first[d + 1]]``, and with which share."""

    first: Ints
    candidate: NDArray[np.int32]
    share: Shares


class SwapState(NamedTuple):
    """Stations of a year and what they serve; exchange changes it.

    ``base`` is the share served by what stood before; ``best``, ``server`` and ``second`` hold for
    base and stations together. ``place`` is -1 or the candidate's place in ``stations``; a place
    that holds -1 is free. ``floor`` and ``least`` are what quotas and minima may not fall below.
    ``money`` holds what is left.
    """

    stations: Ints
    place: NDArray[np.int32]
    base: Shares
    best: Shares
    server: NDArray[np.int32]
    second: Shares
    barred: NDArray[np.int32]
    served: Floats
    counted: Ints
    floor: Floats
    least: Ints
    money: Floats


class StationLosses(NamedTuple):
    """What each station alone serves, which its leaving would cost.

    ``demand`` by station, shape (stations,), and ``shares`` of quotas, shape (stations, quotas).
    """

    demand: Floats
    shares: Floats


@kernel(**KERNEL)
def by_cell(cover: Cover, cells: int) -> ByCell:
    """Return the entries of a cover cell by cell, candidates rising."""
    first = np.zeros(cells + 1, np.int64)
    for cell in cover.cell:
        first[cell + 1] += 1
    first = np.cumsum(first)
    at = first[:-1].copy()
    candidate, share = np.empty(cover.cell.size, np.int32), np.empty(cover.cell.size, np.float32)
    for i in range(cover.first.size - 1):
        for e in range(cover.first[i], cover.first[i + 1]):
            place = at[cover.cell[e]]
            candidate[place], share[place] = i, cover.share[e]
            at[cover.cell[e]] += 1
    return ByCell(first, candidate, share)


def start_swaps(
    inputs: GreedyInputs, base: CoverageState, stations: Ints, floor: Floats, money: float
) -> SwapState:
    """Return a year's stations on top of a plan, with the money that is left.

    ``floor`` is what each quota must keep; minima that hold are kept too.
    """
    whole = base.copy()
    build_all(inputs, whole, stations)
    level = base.level.astype(np.float32)  # as shares are: exact
    state = SwapState(
        stations.copy(),
        np.full(inputs.cost.size, NOBODY, np.int32),
        level,
        level.copy(),
        np.full(level.size, NOBODY, np.int32),
        level.copy(),
        whole.barred,
        whole.served,
        whole.counted,
        floor,
        np.minimum(whole.counted, inputs.constraints.least),
        np.array([money]),
    )
    state.place[stations] = np.arange(stations.size)
    for place in range(stations.size):
        _arrive(inputs.cover, state, place)
    return state


@kernel(**INNER)
def _arrive(cover: Cover, state: SwapState, place: int) -> None:
    """Count the station at a place in best, server and second."""
    i = state.stations[place]
    for e in range(cover.first[i], cover.first[i + 1]):
        cell, share = cover.cell[e], cover.share[e]
        if share > state.best[cell]:
            state.second[cell] = state.best[cell]
            state.best[cell], state.server[cell] = share, place
        elif share > state.second[cell]:
            state.second[cell] = share


@kernel(**INNER)
def _leave(cover: Cover, cells: ByCell, state: SwapState, i: int) -> None:
    """Find best, server and second anew where a candidate that stands no more served."""
    for e in range(cover.first[i], cover.first[i + 1]):
        cell = cover.cell[e]
        if cover.share[e] < state.second[cell]:
            continue
        best, server, second = state.base[cell], NOBODY, state.base[cell]
        for k in range(cells.first[cell], cells.first[cell + 1]):
            place, share = state.place[cells.candidate[k]], cells.share[k]
            if place == NOBODY:
                continue
            if share > best:
                second, best, server = best, share, place
            elif share > second:
                second = share
        state.best[cell], state.server[cell] = best, server
        state.second[cell] = second


@kernel(**INNER)
def _lose(inputs: GreedyInputs, state: SwapState, loss: StationLosses) -> None:
    """Fill in what each station alone serves."""
    constraints = inputs.constraints
    loss.demand[:] = 0.0
    loss.shares[:] = 0.0
    for cell in range(inputs.weight.size):
        place = state.server[cell]
        if place != NOBODY:
            alone = float(state.best[cell]) - float(state.second[cell])
            loss.demand[place] += inputs.weight[cell] * alone
            for k in range(constraints.first[cell], constraints.first[cell + 1]):
                loss.shares[place, constraints.quota[k]] += constraints.weight[k] * alone


@kernel(**KERNEL)
def losses(inputs: GreedyInputs, state: SwapState) -> StationLosses:
    """Return what each station alone serves."""
    stations = state.stations.size
    loss = StationLosses(np.empty(stations), np.empty((stations, state.served.size)))
    _lose(inputs, state, loss)
    return loss


@kernel(**INNER)
def _nets(
    inputs: GreedyInputs,
    state: SwapState,
    loss: NDArray,
    rate: float,
    net: NDArray,
    newcomer: int,
) -> None:
    """Fill in what swapping a newcomer for each station brings; -inf where rules forbid it.

    What it costs more counts against it at a rate per million.
    """
    cover, gain = inputs.cover, 0.0
    net[:] = 0.0
    for e in range(cover.first[newcomer], cover.first[newcomer + 1]):
        cell, share = cover.cell[e], cover.share[e]
        if share > state.second[cell]:
            over = float(share) - float(state.second[cell])
            rise = max(float(share) - float(state.best[cell]), 0.0)
            gain += inputs.weight[cell] * rise
            place = state.server[cell]
            if place != NOBODY:
                net[place] += inputs.weight[cell] * (over - rise)
    for place in range(net.size):
        if not _allowed(inputs, state, newcomer, place):
            net[place] = -np.inf
            continue
        net[place] += gain - loss[place]
        net[place] -= rate * (inputs.cost[newcomer] - inputs.cost[state.stations[place]])


@kernel(**INNER)
def _allowed(inputs: GreedyInputs, state: SwapState, newcomer: int, place: int) -> bool:
    """Say whether money, exclusions and minima allow a swap (or, newcomer -1, a removal)."""
    leaver = state.stations[place]
    if leaver == NOBODY:
        return False
    if newcomer != NOBODY:
        if inputs.cost[newcomer] - inputs.cost[leaver] > state.money[0]:
            return False
        if state.barred[newcomer] > 0:
            apart, between = inputs.pairs, 0
            for k in range(apart.first[leaver], apart.first[leaver + 1]):
                between += apart.other[k] == newcomer
            if state.barred[newcomer] > between:
                return False
    constraints = inputs.constraints
    for k in range(constraints.minima_first[leaver], constraints.minima_first[leaver + 1]):
        m = constraints.minimum[k]
        if state.counted[m] <= state.least[m] and not _counts(constraints, newcomer, m):
            return False
    return True


@kernel(**INNER)
def _counts(constraints: Constraints, candidate: int, minimum: int) -> bool:
    if candidate == NOBODY:
        return False
    for k in range(constraints.minima_first[candidate], constraints.minima_first[candidate + 1]):
        if constraints.minimum[k] == minimum:
            return True
    return False


@kernel(**INNER)
def _shifts(
    inputs: GreedyInputs,
    state: SwapState,
    lost: NDArray,
    gained: NDArray,
    shift: NDArray,
    newcomer: int,
) -> None:
    """Fill in how swapping a newcomer for each station changes the share of every quota.

    ``gained`` is scratch, shape (quotas,); ``shift`` has the shape of ``lost``.
    """
    cover, constraints = inputs.cover, inputs.constraints
    gained[:] = 0.0
    shift[:] = 0.0
    for e in range(cover.first[newcomer], cover.first[newcomer + 1]):
        cell, share = cover.cell[e], cover.share[e]
        if share > state.second[cell]:
            over = float(share) - float(state.second[cell])
            rise = max(float(share) - float(state.best[cell]), 0.0)
            place = state.server[cell]
            for k in range(constraints.first[cell], constraints.first[cell + 1]):
                q, weight = constraints.quota[k], constraints.weight[k]
                gained[q] += weight * rise
                if place != NOBODY:
                    shift[place, q] += weight * (over - rise)
    for place in range(shift.shape[0]):
        for q in range(gained.size):
            shift[place, q] += gained[q] - lost[place, q]


@kernel(**INNER)
def _keeps_quotas(state: SwapState, shift: NDArray, place: int) -> bool:
    for q in range(state.served.size):
        after = state.served[q] + shift[place, q]
        if shift[place, q] < 0.0 and after < state.floor[q] - MET:
            return False
    return True


@kernel(**INNER)
def _count(inputs: GreedyInputs, state: SwapState, candidate: int, by: int) -> None:
    """Count a candidate in (``BUILT``) or out (``REMOVED``) of minima, exclusions and money."""
    constraints, apart = inputs.constraints, inputs.pairs
    for k in range(constraints.minima_first[candidate], constraints.minima_first[candidate + 1]):
        state.counted[constraints.minimum[k]] += by
    state.barred[candidate] += by
    for k in range(apart.first[candidate], apart.first[candidate + 1]):
        state.barred[apart.other[k]] += by
    state.money[0] -= by * inputs.cost[candidate]


@kernel(**INNER)
def _swap(
    inputs: GreedyInputs,
    cells: ByCell,
    state: SwapState,
    shift: NDArray,
    newcomer: int,
    place: int,
) -> None:
    """Do a swap (or, newcomer -1, a removal) whose changes to the quotas are known."""
    leaver = np.int64(state.stations[place])
    state.place[leaver] = NOBODY
    state.stations[place] = NOBODY
    _count(inputs, state, leaver, REMOVED)
    _leave(inputs.cover, cells, state, leaver)
    for q in range(state.served.size):
        state.served[q] += shift[place, q]
    if newcomer != NOBODY:
        state.place[newcomer], state.stations[place] = place, newcomer
        _count(inputs, state, newcomer, BUILT)
        _arrive(inputs.cover, state, place)


@kernel(**KERNEL)
def _estimates(inputs: GreedyInputs, state: SwapState, loss: NDArray, rate: float) -> NDArray:
    net, each = np.full(inputs.cost.size, -np.inf), np.empty(loss.size)
    for newcomer in range(net.size):
        if state.place[newcomer] == NOBODY:
            _nets(inputs, state, loss, rate, each, newcomer)
            for value in each:
                net[newcomer] = max(net[newcomer], value)
    return net


def estimates(inputs: GreedyInputs, state: SwapState, rate: float = 0.0) -> Floats:
    """Return what the best swap of each candidate brings, before quotas are looked at."""
    net: Floats = _estimates(inputs, state, losses(inputs, state).demand, rate)
    return net


@kernel(**KERNEL)
def swaps(
    inputs: GreedyInputs,
    cells: ByCell,
    state: SwapState,
    order: NDArray,
    rate: float,
    least: float,
    most: int,
) -> int:
    """Try newcomers in order, each with its best leaver; return how many swaps were made."""
    loss, count = losses(inputs, state), 0
    net, shift = np.empty(loss.demand.size), np.empty_like(loss.shares)
    gained = np.empty(state.served.size)
    for newcomer in order:
        if count >= most:
            break
        _nets(inputs, state, loss.demand, rate, net, newcomer)
        if net.max() <= least:
            continue
        _shifts(inputs, state, loss.shares, gained, shift, newcomer)
        for _ in range(TRIES):
            place = int(net.argmax())
            if net[place] <= least:
                break
            if _keeps_quotas(state, shift, place):
                _swap(inputs, cells, state, shift, newcomer, place)
                _lose(inputs, state, loss)
                count += 1
                break
            net[place] = -np.inf
    return count


@kernel(**KERNEL)
def drop(
    inputs: GreedyInputs, cells: ByCell, state: SwapState, order: NDArray, max_loss: NDArray
) -> int:
    """Remove stations, in order, that quotas, minima and demand can spare; return how many."""
    loss, dropped = losses(inputs, state), 0
    for place in order:
        if state.stations[place] == NOBODY or loss.demand[place] > max_loss[place]:
            continue
        if not _allowed(inputs, state, NOBODY, place):
            continue
        shift = -loss.shares
        if _keeps_quotas(state, shift, place):
            _swap(inputs, cells, state, shift, NOBODY, place)
            _lose(inputs, state, loss)
            dropped += 1
    return dropped


def improve(
    inputs: GreedyInputs, cells: ByCell, state: SwapState, most: int, rate: float = 0.0
) -> int:
    """Swap until no swap raises the value or ``most`` swaps are made; return how many.

    A swap must bring ``rate`` for each million that it costs more.
    Each pass takes the newcomers by what they promise, so the result does not depend on the order
    of the candidates.
    """
    least, total = RISE * float(inputs.weight.sum()), 0
    while total < most:
        promise = estimates(inputs, state, rate)
        order = np.argsort(-promise, kind="stable")
        order = order[promise[order] > least]
        done = swaps(inputs, cells, state, order, rate, least, most - total)
        total += done
        if done == 0:
            break
    return total


def spare(
    inputs: GreedyInputs,
    cells: ByCell,
    state: SwapState,
    max_loss: float,
    least_gain: float = 0.0,
) -> int:
    """Remove stations that can be spared, the dearest first, then those that serve least.

    Those that alone serve ``max_loss`` at most, or less than ``least_gain`` per million.
    """
    if state.stations.size == 0:
        return 0
    cost = np.where(state.stations >= 0, inputs.cost[state.stations], 0.0)
    order = np.lexsort((losses(inputs, state).demand, -cost))
    most = np.maximum((1.0 - MET) * least_gain * cost, max_loss)
    return int(drop(inputs, cells, state, order, most))
