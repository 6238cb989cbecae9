"""How a plan grows: what each station adds, and what is covered at the end of each year."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.scenarios.candidates.demand import KINDS, PolicyTier, Study
from phusong.scenarios.candidates.demand import growth as growth_of
from phusong.scenarios.plan import constraints
from phusong.scenarios.plan.counted import Count, Shares
from phusong.scenarios.prediction import chain, station_gains
from phusong.scenarios.prediction.live_network import OnAir

Bar = Callable[[int], None]
SharesAt = station_gains.SharesAt
FIRST = "first"  # demand in the priority zones
NOT_COVERED, BEFORE, OUTSIDE = 0, 1, 65_535  # what covered_year holds where it is no year


@dataclass(frozen=True)
class RolloutGains:
    """What the stations of a plan add.

    ``added`` holds the demand of each kind, in the priority zones (``FIRST``) and in each tier
    (by name) that every station adds, in order of build; ``covered_year`` the year in
    which a place first has the required level, or one of the values above; ``people`` the
    residents gained, by year and commune.
    """

    added: pd.DataFrame
    covered_year: NDArray[np.uint16]
    people: NDArray[np.float64]
    years: tuple[int, ...]


def rollout_gains(study: Study, table: GeoDataFrame, before: OnAir, progress: Bar) -> RolloutGains:
    """Count what the stations add, in one pass; ``table`` holds them in order of build."""
    province, scenario, demand = study.province, study.scenario, study.demand
    kinds = {kind: demand.of_kind(kind) for kind in KINDS} | {FIRST: demand.first}
    kinds |= {tier.name: study.tier_demand(tier) for tier in study.tiers}
    columns = _columns(study, kinds)
    every = list(kinds.values())
    years, commune = tuple(scenario.rollout.years), province.commune_index.values.ravel()
    place = {year: nth for nth, year in enumerate(years)}
    added = np.zeros((len(table), len(kinds)))
    people = np.zeros((len(years), len(province.communes)))
    required_dbm, year_of = chain.required_dbm(scenario.service), table[col.YEAR].to_numpy()
    levels = before.layers.rsrp_dbm.ravel()
    first = stored.by_bands(
        lambda at: np.where(levels[at] >= required_dbm, BEFORE, OUTSIDE), levels.shape, np.uint16
    )
    for step in station_gains.station_gains(
        province, scenario, table, study.networks, before.levels, progress, study.levels
    ):
        year = int(year_of[step.row])
        for level, own in columns.items():
            more = step.more[level]
            added[step.row, own] = [station_gains.weighed(step.pixel, more, every[c]) for c in own]
        gained = step.more[study.levels[0]] * demand.people[step.pixel]
        people[place[year]] += np.bincount(commune[step.pixel], gained, people.shape[1])
        reached = step.pixel[step.level_dbm >= required_dbm]
        first[reached] = np.minimum(first[reached], year)
    for at in stored.bands(first.shape):
        first[at][(first[at] == OUTSIDE) & (commune[at] >= 0)] = NOT_COVERED
    return RolloutGains(
        pd.DataFrame(added, columns=list(kinds), index=table.index),
        first.reshape(before.layers.rsrp_dbm.shape),
        people,
        years,
    )


def _columns(study: Study, kinds: dict[str, NDArray[np.float64]]) -> dict[Any, NDArray[np.int64]]:
    """Return which of what is added counts at each level, by place; what there is none of: none."""
    of = {tier.name: tier.rule.level for tier in study.tiers}
    at = np.array([of.get(name, study.levels[0]) for name in kinds])
    held = np.array([stored.holds_any(values) for values in kinds.values()])
    return {level: np.flatnonzero((at == level) & held) for level in study.levels}


def shares_at(study: Study, net: OnAir) -> SharesAt:
    """Return the share of every pixel (flat) that is served, by the levels that a study counts."""
    of = partial(station_gains.served_share, study.scenario, study.networks, net.levels)
    usual, *others = study.levels
    return {usual: net.share.ravel()} | {level: of(level).ravel() for level in others}


def counter(study: Study, frame: GeoDataFrame, before: OnAir) -> Count:
    """Return what counts quotas, tiers and residents served by the end of each year, by pixels.

    It is given rows of ``frame``, the candidates, and the year in which each is built. What nothing
    is asked of is not counted.
    """
    wanted, scenario, networks = dict(_needs(study)), study.scenario, study.networks
    commune = study.province.commune_index.values.ravel()
    growth = dict(zip(scenario.rollout.years, residents_by_year(study), strict=True))
    below_db = station_gains.below_db(scenario, study.levels)

    def share_of(name: str, end: int, levels_dbm: list[NDArray[np.float32]]) -> float:
        pixels, values, level = wanted[name]
        if not name and (growth[end] != 1.0).any():  # residents are those of the year
            values = _grown(values, np.append(growth[end], 1.0), commune)
        there_dbm = [each[pixels] for each in levels_dbm]
        served = station_gains.served_share(scenario, networks, there_dbm, level)
        return stored.dot(values, served) / float(values.sum())

    def count(order: NDArray[np.int64], year: NDArray[np.int64]) -> Shares:
        table = frame.iloc[order].assign(**{col.YEAR: year}).reset_index(drop=True)
        by_year = station_gains.levels_by_year(
            study.province, scenario, table, networks, before.levels, below_db
        )
        return {
            (name or str(end), end): share_of(name, end, levels_dbm)
            for end, levels_dbm in zip(scenario.rollout.years, by_year, strict=True)
            for name in wanted
        }

    return count


def _grown(
    values: NDArray[np.float64], factor: NDArray[np.float64], commune: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Return so many times the values of every pixel (flat) as its commune has."""
    return stored.by_bands(lambda at: values[at] * factor[commune[at]], values.shape, np.float64)


