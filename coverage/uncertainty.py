"""How far the error of a prediction carries into what it counts as covered.

The true level of a place is the predicted one plus independent normal errors: one common to
all places, and local ones, each alike over a patch of ground and independent from patch to
patch. A place is served with a probability that already reckons with the local errors; they
matter for an interval as far as the places they shift together do not average out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from phusong.coverage import statistics
from phusong.coverage.kernel import KERNEL, kernel

Floats = NDArray[np.float64]
Values = NDArray[np.floating]
PROBABILITY = 0.9  # of an interval: from the 5 % to the 95 % quantile


class CoverageInterval(NamedTuple):
    """What is covered: a low, a middle and a high figure."""

    low: Floats
    mid: Floats
    high: Floats


class Ends(NamedTuple):
    """The share of every place that is served with the common error low, zero and high."""

    low: Values
    mid: Values
    high: Values


class Local(NamedTuple):
    """A local error: the deviation of the share served of every place, and its patch from 0.

    No patch may reach from one label into another.
    """

    share_sd: Values
    patch: NDArray[np.integer]


def z_score(probability: float = PROBABILITY) -> float:
    """Return how many standard deviations the ends of an interval lie from its middle."""
    return float(ndtri(0.5 + 0.5 * probability))


def share_per_db(share: Values, sigma_db: Values | float) -> Values:
    """Return how much the share served grows with a decibel more.

    Parameters
    ----------
    share
        Probability of service, from a normal distribution of the level in a place.
    sigma_db
        The deviation of that distribution, above 0.
    """
    shares = np.asarray(share)
    grows = (shares > 0.0) & (shares < 1.0)  # most places are served for certain or not at all
    margin = ndtri(shares[grows].astype(float))
    density = np.exp(-0.5 * margin * margin) / np.sqrt(2.0 * np.pi)
    result = np.zeros(shares.shape, shares.dtype)
    result[grows] = density / np.broadcast_to(sigma_db, shares.shape)[grows]
    return result


def patches(shape: tuple[int, int], side: int) -> NDArray[np.int64]:
    """Return the number of the square of so many pixels a side that every pixel lies in."""
    rows, columns = np.arange(shape[0]) // side, np.arange(shape[1]) // side
    return rows[:, None] * (int(columns[-1]) + 1) + columns[None, :]


@dataclass(frozen=True)
class CoverageSums:
    """What is covered by label at the ends, the local variance, and all there is to cover."""

    ends: Ends
    variance: Floats
    whole: Floats

    def regrouped(self, group: NDArray[np.integer], count: int) -> "CoverageSums":
        """Return the sums over groups of labels; patches do not reach from label to label."""

        def summed(values: Values) -> Floats:
            return statistics.sum_by_label(group, values, count)

        ends = Ends(*(summed(end) for end in self.ends))
        return CoverageSums(ends, summed(self.variance), summed(self.whole))

    def interval(self, probability: float = PROBABILITY) -> CoverageInterval:
        """Return the interval that holds the truth with a stated probability.

        The effect of the common error, an exact quantile, and that of the local errors, a
        multiple of their deviation, are added in quadrature. ``probability`` must be that for
        which the ends were predicted.
        """
        local = z_score(probability) * np.sqrt(self.variance)
        low, mid, high = self.ends
        return CoverageInterval(
            np.clip(mid - np.hypot(mid - low, local), 0.0, self.whole),
            np.asarray(mid, float),
            np.clip(mid + np.hypot(high - mid, local), 0.0, self.whole),
        )


def sums(
    ends: Ends,
    local: Sequence[Local],
    weight: Values,
    labels: NDArray[np.integer],
    count: int,
) -> CoverageSums:
    """Return what is covered by label, at both ends of the common error, and its variance.

    Within a patch and label local effects add up, to first order in the error; over patches,
    and over the kinds of local errors, their squares do.

    Parameters
    ----------
    ends
        Share served of every place.
    local
        Local errors, independent of each other.
    weight
        What there is to cover in every place, such as people.
    labels
        Label of every place, from 0, such as the row of its commune; negative outside.
    count
        Number of labels.
    """
    flat, weights = statistics.flat_labels(labels), statistics.flat_numbers(weight)
    shares = tuple(statistics.flat_numbers(end) for end in ends)
    added = np.zeros((4, count))
    _add_ends(flat, weights, *shares, added)
    variance = np.zeros(count)
    for error in local:
        variance += _variance(error, weights, flat, count)
    return CoverageSums(Ends(*added[:3]), variance, added[3])


@kernel(**KERNEL)
def _add_ends(
    labels: NDArray[np.int32],
    weight: NDArray[Any],
    low: NDArray[Any],
    mid: NDArray[Any],
    high: NDArray[Any],
    sums_: Floats,
) -> None:
    """Add by label what of a weight is covered at the ends and in the middle, and all of it."""
    for i in range(labels.size):
        label = labels[i]
        if 0 <= label < sums_.shape[1]:
            sums_[0, label] += np.float64(weight[i]) * np.float64(low[i])
            sums_[1, label] += np.float64(weight[i]) * np.float64(mid[i])
            sums_[2, label] += np.float64(weight[i]) * np.float64(high[i])
            sums_[3, label] += np.float64(weight[i])


def _variance(error: Local, weight: Values, labels: NDArray[np.int32], count: int) -> Floats:
    """Return the sum of squares over patches of the summed deviations in each."""
    patch = statistics.flat_labels(error.patch)
    patches_ = int(patch.max(initial=-1)) + 1
    together, label = np.zeros(patches_), np.full(patches_, statistics.OUTSIDE, np.int32)
    _add_by_patch(patch, labels, weight, statistics.flat_numbers(error.share_sd), together, label)
    return statistics.sum_by_label(label, together**2, count)


@kernel(**KERNEL)
def _add_by_patch(
    patch: NDArray[np.int32],
    labels: NDArray[np.int32],
    weight: NDArray[Any],
    share_sd: NDArray[Any],
    together: Floats,
    label: NDArray[np.int32],
) -> None:
    """Add the deviations of a weight by patch, and note the label of each; none lies outside."""
    for i in range(patch.size):
        if labels[i] >= 0:
            together[patch[i]] += np.float64(weight[i]) * np.float64(share_sd[i])
            label[patch[i]] = labels[i]
