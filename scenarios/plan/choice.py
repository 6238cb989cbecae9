"""From candidates to a plan: who could serve what, which are built when, and how sure that is."""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.progress import Progress
from phusong.scenarios.candidates import demand_cells, places, zone_measures
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.criteria import criteria
from phusong.scenarios.criteria.criteria import Compared
from phusong.scenarios.plan import constraints, monte_carlo, ranking, unreached, zone_ranking
from phusong.scenarios.plan.ranking import Scored
from phusong.scenarios.plan.unreached import Offer, Unreached
from phusong.scenarios.plan.zone_ranking import ZoneRanking
from phusong.scenarios.prediction import cache, chain, technology
from phusong.scenarios.prediction.live_network import OnAir
from phusong.scenarios.siting import bound
from phusong.scenarios.siting import choose as siting
from phusong.scenarios.siting.bound import Stage
from phusong.scenarios.siting.choose import Cover, Problem, Reached, Siting
from phusong.scenarios.siting.stability import Stability

Floats = NDArray[np.float64]

RECOUNTS = 5  # of a plan with targets, until blocks ask for what pixels need
STEP = 5e-4  # share: targets on blocks are told apart no finer
MET = 1e-9
Count = Callable[[NDArray[np.int64], NDArray[np.int64]], dict[int, float]]


@dataclass(frozen=True)
class CandidateCoverage:
    """The candidates with their costs, and what each would serve of every demand cell."""

    frame: GeoDataFrame
    cells: DemandCells
    cover: Cover


