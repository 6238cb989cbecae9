"""The planning grid: square pixels in a metric CRS, and rasters on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import geometry_mask
from shapely.geometry.base import BaseGeometry

__all__ = ["Grid", "Raster", "covering", "pixels_within"]

PIXEL_M = 30.0


@dataclass(frozen=True)
class Grid:
    """North-up square pixels; row 0 is the northernmost, column 0 the westernmost.

    Parameters
    ----------
    x_min_m
        Western edge [m].
    y_max_m
        Northern edge [m].
    width
        Number of columns.
    height
        Number of rows.
    pixel_m
        Side of a pixel [m].
    crs
        Coordinate system, projected in metres, such as ``EPSG:32632``; empty for plain metres.
    """

    x_min_m: float
    y_max_m: float
    width: int
    height: int
    pixel_m: float = PIXEL_M
    crs: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Return (rows, columns)."""
        return self.height, self.width

    @property
    def transform(self) -> Affine:
        """Return the affine transform from (column, row) to (x, y) of the pixel's corner."""
        return Affine(self.pixel_m, 0.0, self.x_min_m, 0.0, -self.pixel_m, self.y_max_m)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return (x_min, y_min, x_max, y_max) in metres."""
        return (
            self.x_min_m,
            self.y_max_m - self.height * self.pixel_m,
            self.x_min_m + self.width * self.pixel_m,
            self.y_max_m,
        )

    @property
    def pixel_area_km2(self) -> float:
        """Return the area of one pixel in square kilometres."""
        return self.pixel_m**2 / 1e6

    def centres(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the x of every column's centre and the y of every row's centre, in metres."""
        x_m = self.x_min_m + (np.arange(self.width, dtype=np.float64) + 0.5) * self.pixel_m
        y_m = self.y_max_m - (np.arange(self.height, dtype=np.float64) + 0.5) * self.pixel_m
        return x_m, y_m

    def fractional(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (column, row) with 0.0 at the centre of the first pixel."""
        column = (np.asarray(x_m) - self.x_min_m) / self.pixel_m - 0.5
        row = (self.y_max_m - np.asarray(y_m)) / self.pixel_m - 0.5
        return column, row

    def index(
        self, x_m: NDArray[np.float64], y_m: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (row, column) of the pixel each point lies in; may fall outside the grid."""
        column, row = self.fractional(x_m, y_m)
        return np.floor(row + 0.5).astype(np.int64), np.floor(column + 0.5).astype(np.int64)


@dataclass(frozen=True)
class Raster:
    """Values on a grid, ``values.shape == grid.shape``; ``nodata`` marks pixels without one.

    ``unit`` is that of the values (empty for labels and counts), ``description`` what they are.

    Parameters
    ----------
    values
        Shape (rows, columns).
    grid
        Where they lie.
    nodata
        Marks pixels without a value.
    unit
        Of the values.
    description
        What they are.
    """

    values: NDArray[Any]
    grid: Grid
    nodata: float = field(default=float("nan"))
    unit: str = ""
    description: str = ""


def covering(
    bounds: tuple[float, float, float, float],
    margin_m: float = 0.0,
    pixel_m: float = PIXEL_M,
    crs: str = "",
) -> Grid:
    """Return the smallest grid on multiples of ``pixel_m`` that covers bounds plus a margin.

    Parameters
    ----------
    bounds
        X_min, y_min, x_max, y_max [m].
    margin_m
        Added on every side [m].
    pixel_m
        Side of a pixel [m].
    crs
        Coordinate system of the bounds.

    Returns
    -------
    Grid
        In that coordinate system.
    """
    x_min, y_min, x_max, y_max = bounds
    left = np.floor((x_min - margin_m) / pixel_m)
    bottom = np.floor((y_min - margin_m) / pixel_m)
    right = np.ceil((x_max + margin_m) / pixel_m)
    top = np.ceil((y_max + margin_m) / pixel_m)
    return Grid(
        float(left * pixel_m),
        float(top * pixel_m),
        int(right - left),
        int(top - bottom),
        pixel_m,
        crs,
    )


def pixels_within(shapes: Iterable[BaseGeometry], grid: Grid) -> list[NDArray[np.int64]]:
    """Return, for each polygon, the flat indices of the pixels whose centre lies in it.

    A polygon too small to hold any centre gets the pixel of its representative point.

    Parameters
    ----------
    shapes
        Polygons in the grid's CRS.
    grid
        The grid.

    Returns
    -------
    list of ndarray
        Flat indices (row times width plus column) of each polygon's pixels.
    """
    return [_pixels_within(shape, grid) for shape in shapes]


def _pixels_within(shape: BaseGeometry, grid: Grid) -> NDArray[np.int64]:
    point = shape.representative_point()
    rows, columns = grid.index(np.array([point.x]), np.array([point.y]))
    x_min, y_min, x_max, y_max = shape.bounds
    (top, bottom), (left, right) = grid.index(np.array([x_min, x_max]), np.array([y_max, y_min]))
    top, left = max(int(top), 0), max(int(left), 0)
    bottom, right = min(int(bottom) + 1, grid.height), min(int(right) + 1, grid.width)
    if top < bottom and left < right:
        window = grid.transform @ Affine.translation(left, top)
        inside = geometry_mask([shape], (bottom - top, right - left), window, invert=True)
        if inside.any():
            rows, columns = np.nonzero(inside)
            rows, columns = rows + top, columns + left
    return np.asarray(rows * grid.width + columns, np.int64)
