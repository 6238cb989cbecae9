"""The 5G of a plan against the rule of a country: speeds per commune, district and province."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.coverage import capacity, link_budget, statistics
from phusong.coverage.area import network
from phusong.coverage.shadowing import Shadowing
from phusong.geodata.countries.country import QualityRule
from phusong.geodata.province import Province
from phusong.scenarios.config import carriers
from phusong.scenarios.config.carriers import PlannedNetwork
from phusong.scenarios.config.layers import Layer
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction.speeds import Speeds, Uplink, UserRates
from phusong.scenarios.prediction.technology import (
    TECHNOLOGIES,
    downlink,
    subcarriers,
    time_shares,
)

NetworkSpeeds = list[Speeds]
WEIGHTINGS = ("people", "area")


def by_unit(
    province: Province,
    scenario: Scenario,
    carriers: list[PlannedNetwork],
    networks: list[network.Layers],
    found: list[Speeds],
) -> pd.DataFrame:
    """Return the figures of the country's rule for each 5G network: columns.QUALITY_BY_UNIT.

    No rows where it has no rule.

    Samples are the pixels of the service area, where the mean level outdoors reaches the
    scenario's threshold outdoors, weighed by people and by area. A blank code of commune is
    that of a whole district, and two blank codes that of the province.
    """
    rule = scenario.country.quality
    if rule is None:
        return pd.DataFrame(columns=list(col.QUALITY_BY_UNIT))
    parts = []
    for carrier, layers, rates in zip(carriers, networks, found, strict=True):
        least_dbm = scenario.service.outdoor_threshold_dbm
        sums = {
            each: _of_communes(province, layers.rsrp_dbm, least_dbm, rates, each)
            for each in WEIGHTINGS
        }
        for names, groups in _units(province):
            for weighting, (own, whole) in sums.items():
                every = statistics.sum_by_label(groups, whole, len(names))
                table = _figures(own.regrouped(groups, len(names)), every, rule)
                about = {col.OPERATOR: carrier.licence.operator, col.WEIGHTING: weighting}
                parts.append(pd.concat([names, table], axis=1).assign(**about))
    return pd.concat(parts, ignore_index=True)[list(col.QUALITY_BY_UNIT)]


def _units(province: Province) -> Iterator[tuple[pd.DataFrame, NDArray[np.int64]]]:
    """Yield codes and names of communes, districts and the province, and that of each commune."""
    keys = [col.DISTRICT_CODE, col.COMMUNE_CODE, col.NAME]
    communes, districts = province.communes, province.districts
    yield communes[keys].reset_index(drop=True), np.arange(len(communes))
    whole = districts.assign(**{col.COMMUNE_CODE: ""})[keys].reset_index(drop=True)
    yield whole, np.asarray(province.district_of, np.int64)
    yield pd.DataFrame([("", "", province.name)], columns=keys), np.zeros(len(communes), np.int64)


def _of_communes(
    province: Province,
    level_dbm: NDArray[np.float32],
    least_dbm: float,
    rates: Speeds,
    weighting: str,
) -> tuple[capacity.ServiceSums, NDArray[np.float64]]:
    """Return the sums of the samples of every commune, and the weight of all of it."""
    count = len(province.communes)
    sums, whole = capacity.ServiceSums(*np.zeros((4, count))), np.zeros(count)
    for rows in stored.bands(level_dbm.shape):
        people, own = province.population.values[rows], province.commune_index.values[rows]
        weight = people if weighting == "people" else np.ones(people.shape, np.float32)
        here = Speeds(*(values[rows] for values in rates))
        more, all_here = _sums(own, level_dbm[rows] >= least_dbm, here, weight, count)
        sums, whole = sums.plus(more), whole + all_here
    return sums, whole


def of_networks(carried: list[list[network.Layers]], found: list[list[Speeds]]) -> NetworkSpeeds:
    """Return the speeds on each network, of its fastest carrier, from those on each carrier."""
    return [
        fastest(own, [each.rsrp_dbm for each in layers])
        for own, layers in zip(found, carried, strict=True)
    ]


def of_strongest(
    carriers: list[PlannedNetwork],
    carried: list[list[network.Layers]],
    measured: Callable[[network.Layers, Layer], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Return what is measured of the strongest carrier at every place, such as its SINR [dB]."""
    planned = [layer for each in carriers for layer in each.layers]
    predicted = [layers for each in carried for layers in each]

    def of_rows(rows: slice) -> NDArray[np.float32]:
        here = [layers.rows(rows) for layers in predicted]
        of_each = [
            _where_served(measured, layers, layer)
            for layer, layers in zip(planned, here, strict=True)
        ]
        if len(of_each) == 1:
            return of_each[0]
        strongest = np.argmax([layers.rsrp_dbm for layers in here], axis=0)
        chosen: NDArray[np.float32] = np.choose(strongest, of_each)
        return chosen

    return stored.by_bands(of_rows, predicted[0].rsrp_dbm.shape, np.float32)


