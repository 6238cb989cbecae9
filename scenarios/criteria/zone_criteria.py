"""The criteria by which zones are compared, one record for each.

To add a criterion, add its record to ``CRITERIA``, what it counts to the section
``criterion`` of both catalogues of ``phusong.messages``, and its column to
``phusong.meanings`` where that is new. Weights of scenarios, scores, tables and run.json follow; a
scenario gives it a weight under its name in ``[weights]``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.province import Province
from phusong.messages import Message, message
from phusong.scenarios.criteria import weights
from phusong.scenarios.criteria.weights import Weights

Floats = NDArray[np.float64]

DECIMALS = 4  # of what a criterion measures
# Criteria of stations that zones have others for.
REPLACED = {"throughput": "demand", "roads": "area", "colocation": "backhaul"}
_UNSERVED = "prediction of the run: one less the probability of service before the plan"


@dataclass(frozen=True)
class ComparedZones:
    """The zones, each alone against the network of today.

    Parameters
    ----------
    province
        Its terrain, land cover, population and so on.
    zones
        The zones with what ``candidates.zone_measures`` measures, in the CRS of the province.
    unserved
        Returns what is not served in each zone of a quantity that is given for each pixel of the
        grid (flat), such as pupils.
    """

    province: Province
    zones: GeoDataFrame
    unserved: Callable[[Floats], Floats]

    def column(self, name: str) -> Floats:
        """Return a column of the zones as numbers."""
        values: Floats = self.zones[name].to_numpy(float)
        return values


@dataclass(frozen=True)
class ZoneCriterion:
    """One thing that speaks for or against a zone.

    Parameters
    ----------
    name
        In scenarios, in run.json and in the words of map and report.
    column
        Of zones_ranking.csv that holds it. One that the zones do not have is written.
    unit
        Of what it measures.
    benefit
        More is better.
    source
        Where it comes from.
    measure
        Returns its value for each zone; the column of that name where left out.
    """

    name: str
    column: str
    unit: str
    benefit: bool
    source: str
    measure: Callable[[ComparedZones], Floats] | None = None


CRITERIA: tuple[ZoneCriterion, ...] = (
    ZoneCriterion(
        "people", col.PEOPLE_UNSERVED, "people", True, f"{_UNSERVED}; residents of the communes"
    ),
    ZoneCriterion(
        "workers",
        col.WORKERS_UNSERVED,
        "people",
        True,
        f"{_UNSERVED}; workers of the zones, geodata/reference/zones.csv",
    ),
    ZoneCriterion(
        "visitors",
        col.VISITORS_UNSERVED,
        "people",
        True,
        f"{_UNSERVED}; visitors of a peak day, geodata/reference/zones.csv",
    ),
    ZoneCriterion(
        "demand",
        col.DEMAND_UNSERVED,
        "people",
        True,
        f"{_UNSERVED}; what the zone's tier counts, one of a kind as the scenario's demand weighs",
    ),
    ZoneCriterion("area", col.AREA_UNSERVED_KM2, "km2", True, _UNSERVED),
    ZoneCriterion(
        "cost",
        col.COST_MILLION_PER_1000,
        "million",
        False,
        "the cheapest stations found for the zone alone, up to its tier's last target, by 1,000 "
        "that its tier counts",
    ),
    ZoneCriterion(
        "policy",
        col.POLICY_PRIORITY,
        "0 to 1",
        True,
        "geodata/reference/zone_priorities.csv: centres of cities first, then urban areas, parks, "
        "tourism",
    ),
    ZoneCriterion(
        "backhaul",
        col.BACKHAUL_M,
        "m",
        False,
        "mean length of the backhaul of candidates in reach of the zone",
    ),
    ZoneCriterion(
        "building",
        col.BUILDING_STATE,
        "0 to 1",
        True,
        "list of zones: 1 operating, 0.5 being built, 0 planned or not known",
    ),
)


def names() -> list[str]:
    """Return the names of all criteria in their order."""
    return [criterion.name for criterion in CRITERIA]


def columns() -> tuple[str, ...]:
    """Return the columns that hold them, in their order."""
    return tuple(criterion.column for criterion in CRITERIA)


def ranking_columns() -> tuple[str, ...]:
    """Return the columns of zones_ranking.csv in their order."""
    return (*col.ZONES_RANKING, *(name for name in columns() if name not in col.ZONES_RANKING))


def values(compared: ComparedZones) -> pd.DataFrame:
    """Return a column for each criterion, called as it is written, a row for each zone."""
    return pd.DataFrame(
        {
            criterion.column: compared.column(criterion.column)
            if criterion.measure is None
            else criterion.measure(compared).round(DECIMALS)
            for criterion in CRITERIA
        },
        index=compared.zones.index,
    )


def benefit() -> NDArray[np.bool_]:
    """Return of which criteria more is better."""
    return np.array([criterion.benefit for criterion in CRITERIA])


def read(table: Mapping[str, object], source: str) -> Weights:
    """Return the weights that a scenario's section gives the criteria, or judges in pairs.

    Raises
    ------
    InputError
        Everything wrong with the section at once; a criterion of stations names the one of zones
        that takes its place.
    """
    return weights.read(table, names(), source, REPLACED)


def meaning(criterion: ZoneCriterion) -> Message:
    """Return what a criterion counts, as the catalogues name it."""
    return message(f"criterion.{criterion.name}")


def record(values: NDArray[np.float64], weights_: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return for each criterion all that the weighted sum needs, and where its values are.

    ``low`` and ``high`` are the least and greatest value of all zones, 0 where there are none;
    ``values`` has a row for each zone, a column for each criterion.
    """
    rows = values if len(values) else np.zeros((1, values.shape[1]))
    low, high = rows.min(axis=0), rows.max(axis=0)
    return [
        {
            "name": criterion.name,
            "column": criterion.column,
            "unit": criterion.unit,
            "benefit": criterion.benefit,
            "weight": float(weights_[i]),
            "low": float(low[i]),
            "high": float(high[i]),
            "meaning": meaning(criterion),
        }
        for i, criterion in enumerate(CRITERIA)
    ]
