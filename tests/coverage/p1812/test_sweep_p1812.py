"""The P.1812 sweep against single paths of the same model, one by one."""

from dataclasses import replace

import numba
import numpy as np
import pytest
from fractal_ground import MIDDLE, PIXEL_M, SIZE, fractal, surface
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from phusong.coverage import profile
from phusong.coverage.area import loss_windows, reception
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps
from phusong.coverage.models import p1812_terminal
from phusong.coverage.models.p1812 import P1812Parameters, predict
from phusong.coverage.p1812 import sweep as sweep_p1812
from phusong.geodata import crs
from phusong.geodata.measured import profiles
from phusong.geodata.province import clutter_heights_m

PLAIN = P1812Parameters()


def settlements(seed: int) -> NDArray[np.float32]:
    patches = gaussian_filter(np.random.default_rng(seed).standard_normal((SIZE, SIZE)), 6.0)
    patches /= patches.std()
    return np.select([patches > 1.2, patches > 0.6], [15.0, 10.0], 0.0).astype(np.float32)


def swept(ground: Surface, mast: reception.Mast, reach: Reach) -> NDArray[np.float32]:
    """Loss over the whole grid, NaN out of reach."""
    field, fan = ground.ground(reach), reach.fan(PIXEL_M)
    receivers = reception.trace(field, mast, fan)
    area = np.full(ground.terrain_m.size, np.nan, np.float32)
    area[receivers.pixel] = sweep_p1812.walk(field, mast, reach.model.climate(), fan, receivers)
    return area.reshape(ground.terrain_m.shape)


def path_loss_db(
    ground: Surface, mast: reception.Mast, row: int, column: int, parameters, step: float = 1.0
) -> float:
    """One path with a profile of its own, points a pixel apart or as said."""
    steps = int(np.ceil(np.hypot(row - mast.row, column - mast.column) / step - 1e-9))
    share = np.arange(steps + 1) / steps
    rows, columns = (
        mast.row + share * (row - mast.row),
        mast.column + share * (column - mast.column),
    )
    height_m = map_coordinates(
        ground.terrain_m, [rows, columns], order=1, mode="nearest", output=float
    )
    clutter_m = ground.clutter_m
    if clutter_m is not None:
        clutter_m = clutter_m[np.floor(rows + 0.5).astype(int), np.floor(columns + 0.5).astype(int)]
    path_km = 1e-3 * PIXEL_M * np.hypot(row - mast.row, column - mast.column)
    path = profile.from_arrays(share * path_km, height_m, clutter_m)
    use = (path, mast.frequency_mhz, mast.antenna_height_m, 1.5, parameters)
    if isinstance(parameters, p1812_terminal.P1812TerminalParameters):
        return p1812_terminal.predict(*use).loss_db
    return float(predict(*use).losses.loss_db)


def compared(ground: Surface, parameters: P1812Parameters, frequency_mhz: float, count: int = 300):
    """Sweep minus single paths at random receivers of three masts, beyond 250 m."""
    random = np.random.default_rng(4)
    differences = []
    for height_m in (18.0, 30.0, 45.0):
        mast = reception.Mast(*(MIDDLE + random.uniform(-9, 9, 2)), height_m, frequency_mhz)
        loss_db = swept(ground, mast, Reach(2700.0, model=parameters))
        rows, columns = np.nonzero(np.isfinite(loss_db))
        far = np.hypot(rows - mast.row, columns - mast.column) * PIXEL_M > 250.0
        for i in random.choice(np.flatnonzero(far), count, replace=False):
            here = rows[i], columns[i]
            differences.append(loss_db[here] - path_loss_db(ground, mast, *here, parameters))
    return np.array(differences)


