"""The 5G networks of a scenario, one for all or one for each operator, and their licences.

Where each operator builds for itself, a resident is a customer of one of them: the demand of a
place is served to the share of the operators' subscribers whose network serves it.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns as col
from phusong.geodata import reference
from phusong.geodata.countries import Country
from phusong.scenarios.config.layers import Layer
from phusong.scenarios.config.sections import Scenario


class Licence(NamedTuple):
    """A 5G carrier: centre and width (MHz), EIRP per resource element (dBm), antenna sets."""

    operator: str
    prefix: str
    frequency_mhz: float
    bandwidth_mhz: float
    eirp_per_re_dbm: float
    sets: int = 1


class Typical(NamedTuple):
    """What a typical NR carrier radiates: power in all (W), gain, feeder loss, EIRP per element."""

    power_w: float
    antenna_gain_dbi: float
    feeder_loss_db: float
    eirp_per_re_dbm: float


def chosen(scenario: Scenario) -> list[Licence]:
    """Return the licences whose stations are candidates, as ``candidates.policy`` says."""
    if scenario.candidates.policy == "one_network":
        return [network(scenario.layer_5g)]
    every = licences(scenario.layer_5g, scenario.country)
    return every if scenario.candidates.policy == "operators" else [shared(every)]


def licences(layer: Layer, country: Country) -> list[Licence]:
    """Return the licences of a country (``blocks.csv``), highest frequency first.

    The EIRP is the scenario's, shifted by the difference of the typical figures of
    ``rf_defaults.csv`` between the block and the scenario's own frequency.
    """
    prefix = country.table("operators").set_index(col.OPERATOR)["site_prefix"].to_dict()
    blocks = country.table("blocks").sort_values("low_mhz", ascending=False)
    low_mhz, high_mhz = blocks[["low_mhz", "high_mhz"]].to_numpy(float).T
    usual_dbm = typical(layer.frequency_mhz).eirp_per_re_dbm
    result = []
    for name, low, high in zip(
        blocks[col.OPERATOR], low_mhz.tolist(), high_mhz.tolist(), strict=True
    ):
        centre_mhz = (low + high) / 2
        typical_dbm = typical(centre_mhz).eirp_per_re_dbm
        eirp_dbm = round(layer.eirp_per_re_dbm + typical_dbm - usual_dbm, 2)
        result.append(Licence(name, prefix[name], centre_mhz, high - low, eirp_dbm))
    return result


def shared(every: list[Licence]) -> Licence:
    """Return what stands for all operators on one mast: the carrier of the shortest reach.

    Where the highest frequency covers, the others do. Each operator hangs its own set.
    """
    names = ", ".join(sorted(licence.operator for licence in every))
    return every[0]._replace(operator=names, prefix="", sets=len(every))


def network(layer: Layer) -> Licence:
    """Return the scenario's own layer, of no operator in particular."""
    return Licence("", "", layer.frequency_mhz, layer.bandwidth_mhz, layer.eirp_per_re_dbm)


def typical(frequency_mhz: float) -> Typical:
    """Return the NR layer of ``rf_defaults.csv`` that is nearest in frequency (logarithmic)."""
    table = reference.table("rf_defaults")
    table = table[table["layer"].str.startswith("NR")]
    nearest = int(np.argmin(np.abs(np.log(table["freq_MHz"] / frequency_mhz))))
    level = next(name for name in table if str(name).startswith("reference_EIRP_dBm"))
    names = ("total_tx_power_W", "antenna_gain_dBi", "feeder_loss_dB", level)
    return Typical(*(float(table[name].iloc[nearest]) for name in names))


@dataclass(frozen=True)
class PlannedNetwork:
    """A network, what it radiates, and the share of all demand it is for.

    ``layer`` is its own carrier, ``further`` those that its stations have beside it.
    """

    licence: Licence
    layer: Layer
    weight: float
    further: tuple[Layer, ...] = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Return all its carriers, its own first."""
        return (self.layer, *self.further)


def planned_networks(scenario: Scenario) -> list[PlannedNetwork]:
    """Return the networks that the scenario plans, their weights summing to 1."""
    own_licences = chosen(scenario)
    weights = [1.0]
    if len(own_licences) > 1:
        table = scenario.country.table("operators").set_index(col.OPERATOR)["mobile_share_pct"]
        own = [float(table[licence.operator]) for licence in own_licences]
        weights = [share / sum(own) for share in own]
    return [
        PlannedNetwork(licence, _layer(scenario.layer_5g, licence), weight, scenario.further_layers)
        for licence, weight in zip(own_licences, weights, strict=True)
    ]


def _layer(layer: Layer, licence: Licence) -> Layer:
    carried = {
        "frequency_mhz": licence.frequency_mhz,
        "band": layer.band if licence.frequency_mhz == layer.frequency_mhz else "",
        "bandwidth_mhz": licence.bandwidth_mhz,
        "eirp_per_re_dbm": licence.eirp_per_re_dbm,
    }
    return layer.model_copy(update=carried)


def stations(frame: GeoDataFrame, carrier: PlannedNetwork, scenario: Scenario) -> GeoDataFrame:
    """Return the stations (rows of sites or candidates) that are part of a carrier's network."""
    if scenario.candidates.policy != "operators":
        return frame
    return frame[frame[col.OPERATOR] == carrier.licence.operator]
