"""Blocks of pixels, and the share of each that a mast serves: what stations are chosen on.

A pixel is served with the probability that its level, spread by shadowing and less an entry loss
that is spread too, reaches what the service needs; a block with the mean over its pixels,
weighed by their demand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage import entry_loss
from phusong.coverage.area import loss_windows, network
from phusong.coverage.area.cells import Cells, Masts, Reach, Surface, Sweeps
from phusong.coverage.area.checks import check
from phusong.coverage.area.loss_windows import Cache
from phusong.coverage.area.network import Progress
from phusong.coverage.area.reception import Fan
from phusong.coverage.entry_loss import NONE, EntryLossSpread
from phusong.coverage.kernel import INNER, PARALLEL, kernel

MIN_PROBABILITY = 0.005  # what is served more rarely counts as not served
KNOTS_PER_DB = 16
SPAN_DB = 120.0  # of the table, either way
STEP_DB = 0.25  # of deviations that differ from place to place


class ServiceLevel(NamedTuple):
    """When a place is served: the level that does at median losses, and how losses are spread.

    ``median_dbm`` is threshold and median entry loss, ``sigma_db`` the deviation of shadowing.
    """

    median_dbm: float
    sigma_db: float
    entry: EntryLossSpread = NONE

    def probability(self, level_dbm: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the probability of service at mean levels, 0 where it is below the least."""
        margin_db = np.asarray(level_dbm, np.float64) - self.median_dbm
        if len(self.entry.weights) == 1:
            share = entry_loss.share(margin_db, self.sigma_db, self.entry)
        else:
            share = np.interp(margin_db, *_shares(self))
        return np.where(share >= MIN_PROBABILITY, share, 0.0).astype(np.float32)

    def local_probability(
        self, level_dbm: NDArray[np.floating], sigma_db: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return the probability where shadowing deviates from place to place, to ``STEP_DB``."""
        steps = np.round(np.asarray(sigma_db, np.float64) / STEP_DB).astype(np.int64)
        share = np.zeros(steps.shape, np.float32)
        for step in np.unique(steps):
            here = steps == step
            sigma = (
                self.sigma_db if abs(step * STEP_DB - self.sigma_db) < STEP_DB else step * STEP_DB
            )
            share[here] = self._replace(sigma_db=float(sigma)).probability(level_dbm[here])
        return share

    @property
    def min_dbm(self) -> float:
        """Return the level below which nothing counts."""
        return self.level_dbm(MIN_PROBABILITY)

    @property
    def spread_db(self) -> float:
        """Return the deviation of shadowing and entry loss together."""
        return math.sqrt(self.sigma_db**2 + self.entry.variance_db2)

    def level_dbm(self, probability: float) -> float:
        """Return the mean level outdoors at which so many places are served."""
        return self.median_dbm + entry_loss.margin_db(probability, self.sigma_db, self.entry)

    def table(self) -> NDArray[np.float32]:
        """Return the probability by level, from ``SPAN_DB`` below the median to as much above."""
        return self.probability(self.median_dbm + _knots_db())


def _knots_db() -> NDArray[np.float64]:
    return np.arange(int(2 * SPAN_DB) * KNOTS_PER_DB + 1) / KNOTS_PER_DB - SPAN_DB


@lru_cache
def _shares(service: ServiceLevel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return margins and the share of places that each serves, to interpolate in."""
    knots_db = _knots_db()
    return knots_db, entry_loss.share(knots_db, service.sigma_db, service.entry)


@dataclass(frozen=True)
class Blocks:
    """Squares of pixels that hold demand, numbered row by row.

    ``number`` is -1 for squares without demand; ``weight`` is each pixel's part of its block,
    so that the pixels of a block sum to 1.
    """

    number: NDArray[np.int32]  # shape (block rows, block columns)
    weight: NDArray[np.float32]  # shape of the grid
    side: int  # pixels

    @property
    def count(self) -> int:
        """Return the number of blocks with demand."""
        return int(self.number.max()) + 1

    @property
    def of_pixel(self) -> NDArray[np.int32]:
        """Return the block of every pixel, -1 where there is none; shape of the grid."""
        height, width = self.weight.shape
        rows, columns = np.arange(height) // self.side, np.arange(width) // self.side
        return self.number[rows[:, None], columns[None, :]]

    def sums(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Return the sum of the pixels' values in every block."""
        block, value = self.of_pixel.ravel(), np.asarray(values, np.float64).ravel()
        held = block >= 0
        return np.bincount(block[held], value[held], self.count).astype(np.float64)

    def mean(self, values: NDArray[np.generic]) -> NDArray[np.float32]:
        """Return the mean of the pixels' values in every block, weighed by their demand."""
        return self.sums(np.asarray(values, np.float64) * self.weight).astype(np.float32)


class Served(NamedTuple):
    """What each mast serves: entries ``first[i]`` to ``first[i + 1]`` of block and share."""

    first: NDArray[np.int64]
    block: NDArray[np.int32]
    share: NDArray[np.float32]


def blocks(demand: NDArray[np.floating], side: int) -> Blocks:
    """Return the blocks of so many pixels a side that hold demand (not negative)."""
    height, width = demand.shape
    rows, columns = np.arange(height) // side, np.arange(width) // side
    shape = (int(rows[-1]) + 1, int(columns[-1]) + 1)
    square = rows[:, None] * shape[1] + columns[None, :]
    held = np.bincount(square.ravel(), demand.ravel().astype(np.float64), shape[0] * shape[1])
    number = np.where(held > 0.0, np.cumsum(held > 0.0) - 1, -1).astype(np.int32)
    whole = np.where(held > 0.0, held, 1.0)[square]
    return Blocks(number.reshape(shape), (demand / whole).astype(np.float32), side)


@kernel(**INNER)
def _block_shares(
    best_mw: NDArray, window: tuple, over: tuple, first: tuple, lookup: tuple, shares: NDArray
) -> None:
    """Add up the probability of service over the blocks that a window touches.

    ``window`` is the corner of the window in squares and their side, ``first`` the first block
    of ``shares``.
    """
    (top, left, stride), (weight, side) = window, over
    table, bottom_dbm, min_mw = lookup
    height, width = weight.shape
    for square_row in range(best_mw.shape[0]):
        for square_column in range(best_mw.shape[1]):
            power = best_mw[square_row, square_column]
            if power < min_mw:
                continue
            place = (10.0 * math.log10(power) - bottom_dbm) * KNOTS_PER_DB
            knot = min(int(place), table.size - 2)
            share = min(table[knot] + (place - knot) * (table[knot + 1] - table[knot]), 1.0)
            row0, column0 = (square_row + top) * stride, (square_column + left) * stride
            for row in range(max(row0, 0), min(row0 + stride, height)):
                for column in range(max(column0, 0), min(column0 + stride, width)):
                    where = (row // side - first[0], column // side - first[1])
                    shares[where] += weight[row, column] * share


@kernel(**PARALLEL)
def _all_block_shares(
    best_mw: NDArray,
    masts: NDArray,
    fan: Fan,
    start: int,
    over: tuple,
    first: NDArray,
    lookup: tuple,
    shares: NDArray,
) -> None:
    for slot in prange(best_mw.shape[0]):
        top, left = loss_windows.corner(loss_windows.mast_of(masts, start + slot), fan)
        origin = (first[slot, 0], first[slot, 1])
        window = (top, left, fan.stride)
        _block_shares(best_mw[slot], window, over, origin, lookup, shares[slot])


def served(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    over: Blocks,
    service: ServiceLevel,
    progress: Progress | None = None,
    cache: Cache | None = None,
    beside: Sequence[network.Parts] = (),
) -> Served:
    """Return the share of every block that each mast serves, all its cells together.

    Parameters and errors are those of ``network.footprints``; shares below
    ``MIN_PROBABILITY`` are left out.
    """
    check(surface, masts, cells, reach)
    every = network.rings(surface, masts, reach)
    min_mw = 10.0 ** (service.min_dbm / 10.0)
    lookup = (service.table(), service.median_dbm - SPAN_DB, min_mw)
    entries: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []
    carriers = [(surface, masts, cells, reach), *beside]
    for start, levels in network.best_windows(carriers, cache):
        first, across = _extent(every[-1], start, len(levels[0]), over)
        shares = np.zeros((len(first), across, across), np.float32)
        for sweeps, best_mw in zip(every, levels, strict=True):
            on = ((over.weight, over.side), first, lookup, shares)
            _all_block_shares(best_mw, sweeps.table, sweeps.fan, start, *on)
        entries += [_entries(*each, over) for each in zip(shares, first, strict=True)]
        if progress is not None:
            progress(start + len(first))
    first_entry = np.cumsum([0, *(block.size for block, _ in entries)], dtype=np.int64)
    return Served(
        first_entry,
        np.concatenate([np.empty(0, np.int32), *(block for block, _ in entries)]),
        np.concatenate([np.empty(0, np.float32), *(share for _, share in entries)]),
    )


def _extent(sweeps: Sweeps, start: int, count: int, over: Blocks) -> tuple[NDArray[np.int64], int]:
    """Return the first block that each mast's widest window touches, and how many a side."""
    stride = sweeps.fan.stride
    corners = [
        loss_windows.corner(loss_windows.mast_of(sweeps.table, start + slot), sweeps.fan)
        for slot in range(count)
    ]
    first = np.maximum(np.array(corners, np.int64) * stride, 0) // over.side
    return first, sweeps.side * stride // over.side + 2


def _entries(
    shares: NDArray[np.float32], first: NDArray[np.int64], over: Blocks
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    row, column = np.nonzero(shares >= MIN_PROBABILITY)
    share = np.minimum(shares[row, column], 1.0)
    return over.number[row + first[0], column + first[1]], share
