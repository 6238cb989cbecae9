"""The choice of stations: against brute force, and the rules it must respect."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.network import Footprints
from phusong.scenarios import selection

PIXELS = 12
WORST_CASE = 1 - 1 / np.e  # Nemhauser, Wolsey and Fisher 1978


def footprints(sets, levels=None):
    starts = np.cumsum([0, *map(len, sets)]).astype(np.int64)
    pixels = np.array([p for s in sets for p in sorted(s)], np.int32)
    level = np.zeros(pixels.size, np.float32) if levels is None else np.float32(levels)
    return Footprints(starts, pixels, level)


def choose(sets, demand, count, first=None, cost=None, **rules):
    demand = np.asarray(demand, float)
    return selection.greedy(
        footprints(sets),
        np.zeros(demand.size) if first is None else np.asarray(first, float),
        demand,
        np.ones(len(sets)) if cost is None else np.asarray(cost, float),
        np.zeros(demand.size, bool),
        selection.Rules(
            count,
            rules.get("target_share", 1.0),
            rules.get("least_gain", 0.0),
            rules.get("excludes", {}),
        ),
    )


def covered_demand(sets, demand, chosen):
    return sum(demand[p] for p in set().union(*(sets[c] for c in chosen)))


def exhaustive(sets, demand, count):
    """Greedy without a queue: recount every candidate each time."""
    chosen, left = [], set(range(len(demand)))
    while len(chosen) < count:
        gains = [sum(demand[p] for p in sets[c] & left) for c in range(len(sets))]
        best = max(range(len(sets)), key=lambda c: (gains[c], -c))
        if gains[best] <= 0:
            break
        chosen.append(best)
        left -= sets[best]
    return chosen


coverings = st.lists(st.sets(st.integers(0, PIXELS - 1)), min_size=1, max_size=7)
demands = st.lists(st.integers(0, 20), min_size=PIXELS, max_size=PIXELS)


@given(coverings, demands, st.integers(1, 4))
@settings(deadline=None)
def test_lazy_equals_exhaustive_greedy(sets, demand, count):
    assert choose(sets, demand, count) == exhaustive(sets, demand, count)


@given(coverings, demands, st.integers(1, 3))
@settings(deadline=None)
def test_reaches_the_guarantee_of_submodular_choice(sets, demand, count):
    best = max(
        covered_demand(sets, demand, c)
        for c in combinations(range(len(sets)), min(count, len(sets)))
    )
    found = covered_demand(sets, demand, choose(sets, demand, count))
    assert found >= WORST_CASE * best - 1e-9


@given(coverings, demands, st.integers(1, 5))
@settings(deadline=None)
def test_more_stations_never_cover_less(sets, demand, count):
    fewer = choose(sets, demand, count)
    more = choose(sets, demand, count + 1)
    assert more[: len(fewer)] == fewer
    assert covered_demand(sets, demand, more) >= covered_demand(sets, demand, fewer)


def test_gain_per_cost_decides():
    assert choose([{0, 1}, {2}], [5, 5, 6], 1, cost=[2.0, 1.0]) == [1]


def test_zones_come_first_until_their_share_is_reached():
    sets = [{0, 1, 2}, {3}, {4}]
    demand, first = [9, 9, 9, 1, 1], [0, 0, 0, 1, 1]
    assert choose(sets, demand, 3, first=first) == [1, 2, 0]
    assert choose(sets, demand, 3, first=first, target_share=0.5) == [1, 0, 2]


def test_least_gain_stops_the_choice():
    assert choose([{0}, {1}], [10, 2], 2, least_gain=3) == [0]


def test_stations_that_exclude_each_other_are_not_both_built():
    sets = [{0}, {1}, {2}]
    assert choose(sets, [3, 2, 1], 3, excludes={0: np.array([1])}) == [0, 2]


def test_what_is_on_air_gains_nothing():
    covered = np.array([True, False])
    order = selection.greedy(
        footprints([{0}, {1}]),
        np.zeros(2),
        np.array([9.0, 1.0]),
        np.ones(2),
        covered,
        selection.Rules(2, 1.0, 0.0, {}),
    )
    assert order == [1]
    assert covered.tolist() == [True, False]


def test_gains_add_up_to_what_is_covered():
    sets = [{0, 1}, {1, 2}, {0, 2}]
    added = selection.gains(
        footprints(sets), [1, 0, 2], np.array([1.0, 2.0, 4.0]), np.zeros(3, bool)
    )
    assert added.tolist() == [6.0, 1.0, 0.0]


@pytest.mark.parametrize(("level", "expected"), [(-100, [[0, 1], [1]]), (-80, [[1], []])])
def test_stricter_level_shrinks_footprints(level, expected):
    prints = footprints([{0, 1}, {1}], levels=[-90, -80, -95]).at_least(level)
    assert [prints.of(i).tolist() for i in range(len(prints))] == expected
