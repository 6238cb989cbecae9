"""A bound computed again from its multipliers, every rounding on the safe side.

For any levels mu_td >= before_d and any weights v_td >= 0 of terms t with sum_t v_td >= w_d

    sum_d w_d served_d(x) <= sum_td v_td (mu_td + sum_i x_i max(0, share_id - mu_td)),

and a row a @ x <= b with a price p >= 0 adds p (b - a @ x) >= 0. What is left is linear in x, and
each x is 0 or 1. Nothing has to be believed of where levels, weights and prices come from: wrong
ones only weaken the bound. What the terms leave of a cell's weight counts as served for certain.

Sums of n terms that are not negative are off by less than n units in the last place (Higham 2002,
Accuracy and Stability of Numerical Algorithms, section 4.2): they are raised or lowered by more.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from phusong.coverage.kernel import KERNEL, kernel
from phusong.scenarios.siting.problem import Cover, Floats, Problem, Quota, gain

UNIT = 2.0**-52  # twice what one operation on doubles may be off by
MET = 1e-9  # a share this near its target has reached it


class LevelTerm(NamedTuple):
    """A weight and a level of every cell, shape (cells,)."""

    weight: Floats
    level: Floats


class PricedRows(NamedTuple):
    """What every plan respects, ``rows @ x <= most``, and the price of each row."""

    rows: csr_array
    most: Floats
    price: Floats


class PricedQuota(NamedTuple):
    """A share that every plan reaches, and its price."""

    quota: Quota
    price: float


@kernel(**KERNEL)
def _lift(cover: Cover, before: NDArray, term: LevelTerm, covered: Floats, slope: Floats) -> float:
    """Add a term to what is covered of each cell and to the slope of each candidate.

    Returns what the term counts as served at its level.
    """
    served, weight = 0.0, np.maximum(term.weight, 0.0)
    level = np.empty(weight.size, np.float64)
    for cell in range(weight.size):
        level[cell] = max(term.level[cell], np.float64(before[cell]))
        covered[cell] += weight[cell]
        served += weight[cell] * level[cell]
    for i in range(slope.size):
        slope[i] += gain(cover, level, weight, i)
    return served


def checked(
    problem: Problem,
    terms: Sequence[LevelTerm],
    limits: PricedRows,
    quotas: Sequence[PricedQuota] = (),
) -> float:
    """Return a value that no set of candidates within the rows and quotas exceeds.

    Parameters
    ----------
    problem
        What counts and what candidates serve; its years, quotas and minima are not looked at.
    terms
        Levels and their weights.
    limits
        Rows that hold for every plan, and their prices.
    quotas
        Shares that every plan reaches, and their prices.

    Returns
    -------
    float
        The bound, in the unit of ``problem.weight``.
    """
    needed, owed = _needed(problem, quotas)
    slope, used = np.zeros(problem.cover.candidates), len(terms) * np.diff(problem.cover.first)
    covered, constants = np.zeros(problem.before.size), [-owed]
    for term in terms:
        served = _lift(problem.cover, problem.before, term, covered, slope)
        constants.append(_above(served, covered.size + 2))
    left = np.maximum(needed - covered * (1.0 - UNIT * (len(terms) + 2)), 0.0)
    constants.append(_above(float(left.sum()), left.size + 2))
    rest, due = _priced(limits)
    net = np.nextafter(slope * (1.0 + UNIT * (used + 4)) + rest, np.inf)
    constants.extend([due, _above(float(np.maximum(net, 0.0).sum()), net.size + 2)])
    size = float(np.abs(constants).sum())
    return float(np.sum(constants)) + UNIT * (len(constants) + 2) * size


def _above(total: float, terms: int) -> float:
    """Return a computed sum of terms that are not negative, raised over the true sum."""
    return total * (1.0 + UNIT * terms)


def _needed(problem: Problem, quotas: Sequence[PricedQuota]) -> tuple[Floats, float]:
    """Return the weight that terms must cover in each cell, and what priced quotas are owed."""
    needed, owed = problem.weight.astype(float), 0.0
    for quota, given in quotas:
        price = max(given, 0.0)
        share = quota.weight / quota.weight.sum()
        needed = needed + np.bincount(quota.cells, price * share, needed.size)
        sure = max(quota.target_share - MET, 0.0) * (1.0 - UNIT * (quota.cells.size + 4))
        owed += price * sure
    return needed * (1.0 + UNIT * (3 * len(quotas) + 2)), owed * (1.0 - UNIT * (len(quotas) + 2))


def _priced(limits: PricedRows) -> tuple[Floats, float]:
    """Return what the priced rows add to each candidate, at most, and to the constant."""
    price = np.maximum(limits.price, 0.0)
    rows = csr_array(limits.rows)
    off = UNIT * (price.size + 4)
    against = (rows.maximum(0.0).T @ price) * (1.0 - off)
    in_favour = ((-rows).maximum(0.0).T @ price) * (1.0 + off)
    paid = price * limits.most
    due = float(paid.sum()) + off * float(np.abs(paid).sum())
    return np.nextafter(in_favour - against, np.inf), due
