"""Covered people and area per label: communes, districts, zones, operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.kernel import KERNEL, kernel

OUTSIDE = -1


@dataclass(frozen=True)
class Totals:
    """People and area of each label, in all and covered; index is the label."""

    people: NDArray[np.float64]
    people_covered: NDArray[np.float64]
    area_km2: NDArray[np.float64]
    area_covered_km2: NDArray[np.float64]

    @property
    def people_share(self) -> NDArray[np.float64]:
        """Return the covered share of people, 0 where nobody lives."""
        return share(self.people_covered, self.people)

    @property
    def area_share(self) -> NDArray[np.float64]:
        """Return the covered share of the area, 0 where there is none."""
        return share(self.area_covered_km2, self.area_km2)


def share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return part over whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0.0)


def sum_by_label(labels: ArrayLike, values: ArrayLike, count: int) -> NDArray[np.float64]:
    """Return the sum of values per label 0 to ``count - 1``; label -1 is left out."""
    sums = np.zeros(count)
    _add_by_label(flat_labels(labels), flat_numbers(values), sums)
    return sums


def sum_shares_by_label(
    labels: ArrayLike,
    weight: ArrayLike,
    shares: Sequence[ArrayLike],
    count: int,
) -> list[NDArray[np.float64]]:
    """Return sums of shares of a weight per label, -1 left out, without their products.

    Parameters
    ----------
    labels
        Label of every place, from 0; -1 outside.
    weight
        What a place counts.
    shares
        Shares of it, or whether it counts at all.
    count
        Number of labels.
    """
    flat, weights = flat_labels(labels), flat_numbers(weight)
    sums = [np.zeros(count) for _ in shares]
    for share_, own in zip(shares, sums, strict=True):
        _add_shares_by_label(flat, weights, flat_numbers(share_), own)
    return sums


def flat_labels(labels: ArrayLike) -> NDArray[np.int32]:
    """Return labels as one row of the type that kernels are compiled for."""
    return np.ascontiguousarray(labels, np.int32).ravel()


def flat_numbers(values: ArrayLike) -> NDArray[np.floating]:
    """Return numbers that a kernel is compiled for: those of 32 bits stay as they are."""
    array = np.asarray(values)
    kind = np.float32 if array.dtype in (np.float32, np.bool_) else np.float64
    flat: NDArray[Any] = np.ascontiguousarray(array, kind).ravel()
    return flat


@kernel(**KERNEL)
def _add_by_label(
    labels: NDArray[np.int32], values: NDArray[Any], sums: NDArray[np.float64]
) -> None:
    for i in range(labels.size):
        if 0 <= labels[i] < sums.size:
            sums[labels[i]] += values[i]


@kernel(**KERNEL)
def _add_shares_by_label(
    labels: NDArray[np.int32], weight: NDArray[Any], share_: NDArray[Any], sums: NDArray[np.float64]
) -> None:
    for i in range(labels.size):
        if 0 <= labels[i] < sums.size:
            sums[labels[i]] += np.float64(weight[i]) * np.float64(share_[i])


def totals(
    labels: NDArray[np.integer],
    covered: NDArray[np.floating] | NDArray[np.bool_],
    people: NDArray[np.floating],
    pixel_area_km2: float,
    count: int,
) -> Totals:
    """Return people and area per label, in all and where covered.

    Parameters
    ----------
    labels
        Label of every pixel, from 0; -1 outside.
    covered
        Whether the pixel is covered, or its probability.
    people
        People per pixel.
    pixel_area_km2
        Area of a pixel.
    count
        Number of labels; labels without a pixel get zeros.
    """
    pixels, covered_pixels = (
        sum_by_label(labels, each, count) for each in (np.ones(labels.shape, bool), covered)
    )
    (people_covered,) = sum_shares_by_label(labels, people, [covered], count)
    return Totals(
        sum_by_label(labels, people, count),
        people_covered,
        pixels * pixel_area_km2,
        covered_pixels * pixel_area_km2,
    )


def regroup(part: Totals, groups: NDArray[np.integer], count: int) -> Totals:
    """Return the totals of larger units, given the larger unit each label belongs to."""
    return Totals(
        sum_by_label(groups, part.people, count),
        sum_by_label(groups, part.people_covered, count),
        sum_by_label(groups, part.area_km2, count),
        sum_by_label(groups, part.area_covered_km2, count),
    )
