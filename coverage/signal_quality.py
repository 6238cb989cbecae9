"""What a handset measures of a carrier, by the names of 3GPP, and the SINR of its data.

Reference signals (SSB of NR, cell-specific reference signals of LTE) are there whatever the
traffic: SS-SINR, SS-RSRQ, RS-SINR, RSRQ and RSSI are those of the SSB, or of LTE at a stated
reference load. The SINR of data is that under a stated traffic load, and drives rates.
"""

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.link_budget import SUBCARRIERS_PER_BLOCK
from phusong.coverage.units import milliwatt_from_dbm

__all__ = ["data_sinr_db", "reference_sinr_db", "rsrq_db", "rssi_dbm"]

ROUNDING = 2e-6  # of a level kept in 32 bits: less than that beside it is no interference
REFERENCE_LOAD = 1.0  # share of resource elements of LTE that are filled where it is measured
RS_PER_PORT = 2  # resource elements of one port in a block and symbol: TS 36.211 section 6.10.1.2
RS_PORTS = 2  # ports whose reference signals share a symbol with those of port 0: the same

Floats = NDArray[np.float32]
Ports = NDArray[np.integer] | int


def others_mw(rsrp_dbm: Floats, total_mw: Floats, ports: Ports = 1) -> NDArray[np.float64]:
    """Return the power of the cells that do not serve, over all their ports."""
    own = ports * milliwatt_from_dbm(rsrp_dbm.astype(np.float64))
    others = np.maximum(total_mw - own, 0.0)
    return np.where(others > ROUNDING * own, others, 0.0)


def _ratio_db(
    rsrp_dbm: Floats, signal_mw: NDArray[np.float64], disturbance_mw: NDArray[np.float64]
) -> Floats:
    with np.errstate(divide="ignore"):
        ratio_db = 10.0 * np.log10(signal_mw / disturbance_mw)
    return np.where(np.isneginf(rsrp_dbm), np.nan, ratio_db).astype(np.float32)


def reference_sinr_db(
    rsrp_dbm: Floats,
    total_mw: Floats,
    noise_dbm: float,
    ports: Ports = 1,
    *,
    new_radio: bool,
    load: float = REFERENCE_LOAD,
) -> Floats:
    """Return SS-SINR (NR) or RS-SINR (LTE) of the serving cell.

    NR cells are in step and all send their SSB at once, each on one port, whatever the traffic.
    Reference signals of LTE meet what the other cells send on all their ports at a reference load.

    Parameters
    ----------
    rsrp_dbm
        Level of the serving cell per resource element and port; -inf where there is none.
    total_mw
        Power of all cells per resource element over all their ports, the serving one included.
    noise_dbm
        Noise of one resource element, see ``link_budget.noise_per_re_dbm``.
    ports
        Ports of the serving cell; those of other cells are taken alike.
    new_radio
        NR, else LTE.
    load
        Share of their resource elements that the other cells of LTE fill.

    Returns
    -------
    ndarray
        SINR [dB], NaN where no cell serves.

    References
    ----------
    TS 38.215 section 5.1.5 (SS-SINR); TS 36.214 section 5.1.23 (RS-SINR).

    Examples
    --------
    >>> twins_mw = np.float32([2e-9])
    >>> float(reference_sinr_db(np.float32([-90.0]), twins_mw, -150.0, new_radio=True)[0].round(2))
    0.0
    """
    heard = 1.0 / np.asarray(ports, float) if new_radio else load
    signal_mw = milliwatt_from_dbm(rsrp_dbm.astype(np.float64))
    disturbance_mw = heard * others_mw(rsrp_dbm, total_mw, ports) + milliwatt_from_dbm(noise_dbm)
    return _ratio_db(rsrp_dbm, signal_mw, disturbance_mw)


