"""What is counted on every pixel, laid out once so that a share of the pixels is soon counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.config.sections import ServedLevel

Floats = NDArray[np.float64]
PEOPLE, ZONES = "people", "zones"


@dataclass(frozen=True)
class PixelQuantities:
    """Residents, demand in zones and in tiers, on every pixel (flat).

    Parameters
    ----------
    names
        Of the quantities of each level: ``PEOPLE``, ``ZONES``, numbers of tiers.
    values
        Shape (quantities, pixels), by level.
    totals
        Sum of each quantity, by level.
    commune
        Row of every pixel's commune, -1 outside.
    residents
        Of every commune.
    zone_pixels
        Pixels of the zones, one zone after the other.
    zone_row
        Row of the zone of each.
    zone_values
        What counts there, as a share of the zone.
    """

    names: dict[ServedLevel, list[str]]
    values: dict[ServedLevel, Floats]
    totals: dict[ServedLevel, Floats]
    commune: NDArray[np.int64]
    residents: Floats
    zone_pixels: NDArray[np.int64]
    zone_row: NDArray[np.int64]
    zone_values: Floats

    def shares(self, share: dict[ServedLevel, NDArray[np.float32]]) -> dict[str, float]:
        """Return the share of each quantity that is served, by name."""
        counted: dict[str, float] = {}
        for level, values in self.values.items():
            whole = self.totals[level]
            served = values @ share[level].astype(float)
            counted |= zip(
                self.names[level],
                np.divide(served, whole, out=np.zeros_like(whole), where=whole > 0.0).tolist(),
                strict=True,
            )
        return counted

    def people_by_commune(self, share: NDArray[np.float32]) -> Floats:
        """Return how many residents of each commune are served."""
        people = next(iter(self.values.values()))[0]
        served = np.bincount(self.commune + 1, people * share, self.residents.size + 1)
        return np.asarray(served[1:], float)

    def share_by_zone(self, share: NDArray[np.float32], zones: int) -> Floats:
        """Return the share of what counts in each zone that is served."""
        served = self.zone_values * share[self.zone_pixels]
        return np.asarray(np.bincount(self.zone_row, served, zones), float)


def quantities(study: Study) -> PixelQuantities:
    """Return what is counted in a study."""
    usual = study.levels[0]
    names: dict[ServedLevel, list[str]] = {level: [] for level in study.levels}
    rows: dict[ServedLevel, list[Floats]] = {level: [] for level in study.levels}
    counted = [(PEOPLE, usual, study.demand.people), (ZONES, usual, study.demand.first)]
    counted += [
        (str(tier.number), tier.rule.level, study.tier_demand(tier)) for tier in study.tiers
    ]
    for name, level, values in counted:
        names[level].append(name)
        rows[level].append(values)
    commune = study.province.commune_index.values.ravel().astype(np.int64)
    inside = commune >= 0
    communes = len(study.province.communes)
    zones = study.zone_demand()
    nothing: Floats = np.empty(0)
    stacked = {level: np.array(own) for level, own in rows.items()}
    return PixelQuantities(
        names,
        stacked,
        {level: own.sum(axis=1) for level, own in stacked.items()},
        commune,
        np.asarray(np.bincount(commune[inside], study.demand.people[inside], communes), float),
        np.concatenate([nothing.astype(np.int64), *(zone.pixels for zone in zones)]),
        np.repeat(np.arange(len(zones)), [zone.pixels.size for zone in zones]),
        np.concatenate([nothing, *(zone.values / zone.values.sum() for zone in zones)]),
    )


def zone_ids(study: Study) -> list[str]:
    """Return the names of the zones in the order of their rows."""
    return [str(zone_id) for zone_id in study.zones[col.ZONE_ID]]
