"""Small siting problems with shares and demand that are never alike."""

from itertools import combinations

import numpy as np

from phusong.scenarios.siting import exact
from phusong.scenarios.siting.problem import Cover, Minimum, Problem, Quota, Year

FIRST_YEAR = 2026


def cover(shares):
    """Return a table of shares (candidates by cells) as sparse rows."""
    shares = np.asarray(shares, np.float32)
    row, cell = np.nonzero(shares)
    first = np.searchsorted(row, np.arange(len(shares) + 1)).astype(np.int64)
    return Cover(first, cell.astype(np.int32), shares[row, cell])


def problem(shares, stations=2, **given):
    """Return a problem of one year with whatever is given."""
    shares = np.asarray(shares, np.float32)
    candidates, cells = shares.shape
    weight = np.asarray(given.get("weight", np.ones(cells)), float)
    return Problem(
        cover(shares),
        np.asarray(given.get("before", np.zeros(cells)), np.float32),
        weight,
        np.asarray(given.get("cost", np.ones(candidates)), float),
        np.asarray(given.get("excludes", np.empty((0, 2))), np.int64).reshape(-1, 2),
        tuple(given.get("quotas", ())),
        tuple(given.get("minima", ())),
        tuple(given.get("years", (Year(FIRST_YEAR, stations),))),
        np.asarray(given.get("target_weight", weight), float),
    )


def random_shares(seed, candidates=8, cells=20):
    """Return shares of candidates that each serve about a third of the cells."""
    random = np.random.default_rng(seed)
    shares = random.uniform(0.1, 1.0, (candidates, cells))
    return np.where(random.random((candidates, cells)) < 0.35, shares, 0.0)


def random_problem(seed, candidates=8, cells=20, **given):
    """Return a problem of random shares, demand, costs and one pair that excludes each other."""
    random = np.random.default_rng([seed, 1])
    made = {
        "weight": random.gamma(1.0, 10.0, cells),
        "before": np.where(random.random(cells) < 0.2, random.random(cells), 0.0),
        "cost": random.uniform(1.0, 2.0, candidates),
        "excludes": [[0, 1]],
    } | given
    return problem(random_shares(seed, candidates, cells), **made)


def quota(target_share, cells=(0, 1, 2, 3), year=FIRST_YEAR, name="zone"):
    cells = np.array(cells)
    return Quota(name, year, cells, np.ones(cells.size), target_share)


def minimum(least, candidates, year=FIRST_YEAR, existing=0):
    return Minimum("district", year, np.array(candidates), existing, least)


def level(case, chosen):
    """Return the served share of each cell, by the definition."""
    served = case.before.astype(float).copy()
    for i in chosen:
        for e in range(case.cover.first[i], case.cover.first[i + 1]):
            cell = case.cover.cell[e]
            served[cell] = max(served[cell], float(case.cover.share[e]))
    return served


def value(case, chosen):
    return float(level(case, chosen) @ case.weight)


def share(case, demand, chosen):
    return float(level(case, chosen)[demand.cells] @ demand.weight / demand.weight.sum())


def allowed(case, chosen, year=None):
    """Say whether a set holds every rule of a plan of one year."""
    year = case.years[-1] if year is None else year
    chosen = set(chosen)
    stations = np.inf if year.stations is None else year.stations
    money = np.inf if year.budget_million is None else year.budget_million
    return (
        len(chosen) <= stations
        and sum(case.cost[i] for i in chosen) <= money + 1e-9
        and not any({a, b} <= chosen for a, b in case.excludes.tolist())
        and all(share(case, q, chosen) >= q.target_share - 1e-9 for q in case.quotas)
        and all(m.existing + len(chosen & set(m.candidates)) >= m.least for m in case.minima)
    )


def best(case):
    """Return the greatest value of any allowed set, or None: by trying every set."""
    every = range(case.cost.size)
    sets = [c for size in range(case.cost.size + 1) for c in combinations(every, size)]
    return max((value(case, c) for c in sets if allowed(case, c)), default=None)


def optimum(case):
    """Return the greatest value at the end of a plan, or None: by one integer programme of all.

    Limits, exclusions, quotas and minima hold in their years; target shares are left out.
    """
    years = len(case.years)
    stage, _ = exact.stages(case, np.arange(case.cover.candidates), years)
    exact.require(stage, case, case.quotas, case.minima)
    demand = (np.arange(case.before.size), case.weight)
    (served,) = exact.serve(stage, case, years - 1, [demand])
    answer = stage.programme.minimise(served.variables, -served.shares)
    return None if answer.values is None else served.constant - answer.bound
