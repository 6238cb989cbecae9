"""Years are planned with what stands at the end in view, stages with those before them fixed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_problems import FIRST_YEAR, problem, quota, random_problem, value

from phusong.scenarios.siting import bound, choose, foresight
from phusong.scenarios.siting.problem import Tier, Year

YEARS = (Year(FIRST_YEAR, 2), Year(FIRST_YEAR + 1, 2))
seeds = st.integers(0, 2**32 - 1)


def with_tier(case, targets=(0.4, 0.7)):
    """Return a problem whose first half of cells is a tier."""
    weight = case.weight * (np.arange(case.before.size) < case.before.size // 2)
    return replace(case, tiers=(Tier("first", weight, weight, targets),))


def test_what_a_later_year_must_build_is_known_to_the_first():
    """The tier of the second year needs candidate 0, which serves what 1 would serve as well."""
    shares = [[0.9, 0.9, 0.0, 0.0], [0.0, 0.9, 0.9, 0.0], [0.0, 0.0, 0.9, 0.9]]
    case = problem(shares, weight=[0.1, 10.0, 2.0, 8.0], years=[Year(2026, 1), Year(2027, 1)])
    demand = np.array([1.0, 0.0, 0.0, 0.0])
    case = replace(case, tiers=(Tier("small", demand, demand, (0.0, 0.9)),))
    plan = choose.choose(case)
    assert choose._year_by_year(case, 9, thorough=True).order.tolist() == [1, 0]
    assert sorted(plan.order) == [0, 2]
    assert plan.total == pytest.approx(value(case, [0, 2]))


@given(seeds)
@settings(deadline=None, max_examples=15)
def test_foresight_meets_all_that_the_years_meet_one_by_one(seed):
    case = with_tier(random_problem(seed, candidates=9, years=YEARS))
    plan, blind = choose.choose(case), choose._year_by_year(case, 99, thorough=True)
    met = [{(n.kind, n.year) for n in one.reached if n.met} for one in (plan, blind)]
    assert met[0] >= met[1]
    assert (plan.order.size, len(set(plan.order.tolist()))) == (plan.order.size,) * 2
    assert (plan.year == FIRST_YEAR).sum() <= 2


@given(seeds)
@settings(deadline=None, max_examples=15)
def test_a_settled_stage_serves_no_less_of_its_tier(seed):
    case = with_tier(random_problem(seed, candidates=9, years=(Year(FIRST_YEAR, 3),)), (0.95,))
    plan, before = choose.choose(case), choose._year_by_year(case, 99, thorough=True)
    gained = [
        sum(
            gain
            for gain, stage in zip(bound.gains(case, one), one.stage, strict=True)
            if stage == 1
        )
        for one in (plan, before)
    ]
    assert gained[0] >= gained[1] * (1 - 1e-9)


def test_years_that_differ_in_what_they_limit_are_not_put_together():
    one = random_problem(1, years=[Year(2026, 2)])
    mixed = random_problem(1, years=[Year(2026, 2), Year(2027, None, 3.0)])
    target = random_problem(1, years=[Year(2026, 2), Year(2027, 2, target_share=0.5)])
    assert [foresight.together(case) for case in (one, mixed, target)] == [None] * 3


def test_together_are_all_means_and_the_last_targets():
    years = [Year(2026, 2, 3.0), Year(2027, 1, 4.0)]
    case = with_tier(random_problem(1, years=years, quotas=[quota(0.2, year=2026)]))
    together = foresight.together(case)
    assert together.years == (Year(2027, 3, 7.0),)
    assert together.quotas[0].year == 2027
    assert together.tiers[0].targets == (0.7,)


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_what_counts_for_nothing_does_not_change_a_value(seed):
    case = random_problem(seed, weight=np.arange(20) % 3)
    useful = foresight.useful(case)
    chosen = np.flatnonzero(np.random.default_rng(seed).random(8) < 0.5)
    assert useful.cover.cell.size < case.cover.cell.size
    assert value(useful, chosen) == pytest.approx(value(case, chosen))
