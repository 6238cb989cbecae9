"""How well a prediction does: errors by group, whether intervals hold, whether a map is right."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

PROBABILITIES = (0.5, 0.8, 0.9, 0.95)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Interval(NamedTuple):
    """A stated interval round the prediction: its probability, width, and share of places in it.

    Parameters
    ----------
    probability
        Stated, 0 to 1.
    share
        Of the places inside, 0 to 1.
    width_db
        From end to end [dB].
    """

    probability: float
    share: float
    width_db: float


def intervals(residual_db: Floats, deviation_db: Floats | float) -> list[Interval]:
    """Return how many places the stated intervals hold.

    Parameters
    ----------
    residual_db
        Predicted less measured.
    deviation_db
        The stated deviation of one place, all parts of the error together.

    Returns
    -------
    list of Interval
        One for each stated probability.

    Examples
    --------
    >>> intervals(np.array([0.0, 5.0, 30.0, -1.0]), 10.0)[0].share
    0.75
    """
    deviations_db = np.broadcast_to(np.asarray(deviation_db, float), residual_db.shape)
    held = []
    for probability in PROBABILITIES:
        half_db = float(ndtri(0.5 + 0.5 * probability)) * deviations_db
        share = float(np.mean(np.abs(residual_db) <= half_db))
        held.append(Interval(probability, share, float(np.mean(2.0 * half_db))))
    return held


class Reliability(NamedTuple):
    """Whether places that a map shows as covered are, at a threshold, and what a rule asks.

    ``hits`` are covered in both, ``misses`` only where measured, ``false_alarms`` only in the
    prediction. ``rate`` is the share of the places predicted as covered that are: what regulators
    check maps by. ``low`` and ``high`` hold it with 95 %; places in a block of ground count
    together.

    Parameters
    ----------
    threshold_dbm
        Level that counts as covered [dBm].
    hits
        Places.
    misses
        Places.
    false_alarms
        Places.
    correct_negatives
        Places.
    accuracy
        Share of places told right.
    rate
        0 to 1.
    low
        0 to 1.
    high
        0 to 1.
    clusters
        Blocks of ground.
    rule
        Least rate.
    verdict
        Whether the rule holds.
    """

    threshold_dbm: float
    hits: int
    misses: int
    false_alarms: int
    correct_negatives: int
    accuracy: float
    rate: float
    low: float
    high: float
    clusters: int
    rule: float
    verdict: str  # holds, fails, undecided or none


def reliability(
    measured_dbm: Floats,
    predicted_dbm: Floats,
    threshold_dbm: float,
    block: Integers,
    rule: float,
) -> Reliability:
    """Return how a map of a threshold does.

    The rule holds where the whole interval lies above it and fails where it lies below.

    Parameters
    ----------
    measured_dbm
        Levels measured, shape (places,) [dBm].
    predicted_dbm
        Levels predicted, shape (places,) [dBm].
    threshold_dbm
        Level that counts as covered [dBm].
    block
        Block of ground of each place.
    rule
        Least rate, 0 to 1.

    Returns
    -------
    Reliability
        Counts, rate and verdict.

    References
    ----------
    The rate is that by which ARCEP checks the maps of operators (decision 2016-1678); interval:
    Wilson's, for as many places as the variance of the ratio over clusters is worth (Cochran,
    Sampling Techniques, 1977, section 3.12).
    """
    there, shown = measured_dbm >= threshold_dbm, predicted_dbm >= threshold_dbm
    hits, false = int(np.sum(there & shown)), int(np.sum(~there & shown))
    right = np.mean(there == shown)
    rate, low, high, clusters = _rate(there[shown], block[shown])
    verdict = "undecided"
    if clusters == 0:
        verdict = "none"
    elif low >= rule:
        verdict = "holds"
    elif high < rule:
        verdict = "fails"
    return Reliability(
        threshold_dbm,
        hits,
        int(np.sum(there & ~shown)),
        false,
        int(np.sum(~there & ~shown)),
        float(right),
        rate,
        low,
        high,
        clusters,
        rule,
        verdict,
    )


def _rate(held: Booleans, block: Integers) -> tuple[float, float, float, int]:
    """Return a share, its interval, and the number of clusters."""
    if held.size == 0:
        return math.nan, math.nan, math.nan, 0
    _, place = np.unique(block, return_inverse=True)
    size = np.bincount(place).astype(float)
    rate = float(np.mean(held))
    clusters = size.size
    if clusters < 2:
        return rate, 0.0, 1.0, clusters
    rest = np.bincount(place, held) - rate * size
    variance = clusters / (clusters - 1.0) * float(np.sum(rest**2)) / held.size**2
    worth = rate * (1.0 - rate) / variance if variance > 0.0 else float(clusters)
    return rate, *_wilson(rate, min(worth, float(held.size))), clusters


def _wilson(rate: float, count: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of so many (Wilson, 1927)."""
    z = float(ndtri(0.975))
    middle = (rate + z * z / (2.0 * count)) / (1.0 + z * z / count)
    half = z / (1.0 + z * z / count)
    half *= math.sqrt(rate * (1.0 - rate) / count + z * z / (4.0 * count * count))
    return max(middle - half, 0.0), min(middle + half, 1.0)
