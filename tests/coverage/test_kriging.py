"""A field drawn with known covariance is found again; places far away tell nothing."""

import numpy as np
import pytest

from phusong.coverage import kriging
from phusong.coverage.kriging import ResidualField


def drawn(rng, count=900, field=None, cells=3):
    """Return places, the field at them and what is measured of it with noise."""
    known = kriging.places(*rng.uniform(0.0, 1500.0, (2, count)), rng.integers(0, cells, count))
    covariance = kriging.covariance_db2(field, known, known) + 1e-6 * np.eye(count)
    true_db = np.linalg.cholesky(covariance) @ rng.normal(0.0, 1.0, count)
    return known, true_db, true_db + rng.normal(0.0, field.noise_db2**0.5, count)


def test_the_stated_variance_is_the_error_that_is_made():
    field, rng = ResidualField(20.0, 15.0, 25.0, 250.0), np.random.default_rng(1)
    known, true_db, measured_db = drawn(rng, field=field)
    seen, held = np.arange(700), np.arange(700, 900)
    found_db, left_db2 = kriging.predicted(field, known.at(seen), measured_db[seen], known.at(held))
    error_db = found_db - true_db[held]
    assert np.mean(error_db**2) == pytest.approx(np.mean(left_db2), rel=0.25)
    assert np.mean(error_db**2) < 0.5 * np.mean(true_db[held] ** 2)


def test_nearest_places_tell_as_much_as_all():
    field, rng = ResidualField(), np.random.default_rng(2)
    known, _, measured_db = drawn(rng, 300, field)
    wanted = kriging.places(*rng.uniform(0.0, 1500.0, (2, 50)), np.zeros(50, np.int64))
    near_db, _ = kriging.predicted(field, known, measured_db, wanted)
    covariance = kriging.covariance_db2(field, known, known) + field.noise_db2 * np.eye(300)
    whole_db = kriging.covariance_db2(field, wanted, known) @ np.linalg.solve(
        covariance, measured_db
    )
    assert np.sqrt(np.mean((near_db - whole_db) ** 2)) < 0.15 * np.std(whole_db)


def test_far_away_and_without_places_nothing_is_told():
    field = ResidualField(20.0, 10.0, 30.0, 300.0)
    here = kriging.places(np.zeros(1), np.zeros(1), np.zeros(1, np.int64))
    far = kriging.places(np.full(2, 1e4), np.zeros(2), np.array([0, -1]))
    for known, residual_db in ((here, np.array([12.0])), (here.at([]), np.zeros(0))):
        found_db, left_db2 = kriging.predicted(field, known, residual_db, far)
        assert found_db.tolist() == [0.0, 0.0]
        assert left_db2.tolist() == [30.0, 20.0]  # a cell that was not measured shares less


def test_one_place_is_shrunk_by_its_noise():
    field = ResidualField(20.0, 10.0, 30.0, 300.0)
    here = kriging.places(np.zeros(1), np.zeros(1), np.zeros(1, np.int64))
    both = kriging.places(np.zeros(2), np.zeros(2), np.array([0, 7]))
    found_db, left_db2 = kriging.predicted(field, here, np.array([12.0]), both)
    np.testing.assert_allclose(found_db, [12.0 * 30.0 / 60.0, 12.0 * 20.0 / 60.0])
    np.testing.assert_allclose(left_db2, [30.0 - 30.0**2 / 60.0, 30.0 - 20.0**2 / 60.0])


def test_thinned_places_are_few_and_keep_their_mean():
    rng = np.random.default_rng(3)
    known = kriging.places(*rng.uniform(0.0, 5000.0, (2, 4000)), rng.integers(0, 5, 4000))
    few, group = kriging.thinned(known, 500)
    assert few.x_m.size <= 500
    assert few.stands_for.sum() == 4000
    assert np.array_equal(few.cell[group], known.cell)
    assert np.average(few.x_m, weights=few.stands_for) == pytest.approx(known.x_m.mean())
