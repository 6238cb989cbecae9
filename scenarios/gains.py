"""What each station adds to those built before it, counted at every pixel of the grid."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import network
from phusong.geodata.province import Province
from phusong.scenarios import prediction
from phusong.scenarios.carriers import Carrier, counting_on, stations
from phusong.scenarios.demand import KINDS, Demand
from phusong.scenarios.schema import Scenario

Floats = NDArray[np.float64]
Bar = Callable[[int], None]
FIRST = "first"  # demand in the priority zones
ADDED = (*KINDS, FIRST)


def served_share(
    scenario: Scenario, carriers: list[Carrier], levels_dbm: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the probability that a place is served, over the networks by their weight."""
    service = prediction.level_of(scenario.service)
    parts = [
        np.float32(carrier.weight) * service.probability(level)
        for carrier, level in zip(carriers, levels_dbm, strict=True)
    ]
    share: NDArray[np.float32] = np.sum(parts, axis=0, dtype=np.float32)
    return share


def footprints(
    province: Province,
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[Carrier],
    below_db: float,
    bar: Bar,
) -> list[network.Footprints]:
    """Return the pixels that the stations of a plan serve, carrier by carrier.

    ``below_db`` is how much higher levels may be than predicted, for a pixel to be kept.
    """
    found, done = [], 0
    for carrier in carriers:
        own, move = stations(table, carrier, scenario), counting_on(bar, done)
        found.append(prediction.footprints(province, own, carrier.layer, scenario, move, below_db))
        done += len(own)
    return found


def levels_by_year(
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[Carrier],
    levels_before: list[NDArray[np.float32]],
    prints: list[network.Footprints],
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the level of every network at the end of each year of the plan, as far as it counts."""
    levels = [level.ravel().copy() for level in levels_before]
    for year in scenario.rollout.years:
        for carrier, level, part in zip(carriers, levels, prints, strict=True):
            own = stations(table, carrier, scenario)
            for nth in np.flatnonzero(own[col.YEAR] == year):
                span = slice(part.first[nth], part.first[nth + 1])
                pixel = part.pixel[span]
                level[pixel] = np.fmax(level[pixel], part.rsrp_dbm[span])
        yield levels


def added(
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[Carrier],
    levels_before: list[NDArray[np.float32]],
    prints: list[network.Footprints],
    demand: Demand,
) -> pd.DataFrame:
    """Return the demand of each kind (``ADDED``) that every station of a plan adds, in order.

    ``table`` holds the stations in order of build; the best server of a network counts.
    """
    service = prediction.level_of(scenario.service)
    values = np.column_stack([*(demand.of_kind(kind) for kind in KINDS), demand.first])
    result = np.zeros((len(table), len(ADDED)))
    for carrier, level, part in zip(carriers, levels_before, prints, strict=True):
        own = stations(table, carrier, scenario)
        share = service.probability(level).ravel()
        for nth, row in enumerate(table.index.get_indexer(own.index)):
            span = slice(part.first[nth], part.first[nth + 1])
            pixel = part.pixel[span]
            own_share = service.probability(part.rsrp_dbm[span])
            more = np.maximum(own_share - share[pixel], 0.0)
            share[pixel] += more
            result[row] = carrier.weight * (more @ values[pixel])
    return pd.DataFrame(result, columns=list(ADDED), index=table.index)
