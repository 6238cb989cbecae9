"""The power that the cells of masts bring to the receivers, added up over windows of loss."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area import loss_windows, radial, received
from phusong.coverage.area.cells import Cells, Masts
from phusong.coverage.area.loss_windows import NO_PATH
from phusong.coverage.area.received import Floats, Integers, Row
from phusong.coverage.area.reception import Fan, ReceiverGrid, middle
from phusong.coverage.elementary import F32
from phusong.coverage.kernel import INLINE, LEAN, STAGE, apart, in_threads, kernel
from phusong.coverage.units import milliwatt_from_dbm

FAINTEST_DBM = -160.0  # a mast that comes in weaker gives nothing
STRIP_ROWS = 16
MOST_SERVERS = 255


class NetworkArrays(NamedTuple):
    """Masts and cells as the kernels read them; cells are in the order of their masts."""

    masts: NDArray[np.float64]  # column, row, height, frequency
    cells: NDArray[np.float64]  # see ``received.cell_table``
    first_cell: NDArray[np.int64]
    cuts: NDArray[np.float32]  # both of every pattern, as ratios
    weakest_passed: NDArray[np.float64]  # of each mast, below it nothing is received


class RingGround(NamedTuple):
    """The terrain, and the receivers of a ring on it, one for each square."""

    terrain_m: NDArray[np.float32]
    middles_m: NDArray[np.float32]  # terrain in the middles of squares
    pixel_m: float
    receiver_height_m: float
    fall_m: float  # how far the Earth falls within the first pixel


class Span(NamedTuple):
    """The receivers of a mast in a row of squares."""

    row: int
    west: int  # column of the first
    north: float  # pixels from the mast
    east: tuple[int, float]  # of the first, in whole pixels and the rest
    receivers: int


def ground_of(whole: ReceiverGrid, stride: int) -> RingGround:
    """Return the receivers of a ring that stands in squares so many pixels a side."""
    middles_m = np.ascontiguousarray(whole.terrain_m[stride // 2 :: stride, stride // 2 :: stride])
    return RingGround(whole.terrain_m, middles_m, *whole[-3:])


@kernel(**LEAN)
def _span(
    plant: NetworkArrays, fan: Fan, m: int, losses: NDArray, row: int, left: int, width: int
) -> Span:
    """Return the receivers in a row of a mast's window whose first column is ``left``."""
    first, last = received.heard(losses, max(-left, 0), min(losses.size, width - left))
    mast_column = math.floor(plant.masts[m, 0])
    east = (middle(left + first, fan.stride) - mast_column, mast_column - plant.masts[m, 0])
    north = plant.masts[m, 1] - middle(row, fan.stride)
    return Span(row, left + first, north, east, last - first)


@kernel(**INLINE)
def _receive(
    ground: RingGround,
    plant: NetworkArrays,
    fan: Fan,
    m: int,
    losses: NDArray,
    span: Span,
    level_mw: float,
    room: Row,
) -> None:
    """Fill in what the receivers of a row get of a mast."""
    west, east = span.west, span.west + span.receivers
    foot_m = radial.terrain_at(ground.terrain_m, plant.masts[m, 0], plant.masts[m, 1])
    received.directions(
        losses,
        ground.middles_m[span.row, west:east],
        span.east,
        span.north,
        fan.stride,
        foot_m + plant.masts[m, 2] - ground.receiver_height_m,
        ground.pixel_m,
        ground.fall_m,
        plant.weakest_passed[m],
        span.receivers,
        room.steps,
        room.passed,
        room.east,
        room.rise,
        room.azimuth,
        room.elevation,
    )
    cells = (plant.first_cell[m], plant.first_cell[m + 1])
    received.add_up(plant.cells, plant.cuts, cells, span.north, level_mw, span.receivers, room)


@kernel(**STAGE)
def _add_row(
    best_mw: Floats,
    total_mw: Floats,
    cell: Integers,
    servers: Integers,
    count: int,
    layer_mw: Floats,
    layer_server: Integers,
    layer_servers: NDArray,
    layer_total_mw: Floats,
) -> None:
    """Add what the receivers of a row get of a mast to the layers."""
    apart()
    for i in range(count):
        better = best_mw[i] > layer_mw[i]
        layer_server[i] = cell[i] if better else layer_server[i]
        layer_mw[i] = max(best_mw[i], layer_mw[i])
        layer_total_mw[i] += total_mw[i]
        layer_servers[i] = min(np.int32(layer_servers[i]) + servers[i], np.int32(MOST_SERVERS))


@kernel(**STAGE)
def _on_edge(
    steps: Integers, east: Floats, servers: Integers, north: float, inner: float, count: int
) -> tuple[int, int]:
    """Return how many receivers lie beyond a distance (pixels), and how many of them are served."""
    apart()
    up, least = F32(north), F32(inner)
    beyond, at_level = 0, 0
    for i in range(count):
        far = steps[i] != NO_PATH and east[i] * east[i] + up * up > least * least
        beyond += 1 if far else 0
        at_level += 1 if far and servers[i] > 0 else 0
    return beyond, at_level


@kernel(**LEAN)
def _rank(masts_mw: NDArray, best_mw: float, total_mw: float) -> None:
    """Put a mast among the strongest of a pixel, which are kept in falling order."""
    rank = masts_mw.shape[0]
    while rank > 0 and best_mw > masts_mw[rank - 1, 0]:
        rank -= 1
        if rank + 1 < masts_mw.shape[0]:
            masts_mw[rank + 1, 0], masts_mw[rank + 1, 1] = masts_mw[rank, 0], masts_mw[rank, 1]
        masts_mw[rank, 0], masts_mw[rank, 1] = best_mw, total_mw


