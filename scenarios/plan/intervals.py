"""Intervals of the figures of a plan: how far they may be off, because the prediction is."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.coverage import statistics, uncertainty
from phusong.coverage.uncertainty import CoverageSums, Ends, Local
from phusong.geodata.grid import PIXEL_M
from phusong.geodata.province import Province
from phusong.scenarios.candidates.demand import Demand, Study
from phusong.scenarios.config.sections import Scenario
from phusong.scenarios.prediction import station_gains

# Shadowing is alike over so far: TR 38.901 table 7.5-6, RMa without line of sight, the longest.
PLACE_M = 120.0
SOURCE = "measurements on four sets, geodata/reference/p1812_terminal.toml"
Values = NDArray[np.floating]
Levels = list[NDArray[np.float32]]


class CountedPixels(NamedTuple):
    """The pixels (flat) that figures count, rising, and the row of the commune of each.

    They are those of the province and of its zones; -1 stands for no commune.
    """

    pixel: NDArray[np.int32]
    commune: NDArray[np.int32]

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a quantity of every pixel of the grid, of these pixels alone."""
        flat = values.ravel()
        return stored.by_bands(lambda at: flat[self.pixel[at]], self.pixel.shape, flat.dtype)


def counted_pixels(study: Study) -> CountedPixels:
    """Return the pixels that the figures of a study count."""
    commune = study.province.commune_index.values.ravel()
    counts = stored.by_bands(lambda at: commune[at] >= 0, commune.shape, np.bool_)
    for pixels in study.zone_pixels(study.zones):
        counts[pixels] = True
    held = [np.flatnonzero(counts[at]) + at.start for at in stored.bands(counts.shape)]
    pixel = stored.stored(np.concatenate(held), np.int32)
    return CountedPixels(
        pixel, stored.by_bands(lambda at: commune[pixel[at]], pixel.shape, np.int32)
    )


@dataclass(frozen=True)
class LevelErrors:
    """Deviations of a prediction's errors in dB, and the patches over which each is alike.

    One error is common to all places: it is drawn once for the whole province. That of an area
    is less where places near by were measured.
    """

    common_db: float
    area_db: float | Values
    place_db: float
    area: NDArray[np.int32]
    place: NDArray[np.int32]

    @property
    def far_db(self) -> float:
        """Return how far the common error lies off at the ends of an interval."""
        return uncertainty.z_score() * self.common_db

    def at(self, pixels: CountedPixels) -> "LevelErrors":
        """Return the errors of some pixels of the grid alone."""
        area_db = (
            self.area_db if np.ndim(self.area_db) == 0 else pixels.of(np.asarray(self.area_db))
        )
        patches = pixels.of(self.area), pixels.of(self.place)
        return LevelErrors(self.common_db, area_db, self.place_db, *patches)


def errors(province: Province, scenario: Scenario) -> LevelErrors:
    """Return the errors of a scenario's prediction.

    Local errors together deviate at most as the service reckons with, whose share of places
    holds them already: ``uncertainty.field_db`` of them is alike over
    ``uncertainty.correlation_m``, the rest over ``PLACE_M``.
    """
    stated = scenario.uncertainty
    area_db, place_db = _local_db(scenario)
    area, place = (
        _patches(province.commune_index.values, max(round(side_m / PIXEL_M), 1))
        for side_m in (stated.correlation_m, PLACE_M)
    )
    local_db = _near_measured_db(area_db, province, scenario)
    return LevelErrors(stated.common_db, local_db, place_db, area, place)


def _near_measured_db(area_db: float, province: Province, scenario: Scenario) -> float | Values:
    """Return the deviation of areas, less what measured places near by take of it, by pixel."""
    tuned, landcover = scenario.propagation.calibration, province.landcover.values
    if tuned is None or tuned.measured is None:
        return area_db
    nearby = tuned.measured.on_grid(province.grid, tuned.tuned_on(landcover))
    gained_db2 = nearby.gained_db2.ravel()
    return stored.by_bands(
        lambda at: np.sqrt(np.maximum(area_db**2 - gained_db2[at], 0.0)), gained_db2.shape, float
    )


def _local_db(scenario: Scenario) -> tuple[float, float]:
    """Return the deviations of the errors of an area and of a place, in decibels."""
    stated = scenario.uncertainty
    whole_db = min(
        math.hypot(stated.field_db, stated.place_db),
        scenario.service.shadowing_sigma_db,
    )
    area_db = min(stated.field_db, whole_db)
    return area_db, math.sqrt(whole_db**2 - area_db**2)


def record(scenario: Scenario) -> dict[str, Any]:
    """Return what run.json says of the errors that the intervals reckon with."""
    stated, calibration = scenario.uncertainty, scenario.propagation.calibration
    area_db, place_db = _local_db(scenario)
    return {
        "probability": uncertainty.PROBABILITY,
        "common_db": stated.common_db,
        "area_db": area_db,
        "alike_over_m": stated.correlation_m,
        "place_db": place_db,
        "rest_alike_over_m": PLACE_M,
        "source": calibration.file if calibration else SOURCE,
    }


