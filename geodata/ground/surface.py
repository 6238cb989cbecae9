"""The heights of a grid whose surface lies closest to that of a terrain file.

Heights read at the centres of the pixels cut off what lies between them: a ridge of posts 90 m
apart loses a quarter of the height that it has over its neighbours. Paths read the grid between
its centres too, by bilinear interpolation; the heights are chosen so that this surface, not only
its values at the centres, is closest to that of the file in least squares.
"""

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import Affine
from scipy.ndimage import correlate1d

from phusong.geodata.files import raster
from phusong.geodata.grid import Grid

PARTS = 3  # of a pixel, along each axis, on which the two surfaces are compared
ROUNDS = 4  # of correction; further ones change the error by less than 1 %
BAND_ROWS, MARGIN = 512, 2 * ROUNDS  # pixels; a correction reaches one around
RIM_SHARE = 1e-3  # of a height from missing ones
_HAT = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0  # how much of a part belongs to a centre

Heights = NDArray[np.float32]


def fitted(values: Heights, affine: Affine, name: str, grid: Grid) -> Heights:
    """Return heights on a grid whose bilinear surface is closest to that of a file.

    Parameters
    ----------
    values
        Heights of the file [m], NaN where it has none.
    affine
        Its transform.
    name
        Its CRS, as WKT or code.
    grid
        Planning grid.

    Returns
    -------
    ndarray
        Heights [m], shape of the grid, NaN where the file has none.
    """
    heights = np.full(grid.shape, np.nan, np.float32)
    for first in range(0, grid.height, BAND_ROWS):
        rows = min(BAND_ROWS, grid.height - first)
        surface = _surface(values, affine, name, _around(grid, first, rows))
        heights[first : first + rows] = _closest(surface)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return heights


def _surface(values: Heights, affine: Affine, name: str, grid: Grid) -> Heights:
    """Return the bilinear surface of a file, NaN where one of the four heights is missing."""
    surface = raster.warped(values, affine, name, grid, Resampling.bilinear)
    void = np.isnan(values)
    if void.any():  # at the rim of a void the known side alone would weigh
        rim = raster.warped(void.astype(np.float32), affine, name, grid, Resampling.bilinear)
        surface[rim > RIM_SHARE] = np.nan
    return surface


def _around(grid: Grid, first: int, rows: int) -> Grid:
    """Return the parts of the pixels of some rows and of a margin around them."""
    left_m = grid.x_min_m - MARGIN * grid.pixel_m
    top_m = grid.y_max_m - (first - MARGIN) * grid.pixel_m
    width, height = ((count + 2 * MARGIN) * PARTS for count in (grid.width, rows))
    return Grid(left_m, top_m, width, height, grid.pixel_m / PARTS, grid.crs)


def _closest(surface: Heights) -> Heights:
    """Return the heights of the pixels from the surface on their parts, by gradient steps."""
    heights = surface[PARTS // 2 :: PARTS, PARTS // 2 :: PARTS].copy()
    for _ in range(ROUNDS):
        residual = surface - _bilinear(heights)
        heights += _gathered(np.where(np.isfinite(residual), residual, np.float32(0.0)))
    return heights


def _gathered(parts: Heights) -> Heights:
    """Return for each pixel the mean of the parts around its centre, nearer ones more."""
    for axis in (0, 1):
        parts = correlate1d(parts, _HAT, axis=axis, mode="nearest")
    return parts[PARTS // 2 :: PARTS, PARTS // 2 :: PARTS]


def _bilinear(heights: Heights) -> Heights:
    """Return the bilinear surface through the centres of the pixels, on their parts."""
    for axis in (0, 1):
        heights = np.moveaxis(_along(np.moveaxis(heights, axis, 0)), 0, axis)
    return heights


def _along(heights: Heights) -> Heights:
    count = len(heights) * PARTS
    position = (np.arange(count) - PARTS // 2) / PARTS
    before = np.clip(position.astype(int), 0, max(len(heights) - 2, 0))
    after = np.minimum(before + 1, len(heights) - 1)
    share = (position - before).astype(np.float32)[:, None]
    share[(share < 0) | (share > 1)] = np.nan  # beyond the outermost centres: not compared
    return heights[before] * (1 - share) + heights[after] * share
