"""Small problems are chosen to the optimum: published cases, and all plans one by one."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_problems import (
    FIRST_YEAR,
    allowed,
    best,
    minimum,
    problem,
    quota,
    random_problem,
    value,
)

from phusong.errors import InputError
from phusong.scenarios.siting import choose, cuts, exact
from phusong.scenarios.siting.problem import Cover, Problem, Year

# Points, stations and the greatest demand within 800 m (Lorena's instances of Sao Jose dos Campos)
PUBLISHED = {
    324: {1: 5461, 2: 8790, 3: 11604, 4: 12106, 5: 12152},
    402: {3: 14690, 6: 15984},
    500: {4: 17794, 8: 19707},
    708: {6: 22504, 11: 24192},
    818: {7: 26974, 14: 29168},
}
REACH_M = 800.0
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "refs" / "mclp"
MEANS = (Year(FIRST_YEAR, 3), Year(FIRST_YEAR, None, 4.5), Year(FIRST_YEAR, 4, 4.0))
QUOTAS = ([], [quota(0.5)], [quota(0.3), quota(0.4, cells=[8, 9], name="other")])
MINIMA = ([], [minimum(2, [1, 2, 3])])
RULES = list(product(MEANS, QUOTAS, MINIMA))
seeds = st.integers(0, 2**32 - 1)


def published(folder, points, stations):
    """Return one of the published instances; the last two columns are places in metres."""
    lines = [line.split() for line in (folder / f"c{points}").read_text().splitlines()]
    place = np.array([line[-2:] for line in lines if len(line) > 1], float)
    demand = np.array((folder / f"d{points}").read_text().split(), float)
    far_m = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
    row, cell = np.nonzero(far_m <= REACH_M)
    first = np.searchsorted(row, np.arange(points + 1)).astype(np.int64)
    return Problem(
        Cover(first, cell.astype(np.int32), np.ones(cell.size, np.float32)),
        np.zeros(points, np.float32),
        demand,
        np.ones(points),
        np.empty((0, 2), np.int64),
        (),
        (),
        (Year(FIRST_YEAR, stations),),
        demand,
    )


def shortfall(seed):
    """Return by how much the choice serves less than the best of all plans; 0 where none is."""
    year, quotas, minima = RULES[seed % len(RULES)]
    case = random_problem(seed, years=[year], quotas=quotas, minima=minima)
    most = best(case)
    try:
        plan = choose.choose(case)
    except InputError:
        return 0.0 if most is None else np.inf
    assert allowed(case, plan.order)
    return most - value(case, plan.order)


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no instances at hand (../shared/refs)")
@pytest.mark.parametrize("points", PUBLISHED)
def test_published_cases_are_chosen_to_the_optimum(points):
    for stations, most in PUBLISHED[points].items():
        assert choose.choose(published(FOLDER, points, stations)).total == most


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_the_choice_is_the_best_of_all_plans(seed):
    assert shortfall(seed) <= 1e-9


@pytest.mark.long
def test_the_choice_is_the_best_of_all_plans_in_a_thousand_cases():
    assert max(shortfall(seed) for seed in range(1000)) <= 1e-9


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_without_a_start_the_same_is_found(seed):
    year, quotas, minima = RULES[seed % len(RULES)]
    case = random_problem(seed, years=[year], quotas=quotas, minima=minima)
    most = best(case)
    chosen, proven = exact.best(case, np.empty(0, np.int64))
    assert proven
    if most is not None:
        assert allowed(case, chosen)
        assert value(case, chosen) == pytest.approx(most, rel=1e-9)


def test_a_swap_of_two_for_two_is_found():
    """Each of 0 and 1 is worth more than 2 or 3, both together less: no single swap is better."""
    shares = [[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [1, 1, 0, 0, 0.7], [0.7, 0, 0, 1, 1]]
    case = problem(shares, 2, weight=[2.0, 2.0, 1.0, 2.0, 2.0])
    assert choose.choose(case).total == pytest.approx(best(case))


def test_candidates_that_another_outdoes_are_known():
    shares = [[0.5, 0.5, 0.0], [0.5, 0.6, 0.0], [0.0, 0.6, 0.9], [0.5, 0.6, 0.0], [0.0, 0.0, 0.0]]
    case = problem(shares, cost=[1.0, 1.0, 1.0, 1.0, 1.0])
    outdone = cuts.outdone(cuts.servers(case, np.ones(3, bool)), case)
    assert outdone.tolist() == [True, False, False, True, True]
    dear = problem(shares, cost=[1.0, 2.0, 1.0, 3.0, 1.0])
    outdone = cuts.outdone(cuts.servers(dear, np.ones(3, bool)), dear)
    assert outdone.tolist() == [False, False, False, True, True]


def test_what_excludes_others_outdoes_nobody_and_what_a_minimum_counts_is_not_outdone():
    shares = [[0.5, 0.0], [0.6, 0.0], [0.0, 0.9]]
    apart = problem(shares, excludes=[[1, 2]])
    assert not cuts.outdone(cuts.servers(apart, np.ones(2, bool)), apart).any()
    counted = problem(shares, minima=[minimum(1, [0, 2])])
    assert not cuts.outdone(cuts.servers(counted, np.ones(2, bool)), counted).any()


@given(seeds)
@settings(deadline=None, max_examples=20)
def test_without_those_outdone_the_best_is_as_good(seed):
    case = random_problem(seed, candidates=9, cells=8)
    left = np.flatnonzero(~cuts.outdone(cuts.servers(case, np.ones(8, bool)), case))
    without = problem(
        [[0.0] * 8 if i not in left else _row(case, i) for i in range(9)],
        weight=case.weight,
        before=case.before,
        cost=case.cost,
        excludes=case.excludes,
        years=case.years,
    )
    assert best(without) == pytest.approx(best(case))


def _row(case, i):
    span = slice(case.cover.first[i], case.cover.first[i + 1])
    row = np.zeros(case.before.size)
    row[case.cover.cell[span]] = case.cover.share[span]
    return row
