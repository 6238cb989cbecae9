"""Means over the shadowing: against Monte Carlo over all masts, integrals, and limits."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from phusong.coverage import capacity
from phusong.coverage.shadowing import (
    DB_PER_NEPER,
    RANKS,
    Received,
    Shadowing,
    means,
    over_places,
    sinr_quantile_db,
)

NOISE_DBM, LOAD = -122.2, 0.5


def rate(sinr_db):
    return capacity.throughput_mbps(sinr_db, 91.728, 0.602, 2, 7.40625)


def fast(sinr_db):
    return (rate(sinr_db) >= 30.0).astype(float)


def masts_of(seed, spacing_m, pixels):
    """Return best and total power (mW) of three-sector masts, strewn at random, at pixels."""
    rng = np.random.default_rng(seed)
    side_m, count = 20.0 * spacing_m, 400
    place, turn = rng.uniform(0.0, side_m, (count, 2)), rng.uniform(0.0, 120.0, count)
    here = rng.uniform(0.3 * side_m, 0.7 * side_m, (pixels, 2))
    east, north = np.moveaxis(here[:, None] - place, 2, 0)
    loss_db = 30.5 + 36.0 * np.log10(np.maximum(np.hypot(east, north), 30.0))
    bearing = np.degrees(np.arctan2(east, north)) - turn
    off = [(bearing - 120.0 * k + 180.0) % 360.0 - 180.0 for k in range(3)]
    levels = [10 ** ((40.1 - loss_db - np.minimum(12 * (a / 65) ** 2, 13.9)) / 10) for a in off]
    return np.max(levels, axis=0), np.sum(levels, axis=0)


def ranked(best_mw, total_mw, load=LOAD):
    order = np.argsort(-best_mw, axis=1)[:, :RANKS]
    parts = [np.take_along_axis(each, order, axis=1) for each in (best_mw, total_mw)]
    stacked = np.stack(parts, axis=2).astype(np.float32)
    return Received(stacked, total_mw.sum(axis=1).astype(np.float32), NOISE_DBM, load)


def drawn_sinr_db(best_mw, total_mw, shadowing, draws=3000, seed=5):
    """Draw the shadowing of every mast; the strongest serves. Shape (pixels, draws)."""
    rng = np.random.default_rng(seed)
    common = math.sqrt(shadowing.correlation) * rng.standard_normal((draws, 1))
    result = []
    for best, total in zip(best_mw, total_mw, strict=True):
        own = math.sqrt(1.0 - shadowing.correlation) * rng.standard_normal((draws, best.size))
        factor = np.exp(shadowing.sigma_db / DB_PER_NEPER * (common + own))
        server = (best * factor).argmax(axis=1)
        signal = (best * factor)[np.arange(draws), server]
        others = (total * factor).sum(axis=1) - signal
        result.append(10.0 * np.log10(signal / (LOAD * others + 10 ** (NOISE_DBM / 10))))
    return np.array(result)


@pytest.fixture(scope="module", params=[700.0, 3000.0], ids=["town", "country"])
def drawn(request):
    best_mw, total_mw = masts_of(3, request.param, 150)
    shadowing = Shadowing(9.3, 0.5)
    return ranked(best_mw, total_mw), shadowing, drawn_sinr_db(best_mw, total_mw, shadowing)


def test_mean_rates_are_those_of_monte_carlo(drawn):
    received, shadowing, sinr_db = drawn
    (found,) = means(received, shadowing, [rate])
    expected = rate(sinr_db).mean(axis=1)
    assert found.mean() == pytest.approx(expected.mean(), rel=0.03)
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.06 * expected.mean()


def test_share_of_fast_places_is_that_of_monte_carlo(drawn):
    received, shadowing, sinr_db = drawn
    (found,) = means(received, shadowing, [fast])
    expected = fast(sinr_db).mean(axis=1)
    assert found.mean() == pytest.approx(expected.mean(), abs=0.025)
    assert np.sqrt(np.mean((found - expected) ** 2)) < 0.06


@pytest.mark.parametrize(("share", "bias_db"), [(0.1, -1.1), (0.5, 0.2), (0.9, 0.1)])
def test_quantiles_of_sinr_are_those_of_monte_carlo(drawn, share, bias_db):
    """Low quantiles are told somewhat too low: beyond the strongest four no mast serves."""
    received, shadowing, sinr_db = drawn
    found = sinr_quantile_db(received, shadowing, share)
    expected = np.quantile(sinr_db, share, axis=1)
    assert found.mean() - expected.mean() == pytest.approx(bias_db, abs=0.3)
    assert np.std(found - expected) < 1.3


def test_without_shadowing_it_is_the_rate_at_mean_levels():
    received = ranked(*masts_of(4, 1000.0, 50))
    signal, others = received.masts_mw[:, 0, 0], received.total_mw - received.masts_mw[:, 0, 0]
    sinr_db = 10.0 * np.log10(signal / (LOAD * others + 10 ** (NOISE_DBM / 10)))
    (found,) = means(received, Shadowing(0.0), [rate])
    np.testing.assert_allclose(found, rate(sinr_db), rtol=0.01)
    np.testing.assert_allclose(sinr_quantile_db(received, Shadowing(0.0), 0.3), sinr_db, atol=0.01)


@pytest.mark.parametrize("sigma_db", [4.0, 9.3, 12.0])
@pytest.mark.parametrize("snr_db", [0.0, 12.0, 25.0])
def test_a_lone_mast_is_an_integral_over_the_normal_distribution(sigma_db, snr_db):
    """Common and own part of one mast make the whole deviation: integrated by quadrature."""
    power = np.float32(10 ** ((NOISE_DBM + snr_db) / 10))
    masts = np.zeros((1, RANKS, 2), np.float32)
    masts[0, 0] = power
    received = Received(masts, np.array([power]), NOISE_DBM, LOAD)
    found = means(received, Shadowing(sigma_db), [rate], [lambda dbm: rate(dbm - NOISE_DBM)])

    def weighed(z):
        return float(rate(np.array(snr_db + sigma_db * z))) * norm.pdf(z)

    expected = quad(weighed, -6.0, 6.0, limit=400, points=[-1.0, 0.0, 1.0])[0]
    for each in found:
        assert each[0] == pytest.approx(expected, rel=0.02)


def test_of_two_equal_masts_the_stronger_serves():
    """No noise, full load: SINR is the difference of their own parts, |N(0, 2 own^2)|."""
    masts = np.zeros((1, RANKS, 2), np.float32)
    masts[0, :2] = 1.0
    received = Received(masts, np.array([2.0], np.float32), -300.0, 1.0)
    sigma_db, correlation = 8.0, 0.5
    (found,) = means(received, Shadowing(sigma_db, correlation), [lambda db: db])
    apart_db = sigma_db * math.sqrt(2.0 * (1.0 - correlation))
    assert found[0] == pytest.approx(apart_db * math.sqrt(2.0 / math.pi), rel=0.04)


@settings(deadline=None)
@given(st.floats(0.0, 12.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_load_never_speeds_up(sigma_db, first, second):
    best_mw, total_mw = masts_of(6, 900.0, 5)
    low, high = sorted((first, second))
    rates = [
        means(ranked(best_mw, total_mw, load), Shadowing(sigma_db), [rate])[0]
        for load in (low, high)
    ]
    assert (rates[0] >= rates[1] - 1e-3).all()


def test_fully_correlated_masts_keep_their_sinr_where_noise_is_none():
    """Where all deviate alike, signal and interference do: SINR is that at mean levels."""
    best_mw, total_mw = masts_of(7, 1000.0, 20)
    received = ranked(best_mw, total_mw)._replace(noise_dbm=-300.0)
    low = sinr_quantile_db(received, Shadowing(9.3, 1.0), 0.05)
    high = sinr_quantile_db(received, Shadowing(9.3, 1.0), 0.95)
    np.testing.assert_allclose(low, high, atol=0.01)


@settings(deadline=None)
@given(st.lists(st.floats(-39.0, 79.0), min_size=1, max_size=8))
def test_a_straight_line_is_read_at_the_sinr_itself(snr_db):
    """Without shadowing the mean of a line is the line: the logarithm is as good as numpy's."""
    power = (10 ** ((NOISE_DBM + np.array(snr_db)) / 10)).astype(np.float32)
    alone = np.stack([power, power], axis=-1)[:, None]
    (found,) = means(Received(alone, power, NOISE_DBM, LOAD), Shadowing(0.0), [lambda db: db])
    exact_db = 10.0 * np.log10(power.astype(float)) - NOISE_DBM
    np.testing.assert_allclose(found, exact_db, atol=1e-5 * 80.0)


def test_all_in_one_pass_is_what_is_told_one_by_one():
    received, shadowing = ranked(*masts_of(8, 1200.0, 60)), Shadowing(9.3, 0.5)
    (down, share, up), low_db = over_places(
        received, shadowing, [rate, fast], [lambda dbm: rate(dbm - NOISE_DBM)], 0.1
    )
    (up_alone,) = means(received, shadowing, of_signal=[lambda dbm: rate(dbm - NOISE_DBM)])
    for together, alone in (
        (down, means(received, shadowing, [rate])[0]),
        (share, means(received, shadowing, [fast])[0]),
        (up, up_alone),
        (low_db, sinr_quantile_db(received, shadowing, 0.1)),
    ):
        np.testing.assert_array_equal(together, alone)
    assert over_places(received, shadowing)[1].size == 0
