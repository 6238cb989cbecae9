"""Stages of the sweep, each against a second way to find the same by brute force."""

import numba
import numpy as np
import pytest
from fractal_ground import fractal

from phusong.coverage.p1812 import delta_bullington, horizons, line, own_path

F32, I32 = np.float32, np.int32
START_M, FALL_M, SIZE = 55.0, 5e-5, 32
SEEDS = (1, 2, 3)


def profile(seed: int, steps: int = 200) -> np.ndarray:
    """Heights along a radial, lowered by the fall of the Earth."""
    level_m = np.zeros(line.lanes(steps + 1), F32)
    level_m[: steps + 1] = np.random.default_rng(seed).normal(0.0, 3.0, steps + 1).cumsum()
    return level_m - F32(FALL_M) * np.arange(level_m.size, dtype=F32) ** 2


@numba.njit
def tied(level_m, last, parent):
    line.hull(level_m, last, parent)


@numba.njit
def tangents(level_m, parent, tops, at, end_m, points):
    for i in range(tops.size):
        points[i] = horizons.tangent_point(level_m, parent, tops[i], at[i], end_m[i])


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_keeps_the_hull_of_all_before_it(seed):
    level_m, parent = profile(seed), np.zeros(208, I32)
    tied(level_m, 200, parent)
    for top in (1, 2, 17, 100, 200):
        chain, k = [], top
        while k > 0:
            chain.append(k)
            k = parent[k]
        steps = np.arange(1, top + 1)
        over = np.interp(steps, chain[::-1], level_m[chain[::-1]])
        assert (over >= level_m[1 : top + 1] - 1e-3).all(), "a step stands above the hull"
        slopes = np.diff(level_m[chain[::-1]]) / np.diff(chain[::-1])
        assert (np.diff(slopes) <= 0.0).all(), "the hull is not convex"
        assert chain[-1] == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tangent_point_is_the_steepest_of_all(seed):
    level_m, parent = profile(seed), np.zeros(208, I32)
    tied(level_m, 200, parent)
    tops = np.arange(1, 200, dtype=I32)
    at, points = (tops + 0.7).astype(F32), np.zeros_like(tops)
    end_m = level_m[tops] + F32(1.5)
    tangents(level_m, parent, tops, at, end_m, points)
    for top, way, down_m, point in zip(tops, at, end_m, points, strict=True):
        slopes = (level_m[1 : top + 1] - down_m) / (way - np.arange(1, top + 1))
        assert slopes[point - 1] == pytest.approx(slopes.max(), rel=1e-5, abs=1e-5)


