"""Figures of a larger province take no more memory: what is on every pixel lies in files."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from phusong import cache_files, stored
from phusong.coverage import uncertainty
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.plan import intervals
from phusong.scenarios.plan.intervals import FigureWeights, LevelErrors

WIDTH, COMMUNES = 300, 12


@pytest.fixture(autouse=True)
def small_bands(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_files, "root", lambda: tmp_path)
    monkeypatch.setattr(stored, "BAND_PIXELS", 2**13)
    monkeypatch.setattr(stored, "LEAST_BYTES", 2**14)


def interval(height: int) -> tuple[float, float]:
    """Return the interval of residents gained, and all that it is made of, on a made grid."""
    random, size = np.random.default_rng(1), height * WIDTH
    rows, columns = np.mgrid[:height, :WIDTH]
    labels = ((rows // 50 + columns // 50) % COMMUNES - 1).astype(np.int16)
    people = stored.stored(random.gamma(0.5, 2.0, size))
    before, after = (
        stored.stored(random.normal(middle, 12.0, (height, WIDTH)).astype(np.float32))
        for middle in (-105.0, -95.0)
    )
    scenario = schema.load("urban")
    study = SimpleNamespace(scenario=scenario, networks=carriers.planned_networks(scenario))
    tracemalloc.start()
    patches = (intervals._patches(labels, side) for side in (17, 4))
    known = LevelErrors(3.0, 2.0, 4.0, *patches)
    weights = FigureWeights(people, people, people, labels.ravel(), COMMUNES)
    weights = weights.grown(np.linspace(1.0, 1.2, COMMUNES))
    ends = [intervals.served(study, [level], known) for level in (before, after)]
    found = weights.numbers(ends[1].less(ends[0]), "people")
    weights.numbers(intervals.reached(after, -100.0, known), "people")
    weights.numbers(ends[1].at_least(0.9), "people")
    peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    return found


peaks: list[int] = []


def test_twice_the_area_takes_what_the_kernels_copy_alone():
    """Labels are copied to 32 bits where a sum is made: the rest does not grow."""
    interval(300)  # imports, compiles
    peaks.clear()
    interval(600)
    interval(1200)
    assert peaks[0] > 2**13  # something was measured
    assert (peaks[1] - peaks[0]) / (600 * WIDTH) < 9.0  # bytes a pixel; once it was 90


def test_bands_do_not_change_the_figures(monkeypatch):
    by_bands = interval(400)
    monkeypatch.setattr(stored, "BAND_PIXELS", 2**22)
    assert interval(400) == pytest.approx(by_bands, rel=1e-9)


@pytest.mark.parametrize("side", [1, 4, 17, 90])
def test_patches_by_bands_are_those_of_the_whole_grid(side):
    random = np.random.default_rng(2)
    labels = np.repeat(np.repeat(random.integers(-1, 4, (40, 15)), 10, 0), 20, 1).astype(np.int16)
    whole = intervals._cut(uncertainty.patches(labels.shape, side).ravel(), labels.ravel())
    np.testing.assert_array_equal(intervals._patches(labels, side), whole)
