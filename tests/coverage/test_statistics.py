"""People and area per label: sums that must come out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import statistics

LABELS = np.array([[0, 0, 1], [1, -1, 1], [3, 3, 3]])
PEOPLE = np.array([[10.0, 20.0, 5.0], [0.0, 99.0, 15.0], [1.0, 2.0, 3.0]])
COVERED = np.array([[True, False, True], [True, True, False], [True, True, True]])


def test_totals_by_hand():
    found = statistics.totals(LABELS, COVERED, PEOPLE, 0.5, 5)
    np.testing.assert_allclose(found.people, [30.0, 20.0, 0.0, 6.0, 0.0])
    np.testing.assert_allclose(found.people_covered, [10.0, 5.0, 0.0, 6.0, 0.0])
    np.testing.assert_allclose(found.area_km2, [1.0, 1.5, 0.0, 1.5, 0.0])
    np.testing.assert_allclose(found.area_covered_km2, [0.5, 1.0, 0.0, 1.5, 0.0])
    np.testing.assert_allclose(found.people_share, [1 / 3, 0.25, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(found.area_share, [0.5, 2 / 3, 0.0, 1.0, 0.0])


def test_larger_units_are_sums_of_smaller():
    parts = statistics.totals(LABELS, COVERED, PEOPLE, 0.5, 4)
    whole = statistics.regroup(parts, np.array([0, 0, 1, 1]), 2)
    np.testing.assert_allclose(whole.people, [50.0, 6.0])
    np.testing.assert_allclose(whole.people_covered, [15.0, 6.0])
    np.testing.assert_allclose(whole.area_km2, [2.5, 1.5])
    np.testing.assert_allclose(whole.area_covered_km2, [1.5, 1.5])


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_sums_are_kept_and_covered_and_not_covered_complete_each_other(seed, count):
    random = np.random.default_rng(seed)
    labels = random.integers(-1, count, (6, 7))
    people, covered = random.uniform(0, 50, (6, 7)), random.random((6, 7)) < 0.5
    part = statistics.totals(labels, covered, people, 0.0009, count)
    rest = statistics.totals(labels, ~covered, people, 0.0009, count)
    assert part.people.sum() == pytest.approx(people[labels >= 0].sum())
    np.testing.assert_allclose(part.people_covered + rest.people_covered, part.people)
    np.testing.assert_allclose(part.area_covered_km2 + rest.area_covered_km2, part.area_km2)
    assert (part.people_share <= 1.0 + 1e-12).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float32, np.float64, bool]))
def test_sums_of_shares_are_those_of_their_products(seed, kind):
    random = np.random.default_rng(seed)
    labels, weight = random.integers(-1, 5, (30, 7)), random.gamma(1.0, 10.0, (30, 7))
    share = random.random((30, 7)).round() if kind is bool else random.random((30, 7))
    share = share.astype(kind)
    (found,) = statistics.sum_shares_by_label(labels, weight, [share], 5)
    for label in range(5):
        here = labels == label
        assert found[label] == pytest.approx(float((weight * share)[here].sum()))
    whole = statistics.sum_by_label(labels, weight, 5)
    assert whole.sum() == pytest.approx(float(weight[labels >= 0].sum()))
    assert np.all(found <= whole * (1.0 + 1e-12))
