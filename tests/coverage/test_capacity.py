"""Throughput, up and down, against hand arithmetic, limits and a second way to compute."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import capacity, link_budget, signal_quality
from phusong.scenarios.prediction.technology import TECHNOLOGIES, time_shares

NOISE_DBM = -125.0


def mw(*levels_dbm):
    return np.array([sum(10 ** (level / 10) for level in levels_dbm)], np.float32)


def test_truncated_shannon_of_tr_36942():
    found = capacity.spectral_efficiency(np.array([-10.1, -10.0, 0.0, 10.0, 50.0]))
    np.testing.assert_allclose(
        found, [0.0, 0.6 * math.log2(1.1), 0.6, 0.6 * math.log2(11), 4.4], atol=1e-9
    )


@pytest.mark.parametrize(
    ("sinr_db", "efficiency"), [(-30.0, 0.0), (0.0, 0.3770), (10.0, 1.9141), (60.0, 7.4063)]
)
def test_steps_of_modulation_and_code(sinr_db, efficiency):
    """0.6 log2(1 + SINR) is 0.6 at 0 dB and 2.08 at 10 dB: the rows below in the table."""
    assert capacity.table_efficiency(np.array([sinr_db]))[0] == efficiency


@given(st.floats(-20, 50))
def test_table_never_beats_shannon(sinr_db):
    table = capacity.table_efficiency(np.array([sinr_db]))[0]
    assert table <= 0.6 * math.log2(1 + 10 ** (sinr_db / 10)) + 1e-12
    assert table in (0.0, *capacity.CQI_EFFICIENCY)


def test_throughput_by_table_and_by_shannon():
    sinr = np.array([np.nan, -30.0, 10.0, 60.0])
    shannon = capacity.throughput_mbps(sinr, 100.0, 0.7, 1, 7.4063)
    table = capacity.throughput_mbps(sinr, 100.0, 0.7, 1, 7.4063, by_table=True)
    np.testing.assert_allclose(shannon, [np.nan, 0.0, 145.3, 518.4], atol=0.1)
    np.testing.assert_allclose(table, [np.nan, 0.0, 70 * 1.9141, 518.4], atol=0.1)


def uplink_by_hand(received_dbm, blocks, block_khz, noise_figure_db):
    """Return the best over every number of blocks."""
    best = 0.0
    for used in range(1, blocks + 1):
        width_hz = used * block_khz * 1e3
        noise_dbm = link_budget.noise_per_re_dbm(width_hz / 1e3, noise_figure_db)
        sinr = 10 ** ((received_dbm - noise_dbm) / 10)
        if sinr >= 0.1:
            # 14 symbols of 12 subcarriers a slot of 15 / spacing milliseconds
            per_ms = used * 12 * 14 * block_khz / 180.0
            best = max(best, per_ms / 1e3 * min(0.4 * math.log2(1 + sinr), 2.0))
    return best


@given(st.floats(-135, -60), st.sampled_from([(15, 106), (30, 273)]))
def test_uplink_is_the_best_over_all_numbers_of_blocks(received_dbm, carrier):
    spacing_khz, blocks = carrier
    block_khz = 12.0 * spacing_khz
    found = capacity.uplink_throughput_mbps(np.array([received_dbm]), 12 * blocks, spacing_khz, 5.0)
    expected = uplink_by_hand(received_dbm, blocks, block_khz, 5.0)
    assert found[0] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_uplink_limits():
    """Full power near: the cap; too far for one block: nothing; no server: unknown."""
    found = capacity.uplink_throughput_mbps(
        np.array([-30.0, -140.0, -np.inf, np.nan]), 3276, 30.0, 5.0, 3.0, 0.3
    )
    np.testing.assert_allclose(found, [91.728 * 2.0 * 0.3, 0.0, 0.0, np.nan], rtol=1e-5)


def ts_38306_mbps(layers, bits, blocks, spacing_khz, overhead, time_share=1.0):
    """Return the highest data rate as TS 38.306 section 4.1.2 writes it."""
    symbol_s = 1e-3 / (14 * spacing_khz / 15)
    return 1e-6 * layers * bits * 948 / 1024 * blocks * 12 / symbol_s * (1 - overhead) * time_share


def test_highest_rates_are_those_of_ts_38306():
    """100 MHz, two layers, 70 % down: 818.0 Mbit/s; one layer up in the rest: 187.5."""
    technology = TECHNOLOGIES["5G"]
    down, up = time_shares("TDD", technology, 0.7)
    elements = capacity.re_per_us(3276, 30.0)
    fastest = capacity.throughput_mbps(
        np.array([80.0]), elements, down, 2, technology.highest_efficiency
    )
    assert fastest[0] == pytest.approx(ts_38306_mbps(2, 8, 273, 30.0, 0.14, 0.7), rel=1e-6)
    assert fastest[0] == pytest.approx(818.0, abs=0.05)
    uplink = capacity.uplink_throughput_mbps(
        np.array([0.0]), 3276, 30.0, 5.0, 3.0, up, technology.uplink_highest_efficiency
    )
    assert uplink[0] == pytest.approx(ts_38306_mbps(1, 8, 273, 30.0, 0.08, 0.3), rel=1e-6)
    assert uplink[0] == pytest.approx(187.5, abs=0.05)


def test_4g_stays_below_the_largest_transport_blocks():
    """20 MHz, two layers of 64QAM: 2 x 75,376 bits a millisecond (TS 36.213 table 7.1.7.2.1-1)."""
    technology = TECHNOLOGIES["4G"]
    down, _ = time_shares("FDD", technology, 0.7)
    elements = capacity.re_per_us(1200, 15.0)
    assert elements == 100 * 12 * 14 / 1e3  # blocks of 12 x 14 resource elements a millisecond
    fastest = capacity.throughput_mbps(
        np.array([80.0]), elements, down, 2, technology.highest_efficiency
    )
    assert fastest[0] <= 2 * 75.376


@pytest.mark.parametrize("ports", [1, 2, 4])
def test_ports_share_the_power_once(ports):
    """However many ports a cell of 4G has, a noise-limited user has the same rate."""
    per_port = link_budget.eirp_per_re_dbm(80.0, 17.5, 1200, 0.5, ports) - 130.0
    level = np.array([per_port], np.float32)
    found = signal_quality.data_sinr_db(level, ports * mw(per_port), NOISE_DBM, 0.5, ports)
    all_ports_db = link_budget.eirp_per_re_dbm(80.0, 17.5, 1200, 0.5) - 130.0 - NOISE_DBM
    assert found[0] == pytest.approx(all_ports_db, abs=1e-3)


@given(st.integers(1, 64), st.integers(1, 64), st.floats(-120, -60), st.floats(0, 1))
def test_interference_counts_every_port_of_the_others(own, others, level_dbm, load):
    """Cells of equal power: 1 over the load, whatever ports each is sent on."""
    level = np.array([level_dbm - 10 * math.log10(own)], np.float32)
    one_port = level_dbm - 10 * math.log10(others)
    total = mw(level_dbm) + others * mw(one_port)
    found = signal_quality.data_sinr_db(level, total, -200.0, load, own)
    power, noise = 10 ** (level_dbm / 10), 1e-20
    expected = 10 * math.log10(power / (load * power + noise))
    assert found[0] == pytest.approx(expected, abs=0.01)


@given(st.lists(st.floats(-140, -40), min_size=2, max_size=20))
def test_uplink_grows_with_power(levels):
    ordered = np.sort(levels)
    found = capacity.uplink_throughput_mbps(ordered, 3276, 30.0)
    assert (np.diff(found) >= -1e-5).all()


RULE = (100.0, 30.0, 0.95)  # QCVN 126:2021/BTTTT section 2.1.5.2


def test_qcvn_126_by_hand():
    """Ten pixels of one set: the share is weighed, the means too; another set is too slow."""
    labels = np.array([0] * 10 + [1] * 2 + [-1])
    down = np.array([200.0] * 9 + [20.0] + [90.0, 90.0] + [1e9], np.float32)
    up = np.array([40.0] * 10 + [40.0, 40.0] + [1e9], np.float32)
    even = capacity.service_quality(labels, down, up, np.ones(13), 3)
    np.testing.assert_allclose(even.mean_downlink_mbps, [182.0, 90.0, np.nan])
    np.testing.assert_allclose(even.mean_uplink_mbps, [40.0, 40.0, np.nan])
    np.testing.assert_allclose(even.fast_share, [0.9, 1.0, np.nan])
    assert even.keeps(*RULE).tolist() == [False, False, False]
    people = np.where(down == 20.0, 0.1, 1.0)
    weighed = capacity.service_quality(labels, down, up, people, 3)
    assert weighed.fast_share[0] == pytest.approx(9 / 9.1)
    assert weighed.keeps(*RULE).tolist() == [True, False, False]


def test_qcvn_126_counts_unknown_speed_as_none():
    found = capacity.service_quality(
        np.zeros(2, int), np.array([200.0, np.nan], "f4"), np.array([60.0, np.nan], "f4"), [1, 1], 1
    )
    assert (found.mean_downlink_mbps[0], found.fast_share[0]) == (100.0, 0.5)
