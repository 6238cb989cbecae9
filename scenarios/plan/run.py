"""Run a scenario: predict, choose stations, and gather everything the outputs need."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain as chained
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import memory, stored
from phusong.coverage.area import network
from phusong.coverage.beside import NICENESS, beside, second_worker, until
from phusong.geodata.countries import speaking
from phusong.geodata.province import Province
from phusong.messages import Message, message
from phusong.progress import Progress, silent
from phusong.scenarios.candidates import asked, own_stations, places
from phusong.scenarios.candidates.demand import Demand, Study
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.costs import spending
from phusong.scenarios.plan import (
    choice,
    explain,
    intervals,
    ranking,
    rollout,
    shares,
    tiers,
    unreached,
    what_if,
)
from phusong.scenarios.plan import holes as holes_
from phusong.scenarios.plan.choice import Choice
from phusong.scenarios.plan.intervals import Counted
from phusong.scenarios.plan.rollout import RolloutGains
from phusong.scenarios.plan.what_if import WhatIf
from phusong.scenarios.prediction import chain, live_network, quality, station_gains
from phusong.scenarios.prediction.live_network import OnAir

Layer = Callable[[], NDArray[Any]]


@dataclass(frozen=True)
class Plan:
    """A finished run: tables, layers and figures, ready to be written.

    ``layers`` give grid-shaped arrays by output name, computed when asked for; ``network`` lists
    the 5G stations (live ones first) that ``best_server`` counts by row. ``candidates`` are all
    places compared, ``links`` the backhaul of the chosen ones, ``choice`` what was proven of them.
    Columns of text (reason, explanation, why, cause) hold messages, and so do ``warnings``.

    Parameters
    ----------
    province
        What was planned for.
    scenario
        What was asked for.
    ranking
        Stations in order of build.
    candidates
        All places compared.
    links
        Backhaul of the stations.
    network
        Identifiers of the 5G stations.
    communes
        With people and area covered.
    districts
        The same by district.
    zones
        With demand covered.
    zones_ranking
        Zones that tiers hold, by rank, with their weights and criteria.
    holes
        What stays uncovered.
    layers
        Arrays by name, shape of the grid.
    required_dbm
        Level at which the service holds [dBm].
    headline
        The figures first told.
    checks
        Figures held against what is published, and against the reach of the prediction.
    years
        Figures by year.
    curve
        People covered by number of stations.
    choice
        Candidates, gap, targets and what was relaxed.
    tiers
        What each tier asked for and got by year.
    waiting
        Zones under their tier's last target.
    cost
        Capex, opex and present value.
    quality
        Figures of the country's rule of quality, by unit.
    warnings
        What was missed, and limits not kept.
    what_if
        What a page tries other stations on.
    timings_s
        By step [s].
    """

    province: Province
    scenario: Scenario
    ranking: GeoDataFrame
    candidates: GeoDataFrame
    links: GeoDataFrame
    network: list[str]
    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    zones_ranking: GeoDataFrame
    holes: GeoDataFrame
    layers: dict[str, Layer]
    required_dbm: float
    headline: dict[str, Any]
    checks: list[dict[str, Any]]
    years: list[dict[str, Any]]
    curve: list[dict[str, Any]]
    choice: dict[str, Any]
    tiers: list[dict[str, Any]]
    waiting: pd.DataFrame
    cost: dict[str, Any]
    quality: pd.DataFrame
    warnings: list[Message]
    what_if: WhatIf | None = None
    timings_s: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Coverage:
    """What is predicted: 4G today, 5G before and after the plan, and how wrong that may be."""

    today_4g: network.Layers
    before: OnAir
    after: OnAir
    study: Study
    between: dict[int, OnAir]  # by the end of each year but the last

    @property
    def scenario(self) -> Scenario:
        """Return the scenario that is planned."""
        return self.study.scenario

    @cached_property
    def pixels(self) -> intervals.CountedPixels:
        """Return the pixels that figures count."""
        return intervals.counted_pixels(self.study)

    @cached_property
    def errors(self) -> intervals.LevelErrors:
        """Return how wrong levels may be there."""
        return intervals.errors(self.study.province, self.scenario).at(self.pixels)

    def counted(self, levels_dbm: list[NDArray[np.float32]]) -> Counted:
        """Return the share of every place served, at the ends of its interval."""
        here_dbm = [self.pixels.of(level_dbm) for level_dbm in levels_dbm]
        return intervals.served(self.study, here_dbm, self.errors)

    def reached(self, layers: network.Layers) -> Counted:
        """Return where the mean level outdoors reaches the second threshold."""
        threshold_dbm = self.scenario.service.outdoor_threshold_dbm
        return intervals.reached(self.pixels.of(layers.rsrp_dbm), threshold_dbm, self.errors)

    @property
    def by_year(self) -> dict[int, OnAir]:
        """Return the networks by the end of each year of the plan."""
        return self.between | {self.scenario.rollout.years[-1]: self.after}

    @property
    def covered_4g(self) -> NDArray[np.bool_]:
        """Return where the mean level of 4G outdoors reaches the second threshold."""
        return self._outdoors(self.today_4g)

    def outdoors(self, net: OnAir) -> NDArray[np.bool_]:
        """Return where the mean level of 5G outdoors reaches the second threshold."""
        return self._outdoors(net.layers)

    def sure(self, net: OnAir) -> NDArray[np.bool_]:
        """Return where the service holds with the probability that the scenario asks for."""
        least = self.scenario.service.probability
        return stored.by_bands(lambda rows: net.share[rows] >= least, net.share.shape, np.bool_)

    def _outdoors(self, layers: network.Layers) -> NDArray[np.bool_]:
        level_dbm, least_dbm = layers.rsrp_dbm, self.scenario.service.outdoor_threshold_dbm
        return stored.by_bands(lambda rows: level_dbm[rows] >= least_dbm, level_dbm.shape, np.bool_)


@speaking("province")
def plan(
    province: Province,
    scenario: Scenario,
    *,
    progress: Progress = silent,
    proof: bool = True,
    with_what_if: bool = True,
) -> Plan:
    """Predict today's coverage, choose and rank the stations, and predict what they add.

    Without ``proof`` no bound of the choice is proven and nothing redrawn; the plan warns of it.
    Without ``with_what_if`` a page has nothing to try other stations on.
    """
    clock = _Clock()
    findings = asked.Findings()
    province = asked.prepared(province, scenario, findings)
    networks = live_network.networks(scenario)
    live = live_network.with_5g(places.live_5g(province))
    with clock("5G before"):
        before = live_network.predict(
            province, live, networks, scenario, progress(message("progress.on_air_5g"), len(live))
        )
    at_level = partial(station_gains.served_share, scenario, networks, before.levels)
    study, frame = asked.asked(province, scenario, before.share, findings, at_level)
    with _today_4g(province, scenario, progress) as today_4g:
        with clock("candidates"):
            frame = spending.with_costs(province, scenario, frame)
            candidates = choice.candidate_coverage(study, frame, before, progress)
        with clock("choice"):
            counter = rollout.counter(study, frame, before)
            chosen = choice.choose(study, candidates, before, counter, proof=proof)
            table = chosen.table()
        with second_worker() as begin:
            with clock("5G after"):
                bar = progress(message("progress.planned_5g"), len(table))
                adding = begin(rollout.rollout_gains, study, table, before, bar)
                stations = live_network.with_5g(live, table)
                after = live_network.predict(
                    province,
                    stations,
                    networks,
                    scenario,
                    progress(message("progress.network_5g"), len(stations)),
                    with_speeds=True,
                )
                between = live_network.between(province, live, table, networks, scenario)
                speeds = quality.of_networks(after.carried, after.speeds)
            with clock("figures"):
                coverage = _Coverage(today_4g.result(), before, after, study, between)
                offer = chosen.offer(after.levels)
                counting = _Beside(adding, begin(_counted, coverage))
                trying = begin(_tried, chosen, offer, before) if with_what_if else None
                result = _gathered(table, counting, coverage, chosen, offer, speeds)
            if trying is not None:
                with clock("what if"):
                    result = replace(result, what_if=trying.result())
    return replace(result, timings_s=clock.seconds)


def _tried(chosen: Choice, offer: unreached.Offer, before: OnAir) -> WhatIf:
    """Return what a page tries other stations on."""
    study, rows = chosen.study, what_if.offered(chosen, offer)
    offered = chosen.candidates.frame.iloc[rows].reset_index(drop=True)
    most = what_if.cells_of(len(study.networks))
    return what_if.what_if(chosen, rows, choice.on_cells(study, offered, before, most))


class _Beside(NamedTuple):
    """What a second worker counts meanwhile: what stations add, and the figures."""

    growth: Future[RolloutGains]
    figures: "Future[_Figures]"


class _Clock:
    """Seconds spent in each named step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        stored.rest()
        memory.give_back()
        self.seconds[name] = round(time.perf_counter() - start, 3)


