"""Run a scenario: predict, choose stations, and gather everything the outputs need."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import network
from phusong.geodata.province import Province
from phusong.scenarios import (
    candidates,
    criteria,
    figures,
    prediction,
    ranking,
)
from phusong.scenarios import holes as holes_
from phusong.scenarios.schema import Scenario

Bar = Callable[[int], None]
Progress = Callable[[str, int], Bar]


def silent(_title: str, _total: int) -> Bar:
    """Report no progress."""
    return lambda _done: None


@dataclass(frozen=True)
class Plan:
    """A finished run: tables, layers and figures, ready to be written.

    ``layers`` hold grid-shaped arrays by output name; ``network`` lists the 5G stations (live
    ones first) that ``best_server`` counts by row.
    """

    province: Province
    scenario: Scenario
    language: str
    ranking: GeoDataFrame
    network: list[str]
    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    holes: GeoDataFrame
    layers: dict[str, NDArray[Any]]
    required_dbm: float
    headline: dict[str, Any]
    years: list[dict[str, Any]]
    curve: list[dict[str, Any]]
    warnings: list[dict[str, str]]
    timings_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Coverage:
    """What is predicted: 4G today, 5G before and after the plan, and where each is enough."""

    today_4g: network.Layers
    before: network.Layers
    after: network.Layers
    required_dbm: float
    outdoor_dbm: float

    def covered(self, layers: network.Layers) -> NDArray[np.bool_]:
        """Return where the 5G service holds."""
        return layers.rsrp_dbm >= self.required_dbm

    def outdoors(self, layers: network.Layers) -> NDArray[np.bool_]:
        """Return where the mean level outdoors reaches the second threshold."""
        return layers.rsrp_dbm >= self.outdoor_dbm


def plan(
    province: Province, scenario: Scenario, *, language: str = "vi", progress: Progress = silent
) -> Plan:
    """Predict today's coverage, choose and rank the stations, and predict what they add."""
    clock = _Clock()
    required = prediction.required_dbm(scenario.service)
    live = candidates.live_5g(province)
    with clock("4G today"):
        today_4g = _predicted(province, province.sites, scenario, progress, "4G")
    with clock("5G before"):
        before = _predicted(province, live, scenario, progress, "5G")
    with clock("candidates"):
        demand = demand_.demand(province, scenario)
        frame = candidates.candidates(province, scenario)
        level = required - scenario.uncertainty.model_error_db
        bar = progress("5G candidates", len(frame))
        prints = prediction.footprints(province, frame, scenario, level, bar)
    with clock("choice"):
        choice = ranking.choose(frame, prints, demand, before.rsrp_dbm, required, scenario)
        table = ranking.table(frame, choice, demand, province, scenario, language)
    with clock("5G after"):
        stations = _stations(live, table)
        after = _predicted(province, stations, scenario, progress, "5G")
    with clock("figures"):
        outdoor = scenario.service.outdoor_threshold_dbm
        coverage = Coverage(today_4g, before, after, required, outdoor)
        result = _gathered(province, scenario, language, table, stations, coverage, demand, choice)
    return replace(result, timings_s=clock.seconds)


