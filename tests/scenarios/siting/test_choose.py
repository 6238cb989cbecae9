"""Siting: rules hold, exchange helps, the order of candidates does not matter, errors advise."""

from dataclasses import replace
from itertools import product

import numba
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
    problem,
    quota,
    random_problem,
    random_shares,
    share,
    value,
)

from phusong.errors import InputError
from phusong.scenarios.siting import choose
from phusong.scenarios.siting.problem import Year, check

WORST_CASE = 1 - 1 / np.e  # Nemhauser, Wolsey and Fisher 1978
seeds = st.integers(0, 2**32 - 1)
counts = st.integers(0, 5)


def reached(plan, kind):
    return next(r for r in plan.reached if r.kind == kind)


@given(seeds, counts)
@settings(deadline=None)
def test_permuted_candidates_give_the_same_set_and_value(seed, stations):
    case = random_problem(seed, stations=stations, excludes=[])
    order = np.random.default_rng(seed).permutation(case.cost.size)
    other = problem(
        random_shares(seed)[order],
        stations,
        weight=case.weight,
        before=case.before,
        cost=case.cost[order],
    )
    plan, permuted = choose.choose(case), choose.choose(other)
    assert set(order[permuted.order]) == set(plan.order)
    assert permuted.total == pytest.approx(plan.total, rel=1e-12)


@given(seeds, counts)
@settings(deadline=None)
def test_one_station_more_never_serves_less_before_exchange(seed, stations):
    fewer = choose.choose(random_problem(seed, stations=stations), max_swaps=0)
    more = choose.choose(random_problem(seed, stations=stations + 1), max_swaps=0)
    assert more.total >= fewer.total - 1e-9


@given(seeds, counts, st.sampled_from([None, 3.0, 5.5]))
@settings(deadline=None)
def test_exchange_never_lowers_and_leaves_no_better_swap(seed, stations, money):
    case = random_problem(seed, years=[Year(FIRST_YEAR, stations, money)])
    greedy, plan = choose.choose(case, max_swaps=0), choose.choose(case)
    assert plan.total >= greedy.total - 1e-9
    others = set(range(case.cost.size)) - set(plan.order)
    for out, new in product(plan.order, others):
        swapped = set(plan.order) - {out} | {new}
        if allowed(case, swapped):
            assert value(case, swapped) <= plan.total * (1 + 1e-8)


@given(seeds, st.integers(1, 4))
@settings(deadline=None)
def test_greedy_keeps_the_guarantee_of_submodular_choice(seed, stations):
    case = random_problem(
        seed, stations=stations, cost=np.ones(8), excludes=[], before=np.zeros(20)
    )
    assert choose.choose(case, max_swaps=0).total >= WORST_CASE * best(case) - 1e-9


@given(seeds, st.floats(0.0, 1.0), st.integers(0, 2), st.floats(2.0, 8.0))
@settings(deadline=None)
def test_rules_hold_or_nothing_could_hold_them(seed, target, least, money):
    case = random_problem(
        seed,
        years=[Year(FIRST_YEAR, 4, money)],
        quotas=[quota(target)],
        minima=[minimum(least, [0, 1, 2])],
    )
    try:
        plan = choose.choose(case)
    except InputError:
        assert best(case) is None
    else:
        assert allowed(case, plan.order)
        assert all(r.met for r in plan.reached)
        assert reached(plan, "quota").reached == pytest.approx(
            share(case, case.quotas[0], plan.order)
        )


@given(seeds, st.integers(0, 3), st.integers(0, 3), st.floats(0.0, 0.9))
@settings(deadline=None)
def test_years_lock_and_carry_over_and_save_for_later_quotas(seed, first, second, target):
    years = (Year(2026, first), Year(2027, second))
    case = random_problem(seed, years=years, quotas=[quota(target, year=2027)])
    both = replace(case, years=(Year(2027, first + second),))
    try:
        plan = choose.choose(case)
    except InputError:
        assert best(both) is None
        return
    assert np.sum(plan.year == 2026) <= first
    assert plan.order.size <= first + second
    assert allowed(both, plan.order)
    assert np.all(np.diff(plan.year) >= 0)


def test_value_after_each_station_is_that_of_the_definition():
    case = random_problem(3, years=[Year(2026, 2), Year(2028, 3)])
    plan = choose.choose(case)
    expected = [value(case, plan.order[: k + 1]) for k in range(plan.order.size)]
    assert plan.value == pytest.approx(expected)
    assert plan.start == pytest.approx(value(case, []))
    assert choose.value(case, plan.order) == pytest.approx(plan.total)
    assert plan.cost_million == pytest.approx(case.cost[plan.order].sum())


