"""Sight between antennas: the clearance is that of geometry and of a single link."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import profile
from phusong.coverage.area import sight
from phusong.coverage.units import wavelength_m
from phusong.geodata import crs
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.measured import profiles
from phusong.geodata.province import LandCover, clutter_heights_m

GRID = Grid(560_010.0, 2_357_010.0, 120, 80, crs="EPSG:5897")
WAVELENGTH_M = float(wavelength_m(18_000.0))
BARE = np.zeros(GRID.shape, np.float32)


def least(terrain, column, row, height_m, clutter=BARE):
    """Return the clearance between two antennas."""
    ends = sight.Antennas(*(np.array(pair, float) for pair in (column, row, height_m)))
    pair = np.array([[0, 1]])
    heights = terrain.astype(np.float32)
    return sight.clearances(heights, clutter, ends, pair, GRID.pixel_m, WAVELENGTH_M)[0]


def wall(top_m):
    """Return level ground with a wall across column 50."""
    terrain = BARE.copy()
    terrain[:, 50] = top_m
    return terrain


def needed_m(length_m, share):
    """Return what a ray must pass above at mid path: bulge at k = 4/3 and a part of F1."""
    bulge_m = (length_m / 2) ** 2 / (2 * 6.371e6 * 4 / 3)
    return bulge_m + share * math.sqrt(WAVELENGTH_M * length_m / 4)


def test_level_ground_is_clear():
    assert least(BARE, (0, 100), (40, 40), (30, 30)) > 5.0


def test_a_ridge_blocks():
    assert least(wall(80.0), (0, 100), (40, 40), (30, 30)) < 0.0


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_clearance_at_mid_path_is_analytic(share):
    """3 km at 18 GHz: F1 is 3.53 m at mid path, the bulge 0.13 m."""
    top_m = 30.0 - needed_m(3000.0, share)
    found = [least(wall(top_m + d), (0, 100), (40, 40), (30, 30)) for d in (-0.01, 0.0, 0.01)]
    assert found[1] == pytest.approx(share, abs=2e-6)
    assert found[0] > share > found[2]


def test_clutter_counts_like_ground_but_not_under_the_antennas():
    clutter = BARE.copy()
    clutter[:, 50] = 15.0
    raised = least(BARE, (0, 100), (40, 40), (17, 17), clutter)
    assert raised == pytest.approx(least(wall(15.0), (0, 100), (40, 40), (17, 17)))
    clutter[:] = 0.0
    clutter[:, [0, 100]] = 15.0
    assert least(BARE, (0, 100), (40, 40), (17, 17), clutter) > 4.0


def test_antennas_at_one_place_see_each_other():
    assert least(wall(500.0), (50, 50), (40, 40), (10, 10)) == math.inf


def test_pairs_have_the_clearance_of_a_single_link():
    """The second way: the profile and the clearance of ``phusong link``."""
    generator = np.random.default_rng(4)
    terrain = Raster(generator.uniform(0, 40, GRID.shape).astype(np.float32), GRID)
    classes = generator.choice([int(c) for c in LandCover], GRID.shape).astype(np.uint8)
    cover = Raster(classes, GRID, 0.0)
    column, row = generator.uniform(1, 118, 12), generator.uniform(1, 78, 12)
    ends = sight.Antennas(column, row, np.full(12, 45.0))
    pairs = np.arange(12).reshape(6, 2)
    found = sight.clearances(
        terrain.values, clutter_heights_m(classes), ends, pairs, GRID.pixel_m, WAVELENGTH_M
    )
    x_m, y_m = GRID.x_min_m + (column + 0.5) * 30.0, GRID.y_max_m - (row + 0.5) * 30.0
    lon, lat = crs.transform(x_m, y_m, GRID.crs, crs.GEOGRAPHIC)
    places = [profiles.Place(*at, 45.0) for at in zip(lon, lat, strict=True)]
    ground = profiles.Ground(terrain, cover, {})
    for (a, b), clearance in zip(pairs, found, strict=True):
        cut = profiles.along(ground, places[a], places[b])
        top_m = profile.surface_m(cut.height_m, cut.clutter_m)
        masts_m = (cut.height_m[0] + 45.0, cut.height_m[-1] + 45.0)
        one, _ = profile.fresnel_clearance(
            cut.distance_km, top_m, *masts_m, sight.EFFECTIVE_RADIUS_KM, WAVELENGTH_M
        )
        assert clearance == pytest.approx(one, rel=1e-3, abs=1e-3)


place = st.tuples(st.floats(0, 119), st.floats(0, 79))
ROUGH = np.random.default_rng(9).uniform(0, 25, GRID.shape)


@settings(deadline=None, max_examples=60)
@given(place, place, st.floats(1, 60), st.floats(1, 60), st.floats(0, 30))
def test_sight_is_mutual_and_grows_with_height(a, b, a_m, b_m, more_m):
    (ac, ar), (bc, br) = a, b
    there = least(ROUGH, (ac, bc), (ar, br), (a_m, b_m))
    back = least(ROUGH, (bc, ac), (br, ar), (b_m, a_m))
    assert back == pytest.approx(there, rel=1e-4, abs=1e-4)
    assert least(ROUGH, (ac, bc), (ar, br), (a_m + more_m, b_m)) >= there - 1e-9
