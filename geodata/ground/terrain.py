"""Terrain heights from spot heights, and the slope of a terrain grid."""

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.spatial import Delaunay, cKDTree

from phusong import content_cache, stored
from phusong.geodata import crs, reference
from phusong.geodata.grid import Grid, Raster

Floats = NDArray[np.float64]


def _planes(triangles: NDArray[np.integer], x_m: Floats, y_m: Floats, height_m: Floats) -> Floats:
    """Return for each triangle (a, b, c) of the plane a + b x + c y through its corners."""
    corners = np.stack([np.ones(triangles.shape), x_m[triangles], y_m[triangles]], axis=-1)
    return np.linalg.solve(corners, height_m[triangles][..., None])[..., 0]


def interpolate(x_m: Floats, y_m: Floats, height_m: Floats, grid: Grid) -> Raster:
    """Return the heights on a grid: linear inside the Delaunay triangles of the spot heights.

    A pixel outside all triangles takes the nearest spot height, so heights are finite
    everywhere. Coordinates are counted from the grid's corner to keep the planes well posed.
    """
    x_m, y_m = x_m - grid.x_min_m, y_m - grid.y_max_m
    triangles = Delaunay(np.column_stack([x_m, y_m])).simplices
    rings = np.stack([x_m[triangles] + grid.x_min_m, y_m[triangles] + grid.y_max_m], axis=-1)
    shapes = zip(shapely.polygons(rings), range(1, len(triangles) + 1), strict=True)
    triangle = rasterize(shapes, out_shape=grid.shape, transform=grid.transform, dtype="int32") - 1
    plane = _planes(triangles, x_m, y_m, height_m)
    column_x, row_y = grid.centres()
    column_x, row_y = column_x - grid.x_min_m, row_y - grid.y_max_m
    heights = (
        plane[triangle, 0] + plane[triangle, 1] * column_x + plane[triangle, 2] * row_y[:, None]
    )
    rows, cols = np.nonzero(triangle < 0)
    _, nearest = cKDTree(np.column_stack([x_m, y_m])).query(
        np.column_stack([column_x[cols], row_y[rows]])
    )
    heights[rows, cols] = height_m[nearest]
    return Raster(heights.astype(np.float32), grid)


def reference_terrain(grid: Grid) -> Raster:
    """Return the approximate terrain of the reference province from ``spot_heights.csv``.

    1,600 spot heights read from SRTM; the surface is about 30 m RMS from SRTM.
    """
    spots = reference.table("spot_heights")
    x_m, y_m = crs.transform(spots["lon"], spots["lat"], crs.GEOGRAPHIC, grid.crs)
    height_m = spots["height_m"].to_numpy(float)
    values = content_cache.cached_array(
        ("terrain", x_m, y_m, height_m, grid),
        __name__,
        lambda: interpolate(x_m, y_m, height_m, grid).values,
    )
    return Raster(values, grid)


def slope_deg(terrain: Raster) -> NDArray[np.float32]:
    """Return the slope of each pixel in degrees, by central differences (one-sided at edges).

    Parameters
    ----------
    terrain
        Heights [m].

    Returns
    -------
    ndarray
        Slope [degrees], shape of the grid.
    """
    heights = np.asarray(terrain.values, np.float32)

    def of_rows(rows: slice) -> NDArray[np.float32]:
        first = max(rows.start - 2, 0)  # a row beside one at the edge is not at the edge
        own = _slope_deg(heights[first : rows.stop + 2], terrain.grid.pixel_m)
        return own[rows.start - first : rows.stop - first]

    return stored.by_bands(of_rows, heights.shape, np.float32)


def _slope_deg(heights: NDArray[np.float32], side_m: float) -> NDArray[np.float32]:
    gradient, pixel_m = np.zeros_like(heights), np.float32(side_m)
    for axis in (0, 1):
        if heights.shape[axis] > 1:
            gradient += np.gradient(heights, pixel_m, axis=axis) ** 2
    return np.degrees(np.arctan(np.sqrt(gradient))).astype(np.float32)
