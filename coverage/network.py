"""Many cells together: best server, overlap, total power, and the footprint of every mast.

Masts are worked on in batches: the window of each mast is computed in parallel, then the
windows are added to the layers in parallel over strips of rows, always in the order of the
masts. The result has the same bytes whatever the number of threads.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from phusong.coverage import sweep
from phusong.coverage.antenna import DEGREES, tilted_angles_deg
from phusong.coverage.base_loss import expected_tables_db
from phusong.coverage.cells import Cells, Masts, Reach, Surface, check
from phusong.coverage.kernel import INNER, KERNEL, PARALLEL
from phusong.coverage.sweep import Fan, Ground, Mast, Receivers, half_window
from phusong.coverage.units import milliwatt_from_dbm

NO_SERVER = -1
BATCH_BYTES = 160 * 2**20
STRIP_ROWS = 32
GAIN_KNOTS_PER_DEG = 4
NEPER_PER_DB = math.log(10.0) / 10.0
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Layers:
    """What a network gives at every pixel, per resource element.

    ``rsrp_dbm`` is -inf and ``server`` -1 where no cell reaches; ``server`` is the row of
    the cell; ``servers`` counts the cells at or above the level asked for, up to 255;
    ``total_mw`` is the power of all cells.
    """

    rsrp_dbm: NDArray[np.float32]
    server: NDArray[np.int32]
    servers: NDArray[np.uint8]
    total_mw: NDArray[np.float32]


@dataclass(frozen=True)
class Footprints:
    """The pixels each mast serves, as sparse rows: ``pixel[first[i]:first[i + 1]]``.

    ``pixel`` is the index into the flattened grid, in rising order within a mast;
    ``rsrp_dbm`` is the level of the mast's best cell there.
    """

    first: NDArray[np.int64]
    pixel: NDArray[np.int32]
    rsrp_dbm: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of masts."""
        return self.first.size - 1

    def of(self, mast: int) -> NDArray[np.int32]:
        """Return the pixels that one mast serves."""
        return self.pixel[self.first[mast] : self.first[mast + 1]]

    def at_least(self, level_dbm: float) -> "Footprints":
        """Return the footprints at a stricter level."""
        kept = self.rsrp_dbm >= level_dbm
        first = np.concatenate(([0], np.cumsum(kept)))[self.first]
        return Footprints(first.astype(np.int64), self.pixel[kept], self.rsrp_dbm[kept])


class Plant(NamedTuple):
    """Masts and cells as the kernels read them; cells are in the order of their masts."""

    masts: NDArray[np.float64]  # column, row, height, wavelength
    base_db: NDArray[np.float32]  # tables of loss by distance
    base: NDArray[np.int64]  # table of each mast
    cells: NDArray[np.float64]  # azimuth, electrical and mechanical tilt, mW, pattern, floor
    first_cell: NDArray[np.int64]
    gains: NDArray[np.float32]  # both cuts of every pattern, as ratios


class Windows(NamedTuple):
    """The results of a batch of masts, one square window each."""

    rsrp_dbm: NDArray[np.float32]
    cell: NDArray[np.uint8]  # counted within the mast
    servers: NDArray[np.uint8]
    total_mw: NDArray[np.float32]


@njit(**INNER)
def _read_gain(gains: NDArray, pattern: int, cut: int, angle_deg: float) -> float:
    """Return the gain read from a cut between -180 and 180 degrees."""
    place = (angle_deg + 180.0) * GAIN_KNOTS_PER_DEG
    low = min(max(int(place), 0), gains.shape[2] - 2)
    below, above = gains[pattern, cut, low], gains[pattern, cut, low + 1]
    return below + (place - low) * (above - below)


