"""Errors, intervals and reliability against hand counts and drawn truths."""

import math

import numpy as np
import pytest

from phusong.scenarios.validation import scores


def test_intervals_of_the_true_deviation_hold_what_they_say():
    residual_db = np.random.default_rng(3).normal(0.0, 10.0, 40_000)
    for interval in scores.intervals(residual_db, 10.0):
        assert interval.share == pytest.approx(interval.probability, abs=0.01)
    ninety = scores.intervals(residual_db, 10.0)[2]
    assert ninety.width_db == pytest.approx(2.0 * 16.449, abs=0.01)


def test_intervals_too_narrow_hold_less():
    residual_db = np.random.default_rng(3).normal(8.0, 10.0, 10_000)
    assert scores.intervals(residual_db, 8.0)[2].share < 0.75


def rate(measured, predicted, block, rule=0.9):
    found = scores.reliability(
        np.array(measured, float), np.array(predicted, float), -100.0, np.array(block), rule
    )
    assert len(measured) == sum(
        (found.hits, found.misses, found.false_alarms, found.correct_negatives)
    )
    return found


def test_a_map_is_counted_by_hand():
    found = rate([-90, -110, -90, -110, -95], [-90, -90, -110, -110, -99], [0, 0, 1, 1, 2])
    assert found[1:5] == (2, 1, 1, 1)
    assert found.rate == pytest.approx(2.0 / 3.0)
    assert found.accuracy == pytest.approx(3.0 / 5.0)


def test_places_of_one_block_say_less_than_as_many_blocks():
    generator = np.random.default_rng(5)
    by_block = np.repeat(generator.random(30) < 0.8, 20)
    measured = np.where(by_block, -90.0, -110.0)
    together = rate(measured, np.full(600, -90.0), np.repeat(np.arange(30), 20))
    alone = rate(measured, np.full(600, -90.0), np.arange(600))
    assert together.high - together.low > 3.0 * (alone.high - alone.low)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    """Blocks of alike places: the truth is 0.8."""
    generator, held = np.random.default_rng(7), 0
    for _ in range(200):
        chance = generator.beta(8.0, 2.0, 40)
        there = generator.random((40, 15)) < chance[:, None]
        measured = np.where(there.ravel(), -90.0, -110.0)
        found = rate(measured, np.full(600, -90.0), np.repeat(np.arange(40), 15))
        held += found.low <= 0.8 <= found.high
    assert 0.9 <= held / 200 <= 0.99


@pytest.mark.parametrize(("good", "verdict"), [(1.0, "holds"), (0.92, "undecided"), (0.6, "fails")])
def test_the_verdict_waits_for_evidence(good, verdict):
    measured = np.where(np.arange(200) < 200 * good, -90.0, -110.0)
    blocks = np.random.default_rng(2).permutation(200) % 60
    assert rate(measured, np.full(200, -90.0), blocks).verdict == verdict


def test_a_map_that_shows_nothing_has_no_rate():
    found = rate([-90.0, -90.0], [-110.0, -110.0], [0, 1])
    assert math.isnan(found.rate)
    assert found.verdict == "none"
