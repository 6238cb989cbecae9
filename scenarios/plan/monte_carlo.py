"""The plan drawn again: how far ranks move when weights and prediction are uncertain.

The redraws work on demand cells of twice the side, which four times fewer entries make fast.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtri

from phusong.coverage.area import blocks
from phusong.geodata.grid import PIXEL_M
from phusong.scenarios.candidates.demand import KINDS, Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.prediction import cache
from phusong.scenarios.siting import stability
from phusong.scenarios.siting.choose import Siting
from phusong.scenarios.siting.problem import Cover, Floats, Problem, Quota
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules, Stability

COARSER = 2
NEAR_M = 500.0  # stations so near can stand for each other
MOST = 1.0 - 1e-6  # of a share, so that it has a level


def sampled(
    study: Study, cells: DemandCells, problem: Problem, sited: Siting, xy_m: Floats
) -> Stability:
    """Return how the ranks move when weights and prediction are drawn again.

    ``xy_m`` is where the candidates stand, shape (n, 2).
    """
    scenario = study.scenario
    near = cKDTree(xy_m).query_pairs(NEAR_M, output_type="ndarray").astype(np.int64)
    group, weight = _groups(cells)
    cover = _coarser(problem.cover, group, weight)
    layers, layer_weights = _layers(study, cells)
    layers = np.array([np.bincount(group, layer) for layer in layers])
    rules = Rules(
        problem.cost,
        problem.excludes,
        int(sited.order.size),
        tuple(_coarse_quota(quota, group) for quota in problem.quotas),
        problem.minima,
        tuple(
            replace(
                tier,
                demand=np.bincount(group, tier.demand).astype(float),
                weight=np.bincount(group, tier.weight).astype(float),
            )
            for tier in problem.tiers
        ),
    )
    sigma_db = max(scenario.service.spread_db, 1e-6)
    x_m, y_m = _centres(cells, group, weight)
    before = np.bincount(group, cells.before * weight).astype(np.float32)
    predicted = Predicted(
        cover.first,
        cover.cell,
        _margin_db(cover.share, sigma_db),
        _margin_db(before, sigma_db),
        x_m,
        y_m,
    )
    stated, seed = scenario.uncertainty, scenario.scenario.seed
    spread = InputUncertainty(
        stated.concentration,
        stated.common_db,
        stated.site_db,
        stated.field_db,
        stated.correlation_m,
        sigma_db,
        blocks.MIN_PROBABILITY,
    )

    def computed() -> cache.Arrays:
        result = stability.monte_carlo(
            predicted, layers, layer_weights, rules, spread, stated.draws, seed, near=near
        )
        return {name: np.asarray(value) for name, value in vars(result).items()}

    inputs = (
        "sampled",
        predicted,
        layers,
        layer_weights,
        rules,
        spread,
        stated.draws,
        seed,
        near,
    )
    arrays: dict[str, Any] = cache.cached(inputs, computed)
    top, draws = int(arrays.pop("top")), int(arrays.pop("draws"))
    return Stability(**arrays, top=top, draws=draws)


def _groups(cells: DemandCells) -> tuple[NDArray[np.int64], Floats]:
    """Return the coarse cell of every cell, and the part of it that the cell is."""
    row, column = np.nonzero(cells.over.number >= 0)
    across = cells.over.number.shape[1] // COARSER + 1
    square = (row // COARSER) * across + column // COARSER
    _, group = np.unique(square, return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    every = np.concatenate([group + nth * count for nth in range(len(cells.carriers))])
    demand = cells.weighted + 1e-9
    return every, demand / np.bincount(every, demand)[every]


def _coarser(cover: Cover, group: NDArray[np.int64], weight: Floats) -> Cover:
    """Return the cover of coarse cells: the mean share over each."""
    row = np.repeat(np.arange(cover.candidates), np.diff(cover.first))
    count = int(group.max(initial=-1)) + 1
    place, inverse = np.unique(row * count + group[cover.cell], return_inverse=True)
    share = np.bincount(inverse, cover.share * weight[cover.cell], place.size)
    counted = share >= blocks.MIN_PROBABILITY
    place, share = place[counted], np.minimum(share[counted], 1.0)
    counts = np.bincount(place // max(count, 1), minlength=cover.candidates)
    first = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    return Cover(first, (place % max(count, 1)).astype(np.int32), share.astype(np.float32))


def _coarse_quota(quota: Quota, group: NDArray[np.int64]) -> Quota:
    inside = np.bincount(group[quota.cells], quota.weight).astype(np.float64)
    held = np.flatnonzero(inside > 0.0)
    return replace(quota, cells=held, weight=inside[held])


def _margin_db(share: NDArray[np.float32], sigma_db: float) -> NDArray[np.float32]:
    """Return how far the level lies above that which serves half; -inf where nothing is served."""
    with np.errstate(divide="ignore"):
        return (sigma_db * ndtri(np.minimum(share, MOST))).astype(np.float32)


def _centres(cells: DemandCells, group: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats]:
    """Return where the coarse cells are, in metres from the first column and row."""
    row, column = np.nonzero(cells.over.number >= 0)
    side_m, networks = cells.over.side * PIXEL_M, len(cells.carriers)
    x_m, y_m = np.tile(column * side_m, networks), np.tile(row * side_m, networks)
    x_mean, y_mean = (np.bincount(group, values * weight) for values in (x_m, y_m))
    return x_mean.astype(np.float64), y_mean.astype(np.float64)


def _layers(study: Study, cells: DemandCells) -> tuple[Floats, Floats]:
    """Return the demand of each kind that counts, by cell, and its part of the whole."""
    weights = study.scenario.demand.model_dump()
    layers = np.array([weights[kind] * cells.kinds[kind] for kind in KINDS])
    counted = layers.sum(axis=1) > 0.0
    return layers[counted], layers[counted].sum(axis=1)
