"""Many cells together: best server, overlap, total power, and the footprint of every mast.

A grid is worked on strip by strip of rows (``strips``), masts in batches: their windows of loss
are computed in parallel, then the cells are added up in parallel over rows, always in the order
of the masts. The result has the same bytes whatever the number of threads and of strips.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from phusong.coverage.area import loss_windows, power, squares, strips
from phusong.coverage.area.cells import Cells, Masts, Reach, Surface, Sweeps
from phusong.coverage.area.checks import check
from phusong.coverage.area.loss_windows import Cache
from phusong.coverage.area.reception import Mast
from phusong.coverage.units import milliwatt_from_dbm

NO_SERVER = -1
BATCH_BYTES = 24 * 2**20
Progress = Callable[[int], object]
GRIDS = ("rsrp_dbm", "server", "servers", "total_mw", "masts_mw")
# Best level [mW], server, servers, total power, strongest masts [mW].
RingLayers = tuple[
    NDArray[np.float32],
    NDArray[np.int32],
    NDArray[np.uint8],
    NDArray[np.float32],
    NDArray[np.float32],
]


@dataclass(frozen=True)
class Layers:
    """What a network gives at every pixel, per resource element.

    ``rsrp_dbm`` is -inf and ``server`` -1 where no cell reaches; ``server`` is the row of
    the cell; ``servers`` counts the cells at or above the level asked for, up to 255;
    ``total_mw`` is the power of all cells, each over all its ports, while levels are of one port.
    ``edge`` tells whether masts were followed far enough.

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
    masts_mw
        Of the strongest masts in falling order, as many as were asked for: power of the best cell
        and of all cells over all their ports, shape (rows, columns, masts, 2) [mW].
    edge
        Receivers on the edge of a mast's reach, and those of them at the level asked for.
    """

    rsrp_dbm: NDArray[np.float32]
    server: NDArray[np.int32]
    servers: NDArray[np.uint8]
    total_mw: NDArray[np.float32]
    masts_mw: NDArray[np.float32] = field(default_factory=lambda: _no_masts((0, 0), 0))
    edge: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))

    def rows(self, rows: slice) -> "Layers":
        """Return some rows of the grid."""
        return replace(self, **{name: getattr(self, name)[rows] for name in GRIDS})

    @property
    def edge_share(self) -> float:
        """Return the share of receivers on the edge of reach that are still at the level."""
        return float(self.edge[1] / max(self.edge[0], 1))


def _no_masts(shape: tuple[int, ...], ranks: int) -> NDArray[np.float32]:
    return np.zeros((*shape, ranks, 2), np.float32)


@dataclass(frozen=True)
class Footprints:
    """The squares each mast serves, as sparse rows: ``first[i]`` to ``first[i + 1]``.

    Squares are single pixels in the nearest ring; in those beyond, the level of the middle
    holds for all receivers of a square. A mast's squares come ring by ring, row by row.

    Parameters
    ----------
    first
        Where each mast begins, shape (masts + 1,).
    row
        Of the middle pixel.
    column
        Of the middle pixel.
    side
        Of the square, in pixels.
    rsrp_dbm
        Level of the mast's best cell [dBm].
    receivers
        Where a result is wanted, shape of the grid.
    """

    first: NDArray[np.int64]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    side: NDArray[np.uint8]
    rsrp_dbm: NDArray[np.float32]
    receivers: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of masts."""
        return self.first.size - 1

    def of(self, mast: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the pixels that one mast serves (flat indices, each once) and their levels."""
        span = slice(self.first[mast], self.first[mast + 1])
        row, column = self.row[span], self.column[span]
        side, level = self.side[span], self.rsrp_dbm[span]
        parts = [_spread(self.receivers, row, column, side, level, s) for s in np.unique(side)]
        return (
            np.concatenate([np.empty(0, np.int64), *(pixel for pixel, _ in parts)]),
            np.concatenate([np.empty(0, np.float32), *(here for _, here in parts)]),
        )


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
    ranks: int = 0,
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
    ranks
        Masts to be known one by one at every pixel (``Layers.masts_mw``).

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
    parts = in_strips(surface, masts, cells, reach, level_dbm, progress, cache, ranks)
    return assembled(parts, surface.terrain_m.shape, ranks)


def assembled(
    parts: Iterable[tuple[slice, Layers]],
    shape: tuple[int, int],
    ranks: int = 0,
    empty: Callable[[tuple[int, ...], DTypeLike], NDArray[Any]] = np.empty,
) -> Layers:
    """Return the layers of all strips as one; ``empty`` makes the arrays that hold them."""
    level_dbm, server, servers, total_mw = (
        empty(shape, kind) for kind in (np.float32, np.int32, np.uint8, np.float32)
    )
    whole = Layers(level_dbm, server, servers, total_mw, empty((*shape, ranks, 2), np.float32))
    for rows, part in parts:
        for name in GRIDS:
            getattr(whole, name)[rows] = getattr(part, name)
        whole.edge[:] += part.edge
    return whole


def in_strips(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float = -110.0,
    progress: Progress | None = None,
    cache: Cache | None = None,
    ranks: int = 0,
) -> Iterator[tuple[slice, Layers]]:
    """Yield the layers of ``best_server`` strip by strip, and the rows of each.

    ``edge`` of the first holds what rings farther out count. Parameters and errors are those of
    ``best_server``.
    """
    check(surface, masts, cells, reach)
    near, *far = rings(surface, masts, reach)
    asked = _Asked(masts, cells, float(milliwatt_from_dbm(level_dbm)), ranks, cache)
    bar, steps = progress or (lambda _: None), 1 + len(far)
    farther = [
        (sweeps.fan.stride, _far_layers(sweeps, asked, nth, steps, bar))
        for nth, sweeps in enumerate(far)
    ]
    edge = sum((edges for _, (_, edges) in farther), np.zeros(2, np.int64))
    windows = strips.SharedWindows(near, cache)
    height, width = surface.terrain_m.shape
    for strip in strips.strips(near, height, ranks, max([1, *(stride for stride, _ in farther)])):
        done = partial(_count_on, bar, (steps - 1) * len(masts), steps)
        layers, edges = _near_layers(near, asked, strip, width, windows, done)
        for stride, (part, _) in farther:
            here = slice(strip.rows.start // stride, -(-strip.rows.stop // stride))
            layers = _together(layers, _cut(part, here), stride)
        edge += edges
        yield strip.rows, _finished(layers, surface.receivers[strip.rows], edge)
        edge = np.zeros(2, np.int64)


class _Asked(NamedTuple):
    """A network, and what is asked of it."""

    masts: Masts
    cells: Cells
    level_mw: float
    ranks: int
    cache: Cache | None


def _far_layers(
    sweeps: Sweeps, asked: _Asked, nth: int, steps: int, bar: Progress
) -> tuple[RingLayers, NDArray[np.int64]]:
    """Return the layers of a ring farther out, one a square, and the receivers on its edge."""
    plant, rows = power.network_arrays(asked.masts, asked.cells)
    shape = squares.shape(sweeps.surface.terrain_m.shape, sweeps.fan.stride)
    part, edges = _nothing(shape, asked.ranks), np.zeros((shape[0], 2), np.int64)
    ground = power.ground_of(sweeps.ground, sweeps.fan.stride)
    for batch in _batches(len(asked.masts), 2 * sweeps.side**2):
        windows = loss_windows.windows(sweeps, np.arange(*batch), asked.cache)
        power.add_windows(ground, plant, sweeps.fan, batch, windows, asked.level_mw, part, edges)
        bar((nth * len(asked.masts) + batch[1]) // steps)
    return _of_cells(part, rows), edges.sum(axis=0)


def _near_layers(
    sweeps: Sweeps,
    asked: _Asked,
    strip: strips.Strip,
    width: int,
    windows: strips.SharedWindows,
    done: Progress,
) -> tuple[RingLayers, NDArray[np.int64]]:
    """Return the layers of the nearest ring on a strip, and the receivers on its edge."""
    wanted = strips.reaching(sweeps, strip.rows)
    plant, rows = strips.network_of(asked.masts, asked.cells, wanted, strip.around.start)
    ground = power.ground_of(strips.rows_of(sweeps.ground, strip.around), sweeps.fan.stride)
    shape = (strip.around.stop - strip.around.start, width)
    part, edges = _nothing(shape, asked.ranks), np.zeros((shape[0], 2), np.int64)
    here = slice(strip.rows.start - strip.around.start, strip.rows.stop - strip.around.start)
    for start, end in _batches(wanted.size, 2 * sweeps.side**2):
        own = windows.of(wanted[start:end], strip.rows.stop)
        about = (plant, sweeps.fan, (start, end), own, asked.level_mw)
        power.add_windows(ground, *about, part, edges, here)
        done(windows.masts)
    return _of_cells(_cut(part, here), rows), edges[here].sum(axis=0)


def _count_on(bar: Progress, before: int, steps: int, masts: int) -> None:
    """Tell how many masts are done where each is worked on in several steps."""
    bar((before + masts) // steps)


def _cut(layers: RingLayers, rows: slice) -> RingLayers:
    """Return some rows of layers."""
    best_mw, server, servers, total_mw, masts_mw = layers
    return best_mw[rows], server[rows], servers[rows], total_mw[rows], masts_mw[rows]


def _of_cells(layers: RingLayers, rows: NDArray[np.int64]) -> RingLayers:
    """Return layers whose servers are rows of cells, not places in the kernels' order."""
    best_mw, server, servers, total_mw, masts_mw = layers
    return best_mw, np.append(rows, NO_SERVER).astype(np.int32)[server], servers, total_mw, masts_mw


def _finished(layers: RingLayers, receivers: NDArray[np.bool_], edge: NDArray[np.int64]) -> Layers:
    """Return layers that hold nothing where no result is wanted."""
    best_mw, server, servers, total_mw, masts_mw = layers
    server[~receivers] = NO_SERVER
    for values in (best_mw, servers, total_mw, masts_mw):
        values[~receivers] = 0
    return Layers(_dbm(best_mw), server, servers, total_mw, masts_mw, edge)


def rings(surface: Surface, masts: Masts, reach: Reach) -> list[Sweeps]:
    """Return the sweeps of every ring of a reach, over the surface made of whole squares."""
    every = reach.rings
    framed = surface.framed(every[-1].stride)
    return [Sweeps(framed, masts, reach, ring) for ring in every]


def _nothing(shape: tuple[int, ...], ranks: int) -> RingLayers:
    """Return layers that no mast has reached yet."""
    return (
        np.zeros(shape, np.float32),
        np.full(shape, NO_SERVER, np.int32),
        np.zeros(shape, np.uint8),
        np.zeros(shape, np.float32),
        _no_masts(shape, ranks),
    )


def _together(near: RingLayers, far: RingLayers, stride: int) -> RingLayers:
    """Return layers with those of a ring farther out; a nearer cell of the same level serves."""
    shape = near[0].shape
    best_mw, server, servers, total_mw = (
        squares.on_pixels(each, stride, shape) for each in far[:4]
    )
    power.rank_squares(near[4], far[4], stride)
    better = best_mw > near[0]
    overlap = near[2].astype(np.uint16) + servers
    return (
        np.where(better, best_mw, near[0]),
        np.where(better, server, near[1]),
        np.minimum(overlap, 255).astype(np.uint8),
        near[3] + total_mw,
        near[4],
    )


Parts = tuple[Surface, Masts, Cells, Reach]  # of one carrier


def best_windows(
    carriers: Sequence[Parts], cache: Cache | None
) -> Iterator[tuple[int, list[NDArray[np.float32]]]]:
    """Yield the first mast of each batch, and the best levels (mW) over its rings' windows.

    Carriers hang on the same masts, row by row, and reach as far; the strongest counts.
    """
    each = [
        (rings(surface, masts, reach), power.network_arrays(masts, cells)[0])
        for surface, masts, cells, reach in carriers
    ]
    sides = [sweeps.side for sweeps in each[0][0]]
    for start, end in _batches(len(carriers[0][1]), 6 * sum(side**2 for side in sides)):
        of_carriers = [_best_of(every, plant, start, end, cache) for every, plant in each]
        yield start, [np.maximum.reduce(ring) for ring in zip(*of_carriers, strict=True)]


def _best_of(
    every: list[Sweeps], plant: power.NetworkArrays, start: int, end: int, cache: Cache | None
) -> list[NDArray[np.float32]]:
    """Return the best levels of a carrier's masts over the windows of every ring."""
    levels = []
    for sweeps in every:
        windows = loss_windows.windows(sweeps, np.arange(start, end), cache)
        ground = power.ground_of(sweeps.ground, sweeps.fan.stride)
        levels.append(power.best_windows(ground, plant, sweeps.fan, start, windows))
    return levels


def footprints(
    surface: Surface,
    masts: Masts,
    cells: Cells,
    reach: Reach,
    level_dbm: float,
    progress: Progress | None = None,
    cache: Cache | None = None,
    beside: Sequence[Parts] = (),
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
    beside
        Further carriers on the same masts, row by row, that reach as far; the strongest counts.

    Returns
    -------
    Footprints
        Sparse rows, one a mast.
    """
    check(surface, masts, cells, reach)
    every = rings(surface, masts, reach)
    counts, listed = [0], []
    for start, levels in best_windows([(surface, masts, cells, reach), *beside], cache):
        batch = len(levels[0])
        for slot in range(batch):
            mast = loss_windows.mast_of(every[0].table, start + slot)
            parts = [
                _listed(best_mw[slot], mast, sweeps, level_dbm)
                for sweeps, best_mw in zip(every, levels, strict=True)
            ]
            counts.append(sum(part[0].size for part in parts))
            listed += parts
        if progress is not None:
            progress(start + batch)
    none = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8))
    columns: Iterator[tuple[Any, ...]] = zip((*none, np.empty(0, np.float32)), *listed, strict=True)
    row, column, side, level = (np.concatenate(values) for values in columns)
    first = np.cumsum(counts, dtype=np.int64)
    return Footprints(first, row, column, side, level, surface.receivers)


def _listed(
    best_mw: NDArray[np.float32], mast: Mast, sweeps: Sweeps, level_dbm: float
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8], NDArray[np.float32]]:
    """Return row, column, side and level of a window's squares at or above a level."""
    row, column = np.nonzero(best_mw >= milliwatt_from_dbm(level_dbm - 0.001))
    level = _dbm(best_mw[row, column])
    strong = level >= level_dbm
    (top, left), stride = loss_windows.corner(mast, sweeps.fan), sweeps.fan.stride
    middles = ((row + top) * stride + stride // 2, (column + left) * stride + stride // 2)
    rows, columns = (each[strong].astype(np.int32) for each in middles)
    return rows, columns, np.full(rows.size, stride, np.uint8), level[strong]


def _spread(
    receivers: NDArray[np.bool_],
    row: NDArray[np.int32],
    column: NDArray[np.int32],
    side: NDArray[np.uint8],
    level_dbm: NDArray[np.float32],
    of_side: int,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the receivers in the squares of one size, as flat indices, and their levels."""
    mine, (height, width) = side == of_side, receivers.shape
    across = np.arange(of_side) - of_side // 2
    rows = row[mine, None, None].astype(np.int64) + across[:, None]
    columns = column[mine, None, None].astype(np.int64) + across
    inside = (rows < height) & (columns < width)
    pixel = np.where(inside, rows * width + columns, 0)
    inside &= receivers.ravel()[pixel]
    return pixel[inside], np.broadcast_to(level_dbm[mine, None, None], pixel.shape)[inside]


def joined(first: Layers, second: Layers, cells_in_first: int) -> Layers:
    """Return the layers of two networks on carriers of their own, which do not interfere.

    The stronger serves, and ``total_mw`` is that of its carrier. Servers of the second network
    are counted on from the number of cells in the first. Masts are not told one by one.
    """
    better = second.rsrp_dbm > first.rsrp_dbm
    overlap = first.servers.astype(np.uint16) + second.servers
    return Layers(
        np.where(better, second.rsrp_dbm, first.rsrp_dbm),
        np.where(better, second.server + np.int32(cells_in_first), first.server),
        np.minimum(overlap, 255).astype(np.uint8),
        np.where(better, second.total_mw, first.total_mw),
        _no_masts(first.rsrp_dbm.shape, 0),
        first.edge + second.edge,
    )