def test_best_server_counts_not_the_sum():
    plan = choose.choose(problem([[0.9, 0.0], [0.8, 0.0], [0.0, 0.3]], 2))
    assert plan.order.tolist() == [0, 2]
    assert plan.value == pytest.approx([0.9, 1.2])


def test_equal_candidates_go_to_the_lower_index():
    assert choose.choose(problem([[1, 0], [1, 0], [0, 1]], 1)).order.tolist() == [0]


def test_what_is_on_air_gains_nothing():
    plan = choose.choose(problem([[0.9, 0], [0, 0.2]], 2, before=[0.95, 0]))
    assert plan.order.tolist() == [1]


def test_within_a_year_the_best_gain_per_cost_comes_first():
    plan = choose.choose(problem([[1, 1, 0], [0, 0, 1]], 2, cost=[4.0, 1.0]))
    assert plan.order.tolist() == [1, 0]


def test_a_dear_station_is_taken_where_the_rule_per_cost_would_waste_the_budget():
    case = problem([[1, 0], [0, 1]], weight=[2, 50], cost=[1, 30], years=[Year(2026, None, 30)])
    assert choose.choose(case).order.tolist() == [1]


def test_money_that_a_year_leaves_goes_to_the_next():
    years = [Year(2026, None, 6.0), Year(2027, None, 6.0)]
    plan = choose.choose(problem([[1, 0], [0, 1]], weight=[0, 50], cost=[7, 12], years=years))
    assert plan.order.tolist() == [1]
    assert plan.year.tolist() == [2027]


def test_a_quota_takes_its_stations_first_and_says_so():
    shares = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    case = problem(shares, 2, weight=[1, 1, 50], quotas=[quota(0.5, cells=[0, 1])])
    plan = choose.choose(case)
    assert plan.order.tolist() == [1, 0]
    assert plan.stage.tolist() == [0, 1]


def test_a_station_kept_for_a_later_quota_is_not_excluded_by_an_earlier_one():
    case = problem(
        [[1, 0], [0, 1]],
        weight=[50, 1],
        excludes=[[0, 1]],
        quotas=[quota(1.0, cells=[1], year=2027)],
        years=[Year(2026, 1), Year(2027, 1)],
    )
    assert choose.choose(case).order.tolist() == [1]


def test_a_quota_beyond_its_own_year_is_saved_for():
    shares = np.eye(4)
    case = problem(
        shares,
        weight=[9, 9, 1, 1],
        quotas=[quota(1.0, cells=[2, 3], year=2027)],
        years=[Year(2026, 1), Year(2027, 1)],
    )
    plan = choose.choose(case)
    assert sorted(plan.order) == [2, 3]
    assert reached(plan, "quota").met


@given(seeds, st.floats(0.1, 0.7))
@settings(deadline=None)
def test_a_target_share_takes_no_station_it_can_spare(seed, target):
    case = random_problem(seed, years=[Year(FIRST_YEAR, target_share=target)], excludes=[])
    everyone = quota(target, cells=np.arange(20))
    everyone = replace(everyone, weight=case.target_weight)
    try:
        plan = choose.choose(case)
    except InputError:
        assert share(case, everyone, range(8)) < target
        return
    assert share(case, everyone, plan.order) >= target - 1e-9
    for out in plan.order:
        assert share(case, everyone, set(plan.order) - {out}) < target


def test_a_limit_comes_before_a_target_and_the_target_is_reported():
    case = problem(np.eye(4), years=[Year(2026, 2, target_share=0.9)])
    plan = choose.choose(case)
    assert plan.order.size == 2
    assert reached(plan, "target") == ("target", "2026", 2026, 0.9, 0.5, False)


def test_threads_do_not_matter():
    case = random_problem(5, candidates=40, cells=200, stations=10)
    most = numba.get_num_threads()
    plan = choose.choose(case)
    numba.set_num_threads(1)
    try:
        assert choose.choose(case).order.tolist() == plan.order.tolist()
    finally:
        numba.set_num_threads(most)


def test_a_quota_that_all_candidates_together_miss_says_what_they_reach():
    case = problem([[0.8, 0], [0, 0.5]], 2, quotas=[quota(0.95, cells=[0, 1], name="zone I03")])
    with pytest.raises(InputError, match=r"zone I03: 95\.00% by 2026 asked, all .* 64\.99%"):
        choose.choose(case)


