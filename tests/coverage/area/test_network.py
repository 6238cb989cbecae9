"""Networks of cells: the same answer by hand, whatever the threads, order and batches."""

import dataclasses

import numba
import numpy as np
import pytest

from phusong.coverage import antenna, capacity, signal_quality
from phusong.coverage.area import loss_windows, network
from phusong.coverage.area.cells import RURAL, URBAN, Cells, Masts, Reach, Surface, cells
from phusong.coverage.models import by_distance, sweep_bullington
from phusong.coverage.models.p1812 import P1812Parameters
from phusong.coverage.models.tr38901 import rma_expected_loss_db, uma_expected_loss_db
from phusong.coverage.models.tr38901_mixed import Mixed, mixed_losses_db
from phusong.errors import InputError

REACH = Reach(radius_m=1500.0, model=Mixed())
SHAPE = (130, 150)
LAYERS = ("rsrp_dbm", "server", "servers", "total_mw")


def hills(seed: int = 1) -> np.ndarray:
    random = np.random.default_rng(seed)
    row, column = np.mgrid[: SHAPE[0], : SHAPE[1]]
    terrain = np.zeros(SHAPE)
    for _ in range(12):
        r, c = random.uniform(0, SHAPE[0]), random.uniform(0, SHAPE[1])
        terrain += random.uniform(10, 60) * np.exp(-((row - r) ** 2 + (column - c) ** 2) / 150.0)
    return terrain.astype(np.float32)


def surface(terrain=None, environment=RURAL) -> Surface:
    terrain = hills() if terrain is None else terrain
    return Surface(
        terrain, np.full(terrain.shape, environment, np.uint8), np.ones(terrain.shape, bool), 30.0
    )


def town(count: int = 9, seed: int = 3) -> tuple[Masts, Cells]:
    """Masts anywhere, two of them at the rim, three sectors each; the last one is omni."""
    random = np.random.default_rng(seed)
    column, row = random.uniform(0, SHAPE[1] - 1, count), random.uniform(0, SHAPE[0] - 1, count)
    column[0], row[1] = -0.5, SHAPE[0] - 0.5
    masts = Masts(column, row, random.uniform(18, 48, count), np.full(count, 2550.0))
    azimuth = np.tile([10.0, 130.0, 250.0], count)
    azimuth[-3:] = np.nan
    return masts, cells(np.repeat(np.arange(count), 3), azimuth, 43.1, 5.0)


def take(masts: Masts, index) -> Masts:
    return Masts(*(getattr(masts, f.name)[index] for f in dataclasses.fields(masts)))


def test_one_cell_equals_the_link_budget_by_hand():
    flat = surface(np.zeros(SHAPE, np.float32), URBAN)
    high = Reach(radius_m=1500.0, receiver_height_m=20.0, model=Mixed())
    masts = Masts(*(np.array([v]) for v in (75.4, 65.3, 40.0, 2550.0)))
    pattern = antenna.sector()
    layers = network.best_server(flat, masts, cells([0], 90.0, 43.1, 4.0, pattern), high)
    for column, row in ((95, 65), (75, 40), (60, 80), (110, 65)):
        east, north = 30.0 * (column - 75.4), 30.0 * (65.3 - row)
        distance_m = np.hypot(east, north)
        bearing = np.degrees(np.arctan2(east, north)) - 90.0
        lost_db = antenna.loss_db(pattern, bearing, np.degrees(np.arctan2(-20.0, distance_m)), 4.0)
        expected = 43.1 - lost_db - uma_expected_loss_db(distance_m, 2550.0, 40.0, 20.0)
        assert layers.rsrp_dbm[row, column] == pytest.approx(float(expected), abs=0.03)
        assert layers.total_mw[row, column] == pytest.approx(
            10 ** (layers.rsrp_dbm[row, column] / 10), rel=1e-4
        )


def test_environment_of_the_receiver_selects_the_model():
    flat = np.zeros(SHAPE, np.float32)
    both = surface(flat)
    both.environment[:, 75:] = URBAN
    high = Reach(radius_m=1200.0, receiver_height_m=20.0, model=Mixed())
    masts = Masts(*(np.array([v]) for v in (75.0, 65.0, 40.0, 2550.0)))
    layers = network.best_server(
        both, masts, cells([0], np.nan, 0.0, 0.0, antenna.isotropic()), high
    )
    expected = [-f(900.0, 2550.0, 40.0, 20.0) for f in (rma_expected_loss_db, uma_expected_loss_db)]
    np.testing.assert_allclose(layers.rsrp_dbm[65, [45, 105]], expected, atol=0.03)