@njit(**INNER)
def _radiated_mw(plant: Plant, cell: int, azimuth_deg: float, elevation_deg: float) -> float:
    """Return the power a cell radiates in a direction; the azimuth lies in 0 to 360."""
    main, electrical, mechanical = plant.cells[cell, 0], plant.cells[cell, 1], plant.cells[cell, 2]
    bearing_deg = 0.0 if math.isnan(main) else azimuth_deg - main
    if bearing_deg > 180.0:
        bearing_deg -= 360.0
    elif bearing_deg < -180.0:
        bearing_deg += 360.0
    if mechanical != 0.0:
        bearing_deg, elevation_deg = tilted_angles_deg(bearing_deg, elevation_deg, mechanical)
    pattern = int(plant.cells[cell, 4])
    across = _read_gain(plant.gains, pattern, 0, bearing_deg)
    upright = _read_gain(plant.gains, pattern, 1, elevation_deg + electrical)
    return plant.cells[cell, 3] * max(across * upright, plant.cells[cell, 5])


@njit(**INNER)
def _fill_pixels(
    plant: Plant,
    m: int,
    receivers: Receivers,
    paths: tuple,
    corner: tuple,
    level_mw: float,
    windows: Windows,
    slot: int,
) -> None:
    """Write the sum over the cells of a mast at every receiver into its window."""
    loss_db, elevation = paths
    top, left, width = corner
    start, end = plant.first_cell[m], plant.first_cell[m + 1]
    for i in range(receivers.pixel.size):
        best_mw, best, total_mw, servers = 0.0, 0, 0.0, 0
        passed = math.exp(-NEPER_PER_DB * loss_db[i])
        azimuth_deg, elevation_deg = receivers.azimuth[i] * DEGREES, elevation[i] * DEGREES
        for cell in range(start, end):
            here_mw = passed * _radiated_mw(plant, cell, azimuth_deg, elevation_deg)
            total_mw += here_mw
            servers += here_mw >= level_mw
            if here_mw > best_mw:
                best_mw, best = here_mw, cell - start
        row, column = receivers.pixel[i] // width - top, receivers.pixel[i] % width - left
        windows.rsrp_dbm[slot, row, column] = math.log(best_mw) / NEPER_PER_DB
        windows.cell[slot, row, column] = best
        windows.servers[slot, row, column] = servers
        windows.total_mw[slot, row, column] = total_mw


@njit(**KERNEL)
def _fill_window(
    ground: Ground, plant: Plant, fan: Fan, m: int, level_mw: float, windows: Windows, slot: int
) -> None:
    """Compute what one mast gives at every receiver in its window."""
    windows.rsrp_dbm[slot, :, :] = -np.inf
    windows.servers[slot, :, :] = 0
    windows.total_mw[slot, :, :] = 0.0
    mast = Mast(plant.masts[m, 0], plant.masts[m, 1], plant.masts[m, 2], plant.masts[m, 3])
    receivers = sweep.trace(ground, mast, fan)
    paths = sweep.walk(ground, mast, plant.base_db[plant.base[m]], fan, receivers)
    top = math.floor(mast.row + 0.5) - half_window(fan.radius)
    left = math.floor(mast.column + 0.5) - half_window(fan.radius)
    corner = (top, left, ground.terrain_m.shape[1])
    _fill_pixels(plant, m, receivers, paths, corner, level_mw, windows, slot)


@njit(**PARALLEL)
def _fill_windows(
    ground: Ground, plant: Plant, fan: Fan, start: int, end: int, level_mw: float, windows: Windows
) -> None:
    """Compute the windows of a batch of masts, one mast per task."""
    for m in prange(start, end):
        _fill_window(ground, plant, fan, m, level_mw, windows, m - start)


