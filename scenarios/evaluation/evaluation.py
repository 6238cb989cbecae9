"""What stations serve and cost, year by year, as a plan of the same stations would say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.scenarios.config.carriers import stations as stations_of
from phusong.scenarios.evaluation import counting
from phusong.scenarios.evaluation.bench import MOST_STATES, Bench, Shares, station_keys
from phusong.scenarios.plan import rollout
from phusong.scenarios.prediction import station_gains


@dataclass(frozen=True)
class Evaluation:
    """What stations serve and cost.

    Parameters
    ----------
    years
        By year: stations, new ones, ``cost_million``, ``opex_million_per_year``, ``people``,
        ``people_share``, ``zone_demand_share`` and ``tiers``, the share reached by number.
    communes
        Share of residents served after all of them, by code.
    zones
        Share of what counts in each zone, by id.
    share
        Of every pixel that is served after all of them, shape of the grid.
    """

    years: list[dict[str, Any]]
    communes: dict[str, float]
    zones: dict[str, float]
    share: NDArray[np.float32]

    def as_dict(self) -> dict[str, Any]:
        """Return all but the grid, as JSON holds it."""
        return {"years": self.years, "communes": self.communes, "zones": self.zones}


def evaluate(bench: Bench, stations: GeoDataFrame) -> Evaluation:
    """Return what stations serve and cost by the end of each year of the scenario.

    Figures are those of ``plan``: each pixel is served by the strongest station of a network.

    Parameters
    ----------
    bench
        What they are tried on.
    stations
        Rows such as those of ``bench.frame``, with the year of each.

    Returns
    -------
    Evaluation
        By year, commune and zone.
    """
    study, counted = bench.study, bench.quantities
    rows, usual = [], study.levels[0]
    share: Shares = {}
    ends = _shares_by_year(bench, stations)
    for (year, share), factor in zip(ends, rollout.residents_by_year(study), strict=True):
        served = counted.people_by_commune(share[usual])
        rows.append(_spent(stations, year) | _served(bench, share, served, factor))
    by_commune = served / np.maximum(counted.residents, 1e-9)
    by_zone = counted.share_by_zone(share[usual], len(study.zones))
    codes = study.province.communes[col.COMMUNE_CODE]
    return Evaluation(
        rows,
        dict(zip(codes, by_commune.round(5).tolist(), strict=True)),
        dict(zip(counting.zone_ids(study), by_zone.round(5).tolist(), strict=True)),
        share[usual].reshape(study.province.grid.shape),
    )


def _shares_by_year(bench: Bench, table: GeoDataFrame) -> Iterator[tuple[int, Shares]]:
    """Yield each year with the share of every pixel (flat) served by its end, by level."""
    study = bench.study
    owned = [stations_of(table, network, study.scenario) for network in study.networks]
    for own, network in zip(owned, study.networks, strict=True):
        bench.footprints(own, network)  # all that are not known, together
    for year in study.scenario.rollout.years:
        until = [own[own[col.YEAR] <= year] for own in owned]
        yield year, _shares(bench, until)


def _shares(bench: Bench, stations: list[GeoDataFrame]) -> Shares:
    """Return what stations serve, given by network; lately tried ones are not counted again."""
    study, before = bench.study, bench.before.levels
    every = list(zip(stations, study.networks, strict=True))
    state = tuple(frozenset(station_keys(own, network)) for own, network in every)
    if state not in bench.shares:
        levels_dbm = [
            bench.levels_dbm(own, network, before_dbm)
            for (own, network), before_dbm in zip(every, before, strict=True)
        ]
        bench.shares[state] = {
            level: station_gains.served_share(study.scenario, study.networks, levels_dbm, level)
            for level in study.levels
        }
    bench.shares.move_to_end(state)
    while len(bench.shares) > MOST_STATES:
        bench.shares.popitem(last=False)
    return bench.shares[state]


def _spent(table: GeoDataFrame, year: int) -> dict[str, Any]:
    """Return what is built in a year, and runs at its end."""
    built, until = (table[col.YEAR] == year).to_numpy(), (table[col.YEAR] <= year).to_numpy()
    new = int((table[col.KIND][built] == col.NEW).sum())
    return {
        "year": int(year),
        "stations": int(built.sum()),
        "colocated": int(built.sum()) - new,
        "new": new,
        "cost_million": round(float(table[col.COST_MILLION][built].sum()), 1),
        "opex_million_per_year": round(float(table[col.OPEX_MILLION][until].sum()), 1),
    }


def _served(
    bench: Bench, share: Shares, people: NDArray[np.float64], factor: NDArray[np.float64]
) -> dict[str, Any]:
    """Return people, zones and tiers served at the end of a year, of so many residents."""
    shares, whole = bench.quantities.shares(share), bench.quantities.residents @ factor
    return {
        "people": round(float(people.sum()), 1),
        "people_share": float(people @ factor / max(float(whole), 1e-9)),
        "zone_demand_share": shares.pop(counting.ZONES),
        "tiers": {name: value for name, value in shares.items() if name != counting.PEOPLE},
    }
