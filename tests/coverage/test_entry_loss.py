"""Entry loss and shadowing together: draws, quadrature by another library, and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from phusong.coverage import entry_loss, p2109
from phusong.coverage.area.service import MIN_PROBABILITY, ServiceLevel

MHZ, SHADOWING_DB = 2550.0, 9.3
MEDIAN_DB = p2109.entry_loss_db(MHZ)
INDOORS = entry_loss.building(MHZ, entry_loss.building_sigma_db(MHZ))


def test_no_spread_is_shadowing_alone():
    margin_db = np.linspace(-30.0, 30.0, 61)
    found = entry_loss.share(margin_db, SHADOWING_DB, entry_loss.NONE)
    np.testing.assert_allclose(found, norm.cdf(margin_db / SHADOWING_DB), rtol=1e-12)
    assert entry_loss.building(MHZ, 0.0) == entry_loss.NONE == entry_loss.normal(0.0)


@given(st.floats(0.5, 15.0), st.floats(0.1, 15.0), st.floats(-40.0, 40.0))
def test_a_normal_spread_adds_in_quadrature(sigma_db, entry_db, margin_db):
    """Two normal variables: the deviation of the sum is the root of the sum of squares."""
    spread = entry_loss.normal(entry_db)
    found = entry_loss.share(np.array(margin_db), max(sigma_db, 0.1 * entry_db), spread)
    whole_db = np.hypot(max(sigma_db, 0.1 * entry_db), entry_db)
    assert found == pytest.approx(norm.cdf(margin_db / whole_db), abs=1e-5)


@pytest.mark.parametrize("margin_db", [-35.0, -20.0, 0.0, 8.0, 17.33, 40.0])
def test_share_is_p2109_convolved_with_shadowing(margin_db):
    """A second computation: an adaptive integral over the normal deviations of P.2109."""

    def served(z):
        loss_db = p2109.loss_at_deviations_db(MHZ, z) - MEDIAN_DB
        return norm.pdf(z) * norm.cdf((margin_db - loss_db) / SHADOWING_DB)

    expected = quad(served, -8.0, 8.0, epsabs=1e-10)[0]
    found = entry_loss.share(np.array(margin_db), SHADOWING_DB, INDOORS)
    assert found == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("kind", [p2109.TRADITIONAL, p2109.THERMALLY_EFFICIENT])
def test_the_spread_is_that_of_the_recommendation(kind):
    """Losses drawn by their probability have the deviation and the quantiles of the nodes."""
    shares = (np.arange(20_000) + 0.5) / 20_000
    losses_db = np.array([p2109.entry_loss_db(MHZ, float(p), kind) for p in shares])
    sigma_db = entry_loss.building_sigma_db(MHZ, kind)
    assert sigma_db == pytest.approx(losses_db.std(), rel=2e-3)
    spread = entry_loss.building(MHZ, sigma_db, kind)
    cumulated = np.cumsum(spread.weights) - np.array(spread.weights) / 2
    for p in (0.05, 0.5, 0.9):
        expected = np.quantile(losses_db, p) - p2109.entry_loss_db(MHZ, 0.5, kind)
        assert np.interp(p, cumulated, spread.deviations_db) == pytest.approx(expected, abs=0.02)


def test_served_with_ninety_percent_is_true():
    """Houses and streets drawn at random: nine in ten are served at the required level."""
    service = ServiceLevel(-105.0 + MEDIAN_DB, SHADOWING_DB, INDOORS)
    required_dbm = service.level_dbm(0.9)
    assert required_dbm - service.median_dbm == pytest.approx(17.33, abs=0.02)
    random = np.random.default_rng(1)
    loss_db = np.array(
        [p2109.loss_at_deviations_db(MHZ, z) for z in random.standard_normal(40_000)]
    )
    level_dbm = required_dbm + SHADOWING_DB * random.standard_normal(40_000) - loss_db
    assert np.mean(level_dbm >= -105.0) == pytest.approx(0.9, abs=0.005)
    shadowing_alone_dbm = service.median_dbm + SHADOWING_DB * norm.ppf(0.9)
    assert service.probability(np.array([shadowing_alone_dbm]))[0] < 0.83


@given(st.floats(0.001, 0.999), st.floats(0.5, 12.0), st.floats(0.0, 15.0))
def test_level_and_probability_are_inverse(probability, sigma_db, entry_db):
    service = ServiceLevel(-90.0, sigma_db, entry_loss.building(MHZ, entry_db))
    share = service.probability(np.array([service.level_dbm(probability)]))[0]
    expected = probability if probability >= MIN_PROBABILITY + 1e-4 else share
    assert share == pytest.approx(expected, abs=1e-3)


def test_nothing_above_half_a_percent_is_left_out():
    assert MIN_PROBABILITY <= 0.005
    service = ServiceLevel(-90.0, SHADOWING_DB, INDOORS)
    levels_dbm = service.min_dbm + np.array([-0.1, 0.1])
    assert (service.probability(levels_dbm) > 0.0).tolist() == [False, True]
