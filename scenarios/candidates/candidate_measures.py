"""What each candidate would bring by itself, beside the stations of today."""

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.scenarios.candidates import demand_cells, policy
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.siting.problem import Cover

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
            col.THROUGHPUT_GAINED_MBPS: demand_cells.speed_gained_mbps(
                study.scenario, cover, cells
            ).round(1),
            col.POLICY_PRIORITY: policy.policy_priority(frame, study.province),
        },
    )
