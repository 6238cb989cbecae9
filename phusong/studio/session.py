"""A finished run that stations are tried on: opened once, asked by one request after the other."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from phusong import columns as col
from phusong.geodata import crs
from phusong.messages import speak
from phusong.progress import Progress, silent
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation import draft as drafts
from phusong.scenarios.evaluation import finishing, of_run, override_file
from phusong.scenarios.evaluation.draft import Draft
from phusong.scenarios.evaluation.evaluation import Evaluation, evaluate
from phusong.studio import pictures

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from phusong.geodata.province import Province
    from phusong.geodata.runs.folder import RunFolder
    from phusong.scenarios.evaluation.bench import Bench

Stations = Sequence[Mapping[str, Any]]
LEAST_CHANGE = 5e-4  # share: smaller changes of communes and zones are not told
STATION_COLUMNS = (
    col.SITE_ID,
    col.KIND,
    col.HEIGHT_M,
    col.AZIMUTHS_DEG,
    col.COST_MILLION,
    col.BACKHAUL_M,
    col.COMMUNE_CODE,
    col.ZONE_ID,
)


@dataclass(frozen=True)
class StudioRun:
    """A run whose plan is argued about; one request at a time asks the engine.

    Parameters
    ----------
    folder
        The finished run.
    province
        With which it was planned.
    progress
        Of opening it.
    """

    folder: "RunFolder"
    province: "Province"
    progress: Progress = silent
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @cached_property
    def bench(self) -> "Bench":
        """Return what stations are tried on."""
        names = self.folder.ranking[col.SITE_ID].tolist()
        return of_run.of_run(self.folder.record, self.province, names, progress=self.progress)

    @cached_property
    def planned(self) -> Draft:
        """Return the stations that the run builds."""
        ranking = self.folder.ranking
        years = ranking[col.YEAR].astype(int).tolist()
        return Draft(dict(zip(ranking[col.SITE_ID].tolist(), years, strict=True)))

    @cached_property
    def as_planned(self) -> Evaluation:
        """Return what they serve."""
        return self._evaluated(self.planned)[0]

    def state(self) -> dict[str, Any]:
        """Return what a page needs to begin: years, carriers, the plan and its figures."""
        with self._lock:
            scenario = self.bench.study.scenario
            return {
                "run": self.folder.path.name,
                "title": scenario.scenario.title.model_dump(),
                "province": self.province.name,
                "years": scenario.rollout.years,
                "carriers": [
                    {
                        "operator": network.licence.operator,
                        "frequency_mhz": network.layer.frequency_mhz,
                        "downtilt_deg": network.layer.downtilt_deg,
                    }
                    for network in self.bench.study.networks
                ],
                "stations": self.planned.stations(),
                "figures": self.as_planned.as_dict(),
            }

    def candidates(self) -> dict[str, list[Any]]:
        """Return all candidates as columns, with longitude and latitude."""
        with self._lock:
            return _columns(self.bench.frame)

    def evaluate(self, stations: Stations, language: str) -> dict[str, Any]:
        """Return what stations serve and cost, and where that differs from the plan.

        ``picture`` shows where more and where less is served than by the plan.
        """
        with self._lock:
            own, table, warnings = self._evaluated(self._draft(stations))
            return {
                **own.as_dict(),
                **_against(self.as_planned, own),
                "stations": _columns(table),
                "picture": pictures.difference(
                    self.as_planned.share, own.share, self.province.grid
                ),
                "warnings": [speak(each, language) for each in warnings],
            }

    def station(
        self, station: Mapping[str, Any], stations: Stations, language: str
    ) -> dict[str, Any]:
        """Return where a station serves, what it costs, and what it adds to the others.

        ``picture`` shows the probability of service from this station alone.
        """
        with self._lock:
            one = self._draft([station])
            (name,) = one.years
            others = self._draft(stations).without(name)
            before = self._evaluated(others)[0]
            after, table, warnings = self._evaluated(others.beside(one))
            alone = table[table[col.SITE_ID] == name]
            last, first = after.years[-1], before.years[-1]
            return {
                "station": {key: values[0] for key, values in _columns(alone).items()},
                "people_gained": round(last["people"] - first["people"], 1),
                **_against(before, after),
                "picture": self._footprint(alone),
                "warnings": [speak(each, language) for each in warnings],
            }

    def finish(
        self,
        stations: Stations,
        forbidden: Sequence[str],
        settings: Mapping[str, Any],
        *,
        swaps: int,
        proof_seconds: float = 0.0,
    ) -> dict[str, Any]:
        """Return the plan chosen around stations that stand, as stations and figures."""
        with self._lock:
            scenario = self.bench.study.scenario
            wanted = schema.changed(scenario, settings) if settings else scenario
            plan = finishing.finished(
                self.bench,
                drafts.draft(wanted, stations),
                forbidden,
                scenario=wanted,
                swaps=swaps,
                proof_seconds=proof_seconds,
            )
            own = self._evaluated(plan.draft)[0]
            return {
                "stations": plan.draft.stations(),
                "gap": None if np.isnan(plan.gap) else plan.gap,
                "missed": [{"name": name, "year": year} for name, year in plan.missed],
                **own.as_dict(),
                **_against(self.as_planned, own),
            }

    def override(self, stations: Stations) -> str:
        """Return the scenario file with which a run builds these stations and no other."""
        with self._lock:
            return override_file.text(self.bench.study.scenario, self._draft(stations))

    def _draft(self, stations: Stations) -> Draft:
        return drafts.draft(self.bench.study.scenario, stations)

    def _evaluated(self, draft: Draft) -> tuple[Evaluation, "GeoDataFrame", list[Any]]:
        table, warnings = drafts.table(self.bench, draft)
        return evaluate(self.bench, table), table, warnings

    def _footprint(self, alone: "GeoDataFrame") -> dict[str, Any] | None:
        """Return the picture of what one station serves."""
        before = np.full(self.province.grid.shape, -np.inf, np.float32)
        bench = self.bench
        for network in bench.study.networks:
            for footprint in bench.footprints(alone, network):
                bench.raise_levels(footprint, before.reshape(-1))
        return pictures.probability(bench.probability(before), self.province.grid)


def _columns(frame: "GeoDataFrame") -> dict[str, list[Any]]:
    """Return stations as columns, with longitude and latitude."""
    named = {name: frame[name].tolist() for name in STATION_COLUMNS}
    lon, lat = crs.transform(frame.geometry.x, frame.geometry.y, frame.crs, crs.GEOGRAPHIC)
    return {**named, "lon": lon.round(6).tolist(), "lat": lat.round(6).tolist()}


def _against(before: Evaluation, after: Evaluation) -> dict[str, Any]:
    """Return by how much shares of communes and zones differ."""
    return {
        "changed_communes": _changed(before.communes, after.communes),
        "changed_zones": _changed(before.zones, after.zones),
    }


def _changed(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """Return by how much shares differ, the largest first."""
    change = {name: round(after[name] - share, 5) for name, share in before.items()}
    told = {name: each for name, each in change.items() if abs(each) >= LEAST_CHANGE}
    return dict(sorted(told.items(), key=lambda item: -abs(item[1])))
