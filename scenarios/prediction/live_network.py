"""The 5G networks on air: predicted one by one, and what they are together."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.coverage.area import network
from phusong.geodata.province import Province
from phusong.messages import Message
from phusong.progress import counting_on
from phusong.scenarios.config.carriers import PlannedNetwork, planned_networks, stations
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import area, chain, quality, station_gains
from phusong.scenarios.prediction.speeds import Speeds

Bar = Callable[[int], None]
Progress = Callable[[str, int], Bar]


@dataclass(frozen=True)
class OnAir:
    """Stations on air, what each network gives, and the share of every place that is served.

    ``carried`` are the layers of each carrier of each network on its own, ``networks`` those of
    each network; ``layers`` is their union: the strongest cell serves; ``station`` is the row of
    its station, -1 where there is none. ``speeds`` are those of each carrier, where asked for.
    """

    stations: GeoDataFrame
    carried: list[list[network.Layers]]
    networks: list[network.Layers]
    layers: network.Layers
    station: NDArray[np.int32]
    share: NDArray[np.float32]
    speeds: list[list[Speeds]]

    @property
    def levels(self) -> list[NDArray[np.float32]]:
        """Return the level of each network, dBm per resource element."""
        return [part.rsrp_dbm for part in self.networks]


def networks(scenario: Scenario) -> list[PlannedNetwork]:
    """Return the networks that a scenario plans."""
    return planned_networks(scenario)


def with_5g(live: GeoDataFrame, table: GeoDataFrame | None = None) -> GeoDataFrame:
    """Return live and planned 5G stations as one list."""
    wanted = [
        col.SITE_ID,
        col.OPERATOR,
        col.HEIGHT_M,
        col.AZIMUTHS_DEG,
        col.TECHNOLOGIES,
        "geometry",
    ]
    if table is None:
        return live[wanted].reset_index(drop=True)
    planned = table.assign(**{col.TECHNOLOGIES: "5G"})
    if col.DOWNTILT_DEG in planned:
        return pd.concat([live[wanted], planned[[*wanted, col.DOWNTILT_DEG]]], ignore_index=True)
    return pd.concat([live[wanted], planned[wanted]], ignore_index=True)


def neighbours(province: Province) -> GeoDataFrame:
    """Return the stations round a province that have 5G on air."""
    around = province.heard.iloc[len(province.live) :]
    return with_5g(around[with_technology(around, "5G")])


def with_technology(sites: GeoDataFrame, technology: str) -> NDArray[np.bool_]:
    """Return which sites have a technology."""
    return np.array([technology in text.split("/") for text in sites[col.TECHNOLOGIES]], bool)


def predict(
    province: Province,
    listed: GeoDataFrame,
    carriers: list[PlannedNetwork],
    scenario: Scenario,
    progress: Bar,
    *,
    with_speeds: bool = False,
) -> OnAir:
    """Predict the networks of these stations, each on its own carrier.

    ``with_speeds`` tells what one user has of each carrier too. Neighbours with 5G serve and
    interfere too; where one serves, ``station`` is -1.
    """
    carried, speeds, row_of_cell, done = [], [], [], 0
    every = pd.concat([listed, neighbours(province)], ignore_index=True)
    for carrier in carriers:
        own = stations(every, carrier, scenario)
        bar = counting_on(progress, done)
        rows = np.repeat(own.index.to_numpy(), chain.sector_counts(own))
        if with_speeds:
            layers, own_speeds = _with_speeds(province, own, carrier, scenario, bar)
            speeds.append(own_speeds)
        else:
            layers = [
                chain.best_server(province, own, layer, scenario, bar) for layer in carrier.layers
            ]
        carried.append(layers)
        done += len(own)
        row_of_cell.append(np.tile(rows, len(carrier.layers)))
    networks = [
        _joined(own, rows.size // len(own)) for own, rows in zip(carried, row_of_cell, strict=True)
    ]
    sizes = np.cumsum([rows.size for rows in row_of_cell])
    union = reduce(
        lambda first, second: _joined_by_bands(first, second[0], second[1]),
        zip(networks[1:], sizes[:-1].tolist(), strict=True),
        networks[0],
    )
    row = np.append(np.concatenate(row_of_cell), network.NO_SERVER).astype(np.int32)
    row[row >= len(listed)] = network.NO_SERVER
    share = station_gains.served_share(scenario, carriers, [part.rsrp_dbm for part in networks])
    shape = union.server.shape
    station = stored.by_bands(lambda rows: row[union.server[rows]], shape, np.int32)
    return OnAir(listed, carried, networks, union, station, share, speeds)


def _with_speeds(
    province: Province, own: GeoDataFrame, carrier: PlannedNetwork, scenario: Scenario, bar: Bar
) -> tuple[list[network.Layers], list[Speeds]]:
    """Return the layers of every carrier of a network, and what one user has of each."""
    found = [
        chain.best_server_and_speeds(
            province, own, layer, scenario, bar, quality.rates(scenario, layer)
        )
        for layer in carrier.layers
    ]
    return [layers for layers, _ in found], [speeds for _, speeds in found]


def between(
    province: Province,
    live: GeoDataFrame,
    table: GeoDataFrame,
    carriers: list[PlannedNetwork],
    scenario: Scenario,
) -> dict[int, OnAir]:
    """Return the networks by the end of each year of a plan but the last.

    ``live`` are on air today, ``table`` holds the stations of the plan.
    """
    return {
        year: predict(
            province,
            with_5g(live, table[table[col.YEAR] <= year]),
            carriers,
            scenario,
            lambda _: None,
        )
        for year in scenario.rollout.years[:-1]
    }


def warnings(
    province: Province,
    scenario: Scenario,
    carriers: list[PlannedNetwork],
    listed: GeoDataFrame,
) -> list[Message]:
    """Return where the model is used outside the range it is known in, each once.

    ``listed`` are the stations of 5G as planned; those of 4G are on air.
    """
    sites = province.live[with_technology(province.live, "4G")]
    messages = area.beyond_warnings(province.grid, province.heard)
    messages += chain.warnings(scenario, scenario.layer_4g, sites)
    for carrier in carriers:
        own = stations(listed, carrier, scenario)
        for layer in carrier.layers:
            messages += chain.warnings(scenario, layer, own)
    return [warning for i, warning in enumerate(messages) if warning not in messages[:i]]


def _joined(carried: list[network.Layers], cells: int) -> network.Layers:
    """Return the carriers of one network, each with so many cells, as one."""
    return reduce(
        lambda first, second: _joined_by_bands(first, second[1], second[0] * cells),
        enumerate(carried[1:], start=1),
        carried[0],
    )


def _joined_by_bands(
    first: network.Layers, second: network.Layers, cells_in_first: int
) -> network.Layers:
    """Return two networks as one, see ``network.joined``, in files."""
    shape = first.rsrp_dbm.shape
    parts = (
        (rows, network.joined(first.rows(rows), second.rows(rows), cells_in_first))
        for rows in stored.bands(shape)
    )
    whole = network.assembled(parts, shape, 0, stored.empty)
    return replace(whole, edge=first.edge + second.edge)
