"""What a calibrated model leaves over at measured places, carried to places near by."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import kriging
from phusong.coverage.kriging import Places, ResidualField
from phusong.geodata import crs
from phusong.geodata.grid import Grid

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Nearby(NamedTuple):
    """What measured places near by tell of others.

    Parameters
    ----------
    loss_db
        To add to predicted losses [dB].
    gained_db2
        Variance of the residual that they take away [dB2].
    """

    loss_db: NDArray[np.floating]
    gained_db2: NDArray[np.floating]


class Measured(NamedTuple):
    """What a calibrated model leaves over at measured places, thinned.

    Parameters
    ----------
    field
        Covariance of what is left over.
    cell_ids
        Names of the cells.
    cell
        Row of the cell of each place.
    lon
        Longitude [degrees].
    lat
        Latitude [degrees].
    residual_db
        Measured less predicted loss [dB].
    stands_for
        Places of 30 m behind each.
    """

    field: ResidualField
    cell_ids: tuple[str, ...]
    cell: Integers
    lon: Floats
    lat: Floats
    residual_db: Floats
    stands_for: Floats

    def known(self, crs_name: str) -> Places:
        """Return the places in a planar system."""
        x_m, y_m = crs.transform(self.lon, self.lat, crs.GEOGRAPHIC, crs_name)
        return Places(np.asarray(x_m, float), np.asarray(y_m, float), self.cell, self.stands_for)

    def rows(self, cell_ids: Iterable[str]) -> Integers:
        """Return the row of cells by name, -1 of those that were not measured."""
        row = {name: i for i, name in enumerate(self.cell_ids)}
        return np.array([row.get(name, -1) for name in cell_ids], np.int64)

    def at(
        self, crs_name: str, x_m: Floats, y_m: Floats, cell: Integers, beyond_m: float = 0.0
    ) -> Nearby:
        """Return what is carried to places of these cells, by row; -1 has the shared part only.

        Places nearer than ``beyond_m`` tell nothing.
        """
        wanted = kriging.places(x_m, y_m, cell)
        known = self.known(crs_name)
        told = kriging.predicted(self.field, known, self.residual_db, wanted, beyond_m)
        before_db2 = self.field.shared_db2 + self.field.own_db2 * (cell >= 0)
        return Nearby(told[0], before_db2 - told[1])

    def on_grid(self, grid: Grid, where: NDArray[np.bool_], cell: Integers | None = None) -> Nearby:
        """Return what is carried to the pixels of a grid, nought elsewhere than ``where``.

        ``cell`` is the row of each pixel's cell, shape of the grid; without it the part that
        all cells share is told.
        """
        row, column = np.nonzero(where & self._reached(grid))
        x_m, y_m = grid.centres()
        cells = np.full(row.size, -1, np.int64) if cell is None else cell[row, column]
        told = self.at(grid.crs, x_m[column], y_m[row], cells)
        layers = np.zeros((2, *where.shape), np.float32)
        layers[:, row, column] = told
        return Nearby(*layers)

    def _reached(self, grid: Grid) -> NDArray[np.bool_]:
        """Return the pixels of a grid that a measured place may tell something of."""
        known, (x_m, y_m) = self.known(grid.crs), grid.centres()
        reach_m = kriging.FARTHEST * self.field.length_m
        near = np.zeros((y_m.size, x_m.size), bool)
        for east_m, north_m in zip(known.x_m, known.y_m, strict=True):
            columns = np.flatnonzero(np.abs(x_m - east_m) <= reach_m)
            rows = np.flatnonzero(np.abs(y_m - north_m) <= reach_m)
            near[np.ix_(rows, columns)] = True
        return near
