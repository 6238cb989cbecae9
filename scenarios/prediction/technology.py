"""How a technology turns what is received into speed: streams, limits, and what overheads leave."""

from dataclasses import dataclass

from phusong.coverage import capacity, link_budget
from phusong.scenarios.config.layers import Layer
from phusong.scenarios.prediction.speeds import Downlink

MAX_EFFICIENCY = 8 * 948 / 1024  # bits per resource element: 256QAM, TS 38.306 section 4.1.2


@dataclass(frozen=True)
class Technology:
    """How a technology turns SINR into speed; streams and 4G overheads are assumed [K].

    Overheads are what data does not get of the resource elements: control channels, reference
    and synchronisation signals. Those of 4G lie between what one and three symbols of control
    with reference signals on two ports take, 0.14 and 0.29 (TS 36.211 sections 6.7 and 6.10).

    Parameters
    ----------
    streams
        Most layers of a user.
    highest_efficiency
        Of one layer, down [bits per resource element].
    uplink_highest_efficiency
        The same, up; a handset sends one layer.
    downlink_overhead
        Share of the resources.
    uplink_overhead
        Share of the resources.
    """

    streams: int
    highest_efficiency: float
    uplink_highest_efficiency: float
    downlink_overhead: float
    uplink_overhead: float


TECHNOLOGIES = {
    "4G": Technology(2, 4.4, 2.0, 0.25, 0.15),  # TR 36.942 section A.2
    "5G": Technology(2, MAX_EFFICIENCY, MAX_EFFICIENCY, 0.14, 0.08),  # TS 38.306, 4.1.2
}


def time_shares(
    duplex: str,
    technology: Technology,
    downlink_share: float,
    uplink_overhead: float | None = None,
) -> tuple[float, float]:
    """Return the shares of downlink and uplink that carry data: duplex times what overheads leave.

    ``downlink_share`` is that of the time on a TDD carrier; an SDL carrier has no uplink.
    Overheads of 5G below 6 GHz: 0.14 down and 0.08 up (TS 38.306 section 4.1.2); that of the
    uplink may be stated.
    """
    down = downlink_share if duplex == "TDD" else 1.0
    up = {"TDD": 1.0 - downlink_share, "SDL": 0.0}.get(duplex, 1.0)
    lost = technology.uplink_overhead if uplink_overhead is None else uplink_overhead
    return down * (1.0 - technology.downlink_overhead), up * (1.0 - lost)


def subcarriers(layer: Layer) -> int:
    """Return the number of a 5G layer's subcarriers."""
    return link_budget.standard_subcarriers(
        layer.bandwidth_mhz, layer.subcarrier_khz, new_radio=True
    )


def downlink(layer: Layer) -> Downlink:
    """Return how SINR becomes the download of one user who has a 5G carrier, less overheads."""
    technology = TECHNOLOGIES["5G"]
    down, _ = time_shares(layer.duplex, technology, layer.downlink_share)
    elements_per_us = capacity.re_per_us(subcarriers(layer), layer.subcarrier_khz)
    return Downlink(elements_per_us, down, layer.streams, technology.highest_efficiency)
