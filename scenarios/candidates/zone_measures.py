"""What zones are compared by: what is not served in them today, what it costs, what policy says."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from phusong import columns as col
from phusong import stored
from phusong.scenarios.candidates import policy
from phusong.scenarios.candidates.demand import PolicyTier, Study, priority_zones
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.siting import zone_cost
from phusong.scenarios.siting.problem import Problem, ZoneParts
from phusong.scenarios.siting.zone_cost import Way, ZoneDemand

Floats = NDArray[np.float64]
Pixels = NDArray[np.int64]

UNSERVED = {
    col.PEOPLE_UNSERVED: 1,  # decimals
    col.WORKERS_UNSERVED: 1,
    col.VISITORS_UNSERVED: 1,
    col.DEMAND_UNSERVED: 1,
    col.AREA_UNSERVED_KM2: 4,
}
STATES = {"operating": 1.0, "building": 0.5}  # of being built; what is planned has not begun
MOST = 1.0 - 1e-6  # of a share, so that it has a level
KNOTS = 17  # errors for which it is counted what is not served
WIDEST = 4.0  # standard deviations


@dataclass(frozen=True)
class MeasuredZones:
    """The zones of a study with what they are compared by.

    Parameters
    ----------
    study
        What they are of.
    zones
        With the number of the tier, and a column for each criterion.
    errors_db
        Errors of all predictions, rising, shape (errors,).
    unserved
        What is not served with each, by ``UNSERVED``, shape (errors, zones, kinds).
    demand
        What its tier counts in each, shape (zones,).
    parts
        By the name of a tier what it counts of its zones in each cell.
    before
        Share of every pixel (flat) that is served today.
    """

    study: Study
    zones: GeoDataFrame
    errors_db: Floats
    unserved: NDArray[np.float64]
    demand: Floats
    parts: dict[str, ZoneParts]
    before: Floats

    def parts_on(self, cells: DemandCells) -> dict[str, ZoneParts]:
        """Return by the name of a tier what it counts of its zones in each of other cells."""
        return _parts(self.study, self.zones, cells)[1]

    def unserved_of(self, values: Floats) -> Floats:
        """Return what is not served in each zone of a quantity given for each pixel (flat)."""
        pixels = self.study.zone_pixels(self.zones)
        return np.array([values[p] @ (1.0 - self.before[p]) for p in pixels], float)


def measured(
    study: Study, problem: Problem, cells: DemandCells, frame: GeoDataFrame, before: Floats
) -> MeasuredZones:
    """Measure the zones of a study.

    Parameters
    ----------
    study
        With the zones and tiers.
    problem
        Who could serve what, for how much, and the targets of the tiers.
    cells
        Of the problem.
    frame
        The candidates with their costs.
    before
        Share of every pixel (flat) that is served today.
    """
    scenario, zones = study.scenario, compared(study)
    widest_db = WIDEST * max(scenario.uncertainty.common_db, 1e-6)
    errors_db = np.linspace(-widest_db, widest_db, KNOTS)
    spread_db = max(scenario.service.spread_db, 1e-6)
    missed = unserved(study, zones, before, spread_db, errors_db)
    zones = _with_measures(study, zones, problem, cells, frame, missed[KNOTS // 2])
    return MeasuredZones(study, zones, errors_db, missed, *_parts(study, zones, cells), before)


def compared(study: Study) -> GeoDataFrame:
    """Return the zones that are compared, with the number of their tier.

    Those of the tiers; without tiers those of the scenario's kind, with tier 0.
    """
    tiers = [tier for tier in study.tiers if len(tier.zones)]
    if not tiers:
        zones = priority_zones(study.province, study.scenario)
        return zones.assign(**{col.TIER: 0}).reset_index(drop=True)
    return pd.concat(
        [tier.zones.assign(**{col.TIER: tier.number}) for tier in tiers], ignore_index=True
    )


def owned(study: Study, zones: GeoDataFrame) -> list[Pixels]:
    """Return the pixels (flat) that belong to each zone in its tier; of several, the smallest."""
    held = study.zone_pixels(zones)
    own_tiers = (zones[col.TIER].max() if len(zones) else 0) + 1
    owner = [stored.empty(study.demand.people.shape, np.int32) for _ in range(own_tiers)]
    tiers = zones[col.TIER].to_numpy()
    for row in sorted(range(len(held)), key=lambda row: held[row].size, reverse=True):
        owner[tiers[row]][held[row]] = row
    return [p[owner[tier][p] == row] for row, (tier, p) in enumerate(zip(tiers, held, strict=True))]


def tier_demand(study: Study, number: int) -> Floats:
    """Return what a tier counts, of every pixel (flat); of tier 0 all demand."""
    return study.tier_demand(_tier(study, number)) if number else study.demand.weighted


def _tier(study: Study, number: int) -> PolicyTier:
    return next(tier for tier in study.tiers if tier.number == number)


def unserved(
    study: Study, zones: GeoDataFrame, before: Floats, spread_db: float, errors_db: Floats
) -> Floats:
    """Return what is not served in each zone, by ``UNSERVED``, if predictions are so much too low.

    Parameters
    ----------
    before
        Share of every pixel (flat) that is served today.
    spread_db
        Standard deviation of the level around its prediction [dB].
    errors_db
        Shape (errors,).

    Returns
    -------
    ndarray
        Shape (errors, zones, kinds).
    """
    demand = study.demand
    kinds = (demand.people, demand.workers, demand.visitors)
    counted = {number: tier_demand(study, number) for number in set(zones[col.TIER])}
    result = np.zeros((errors_db.size, len(zones), len(UNSERVED)))
    for row, (number, pixels) in enumerate(
        zip(zones[col.TIER], study.zone_pixels(zones), strict=True)
    ):
        with np.errstate(divide="ignore"):
            margin = ndtri(np.minimum(before[pixels], MOST))
        missed = 1.0 - ndtr(margin + errors_db[:, None] / spread_db)
        own = (*(kind[pixels] for kind in kinds), counted[number][pixels], demand.area_km2[pixels])
        result[:, row] = missed @ np.column_stack(own)
    return result


def _with_measures(
    study: Study,
    zones: GeoDataFrame,
    problem: Problem,
    cells: DemandCells,
    frame: GeoDataFrame,
    unserved_: Floats,
) -> GeoDataFrame:
    """Return the zones with a column for each criterion, rounded as they are written."""
    columns = dict(zip(UNSERVED, unserved_.T, strict=True))
    ways = zone_cost.ways(problem, _demands(study, zones, problem, cells))
    return zones.assign(
        **{name: np.round(columns[name], digits) for name, digits in UNSERVED.items()},
        **{
            col.COST_MILLION_PER_1000: _costs(ways),
            col.POLICY_PRIORITY: policy.zone_priorities(zones, study.province),
            col.BACKHAUL_M: _backhaul_m(zones, frame, study.scenario.zones.near_m).round(),
            col.BUILDING_STATE: zones[col.STATUS].map(STATES).fillna(0.0).to_numpy(float),
        },
    )


def _demands(
    study: Study, zones: GeoDataFrame, problem: Problem, cells: DemandCells
) -> Iterator[ZoneDemand]:
    """Yield what is to be served in each zone: up to its tier's last target, or all of it."""
    last = {tier.name: tier.targets[-1] for tier in problem.tiers}
    counted = {number: tier_demand(study, number) for number in set(zones[col.TIER])}
    for number, pixels in zip(zones[col.TIER], study.zone_pixels(zones), strict=True):
        tier = _tier(study, number) if number else None
        target = last.get(tier.name, 1.0) if tier else 1.0
        level = tier.rule.level if tier else study.levels[0]
        yield ZoneDemand(*cells.of_pixels(pixels, counted[number][pixels], level), target)


