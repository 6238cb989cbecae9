"""A sample of pixels and what masts serve of it, against counting pixel by pixel."""

import numpy as np
import pytest
from fractal_ground import fractal, surface
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from phusong.coverage.area import network, sample, service
from phusong.coverage.area.cells import Masts, Reach, cells
from phusong.coverage.models.tr38901_mixed import Mixed

SERVICE = service.ServiceLevel(-95.0, 8.0)


def every(shape):
    """Return a sample in which each pixel stands for itself."""
    return sample.sample(np.ones(shape), np.zeros(shape, int))


def drawn(seed, shape, strata=5):
    random = np.random.default_rng(seed)
    rate = random.uniform(0, 1, shape) * (random.random(shape) < 0.7)
    return rate, random.integers(-1, strata, shape)


@given(st.integers(3, 23), st.integers(3, 23), st.integers(0, 999))
@settings(deadline=None)
def test_cells_hold_what_is_of_their_stratum_once(height, width, seed):
    rate, stratum = drawn(seed, (height, width))
    over = sample.sample(rate, stratum)
    held = over.cell >= 0
    np.testing.assert_array_equal(held, (rate > 0) & (stratum >= 0))
    assert np.unique(over.cell[held]).tolist() == list(range(over.count)), "no cell is empty"
    for cell in range(over.count):
        assert np.unique(stratum[over.cell == cell]).size == 1
    standing = over.cell.ravel()[over.pixel]
    np.testing.assert_array_equal(standing, np.arange(over.count), "one of its own pixels each")
    assert over.sums(rate).sum() == pytest.approx(rate[held].sum())
    assert (np.diff(over.pixel) > 0).all()


@given(st.integers(1, 400), st.integers(0, 99))
def test_rates_give_every_need_its_cells(count, seed):
    random = np.random.default_rng(seed)
    needs = [random.exponential(1.0, 400) * (random.random(400) < 0.5) for _ in range(3)]
    rate = sample.rates(needs, count)
    held = np.max(needs, axis=0) > 0
    assert (rate <= 1.0).all()
    assert rate.sum() == pytest.approx(min(count, held.sum()))
    part = np.max([need / need.sum() for need in needs], axis=0)
    below = held & (rate < 1.0)
    if below.any():  # in proportion, where a pixel is no cell of its own
        assert np.ptp(rate[below] / part[below]) < 1e-9 * count


def test_pixels_of_rate_one_stand_for_themselves():
    rate = np.full((20, 20), 0.2)
    rate[5:9, 3:12] = 1.0
    over = sample.sample(rate, np.zeros(rate.shape, int))
    assert (np.bincount(over.cell.ravel())[over.cell[5:9, 3:12]] == 1).all()
    assert over.count == pytest.approx(rate.sum(), abs=1.0)


def test_pixels_stand_in_proportion_to_their_rates():
    """Over many grids moved against each other, a pixel of twice the rate stands twice as often."""
    random, often, rates_ = np.random.default_rng(3), [], []
    for _ in range(60):
        rate = random.uniform(0.02, 0.4, (30, 30))
        over = sample.sample(rate, np.zeros(rate.shape, int))
        often.append(np.isin(np.arange(900), over.pixel))
        rates_.append(rate.ravel())
    often, rates_ = np.concatenate(often), np.concatenate(rates_)
    low, high = (often[(rates_ > a) & (rates_ <= b)].mean() for a, b in ((0.1, 0.15), (0.2, 0.3)))
    assert high / low == pytest.approx(2.0, rel=0.15)


def test_the_sample_tells_the_best_of_two_servers_and_means_do_not():
    """Two stations that serve every other pixel: means over squares count a half too little."""
    shape = (60, 60)
    one = (np.indices(shape).sum(axis=0) % 2).astype(float)
    rate = np.full(shape, 0.25)
    over = sample.sample(rate, np.zeros(shape, int))
    weight = over.sums(np.ones(shape))
    best = np.maximum(over.at(one), over.at(1.0 - one))
    assert best @ weight / weight.sum() == 1.0
    means = [over.sums(each) / weight for each in (one, 1.0 - one)]
    assert np.maximum(*means) @ weight / weight.sum() < 0.8


