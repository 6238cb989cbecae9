"""From candidates to a plan: who could serve what, which are built when, and how sure that is."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import memory, stored
from phusong.coverage.beside import beside
from phusong.errors import InputError
from phusong.messages import message
from phusong.progress import Progress
from phusong.scenarios.candidates import candidate_measures, demand_cells, places, zone_measures
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.plan import (
    constraints,
    counted,
    monte_carlo,
    ranking,
    zone_ranking,
)
from phusong.scenarios.plan.unreached import Offer
from phusong.scenarios.plan.zone_ranking import ZoneRanking
from phusong.scenarios.prediction import cache
from phusong.scenarios.prediction.live_network import OnAir
from phusong.scenarios.siting import bound
from phusong.scenarios.siting import choose as siting
from phusong.scenarios.siting.bound import Stage
from phusong.scenarios.siting.choose import Cover, Problem, Reached, Siting
from phusong.scenarios.siting.stability import Stability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CandidateCoverage:
    """The candidates with their costs, and what each would serve of every demand cell."""

    frame: GeoDataFrame
    cells: DemandCells
    cover: Cover


@dataclass(frozen=True)
class Choice:
    """A plan and what is known of it: ranked zones, proven bounds, stability.

    ``gain`` is what each station adds of what its tier counts, in residents.
    """

    study: Study
    candidates: CandidateCoverage
    siting: Siting
    proven: list[Stage]
    gain: Floats
    zones: ZoneRanking
    stability: Stability
    with_proof: bool
    left_out: dict[str, int]
    targets: counted.Shares
    held_to: counted.Shares
    shares: counted.Shares

    def reached(self) -> list[dict[str, Any]]:
        """Return every quota, minimum and target: asked, lowered to, reached, and if it is met.

        ``lowered_to`` is None where the plan was held to what is asked. Shares are counted at
        every pixel. Tiers stand in ``plan.tiers``.
        """
        needs = [need for need in self.siting.reached if need.kind != "tier"]
        return [self._of_asked(need) for need in needs]

    def _of_asked(self, need: Reached) -> dict[str, Any]:
        key = need.name, need.year
        share = self.shares.get(key, need.reached)
        target = self.targets.get(key, need.target)
        held = self.held_to.get(key, need.target)
        lowered = held if held < target - counted.STEP else None
        met = share >= target - counted.MET or (need.kind == "minimum" and need.met)
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
        return ranking.table(self.candidates.frame, self.siting, self.stability, self.gain)

    def compared(self) -> GeoDataFrame:
        """Return all candidates, those of the plan first."""
        return ranking.compared(self.candidates.frame, self.siting, self.stability)

    @property
    def gaps(self) -> dict[int, float]:
        """Return how far each stage of the choice may lie from the best."""
        return {stage.number: stage.gap for stage in self.proven}

    def offer(self, levels_dbm: list[NDArray[np.float32]]) -> Offer:
        """Return what is still on offer at the levels of the networks as planned."""
        frame, cells, cover = self.candidates.frame, self.candidates.cells, self.candidates.cover
        after = demand_cells.served(cells.over, cells.copies, self.study.scenario, levels_dbm)
        return Offer(frame, cells, cover, after.astype(float), self.siting.order)

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the choice."""
        built = self.siting.order
        proven = bound.combined(self.proven, self.siting)
        return {
            "candidates": len(self.candidates.frame),
            "demand_cells": self.candidates.cells.size,
            "left_out": self.left_out,
            "value": proven.plan_value,
            "proof": self.with_proof,
            "bound": proven.value if self.with_proof else None,
            "gap": proven.gap if np.isfinite(proven.gap) else None,  # nothing was added, or proven
            "method": proven.method,
            "swaps": self.siting.swaps,
            "zones": self.zones.ranked.record(),
            "draws": self.stability.draws,
            "top": int(built.size),
            "mean_probability_top_n": _mean(self.stability.probability[built]),
            "mean_probability_nearby": _mean(self.stability.probability_nearby[built]),
        }


def _mean(probability: Floats) -> float | None:
    """Return the mean, 0 where nothing is built and None where nothing was redrawn."""
    mean = float(probability.mean()) if probability.size else 0.0
    return mean if np.isfinite(mean) else None


def candidate_coverage(
    study: Study, frame: GeoDataFrame, before: OnAir, progress: Progress
) -> CandidateCoverage:
    """Predict what every candidate would serve."""
    province, scenario = study.province, study.scenario
    cells = demand_cells.demand_cells(study, before.levels, len(frame))
    bar = progress(message("progress.candidates_5g"), len(frame))
    cover = demand_cells.cover(province, scenario, frame, cells, bar)
    frame = candidate_measures.with_measures(study, frame, cover, cells)
    return CandidateCoverage(frame, cells, cover)


