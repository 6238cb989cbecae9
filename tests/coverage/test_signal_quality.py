"""SINR, RSSI and RSRQ against hand arithmetic, known limits and symmetries."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import link_budget, signal_quality

NOISE_DBM = -125.0
NONE = np.array([-np.inf], np.float32)


def mw(*levels_dbm):
    return np.array([sum(10 ** (level / 10) for level in levels_dbm)], np.float32)


def level(dbm):
    return np.array([dbm], np.float32)


def test_lone_cell_has_its_snr_whatever_the_load():
    for load in (0.0, 1.0):
        found = signal_quality.data_sinr_db(level(-100.0), mw(-100.0), NOISE_DBM, load)
        assert found[0] == pytest.approx(25.0, abs=0.05)


@given(st.floats(-130, -30), st.booleans())
def test_lone_cell_does_not_disturb_itself_by_rounding(level_dbm, new_radio):
    total = (10 ** (level_dbm / 10)) * np.ones(1, np.float32)
    data_db = signal_quality.data_sinr_db(level(level_dbm), total, NOISE_DBM, 1.0)
    reference_db = signal_quality.reference_sinr_db(
        level(level_dbm), total, NOISE_DBM, new_radio=new_radio
    )
    assert data_db[0] == pytest.approx(level_dbm - NOISE_DBM, abs=0.001)
    assert reference_db[0] == pytest.approx(data_db[0], abs=1e-6)


def test_twin_cells_meet_at_zero_decibels():
    found = signal_quality.data_sinr_db(level(-80.0), mw(-80.0, -80.0), -150.0, 1.0)
    assert found[0] == pytest.approx(0.0, abs=0.01)


def test_no_server_has_no_quality():
    assert np.isnan(signal_quality.data_sinr_db(NONE, mw(), NOISE_DBM, 0.5))[0]
    assert np.isnan(signal_quality.reference_sinr_db(NONE, mw(), NOISE_DBM, new_radio=True))[0]
    assert np.isnan(signal_quality.rsrq_db(NONE, level(-60.0), 100))[0]


@pytest.mark.parametrize(("ports", "load"), [(1, 0.5), (2, 0.5), (4, 1.0)])
def test_ports_do_not_change_what_cells_of_one_power_do_to_data(ports, load):
    """Two cells of 1 mW in all at the handset, over any number of ports: 1 / load."""
    own = level(-10.0 * math.log10(ports))
    total = np.array([2.0], np.float32)
    found = signal_quality.data_sinr_db(own, total, -200.0, load, ports)
    assert found[0] == pytest.approx(-10.0 * math.log10(load), abs=1e-3)


@pytest.mark.parametrize("load", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("ports", [1, 2, 4])
def test_ssb_of_two_cells_meet_whatever_the_traffic(ports, load):
    """TS 38.215 5.1.5: equal SSBs at once are 0 dB; load and ports of data do not count."""
    total = np.array([2.0 * ports], np.float32)
    found = signal_quality.reference_sinr_db(
        level(0.0), total, -200.0, ports, new_radio=True, load=load
    )
    assert found[0] == pytest.approx(0.0, abs=1e-3)


def test_rs_sinr_meets_data_at_the_reference_load():
    """TS 36.214 5.1.23: one port against the two ports of an equal cell, all and half full."""
    for load, expected_db in ((1.0, -3.01), (0.5, 0.0)):
        found = signal_quality.reference_sinr_db(
            level(0.0), np.array([4.0], np.float32), -200.0, 2, new_radio=False, load=load
        )
        assert found[0] == pytest.approx(expected_db, abs=0.01)


# RSRQ of a lone cell without noise: known limits of TS 36.214 5.1.3, -10 lg of the power in a
# block over the power of one reference element, counted on the grid of TS 36.211 6.10.1.2.
@pytest.mark.parametrize(
    ("ports", "load", "elements"),
    [
        *((1, 0.0, 2), (1, 1.0, 12), (1, 0.5, 7)),
        *((2, 0.0, 4), (2, 1.0, 4 + 8 * 2)),  # -6.0 and -13.0 dB
        *((4, 0.0, 4), (4, 1.0, 4 + 8 * 4)),
    ],
)
@pytest.mark.parametrize("blocks", [6, 100])
def test_rsrq_of_a_lone_lte_cell(ports, load, elements, blocks):
    total = np.array([ports * 1e-9], np.float32)
    rssi = signal_quality.rssi_dbm(total, -200.0, blocks, ports, new_radio=False, load=load)
    found = signal_quality.rsrq_db(level(-90.0), rssi, blocks)
    assert found[0] == pytest.approx(-10.0 * math.log10(elements), abs=0.01)


@pytest.mark.parametrize("ports", [1, 2])
def test_ss_rsrq_is_at_most_that_of_a_full_block(ports):
    """TS 38.215 5.1.3: N times a twelfth of N full blocks is -10.8 dB; an equal cell takes 3."""
    for cells, expected_db in ((1, -10.79), (2, -13.80)):
        total = np.array([cells * ports * 1e-9], np.float32)
        rssi = signal_quality.rssi_dbm(total, -200.0, 273, ports, new_radio=True)
        found = signal_quality.rsrq_db(level(-90.0), rssi, 273)
        assert found[0] == pytest.approx(expected_db, abs=0.01)


@given(st.floats(-130, -50), st.floats(-130, -50), st.integers(1, 273))
def test_ss_sinr_follows_from_ss_rsrq(own_dbm, other_dbm, blocks):
    """Of one measurement: 1 / SINR = 1 / (12 RSRQ) - 1, a second way to compute it."""
    total = mw(own_dbm, other_dbm)
    rssi = signal_quality.rssi_dbm(total, NOISE_DBM, blocks, new_radio=True)
    rsrq_db = float(signal_quality.rsrq_db(level(own_dbm), rssi, blocks)[0])
    found_db = signal_quality.reference_sinr_db(level(own_dbm), total, NOISE_DBM, new_radio=True)
    if found_db[0] < 25.0:  # above, the little that is left of RSRQ is rounding
        expected = 1.0 / (1.0 / (12.0 * 10 ** (rsrq_db / 10)) - 1.0)
        assert found_db[0] == pytest.approx(10.0 * math.log10(expected), abs=0.05)


def test_rssi_of_a_full_lone_carrier():
    """All 1200 subcarriers at the level of the reference signal: 30.8 dB more."""
    found = signal_quality.rssi_dbm(mw(-90.0), -200.0, 100, new_radio=False)
    assert found[0] == pytest.approx(-90.0 + 10 * math.log10(1200), abs=1e-3)
    both = signal_quality.rssi_dbm(mw(-90.0, -90.0), -200.0, 100, new_radio=False)
    assert both[0] - found[0] == pytest.approx(3.01, abs=0.01)


def test_rssi_of_nothing_is_the_noise_of_the_carrier():
    noise_dbm = link_budget.noise_per_re_dbm(15.0, 7.0)
    found = signal_quality.rssi_dbm(mw(), noise_dbm, 100, new_radio=False)
    assert found[0] == pytest.approx(-174.0 + 10 * math.log10(18e6) + 7.0, abs=0.05)
