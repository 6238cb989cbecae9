"""The spread of entry loss from place to place, and of the level behind it.

A handset in a building or a car loses more than one outdoors by a loss that differs from
building to building and from room to room. Its distribution is held as nodes, evenly along the
normal deviations, so that the probability of service is a weighted mean over them.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from phusong.coverage import p2109

__all__ = ["NONE", "EntryLossSpread", "building", "normal"]

NODES, FARTHEST_SD = 401, 5.0
FARTHEST_DB = 300.0
VEHICLE_MEDIAN_DB, VEHICLE_SIGMA_DB = 9.0, 5.0  # cars, TR 38.901 section 7.4.3.2


class EntryLossSpread(NamedTuple):
    """How entry losses lie about their median, as nodes.

    Parameters
    ----------
    deviations_db
        Of each node from the median [dB].
    weights
        Of each node, 1 in all.
    """

    deviations_db: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def variance_db2(self) -> float:
        """Return the variance of the losses."""
        mean_db = sum(w * d for w, d in zip(self.weights, self.deviations_db, strict=True))
        parts = zip(self.weights, self.deviations_db, strict=True)
        return float(sum(w * (d - mean_db) ** 2 for w, d in parts))


NONE = EntryLossSpread((0.0,), (1.0,))


@lru_cache
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return deviations of a standard normal distribution, and their weights."""
    nodes = np.linspace(-FARTHEST_SD, FARTHEST_SD, NODES)
    weights = np.exp(-0.5 * nodes**2)
    return nodes, weights / weights.sum()


def normal(sigma_db: float) -> EntryLossSpread:
    """Return a normal spread."""
    if sigma_db == 0.0:
        return NONE
    nodes, weights = _nodes()
    return EntryLossSpread(
        tuple(float(sigma_db * node) for node in nodes), tuple(map(float, weights))
    )


@lru_cache
def building(
    frequency_mhz: float, sigma_db: float, kind: p2109.Building = p2109.TRADITIONAL
) -> EntryLossSpread:
    """Return the spread of the losses on entering buildings, of a stated deviation.

    The shape is that of P.2109, whose losses are not normal; with the deviation of
    ``building_sigma_db`` it is P.2109 itself.

    Parameters
    ----------
    frequency_mhz
        Frequency [MHz].
    sigma_db
        Standard deviation of the losses [dB].
    kind
        Coefficients of the kind of building.

    References
    ----------
    Recommendation ITU-R P.2109-1, equations 1 to 8.
    """
    if sigma_db == 0.0:
        return NONE
    whole = _p2109(frequency_mhz, kind)
    scale = sigma_db / math.sqrt(whole.variance_db2)
    return EntryLossSpread(tuple(scale * each for each in whole.deviations_db), whole.weights)


def building_sigma_db(frequency_mhz: float, kind: p2109.Building = p2109.TRADITIONAL) -> float:
    """Return the standard deviation of the losses of P.2109.

    Examples
    --------
    >>> round(building_sigma_db(2550.0), 1)
    8.5
    """
    return math.sqrt(_p2109(frequency_mhz, kind).variance_db2)


def _p2109(frequency_mhz: float, kind: p2109.Building) -> EntryLossSpread:
    nodes, weights = _nodes()
    losses_db = [p2109.loss_at_deviations_db(frequency_mhz, float(z), kind) for z in nodes]
    median_db = p2109.loss_at_deviations_db(frequency_mhz, 0.0, kind)
    return EntryLossSpread(
        tuple(float(db - median_db) for db in losses_db), tuple(map(float, weights))
    )


def share(
    margin_db: NDArray[np.floating], sigma_db: float, entry: EntryLossSpread
) -> NDArray[np.float64]:
    """Return the share of places that are served: shadowing and entry loss together.

    Parameters
    ----------
    margin_db
        Level less the threshold and the median entry loss, any shape [dB].
    sigma_db
        Deviation of shadowing [dB].
    entry
        Spread of the entry loss.

    Returns
    -------
    ndarray
        Share of places, 0 to 1, of the same shape.
    """
    margin = np.asarray(margin_db, np.float64)
    parts = zip(entry.deviations_db, entry.weights, strict=True)
    deviation = max(sigma_db, 1e-6)
    return np.asarray(sum(w * ndtr((margin - d) / deviation) for d, w in parts), np.float64)


@lru_cache
def margin_db(probability: float, sigma_db: float, entry: EntryLossSpread) -> float:
    """Return the margin on the median level at which so many places are served.

    Parameters
    ----------
    probability
        Share of places, above 0 and below 1.
    sigma_db
        Deviation of shadowing [dB].
    entry
        Spread of the entry loss.
    """
    if len(entry.weights) == 1:
        return float(entry.deviations_db[0] + sigma_db * ndtri(probability))

    def lacking(margin: float) -> float:
        return float(share(np.array(margin), sigma_db, entry)) - probability

    return float(brentq(lacking, -FARTHEST_DB, FARTHEST_DB, xtol=1e-9))
