"""Link budgets against published radio parameters and hand arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import link_budget as lb


@pytest.mark.parametrize(
    ("bandwidth_mhz", "spacing_khz", "share", "count"),
    [(10, 15, 0.9, 600), (20, 15, 0.9, 1200), (5, 15, 0.9, 300), (100, 30, 0.9828, 3276)],
)
def test_subcarriers_of_ts_36101_and_ts_38104(bandwidth_mhz, spacing_khz, share, count):
    assert lb.subcarriers(bandwidth_mhz, spacing_khz, share) == count


@pytest.mark.parametrize(
    ("bandwidth_mhz", "spacing_khz", "new_radio", "count"),
    [
        (1.4, 15.0, False, 72),
        (20.0, 15.0, False, 1200),
        (20.0, 15.0, True, 1272),
        (40.0, 30.0, True, 1272),
        (100.0, 30.0, True, 3276),
        (100.0, 60.0, True, 1620),
        (12.0, 15.0, True, 720),
    ],
)
def test_standard_carriers(bandwidth_mhz, spacing_khz, new_radio, count):
    """TS 36.101 table 5.6-1 and TS 38.104 table 5.3.2-1; 12 MHz is in neither."""
    assert lb.standard_subcarriers(bandwidth_mhz, spacing_khz, new_radio=new_radio) == count


def test_no_standard_carrier_is_wider_than_its_channel():
    for spacing_khz, row in lb.NR_BLOCKS.items():
        for bandwidth_mhz, blocks in row.items():
            assert 0.79 <= blocks * 12 * spacing_khz / 1000.0 / bandwidth_mhz < 0.99


@pytest.mark.parametrize(
    ("power_w", "gain_dbi", "feeder_db", "count", "ports", "eirp_dbm", "per_re_dbm"),
    [
        (80.0, 15.5, 0.5, 600, 2, 64.0, 33.2),
        (80.0, 17.5, 0.5, 1200, 2, 66.0, 32.2),
        (240.0, 24.5, 0.0, 3276, 1, 78.3, 43.1),
        (200.0, 24.5, 0.0, 3276, 1, 77.5, 42.3),
    ],
)
def test_typical_carriers(power_w, gain_dbi, feeder_db, count, ports, eirp_dbm, per_re_dbm):
    """LTE 900 and 1800, NR 2600 and 3700 as vendors give them, to a tenth of a decibel."""
    assert lb.eirp_dbm(power_w, gain_dbi, feeder_db) == pytest.approx(eirp_dbm, abs=0.06)
    per_re = lb.eirp_per_re_dbm(power_w, gain_dbi, count, feeder_db, ports)
    assert per_re == pytest.approx(per_re_dbm, abs=0.06)


def test_elements_sum_to_the_carrier():
    per_re = lb.eirp_per_re_dbm(80.0, 17.5, 1200, 0.5, ports=2)
    total_mw = 2 * 1200 * 10 ** (per_re / 10)
    assert 10 * math.log10(total_mw) == pytest.approx(lb.eirp_dbm(80.0, 17.5, 0.5))


def test_level_is_power_less_losses():
    np.testing.assert_allclose(lb.rsrp_dbm(43.0, np.array([120.0, 140.0]), 3.0), [-80.0, -100.0])


@pytest.mark.parametrize(
    ("sigma_db", "probability", "margin_db"),
    [(8.0, 0.5, 0.0), (8.0, 0.9, 10.252), (6.0, 0.95, 9.869), (7.0, 0.99, 16.284)],
)
def test_margin_against_the_normal_table(sigma_db, probability, margin_db):
    assert lb.shadowing_margin_db(sigma_db, probability) == pytest.approx(margin_db, abs=1e-3)


@given(st.floats(1.0, 14.0), st.floats(0.02, 0.98), st.floats(0.0, 30.0))
def test_margin_gives_back_the_probability(sigma_db, probability, entry_db):
    margin_db = lb.shadowing_margin_db(sigma_db, probability)
    median_dbm = lb.required_outdoor_dbm(-105.0, entry_db, margin_db)
    share = lb.service_probability(np.array([median_dbm]), -105.0 + entry_db, sigma_db)
    assert share[0] == pytest.approx(probability, abs=1e-9)


def test_noise_of_a_subcarrier():
    """-174 dBm/Hz over 30 kHz with a 7 dB receiver."""
    assert lb.noise_per_re_dbm(30.0, 7.0) == pytest.approx(-173.98 + 44.77 + 7.0, abs=0.01)


@pytest.mark.parametrize(
    ("eirp_dbm", "time_share", "distance_m"),
    [(64.0, 1.0, 10.0), (66.0, 1.0, 12.6), (78.3, 0.1875, 22.5), (60.0, 1.0, 6.3)],
)
def test_exposure_distance_of_typical_carriers(eirp_dbm, time_share, distance_m):
    eirp_w = 10 ** (eirp_dbm / 10 - 3)
    found_m = lb.exposure_distance_m(eirp_w, time_share)
    assert found_m == pytest.approx(distance_m, abs=0.06)
    assert eirp_w * time_share / (4 * math.pi * found_m**2) == pytest.approx(2.0)
