"""Antenna patterns against the 3GPP tables and against trigonometry."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from phusong.coverage import antenna


@pytest.mark.parametrize(
    ("bearing_deg", "elevation_deg", "loss_db"),
    [
        (0.0, 0.0, 0.0),
        (32.5, 0.0, 3.0),
        (0.0, 32.5, 3.0),
        (65.0, 0.0, 12.0),
        (32.5, 32.5, 6.0),
        (180.0, 0.0, 30.0),
        (120.0, 80.0, 30.0),
    ],
)
def test_element_of_tr_38901_table_7_3_1(bearing_deg, elevation_deg, loss_db):
    element = antenna.sector(65.0, 65.0, 30.0, 30.0)
    lost_db = antenna.loss_db(element, bearing_deg, elevation_deg)
    assert lost_db[()] == pytest.approx(loss_db, abs=1e-4)


def test_macro_sector_of_tr_36814_limits_each_cut():
    macro = antenna.sector(70.0, 10.0, 25.0, 20.0)
    lost_db = antenna.loss_db(macro, [35.0, 0.0, 0.0, 180.0], [0.0, 5.0, 60.0, 60.0])
    np.testing.assert_allclose(lost_db, [3.0, 3.0, 20.0, 25.0], atol=1e-4)


@pytest.mark.parametrize("mechanical", [False, True])
@pytest.mark.parametrize(("height_m", "tilt_deg"), [(30.0, 6.0), (42.0, 3.0), (18.0, 11.0)])
def test_main_lobe_meets_the_ground_where_trigonometry_says(height_m, tilt_deg, mechanical):
    distance_m = np.arange(20.0, 3000.0, 0.25)
    elevation_deg = -np.degrees(np.arctan2(height_m, distance_m))
    tilts = (0.0, tilt_deg) if mechanical else (tilt_deg, 0.0)
    lost_db = antenna.loss_db(antenna.sector(), 0.0, elevation_deg, *tilts)
    assert distance_m[np.argmin(lost_db)] == pytest.approx(
        height_m / math.tan(math.radians(tilt_deg)), abs=0.5
    )


def test_mechanical_tilt_lifts_the_back_and_electrical_does_not():
    pattern = antenna.sector(65.0, 10.0, 30.0, 30.0)
    above, below = (antenna.loss_db(antenna.omni(), 180.0, e, 0.0, 8.0)[()] for e in (8.0, -8.0))
    assert above == pytest.approx(0.0, abs=1e-3)
    assert below > 10.0
    both = antenna.loss_db(pattern, [0.0, 40.0, 90.0], -8.0, 8.0)
    flat = antenna.loss_db(pattern, [0.0, 40.0, 90.0], 0.0)
    np.testing.assert_allclose(both, flat, atol=1e-6)


@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(0, 15))
def test_tilted_frame_is_a_rotation(bearing_deg, elevation_deg, tilt_deg):
    """The angle to the main lobe, found by the dot product, is kept."""
    local = antenna.tilted_angles_deg(bearing_deg, elevation_deg, tilt_deg)
    b, e, t = np.radians([bearing_deg, elevation_deg, tilt_deg])
    direction = np.array([np.cos(e) * np.cos(b), np.cos(e) * np.sin(b), np.sin(e)])
    lobe = np.array([np.cos(t), 0.0, -np.sin(t)])
    lb, le = np.radians(local)
    assert np.cos(le) * np.cos(lb) == pytest.approx(direction @ lobe, abs=1e-4)


def test_pattern_is_symmetric_and_omni_is_round():
    bearing = np.linspace(0.0, 180.0, 91)
    pattern = antenna.sector()
    np.testing.assert_allclose(
        antenna.loss_db(pattern, bearing, -3.0, 4.0), antenna.loss_db(pattern, -bearing, -3.0, 4.0)
    )
    assert np.ptp(antenna.loss_db(antenna.omni(), bearing, -3.0)) == 0.0
    assert not antenna.loss_db(antenna.isotropic(), bearing, -70.0).any()


def test_cut_is_periodic():
    pattern = antenna.sector()
    turns = antenna.loss_db(pattern, [50.25, 410.25, -309.75], 0.0)
    np.testing.assert_allclose(turns, turns[0], atol=1e-9)


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_fast_arc_tangent(y, x):
    assume(x != 0 or y != 0)  # without a direction there is no angle
    turn = antenna.arc_tangent(y, x) - math.atan2(y, x)  # minus zero lies a whole turn off
    assert math.remainder(turn, math.tau) == pytest.approx(0.0, abs=1.2e-5)


def test_measured_cuts_are_read_clockwise_and_downwards():
    """A horizontal cut that is deep to the right, and a vertical one deep above."""
    horizontal = np.where(np.arange(360) == 90, 20.0, 0.0)
    vertical = np.where(np.arange(360) == 350, 10.0, 0.0)
    pattern = antenna.from_cuts("odd", horizontal, vertical)
    lost_db = antenna.loss_db(pattern, [90.0, -90.0, 0.0, 0.0], [0.0, 0.0, 10.0, -10.0])
    np.testing.assert_allclose(lost_db, [20.0, 0.0, 10.0, 0.0], atol=1e-4)
    assert pattern.floor_db == 20.0


def test_a_filled_pattern_loses_what_is_scattered_least():
    """By hand: -10 log10(0.96 * 10**-(A/10) + 0.04) of 12, 20 and 30 dB."""
    pattern = antenna.filled(antenna.sector(), 0.04)
    assert antenna.loss_db(pattern, 0.0, 0.0)[()] == 0.0
    assert antenna.loss_db(pattern, 65.0, 0.0)[()] == pytest.approx(9.98, abs=0.01)
    assert antenna.loss_db(pattern, 0.0, 40.0)[()] == pytest.approx(13.05, abs=0.01)
    assert antenna.loss_db(pattern, 180.0, 0.0)[()] == pytest.approx(13.87, abs=0.01)


def test_filling_never_deepens_a_pattern_and_nothing_leaves_it_as_it_is():
    plain = antenna.sector()
    assert antenna.filled(plain, 0.0) is plain
    cuts = [antenna.filled(plain, fill).cuts for fill in (0.0, 0.02, 0.1, 0.5)]
    assert all(np.all(more <= less) for less, more in itertools.pairwise(cuts))