def test_layers_equal_cells_added_one_by_one():
    masts, plan = town()
    layers = network.best_server(surface(), masts, plan, REACH, -90.0)
    level = []
    for i in range(len(plan)):
        one = Cells(
            *(getattr(plan, f.name)[[i]] for f in dataclasses.fields(plan)[:-1]), plan.patterns
        )
        level.append(network.best_server(surface(), masts, one, REACH).rsrp_dbm)
    level = np.array(level)
    best = level.max(axis=0)
    assert np.array_equal(layers.rsrp_dbm, best)
    served = np.isfinite(best)
    assert np.array_equal(layers.server[served], level.argmax(axis=0)[served])
    assert (layers.server[~served] == network.NO_SERVER).all()
    assert np.array_equal(layers.servers, (level >= -90.0).sum(axis=0))
    np.testing.assert_allclose(
        layers.total_mw, (10.0 ** (level.astype(float) / 10)).sum(axis=0), rtol=1e-5
    )


def test_bytes_do_not_depend_on_threads_or_batches(monkeypatch):
    masts, plan = town()
    threads = numba.get_num_threads()
    results = []
    for workers, batch in ((1, 2**30), (threads, 2**30), (threads, 1), (1, 2**17)):
        monkeypatch.setattr(network, "BATCH_BYTES", batch)
        numba.set_num_threads(workers)
        layers = network.best_server(surface(), masts, plan, REACH)
        prints = network.footprints(surface(), masts, plan, REACH, -85.0)
        results.append(
            [getattr(layers, name).tobytes() for name in LAYERS]
            + [a.tobytes() for a in vars(prints).values()]
        )
    numba.set_num_threads(threads)
    assert all(result == results[0] for result in results)


def test_order_of_masts_changes_nothing_but_numbers():
    masts, plan = town()
    layers = network.best_server(surface(), masts, plan, REACH, -95.0)
    order = np.random.default_rng(0).permutation(len(masts))
    place = np.argsort(order)
    moved = dataclasses.replace(plan, mast=place[plan.mast])
    other = network.best_server(surface(), take(masts, order), moved, REACH, -95.0)
    for name in ("rsrp_dbm", "server", "servers"):
        assert np.array_equal(getattr(layers, name), getattr(other, name))
    np.testing.assert_allclose(layers.total_mw, other.total_mw, rtol=1e-5)


def test_ties_go_to_the_first_mast():
    masts = Masts(*(np.full(2, v) for v in (70.0, 60.0, 30.0, 2550.0)))
    plan = cells([1, 0], np.nan, 40.0)
    layers = network.best_server(surface(), masts, plan, REACH)
    assert set(np.unique(layers.server)) == {network.NO_SERVER, 1}


def test_masked_pixels_stay_empty_and_the_others_as_they_were():
    masts, plan = town()
    whole = network.best_server(surface(), masts, plan, REACH)
    wanted = np.zeros(SHAPE, bool)
    wanted[20:90, 30:100] = True
    part = network.best_server(dataclasses.replace(surface(), receivers=wanted), masts, plan, REACH)
    assert np.array_equal(part.rsrp_dbm[wanted], whole.rsrp_dbm[wanted])
    assert np.isneginf(part.rsrp_dbm[~wanted]).all()
    assert not part.total_mw[~wanted].any()


def test_footprints_are_the_pixels_of_each_mast():
    masts, plan = town()
    prints = network.footprints(surface(), masts, plan, REACH, -85.0)
    assert prints.first.dtype == np.int64
    assert len(prints) == len(masts)
    for i in range(len(masts)):
        own = dataclasses.replace(plan, eirp_dbm=np.where(plan.mast == i, plan.eirp_dbm, -300.0))
        alone = network.best_server(surface(), masts, own, REACH).rsrp_dbm.ravel()
        pixel, level_dbm = prints.of(i)
        assert np.array_equal(pixel, np.flatnonzero(alone >= -85.0))
        assert np.array_equal(level_dbm, alone[pixel])


