"""What a plan must respect: quotas of zones, minima of districts, spacing, and the years."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.scenarios.candidates import places
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.config import sections
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.siting import quotas
from phusong.scenarios.siting.problem import Cover, Minimum, Problem, Quota, Tier, Year

RELAXED = (1.0, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0)  # of a target that budgets do not allow
BILLION = 1000.0  # in millions
NEARLY = 0.98  # of what all candidates together serve: what is not strict asks no more


def problem(study: Study, frame: GeoDataFrame, cover: Cover, cells: DemandCells) -> Problem:
    """Return the siting problem of a scenario; ``frame`` has the candidates with their costs."""
    province, scenario = study.province, study.scenario
    bare = Problem(
        cover=cover,
        before=cells.before,
        weight=cells.weighted,
        cost=frame[col.MONEY_MILLION].to_numpy(float, copy=True),  # kernels compile twice for views
        excludes=_pairs(places.conflicts(frame, scenario)),
        quotas=(),
        minima=tuple(_minima(province, scenario, frame)),
        years=tuple(_years(scenario.rollout)),
        target_weight=cells.kinds["people"],
        least_gain=_least_gain_of_rest(study),
    )
    bare = replace(bare, tiers=tuple(_tiers(study, cells, bare)))
    quotas_ = tuple(_quotas(study, cells, bare))
    years = bare.years if scenario.rollout.strict_targets else tuple(_within_reach(bare))
    return replace(bare, quotas=quotas_, years=years)


def _tiers(study: Study, cells: DemandCells, bare: Problem) -> Iterator[Tier]:
    """Yield the tiers that have a target, on the cells of the choice.

    No target asks for more than all candidates together nearly serve: the last of it would cost
    most.
    """
    everywhere = np.arange(bare.before.size)
    for tier in study.tiers:
        demand = cells.of_grid(study.tier_demand(tier), tier.rule.level)
        if tier.rule.targets and demand.sum() > 0.0:
            most = NEARLY * quotas.reachable_share(bare, everywhere, demand)
            years = study.scenario.rollout.years
            targets_ = tuple(min(tier.rule.target(year), most) for year in years)
            yield Tier(tier.name, demand, demand, targets_, tier.rule.least_gain / BILLION)


def _least_gain_of_rest(study: Study) -> float:
    """Return the least gain per million outside the tiers with a target."""
    rest = [tier for tier in study.tiers if not tier.rule.targets]
    return rest[-1].rule.least_gain / BILLION if rest else 0.0


def _within_reach(bare: Problem) -> Iterator[Year]:
    """Yield the years with target shares lowered to what all candidates together nearly serve."""
    everywhere = np.arange(bare.before.size)
    most = quotas.floored(NEARLY * quotas.reachable_share(bare, everywhere, bare.target_weight))
    for year in bare.years:
        share = year.target_share
        yield year if share is None else replace(year, target_share=min(share, most))


def relaxed(problem: Problem, study: Study) -> Iterator[Problem]:
    """Yield the problem, and then with ever lower targets of the quotas that are not strict."""
    loose = {
        quota_name(zone)
        for rule in study.scenario.quotas
        if not rule.strict
        for zone in study.quota_zones(rule).itertuples()
    }
    for share in RELAXED if loose & {quota.name for quota in problem.quotas} else RELAXED[:1]:
        lowered = tuple(
            replace(quota, target_share=quotas.floored(share * quota.target_share))
            if quota.name in loose and share < 1.0
            else quota
            for quota in problem.quotas
        )
        yield replace(problem, quotas=lowered)


def targets(study: Study) -> dict[tuple[str, int], float]:
    """Return the share that the scenario asks for, by the name and year of quota and target."""
    shares = study.scenario.rollout.target_share
    targets = {(year, int(year)): share for year, share in shares.items()}
    return targets | {
        (quota_name(zone), rule.year): rule.target_share
        for rule in study.scenario.quotas
        for zone in study.quota_zones(rule).itertuples()
    }


def quota_name(zone: Any) -> str:  # noqa: ANN401 - a row of any frame
    """Return how a zone is named in quotas."""
    return f"{zone.zone_id} {zone.name}"


def _pairs(excludes: dict[int, NDArray[np.int64]]) -> NDArray[np.int64]:
    rows = [(i, int(j)) for i, others in excludes.items() for j in others if i < j]
    return np.array(rows, np.int64).reshape(-1, 2)


def _years(rollout: sections.Rollout) -> Iterator[Year]:
    for year in rollout.years:
        key = str(year)
        yield Year(
            year,
            rollout.stations.get(key),
            rollout.budget_million.get(key),
            rollout.target_share.get(key),
        )


def _minima(province: Province, scenario: Scenario, frame: GeoDataFrame) -> Iterator[Minimum]:
    live = places.live_5g(province)[col.DISTRICT_CODE].value_counts()
    for year, least in sorted(scenario.rollout.min_per_district.items()):
        for code, name in zip(
            province.districts[col.DISTRICT_CODE], province.districts[col.NAME], strict=True
        ):
            own = np.flatnonzero(frame[col.DISTRICT_CODE] == code)
            yield Minimum(name, int(year), own, int(live.get(code, 0)), least)
    for station, by, rows in places.required(frame, scenario):
        yield Minimum(station, by, rows, 0, 1)


def _quotas(study: Study, cells: DemandCells, bare: Problem) -> Iterator[Quota]:
    """Yield a quota for every zone that a quota of the scenario names."""
    for number, rule in enumerate(study.scenario.quotas):
        zones, values = study.quota_zones(rule), study.quota_demand(rule)
        if zones.empty and rule.strict:
            problem_ = message("problem.no_zone_has_this_status_and", kind=rule.kind)
            raise InputError(
                message("refusal.a_quota_is_empty"), [Defect(f"quotas[{number}]", problem_)]
            )
        for zone, pixels in zip(zones.itertuples(), study.zone_pixels(zones), strict=True):
            held, weight = cells.of_pixels(pixels, values[pixels])
            if weight.sum() > 0.0:
                share = rule.target_share
                if not rule.strict:
                    most = quotas.reachable_share(bare, held, weight)
                    share = min(share, quotas.floored(NEARLY * most))
                yield Quota(quota_name(zone), rule.year, held, weight, share)