def _patches(labels: NDArray[np.integer], side: int) -> NDArray[np.int32]:
    """Return the patches of every pixel (flat), squares cut where labels change, from 0."""
    height, width = labels.shape
    rows = side * max(stored.BAND_PIXELS // (side * width), 1)
    result, number = stored.empty((height * width,), np.int32), 0
    for start in range(0, height, rows):  # whole squares: none is cut by the band
        own = labels[start : start + rows]
        patch = _cut(uncertainty.patches(own.shape, side).ravel(), own.ravel())
        result[start * width : start * width + patch.size] = patch + number
        number += int(patch.max(initial=-1)) + 1
    stored.rest()
    return result


def _cut(patch: NDArray[np.integer], labels: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return patches, numbered anew from 0, that are cut where labels (from -1) change."""
    key = (labels.astype(np.int64) + 1) * (int(patch.max(initial=0)) + 1) + patch
    return pd.factorize(key)[0].astype(np.int32)


@dataclass(frozen=True)
class Counted:
    """The share of every pixel that counts, at the ends of the interval, and its local errors."""

    ends: Ends
    local: tuple[Local, ...] = ()

    def sums(self, weight: Values, labels: NDArray[np.integer], count: int) -> CoverageSums:
        """Return what is covered by label."""
        found = uncertainty.sums(self.ends, self.local, weight, labels, count)
        stored.tire(labels.size)
        return found

    def at(self, pixels: NDArray[np.int64], labels: NDArray[np.int64]) -> "Counted":
        """Return the same at chosen ones of the pixels, for sums by these labels of theirs."""
        local = tuple(
            Local(each.share_sd[pixels], _cut(each.patch[pixels], labels)) for each in self.local
        )
        return Counted(Ends(*(end[pixels] for end in self.ends)), local)

    def at_least(self, probability: float) -> "Counted":
        """Return where the share reaches a probability, which local errors are part of."""
        return Counted(Ends(*(_where(end, 0.0, probability) for end in self.ends)))

    def less(self, before: "Counted") -> "Counted":
        """Return what is served more than before, under the same errors."""
        local = tuple(
            Local(_less(mine.share_sd, theirs.share_sd, np.abs), mine.patch)
            for mine, theirs in zip(self.local, before.local, strict=True)
        )
        ends_ = (_less(a, b, np.positive) for a, b in zip(self.ends, before.ends, strict=True))
        return Counted(Ends(*ends_), local)


def _less(after: Values, before: Values, then: np.ufunc) -> Values:
    """Return a function of the difference of two quantities of every pixel (flat)."""
    return stored.by_bands(lambda at: then(after[at] - before[at]), after.shape, after.dtype)


def _where(values: Values, shift: float, threshold: float) -> Values:
    """Return 1 where a quantity of every pixel (flat), so much higher, reaches a threshold."""
    return stored.by_bands(
        lambda at: values[at] + np.asarray(shift, values.dtype) >= threshold,
        values.shape,
        np.float32,
    )


def served(study: Study, levels_dbm: Levels, known: LevelErrors) -> Counted:
    """Return the share of every pixel that the networks serve."""
    scenario = study.scenario

    flat_dbm = [level_dbm.ravel() for level_dbm in levels_dbm]

    def share(shift_db: float) -> Values:
        def moved(at: slice) -> Values:
            here = [level_dbm[at] + np.float32(shift_db) for level_dbm in flat_dbm]
            return station_gains.served_share(scenario, study.networks, here)

        return stored.by_bands(moved, flat_dbm[0].shape, np.float32)

    ends_ = Ends(*(share(shift_db) for shift_db in (-known.far_db, 0.0, known.far_db)))
    spread_db, shape = max(scenario.service.spread_db, 1e-6), ends_.mid.shape
    per_db = stored.by_bands(
        lambda at: uncertainty.share_per_db(ends_.mid[at], spread_db), shape, np.float32
    )

    def share_sd(error_db: float | Values) -> Values:
        every_db = np.broadcast_to(np.asarray(error_db, np.float32), shape)
        return stored.by_bands(lambda at: per_db[at] * every_db[at], shape, np.float32)

    area = Local(share_sd(known.area_db), known.area)
    return Counted(ends_, (area, Local(share_sd(known.place_db), known.place)))


def reached(level_dbm: Values, threshold_dbm: float, known: LevelErrors) -> Counted:
    """Return where the mean level reaches a threshold; the common error alone moves it."""
    shifts_db = (-known.far_db, 0.0, known.far_db)
    return Counted(Ends(*(_where(level_dbm.ravel(), db, threshold_dbm) for db in shifts_db)))


def on_units(
    units: tuple[GeoDataFrame, GeoDataFrame],
    province: Province,
    counts: "FigureWeights",
    before: Counted,
    after: Counted,
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Return communes and districts with the intervals of people covered (columns.INTERVALS)."""
    communes, districts = units
    names = (col.COVERED_POPULATION_SHARE_BEFORE, col.COVERED_POPULATION_SHARE_AFTER)
    for name, counted in zip(names, (before, after), strict=True):
        sums = counted.sums(counts.people, counts.labels, len(communes))
        communes = _with_interval(communes, name, sums)
        districts = _with_interval(
            districts, name, sums.regrouped(province.district_of, len(districts))
        )
    return communes, districts


def on_zones(
    zones: GeoDataFrame, study: Study, pixels: CountedPixels, before: Counted, after: Counted
) -> GeoDataFrame:
    """Return zones with the intervals of what their share counts (``Study.zone_demand``)."""
    held = study.zone_demand()
    own = np.concatenate([*(zone.pixels for zone in held), np.empty(0, np.int64)])
    labels = np.repeat(np.arange(len(held)), [zone.pixels.size for zone in held])
    weight = np.concatenate([*(zone.values for zone in held), np.empty(0)])
    at = np.searchsorted(pixels.pixel, own)
    for name, counted in ((col.COVERED_SHARE_BEFORE, before), (col.COVERED_SHARE_AFTER, after)):
        sums = counted.at(at, labels).sums(weight, labels, len(held))
        zones = _with_interval(zones, name, sums)
    return zones


def _with_interval(frame: GeoDataFrame, name: str, sums: CoverageSums) -> GeoDataFrame:
    interval = sums.interval()
    ends = (("low", interval.low), ("high", interval.high))
    return frame.assign(**{f"{name}_{end}": _share(value, sums.whole) for end, value in ends})


def _share(part: Values, whole: Values) -> Values:
    return statistics.share(np.asarray(part, float), np.asarray(whole, float))


class CoveredPart(NamedTuple):
    """What is covered of all there is: a low, a middle and a high number, and the whole."""

    low: float
    mid: float
    high: float
    whole: float

    @property
    def share(self) -> "CoveredPart":
        """Return the same as shares of the whole; 0 of nothing."""
        return CoveredPart(*(part / self.whole if self.whole > 0 else 0.0 for part in self))


@dataclass(frozen=True)
class FigureWeights:
    """What figures count: residents, area and demand in zones of every pixel, by commune."""

    people: Values
    area: Values
    first: Values
    labels: NDArray[np.integer]
    communes: int

    def grown(self, factor: Values) -> "FigureWeights":
        """Return the same with so many times the residents in each commune."""
        if np.all(factor == 1.0):
            return self
        factors = np.append(factor, 1.0)
        people = stored.by_bands(
            lambda at: self.people[at] * factors[self.labels[at]], self.people.shape, float
        )
        return replace(self, people=people)

    def of_all(self, counted: Counted, kind: str) -> CoveredPart:
        """Return how much of all there is is covered."""
        sums = counted.sums(getattr(self, kind), self.labels, self.communes)
        sums = sums.regrouped(np.zeros(self.communes, np.int64), 1)
        return CoveredPart(*(float(part[0]) for part in (*sums.interval(), sums.whole)))


def weights(demand: Demand, pixels: CountedPixels, communes: int) -> FigureWeights:
    """Return what the figures of a plan count."""
    area = stored.by_bands(lambda at: pixels.commune[at] >= 0, pixels.pixel.shape, np.float32)
    people, first = pixels.of(demand.people), pixels.of(demand.first)
    return FigureWeights(people, area, first, pixels.commune, communes)


def of_shares(
    counts: FigureWeights, when: str, served_: Counted, others: dict[str, Counted]
) -> dict[str, CoveredPart]:
    """Return the figures of the headline before or after, by name.

    ``others`` are further ways to count people, by the prefix of their figures.
    """
    figures = {}
    for name, kind in (("people", "people"), ("area", "area"), ("zone_demand", "first")):
        figure = counts.of_all(served_, kind)
        if kind == "people":
            figures["people"] = figure
        figures[f"{name}_share"] = figure.share
    for prefix, counted in others.items():
        figures[f"{prefix}_people_share"] = counts.of_all(counted, "people").share
    return {f"{name}_{when}": figure for name, figure in figures.items()}


def told(figures: dict[str, CoveredPart]) -> dict[str, float]:
    """Return figures by name, then the ends of their intervals, with ``_low`` and ``_high``."""
    return {name: figure.mid for name, figure in figures.items()} | ends(figures)


def ends(figures: dict[str, CoveredPart]) -> dict[str, float]:
    """Return the ends of intervals under the names of the figures, with ``_low`` and ``_high``."""
    return {
        f"{name}_{end}": float(getattr(figure, end))
        for name, figure in figures.items()
        for end in ("low", "high")
    }


def of_years(counts: Iterable[FigureWeights], counted: Iterable[Counted]) -> list[dict[str, float]]:
    """Return the intervals of the shares at the end of each year of a plan.

    ``counts`` are what the figures of each year count.
    """
    return [
        ends(
            {
                "people_share": own.of_all(each, "people").share,
                "zone_demand_share": own.of_all(each, "first").share,
            }
        )
        for own, each in zip(counts, counted, strict=True)
    ]
