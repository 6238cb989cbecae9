"""Targets hold as pixels count them: no more stations than that needs."""

from types import SimpleNamespace

import numpy as np
import pytest
from siting_problems import FIRST_YEAR, level, problem

from phusong.scenarios.plan import choice
from phusong.scenarios.siting.problem import Year

STUDY = SimpleNamespace(scenario=SimpleNamespace(quotas=[]), province=None)
CASE = problem(np.eye(20) * 0.9, years=(Year(FIRST_YEAR, target_share=0.5),))


def counter(more):
    """Return a count in which pixels are served so many times as much as blocks."""

    def count(order, _year):
        return {FIRST_YEAR: more * float(level(CASE, order).mean())}

    return count


@pytest.mark.parametrize(("more", "stations"), [(1.0, 12), (1.05, 11), (1.2, 10), (2.0, 6)])
def test_a_target_builds_what_pixels_need(more, stations):
    """A station serves 0.045 of the blocks: the least number whose pixels reach a half."""
    assert more * 0.045 * stations >= 0.5 > more * 0.045 * (stations - 1)
    _, sited = choice._as_counted(CASE, STUDY, counter(more))
    assert sited.order.size == stations


def test_where_pixels_are_served_less_the_plan_stays_that_of_the_blocks():
    _, sited = choice._as_counted(CASE, STUDY, counter(0.9))
    assert 0.9 * 0.045 * sited.order.size >= 0.5