class _Clock:
    """Seconds spent in each named step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def _predicted(
    province: Province,
    sites: GeoDataFrame,
    scenario: Scenario,
    progress: Progress,
    technology: str,
) -> network.Layers:
    layer = scenario.layer_4g if technology == "4G" else scenario.layer_5g
    chosen = _on_air(sites, technology)
    bar = progress(f"{technology} network", len(chosen))
    return prediction.best_server(province, chosen, layer, scenario, bar)


def _on_air(sites: GeoDataFrame, technology: str) -> GeoDataFrame:
    on_air = sites[col.TECHNOLOGIES].str.split("/").map(lambda t: technology in t)
    return sites[on_air.astype(bool)]


def _stations(live: GeoDataFrame, table: GeoDataFrame) -> GeoDataFrame:
    """Return live and planned 5G stations as one network."""
    wanted = [col.SITE_ID, col.HEIGHT_M, col.AZIMUTHS_DEG, col.TECHNOLOGIES, "geometry"]
    planned = table.assign(**{col.TECHNOLOGIES: "5G"})
    return pd.concat([live[wanted], planned[wanted]], ignore_index=True)


def _gathered(
    province: Province,
    scenario: Scenario,
    language: str,
    table: GeoDataFrame,
    stations: GeoDataFrame,
    coverage: Coverage,
    demand: criteria.Demand,
    choice: ranking.Choice,
) -> Plan:
    """Count everything the outputs tell."""
    before, after = coverage.covered(coverage.before), coverage.covered(coverage.after)
    covered_4g = coverage.outdoors(coverage.today_4g)
    communes, districts = figures.by_unit(province, before, after, covered_4g)
    xy_m = np.column_stack([stations.geometry.x, stations.geometry.y])
    outdoors = coverage.outdoors(coverage.after)
    return Plan(
        province=province,
        scenario=scenario,
        language=language,
        ranking=table,
        network=list(stations[col.SITE_ID]),
        communes=communes,
        districts=districts,
        zones=figures.by_zone(province, demand, before, after),
        holes=holes_.holes(province, after, outdoors, xy_m, language),
        layers=_layers(coverage, scenario, stations),
        required_dbm=coverage.required_dbm,
        headline=_headline(province, table, demand, coverage),
        years=ranking.by_year(table, choice, demand),
        curve=ranking.curve(table, choice, demand),
        warnings=_warnings(province, scenario, stations),
    )


def _warnings(
    province: Province, scenario: Scenario, stations: GeoDataFrame
) -> list[dict[str, str]]:
    """Return where the model is used outside its published range, each once."""
    sites = _on_air(province.sites, "4G")
    found = prediction.warnings(scenario, scenario.layer_4g, sites)
    found += prediction.warnings(scenario, scenario.layer_5g, stations)
    return list({warning["en"]: warning for warning in found}.values())


def _layers(
    coverage: Coverage, scenario: Scenario, stations: GeoDataFrame
) -> dict[str, NDArray[Any]]:
    sinr_db = prediction.sinr_db(coverage.after, scenario.layer_5g)
    return {
        "rsrp_4g": coverage.today_4g.rsrp_dbm,
        "rsrp_before": coverage.before.rsrp_dbm,
        "rsrp_after": coverage.after.rsrp_dbm,
        "best_server": _station_of(coverage.after, stations),
        "sinr_after": sinr_db,
        "throughput_after": prediction.throughput_mbps(sinr_db, scenario.layer_5g),
    }


def _station_of(after: network.Layers, stations: GeoDataFrame) -> NDArray[np.int32]:
    """Turn the serving cell into the row of its station; -1 where none serves."""
    sectors = [max(len(text.split("/")), 1) for text in stations[col.AZIMUTHS_DEG]]
    of_cell = np.append(np.repeat(np.arange(len(stations)), sectors), -1).astype(np.int32)
    return of_cell[after.server]


def _headline(
    province: Province, table: GeoDataFrame, demand: criteria.Demand, coverage: Coverage
) -> dict[str, Any]:
    colocated = int((table[col.KIND] == candidates.COLOCATED).sum())
    covered_4g = coverage.outdoors(coverage.today_4g)
    result: dict[str, Any] = {
        "stations": len(table),
        "colocated": colocated,
        "new": len(table) - colocated,
        "cost_million_vnd": float(table[col.COST_MILLION_VND].sum()),
        "population": float(demand.people.sum()),
        "people_share_4g": figures.shares(province, demand, covered_4g)["people_share"],
        "sites": len(province.sites),
        "positions": int(province.sites[col.POSITION_ID].nunique()),
        "live_5g": len(candidates.live_5g(province)),
    }
    for when, layers in (("before", coverage.before), ("after", coverage.after)):
        values = figures.shares(province, demand, coverage.covered(layers))
        result |= {f"{name}_{when}": value for name, value in values.items()}
        outdoors = figures.shares(province, demand, coverage.outdoors(layers))
        result[f"outdoor_people_share_{when}"] = outdoors["people_share"]
    gained = result["people_after"] - result["people_before"]
    return result | {"people_per_station": gained / max(len(table), 1)}
