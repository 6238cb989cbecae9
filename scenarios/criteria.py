"""Demand on the planning grid: residents, workers and visitors, and which of it lies in zones."""

from dataclasses import dataclass

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.grid import Grid, pixels_within
from phusong.geodata.province import Province
from phusong.scenarios.schema import Scenario

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """People on every pixel of the grid (flat), by kind, and their weighted sum.

    ``weighted`` follows the scenario's weights; ``first`` is the part of it that lies in the
    scenario's zones and is served first.
    """

    people: Values
    workers: Values
    visitors: Values
    weighted: Values
    first: Values


def priority_zones(province: Province, scenario: Scenario) -> GeoDataFrame:
    """Return the zones of the scenario's kind whose status counts (province: all kinds)."""
    zones = province.zones
    wanted = zones[col.STATUS].isin(scenario.zones.statuses)
    if scenario.scenario.kind != "province":
        wanted &= zones[col.KIND] == scenario.scenario.kind
    return zones[wanted]


def demand(province: Province, scenario: Scenario) -> Demand:
    """Spread residents, workers and visitors over the grid and weigh them."""
    grid = province.grid
    people = province.population.values.astype(np.float64).ravel()
    operating = province.zones[province.zones[col.STATUS].isin(scenario.zones.statuses)]
    workers = _spread(operating, col.WORKERS, grid)
    visitors = _spread(operating, col.VISITORS, grid)
    inside = province.commune_index.values.ravel() >= 0
    workers, visitors = workers * inside, visitors * inside
    weights = scenario.demand
    weighted = weights.people * people + weights.workers * workers + weights.visitors * visitors
    in_zone = np.zeros(people.size, bool)
    for pixels in pixels_within(priority_zones(province, scenario).geometry, grid):
        in_zone[pixels] = True
    return Demand(people, workers, visitors, weighted, weighted * in_zone)


def _spread(zones: GeoDataFrame, column: str, grid: Grid) -> Values:
    """Spread each zone's number evenly over its pixels."""
    values = np.zeros(grid.width * grid.height)
    counted = zones[zones[column].fillna(0) > 0]
    for number, pixels in zip(counted[column], pixels_within(counted.geometry, grid), strict=True):
        values[pixels] += number / pixels.size
    return values
