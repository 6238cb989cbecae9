"""Many cells together: best server, overlap, total power, and the footprint of every mast.

Masts are worked on in batches: their windows of loss are computed in parallel, then the
cells are added up in parallel over strips of rows, always in the order of the masts. The
result has the same bytes whatever the number of threads.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage.antenna import DEGREES, arc_tangent, tilted_angles_deg
from phusong.coverage.area import loss_windows, radial
from phusong.coverage.area.cells import Cells, Masts, Reach, Surface, Sweeps, check
from phusong.coverage.area.loss_windows import NO_PATH, STEPS_PER_DB, Cache
from phusong.coverage.area.reception import Fan, Mast, ReceiverGrid
from phusong.coverage.kernel import INNER, PARALLEL, kernel
from phusong.coverage.units import milliwatt_from_dbm

NO_SERVER = -1
FAINTEST_DBM = -160.0  # a mast that comes in weaker gives nothing
BATCH_BYTES = 160 * 2**20
STRIP_ROWS = 8
GAIN_KNOTS_PER_DEG = 4
Progress = Callable[[int], object]


@dataclass(frozen=True)
class Layers:
    """What a network gives at every pixel, per resource element.

    ``rsrp_dbm`` is -inf and ``server`` -1 where no cell reaches; ``server`` is the row of
    the cell; ``servers`` counts the cells at or above the level asked for, up to 255;
    ``total_mw`` is the power of all cells, each over all its ports, while levels are of one port.

    Parameters
    ----------
    rsrp_dbm
        Best level [dBm].
    server
        Row of its cell.
    servers
        Cells that count.
    total_mw
        Power of all cells over all their ports [mW].
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

    Parameters
    ----------
    first
        Where each mast begins, shape (masts + 1,).
    pixel
        Flat indices.
    rsrp_dbm
        Levels [dBm].
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
        strong = self.rsrp_dbm >= level_dbm
        first = np.searchsorted(np.flatnonzero(strong), self.first)
        return Footprints(first.astype(np.int64), self.pixel[strong], self.rsrp_dbm[strong])


class NetworkArrays(NamedTuple):
    """Masts and cells as the kernels read them; cells are in the order of their masts."""

    masts: NDArray[np.float64]  # column, row, height, frequency
    cells: NDArray[np.float64]  # azimuth, both tilts, mW, pattern, floor, ports
    first_cell: NDArray[np.int64]
    gains: NDArray[np.float32]  # both cuts of every pattern, as ratios
    passed: NDArray[np.float32]  # share of the power left after a loss, by its steps
    weakest_passed: NDArray[np.float64]  # of each mast, below it nothing is received


class Part(NamedTuple):
    """What a mast gives at one pixel."""

    best_mw: float
    cell: int
    total_mw: float
    servers: int


@kernel(**INNER)
def _read_gain(gains: NDArray, pattern: int, cut: int, angle_deg: float) -> float:
    """Return the gain read from a cut between -180 and 180 degrees."""
    place = (angle_deg + 180.0) * GAIN_KNOTS_PER_DEG
    low = min(max(int(place), 0), gains.shape[2] - 2)
    below, above = gains[pattern, cut, low], gains[pattern, cut, low + 1]
    return below + (place - low) * (above - below)


@kernel(**INNER)
def _radiated_mw(
    plant: NetworkArrays, cell: int, azimuth_deg: float, elevation_deg: float
) -> float:
    """Return the power a cell radiates in a direction; the azimuth lies in -180 to 180."""
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


@kernel(**INNER)
def _receive(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    m: int,
    start_m: float,
    place: tuple,
    passed: float,
    level_mw: float,
) -> Part:
    """Add up the cells of a mast at one pixel."""
    row, column = place
    east, north = column - plant.masts[m, 0], plant.masts[m, 1] - row
    square = east * east + north * north
    end_m = ground.terrain_m[row, column] + ground.receiver_height_m - ground.fall_m * square
    azimuth_deg = arc_tangent(east, north) * DEGREES
    run_m = math.sqrt(square) * ground.pixel_m
    elevation_deg = arc_tangent(end_m - start_m, run_m) * DEGREES
    best_mw, best, total_mw, servers = 0.0, 0, 0.0, 0
    for cell in range(plant.first_cell[m], plant.first_cell[m + 1]):
        here_mw = passed * _radiated_mw(plant, cell, azimuth_deg, elevation_deg)
        total_mw += here_mw * plant.cells[cell, 6]
        servers += here_mw >= level_mw
        if here_mw > best_mw:
            best_mw, best = here_mw, cell
    return Part(best_mw, best, total_mw, servers)


