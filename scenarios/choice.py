"""From candidates to a plan: who could serve what, which are built when, and how sure that is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.special import ndtri

from phusong import columns as col
from phusong.coverage import blocks
from phusong.geodata.province import Province
from phusong.scenarios import (
    bound,
    candidates,
    criteria,
    demand_cells,
    needs,
    prediction,
    ranking,
    scores,
    siting,
    stability,
    tenancy,
    weights,
)
from phusong.scenarios.bound import Bound
from phusong.scenarios.carriers import Carrier
from phusong.scenarios.demand import KINDS, Demand
from phusong.scenarios.demand_cells import DemandCells
from phusong.scenarios.on_air import OnAir
from phusong.scenarios.problem import Cover, Problem
from phusong.scenarios.ranking import Scored
from phusong.scenarios.schema import Scenario
from phusong.scenarios.siting import Siting
from phusong.scenarios.stability import Predicted, Rules, Spread, Stability
from phusong.scenarios.weights import Weights

Progress = Callable[[str, int], Callable[[int], None]]


@dataclass(frozen=True)
class Offer:
    """The candidates with their costs, and what each would serve of every demand cell."""

    frame: GeoDataFrame
    cells: DemandCells
    cover: Cover


@dataclass(frozen=True)
class Choice:
    """A plan and what is known of it: the proven bound, scores of all candidates, stability."""

    scenario: Scenario
    offer: Offer
    siting: Siting
    proven: Bound
    weights: Weights
    marks: Scored
    stable: Stability
    left_out: dict[str, int]

    def table(self, language: str) -> GeoDataFrame:
        """Return the stations in order of build."""
        return ranking.table(self.offer.frame, self.marks, self.siting, self.stable, language)

    def compared(self) -> GeoDataFrame:
        """Return all candidates by score."""
        return ranking.compared(self.offer.frame, self.marks, self.siting, self.stable)

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the choice."""
        built, score = self.siting.order, self.marks.score
        used = np.flatnonzero(self.weights.values)
        return {
            "candidates": len(self.offer.frame),
            "demand_cells": self.offer.cells.size,
            "left_out": self.left_out,
            "value": self.proven.found,
            "bound": self.proven.value,
            "gap": self.proven.gap,
            "method": self.proven.method,
            "swaps": self.siting.swaps,
            "reached": [reached._asdict() for reached in self.siting.reached],
            "weights": {scores.NAMES[i]: float(self.weights.values[i]) for i in used},
            "consistency_ratio": self.weights.consistency_ratio,
            "score_topsis_correlation": self.marks.agreement,
            "score_build_correlation": scores.rank_correlation(
                score[built], -np.arange(built.size, dtype=float)
            ),
            "draws": self.stable.draws,
            "top": self.stable.top,
            "mean_probability_top_n": float(self.stable.probability_top_n[built].mean())
            if built.size
            else 0.0,
        }


def offer(
    province: Province,
    scenario: Scenario,
    frame: GeoDataFrame,
    carriers: list[Carrier],
    before: OnAir,
    demand: Demand,
    progress: Progress,
) -> Offer:
    """Predict what every candidate would serve."""
    cells = demand_cells.demand_cells(province, scenario, demand, carriers, before.levels)
    bar = progress("5G candidates", len(frame))
    return Offer(frame, cells, demand_cells.cover(province, scenario, frame, cells, bar))


def choose(province: Province, scenario: Scenario, offered: Offer, demand: Demand) -> Choice:
    """Choose the stations year by year, prove the choice, score and redraw it."""
    frame, cells, cover = offered.frame, offered.cells, offered.cover
    problem = needs.problem(province, scenario, frame, cover, cells, demand)
    sited = siting.choose(problem)
    proven = bound.upper_bound(
        problem, sited, None, scenario.selection.seconds, scenario.selection.gap
    )
    told = weights.read(scenario.weights, scores.NAMES, scenario.scenario.name)
    values = criteria.table(province, scenario, frame, cover, cells)
    reasons = candidates.left_out(province, scenario)[col.REASON].value_counts()
    return Choice(
        scenario,
        offered,
        sited,
        proven,
        told,
        ranking.scored(values, told.values),
        redrawn(scenario, cells, problem, sited),
        {reason: int(reasons.get(reason, 0)) for reason in tenancy.LEFT_OUT},
    )


def redrawn(scenario: Scenario, cells: DemandCells, problem: Problem, sited: Siting) -> Stability:
    """Return how the ranks move when weights and prediction are drawn again."""
    told, sigma_db = scenario.uncertainty, max(scenario.service.shadowing_sigma_db, 1e-6)
    x_m, y_m = _centres(cells)
    cover = problem.cover
    predicted = Predicted(
        cover.first,
        cover.cell,
        _margin_db(cover.share, sigma_db),
        _margin_db(cells.before, sigma_db),
        x_m,
        y_m,
    )
    layers, layer_weights = _layers(scenario, cells)
    rules = Rules(
        problem.cost, problem.excludes, int(sited.order.size), problem.quotas, problem.minima
    )
    spread = Spread(
        told.concentration,
        told.common_db,
        told.site_db,
        told.field_db,
        told.correlation_m,
        sigma_db,
        blocks.LEAST_PROBABILITY,
    )
    seed = scenario.scenario.seed
    return stability.redraw(predicted, layers, layer_weights, rules, spread, told.draws, seed)


def _margin_db(share: NDArray[np.float32], sigma_db: float) -> NDArray[np.float32]:
    """Return how far the level lies above that which serves half; -inf where nothing is served."""
    with np.errstate(divide="ignore"):
        return (sigma_db * ndtri(np.minimum(share, 1.0 - 1e-6))).astype(np.float32)


def _centres(cells: DemandCells) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centres of the cells in pixels, times a pixel's side."""
    row, column = np.nonzero(cells.over.number >= 0)
    side_m = cells.over.side * prediction.PIXEL_M
    networks = len(cells.carriers)
    return np.tile(column * side_m, networks), np.tile(row * side_m, networks)


def _layers(
    scenario: Scenario, cells: DemandCells
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the demand of each kind that counts, by cell, and its part of the whole.

    What lies outside the priority zones counts less here too.
    """
    told = scenario.demand.model_dump()
    outside = scenario.zones.outside_weight
    every = np.sum([told[kind] * cells.kinds[kind] for kind in KINDS], axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(every > 0.0, cells.weighted / np.where(every > 0.0, every, 1.0), outside)
    layers = np.array([told[kind] * cells.kinds[kind] * factor for kind in KINDS])
    kept = layers.sum(axis=1) > 0.0
    return layers[kept], layers[kept].sum(axis=1)
