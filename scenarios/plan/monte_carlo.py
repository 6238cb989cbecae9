"""The plan drawn again: how sure stations are when weights, targets and prediction are not.

The redraws work on squares of demand cells, which few entries make fast.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtri

from phusong.coverage.area.service import MIN_PROBABILITY
from phusong.coverage.kernel import KERNEL, kernel
from phusong.scenarios.candidates.demand import KINDS, Study
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.plan.zone_ranking import ZoneRanking
from phusong.scenarios.prediction import cache
from phusong.scenarios.siting import stability
from phusong.scenarios.siting.problem import Cover, Floats, Problem, Quota, ZoneParts
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules, Stability

SQUARE_M = 300.0  # side of the squares
NEAR_M = 500.0  # stations so near can stand for each other
MOST = 1.0 - 1e-6  # of a share, so that it has a level


def not_redrawn(candidates: int) -> Stability:
    """Return what is known of candidates where nothing was redrawn: nothing."""
    unknown = np.full(candidates, np.nan)
    return Stability(unknown, unknown, 0)


def sampled(
    zones: ZoneRanking, cells: DemandCells, problem: Problem, stations: int, xy_m: Floats
) -> Stability:
    """Return how often candidates are built when weights, targets and prediction are drawn again.

    A plan has so many ``stations``; ``xy_m`` is where the candidates stand, shape (n, 2).
    """
    study = zones.measured.study
    scenario = study.scenario
    near = cKDTree(xy_m).query_pairs(NEAR_M, output_type="ndarray").astype(np.int64)
    group, weight = _groups(study, cells)
    cover = coarser(problem, group, weight)
    layers, layer_weights = _layers(study, cells)
    layers = np.array([np.bincount(group, layer) for layer in layers])
    rules = Rules(
        problem.cost,
        problem.excludes,
        stations,
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
        tuple(_coarse_parts(zones.measured.parts.get(tier.name), group) for tier in problem.tiers),
        zones.ranked.drawn,
    )
    sigma_db = max(scenario.service.spread_db, 1e-6)
    x_m, y_m = _centres(study, cells, group, weight)
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
        MIN_PROBABILITY,
        stated.target_share,
        stated.demand_share,
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
    arrays: dict[str, Any] = cache.cached(inputs, computed, code=stability.__name__)
    draws = int(arrays.pop("draws"))
    return Stability(**arrays, draws=draws)


def _groups(study: Study, cells: DemandCells) -> tuple[NDArray[np.int64], Floats]:
    """Return the square of every cell, and the part of it that the cell is."""
    grid = study.province.grid
    side = max(round(SQUARE_M / grid.pixel_m), 1)
    row, column = np.divmod(cells.over.pixel, grid.width)
    square = (row // side) * (grid.width // side + 1) + column // side
    _, group = np.unique(square, return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    # the cells of each network and level have squares of their own
    apart = [group[own] + nth * count for nth, own in enumerate(cells.blocks)]
    _, every = np.unique(np.concatenate(apart), return_inverse=True)
    demand = cells.weighted + 1e-9
    demand[cells.ordinary :] += cells.weighted[cells.place[cells.ordinary :]]
    return every, demand / np.bincount(every, demand)[every]


def coarser(problem: Problem, group: NDArray[np.int64], weight: Floats) -> Cover:
    """Return the cover of squares: the mean over each of what is served with a candidate."""
    before = problem.before.astype(float)
    served = np.bincount(group, before * weight).astype(np.float64)
    return Cover(*_of_squares(problem.cover, before, group, weight, served))


@kernel(**KERNEL)
def _of_squares(
    cover: Cover, before: NDArray, group: NDArray, weight: NDArray, served: NDArray
) -> tuple:
    """Return rows of squares, rising, with what is served in each, without what counts as none."""
    first, size, entries = np.zeros(cover.first.size, np.int64), 0, cover.cell.size
    square, share = np.empty(entries, np.int32), np.empty(entries, np.float32)
    more, touched = np.zeros(served.size), np.zeros(served.size, np.bool_)
    for i in range(first.size - 1):
        for e in range(cover.first[i], cover.first[i + 1]):
            cell = cover.cell[e]
            more[group[cell]] += (np.float64(cover.share[e]) - before[cell]) * weight[cell]
            touched[group[cell]] = True
        for k in range(served.size):
            if touched[k]:
                if served[k] + more[k] >= MIN_PROBABILITY:
                    square[size], share[size] = k, np.float32(min(served[k] + more[k], 1.0))
                    size += 1
                more[k], touched[k] = 0.0, False
        first[i + 1] = size
    return first, square[:size].copy(), share[:size].copy()


def _coarse_quota(quota: Quota, group: NDArray[np.int64]) -> Quota:
    inside = np.bincount(group[quota.cells], quota.weight).astype(np.float64)
    held = np.flatnonzero(inside > 0.0)
    return replace(quota, cells=held, weight=inside[held])


def _coarse_parts(parts: ZoneParts | None, group: NDArray[np.int64]) -> ZoneParts | None:
    return None if parts is None else parts._replace(cell=group[parts.cell])


def _margin_db(share: NDArray[np.float32], sigma_db: float) -> NDArray[np.float32]:
    """Return how far the level lies above that which serves half; -inf where nothing is served."""
    with np.errstate(divide="ignore"):
        return (sigma_db * ndtri(np.minimum(share, MOST))).astype(np.float32)


def _centres(
    study: Study, cells: DemandCells, group: NDArray[np.int64], weight: Floats
) -> tuple[Floats, Floats]:
    """Return where the squares are, in metres from the first column and row."""
    grid = study.province.grid
    row, column = np.divmod(cells.over.pixel[cells.place], grid.width)
    x_m, y_m = (each * grid.pixel_m for each in (column, row))
    x_mean, y_mean = (np.bincount(group, values * weight) for values in (x_m, y_m))
    return x_mean.astype(np.float64), y_mean.astype(np.float64)


def _layers(study: Study, cells: DemandCells) -> tuple[Floats, Floats]:
    """Return the demand of each kind that counts, by cell, and its part of the whole."""
    weights = study.scenario.demand.model_dump()
    layers = np.array([weights[kind] * cells.kinds[kind] for kind in KINDS])
    counted = layers.sum(axis=1) > 0.0
    return layers[counted], layers[counted].sum(axis=1)
