"""What the stations of a plan and those that were built serve, year by year, predicted alike."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import statistics
from phusong.geodata.province import Province
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.candidates.policy_zones import zone_pixels
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import chain, live_network, station_gains
from phusong.scenarios.prediction.live_network import OnAir, Progress


class ServedYear(NamedTuple):
    """The state at the end of a year: probability of service, and where the level is reached."""

    share: NDArray[np.float32]
    covered: NDArray[np.bool_]


def begun(province: Province, scenario: Scenario, live: GeoDataFrame, progress: Progress) -> OnAir:
    """Predict the 5G on air when the plan began."""
    bar = progress("5G", len(live))
    networks = live_network.networks(scenario)
    return live_network.predict(province, live_network.with_5g(live), networks, scenario, bar)


def by_year(
    province: Province,
    scenario: Scenario,
    before: OnAir,
    table: GeoDataFrame,
    years: Sequence[int],
) -> Iterator[ServedYear]:
    """Yield what is served at the end of each year, ``before`` and the stations of a table.

    A station counts from the year in ``columns.YEAR``; the years ascend.
    """
    networks, shape = live_network.networks(scenario), before.share.shape
    table = table.sort_values(col.YEAR, kind="stable", ignore_index=True)
    required_dbm = chain.required_dbm(scenario.service)
    levels = (
        station_gains.levels_by_year(province, scenario, table, networks, before.levels, 0.0, years)
        if len(table)
        else (before.levels for _ in years)
    )
    for level in levels:
        share = station_gains.served_share(scenario, networks, level)
        covered = np.max(level, axis=0) >= required_dbm
        yield ServedYear(share.reshape(shape), covered.reshape(shape))


def residents(province: Province, scenario: Scenario, year: int) -> NDArray[np.float64]:
    """Return the residents of every pixel in a year."""
    people = province.population.values.astype(np.float64)
    if not province.residents_year:
        return people
    factor = demand_.growth(province, scenario, year, province.residents_year)
    return np.asarray(people * np.append(factor, 1.0)[province.commune_index.values])


def on_communes(province: Province, share: NDArray[np.float32]) -> statistics.Totals:
    """Return people and area of every commune, in all and served."""
    return statistics.totals(
        province.commune_index.values.astype(np.int64),
        share,
        province.population.values.astype(np.float64),
        province.grid.pixel_area_km2,
        len(province.communes),
    )


def on_zones(
    province: Province, scenario: Scenario, shares: Sequence[NDArray[np.float32]]
) -> list[NDArray[np.float64]]:
    """Return how much is served of what the run counts in each of its zones, by state."""
    counted = demand_.demand(province, scenario)
    whole = {"demand": counted.weighted, "area": counted.area_km2}
    flat = [share.ravel().astype(float) for share in shares]
    rows = []
    for of, pixels in zip(
        province.zones[col.SHARE_OF], zone_pixels(province.zones, province), strict=True
    ):
        values = (whole[of] if of in whole else counted.of_kind(of))[pixels]
        values = values if values.sum() > 0.0 else np.ones(pixels.size)
        rows.append([float(values @ share[pixels] / max(values.sum(), 1e-9)) for share in flat])
    return list(np.array(rows, float).reshape(len(province.zones), len(flat)).T)