def test_joined_layers_equal_one_network_but_for_interference():
    masts, plan = town()
    split = 12
    parts = [
        Cells(*(getattr(plan, f.name)[s] for f in dataclasses.fields(plan)[:-1]), plan.patterns)
        for s in (slice(0, split), slice(split, None))
    ]
    first, second = (network.best_server(surface(), masts, p, REACH, -95.0) for p in parts)
    whole = network.best_server(surface(), masts, plan, REACH, -95.0)
    both = network.joined(first, second, split)
    for name in ("rsrp_dbm", "server", "servers"):
        assert np.array_equal(getattr(both, name), getattr(whole, name))
    own = np.where(both.server < split, first.total_mw, second.total_mw)
    assert np.array_equal(both.total_mw, own)
    assert (both.total_mw <= whole.total_mw * 1.00001).all()


def test_progress_counts_masts(monkeypatch):
    monkeypatch.setattr(network, "BATCH_BYTES", 1)
    masts, plan = town(5)
    seen = []
    network.best_server(surface(), masts, plan, REACH, progress=seen.append)
    assert seen == [1, 2, 3, 4, 5]


def test_network_without_masts_covers_nothing():
    none = np.array([])
    layers = network.best_server(
        surface(), Masts(none, none, none, none), cells(none, none, none), REACH
    )
    assert np.isneginf(layers.rsrp_dbm).all()
    assert (layers.server == network.NO_SERVER).all()


def test_all_defects_are_named_at_once():
    masts = Masts(
        np.array([10.0, 500.0, 20.0]),
        np.array([10.0, 10.0, 20.0]),
        np.array([30.0, 30.0, 0.0]),
        np.array([2550.0, 2550.0, 2550.0]),
    )
    plan = cells([0, 7], 0.0, [40.0, np.nan])
    with pytest.raises(InputError) as caught:
        network.best_server(surface(), masts, plan, REACH)
    for text in ("outside the terrain", "not above zero", "belongs to no mast", "not a number"):
        assert text in str(caught.value)


def test_missing_terrain_is_an_error_only_where_paths_run():
    terrain = hills()
    terrain[60, 140] = np.nan
    plan = cells([0], 0.0, 40.0)
    near, far = (
        Masts(*(np.array([v]) for v in (column, 60.0, 30.0, 2550.0))) for column in (110.0, 70.0)
    )
    with pytest.raises(InputError, match="1 pixels without terrain height within 1500 m"):
        network.best_server(surface(terrain), near, plan, REACH)
    assert np.isfinite(network.best_server(surface(terrain), far, plan, REACH).rsrp_dbm).any()


def test_radius_below_a_pixel_is_an_error():
    masts, plan = town(2)
    with pytest.raises(InputError, match="less than a pixel"):
        network.best_server(surface(), masts, plan, Reach(radius_m=10.0, model=Mixed()))


def test_tables_of_base_loss_stay_close_to_the_model():
    height, frequency = np.array([18.0, 35.0, 35.0]), np.array([945.0, 2550.0, 2550.0])
    masts = Masts(np.zeros(3), np.zeros(3), height, frequency)
    tables, used = by_distance.tables_db(mixed_losses_db, masts, Reach(model=Mixed()))
    assert len(tables) == 2
    assert used[1] == used[2]
    for distance_m in np.geomspace(20.0, 5000.0, 300):
        for row, model in (
            (RURAL, rma_expected_loss_db),
            (URBAN, uma_expected_loss_db),
        ):
            read_db = sweep_bullington._base_loss_db(tables[used[0]], row, distance_m)
            assert read_db == pytest.approx(model(distance_m, 945.0, 18.0, 1.5), abs=0.03)


def test_sinr_by_hand():
    rsrp = np.array([-80.0, -80.0, -np.inf], np.float32)
    total = np.array([1e-8, 3e-8, 0.0], np.float32)
    found = signal_quality.data_sinr_db(rsrp, total, -120.0, load=0.5)
    assert found[0] == pytest.approx(40.0, abs=0.05)
    assert found[1] == pytest.approx(0.0, abs=0.01)
    assert np.isnan(found[2])


def test_sinr_falls_with_load_and_noise():
    rsrp, total = np.full(3, -90.0, np.float32), np.full(3, 5e-9, np.float32)
    levels = [
        signal_quality.data_sinr_db(rsrp, total, noise_dbm, load)[0]
        for noise_dbm, load in ((-120, 0.2), (-120, 0.9), (-90, 0.9))
    ]
    assert levels[0] > levels[1] > levels[2]


@pytest.mark.parametrize(
    ("sinr_db", "efficiency"),
    [(-10.01, 0.0), (-10.0, 0.0825), (0.0, 0.6), (10.0, 2.0757), (22.0, 4.3903), (40.0, 4.4)],
)
def test_truncated_shannon_of_tr_36942(sinr_db, efficiency):
    found = capacity.spectral_efficiency(np.array([sinr_db]))
    assert found[0] == pytest.approx(efficiency, abs=1e-3)


