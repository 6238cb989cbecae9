"""Demand cells: blocks of pixels, once for every network, and who serves them.

Stations are chosen on these cells, about 150 m wide; what they then serve is counted at every
pixel of the grid.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong.coverage.area import blocks
from phusong.coverage.area.blocks import Blocks
from phusong.geodata.province import Province
from phusong.progress import counting_on
from phusong.scenarios.candidates.demand import KINDS, Study
from phusong.scenarios.config.carriers import PlannedNetwork, stations
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import chain
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]
Bar = Callable[[int], None]
LEAST = 1e-6  # of a pixel without demand: its area counts in quotas


@dataclass(frozen=True)
class DemandCells:
    """Blocks of the grid for one network after the other; arrays hold a value for each cell.

    ``kinds`` is the demand of each kind, ``weighted`` and ``first`` as in ``Demand``;
    ``before`` is the share served by the stations on air.
    """

    over: Blocks
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
        block = self.over.of_pixel.ravel()[pixels]
        held = block >= 0
        inside = np.bincount(block[held], values[held], self.over.count)
        blocks_ = np.flatnonzero(inside > 0.0)
        count, weights = self.over.count, [carrier.weight for carrier in self.carriers]
        cells = np.concatenate([blocks_ + nth * count for nth in range(len(weights))])
        return cells, np.concatenate([inside[blocks_] * weight for weight in weights])


def demand_cells(study: Study, levels_before: list[NDArray[np.float32]]) -> DemandCells:
    """Return the cells of a province, given the level of the stations on air per network."""
    province, scenario, demand = study.province, study.scenario, study.demand
    carriers, shape = study.networks, province.grid.shape
    inside = province.commune_index.values >= 0
    side = max(round(scenario.selection.block_m / province.grid.pixel_m), 1)
    over = blocks.blocks((demand.weighted.reshape(shape) + LEAST) * inside, side)

    return DemandCells(
        over,
        carriers,
        {kind: _per_network(over, carriers, demand.of_kind(kind)) for kind in KINDS},
        _per_network(over, carriers, demand.weighted),
        _per_network(over, carriers, demand.first),
        served(over, scenario, levels_before),
    )


def _per_network(over: Blocks, carriers: list[PlannedNetwork], values: Floats) -> Floats:
    """Return the sums over the blocks, once for each network by its weight."""
    sums = over.sums(values)
    return np.concatenate([sums * carrier.weight for carrier in carriers])


def served(
    over: Blocks, scenario: Scenario, levels_dbm: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the share of every block that each network serves, one network after the other."""
    service = chain.level_of(scenario.service)
    shares = [over.mean(service.probability(level)) for level in levels_dbm]
    return np.minimum(np.concatenate(shares), np.float32(1.0))


def cover(
    province: Province, scenario: Scenario, frame: GeoDataFrame, cells: DemandCells, progress: Bar
) -> Cover:
    """Return the share of every cell that each candidate would serve, in the frame's order."""
    rows, cell, share, done = [], [], [], 0
    for nth, carrier in enumerate(cells.carriers):
        own = stations(frame, carrier, scenario)
        reach = chain.served(
            province, own, carrier.layers, scenario, cells.over, counting_on(progress, done)
        )
        done += len(own)
        row = frame.index.get_indexer(own.index)
        rows.append(np.repeat(row, np.diff(reach.first)))
        cell.append(reach.block + np.int32(nth * cells.over.count))
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
