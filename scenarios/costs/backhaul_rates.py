"""What backhaul costs and how far it reaches."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.geodata.province import LandCover

Floats = NDArray[np.float64]

# The setting of fibre by land cover. General knowledge, not verified.
SETTING = {
    LandCover.URBAN: "urban",
    LandCover.INDUSTRIAL: "suburban",
    LandCover.SETTLEMENT: "suburban",
}

# A hop between masts that stand and have power: pair of radios 6,000, survey 8,700, pair of
# antennas 1,200 (below 10 km), 2,200, 3,600 and 4,460 USD. Longest hop, m, and its cost, USD
# (e3nb, 2021). Its 10,000 for a tower and 12,000 for power are part of the station here.
MICROWAVE_USD = (
    (10_000.0, 15_900.0),
    (20_000.0, 16_900.0),
    (30_000.0, 18_300.0),
    (45_000.0, 19_160.0),
)


@dataclass(frozen=True)
class BackhaulRates:
    """Unit costs and limits of backhaul.

    [S] read in a published source, [K] general knowledge, not verified.
    """

    currency_per_usd: float
    price_level: float = 1.0  # of the country, times every price in USD
    fibre_urban_usd_per_m: float = 20.0  # [S] cucumber, 2023
    fibre_suburban_usd_per_m: float = 12.0  # [S]
    fibre_rural_usd_per_m: float = 7.0  # [S]
    detour: float = 1.3  # way over straight line; 1.26 in South Korea (Kim and others, 2015) [S]
    microwave_usd: tuple[tuple[float, float], ...] = MICROWAVE_USD
    upgrade_usd: float = 7_200.0  # new radios and antennas on an existing hop: of the same [S]
    max_hop_m: float = 5_000.0  # at 18 GHz in a region of heavy rain (e3nb, 2021) [S]
    frequency_mhz: float = 18_000.0  # of hops below 10 km (e3nb, 2021) [S]
    min_clearance: float = 0.6  # in radii of the first Fresnel zone (ITU-R P.530)
    neighbours: int = 8  # nearest masts of each kind that a link is tried to [K]
    road_access_m: float = 250.0  # a mast is joined to the roads this near [K]
    snap_m: float = 1.0  # ends of roads this near are joined [K]

    def million(self, usd: ArrayLike) -> Floats:
        """Return a published price in millions at the price level."""
        return np.asarray(usd, float) * self.price_level * self.currency_per_usd / 1e6

    def fibre_million_per_m(self, classes: NDArray[np.integer]) -> Floats:
        """Return the cost of a metre of fibre on each class of land cover."""
        usd = np.full(max(LandCover) + 1, self.fibre_rural_usd_per_m)
        for kind, setting in SETTING.items():
            usd[kind] = getattr(self, f"fibre_{setting}_usd_per_m")
        return self.million(usd)[np.asarray(classes, np.int64)]

    def microwave_million(self, length_m: Floats) -> Floats:
        """Return the cost of a hop by its length; infinite beyond the longest."""
        limits_m, usd = np.array(self.microwave_usd, float).T
        step = np.searchsorted(limits_m, length_m)
        cost = self.million(np.append(usd, np.inf))[step]
        return np.where(length_m <= self.max_hop_m, cost, np.inf)