@kernel(**INNER)
def _add_rows(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    fan: Fan,
    m: int,
    rows: tuple,
    window: tuple,
    level_mw: float,
    layers: tuple,
) -> None:
    """Add what one mast gives within a strip of rows to the layers."""
    best_mw, server, servers, total_mw = layers
    windows, slot = window
    mast = loss_windows.mast_of(plant.masts, m)
    start_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row) + mast.antenna_height_m
    top, left = loss_windows.corner(mast, fan)
    west, east = max(left, 0), min(left + windows.shape[2], best_mw.shape[1])
    for row in range(max(top, rows[0]), min(top + windows.shape[1], rows[1])):
        for column in range(west, east):
            steps = windows[slot, row - top, column - left]
            passed = plant.passed[steps]
            if passed < plant.weakest_passed[m]:
                continue
            part = _receive(ground, plant, m, start_m, (row, column), passed, level_mw)
            total_mw[row, column] += part.total_mw
            servers[row, column] = min(servers[row, column] + part.servers, 255)
            if np.float32(part.best_mw) > best_mw[row, column]:
                best_mw[row, column] = part.best_mw
                server[row, column] = part.cell


@kernel(**PARALLEL)
def _add_windows(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    fan: Fan,
    batch: tuple,
    windows: NDArray,
    level_mw: float,
    layers: tuple,
) -> None:
    """Add a batch of masts to the layers, strip by strip, in the order of the masts.

    Neighbouring strips have like work; they are dealt out by turns.
    """
    height = layers[0].shape[0]
    strips = (height + STRIP_ROWS - 1) // STRIP_ROWS
    half = (strips + 1) // 2
    for i in prange(2 * half):
        strip = 2 * i if i < half else 2 * (i - half) + 1
        rows = (strip * STRIP_ROWS, min((strip + 1) * STRIP_ROWS, height))
        for m in range(batch[0], batch[1]):
            _add_rows(ground, plant, fan, m, rows, (windows, m - batch[0]), level_mw, layers)


@kernel(**INNER)
def _best_window(
    ground: ReceiverGrid, plant: NetworkArrays, fan: Fan, m: int, window: tuple, best_mw: NDArray
) -> None:
    """Fill in the best level of a mast's cells over its window."""
    windows, slot = window
    mast = loss_windows.mast_of(plant.masts, m)
    start_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row) + mast.antenna_height_m
    top, left = loss_windows.corner(mast, fan)
    for row in range(windows.shape[1]):
        for column in range(windows.shape[2]):
            passed = plant.passed[windows[slot, row, column]]
            best_mw[slot, row, column] = 0.0
            if passed >= plant.weakest_passed[m]:
                place = (row + top, column + left)
                part = _receive(ground, plant, m, start_m, place, passed, 0.0)
                best_mw[slot, row, column] = part.best_mw


@kernel(**PARALLEL)
def _best_windows(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    fan: Fan,
    start: int,
    windows: NDArray,
    best_mw: NDArray,
) -> None:
    for slot in prange(windows.shape[0]):
        _best_window(ground, plant, fan, start + slot, (windows, slot), best_mw)


def _network_arrays(masts: Masts, cells: Cells) -> tuple[NetworkArrays, NDArray[np.int64]]:
    """Return the network as the kernels read it, and the row of every cell in it."""
    mast = np.asarray(cells.mast)
    order = np.argsort(mast, kind="stable")
    first = np.searchsorted(mast[order], np.arange(len(masts) + 1)).astype(np.int64)
    table = np.ascontiguousarray(cells.table()[order])
    passed = 10.0 ** (np.arange(NO_PATH + 1) / (-10.0 * STEPS_PER_DB))
    passed[NO_PATH] = 0.0
    strongest_mw = np.full(len(masts), 1e-300)
    np.maximum.at(strongest_mw, mast, milliwatt_from_dbm(np.asarray(cells.eirp_dbm, float)))
    weakest = milliwatt_from_dbm(FAINTEST_DBM) / strongest_mw
    gains = cells.gains(GAIN_KNOTS_PER_DEG)
    return NetworkArrays(
        masts.table(), table, first, gains, passed.astype(np.float32), weakest
    ), order


