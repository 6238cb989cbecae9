"""Improve one year's stations by exchange: swap one out and one in while the value rises.

For every cell the best and the second best server are kept. What a swap brings is the gain of the
newcomer, less the loss of the leaver, plus what both serve (fast interchange, Resende and Werneck
2007, A fast swap-based local search procedure for location problems), so one look at
the newcomer's row gives its swap with every leaver.
"""

from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage.kernel import INNER, KERNEL, PARALLEL, kernel
from phusong.scenarios.siting.greedy import MET, Needs, Offer, Pairs, build_all
from phusong.scenarios.siting.greedy import Plan as Start
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Shares

NOBODY = -1  # a cell is served by what stood before this year
TRIES = 8  # leavers that a newcomer may try before the next newcomer's turn
RISE = 1e-9  # of all demand: a smaller improvement is rounding


class ByCell(NamedTuple):
    """Who serves each cell: ``candidate[first[d]:first[d + 1]]``, and with which share."""

    first: Ints
    candidate: NDArray[np.int32]
    share: Shares


class Standing(NamedTuple):
    """Stations of a year and what they serve; exchange changes it.

    ``base`` is the share served by what stood before; ``best``, ``server`` and ``second`` hold for
    base and stations together. ``place`` is -1 or the candidate's place in ``stations``; a place
    that holds -1 is free. ``floor`` and ``least`` are what quotas and minima may not fall below.
    ``money`` holds what is left. ``mine`` is scratch: -1 in every cell.
    """

    stations: Ints
    place: Ints
    base: Floats
    best: Floats
    server: Ints
    second: Floats
    barred: NDArray[np.int32]
    served: Floats
    counted: Ints
    floor: Floats
    least: Ints
    money: Floats
    mine: Floats


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


def stand(offer: Offer, base: Start, stations: Ints, floor: Floats, money: float) -> Standing:
    """Return a year's stations on top of a plan, with the money that is left.

    ``floor`` is what each quota must keep; minima that hold are kept too.
    """
    whole = base.copy()
    build_all(offer, whole, stations)
    cells = base.level.size
    standing = Standing(
        stations.copy(),
        np.full(offer.cost.size, NOBODY, np.int64),
        base.level.copy(),
        base.level.copy(),
        np.full(cells, NOBODY, np.int64),
        base.level.copy(),
        whole.barred,
        whole.served,
        whole.counted,
        floor,
        np.minimum(whole.counted, offer.needs.least),
        np.array([money]),
        np.full(cells, -1.0),
    )
    standing.place[stations] = np.arange(stations.size)
    for place in range(stations.size):
        _arrive(offer.cover, standing, place)
    return standing


@kernel(**INNER)
def _arrive(cover: Cover, standing: Standing, place: int) -> None:
    """Count the station at a place in best, server and second."""
    i = standing.stations[place]
    for e in range(cover.first[i], cover.first[i + 1]):
        cell, share = cover.cell[e], cover.share[e]
        if share > standing.best[cell]:
            standing.second[cell] = standing.best[cell]
            standing.best[cell], standing.server[cell] = share, place
        elif share > standing.second[cell]:
            standing.second[cell] = share


@kernel(**INNER)
def _leave(cover: Cover, cells: ByCell, standing: Standing, i: int) -> None:
    """Find best, server and second anew where a candidate that stands no more served."""
    for e in range(cover.first[i], cover.first[i + 1]):
        cell = cover.cell[e]
        if cover.share[e] < standing.second[cell]:
            continue
        best, server, second = standing.base[cell], NOBODY, standing.base[cell]
        for k in range(cells.first[cell], cells.first[cell + 1]):
            place, share = standing.place[cells.candidate[k]], cells.share[k]
            if place == NOBODY:
                continue
            if share > best:
                second, best, server = best, share, place
            elif share > second:
                second = share
        standing.best[cell], standing.server[cell] = best, server
        standing.second[cell] = second


@kernel(**KERNEL)
def losses(weight: NDArray, standing: Standing) -> NDArray:
    """Return the demand that each station alone serves: what leaving would cost."""
    loss = np.zeros(standing.stations.size)
    for cell in range(weight.size):
        if standing.server[cell] != NOBODY:
            alone = standing.best[cell] - standing.second[cell]
            loss[standing.server[cell]] += weight[cell] * alone
    return loss


