"""Linear upper bounds on the demand that a set of stations serves.

For any levels mu_d >= before_d and any set of stations x (0 or 1, or shares of stations)

    value(x) <= sum_d w_d mu_d + sum_i x_i sum_d w_d max(0, share_id - mu_d),

because the best server lifts a cell above mu_d by no more than the sum of all that exceed it.
With mu_d the share of the server at which the x of the better ones sum to 1, the right side equals
the linear relaxation of the siting problem at x (Fischetti, Ljubic and Sinnl 2017, Redesigning
Benders decomposition for large-scale facility location).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.scenarios.siting.problem import Cover, Floats, Ints, Problem, Shares

FULL = 1.0 - 1e-9  # where the x of the better servers sum to this, a cell is served by them
BITS = 32  # of a number of an entry
ODD = np.uint64(0x9E3779B97F4A7C15)


class Servers(NamedTuple):
    """Who serves each cell better than what is on air, best first.

    ``base`` is the share served by what is on air. Cells that the same candidates serve with the
    same shares are one cell; ``of_cell`` says which, -1 for cells that nobody improves.
    """

    first: Ints
    candidate: NDArray[np.int32]
    share: Shares
    base: Floats
    of_cell: Ints


class Cuts(NamedTuple):
    """One bound for each group of cells: ``constant + rows @ x``."""

    constant: Floats
    rows: csr_array


def servers(problem: Problem, counts: NDArray[np.bool_]) -> Servers:
    """Return the servers of the cells that count, like cells put together."""
    cells = problem.before.size
    first, candidate, share = _ranked(problem.cover, problem.before, counts)
    like = _alike(first, candidate, share, problem.before)
    counted = np.flatnonzero((np.diff(first) > 0) & (like == np.arange(cells)))
    place = np.full(cells, -1, np.int64)
    place[counted] = np.arange(counted.size)
    of_cell = np.where(np.diff(first) > 0, place[like], -1)
    table = Cover(first, candidate, share).rows(counted)
    return Servers(*table, problem.before[counted].astype(float), of_cell)


def _ranked(
    cover: Cover, before: Shares, counts: NDArray[np.bool_]
) -> tuple[Ints, NDArray[np.int32], Shares]:
    """Return the useful entries of each cell, best first, of equal ones the lower candidate."""
    least = np.where(counts, before, np.inf).astype(np.float32)
    useful = cover.over(least, np.arange(cover.candidates))
    # Bits of floats from 0 up rise as they do: one sort of whole numbers, which numpy does fast.
    worst = np.iinfo(np.uint32).max - useful.share.view(np.uint32)
    key = (worst.astype(np.uint64) << BITS) | np.arange(worst.size, dtype=np.uint64)
    key.sort()
    entry = (key & np.uint64(2**BITS - 1)).astype(np.int64)
    row = np.repeat(np.arange(cover.candidates, dtype=np.int32), np.diff(useful.first))
    return _dealt(useful.cell[entry], row[entry], useful.share[entry], before.size)


@kernel(**KERNEL)
def _dealt(cell: NDArray, candidate: NDArray, share: NDArray, cells: int) -> tuple:
    """Return entries cell by cell, in their order; where each cell begins comes first."""
    first = np.zeros(cells + 1, np.int64)
    for d in cell:
        first[d + 1] += 1
    first = np.cumsum(first)
    at, candidates, shares = first[:-1].copy(), np.empty_like(candidate), np.empty_like(share)
    for e in range(cell.size):
        place = at[cell[e]]
        candidates[place], shares[place] = candidate[e], share[e]
        at[cell[e]] += 1
    return first, candidates, shares


@kernel(**KERNEL)
def _hashes(first: NDArray, candidate: NDArray, bits: NDArray, base: NDArray) -> NDArray:
    """Return a number for each cell that is the same for the same servers."""
    hashes = np.empty(first.size - 1, np.uint64)
    for d in range(first.size - 1):
        mixed = np.uint64(base[d]) + ODD
        for k in range(first[d], first[d + 1]):
            mixed = (mixed ^ np.uint64(candidate[k])) * ODD
            mixed = (mixed ^ (mixed >> np.uint64(29)) ^ np.uint64(bits[k])) * ODD
        hashes[d] = mixed ^ (mixed >> np.uint64(32))
    return hashes


@kernel(**KERNEL)
def _same(
    first: NDArray, candidate: NDArray, share: NDArray, base: NDArray, one: int, other: int
) -> bool:
    size = first[one + 1] - first[one]
    if size != first[other + 1] - first[other] or base[one] != base[other]:
        return False
    for k in range(size):
        a, b = first[one] + k, first[other] + k
        if candidate[a] != candidate[b] or share[a] != share[b]:
            return False
    return True


@kernel(**KERNEL)
def _confirm(
    first: NDArray, candidate: NDArray, share: NDArray, base: NDArray, like: NDArray
) -> None:
    """Let cells that only seem alike stand for themselves."""
    for d in range(like.size):
        if like[d] != d and not _same(first, candidate, share, base, d, like[d]):
            like[d] = d


def _alike(first: Ints, candidate: NDArray[np.int32], share: Shares, before: Shares) -> Ints:
    """Return for each cell the first cell with the same servers and shares."""
    hashes = _hashes(first, candidate, share.view(np.uint32), before.view(np.uint32))
    _, at, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    like = at[inverse].astype(np.int64)
    _confirm(first, candidate, share, before, like)
    return like


@kernel(**INNER)
def _servers_as_good(
    table: Servers, cells: NDArray, i: int, times: NDArray, seen: NDArray, others: NDArray
) -> int:
    """Count for each other in how many cells it serves at least as well; return how many."""
    size = 0
    for d in cells:
        own = -1.0
        for k in range(table.first[d], table.first[d + 1]):
            if table.candidate[k] == i:
                own = table.share[k]
        for k in range(table.first[d], table.first[d + 1]):
            j = table.candidate[k]
            if table.share[k] < own:
                break
            if seen[j] != i:
                seen[j], times[j] = i, 0
                others[size] = j
                size += 1
            times[j] += 1
    return size


@kernel(**KERNEL)
def _outdone(
    table: Servers, first: NDArray, entry_cell: NDArray, cost: NDArray, usable: NDArray
) -> NDArray:
    """Say of each candidate whether another serves all that it serves, for no more money."""
    outdone = np.zeros(cost.size, np.bool_)
    times, seen = np.zeros(cost.size, np.int64), np.full(cost.size, -1, np.int64)
    others = np.empty(cost.size, np.int64)
    for i in range(cost.size - 1, -1, -1):  # of two alike the lower index stays
        cells = entry_cell[first[i] : first[i + 1]]
        outdone[i] = cells.size == 0
        for j in others[: _servers_as_good(table, cells, i, times, seen, others)]:
            if j != i and times[j] == cells.size and cost[j] <= cost[i]:
                outdone[i] |= usable[j] and not outdone[j]
    return outdone


def outdone(table: Servers, problem: Problem) -> NDArray[np.bool_]:
    """Say which candidates no plan needs: another serves all that they serve, for no more money.

    It is taken of those that nothing excludes; what minima count is needed for its number.
    """
    cell = np.repeat(np.arange(table.base.size), np.diff(table.first))
    order = np.argsort(table.candidate, kind="stable")
    held = np.bincount(table.candidate, minlength=problem.cost.size)
    first = np.concatenate(([0], np.cumsum(held))).astype(np.int64)
    usable = np.ones(problem.cost.size, np.bool_)
    usable[problem.excludes.ravel()] = False
    dominated: NDArray[np.bool_] = _outdone(table, first, cell[order], problem.cost, usable)
    for minimum in problem.minima:
        dominated[minimum.candidates] = False
    return dominated


def gathered(table: Servers, weight: Floats) -> Floats:
    """Return a weight of cells summed over like cells."""
    some = table.of_cell >= 0
    summed = np.bincount(table.of_cell[some], weight[some], minlength=table.base.size)
    return summed.astype(float)


def ordered(table: Servers, groups: Ints) -> tuple[Servers, Ints]:
    """Return the table with its cells in the order of their groups, and the first of each."""
    order = np.argsort(groups, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    of_cell, served = table.of_cell.copy(), table.of_cell >= 0
    of_cell[served] = place[table.of_cell[served]]
    rows = Cover(table.first, table.candidate, table.share).rows(order)
    starts = np.searchsorted(groups[order], np.arange(groups.max(initial=-1) + 2))
    return Servers(*rows, table.base[order], of_cell), starts.astype(np.int64)


@kernel(**KERNEL)
def levels(table: Servers, x: NDArray, level: NDArray, served: NDArray) -> None:
    """Fill in, per cell, the level mu that makes the bound tight at x, and the share served."""
    for d in range(table.base.size):
        left, total, mu = 1.0, 0.0, table.base[d]
        for k in range(table.first[d], table.first[d + 1]):
            part = min(x[table.candidate[k]], left)
            total += part * table.share[k]
            left -= part
            if left <= 1.0 - FULL:
                mu = np.float64(table.share[k])
                break
        level[d] = mu
        served[d] = total + left * table.base[d]


@kernel(**KERNEL)
def _rows(
    table: Servers, weight: NDArray, level: NDArray, starts: NDArray, candidates: int
) -> tuple:
    """Return the bound of each group as sparse rows."""
    groups = starts.size - 1
    total, touched = np.zeros(candidates), np.empty(candidates, np.int32)
    seen = np.full(candidates, -1, np.int64)
    constant, first = np.zeros(groups), np.zeros(groups + 1, np.int64)
    index, data = np.empty(0, np.int32), np.empty(0)
    size = 0
    for g in range(groups):
        count = 0
        for d in range(starts[g], starts[g + 1]):
            constant[g] += weight[d] * level[d]
            if weight[d] == 0.0:
                continue
            for k in range(table.first[d], table.first[d + 1]):
                over = table.share[k] - level[d]
                if over <= 0.0:
                    break
                i = table.candidate[k]
                if seen[i] != g:
                    seen[i], total[i] = g, 0.0
                    touched[count] = i
                    count += 1
                total[i] += weight[d] * over
        if size + count > index.size:
            doubled = 2 * (size + count)
            wider, values = np.empty(doubled, np.int32), np.empty(doubled)
            for k in range(size):  # slices would be checked, and their errors compiled
                wider[k], values[k] = index[k], data[k]
            index, data = wider, values
        for k in range(count):
            index[size + k], data[size + k] = touched[k], total[touched[k]]
        size += count
        first[g + 1] = size
    return constant, first, index[:size], data[:size]


def cuts(table: Servers, weight: Floats, level: Floats, starts: Ints, candidates: int) -> Cuts:
    """Return the bound at a level for each group of cells."""
    constant, first, index, data = _rows(table, weight, level, starts, candidates)
    return Cuts(constant, csr_array((data, index, first), shape=(constant.size, candidates)))
