"""Windows of loss around masts: computed in parallel, kept by content, shared by all cells.

A window is the square around a mast that holds every receiver of a ring, one for each square of
pixels (``reception.Fan``). Losses are
kept in 64ths of a decibel, two bytes a pixel, so that a province fits in memory or in a
cache, and so that a loss taken from a cache is the very loss that was computed. What fills
them is the model's (``cells.AreaLoss``).
"""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area.cells import Adjustment, Sweeps
from phusong.coverage.area.reception import (
    Fan,
    Mast,
    ReceiverGrid,
    Receivers,
    half_window,
    square_of,
)
from phusong.coverage.kernel import INNER, KERNEL, in_threads, kernel
from phusong.coverage.units import wavelength_m

STEPS_PER_DB = 64
NO_PATH = 65535

Window = NDArray[np.uint16]


class Cache(Protocol):
    """What keeps windows by name: a dictionary, or a folder."""

    def get(self, key: str, /) -> Window | None:
        """Return a window, None where there is none."""

    def __setitem__(self, key: str, window: Window, /) -> None:
        """Keep a window."""


@kernel(**INNER)
def corner(mast: Mast, fan: Fan) -> tuple[int, int]:
    """Return row and column of the first square of a mast's window; may lie off the grid."""
    half = half_window(fan)
    return square_of(mast.row, fan.stride) - half, square_of(mast.column, fan.stride) - half


@kernel(**INNER)
def mast_of(masts: NDArray, m: int) -> Mast:
    """Return a row of the table of masts."""
    return Mast(masts[m, 0], masts[m, 1], masts[m, 2], masts[m, 3])


@kernel(**INNER)
def spread(
    ground: ReceiverGrid,
    mast: Mast,
    fan: Fan,
    receivers: Receivers,
    loss_db: NDArray,
    window: NDArray,
) -> None:
    """Write the losses of a mast's receivers into its window."""
    top, left = corner(mast, fan)
    width = ground.terrain_m.shape[1]
    for row in range(window.shape[0]):
        for column in range(window.shape[1]):
            window[row, column] = NO_PATH
    for i in range(loss_db.size):
        row = receivers.pixel[i] // width // fan.stride - top
        column = receivers.pixel[i] % width // fan.stride - left
        steps = loss_db[i] * STEPS_PER_DB + 0.5
        window[row, column] = int(min(max(steps, 0.0), NO_PATH - 1.0))


@kernel(**KERNEL)
def write(
    ground: ReceiverGrid,
    mast: Mast,
    fan: Fan,
    receivers: Receivers,
    loss_db: NDArray,
    window: NDArray,
) -> None:
    """Write the losses of a mast's receivers into its window."""
    spread(ground, mast, fan, receivers, loss_db, window)


def compute(sweeps: Sweeps, wanted: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the windows of some masts, one task per mast."""
    windows = np.empty((wanted.size, sweeps.side, sweeps.side), np.uint16)
    sweeps.reach.model.fill(sweeps, wanted, windows)
    for window, m in zip(windows, wanted, strict=True):
        _adjust(sweeps, int(m), window)
    return windows


def _adjust(sweeps: Sweeps, m: int, window: NDArray[np.uint16]) -> None:
    """Add to the losses in a mast's window what a calibration has found, by pixel."""
    offset_db, moved = sweeps.surface.offset_db, sweeps.surface.adjustment
    if offset_db is None and moved is None:
        return
    mast = mast_of(sweeps.table, m)
    shape = sweeps.surface.terrain_m.shape
    rows, columns = _middles(sweeps, mast)
    pixels = np.ix_(np.clip(rows, 0, shape[0] - 1), np.clip(columns, 0, shape[1] - 1))
    steps = window.astype(float)
    if moved is not None:
        steps = np.where(moved.pixels[pixels], _moved(sweeps, mast, moved, steps), steps)
    if offset_db is not None:
        steps += np.round(STEPS_PER_DB * offset_db[pixels])
    window[:] = np.where(window == NO_PATH, NO_PATH, np.clip(np.round(steps), 0, NO_PATH - 1))


def _middles(sweeps: Sweeps, mast: Mast) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns of the receivers in a mast's window; they may lie off the grid."""
    top, left = corner(mast, sweeps.fan)
    squares, stride = np.arange(sweeps.side), sweeps.fan.stride
    return (squares + top) * stride + stride // 2, (squares + left) * stride + stride // 2


def _moved(sweeps: Sweeps, mast: Mast, moved: Adjustment, steps: NDArray) -> NDArray:
    """Return losses of a window, in steps, with a share of what lies above free space."""
    rows, columns = _middles(sweeps, mast)
    apart_m = sweeps.surface.pixel_m * np.hypot(rows[:, None] - mast.row, columns - mast.column)
    apart_m = np.maximum(apart_m, 0.5 * sweeps.surface.pixel_m)
    above_m = mast.antenna_height_m - sweeps.reach.receiver_height_m
    turns = np.hypot(apart_m, above_m) / wavelength_m(mast.frequency_mhz)
    free_db = 20.0 * np.log10(4.0 * math.pi * turns)  # P.525-4, over level ground
    found_db = free_db + moved.obstruction * (steps / STEPS_PER_DB - free_db)
    return STEPS_PER_DB * (found_db + moved.slope_db * np.log10(apart_m / 1000.0))


def _distinct(sweeps: Sweeps, wanted: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the windows of some masts; masts alike in all they are computed from share one."""
    _, first, place = np.unique(
        sweeps.table[wanted], axis=0, return_index=True, return_inverse=True
    )
    if first.size == wanted.size:
        return compute(sweeps, wanted)
    return compute(sweeps, wanted[first])[place.ravel()]


def windows(
    sweeps: Sweeps, wanted: NDArray[np.int64], cache: Cache | None = None
) -> NDArray[np.uint16]:
    """Return the windows of some masts, from the cache where it has them; it gets the rest."""
    if cache is None:
        return _distinct(sweeps, wanted)
    every = np.empty((wanted.size, sweeps.side, sweeps.side), np.uint16)
    names, absent = [sweeps.key(m) for m in wanted], np.zeros(wanted.size, np.bool_)

    def read(place: int) -> None:
        window = cache.get(names[place])
        absent[place] = window is None
        if window is not None:
            every[place] = window

    def keep(place: int) -> None:
        cache[names[place]] = every[place].copy()

    in_threads(read, range(wanted.size))
    missing = np.flatnonzero(absent)
    if missing.size == wanted.size:
        every = _distinct(sweeps, wanted)  # not held twice
    elif missing.size:
        every[missing] = _distinct(sweeps, wanted[missing])
    in_threads(keep, missing.tolist())
    return every
