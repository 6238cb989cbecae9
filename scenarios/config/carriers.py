"""The 5G networks of a scenario: one for all, or one for each operator.

Where each operator builds for itself, a resident is a customer of one of them: the demand of a
place is served to the share of the operators' subscribers whose network serves it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.geodata import reference
from phusong.scenarios.config import licences
from phusong.scenarios.config.licences import Licence
from phusong.scenarios.config.sections import Layer, Scenario


@dataclass(frozen=True)
class Carrier:
    """A network on one carrier, what it radiates, and the share of all demand it is for."""

    licence: Licence
    layer: Layer
    weight: float


def carriers(scenario: Scenario) -> list[Carrier]:
    """Return the networks that the scenario plans, their weights summing to 1."""
    chosen = licences.chosen(scenario)
    weights = [1.0]
    if len(chosen) > 1:
        table = reference.table("operators").set_index(col.OPERATOR)["mobile_share_pct"]
        own = [float(table[licence.operator]) for licence in chosen]
        weights = [share / sum(own) for share in own]
    return [
        Carrier(licence, _layer(scenario.layer_5g, licence), weight)
        for licence, weight in zip(chosen, weights, strict=True)
    ]


def _layer(layer: Layer, licence: Licence) -> Layer:
    carried = {
        "frequency_mhz": licence.frequency_mhz,
        "bandwidth_mhz": licence.bandwidth_mhz,
        "eirp_per_re_dbm": licence.eirp_per_re_dbm,
    }
    return layer.model_copy(update=carried)


def counting_on(bar: Callable[[int], None], done: int) -> Callable[[int], None]:
    """Return a bar that adds to what earlier networks have done."""

    def move(more: int) -> None:
        bar(done + more)

    return move


def stations(frame: GeoDataFrame, carrier: Carrier, scenario: Scenario) -> GeoDataFrame:
    """Return the stations (rows of sites or candidates) that are part of a carrier's network."""
    if scenario.candidates.policy != "operators":
        return frame
    return frame[frame[col.OPERATOR] == carrier.licence.operator]