def _costs(ways: list[Way]) -> Floats:
    """Return millions by 1,000 that count; where nothing can be gained, as the dearest zone."""
    million = np.array([way.million_per_1000 for way in ways], float)
    known = np.isfinite(million)
    million[~known] = million[known].max() if known.any() else 0.0
    return million.round(1)


def _backhaul_m(zones: GeoDataFrame, frame: GeoDataFrame, near_m: float) -> Floats:
    """Return the mean backhaul of the candidates in reach of each zone; else of the nearest."""
    backhaul_m = frame[col.BACKHAUL_M].to_numpy(float)
    if not len(zones) or not backhaul_m.size:
        return np.zeros(len(zones))
    tree = shapely.STRtree(frame.geometry.to_numpy())
    areas = zones.geometry.to_numpy()
    zone, near = tree.query(areas, predicate="dwithin", distance=near_m)
    count = np.bincount(zone, minlength=areas.size)
    mean = np.bincount(zone, backhaul_m[near], areas.size) / np.maximum(count, 1)
    return np.where(count > 0, mean, backhaul_m[tree.nearest(areas)])


def _parts(
    study: Study, zones: GeoDataFrame, cells: DemandCells
) -> tuple[Floats, dict[str, ZoneParts]]:
    """Return what its tier counts in each zone, and by tier the same in every cell."""
    pixels, number = owned(study, zones), zones[col.TIER].to_numpy()
    demand, parts = np.zeros(len(zones)), {}
    for tier in study.tiers:
        counted, rows = study.tier_demand(tier), np.flatnonzero(number == tier.number)
        if not rows.size:
            continue
        level = tier.rule.level
        held = [cells.of_pixels(pixels[row], counted[pixels[row]], level) for row in rows]
        demand[rows] = [weight.sum() for _, weight in held]
        place = np.repeat(rows, [cell.size for cell, _ in held])
        cell, weight = (np.concatenate(part) for part in zip(*held, strict=True))
        parts[tier.name] = ZoneParts(place, cell, weight)
    return demand, parts