def _where_served(
    measured: Callable[[network.Layers, Layer], NDArray[np.float32]],
    layers: network.Layers,
    layer: Layer,
) -> NDArray[np.float32]:
    """Return what is measured of a carrier; there is nothing to measure where no cell reaches."""
    served = layers.server != network.NO_SERVER
    values = np.full(served.shape, np.nan, np.float32)
    there = replace(layers, **{name: getattr(layers, name)[served] for name in network.GRIDS})
    values[served] = measured(there, layer)
    return values


def overall(found: list[Speeds], networks: list[network.Layers]) -> Speeds:
    """Return the speeds on all networks as one: the fastest counts, SINR is the strongest's."""
    return fastest(found, [layers.rsrp_dbm for layers in networks])


def fastest(carriers: Sequence[Speeds], levels_dbm: Sequence[NDArray[np.float32]]) -> Speeds:
    """Return the carriers of a network as one: the fastest counts, SINR is the strongest's."""
    if len(carriers) == 1:
        return carriers[0]
    shape = levels_dbm[0].shape
    whole = Speeds(*(stored.empty(shape, np.float32) for _ in Speeds._fields))
    for rows in stored.bands(shape):
        here = [Speeds(*(values[rows] for values in each)) for each in carriers]
        for values, own in zip(
            whole, _fastest(here, [level[rows] for level in levels_dbm]), strict=True
        ):
            values[rows] = own
    return whole


def _fastest(carriers: Sequence[Speeds], levels_dbm: Sequence[NDArray[np.float32]]) -> Speeds:
    first = carriers[0]
    for nth, each in enumerate(carriers[1:], start=1):
        stronger = levels_dbm[nth] > np.maximum.reduce(levels_dbm[:nth])
        first = Speeds(
            np.fmax(first.downlink_mbps, each.downlink_mbps),
            np.fmax(first.uplink_mbps, each.uplink_mbps),
            np.fmax(first.fast_share, each.fast_share),
            np.where(stronger, each.low_sinr_db, first.low_sinr_db),
        )
    return first


def rates(scenario: Scenario, layer: Layer) -> UserRates:
    """Return how what is received becomes SINR and speeds of one user who has the carrier.

    Both lose the overheads of TS 38.306 section 4.1.2; the upload is limited by the handset.
    """
    service, up = scenario.service, scenario.uplink
    technology = TECHNOLOGIES["5G"]
    _, up_share = time_shares(layer.duplex, technology, layer.downlink_share, up.overhead)
    uplink = Uplink(
        handset_power_dbm=up.handset_power_dbm,
        body_loss_db=up.body_loss_db,
        noise_figure_db=up.noise_figure_db,
        noise_rise_db=up.noise_rise_db,
        streams=up.streams,
        subcarriers=subcarriers(layer),
        spacing_khz=layer.subcarrier_khz,
        time_share=up_share,
        highest_efficiency=up.highest_efficiency,
    )
    usual = carriers.typical(layer.frequency_mhz)
    every_port_dbm = layer.eirp_per_re_dbm + 10.0 * math.log10(layer.ports)
    received_db = uplink.received_db(usual.antenna_gain_dbi, usual.feeder_loss_db, every_port_dbm)
    noise_dbm = link_budget.noise_per_re_dbm(layer.subcarrier_khz, layer.noise_figure_db)
    spread = Shadowing(service.shadowing_sigma_db, service.shadowing_correlation)
    return UserRates(noise_dbm, layer.load, spread, downlink(layer), uplink, float(received_db))


def compliance(
    labels: NDArray[np.int64],
    sampled: NDArray[np.bool_],
    speeds: Speeds,
    weight: NDArray[np.floating],
    count: int,
    rule: QualityRule,
) -> pd.DataFrame:
    """Return the figures of every set of pixels, and how much of it lies in the service area."""
    return _figures(*_sums(labels, sampled, speeds, weight, count), rule)


def _sums(
    labels: NDArray[np.integer],
    sampled: NDArray[np.bool_],
    speeds: Speeds,
    weight: NDArray[np.floating],
    count: int,
) -> tuple[capacity.ServiceSums, NDArray[np.float64]]:
    """Return the sums of the samples of every set of pixels, and the weight of all of it."""
    inside = np.where(sampled, labels, labels.dtype.type(statistics.OUTSIDE))
    rates = speeds.downlink_mbps, speeds.uplink_mbps
    sums = capacity.service_sums(inside, *rates, weight, count, speeds.fast_share)
    return sums, statistics.sum_by_label(labels, weight, count)


def _figures(
    sums: capacity.ServiceSums, whole: NDArray[np.float64], rule: QualityRule
) -> pd.DataFrame:
    figures = sums.quality
    return pd.DataFrame(
        {
            col.SERVICE_SHARE: statistics.share(sums.weight, whole),
            col.MEAN_DOWNLINK_MBPS: figures.mean_downlink_mbps,
            col.MEAN_UPLINK_MBPS: figures.mean_uplink_mbps,
            col.FAST_SHARE: figures.fast_share,
            col.COMPLIES: figures.keeps(*rule.limits),
        }
    )
