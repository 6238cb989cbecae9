"""Free-space loss, Recommendation ITU-R P.525-4."""

import math

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.units import SPEED_OF_LIGHT_M_S

_ONE_METRE_ONE_MHZ_DB = 20.0 * math.log10(4.0e6 * math.pi / SPEED_OF_LIGHT_M_S)


@kernel(**PATH)
def free_space_loss_db(distance_m: float, frequency_mhz: float) -> float:
    """Return the loss between isotropic antennas in free space (P.525-4 eq. 3).

    The equation holds in the far field; the distance is the slant distance, above zero.

    Examples
    --------
    >>> round(free_space_loss_db(1000.0, 1000.0), 2)
    92.45
    """
    return _ONE_METRE_ONE_MHZ_DB + 20.0 * math.log10(distance_m * frequency_mhz)


@kernel(**PATH)
def path_loss_db(
    distance_m: float, frequency_mhz: float, base_height_m: float, user_height_m: float
) -> float:
    """Return the free-space loss between antennas a horizontal distance apart."""
    slant_m = math.hypot(distance_m, base_height_m - user_height_m)
    return free_space_loss_db(slant_m, frequency_mhz)


def reach_m(frequency_mhz: NDArray[np.float64], allowed_db: float, radius_m: float) -> float:
    """Return how far free space at the lowest frequency allows, at most the radius."""
    one_metre_db = float(free_space_loss_db(1.0, float(np.min(frequency_mhz))))
    return float(min(radius_m, 10.0 ** ((allowed_db - one_metre_db) / 20.0)))
