"""Blocks of demand and the shares that masts serve, against counting pixel by pixel."""

import numpy as np
import pytest
from fractal_ground import fractal, surface
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from phusong.coverage.area import blocks, network
from phusong.coverage.area.cells import Masts, Reach, cells
from phusong.coverage.models.tr38901_mixed import Mixed

SERVICE = blocks.ServiceLevel(-95.0, 8.0)


def places(demand, side=5):
    return blocks.blocks(demand, side)


@given(st.integers(1, 7), st.integers(5, 23), st.integers(5, 23), st.integers(0, 99))
def test_blocks_hold_all_demand_once(side, height, width, seed):
    random = np.random.default_rng(seed)
    demand = random.uniform(0, 9, (height, width)) * (random.random((height, width)) < 0.3)
    over = places(demand, side)
    assert over.sums(demand).sum() == pytest.approx(demand.sum())
    assert over.count == np.unique(over.of_pixel[demand > 0]).size
    if over.count:
        np.testing.assert_allclose(over.sums(over.weight), 1.0, atol=1e-5)
        np.testing.assert_allclose(over.mean(np.full(demand.shape, 0.7)), 0.7, atol=1e-5)


def test_probability_is_that_of_a_normal_spread():
    level = np.array([-95.0, -87.0, -103.0, -95.0 - 2.57 * 8, -95.0 - 2.58 * 8])
    expected = [0.5, norm.cdf(1), norm.cdf(-1), norm.cdf(-2.57), 0.0]
    np.testing.assert_allclose(SERVICE.probability(level), expected, rtol=1e-5)
    sharp = blocks.ServiceLevel(-95.0, 0.0)
    np.testing.assert_array_equal(sharp.probability(np.array([-94.99, -95.01])), [1, 0])


def test_shares_are_those_of_the_pixels():
    """Two masts on hills, every block counted again from the level at each pixel."""
    ground = surface(fractal(150.0, 3))
    random = np.random.default_rng(1)
    demand = random.uniform(0, 5, ground.terrain_m.shape)
    demand[random.random(demand.shape) < 0.5] = 0.0
    demand[40:60, 40:60] = 0.0
    masts = Masts(
        np.array([60.3, 3.0]), np.array([99.6, 190.2]), np.array([30.0, 18.0]), np.full(2, 2550.0)
    )
    plan = cells(np.array([0, 0, 1]), np.array([0.0, 120.0, 240.0]), 43.1, 6.0)
    reach, over = Reach(2000.0, model=Mixed()), places(demand, 5)
    found = blocks.served(ground, masts, plan, reach, over, SERVICE)
    for m in range(2):
        lone = Masts(*(column[m : m + 1] for column in vars(masts).values()))
        own = cells(0, plan.azimuth_deg[plan.mast == m], 43.1, 6.0)
        level_dbm = network.best_server(ground, lone, own, reach).rsrp_dbm
        expected = over.mean(SERVICE.probability(level_dbm))
        got = np.zeros(over.count)
        entries = slice(found.first[m], found.first[m + 1])
        got[found.block[entries]] = found.share[entries]
        assert (np.diff(found.block[entries]) > 0).all()
        counted = expected >= blocks.MIN_PROBABILITY + 0.001
        np.testing.assert_allclose(got[counted], expected[counted], atol=2e-3)
        assert not got[expected < blocks.MIN_PROBABILITY - 0.001].any()
    assert found.share.max() <= 1.0


def test_no_demand_gives_no_blocks():
    ground = surface(np.zeros((60, 60), np.float32))
    masts = Masts(*(np.array([value]) for value in (30.0, 30.0, 30.0, 2550.0)))
    over = places(np.zeros((60, 60)))
    found = blocks.served(
        ground, masts, cells(0, 0.0, 43.1), Reach(600.0, model=Mixed()), over, SERVICE
    )
    assert over.count == 0
    assert found.first.tolist() == [0, 0]
