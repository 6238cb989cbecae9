"""What stations are tried on: a study, its candidates, the network on air, and footprints."""

from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

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
from phusong.scenarios.config.sections import Scenario, ServedLevel
from phusong.scenarios.costs import spending
from phusong.scenarios.evaluation import counting
from phusong.scenarios.plan.choice import CandidateCoverage, candidate_coverage
from phusong.scenarios.prediction import chain, live_network, station_gains
from phusong.scenarios.prediction.live_network import OnAir
from phusong.scenarios.prediction.station_gains import StationSquares

MOST_TRIED = 5  # stations at once that are no plan: not worth a file in the cache
MOST_FOOTPRINTS = 2_000  # of stations that were tried; the oldest go first
MOST_STATES = 10  # sets of stations whose levels and shares are held, about 10 MB each
RADIATES = (col.HEIGHT_M, col.AZIMUTHS_DEG, col.DOWNTILT_DEG)  # what may differ by station


StationKey = tuple[Any, ...]
Shares = dict[ServedLevel, NDArray[np.float32]]  # of every pixel (flat) that is served


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
    shares
        What sets of stations serve that were tried lately, by network.
    """

    study: Study
    frame: GeoDataFrame
    before: OnAir
    _footprints: "OrderedDict[StationKey, StationSquares]" = field(
        default_factory=OrderedDict, repr=False
    )
    shares: "OrderedDict[tuple[frozenset[StationKey], ...], Shares]" = field(
        default_factory=OrderedDict, repr=False
    )
    _states: "OrderedDict[frozenset[StationKey], NDArray[np.float32]]" = field(
        default_factory=OrderedDict, repr=False
    )

    @cached_property
    def setting(self) -> places.PixelSettings:
        """Return the setting of every pixel, by which masts and their heights are chosen."""
        return places.settings(self.study.province)

    @cached_property
    def coverage(self) -> CandidateCoverage:
        """Return what every candidate would serve of every demand cell."""
        return candidate_coverage(self.study, self.frame, self.before, silent)

    @cached_property
    def quantities(self) -> counting.PixelQuantities:
        """Return what is counted on every pixel."""
        return counting.quantities(self.study)

    def footprints(self, stations: GeoDataFrame, network: PlannedNetwork) -> list[StationSquares]:
        """Return what each station of a network reaches, in their order.

        Those that are not known yet are predicted together.

        Parameters
        ----------
        stations
            Rows such as those of ``frame``.
        network
            Whose carriers they radiate.
        """
        keys = station_keys(stations, network)
        lacking = [nth for nth, key in enumerate(keys) if key not in self._footprints]
        if lacking:
            self._predict(stations.iloc[lacking], network, [keys[nth] for nth in lacking])
        every = [self._footprints[key] for key in keys]
        while len(self._footprints) > max(MOST_FOOTPRINTS, len(keys)):
            self._footprints.popitem(last=False)
        return every

    def levels_dbm(
        self, stations: GeoDataFrame, network: PlannedNetwork, before_dbm: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return the level of a network at every pixel (flat) with these stations on air.

        It begins at what is known of the same stations but one or a few.

        Parameters
        ----------
        stations
            Of the network.
        network
            Whose carriers they radiate.
        before_dbm
            Level without them, shape of the grid.
        """
        keys = station_keys(stations, network)
        whole, footprints = (
            frozenset(keys),
            dict(zip(keys, self.footprints(stations, network), strict=True)),
        )
        if whole not in self._states:
            nearest = max(
                (state for state in self._states if state < whole), key=len, default=frozenset()
            )
            start = self._states[nearest] if nearest else before_dbm.ravel()
            level_dbm = start.copy()
            for key in whole - nearest:
                self.raise_levels(footprints[key], level_dbm)
            self._states[whole] = level_dbm
        self._states.move_to_end(whole)
        while len(self._states) > MOST_STATES:
            self._states.popitem(last=False)
        return self._states[whole]

    def raise_levels(self, footprint: StationSquares, level_dbm: NDArray[np.float32]) -> None:
        """Raise levels (flat) to those of a station where it is stronger.

        Parameters
        ----------
        footprint
            Of the station.
        level_dbm
            Of every pixel, changed in place [dBm].
        """
        receivers = self.study.province.commune_index.values >= 0
        station_gains.raise_levels(footprint, receivers, level_dbm)

    def probability(self, level_dbm: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of service at mean levels outdoors.

        Parameters
        ----------
        level_dbm
            Of any shape [dBm].
        """
        return chain.share_at(self.study.scenario, self.study.levels[0], level_dbm)

    def _predict(
        self, stations: GeoDataFrame, network: PlannedNetwork, keys: list[StationKey]
    ) -> None:
        scenario = self.study.scenario
        below_db = station_gains.below_db(scenario, self.study.levels)
        reached = chain.footprints(
            self.study.province,
            stations,
            network.layers,
            scenario,
            lambda _: None,
            below_db,
            tried=len(stations) <= MOST_TRIED,
        )
        for nth, key in enumerate(keys):
            self._footprints[key] = station_gains.squares_of(reached, nth)


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


def station_keys(stations: GeoDataFrame, network: PlannedNetwork) -> list[StationKey]:
    """Return all that the footprint of each station of a network depends on."""
    x_m, y_m = stations.geometry.x.tolist(), stations.geometry.y.tolist()
    radiates = [
        stations[name].astype(str).tolist() if name in stations else [""] * len(stations)
        for name in RADIATES
    ]
    operators = [network.licence.operator] * len(stations)
    return list(zip(operators, x_m, y_m, *radiates, strict=True))
