"""Scores of candidates: published examples, and what no score may do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from phusong.scenarios.criteria import scores

# Hwang and Yoon, Multiple Attribute Decision Making, 1981: choice of a fighter aircraft by speed,
# range, payload, cost (less is better), reliability and manoeuvrability.
AIRCRAFT = np.array(
    [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ]
)
AIRCRAFT_WEIGHTS = np.array([0.2, 0.1, 0.1, 0.1, 0.2, 0.3])
AIRCRAFT_BENEFIT = np.array([True, True, True, False, True, True])

# Tzeng and Huang, Multiple Attribute Decision Making: Methods and Applications, 2011.
TZENG = np.array([[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]], float)

# Roszkowska, Multi-criteria decision making models by applying the TOPSIS method, 2011.
OFFERS = np.array([[7, 21, 4, 7], [7, 24, 6, 4], [14, 25, 3, 8], [14, 26, 9, 3], [21, 35, 4, 4]])

METHODS = (scores.weighted_sum, scores.topsis)


@st.composite
def problems(draw, rows=(1, 6)):
    count, criteria = draw(st.integers(*rows)), draw(st.integers(1, 4))
    values = draw(arrays(float, (count, criteria), elements=st.integers(0, 20).map(float)))
    weights = draw(arrays(float, criteria, elements=st.integers(1, 9).map(float)))
    return values, weights / weights.sum(), draw(arrays(bool, criteria))


def test_topsis_of_hwang_and_yoon():
    closeness = scores.topsis(AIRCRAFT, AIRCRAFT_WEIGHTS, AIRCRAFT_BENEFIT)
    assert closeness == pytest.approx(
        [0.643, 0.268, 0.613, 0.312], abs=1e-3
    )  # from distances of 4 digits
    assert scores.ranks(closeness).tolist() == [1, 4, 2, 3]


def test_topsis_of_tzeng_and_huang():
    closeness = scores.topsis(TZENG, np.array([0.3, 0.4, 0.3]), np.ones(3, bool))
    assert closeness == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=1e-4)


def test_topsis_of_roszkowska_with_a_price():
    weights, benefit = np.array([0.175, 0.425, 0.175, 0.225]), np.array([True, False, True, True])
    closeness = scores.topsis(OFFERS.astype(float), weights, benefit)
    assert closeness == pytest.approx([0.535497, 0.434945, 0.557491, 0.516961, 0.370633], abs=1e-6)


def test_weighted_sum_by_hand():
    values = np.array([[0.0, 700.0], [50.0, 1000.0], [100.0, 800.0]])
    score = scores.weighted_sum(values, np.array([0.6, 0.4]), np.array([True, False]))
    assert score == pytest.approx([0.4, 0.3, 0.6 + 0.4 * 2 / 3])


@pytest.mark.parametrize("method", METHODS)
@given(problems())
@settings(deadline=None)
def test_scores_are_of_zero_to_one_whatever_the_columns(method, problem):
    score = method(*problem)
    assert np.isfinite(score).all()
    assert ((score >= 0) & (score <= 1 + 1e-12)).all()


@pytest.mark.parametrize("method", METHODS)
@given(problems(), st.floats(1e-6, 1e6))
@settings(deadline=None)
def test_units_of_criteria_do_not_matter(method, problem, factor):
    values, weights, benefit = problem
    scaled = values.copy()
    scaled[:, 0] *= factor
    assert method(scaled, weights, benefit) == pytest.approx(method(*problem), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(problems(), st.randoms())
@settings(deadline=None)
def test_orders_of_candidates_and_criteria_do_not_matter(method, problem, random):
    values, weights, benefit = problem
    rows, columns = (list(range(n)) for n in values.shape)
    random.shuffle(rows)
    random.shuffle(columns)
    turned = method(values[np.ix_(rows, columns)], weights[columns], benefit[columns])
    assert turned == pytest.approx(method(*problem)[rows], abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
@given(problems(rows=(2, 6)), st.integers(0, 3))
@settings(deadline=None)
def test_a_dominated_candidate_never_ranks_above_its_dominator(method, problem, worse_by):
    values, weights, benefit = problem
    values[1] = values[0] - np.where(benefit, worse_by, -worse_by)
    score = method(values, weights, benefit)
    assert score[1] <= score[0] + 1e-12
    assert scores.ranks(score)[1] >= scores.ranks(score)[0]


@pytest.mark.parametrize("method", METHODS)
def test_the_best_of_all_scores_one_and_the_worst_zero(method):
    values = np.array([[9.0, 1.0], [5.0, 5.0], [1.0, 9.0]])
    score = method(values, np.array([0.7, 0.3]), np.array([True, False]))
    assert score[[0, 2]] == pytest.approx([1, 0])
    assert 0 < score[1] < 1


@pytest.mark.parametrize("method", METHODS)
@given(problems(rows=(2, 6)), st.sampled_from([0.0, 7.0, 0.1 + 0.2]))
@settings(deadline=None)
def test_a_constant_criterion_changes_no_order(method, problem, constant):
    values, weights, benefit = problem
    wider = np.column_stack([values, np.full(len(values), constant)])
    weighed = np.append(weights / 2, 0.5)
    score = method(wider, weighed, np.append(benefit, True))
    assert scores.ranks(score).tolist() == scores.ranks(method(*problem)).tolist()


def test_rounding_does_not_make_a_constant_criterion_vary():
    values = np.array([[0.1 + 0.2, 1.0], [0.3, 2.0]])
    assert scores.varies(values).tolist() == [False, True]
    assert scores.contributions(values, np.array([0.9, 0.1]), np.ones(2, bool))[:, 0].max() == 0


def test_great_numbers_stay_finite():
    values, weights, benefit = np.array([[1.0, 3.0], [2.0, 1.0]]), np.full(2, 0.5), np.ones(2, bool)
    expected = scores.topsis(values, weights, benefit)
    assert scores.topsis(values * 1e300, weights, benefit) == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[[3.0, 4.0]], [[0.0, 0.0]], [[3.0, 0.0], [3.0, 0.0]]])
def test_candidates_that_are_all_alike_get_nothing(method, values):
    score = method(np.array(values), np.array([0.5, 0.5]), np.array([True, False]))
    assert score.tolist() == [0.0] * len(values)


@given(problems())
@settings(deadline=None)
def test_contributions_add_up_to_the_score_and_shares_to_one(problem):
    contributed, score = scores.contributions(*problem), scores.weighted_sum(*problem)
    assert contributed.sum(axis=1) == pytest.approx(score)
    assert (contributed <= problem[1] + 1e-12).all()
    totals = scores.shares(contributed).sum(axis=1)
    assert totals == pytest.approx(np.where(score > 0, 1.0, 0.0))


def test_equal_scores_share_a_rank():
    assert scores.ranks(np.array([0.2, 0.9, 0.2, 0.1 + 0.1, 0.0])).tolist() == [2, 1, 2, 2, 5]


def test_rank_correlation_by_the_formula_without_ties():
    a, b = np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, 5])
    assert scores.rank_correlation(a, b) == pytest.approx(1 - 6 * 4 / (5 * 24))  # Spearman 1904


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 2, 3], [10, 20, 21], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        ([1, 1, 1], [1, 2, 3], 0.0),
        ([1, 1], [5, 5], 1.0),
        ([4], [9], 1.0),
    ],
)
def test_rank_correlation_at_its_limits(a, b, expected):
    assert scores.rank_correlation(np.array(a, float), np.array(b, float)) == pytest.approx(
        expected
    )


def test_methods_differ_on_the_published_example_in_the_first_two_only():
    both = [method(AIRCRAFT, AIRCRAFT_WEIGHTS, AIRCRAFT_BENEFIT) for method in METHODS]
    assert [np.argsort(-score)[2:].tolist() for score in both] == [[3, 1], [3, 1]]
    assert scores.rank_correlation(*both) == pytest.approx(0.8)


def test_no_candidates_have_no_scores():
    """Where everything is covered there may be nothing to compare."""
    none, weights, benefit = np.empty((0, 2)), np.array([0.5, 0.5]), np.array([True, False])
    assert scores.weighted_sum(none, weights, benefit).shape == (0,)
    assert scores.topsis(none, weights, benefit).shape == (0,)
    assert not scores.varies(none).any()
