"""What stations are tried on: a study, its candidates, the network on air, and footprints."""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.progress import Progress, silent
from phusong.scenarios.candidates import asked, places
from phusong.scenarios.candidates.demand import Study
from phusong.scenarios.config.carriers import PlannedNetwork
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.costs import spending
from phusong.scenarios.prediction import chain, live_network, station_gains
from phusong.scenarios.prediction.live_network import OnAir

MOST_FOOTPRINTS = 2_000  # of stations that were tried; the oldest go first
RADIATES = (col.HEIGHT_M, col.AZIMUTHS_DEG, col.DOWNTILT_DEG)  # what may differ by station


class StationFootprint(NamedTuple):
    """The pixels (flat) that a station reaches, each once, and the level at each [dBm]."""

    pixel: NDArray[np.int32]
    level_dbm: NDArray[np.float32]


@dataclass(frozen=True)
class Bench:
    """What stations are tried on; what is predicted of one is held for the next time.

    Parameters
    ----------
    study
        Province, scenario and demand.
    frame
        The candidates of the scenario, with their costs.
    before
        The 5G network on air when the plan begins.
    """

    study: Study
    frame: GeoDataFrame
    before: OnAir
    _footprints: "OrderedDict[tuple[Any, ...], StationFootprint]" = field(
        default_factory=OrderedDict, repr=False
    )

    def footprints(self, stations: GeoDataFrame, network: PlannedNetwork) -> list[StationFootprint]:
        """Return what each station of a network reaches, in their order.

        Those that are not known yet are predicted together.

        Parameters
        ----------
        stations
            Rows such as those of ``frame``.
        network
            Whose carriers they radiate.
        """
        keys = [_key(station, network) for station in stations.itertuples()]
        lacking = [nth for nth, key in enumerate(keys) if key not in self._footprints]
        if lacking:
            self._predict(stations.iloc[lacking], network, [keys[nth] for nth in lacking])
        every = [self._footprints[key] for key in keys]
        while len(self._footprints) > max(MOST_FOOTPRINTS, len(keys)):
            self._footprints.popitem(last=False)
        return every

    def _predict(
        self, stations: GeoDataFrame, network: PlannedNetwork, keys: list[tuple[Any, ...]]
    ) -> None:
        scenario = self.study.scenario
        below_db = station_gains.below_db(scenario, self.study.levels)
        reached = chain.footprints(
            self.study.province, stations, network.layers, scenario, lambda _: None, below_db
        )
        for nth, key in enumerate(keys):
            pixel, level_dbm = reached.of(nth)
            self._footprints[key] = StationFootprint(pixel.astype(np.int32), level_dbm)


def open_bench(province: Province, scenario: Scenario, *, progress: Progress = silent) -> Bench:
    """Return what stations of a scenario are tried on, as a plan of it begins.

    Parameters
    ----------
    province
        As ``phusong.open_province`` returns it.
    scenario
        Whose candidates and demand count.
    progress
        Called with a title and a total, returns what takes the number done.

    Raises
    ------
    InputError
        The scenario asks for what the province does not have.
    """
    findings = asked.Findings()
    province = asked.prepared(province, scenario, findings)
    networks = live_network.networks(scenario)
    live = live_network.with_5g(places.live_5g(province))
    bar = progress(message("progress.on_air_5g"), len(live))
    before = live_network.predict(province, live, networks, scenario, bar)
    at_level = partial(station_gains.served_share, scenario, networks, before.levels)
    study, frame = asked.asked(province, scenario, before.share, findings, at_level)
    return Bench(study, spending.with_costs(province, scenario, frame), before)


def _key(station: Any, network: PlannedNetwork) -> tuple[Any, ...]:  # noqa: ANN401 - a row
    """Return all that the footprint of a station depends on."""
    radiates = (str(getattr(station, name, "")) for name in RADIATES)
    return network.licence.operator, station.geometry.x, station.geometry.y, *radiates