def _batches(masts: int, window_bytes: int) -> Iterator[tuple[int, int]]:
    size = max(1, BATCH_BYTES // window_bytes)
    return ((start, min(start + size, masts)) for start in range(0, masts, size))


def _dbm(power_mw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return levels in dBm, -inf where there is no power."""
    with np.errstate(divide="ignore"):
        return (10.0 * np.log10(power_mw.astype(np.float64))).astype(np.float32)


def best_server(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float = -110.0,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Layers:
    """Return best level and server, overlap and total power of a network.

    Parameters
    ----------
    surface
        Terrain, environment and receivers.
    masts
        Where antennas hang.
    cells
        What they radiate; of cells with equal level the one whose mast comes first serves.
    reach
        Radius, receiver height, curvature, density of radials.
    level_dbm
        Level from which a cell counts in ``servers``.
    progress
        Called with the number of masts done after every batch.
    cache
        Keeps windows of loss by content; what it holds is not computed again.

    Returns
    -------
    Layers
        At every pixel.

    Raises
    ------
    InputError
        A mast outside the terrain, terrain without height within the radius, a cell without
        mast or power.
    """
    check(surface, masts, cells, reach)
    sweeps = Sweeps(surface, masts, reach)
    plant, order = _network_arrays(masts, cells)
    shape, level_mw = surface.terrain_m.shape, float(milliwatt_from_dbm(level_dbm))
    best_mw, server = np.zeros(shape, np.float32), np.full(shape, NO_SERVER, np.int32)
    servers, total_mw = np.zeros(shape, np.uint8), np.zeros(shape, np.float32)
    layers = (best_mw, server, servers, total_mw)
    for batch in _batches(len(masts), 2 * sweeps.side**2):
        windows = loss_windows.windows(sweeps, np.arange(*batch), cache)
        _add_windows(sweeps.ground, plant, sweeps.fan, batch, windows, level_mw, layers)
        if progress is not None:
            progress(batch[1])
    rows = np.append(order, NO_SERVER).astype(np.int32)
    return Layers(_dbm(best_mw), rows[server], servers, total_mw)


def best_windows(
    sweeps: Sweeps, cells: Cells, cache: Cache | None
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the first mast of each batch, and the best level (mW) over every mast's window."""
    plant, _ = _network_arrays(sweeps.masts, cells)
    for start, end in _batches(len(sweeps.masts), 6 * sweeps.side**2):
        windows = loss_windows.windows(sweeps, np.arange(start, end), cache)
        best_mw = np.empty(windows.shape, np.float32)
        _best_windows(sweeps.ground, plant, sweeps.fan, start, windows, best_mw)
        yield start, best_mw


def footprints(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float,
    progress: Progress | None = None,
    cache: Cache | None = None,
) -> Footprints:
    """Return the pixels that each mast serves at or above a level, all its cells together.

    Parameters and errors are those of ``best_server``.

    Parameters
    ----------
    surface
        Terrain, environment and receivers.
    masts
        Where antennas hang.
    cells
        What they radiate.
    reach
        Model, radius, receiver height, density of radials.
    level_dbm
        Least level [dBm].
    progress
        Called with the number of masts done after every batch.
    cache
        Keeps windows of loss by content; what it holds is not computed again.

    Returns
    -------
    Footprints
        Sparse rows, one a mast.
    """
    check(surface, masts, cells, reach)
    sweeps = Sweeps(surface, masts, reach)
    listed: list[tuple[NDArray[np.int32], NDArray[np.float32]]] = []
    for start, best_mw in best_windows(sweeps, cells, cache):
        for slot in range(len(best_mw)):
            mast = loss_windows.mast_of(sweeps.table, start + slot)
            listed.append(_listed(best_mw[slot], mast, sweeps, level_dbm))
        if progress is not None:
            progress(start + len(best_mw))
    counts = [0, *(pixel.size for pixel, _ in listed)]
    pixels = np.concatenate([np.empty(0, np.int32), *(pixel for pixel, _ in listed)])
    levels = np.concatenate([np.empty(0, np.float32), *(level for _, level in listed)])
    return Footprints(np.cumsum(counts, dtype=np.int64), pixels, levels)


def _listed(
    best_mw: NDArray[np.float32], mast: Mast, sweeps: Sweeps, level_dbm: float
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the pixels of a window at or above a level, row by row, and their levels."""
    row, column = np.nonzero(best_mw >= milliwatt_from_dbm(level_dbm - 0.001))
    level = _dbm(best_mw[row, column])
    strong = level >= level_dbm
    top, left = loss_windows.corner(mast, sweeps.fan)
    pixel = (row + top) * sweeps.surface.terrain_m.shape[1] + column + left
    return pixel[strong].astype(np.int32), level[strong]


def joined(first: Layers, second: Layers, cells_in_first: int) -> Layers:
    """Return the layers of two networks on carriers of their own, which do not interfere.

    The stronger serves, and ``total_mw`` is that of its carrier. Servers of the second network
    are counted on from the number of cells in the first.
    """
    better = second.rsrp_dbm > first.rsrp_dbm
    overlap = first.servers.astype(np.uint16) + second.servers
    return Layers(
        np.where(better, second.rsrp_dbm, first.rsrp_dbm),
        np.where(better, second.server + np.int32(cells_in_first), first.server),
        np.minimum(overlap, 255).astype(np.uint8),
        np.where(better, second.total_mw, first.total_mw),
    )
