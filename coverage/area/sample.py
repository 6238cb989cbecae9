"""A sample of pixels that stands for all, and the pixels of it that each mast serves.

Stations are chosen on it. A mean over pixels would not do: where one station serves one pixel
and another its neighbour, the best of two means is less than the mean of the best. A pixel is
served as it is reported.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from phusong.coverage.area import loss_windows, network
from phusong.coverage.area.cells import Cells, Masts, Reach, Surface, Sweeps
from phusong.coverage.area.checks import check
from phusong.coverage.area.loss_windows import Cache
from phusong.coverage.area.network import Progress
from phusong.coverage.area.service import KNOTS_PER_DB, MIN_PROBABILITY, SPAN_DB, ServiceLevel
from phusong.coverage.kernel import INNER, LEAN, in_threads, kernel
from phusong.coverage.statistics import sum_by_label

NONE = -1  # the cell of a pixel that no cell holds
SPAN = 2**20  # pixels that are worked on at once


class ArrayRoom(NamedTuple):
    """Where arrays of every pixel lie: what makes them, and what to do once some were read."""

    empty: Callable[[tuple[int, ...], DTypeLike], NDArray[Any]] = np.empty
    rest: Callable[[], object] = lambda: None

    def spans(self, size: int) -> Iterator[slice]:
        """Yield spans of a flat grid that are worked on at once."""
        for start in range(0, size, SPAN):
            yield slice(start, min(start + SPAN, size))
            self.rest()


IN_MEMORY = ArrayRoom()


@dataclass(frozen=True)
class Sample:
    """Cells of pixels that lie near each other and are alike; one pixel stands for each.

    Parameters
    ----------
    cell
        Cell of every pixel, -1 where there is none, shape of the grid.
    pixel
        The pixel (flat) that stands for each cell, rising, shape (cells,).
    """

    cell: NDArray[np.int32]
    pixel: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Return the number of cells."""
        return self.pixel.size

    def sums(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the sum of the pixels' values in every cell."""
        return sum_by_label(self.cell, values, self.count)

    def at(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the value of the pixel that stands for each cell."""
        return np.asarray(values.ravel()[self.pixel], np.float32)

    def rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first cell of each row of pixels, and the column of every cell's pixel."""
        height, width = self.cell.shape
        row, column = np.divmod(self.pixel, width)
        return np.searchsorted(row, np.arange(height + 1)), column


class Served(NamedTuple):
    """What each mast serves: entries ``first[i]`` to ``first[i + 1]`` of cell and share."""

    first: NDArray[np.int64]
    cell: NDArray[np.int32]
    share: NDArray[np.float32]


def rates(
    needs: Sequence[NDArray[np.floating]], count: int, room: ArrayRoom = IN_MEMORY
) -> NDArray[np.float64]:
    """Return how many cells each pixel is to be, one at most, so that they sum to ``count``.

    Every need is a quantity of the pixels (flat). Each gets as many cells, in proportion to what
    lies in a pixel, until all pixels that hold any of it are cells of their own. They lie in a
    ``room``.

    Examples
    --------
    >>> rates([np.array([1.0, 1.0, 8.0, 0.0])], 2).round(3).tolist()
    [0.5, 0.5, 1.0, 0.0]
    """
    totals = []
    for need in needs:
        if (total := float(need.sum())) > 0.0:
            totals.append((need, total))
        room.rest()
    base: NDArray[np.float64] = room.empty(needs[0].shape, np.float64)
    for at in room.spans(base.size):
        parts = [need[at] / total for need, total in totals]
        base[at] = np.max(parts, axis=0) if parts else 0.0
    scale = _scale(base, count, room)
    for at in room.spans(base.size):
        base[at] = (base[at] > 0.0) if scale is None else np.minimum(scale * base[at], 1.0)
    return base


def _scale(base: NDArray[np.float64], count: int, room: ArrayRoom) -> float | None:
    """Return by what rates are multiplied before they are cut off at 1; None if all are 1.

    Cut off where pixels are cells of their own: the rest of the count goes to what is left.
    """
    rising = np.concatenate([base[at][base[at] > 0.0] for at in room.spans(base.size)])
    if rising.size <= count:
        return None
    rising.sort()
    most = min(count + 1, rising.size)  # no more can be cells of their own
    held = rising[: -most - 1 : -1].copy()
    left = np.cumsum(rising, out=rising)[: -most - 1 : -1]
    scale = (count - np.arange(most)) / left
    return float(scale[int(np.argmax(scale * held <= 1.0))])


def sample(
    rate: NDArray[np.floating], stratum: NDArray[np.integer], room: ArrayRoom = IN_MEMORY
) -> Sample:
    """Return cells of neighbouring pixels of one stratum each, at these rates (0 to 1).

    Pixels of a stratum are taken in Z-order, so that those near each other come together, and
    cut where their rates sum to one more; the pixel in the middle of that sum stands for the
    cell (systematic sampling, with chances in proportion to the rates). A pixel of rate 1 is a cell
    of its own. A stratum with any rate has one cell at least; pixels of stratum -1, or of no rate,
    have no cell. What is held of every pixel lies in a ``room``.
    """
    (width, flat), rates_ = (rate.shape[1], stratum.ravel()), rate.ravel()
    key: NDArray[np.int32] = room.empty(flat.shape, np.int32)  # strata, pixels of rate 1 apart
    for at in room.spans(flat.size):
        held = (flat[at] >= 0) & (rates_[at] > 0.0)
        key[at] = np.where(held, 2 * flat[at] + (rates_[at] >= 1.0), NONE)
    cell: NDArray[np.int32] = room.empty(flat.shape, np.int32)
    cell[:] = NONE
    standing, so_far = [np.empty(0, np.int64)], _SoFar(0.0, 0.0)
    for keys in _groups(key, room):
        pixel = np.concatenate(
            [np.flatnonzero(_between(key[at], keys)) + at.start for at in room.spans(key.size)]
        )
        chosen, so_far = _cut(pixel, key[pixel], rates_[pixel], width, so_far, cell)
        standing.append(chosen)
    every = np.concatenate(standing)
    rank = np.empty(every.size + 1, np.int32)
    rank[np.argsort(every, kind="stable")] = np.arange(every.size)
    rank[NONE] = NONE
    for at in room.spans(cell.size):
        cell[at] = rank[cell[at]]
    return Sample(cell.reshape(rate.shape), np.sort(every))


class _SoFar(NamedTuple):
    """The sum of the rates, and the number of cells, of the strata that are cut already."""

    rate: float
    cells: float


def _groups(key: NDArray[np.int32], room: ArrayRoom) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of keys that together hold about as many pixels as a span."""
    most = max((int(key[at].max()) for at in room.spans(key.size)), default=NONE)
    counts = np.zeros(most + 2, np.int64)
    for at in room.spans(key.size):
        counts += np.bincount(key[at] - NONE, minlength=most + 2)
    present = np.flatnonzero(counts[1:])
    group = (np.cumsum(counts[1:][present]) - 1) // SPAN
    for number in np.unique(group):
        own = present[group == number]
        yield int(own[0]), int(own[-1])


def _between(key: NDArray[np.int32], keys: tuple[int, int]) -> NDArray[np.bool_]:
    return (key >= keys[0]) & (key <= keys[1])


def _cut(
    pixel: NDArray[np.int64],
    key: NDArray[np.int32],
    rate: NDArray[np.floating],
    width: int,
    so_far: _SoFar,
    cell: NDArray[np.int32],
) -> tuple[NDArray[np.int64], _SoFar]:
    """Write the cells of some strata; return the pixels that stand for them, and the sums."""
    own = np.unique(key, return_inverse=True)[1].ravel()
    sorting = np.lexsort((_z_order(pixel, width), own))
    order, own, chance = pixel[sorting], own[sorting], rate[sorting].astype(np.float64)
    strata = int(own.max(initial=-1)) + 1
    first = np.searchsorted(own, np.arange(strata + 1))
    running = np.cumsum(np.concatenate(([so_far.rate], chance)))
    whole = np.diff(running[first])
    cells = np.maximum(np.floor(whole + 1e-6), 1.0)
    scale, start = (cells / whole)[own], np.cumsum(np.concatenate(([so_far.cells], cells)))
    end = (running[1:] - running[first[:-1]][own]) * scale + start[:-1][own]
    middle = end - 0.5 * chance * scale
    last = start[1:][own] - 1.0  # rounding may not carry a pixel past its stratum
    cell[order] = np.clip(np.floor(middle), start[:-1][own], last).astype(np.int32)
    wanted = np.arange(so_far.cells, start[-1]) + 0.5
    at = np.clip(np.searchsorted(end, wanted), 0, max(order.size - 1, 0))
    return order[at], _SoFar(float(running[-1]), float(start[-1]))


def _z_order(pixel: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Return the places of pixels on a curve through squares in squares (Morton 1966)."""
    return _apart(pixel // width) << 1 | _apart(pixel % width)


def _apart(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers below 2**20 with a zero between all their bits."""
    for shift, mask in ((16, 0xFFFF0000FFFF), (8, 0xFF00FF00FF00FF), (4, 0xF0F0F0F0F0F0F0F)):
        number = (number | number << shift) & mask
    number = (number | number << 2) & 0x3333333333333333
    return (number | number << 1) & 0x5555555555555555


@kernel(**INNER)
def _share(power: float, lookup: tuple) -> float:
    table, bottom_dbm, _ = lookup
    place = (10.0 * math.log10(power) - bottom_dbm) * KNOTS_PER_DB
    knot = min(int(place), table.size - 2)
    return min(table[knot] + (place - knot) * (table[knot + 1] - table[knot]), 1.0)


@kernel(**INNER)
def _first_from(columns: NDArray, first: int, last: int, least: int) -> int:
    """Return the first of some rising columns that is no less than one."""
    while first < last:
        middle = (first + last) // 2
        if columns[middle] < least:
            first = middle + 1
        else:
            last = middle
    return first


@kernel(**LEAN)
def _listed(
    best_mw: NDArray,
    window: tuple,
    over: tuple,
    lookup: tuple,
    cells: NDArray,
    shares: NDArray,
    count: int,
) -> int:
    """List the cells that a window serves better than they are; return how many there are.

    ``window`` is the corner of the window in squares and their side, ``over`` the first cell of
    each row of pixels, the column of the pixel that stands for each cell, and the share of every
    cell that is served already. Where the lists are full, cells are only counted.
    """
    (top, left, stride), (firsts, columns, already) = window, over
    end = (left + best_mw.shape[1]) * stride
    for row in range(max(top * stride, 0), min((top + best_mw.shape[0]) * stride, firsts.size - 1)):
        levels_mw = best_mw[row // stride - top]
        cell = _first_from(columns, firsts[row], firsts[row + 1], left * stride)
        while cell < firsts[row + 1] and columns[cell] < end:
            power = levels_mw[columns[cell] // stride - left]
            if power >= lookup[2]:
                share = _share(power, lookup)
                if share > already[cell]:
                    if count < cells.size:
                        cells[count] = cell
                        shares[count] = share
                    count += 1
            cell += 1
    return count


def _all_listed(
    best_mw: NDArray[np.float32],
    sweeps: Sweeps,
    start: int,
    over: tuple[NDArray, NDArray, NDArray],
    lookup: tuple[NDArray, float, float],
    cells: NDArray[np.int32],
    shares: NDArray[np.float32],
    counts: NDArray[np.int64],
) -> None:
    """List, or count, the cells that the windows of a batch of masts serve, one task per mast."""

    def one(slot: int) -> None:
        mast = loss_windows.mast_of(sweeps.table, start + slot)
        window = (*loss_windows.corner(mast, sweeps.fan), sweeps.fan.stride)
        lists = (cells[slot], shares[slot], counts[slot])
        counts[slot] = _listed(best_mw[slot], window, over, lookup, *lists)

    in_threads(one, range(len(best_mw)))


def served(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    over: Sample,
    service: ServiceLevel,
    already: NDArray[np.float32],
    progress: Progress | None = None,
    cache: Cache | None = None,
    beside: Sequence[network.Parts] = (),
) -> Served:
    """Return the cells that each mast, all its cells together, serves better than they are.

    Parameters and errors are those of ``network.footprints``; ``already`` is the share of every
    cell that is served without these masts. Shares below ``MIN_PROBABILITY`` are left out.
    """
    check(surface, masts, cells, reach)
    every = network.rings(surface, masts, reach)
    lookup = (service.table(), service.median_dbm - SPAN_DB, 10.0 ** (service.min_dbm / 10.0))
    sampled = (*over.rows(), np.maximum(already, np.float32(MIN_PROBABILITY)))
    entries: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []
    carriers, room = [(surface, masts, cells, reach), *beside], 0
    for start, levels in network.best_windows(carriers, cache):
        slots = len(levels[0])
        while True:  # again where there was no room for all
            listed = np.empty((slots, room), np.int32), np.empty((slots, room), np.float32)
            counts = np.zeros(slots, np.int64)
            for sweeps, best_mw in zip(every, levels, strict=True):
                _all_listed(best_mw, sweeps, start, sampled, lookup, *listed, counts)
            if counts.max(initial=0) <= room:
                break
            room = int(counts.max())
        entries += _in_order(*listed, counts)
        if progress is not None:
            progress(start + slots)
    first = np.cumsum([0, *(cell.size for cell, _ in entries)], dtype=np.int64)
    return Served(
        first,
        np.concatenate([np.empty(0, np.int32), *(cell for cell, _ in entries)]),
        np.concatenate([np.empty(0, np.float32), *(share for _, share in entries)]),
    )


def _in_order(
    cells: NDArray[np.int32], shares: NDArray[np.float32], counts: NDArray[np.int64]
) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """Return what each mast of a batch serves, its cells rising."""
    entries: dict[int, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}

    def one(slot: int) -> None:
        order = np.argsort(cells[slot, : counts[slot]], kind="stable")
        entries[slot] = cells[slot, order], shares[slot, order]

    in_threads(one, range(len(counts)))
    return [entries[slot] for slot in range(len(counts))]