def data_sinr_db(
    rsrp_dbm: Floats,
    total_mw: Floats,
    noise_dbm: float,
    load: float,
    ports: Ports = 1,
) -> Floats:
    """Return the SINR of data of the serving cell under a traffic load, before layers share it.

    A resource element of data is sent on all ports of its cell, each with the power of one
    reference signal (the carrier's power is spread evenly). However many ports share the power,
    the data has all of it.

    Parameters
    ----------
    rsrp_dbm
        Level of the serving cell per resource element and port; -inf where there is none.
    total_mw
        Power of all cells per resource element over all their ports, the serving one included.
    noise_dbm
        Noise of one resource element.
    load
        Share of their resource elements that the other cells fill.
    ports
        Ports of the serving cell.

    Returns
    -------
    ndarray
        SINR [dB], NaN where no cell serves.

    Examples
    --------
    >>> alone_mw = np.float32([4e-9])
    >>> float(data_sinr_db(np.float32([-90.0]), alone_mw, -100.0, 0.5, 4)[0].round(2))
    16.02
    """
    signal_mw = ports * milliwatt_from_dbm(rsrp_dbm.astype(np.float64))
    disturbance_mw = load * others_mw(rsrp_dbm, total_mw, ports) + milliwatt_from_dbm(noise_dbm)
    return _ratio_db(rsrp_dbm, signal_mw, disturbance_mw)


def filled_elements(ports: Ports, load: float, *, new_radio: bool) -> NDArray[np.float64]:
    """Return what fills a resource block in a measured symbol, in resource elements of data.

    In NR the SSB fills all twelve, on one port. In LTE a symbol with reference signals of port 0
    holds two resource elements of it, two of port 1 where there is one, and data on the others.

    References
    ----------
    TS 38.211 section 7.4.3.1; TS 36.211 section 6.10.1.2.

    Examples
    --------
    >>> [float(filled_elements(ports, 1.0, new_radio=False)) for ports in (1, 2, 4)]
    [12.0, 10.0, 9.0]
    """
    shared = np.asarray(ports, float)
    if new_radio:
        return SUBCARRIERS_PER_BLOCK / shared
    reference = RS_PER_PORT * np.minimum(shared, RS_PORTS)
    return reference / shared + load * (SUBCARRIERS_PER_BLOCK - reference)


def rssi_dbm(
    total_mw: Floats,
    noise_dbm: float,
    blocks: int,
    ports: Ports = 1,
    *,
    new_radio: bool,
    load: float = REFERENCE_LOAD,
) -> Floats:
    """Return RSSI: the power of all cells and the noise in the symbols that are measured.

    Those of LTE hold reference signals of port 0, those of NR the SSB, which is taken to fill the
    whole carrier: its own 20 blocks hold as much each.

    Parameters
    ----------
    total_mw
        Power of all cells per resource element of data, each over its own ports.
    noise_dbm
        Noise of one resource element.
    blocks
        Resource blocks of the carrier.
    ports
        Ports of the serving cell; those of other cells are taken alike.
    new_radio
        NR, else LTE.
    load
        Share of the resource elements of data that the cells of LTE fill.

    Returns
    -------
    ndarray
        RSSI over the carrier [dBm].

    References
    ----------
    TS 36.214 section 5.1.3 (E-UTRA carrier RSSI), TS 38.215 section 5.1.3 (NR carrier RSSI).
    """
    of_cells_mw = filled_elements(ports, load, new_radio=new_radio) * total_mw.astype(np.float64)
    of_noise_mw = SUBCARRIERS_PER_BLOCK * milliwatt_from_dbm(noise_dbm)
    return np.asarray(10.0 * np.log10(blocks * (of_cells_mw + of_noise_mw)), np.float32)


def rsrq_db(rsrp_dbm: Floats, rssi_dbm: Floats, blocks: int) -> Floats:
    """Return RSRQ (LTE) or SS-RSRQ (NR): blocks times level over RSSI of the same blocks.

    Parameters
    ----------
    rsrp_dbm
        Level of the serving cell per resource element and port; -inf where there is none.
    rssi_dbm
        Over the carrier, see ``rssi_dbm``.
    blocks
        Resource blocks of the carrier.

    Returns
    -------
    ndarray
        RSRQ [dB], NaN where no cell serves.

    References
    ----------
    TS 36.214 section 5.1.3 (RSRQ), TS 38.215 section 5.1.3 (SS-RSRQ).
    """
    ratio_db = 10.0 * np.log10(blocks) + rsrp_dbm - rssi_dbm
    return np.where(np.isneginf(rsrp_dbm), np.nan, ratio_db).astype(np.float32)
