"""What stations serve and cost, year by year, as a plan of the same stations would say it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import statistics
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.config.carriers import stations as stations_of
from phusong.scenarios.config.sections import ServedLevel
from phusong.scenarios.evaluation.bench import Bench
from phusong.scenarios.plan import rollout
from phusong.scenarios.prediction import station_gains

Floats = NDArray[np.float64]


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
    study, rows = bench.study, []
    ends = _shares_by_year(bench, stations)
    for (year, share), factor in zip(ends, rollout.residents_by_year(study), strict=True):
        rows.append(_spent(stations, year) | _served(study, share, factor))
    usual = share[study.levels[0]]
    return Evaluation(
        rows,
        _by_commune(study, usual),
        _by_zone(study, usual),
        usual.reshape(study.province.grid.shape),
    )


def _shares_by_year(
    bench: Bench, table: GeoDataFrame
) -> Iterator[tuple[int, dict[ServedLevel, NDArray[np.float32]]]]:
    """Yield each year with the share of every pixel (flat) served by its end, by level."""
    study = bench.study
    levels_dbm = [level.ravel().copy() for level in bench.before.levels]
    owned = [stations_of(table, network, study.scenario) for network in study.networks]
    reached = [
        bench.footprints(own, network) for own, network in zip(owned, study.networks, strict=True)
    ]
    for year in study.scenario.rollout.years:
        for own, level_dbm, footprints in zip(owned, levels_dbm, reached, strict=True):
            for nth in np.flatnonzero(own[col.YEAR].to_numpy() == year):
                pixel, station_dbm = footprints[nth]
                level_dbm[pixel] = np.fmax(level_dbm[pixel], station_dbm)
        yield (
            year,
            {
                level: station_gains.served_share(study.scenario, study.networks, levels_dbm, level)
                for level in study.levels
            },
        )


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
    study: Study, share: dict[ServedLevel, NDArray[np.float32]], factor: Floats
) -> dict[str, Any]:
    """Return people, zones and tiers served at the end of a year, of so many residents."""
    demand, usual = study.demand, share[study.levels[0]]
    grown = np.append(factor, 1.0)[study.province.commune_index.values.ravel()]
    people = demand.people * grown if np.ptp(factor) > 0.0 else demand.people
    return {
        "people": round(float(demand.people @ usual), 1),
        "people_share": _ratio(people, usual),
        "zone_demand_share": _ratio(demand.first, usual),
        "tiers": {
            str(tier.number): _ratio(study.tier_demand(tier), share[tier.rule.level])
            for tier in study.tiers
        },
    }


def _ratio(counted: Floats, share: NDArray[np.float32]) -> float:
    whole = float(counted.sum())
    return float(counted @ share) / whole if whole > 0.0 else 0.0


def _by_commune(study: Study, share: NDArray[np.float32]) -> dict[str, float]:
    province = study.province
    counted = statistics.totals(
        province.commune_index.values.astype(np.int64),
        share.reshape(province.grid.shape),
        province.population.values.astype(np.float64),
        province.grid.pixel_area_km2,
        len(province.communes),
    )
    codes = province.communes[col.COMMUNE_CODE]
    return dict(zip(codes, counted.people_share.round(5).tolist(), strict=True))


def _by_zone(study: Study, share: NDArray[np.float32]) -> dict[str, float]:
    return {
        str(zone_id): round(float(zone.values @ share[zone.pixels] / zone.values.sum()), 5)
        for zone_id, zone in zip(study.zones[col.ZONE_ID], study.zone_demand(), strict=True)
    }
