"""Which operator radiates 5G on which block, and how strongly."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from phusong import columns as col
from phusong.geodata import reference
from phusong.scenarios.schema import Scenario
from phusong.scenarios.sections import Layer


class Licence(NamedTuple):
    """A 5G carrier: centre and width (MHz), EIRP per resource element (dBm), antenna sets."""

    operator: str
    prefix: str
    frequency_mhz: float
    bandwidth_mhz: float
    eirp_per_re_dbm: float
    sets: int = 1


def chosen(scenario: Scenario) -> list[Licence]:
    """Return the licences whose stations are candidates, as ``candidates.policy`` says."""
    if scenario.candidates.policy == "one_network":
        return [network(scenario.layer_5g)]
    every = licences(scenario.layer_5g)
    return every if scenario.candidates.policy == "operators" else [shared(every)]


def licences(layer: Layer) -> list[Licence]:
    """Return the licences of ``blocks.csv``, highest frequency first.

    The EIRP is the scenario's, shifted by the difference of the typical figures of
    ``rf_defaults.csv`` between the block and the scenario's own frequency.
    """
    prefix = reference.table("operators").set_index(col.OPERATOR)["site_prefix"].to_dict()
    blocks = reference.table("blocks").sort_values("low_mhz", ascending=False)
    low_mhz, high_mhz = blocks[["low_mhz", "high_mhz"]].to_numpy(float).T
    usual_dbm = _typical_dbm(layer.frequency_mhz)
    result = []
    for name, low, high in zip(
        blocks[col.OPERATOR], low_mhz.tolist(), high_mhz.tolist(), strict=True
    ):
        centre_mhz = (low + high) / 2
        eirp_dbm = round(layer.eirp_per_re_dbm + _typical_dbm(centre_mhz) - usual_dbm, 2)
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


def antenna_gain_db(frequency_mhz: float) -> float:
    """Return the typical antenna gain of an NR layer, less feeder loss: ``rf_defaults.csv``."""
    usual = _nearest_nr(frequency_mhz)
    return float(usual["antenna_gain_dBi"]) - float(usual["feeder_loss_dB"])


def _typical_dbm(frequency_mhz: float) -> float:
    """Return the EIRP per resource element of the NR layer nearest in frequency."""
    usual = _nearest_nr(frequency_mhz)
    return float(next(usual[n] for n in usual.index if n.startswith("reference_EIRP_dBm")))


def _nearest_nr(frequency_mhz: float) -> pd.Series:
    """Return the NR layer of ``rf_defaults.csv`` nearest in frequency (logarithmic)."""
    table = reference.table("rf_defaults")
    table = table[table["layer"].str.startswith("NR")]
    return table.iloc[int(np.argmin(np.abs(np.log(table["freq_MHz"] / frequency_mhz))))]
