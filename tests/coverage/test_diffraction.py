"""Diffraction against published values, hand-made profiles and its own symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from phusong.coverage import diffraction

WAVELENGTH_M = 0.3
CURVATURE_PER_KM = 1.0 / 8500.0

compiled = settings(deadline=None)  # the first call compiles


def _bullington_db(distance_km, height_m, start_m, end_m, curvature_per_km=CURVATURE_PER_KM):
    return diffraction.bullington_loss_db(
        distance_km, height_m, start_m, end_m, curvature_per_km, WAVELENGTH_M
    )


def test_knife_edge_values():
    # Grazing incidence loses 6.03 dB by eq. 31 and exactly 20 log 2 = 6.02 dB by theory.
    assert diffraction.knife_edge_loss_db(0.0) == pytest.approx(20 * math.log10(2), abs=0.02)
    # High edge: the Fresnel integrals leave an amplitude of 1 / (pi sqrt(2) nu).
    exact_db = 20 * math.log10(math.pi * math.sqrt(2) * 200)
    assert diffraction.knife_edge_loss_db(200.0) == pytest.approx(exact_db, abs=0.05)
    assert diffraction.knife_edge_loss_db(-0.78) == 0.0


def test_knife_edge_follows_the_fresnel_integrals():
    special = pytest.importorskip("scipy.special")
    for nu in np.linspace(-0.7, 10.0, 60):
        sine, cosine = special.fresnel(nu)
        amplitude = math.hypot(1 - cosine - sine, cosine - sine) / 2  # P.526-16 eq. 30
        exact_db = -20 * math.log10(amplitude)
        assert diffraction.knife_edge_loss_db(nu) == pytest.approx(exact_db, abs=0.15)


@compiled
@given(st.floats(-5.0, 50.0), st.floats(0.0, 5.0))
def test_knife_edge_never_falls_with_nu(nu, step):
    low_db = diffraction.knife_edge_loss_db(nu)
    assert diffraction.knife_edge_loss_db(nu + step) >= low_db - 1e-12
    assert low_db >= 0.0


def test_fresnel_radius_at_mid_path():
    # P.526-16 eq. 3: 550 sqrt(d1 d2 / (d f)) with km and MHz; 5 km + 5 km at 1 GHz is 27.5 m.
    radius_m = diffraction.fresnel_radius_m(5000.0, 5000.0, 0.2998)
    assert radius_m == pytest.approx(550.0 * math.sqrt(25.0 / (10.0 * 1000.0)), abs=0.15)


@compiled
@given(st.floats(1.0, 1e5), st.floats(1.0, 1e5))
def test_fresnel_radius_is_where_the_detour_is_half_a_wave(from_start_m, from_end_m):
    radius_m = diffraction.fresnel_radius_m(from_start_m, from_end_m, 0.01)
    detour_m = radius_m**2 / 2 * (1 / from_start_m + 1 / from_end_m)
    assert detour_m == pytest.approx(0.005, rel=1e-9)


def test_one_edge_is_a_knife_edge():
    distance_km = np.array([0.0, 2.0, 5.0])
    nu = diffraction.knife_edge_nu(30.0, 2.0, 3.0, WAVELENGTH_M)
    edge_db = diffraction.knife_edge_loss_db(nu)
    expected_db = edge_db + (1 - math.exp(-edge_db / 6)) * (10 + 0.02 * 5)
    found_db = _bullington_db(distance_km, np.array([0.0, 50.0, 0.0]), 20.0, 20.0, 0.0)
    assert found_db == pytest.approx(expected_db, abs=1e-9)


def test_two_edges_stand_for_the_crossing_of_their_horizon_rays():
    # Rays from 0 m over 20 m at 1 km and over 20 m at 3 km of 4 km cross at 2 km, 40 m.
    distance_km = np.array([0.0, 1.0, 3.0, 4.0])
    nu = diffraction.bullington_nu(
        distance_km, np.array([0.0, 20.0, 20.0, 0.0]), 0.0, 0.0, 0.0, WAVELENGTH_M
    )
    assert nu == pytest.approx(diffraction.knife_edge_nu(40.0, 2.0, 2.0, WAVELENGTH_M))


def test_clear_path_loses_nothing():
    distance_km = np.linspace(0.0, 5.0, 51)
    assert _bullington_db(distance_km, np.zeros(51), 200.0, 200.0) == 0.0


def test_path_without_inner_points_loses_nothing():
    assert _bullington_db(np.array([0.0, 1.0]), np.zeros(2), 10.0, 10.0) == 0.0


def test_exactly_grazing_ground_is_finite():
    distance_km = np.linspace(0.0, 0.3, 11)
    nu = diffraction.bullington_nu(distance_km, np.zeros(11), 0.0, 0.0, 0.0, WAVELENGTH_M)
    assert nu == pytest.approx(0.0, abs=1e-6)


def test_loss_is_continuous_where_the_edge_enters_the_ray():
    distance_km = np.array([0.0, 1.0, 3.0])
    below_db = _bullington_db(distance_km, np.array([0.0, 10.0 - 1e-9, 0.0]), 10.0, 10.0, 0.0)
    above_db = _bullington_db(distance_km, np.array([0.0, 10.0 + 1e-9, 0.0]), 10.0, 10.0, 0.0)
    assert above_db == pytest.approx(below_db, abs=1e-6)


profiles = hnp.arrays(np.float64, st.integers(3, 40), elements=st.floats(0.0, 500.0))


@compiled
@given(profiles, st.floats(1.0, 60.0), st.floats(1.0, 60.0))
def test_bullington_is_reciprocal(height_m, mast_m, handset_m):
    distance_km = np.linspace(0.0, 10.0, height_m.size)
    start_m, end_m = height_m[0] + mast_m, height_m[-1] + handset_m
    there_db = _bullington_db(distance_km, height_m, start_m, end_m)
    back_db = _bullington_db(distance_km, height_m[::-1].copy(), end_m, start_m)
    assert there_db == pytest.approx(back_db, abs=1e-6)


@compiled
@given(profiles, st.floats(1.0, 60.0), st.floats(0.0, 100.0))
def test_taller_ground_between_never_helps(height_m, mast_m, extra_m):
    distance_km = np.linspace(0.0, 10.0, height_m.size)
    raised_m = height_m.copy()
    raised_m[1:-1] += extra_m
    start_m, end_m = height_m[0] + mast_m, height_m[-1] + mast_m
    low_db = _bullington_db(distance_km, height_m, start_m, end_m)
    assert _bullington_db(distance_km, raised_m, start_m, end_m) >= low_db - 1e-9
