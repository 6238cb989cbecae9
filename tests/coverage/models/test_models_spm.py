"""The standard propagation model: against Hata, and its parts against hand-made ground."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import diffraction, profile
from phusong.coverage.models import cost231, okumura_hata, spm
from phusong.coverage.units import wavelength_m

compiled = settings(deadline=None)  # the first call compiles
DISTANCE_M = np.linspace(0.0, 10_000.0, 101)


@compiled
@given(st.floats(150.0, 2000.0), st.floats(1e3, 20e3), st.floats(20, 200), st.floats(1, 10))
def test_hata_coefficients_repeat_hata(frequency_mhz, distance_m, base_m, mobile_m):
    model = okumura_hata if frequency_mhz <= 1500.0 else cost231
    hata_db = model.urban_loss_db(distance_m, frequency_mhz, base_m, mobile_m)
    coefficients = spm.hata_coefficients(frequency_mhz)
    found_db = spm.standard_loss_db(distance_m, base_m, mobile_m, 0.0, 0.0, coefficients)
    assert found_db == pytest.approx(hata_db, abs=1e-9)


def test_each_coefficient_weighs_its_own_term():
    arguments = (2000.0, 40.0, 1.5, 7.0, 9.0)
    terms = {
        "k1": 1.0,
        "k2": math.log10(2000.0),
        "k3": math.log10(40.0),
        "k4": 7.0,
        "k5": math.log10(2000.0) * math.log10(40.0),
        "k6": 1.5,
        "k7": math.log10(1.5),
        "k_clutter": 9.0,
    }
    nothing = spm.Coefficients(*[0.0] * 8)
    for name, term in terms.items():
        one = nothing._replace(**{name: 1.0})
        assert spm.standard_loss_db(*arguments, one) == pytest.approx(term), name


def _effective_m(ground_m, method, base_m=30.0, **options):
    chosen = spm.SpmOptions(effective_height=method, **options)
    return spm.effective_height_m(DISTANCE_M, ground_m, base_m, chosen)


def test_effective_heights_agree_over_flat_ground():
    ground_m = np.full(101, 75.0)
    for method in (
        spm.ABOVE_GROUND,
        spm.ABOVE_AVERAGE,
        spm.SLOPE_AT_RECEIVER,
        spm.SPOT,
        spm.ABSOLUTE_SPOT,
    ):
        assert _effective_m(ground_m, method) == pytest.approx(30.0)


def test_effective_heights_on_a_hillside():
    downhill_m = np.linspace(100.0, 0.0, 101)
    assert _effective_m(downhill_m, spm.ABOVE_GROUND) == 30.0
    # 3 to 10 km of the fall from 70 to 0 m has a mean of 35 m
    assert _effective_m(downhill_m, spm.ABOVE_AVERAGE) == pytest.approx(30.0 + 100.0 - 35.0)
    # antenna and receiver stand on the same slope
    assert _effective_m(downhill_m, spm.SLOPE_AT_RECEIVER) == pytest.approx(30.0)
    assert _effective_m(downhill_m, spm.SPOT) == pytest.approx(130.0)
    uphill_m = downhill_m[::-1].copy()
    assert _effective_m(uphill_m, spm.SPOT) == pytest.approx(30.0)
    assert _effective_m(uphill_m, spm.ABSOLUTE_SPOT) == pytest.approx(130.0)


def test_effective_height_above_a_slope_at_the_receiver_only():
    # Flat for 7 km, then 3 km falling 1 in 100: drawn back 10 km, the slope is 100 m up
    # from a receiver 30 m below the base.
    ground_m = np.where(DISTANCE_M < 7000.0, 30.0, 30.0 - 0.01 * (DISTANCE_M - 7000.0))
    height_m = _effective_m(ground_m, spm.SLOPE_AT_RECEIVER, base_m=120.0)
    assert height_m == pytest.approx(120.0 + 30.0 - 100.0, abs=0.5)


def test_effective_height_is_held_to_its_limits():
    ground_m = np.full(101, 10.0)
    assert _effective_m(ground_m, spm.ABOVE_GROUND, base_m=5.0) == spm.MIN_EFFECTIVE_M
    ground_m[0] = 900.0
    assert _effective_m(ground_m, spm.SPOT) == spm.LARGEST_EFFECTIVE_M


def test_short_path_has_no_average_profile():
    short_m = DISTANCE_M / 10.0
    chosen = spm.SpmOptions(effective_height=spm.ABOVE_AVERAGE)
    assert spm.effective_height_m(short_m, np.linspace(50.0, 0.0, 101), 30.0, chosen) == 30.0


@pytest.mark.parametrize(
    "weighting", [spm.UNIFORM, spm.TRIANGULAR, spm.LOGARITHMIC, spm.EXPONENTIAL]
)
def test_clutter_of_one_class_is_its_loss(weighting):
    found_db = spm.weighted_clutter_db(DISTANCE_M, np.full(101, 12.0), 500.0, weighting)
    assert found_db == pytest.approx(12.0)


def test_clutter_counts_more_near_the_receiver():
    clutter_db = np.where(DISTANCE_M > 9800.0, 20.0, 0.0)
    means = [
        spm.weighted_clutter_db(DISTANCE_M, clutter_db, 1000.0, weighting)
        for weighting in (spm.UNIFORM, spm.LOGARITHMIC, spm.TRIANGULAR, spm.EXPONENTIAL)
    ]
    assert means == sorted(means)
    assert means[0] == pytest.approx(20.0 * 2 / 11)
    # triangular: (1.0 + 0.9) of 0.0 + 0.1 + ... + 1.0
    assert means[2] == pytest.approx(20.0 * 1.9 / 5.5)


def test_prediction_adds_up_and_uses_bullington():
    height_m = np.zeros(101)
    height_m[50] = 80.0
    ground = profile.from_arrays(DISTANCE_M / 1000.0, height_m)
    clutter_db = np.full(101, 5.0)
    found = spm.predict(ground, 1800.0, 30.0, 1.5, spm.SpmParameters(clutter_db=clutter_db))
    bullington_db = diffraction.bullington_loss_db(
        ground.distance_km, height_m, 30.0, 1.5, 1.0 / 8495.0, wavelength_m(1800.0)
    )
    assert found.diffraction_db == pytest.approx(bullington_db)
    assert found.clutter_db == pytest.approx(5.0)
    flat_db = cost231.urban_loss_db(10_000.0, 1800.0, 30.0, 1.5)
    assert found.loss_db == pytest.approx(flat_db + bullington_db + 5.0)