@kernel(**LEAN)
def _rank_row(cells: NDArray, room: Row, count: int, masts_mw: NDArray) -> None:
    """Put a mast among the strongest of the pixels of a row."""
    weakest = masts_mw.shape[1] - 1
    for i in range(count):
        best_mw = room.best_mw[i] * F32(cells[room.cell[i], received.PORTS])
        if best_mw > masts_mw[i, weakest, 0]:
            _rank(masts_mw[i], best_mw, room.total_mw[i])


@kernel(**LEAN)
def rank_squares(near_mw: NDArray, far_mw: NDArray, stride: int) -> None:
    """Put the strongest masts of squares among those of their pixels, in place."""
    for row in range(near_mw.shape[0]):
        for column in range(near_mw.shape[1]):
            for rank in range(near_mw.shape[2]):
                here = far_mw[row // stride, column // stride, rank]
                if here[0] > 0.0:
                    _rank(near_mw[row, column], here[0], here[1])


@kernel(**LEAN)
def _add_strip(
    ground: RingGround,
    plant: NetworkArrays,
    fan: Fan,
    batch: tuple,
    windows: NDArray,
    level_mw: float,
    layers: tuple,
    edge: NDArray,
    rows: tuple,
    places: tuple,
) -> None:
    """Add what a batch of masts gives within a strip of rows to the layers.

    ``edge`` counts, by row, the receivers on the edge of the reach, and those at the level.
    """
    layer_mw, server, servers, total_mw, masts_mw = layers
    room, width = received.row(places[0], places[1]), layer_mw.shape[1]
    last_ring, inner = fan.coarser == fan.stride, max(fan.outer - fan.stride, 0.0)
    for m in range(batch[0], batch[1]):
        top, left = loss_windows.corner(loss_windows.mast_of(plant.masts, m), fan)
        for row in range(max(top, rows[0]), min(top + windows.shape[1], rows[1])):
            losses = windows[m - batch[0], row - top]
            span = _span(plant, fan, m, losses, row, left, width)
            if span.receivers == 0:
                continue
            west, east = span.west, span.west + span.receivers
            _receive(ground, plant, fan, m, losses[west - left : east - left], span, level_mw, room)
            _add_row(
                room.best_mw,
                room.total_mw,
                room.cell,
                room.servers,
                span.receivers,
                layer_mw[row, west:east],
                server[row, west:east],
                servers[row, west:east],
                total_mw[row, west:east],
            )
            if last_ring:
                beyond, at_level = _on_edge(
                    room.steps, room.east, room.servers, span.north, inner, span.receivers
                )
                edge[row, 0] += beyond
                edge[row, 1] += at_level
            if masts_mw.shape[2] > 0:
                _rank_row(plant.cells, room, span.receivers, masts_mw[row, west:east])


def add_windows(
    ground: RingGround,
    plant: NetworkArrays,
    fan: Fan,
    batch: tuple[int, int],
    windows: NDArray[np.uint16],
    level_mw: float,
    layers: tuple[NDArray, ...],
    edge: NDArray[np.int64],
    within: slice = slice(None),
) -> None:
    """Add a batch of masts to some rows of the layers, in the order of the masts."""
    start, end, _ = within.indices(len(layers[0]))

    def strip(first: int) -> None:
        rows, places = (first, min(first + STRIP_ROWS, end)), received.room(windows.shape[2])
        _add_strip(ground, plant, fan, batch, windows, level_mw, layers, edge, rows, places)

    in_threads(strip, range(start, end, STRIP_ROWS))


@kernel(**LEAN)
def _best_window(
    ground: RingGround,
    plant: NetworkArrays,
    fan: Fan,
    m: int,
    window: NDArray,
    places: tuple,
    best_mw: NDArray,
) -> None:
    """Fill in the best level of a mast's cells over its window."""
    room, (height, width) = received.row(places[0], places[1]), ground.middles_m.shape
    top, left = loss_windows.corner(loss_windows.mast_of(plant.masts, m), fan)
    best_mw[:] = F32(0.0)
    for row in range(max(top, 0), min(top + window.shape[0], height)):
        losses = window[row - top]
        span = _span(plant, fan, m, losses, row, left, width)
        if span.receivers > 0:
            first = span.west - left
            _receive(ground, plant, fan, m, losses[first : first + span.receivers], span, 0.0, room)
            for i in range(span.receivers):
                best_mw[row - top, first + i] = room.best_mw[i]


def best_windows(
    ground: RingGround,
    plant: NetworkArrays,
    fan: Fan,
    start: int,
    windows: NDArray[np.uint16],
) -> NDArray[np.float32]:
    """Return the best level of every mast of a batch, one task per mast."""
    best_mw = np.empty(windows.shape, np.float32)

    def one(slot: int) -> None:
        places = received.room(windows.shape[2])
        _best_window(ground, plant, fan, start + slot, windows[slot], places, best_mw[slot])

    in_threads(one, range(len(windows)))
    return best_mw


def network_arrays(masts: Masts, cells: Cells) -> tuple[NetworkArrays, NDArray[np.int64]]:
    """Return the network as the kernels read it, and the row of every cell in it."""
    mast = np.asarray(cells.mast)
    order = np.argsort(mast, kind="stable")
    first = np.searchsorted(mast[order], np.arange(len(masts) + 1)).astype(np.int64)
    table = received.cell_table(cells, order)
    strongest_mw = np.full(len(masts), 1e-300)
    np.maximum.at(strongest_mw, mast, milliwatt_from_dbm(np.asarray(cells.eirp_dbm, float)))
    weakest = np.minimum(milliwatt_from_dbm(FAINTEST_DBM) / strongest_mw, 1.0)
    cuts = received.cut_gains(cells.patterns)
    return NetworkArrays(masts.table(), table, first, cuts, weakest), order
