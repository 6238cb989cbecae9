"""Covers: what rows add and where they exceed a level, beside plain numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.scenarios.siting.problem import Cover

seeds = st.integers(0, 2**32 - 1)


def drawn(seed, candidates=7, cells=90):
    """Return a cover, a table with 0 where nobody serves, a level, and the weight of cells."""
    random = np.random.default_rng(seed)
    table = random.random((candidates, cells), np.float32)
    table *= random.random((candidates, cells)) < 0.6
    row, cell = np.nonzero(table)
    first = np.searchsorted(row, np.arange(candidates + 1)).astype(np.int64)
    cover = Cover(first, cell.astype(np.int32), table[row, cell])
    return cover, table, random.random(cells, np.float32), random.random(cells)


@given(seeds)
@settings(deadline=None, max_examples=25)
def test_gains_are_what_rows_lift_cells_by(seed):
    cover, table, level, weight = drawn(seed)
    lifted = np.maximum(table.astype(float), level) - level
    assert cover.gains(level, weight) == pytest.approx(lifted @ weight, rel=1e-12)


@given(seeds)
@settings(deadline=None, max_examples=25)
def test_entries_over_a_level_are_those_that_exceed_it(seed):
    cover, table, level, _ = drawn(seed)
    chosen = np.random.default_rng(seed).integers(0, 7, 4)
    cut = cover.over(level, chosen)
    for row, i in enumerate(chosen):
        held = slice(cut.first[row], cut.first[row + 1])
        cells = np.flatnonzero(table[i] > level)
        assert cut.cell[held].tolist() == cells.tolist()
        assert np.array_equal(cut.share[held], table[i, cells])


def test_rows_come_in_the_order_asked_for():
    cover, _, _, _ = drawn(1)
    whole = cover.rows(np.array([2, 0, 2]))
    assert np.array_equal(whole.cell[: whole.first[1]], whole.cell[whole.first[2] :])
    assert cover.rows(np.empty(0, np.int64)).candidates == 0
