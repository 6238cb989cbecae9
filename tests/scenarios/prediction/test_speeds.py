"""Speeds on one carrier: link budgets by hand, limits, and pixels taken together or alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import link_budget, shadowing
from phusong.coverage.area.network import Layers
from phusong.coverage.shadowing import Shadowing
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.prediction import link_budgets, quality, speeds
from phusong.scenarios.prediction.speeds import Downlink, Uplink

NOISE_DBM = link_budget.noise_per_re_dbm(30.0, 7.0)
DOWN = Downlink(91.728, 0.602, 2, 7.40625)
UP = Uplink(23.0, 4.0, 5.0, 3.0, 1, 3276, 30.0, 0.276, 7.40625)


def alone(levels_dbm):
    """Return the layers of pixels that one mast alone serves."""
    level = np.atleast_2d(np.asarray(levels_dbm, np.float32))
    power = 10 ** (level / 10)
    masts = np.zeros((*level.shape, shadowing.RANKS, 2), np.float32)
    masts[..., 0, :] = power[..., None]
    server = np.where(power > 0, 0, -1).astype(np.int32)
    return Layers(level, server, (power > 0).astype(np.uint8), power, masts)


def found(layers, uplink=UP, sigma_db=0.0, received_db=0.0):
    rates = speeds.UserRates(NOISE_DBM, 0.5, Shadowing(sigma_db), DOWN, uplink, received_db)
    return rates.of(layers)


def test_the_uplink_by_hand():
    """130 dB of loss: 23 - 4 + 24.5 - 130 is -86.5 dBm at the base station.

    Noise of a block of 360 kHz is -174 + 55.56 + 5 + 3 = -110.44 dBm. All 273 blocks at
    23.94 - 24.36 = -0.42 dB carry 273 x 0.336 x 0.4 lb(1 + 0.908) a time share of 0.276.
    """
    eirp_dbm, loss_db = 43.1, 130.0
    received_db = UP.received_db(*np.float32([24.5, 0.0, eirp_dbm]))
    (upload,) = found(alone(eirp_dbm - loss_db), received_db=received_db).uplink_mbps[0]
    sinr = 10 ** ((-86.5 - (-174.0 + 10 * math.log10(360e3) + 8.0)) / 10) / 273
    expected = 273 * 12 * 28e-3 * 0.4 * math.log2(1 + sinr) * 0.276
    assert upload == pytest.approx(expected, rel=0.005)
    assert upload == pytest.approx(9.44, abs=0.1)


@pytest.mark.parametrize(
    ("name", "value", "moves_db"),
    [
        *(("handset_power_dbm", 26.0, 3.0), ("body_loss_db", 1.0, 3.0)),
        *(("noise_figure_db", 2.0, 3.0), ("noise_rise_db", 0.0, 3.0)),
    ],
)
def test_each_term_of_the_budget_is_worth_its_decibels(name, value, moves_db):
    stated = UP._replace(**{name: value})
    moved_dbm = np.float32(-90.0 + moves_db)
    offset_db = stated.received_db(*np.float32([0.0, 0.0, 0.0])) - UP.received_db(
        *np.float32([0.0, 0.0, 0.0])
    )
    assert stated.mbps(-90.0 + offset_db) == pytest.approx(UP.mbps(moved_dbm), rel=1e-4)


def test_layers_of_a_handset_share_its_power():
    """Two full layers are twice one; where power is short, a second adds nothing."""
    two = UP._replace(streams=2)
    assert two.mbps(np.float32(0.0)) == pytest.approx(2 * float(UP.mbps(np.float32(0.0))))
    assert two.mbps(np.float32(-118.0)) == pytest.approx(float(UP.mbps(np.float32(-118.0))))


def test_an_uplink_of_256qam_is_not_cut_at_54_mbps():
    """One layer on 100 MHz, 30 % of the time less 8 %: 187.5 Mbit/s (TS 38.306)."""
    assert UP.mbps(np.float32(0.0)) == pytest.approx(187.5, abs=0.05)


@settings(deadline=None)
@given(st.lists(st.floats(-120, -60), min_size=1, max_size=6))
def test_pixels_do_not_change_each_other(levels):
    every = found(alone(levels), sigma_db=8.0)
    for i, level in enumerate(levels):
        one = found(alone(level), sigma_db=8.0)
        for all_together, by_itself in zip(every, one, strict=True):
            assert all_together[0, i] == by_itself[0, 0]


def test_where_nothing_serves_there_is_no_speed():
    result = found(alone([-np.inf, -80.0]))
    assert [np.isnan(values[0]).tolist() for values in result] == [[True, False]] * 4


def test_budgets_of_a_run_hold_the_uplink_term_by_term():
    """At the largest loss one block stands 10 dB below the noise, and carries what is left."""
    scenario = schema.load("urban", ["uplink.noise_figure_db=3.0", "uplink.streams=2"])
    (budget,) = link_budgets.link_budgets(scenario)
    up = budget["uplink"]
    assert up["noise_figure_db"] == 3.0
    assert up["streams"] == 2
    received_dbm = up["handset_power_dbm"] - up["body_loss_db"] + up["antenna_gain_dbi"]
    received_dbm -= up["feeder_loss_db"] + up["max_loss_db"]
    noise_dbm = -174.0 + 10 * math.log10(360e3) + 3.0 + 3.0
    assert received_dbm - noise_dbm == pytest.approx(-10.0, abs=0.05)
    assert budget["load"] == 0.5


def test_a_scenario_states_every_value_of_the_uplink():
    layer = schema.load("urban").layer_5g
    layers = alone([-100.0])
    usual = carriers.typical(layer.frequency_mhz)
    plain = quality.rates(schema.load("urban"), layer).of(layers).uplink_mbps
    for setting in ("handset_power_dbm=20.0", "body_loss_db=7.0", "noise_rise_db=6.0"):
        less = quality.rates(schema.load("urban", [f"uplink.{setting}"]), layer).of(layers)
        assert less.uplink_mbps < plain, setting
    half = quality.rates(schema.load("urban", ["uplink.overhead=0.54"]), layer).of(layers)
    assert half.uplink_mbps == pytest.approx(plain / 2, rel=1e-4)
    assert usual.antenna_gain_dbi == 24.5
