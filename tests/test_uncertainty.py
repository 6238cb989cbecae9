"""Bands on people covered, against errors drawn at random."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from phusong.coverage import uncertainty


def town(pixels=4000, communes=8):
    rng = np.random.default_rng(12)
    labels = rng.integers(-1, communes, pixels)
    return rng.normal(-105.0, 12.0, pixels), rng.uniform(0.0, 50.0, pixels), labels, communes


def test_without_error_the_band_is_the_expected_number_of_people():
    level, people, labels, count = town()
    found = uncertainty.people_band(level, people, labels, count, -110.0, 8.0, 0.0)
    expected = np.bincount(
        labels[labels >= 0],
        (people * ndtr((level + 110.0) / 8.0))[labels >= 0],
        minlength=count,
    )
    for figure in found.by_label:
        np.testing.assert_allclose(figure, expected)
    np.testing.assert_allclose(found.total, expected.sum())


@pytest.mark.parametrize("common", [0.0, 0.3, 1.0])
def test_band_against_drawn_errors(common):
    level, people, labels, count = town()
    sd_db, probability = 4.0, 0.8
    found = uncertainty.people_band(
        level, people, labels, count, -110.0, 8.0, sd_db, common, probability
    )
    rng = np.random.default_rng(13)
    inside = labels >= 0
    level, people, labels = level[inside], people[inside], labels[inside]
    drawn = []
    for _ in range(2000):
        own = rng.normal(0.0, sd_db * math.sqrt(1.0 - common), count)
        shift = rng.normal(0.0, sd_db * math.sqrt(common)) + own
        covered = people * ndtr((level + 110.0 + shift[labels]) / 8.0)
        drawn.append(np.bincount(labels, covered, minlength=count))
    low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
    np.testing.assert_allclose(found.by_label.low, low, rtol=0.03)
    np.testing.assert_allclose(found.by_label.high, high, rtol=0.03)
    total = np.quantile(np.sum(drawn, axis=1), [0.1, 0.9])
    width = total[1] - total[0]
    assert float(found.total.low) == pytest.approx(total[0], abs=0.1 * width)
    assert float(found.total.high) == pytest.approx(total[1], abs=0.1 * width)


@given(st.floats(0.0, 15.0), st.floats(0.0, 1.0), st.floats(0.1, 0.99))
def test_bands_are_ordered_and_never_more_than_everyone(sd_db, common, probability):
    level, people, labels, count = town(300, 4)
    level[:40], level[40:60] = -np.inf, np.nan
    found = uncertainty.people_band(
        level, people, labels, count, -110.0, 6.0, sd_db, common, probability
    )
    everyone = np.bincount(labels[labels >= 0], people[labels >= 0], minlength=count)
    for band, most in ((found.by_label, everyone), (found.total, everyone.sum())):
        assert np.all((band.low >= 0.0) & (band.low <= band.mid + 1e-9))
        assert np.all((band.mid <= band.high + 1e-9) & (band.high <= most + 1e-9))
