"""Zones ranked by several criteria, and what a person of each counts in the plan."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.scenarios.candidates import zone_measures
from phusong.scenarios.candidates.zone_measures import MeasuredZones
from phusong.scenarios.criteria import zone_ranks
from phusong.scenarios.criteria.zone_ranks import Ranked, Uncertain

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ZoneRanking:
    """The zones of a plan as measured and as ranked, in the order of the tiers."""

    measured: MeasuredZones
    ranked: Ranked

    @cached_property
    def table(self) -> GeoDataFrame:
        """The zones with rank, weight and criteria, the best first."""
        table = self.measured.zones.assign(**self.ranked.columns)
        return table.sort_values([col.RANK, col.ZONE_ID], ignore_index=True)

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every zone by its id."""
        return dict(zip(self.measured.zones[col.ZONE_ID], self.ranked.weight, strict=True))

    def weight(self, tier: str, cells: int) -> Floats | None:
        """Return what a tier's gain counts in every cell; None where it has no zones."""
        parts = self.measured.parts.get(tier)
        return None if parts is None else parts.weight(self.ranked.weight, cells)


def ranked(measured: MeasuredZones) -> ZoneRanking:
    """Rank zones by the judgements of their scenario."""
    scenario = measured.study.scenario
    stated, about = scenario.uncertainty, scenario.scenario
    uncertain = Uncertain(
        stated.concentration,
        stated.common_db,
        stated.draws,
        about.seed,
        measured.errors_db,
        dict(zip(zone_measures.UNSERVED, measured.unserved.transpose(2, 0, 1), strict=True)),
    )
    return ZoneRanking(
        measured,
        zone_ranks.ranked(
            measured.study.province,
            measured.zones,
            measured.unserved_of,
            measured.demand,
            scenario.weights,
            about.name,
            uncertain,
        ),
    )
