"""Windows of loss around masts: computed in parallel, kept by content, shared by all cells.

A window is the square of pixels around a mast that holds every receiver in reach. Losses are
kept in 64ths of a decibel, two bytes a pixel, so that a province fits in memory or in a
cache, and so that a loss taken from a cache is the very loss that was computed.
"""

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage.area import base_loss, reception, sweep_bullington, sweep_p1812, sweep_spm
from phusong.coverage.area.cells import Masts, Reach, Surface
from phusong.coverage.area.radial_p1812 import Climate
from phusong.coverage.area.reception import Fan, Ground, Mast, Receivers, half_window
from phusong.coverage.kernel import INNER, KERNEL, PARALLEL, kernel
from phusong.coverage.models import p1812, spm

STEPS_PER_DB = 64
NO_PATH = 65535
ENGINE = b"2"  # to be raised when losses change, so that caches are not read across versions

Window = NDArray[np.uint16]


class Cache(Protocol):
    """What keeps windows by name: a dictionary, or a folder."""

    def get(self, key: str, /) -> Window | None:
        """Return a window, None where there is none."""

    def __setitem__(self, key: str, window: Window, /) -> None:
        """Keep a window."""


@kernel(**INNER)
def corner(mast: Mast, fan: Fan) -> tuple[int, int]:
    """Return row and column of the first pixel of a mast's window; may lie off the grid."""
    half = half_window(fan.radius)
    return math.floor(mast.row + 0.5) - half, math.floor(mast.column + 0.5) - half


@kernel(**INNER)
def mast_of(masts: NDArray, m: int) -> Mast:
    """Return a row of the table of masts."""
    return Mast(masts[m, 0], masts[m, 1], masts[m, 2], masts[m, 3])


@kernel(**INNER)
def _spread(
    ground: Ground, mast: Mast, fan: Fan, receivers: Receivers, loss_db: NDArray, window: NDArray
) -> None:
    """Write the losses of a mast's receivers into its window."""
    top, left = corner(mast, fan)
    width = ground.terrain_m.shape[1]
    for row in range(window.shape[0]):
        for column in range(window.shape[1]):
            window[row, column] = NO_PATH
    for i in range(loss_db.size):
        row, column = receivers.pixel[i] // width - top, receivers.pixel[i] % width - left
        steps = loss_db[i] * STEPS_PER_DB + 0.5
        window[row, column] = int(min(max(steps, 0.0), NO_PATH - 1.0))


@kernel(**KERNEL)
def _expected_window(
    ground: Ground, mast: Mast, base_db: NDArray, fan: Fan, window: NDArray
) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = sweep_bullington.walk(ground, mast, base_db, fan, receivers)
    _spread(ground, mast, fan, receivers, loss_db, window)


@kernel(**KERNEL)
def _p1812_window(ground: Ground, mast: Mast, climate: Climate, fan: Fan, window: NDArray) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = sweep_p1812.walk(ground, mast, climate, fan, receivers)
    _spread(ground, mast, fan, receivers, loss_db, window)


@kernel(**KERNEL)
def _blind_window(ground: Ground, mast: Mast, base_db: NDArray, fan: Fan, window: NDArray) -> None:
    receivers = reception.trace(ground, mast, fan)
    _spread(
        ground, mast, fan, receivers, sweep_bullington.blind(ground, base_db, receivers), window
    )


@kernel(**KERNEL)
def _spm_window(
    ground: Ground,
    mast: Mast,
    coefficients: spm.Coefficients,
    options: spm.Options,
    clutter_db: NDArray,
    fan: Fan,
    window: NDArray,
) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = sweep_spm.walk(ground, mast, coefficients, options, clutter_db, fan, receivers)
    _spread(ground, mast, fan, receivers, loss_db, window)


@kernel(**PARALLEL)
def _expected_windows(
    ground: Ground,
    masts: NDArray,
    base_db: NDArray,
    base: NDArray,
    fan: Fan,
    wanted: NDArray,
    windows: NDArray,
) -> None:
    for i in prange(wanted.size):
        m = wanted[i]
        _expected_window(ground, mast_of(masts, m), base_db[base[m]], fan, windows[i])


@kernel(**PARALLEL)
def _blind_windows(
    ground: Ground,
    masts: NDArray,
    base_db: NDArray,
    base: NDArray,
    fan: Fan,
    wanted: NDArray,
    windows: NDArray,
) -> None:
    for i in prange(wanted.size):
        m = wanted[i]
        _blind_window(ground, mast_of(masts, m), base_db[base[m]], fan, windows[i])


@kernel(**PARALLEL)
def _spm_windows(
    ground: Ground,
    masts: NDArray,
    coefficients: NDArray,
    options: spm.Options,
    clutter_db: NDArray,
    fan: Fan,
    wanted: NDArray,
    windows: NDArray,
) -> None:
    for i in prange(wanted.size):
        m = wanted[i]
        k = coefficients[m]
        tuned = spm.Coefficients(k[0], k[1], k[2], k[3], k[4], k[5], k[6], k[7])
        mast = mast_of(masts, m)
        _spm_window(ground, mast, tuned, options, clutter_db, fan, windows[i])


