"""Stations in order of build: where each is best server, found pixel by pixel and at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.area.network import Footprints
from phusong.scenarios.prediction import station_gains

SHAPE = (10, 11)


@st.composite
def footprints(draw):
    """Return footprints of up to four masts: pixels near by, squares of three farther out."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts, columns = [0], []
    for _ in range(draw(st.integers(0, 4))):
        near = [(row, column, 1) for row in range(3) for column in range(11)]
        far = [(row, column, 3) for row in (4, 7, 10) for column in (1, 4, 7, 10)]
        held = [square for square in near + far if random.random() < 0.6]
        counts.append(len(held))
        columns += held
    row, column, side = np.array(columns, np.int32).reshape(-1, 3).T
    level_dbm = random.integers(-110, -60, row.size).astype(np.float32)
    receivers = random.random(SHAPE) < 0.8
    return Footprints(np.cumsum(counts), row, column, side.astype(np.uint8), level_dbm, receivers)


@settings(deadline=None)  # the kernel is compiled first
@given(footprints())
def test_a_station_serves_best_where_it_is_stronger_than_all_before_it(prints):
    before_dbm = np.full(SHAPE[0] * SHAPE[1], -90.0, np.float32)
    best_dbm, reached_dbm = before_dbm.copy(), before_dbm.copy()
    walk = station_gains._best_servers(prints, best_dbm)
    for mast, (pixel, level_dbm) in enumerate(walk):
        every, every_dbm = prints.of(mast)
        stronger = every_dbm > reached_dbm[every]
        assert pixel.tolist() == every[stronger].tolist()
        assert level_dbm.tolist() == every_dbm[stronger].tolist()
        reached_dbm[every] = np.maximum(reached_dbm[every], every_dbm)
    assert np.array_equal(best_dbm, reached_dbm)


@settings(deadline=None)  # the kernel is compiled first
@given(footprints(), st.integers(1, 7))
def test_masts_raised_together_in_bands_of_rows_serve_as_those_raised_one_by_one(prints, span):
    best_dbm = np.full(SHAPE[0] * SHAPE[1], -90.0, np.float32)
    together_dbm = best_dbm.copy()
    for _ in station_gains._best_servers(prints, best_dbm):
        pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(station_gains, "SPAN", span)
        station_gains.raise_to_best(prints, 0, len(prints), together_dbm)
    assert np.array_equal(together_dbm, best_dbm)


@given(st.integers(0, 2**32 - 1), st.integers(0, 50))
@settings(deadline=None)
def test_what_a_station_adds_is_the_sum_of_shares_times_what_is_there(seed, count):
    random = np.random.default_rng(seed)
    pixel, share = random.integers(0, 90, count), random.random(count).astype(np.float32)
    weight = random.gamma(1.0, 10.0, 90)
    found = station_gains.weighed(pixel, share, weight)
    assert found == pytest.approx(share.astype(float) @ weight[pixel], rel=1e-12)
