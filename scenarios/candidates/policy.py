"""How far public policy puts places and zones first, 0 (not) to 1."""

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
HALF = 0.5  # of a ward that a centre covers: it is part of the centre


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


def zone_priorities(zones: GeoDataFrame, province: Province) -> Floats:
    """Return the policy priority of each zone, 0 (none) to 1: ``zone_priorities.csv``.

    The highest of what names the zone, what its category and status have, and, of wards, what a
    centre of a city has: one that lies in the ward or covers half of it.
    """
    own = _listed(zones)
    listed = province.zones
    centres = listed[(listed[col.CATEGORY] == "urban_core") & (listed[col.STATUS] == "operating")]
    central = _listed(centres)
    points = centres.geometry.representative_point()
    codes = zones[col.COMMUNE_CODE]
    urban = (zones[col.CATEGORY] == "ward").to_numpy()
    rows = zip(central, centres.geometry, points, centres[col.COMMUNE_CODE], strict=True)
    for value, area, point, code in rows:
        inside = zones.geometry.intersection(area).area >= HALF * zones.area
        holds = urban & (zones.geometry.contains(point) | inside | (codes == code)).to_numpy()
        own[holds] = np.maximum(own[holds], value)
    return own


def _listed(zones: GeoDataFrame) -> Floats:
    """Return what the table has for each zone: by its id, and by its category and status."""
    table = reference.table("zone_priorities")
    named = table.dropna(subset=[col.ZONE_ID]).set_index(col.ZONE_ID)["priority"]
    kinds = table.dropna(subset=[col.CATEGORY])
    of_kind = kinds.set_index([col.CATEGORY, col.STATUS])["priority"]
    keys = pd.MultiIndex.from_frame(zones[[col.CATEGORY, col.STATUS]])
    by_kind = of_kind.reindex(keys).fillna(0.0).to_numpy(float)
    by_name = zones[col.ZONE_ID].map(named).fillna(0.0).to_numpy(float)
    highest: Floats = np.maximum(by_kind, by_name)
    return highest
