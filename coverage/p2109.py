"""Recommendation ITU-R P.2109-1: loss on entering a building, 80 MHz to 100 GHz.

The median depends on the building, the frequency and the elevation of the path at the
facade; the spread covers buildings, rooms and positions.
"""

import math
from typing import NamedTuple

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.normal import quantile

__all__ = ["entry_loss_db"]


class Building(NamedTuple):
    """The coefficients of table 1, by their letters."""

    r: float
    s: float
    t: float
    u: float
    v: float
    w: float
    x: float
    y: float
    z: float


TRADITIONAL = Building(12.64, 3.72, 0.96, 9.6, 2.0, 9.1, -3.0, 4.5, -2.0)
THERMALLY_EFFICIENT = Building(28.19, -3.00, 8.48, 13.5, 3.8, 27.8, -2.9, 9.4, -2.1)


@kernel(**PATH)
def horizontal_median_loss_db(frequency_mhz: float, building: Building = TRADITIONAL) -> float:
    """Return the median loss of a horizontal path (eq. 9)."""
    log_f = math.log10(frequency_mhz / 1000.0)
    return building.r + building.s * log_f + building.t * log_f**2


@kernel(**PATH)
def loss_at_deviations_db(
    frequency_mhz: float,
    deviations: float,
    building: Building = TRADITIONAL,
    elevation_deg: float = 0.0,
) -> float:
    """Return the entry loss so many normal deviations from the median (eq. 1 to 8)."""
    log_f = math.log10(frequency_mhz / 1000.0)
    median_db = horizontal_median_loss_db(frequency_mhz, building) + 0.212 * abs(elevation_deg)
    a_db = median_db + deviations * (building.u + building.v * log_f)
    b_db = building.w + building.x * log_f + deviations * (building.y + building.z * log_f)
    return 10.0 * math.log10(10.0 ** (0.1 * a_db) + 10.0 ** (0.1 * b_db) + 10.0**-0.3)


@kernel(**PATH)
def entry_loss_db(
    frequency_mhz: float,
    probability: float = 0.5,
    building: Building = TRADITIONAL,
    elevation_deg: float = 0.0,
) -> float:
    """Return the entry loss not exceeded with a probability (eq. 1 to 8).

    Parameters
    ----------
    frequency_mhz
        Frequency [MHz].
    probability
        Above 0 and below 1.
    building
        Coefficients of the kind of building.
    elevation_deg
        Of the path at the building [degrees].

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    Recommendation ITU-R P.2109-1 (2019), equations 1 to 8.

    Examples
    --------
    >>> round(entry_loss_db(2600.0), 2)
    15.29
    """
    return loss_at_deviations_db(frequency_mhz, quantile(probability), building, elevation_deg)
