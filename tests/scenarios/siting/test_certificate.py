"""The bound from its multipliers: whatever they are, it is never below the best of all plans."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from siting_problems import best, problem, quota, random_problem

from phusong.scenarios.siting import certificate, choose, relaxation
from phusong.scenarios.siting.certificate import LevelTerm, PricedQuota, PricedRows

seeds = st.integers(0, 2**32 - 1)


def given_rows(case, price):
    """Return the number of stations and the exclusions as rows, with prices."""
    limits = relaxation.limits(case, case.years[0].stations, np.inf)
    return PricedRows(limits.rows, limits.most, price[: limits.most.size])


def exact(case, terms, limits):
    """Return the bound in fractions, by its definition."""
    fraction = np.vectorize(Fraction, otypes=[object])
    before, weight = fraction(case.before.astype(float)), fraction(case.weight.astype(float))
    price, rows = fraction(limits.price), fraction(limits.rows.toarray())
    total, left = Fraction(0), weight.copy()
    slope = -(price @ rows)
    for term in terms:
        level, own = np.maximum(fraction(term.level), before), fraction(term.weight)
        left, total = left - own, total + own @ level
        for i in range(case.cover.candidates):
            span = slice(case.cover.first[i], case.cover.first[i + 1])
            cell = case.cover.cell[span]
            over = np.maximum(fraction(case.cover.share[span].astype(float)) - level[cell], 0)
            slope[i] += own[cell] @ over
    total += np.maximum(left, 0).sum() + price @ fraction(limits.most)
    return total + np.maximum(slope, 0).sum()


def any_terms(case, random, count=3):
    """Return terms that cover the demand more or less."""
    cells = case.before.size
    parts = random.dirichlet(np.ones(count), cells).T * random.uniform(0.8, 1.2)
    return [LevelTerm(case.weight * part, random.random(cells)) for part in parts]


@given(seeds, seeds)
@settings(deadline=None, max_examples=40)
def test_any_multipliers_prove_a_bound(seed, other):
    case, random = random_problem(seed, stations=3), np.random.default_rng(other)
    limits = given_rows(case, random.exponential(5.0, 9) - 1.0)
    assert certificate.checked(case, any_terms(case, random), limits) >= best(case)


@given(seeds, seeds)
@settings(deadline=None, max_examples=15)
def test_it_is_not_below_the_same_sum_in_fractions_and_next_to_it(seed, other):
    case, random = random_problem(seed, stations=3), np.random.default_rng(other)
    terms, limits = any_terms(case, random), given_rows(case, random.exponential(5.0, 9))
    truth, bound = exact(case, terms, limits), certificate.checked(case, terms, limits)
    assert Fraction(bound) >= truth
    assert bound == pytest.approx(float(truth), rel=1e-11)


@given(seeds, seeds, st.floats(0.1, 0.6))
@settings(deadline=None, max_examples=20)
def test_a_priced_quota_leaves_it_a_bound(seed, other, target):
    case, random = random_problem(seed, stations=3, quotas=[quota(target)]), None
    random = np.random.default_rng(other)
    most = best(case)
    if most is None:
        return
    priced = [PricedQuota(case.quotas[0], float(random.exponential(20.0)))]
    limits = given_rows(case, random.exponential(5.0, 9))
    assert certificate.checked(case, any_terms(case, random), limits, priced) >= most


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_the_bound_of_the_relaxation_is_found_again(seed):
    case = random_problem(seed, candidates=12, quotas=[quota(0.1)], stations=4)
    plan = choose.choose(case)
    cells = relaxation.demand(case, plan.order, case.quotas)
    limits = relaxation.limits(case, 4, np.inf)
    start = np.zeros(12)
    start[plan.order] = 1.0
    solved = relaxation.relaxed(cells, limits, start, 0.0, 60.0)
    assert relaxation.proven(cells, solved.master, solved.best) == pytest.approx(
        solved.bound, rel=1e-8
    )


def test_without_terms_all_demand_counts_as_served():
    case = problem([[0.5, 0.0]], 1, weight=[3.0, 4.0])
    none = PricedRows(csr_array((0, 1)), np.empty(0), np.empty(0))
    assert certificate.checked(case, [], none) == pytest.approx(7.0)


def test_a_row_counts_at_its_price():
    """Two stations of 3 and 2, one of them at most: at a price of 2 the bound is 3 + 0 ... 3."""
    case = problem(np.eye(2), 1, weight=[3.0, 2.0])
    row = PricedRows(csr_array(np.ones((1, 2))), np.array([1.0]), np.array([2.0]))
    levels = [LevelTerm(case.weight, np.zeros(2))]
    assert certificate.checked(case, levels, row) == pytest.approx(2.0 + 1.0)
