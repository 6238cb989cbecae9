"""Solve instances of Cordeau, Furini and Ljubic to proven optimum, beside plain HiGHS.

Run with ``python -m benchmarks.covering``. Facilities and customers lie in a square of side 30
(EJOR 275, 2019, Benders decomposition for very large scale partial set covering and maximal
covering location problems); the numbers are those of the C library that the published generator
draws from. Demands are 1 to 100, costs 10 to 100; a facility serves the customers within a
radius. Limits are a number of facilities, or a part of the cost of all.
"""

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack
from scipy.spatial import cKDTree

from phusong.scenarios.siting import choose, cuts, exact
from phusong.scenarios.siting.problem import Cover, Problem, Year

SIDE, MOST = 30.0, 2147483647
FACILITIES = 100
RADIUS = 5.5
BRANCHES = 100_000
LIMITS = ((10, None), (None, 0.10))


def drawn(seed: int) -> Iterator[int]:
    """Yield the numbers of ``rand`` of the GNU C library (random_r.c, type 3)."""
    state = [seed]
    for _ in range(30):
        state.append(16807 * state[-1] % MOST)
    state += state[:3]
    while True:
        state.append((state[-31] + state[-3]) % 2**32)
        if len(state) > 344:
            yield state[-1] >> 1


def instance(customers: int, seed: int) -> tuple[NDArray[np.float64], ...]:
    """Return places of facilities and customers, costs and demands."""
    numbers = drawn(seed)
    count = 2 * (FACILITIES + customers)
    place = np.array([next(numbers) for _ in range(count)]) / MOST * SIDE
    place = place.reshape(-1, 2)
    costs = np.array([next(numbers) % 91 + 10.0 for _ in range(FACILITIES)])
    demands = np.array([next(numbers) % 100 + 1.0 for _ in range(customers)])
    return place[:FACILITIES], place[FACILITIES:], costs, demands


def problem(customers: int, seed: int, stations: int | None, part: float | None) -> Problem:
    """Return an instance with a limit on stations or on the part of all cost."""
    facilities, places, costs, demands = instance(customers, seed)
    near = cKDTree(places).query_ball_point(facilities, RADIUS, return_sorted=True)
    first = np.concatenate(([0], np.cumsum([len(cells) for cells in near])))
    money = None if part is None else float(np.floor(part * costs.sum()))
    return Problem(
        Cover(
            first.astype(np.int64),
            np.concatenate(near).astype(np.int32),
            np.ones(first[-1], np.float32),
        ),
        np.zeros(customers, np.float32),
        demands,
        costs,
        np.empty((0, 2), np.int64),
        (),
        (),
        (Year(2026, stations, money),),
        demands,
    )


def plain(case: Problem, seconds: float) -> tuple[float, float, float]:
    """Return the value and the bound that HiGHS finds on the problem as it stands, and seconds."""
    start = time.perf_counter()
    customers, year = case.before.size, case.years[0]
    row = np.repeat(np.arange(FACILITIES), np.diff(case.cover.first))
    serves = csr_array((-np.ones(row.size), (case.cover.cell, row)), (customers, FACILITIES))
    served = csr_array((np.ones(customers), (np.arange(customers),) * 2))
    limit = np.ones(FACILITIES) if year.stations is not None else case.cost
    most = float(year.stations or year.budget_million or 0)
    solved = milp(
        np.concatenate([np.zeros(FACILITIES), -case.weight]),
        integrality=np.concatenate([np.ones(FACILITIES), np.zeros(customers)]),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint(hstack([serves, served], format="csr"), -np.inf, 0.0),
            LinearConstraint(np.concatenate([limit, np.zeros(customers)])[None, :], -np.inf, most),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    bound = -float(solved.mip_dual_bound) if solved.mip_dual_bound is not None else np.inf
    value = -float(solved.fun) if solved.x is not None else -np.inf
    return value, bound, time.perf_counter() - start


def main(words: Sequence[str] | None = None) -> None:
    """Print one line of a table an instance."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--seconds", type=float, default=120.0, help="for plain HiGHS")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(words)
    choose.choose(problem(1000, wanted.seed, 3, None))  # compile
    print("| customers | limit | unlike cells | optimum | s | plain HiGHS: value, bound | s |")
    print("|---|---|---|---|---|---|---|")
    for customers in wanted.customers:
        for stations, part in LIMITS:
            case = problem(customers, wanted.seed, stations, part)
            start = time.perf_counter()
            plan = choose.choose(case)
            best, proven = exact.best(case, plan.order, BRANCHES)
            seconds = time.perf_counter() - start
            cells = cuts.servers(case, case.weight > 0.0).base.size
            value, bound, plain_seconds = plain(case, wanted.seconds)
            limit = f"{stations} stations" if part is None else f"{part:.0%} of cost"
            print(
                f"| {customers:,} | {limit} | {cells:,} | {choose.value(case, best):,.0f}"
                f"{'' if proven else ' (not proven)'} | {seconds:.1f} | {value:,.0f}, {bound:,.0f} "
                f"| {plain_seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