def test_throughput_scales_and_more_layers_never_hurt():
    sinr = np.linspace(-15.0, 45.0, 61)
    single, double = (capacity.throughput_mbps(sinr, 100.0, 0.7, rank) for rank in (1, 2))
    assert (double >= single).all()
    assert (np.diff(single) >= 0.0).all()
    assert (np.diff(double) >= 0.0).all()
    assert single[-1] == pytest.approx(100.0 * 0.7 * 4.4)
    assert double[-1] == pytest.approx(2 * 100.0 * 0.7 * 4.4)
    assert np.isnan(capacity.throughput_mbps(np.array([np.nan]), 100.0))[0]


@pytest.mark.parametrize("parameters", [Mixed(), P1812Parameters()])
def test_windows_from_a_cache_give_the_same_bytes_and_are_not_computed(monkeypatch, parameters):
    masts, plan = town()
    reach = dataclasses.replace(REACH, model=parameters)
    plain = network.best_server(surface(), masts, plan, reach)
    cache: loss_windows.Cache = {}
    filled = network.best_server(surface(), masts, plan, reach, cache=cache)
    assert len(cache) == len(masts)

    monkeypatch.delattr(loss_windows, "compute")
    warm = network.best_server(surface(), masts, plan, reach, cache=cache)
    for name in LAYERS:
        assert getattr(filled, name).tobytes() == getattr(plain, name).tobytes()
        assert getattr(warm, name).tobytes() == getattr(plain, name).tobytes()


def test_key_of_a_window_follows_all_it_depends_on():
    masts, _ = town()
    other = surface()
    other.terrain_m[3, 4] += 1.0
    keys = {
        loss_windows.Sweeps(ground, plan, reach).key(0)
        for ground, plan, reach in (
            (surface(), masts, REACH),
            (other, masts, REACH),
            (surface(), take(masts, [1, 0]), REACH),
            (surface(), masts, dataclasses.replace(REACH, receiver_height_m=3.0)),
            (surface(), masts, dataclasses.replace(REACH, model=P1812Parameters())),
            (surface(), masts, dataclasses.replace(REACH, model=P1812Parameters(delta_n=60.0))),
        )
    }
    assert len(keys) == 6
    assert loss_windows.Sweeps(surface(), masts, REACH).key(0) in keys


def test_masts_alike_share_one_window(monkeypatch):
    masts, _ = town()
    twice = take(masts, [0, 1, 2, 1, 0])
    asked = []
    compute = loss_windows.compute
    monkeypatch.setattr(
        loss_windows,
        "compute",
        lambda s, wanted: (asked.append(wanted.size), compute(s, wanted))[1],
    )
    windows = loss_windows.windows(loss_windows.Sweeps(surface(), twice, REACH), np.arange(5))
    assert asked == [3]
    for place, same in ((3, 1), (4, 0)):
        assert np.array_equal(windows[place], windows[same])
    assert not np.array_equal(windows[0], windows[1])


@pytest.mark.parametrize("stretched", [1, 3])
def test_strongest_masts_are_those_of_masts_one_by_one(stretched):
    """In falling order, best cell and all cells of each; also where rings are coarse."""
    ranks = 3
    masts, plan = town()
    reach = dataclasses.replace(REACH, radius_m=stretched * REACH.radius_m)
    layers = network.best_server(surface(), masts, plan, reach, ranks=ranks)
    best, whole = [], []
    for m in range(len(masts)):
        mine = np.flatnonzero(plan.mast == m)
        own = Cells(
            *(getattr(plan, f.name)[mine] for f in dataclasses.fields(plan)[:-1]), plan.patterns
        )
        alone = network.best_server(surface(), masts, own, reach)
        best.append(10.0 ** (alone.rsrp_dbm.astype(float) / 10.0))
        whole.append(alone.total_mw)
    order = np.argsort(-np.array(best), axis=0, kind="stable")[:ranks]
    for place, values in enumerate((best, whole)):
        expected = np.take_along_axis(np.array(values), order, axis=0)
        found = np.moveaxis(layers.masts_mw[..., place], 2, 0)
        np.testing.assert_allclose(found, expected, rtol=1e-4)
    none = network.best_server(surface(), masts, plan, reach).masts_mw
    assert none.shape == (*SHAPE, 0, 2)
