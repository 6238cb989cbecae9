"""The link budget of every 5G network of a scenario, from the transmitter to what is required."""

import math
from dataclasses import replace
from typing import Any

from phusong.coverage import capacity, link_budget
from phusong.coverage.units import dbm_from_watt
from phusong.scenarios.config import carriers
from phusong.scenarios.config.carriers import PlannedNetwork
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import chain

SAME_DB = 0.1  # the typical figures are rounded to 0.1 dB, some of them twice


def link_budgets(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the terms of the budget of each carrier, as run.json has them: dBm, dB, dBi, MHz.

    ``transmitter`` says what the radiated power is made of; it is None where the scenario states
    another power than the typical one of ``rf_defaults.csv``, for then its parts are not known.
    """
    return [
        _budget(scenario, replace(carrier, layer=layer, further=()))
        for carrier in carriers.planned_networks(scenario)
        for layer in carrier.layers
    ]


def _budget(scenario: Scenario, carrier: PlannedNetwork) -> dict[str, Any]:
    service, layer = scenario.service, carrier.layer
    required_dbm = chain.required_dbm(service)
    median_dbm = chain.level_of(service).median_dbm
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    return {
        "operator": carrier.licence.operator,
        "layer": layer.title,
        "frequency_mhz": layer.frequency_mhz,
        "bandwidth_mhz": layer.bandwidth_mhz,
        "transmitter": _transmitter(carrier),
        "eirp_per_re_dbm": layer.eirp_per_re_dbm,
        "max_loss_db": layer.eirp_per_re_dbm - required_dbm,
        "required_dbm": required_dbm,
        "margin_db": required_dbm - median_dbm,
        "shadowing_sigma_db": service.shadowing_sigma_db,
        "probability": service.probability,
        "entry_loss_db": median_dbm - service.threshold_dbm,
        "threshold_dbm": service.threshold_dbm,
        "noise_per_re_dbm": noise_dbm,
        "noise_figure_db": layer.noise_figure_db,
        "snr_at_threshold_db": service.threshold_dbm - noise_dbm,
        "load": layer.load,
        "uplink": _uplink(scenario, carrier),
    }


def _uplink(scenario: Scenario, carrier: PlannedNetwork) -> dict[str, float]:
    """Return the handset's budget up to the largest loss at which one resource block carries.

    The path up is the path down, through the same antenna.
    """
    up, layer = scenario.uplink, carrier.layer
    typical = carriers.typical(layer.frequency_mhz)
    radiated_dbm = up.handset_power_dbm - up.body_loss_db
    block_khz = link_budget.SUBCARRIERS_PER_BLOCK * layer.subcarrier_khz
    noise_dbm = link_budget.noise_per_re_dbm(block_khz, up.noise_figure_db) + up.noise_rise_db
    gain_db = typical.antenna_gain_dbi - typical.feeder_loss_db
    return {
        "handset_power_dbm": up.handset_power_dbm,
        "body_loss_db": up.body_loss_db,
        "streams": up.streams,
        "antenna_gain_dbi": typical.antenna_gain_dbi,
        "feeder_loss_db": typical.feeder_loss_db,
        "noise_figure_db": up.noise_figure_db,
        "noise_rise_db": up.noise_rise_db,
        "noise_per_block_dbm": noise_dbm,
        "overhead": up.overhead,
        "highest_efficiency": up.highest_efficiency,
        "max_loss_db": radiated_dbm + gain_db - noise_dbm - capacity.LOWEST_SINR_DB,
    }


def _transmitter(carrier: PlannedNetwork) -> dict[str, float] | None:
    """Return power, gain, feeder loss and the share of one resource element."""
    layer = carrier.layer
    typical = carriers.typical(layer.frequency_mhz)
    count = link_budget.standard_subcarriers(
        layer.bandwidth_mhz, layer.subcarrier_khz, new_radio=True
    )
    parts = {
        "power_dbm": float(dbm_from_watt(typical.power_w)),
        "antenna_gain_dbi": typical.antenna_gain_dbi,
        "feeder_loss_db": typical.feeder_loss_db,
        "resource_element_share_db": 10.0 * math.log10(count * layer.ports),
    }
    power_dbm, gain_dbi, feeder_db, share_db = parts.values()
    per_re_dbm = power_dbm + gain_dbi - feeder_db - share_db
    return parts if abs(per_re_dbm - layer.eirp_per_re_dbm) <= SAME_DB else None