@njit(**INNER)
def _add_rows(
    plant: Plant, fan: Fan, m: int, rows: tuple, windows: Windows, slot: int, layers: tuple
) -> None:
    """Add the part of one window that lies within a strip of rows."""
    rsrp_dbm, server, servers, total_mw = layers
    half = half_window(fan.radius)
    left = math.floor(plant.masts[m, 0] + 0.5) - half
    top = math.floor(plant.masts[m, 1] + 0.5) - half
    west, east = max(left, 0), min(left + 2 * half + 1, rsrp_dbm.shape[1])
    for row in range(max(top, rows[0]), min(top + 2 * half + 1, rows[1])):
        for column in range(west, east):
            here_dbm = windows.rsrp_dbm[slot, row - top, column - left]
            if here_dbm > rsrp_dbm[row, column]:
                rsrp_dbm[row, column] = here_dbm
                cell = windows.cell[slot, row - top, column - left]
                server[row, column] = plant.first_cell[m] + cell
            total_mw[row, column] += windows.total_mw[slot, row - top, column - left]
            count = np.int64(servers[row, column])
            servers[row, column] = min(count + windows.servers[slot, row - top, column - left], 255)


@njit(**PARALLEL)
def _add_windows(
    plant: Plant, fan: Fan, start: int, end: int, windows: Windows, layers: tuple
) -> None:
    """Add the windows of a batch to the layers, strip by strip, in the order of the masts."""
    height = layers[0].shape[0]
    for strip in prange((height + STRIP_ROWS - 1) // STRIP_ROWS):
        rows = (strip * STRIP_ROWS, min((strip + 1) * STRIP_ROWS, height))
        for m in range(start, end):
            _add_rows(plant, fan, m, rows, windows, m - start, layers)


@njit(**PARALLEL)
def _count_served(windows: Windows, used: int, level_dbm: float, served: NDArray) -> None:
    """Count the pixels at or above a level in each window."""
    for slot in prange(used):
        served[slot] = np.sum(windows.rsrp_dbm[slot] >= level_dbm)


@njit(**INNER)
def _list_window(
    ground: Ground,
    plant: Plant,
    fan: Fan,
    m: int,
    level_dbm: float,
    window_dbm: NDArray,
    pixel: NDArray,
    rsrp_dbm: NDArray,
) -> None:
    """Write down the pixels of one window at or above a level, row by row."""
    half = half_window(fan.radius)
    left = math.floor(plant.masts[m, 0] + 0.5) - half
    top = math.floor(plant.masts[m, 1] + 0.5) - half
    place = 0
    for row in range(window_dbm.shape[0]):
        for column in range(window_dbm.shape[1]):
            if window_dbm[row, column] >= level_dbm:
                pixel[place] = (row + top) * ground.terrain_m.shape[1] + column + left
                rsrp_dbm[place] = window_dbm[row, column]
                place += 1


@njit(**PARALLEL)
def _list_served(
    ground: Ground,
    plant: Plant,
    fan: Fan,
    start: int,
    level_dbm: float,
    windows: Windows,
    first: NDArray,
    pixel: NDArray,
    rsrp_dbm: NDArray,
) -> None:
    """Write down the served pixels of every window of a batch."""
    for slot in prange(first.size - 1):
        a, b = first[slot], first[slot + 1]
        _list_window(
            ground,
            plant,
            fan,
            start + slot,
            level_dbm,
            windows.rsrp_dbm[slot],
            pixel[a:b],
            rsrp_dbm[a:b],
        )


def _plant(masts: Masts, cells: Cells, reach: Reach) -> tuple[Plant, NDArray[np.int64]]:
    """Return the network as the kernels read it, and the row of every cell in it."""
    order = np.argsort(cells.mast, kind="stable")
    base_db, base = expected_tables_db(
        np.asarray(masts.antenna_height_m, float),
        np.asarray(masts.frequency_mhz, float),
        reach.receiver_height_m,
        reach.radius_m,
    )
    first = np.searchsorted(np.asarray(cells.mast)[order], np.arange(len(masts) + 1))
    table = np.ascontiguousarray(cells.table()[order])
    gains = cells.gains(GAIN_KNOTS_PER_DEG)
    plant = Plant(masts.table(), base_db, base, table, first.astype(np.int64), gains)
    return plant, order


def _windows(fan: Fan, masts: int) -> Windows:
    """Return room for as many windows as the memory of a batch allows."""
    side = 2 * half_window(fan.radius) + 1
    shape = (max(1, min(masts, BATCH_BYTES // (10 * side * side))), side, side)
    return Windows(
        np.empty(shape, np.float32),
        np.empty(shape, np.uint8),
        np.empty(shape, np.uint8),
        np.empty(shape, np.float32),
    )


def _batches(masts: int, size: int) -> Iterator[tuple[int, int]]:
    return ((start, min(start + size, masts)) for start in range(0, masts, size))


def best_server(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float = -110.0,
    progress: Progress | None = None,
) -> Layers:
    """Return best level and server, overlap and total power of a network.

    Parameters
    ----------
    surface
        Terrain, environment and receivers.
    masts, cells
        The network; of cells with equal level the one whose mast comes first serves.
    reach
        Radius, receiver height, curvature, density of radials.
    level_dbm
        Level from which a cell counts in ``servers``.
    progress
        Called with the number of masts done after every batch.

    Raises
    ------
    InputError
        A mast outside the terrain, terrain without height within the radius, a cell without
        mast or power.
    """
    check(surface, masts, cells, reach)
    ground, fan = surface.ground(reach), reach.fan(surface.pixel_m)
    level_mw = float(milliwatt_from_dbm(level_dbm))
    plant, order = _plant(masts, cells, reach)
    windows = _windows(fan, len(masts))
    shape = surface.terrain_m.shape
    rsrp_dbm, server = np.full(shape, -np.inf, np.float32), np.full(shape, NO_SERVER, np.int32)
    servers, total_mw = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
    for start, end in _batches(len(masts), len(windows.cell)):
        _fill_windows(ground, plant, fan, start, end, level_mw, windows)
        _add_windows(plant, fan, start, end, windows, (rsrp_dbm, server, servers, total_mw))
        if progress is not None:
            progress(end)
    rows = np.append(order, NO_SERVER).astype(np.int32)
    return Layers(rsrp_dbm, rows[server], servers, total_mw)


def footprints(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float,
    progress: Progress | None = None,
) -> Footprints:
    """Return the pixels that each mast serves at or above a level, all its cells together.

    Parameters and errors are those of ``best_server``.
    """
    check(surface, masts, cells, reach)
    ground, fan = surface.ground(reach), reach.fan(surface.pixel_m)
    level_mw = float(milliwatt_from_dbm(level_dbm))
    plant, _ = _plant(masts, cells, reach)
    windows = _windows(fan, len(masts))
    counts: list[NDArray[np.int64]] = []
    pixels: list[NDArray[np.int32]] = []
    levels: list[NDArray[np.float32]] = []
    for start, end in _batches(len(masts), len(windows.cell)):
        _fill_windows(ground, plant, fan, start, end, level_mw, windows)
        served = np.zeros(end - start, np.int64)
        _count_served(windows, end - start, level_dbm, served)
        first = np.concatenate([[0], np.cumsum(served)])
        pixels.append(np.empty(first[-1], np.int32))
        levels.append(np.empty(first[-1], np.float32))
        _list_served(ground, plant, fan, start, level_dbm, windows, first, pixels[-1], levels[-1])
        counts.append(served)
        if progress is not None:
            progress(end)
    every = np.concatenate([np.zeros(1, np.int64), *counts])
    return Footprints(np.cumsum(every), _joined(pixels, np.int32), _joined(levels, np.float32))


def _joined(parts: list[NDArray[np.generic]], kind: type) -> NDArray[np.generic]:
    return np.concatenate([np.empty(0, kind), *parts])


def merge(first: Layers, second: Layers, cells_in_first: int) -> Layers:
    """Return the layers of two networks together, as if all cells were in one list.

    Servers of the second network are counted on from the number of cells in the first.
    """
    better = second.rsrp_dbm > first.rsrp_dbm
    overlap = first.servers.astype(np.uint16) + second.servers
    return Layers(
        np.where(better, second.rsrp_dbm, first.rsrp_dbm),
        np.where(better, second.server + np.int32(cells_in_first), first.server),
        np.minimum(overlap, 255).astype(np.uint8),
        first.total_mw + second.total_mw,
    )
