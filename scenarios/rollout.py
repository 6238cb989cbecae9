"""Spread the chosen stations over the years, in order of choice."""

import numpy as np
from numpy.typing import NDArray

from phusong.scenarios.schema import Scenario


def years(scenario: Scenario, chosen: int) -> NDArray[np.int64]:
    """Return the year of build of each chosen station, filling each year's number in turn."""
    plan = sorted((int(year), count) for year, count in scenario.rollout.stations.items())
    filled = np.repeat([year for year, _ in plan], [count for _, count in plan])
    return filled[:chosen].astype(np.int64)


def stations(scenario: Scenario) -> int:
    """Return how many stations the whole plan may build."""
    return sum(scenario.rollout.stations.values())
