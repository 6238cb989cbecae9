"""Rings round a mast: no gap, no overlap, and the same answer as pixel by pixel."""

import dataclasses

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.area import network, reception, sample, squares
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps, cells
from phusong.coverage.area.service import ServiceLevel
from phusong.coverage.models import REGISTRY
from phusong.coverage.models.p1812 import P1812Parameters

SHAPE = (101, 118)
FLAT = Surface(np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.uint8), np.ones(SHAPE, bool), 30.0)
LOSS = REGISTRY["free_space"].for_area({}, 2550.0)
FINE = Reach(6000.0, model=LOSS)
COARSE = dataclasses.replace(FINE, coarsening=((500.0, 3), (1200.0, 9)))
SERVICE = ServiceLevel(-60.0, 8.0)


def mast(column: float, row: float) -> Masts:
    return Masts(*(np.array([value]) for value in (column, row, 30.0, 2550.0)))


def times_reached(reach: Reach, masts: Masts) -> np.ndarray:
    """How often each pixel is a receiver's, all rings together."""
    times = np.zeros(SHAPE, int)
    framed = FLAT.framed(9)
    for ring in reach.rings:
        sweeps = Sweeps(framed, masts, reach, ring)
        place = reception.Mast(*sweeps.table[0])
        pixel = reception.trace(sweeps.ground, place, sweeps.fan).pixel
        listens = np.zeros(framed.terrain_m.shape, int)
        listens.ravel()[pixel] = 1
        side = ring.stride
        middles = listens[side // 2 :: side, side // 2 :: side]
        assert middles.sum() == pixel.size, "a receiver stands off the middle of its square"
        times += squares.on_pixels(middles, side, SHAPE)
    return times


@given(
    column=st.floats(-0.5, SHAPE[1] - 0.5),
    row=st.floats(-0.5, SHAPE[0] - 0.5),
    inner_m=st.floats(60.0, 1000.0),
    outer_m=st.floats(1300.0, 3000.0),
)
@settings(deadline=None, max_examples=40)
def test_rings_hold_every_pixel_once(column, row, inner_m, outer_m):
    reach = dataclasses.replace(FINE, coarsening=((inner_m, 3), (outer_m, 9)))
    assert (times_reached(reach, mast(column, row)) == 1).all()


def test_a_radius_ends_the_rings_at_the_distance_of_the_last_squares():
    reach = dataclasses.replace(COARSE, radius_m=1500.0)
    place = mast(50.0, 60.0)
    times = times_reached(reach, place)
    row, column = (9 * (np.arange(count) // 9) + 4 for count in SHAPE)
    away_m = 30.0 * np.hypot(row[:, None] - 60.0, column - 50.0)
    assert np.array_equal(times == 1, away_m <= 1500.0)


def test_one_ring_is_the_reach_without_coarsening():
    assert FINE.rings == Reach(6000.0, model=LOSS).rings
    assert [ring.stride for ring in dataclasses.replace(COARSE, radius_m=400.0).rings] == [1]
    assert [ring.stride for ring in dataclasses.replace(COARSE, radius_m=900.0).rings] == [1, 3]


def test_far_squares_have_the_level_of_their_middle_and_near_pixels_their_own():
    masts, plan = mast(20.3, 31.8), cells([0], np.nan, 43.0)
    fine, coarse = (network.best_server(FLAT, masts, plan, r) for r in (FINE, COARSE))
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    near = 30.0 * np.hypot(rows - 31.8, columns - 20.3) < 500.0 - 3 * 30.0
    assert np.array_equal(fine.rsrp_dbm[near], coarse.rsrp_dbm[near])
    difference_db = fine.rsrp_dbm - coarse.rsrp_dbm
    assert np.abs(difference_db).max() < 20.0 * np.log10(500.0 / (500.0 - 45.0 * np.sqrt(2)))
    assert abs(difference_db.mean()) < 0.05
    assert np.array_equal(fine.server, coarse.server)
    middle = (1 + 3 * (60 // 3), 1 + 3 * (20 // 3))  # a square of 90 m, 850 m away
    assert fine.rsrp_dbm[middle] == coarse.rsrp_dbm[middle]
    around = coarse.rsrp_dbm[middle[0] - 1 : middle[0] + 2, middle[1] - 1 : middle[1] + 2]
    assert (around == around[1, 1]).all()


def test_power_of_rings_adds_up():
    """Every mast counts once at every pixel, in whichever ring it lies."""
    random = np.random.default_rng(5)
    count = 30
    masts = Masts(
        random.uniform(0, SHAPE[1] - 1, count),
        random.uniform(0, SHAPE[0] - 1, count),
        np.full(count, 30.0),
        np.full(count, 2550.0),
    )
    plan = cells(np.arange(count), np.nan, 43.0)
    fine, coarse = (network.best_server(FLAT, masts, plan, r) for r in (FINE, COARSE))
    ratio_db = 10.0 * np.log10(coarse.total_mw / fine.total_mw)
    assert abs(np.median(ratio_db)) < 0.01
    assert np.abs(ratio_db).max() < 1.0
    assert np.abs(fine.rsrp_dbm - coarse.rsrp_dbm).max() < 1.5


def test_footprints_and_samples_agree_with_the_layers_over_all_rings():
    masts, plan = mast(55.2, 48.9), cells([0, 0, 0], [0.0, 120.0, 240.0], 43.0)
    surface = dataclasses.replace(FLAT, receivers=np.hypot(*np.mgrid[-50:51, -59:59]) < 48)
    layers = network.best_server(surface, masts, plan, COARSE)
    prints = network.footprints(surface, masts, plan, COARSE, -70.0)
    pixel, level_dbm = prints.of(0)
    level = np.full(surface.receivers.size, -np.inf, np.float32)
    level[pixel] = level_dbm
    expected = np.where(layers.rsrp_dbm >= -70.0, layers.rsrp_dbm, -np.inf)
    assert pixel.size == np.unique(pixel).size
    assert np.array_equal(level.reshape(SHAPE), expected)

    over = sample.sample(0.3 * surface.receivers, np.zeros(SHAPE, int))
    none = np.zeros(over.count, np.float32)
    served = sample.served(surface, masts, plan, COARSE, over, SERVICE, none)
    share = np.zeros(over.count, np.float32)
    share[served.cell] = served.share
    expected = over.at(SERVICE.probability(layers.rsrp_dbm))
    np.testing.assert_allclose(share, expected, atol=2e-4)


def test_squares_at_the_border_listen_where_any_pixel_does():
    wanted = np.zeros(SHAPE, bool)
    wanted[0, 0] = wanted[90, 116] = True
    surface = dataclasses.replace(FLAT, receivers=wanted)
    layers = network.best_server(surface, mast(60.0, 50.0), cells([0], np.nan, 43.0), COARSE)
    assert np.array_equal(np.isfinite(layers.rsrp_dbm), wanted)


@pytest.mark.parametrize("loss", [LOSS, P1812Parameters()])
def test_windows_of_a_ring_do_not_depend_on_the_radius(loss):
    near, far = (dataclasses.replace(COARSE, radius_m=m, model=loss) for m in (2000.0, 4000.0))
    masts, cache = mast(50.0, 50.0), {}
    plan = cells([0], np.nan, 43.0)
    network.best_server(FLAT, masts, plan, near, cache=cache)
    network.best_server(FLAT, masts, plan, far, cache=cache)
    assert len(cache) == 4, "the two nearer rings are shared, the last is of each radius"


def test_a_mast_outside_hears_level_ground_like_one_on_a_larger_grid():
    """Beyond the last pixel the terrain goes on level: widening the grid so changes nothing."""
    wide = 40
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    hills_m = (30.0 * np.sin(rows / 9.0) * np.sin(columns / 13.0)).astype(np.float32)
    hills_m[:, 0] = 5.0
    narrow = dataclasses.replace(FLAT, terrain_m=hills_m)
    more = [(0, 0), (wide, 0)]
    wider = dataclasses.replace(
        FLAT,
        terrain_m=np.pad(hills_m, more, mode="edge"),
        environment=np.pad(FLAT.environment, more),
        receivers=np.pad(FLAT.receivers, more),
    )
    reach = dataclasses.replace(FINE, model=P1812Parameters())
    plan = cells([0], np.nan, 43.0)
    outside = network.best_server(narrow, mast(-25.0, 50.0), plan, reach)
    inside = network.best_server(wider, mast(wide - 25.0, 50.0), plan, reach)
    assert np.array_equal(outside.rsrp_dbm, inside.rsrp_dbm[:, wide:])


def test_bytes_of_rings_do_not_depend_on_threads_or_batches(monkeypatch):
    random = np.random.default_rng(8)
    masts = Masts(
        random.uniform(0, SHAPE[1] - 1, 12),
        random.uniform(0, SHAPE[0] - 1, 12),
        np.full(12, 30.0),
        np.full(12, 2550.0),
    )
    plan = cells(np.repeat(np.arange(12), 3), np.tile([0.0, 120.0, 240.0], 12), 43.0)
    over = sample.sample(np.full(SHAPE, 0.3), np.zeros(SHAPE, int))
    none = np.zeros(over.count, np.float32)
    threads, results = numba.get_num_threads(), []
    for workers, batch in ((1, 2**30), (threads, 1), (1, 2**15)):
        monkeypatch.setattr(network, "BATCH_BYTES", batch)
        numba.set_num_threads(workers)
        layers = network.best_server(FLAT, masts, plan, COARSE)
        prints = network.footprints(FLAT, masts, plan, COARSE, -70.0)
        served = sample.served(FLAT, masts, plan, COARSE, over, SERVICE, none)
        arrays = [*vars(layers).values(), *vars(prints).values(), *served]
        results.append([values.tobytes() for values in arrays])
    numba.set_num_threads(threads)
    assert all(result == results[0] for result in results)
