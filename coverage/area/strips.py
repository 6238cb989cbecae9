"""A network strip by strip of rows: what is held at once does not grow with the height of a grid.

A strip is a smaller network: the masts whose nearest ring reaches it, in their order, over the
rows of ground that they and the strip stand on. Rings farther out are few squares and are worked
on first, over the whole grid. The strips of a network have the same bytes however high they are.
"""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area import loss_windows, power
from phusong.coverage.area.cells import Cells, Masts, Sweeps
from phusong.coverage.area.loss_windows import Cache, Window
from phusong.coverage.area.reception import ReceiverGrid

STRIP_BYTES = 64 * 2**20  # of layers
BYTES_PER_PIXEL, BYTES_PER_RANK = 13, 8
LEAST_ROWS = 99


class Strip(NamedTuple):
    """Rows of a grid, and the rows around them on which masts stand that reach them."""

    rows: slice
    around: slice


def strips(sweeps: Sweeps, height: int, ranks: int, stride: int) -> Iterator[Strip]:
    """Yield the strips of a grid of some height from the top; each begins at whole squares."""
    margin = sweeps.side // 2 + 2  # terrain under a mast is read between pixels
    row_bytes = sweeps.surface.terrain_m.shape[1] * (BYTES_PER_PIXEL + BYTES_PER_RANK * ranks)
    rows = max(STRIP_BYTES // row_bytes - 2 * margin, LEAST_ROWS)
    rows -= rows % stride
    for first in range(0, height, rows):
        last = min(first + rows, height)
        yield Strip(slice(first, last), slice(max(first - margin, 0), min(last + margin, height)))


def reaching(sweeps: Sweeps, rows: slice) -> NDArray[np.int64]:
    """Return the masts whose windows hold some of the rows, in their order."""
    half = sweeps.side // 2
    row = np.floor(sweeps.table[:, 1] + 0.5)
    return np.flatnonzero((row + half >= rows.start) & (row - half < rows.stop))


def network_of(
    masts: Masts, cells: Cells, wanted: NDArray[np.int64], first_row: int
) -> tuple[power.NetworkArrays, NDArray[np.int64]]:
    """Return some masts over ground that begins at a row, and the rows of their cells."""
    place = np.full(len(masts), -1)
    place[wanted] = np.arange(wanted.size)
    own = np.flatnonzero(place[np.asarray(cells.mast)] >= 0)
    some = Masts(*(np.asarray(getattr(masts, each.name))[wanted] for each in fields(masts)))
    hung = cells.taken(own)
    plant, order = power.network_arrays(
        replace(some, row=some.row - first_row), replace(hung, mast=place[hung.mast])
    )
    return plant, own[order]


def rows_of(ground: ReceiverGrid, rows: slice) -> ReceiverGrid:
    """Return some rows of the ground."""
    grids: dict[str, Any] = {
        name: values[rows]
        for name, values in ground._asdict().items()
        if isinstance(values, np.ndarray)
    }
    return ground._replace(**grids)


class SharedWindows:
    """The windows of masts, which are kept in memory from strip to strip while they are needed."""

    def __init__(self, sweeps: Sweeps, cache: Cache | None) -> None:
        self._sweeps, self._cache = sweeps, cache
        self._held: dict[int, Window] = {}
        self.masts = 0  # whose windows were asked for

    def of(self, wanted: NDArray[np.int64], last_row: int) -> NDArray[np.uint16]:
        """Return windows of masts for a strip that ends before a row."""
        missing = np.array([m for m in wanted if m not in self._held], np.int64)
        found = loss_windows.windows(self._sweeps, missing, self._cache)
        self.masts += missing.size
        if missing.size < wanted.size:
            new = dict(zip(missing.tolist(), found, strict=True))
            found = np.array([new[m] if m in new else self._held[m] for m in wanted.tolist()])
        half, rows = self._sweeps.side // 2, self._sweeps.table[:, 1]
        for m, window in zip(wanted.tolist(), found, strict=True):
            if np.floor(rows[m] + 0.5) + half >= last_row:
                self._held.setdefault(m, window.copy())
            else:
                self._held.pop(m, None)
        return found
