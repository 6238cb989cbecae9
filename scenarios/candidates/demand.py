"""Demand on the planning grid: who and what is to be served, and in which tier it lies."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.errors import Defect, InputError
from phusong.geodata.grid import Grid, pixels_within
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.scenarios.candidates.policy_zones import FILE, ZonePixels, policy_zones
from phusong.scenarios.config.carriers import PlannedNetwork, planned_networks
from phusong.scenarios.config.sections import (
    INDOOR,
    QuotaRule,
    Scenario,
    ServedLevel,
    TierRule,
    TierZones,
)

Values = NDArray[np.float64]
KINDS = ("people", "workers", "visitors", "area_km2", "road_km", "points")
ROAD_STEP_M = 10.0  # roads are counted at points so far apart


@dataclass(frozen=True)
class Demand:
    """What is on every pixel of the grid (flat), by kind, and its weighted sum.

    ``weighted`` is in residents: one of another kind counts as the scenario's weight. ``first`` is
    the part of it inside the priority zones.
    """

    people: Values
    workers: Values
    visitors: Values
    area_km2: Values
    road_km: Values
    points: Values
    weighted: Values
    first: Values

    def of_kind(self, kind: str) -> Values:
        """Return the demand of one of ``KINDS``."""
        values: Values = getattr(self, kind)
        return values


@dataclass(frozen=True)
class PolicyTier:
    """A tier of a province: its number from 1 on, its zones, and the pixels (flat) they hold.

    Pixels of an earlier tier count there alone. Without zones it is all of the province.
    """

    number: int
    rule: TierRule
    zones: GeoDataFrame
    pixels: NDArray[np.int64] | None

    @property
    def name(self) -> str:
        """Return its name in errors, records and tables."""
        return f"tier {self.number}"

    def of(self, values: Values, weight: float = 1.0) -> Values:
        """Return so many times a quantity of every pixel, 0 outside the tier."""
        pixels = self.pixels
        if pixels is None:
            return (
                values if weight == 1.0 else _by_bands(lambda at: weight * values[at], values.size)
            )

        def inside(at: slice) -> Values:
            held = pixels[np.searchsorted(pixels, at.start) : np.searchsorted(pixels, at.stop)]
            band = np.zeros(at.stop - at.start)
            band[held - at.start] = weight * values[held]
            return band

        return _by_bands(inside, values.size)


def policy_tiers(
    province: Province, scenario: Scenario, zones: GeoDataFrame, pixels_of: ZonePixels
) -> tuple[list[PolicyTier], list[Defect]]:
    """Return the tiers of a scenario among these zones, each zone in the first that names it.

    Where zones of two tiers overlap, what lies there is of the first.

    The defects are those of tiers that name no zone of the province and are not optional.
    """
    tiers, defects = [], []
    left, free = np.ones(len(zones), bool), np.ones(province.population.values.size, bool)
    for number, rule in enumerate(scenario.tiers, start=1):
        if rule.zones.every:
            tiers.append(PolicyTier(number, rule, zones.iloc[:0], None))
            continue
        named = selected(zones, rule.zones)
        if not named.any() and not rule.zones.optional:
            defects.append(_empty(scenario, number, zones))
        own = zones[named & left]
        left &= ~named
        held = pixels_of.of(own)
        pixels = np.unique(np.concatenate([np.empty(0, np.int64), *held]))
        pixels = pixels[free[pixels]]
        free[pixels] = False
        tiers.append(PolicyTier(number, rule, own, pixels))
    return [tier for tier in tiers if tier.pixels is None or tier.pixels.size], defects


def selected(zones: GeoDataFrame, named: TierZones) -> NDArray[np.bool_]:
    """Return which zones a tier names: those that fit everything it says."""
    wanted = np.ones(len(zones), bool)
    if named.kind:
        wanted &= (zones[col.KIND] == named.kind).to_numpy()
    categories = [*named.categories, *named.unit_categories]
    for column, values in (
        (col.CATEGORY, categories),
        (col.STATUS, named.statuses),
        (col.ZONE_ID, named.ids),
        (FILE, [named.file] if named.file else []),
    ):
        if values:
            held = zones[column] if column in zones else pd.Series("", zones.index)
            wanted &= held.isin(values).to_numpy()
    return wanted


def _empty(scenario: Scenario, number: int, zones: GeoDataFrame) -> Defect:
    """Return that no zone fits what a tier says, and what there is."""
    named = scenario.tiers[number - 1].zones
    known = "; ".join(
        f"{column}: {', '.join(sorted(map(str, set(zones[column]))))}"
        for column in (col.KIND, col.CATEGORY, col.STATUS)
    )
    remedy = "remedy.zones_there_are" if len(zones) else "remedy.the_province_has_no_zones"
    value = str(named.model_dump(exclude_defaults=True))
    problem = message("problem.no_zone_fits")
    return scenario.origin.defect(
        ("tiers", number - 1, "zones"), problem, message(remedy, known=known), value
    )


class ZoneShare(NamedTuple):
    """What the share of a zone counts: its name, the pixels (flat), and how much is in each."""

    of: str
    pixels: NDArray[np.int64]
    values: Values


@dataclass(frozen=True)
class Study:
    """What a plan is for: a province, a scenario, the networks it asks for, and the demand.

    ``zones`` are those that policy knows of, with their ``pixels``, ``tiers`` what the scenario
    serves first.
    """

    province: Province
    scenario: Scenario
    networks: list[PlannedNetwork]
    demand: Demand
    zones: GeoDataFrame
    tiers: list[PolicyTier]
    pixels: ZonePixels

    @property
    def levels(self) -> list[ServedLevel]:
        """Return the levels at which something counts: that of all demand, then those of tiers."""
        others = {tier.rule.level for tier in self.tiers} - {INDOOR}
        return [INDOOR, *sorted(others, reverse=True)]

    def with_scenario(self, scenario: Scenario) -> "Study":
        """Return the study under other means, targets or weights.

        Tiers have the rules of the scenario; their zones, and the demand, stay.
        """
        rules = scenario.tiers
        tiers = [replace(tier, rule=rules[tier.number - 1]) for tier in self.tiers]
        return replace(self, scenario=scenario, tiers=tiers)

    def zone_pixels(self, zones: GeoDataFrame) -> list[NDArray[np.int64]]:
        """Return the pixels (flat) that count in every zone."""
        return self.pixels.of(zones)

    def tier_demand(self, tier: PolicyTier) -> Values:
        """Return what counts in a tier of the study, of every pixel (flat), in residents.

        One of another kind counts as the scenario's weight, or as 1 where that is 0. Area is the
        demand of the tier spread evenly over its land, or square kilometres where it has none.
        """
        return self._tier_demands[tier.number]

    @cached_property
    def _tier_demands(self) -> dict[int, Values]:
        return {tier.number: self._counted(tier) for tier in self.tiers}

    def _counted(self, tier: PolicyTier) -> Values:
        if tier.rule.of == "demand":
            return tier.of(self.demand.weighted)
        if tier.rule.of == "area":
            whole = tier.of(self.demand.weighted)
            area_km2 = tier.of(self.demand.area_km2)
            per_km2 = float(whole.sum()) / max(float(area_km2.sum()), 1e-9)
            return _by_bands(lambda at: area_km2[at] * (per_km2 or 1.0), area_km2.size)
        weight = float(getattr(self.scenario.demand, tier.rule.of)) or 1.0
        return tier.of(self.demand.of_kind(tier.rule.of), weight)

    def quota_zones(self, rule: QuotaRule) -> GeoDataFrame:
        """Return the zones that a quota names."""
        zones = self.zones
        wanted = (zones[col.KIND] == rule.kind) & zones[col.STATUS].isin(rule.statuses)
        if rule.category:
            wanted &= zones[col.CATEGORY] == rule.category
        return zones[wanted]

    def quota_demand(self, rule: QuotaRule) -> Values:
        """Return what a quota counts, of every pixel (flat)."""
        return self.demand.area_km2 if rule.of == "area" else self.demand.weighted

    def zone_demand(self) -> list[ZoneShare]:
        """Return what the share of each zone counts, wherever a share of it is told.

        That is what its quota counts, else its tier, else all demand; area where it has none.
        """
        of = pd.Series("demand", self.zones.index)
        for tier in reversed(self.tiers):
            of[tier.zones.index] = tier.rule.of
        for rule in reversed(self.scenario.quotas):
            of[self.quota_zones(rule).index] = rule.of
        whole = {"demand": self.demand.weighted, "area": self.demand.area_km2}
        counted = []
        for kind, pixels in zip(of, self.zone_pixels(self.zones), strict=True):
            values = (whole[kind] if kind in whole else self.demand.of_kind(kind))[pixels]
            part = (kind, values) if values.sum() > 0.0 else ("area", np.ones(pixels.size))
            counted.append(ZoneShare(part[0], pixels, part[1]))
        return counted


def study(province: Province, scenario: Scenario) -> Study:
    """Return the study of a scenario in a province.

    Raises
    ------
    InputError
        With every tier that names no zone, or counts what its zones have none of.
    """
    whole, defects = checked_study(province, scenario)
    if defects:
        raise InputError(message("refusal.tiers_do_not_fit"), defects)
    return whole


def checked_study(province: Province, scenario: Scenario) -> tuple[Study, list[Defect]]:
    """Return the study of a scenario with the tiers that fit the province, and the defects."""
    pixels, zones = ZonePixels(province), policy_zones(province)
    of_roads = demand(province, scenario, province.roads, pixels)
    tiers, defects = policy_tiers(province, scenario, zones, pixels)
    networks = planned_networks(scenario)
    whole = Study(province, scenario, networks, of_roads, zones, tiers, pixels)
    bare = [tier for tier in tiers if tier.rule.targets and not tier.rule.zones.optional]
    defects += [
        _without(whole, tier) for tier in bare if not stored.holds_any(whole.tier_demand(tier))
    ]
    return whole, defects


def _without(study: Study, tier: PolicyTier) -> Defect:
    """Return that a tier counts what its zones have none of."""
    key, problem = ("tiers", tier.number - 1, "of"), message("problem.none_of_it_is_there")
    remedy = message("remedy.count_something_else_or_optional")
    return study.scenario.origin.defect(key, problem, remedy, tier.rule.of)


def priority_zones(province: Province, scenario: Scenario) -> GeoDataFrame:
    """Return the zones that the tiers of a scenario hold.

    Without tiers those of its kind (province: of all kinds) whose status counts.
    """
    zones = policy_zones(province)
    rules = [rule.zones for rule in scenario.tiers if not rule.zones.every]
    if rules:
        return zones[np.any([selected(zones, rule) for rule in rules], axis=0)]
    wanted = zones[col.STATUS].isin(scenario.zones.statuses)
    if scenario.scenario.kind != "province":
        wanted &= zones[col.KIND] == scenario.scenario.kind
    return zones[wanted]


def demand(
    province: Province,
    scenario: Scenario,
    roads: GeoDataFrame | None = None,
    pixels_of: ZonePixels | None = None,
) -> Demand:
    """Spread residents, workers, visitors, area and roads over the grid and weigh them."""
    grid, people = province.grid, province.population.values.ravel()
    inside = province.commune_index.values.ravel() >= 0
    counted = province.zones[province.zones[col.STATUS].isin(scenario.zones.statuses)]
    kinds: dict[str, Values] = {
        "people": _by_bands(lambda at: people[at], people.size),
        "workers": _spread(counted, col.WORKERS, grid, inside),
        "visitors": _spread(counted, col.VISITORS, grid, inside),
        "area_km2": _by_bands(lambda at: inside[at] * grid.pixel_area_km2, inside.size),
        "road_km": _road_km(roads, grid, inside),
        "points": _points(province.points, grid, inside),
    }
    weights = [(getattr(scenario.demand, kind), values) for kind, values in kinds.items()]
    weights = [(weight, values) for weight, values in weights if weight > 0.0]
    every = _by_bands(
        lambda at: sum(weight * values[at] for weight, values in weights), people.size
    )
    first: Values = stored.empty(every.shape, np.float64)
    for pixels in (pixels_of or ZonePixels(province)).of(priority_zones(province, scenario)):
        first[pixels] = every[pixels]
    return Demand(**kinds, weighted=every, first=first)


def _by_bands(make: Callable[[slice], NDArray[Any]], size: int) -> Values:
    """Return what is made of every pixel (flat), in a file."""
    return stored.by_bands(make, (size,), np.float64)


def growth(province: Province, scenario: Scenario, year: int, since: int = 0) -> Values:
    """Return how many times the residents of a year each commune has in another.

    ``since`` is 0 for the year of which the province's residents are.
    """
    rule = scenario.demand.growth
    start = since or rule.start(province.basis) or year
    codes = province.communes[[col.COMMUNE_CODE, col.DISTRICT_CODE]].itertuples(index=False)
    rates = np.array([rule.rate(str(commune), str(district)) for commune, district in codes])
    return np.asarray((1.0 + rates) ** (year - start), float)


def _spread(zones: GeoDataFrame, column: str, grid: Grid, inside: NDArray[np.bool_]) -> Values:
    """Spread each zone's number evenly over its pixels; those outside the province lose theirs."""
    values: Values = stored.empty((grid.width * grid.height,), np.float64)
    counted = zones[zones[column].fillna(0) > 0]
    for number, pixels in zip(counted[column], pixels_within(counted.geometry, grid), strict=True):
        values[pixels[inside[pixels]]] += number / pixels.size
    return values


