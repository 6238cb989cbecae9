"""QCVN 126:2021 for the 5G of a plan: predicted speeds per commune, district and province."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import capacity, statistics
from phusong.coverage.area import network
from phusong.geodata.province import Province
from phusong.scenarios.config import carriers
from phusong.scenarios.config.carriers import PlannedNetwork
from phusong.scenarios.config.sections import Layer, Scenario
from phusong.scenarios.prediction import chain
from phusong.scenarios.prediction.technology import (
    TECHNOLOGIES,
    downlink_mbps,
    subcarriers,
    time_shares,
)
from phusong.scenarios.propagation.options import PredictionOptions

Floats = NDArray[np.float32]
UPLINK = PredictionOptions()  # what ``phusong predict`` assumes of handset and receiver
WEIGHTINGS = ("people", "area")


def by_unit(
    province: Province,
    scenario: Scenario,
    carriers: list[PlannedNetwork],
    networks: list[network.Layers],
) -> pd.DataFrame:
    """Return the figures of QCVN 126 of each 5G network: columns.QUALITY_BY_UNIT.

    Samples are the pixels of the service area, where the mean level outdoors reaches the
    scenario's threshold outdoors, weighed by people and by area. A blank code of commune is
    that of a whole district, and two blank codes that of the province.
    """
    parts = []
    for carrier, layers in zip(carriers, networks, strict=True):
        sampled = layers.rsrp_dbm >= scenario.service.outdoor_threshold_dbm
        speeds = speeds_mbps(carrier.layer, layers)
        for names, labels in _units(province):
            for weighting in WEIGHTINGS:
                weight = _weight(province, weighting)
                table = compliance(labels, sampled, speeds, weight, len(names))
                about = {col.OPERATOR: carrier.licence.operator, col.WEIGHTING: weighting}
                parts.append(pd.concat([names, table], axis=1).assign(**about))
    return pd.concat(parts, ignore_index=True)[list(col.QUALITY_BY_UNIT)]


def _units(province: Province) -> Iterator[tuple[pd.DataFrame, NDArray[np.int64]]]:
    """Yield codes and names of communes, districts and the province, and the labels of pixels."""
    keys = [col.DISTRICT_CODE, col.COMMUNE_CODE, col.NAME]
    communes, districts = province.communes, province.districts
    own = province.commune_index.values.astype(np.int64)
    yield communes[keys].reset_index(drop=True), own
    whole = districts.assign(**{col.COMMUNE_CODE: ""})[keys].reset_index(drop=True)
    yield whole, np.append(province.district_of, statistics.OUTSIDE)[own]
    yield pd.DataFrame([("", "", province.name)], columns=keys), np.minimum(own, 0)


def _weight(province: Province, weighting: str) -> NDArray[np.floating]:
    people = province.population.values
    return people if weighting == "people" else np.ones(people.shape)


def speeds_mbps(layer: Layer, layers: network.Layers) -> tuple[Floats, Floats]:
    """Return download and upload of one user who has the carrier, as ``phusong predict`` does.

    Both lose the overheads of TS 38.306 section 4.1.2; the upload is limited by the handset.
    """
    technology = TECHNOLOGIES["5G"]
    _, up = time_shares(layer.duplex, technology, layer.downlink_share)
    downlink = downlink_mbps(chain.data_sinr_db(layers, layer), layer)
    uplink = capacity.uplink_throughput_mbps(
        _received_dbm(layer, layers),
        subcarriers(layer),
        layer.subcarrier_khz,
        UPLINK.uplink_noise_figure_db,
        UPLINK.uplink_noise_rise_db,
        up,
        technology.uplink_highest_efficiency,
    )
    return downlink, uplink


def _received_dbm(layer: Layer, layers: network.Layers) -> Floats:
    """Return a handset's full power at its serving station: the path up is the path down."""
    radiated_dbm = capacity.HANDSET_POWER_DBM - UPLINK.body_loss_db
    usual = carriers.typical(layer.frequency_mhz)
    gain_db = usual.antenna_gain_dbi - usual.feeder_loss_db
    served = layers.server != network.NO_SERVER
    with np.errstate(invalid="ignore"):
        level = layers.rsrp_dbm - layer.eirp_per_re_dbm + gain_db + radiated_dbm
    return np.where(served, level, np.float32(np.nan)).astype(np.float32)


def compliance(
    labels: NDArray[np.int64],
    sampled: NDArray[np.bool_],
    speeds_mbps: tuple[Floats, Floats],
    weight: NDArray[np.floating],
    count: int,
) -> pd.DataFrame:
    """Return the figures of every set of pixels, and how much of it lies in the service area."""
    inside = np.where(sampled, labels, statistics.OUTSIDE)
    figures = capacity.qcvn_126(inside, *speeds_mbps, weight, count)
    whole = statistics.sum_by_label(labels, weight, count)
    return pd.DataFrame(
        {
            col.SERVICE_SHARE: statistics.share(
                statistics.sum_by_label(inside, weight, count), whole
            ),
            col.MEAN_DOWNLINK_MBPS: figures.mean_downlink_mbps,
            col.MEAN_UPLINK_MBPS: figures.mean_uplink_mbps,
            col.FAST_SHARE: figures.fast_share,
            col.COMPLIES: figures.complies,
        }
    )
