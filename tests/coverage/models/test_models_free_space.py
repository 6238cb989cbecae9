"""Free space and units against figures every textbook has."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import units
from phusong.coverage.models.free_space import free_space_loss_db

levels = st.floats(-200.0, 200.0)

compiled = settings(deadline=None)  # the first call compiles


def test_free_space_at_one_kilometre_and_one_gigahertz():
    # P.525-4 eq. 4: 32.4 + 20 log f(MHz) + 20 log d(km), constant rounded to a decimal
    assert free_space_loss_db(1000.0, 1000.0) == pytest.approx(32.4 + 60.0, abs=0.05)


def test_free_space_from_the_wavelength():
    wavelength_m = units.wavelength_m(2600.0)
    second_db = 20.0 * math.log10(4.0 * math.pi * 750.0 / wavelength_m)
    assert free_space_loss_db(750.0, 2600.0) == pytest.approx(second_db, abs=1e-12)


@compiled
@given(st.floats(1.0, 1e6), st.floats(30.0, 1e5))
def test_doubling_distance_or_frequency_costs_six_decibels(distance_m, frequency_mhz):
    loss_db = free_space_loss_db(distance_m, frequency_mhz)
    six_db = 20.0 * math.log10(2.0)
    assert free_space_loss_db(2 * distance_m, frequency_mhz) == pytest.approx(loss_db + six_db)
    assert free_space_loss_db(distance_m, 2 * frequency_mhz) == pytest.approx(loss_db + six_db)


@compiled
@given(levels)
def test_decibels_there_and_back(level_db):
    assert units.db_from_ratio(units.ratio_from_db(level_db)) == pytest.approx(level_db, abs=1e-9)
    assert units.dbm_from_milliwatt(units.milliwatt_from_dbm(level_db)) == pytest.approx(
        level_db, abs=1e-9
    )
    assert units.dbm_from_watt(units.watt_from_dbm(level_db)) == pytest.approx(level_db, abs=1e-9)


def test_milliwatts_and_watts_differ_by_a_thousand():
    assert units.milliwatt_from_dbm(43.0) == pytest.approx(1000.0 * units.watt_from_dbm(43.0))
    assert units.dbm_from_watt(20.0) == pytest.approx(43.0103, abs=1e-4)


def test_thermal_noise_is_minus_174_dbm_per_hertz():
    assert units.thermal_noise_dbm(1.0) == pytest.approx(-173.975, abs=1e-3)
    # one 30 kHz subcarrier, 9 dB noise figure
    assert units.thermal_noise_dbm(30e3, 9.0) == pytest.approx(-120.204, abs=1e-3)


def test_units_take_arrays():
    levels_db = np.array([[0.0, 10.0], [20.0, -30.0]])
    assert np.allclose(units.ratio_from_db(levels_db), [[1.0, 10.0], [100.0, 0.001]])
    assert units.wavelength_m(np.array([300.0])) == pytest.approx(0.99930819)
