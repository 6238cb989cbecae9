"""How far public policy asks for 5G at a place."""

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.province import Province

REACH_M = 500.0  # a candidate this close serves the zone: zones.near_m of scenarios/base.toml


def policy_priority(frame: GeoDataFrame, province: Province) -> NDArray[np.float64]:
    """Return the policy priority of each candidate, 0 (none) to 1: ``priorities.csv``.

    The highest of what its commune has (pilots of full digital transformation, report of the
    province of August 2023) and what the zones in reach have (operating industrial parks,
    Decision 1132/QĐ-TTg and Plan 65/KH-STTTT).
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