@dataclass(frozen=True)
class Choice:
    """A plan and what is known of it: proven bounds, scores of all candidates, stability.

    ``gain`` is what each station adds of what its tier counts, in residents.
    """

    study: Study
    candidates: CandidateCoverage
    siting: Siting
    proven: list[Stage]
    gain: Floats
    zones: ZoneRanking
    scored: Scored
    stability: Stability
    left_out: dict[str, int]
    targets: dict[tuple[str, int], float]
    held_to: dict[int, float]

    def reached(self, people_share: dict[int, float]) -> list[dict[str, Any]]:
        """Return every quota, minimum and target: asked, lowered to, reached, and if it is met.

        ``lowered_to`` is None where the plan was held to what is asked. Targets are told by
        ``people_share`` by year, counted at every pixel; quotas by the blocks of the choice.
        Tiers stand in ``plan.tiers``.
        """
        needs = [need for need in self.siting.reached if need.kind != "tier"]
        return [self._of_asked(need, people_share) for need in needs]

    def _of_asked(self, need: Reached, people_share: dict[int, float]) -> dict[str, Any]:
        target = self.targets.get((need.name, need.year), need.target)
        told = need.kind == "target"
        held = self.held_to[need.year] if told else need.target
        lowered = held if held < target else None
        share = people_share[need.year] if told else need.reached
        met = share >= target - MET or (need.met and lowered is None and not told)
        return {
            "kind": need.kind,
            "name": need.name,
            "year": need.year,
            "asked": target,
            "reached": share,
            "met": bool(met),
            "lowered_to": lowered,
        }

    def table(self) -> GeoDataFrame:
        """Return the stations in order of build."""
        return ranking.table(
            self.candidates.frame, self.scored, self.siting, self.stability, self.gain
        )

    def compared(self) -> GeoDataFrame:
        """Return all candidates by score."""
        return ranking.compared(self.candidates.frame, self.scored, self.siting, self.stability)

    @property
    def gaps(self) -> dict[int, float]:
        """Return how far each stage of the choice may lie from the best."""
        return {stage.number: stage.gap for stage in self.proven}

    def offer(self, levels_dbm: list[NDArray[np.float32]]) -> Offer:
        """Return what is still on offer at the levels of the networks as planned."""
        frame, cells, cover = self.candidates.frame, self.candidates.cells, self.candidates.cover
        after = demand_cells.served(cells.over, self.study.scenario, levels_dbm)
        return Offer(frame, cells, cover, after.astype(float), self.siting.order)

    def unreached(self, province: Province, levels_dbm: list[NDArray[np.float32]]) -> Unreached:
        """Return why residents stay without service at the levels of the networks as planned."""
        frame, cells, cover = self.candidates.frame, self.candidates.cells, self.candidates.cover
        after = demand_cells.served(cells.over, self.study.scenario, levels_dbm)
        return unreached.unreached(province, frame, cover, cells, after, self.siting.order)

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the choice."""
        built = self.siting.order
        proven = bound.combined(self.proven, self.siting)
        return {
            "candidates": len(self.candidates.frame),
            "demand_cells": self.candidates.cells.size,
            "left_out": self.left_out,
            "value": proven.plan_value,
            "bound": proven.value,
            "gap": proven.gap if np.isfinite(proven.gap) else None,  # nothing was added
            "method": proven.method,
            "swaps": self.siting.swaps,
            "weights": {c["name"]: c["weight"] for c in self.scored.criteria() if c["weight"]},
            "zones": self.zones.ranked.record(),
            "criteria": self.scored.criteria(),
            "consistency_ratio": self.zones.ranked.weighting.consistency_ratio,
            "score_topsis_correlation": self.scored.agreement,
            "score_build_correlation": self.scored.build_agreement(built),
            "draws": self.stability.draws,
            "top": self.stability.top,
            "mean_probability_top_n": float(self.stability.probability_top_n[built].mean())
            if built.size
            else 0.0,
            "mean_probability_nearby": float(self.stability.probability_nearby[built].mean())
            if built.size
            else 0.0,
        }


def candidate_coverage(
    study: Study, frame: GeoDataFrame, before: OnAir, progress: Progress
) -> CandidateCoverage:
    """Predict what every candidate would serve."""
    province, scenario = study.province, study.scenario
    cells = demand_cells.demand_cells(study, before.levels)
    bar = progress(message("progress.candidates_5g"), len(frame))
    return CandidateCoverage(
        frame, cells, demand_cells.cover(province, scenario, frame, cells, bar)
    )


def choose(study: Study, coverage: CandidateCoverage, before: OnAir, count: Count) -> Choice:
    """Rank the zones, choose the stations year by year, prove the choice, score and redraw it.

    ``count`` returns the share of residents served by the end of each year, at every pixel, by the
    rows of candidates and the year of each.
    """
    province, scenario = study.province, study.scenario
    frame, cells, cover = coverage.frame, coverage.cells, coverage.cover
    unweighted = constraints.problem(study, frame, cover, cells)
    served = before.share.ravel().astype(float)
    zones = zone_ranking.ranked(zone_measures.measured(study, unweighted, cells, frame, served))
    problem_as_set = _weighted(unweighted, zones)
    problem, sited = _as_counted(problem_as_set, study, count)
    proven = _proven(study, problem, sited)
    values = criteria.values(_compared(province, scenario, frame, cover, cells))
    return Choice(
        study,
        coverage,
        sited,
        proven,
        bound.gains(problem, sited),
        zones,
        ranking.scored(values, _of_stations(zones.ranked.weights())),
        monte_carlo.sampled(study, cells, problem, sited, _places(frame)),
        places.left_out_counts(province, scenario),
        constraints.targets(scenario, province),
        _asked(problem_as_set),
    )


def _weighted(problem: Problem, zones: ZoneRanking) -> Problem:
    """Return a problem in which a person of a zone counts in its tier as the zone weighs."""
    weights = {tier.name: zones.weight(tier.name) for tier in problem.tiers}
    tiers_ = (
        tier if (weight := weights[tier.name]) is None else replace(tier, weight=weight)
        for tier in problem.tiers
    )
    return replace(problem, tiers=tuple(tiers_))


def _of_stations(weights: dict[str, float]) -> Floats:
    """Return the weights of what stations are compared by, as far as zones are by the same."""
    values = np.array([weights.get(name, 0.0) for name in criteria.names()])
    return values / values.sum() if values.sum() > 0.0 else np.full(values.size, 1 / values.size)


def _places(frame: GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _sited(problem_as_set: Problem, study: Study) -> tuple[Problem, Siting]:
    """Return the plan, with quotas that are not strict lowered as far as they must be."""
    relaxed = list(constraints.relaxed(problem_as_set, study.scenario, study.province))
    for problem in relaxed if len(relaxed) > 1 else ():
        with suppress(InputError):
            return problem, siting.choose(problem, thorough=False)
    return problem_as_set, siting.choose(problem_as_set)


def _as_counted(problem_as_set: Problem, study: Study, count: Count) -> tuple[Problem, Siting]:
    """Return the plan of fewest stations found that reaches its targets as pixels count them.

    Blocks count less than their pixels: on them the targets are lowered in proportion.
    """
    problem, sited = best = _sited(problem_as_set, study)
    asked, fewest = _asked(problem_as_set), (True, math.inf)
    for _ in range(RECOUNTS if asked else 0):
        shares_ = count(sited.order, sited.year)
        of_blocks = {need.year: need.reached for need in sited.reached if need.kind == "target"}
        short = any(shares_[year] < share - MET for year, share in asked.items())
        if (short, sited.order.size) < fewest:
            best, fewest = (problem, sited), (short, sited.order.size)
        lowered = {y: _lowered(asked[y], of_blocks[y] / max(shares_[y], MET)) for y in asked}
        if lowered == _asked(problem):
            break
        years = [replace(y, target_share=lowered.get(y.year)) for y in problem.years]
        problem, sited = _sited(replace(problem_as_set, years=tuple(years)), study)
    return best


def _asked(problem: Problem) -> dict[int, float]:
    """Return the target shares of the years that have one."""
    return {y.year: y.target_share for y in problem.years if y.target_share is not None}


def _lowered(share: float, of_blocks: float) -> float:
    """Return a target as blocks count it, rounded up so that it settles."""
    return min(math.ceil(share * of_blocks / STEP) * STEP, 1.0)


def _proven(study: Study, problem: Problem, sited: Siting) -> list[Stage]:
    """Return the bounds of a plan; those of an earlier run where their time did not run out."""
    selection = study.scenario.selection

    def computed() -> cache.Arrays:
        proven = bound.bounds(problem, sited, selection.seconds, selection.gap)
        return {name: np.array([getattr(s, name) for s in proven]) for name in Stage._fields}

    inputs = ("bounds", problem, sited.order, sited.stage, selection.seconds, selection.gap)
    arrays = cache.cached(inputs, computed, lambda result: bool(result["finished"].all()))
    columns = (arrays[name].tolist() for name in Stage._fields)
    return [Stage(*values) for values in zip(*columns, strict=True)]


def _compared(
    province: Province,
    scenario: Scenario,
    frame: GeoDataFrame,
    cover: Cover,
    cells: DemandCells,
) -> Compared:
    """Return what the criteria measure the candidates by; ``frame`` has their costs."""
    return Compared(
        province,
        frame,
        demand_cells.gained(cover, cells),
        lambda pixels: demand_cells.gained_of(cover, cells, cells.of_grid(pixels)),
        _speed_gained_mbps(scenario, cover, cells),
        (frame[col.KIND] == col.COLOCATED).to_numpy(),
    )


def _speed_gained_mbps(scenario: Scenario, cover: Cover, cells: DemandCells) -> Floats:
    """Return how much faster downloads become, the mean over the people in reach of each."""
    service, layer = chain.level_of(scenario.service), scenario.layer_5g
    after = technology.mbps_where_served(cover.share, service, layer)
    before = technology.mbps_where_served(cells.before, service, layer)[cover.cell]
    people = cells.kinds["people"][cover.cell]
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))
    reached = np.bincount(row, people, cover.candidates)
    more = np.bincount(row, people * np.maximum(after - before, 0.0), cover.candidates)
    return np.divide(more, reached, out=np.zeros(cover.candidates), where=reached > 0.0)
