"""Hold the plan of a finished run against a list of the stations that were built."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import baseline
from phusong.geodata.grid import Raster
from phusong.geodata.province import Provenance, Province, SiteList
from phusong.geodata.runs.change_classes import NODATA, Difference
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.units import admin
from phusong.messages import Message, message
from phusong.scenarios.as_built import coverage, matching, restored
from phusong.scenarios.as_built.coverage import ServedYear
from phusong.scenarios.as_built.matching import ELSEWHERE, STATUSES, WITHIN_M
from phusong.scenarios.candidates.places import live_5g
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction.live_network import OnAir, Progress

OF_THE_ANTENNA = (col.HEIGHT_M, col.AZIMUTHS_DEG)  # as planned, where a list does not say them


@dataclass(frozen=True)
class AsBuilt:
    """A plan against what was built, by station, year, commune and zone.

    Parameters
    ----------
    run
        The run of the plan.
    source
        The list of what was built.
    as_of
        Day up to which it counts.
    within_m
        How near a planned place a station is the planned one [m].
    before
        Stations of the list that the plan began with.
    later
        Stations of the list with a later day, which do not count.
    stations
        Planned ones by rank, then those built elsewhere.
    years
        Counts by year, and residents served as planned and as built.
    communes
        Likewise, by the last year.
    zones
        Likewise.
    difference
        0 covered in neither, 1 as planned only, 2 as built only, 3 in both, by the last year.
    recomputed
        Share of residents that the run tells for the last year of its plan, and that from the
        rasters of its folder.
    notes
        What a reader must know.
    """

    run: RunFolder
    source: Provenance
    as_of: str
    within_m: float
    before: int
    later: int
    stations: GeoDataFrame
    years: pd.DataFrame
    communes: GeoDataFrame
    zones: GeoDataFrame
    difference: Raster
    recomputed: dict[str, float]
    notes: list[Message]


def as_built(
    run: RunFolder,
    province: Province,
    listed: SiteList,
    scenario: Scenario,
    *,
    as_of: str = "",
    within_m: float = WITHIN_M,
    progress: Progress,
) -> AsBuilt:
    """Return the plan of a run against a list of built stations.

    Parameters
    ----------
    run
        The finished run.
    province
        Its province, as ``restored.province_of`` returns it.
    listed
        Stations with operator and day on air.
    scenario
        Of the run.
    as_of
        Last day that counts, such as ``2026-12-31``; the last of the list if ''.
    within_m
        How near a planned place a station is the planned one [m].
    progress
        Told how far the prediction is.

    Raises
    ------
    InputError
        A list without any day, where ``as_of`` is not stated either.
    """
    province = _of_year(province, run, scenario)
    planned = restored.planned(run, province.grid.crs)
    every = baseline.stations_of(province, listed)
    as_of = as_of or _last_day(every, listed)
    first_year = scenario.rollout.years[0]
    later = (every[col.ON_AIR] > as_of).to_numpy(bool)
    live = live_5g(province)
    begun = matching.before_plan(live, every, within_m, first_year) & ~later
    built = every[~later & ~begun].reset_index(drop=True)
    stations = _placed(matching.stations(planned, built, within_m, as_of), province, scenario)
    table = _antennas(built, planned, matching.paired(planned, built, within_m), listed)
    table[col.YEAR] = np.maximum(matching.years_built(built, as_of), first_year)
    years = _years(scenario, as_of)
    before = coverage.begun(province, scenario, live, progress)
    states = [_counted(province, scenario, before, own, years) for own in (planned, table)]
    last = [last for _, last in states]
    return AsBuilt(
        run=run,
        source=listed.provenance,
        as_of=as_of,
        within_m=within_m,
        before=int(begun.sum()),
        later=int(later.sum()),
        stations=stations,
        years=_year_rows(stations, years, [rows for rows, _ in states], first_year),
        communes=_communes(province, stations, last),
        zones=_zones(province, scenario, stations, last),
        difference=_difference(province, last),
        recomputed=_recomputed(run, years, states[0][0]),
        notes=_notes(every, as_of),
    )


def _of_year(province: Province, run: RunFolder, scenario: Scenario) -> Province:
    """Return the province with the year of its residents, where they grow."""
    if not scenario.demand.growth.changes:
        return province
    return replace(province, residents_year=int(run.record["province"]["population_year"]))


def _last_day(stations: GeoDataFrame, listed: SiteList) -> str:
    last = str(stations[col.ON_AIR].max()) if len(stations) else ""
    if last:
        return last
    remedy = message("remedy.state_as_of")
    defect = Defect(listed.provenance.source, message("problem.no_day_on_air"), remedy)
    raise InputError(message("refusal.the_list_is_no_as_built_list"), [defect])


def _years(scenario: Scenario, as_of: str) -> list[int]:
    """Return the years from the first of the plan to that of the last day, or its first."""
    first = scenario.rollout.years[0]
    return list(range(first, max(int(as_of[:4]), first) + 1))


def _antennas(
    built: GeoDataFrame, planned: GeoDataFrame, row: NDArray[np.int64], listed: SiteList
) -> GeoDataFrame:
    """Return built stations with the planned height and azimuths where their list has none."""
    stated = listed.every.attrs.get("stated", ())
    silent = [name for name in OF_THE_ANTENNA if name not in stated]
    table, there = built.copy(), np.flatnonzero(row != matching.NOBODY)
    for name in silent:
        values = table[name].to_numpy(object).copy()
        values[row[there]] = planned[name].to_numpy(object)[there]
        table[name] = values.astype(float) if name == col.HEIGHT_M else values
    return table


def _placed(stations: GeoDataFrame, province: Province, scenario: Scenario) -> GeoDataFrame:
    """Return the stations with commune, and those built elsewhere with the zone near them."""
    own = (stations[col.STATUS] == ELSEWHERE).to_numpy()
    held = province.zones[province.zones[col.TIER] > 0]
    if own.any() and len(held):
        near = gpd.sjoin_nearest(
            stations.loc[own, ["geometry"]],
            held[[col.ZONE_ID, "geometry"]],
            max_distance=scenario.zones.near_m,
        )
        near = near[~near.index.duplicated()]
        stations.loc[near.index, col.ZONE_ID] = near[col.ZONE_ID]
    row = admin.assign(stations, province.communes)
    codes = np.append(province.communes[col.COMMUNE_CODE].to_numpy(object), "")
    return stations.assign(**{col.COMMUNE_CODE: codes[row]})


def _counted(
    province: Province,
    scenario: Scenario,
    before: OnAir,
    table: GeoDataFrame,
    years: Sequence[int],
) -> tuple[list[tuple[float, float]], ServedYear]:
    """Return residents served, and all there are, in every year; and the last state."""
    rows = []
    states = coverage.by_year(province, scenario, before, table, years)
    for year, state in zip(years, states, strict=True):
        people = coverage.residents(province, scenario, year)
        rows.append((float((people * state.share).sum()), float(people.sum())))
    return rows, state


def counts(stations: GeoDataFrame, key: str, names: Sequence[Any]) -> pd.DataFrame:
    """Return how many stations there are of each status, by a key (columns.AS_BUILT_COUNTS)."""
    kinds = pd.crosstab(stations[key], stations[col.STATUS])
    kinds = kinds.reindex(index=pd.Index(names), columns=list(STATUSES), fill_value=0).astype(
        np.int64
    )
    kinds[col.PLANNED_STATIONS] = kinds.drop(columns=ELSEWHERE).sum(axis=1)
    return kinds[list(col.AS_BUILT_COUNTS)].reset_index(drop=True)


def _year_rows(
    stations: GeoDataFrame,
    years: Sequence[int],
    served: Sequence[list[tuple[float, float]]],
    first_year: int,
) -> pd.DataFrame:
    """Return the years: what was due, what became of it, what was built, who is served."""
    due = stations[col.PLANNED_YEAR].fillna(stations[col.BUILT_YEAR]).astype(np.int64)
    built_year = stations[col.BUILT_YEAR].dropna().astype(np.int64).clip(lower=first_year)
    rows = counts(stations.assign(due=due.clip(lower=first_year)), "due", years)
    rows.insert(0, col.YEAR, list(years))
    rows[col.BUILT_STATIONS] = [int((built_year == year).sum()) for year in years]
    rows[col.PLANNED_TOTAL] = rows[col.PLANNED_STATIONS].cumsum()
    rows[col.BUILT_TOTAL] = rows[col.BUILT_STATIONS].cumsum()
    for own, share, people in zip(
        served,
        (col.PEOPLE_SHARE_PLANNED, col.PEOPLE_SHARE_BUILT),
        (col.PEOPLE_PLANNED, col.PEOPLE_BUILT),
        strict=True,
    ):
        rows[share] = [part / whole if whole else 0.0 for part, whole in own]
        rows[people] = [round(part) for part, _ in own]
    return rows[list(col.AS_BUILT_YEARS)]


def _communes(
    province: Province, stations: GeoDataFrame, last: Sequence[ServedYear]
) -> GeoDataFrame:
    planned, built = (coverage.on_communes(province, state.share) for state in last)
    frame = province.communes[[*col.COMMUNES, "geometry"]]
    numbers = counts(stations, col.COMMUNE_CODE, list(frame[col.COMMUNE_CODE]))
    return frame.assign(
        **{str(name): numbers[name].to_numpy() for name in numbers},
        **{
            col.PEOPLE_SHARE_PLANNED: planned.people_share,
            col.PEOPLE_SHARE_BUILT: built.people_share,
            col.AREA_SHARE_PLANNED: planned.area_share,
            col.AREA_SHARE_BUILT: built.area_share,
        },
    )


def _zones(
    province: Province, scenario: Scenario, stations: GeoDataFrame, last: Sequence[ServedYear]
) -> GeoDataFrame:
    planned, built = coverage.on_zones(province, scenario, [state.share for state in last])
    numbers = counts(stations, col.ZONE_ID, list(province.zones[col.ZONE_ID]))
    frame = province.zones.assign(
        **{str(name): numbers[name].to_numpy() for name in numbers},
        **{col.COVERED_SHARE_PLANNED: planned, col.COVERED_SHARE_BUILT: built},
    )
    return frame[[*col.AS_BUILT_ZONES, "geometry"]]


def _difference(province: Province, last: Sequence[ServedYear]) -> Raster:
    """Return where the level is reached as planned, as built, in both."""
    planned, built = (state.covered for state in last)
    classes = np.full(province.grid.shape, Difference.NEITHER, np.uint8)
    classes[planned] = Difference.LOST
    classes[built] = Difference.GAINED
    classes[planned & built] = Difference.BOTH
    inside = province.commune_index.values >= 0
    return Raster(np.where(inside, classes, NODATA).astype(np.uint8), province.grid, NODATA)


def _recomputed(
    run: RunFolder, years: Sequence[int], planned: list[tuple[float, float]]
) -> dict[str, float]:
    """Return what the run tells of residents served by the plan, and what is predicted here."""
    told = {int(row["year"]): float(row["people_share"]) for row in run.record["years"]}
    both = [year for year in years if year in told]
    if not both:
        return {}
    part, whole = planned[years.index(both[-1])]
    return {"year": both[-1], "recorded": told[both[-1]], "predicted": part / whole}


def _notes(every: GeoDataFrame, as_of: str) -> list[Message]:
    undated = int((every[col.ON_AIR] == "").sum())
    notes = [message("as_built.undated_count", n=undated, as_of=as_of)] if undated else []
    if not as_of.endswith("-12-31"):
        notes.append(message("as_built.part_of_year", as_of=as_of, year=as_of[:4]))
    return notes
