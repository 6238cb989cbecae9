"""The path analysis of P.1812 against geometry that can be worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.p1812 import path as p1812_path
from phusong.coverage.profile import COASTAL_LAND, INLAND, SEA

compiled = settings(deadline=None)  # the first call compiles
FLAT_EARTH_KM = 1e15
KM = np.linspace(0.0, 10.0, 11)


def test_effective_radius():
    # Lapse of 39.25 N/km is the classic four thirds.
    assert p1812_path.effective_radius_km(39.25) == pytest.approx(6371.0 * 4 / 3)
    assert p1812_path.effective_radius_km(0.0) == pytest.approx(6371.0)


@compiled
@given(st.floats(0.0, 500.0), st.floats(0.0, 500.0))
def test_smooth_surface_of_a_slope_is_the_slope(left_m, right_m):
    height_m = np.linspace(left_m, right_m, 11)
    surface_m = p1812_path.smooth_surface_m(KM, height_m)
    assert surface_m == pytest.approx((left_m, right_m), abs=1e-6)


def test_smooth_surface_is_the_least_squares_line():
    rng = np.random.default_rng(3)
    height_m = rng.uniform(0.0, 300.0, 11)
    dense_km = np.linspace(0.0, 10.0, 100_001)
    slope, start = np.polyfit(dense_km, np.interp(dense_km, KM, height_m), 1)
    surface_m = p1812_path.smooth_surface_m(KM, height_m)
    assert surface_m == pytest.approx((start, start + 10.0 * slope), abs=0.01)


def test_one_hill_is_the_horizon_of_both_ends():
    height_m = np.zeros(11)
    height_m[4] = 100.0
    path = p1812_path.path_quantities(KM, height_m, 20.0, 10.0, FLAT_EARTH_KM)
    assert path.tx_horizon_km == pytest.approx(4.0)
    assert path.rx_horizon_km == pytest.approx(6.0)
    assert path.tx_horizon_mrad == pytest.approx(1000 * math.atan(80 / 4000))
    assert path.rx_horizon_mrad == pytest.approx(1000 * math.atan(90 / 6000))
    total_mrad = path.tx_horizon_mrad + path.rx_horizon_mrad
    assert path.angular_distance_mrad == pytest.approx(total_mrad, abs=1e-6)


def test_two_hills_are_one_horizon_each():
    height_m = np.zeros(11)
    height_m[[3, 7]] = 100.0, 120.0
    path = p1812_path.path_quantities(KM, height_m, 10.0, 10.0, FLAT_EARTH_KM)
    assert (path.tx_horizon_km, path.rx_horizon_km) == pytest.approx((3.0, 3.0))


def test_path_in_sight_shares_the_point_nearest_to_the_ray():
    height_m = np.zeros(11)
    height_m[3] = 40.0
    path = p1812_path.path_quantities(KM, height_m, 100.0, 100.0, 8500.0)
    assert (path.tx_horizon_km, path.rx_horizon_km) == pytest.approx((3.0, 7.0))
    # Both angles are to the other end; their sum cancels the Earth's curvature.
    assert path.angular_distance_mrad == pytest.approx(0.0, abs=1e-5)


def test_effective_heights_over_flat_ground_are_the_antenna_heights():
    path = p1812_path.path_quantities(KM, np.full(11, 250.0), 30.0, 1.5, 8500.0)
    assert path.tx_amsl_m == pytest.approx(280.0)
    assert path.tx_diffraction_height_m == pytest.approx(30.0)
    assert path.rx_diffraction_height_m == pytest.approx(1.5)
    assert (path.tx_duct_height_m, path.rx_duct_height_m) == pytest.approx((30.0, 1.5))
    assert path.roughness_m == pytest.approx(0.0, abs=1e-9)


def test_an_obstruction_lowers_the_diffraction_surface():
    lowered_m = p1812_path.diffraction_surface_m(50.0, 50.0, 60.0, 60.0, 30.0, 10.0, 20.0)
    # a third of the 30 m at the transmitter, two thirds at the receiver (eq. 90)
    assert lowered_m == pytest.approx((40.0, 30.0))
    clear_m = p1812_path.diffraction_surface_m(50.0, 50.0, 45.0, 60.0, -5.0, -1.0, -2.0)
    assert clear_m == pytest.approx((45.0, 50.0))  # never above the terminal's ground


def test_zone_lengths_split_half_way_between_points():
    zone = np.array([INLAND, INLAND, COASTAL_LAND, SEA, SEA, COASTAL_LAND, INLAND, *[INLAND] * 4])
    zones = p1812_path.zone_lengths(KM, zone, 3.0, 4.0)
    assert zones.sea_fraction == pytest.approx(0.2)
    assert zones.longest_land_km == pytest.approx(5.5)
    assert zones.longest_inland_km == pytest.approx(4.5)
    assert (zones.tx_coast_km, zones.rx_coast_km) == (3.0, 4.0)


@compiled
@given(st.lists(st.sampled_from([SEA, COASTAL_LAND, INLAND]), min_size=11, max_size=11))
def test_land_and_sea_make_the_whole_path(zone):
    zones = np.array(zone)
    longest_km, land_km = p1812_path.stretches_km(KM, zones != SEA)
    _, sea_km = p1812_path.stretches_km(KM, zones == SEA)
    assert land_km + sea_km == pytest.approx(10.0)
    assert 0.0 <= longest_km <= land_km + 1e-12


def test_terminal_at_sea_is_at_the_coast():
    zones = p1812_path.zone_lengths(KM, np.full(11, SEA), 3.0, 4.0)
    assert (zones.tx_coast_km, zones.rx_coast_km) == (0.0, 0.0)
    assert zones.sea_fraction == pytest.approx(1.0)


def test_centre_latitude_along_a_meridian_and_the_equator():
    degree_km = math.radians(1.0) * 6371.0
    along = p1812_path.path_centre_latitude_deg(105.0, 21.0, 105.0, 22.0, degree_km)
    assert along == pytest.approx(21.5)
    assert p1812_path.path_centre_latitude_deg(105.0, 0.0, 106.0, 0.0, degree_km) == pytest.approx(
        0.0, abs=1e-12
    )