def _points(points: GeoDataFrame | None, grid: Grid, inside: NDArray[np.bool_]) -> Values:
    """Return the weight of the points of demand in every pixel of the province."""
    values: Values = stored.empty((grid.width * grid.height,), np.float64)
    if points is not None:
        row, column = grid.index(points.geometry.x.to_numpy(), points.geometry.y.to_numpy())
        pixel, weight = row * grid.width + column, points[col.WEIGHT].to_numpy(float)
        held = inside[pixel]
        np.add.at(values, pixel[held], weight[held])
    return values


def _road_km(roads: GeoDataFrame | None, grid: Grid, inside: NDArray[np.bool_]) -> Values:
    """Return the length of road in every pixel of the province, counted at points along it."""
    values: Values = stored.empty((grid.width * grid.height,), np.float64)
    if roads is None or roads.empty:
        return values
    lines = roads.geometry.explode().to_numpy()
    length_m = shapely.length(lines)
    steps = np.maximum(np.ceil(length_m / ROAD_STEP_M), 1).astype(int)
    line = np.repeat(np.arange(lines.size), steps)
    nth = np.arange(line.size) - np.repeat(np.cumsum(steps) - steps, steps)
    part_m = length_m[line] / steps[line]
    points = shapely.line_interpolate_point(lines[line], (nth + 0.5) * part_m)
    row, column = grid.index(shapely.get_x(points), shapely.get_y(points))
    held = (row >= 0) & (row < grid.height) & (column >= 0) & (column < grid.width)
    pixel, part_km = row[held] * grid.width + column[held], part_m[held] / 1000.0
    np.add.at(values, pixel[inside[pixel]], part_km[inside[pixel]])
    return values
