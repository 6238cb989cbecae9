"""Decibels, power, wavelength and noise; for scalars, arrays and compiled kernels alike."""

from typing import TypeVar

import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

SPEED_OF_LIGHT_M_S = 299_792_458.0
BOLTZMANN_J_K = 1.380_649e-23
REFERENCE_TEMPERATURE_K = 290.0
DIPOLE_GAIN_DBI = 2.15

LOG10_E = 0.4342944819032518

FloatArray = NDArray[np.float64]
Quantity = TypeVar("Quantity", float, NDArray[np.floating])


@register_jitable
def ratio_from_db(level_db: Quantity) -> Quantity:
    """Return the power ratio of a level in decibels."""
    result: Quantity = 10.0 ** (level_db / 10.0)
    return result


@register_jitable
def db_from_ratio(ratio: Quantity) -> Quantity:
    """Return the level in decibels of a power ratio."""
    result: Quantity = 10.0 * np.log10(ratio)
    return result


@register_jitable
def milliwatt_from_dbm(power_dbm: Quantity) -> Quantity:
    """Return milliwatts of a power in dBm."""
    result: Quantity = 10.0 ** (power_dbm / 10.0)
    return result


@register_jitable
def dbm_from_milliwatt(power_mw: Quantity) -> Quantity:
    """Return dBm of a power in milliwatts."""
    result: Quantity = 10.0 * np.log10(power_mw)
    return result


@register_jitable
def watt_from_dbm(power_dbm: Quantity) -> Quantity:
    """Return watts of a power in dBm."""
    result: Quantity = 10.0 ** (power_dbm / 10.0 - 3.0)
    return result


@register_jitable
def dbm_from_watt(power_w: Quantity) -> Quantity:
    """Return dBm of a power in watts."""
    result: Quantity = 10.0 * np.log10(power_w) + 30.0
    return result


@register_jitable
def wavelength_m(frequency_mhz: Quantity) -> Quantity:
    """Return the wavelength in vacuum."""
    result: Quantity = SPEED_OF_LIGHT_M_S * 1e-6 / frequency_mhz
    return result


@register_jitable
def thermal_noise_dbm(
    bandwidth_hz: Quantity,
    noise_figure_db: float = 0.0,
    temperature_k: float = REFERENCE_TEMPERATURE_K,
) -> Quantity:
    """Return the noise power kTB of a receiver plus its noise figure (-174 dBm/Hz at 290 K)."""
    noise_w = BOLTZMANN_J_K * temperature_k * bandwidth_hz
    result: Quantity = 10.0 * np.log10(noise_w) + 30.0 + noise_figure_db
    return result


@register_jitable
def log10(ratio: Quantity) -> Quantity:
    """Return the decimal logarithm by way of the natural one, the faster of the two compiled."""
    result: Quantity = np.log(ratio) * LOG10_E
    return result
