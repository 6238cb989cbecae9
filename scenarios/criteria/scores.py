"""Score alternatives by several criteria: weighted sum and TOPSIS, on plain arrays.

Rows are alternatives such as zones, columns are criteria; ``weights`` sum to 1 and ``benefit``
says of which criteria more is better.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CONSTANT = 1e-12  # a column that varies less than this, relative to its size, does not vary
DECIMALS = 12  # scores that agree to so many are equal


def normalised(values: Floats, benefit: Bools) -> Floats:
    """Return every criterion as 0 (the worst of these candidates) to 1 (the best): min-max.

    Dividing by the greatest value, the other usual way, has no answer where a cost is 0, as
    backhaul often is. A criterion that is the same for all tells nothing and is 0 for all.
    """
    if not values.shape[-2]:
        return values.copy()
    low, high = values.min(axis=-2, keepdims=True), values.max(axis=-2, keepdims=True)
    differs = varies(values)[..., None, :]
    above_worst = np.where(benefit, values - low, high - values)
    return np.where(differs, above_worst / np.where(differs, high - low, 1.0), 0.0)


def varies(values: Floats) -> Bools:
    """Return which criteria are not the same for all candidates, rounding aside."""
    if not values.shape[-2]:
        return np.zeros((*values.shape[:-2], values.shape[-1]), bool)
    size = np.abs(values).max(axis=-2)
    differs: Bools = np.ptp(values, axis=-2) > CONSTANT * size
    return differs


def contributions(values: Floats, weights: Floats, benefit: Bools) -> Floats:
    """Return what each criterion adds to each candidate's weighted sum."""
    return normalised(values, benefit) * weights


def weighted_sum(values: Floats, weights: Floats, benefit: Bools) -> Floats:
    """Return scores of 0 to 1: simple additive weighting, Hwang and Yoon 1981.

    Parameters
    ----------
    values
        Alternatives by criteria, shape (..., alternatives, criteria).
    weights
        Sum to 1, shape (criteria,), or (..., 1, criteria) where each set has its own.
    benefit
        Whether more is better, shape (criteria,).

    Returns
    -------
    ndarray
        Score of each alternative, 0 to 1, shape (..., alternatives).

    References
    ----------
    Hwang and Yoon, Multiple Attribute Decision Making, 1981.
    """
    total: Floats = contributions(values, weights, benefit).sum(axis=-1)
    return total


def shares(contributed: Floats) -> Floats:
    """Return the share of each criterion in its candidate's score; 0 where the score is 0."""
    total = contributed.sum(axis=1, keepdims=True)
    return np.where(total > 0, contributed / np.where(total > 0, total, 1.0), 0.0)


def topsis(values: Floats, weights: Floats, benefit: Bools) -> Floats:
    """Return the closeness to the ideal, 0 to 1: Hwang and Yoon 1981, vector normalisation.

    The ideal takes the best of every criterion, the worst the least good. Candidates that are all
    alike are no better than the worst and get 0, as in the weighted sum.

    Parameters
    ----------
    values
        Candidates by criteria, shape (candidates, criteria).
    weights
        Sum to 1, shape (criteria,).
    benefit
        Whether more is better, shape (criteria,).

    Returns
    -------
    ndarray
        Closeness of each candidate, 0 to 1.

    References
    ----------
    Hwang and Yoon, Multiple Attribute Decision Making, 1981.
    """
    if not len(values):
        return np.zeros(0)
    largest = np.abs(values).max(axis=0)
    scaled = values / np.where(largest > 0, largest, 1.0)  # squares of large values stay finite
    length = np.linalg.norm(scaled, axis=0)
    weighted = scaled / np.where(length > 0, length, 1.0) * weights
    best = np.where(benefit, weighted.max(axis=0), weighted.min(axis=0))
    worst = np.where(benefit, weighted.min(axis=0), weighted.max(axis=0))
    to_best = np.linalg.norm(weighted - best, axis=1)
    to_worst = np.linalg.norm(weighted - worst, axis=1)
    total = to_best + to_worst
    return np.where(total > CONSTANT, to_worst / np.where(total > CONSTANT, total, 1.0), 0.0)


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Return 1 for the highest score; equal scores share the better rank."""
    fallen = -scores.round(DECIMALS)
    order = np.argsort(fallen, axis=-1, kind="stable")
    value = np.take_along_axis(fallen, order, axis=-1)
    place = np.broadcast_to(np.arange(scores.shape[-1]), scores.shape)
    another = np.ones(scores.shape, bool)
    another[..., 1:] = value[..., 1:] != value[..., :-1]
    rank = np.empty(scores.shape, np.int64)
    first = np.maximum.accumulate(np.where(another, place, 0), axis=-1)
    np.put_along_axis(rank, order, first + 1, axis=-1)
    return rank


def _mean_ranks(values: Floats) -> Floats:
    """Return 1 for the lowest value; equal values share the mean of their ranks."""
    rising = np.sort(values)
    sides = (np.searchsorted(rising, values, side) for side in ("left", "right"))
    return np.asarray((sum(sides) + 1) / 2.0, float)


def rank_correlation(a: Floats, b: Floats) -> float:
    """Return Spearman's coefficient of two lists of scores, ties at their mean rank.

    Where a list holds one value only it is not defined: then 1 for the same order, else 0.

    Parameters
    ----------
    a
        Scores, shape (n,).
    b
        Other scores of the same, shape (n,).

    Returns
    -------
    float
        From -1 to 1.
    """
    rank_a, rank_b = _mean_ranks(a), _mean_ranks(b)
    if np.array_equal(rank_a, rank_b):
        return 1.0
    if np.ptp(rank_a) == 0 or np.ptp(rank_b) == 0:
        return 0.0
    return float(np.corrcoef(rank_a, rank_b)[0, 1])