def residents_by_year(study: Study) -> list[NDArray[np.float64]]:
    """Return how many times its residents each commune has in each year of the plan."""
    province, years = study.province, study.scenario.rollout.years
    if not province.residents_year:
        return [np.ones(len(province.communes)) for _ in years]
    return [growth_of(province, study.scenario, y, province.residents_year) for y in years]


def _needs(study: Study) -> Iterator[tuple[str, tuple[Any, NDArray[np.float64], Any]]]:
    """Yield for each need its name ("" for residents), its pixels, what counts there and how."""
    scenario, usual = study.scenario, study.levels[0]
    everywhere = ("", slice(None), study.demand.people, usual)
    parts: list[tuple[str, Any, NDArray[np.float64], Any]] = [
        *[everywhere] * bool(scenario.rollout.target_share),
        *(
            (tier.name, *_within(study, tier), tier.rule.level)
            for tier in study.tiers
            if tier.rule.targets
        ),
    ]
    for rule in study.scenario.quotas:
        zones, counted = study.quota_zones(rule), study.quota_demand(rule)
        for zone, pixels in zip(zones.itertuples(), study.zone_pixels(zones), strict=True):
            parts.append((constraints.quota_name(zone), pixels, counted[pixels], usual))
    for name, pixels, values, level in parts:
        if values.sum() > 0.0:
            yield name, (pixels, values, level)


def _within(study: Study, tier: PolicyTier) -> tuple[Any, NDArray[np.float64]]:
    """Return the pixels of a tier, and what counts there."""
    pixels = slice(None) if tier.pixels is None else tier.pixels
    return pixels, study.tier_demand(tier)[pixels]


def with_communes(
    years: Sequence[dict[str, Any]],
    growth: RolloutGains,
    communes: GeoDataFrame,
    factors: Sequence[NDArray[np.float64]] = (),
) -> list[dict[str, Any]]:
    """Return the years with the share of residents covered in each commune by their end.

    ``communes`` has the shares before the plan; they end on those after it. ``factors`` are
    those of ``residents_by_year``, none where no year has others: the share of all residents is
    of those of the year.
    """
    residents = communes[col.POPULATION].to_numpy(float)
    before = communes[col.COVERED_POPULATION_SHARE_BEFORE].to_numpy(float)
    gained = np.cumsum(growth.people, axis=0) / np.maximum(residents, 1.0)
    codes = communes[col.COMMUNE_CODE]
    rows = []
    for year, gain, factor in zip(years, gained, factors or np.ones_like(gained), strict=True):
        people, share = residents * factor, before + gain
        row = {**year, "population": round(float(people.sum()))}
        if np.ptp(factor) > 0.0:  # else all communes grow alike, and shares stay
            row["people_share"] = float(people @ share / max(float(people.sum()), 1e-9))
        rows.append(row | {"communes": dict(zip(codes, share.round(5).tolist(), strict=True))})
    return rows