@kernel(**INNER)
def _nets(offer: Offer, standing: Standing, loss: NDArray, net: NDArray, newcomer: int) -> None:
    """Fill in what swapping a newcomer for each station brings; -inf where rules forbid it."""
    cover, gain = offer.cover, 0.0
    net[:] = 0.0
    for e in range(cover.first[newcomer], cover.first[newcomer + 1]):
        cell, share = cover.cell[e], cover.share[e]
        rise = max(share - standing.best[cell], 0.0)
        gain += offer.weight[cell] * rise
        place = standing.server[cell]
        if place != NOBODY and share > standing.second[cell]:
            net[place] += offer.weight[cell] * (share - standing.second[cell] - rise)
    for place in range(net.size):
        net[place] += gain - loss[place]
        if not _allowed(offer, standing, newcomer, place):
            net[place] = -np.inf


@kernel(**INNER)
def _allowed(offer: Offer, standing: Standing, newcomer: int, place: int) -> bool:
    """Say whether money, exclusions and minima allow a swap (or, newcomer -1, a removal)."""
    leaver = standing.stations[place]
    if leaver == NOBODY:
        return False
    if newcomer != NOBODY:
        if offer.cost[newcomer] - offer.cost[leaver] > standing.money[0]:
            return False
        if standing.barred[newcomer] > 0:
            apart, between = offer.pairs, 0
            for k in range(apart.first[leaver], apart.first[leaver + 1]):
                between += apart.other[k] == newcomer
            if standing.barred[newcomer] > between:
                return False
    needed = offer.needs
    for k in range(needed.minima_first[leaver], needed.minima_first[leaver + 1]):
        m = needed.minimum[k]
        if standing.counted[m] <= standing.least[m] and not _counts(needed, newcomer, m):
            return False
    return True


@kernel(**INNER)
def _counts(needed: Needs, candidate: int, minimum: int) -> bool:
    if candidate == NOBODY:
        return False
    for k in range(needed.minima_first[candidate], needed.minima_first[candidate + 1]):
        if needed.minimum[k] == minimum:
            return True
    return False


@kernel(**INNER)
def _add(needed: Needs, delta: NDArray, cell: int, rise: float) -> None:
    for k in range(needed.first[cell], needed.first[cell + 1]):
        delta[needed.quota[k]] += needed.weight[k] * rise


@kernel(**INNER)
def _changes(offer: Offer, standing: Standing, delta: NDArray, newcomer: int, place: int) -> None:
    """Fill in how a swap (or a removal) changes the share of every quota."""
    cover, mine, leaver = offer.cover, standing.mine, standing.stations[place]
    delta[:] = 0.0
    span = (0, 0) if newcomer == NOBODY else (cover.first[newcomer], cover.first[newcomer + 1])
    for e in range(span[0], span[1]):
        cell = cover.cell[e]
        mine[cell] = cover.share[e]
        if standing.server[cell] != place and mine[cell] > standing.best[cell]:
            _add(offer.needs, delta, cell, mine[cell] - standing.best[cell])
    for e in range(cover.first[leaver], cover.first[leaver + 1]):
        cell = cover.cell[e]
        if standing.server[cell] == place:
            after = max(standing.second[cell], mine[cell])
            _add(offer.needs, delta, cell, after - standing.best[cell])
    for e in range(span[0], span[1]):
        mine[cover.cell[e]] = -1.0


@kernel(**INNER)
def _keeps_quotas(standing: Standing, delta: NDArray) -> bool:
    for q in range(delta.size):
        after = standing.served[q] + delta[q]
        if delta[q] < 0.0 and after < standing.floor[q] - MET:
            return False
    return True


@kernel(**INNER)
def _count(offer: Offer, standing: Standing, candidate: int, by: int) -> None:
    """Count a candidate in (1) or out (-1) of minima, exclusions and money."""
    needed, apart = offer.needs, offer.pairs
    for k in range(needed.minima_first[candidate], needed.minima_first[candidate + 1]):
        standing.counted[needed.minimum[k]] += by
    standing.barred[candidate] += by
    for k in range(apart.first[candidate], apart.first[candidate + 1]):
        standing.barred[apart.other[k]] += by
    standing.money[0] -= by * offer.cost[candidate]


