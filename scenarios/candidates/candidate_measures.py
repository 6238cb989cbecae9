"""What each candidate would bring by itself, beside the stations of today."""

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.scenarios.candidates import demand_cells, policy
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.prediction import chain
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]

GAINED = {  # column, and decimals, of what each would newly serve of a kind of demand
    "people": (col.PEOPLE_GAINED, 1),
    "workers": (col.WORKERS_GAINED, 1),
    "visitors": (col.VISITORS_GAINED, 1),
    "area_km2": (col.AREA_GAINED_KM2, 4),
    "road_km": (col.ROAD_GAINED_KM, 3),
}


def with_measures(
    study: Study, frame: GeoDataFrame, cover: Cover, cells: DemandCells
) -> GeoDataFrame:
    """Return the candidates with what each would newly serve, with speed and policy priority."""
    gained = demand_cells.gained(cover, cells)
    return frame.assign(
        **{
            column: gained[kind].to_numpy().round(decimals)
            for kind, (column, decimals) in GAINED.items()
        },
        **{
            col.THROUGHPUT_GAINED_MBPS: _speed_gained_mbps(study, cover, cells).round(1),
            col.POLICY_PRIORITY: policy.policy_priority(frame, study.province),
        },
    )


def _speed_gained_mbps(study: Study, cover: Cover, cells: DemandCells) -> Floats:
    """Return how much faster downloads become, the mean over people whom each serves better.

    From the level alone: interference of a network not yet chosen is not known.
    """
    after = chain.mbps_where_served(cover.share, study.scenario)
    before = chain.mbps_where_served(cells.before, study.scenario)[cover.cell]
    people = cells.kinds["people"][cover.cell]
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))
    reached = np.bincount(row, people, cover.candidates)
    more = np.bincount(row, people * np.maximum(after - before, 0.0), cover.candidates)
    return np.divide(more, reached, out=np.zeros(cover.candidates), where=reached > 0.0)
