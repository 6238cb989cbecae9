"""A plan finished around what a planner has fixed: the rest is chosen again, by the same rules."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.errors import InputError
from phusong.messages import message
from phusong.scenarios.candidates import (
    candidate_measures,
    demand_cells,
    own_stations,
    places,
    wishes,
    zone_measures,
)
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.costs import spending
from phusong.scenarios.evaluation.bench import Bench
from phusong.scenarios.evaluation.draft import Draft
from phusong.scenarios.plan import constraints, zone_ranking
from phusong.scenarios.plan.choice import CandidateCoverage, weighted
from phusong.scenarios.siting import bound
from phusong.scenarios.siting import choose as siting
from phusong.scenarios.siting.problem import Cover


@dataclass(frozen=True)
class FinishedPlan:
    """A plan with what was fixed in it.

    Parameters
    ----------
    draft
        All its stations, in order of build.
    scenario
        By which the rest was chosen.
    gap
        How far it may lie from the best, as a share of what it gains; NaN where it was not proven.
    missed
        Names and years of what was asked for and is not reached on the cells of the choice.
    """

    draft: Draft
    scenario: Scenario
    gap: float
    missed: list[tuple[str, int]]


def finished(
    bench: Bench,
    fixed: Draft,
    forbidden: Collection[str] = (),
    *,
    scenario: Scenario | None = None,
    swaps: int = siting.MAX_SWAPS,
    proof_seconds: float = 0.0,
) -> FinishedPlan:
    """Return the plan that serves most with these stations in it, and without those.

    Parameters
    ----------
    bench
        What stations are tried on.
    fixed
        Stations that stand, each by its year.
    forbidden
        Names of candidates, or of positions, where nothing is built.
    scenario
        With other means, targets or weights; if None, that of the bench. Demand, radio and zones
        are those of the bench.
    swaps
        Most exchanges after the greedy choice; 0 is fast and a little worse.
    proof_seconds
        For which a bound is looked for; 0: none.

    Returns
    -------
    FinishedPlan
        In order of build.

    Raises
    ------
    InputError
        What is fixed cannot stand with the means there are.
    """
    wanted = asking(scenario or bench.study.scenario, fixed, forbidden)
    offer = _on_offer(bench, wanted)
    study = bench.study.with_scenario(wanted)
    unweighted = constraints.problem(study, offer.frame, offer.cover, offer.cells)
    served = bench.before.share.ravel().astype(float)
    measured = zone_measures.measured(study, unweighted, offer.cells, offer.frame, served)
    problem = weighted(unweighted, zone_ranking.ranked(measured))
    sited = siting.choose(problem, swaps, thorough=False)
    gap = math.nan
    if proof_seconds > 0.0:
        stages = bound.bounds(problem, sited, proof_seconds, wanted.selection.gap)
        gap = bound.combined(stages, sited).gap
    names = offer.frame[col.SITE_ID].iloc[sited.order]
    years = dict(zip(names, sited.year.tolist(), strict=True))
    own = {name: each for name, each in fixed.own.items() if name in years}
    missed = [(need.name, need.year) for need in sited.reached if not need.met]
    return FinishedPlan(Draft(years, own, fixed.changed), wanted, gap, missed)


def asking(scenario: Scenario, fixed: Draft, forbidden: Collection[str]) -> Scenario:
    """Return the scenario that requires some stations and forbids others.

    Raises
    ------
    InputError
        A station is fixed and forbidden.
    """
    if clash := sorted(set(fixed.years) & set(forbidden)):
        raise InputError(message("refusal.is_fixed_and_forbidden", names=clash))
    candidates = scenario.candidates.model_copy(
        update={
            "forbid": [*scenario.candidates.forbid, *forbidden],
            "require": {**scenario.candidates.require, **fixed.years},
            "own": [*scenario.candidates.own, *fixed.own.values()],
            "changed": {**scenario.candidates.changed, **fixed.changed},
        }
    )
    return scenario.model_copy(update={"candidates": candidates})


def _on_offer(bench: Bench, wanted: Scenario) -> CandidateCoverage:
    """Return the candidates without those forbidden, with own and changed ones predicted anew."""
    province, rules, base = bench.study.province, wanted.candidates, bench.coverage
    frame = base.frame
    altered = frame[col.SITE_ID].isin([*rules.changed, *_names_of_own(wanted)]).to_numpy()
    out = wishes.called(frame, rules.forbid)
    held = np.flatnonzero(~altered & ~out)
    anew = own_stations.changed(frame[altered & ~out].reset_index(drop=True), wanted)
    if rules.own:
        own = places.of_own(province, wanted, bench.setting)
        own = spending.with_costs(province, wanted, own)
        anew = pd.concat([anew[~anew[col.SITE_ID].isin(own[col.SITE_ID])], own], ignore_index=True)
    joined = pd.concat([frame.iloc[held], anew], ignore_index=True)
    cover = base.cover.rows(held)
    if len(anew):
        more = demand_cells.cover(province, wanted, anew, base.cells, lambda _: None)
        cover = _joined(cover, more)
    study = bench.study.with_scenario(wanted)
    joined = candidate_measures.with_measures(study, GeoDataFrame(joined), cover, base.cells)
    return CandidateCoverage(joined, base.cells, cover)


def _names_of_own(scenario: Scenario) -> list[str]:
    return [f"5G-{each.name}" for each in scenario.candidates.own]


def _joined(first: Cover, second: Cover) -> Cover:
    """Return the rows of both, one after the other."""
    return Cover(
        np.concatenate([first.first, second.first[1:] + first.first[-1]]),
        np.concatenate([first.cell, second.cell]),
        np.concatenate([first.share, second.share]),
    )
