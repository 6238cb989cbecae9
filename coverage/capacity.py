"""From SINR to throughput, and to what the rules ask."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import statistics
from phusong.coverage.link_budget import SUBCARRIERS_PER_BLOCK
from phusong.coverage.units import ratio_from_db, thermal_noise_dbm

__all__ = ["throughput_mbps", "uplink_throughput_mbps"]

HANDSET_POWER_DBM = 23.0  # power class 3, TS 38.101-1 table 6.2.1-1 and TS 36.101 table 6.2.2-1
UPLINK_ATTENUATION = 0.4  # TR 36.942 section A.2, TR 38.803 section 5.2.7
SYMBOLS_PER_SLOT = 14  # normal cyclic prefix: TS 38.211 table 4.3.2-1, two slots of TS 36.211
LOWEST_SINR_DB = -10.0  # TR 36.942 section A.2, both directions

# Bits per resource element of channel quality 1 to 15, QPSK to 256QAM: TS 38.214 table 5.2.2.1-3.
CQI_EFFICIENCY = (
    *(0.1523, 0.3770, 0.8770, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223),
    *(3.9023, 4.5234, 5.1152, 5.5547, 6.2266, 6.9141, 7.4063),
)

FAST_MBPS = 30.0  # downlink of a sample that counts as fast


def re_per_us(subcarriers: int, spacing_khz: float) -> float:
    """Return the resource elements that a carrier has in a microsecond.

    One subcarrier over one symbol; 14 symbols make a slot of 1 ms at 15 kHz, and of
    proportionally less at wider spacings. That is 14/15 of the subcarriers' bandwidth: the rest
    is cyclic prefix. Times bits per resource element it is a rate in Mbit/s.

    References
    ----------
    TS 38.211 section 4.3.2 and TS 38.306 section 4.1.2 (mean symbol duration); TS 36.211
    section 6.2.

    Examples
    --------
    >>> re_per_us(3276, 30.0)  # 100 MHz of NR
    91.728
    """
    return subcarriers * SYMBOLS_PER_SLOT * spacing_khz / 15_000.0


def spectral_efficiency(
    sinr_db: NDArray[np.floating],
    attenuation: float = 0.6,
    lowest_sinr_db: float = LOWEST_SINR_DB,
    highest_efficiency: float = 4.4,
) -> NDArray[np.float64]:
    """Return bits per resource element of one layer: truncated Shannon.

    References
    ----------
    3GPP TR 36.942 section A.2: attenuation 0.6 and at most 4.4 bit/s/Hz downlink, 0.4 and
    2.0 uplink, nothing below -10 dB.
    """
    efficiency = np.minimum(attenuation * np.log2(1.0 + ratio_from_db(sinr_db)), highest_efficiency)
    return np.where(np.asarray(sinr_db) >= lowest_sinr_db, efficiency, 0.0)


def table_efficiency(
    sinr_db: NDArray[np.floating], attenuation: float = 0.6
) -> NDArray[np.float64]:
    """Return bits per resource element of one layer by modulation and code: the table's steps.

    The standard gives no SINR to a row of the table; a row is taken as usable where
    attenuated Shannon reaches its efficiency.

    References
    ----------
    TS 38.214 table 5.2.2.1-3 (channel quality up to 256QAM).
    """
    steps = np.array((0.0, *CQI_EFFICIENCY))
    possible = attenuation * np.log2(1.0 + ratio_from_db(np.asarray(sinr_db, float)))
    usable = steps[np.searchsorted(steps, np.nan_to_num(possible), side="right") - 1]
    return np.where(np.isnan(possible), np.nan, usable)


def throughput_mbps(
    sinr_db: NDArray[np.floating],
    elements_per_us: float,
    time_share: float = 1.0,
    rank: int = 1,
    highest_efficiency: float = 4.4,
    *,
    by_table: bool = False,
) -> NDArray[np.float32]:
    """Return the throughput of one user who has the whole carrier.

    Parameters
    ----------
    sinr_db
        SINR before it is shared among layers; NaN gives NaN.
    elements_per_us
        Resource elements of the carrier, see ``re_per_us``.
    time_share
        Share of the time in this direction (TDD), less overheads.
    rank
        Most layers; of 1 to ``rank`` the number that carries most is used, each layer with its
        share of the power.
    highest_efficiency
        Limit of one layer, in bits per resource element.
    by_table
        Steps of modulation and code (``table_efficiency``) instead of truncated Shannon.

    Returns
    -------
    ndarray
        Throughput [Mbit/s].

    References
    ----------
    3GPP TR 36.942 section A.2 (truncated Shannon); TS 38.214 table 5.2.2.1-3 (by table); TS 38.306
    section 4.1.2 (resource elements, layers and overheads of the highest rate).
    """
    sinr = np.asarray(sinr_db, float)
    best = np.zeros(sinr.shape)
    for layers in range(1, rank + 1):
        share_db = sinr - 10.0 * np.log10(layers)
        if by_table:
            per_layer = np.minimum(table_efficiency(share_db), highest_efficiency)
        else:
            per_layer = spectral_efficiency(share_db, highest_efficiency=highest_efficiency)
        best = np.maximum(best, layers * per_layer)
    return np.where(np.isnan(sinr), np.nan, elements_per_us * time_share * best).astype(np.float32)


def uplink_throughput_mbps(
    received_dbm: NDArray[np.floating],
    subcarriers: int,
    spacing_khz: float,
    noise_figure_db: float = 5.0,
    noise_rise_db: float = 0.0,
    time_share: float = 1.0,
    highest_efficiency: float = 2.0,
    streams: int = 1,
) -> NDArray[np.float32]:
    """Return the uplink of one handset whose power is all there is.

    The handset may use any number of resource blocks with its whole power; more blocks carry
    more at a lower SINR, until SINR falls to where nothing is carried. The number that
    carries most is used.

    Parameters
    ----------
    received_dbm
        Power of the handset at the base station's receiver, after all gains and losses; NaN gives
        NaN.
    subcarriers
        Of the uplink carrier, in whole resource blocks.
    spacing_khz
        Subcarrier spacing [kHz].
    noise_figure_db
        Of the base station: 5 dB is typical of macro sites [K].
    noise_rise_db
        What handsets of other cells add to the noise.
    time_share
        Share of the time in this direction (TDD), less overheads.
    highest_efficiency
        Limit of one layer, in bits per resource element: 2.0 for 4G (TR 36.942), 7.4 for 5G up
        to 256QAM (TS 38.214 table 5.1.3.1-2).
    streams
        Most layers of the handset; of 1 to ``streams`` the number that carries most is used, each
        layer with its share of the power.

    Returns
    -------
    ndarray
        Throughput [Mbit/s].

    References
    ----------
    3GPP TR 36.942 section A.2: attenuation 0.4, nothing below -10 dB; TS 38.306 section 4.1.2.
    """
    received = np.asarray(received_dbm, float)
    block_khz = SUBCARRIERS_PER_BLOCK * spacing_khz
    noise_dbm = thermal_noise_dbm(block_khz * 1000.0, noise_figure_db) + noise_rise_db
    blocks = subcarriers // SUBCARRIERS_PER_BLOCK
    of_block = time_share * re_per_us(SUBCARRIERS_PER_BLOCK, spacing_khz)
    best = np.zeros(received.shape)
    for layers in range(1, streams + 1):
        one_block = ratio_from_db(received - noise_dbm) / layers
        per_layer = _of_blocks(one_block, blocks, highest_efficiency)
        best = np.maximum(best, layers * of_block * per_layer)
    return np.where(np.isnan(received), np.nan, best).astype(np.float32)


def _of_blocks(
    one_block: NDArray[np.floating], blocks: int, highest_efficiency: float
) -> NDArray[np.float64]:
    """Return blocks times bits per resource element, given the SINR of all power in one block."""
    used = np.minimum(np.floor(one_block / ratio_from_db(LOWEST_SINR_DB)), blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = UPLINK_ATTENUATION * np.log2(1.0 + one_block / used)
    return np.where(used >= 1.0, used * np.minimum(each, highest_efficiency), 0.0)


@dataclass(frozen=True)
class ServiceQuality:
    """What rules ask of a 5G service area, per set of pixels; NaN without any."""

    mean_downlink_mbps: NDArray[np.float64]
    mean_uplink_mbps: NDArray[np.float64]
    fast_share: NDArray[np.float64]  # of samples with a downlink of FAST_MBPS and more

    def keeps(
        self, mean_downlink_mbps: float, mean_uplink_mbps: float, fast_share: float
    ) -> NDArray[np.bool_]:
        """Return which sets keep all three limits."""
        return (
            (self.mean_downlink_mbps >= mean_downlink_mbps)
            & (self.mean_uplink_mbps >= mean_uplink_mbps)
            & (self.fast_share >= fast_share)
        )


@dataclass(frozen=True)
class ServiceSums:
    """What samples of a 5G service area add up to, per set of pixels: weight, and weight times."""

    weight: NDArray[np.float64]
    downlink: NDArray[np.float64]
    uplink: NDArray[np.float64]
    fast: NDArray[np.float64]

    def plus(self, more: "ServiceSums") -> "ServiceSums":
        """Return the sums of these samples and more of the same sets."""
        return ServiceSums(
            self.weight + more.weight,
            self.downlink + more.downlink,
            self.uplink + more.uplink,
            self.fast + more.fast,
        )

    def regrouped(self, groups: NDArray[np.integer], count: int) -> "ServiceSums":
        """Return the sums of larger sets, given the larger set that each belongs to."""
        parts = (self.weight, self.downlink, self.uplink, self.fast)
        return ServiceSums(*(statistics.sum_by_label(groups, each, count) for each in parts))

    @property
    def quality(self) -> ServiceQuality:
        """Return the figures of every set."""
        sums = (self.downlink, self.uplink, self.fast)
        with np.errstate(divide="ignore", invalid="ignore"):
            means = [np.where(self.weight > 0.0, each / self.weight, np.nan) for each in sums]
        return ServiceQuality(*means)


def service_sums(
    labels: NDArray[np.integer],
    downlink_mbps: NDArray[np.float32],
    uplink_mbps: NDArray[np.float32],
    weight: NDArray[np.floating],
    count: int,
    fast_share: NDArray[np.floating] | None = None,
) -> ServiceSums:
    """Return what the figures of service are made of; the parameters of ``service_quality``."""
    own = np.nan_to_num(downlink_mbps) >= FAST_MBPS
    fast = own if fast_share is None else np.nan_to_num(fast_share)
    parts = (np.nan_to_num(downlink_mbps), np.nan_to_num(uplink_mbps), fast)
    sums = statistics.sum_shares_by_label(labels, weight, parts, count)
    return ServiceSums(statistics.sum_by_label(labels, weight, count), *sums)


def service_quality(
    labels: NDArray[np.integer],
    downlink_mbps: NDArray[np.float32],
    uplink_mbps: NDArray[np.float32],
    weight: NDArray[np.floating],
    count: int,
    fast_share: NDArray[np.floating] | None = None,
) -> ServiceQuality:
    """Return the figures of service for each label, taking every pixel as a sample.

    Parameters
    ----------
    labels
        Set of every pixel, from 0; -1 where no sample is taken: outside the service area.
    downlink_mbps, uplink_mbps
        Throughputs; NaN counts as none.
    weight
        Weight of a pixel: its people, or 1 for all for the share of the area.
    count
        Number of sets.
    fast_share
        Share of the places of a pixel with a downlink of FAST_MBPS; by the pixel's own downlink
        if None.
    """
    sums = service_sums(labels, downlink_mbps, uplink_mbps, weight, count, fast_share)
    return sums.quality
