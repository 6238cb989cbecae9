"""What candidates are compared by, each alone against the network of today."""

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.special import ndtri

from phusong import columns as col
from phusong.coverage import link_budget
from phusong.coverage.area.blocks import ServiceLevel
from phusong.geodata.province import Province
from phusong.scenarios.candidates import demand_cells
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.config.sections import Layer, Scenario
from phusong.scenarios.criteria.criteria import Compared
from phusong.scenarios.prediction import chain, technology
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]
MOST = 1.0 - 1e-6  # of a share, so that it has a level


def compared(
    province: Province,
    scenario: Scenario,
    frame: GeoDataFrame,
    cover: Cover,
    cells: DemandCells,
) -> Compared:
    """Return what the criteria measure the candidates by; ``frame`` has their costs."""
    return Compared(
        province,
        frame,
        demand_cells.gained(cover, cells),
        lambda pixels: demand_cells.gained_of(cover, cells, cells.of_grid(pixels)),
        _speed_gained_mbps(scenario, cover, cells),
        (frame[col.KIND] == col.COLOCATED).to_numpy(),
    )


def _speed_gained_mbps(scenario: Scenario, cover: Cover, cells: DemandCells) -> Floats:
    """Return how much faster downloads become, the mean over the people in reach of each.

    From the level alone: interference of a network not yet chosen is not known.
    """
    service, layer = chain.level_of(scenario.service), scenario.layer_5g
    after = _speed_mbps(cover.share, service, layer)
    before = _speed_mbps(cells.before, service, layer)[cover.cell]
    people = cells.kinds["people"][cover.cell]
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))
    reached = np.bincount(row, people, cover.candidates)
    more = np.bincount(row, people * np.maximum(after - before, 0.0), cover.candidates)
    return np.divide(more, reached, out=np.zeros(cover.candidates), where=reached > 0.0)


def _speed_mbps(share: NDArray[np.float32], service: ServiceLevel, layer: Layer) -> Floats:
    """Return the download speed outdoors where the service has this probability."""
    served = share > 0.0
    margin_db = service.spread_db * ndtri(np.clip(share[served], 1e-6, MOST))
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    speed = np.zeros(share.size)
    snr_db = service.median_dbm + margin_db - noise_dbm
    speed[served] = technology.downlink_mbps(snr_db, layer)
    return speed