@pytest.mark.parametrize(
    ("relief_m", "built", "parameters", "frequency_mhz"),
    [
        (30.0, False, PLAIN, 2550.0),
        (150.0, False, PLAIN, 768.0),
        (150.0, True, PLAIN, 2550.0),
        (300.0, True, PLAIN, 1840.0),
        (150.0, True, replace(PLAIN, time_percent=10.0), 2550.0),
        (150.0, True, replace(PLAIN, time_percent=1.0, polarization="horizontal"), 945.0),
        (
            60.0,
            True,
            replace(PLAIN, location_percent=90.0, location_sigma_db=6.0, delta_n=70.0),
            2130.0,
        ),
    ],
)
def test_sweep_equals_single_paths(relief_m, built, parameters, frequency_mhz):
    clutter_m = settlements(6) if built else None
    difference_db = compared(surface(fractal(relief_m, 2), clutter_m), parameters, frequency_mhz)
    assert np.sqrt(np.mean(difference_db**2)) <= 1.0
    assert np.percentile(np.abs(difference_db), 99) <= 4.0
    assert np.median(np.abs(difference_db)) <= 0.2


@pytest.mark.parametrize(("relief_m", "frequency_mhz"), [(0.0, 3600.0), (150.0, 2550.0)])
def test_sweep_with_terminal_loss_equals_single_paths(relief_m, frequency_mhz):
    """Towns, villages, fields and water; masts above the roofs and below them."""
    built = settlements(6)
    clutter_m = np.where(built == 0.0, np.float32(5.0), built)
    clutter_m[:40] = 0.0
    terrain_m = fractal(relief_m, 2) if relief_m else np.full((SIZE, SIZE), 10.0, np.float32)
    difference_db = compared(
        surface(terrain_m, clutter_m), p1812_terminal.P1812TerminalParameters(), frequency_mhz
    )
    assert np.sqrt(np.mean(difference_db**2)) <= 1.0
    assert np.percentile(np.abs(difference_db), 99) <= 4.0
    assert np.median(np.abs(difference_db)) <= 0.2


