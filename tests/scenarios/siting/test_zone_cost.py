"""The cost to serve a zone by itself: reached as asked, no cheaper than the cheapest choice."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_problems import level, problem, random_problem

from phusong.scenarios.siting import zone_cost
from phusong.scenarios.siting.zone_cost import ZoneDemand


def way(case, cells, target, weight=None):
    cells = np.array(cells)
    weight = case.weight[cells] if weight is None else np.array(weight, float)
    return zone_cost.ways(case, [ZoneDemand(cells, weight, target)])[0]


def test_a_zone_is_served_by_what_adds_most_for_its_money():
    """Two stations at 10 million serve 90 of 100 each; a third at 5 million serves all of one."""
    case = problem(
        [[0.9, 0.0, 0.0], [0.0, 0.9, 0.0], [1.0, 0.0, 0.0]],
        3,
        weight=[100.0, 100.0, 1000.0],
        cost=[10.0, 10.0, 5.0],
    )
    first = way(case, [0, 1], 0.5)
    assert (first.stations, first.cost_million, first.gained) == (1, 5.0, 100.0)
    assert first.million_per_1000 == 50.0
    both = way(case, [0, 1], 0.9)
    assert (both.stations, both.cost_million) == (2, 15.0)
    assert both.gained == pytest.approx(190.0)


def test_what_nobody_can_serve_costs_without_end():
    case = problem([[0.9, 0.0], [0.9, 0.0]], 2, weight=[10.0, 10.0])
    assert way(case, [1], 0.5).million_per_1000 == np.inf
    assert way(case, [0], 0.5, [0.0]).million_per_1000 == np.inf


def test_where_the_target_is_reached_today_it_is_what_is_left_that_costs():
    case = problem([[0.9]], 1, weight=[100.0], before=[0.6], cost=[10.0])
    left = way(case, [0], 0.5)
    assert left.gained == pytest.approx(30.0)
    assert left.cost_million == 10.0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 500), st.floats(0.1, 1.0), st.sampled_from([[], [[0, 1]]]))
def test_no_way_is_cheaper_than_the_cheapest_choice(seed, target, excludes):
    case = random_problem(seed, candidates=7, excludes=excludes)
    cells = np.arange(case.before.size // 2)
    found = way(case, cells, target)
    weight = case.weight[cells]
    start = float(case.before[cells] @ weight)
    apart = {tuple(pair) for pair in case.excludes.tolist()}
    served = start + found.gained
    costs = [
        case.cost[list(chosen)].sum()
        for size in range(8)
        for chosen in combinations(range(7), size)
        if float(level(case, chosen)[cells] @ weight) >= served - 1e-6
        and not any(set(pair) <= set(chosen) for pair in apart)
    ]
    assert found.cost_million >= min(costs) - 1e-9
    every = float(level(case, range(7))[cells] @ weight)
    aim = min(target * weight.sum(), zone_cost.NEARLY * every)
    assert served <= every + 1e-6
    if not apart:
        assert served >= aim - 1e-4
