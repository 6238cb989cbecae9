"""Choose stations one by one, each the best by demand gained per cost."""

import heapq
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from phusong.coverage.network import Footprints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """What the choice must respect.

    ``excludes[i]`` lists the candidates that may not stand beside candidate ``i``.
    """

    count: int
    target_share: float
    least_gain: float
    excludes: dict[int, NDArray[np.int64]]


@njit(cache=True)
def uncovered_sum(values: Floats, covered: Bools, pixels: NDArray[np.int32]) -> float:
    """Return the sum of the values on those pixels that are not covered yet."""
    total = 0.0
    for pixel in pixels:
        if not covered[pixel]:
            total += values[pixel]
    return total


def greedy(
    footprints: Footprints,
    first: Floats,
    demand: Floats,
    cost: Floats,
    covered: Bools,
    rules: Rules,
) -> list[int]:
    """Return the chosen candidates in order of build.

    Candidates are taken by gain per cost: by the demand in zones (``first``) until
    ``rules.target_share`` of it is covered, then by all demand. Covering is submodular, so a
    stored gain is an upper bound and only the head of the queue is counted again (lazy greedy,
    Minoux 1978). Equal scores go to the lower index. ``covered`` is not changed.
    """
    covered = covered.copy()
    chosen: list[int] = []
    barred: set[int] = set()
    wanted = rules.target_share * first.sum() - first[covered].sum()
    for values, target in ((first, wanted), (demand, np.inf)):
        _take(footprints, values, target, cost, covered, rules, chosen, barred)
    return chosen


def _take(
    footprints: Footprints,
    values: Floats,
    target: float,
    cost: Floats,
    covered: Bools,
    rules: Rules,
    chosen: list[int],
    barred: set[int],
) -> None:
    """Extend ``chosen`` (and ``covered``, ``barred``) until the target or a rule is reached."""

    def gain(candidate: int) -> float:
        return float(uncovered_sum(values, covered, footprints.of(candidate)))

    queue = [(-gain(c) / cost[c], c) for c in range(len(footprints)) if c not in barred]
    heapq.heapify(queue)
    gained = 0.0
    while queue and len(chosen) < rules.count and gained < target:
        _, candidate = heapq.heappop(queue)
        if candidate in barred:
            continue
        now = gain(candidate)
        if now < rules.least_gain or now <= 0:
            continue
        entry = (-now / cost[candidate], candidate)
        if queue and entry > queue[0]:
            heapq.heappush(queue, entry)
            continue
        gained += now
        chosen.append(candidate)
        covered[footprints.of(candidate)] = True
        barred.add(candidate)
        barred.update(rules.excludes.get(candidate, np.empty(0, np.int64)).tolist())


def gains(footprints: Footprints, order: list[int], values: Floats, covered: Bools) -> Floats:
    """Return what each station in turn adds to the values covered before it."""
    covered = covered.copy()
    added = np.zeros(len(order))
    for place, candidate in enumerate(order):
        pixels = footprints.of(candidate)
        added[place] = uncovered_sum(values, covered, pixels)
        covered[pixels] = True
    return added
