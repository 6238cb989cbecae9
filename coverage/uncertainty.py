"""How far the error of a prediction carries into the people it counts as covered."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from phusong.coverage.statistics import sum_by_label

Floats = NDArray[np.float64]


class Band(NamedTuple):
    """People covered: a low, a middle and a high figure."""

    low: Floats
    mid: Floats
    high: Floats


class PeopleBand(NamedTuple):
    """The bands of every label, and that of all labels together."""

    by_label: Band
    total: Band


def people_band(
    level_dbm: NDArray[np.floating],
    people: NDArray[np.floating],
    labels: NDArray[np.integer],
    count: int,
    threshold_dbm: float,
    sigma_db: NDArray[np.floating] | float,
    error_sd_db: float,
    correlation: float = 1.0,
    probability: float = 0.9,
) -> PeopleBand:
    """Return the people covered, as a band that holds the truth with a stated probability.

    The true level of a place is the predicted one, plus an error that is the same over the
    area of a label, plus shadowing of ``sigma_db``, which averages out over the people of a
    pixel. A share ``correlation`` of the error's variance is common to all labels; the rest
    is independent from label to label. The middle is at no error. For the total, the exact
    quantile of the common part and the root of the sum of squares of the others are added
    in quadrature; with ``correlation`` 1 it is exact.

    Parameters
    ----------
    level_dbm
        Predicted median level of every pixel; -inf or NaN where nothing is received.
    people
        People per pixel.
    labels
        Label of every pixel, from 0, such as the row of its commune; -1 outside.
    count
        Number of labels.
    threshold_dbm
        Level of service, without a margin for shadowing.
    sigma_db
        Deviation of shadowing in a pixel, one or per pixel; above 0.
    error_sd_db
        Deviation of the model's error over an area.
    correlation
        Share of the error's variance that is common to all labels, 0 to 1; 1, the widest
        band of the total, where nothing is known.
    probability
        Of the band, such as 0.9 from the 5 % to the 95 % quantile.
    """
    spare_db = np.nan_to_num(np.asarray(level_dbm, float) - threshold_dbm, nan=-np.inf)

    def covered(shift_db: float) -> Floats:
        share = ndtr((spare_db + shift_db) / sigma_db)
        return sum_by_label(labels, share * people, count)

    far_db = float(ndtri(0.5 + 0.5 * probability)) * error_sd_db
    band = Band(*(covered(shift_db) for shift_db in (-far_db, 0.0, far_db)))
    common_db = far_db * float(np.sqrt(correlation))
    own = float(np.sqrt(1.0 - correlation))
    middle = float(band.mid.sum())
    low, high = (
        middle
        + sign
        * np.hypot(
            float(covered(sign * common_db).sum()) - middle,
            own * float(np.linalg.norm(np.asarray(end) - band.mid)),
        )
        for sign, end in ((-1.0, band.low), (1.0, band.high))
    )
    everyone = float(sum_by_label(labels, people, count).sum())
    total = Band(*(np.array(np.clip(v, 0.0, everyone)) for v in (low, middle, high)))
    return PeopleBand(band, total)
