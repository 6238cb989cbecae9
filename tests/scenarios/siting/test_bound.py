"""The bound is never below any plan, the exact optimum is that of brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_problems import (
    FIRST_YEAR,
    allowed,
    best,
    level,
    minimum,
    optimum,
    problem,
    quota,
    random_problem,
    value,
)

from phusong.errors import InputError
from phusong.scenarios.siting import bound, choose, cuts
from phusong.scenarios.siting.problem import Year

seeds = st.integers(0, 2**32 - 1)
rules = st.fixed_dictionaries(
    {
        "years": st.sampled_from(
            [
                [Year(FIRST_YEAR, 3)],
                [Year(FIRST_YEAR, None, 4.5)],
                [Year(FIRST_YEAR, 4, 4.0)],
            ]
        ),
        "quotas": st.sampled_from([[], [quota(0.5)], [quota(0.3), quota(0.4, cells=[8, 9])]]),
        "minima": st.sampled_from([[], [minimum(2, [1, 2, 3])]]),
    }
)


def plan_of(case):
    try:
        return choose.choose(case)
    except InputError:
        return None


@given(seeds, rules)
@settings(deadline=None, max_examples=60)
def test_bound_is_never_below_the_best_of_all_plans(seed, given_rules):
    case = random_problem(seed, **given_rules)
    plan = plan_of(case)
    if plan is None:
        assert best(case) is None
        return
    found = bound.upper_bound(case, plan, tolerance=0.0)
    assert found.plan_value == pytest.approx(plan.total)
    assert found.value >= best(case)
    assert found.gap >= 0.0


@given(seeds, rules)
@settings(deadline=None, max_examples=40)
def test_exact_optimum_is_that_of_brute_force(seed, given_rules):
    case = random_problem(seed, **given_rules)
    expected = best(case)
    if expected is None:
        assert optimum(case) is None
    else:
        assert optimum(case) == pytest.approx(expected, rel=1e-6)


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_optimum_of_years_lies_between_the_plan_and_one_year_with_all(seed):
    years = (Year(2026, 1), Year(2027, 2))
    case = random_problem(seed, years=years, quotas=[quota(0.2, year=2026)])
    plan = plan_of(case)
    if plan is None:
        return
    together = replace(case, years=(Year(2027, 3),), quotas=(replace(case.quotas[0], year=2027),))
    slack = 1e-6 * plan.total
    assert plan.total - slack <= optimum(case) <= optimum(together) + slack


@given(seeds, st.integers(1, 4))
@settings(deadline=None, max_examples=30)
def test_more_money_never_lowers_the_optimum(seed, money):
    less = random_problem(seed, years=[Year(FIRST_YEAR, None, money)])
    more = replace(less, years=(Year(FIRST_YEAR, None, money + 1.0),))
    assert optimum(more) >= optimum(less) * (1 - 1e-9)


@given(seeds, st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_cut_at_any_levels_holds_for_every_set(seed, other):
    case = random_problem(seed)
    random = np.random.default_rng(other)
    table = cuts.servers(case, np.ones(20, bool))
    weight = cuts.gathered(table, case.weight)
    constant = float(case.weight @ (case.before * (table.of_cell < 0)))
    levels = np.maximum(table.base, random.random(table.base.size))
    whole = np.array([0, table.base.size])
    cut = cuts.cuts(table, weight, levels, whole, 8)
    x = random.random(8) < random.random()
    promised = constant + cut.constant[0] + (cut.rows @ x.astype(float))[0]
    assert promised >= value(case, np.flatnonzero(x)) - 1e-9


@given(seeds)
@settings(deadline=None, max_examples=30)
def test_relaxation_at_a_set_is_its_value_and_its_cut_is_tight(seed):
    case = random_problem(seed)
    chosen = np.random.default_rng(seed).random(8) < 0.4
    table = cuts.servers(case, np.ones(20, bool))
    mu, served = np.empty(table.base.size), np.empty(table.base.size)
    cuts.levels(table, chosen.astype(float), mu, served)
    expected = level(case, np.flatnonzero(chosen))
    some = table.of_cell >= 0
    assert served[table.of_cell[some]] == pytest.approx(expected[some])
    weight = cuts.gathered(table, case.weight)
    cut = cuts.cuts(table, weight, mu, np.array([0, mu.size]), 8)
    tight = cut.constant[0] + (cut.rows @ chosen.astype(float))[0]
    assert tight == pytest.approx(float(weight @ served))


@given(seeds, st.integers(0, 2), st.integers(0, 2))
@settings(deadline=None, max_examples=10)
def test_more_means_never_lower_the_bound(seed, stations, money):
    case = random_problem(seed, candidates=20, years=[Year(FIRST_YEAR, 3, 5.0)])
    more = replace(case, years=(Year(FIRST_YEAR, 3 + stations, 5.0 + money),))
    less, much = (
        bound.upper_bound(one, choose.choose(one), tolerance=0.0).value for one in (case, more)
    )
    assert much >= less * (1.0 - 2e-4), "the relaxation is solved to 1e-4"


def test_like_cells_are_put_together():
    shares = [[0.5, 0.5, 0.9, 0.0], [0.2, 0.2, 0.0, 0.0]]
    table = cuts.servers(problem(shares), np.ones(4, bool))
    assert table.of_cell.tolist() == [0, 0, 1, -1]
    assert cuts.gathered(table, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [3.0, 4.0]
    assert table.share.tolist() == pytest.approx([0.5, 0.2, 0.9])


def test_cells_on_air_alike_count_as_unlike_where_the_level_before_differs():
    table = cuts.servers(problem([[0.5, 0.5]], before=[0.1, 0.2]), np.ones(2, bool))
    assert table.of_cell.tolist() == [0, 1]


def test_bound_is_tight_where_the_choice_is_plain():
    case = problem(np.eye(4), 2, weight=[4, 3, 2, 1])
    found = bound.upper_bound(case, choose.choose(case), tolerance=0.0)
    assert found.value == pytest.approx(7.0, rel=1e-6)
    assert found.value >= found.plan_value == 7.0
    assert found.gap < 1e-6


def test_bound_of_a_year_counts_only_what_stands_then():
    years = [Year(2026, 1), Year(2027, 1)]
    case = problem(np.eye(3), weight=[4, 3, 2], years=years)
    found = bound.upper_bound(case, choose.choose(case), year=2026, tolerance=0.0)
    assert found.plan_value == 4.0
    assert found.value == pytest.approx(4.0, rel=1e-6)


def test_bound_of_a_target_year_allows_what_the_plan_used():
    case = problem(np.eye(3), weight=[4, 3, 2], years=[Year(2026, target_share=0.7)])
    plan = choose.choose(case)
    assert plan.order.size == 2
    found = bound.upper_bound(case, plan, tolerance=0.0)
    assert found.value == pytest.approx(7.0, rel=1e-6)


def test_quotas_lower_the_bound():
    case = problem(np.eye(3), 1, weight=[4, 3, 2], quotas=[quota(1.0, cells=[2])])
    found = bound.upper_bound(case, choose.choose(case), tolerance=0.0)
    assert found.value == pytest.approx(2.0, rel=1e-6)


def test_without_time_the_bound_is_what_all_candidates_serve():
    case = random_problem(1)
    found = bound.upper_bound(case, choose.choose(case), seconds=0.0, tolerance=0.0)
    assert found.value == pytest.approx(value(case, range(8)))
    assert not found.finished
    assert bound.upper_bound(case, choose.choose(case), tolerance=0.0).finished


def test_a_looser_tolerance_needs_no_more_rounds():
    case = random_problem(2, candidates=30, cells=200, stations=6)
    plan = choose.choose(case)
    loose, tight = (bound.upper_bound(case, plan, tolerance=t) for t in (0.2, 0.0))
    assert loose.gap <= 0.2
    assert tight.value <= loose.value


def test_the_helper_knows_what_is_allowed():
    case = problem(np.eye(2), 1, quotas=[quota(1.0, cells=[0])])
    assert allowed(case, [0])
    assert not allowed(case, [1])
    assert not allowed(case, [0, 1])
