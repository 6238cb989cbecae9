"""Terrain: planes come back as planes, spots as spots, and the slope is the one drawn."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.warp import Resampling, reproject

from phusong.geodata import crs, reference
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground import terrain

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
GRID = Grid(0.0, 3000.0, 100, 100)


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.integers(0, 1000))
def test_a_plane_is_reproduced_exactly(east, north, seed):
    x, y = np.random.default_rng(seed).uniform(-500, 3500, (2, 40))
    x = np.append(x, [-900, -900, 4000, 4000])
    y = np.append(y, [-900, 4000, -900, 4000])
    made = terrain.interpolate(x, y, 100 + east * x + north * y, GRID).values
    px, py = np.meshgrid(*GRID.centres())
    assert np.allclose(made, 100 + east * px + north * py, atol=0.01)


def test_outside_all_triangles_the_nearest_spot_counts():
    x, y = np.array([1000.0, 1300.0, 1000.0]), np.array([1000.0, 1000.0, 1300.0])
    made = terrain.interpolate(x, y, np.array([5.0, 7.0, 9.0]), GRID).values
    assert np.isfinite(made).all()
    assert made[-1, 0] == 5.0  # south-west
    assert made[-1, -1] == 7.0
    assert made[0, 0] == 9.0


def test_heights_stay_between_the_spots():
    spots = reference.table("spot_heights")["height_m"]
    x, y = np.random.default_rng(0).uniform(0, 3000, (2, len(spots)))
    made = terrain.interpolate(x, y, spots.to_numpy(float), GRID).values
    assert spots.min() - 0.01 <= made.min() <= made.max() <= spots.max() + 0.01


def test_the_reference_terrain_reaches_the_summit(reference_province):
    heights = reference_province.terrain.values
    assert heights.dtype == np.float32
    assert np.isfinite(heights).all()
    assert 1560.0 <= heights.max() <= 1592.0
    row, column = np.unravel_index(heights.argmax(), heights.shape)
    x, y = reference_province.grid.centres()
    lon, lat = crs.transform(x[column], y[row], crs.PLANNING, crs.GEOGRAPHIC)
    assert (lon, lat) == pytest.approx((105.544, 21.573), abs=0.001)


@pytest.mark.skipif(not DATA.is_dir(), reason="SRTM is not at hand (../shared/data)")
def test_the_reference_terrain_agrees_with_srtm(reference_province):
    grid, srtm = reference_province.grid, np.zeros(reference_province.grid.shape, np.float32)
    with rasterio.open(DATA / "dem_srtm3_vinhphuc.tif") as file:
        reproject(
            rasterio.band(file, 1),
            srtm,
            dst_transform=grid.transform,
            dst_crs=grid.crs,
            resampling=Resampling.bilinear,
        )
    inside = reference_province.commune_index.values >= 0
    error_m = (reference_province.terrain.values - srtm)[inside]
    assert np.sqrt(np.mean(error_m**2)) < 32.0
    plain = (srtm < 30.0)[inside]
    assert np.median(np.abs(error_m[plain])) < 5.0


@pytest.mark.parametrize("angle_deg", [0.0, 5.0, 45.0, 80.0])
@pytest.mark.parametrize("towards_deg", [0.0, 30.0, 90.0, 200.0])
def test_a_tilted_plane_has_its_slope_everywhere(angle_deg, towards_deg):
    px, py = np.meshgrid(*GRID.centres())
    along = px * np.sin(np.radians(towards_deg)) + py * np.cos(np.radians(towards_deg))
    plane = Raster((along * np.tan(np.radians(angle_deg))).astype(np.float32), GRID)
    assert np.allclose(terrain.slope_deg(plane), angle_deg, atol=0.05)


def test_a_single_row_has_the_slope_along_it():
    ramp = Raster(np.arange(0, 300, 30, dtype=np.float32)[None, :], Grid(0, 30, 10, 1))
    assert np.allclose(terrain.slope_deg(ramp), 45.0)
