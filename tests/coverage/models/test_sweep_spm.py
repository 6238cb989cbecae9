"""The sweep of the standard propagation model against single paths of the same model."""

import numpy as np
import pytest
from fractal_ground import MIDDLE, PIXEL_M, fractal, surface
from scipy.ndimage import map_coordinates

from phusong.coverage import profile
from phusong.coverage.area import loss_windows
from phusong.coverage.area.cells import Masts, Reach, Sweeps
from phusong.coverage.models import REGISTRY, atmosphere, by_distance, spm
from phusong.coverage.models.sweep_spm import Spm

NO_FAR_GROUND = spm.OPTIONS._replace(near_m=600.0, far_m=1500.0, slope_m=900.0)


def windows(ground, reach, height_m=30.0, frequency_mhz=1800.0):
    """Loss over a mast's window in decibels, NaN out of reach."""
    place = np.array([MIDDLE - 0.3]), np.array([MIDDLE + 0.2])
    masts = Masts(*place, np.array([height_m]), np.array([frequency_mhz]))
    sweeps = Sweeps(ground, masts, reach)
    steps = loss_windows.compute(sweeps, np.array([0]))[0].astype(float)
    steps[steps == loss_windows.NO_PATH] = np.nan
    mast = loss_windows.mast_of(masts.table(), 0)
    return steps / loss_windows.STEPS_PER_DB, mast, loss_windows.corner(mast, sweeps.fan)


def single_db(ground, mast, row, column, tuned, clutter=None):
    """One path with a profile of its own, points a pixel apart."""
    steps = int(np.ceil(np.hypot(row - mast.row, column - mast.column) - 1e-9))
    share = np.arange(steps + 1) / steps
    rows, columns = (
        mast.row + share * (row - mast.row),
        mast.column + share * (column - mast.column),
    )
    height_m = map_coordinates(ground.terrain_m, [rows, columns], order=1, output=float)
    clutter_db = None
    if clutter is not None:
        clutter_db = clutter[np.floor(rows + 0.5).astype(int), np.floor(columns + 0.5).astype(int)]
        clutter_db = clutter_db.astype(float)
    path_km = 1e-3 * PIXEL_M * np.hypot(row - mast.row, column - mast.column)
    path = profile.from_arrays(share * path_km, height_m)
    chosen = spm.SpmParameters(tuned.coefficients, tuned.options, clutter_db)
    return spm.predict(path, mast.frequency_mhz, mast.antenna_height_m, 1.5, chosen).loss_db


@pytest.mark.parametrize(
    "method", [spm.ABOVE_GROUND, spm.ABOVE_AVERAGE, spm.SLOPE_AT_RECEIVER, spm.SPOT, 4]
)
@pytest.mark.parametrize("weighting", [spm.UNIFORM, spm.TRIANGULAR])
def test_sweep_equals_single_paths(method, weighting):
    terrain_m = fractal(120.0, 2)
    clutter_db = np.random.default_rng(3).uniform(0.0, 12.0, terrain_m.shape).astype(np.float32)
    options = NO_FAR_GROUND._replace(effective_height=method, clutter_weighting=weighting)
    tuned = Spm(spm.hata_coefficients(1800.0)._replace(k7=-3.0), options)
    ground = surface(terrain_m)
    built = type(ground)(**{**vars(ground), "clutter_db": clutter_db})
    loss_db, mast, (top, left) = windows(built, Reach(2700.0, model=tuned))
    rows, columns = np.nonzero(np.isfinite(loss_db))
    far = np.hypot(rows + top - mast.row, columns + left - mast.column) * PIXEL_M > 250.0
    chosen = np.random.default_rng(4).choice(np.flatnonzero(far), 200, replace=False)
    difference_db = np.array(
        [
            loss_db[rows[i], columns[i]]
            - single_db(built, mast, rows[i] + top, columns[i] + left, tuned, clutter_db)
            for i in chosen
        ]
    )
    assert np.sqrt(np.mean(difference_db**2)) <= 1.0
    assert np.percentile(np.abs(difference_db), 99) <= 4.0
    assert np.median(np.abs(difference_db)) <= 0.3


def test_untuned_on_flat_ground_it_is_cost231():
    """Far from the ground's edge nothing diffracts over level ground but the Earth itself."""
    flat = surface(np.full((201, 201), 15.0, np.float32))
    loss_db, mast, (top, left) = windows(flat, Reach(2500.0, model=Spm()), 60.0)
    row = round(mast.row) - top
    column = round(mast.column) + 40 - left
    at_m = PIXEL_M * np.hypot(row + top - mast.row, column + left - mast.column)
    expected_db = float(REGISTRY["cost231_urban"].function(at_m, 1800.0, 60.0, 1.5))
    assert loss_db[row, column] == pytest.approx(expected_db, abs=0.05)


DISTANCE = [name for name, model in REGISTRY.items() if model.kind == "distance"]


@pytest.mark.parametrize("name", DISTANCE)
def test_models_of_distance_cover_an_area_with_their_own_loss(name):
    hilly = surface(fractal(200.0, 5))
    loss_db, mast, (top, left) = windows(
        hilly, Reach(1500.0, model=REGISTRY[name].for_area({}, 1800.0)), 25.0
    )
    for down, right in ((5, 0), (0, 12), (-20, 30), (33, -33)):
        row, column = round(mast.row) + down - top, round(mast.column) + right - left
        at_m = PIXEL_M * np.hypot(row + top - mast.row, column + left - mast.column)
        expected_db = float(REGISTRY[name].function(at_m, 1800.0, 25.0, 1.5))
        assert loss_db[row, column] == pytest.approx(expected_db, abs=0.05)


def test_gases_are_in_the_tables_above_10_ghz():
    area = REGISTRY["free_space"].for_area({}, 26_000.0)

    def tables_db(mhz):
        masts = Masts(*(np.array([value]) for value in (0.0, 0.0, 25.0, mhz)))
        return by_distance.tables_db(area.losses_db, masts, Reach(3000.0, model=area))[0]

    tables, below = tables_db(26_000.0), tables_db(9_000.0)
    rise_db = tables[0, 0] - below[0, 0] - 20.0 * np.log10(26.0 / 9.0)
    knots = by_distance.knots_m(3000.0)
    np.testing.assert_allclose(rise_db, atmosphere.gas_loss_db(knots, 26_000.0), atol=1e-4)
    assert rise_db[-1] > 0.3