def test_paths_over_the_same_terrain_in_all_directions_agree_closely():
    """A ring of hills round the mast leaves only the place of the points to differ."""
    row, column = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    ring = 40.0 * np.exp(-(((np.hypot(row, column) - 40.0) / 10.0) ** 2))
    ground = surface(ring.astype(np.float32))
    mast = reception.Mast(SIZE // 2, SIZE // 2, 20.0, 2550.0)
    loss_db = swept(ground, mast, Reach(2700.0, model=PLAIN))
    for column in (110, 130, 150, 170, 185):
        expected_db = path_loss_db(ground, mast, SIZE // 2, column, PLAIN)
        assert loss_db[SIZE // 2, column] == pytest.approx(expected_db, abs=0.2)
    assert loss_db[SIZE // 2, 150] - loss_db[SIZE // 2, 130] > 15.0


def test_ducting_behind_two_walls_is_that_of_the_single_path():
    """Deep behind hills ducting does act: the sweep must know where to look."""
    walls = np.zeros((41, 401), np.float32)
    walls[:, 60:64] = 400.0
    walls[:, 200:204] = 500.0
    ground = surface(walls)
    mast = reception.Mast(10.0, 20.0, 30.0, 5900.0)
    parameters = replace(PLAIN, time_percent=1.0)
    loss_db = swept(ground, mast, Reach(11_500.0, model=parameters))
    differences = [
        loss_db[20, column] - path_loss_db(ground, mast, 20, column, parameters)
        for column in (100, 150, 230, 300, 380)
    ]
    np.testing.assert_allclose(differences, 0.0, atol=0.3)


def test_clutter_adds_loss_and_bare_ground_is_the_default():
    terrain_m = fractal(60.0, 3)
    mast = reception.Mast(100.2, 99.6, 30.0, 2550.0)
    reach = Reach(2500.0, model=PLAIN)
    bare = swept(surface(terrain_m), mast, reach)
    zero = swept(surface(terrain_m, np.zeros_like(terrain_m)), mast, reach)
    built = swept(surface(terrain_m, np.full_like(terrain_m, 12.0)), mast, reach)
    assert np.array_equal(bare, zero, equal_nan=True)
    reached = np.isfinite(bare)
    assert (built[reached] >= bare[reached] - 1e-3).all()
    assert np.median((built - bare)[reached]) > 5.0


def test_rarer_times_and_surer_places_shift_the_loss():
    terrain_m = fractal(150.0, 5)
    mast = reception.Mast(100.0, 100.0, 30.0, 2550.0)

    def mean_loss(**changes) -> float:
        reach = Reach(2500.0, model=replace(PLAIN, **changes))
        return float(np.nanmean(swept(surface(terrain_m), mast, reach)))

    median = mean_loss()
    assert mean_loss(time_percent=1.0) < median
    sure = mean_loss(location_percent=90.0, location_sigma_db=8.0)
    assert sure == pytest.approx(median + 10.25, abs=0.3)


def test_loss_is_the_same_under_a_quarter_turn():
    terrain_m, clutter_m = fractal(120.0, 7), settlements(8)
    mast = reception.Mast(100.0, 100.0, 25.0, 2550.0)
    reach = Reach(2000.0, model=PLAIN)
    straight = swept(surface(terrain_m, clutter_m), mast, reach)
    turned_ground = surface(np.rot90(terrain_m).copy(), np.rot90(clutter_m).copy())
    turned = swept(turned_ground, mast, reach)
    gap_db = np.abs(np.rot90(straight) - turned)
    assert np.nanpercentile(gap_db, 99) < 0.05


# Town, plain, foothill, ridge and hidden valley: longitude, latitude, antenna height.
SITES = (
    (105.5970, 21.3090, 24.0),
    (105.5000, 21.2200, 45.0),
    (105.6000, 21.4300, 36.0),
    (105.6459, 21.4642, 30.0),
    (105.5921, 21.4709, 30.0),
)


@pytest.fixture(scope="module")
def province():
    """Return the embedded province with its clutter, and the masts of SITES at 2550 MHz."""
    found = profiles.open_ground()
    grid, heights_m = found.terrain.grid, found.terrain.values.astype(np.float32)
    clutter_m = clutter_heights_m(found.landcover.values)
    lon, lat, height_m = zip(*SITES, strict=True)
    column, row = grid.fractional(*crs.transform(lon, lat, crs.GEOGRAPHIC, grid.crs))
    places = zip(column, row, height_m, strict=True)
    masts = [reception.Mast(float(c), float(r), h, 2550.0) for c, r, h in places]
    return surface(heights_m, clutter_m), masts


def over_the_province(province, parameters, frequency_mhz, count=300, radius_m=10_000.0):
    """Sweep minus single paths round all masts, and finer single paths minus these."""
    ground, masts = province
    random, differences, own = np.random.default_rng(4), [], []
    for mast in masts:
        tuned = mast._replace(frequency_mhz=frequency_mhz)
        loss_db = swept(ground, tuned, Reach(radius_m, model=parameters))
        rows, columns = np.nonzero(np.isfinite(loss_db))
        far = np.hypot(rows - mast.row, columns - mast.column) * PIXEL_M > 250.0
        for i in random.choice(np.flatnonzero(far), count, replace=False):
            here = rows[i], columns[i]
            single_db = path_loss_db(ground, tuned, *here, parameters)
            differences.append(loss_db[here] - single_db)
            own.append(path_loss_db(ground, tuned, *here, parameters, step=0.8) - single_db)
    return np.array(differences), np.array(own)


@pytest.mark.parametrize(("time_percent", "frequency_mhz"), [(50.0, 2550.0), (1.0, 700.0)])
def test_sweep_equals_single_paths_over_the_bare_province(province, time_percent, frequency_mhz):
    ground, masts = province
    bare = replace(ground, clutter_m=None), masts
    parameters = replace(PLAIN, time_percent=time_percent)
    difference_db, _ = over_the_province(bare, parameters, frequency_mhz)
    assert np.sqrt(np.mean(difference_db**2)) <= 0.5
    assert np.percentile(np.abs(difference_db), 99) <= 2.0
    assert abs(np.mean(difference_db)) <= 0.05


@pytest.mark.parametrize(("time_percent", "frequency_mhz"), [(50.0, 2550.0), (1.0, 700.0)])
def test_sweep_is_nearer_to_single_paths_than_these_to_themselves(
    province, time_percent, frequency_mhz
):
    """With clutter a path's own loss depends on where its points fall; the sweep adds less."""
    parameters = replace(PLAIN, time_percent=time_percent)
    difference_db, own_db = over_the_province(province, parameters, frequency_mhz)
    assert np.sqrt(np.mean(difference_db**2)) <= min(1.6, np.sqrt(np.mean(own_db**2)))
    assert np.percentile(np.abs(difference_db), 95) <= 1.0
    assert abs(np.mean(difference_db)) <= 0.15


@pytest.mark.parametrize("time_percent", [50.0, 1.0])
def test_sweep_with_clutter_within_5_km(province, time_percent):
    parameters = replace(PLAIN, time_percent=time_percent)
    difference_db, _ = over_the_province(province, parameters, 2550.0, 400, 5_000.0)
    assert np.sqrt(np.mean(difference_db**2)) <= 0.75


def test_on_the_axes_only_arithmetic_differs(province):
    """There sweep and single path read the same terrain: 32 bits and tables cost little."""
    ground, masts = province
    for mast in masts:
        row, column = round(mast.row), round(mast.column)
        centred = mast._replace(row=float(row), column=float(column))
        loss_db = swept(ground, centred, Reach(10_000.0, model=PLAIN))
        for away in range(10, 330, 20):
            for here in ((row - away, column), (row, column + away)):
                if np.isfinite(loss_db[here]):
                    expected_db = path_loss_db(ground, centred, *here, PLAIN)
                    assert loss_db[here] == pytest.approx(expected_db, abs=0.05)


@pytest.mark.parametrize("parameters", [PLAIN, p1812_terminal.P1812TerminalParameters()])
def test_windows_do_not_depend_on_threads_or_on_who_is_beside(province, parameters):
    """Each mast is a task of its own, and no receiver counts for another's loss."""
    ground, masts = province
    reach, threads = Reach(1_500.0, model=parameters), numba.get_num_threads()
    table = Masts(*(np.array(column) for column in zip(*masts, strict=True)))
    every, windows = np.arange(len(masts)), []
    for workers, chosen in ((1, every), (threads, every), (threads, every[::-1])):
        numba.set_num_threads(workers)
        windows.append(loss_windows.windows(Sweeps(ground, table, reach), chosen))
    numba.set_num_threads(threads)
    assert np.array_equal(windows[0], windows[1])
    assert np.array_equal(windows[0], windows[2][::-1])
    some = np.random.default_rng(1).random(ground.receivers.shape) < 0.3
    fewer = loss_windows.windows(Sweeps(replace(ground, receivers=some), table, reach), every)
    listens = fewer != loss_windows.NO_PATH
    assert np.array_equal(fewer[listens], windows[0][listens])
    assert 0.2 < listens.sum() / (windows[0] != loss_windows.NO_PATH).sum() < 0.4


def test_kept_losses_are_rounded_to_a_64th(province):
    ground, masts = province
    reach = Reach(5_000.0, model=PLAIN)
    listed = Masts(*(np.array([value]) for value in masts[0]))
    window = loss_windows.windows(Sweeps(ground, listed, reach), np.array([0]))[0]
    top, left = loss_windows.corner(masts[0], reach.fan(PIXEL_M))
    height, width = window.shape
    loss_db = swept(ground, masts[0], reach)[top : top + height, left : left + width]
    kept = window != loss_windows.NO_PATH
    assert np.array_equal(kept, np.isfinite(loss_db))
    rounded_db = window[kept] / loss_windows.STEPS_PER_DB
    assert np.abs(rounded_db - loss_db[kept]).max() <= 0.5 / loss_windows.STEPS_PER_DB + 1e-4
