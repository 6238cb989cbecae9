"""The power that the cells of a mast bring to a place, added up over windows of loss."""

import math
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage.antenna import DEGREES, arc_tangent, tilted_angles_deg
from phusong.coverage.area import loss_windows, radial
from phusong.coverage.area.cells import Cells, Masts
from phusong.coverage.area.loss_windows import NO_PATH, STEPS_PER_DB
from phusong.coverage.area.reception import Fan, ReceiverGrid, middle, on_edge
from phusong.coverage.kernel import INNER, PARALLEL, kernel
from phusong.coverage.units import milliwatt_from_dbm

FAINTEST_DBM = -160.0  # a mast that comes in weaker gives nothing
STRIP_ROWS = 8
GAIN_KNOTS_PER_DEG = 4


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
def _rank(masts_mw: NDArray, best_mw: float, total_mw: float) -> None:
    """Put a mast among the strongest of a pixel, which are kept in falling order."""
    rank = masts_mw.shape[0]
    while rank > 0 and best_mw > masts_mw[rank - 1, 0]:
        rank -= 1
        if rank + 1 < masts_mw.shape[0]:
            masts_mw[rank + 1, 0], masts_mw[rank + 1, 1] = masts_mw[rank, 0], masts_mw[rank, 1]
        masts_mw[rank, 0], masts_mw[rank, 1] = best_mw, total_mw


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
    edge: NDArray,
) -> None:
    """Add what one mast gives within a strip of rows of squares to the layers.

    ``edge`` counts, by row, the receivers on the edge of the reach, and those at the level.
    """
    best_mw, server, servers, total_mw, masts_mw = layers
    windows, slot = window
    mast = loss_windows.mast_of(plant.masts, m)
    start_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row) + mast.antenna_height_m
    top, left = loss_windows.corner(mast, fan)
    west, east = max(left, 0), min(left + windows.shape[2], best_mw.shape[1])
    for row in range(max(top, rows[0]), min(top + windows.shape[1], rows[1])):
        for column in range(west, east):
            steps = windows[slot, row - top, column - left]
            passed = plant.passed[steps]
            place = (middle(row, fan.stride), middle(column, fan.stride))
            at_edge = steps != NO_PATH and on_edge(mast, fan, place)
            edge[row, 0] += at_edge
            if passed < plant.weakest_passed[m]:
                continue
            part = _receive(ground, plant, m, start_m, place, passed, level_mw)
            total_mw[row, column] += part.total_mw
            edge[row, 1] += at_edge and part.servers > 0
            servers[row, column] = min(servers[row, column] + part.servers, 255)
            if np.float32(part.best_mw) > best_mw[row, column]:
                best_mw[row, column] = part.best_mw
                server[row, column] = part.cell
            if masts_mw.shape[2] > 0:
                best_ports_mw = part.best_mw * plant.cells[part.cell, 6]
                _rank(masts_mw[row, column], best_ports_mw, part.total_mw)


@kernel(**PARALLEL)
def rank_squares(near_mw: NDArray, far_mw: NDArray, stride: int) -> None:
    """Put the strongest masts of squares among those of their pixels, in place."""
    for row in prange(near_mw.shape[0]):
        for column in range(near_mw.shape[1]):
            for rank in range(near_mw.shape[2]):
                here = far_mw[row // stride, column // stride, rank]
                if here[0] > 0.0:
                    _rank(near_mw[row, column], here[0], here[1])


@kernel(**PARALLEL)
def add_windows(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    fan: Fan,
    batch: tuple,
    windows: NDArray,
    level_mw: float,
    layers: tuple,
    edge: NDArray,
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
            _add_rows(ground, plant, fan, m, rows, (windows, m - batch[0]), level_mw, layers, edge)


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
                place = (middle(row + top, fan.stride), middle(column + left, fan.stride))
                part = _receive(ground, plant, m, start_m, place, passed, 0.0)
                best_mw[slot, row, column] = part.best_mw


@kernel(**PARALLEL)
def best_windows(
    ground: ReceiverGrid,
    plant: NetworkArrays,
    fan: Fan,
    start: int,
    windows: NDArray,
    best_mw: NDArray,
) -> None:
    """Fill in the best level of every mast of a batch, one task per mast."""
    for slot in prange(windows.shape[0]):
        _best_window(ground, plant, fan, start + slot, (windows, slot), best_mw)


def network_arrays(masts: Masts, cells: Cells) -> tuple[NetworkArrays, NDArray[np.int64]]:
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
