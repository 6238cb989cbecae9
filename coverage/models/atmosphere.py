"""Gas and rain, which count above 10 GHz, through the optional library itur.

itur holds the spectral lines and regression tables of the Recommendations; the path
reduction of rain is that of ITU-R P.530-18. These functions take arrays and are no kernels.
"""

from importlib import import_module
from types import ModuleType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from phusong.coverage.diffraction import HORIZONTAL
from phusong.coverage.units import FloatArray
from phusong.errors import PhusongError
from phusong.messages import message

LARGEST_REDUCTION = 2.5
FROM_MHZ = 10_000.0  # below, gas and rain are lost in the rounding of a mobile path


class Air(NamedTuple):
    """What a path near the ground runs through.

    The defaults are the standard atmosphere of P.676-12 (15 degrees, 7.5 g/m3), without rain.
    """

    pressure_hpa: float = 1013.25
    vapour_g_m3: float = 7.5
    temperature_k: float = 288.15
    rain_mm_h: float = 0.0  # exceeded for 0.01 % of an average year


STANDARD = Air()


def _itur(part: str) -> ModuleType:
    """Return a part of itur, which is slow to import, or say how to get it."""
    try:
        return import_module(f"itur.models.{part}")
    except ImportError:  # the extra is not installed
        raise PhusongError(message("refusal.gas_and_rain_loss_need_the")) from None


def gas_loss_db(distance_m: ArrayLike, frequency_mhz: float, air: Air = STANDARD) -> FloatArray:
    """Return the loss in oxygen and water vapour of a path near the ground (P.676-12).

    Parameters
    ----------
    distance_m
        Horizontal distance [m].
    frequency_mhz
        Frequency [MHz].
    air
        Pressure, vapour and temperature.

    Returns
    -------
    ndarray
        Loss [dB].

    References
    ----------
    Recommendation ITU-R P.676-12.
    """
    lines, ghz = _itur("itu676"), frequency_mhz / 1e3
    per_km = lines.gamma_exact(ghz, air.pressure_hpa, air.vapour_g_m3, air.temperature_k)
    return np.asarray(distance_m, dtype=np.float64) / 1e3 * float(per_km.value)


def rain_reduction(
    distance_km: ArrayLike, frequency_ghz: float, rain_mm_h: float, alpha: float
) -> FloatArray:
    """Return the factor by which rain acts on a shorter path (P.530-18 eq. 32), 2.5 at most."""
    km = np.asarray(distance_km, dtype=np.float64)
    growth = 0.477 * km**0.633 * rain_mm_h ** (0.073 * alpha) * frequency_ghz**0.123
    divisor = growth - 10.579 * (1.0 - np.exp(-0.024 * km))
    return np.where(divisor > 1.0 / LARGEST_REDUCTION, 1.0 / divisor, LARGEST_REDUCTION)


def rain_loss_db(
    distance_m: ArrayLike, frequency_mhz: float, rain_mm_h: float, polarization: int = HORIZONTAL
) -> FloatArray:
    """Return the loss in rain exceeded for as much of the time as the rain rate is.

    P.838-3 for a kilometre of rain, P.530-18 for how much of the path it covers; the rate is
    the one exceeded for 0.01 per cent of an average year.

    Parameters
    ----------
    distance_m
        Horizontal distance [m].
    frequency_mhz
        Frequency [MHz].
    rain_mm_h
        Rain rate exceeded for 0.01 % of an average year [mm/h].
    polarization
        0 horizontal, 1 vertical.

    Returns
    -------
    ndarray
        Loss [dB].

    References
    ----------
    Recommendations ITU-R P.838-3 and P.530-18.
    """
    ghz, tilt_deg = frequency_mhz / 1e3, 0.0 if polarization == HORIZONTAL else 90.0
    k, alpha = _itur("itu838").rain_specific_attenuation_coefficients(ghz, 0.0, tilt_deg)
    km = np.asarray(distance_m, dtype=np.float64) / 1e3
    if rain_mm_h == 0.0:
        return np.zeros_like(km)
    per_km = float(k) * rain_mm_h ** float(alpha)
    loss_db: FloatArray = km * per_km * rain_reduction(km, ghz, rain_mm_h, float(alpha))
    return loss_db
