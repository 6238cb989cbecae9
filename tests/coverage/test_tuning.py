"""Fits and their intervals, held-out blocks, and the parts of what is left over."""

import math

import numpy as np
import pytest

from phusong.coverage import tuning
from phusong.coverage.tuning import Term

WIDE = 1e4


def term(name, start=0.0, spread=WIDE, low=-1e4, high=1e4):
    return Term(name, start, low, high, spread)


def drive(rng, blocks=40, each=25, alike_db=0.0, alone_db=6.0):
    """Return columns, residuals and blocks of a drive whose errors are alike within a block."""
    block = np.repeat(np.arange(blocks), each)
    columns = np.column_stack([np.ones(block.size), rng.normal(0.0, 0.3, block.size)])
    columns[:, 1] += rng.normal(0.0, 0.3, blocks)[block]
    error_db = rng.normal(0.0, alike_db, blocks)[block] + rng.normal(0.0, alone_db, block.size)
    return columns, error_db, block


@pytest.mark.parametrize("alike_db", [0.0, 5.0])
def test_intervals_hold_the_truth_as_often_as_they_say(alike_db):
    rng = np.random.default_rng(3)
    truth, held = np.array([120.0, 38.0]), 0
    for _ in range(60):
        columns, error_db, block = drive(rng, alike_db=alike_db)
        found = tuning.fit(columns, columns @ truth + error_db, [term("a"), term("b")], block)
        held += sum(
            low <= true <= high
            for true, (low, high) in zip(
                truth, (found.interval("a"), found.interval("b")), strict=True
            )
        )
    # 95 % of 120; fewer than 103 or all of 120 has a probability below 1 %.
    assert 103 <= held <= 119


def test_outliers_hardly_move_a_fit():
    columns, error_db, block = drive(np.random.default_rng(4))
    loss_db = columns @ [120.0, 38.0] + error_db
    loss_db[::20] += 80.0
    robust = tuning.fit(columns, loss_db, [term("a"), term("b")], block)
    plain = np.linalg.lstsq(columns, loss_db, rcond=None)[0]
    assert abs(robust.value("a") - 120.0) < 1.0
    assert plain[0] - 120.0 > 3.0


def test_what_nothing_tells_stays_at_its_start_with_its_own_deviation():
    columns, error_db, block = drive(np.random.default_rng(5))
    idle = np.column_stack([columns, np.zeros(block.size)])
    terms = [term("a"), term("b"), term("c", start=-6.5, spread=3.0)]
    found = tuning.fit(idle, idle @ [120.0, 38.0, 0.0] + error_db, terms, block)
    assert found.value("c") == pytest.approx(-6.5)
    assert found.deviations[2] == pytest.approx(3.0)


def test_bounds_hold_and_are_told():
    columns, error_db, block = drive(np.random.default_rng(6))
    terms = [term("a"), term("b", start=20.0, low=0.0, high=30.0)]
    found = tuning.fit(columns, columns @ [120.0, 38.0] + error_db, terms, block)
    assert found.value("b") == pytest.approx(30.0, abs=0.05)
    assert found.bounded() == ["b"]


def test_blocks_are_held_out_whole():
    rng = np.random.default_rng(7)
    x_m, y_m = rng.uniform(0.0, 3000.0, (2, 500))
    block = tuning.blocks(x_m, y_m, 500.0)
    fold = tuning.folds(block, 5, 1)
    assert np.unique(block).size == 36
    assert set(fold) == set(range(5))
    for one in np.unique(block):
        assert np.unique(fold[block == one]).size == 1
        assert np.ptp(x_m[block == one]) <= 500.0


def held_out_db(columns, loss_db, terms, block, fold):
    """Return the loss of every point as predicted by a fit that has not seen its block."""
    predicted_db = np.empty(loss_db.size)
    for part in np.unique(fold):
        seen = fold != part
        fitted = tuning.fit(columns[seen], loss_db[seen], terms, block[seen])
        predicted_db[~seen] = columns[~seen] @ fitted.values
    return predicted_db


def test_held_out_error_sees_through_a_fit_to_noise():
    """A column per block fits every block, and helps none that is held out."""
    rng = np.random.default_rng(8)
    columns, error_db, block = drive(rng, blocks=12, alike_db=6.0, alone_db=1.0)
    greedy = np.column_stack([columns, np.eye(12)[block]])
    terms = [term("a"), term("b"), *(term(f"block {i}", spread=50.0) for i in range(12))]
    loss_db = columns @ [120.0, 38.0] + error_db
    fold = tuning.folds(block, 4, 1)
    inside = tuning.fit(greedy, loss_db, terms, block)
    held_db = held_out_db(greedy, loss_db, terms, block, fold)
    assert tuning.score(loss_db, greedy @ inside.values).rmse_db < 1.5
    assert tuning.score(loss_db, held_db).rmse_db > 4.0


def test_baseline_is_an_offset_per_cell_and_a_slope():
    rng = np.random.default_rng(9)
    cell, distance_m = rng.integers(0, 3, 200), rng.uniform(50.0, 3000.0, 200)
    offsets = np.array([10.0, 20.0, 60.0])
    loss_db = offsets[cell] + 35.0 * np.log10(distance_m)
    fold = tuning.folds(np.arange(200), 5, 1)
    found_db = tuning.baseline_db(cell, distance_m, loss_db, fold)
    np.testing.assert_allclose(found_db, loss_db, atol=1e-8)
    # A cell that no other block has heard gets the mean of the others.
    fold = (cell == 2).astype(np.int64)
    found_db = tuning.baseline_db(cell, distance_m, loss_db, fold)
    np.testing.assert_allclose(found_db[cell == 2] - loss_db[cell == 2], 15.0 - 60.0, atol=1e-8)


def test_score_counts_a_stronger_measurement_as_positive_bias():
    found = tuning.score(np.array([100.0, 110.0, 120.0]), np.array([103.0, 113.0, 123.0]))
    assert found == pytest.approx((3, 3.0, 3.0, 0.0, 1.0))


def test_correlogram_falls_with_the_distance_it_was_made_with():
    rng = np.random.default_rng(10)
    x_m = np.arange(2000) * 10.0
    field = np.convolve(rng.normal(0, 1, 2200), np.exp(-np.arange(200) * 10.0 / 100.0))[200:2200]
    edges_m = np.array([5.0, 15.0, 95.0, 105.0, 990.0, 1010.0])
    near, _, at_length, _, far = tuning.correlogram(x_m, np.zeros(2000), field, edges_m)
    assert near == pytest.approx(math.exp(-0.1), abs=0.06)
    assert at_length == pytest.approx(math.exp(-1.0), abs=0.12)
    assert abs(far) < 0.2


def test_spread_tells_the_error_of_blocks_from_that_within():
    _, error_db, block = drive(np.random.default_rng(11), 300, 20, alike_db=4.0, alone_db=7.0)
    found = tuning.spread(error_db, block)
    assert found.error_sd_db == pytest.approx(4.0, rel=0.12)
    assert found.sigma_db == pytest.approx(7.0, rel=0.03)
    assert found.common_share == pytest.approx(1 / 300)