def on_cells(study: Study, frame: GeoDataFrame, before: OnAir, most: int) -> CandidateCoverage:
    """Return what some candidates would serve of about so many cells at most."""
    cells = demand_cells.demand_cells(study, before.levels, len(frame), most)
    cover = demand_cells.cover(study.province, study.scenario, frame, cells, lambda _: None)
    return CandidateCoverage(frame, cells, cover)


def choose(
    study: Study,
    coverage: CandidateCoverage,
    before: OnAir,
    count: counted.Count,
    *,
    proof: bool = True,
) -> Choice:
    """Rank the zones, choose the stations year by year, prove the choice and redraw it.

    ``count`` returns what a plan reaches of quotas, tiers and targets, at every pixel, by the rows
    of candidates and the year of each. Without ``proof`` no bound is proven and nothing redrawn.
    """
    province, scenario = study.province, study.scenario
    frame, cells, cover = coverage.frame, coverage.cells, coverage.cover
    unweighted = constraints.problem(study, frame, cover, cells)
    served = stored.stored(before.share.ravel(), np.float64)
    zones = zone_ranking.ranked(zone_measures.measured(study, unweighted, cells, frame, served))
    problem_as_set = weighted(unweighted, zones)
    problem, sited, shares = counted.held(problem_as_set, lambda each: _sited(each, study), count)
    memory.give_back()
    proven, stability = [], monte_carlo.not_redrawn(len(frame))
    if proof:
        with beside(_proven, study, problem, sited) as proving:
            xy_m = _places(frame)
            stability = monte_carlo.sampled(zones, cells, problem, sited.order.size, xy_m)
        proven = proving.result()
    return Choice(
        study,
        coverage,
        sited,
        proven,
        bound.gains(problem, sited),
        zones,
        stability,
        proof,
        places.left_out_counts(province, scenario),
        constraints.targets(study),
        _held_to(problem_as_set, problem),
        shares,
    )


def weighted(problem: Problem, zones: ZoneRanking) -> Problem:
    """Return a problem in which a person of a zone counts in its tier as the zone weighs."""
    weights = {tier.name: zones.weight(tier.name, tier.demand.size) for tier in problem.tiers}
    tiers_ = (
        tier if (weight := weights[tier.name]) is None else replace(tier, weight=weight)
        for tier in problem.tiers
    )
    return replace(problem, tiers=tuple(tiers_))


def _held_to(as_set: Problem, solved: Problem) -> counted.Shares:
    """Return what a plan was held to: what was asked, or less where quotas were lowered."""
    lowered = counted.asked(solved)
    names = {quota.name for quota in as_set.quotas}
    return {
        key: min(share, lowered[key]) if key[0] in names else share
        for key, share in counted.asked(as_set).items()
    }


def _places(frame: GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _sited(problem_as_set: Problem, study: Study) -> tuple[Problem, Siting]:
    """Return the plan, with quotas that are not strict lowered as far as they must be."""
    relaxed = list(constraints.relaxed(problem_as_set, study))
    for problem in relaxed if len(relaxed) > 1 else ():
        with suppress(InputError):
            return problem, _chosen(problem, thorough=False)
    return problem_as_set, _chosen(problem_as_set, thorough=True)


def _chosen(problem: Problem, *, thorough: bool) -> Siting:
    """Return the plan of a problem, from an earlier run where that had the same problem."""

    def computed() -> cache.Arrays:
        plan = siting.choose(problem, thorough=thorough)
        own = {name: np.asarray(value) for name, value in vars(plan).items() if name != "reached"}
        needs = {f"need_{n}": [getattr(r, n) for r in plan.reached] for n in Reached._fields}
        return own | {name: np.array(values) for name, values in needs.items()}

    arrays = cache.cached(("stations", problem, thorough), computed, code=siting.__name__)
    columns = [arrays.pop(f"need_{name}").tolist() for name in Reached._fields]
    reached = tuple(Reached(*need) for need in zip(*columns, strict=True))
    own: dict[str, Any] = {n: each if each.ndim else each.item() for n, each in arrays.items()}
    return Siting(**own, reached=reached)


def _proven(study: Study, problem: Problem, sited: Siting) -> list[Stage]:
    """Return the bounds of a plan; those of an earlier run where their time did not run out."""
    selection = study.scenario.selection

    def computed() -> cache.Arrays:
        proven = bound.bounds(problem, sited, selection.seconds, selection.gap)
        return {name: np.array([getattr(s, name) for s in proven]) for name in Stage._fields}

    inputs = ("bounds", problem, sited.order, sited.stage, selection.seconds, selection.gap)
    arrays = cache.cached(
        inputs, computed, lambda result: bool(result["finished"].all()), bound.__name__
    )
    columns = (arrays[name].tolist() for name in Stage._fields)
    return [Stage(*values) for values in zip(*columns, strict=True)]
