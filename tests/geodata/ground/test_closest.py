"""The heights of a grid stand for the surface of the file, not for its values at the centres."""

import numpy as np
import pytest
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from scipy.ndimage import map_coordinates

from phusong.geodata import crs
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid
from phusong.geodata.ground.mosaic import closest

GRID = Grid(560_000.0, 2_356_500.0, 90, 80, crs="EPSG:5897")
POSTS = from_origin(559_000.0, 2_357_500.0, 91.0, 87.0)  # of the file: no multiple of 30 m
ROWS, COLUMNS = 50, 52


def at_file(values, x_m, y_m):
    column, row = ~POSTS * (np.asarray(x_m), np.asarray(y_m))
    return map_coordinates(values, [row - 0.5, column - 0.5], order=1)


def at_grid(heights, x_m, y_m):
    column, row = GRID.fractional(x_m, y_m)
    return map_coordinates(heights.astype(float), [row, column], order=1)


def hills(seed):
    return np.random.default_rng(seed).uniform(0.0, 60.0, (ROWS, COLUMNS)).astype(np.float32)


def places(count):
    rng = np.random.default_rng(4)
    return rng.uniform(560_200, 562_500, count), rng.uniform(2_354_300, 2_356_300, count)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_surface_is_closer_than_that_of_heights_at_the_centres(seed):
    values = hills(seed)
    x_m, y_m = places(20_000)
    wanted = at_file(values.astype(float), x_m, y_m)
    centres = raster.warped(values, POSTS, GRID.crs, GRID, Resampling.bilinear)
    fit = closest(values, POSTS, GRID.crs, GRID)
    error_m = [np.std(at_grid(heights, x_m, y_m) - wanted) for heights in (centres, fit)]
    assert error_m[1] < 0.75 * error_m[0]


def test_ridges_keep_more_of_their_height_and_the_mean_stays():
    values = np.zeros((ROWS, COLUMNS), np.float32)
    values[:, ::4] = 100.0  # ridges from north to south
    ridge_x = POSTS.c + 91.0 * (4 * np.arange(4, 10) + 0.5)
    ridge_x = ridge_x[(ridge_x > 560_100) & (ridge_x < 562_600)]
    y_m = np.full(len(ridge_x), 2_355_300.0)
    centres = raster.warped(values, POSTS, GRID.crs, GRID, Resampling.bilinear)
    fit = closest(values, POSTS, GRID.crs, GRID)
    lost_m = [100.0 - at_grid(heights, ridge_x, y_m).mean() for heights in (centres, fit)]
    assert 0 < lost_m[1] < 0.8 * lost_m[0]
    x_m, y_m = places(20_000)
    wanted = at_file(values.astype(float), x_m, y_m).mean()
    assert at_grid(fit, x_m, y_m).mean() == pytest.approx(wanted, abs=0.3)


def test_bands_of_rows_join_without_a_seam(monkeypatch):
    values = hills(5)
    whole = closest(values, POSTS, GRID.crs, GRID)
    monkeypatch.setattr("phusong.geodata.ground.mosaic.BAND_PIXELS", 1)
    monkeypatch.setattr("phusong.geodata.ground.mosaic.LEAST_ROWS", 13)
    np.testing.assert_allclose(closest(values, POSTS, GRID.crs, GRID), whole, atol=2e-3)


def test_a_void_stays_one_and_the_rest_is_not_moved_by_it():
    values = np.full((ROWS, COLUMNS), 80.0, np.float32)
    values[25:28, 25:28] = np.nan
    heights = closest(values, POSTS, GRID.crs, GRID)
    assert 3 * 3 * 9 * 0.9 < np.isnan(heights).sum() < 4 * 4 * 9 * 1.2
    np.testing.assert_allclose(heights[np.isfinite(heights)], 80.0, atol=1e-4)


@pytest.mark.parametrize("epsg", [4326, 32648])
def test_a_file_is_read_where_it_lies(epsg):
    """Northings as heights come back within 10 cm; GDAL allows itself an eighth of a pixel."""
    pixel = 1 / 1200 if epsg == 4326 else 90.0
    x0, y0 = crs.transform(558_500, 2_358_500, crs.PLANNING, f"EPSG:{epsg}")
    affine = from_origin(float(x0), float(y0), pixel, pixel)
    row, column = np.mgrid[0:90, 0:90]
    x, y = affine * (column + 0.5, row + 0.5)
    northing = crs.transform(x, y, f"EPSG:{epsg}", crs.PLANNING)[1] - 2_354_000
    heights = raster.warped(
        northing.astype(np.float32), affine, f"EPSG:{epsg}", GRID, Resampling.bilinear
    )
    wanted = np.broadcast_to(GRID.centres()[1][:, None], GRID.shape) - 2_354_000
    np.testing.assert_allclose(heights, wanted, atol=0.1)