@numba.njit
def obstacles(ends, chain, seen, limit):
    at, end_m, slope, last = ends
    level_m, horizon, skyline, parent, ridge_m = chain
    line.hull(level_m, 200, parent)
    line.ridges(level_m, 200, ridge_m)
    line.skylines(level_m, START_M, limit**0.5, 200, horizon, skyline)
    horizons.obstacles(
        at,
        end_m,
        slope,
        last,
        START_M,
        0.0,
        at.size,
        level_m,
        horizon,
        skyline,
        parent,
        ridge_m,
        seen[0],
        seen[1],
        seen[2],
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("height_m", [1.5, 40.0])
def test_what_stands_on_a_radial_is_found_as_by_looking_at_every_step(seed, height_m):
    level_m, limit = profile(seed), 1.1
    last = np.arange(1, 193, dtype=I32)
    at = (last + 0.6).astype(F32)
    end_m = level_m[last] + F32(height_m)
    slope = (end_m - F32(START_M)) / at
    seen = np.full((3, at.size), line.LOWEST)
    seen[2] = limit / at
    rooms = (np.empty(208, F32), np.empty(208, F32), np.zeros(208, I32), np.empty(27, F32))
    obstacles((at, end_m, slope, last), (level_m, *rooms), seen, limit)
    for i, top in enumerate(last):
        run = np.arange(1, top + 1)
        rise = ((level_m[run] - START_M) / run).max()
        assert seen[0, i] == pytest.approx(rise, rel=1e-5, abs=1e-5)
        if rise >= slope[i]:
            back = ((level_m[run] - end_m[i]) / (at[i] - run)).max()
            assert seen[1, i] == pytest.approx(back, rel=1e-4, abs=1e-4)
        else:
            clear_m = START_M + slope[i] * run - level_m[run]
            closest = min((clear_m**2 / (run * (at[i] - run))).min(), limit / at[i])
            assert seen[2, i] == pytest.approx(closest, rel=1e-3, abs=1e-5)


@numba.njit
def losses(seen, at, end_m, slope, scale, loss_db):
    delta_bullington.bullington_db(
        at, end_m, slope, seen[0], seen[1], seen[2], START_M, 0.0, scale, 0.03, at.size, loss_db
    )


def test_one_edge_loses_what_a_knife_edge_does():
    """P.526-16 eq. 31 and P.1812-7 eq. 21 by hand: a wall in the middle of level ground."""
    at, top_m = np.full(SIZE, 100.0, F32), np.linspace(40.0, 90.0, SIZE)
    end_m, slope = np.full(SIZE, START_M, F32), np.zeros(SIZE, F32)
    rise = ((top_m - START_M) / 50.0).astype(F32)
    closest = ((top_m - START_M) ** 2 / 2500.0).astype(F32)
    scale, loss_db = 2.0 / (0.1176 * 30.0), np.zeros(SIZE, F32)
    losses(np.array([rise, rise, closest]), at, end_m, slope, scale, loss_db)
    nu = (top_m - START_M) * np.sqrt(scale * 100.0 / 2500.0)
    edge_db = 6.9 + 20.0 * np.log10(np.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    edge_db = np.where(nu > -0.78, edge_db, 0.0)
    expected_db = edge_db + (1.0 - np.exp(-edge_db / 6.0)) * (10.0 + 0.02 * 3.0)
    np.testing.assert_allclose(loss_db, expected_db, atol=2e-3)


@numba.njit
def roofs(clutter, frame, ends, edge, rooms, highest_m):
    column, row, step, steps, back_column, back_row = ends
    own_path.highest_before(
        clutter,
        frame,
        column,
        row,
        step,
        steps,
        back_column,
        back_row,
        edge,
        column.size,
        rooms[0],
        rooms[1],
        rooms[2],
        rooms[3],
        highest_m,
    )


def test_the_highest_roof_is_that_of_the_last_stretch():
    """One tall house 10 pixels before the receivers' row counts from 500 m, not from 200 m."""
    clutter_m = np.full((60, 60), 5.0, F32)
    clutter_m[:, 30] = 15.0
    column = np.full(SIZE, 40.0 - 5.0, F32)
    row = np.zeros(SIZE, F32)
    ends = (column, row, np.ones(SIZE, F32), np.full(SIZE, 35.0, F32), -np.ones(SIZE, F32), row)
    rooms = (np.zeros(SIZE, I32), np.zeros(SIZE, I32), np.zeros(SIZE, F32), np.zeros(SIZE, F32))
    highest_m = np.zeros(SIZE, F32)
    frame = line.frame(clutter_m.shape, 5.0, 20.0)
    for edge_m, expected_m in ((500.0, 15.0), (200.0, 5.0)):
        roofs(clutter_m.ravel(), frame, ends, edge_m / 30.0, rooms, highest_m)
        assert (highest_m == expected_m).all()


@numba.njit
def sampled(terrain, clutter, frame, direction, way):
    line.sample(
        terrain,
        clutter,
        frame,
        direction,
        SIZE,
        way[0],
        way[1],
        way[2],
        way[3],
        way[4],
        way[5],
    )


@pytest.mark.parametrize("bearing", [0.0, 0.7, 2.5, 4.4])
def test_a_radial_reads_the_terrain_between_pixels_and_level_beyond(bearing):
    terrain_m = fractal(100.0, 2)[:40, :40].copy()
    direction = np.sin(bearing), -np.cos(bearing)
    way = (np.zeros(SIZE, I32), np.zeros(SIZE, I32), *(np.zeros(SIZE, F32) for _ in range(4)))
    frame = line.frame(terrain_m.shape, 20.3, 19.6)
    sampled(terrain_m.ravel(), np.zeros(1600, F32), frame, direction, way)
    column = np.clip(20.3 + np.arange(SIZE) * direction[0], 0.0, 39.0)
    row = np.clip(19.6 + np.arange(SIZE) * direction[1], 0.0, 39.0)
    left, top = np.minimum(column.astype(int), 38), np.minimum(row.astype(int), 38)
    x, y = column - left, row - top
    upper = terrain_m[top, left] * (1 - x) + terrain_m[top, left + 1] * x
    lower = terrain_m[top + 1, left] * (1 - x) + terrain_m[top + 1, left + 1] * x
    np.testing.assert_allclose(way[4], upper * (1 - y) + lower * y, atol=1e-2)
