"""Link budgets in the record: the terms add up, and are those that coverage works with."""

import math

import pytest

from phusong.coverage import link_budget
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.prediction import chain, link_budgets


@pytest.mark.parametrize("policy", ["one_network", "operators", "shared"])
def test_the_terms_add_up_from_the_transmitter_to_the_allowed_loss(policy):
    scenario = schema.load("urban", [f"candidates.policy={policy}"])
    budgets = link_budgets.link_budgets(scenario)
    assert [b["operator"] for b in budgets] == [c.operator for c in carriers.chosen(scenario)]
    for told in budgets:
        sent = told["transmitter"]
        assert told["eirp_per_re_dbm"] == pytest.approx(
            sent["power_dbm"]
            + sent["antenna_gain_dbi"]
            - sent["feeder_loss_db"]
            - sent["resource_element_share_db"],
            abs=link_budgets.SAME_DB,
        )
        needed = told["threshold_dbm"] + told["entry_loss_db"] + told["margin_db"]
        assert told["required_dbm"] == pytest.approx(needed)
        assert told["required_dbm"] == chain.required_dbm(scenario.service)
        assert told["max_loss_db"] == pytest.approx(told["eirp_per_re_dbm"] - needed)


def test_the_urban_budget_by_hand():
    """240 W (53.8 dBm), 24.5 dBi, 3276 subcarriers (35.2 dB); noise of 30 kHz at 7 dB."""
    (told,) = link_budgets.link_budgets(schema.load("urban"))
    assert told["transmitter"]["power_dbm"] == pytest.approx(53.80, abs=0.01)
    assert told["transmitter"]["resource_element_share_db"] == pytest.approx(35.15, abs=0.01)
    assert told["noise_per_re_dbm"] == pytest.approx(-174 + 44.77 + 7, abs=0.05)
    assert told["margin_db"] == pytest.approx(17.36, abs=0.005)  # tests/coverage/test_entry_loss.py
    assert told["max_loss_db"] == pytest.approx(43.1 + 105 - 15 - 17.36, abs=0.01)


def test_outdoors_nothing_is_lost_on_the_way_in():
    (told,) = link_budgets.link_budgets(schema.load("urban", ["service.location=outdoor"]))
    assert told["entry_loss_db"] == 0.0
    assert told["margin_db"] == pytest.approx(link_budget.shadowing_margin_db(9.3, 0.9))


def test_a_car_loses_nine_decibels_with_five_of_spread():
    """TR 38.901 section 7.4.3.2; both spreads are normal, so they add in quadrature."""
    (told,) = link_budgets.link_budgets(schema.load("urban", ["service.location=vehicle"]))
    assert told["entry_loss_db"] == 9.0
    expected_db = link_budget.shadowing_margin_db(math.hypot(9.3, 5.0), 0.9)
    assert told["margin_db"] == pytest.approx(expected_db, abs=1e-4)


def test_the_loss_of_halls_is_a_median_that_is_spread_alike():
    (hall,) = link_budgets.link_budgets(schema.load("industrial"))
    (house,) = link_budgets.link_budgets(schema.load("urban"))
    assert hall["entry_loss_db"] == 20.0
    assert hall["margin_db"] == pytest.approx(house["margin_db"])
    stated = ["service.entry_loss_sigma_db=0"]
    (plain,) = link_budgets.link_budgets(schema.load("industrial", stated))
    assert plain["margin_db"] == pytest.approx(link_budget.shadowing_margin_db(9.3, 0.9))


def test_the_parts_of_a_power_that_a_planner_states_are_not_known():
    (told,) = link_budgets.link_budgets(schema.load("urban", ["layer_5g.eirp_per_re_dbm=40"]))
    assert told["transmitter"] is None
    assert told["eirp_per_re_dbm"] == 40.0
