"""A draft of a plan: which stations, with which antennas, in which years; and as an override."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from geopandas import GeoDataFrame
from pydantic import ValidationError

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.messages import Message, message
from phusong.scenarios.candidates import own_stations, places
from phusong.scenarios.config.sections import ChangedStation, OwnStation, Scenario
from phusong.scenarios.costs import spending
from phusong.scenarios.evaluation.bench import Bench

ANTENNA = ("height_m", "azimuths_deg", "downtilt_deg")
PREFIX = "5G-"  # of the station on a position


@dataclass(frozen=True)
class Draft:
    """Stations by the year of each, in order of build.

    Parameters
    ----------
    years
        Year by name of station.
    own
        Stations on places of the planner's own, by name of station.
    changed
        Antennas of candidates that differ from the scenario's.
    """

    years: dict[str, int]
    own: dict[str, OwnStation] = field(default_factory=dict)
    changed: dict[str, ChangedStation] = field(default_factory=dict)

    def stations(self) -> list[dict[str, Any]]:
        """Return the stations one by one, as ``draft`` reads them."""
        return [self._stated(name, year) for name, year in self.years.items()]

    def _stated(self, name: str, year: int) -> dict[str, Any]:
        own, changed = self.own.get(name), self.changed.get(name)
        antenna = changed.model_dump(exclude_none=True) if changed else {}
        named = own.model_dump(exclude_none=True) if own else {"site_id": name}
        return {**named, **antenna, "year": year}

    def without(self, name: str) -> "Draft":
        """Return the draft without a station."""
        parts = ({k: v for k, v in part.items() if k != name} for part in self.parts)
        return Draft(*parts)

    def beside(self, other: "Draft") -> "Draft":
        """Return both drafts as one; stations of the other win."""
        return Draft(*({**a, **b} for a, b in zip(self.parts, other.parts, strict=True)))

    @property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Return years, own stations and changed antennas."""
        return self.years, self.own, self.changed

    def override(self) -> dict[str, Any]:
        """Return the settings with which ``phusong run`` builds these stations and no other."""
        by_year: dict[str, int] = {}
        for year in self.years.values():
            by_year[str(year)] = by_year.get(str(year), 0) + 1
        return {
            "candidates": {
                "only": list(self.years),
                "require": dict(self.years),
                "own": [each.model_dump(exclude_none=True) for each in self.own.values()],
                "changed": {
                    name: each.model_dump(exclude_none=True) for name, each in self.changed.items()
                },
            },
            "rollout": {
                "stations": by_year,
                "budget_million": {},
                "target_share": {},
                "min_per_district": {},
            },
            "quotas": [],
        }


def draft(scenario: Scenario, stations: Iterable[Mapping[str, Any]]) -> Draft:
    """Return stations as stated one by one.

    Parameters
    ----------
    scenario
        Whose years they are built in.
    stations
        Each with ``site_id`` of a candidate, or ``name``, ``lon`` and ``lat`` of one's own; with
        ``year``, by default the last; and with ``height_m``, ``azimuths_deg`` and
        ``downtilt_deg`` where they differ.

    Raises
    ------
    InputError
        With every station that is stated twice, in no year of the scenario, or with a value that
        no antenna has.
    """
    years, own, changed, defects = {}, {}, {}, []
    for nth, stated in enumerate(stations, start=1):
        try:
            name, station = _read(stated)
        except ValidationError as error:
            defects += [_defect(nth, each) for each in error.errors()]
            continue
        year = stated.get("year", scenario.rollout.years[-1])
        if name in years:
            defects.append(
                Defect("stations", message("problem.is_there_twice"), row=nth, value=name)
            )
        if year not in scenario.rollout.years:
            known = ", ".join(map(str, scenario.rollout.years))
            remedy = message("remedy.there_are", known=known)
            problem = message("problem.is_no_year_of_the_plan")
            defects.append(Defect("stations", problem, remedy, nth, "year", year))
        years[name] = year
        if isinstance(station, OwnStation):
            own[name] = station
        elif station.model_fields_set:
            changed[name] = station
    if defects:
        raise InputError(message("refusal.stations_cannot_be_tried"), defects)
    return Draft(years, own, changed)


def _read(stated: Mapping[str, Any]) -> tuple[str, OwnStation | ChangedStation]:
    antenna = {name: stated[name] for name in ANTENNA if stated.get(name) is not None}
    if "site_id" in stated:
        return str(stated["site_id"]), ChangedStation(**antenna)
    place = {name: stated[name] for name in ("name", "lon", "lat") if name in stated}
    station = OwnStation(**place, **antenna)
    return PREFIX + station.name, station


def _defect(row: int, problem: Mapping[str, Any]) -> Defect:
    column = ".".join(map(str, problem["loc"]))
    value = None if problem["type"] == "missing" else problem["input"]
    return Defect("stations", str(problem["msg"]), row=row, column=column, value=value)


def table(bench: Bench, tried: Draft) -> tuple[GeoDataFrame, list[Message]]:
    """Return the stations of a draft as rows of candidates, and what is to be said of them.

    Parameters
    ----------
    bench
        What they are tried on.
    tried
        The stations.

    Raises
    ------
    InputError
        A station lies outside the province, is no candidate, or hangs higher than its mast.
    """
    province, scenario = bench.study.province, _asking(bench.study.scenario, tried)
    frame = bench.frame
    if tried.own:
        own = places.of_own(province, scenario, bench.setting)
        own = spending.with_costs(province, scenario, own)
        frame = pd.concat([frame, own], ignore_index=True)
    rows = pd.Series(range(len(frame)), index=frame[col.SITE_ID])
    if unknown := [name for name in tried.years if name not in rows]:
        problem = message("problem.no_station_can_be_built_there")
        defects = [Defect("stations", problem, value=name) for name in unknown]
        raise InputError(message("refusal.stations_cannot_be_tried"), defects)
    chosen = frame.iloc[rows[list(tried.years)]].reset_index(drop=True)
    chosen = own_stations.changed(chosen, scenario)
    chosen = chosen.assign(**{col.YEAR: list(tried.years.values())})
    return chosen, own_stations.warnings(province, scenario, chosen)


def _asking(scenario: Scenario, tried: Draft) -> Scenario:
    """Return the scenario with the stations and antennas of a draft."""
    wanted = {"own": list(tried.own.values()), "changed": tried.changed}
    candidates = scenario.candidates.model_copy(update=wanted)
    return scenario.model_copy(update={"candidates": candidates})
