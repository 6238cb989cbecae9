"""Spread points over an area: each as far from the others as its local spacing asks."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

TOO_CLOSE = 1e-9  # what the need of a point shrinks to inside the least distance
REACH_STEPS = 64  # how often the largest distance, beyond which nothing changes, is renewed


def farthest_first(
    x_m: Floats,
    y_m: Floats,
    spacing_m: Floats,
    count: int,
    minimum_m: Floats | None = None,
) -> NDArray[np.int64]:
    """Return the rows of ``count`` points chosen farthest first, in the order of choice.

    Each step takes the point with the largest distance to the points taken so far, in units
    of its own spacing (Gonzalez' 2-approximation of the k-centre problem, 1985). So no point
    is left farther than about its spacing times one common factor, and no two chosen points
    are nearer than that. The first is the point with the smallest spacing. A point closer
    than ``minimum_m`` to one taken comes only when no other is left.
    """
    order = np.argsort(x_m, kind="stable")
    x_m, y_m = x_m[order], y_m[order]
    weight = 1.0 / np.asarray(spacing_m, float)[order] ** 2
    least2 = np.zeros(len(x_m)) if minimum_m is None else np.asarray(minimum_m)[order] ** 2
    nearest2 = np.full(len(x_m), np.inf)
    need = weight.copy()
    taken = np.empty(min(count, len(x_m)), np.int64)
    for step in range(len(taken)):
        row = taken[step] = int(np.argmax(need))
        if step % REACH_STEPS <= 1:
            reach_m = float(np.sqrt(nearest2.max()))
        near = slice(*np.searchsorted(x_m, [x_m[row] - reach_m, x_m[row] + reach_m]))
        away2 = (x_m[near] - x_m[row]) ** 2 + (y_m[near] - y_m[row]) ** 2
        np.minimum(nearest2[near], away2, out=nearest2[near])
        tight = np.where(nearest2[near] < least2[near], TOO_CLOSE, 1.0)
        need[near] = np.where(need[near] < 0.0, -1.0, nearest2[near] * weight[near] * tight)
        need[row] = -1.0
    return order[taken]


def weighted_sample(
    weights: Floats, count: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return rows drawn without replacement with probability in proportion to the weights.

    Efraimidis and Spirakis (2006): the rows with the smallest exponential variate over weight.
    Rows of weight zero are never drawn, so fewer than ``count`` may come back; rows ascend.
    """
    rows = np.flatnonzero(weights > 0)
    keys = generator.standard_exponential(len(rows)) / weights[rows]
    if count < len(rows):
        rows = rows[np.argpartition(keys, count)[:count]]
    return np.sort(rows)


def nearest_m(points: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance from each point to the nearest of the others, inf without any.

    Both are arrays of shape (n, 2) in metres.
    """
    if not len(others):
        return np.full(len(points), np.inf)
    return np.asarray(cKDTree(others).query(points)[0], np.float64)