@contextmanager
def _today_4g(
    province: Province, scenario: Scenario, progress: Progress
) -> Iterator[Future[network.Layers]]:
    """Predict 4G today while the block runs: only the figures of a plan need it."""
    chosen = _with_technology(province.heard, "4G")
    bar = progress(message("progress.on_air_4g"), len(chosen))
    over = threading.Event()
    given = province, chosen, scenario.layer_4g, scenario, until(over, bar)
    with beside(chain.best_server, *given, niceness=NICENESS) as today_4g:
        try:
            yield today_4g
        finally:
            over.set()


def _with_technology(sites: GeoDataFrame, technology: str) -> GeoDataFrame:
    return sites[live_network.with_technology(sites, technology)]


def _gathered(
    table: GeoDataFrame,
    counting: _Beside,
    coverage: _Coverage,
    chosen: Choice,
    offer: unreached.Offer,
    speeds: quality.NetworkSpeeds,
) -> Plan:
    """Count everything the outputs tell; first what needs nothing of the second worker."""
    study, province, demand = coverage.study, coverage.study.province, coverage.study.demand
    scenario, before, after = coverage.scenario, coverage.before, coverage.after
    units = shares.by_unit(province, before.share, after.share, coverage.covered_4g)
    why = unreached.unreached(province, offer.ordinary)
    zones = shares.by_zone(study, before.share, after.share)
    links, tree = spending.tree(province, scenario, table)
    outdoors, sure = coverage.outdoors(after), coverage.sure(after)
    xy_m = np.column_stack([after.stations.geometry.x, after.stations.geometry.y])
    holes = holes_.holes(province, sure, outdoors, xy_m)
    levels = {"outdoor": outdoors, "indoor": after.share, "indoor_90": sure}
    before_at, after_at = (rollout.shares_at(study, net) for net in (before, after))
    ways_on = tiers.waiting(study, offer, after_at, outdoors.ravel(), chosen.zones.weights)
    by_unit = quality.by_unit(province, scenario, study.networks, after.networks, speeds)
    growth = counting.growth.result()
    table = ranking.with_gains(table, growth.added, study.zones)
    decimals = scenario.country.currency.column_decimals
    years = ranking.by_year(
        table, growth.added, demand, before.share, scenario.rollout.years, decimals
    )
    counts, ends, figures, ends_of_years = counting.figures.result()
    communes, districts = intervals.on_units(units, province, counts, *ends)
    communes = unreached.with_reasons(communes, why)
    years = rollout.with_communes(years, growth, communes, rollout.residents_by_year(study))
    years = [year | of_year for year, of_year in zip(years, ends_of_years, strict=True)]
    reached = chosen.reached()
    headline = _headline(province, table, demand) | figures
    reported = scenario.country.published
    return Plan(
        province=province,
        scenario=scenario,
        ranking=table,
        candidates=chosen.compared(),
        links=links,
        network=list(after.stations[col.SITE_ID]),
        communes=communes,
        districts=districts,
        zones=intervals.on_zones(zones, study, coverage.pixels, *ends),
        zones_ranking=chosen.zones.table,
        holes=holes,
        layers=_layers(coverage, growth, speeds),
        required_dbm=chain.required_dbm(scenario.service),
        headline=headline,
        checks=[
            *shares.checks(headline, reported),
            *shares.zone_checks(study, places.live_5g(province)),
            *_at_edge(coverage),
        ],
        years=years,
        curve=ranking.curve(table, growth.added, stored.dot(demand.people, before.share), decimals),
        choice=chosen.record() | {"reached": reached},
        tiers=tiers.record(study, chosen.gaps, table, growth.added, before_at, levels),
        waiting=ways_on,
        cost=spending.summary(table, tree, scenario),
        quality=by_unit,
        warnings=[
            *([] if chosen.with_proof else [message("warning.no_proof")]),
            *explain.begun_late(province.baseline, scenario.rollout.years[0]),
            *explain.shortfalls(reached),
            *own_stations.warnings(province, scenario, table),
            *live_network.warnings(province, scenario, study.networks, after.stations),
        ],
    )