def test_a_minimum_without_enough_candidates_says_how_many_there_are():
    case = problem(np.eye(3), 3, minima=[minimum(4, [0, 1], existing=1)])
    with pytest.raises(InputError, match=r"district: 4 stations by 2026 asked, 1 stand and 2 can"):
        choose.choose(case)


def test_quotas_that_clash_say_what_is_within_reach_and_the_least_relaxation():
    case = problem(np.eye(4), 3, quotas=[quota(0.95)])
    message = (
        r"zone: 95\.00% by 2026 asked, at most 75\.00% with 3 stations "
        r"\(lower target_share to 0\.7499 or allow 4 stations by 2026\)"
    )
    with pytest.raises(InputError, match=message):
        choose.choose(case)
    relaxed = replace(case, quotas=(quota(0.7499),))
    assert reached(choose.choose(relaxed), "quota").met
    allowing = replace(case, years=(Year(2026, 4),))
    assert reached(choose.choose(allowing), "quota").met


def test_two_needs_that_fit_alone_but_not_together_say_so():
    case = problem(np.eye(4), 2, quotas=[quota(1.0, cells=[0, 1])], minima=[minimum(1, [2, 3])])
    with pytest.raises(InputError, match=r"asked, at most .*allow 3 stations by 2026") as error:
        choose.choose(case)
    assert len(error.value.defects) == 1


def test_a_quota_short_of_money_says_how_much_would_do():
    case = problem(
        np.eye(2),
        cost=[700, 1000],
        quotas=[quota(1.0, cells=[0, 1])],
        years=[Year(2026, None, 1200)],
    )
    message = r"at most 50\.00% with 1,200 million VND .*allow 1,700 million VND by 2026"
    with pytest.raises(InputError, match=message):
        choose.choose(case)


def test_greed_that_misses_a_quota_is_put_right_by_the_integer_programme():
    """Candidate 0 gains most at once, but only 1 and 2 together reach the quota."""
    shares = [[1, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]
    case = problem(shares, 2, cost=[1, 1.4, 1.4], quotas=[quota(1.0, cells=range(6))])
    assert sorted(choose.choose(case).order) == [1, 2]


def test_target_out_of_reach_is_an_error_where_no_limit_stands_beside_it():
    case = problem([[0.5, 0], [0, 0.5]], years=[Year(2026, target_share=0.8)])
    with pytest.raises(InputError, match=r"target of 2026: 80\.00% asked, .*reach 49\.99%"):
        choose.choose(case)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"before": np.array([2.0, 0.0], np.float32)}, "column 'before': a share lies outside"),
        ({"cost": np.array([1.0, 0.0])}, "column 'cost': a cost is 0"),
        ({"cost": np.array([1.0])}, "column 'cost': 1 values for 2"),
        ({"weight": np.array([1.0, -1.0])}, "column 'weight': a value is negative"),
        ({"excludes": np.array([[0, 2]])}, "column 'excludes': a pair names no two"),
        ({"years": ()}, "column 'years'.*years do not rise"),
        ({"years": (Year(2026),)}, "value 2026: no limit and no target"),
        ({"quotas": (quota(0.5, cells=[0], year=2030),)}, "zone: due in 2030.*plan ends in 2026"),
        ({"quotas": (quota(1.5, cells=[0]),)}, "zone, value 1.5: the target is not a share"),
        ({"minima": (minimum(1, [7]),)}, "district: a candidate does not exist"),
    ],
)
def test_what_is_wrong_with_a_problem_is_said(change, message):
    case = replace(problem(np.eye(2)), **change)
    with pytest.raises(InputError, match=message):
        check(case)


def test_cells_must_rise_within_a_row():
    case = problem([[0.5, 0.6], [0, 1]])
    wrong = replace(case, cover=case.cover._replace(cell=case.cover.cell[[1, 0, 2]]))
    with pytest.raises(InputError, match="cells do not rise within a row"):
        check(wrong)


def test_levels_of_the_helper_are_the_best_server():
    assert level(problem([[0.2, 0.9], [0.5, 0.1]]), [0, 1]) == pytest.approx([0.5, 0.9])


def test_what_later_quotas_need_is_built_early_where_there_is_room():
    case = problem(
        np.eye(4),
        weight=[9, 1, 2, 1],
        quotas=[quota(1.0, cells=[1, 2], year=2027)],
        years=[Year(2026, 2), Year(2027, 1)],
    )
    plan = choose.choose(case)
    assert plan.order.tolist() == [0, 2, 1]
    assert plan.year.tolist() == [2026, 2026, 2027]
    assert plan.stage.tolist() == [1, 1, 0]