def test_probability_is_that_of_a_normal_spread():
    level = np.array([-95.0, -87.0, -103.0, -95.0 - 2.57 * 8, -95.0 - 2.58 * 8])
    expected = [0.5, norm.cdf(1), norm.cdf(-1), norm.cdf(-2.57), 0.0]
    np.testing.assert_allclose(SERVICE.probability(level), expected, rtol=1e-5)
    sharp = service.ServiceLevel(-95.0, 0.0)
    np.testing.assert_array_equal(sharp.probability(np.array([-94.99, -95.01])), [1, 0])


@pytest.mark.parametrize("already", [0.0, 0.4])
def test_shares_are_those_of_the_pixels(already):
    """Two masts on hills: the level at each pixel, where it serves more than is served already."""
    ground = surface(fractal(150.0, 3))
    rate, stratum = drawn(1, ground.terrain_m.shape)
    over = sample.sample(rate, stratum)
    masts = Masts(
        np.array([60.3, 3.0]), np.array([99.6, 190.2]), np.array([30.0, 18.0]), np.full(2, 2550.0)
    )
    plan = cells(np.array([0, 0, 1]), np.array([0.0, 120.0, 240.0]), 43.1, 6.0)
    reach, floor = Reach(2000.0, model=Mixed()), np.full(over.count, already, np.float32)
    served = sample.served(ground, masts, plan, reach, over, SERVICE, floor)
    for m in range(2):
        lone = Masts(*(column[m : m + 1] for column in vars(masts).values()))
        own = cells(0, plan.azimuth_deg[plan.mast == m], 43.1, 6.0)
        level_dbm = network.best_server(ground, lone, own, reach).rsrp_dbm
        expected = over.at(SERVICE.probability(level_dbm))
        entries = slice(served.first[m], served.first[m + 1])
        assert (np.diff(served.cell[entries]) > 0).all()
        got = np.zeros(over.count)
        got[served.cell[entries]] = served.share[entries]
        least = max(already, service.MIN_PROBABILITY)
        counted = expected >= least + 0.001
        assert counted.sum() > 10
        np.testing.assert_allclose(got[counted], expected[counted], atol=1e-3)
        assert not got[expected < least - 0.001].any()
    assert served.share.max() <= 1.0


def test_no_demand_gives_no_cells():
    ground = surface(np.zeros((60, 60), np.float32))
    masts = Masts(*(np.array([value]) for value in (30.0, 30.0, 30.0, 2550.0)))
    over = sample.sample(np.zeros((60, 60)), np.zeros((60, 60), int))
    none = np.empty(0, np.float32)
    reach = Reach(600.0, model=Mixed())
    served = sample.served(ground, masts, cells(0, 0.0, 43.1), reach, over, SERVICE, none)
    assert over.count == 0
    assert served.first.tolist() == [0, 0]


@pytest.mark.parametrize("span", [50, 333])
def test_a_sample_worked_on_span_by_span_is_the_same(monkeypatch, span):
    rate, stratum = drawn(3, (41, 37), 9)
    needs, rests = [rate.ravel(), np.ones(rate.size), np.zeros(rate.size)], []
    whole, rates = sample.sample(rate, stratum), sample.rates(needs, 300)
    monkeypatch.setattr(sample, "SPAN", span)
    room = sample.ArrayRoom(np.empty, lambda: rests.append(1))
    np.testing.assert_array_equal(sample.rates(needs, 300, room), rates)
    own = sample.sample(rate, stratum, room)
    np.testing.assert_array_equal(own.cell, whole.cell)
    np.testing.assert_array_equal(own.pixel, whole.pixel)
    assert len(rests) > rate.size // span
