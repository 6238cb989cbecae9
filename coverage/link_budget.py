"""Link budgets: power per resource element, required levels, noise and exposure distance."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from phusong.coverage.units import dbm_from_watt, thermal_noise_dbm

__all__ = [
    "eirp_dbm",
    "eirp_per_re_dbm",
    "exposure_distance_m",
    "noise_per_re_dbm",
    "required_outdoor_dbm",
    "rsrp_dbm",
    "service_probability",
    "shadowing_margin_db",
]

SUBCARRIERS_PER_BLOCK = 12
# Resource blocks of a carrier by bandwidth in MHz: TS 36.101 table 5.6-1, and TS 38.104 table
# 5.3.2-1 by subcarrier spacing in kHz.
LTE_BLOCKS = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
_NARROW_MHZ = (5, 10, 15, 20, 25, 30, 35, 40, 45, 50)
_WIDE_MHZ = (60, 70, 80, 90, 100)
_NR_ROWS = {
    15.0: (_NARROW_MHZ, (25, 52, 79, 106, 133, 160, 188, 216, 242, 270)),
    30.0: (
        (*_NARROW_MHZ, *_WIDE_MHZ),
        (11, 24, 38, 51, 65, 78, 92, 106, 119, 133, 162, 189, 217, 245, 273),
    ),
    60.0: (
        (*_NARROW_MHZ[1:], *_WIDE_MHZ),
        (11, 18, 24, 31, 38, 44, 51, 58, 65, 79, 93, 107, 121, 135),
    ),
}
NR_BLOCKS = {
    spacing: {float(width): blocks for width, blocks in zip(*row, strict=True)}
    for spacing, row in _NR_ROWS.items()
}
PUBLIC_EXPOSURE_W_M2 = 2.0  # ICNIRP (2020), table 5: the strictest above 30 MHz


def subcarriers(
    bandwidth_mhz: float, spacing_khz: float = 15.0, occupied_share: float = 0.9
) -> int:
    """Return the number of subcarriers of a carrier, in whole resource blocks.

    The default share gives LTE's 600 and 1200 subcarriers at 10 and 20 MHz (TS 36.101
    table 5.6-1); NR carriers fill more (``occupied_share=0.9828`` gives the 273 blocks of
    100 MHz at 30 kHz, TS 38.104 table 5.3.2-1).
    """
    block_mhz = SUBCARRIERS_PER_BLOCK * spacing_khz / 1000.0
    return SUBCARRIERS_PER_BLOCK * math.floor(bandwidth_mhz * occupied_share / block_mhz + 1e-9)


def standard_subcarriers(bandwidth_mhz: float, spacing_khz: float, *, new_radio: bool) -> int:
    """Return the subcarriers of a standard LTE or NR carrier.

    A bandwidth or spacing that is not in the standard fills 90 % of it.

    Examples
    --------
    >>> standard_subcarriers(100.0, 30.0, new_radio=True)
    3276
    """
    tables = NR_BLOCKS if new_radio else {15.0: LTE_BLOCKS}
    blocks = tables.get(spacing_khz, {}).get(bandwidth_mhz)
    if blocks is None:
        return subcarriers(bandwidth_mhz, spacing_khz)
    return SUBCARRIERS_PER_BLOCK * blocks


def eirp_dbm(power_w: float, antenna_gain_dbi: float, feeder_loss_db: float = 0.0) -> float:
    """Return the power radiated in the main lobe, over all branches.

    Parameters
    ----------
    power_w
        Power over all branches [W].
    antenna_gain_dbi
        Gain of the main lobe [dBi].
    feeder_loss_db
        Loss before the antenna [dB].

    Returns
    -------
    float
        EIRP [dBm].
    """
    return float(dbm_from_watt(power_w)) + antenna_gain_dbi - feeder_loss_db


def eirp_per_re_dbm(
    power_w: float,
    antenna_gain_dbi: float,
    subcarrier_count: int,
    feeder_loss_db: float = 0.0,
    ports: int = 1,
) -> float:
    """Return the radiated power of one resource element of a reference signal.

    Parameters
    ----------
    power_w
        Power of the carrier over all branches, spread evenly over its subcarriers [W].
    antenna_gain_dbi
        Gain of the beam that carries the reference signal [dBi].
    subcarrier_count
        Subcarriers that share the power.
    feeder_loss_db
        Loss before the antenna [dB].
    ports
        Antenna ports that share the power; RSRP is measured on one (TS 36.214 section 5.1.1). One
        for NR's synchronisation block, sent in one beam at full power.

    Returns
    -------
    float
        EIRP of one resource element and port [dBm].

    Examples
    --------
    >>> round(eirp_per_re_dbm(80.0, 17.5, 1200, feeder_loss_db=0.5, ports=2), 1)
    32.2
    """
    shared_db = 10.0 * math.log10(subcarrier_count * ports)
    return eirp_dbm(power_w, antenna_gain_dbi, feeder_loss_db) - shared_db


def rsrp_dbm(
    eirp_per_re_dbm: float, loss_db: NDArray[np.floating] | float, pattern_loss_db: float = 0.0
) -> NDArray[np.floating] | float:
    """Return RSRP (or SS-RSRP) at an antenna of 0 dBi.

    Parameters
    ----------
    eirp_per_re_dbm
        EIRP of one resource element in the main lobe [dBm].
    loss_db
        Path loss [dB].
    pattern_loss_db
        What the antenna loses in the direction of the receiver [dB].

    Returns
    -------
    float or ndarray
        Level per resource element [dBm].

    References
    ----------
    3GPP TS 36.214 section 5.1.1, TS 38.215 section 5.1.1.
    """
    return eirp_per_re_dbm - pattern_loss_db - loss_db


def shadowing_margin_db(sigma_db: float, probability: float) -> float:
    """Return the margin that a log-normal signal needs at a place to be received so often.

    Parameters
    ----------
    sigma_db
        Deviation of the level from place to place [dB].
    probability
        Share of places to be served, above 0 and below 1.

    Returns
    -------
    float
        Margin on the median level [dB].

    Examples
    --------
    >>> round(shadowing_margin_db(8.0, 0.9), 2)
    10.25
    """
    return sigma_db * float(ndtri(probability))


def required_outdoor_dbm(
    threshold_dbm: float, entry_loss_db: float = 0.0, margin_db: float = 0.0
) -> float:
    """Return the median level that the map must show outdoors for a service to work.

    Parameters
    ----------
    threshold_dbm
        Level at the handset [dBm].
    entry_loss_db
        Into the building, 0 outdoors [dB].
    margin_db
        For shadowing [dB].

    Returns
    -------
    float
        Level outdoors [dBm].
    """
    return threshold_dbm + entry_loss_db + margin_db


def service_probability(
    level_dbm: NDArray[np.floating], required_dbm: float, sigma_db: float | NDArray[np.floating]
) -> NDArray[np.floating]:
    """Return the share of places in a pixel whose level reaches the required one.

    Parameters
    ----------
    level_dbm
        Median levels, any shape [dBm].
    required_dbm
        Level that serves [dBm].
    sigma_db
        Deviation of the level from place to place [dB].

    Returns
    -------
    ndarray
        Share of places, 0 to 1, of the same shape.
    """
    share: NDArray[np.floating] = ndtr((np.asarray(level_dbm) - required_dbm) / sigma_db)
    return share


def noise_per_re_dbm(spacing_khz: float, noise_figure_db: float) -> float:
    """Return the noise of one subcarrier, the same bandwidth as RSRP.

    Parameters
    ----------
    spacing_khz
        Subcarrier spacing [kHz].
    noise_figure_db
        Of the handset [dB].

    Returns
    -------
    float
        Noise [dBm].
    """
    return float(thermal_noise_dbm(spacing_khz * 1000.0, noise_figure_db))


def exposure_distance_m(
    eirp_w: float, time_share: float = 1.0, limit_w_m2: float = PUBLIC_EXPOSURE_W_M2
) -> float:
    """Return the distance in the main lobe at which exposure falls to the limit.

    Far field, S = EIRP / (4 pi d^2); ``time_share`` is the mean share of full power in the
    beam (downlink share of TDD times traffic).

    Parameters
    ----------
    eirp_w
        EIRP over the whole carrier [W].
    time_share
        Mean share of full power in the beam, 0 to 1.
    limit_w_m2
        Power density allowed [W/m2].

    Returns
    -------
    float
        Distance [m].

    References
    ----------
    ICNIRP guidelines (2020), table 5: 2 W/m2 for the public from 30 to 400 MHz, more above.
    """
    return math.sqrt(eirp_w * time_share / (4.0 * math.pi * limit_w_m2))
