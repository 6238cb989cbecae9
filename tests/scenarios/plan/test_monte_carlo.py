"""Squares of the redraws: the mean of what is served with a candidate, beside a plain table."""

from types import SimpleNamespace

import numpy as np
import pytest

from phusong.coverage.area.service import MIN_PROBABILITY
from phusong.scenarios.plan import monte_carlo
from phusong.scenarios.siting.problem import Cover


def test_a_square_is_served_as_its_cells_are_in_the_mean():
    random, candidates, cells, squares = np.random.default_rng(1), 6, 60, 9
    before = (0.2 * random.random(cells) * (random.random(cells) < 0.5)).astype(np.float32)
    table = random.random((candidates, cells), np.float32) ** 4
    table[random.random((candidates, cells)) < 0.5] = 0.0
    table = np.where(table > before, table, 0.0).astype(np.float32)
    row, cell = np.nonzero(table)
    first = np.searchsorted(row, np.arange(candidates + 1)).astype(np.int64)
    case = SimpleNamespace(
        cover=Cover(first, cell.astype(np.int32), table[row, cell]), before=before
    )
    group = np.concatenate([np.arange(squares), random.integers(0, squares, cells - squares)])
    weight = random.random(cells)
    weight /= np.bincount(group, weight)[group]
    coarse = monte_carlo.coarser(case, group, weight)
    served = np.maximum(table, before) * weight
    for i in range(candidates):
        mean = np.bincount(group, served[i], squares)
        reached = np.isin(np.arange(squares), group[table[i] > 0.0]) & (mean >= MIN_PROBABILITY)
        held = slice(coarse.first[i], coarse.first[i + 1])
        assert coarse.cell[held].tolist() == np.flatnonzero(reached).tolist()
        assert coarse.share[held] == pytest.approx(mean[reached], rel=1e-6)
