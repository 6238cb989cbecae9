"""Profiles: every defect is found at once, and the clearance is that of geometry."""

import math

import numpy as np
import pytest

from phusong.coverage import profile
from phusong.errors import InputError

KM = np.linspace(0.0, 4.0, 5)


def test_profile_without_clutter_and_zones_is_bare_and_inland():
    ground = profile.from_arrays([0, 1, 2], [5, 6, 7])
    assert ground.clutter_m.tolist() == [0.0, 0.0, 0.0]
    assert ground.zone.tolist() == [profile.INLAND] * 3
    assert profile.defects(ground, "path.csv") == []


def test_all_defects_are_found_with_their_rows():
    ground = profile.from_arrays(
        [0.5, 1.0, 1.0, 2.0], [10.0, math.nan, 12.0, 13.0], [0.0, 0.0, -1.0, 0.0], [4, 4, 4, 2]
    )
    error = InputError("path.csv", profile.defects(ground, "path.csv"))
    text = str(error)
    assert "5 defects" in text
    assert "path.csv:4, column 'distance_km', value 1.0: is not beyond the row before" in text
    assert "path.csv:3, column 'height_m', value nan: is missing or not a number" in text
    assert "path.csv:4, column 'clutter_m', value -1.0: is negative or not a number" in text
    assert "path.csv:5, column 'zone', value 2: is not 1, 3 or 4" in text
    assert "path.csv:2, column 'distance_km', value 0.5: does not start at 0" in text


def test_short_and_ragged_profiles():
    short = profile.from_arrays([0.0, 1.0], [1.0, 2.0])
    assert "a profile of 2 points (give 3 points at least)" in str(profile.defects(short, "p")[0])
    ragged = short._replace(height_m=np.zeros(3))
    assert "differ in length (2, 3, 2, 2)" in str(profile.defects(ragged, "p")[0])


def test_clutter_stands_between_the_terminals_only():
    raised_m = profile.surface_m(np.full(5, 10.0), np.full(5, 8.0))
    assert raised_m.tolist() == [10.0, 18.0, 18.0, 18.0, 10.0]


def test_clearance_in_fresnel_radii_by_hand():
    height_m = np.array([0.0, 0.0, 25.0, 0.0, 0.0])
    ratio, at_km = profile.fresnel_clearance(KM, height_m, 40.0, 40.0, 1e15, 0.1)
    # 15 m over the hill; the radius at mid path is sqrt(0.1 * 2000 * 2000 / 4000) = 10 m
    assert (ratio, at_km) == pytest.approx((1.5, 2.0))


def test_earth_bulge_blocks_a_long_path():
    km = np.linspace(0.0, 60.0, 61)
    ratio, at_km = profile.fresnel_clearance(km, np.zeros(61), 30.0, 30.0, 8500.0, 0.1)
    assert ratio < 0.0
    # 900 / (2 * 8.5) = 52.9 m of bulge at mid path over a ray at 30 m
    bulge_m = 30_000.0**2 / (2 * 8.5e6)
    radius_m = math.sqrt(0.1 * 30_000.0 / 2)
    assert (ratio, at_km) == pytest.approx(((30.0 - bulge_m) / radius_m, 30.0))
