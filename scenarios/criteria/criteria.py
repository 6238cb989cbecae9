"""The criteria by which candidates are compared, one record for each.

To add a criterion, add its record to ``CRITERIA``, what it counts to the section ``criterion`` of
both catalogues of ``phusong.messages``, and its column to ``phusong.meanings`` where that is new.
Weights of scenarios, scores, explanations, candidates.geojson, run.json, map and report follow; a
scenario gives it a weight under its name in ``[weights]``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.province import Province

Floats = NDArray[np.float64]
REACH_M = 500.0  # a candidate this close serves the zone: zones.near_m of scenarios/base.toml


@dataclass(frozen=True)
class Compared:
    """The candidates, each alone against the network of today; arrays in their order.

    Parameters
    ----------
    province
        Its zones, terrain, population and so on.
    frame
        The candidates with their costs, in the CRS of the province.
    gained
        What each would newly serve: people, workers, visitors, area_km2, road_km.
    newly_served
        Returns what each would newly serve of a quantity that is given for each pixel of the grid,
        such as pupils.
    speed_gained_mbps
        Mean gain of download speed over the people in reach of each.
    colocated
        Which stand on an existing mast.
    """

    province: Province
    frame: GeoDataFrame
    gained: pd.DataFrame
    newly_served: Callable[[Floats], Floats]
    speed_gained_mbps: Floats
    colocated: NDArray[np.bool_]

    def column(self, name: str) -> Floats:
        """Return a column of the candidates as numbers."""
        values: Floats = self.frame[name].to_numpy(float)
        return values

    def newly(self, kind: str) -> Floats:
        """Return what each candidate would newly serve of one kind of demand."""
        newly: Floats = self.gained[kind].to_numpy(float)
        return newly


@dataclass(frozen=True)
class Criterion:
    """One thing that speaks for or against a candidate.

    Parameters
    ----------
    name
        In scenarios, in run.json and in the words of map and report.
    column
        Of candidates.geojson that holds what it measures. One that the candidates do not have is
        written.
    unit
        Of what it measures.
    benefit
        More is better.
    source
        Where what it measures comes from.
    measure
        Returns its value for each candidate.
    """

    name: str
    column: str
    unit: str
    benefit: bool
    source: str
    measure: Callable[[Compared], Floats]


_COUNTED = "prediction of the run: covered after and not before"

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        "people",
        col.PEOPLE_GAINED,
        "people",
        True,
        f"{_COUNTED}; residents of the communes",
        lambda compared: compared.newly("people"),
    ),
    Criterion(
        "workers",
        col.WORKERS_GAINED,
        "people",
        True,
        f"{_COUNTED}; workers of the zones, geodata/reference/zones.csv",
        lambda compared: compared.newly("workers"),
    ),
    Criterion(
        "visitors",
        col.VISITORS_GAINED,
        "people",
        True,
        f"{_COUNTED}; visitors of a peak day, geodata/reference/zones.csv",
        lambda compared: compared.newly("visitors"),
    ),
    Criterion(
        "area",
        col.AREA_GAINED_KM2,
        "km2",
        True,
        _COUNTED,
        lambda compared: compared.newly("area_km2"),
    ),
    Criterion(
        "throughput",
        col.THROUGHPUT_GAINED_MBPS,
        "Mbit/s",
        True,
        "prediction of the run: mean download speed over people served better, after less before",
        lambda compared: compared.speed_gained_mbps,
    ),
    Criterion(
        "roads",
        col.ROAD_GAINED_KM,
        "km",
        True,
        f"{_COUNTED}; roads of the province",
        lambda compared: compared.newly("road_km"),
    ),
    Criterion(
        "cost",
        col.CAPEX_MILLION,
        "million VND",
        False,
        "geodata/reference/costs.csv, or the scenario's section cost",
        lambda compared: compared.column(col.CAPEX_MILLION),
    ),
    Criterion(
        "colocation",
        col.KIND,
        "0 or 1",
        True,
        "list of sites: 1 on an existing mast, else 0",
        lambda compared: compared.colocated.astype(float),
    ),
    Criterion(
        "backhaul",
        col.BACKHAUL_MILLION,
        "million VND",
        False,
        "geodata/reference/costs.csv and the distance to the nearest fibre or mast",
        lambda compared: compared.column(col.BACKHAUL_MILLION),
    ),
    Criterion(
        "policy",
        col.POLICY_PRIORITY,
        "0 to 1",
        True,
        "plan 65/KH-STTTT (2021): parks, tourism areas, urban centres first; pilot communes of "
        "2023: Lãng Công, Hướng Đạo, Thổ Tang, Tam Đảo",
        lambda compared: policy_priority(compared.frame, compared.province),
    ),
)


def names() -> list[str]:
    """Return the names of all criteria in their order."""
    return [criterion.name for criterion in CRITERIA]


def benefit() -> NDArray[np.bool_]:
    """Return of which criteria more is better."""
    return np.array([criterion.benefit for criterion in CRITERIA])


def values(compared: Compared) -> pd.DataFrame:
    """Return a column for each criterion, a row for each candidate."""
    return pd.DataFrame({criterion.name: criterion.measure(compared) for criterion in CRITERIA})


def candidate_columns() -> tuple[str, ...]:
    """Return the columns of candidates.geojson in their order."""
    own = (c.column for c in CRITERIA if c.column not in col.CANDIDATE_PLACES)
    return (*col.CANDIDATE_PLACES, *own, *col.CANDIDATE_SCORES)


def policy_priority(frame: GeoDataFrame, province: Province) -> NDArray[np.float64]:
    """Return the policy priority of each candidate, 0 (none) to 1: ``priorities.csv``.

    The highest of what its commune has (pilots of full digital transformation, report of the
    province of August 2023) and what the zones in reach have (operating industrial parks, tourism
    areas and centres of cities, Decision 1132/QĐ-TTg and Plan 65/KH-STTTT).
    """
    table = reference.table("priorities")
    named = table.dropna(subset=[col.COMMUNE_CODE]).set_index(col.COMMUNE_CODE)["priority"]
    result = np.array(frame[col.COMMUNE_CODE].map(named).fillna(0.0), float)
    zones, spots = province.zones, frame.geometry.to_numpy()
    kinds = table.dropna(subset=[col.CATEGORY])
    keys = zip(kinds[col.CATEGORY], kinds[col.STATUS], kinds["priority"], strict=True)
    for category, status, priority in keys:
        chosen = (zones[col.CATEGORY] == category) & (zones[col.STATUS] == status)
        tree = shapely.STRtree(zones.geometry[chosen.astype(bool)].to_numpy())
        near = np.unique(tree.query(spots, predicate="dwithin", distance=REACH_M)[0])
        result[near] = np.maximum(result[near], priority)
    return result