@kernel(**PARALLEL)
def _p1812_windows(
    ground: Ground, masts: NDArray, climate: Climate, fan: Fan, wanted: NDArray, windows: NDArray
) -> None:
    for i in prange(wanted.size):
        _p1812_window(ground, mast_of(masts, wanted[i]), climate, fan, windows[i])


@dataclass(frozen=True)
class Sweeps:
    """Everything that the losses of a set of masts depend on."""

    surface: Surface
    masts: Masts
    reach: Reach

    @cached_property
    def ground(self) -> Ground:
        """Return the grid as the kernels read it."""
        return self.surface.ground(self.reach)

    @cached_property
    def fan(self) -> Fan:
        """Return the pixels in reach of a mast."""
        return self.reach.fan(self.surface.pixel_m)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """Return the masts as the kernels read them."""
        return self.masts.table()

    @property
    def side(self) -> int:
        """Return the side of a window in pixels."""
        return int(2 * half_window(self.fan.radius) + 1)

    @cached_property
    def base_tables(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the losses by distance, and which table each mast uses."""
        model = self.reach.model
        return base_loss.tables_db(
            model if isinstance(model, str) else base_loss.EXPECTED,
            self.table[:, 2],
            self.table[:, 3],
            self.reach.receiver_height_m,
            self.reach.radius_m,
        )

    @cached_property
    def clutter_db(self) -> NDArray[np.float32]:
        """Return the clutter loss of every pixel, nothing where none is known."""
        given = self.surface.clutter_db
        bare = np.zeros(self.surface.terrain_m.shape, np.float32)
        return np.ascontiguousarray(bare if given is None else given, np.float32)

    def coefficients(self, tuned: spm.Parameters) -> NDArray[np.float64]:
        """Return the constants of the standard propagation model, a row a mast."""
        return np.array(
            [tuned.coefficients or spm.hata_coefficients(mhz) for mhz in self.table[:, 3]], float
        )

    @cached_property
    def digest(self) -> bytes:
        """Return the fingerprint of the ground, the model and its parameters."""
        mark = hashlib.blake2b(ENGINE, digest_size=16)
        for part in self.ground:
            mark.update(np.ascontiguousarray(part).tobytes())
        if isinstance(self.reach.model, spm.Parameters):
            mark.update(self.clutter_db.tobytes())
        if self.surface.offset_db is not None:
            mark.update(np.ascontiguousarray(self.surface.offset_db, np.float32).tobytes())
        mark.update(repr((self.ground.terrain_m.shape, self.reach)).encode())
        return mark.digest()

    def key(self, m: int) -> str:
        """Return the name under which a mast's window is kept."""
        mark = hashlib.blake2b(self.digest, digest_size=16)
        mark.update(self.table[m].tobytes())
        return mark.hexdigest()


def compute(sweeps: Sweeps, wanted: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the windows of some masts, one task per mast."""
    windows = np.empty((wanted.size, sweeps.side, sweeps.side), np.uint16)
    model, place = sweeps.reach.model, (sweeps.ground, sweeps.table)
    if isinstance(model, p1812.Parameters):
        _p1812_windows(*place, sweeps.reach.climate(), sweeps.fan, wanted, windows)
    elif isinstance(model, spm.Parameters):
        tuned = (sweeps.coefficients(model), model.options, sweeps.clutter_db)
        _spm_windows(*place, *tuned, sweeps.fan, wanted, windows)
    elif model == base_loss.EXPECTED:
        _expected_windows(*place, *sweeps.base_tables, sweeps.fan, wanted, windows)
    else:
        _blind_windows(*place, *sweeps.base_tables, sweeps.fan, wanted, windows)
    _add_offset(sweeps, wanted, windows)
    return windows


def _add_offset(sweeps: Sweeps, wanted: NDArray[np.int64], windows: NDArray[np.uint16]) -> None:
    """Add the offset of every pixel to the losses in the windows of some masts."""
    offset_db = sweeps.surface.offset_db
    if offset_db is None:
        return
    for window, m in zip(windows, wanted, strict=True):
        top, left = corner(mast_of(sweeps.table, m), sweeps.fan)
        rows = np.clip(np.arange(top, top + sweeps.side), 0, offset_db.shape[0] - 1)
        columns = np.clip(np.arange(left, left + sweeps.side), 0, offset_db.shape[1] - 1)
        steps = window + np.round(STEPS_PER_DB * offset_db[np.ix_(rows, columns)])
        window[:] = np.where(window == NO_PATH, NO_PATH, np.clip(steps, 0, NO_PATH - 1))


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
    missing = []
    for place, m in enumerate(wanted):
        window = cache.get(sweeps.key(m))
        if window is None:
            missing.append(place)
        else:
            every[place] = window
    if missing:
        every[missing] = _distinct(sweeps, wanted[missing])
    for place in missing:
        cache[sweeps.key(wanted[place])] = every[place].copy()
    return every
