"""The sweep against paths walked one by one, and against what must hold on any terrain."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from phusong.coverage.area import reception
from phusong.coverage.models import sweep_bullington
from phusong.coverage.models.by_distance import knots_m

PIXEL_M = 30.0
FREQUENCY_MHZ = 2550.0
WAVELENGTH_M = 299.792458 / FREQUENCY_MHZ
SIZE = 201


def fractal(size: int, relief_m: float, seed: int) -> NDArray[np.float32]:
    """Terrain with the spectrum of hills."""
    noise = np.random.default_rng(seed).standard_normal((size, size))
    square = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.fftfreq(size)[None, :] ** 2
    square[0, 0] = 1.0
    height = np.fft.ifft2(np.fft.fft2(noise) * square**-1.1).real
    return (relief_m * (height - height.min()) / np.ptp(height)).astype(np.float32)


def ground(terrain_m: NDArray[np.float32], receiver_m: float = 1.5, k: float = 4 / 3):
    shape = terrain_m.shape
    return reception.ReceiverGrid(
        terrain_m,
        np.zeros(shape, np.float32),
        np.zeros(shape, np.uint8),
        np.ones(shape, bool),
        PIXEL_M,
        receiver_m,
        reception.fall_per_pixel_m(PIXEL_M, k),
    )


def swept(
    surface: reception.ReceiverGrid, mast: reception.Mast, radius_m: float, density: float = 1.0
):
    """Loss over the whole grid, NaN out of reach; the base loss is zero."""
    fan = reception.fan(radius_m, PIXEL_M, density)
    receivers = reception.trace(surface, mast, fan)
    base_db = np.zeros((1, knots_m(radius_m).size), np.float32)
    loss_db = sweep_bullington.walk(surface, mast, base_db, fan, receivers)
    area = np.full(surface.terrain_m.size, np.nan, np.float32)
    area[receivers.pixel] = loss_db
    return area.reshape(surface.terrain_m.shape)


def path_loss_db(
    surface: reception.ReceiverGrid, mast: reception.Mast, row: int, column: int, k: float = 4 / 3
) -> float:
    """Bullington over one profile, written out from P.526-16 section 4.5.1 (km, m)."""
    path_m = PIXEL_M * math.hypot(row - mast.row, column - mast.column)
    steps = max(1, math.ceil(path_m / PIXEL_M - 1e-9))
    share = np.arange(1, steps) / steps
    at = np.stack(
        [mast.row + share * (row - mast.row), mast.column + share * (column - mast.column)]
    )
    height_m = map_coordinates(surface.terrain_m, at, order=1, mode="nearest", output=float)
    start = map_coordinates(
        surface.terrain_m, [[mast.row], [mast.column]], order=1, mode="nearest", output=float
    )
    start_m = start[0] + mast.antenna_height_m
    end_m = surface.terrain_m[row, column] + surface.receiver_height_m
    if steps < 2:
        return 0.0
    d, d1, d2 = path_m / 1000, share * path_m / 1000, (1 - share) * path_m / 1000
    raised = height_m + 500.0 / (k * 6371.0) * d1 * d2
    rise_start = np.max((raised - start_m) / d1)
    if rise_start < (end_m - start_m) / d:
        above = raised - (start_m * d2 + end_m * d1) / d
        nu = np.max(above * np.sqrt(0.002 * d / (WAVELENGTH_M * d1 * d2)))
    else:
        rise_end = np.max((raised - end_m) / d2)
        edge = (end_m - start_m + rise_end * d) / (rise_start + rise_end)
        above = start_m + rise_start * edge - (start_m * (d - edge) + end_m * edge) / d
        nu = above * math.sqrt(0.002 * d / (WAVELENGTH_M * edge * (d - edge)))
    if nu <= -0.78:
        return 0.0
    edge_db = 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)
    return edge_db + (1 - math.exp(-edge_db / 6)) * (10 + 0.02 * d)


def compared(terrain_m, radius_m: float, count: int, density: float = 1.0):
    """Sweep minus path by path at random receivers of three masts, beyond 100 m."""
    surface = ground(terrain_m)
    random = np.random.default_rng(5)
    differences = []
    for height_m in (15.0, 30.0, 48.0):
        mast = reception.Mast(*(SIZE / 2 + random.uniform(-8, 8, 2)), height_m, FREQUENCY_MHZ)
        loss_db = swept(surface, mast, radius_m, density)
        rows, columns = np.nonzero(np.isfinite(loss_db))
        far = np.hypot(rows - mast.row, columns - mast.column) * PIXEL_M > 100.0
        for i in random.choice(np.flatnonzero(far), count, replace=False):
            here = rows[i], columns[i]
            differences.append(loss_db[here] - path_loss_db(surface, mast, *here))
    return np.array(differences)


@pytest.mark.parametrize(("relief_m", "seed"), [(20.0, 1), (150.0, 2), (400.0, 3)])
def test_sweep_equals_path_by_path_on_fractal_terrain(relief_m, seed):
    difference_db = compared(fractal(SIZE, relief_m, seed), 2700.0, 400)
    assert np.sqrt(np.mean(difference_db**2)) <= 1.0
    assert np.percentile(np.abs(difference_db), 99) <= 4.0
    assert abs(np.mean(difference_db)) <= 0.2


def test_sweep_converges_to_path_by_path_with_more_radials():
    coarse, fine = (compared(fractal(SIZE, 150.0, 2), 2700.0, 150, n) for n in (0.25, 4.0))
    assert np.sqrt(np.mean(fine**2)) < 0.5 * np.sqrt(np.mean(coarse**2))


def test_sweep_and_reference_agree_where_all_radials_see_the_same_terrain():
    """A ridge around the mast: every path crosses the same profile."""
    row, column = np.mgrid[:SIZE, :SIZE] - SIZE // 2
    terrain = 40.0 * np.exp(-(((np.hypot(row, column) - 40.0) / 10.0) ** 2))
    surface = ground(terrain.astype(np.float32))
    mast = reception.Mast(SIZE // 2, SIZE // 2, 20.0, FREQUENCY_MHZ)
    loss_db = swept(surface, mast, 2700.0)
    for column in (110, 130, 150, 170, 185):
        expected_db = path_loss_db(surface, mast, SIZE // 2, column)
        assert loss_db[SIZE // 2, column] == pytest.approx(expected_db, abs=0.15)
    assert loss_db[SIZE // 2, 150] > 15.0


def test_single_knife_edge_gives_its_textbook_loss():
    """A thin wall 30 m above the ray between antennas 60 m high, no other ground near."""
    terrain = np.zeros((41, 101), np.float32)
    terrain[:, 50] = 90.0
    surface = ground(terrain, receiver_m=60.0, k=1e9)
    loss_db = swept(surface, reception.Mast(10.0, 20.0, 60.0, FREQUENCY_MHZ), 2700.0)[20, 90]
    nu = 30.0 * math.sqrt(2.0 / WAVELENGTH_M * (1 / 1200.0 + 1 / 1200.0))
    edge_db = 6.9 + 20.0 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1.0) + nu - 0.1)
    assert loss_db == pytest.approx(edge_db + 10.0 + 0.02 * 2.4, abs=0.4)


def test_flat_ground_far_below_costs_nothing():
    surface = ground(np.zeros((101, 101), np.float32), receiver_m=60.0)
    loss_db = swept(surface, reception.Mast(50.0, 50.0, 60.0, FREQUENCY_MHZ), 1400.0)
    assert np.nanmax(loss_db) == 0.0


def test_flat_ground_loss_depends_on_distance_only():
    surface = ground(np.full((141, 141), 12.0, np.float32))
    loss_db = swept(surface, reception.Mast(70.0, 70.0, 8.0, FREQUENCY_MHZ), 2000.0)
    for turned in (loss_db.T, loss_db[::-1], loss_db[:, ::-1]):
        np.testing.assert_allclose(turned, loss_db, atol=1e-3)
    east, diagonal = loss_db[70, 70 + 50], loss_db[70 + 30, 70 + 40]
    assert east == pytest.approx(diagonal, abs=1e-3)
    assert east > 0.0


def test_height_datum_and_quarter_turn_do_not_matter():
    terrain = fractal(101, 120.0, 7)
    mast = reception.Mast(50.0, 50.0, 25.0, FREQUENCY_MHZ)
    loss_db = swept(ground(terrain), mast, 1300.0)
    raised_db = swept(ground(terrain + np.float32(512.0)), mast, 1300.0)
    np.testing.assert_allclose(raised_db, loss_db, atol=0.02)
    turned_db = swept(ground(np.rot90(terrain).copy()), mast, 1300.0)
    np.testing.assert_allclose(np.rot90(loss_db), turned_db, atol=0.02)


def test_higher_ends_lose_less_behind_a_hill():
    terrain = np.zeros((41, 161), np.float32)
    terrain[:, 60:80] = 50.0
    losses = [
        swept(
            ground(terrain, receiver_m), reception.Mast(20.3, 20.0, mast_m, FREQUENCY_MHZ), 3900.0
        )
        for mast_m, receiver_m in ((20.0, 1.5), (30.0, 1.5), (30.0, 10.0))
    ]
    behind = [loss[20, 90:] for loss in losses]
    behind = [values[np.isfinite(values)] for values in behind]
    assert (behind[0] > behind[1]).all()
    assert (behind[1] > behind[2]).all()


def test_larger_earth_radius_loses_less_over_the_horizon():
    terrain = np.zeros((5, 520), np.float32)
    mast = reception.Mast(2.0, 2.0, 3.0, FREQUENCY_MHZ)
    normal, flat = (swept(ground(terrain, 1.5, k), mast, 15500.0)[2, 515] for k in (4 / 3, 1e9))
    assert normal > flat + 3.0


def test_every_pixel_in_reach_is_a_receiver_once():
    surface = ground(np.zeros((90, 120), np.float32))
    mast = reception.Mast(17.4, 60.7, 30.0, FREQUENCY_MHZ)
    fan = reception.fan(1200.0, PIXEL_M)
    receivers = reception.trace(surface, mast, fan)
    rows, columns = np.mgrid[:90, :120]
    reached = np.hypot(rows - mast.row, columns - mast.column) * PIXEL_M <= 1200.0
    assert np.array_equal(np.sort(receivers.pixel), np.flatnonzero(reached))
    distance = np.hypot(*(np.divmod(receivers.pixel, 120) - np.array([[mast.row], [mast.column]])))
    np.testing.assert_allclose(receivers.distance, distance, rtol=1e-6)
    for start, end in zip(receivers.first[:-1], receivers.first[1:], strict=True):
        assert (np.diff(receivers.distance[start:end]) >= 0.0).all()


def test_masked_pixels_are_no_receivers_but_still_shade():
    terrain = np.zeros((41, 101), np.float32)
    terrain[:, 50] = 90.0
    wanted = np.zeros(terrain.shape, bool)
    wanted[:, 90] = True
    surface = ground(terrain)._replace(receivers=wanted)
    loss_db = swept(surface, reception.Mast(10.0, 20.0, 30.0, FREQUENCY_MHZ), 2700.0)
    assert np.isfinite(loss_db[20, 90])
    assert np.isfinite(loss_db).sum() <= 41
    assert loss_db[20, 90] > 30.0
