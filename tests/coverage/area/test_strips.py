"""A network in strips is the network: the same bytes, and no more memory on a higher grid."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from phusong.coverage.area import network, strips
from phusong.coverage.area.cells import Masts, Reach, Surface, cells
from phusong.coverage.models import REGISTRY

LOSS = REGISTRY["tr38901"].for_area({}, 2550.0)
ONE_RING = Reach(900.0, model=LOSS)
THREE_RINGS = Reach(4000.0, coarsening=((600.0, 3), (1800.0, 9)), model=LOSS)


def case(shape: tuple[int, int], count: int, seed: int = 1) -> tuple[Surface, Masts, object]:
    """Return hills of which a part listens, and masts on and beside them with three cells each."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    hills_m = (60.0 * np.sin(rows / 17.0) * np.cos(columns / 23.0)).astype(np.float32)
    listens = (rows + columns) % 40 > 2
    masts = Masts(
        random.uniform(-3.0, shape[1] + 2.0, count),
        random.uniform(-3.0, shape[0] + 2.0, count),
        random.uniform(20.0, 50.0, count),
        np.full(count, 2550.0),
    )
    mast = random.permutation(np.repeat(np.arange(count), 3))  # cells come in any order
    hung = cells(mast, np.tile([0.0, 120.0, 240.0], count), 43.0, 6.0)
    return Surface(hills_m, np.zeros(shape, np.uint8), listens, 30.0), masts, hung


@pytest.mark.parametrize("reach", [ONE_RING, THREE_RINGS])
@pytest.mark.parametrize("rows", [9, 27, 63])
def test_strips_of_any_height_give_the_same_bytes(monkeypatch, reach, rows):
    parts = (*case((150, 90), 30), reach, -80.0, None, None, 3)
    whole = network.best_server(*parts)
    monkeypatch.setattr(strips, "STRIP_BYTES", 0)
    monkeypatch.setattr(strips, "LEAST_ROWS", rows)
    heights = [part.stop - part.start for part, _ in network.in_strips(*parts)]
    assert heights[0] == rows
    assert sum(heights) == 150
    for name, values in vars(network.best_server(*parts)).items():
        assert_array_equal(values, getattr(whole, name), err_msg=name)


def test_a_window_is_computed_once_though_two_strips_need_it(monkeypatch):
    class Asked(dict):
        def get(self, key):
            asked.append(key)
            return super().get(key)

    asked: list[str] = []
    monkeypatch.setattr(strips, "STRIP_BYTES", 0)
    monkeypatch.setattr(strips, "LEAST_ROWS", 20)
    network.best_server(*case((150, 90), 30), ONE_RING, cache=Asked())
    assert len(asked) == len(set(asked)) == 30


def test_ground_and_masts_of_a_strip_see_each_other_as_before():
    surface, masts, hung = case((150, 90), 30)
    near = network.rings(surface, masts, ONE_RING)[0]
    wanted = strips.reaching(near, slice(60, 90))
    plant, rows = strips.network_of(masts, hung, wanted, 40)
    assert_array_equal(plant.masts[:, 1] + 40.0, masts.row[wanted])
    assert set(hung.mast[rows]) == set(wanted.tolist())
    apart = np.abs(np.floor(masts.row + 0.5) - 75.0)
    assert set(wanted) == set(np.flatnonzero(apart <= 15.5 + near.side // 2))


def test_layers_of_a_strip_take_no_more_memory_on_a_higher_grid(monkeypatch):
    """The grid itself is there before, and what is told of it lies elsewhere."""
    monkeypatch.setattr(strips, "STRIP_BYTES", 2**20)
    peaks = []
    for height in (400, 800, 1600):
        surface, masts, hung = case((height, 200), 20)
        reach = dataclasses.replace(ONE_RING, radius_m=600.0)
        for _ in network.in_strips(surface, masts, hung, reach, ranks=4):
            pass  # the second time nothing is imported or compiled
        tracemalloc.start()
        for _ in network.in_strips(surface, masts, hung, reach, ranks=4):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    ground_bytes = 4 + 1 + 1 + 4  # as kernels read it
    assert peaks[2] - peaks[0] < 1200 * 200 * ground_bytes
    assert peaks[0] > 2**20  # the layers of a strip were measured
