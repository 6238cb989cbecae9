"""The envelope of a massive-MIMO panel's beams, against array theory and trigonometry."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import antenna, panel
from phusong.coverage.panel import Panel


@given(st.integers(1, 16), st.floats(-20, 20))
def test_array_factor_is_the_sum_of_its_elements(elements, phase):
    total = sum(np.exp(1j * n * phase) for n in range(elements))
    expected = (abs(total) / elements) ** 2
    assert panel.array_ratio(elements, np.array(phase)) == pytest.approx(expected, abs=1e-6)


def test_single_element_is_that_of_tr_38901():
    """One row and one column leave the element: 65 degrees at half power, floor of 30 dB."""
    alone = panel.envelope(Panel(1, 1, azimuths_deg=(0.0,)))
    element = antenna.sector(65.0, 65.0, 30.0, 30.0)
    np.testing.assert_allclose(alone.horizontal_db, element.horizontal_db, atol=1e-4)
    middle = np.abs(antenna.cut_angles_deg()) <= 90
    np.testing.assert_allclose(alone.vertical_db[middle], element.vertical_db[middle], atol=1e-4)


@pytest.mark.parametrize(("columns", "spacing"), [(4, 0.5), (8, 0.5), (16, 0.5)])
def test_beamwidth_of_a_uniform_row(columns, spacing):
    """Half power lies 0.886 wavelengths over the aperture apart (Balanis, uniform arrays)."""
    one = panel.envelope(Panel(columns, 1, spacing, azimuths_deg=(0.0,)))
    width_deg = math.degrees(0.886 / (columns * spacing))
    lost_db = antenna.loss_db(one, 0.5 * width_deg, 0.0)
    assert lost_db[()] == pytest.approx(3.0, abs=0.35)  # and the element's own slope


@pytest.mark.parametrize(("height_m", "down_deg"), [(30.0, 6.0), (42.0, 3.0), (24.0, 10.0)])
def test_steered_beam_meets_the_ground_where_trigonometry_says(height_m, down_deg):
    steered = panel.envelope(Panel(elevations_deg=(-down_deg,)))
    distance_m = np.arange(50.0, 2000.0, 0.5)
    elevation_deg = -np.degrees(np.arctan2(height_m, distance_m))
    nearest = distance_m[np.argmin(antenna.loss_db(steered, 0.0, elevation_deg))]
    pointed_deg = math.degrees(math.atan2(height_m, nearest))
    assert pointed_deg == pytest.approx(down_deg, abs=0.5)  # cuts have half a degree


@pytest.mark.parametrize("turn_deg", [-30.0, 0.0, 22.5])
def test_single_beam_points_where_it_is_steered(turn_deg):
    """Within the pull of the element towards its own main direction."""
    one = panel.envelope(Panel(azimuths_deg=(turn_deg,)))
    peak_deg = antenna.cut_angles_deg()[np.argmin(one.horizontal_db)]
    assert peak_deg == pytest.approx(turn_deg, abs=1.5)
    assert abs(peak_deg) <= abs(turn_deg)


def test_envelope_is_never_below_one_of_its_beams():
    azimuth_deg, elevation_deg = np.meshgrid(np.arange(-90.0, 91.0, 3.0), np.arange(-60.0, 61.0, 3))
    whole = Panel(azimuths_deg=(-20.0, 5.0, 30.0), elevations_deg=(-9.0, -3.0))
    best = panel.envelope_ratio(whole, azimuth_deg, elevation_deg)
    each = [
        panel.envelope_ratio(
            Panel(azimuths_deg=(turn,), elevations_deg=(up,)), azimuth_deg, elevation_deg
        )
        for turn in whole.azimuths_deg
        for up in whole.elevations_deg
    ]
    np.testing.assert_allclose(best, np.max(each, axis=0))


def test_broadcast_beams_fill_the_sector_that_one_beam_leaves():
    """Eight beams lose at most the element's edge within 60 degrees; one beam has nulls."""
    azimuth_deg = np.arange(-60.0, 60.5, 0.5)
    eight = antenna.loss_db(panel.envelope(), azimuth_deg, 0.0)
    one = antenna.loss_db(panel.envelope(Panel(azimuths_deg=(0.0,))), azimuth_deg, 0.0)
    assert eight.max() < 16.0
    assert one.max() == pytest.approx(30.0)
    assert eight[np.abs(azimuth_deg) <= 30].max() < 6.0


def test_default_is_symmetric_and_normalised():
    default = panel.envelope()
    np.testing.assert_allclose(default.horizontal_db, default.horizontal_db[::-1], atol=1e-4)
    assert default.horizontal_db.min() == default.vertical_db.min() == 0.0
    assert default.floor_db == 30.0
