"""Okumura-Hata and COST-231 Hata against published values and each other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage.models import cost231, okumura_hata
from phusong.coverage.models.free_space import path_loss_db

compiled = settings(deadline=None)  # the first call compiles
distances = st.floats(1e3, 20e3)
bases = st.floats(30.0, 200.0)
mobiles = st.floats(1.0, 10.0)
PLACES = ["urban", "large_city", "suburban", "open"]


def _loss_db(model, place, *arguments):
    return getattr(model, f"{place}_loss_db")(*arguments)


def test_hata_open_land():
    # 869 MHz, 2 km, base 30 m, mobile 1 m: 109.52 dB by Hata's equations.
    assert okumura_hata.open_loss_db(2000.0, 869.0, 30.0, 1.0) == pytest.approx(109.52, abs=0.005)


def test_hata_large_city():
    # The same path in a large city: 137.93 dB, a value of the ns-3 simulator's suite.
    loss_db = okumura_hata.large_city_loss_db(2000.0, 869.0, 30.0, 1.0)
    assert loss_db == pytest.approx(137.93, abs=0.005)


def test_cost231():
    # 2114 MHz, 2 km, base 30 m, mobile 1 m by equation 4.4.3: 150.64 dB, centre 3 dB more.
    arguments = (2000.0, 2114.0, 30.0, 1.0)
    assert cost231.urban_loss_db(*arguments) == pytest.approx(150.64, abs=0.005)
    assert cost231.large_city_loss_db(*arguments) == pytest.approx(153.64, abs=0.005)


def test_mobile_correction_vanishes_at_its_reference_height():
    # Hata's curves were drawn for a mobile at 1.5 m.
    assert okumura_hata.mobile_gain_db(900.0, 1.5) == pytest.approx(0.0, abs=0.02)
    assert okumura_hata.large_city_mobile_gain_db(900.0, 1.5) == pytest.approx(0.0, abs=0.01)
    assert okumura_hata.large_city_mobile_gain_db(200.0, 1.5) == pytest.approx(0.0, abs=0.01)


def test_hata_and_cost231_meet_at_1500_megahertz():
    for place in PLACES[:1] + PLACES[2:]:
        below_db = _loss_db(okumura_hata, place, 5e3, 1500.0, 40.0, 1.5)
        above_db = _loss_db(cost231, place, 5e3, 1500.0, 40.0, 1.5)
        # 69.55 + 26.16 log f against 46.3 + 33.9 log f
        assert below_db - above_db == pytest.approx(23.25 - 7.74 * math.log10(1500.0), abs=1e-9)
        assert abs(below_db - above_db) < 1.5


@compiled
@given(st.floats(150.0, 1500.0), distances, bases, mobiles)
def test_hata_orders_the_places(frequency_mhz, distance_m, base_m, mobile_m):
    arguments = (distance_m, frequency_mhz, base_m, mobile_m)
    urban, suburban, open_land = (
        _loss_db(okumura_hata, place, *arguments) for place in ("urban", "suburban", "open")
    )
    assert urban > suburban > open_land


@compiled
@given(st.floats(150.0, 1500.0), distances, st.floats(30.0, 50.0))
def test_open_land_stays_above_free_space_from_masts_of_usual_height(
    frequency_mhz, distance_m, base_m
):
    free_db = path_loss_db(distance_m, frequency_mhz, base_m, 1.5)
    assert okumura_hata.open_loss_db(distance_m, frequency_mhz, base_m, 1.5) > free_db


@compiled
@given(st.floats(1500.0, 2000.0), distances, bases, mobiles)
def test_slope_is_hatas(frequency_mhz, distance_m, base_m, mobile_m):
    for model in (okumura_hata, cost231):
        for place in PLACES:
            near_db = _loss_db(model, place, distance_m, frequency_mhz, base_m, mobile_m)
            far_db = _loss_db(model, place, 10 * distance_m, frequency_mhz, base_m, mobile_m)
            assert far_db - near_db == pytest.approx(44.9 - 6.55 * math.log10(base_m), abs=1e-9)


@compiled
@given(st.floats(150.0, 2000.0), distances, mobiles)
def test_taller_masts_and_mobiles_lose_less(frequency_mhz, distance_m, mobile_m):
    for model in (okumura_hata, cost231):
        low_db = model.urban_loss_db(distance_m, frequency_mhz, 30.0, mobile_m)
        assert model.urban_loss_db(distance_m, frequency_mhz, 60.0, mobile_m) < low_db
        assert model.urban_loss_db(distance_m, frequency_mhz, 30.0, mobile_m + 1.0) < low_db
