"""The criteria by which zones are compared, one record for each.

To add a criterion, add its record to ``CRITERIA``, its column to ``candidates.zone_measures`` and
to ``phusong.columns`` and ``phusong.meanings``, and what it counts to the section
``zone_criterion`` of both catalogues of ``phusong.messages``. Weights of scenarios, scores, tables
and run.json follow; a scenario gives it a weight under its name in ``[weights]``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phusong import columns as col
from phusong.messages import message
from phusong.scenarios.criteria import weights
from phusong.scenarios.criteria.weights import Weights

# Criteria of stations that zones have others for.
REPLACED = {"throughput": "demand", "roads": "area", "colocation": "backhaul"}
_UNSERVED = "prediction of the run: one less the probability of service before the plan"


@dataclass(frozen=True)
class ZoneCriterion:
    """One thing that speaks for or against a zone.

    Parameters
    ----------
    name
        In scenarios, in run.json and in the words of map and report.
    column
        Of zones_ranking.csv that holds it.
    unit
        Of what it measures.
    benefit
        More is better.
    source
        Where it comes from.
    """

    name: str
    column: str
    unit: str
    benefit: bool
    source: str


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
        "million VND",
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
            "meaning": message(f"zone_criterion.{criterion.name}"),
        }
        for i, criterion in enumerate(CRITERIA)
    ]
