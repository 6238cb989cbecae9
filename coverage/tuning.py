"""Fit the terms of a loss model to measured losses, and tell how wrong it is elsewhere.

Every model here is a sum of terms, each a known column times an unknown value. Values have
bounds and a prior (a start and how far from it they may well be), so that what the
measurements do not tell stays at its start. Residuals of a drive test are alike for some
hundred metres: deviations of the values come from sums over blocks of ground, and errors
are those of blocks that the fit has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROBUST = 1.5  # deviations from which an outlier pulls no longer by its square
MAD_TO_DEVIATION = 1.4826  # of a normal distribution
AT_BOUND = 1e-3  # of the width between the bounds
MIN_SCALE_DB = 0.1
ROUNDS, CLOSE = 40, 1e-5  # of a minimisation; part of the spread at which it stops


class Term(NamedTuple):
    """One unknown: its start, its bounds and the deviation of its prior."""

    name: str
    start: float
    low: float
    high: float
    spread: float


@dataclass(frozen=True)
class Fit:
    """Fitted values of terms, their deviations, and the scale of what is left over."""

    terms: tuple[Term, ...]
    values: Floats
    deviations: Floats
    scale_db: float

    def value(self, name: str) -> float:
        """Return the value of a term by name."""
        return float(self.values[[term.name for term in self.terms].index(name)])

    def bounded(self) -> list[str]:
        """Return the terms whose value has run into a bound."""
        return [
            term.name
            for term, value in zip(self.terms, self.values, strict=True)
            if min(value - term.low, term.high - value) <= AT_BOUND * (term.high - term.low)
        ]

    def interval(self, name: str, deviations: float = 1.96) -> tuple[float, float]:
        """Return the confidence interval of a term; 95 % by default."""
        at = [term.name for term in self.terms].index(name)
        half = deviations * self.deviations[at]
        return float(self.values[at] - half), float(self.values[at] + half)


def fit(
    columns: Floats,
    loss_db: Floats,
    terms: Sequence[Term],
    block: Integers,
    robust: float = ROBUST,
) -> Fit:
    """Return the values that fit measured losses best: robust least squares with bounds.

    The loss is soft L1, of residuals in units of their robust deviation, by least squares with
    weights; the prior adds the square of one residual per term. The deviations are those of the
    sandwich estimator with one sum per block, plus the prior, so that a term that nothing tells
    keeps its own.

    Parameters
    ----------
    columns
        What each unknown is multiplied with, a row per measurement.
    loss_db
        Measured loss less everything that is not fitted.
    terms
        The unknowns, a term per column.
    block
        Block of ground of each measurement; blocks are taken as independent.
    robust
        Deviations from which an outlier pulls no longer by its square.

    References
    ----------
    Liang and Zeger, Biometrika 73 (1986), for the sandwich with clusters.
    """
    start, low, high, spread = (np.array([term[i] for term in terms], float) for i in range(1, 5))
    priors = (start, low, high, spread)
    plain = _solved(columns, loss_db, priors, deviation_db(loss_db), robust)
    scale_db = deviation_db(loss_db - columns @ plain)
    values = _solved(columns, loss_db, priors, scale_db, robust)
    deviations = _deviations(columns, loss_db - columns @ values, spread, scale_db, block, robust)
    return Fit(tuple(terms), values, deviations, scale_db)


def deviation_db(residual_db: Floats) -> float:
    """Return the deviation of the bulk, whatever the outliers: from the median of the absolute."""
    middle = float(np.median(residual_db))
    return max(MAD_TO_DEVIATION * float(np.median(np.abs(residual_db - middle))), MIN_SCALE_DB)


def _solved(
    columns: Floats,
    loss_db: Floats,
    priors: tuple[Floats, Floats, Floats, Floats],
    scale_db: float,
    robust: float,
) -> Floats:
    """Return the values of one minimisation by least squares with falling weights."""
    start, low, high, spread = priors
    scaled, target = columns / scale_db, loss_db / scale_db
    weight, values = np.ones(loss_db.size), start
    for turn in range(ROUNDS):
        normal = scaled.T @ (scaled * weight[:, None]) + np.diag(spread**-2.0)
        moment = scaled.T @ (weight * target) + start * spread**-2.0
        before, values = values, _bounded(normal, moment, low, high)
        if turn and np.all(np.abs(values - before) <= CLOSE * spread):
            break
        residual = target - scaled @ values
        weight = 1.0 / np.sqrt(1.0 + (residual / robust) ** 2)
    return values


def _bounded(normal: Floats, moment: Floats, low: Floats, high: Floats) -> Floats:
    """Return the solution of normal equations; what would pass a bound stays at it."""
    values, free = np.zeros(low.size), np.ones(low.size, bool)
    for _ in range(low.size + 1):
        rest = moment[free] - normal[np.ix_(free, ~free)] @ values[~free]
        values[free] = np.linalg.solve(normal[np.ix_(free, free)], rest)
        outside = free & ((values < low) | (values > high))
        if not outside.any():
            break
        values = np.where(outside, np.clip(values, low, high), values)
        free &= ~outside
    return values


def _deviations(
    columns: Floats,
    residual_db: Floats,
    spread: Floats,
    scale_db: float,
    block: Integers,
    robust: float,
) -> Floats:
    """Return the deviations of fitted values: sandwich over blocks, with the prior."""
    pulled = residual_db / scale_db
    weight = 1.0 / np.sqrt(1.0 + (pulled / robust) ** 2)
    scaled = columns / scale_db
    _, place = np.unique(block, return_inverse=True)
    blocks = int(place.max()) + 1
    scores = np.zeros((blocks, columns.shape[1]))
    np.add.at(scores, place, scaled * (weight * pulled)[:, None])
    prior = np.diag(spread**-2.0)
    # The curvature of soft L1 falls to weight cubed where a residual is large.
    inverse = np.linalg.inv(scaled.T @ (scaled * (weight**3)[:, None]) + prior)
    finite = blocks / max(blocks - 1.0, 1.0)
    covariance = inverse @ (finite * scores.T @ scores + prior) @ inverse
    return np.sqrt(np.diag(covariance))


def blocks(x_m: Floats, y_m: Floats, side_m: float) -> Integers:
    """Return the square of ground that each point lies in, counted from 0."""
    across, down = (np.floor(np.asarray(at) / side_m).astype(np.int64) for at in (x_m, y_m))
    _, place = np.unique(np.column_stack([across, down]), axis=0, return_inverse=True)
    return np.asarray(place, np.int64).ravel()


def folds(block: Integers, count: int, seed: int) -> Integers:
    """Return the part, 0 to ``count - 1``, in which each point is held out; whole blocks."""
    order = np.random.default_rng(seed).permutation(int(block.max()) + 1)
    return np.asarray(order[block] % count, np.int64)


def baseline_db(
    cell: Integers,
    distance_m: Floats,
    loss_db: Floats,
    fold: Integers,
    parts: Sequence[int] | None = None,
) -> Floats:
    """Return held-out losses of the simplest model: an offset per cell, a slope in log distance.

    With ``parts`` only these are held out, and what is not is left as it comes.

    Ordinary least squares; a cell without a measurement in the other blocks gets the mean of
    the offsets.
    """
    predicted_db = np.zeros(loss_db.size)
    count = int(cell.max()) + 1
    columns = np.column_stack([np.eye(count)[cell], np.log10(distance_m)])
    for part in np.unique(fold) if parts is None else parts:
        seen = fold != part
        values = np.linalg.lstsq(columns[seen], loss_db[seen], rcond=None)[0]
        known = np.isin(np.arange(count), cell[seen])
        values[:count] = np.where(known, values[:count], values[:count][known].mean())
        predicted_db[~seen] = columns[~seen] @ values
    return predicted_db


class Score(NamedTuple):
    """How well a group of points is predicted; residuals are measured less predicted level."""

    places: int
    bias_db: float
    rmse_db: float
    deviation_db: float
    correlation: float  # between measured and predicted; NaN where either does not vary


def score(measured_db: Floats, predicted_db: Floats) -> Score:
    """Return the score of predicted losses (or levels, with both signs turned)."""
    residual_db = predicted_db - measured_db
    varies = residual_db.size > 2 and np.std(measured_db) > 0.0 and np.std(predicted_db) > 0.0
    return Score(
        int(residual_db.size),
        float(residual_db.mean()),
        float(np.sqrt(np.mean(residual_db**2))),
        float(residual_db.std()),
        float(np.corrcoef(measured_db, predicted_db)[0, 1]) if varies else float("nan"),
    )


def correlogram(
    x_m: Floats, y_m: Floats, residual_db: Floats, edges_m: Floats, most: int = 2500, seed: int = 1
) -> Floats:
    """Return the correlation of residuals by how far apart points are; NaN without a pair.

    At most ``most`` points, drawn by seed, are paired.
    """
    kept = np.arange(residual_db.size)
    if kept.size > most:
        kept = np.random.default_rng(seed).choice(kept, most, replace=False)
    left, right = np.triu_indices(kept.size, 1)
    apart_m = np.hypot(x_m[kept][left] - x_m[kept][right], y_m[kept][left] - y_m[kept][right])
    rest_db = residual_db[kept] - residual_db.mean()
    bin_of = np.digitize(apart_m, edges_m) - 1
    inside = (bin_of >= 0) & (bin_of < edges_m.size - 1)
    products = (rest_db[left] * rest_db[right])[inside]
    count = np.bincount(bin_of[inside], minlength=edges_m.size - 1)
    total = np.bincount(bin_of[inside], weights=products, minlength=edges_m.size - 1)
    empty = np.full(count.size, np.nan)
    return np.divide(total, count * float(np.var(residual_db)), out=empty, where=count > 0)


class Spread(NamedTuple):
    """The parts of a model's error: from block to block, and inside a block."""

    error_sd_db: float  # of the mean of a block: the error of the model over an area
    sigma_db: float  # of places within a block: shadowing
    common_share: float  # share of the variance of blocks that is alike everywhere


def spread(residual_db: Floats, block: Integers) -> Spread:
    """Return the parts of held-out residuals by the analysis of variance of blocks.

    After calibration what is alike everywhere is the error of the overall mean: one part in
    as many as there are blocks.

    References
    ----------
    Searle, Casella and McCulloch, Variance Components (1992), section 3.6, unbalanced data.
    """
    _, place, count = np.unique(block, return_inverse=True, return_counts=True)
    mean_db = np.bincount(place, weights=residual_db) / count
    within = float(np.sum((residual_db - mean_db[place]) ** 2)) / max(
        residual_db.size - count.size, 1
    )
    if count.size < 2:
        return Spread(0.0, float(np.sqrt(within)), 1.0)
    between = float(np.sum(count * (mean_db - residual_db.mean()) ** 2)) / (count.size - 1)
    usual = (residual_db.size - float(np.sum(count**2)) / residual_db.size) / (count.size - 1)
    variance = max((between - within) / usual, 0.0)
    return Spread(float(np.sqrt(variance)), float(np.sqrt(within)), 1.0 / count.size)
