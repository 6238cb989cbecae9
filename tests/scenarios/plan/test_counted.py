"""Needs hold as pixels count them: no more stations than that takes."""

from dataclasses import replace

import numpy as np
import pytest
from siting_problems import FIRST_YEAR, level, problem

from phusong.scenarios.plan import counted
from phusong.scenarios.siting import choose as siting
from phusong.scenarios.siting.problem import Quota, Tier, Year

CELLS = 20
PARK = np.arange(10)
INSIDE = (np.arange(CELLS) < PARK.size).astype(float)
TARGET = problem(np.eye(CELLS) * 0.9, years=(Year(FIRST_YEAR, target_share=0.5),))
REST = problem(np.eye(CELLS) * 0.9, weight=1.0 + 9.0 * (1.0 - INSIDE), stations=9)
QUOTA = replace(REST, quotas=(Quota("park", FIRST_YEAR, PARK, INSIDE[PARK], 0.5),))
TIER = replace(REST, tiers=(Tier("tier 1", INSIDE, INSIDE, (0.5,)),))
NAMES = {id(TARGET): str(FIRST_YEAR), id(QUOTA): "park", id(TIER): "tier 1"}


def held(case, more):
    """Return the plan where pixels are served so many times as much as cells."""
    key, weight = (NAMES[id(case)], FIRST_YEAR), np.ones(CELLS) if case is TARGET else INSIDE

    def count(order, _year):
        return {key: more * float(level(case, order) @ weight / weight.sum())}

    return counted.held(case, lambda each: (each, siting.choose(each)), count)


@pytest.mark.parametrize(
    ("more", "stations"), [(0.9, 13), (1.0, 12), (1.01, 12), (1.05, 11), (1.2, 10), (2.0, 6)]
)
def test_a_target_builds_what_pixels_need(more, stations):
    """A station serves 0.045 of the cells: the least number whose pixels reach a half."""
    assert more * 0.045 * stations >= 0.5 > more * 0.045 * (stations - 1)
    plan = held(TARGET, more)
    assert plan.siting.order.size == stations
    assert plan.shares == {(str(FIRST_YEAR), FIRST_YEAR): pytest.approx(more * 0.045 * stations)}


@pytest.mark.parametrize("case", [QUOTA, TIER])
def test_quotas_and_tiers_are_asked_for_what_pixels_need(case):
    """A station serves 0.09 of the park: six are enough for cells, where pixels need seven."""
    assert 0.9 * 0.09 * 7 >= 0.5 > 0.9 * 0.09 * 6
    for more, stations in ((1.0, 6), (0.9, 7)):
        plan = held(case, more)
        assert (plan.siting.order < PARK.size).sum() == stations
        assert list(plan.shares.values()) == pytest.approx([more * 0.09 * stations])


def test_what_cannot_be_asked_more_of_stays_as_it_was():
    """Pixels are served half as much as cells: a quota of all that there is would not do."""
    plan = held(QUOTA, 0.5)
    assert counted.asked(plan.problem) == counted.asked(QUOTA)
