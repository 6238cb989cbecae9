"""Demand cells: a sample of the pixels, once for every network, and who serves them.

Stations are chosen on these cells; what they then serve is counted at every pixel of the grid.
A cell is a group of neighbouring pixels of one commune, one class of land and the same zones; the
pixel that stands for it is served as it is reported.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong.coverage.area import sample
from phusong.coverage.area.sample import Sample
from phusong.geodata.province import Province
from phusong.progress import counting_on
from phusong.scenarios.candidates.demand import KINDS, Study
from phusong.scenarios.config.carriers import PlannedNetwork, stations
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import chain
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]
Bar = Callable[[int], None]
LEAST = 1e-6  # of the demand, in pixels without any: their area counts in quotas
PAIRS = 120_000_000  # of candidates and cells; one in 12 to 18 serves: 10 million entries at most
MIX = 1_000_003  # numbers of zones are mixed by it into one that tells them apart


@dataclass(frozen=True)
class DemandCells:
    """Cells of the grid for one network after the other; arrays hold a value for each.

    ``kinds`` is the demand of each kind, ``weighted`` and ``first`` as in ``Demand``;
    ``before`` is the share served by the stations on air.
    """

    over: Sample
    carriers: list[PlannedNetwork]
    kinds: dict[str, Floats]
    weighted: Floats
    first: Floats
    before: NDArray[np.float32]

    @property
    def size(self) -> int:
        """Return the number of cells."""
        return self.weighted.size

    def of_grid(self, values: Floats) -> Floats:
        """Return the sums over the cells of a quantity given for each pixel of the grid."""
        return _per_network(self.over, self.carriers, values)

    def of_pixels(
        self, pixels: NDArray[np.int64], values: Floats
    ) -> tuple[NDArray[np.int64], Floats]:
        """Return the cells that hold these pixels (flat), and the sum of their values there."""
        cell = self.over.cell.ravel()[pixels]
        held = cell >= 0
        inside = np.bincount(cell[held], values[held], self.over.count)
        own = np.flatnonzero(inside > 0.0)
        count, weights = self.over.count, [carrier.weight for carrier in self.carriers]
        cells = np.concatenate([own + nth * count for nth in range(len(weights))])
        return cells, np.concatenate([inside[own] * weight for weight in weights])


def demand_cells(
    study: Study, levels_before: list[NDArray[np.float32]], candidates: int
) -> DemandCells:
    """Return the cells of a province, given the level of the stations on air per network.

    There are as many as the scenario asks for, and fewer where there are many candidates.
    """
    scenario, demand, carriers = study.scenario, study.demand, study.networks
    over = sampled(study, min(scenario.selection.cells, PAIRS // max(candidates, 1)))
    return DemandCells(
        over,
        carriers,
        {kind: _per_network(over, carriers, demand.of_kind(kind)) for kind in KINDS},
        _per_network(over, carriers, demand.weighted),
        _per_network(over, carriers, demand.first),
        served(over, scenario, levels_before),
    )


def sampled(study: Study, count: int) -> Sample:
    """Return the sample of about so many pixels on which the stations of a study are chosen.

    Residents, all demand, and what every tier and every zone with a quota counts get as many
    cells each, small zones all their pixels.
    """
    inside = study.province.commune_index.values.ravel() >= 0
    demand, whole = study.demand, np.zeros(inside.size)
    needs = [demand.people, demand.weighted, *map(study.tier_demand, study.tiers)]
    for rule in study.scenario.quotas:
        zones = study.quota_zones(rule)
        for pixels in study.zone_pixels(zones):
            own = np.zeros_like(whole)
            own[pixels] = study.quota_demand(rule)[pixels]
            needs.append(own)
    rate = np.maximum(sample.rates(needs, count), LEAST) * inside
    shape = study.province.grid.shape
    return sample.sample(rate.reshape(shape), _strata(study).reshape(shape))


def _strata(study: Study) -> NDArray[np.int64]:
    """Return what must be alike in the pixels (flat) of a cell: commune, class of land, zones."""
    province = study.province
    commune = province.commune_index.values.ravel().astype(np.int64)
    stratum = (commune + 1) * 256 + province.landcover.values.ravel().astype(np.int64)
    for nth, pixels in enumerate(study.zone_pixels(study.zones), start=1):
        stratum[pixels] = stratum[pixels] * MIX + nth
    stratum = np.unique(stratum, return_inverse=True)[1].ravel()
    return np.where(commune >= 0, stratum, -1)


def _per_network(over: Sample, carriers: list[PlannedNetwork], values: Floats) -> Floats:
    """Return the sums over the cells, once for each network by its weight."""
    sums = over.sums(values)
    return np.concatenate([sums * carrier.weight for carrier in carriers])


def served(
    over: Sample, scenario: Scenario, levels_dbm: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the share of every cell that each network serves, one network after the other."""
    service = chain.level_of(scenario.service)
    return np.concatenate([service.probability(over.at(level)) for level in levels_dbm])


def cover(
    province: Province, scenario: Scenario, frame: GeoDataFrame, cells: DemandCells, progress: Bar
) -> Cover:
    """Return the cells that each candidate would serve better than they are, in frame's order."""
    rows, cell, share, done = [], [], [], 0
    for nth, carrier in enumerate(cells.carriers):
        own = stations(frame, carrier, scenario)
        already = cells.before[nth * cells.over.count : (nth + 1) * cells.over.count]
        bar = counting_on(progress, done)
        reach = chain.served(province, own, carrier.layers, scenario, cells.over, already, bar)
        done += len(own)
        row = frame.index.get_indexer(own.index)
        rows.append(np.repeat(row, np.diff(reach.first)))
        cell.append(reach.cell + np.int32(nth * cells.over.count))
        share.append(reach.share)
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    counts = np.bincount(row, minlength=len(frame))
    first = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return Cover(first, np.concatenate(cell)[order], np.concatenate(share)[order])


def gained(cover_: Cover, cells: DemandCells) -> pd.DataFrame:
    """Return what each candidate would serve by itself beyond the stations on air, by kind."""
    return pd.DataFrame(
        {kind: gained_of(cover_, cells, values) for kind, values in cells.kinds.items()}
    )


def gained_of(cover_: Cover, cells: DemandCells, values: Floats) -> Floats:
    """Return what each candidate would serve by itself of a quantity given for each cell."""
    more = np.maximum(cover_.share - cells.before[cover_.cell], 0.0)
    row = np.repeat(np.arange(cover_.candidates), np.diff(cover_.first))
    return np.asarray(np.bincount(row, more * values[cover_.cell], cover_.candidates), float)