@kernel(**INNER)
def _swap(
    offer: Offer, cells: ByCell, standing: Standing, delta: NDArray, newcomer: int, place: int
) -> None:
    """Do a swap (or, newcomer -1, a removal) whose changes to the quotas are known."""
    leaver = standing.stations[place]
    standing.place[leaver] = NOBODY
    standing.stations[place] = NOBODY
    _count(offer, standing, leaver, -1)
    _leave(offer.cover, cells, standing, leaver)
    for q in range(delta.size):
        standing.served[q] += delta[q]
    if newcomer != NOBODY:
        standing.place[newcomer], standing.stations[place] = place, newcomer
        _count(offer, standing, newcomer, 1)
        _arrive(offer.cover, standing, place)


@kernel(**INNER)
def _best_net(
    cover: Cover,
    weight: NDArray,
    cost: NDArray,
    needs: Needs,
    pairs: Pairs,
    standing: Standing,
    loss: NDArray,
    each: NDArray,
    newcomer: int,
) -> float:
    """Return what the best swap of a newcomer brings."""
    _nets(
        Offer(cover, cover.first, weight, cost, cost, needs, pairs), standing, loss, each, newcomer
    )
    best = -np.inf
    for net in each:
        best = max(best, net)
    return best


@kernel(**PARALLEL)
def _estimates(
    cover: Cover,
    weight: NDArray,
    cost: NDArray,
    needs: Needs,
    pairs: Pairs,
    standing: Standing,
    loss: NDArray,
) -> NDArray:
    """Work on all candidates side by side; parallel loops read no records within records."""
    net = np.full(cost.size, -np.inf)
    for newcomer in prange(cost.size):
        if standing.place[newcomer] == NOBODY:
            each = np.empty(loss.size)
            net[newcomer] = _best_net(
                cover, weight, cost, needs, pairs, standing, loss, each, newcomer
            )
    return net


def estimates(offer: Offer, standing: Standing) -> Floats:
    """Return what the best swap of each candidate brings, before quotas are looked at."""
    loss = losses(offer.weight, standing)
    net: Floats = _estimates(
        offer.cover, offer.weight, offer.cost, offer.needs, offer.pairs, standing, loss
    )
    return net


@kernel(**KERNEL)
def swaps(
    offer: Offer, cells: ByCell, standing: Standing, order: NDArray, least: float, most: int
) -> int:
    """Try newcomers in order, each with its best leaver; return how many swaps were made."""
    loss, count = losses(offer.weight, standing), 0
    net, delta = np.empty(loss.size), np.zeros(standing.served.size)
    for newcomer in order:
        if count >= most:
            break
        _nets(offer, standing, loss, net, newcomer)
        for _ in range(TRIES):
            place = int(net.argmax())
            if net[place] <= least:
                break
            _changes(offer, standing, delta, newcomer, place)
            if _keeps_quotas(standing, delta):
                _swap(offer, cells, standing, delta, newcomer, place)
                loss = losses(offer.weight, standing)
                count += 1
                break
            net[place] = -np.inf
    return count


@kernel(**KERNEL)
def drop(offer: Offer, cells: ByCell, standing: Standing, order: NDArray, max_loss: float) -> int:
    """Remove stations, in order, that quotas, minima and demand can spare; return how many."""
    loss, dropped = losses(offer.weight, standing), 0
    delta = np.zeros(standing.served.size)
    for place in order:
        if standing.stations[place] == NOBODY or loss[place] > max_loss:
            continue
        if not _allowed(offer, standing, NOBODY, place):
            continue
        _changes(offer, standing, delta, NOBODY, place)
        if _keeps_quotas(standing, delta):
            _swap(offer, cells, standing, delta, NOBODY, place)
            loss = losses(offer.weight, standing)
            dropped += 1
    return dropped


def improve(offer: Offer, cells: ByCell, standing: Standing, most: int) -> int:
    """Swap until no swap raises the value or ``most`` swaps are made; return how many.

    Each pass takes the newcomers by what they promise, so the result does not depend on the order
    of the candidates or on the number of threads.
    """
    least, total = RISE * float(offer.weight.sum()), 0
    while total < most:
        promise = estimates(offer, standing)
        order = np.argsort(-promise, kind="stable")
        order = order[promise[order] > least]
        done = swaps(offer, cells, standing, order, least, most - total)
        total += done
        if done == 0:
            break
    return total


def spare(offer: Offer, cells: ByCell, standing: Standing, max_loss: float) -> int:
    """Remove stations that can be spared, the dearest first, then those that serve least."""
    if standing.stations.size == 0:
        return 0
    cost = np.where(standing.stations >= 0, offer.cost[standing.stations], 0.0)
    order = np.lexsort((losses(offer.weight, standing), -cost))
    return int(drop(offer, cells, standing, order, max_loss))