class _Figures(NamedTuple):
    """What figures count, what of it is served before and after, and the figures by name."""

    counts: intervals.FigureWeights
    ends: tuple[Counted, Counted]
    of_headline: dict[str, float]
    of_years: list[dict[str, float]]


def _counted(coverage: _Coverage) -> _Figures:
    """Count the figures that the prediction tells, at the pixels of the province."""
    study = coverage.study
    counts = intervals.weights(study.demand, coverage.pixels, len(study.province.communes))
    before, after = (coverage.counted(net.levels) for net in (coverage.before, coverage.after))
    served = (coverage.counted(net.levels) for net in coverage.between.values())
    of_years = intervals.of_years(
        map(counts.grown, rollout.residents_by_year(study)), chained(served, [after])
    )
    return _Figures(
        counts, (before, after), _headline_figures(counts, coverage, before, after), of_years
    )


def _at_edge(coverage: _Coverage) -> list[dict[str, Any]]:
    """Return whether stations are followed far enough."""
    scenario, today, after = coverage.scenario, coverage.today_4g, coverage.after.layers
    return [
        shares.edge_check("4g", today.edge_share, scenario.layer_4g.radius_m),
        shares.edge_check("5g", after.edge_share, scenario.layer_5g.radius_m),
    ]


def _headline_figures(
    counts: intervals.FigureWeights, coverage: _Coverage, before: Counted, after: Counted
) -> dict[str, float]:
    """Return the figures of the headline that the prediction tells, and their intervals."""
    least = coverage.scenario.service.probability
    today = counts.of_all(coverage.reached(coverage.today_4g), "people").share
    figures = {"people_share_4g": today}
    nets = (("before", coverage.before, before), ("after", coverage.after, after))
    for when, net, counted in nets:
        others = {"outdoor": coverage.reached(net.layers), "sure": counted.at_least(least)}
        figures |= intervals.of_shares(counts, when, counted, others)
    built = max(len(coverage.after.stations) - len(coverage.before.stations), 1)
    gained = figures["people_after"].mid - figures["people_before"].mid
    more = counts.of_all(after.less(before), "people")._replace(mid=gained)
    each = intervals.CoveredPart(*(number / built for number in more))
    return intervals.told(figures | {"people_per_station": each})


