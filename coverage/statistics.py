"""Covered people and area per label: communes, districts, zones, operators."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def sum_by_label(
    labels: NDArray[np.integer], values: NDArray[np.generic], count: int
) -> NDArray[np.float64]:
    """Return the sum of values per label 0 to ``count - 1``; label -1 is left out."""
    shifted = labels.ravel().astype(np.int64) - OUTSIDE  # what lies outside is counted first
    weights = np.asarray(values, dtype=np.float64).ravel()
    return np.asarray(np.bincount(shifted, weights, count + 1)[1:], np.float64)


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
    ones = np.broadcast_to(np.float64(pixel_area_km2), labels.shape)
    return Totals(
        sum_by_label(labels, people, count),
        sum_by_label(labels, covered * people, count),
        sum_by_label(labels, ones, count),
        sum_by_label(labels, covered * pixel_area_km2, count),
    )


def regroup(part: Totals, groups: NDArray[np.integer], count: int) -> Totals:
    """Return the totals of larger units, given the larger unit each label belongs to."""
    return Totals(
        sum_by_label(groups, part.people, count),
        sum_by_label(groups, part.people_covered, count),
        sum_by_label(groups, part.area_km2, count),
        sum_by_label(groups, part.area_covered_km2, count),
    )
