"""When a place is served: with which probability a level reaches what the service needs.

Levels are spread by shadowing, and lessened by an entry loss that is spread too.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import entry_loss
from phusong.coverage.entry_loss import NONE, EntryLossSpread
from phusong.coverage.kernel import KERNEL, kernel

MIN_PROBABILITY = 0.005  # what is served more rarely counts as not served
KNOTS_PER_DB = 16
SPAN_DB = 120.0  # of the table, either way
NO_SHARE_DB = 0.1  # so far below the least level that counts, no place has a share
STEP_DB = 0.25  # of deviations that differ from place to place


class ServiceLevel(NamedTuple):
    """When a place is served: the level that does at median losses, and how losses are spread.

    ``median_dbm`` is threshold and median entry loss, ``sigma_db`` the deviation of shadowing.
    """

    median_dbm: float
    sigma_db: float
    entry: EntryLossSpread = NONE

    def probability(self, level_dbm: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the probability of service at mean levels, 0 where it is below the least."""
        levels_dbm = np.asarray(level_dbm)
        share = np.zeros(levels_dbm.shape, np.float32)
        if len(self.entry.weights) > 1:
            _read_off(
                np.ascontiguousarray(levels_dbm).ravel(),
                self.median_dbm,
                _shares(self),
                share.ravel(),
            )
            return share
        counts = levels_dbm >= self.min_dbm - NO_SHARE_DB
        margin_db = levels_dbm[counts].astype(np.float64) - self.median_dbm
        exact = entry_loss.share(margin_db, self.sigma_db, self.entry)
        share[counts] = np.where(exact >= MIN_PROBABILITY, exact, 0.0)
        return share

    def local_probability(
        self, level_dbm: NDArray[np.floating], sigma_db: NDArray[np.floating]
    ) -> NDArray[np.float32]:
        """Return the probability where shadowing deviates from place to place, to ``STEP_DB``."""
        steps = np.round(np.asarray(sigma_db, np.float64) / STEP_DB).astype(np.int64)
        share = np.zeros(steps.shape, np.float32)
        for step in np.unique(steps):
            here = steps == step
            sigma = (
                self.sigma_db if abs(step * STEP_DB - self.sigma_db) < STEP_DB else step * STEP_DB
            )
            share[here] = self._replace(sigma_db=float(sigma)).probability(level_dbm[here])
        return share

    @property
    def min_dbm(self) -> float:
        """Return the level below which nothing counts."""
        return self.level_dbm(MIN_PROBABILITY)

    @property
    def spread_db(self) -> float:
        """Return the deviation of shadowing and entry loss together."""
        return math.sqrt(self.sigma_db**2 + self.entry.variance_db2)

    def level_dbm(self, probability: float) -> float:
        """Return the mean level outdoors at which so many places are served."""
        return self.median_dbm + entry_loss.margin_db(probability, self.sigma_db, self.entry)

    def table(self) -> NDArray[np.float32]:
        """Return the probability by level, from ``SPAN_DB`` below the median to as much above."""
        return self.probability(self.median_dbm + _knots_db())


def _knots_db() -> NDArray[np.float64]:
    return np.arange(int(2 * SPAN_DB) * KNOTS_PER_DB + 1) / KNOTS_PER_DB - SPAN_DB


@lru_cache
def _shares(service: ServiceLevel) -> NDArray[np.float64]:
    """Return the share of places that each of the knots serves, to interpolate in."""
    return entry_loss.share(_knots_db(), service.sigma_db, service.entry)


@kernel(**KERNEL)
def _read_off(
    level_dbm: NDArray[Any], median_dbm: float, shares: NDArray[Any], share: NDArray[Any]
) -> None:
    """Interpolate between knots, as ``np.interp`` does; shares below the least stay 0."""
    last = shares.size - 1
    for i in range(level_dbm.size):
        margin_db = np.float64(level_dbm[i]) - median_dbm
        place = (margin_db + SPAN_DB) * KNOTS_PER_DB
        if not place >= 0.0:  # also where it is no number
            continue
        if place >= last:
            share[i] = shares[last]
            continue
        knot = int(place)
        slope = (shares[knot + 1] - shares[knot]) / (1.0 / KNOTS_PER_DB)
        value = slope * (margin_db - (knot / KNOTS_PER_DB - SPAN_DB)) + shares[knot]
        if value >= MIN_PROBABILITY:
            share[i] = value
