"""The probability of service, and what each station adds to it at every pixel of the grid."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.province import Province
from phusong.progress import counting_on
from phusong.scenarios.config.carriers import PlannedNetwork, stations
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import chain

Bar = Callable[[int], None]


class StationGain(NamedTuple):
    """One station: its row in the plan, and at each pixel it reaches its level and what it adds."""

    row: int
    pixel: NDArray[np.integer]
    level_dbm: NDArray[np.float32]
    more: NDArray[np.floating]  # probability of service, weighed by network


def served_share(
    scenario: Scenario, carriers: list[PlannedNetwork], levels_dbm: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the probability that a place is served, over the networks by their weight."""
    service = chain.level_of(scenario.service)
    parts = [
        np.float32(carrier.weight) * service.probability(level)
        for carrier, level in zip(carriers, levels_dbm, strict=True)
    ]
    share: NDArray[np.float32] = np.sum(parts, axis=0, dtype=np.float32)
    return share


def levels_by_year(
    province: Province,
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[PlannedNetwork],
    levels_before: list[NDArray[np.float32]],
    below_db: float,
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the level of every network at the end of each year of the plan, as far as it counts.

    ``below_db`` is how much higher levels may be than predicted, for a pixel to count.
    """
    levels = [level.ravel().copy() for level in levels_before]
    owned = [stations(table, carrier, scenario) for carrier in carriers]
    prints = [
        chain.footprints(province, own, carrier.layers, scenario, lambda _: None, below_db)
        for own, carrier in zip(owned, carriers, strict=True)
    ]
    for year in scenario.rollout.years:
        for own, level, part in zip(owned, levels, prints, strict=True):
            for nth in np.flatnonzero(own[col.YEAR] == year):
                pixel, level_dbm = part.of(int(nth))
                level[pixel] = np.fmax(level[pixel], level_dbm)
        yield levels


def station_gains(
    province: Province,
    scenario: Scenario,
    table: GeoDataFrame,
    carriers: list[PlannedNetwork],
    levels_before: list[NDArray[np.float32]],
    progress: Bar,
) -> Iterator[StationGain]:
    """Yield what every station of a plan adds to those built before it on its network.

    ``table`` holds the stations in order of build; the best server of a network counts.
    """
    service = chain.level_of(scenario.service)
    done = 0
    for carrier, level in zip(carriers, levels_before, strict=True):
        own = stations(table, carrier, scenario)
        prints = chain.footprints(
            province, own, carrier.layers, scenario, counting_on(progress, done)
        )
        done += len(own)
        share = service.probability(level).ravel()
        for nth, row in enumerate(table.index.get_indexer(own.index)):
            pixel, level_dbm = prints.of(nth)
            more = np.maximum(service.probability(level_dbm) - share[pixel], 0.0)
            share[pixel] += more
            yield StationGain(int(row), pixel, level_dbm, carrier.weight * more)
