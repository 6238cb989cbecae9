"""Decibels, power, wavelength and noise; for scalars, arrays and compiled kernels alike."""

from typing import TypeVar

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

__all__ = [
    "db_from_ratio",
    "dbm_from_milliwatt",
    "dbm_from_watt",
    "milliwatt_from_dbm",
    "ratio_from_db",
    "thermal_noise_dbm",
    "watt_from_dbm",
    "wavelength_m",
]

SPEED_OF_LIGHT_M_S = 299_792_458.0
BOLTZMANN_J_K = 1.380_649e-23
REFERENCE_TEMPERATURE_K = 290.0

LOG10_E = 0.4342944819032518

FloatArray = NDArray[np.float64]
Quantity = TypeVar("Quantity", float, NDArray[np.floating])


@register_jitable
def ratio_from_db(level_db: Quantity) -> Quantity:
    """Return the power ratio of a level in decibels.

    Parameters
    ----------
    level_db
        Level [dB].

    Returns
    -------
    float or ndarray
        Ratio of powers.
    """
    result: Quantity = 10.0 ** (level_db / 10.0)
    return result


@register_jitable
def db_from_ratio(ratio: Quantity) -> Quantity:
    """Return the level in decibels of a power ratio.

    Parameters
    ----------
    ratio
        Ratio of powers, above zero.

    Returns
    -------
    float or ndarray
        Level [dB].
    """
    result: Quantity = 10.0 * np.log10(ratio)
    return result


@register_jitable
def milliwatt_from_dbm(power_dbm: Quantity) -> Quantity:
    """Return milliwatts of a power in dBm.

    Parameters
    ----------
    power_dbm
        Power [dBm].

    Returns
    -------
    float or ndarray
        Power [mW].
    """
    result: Quantity = 10.0 ** (power_dbm / 10.0)
    return result


@register_jitable
def dbm_from_milliwatt(power_mw: Quantity) -> Quantity:
    """Return dBm of a power in milliwatts.

    Parameters
    ----------
    power_mw
        Power [mW], above zero.

    Returns
    -------
    float or ndarray
        Power [dBm].
    """
    result: Quantity = 10.0 * np.log10(power_mw)
    return result


@register_jitable
def watt_from_dbm(power_dbm: Quantity) -> Quantity:
    """Return watts of a power in dBm.

    Parameters
    ----------
    power_dbm
        Power [dBm].

    Returns
    -------
    float or ndarray
        Power [W].
    """
    result: Quantity = 10.0 ** (power_dbm / 10.0 - 3.0)
    return result


@register_jitable
def dbm_from_watt(power_w: Quantity) -> Quantity:
    """Return dBm of a power in watts.

    Parameters
    ----------
    power_w
        Power [W], above zero.

    Returns
    -------
    float or ndarray
        Power [dBm].
    """
    result: Quantity = 10.0 * np.log10(power_w) + 30.0
    return result


@register_jitable
def wavelength_m(frequency_mhz: Quantity) -> Quantity:
    """Return the wavelength in vacuum.

    Parameters
    ----------
    frequency_mhz
        Frequency [MHz].

    Returns
    -------
    float or ndarray
        Wavelength [m].

    Examples
    --------
    >>> round(wavelength_m(2600.0), 4)
    0.1153
    """
    result: Quantity = SPEED_OF_LIGHT_M_S * 1e-6 / frequency_mhz
    return result


@register_jitable
def thermal_noise_dbm(
    bandwidth_hz: Quantity,
    noise_figure_db: float = 0.0,
    temperature_k: float = REFERENCE_TEMPERATURE_K,
) -> Quantity:
    """Return the noise power kTB of a receiver plus its noise figure (-174 dBm/Hz at 290 K).

    Parameters
    ----------
    bandwidth_hz
        Bandwidth [Hz].
    noise_figure_db
        Of the receiver [dB].
    temperature_k
        Noise temperature [K].

    Returns
    -------
    float or ndarray
        Noise power [dBm].

    References
    ----------
    Recommendation ITU-R P.372: kTB.
    """
    noise_w = BOLTZMANN_J_K * temperature_k * bandwidth_hz
    result: Quantity = 10.0 * np.log10(noise_w) + 30.0 + noise_figure_db
    return result


@register_jitable
def log10(ratio: Quantity) -> Quantity:
    """Return the decimal logarithm by way of the natural one, the faster of the two compiled."""
    result: Quantity = np.log(ratio) * LOG10_E
    return result
