"""From signal and interference to SINR and throughput."""

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.units import milliwatt_from_dbm, ratio_from_db


def sinr_db(
    rsrp_dbm: NDArray[np.float32],
    total_mw: NDArray[np.float32],
    noise_dbm: float,
    load: float = 0.5,
) -> NDArray[np.float32]:
    """Return SINR (or SS-SINR) of the serving cell when the others are loaded so far.

    Parameters
    ----------
    rsrp_dbm
        Level of the serving cell per resource element; -inf where there is none.
    total_mw
        Power of all cells per resource element, the serving one included.
    noise_dbm
        Noise of one resource element, see ``link_budget.noise_per_re_dbm``.
    load
        Share of their resource elements that the other cells fill.

    Returns
    -------
    SINR in decibels, NaN where no cell serves.
    """
    signal = milliwatt_from_dbm(rsrp_dbm.astype(np.float64))
    others = np.maximum(total_mw - signal, 0.0)
    with np.errstate(divide="ignore"):
        ratio_db = 10.0 * np.log10(signal / (load * others + milliwatt_from_dbm(noise_dbm)))
    return np.where(np.isneginf(rsrp_dbm), np.nan, ratio_db).astype(np.float32)


def spectral_efficiency(
    sinr_db: NDArray[np.floating],
    attenuation: float = 0.6,
    lowest_sinr_db: float = -10.0,
    highest_efficiency: float = 4.4,
) -> NDArray[np.float64]:
    """Return bit/s per hertz of one layer: truncated Shannon.

    References
    ----------
    3GPP TR 36.942 section A.2: attenuation 0.6 and at most 4.4 bit/s/Hz downlink, 0.4 and
    2.0 uplink, nothing below -10 dB.
    """
    efficiency = np.minimum(attenuation * np.log2(1.0 + ratio_from_db(sinr_db)), highest_efficiency)
    return np.where(np.asarray(sinr_db) >= lowest_sinr_db, efficiency, 0.0)


def throughput_mbps(
    sinr_db: NDArray[np.floating],
    bandwidth_mhz: float,
    time_share: float = 1.0,
    rank: int = 1,
    highest_efficiency: float = 4.4,
) -> NDArray[np.float32]:
    """Return the throughput of one user who has the whole carrier.

    Parameters
    ----------
    sinr_db
        SINR before it is shared among layers; NaN gives NaN.
    bandwidth_mhz
        Bandwidth that carries data.
    time_share
        Share of the time in this direction (TDD), less overheads.
    rank
        Most layers; of 1 to ``rank`` the number that carries most is used, each layer with
        its share of the power.
    highest_efficiency
        Limit of one layer, in bit/s per hertz.
    """
    sinr = np.asarray(sinr_db, float)
    best = np.zeros(sinr.shape)
    for layers in range(1, rank + 1):
        per_layer = spectral_efficiency(
            sinr - 10.0 * np.log10(layers), highest_efficiency=highest_efficiency
        )
        best = np.maximum(best, layers * per_layer)
    return np.where(np.isnan(sinr), np.nan, bandwidth_mhz * time_share * best).astype(np.float32)
