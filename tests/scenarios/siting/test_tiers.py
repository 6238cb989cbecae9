"""Tiers: served in order up to their targets, kept by later exchange, each proven on its own."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_problems import FIRST_YEAR, allowed, level, problem, random_problem, value

from phusong.errors import InputError
from phusong.scenarios.siting import bound, choose, exact, greedy, one_year, swap
from phusong.scenarios.siting.problem import Tier, Year

YEARS = (Year(FIRST_YEAR, 2), Year(FIRST_YEAR + 1, 2))


def share(case, tier, chosen):
    """Return the share of a tier that is served, by the definition."""
    return float(level(case, chosen) @ tier.demand / tier.demand.sum())


def tier_of(name, demand, targets, least_gain=0.0):
    """Return a tier in which every zone weighs 1."""
    return Tier(name, demand, demand, targets, least_gain)


def with_tiers(case, targets=(0.5, 0.8), least_gain=0.0):
    """Return a problem whose first half of cells is a tier, and the second half another."""
    half = np.arange(case.before.size) < case.before.size // 2
    tiers = (
        tier_of("first", case.weight * half, targets, least_gain),
        tier_of("second", case.weight * ~half, targets, least_gain),
    )
    return replace(case, tiers=tiers)


def test_a_tier_comes_before_what_gains_more():
    """Cell 0 is of the tier and small, cell 1 is large: with one station the tier is served."""
    case = problem([[0.9, 0.0], [0.0, 0.9]], 1, weight=[1.0, 100.0])
    assert choose.choose(case).order.tolist() == [1]
    first = replace(case, tiers=(tier_of("small", np.array([1.0, 0.0]), (0.8,)),))
    plan = choose.choose(first)
    assert (plan.order.tolist(), plan.stage.tolist()) == ([0], [1])


def short_of_money(least_gain):
    """Return 4 million for a small tier and the rest, and a dear station that serves it better.

    Row 0 serves 8 of the tier for 1 million, row 1 serves 8.5 for 3; row 2 serves 90 of the rest
    for 3.
    """
    year = Year(FIRST_YEAR, budget_million=4.0)
    shares, cost = [[0.8, 0.0], [0.85, 0.0], [0.0, 0.9]], [1.0, 3.0, 3.0]
    case = problem(shares, weight=[10.0, 100.0], cost=cost, years=[year])
    return replace(case, tiers=(tier_of("small", np.array([10.0, 0.0]), (1.0,), least_gain),))


def test_exchange_in_a_tier_pays_what_it_gains_where_money_is_short():
    """Half a person for 2 million is less than 1 per million: the money goes on to the rest."""
    plan = choose.choose(short_of_money(least_gain=1.0))
    best, proven = exact.best(replace(short_of_money(1.0), tiers=()), np.array([0]))
    assert proven
    assert sorted(plan.order.tolist()) == sorted(best.tolist()) == [0, 2]
    assert plan.stage.tolist() == [1, 2]


def test_exchange_in_a_tier_that_asks_for_nothing_less_is_free():
    plan = choose.choose(short_of_money(least_gain=0.0))
    assert plan.order.tolist() == [1]


def test_exchange_is_free_where_stations_are_the_limit():
    case = replace(short_of_money(least_gain=1.0), years=(Year(FIRST_YEAR, 1),))
    assert choose.choose(case).order.tolist() == [1]


@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0, 10.0, 30.0]))
@settings(deadline=None, max_examples=20)
def test_exchange_ends_where_no_move_is_worth_its_cost(seed, rate):
    """No station more, less or other raises what is served less what its cost must bring."""
    money, nobody = 6.0, np.empty(0, np.int64)
    case = random_problem(seed, years=[Year(FIRST_YEAR, budget_million=money)])
    inputs, cells = one_year.greedy_inputs(case), swap.by_cell(case.cover, case.before.size)
    begun = greedy.start(case.before, inputs.constraints, case.cost.size)
    purse = one_year.Purse(np.inf, money, min_gain_per_million=rate, is_limit=True)
    built, _ = one_year.improved(inputs, cells, begun, nobody, purse, 1000)

    def worth(chosen):
        return value(case, chosen) - rate * sum(case.cost[i] for i in chosen)

    own, others = set(built.tolist()), set(range(case.cost.size)) - set(built.tolist())
    moves = [own | {new} for new in others] + [own - {old} for old in own]
    moves += [own - {old} | {new} for old in own for new in others]
    for other in moves:
        if allowed(case, other):
            assert worth(other) <= worth(own) + 1e-6


def test_gain_counts_by_weight_and_targets_by_demand():
    """Two equal zones of a tier: the heavier comes first, and half of the demand is enough."""
    case = problem([[0.9, 0.0], [0.0, 0.9]], 2, weight=[10.0, 10.0])
    for heavy in (0, 1):
        weight = np.where(np.arange(2) == heavy, 15.0, 5.0)
        tier = Tier("two zones", np.array([10.0, 10.0]), weight, (0.44,))
        plan = choose.choose(replace(case, tiers=(tier,)))
        assert (plan.order.tolist(), plan.stage.tolist()) == ([heavy, 1 - heavy], [1, 2])
        assert bound.gains(replace(case, tiers=(tier,)), plan) == pytest.approx([13.5, 9.0])
        assert [need.reached for need in plan.reached] == pytest.approx([0.9])


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 200), st.floats(0.1, 10.0))
def test_the_scale_of_weights_does_not_matter(seed, scale):
    """A tier counted in thousands is served as one counted in ones."""
    case = with_tiers(random_problem(seed, candidates=9, years=YEARS))
    scaled = tuple(replace(tier, weight=scale * tier.weight) for tier in case.tiers)
    assert choose.choose(case).order.tolist() == (
        choose.choose(replace(case, tiers=scaled)).order.tolist()
    )


def test_later_exchange_takes_no_weight_from_a_tier():
    """What serves as many of the tier but the lighter zone, and more of the rest, stays out."""
    case = problem([[0.9, 0.0, 0.0], [0.0, 0.9, 0.9]], 1, weight=[10.0, 10.0, 100.0])
    demand, weight = np.array([10.0, 10.0, 0.0]), np.array([15.0, 5.0, 0.0])
    assert choose.choose(replace(case, tiers=(tier_of("one", demand, (0.5,)),))).order == [1]
    heavy = choose.choose(replace(case, tiers=(Tier("one", demand, weight, (0.5,)),)))
    assert heavy.order.tolist() == [0]


def test_what_is_over_the_target_goes_on_to_the_rest():
    case = problem([[0.9, 0.0], [0.0, 0.9], [0.95, 0.1]], 2, weight=[1.0, 100.0])
    first = replace(case, tiers=(tier_of("small", np.array([1.0, 0.0]), (0.8,)),))
    plan = choose.choose(first)
    assert plan.stage.tolist() == [1, 2]
    assert plan.order[1] == 1


def test_below_the_least_gain_the_remainder_waits():
    case = problem([[0.9, 0.0], [0.0, 0.9]], 1, weight=[1.0, 100.0], cost=[10.0, 10.0])
    tier = tier_of("small", np.array([1.0, 0.0]), (0.8,), least_gain=0.1)
    plan = choose.choose(replace(case, tiers=(tier,)))
    assert plan.order.tolist() == [1], "0.9 residents for 10 million are less than 0.1 a million"
    reached = [need for need in plan.reached if need.kind == "tier"]
    assert [(need.reached, need.met) for need in reached] == [(0.0, False)]
    some = choose.choose(replace(case, tiers=(replace(tier, least_gain=0.08),)))
    assert some.order.tolist() == [0]


def test_the_least_gain_of_the_rest_leaves_means_unspent():
    case = problem([[0.9, 0.0], [0.0, 0.9]], 2, weight=[1.0, 100.0])
    assert choose.choose(replace(case, least_gain=10.0)).order.tolist() == [1]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 300))
def test_what_comes_after_a_tier_takes_nothing_from_it(seed):
    """In the first year a tier that reaches its target alone reaches it beside another."""
    case = with_tiers(random_problem(seed, candidates=9, years=YEARS), (0.4, 0.6))
    first = case.tiers[0]

    def reached(one):
        plan = choose.choose(one)
        return share(case, first, plan.order[plan.year == FIRST_YEAR]) >= 0.4 - 1e-9

    assert reached(case) == reached(replace(case, tiers=case.tiers[:1]))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 200))
def test_rooms_hold_and_stages_rise_within_a_year(seed):
    case = with_tiers(random_problem(seed, candidates=9, years=YEARS))
    plan = choose.choose(case)
    assert len(set(plan.order.tolist())) == plan.order.size
    assert not {0, 1} <= set(plan.order.tolist()), "0 and 1 exclude each other"
    for t, year in enumerate(YEARS):
        assert (plan.year <= year.year).sum() <= 2 * (t + 1)
        assert (np.diff(plan.stage[plan.year == year.year]) >= 0).all()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 120))
def test_the_first_tier_is_within_its_bound_and_the_bound_above_all_plans(seed):
    case = with_tiers(random_problem(seed, candidates=8, years=(Year(FIRST_YEAR, 3),)), (0.9,))
    plan = choose.choose(case)
    proven = {stage.number: stage for stage in bound.bounds(case, plan, 10.0, 1e-6)}
    assert set(proven) == set(plan.stage.tolist()) - {0}
    if 1 not in proven:
        return
    own = plan.order[plan.stage == 1]
    money, weight = case.cost[own].sum(), case.tiers[0].weight
    apart = {tuple(pair) for pair in case.excludes.tolist()}
    best = max(
        float(level(case, chosen) @ weight)
        for chosen in combinations(range(8), own.size)
        if case.cost[list(chosen)].sum() <= money + 1e-9
        and not any(set(pair) <= set(chosen) for pair in apart)
    )
    assert best <= proven[1].value + 1e-6
    assert proven[1].plan_value == pytest.approx(float(level(case, own) @ weight))


def short_of_budget(seed):
    """Return two tiers whose zones weigh unlike, and years with budgets that do not serve them."""
    years = (Year(FIRST_YEAR, None, 3.0), Year(FIRST_YEAR + 1, None, 3.0))
    case = with_tiers(random_problem(seed, candidates=9, cells=24, years=years), (0.6, 0.9), 4.0)
    zones = np.random.default_rng(seed).choice([0.6, 1.0, 1.7], (2, 24))
    tiers_ = (
        replace(tier, weight=zone * tier.weight)
        for tier, zone in zip(case.tiers, zones, strict=True)
    )
    return replace(case, tiers=tuple(tiers_))


def kept_for(case, plan, stage):
    """Return what counts in tiers before a stage, and the amount of it that was kept for them."""
    standing = level(case, plan.order[plan.stage <= stage])
    rows = [(tier.demand, tier.weight) for tier in case.tiers]
    floors = plan.floors.reshape(2, 2).T if plan.floors.size else np.zeros((2, 2))
    return [
        (values, min(floor * values.sum(), standing @ values))
        for row, row_floors in zip(rows[: stage - 1], floors, strict=False)
        for values, floor in zip(row, row_floors, strict=True)
    ]


def best_of_stage(case, plan, stage):
    """Return the most that a stage can count under its rules: by trying every set."""
    fixed, own = plan.order[plan.stage < stage], plan.order[plan.stage == stage]
    kept, money = kept_for(case, plan, stage), case.cost[own].sum()
    weight = case.tiers[stage - 1].weight if stage <= 2 else case.weight
    values = []
    for size in range(own.size + 1):
        for added in combinations(sorted({*range(9)} - {*fixed.tolist()}), size):
            chosen = [*fixed.tolist(), *added]
            served = level(case, chosen)
            if (
                case.cost[list(added)].sum() <= money + 1e-9
                and not any({a, b} <= {*chosen} for a, b in case.excludes.tolist())
                and all(served @ what >= amount - 1e-9 for what, amount in kept)
            ):
                values.append(float(served @ weight))
    return max(values)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 400))
def test_no_stage_that_keeps_what_was_kept_for_tiers_exceeds_its_bound(seed):
    case = short_of_budget(seed)
    plan = choose._year_by_year(case, 100, thorough=False)
    for stage in bound.bounds(case, plan, 10.0, 1e-6):
        best = best_of_stage(case, plan, stage.number)
        assert stage.plan_value - 1e-6 <= best <= stage.value + 1e-6


def test_what_was_kept_for_tiers_narrows_the_bound_of_what_comes_after():
    narrowed = 0
    for seed in range(60):
        case = short_of_budget(seed)
        plan = choose._year_by_year(case, 100, thorough=False)
        loose = bound.bounds(case, replace(plan, floors=np.empty(0)), 10.0, 1e-6)
        for stage, without in zip(bound.bounds(case, plan, 10.0, 1e-6), loose, strict=True):
            assert stage.value <= without.value + 1e-4 * without.value
            narrowed += stage.value < without.value - 1.0
    assert narrowed > 0


def test_gains_are_those_of_the_stage():
    case = problem([[0.9, 0.5], [0.0, 0.9]], 2, weight=[1.0, 100.0])
    case = replace(case, tiers=(tier_of("small", np.array([1.0, 0.0]), (0.8,)),))
    plan = choose.choose(case)
    assert plan.order.tolist() == [0, 1]
    assert bound.gains(case, plan).tolist() == pytest.approx([0.9, 100.0 * 0.4])


def test_unsound_tiers_are_named():
    case = problem([[0.9, 0.0]], 1)
    wrong = (
        tier_of("empty", np.zeros(2), (0.5,)),
        tier_of("years", np.ones(2), (0.5, 0.6)),
        tier_of("share", np.ones(2), (1.5,)),
    )
    with pytest.raises(
        InputError, match=r"(?s)empty.*more than 0.*years.*2 targets.*share.*outside 0 to 1"
    ):
        choose.choose(replace(case, tiers=wrong))
