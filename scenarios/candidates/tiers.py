"""Tiers of a scenario: which zones come first, what counts in them, and how much of it by when."""

from dataclasses import dataclass

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.province import Province
from phusong.scenarios.candidates import policy_zones
from phusong.scenarios.config.sections import Scenario, TierRule, TierZones

Values = NDArray[np.float64]


@dataclass(frozen=True)
class PolicyTier:
    """A tier of a province: its number from 1 on, its zones, and the pixels (flat) they hold.

    Without zones it is all of the province.
    """

    number: int
    rule: TierRule
    zones: GeoDataFrame
    pixels: NDArray[np.int64] | None

    @property
    def name(self) -> str:
        """Return its name in errors, records and tables."""
        return f"tier {self.number}"

    def of(self, values: Values) -> Values:
        """Return a quantity of every pixel, 0 outside the tier."""
        if self.pixels is None:
            return values
        inside = np.zeros_like(values)
        inside[self.pixels] = values[self.pixels]
        return inside


def policy_tiers(province: Province, scenario: Scenario, zones: GeoDataFrame) -> list[PolicyTier]:
    """Return the tiers of a scenario among these zones, each zone in the first that names it.

    Raises
    ------
    InputError
        With every tier that names no zone of the province and is not optional.
    """
    tiers, defects = [], []
    left = np.ones(len(zones), bool)
    for number, rule in enumerate(scenario.tiers, start=1):
        if rule.zones.every:
            tiers.append(PolicyTier(number, rule, zones.iloc[:0], None))
            continue
        named = selected(zones, rule.zones)
        if not named.any() and not rule.zones.optional:
            defects.append(_empty(number, rule.zones, zones))
        own = zones[named & left]
        left &= ~named
        held = policy_zones.zone_pixels(own, province)
        pixels = np.unique(np.concatenate([np.empty(0, np.int64), *held]))
        tiers.append(PolicyTier(number, rule, own, pixels))
    if defects:
        raise InputError("tiers of the scenario name no zone", defects)
    return [tier for tier in tiers if tier.pixels is None or tier.pixels.size]


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
    ):
        if values:
            wanted &= zones[column].isin(values).to_numpy()
    return wanted


def _empty(number: int, named: TierZones, zones: GeoDataFrame) -> Defect:
    known = "; ".join(
        f"{column}: {', '.join(sorted(map(str, set(zones[column]))))}"
        for column in (col.KIND, col.CATEGORY, col.STATUS)
    )
    said = named.model_dump(exclude_defaults=True)
    remedy = f"there are {known}" if len(zones) else "the province has no zones"
    return Defect(f"tiers.{number}", "no zone fits", remedy, column="zones", value=str(said))