def _layers(
    coverage: _Coverage, growth: RolloutGains, speeds: quality.NetworkSpeeds
) -> dict[str, Layer]:
    """Return what gives each raster of a plan; of several networks the strongest carrier serves."""
    after, by_year, demand = coverage.after, coverage.by_year, coverage.study.demand
    overall = quality.overall(speeds, after.networks)
    strongest = partial(quality.of_strongest, coverage.study.networks)
    people = {"residents": demand.people, "workers": demand.workers, "visitors": demand.visitors}
    predicted = {
        **{f"rsrp_{year}": net.layers.rsrp_dbm for year, net in by_year.items()},
        **{f"served_{year}": net.share for year, net in by_year.items()},
        "served_before": coverage.before.share,
        "rsrp_4g": coverage.today_4g.rsrp_dbm,
        "rsrp_before": coverage.before.layers.rsrp_dbm,
        "rsrp_after": after.layers.rsrp_dbm,
        "best_server": after.station,
        "sinr_p10_after": overall.low_sinr_db,
        "throughput_after": overall.downlink_mbps,
        "covered_year": growth.covered_year,
    }
    return {
        **{name: partial(np.asarray, values) for name, values in predicted.items()},
        **{name: partial(_on_grid, values, after.share.shape) for name, values in people.items()},
        **{
            f"ss_sinr_{year}": partial(strongest, net.carried, chain.ss_sinr_db)
            for year, net in by_year.items()
        },
        "ss_sinr_after": partial(strongest, after.carried, chain.ss_sinr_db),
        "ss_rsrq_after": partial(strongest, after.carried, chain.ss_rsrq_db),
        "sinr_after": partial(strongest, after.carried, chain.data_sinr_db),
    }


def _on_grid(values: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.float32]:
    return stored.stored(values.reshape(shape), np.float32)


def _headline(province: Province, table: GeoDataFrame, demand: Demand) -> dict[str, Any]:
    colocated = int((table[col.KIND] == col.COLOCATED).sum())
    return {
        "stations": len(table),
        "colocated": colocated,
        "new": len(table) - colocated,
        "cost_million": float(table[col.COST_MILLION].sum()),
        "population": float(demand.people.sum()),
        "sites": len(province.live),
        "neighbours": len(province.heard) - len(province.live),
        "positions": int(province.live[col.POSITION_ID].nunique()),
        "live_5g": len(places.live_5g(province)),
    }
