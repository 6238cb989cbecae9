"""The probability of service, read off a table, against the sum that the table is made by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import entry_loss
from phusong.coverage.area.service import MIN_PROBABILITY, ServiceLevel

WANTED = ServiceLevel(-100.3, 8.0, entry_loss.normal(5.0))
CERTAIN = ServiceLevel(-100.3, 8.0)


def exact(wanted, level_dbm):
    margin_db = np.asarray(level_dbm, float) - wanted.median_dbm
    share = entry_loss.share(margin_db, wanted.sigma_db, wanted.entry)
    return np.where(share >= MIN_PROBABILITY, share, 0.0)


@given(st.lists(st.floats(-300.0, 100.0), min_size=1), st.sampled_from([np.float32, np.float64]))
def test_the_table_is_exact_to_a_ten_thousandth(levels_dbm, kind):
    level_dbm = np.array(levels_dbm, kind)
    for wanted in (WANTED, CERTAIN):
        found, right = wanted.probability(level_dbm), exact(wanted, level_dbm)
        assert found.dtype == np.float32
        near = np.abs(right - MIN_PROBABILITY) < 1e-4  # either side of the least
        np.testing.assert_allclose(found[~near], right[~near], atol=1e-4)


@pytest.mark.parametrize("wanted", [WANTED, CERTAIN])
def test_what_is_no_level_is_not_served(wanted):
    level_dbm = np.array([-np.inf, np.nan, np.inf])
    np.testing.assert_array_equal(wanted.probability(level_dbm), [0.0, 0.0, 1.0])


def test_knots_are_exact_and_the_shape_stays():
    knots_dbm = np.arange(-8.0, 8.0, 1.0 / 16.0).reshape(8, 32) + WANTED.median_dbm
    found = WANTED.probability(knots_dbm)
    assert found.shape == (8, 32)
    np.testing.assert_allclose(found, exact(WANTED, knots_dbm), rtol=1e-6)
    assert WANTED.probability(WANTED.median_dbm).shape == ()


def test_parts_of_an_array_are_read_as_the_whole():
    level_dbm = np.linspace(-130.0, -80.0, 60).reshape(6, 10)
    np.testing.assert_array_equal(
        WANTED.probability(level_dbm[::2, 1::3]), WANTED.probability(level_dbm)[::2, 1::3]
    )
