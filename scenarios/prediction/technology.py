"""How a technology turns what is received into speed: streams, limits, and what overheads leave."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import capacity, link_budget
from phusong.geodata.network.cell_defaults import is_tdd
from phusong.scenarios.config.sections import Layer

MAX_SPECTRAL_EFFICIENCY = 7.4  # bit/s/Hz and stream: 256QAM at rate 0.93, TS 38.214 table 5.1.3.1-2


@dataclass(frozen=True)
class Technology:
    """How a technology turns SINR into speed; streams and 4G overheads are assumed [K].

    Parameters
    ----------
    streams
        Most layers of a user.
    highest_efficiency
        Of one layer [bit/s/Hz].
    downlink_overhead
        Share of the resources.
    uplink_overhead
        Share of the resources.
    """

    streams: int
    highest_efficiency: float  # bit/s per hertz and stream
    downlink_overhead: float
    uplink_overhead: float


TECHNOLOGIES = {
    "4G": Technology(2, 4.4, 0.25, 0.15),  # TR 36.942 section A.2
    "5G": Technology(2, MAX_SPECTRAL_EFFICIENCY, 0.14, 0.08),  # TS 38.306, 4.1.2
}


def time_shares(
    frequency_mhz: float, technology: Technology, downlink_share: float
) -> tuple[float, float]:
    """Return the shares of downlink and uplink that carry data: duplex times what overheads leave.

    ``downlink_share`` is that of the time on a TDD carrier. Overheads of 5G below 6 GHz: 0.14
    down and 0.08 up (TS 38.306 section 4.1.2).
    """
    tdd = is_tdd(frequency_mhz)
    down = downlink_share if tdd else 1.0
    up = 1.0 - downlink_share if tdd else 1.0
    return down * (1.0 - technology.downlink_overhead), up * (1.0 - technology.uplink_overhead)


def carried_mhz(layer: Layer) -> float:
    """Return the bandwidth of a 5G layer's subcarriers."""
    count = link_budget.standard_subcarriers(
        layer.bandwidth_mhz, layer.subcarrier_khz, new_radio=True
    )
    return count * layer.subcarrier_khz / 1000.0


def downlink_mbps(sinr_db: NDArray[np.floating], layer: Layer) -> NDArray[np.float32]:
    """Return the download of one user who has the whole 5G carrier, less its overheads."""
    told = TECHNOLOGIES["5G"]
    down, _ = time_shares(layer.frequency_mhz, told, layer.downlink_share)
    return capacity.throughput_mbps(
        sinr_db, carried_mhz(layer), down, layer.streams, told.highest_efficiency
    )
