"""Demand cells: a sample of the pixels, once for every network, and who serves them.

Stations are chosen on these cells; what they then serve is counted at every pixel of the grid.
A cell is a group of neighbouring pixels of one commune, one class of land and the same zones; the
pixel that stands for it is served as it is reported. Tiers that count service at another level than
the rest have cells of their own: copies on which nothing else counts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import stored
from phusong.coverage.area import sample
from phusong.coverage.area.sample import Sample
from phusong.coverage.kernel import KERNEL, kernel
from phusong.geodata.province import Province
from phusong.progress import counting_on
from phusong.scenarios.candidates.demand import KINDS, Study
from phusong.scenarios.config.carriers import PlannedNetwork, stations
from phusong.scenarios.config.sections import INDOOR, Scenario, ServedLevel
from phusong.scenarios.prediction import cache, chain
from phusong.scenarios.siting.problem import Cover

Floats = NDArray[np.float64]
Bar = Callable[[int], None]
Copies = dict[ServedLevel, NDArray[np.int64]]
LEAST = 1e-6  # of the demand, in pixels without any: their area counts in quotas
PAIRS = 120_000_000  # of candidates and cells; one in 12 to 18 serves: 10 million entries at most
MIX = 1_000_003  # numbers of zones are mixed by it into one that tells them apart

# Shares of which speeds are computed, 1,024 in each octave up to a half; lines between them are off
# by less than 0.01 Mbit/s. The bits of a float rise evenly in an octave.
CUT = 13
SMALLEST, HALF = np.float32(2.0**-20), np.float32(0.5)
FIRST, LAST = int(SMALLEST.view(np.int32)), int(HALF.view(np.int32))
SMALL = np.arange(FIRST, LAST + 2**CUT + 1, 2**CUT, dtype=np.int32).view(np.float32).astype(float)


class CoverRows(NamedTuple):
    """What some candidates serve on a network: their rows in the table, rising, and the cells."""

    rows: NDArray[np.int64]
    cover: Cover


@dataclass(frozen=True)
class DemandCells:
    """Cells of the grid for one network after the other; arrays hold a value for each.

    ``copies`` are the cells of the sample that tiers count at another level: after all others
    each stands once more for every network, level by level, with no demand but that of its tier.
    ``kinds`` is the demand of each kind, ``weighted`` and ``first`` as in ``Demand``;
    ``before`` is the share served by the stations on air.
    """

    over: Sample
    carriers: list[PlannedNetwork]
    kinds: dict[str, Floats]
    weighted: Floats
    first: Floats
    before: NDArray[np.float32]
    copies: Copies = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return the number of cells."""
        return self.weighted.size

    @property
    def ordinary(self) -> int:
        """Return the number of cells without the copies."""
        return self.over.count * len(self.carriers)

    @property
    def place(self) -> NDArray[np.int64]:
        """Return the cell of the sample of every cell."""
        return np.concatenate(self.blocks)

    @property
    def blocks(self) -> list[NDArray[np.int64]]:
        """Return the cells of the sample, those of each level, once for every network."""
        own = [np.arange(self.over.count), *self.copies.values()]
        return [cells for cells in own for _ in self.carriers]

    def block(self, level: ServedLevel) -> tuple[int, NDArray[np.int64]]:
        """Return where the cells of a level begin, and which of the sample they are."""
        if level not in self.copies:
            return 0, np.arange(self.over.count)
        others = list(self.copies)[: list(self.copies).index(level)]
        copied = sum(self.copies[other].size for other in others)
        return self.ordinary + copied * len(self.carriers), self.copies[level]

    def already(self, level: ServedLevel) -> Iterator[NDArray[np.float32]]:
        """Yield the share served of every cell of the sample by network; 1 where none counts."""
        start, own = self.block(level)
        for nth in range(len(self.carriers)):
            share = np.ones(self.over.count, np.float32)
            share[own] = self.before[start + nth * own.size : start + (nth + 1) * own.size]
            yield share

    def numbered(self, reach: CoverRows, level: ServedLevel, nth: int) -> CoverRows:
        """Return who serves cells of the sample as who serves those of a level and network."""
        (start, own), cell = self.block(level), reach.cover.cell
        if level in self.copies:
            cell = np.searchsorted(own, cell).astype(np.int32)
        if first := start + nth * own.size:
            cell = cell + np.int32(first)
        return reach._replace(cover=reach.cover._replace(cell=cell))

    def of_grid(self, values: Floats, level: ServedLevel = INDOOR) -> Floats:
        """Return the sums over the cells of a quantity given for each pixel of the grid.

        It counts at one level, and is 0 in the cells of others.
        """
        start, own = self.block(level)
        sums, whole = self.over.sums(values)[own], np.zeros(self.size)
        for nth, carrier in enumerate(self.carriers):
            first = start + nth * own.size
            whole[first : first + own.size] = sums * carrier.weight
        return whole

    def of_pixels(
        self, pixels: NDArray[np.int64], values: Floats, level: ServedLevel = INDOOR
    ) -> tuple[NDArray[np.int64], Floats]:
        """Return the cells that hold these pixels (flat), and the sum of their values there.

        The cells are those of a level, whose tiers have what is counted.
        """
        cell = self.over.cell.ravel()[pixels]
        held = cell >= 0
        inside = np.bincount(cell[held], values[held], self.over.count)
        own = np.flatnonzero(inside > 0.0)
        start, of_level = self.block(level)
        number = start + np.searchsorted(of_level, own)
        count, weights = of_level.size, [carrier.weight for carrier in self.carriers]
        cells = np.concatenate([number + nth * count for nth in range(len(weights))])
        return cells, np.concatenate([inside[own] * weight for weight in weights])


def demand_cells(
    study: Study,
    levels_before: list[NDArray[np.float32]],
    candidates: int,
    most: int | None = None,
) -> DemandCells:
    """Return the cells of a province, given the level of the stations on air per network.

    There are as many as the scenario asks for, and fewer where there are many candidates. Where
    ``most`` asks for fewer still, every zone has its part of them, however small it is.
    """
    scenario, demand, carriers = study.scenario, study.demand, study.networks
    pairs = PAIRS // len(study.levels)
    wanted = min(scenario.selection.cells, most or scenario.selection.cells)
    over = sampled(study, min(wanted, pairs // max(candidates, 1)), each_zone=most is not None)
    copies = _copies(study, over)
    empty = np.zeros(len(carriers) * sum(own.size for own in copies.values()))

    def summed(values: Floats) -> Floats:
        sums = _per_network(over, carriers, values)
        stored.rest()
        return np.concatenate([sums, empty])

    return DemandCells(
        over,
        carriers,
        {kind: summed(demand.of_kind(kind)) for kind in KINDS},
        summed(demand.weighted),
        summed(demand.first),
        served(over, copies, scenario, levels_before),
        copies,
    )


def _copies(study: Study, over: Sample) -> Copies:
    """Return the cells of a sample in which tiers count at another level than all demand does."""
    copies = {}
    for level in study.levels[1:]:
        tiers = [tier for tier in study.tiers if tier.rule.level == level]
        counted = sum(over.sums(study.tier_demand(tier)) for tier in tiers)
        copies[level] = np.flatnonzero(counted > 0.0)
    return copies


def sampled(study: Study, count: int, *, each_zone: bool = False) -> Sample:
    """Return the sample of about so many pixels on which the stations of a study are chosen.

    Residents, all demand, and what every tier and every zone with a quota counts get as many
    cells each, small zones all their pixels. With ``each_zone`` all zones together get as many too,
    each alike.
    """
    demand, province, shape = study.demand, study.province, study.province.grid.shape
    zones = tuple(study.zone_pixels(study.zones))
    needs = [demand.people, demand.weighted, *map(study.tier_demand, study.tiers)]
    parts: list[tuple[NDArray[np.int64], Floats]] = []  # of single zones: pixels and values
    for rule in study.scenario.quotas:
        counted = study.quota_demand(rule)
        parts += [
            (pixels, counted[pixels]) for pixels in study.zone_pixels(study.quota_zones(rule))
        ]
    alike = [(z.pixels, z.values / z.values.sum()) for z in study.zone_demand() if each_zone]

    def drawn() -> cache.Arrays:
        inside = province.commune_index.values.ravel() >= 0
        every = [_on_grid([part], inside.size) for part in parts]
        every += [_on_grid(alike, inside.size)] if each_zone else []
        room = sample.ArrayRoom(stored.empty, stored.rest)
        rate = sample.rates([*needs, *every], count, room)
        for at in stored.bands(rate.shape):
            rate[at] = np.maximum(rate[at], LEAST) * inside[at]
        stratum = _strata(province, zones).reshape(shape)
        return dict(vars(sample.sample(rate.reshape(shape), stratum, room)))

    ground = (province.commune_index.values, province.landcover.values)
    inputs = ("sample", *ground, zones, *needs, tuple(parts), tuple(alike), count, each_zone)
    arrays: dict[str, Any] = cache.lying(inputs, drawn)
    return Sample(**arrays)


def _on_grid(parts: list[tuple[NDArray[np.int64], Floats]], pixels: int) -> Floats:
    """Return values of pixels (flat), summed on the whole grid."""
    whole: Floats = stored.empty((pixels,), np.float64)
    for held, values in parts:
        whole[held] += values
    return whole


def _strata(province: Province, zones: tuple[NDArray[np.int64], ...]) -> NDArray[np.int64]:
    """Return what must be alike in the pixels (flat) of a cell: commune, class of land, zones."""
    commune, landcover = province.commune_index.values.ravel(), province.landcover.values.ravel()
    stratum = stored.by_bands(
        lambda at: (commune[at].astype(np.int64) + 1) * 256 + landcover[at], commune.shape, np.int64
    )
    for nth, pixels in enumerate(zones, start=1):
        stratum[pixels] = stratum[pixels] * MIX + nth
    kinds = np.unique(
        np.concatenate([np.unique(stratum[at]) for at in stored.bands(stratum.shape)])
    )
    return stored.by_bands(
        lambda at: np.where(commune[at] >= 0, np.searchsorted(kinds, stratum[at]), -1),
        commune.shape,
        np.int32,
    )


def _per_network(over: Sample, carriers: list[PlannedNetwork], values: Floats) -> Floats:
    """Return the sums over the cells, once for each network by its weight."""
    sums = over.sums(values)
    return np.concatenate([sums * carrier.weight for carrier in carriers])


def served(
    over: Sample, copies: Copies, scenario: Scenario, levels_dbm: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the share of every cell that each network serves, in the order of the cells."""
    blocks = {INDOOR: np.arange(over.count)} | copies
    return np.concatenate(
        [
            chain.share_at(scenario, level, over.at(level_dbm)[own])
            for level, own in blocks.items()
            for level_dbm in levels_dbm
        ]
    )


def cover(
    province: Province, scenario: Scenario, frame: GeoDataFrame, cells: DemandCells, progress: Bar
) -> Cover:
    """Return the cells that each candidate would serve better than they are, in frame's order."""

    def reached(
        carrier: PlannedNetwork, already: NDArray[np.float32], bar: Bar, *, outdoors: bool
    ) -> CoverRows:
        own, over = stations(frame, carrier, scenario), cells.over
        on = (province, own, carrier.layers, scenario, over, already, bar)
        cover = Cover(*chain.served(*on, outdoors=outdoors))
        return CoverRows(frame.index.get_indexer(own.index), cover)

    done, expected = 0, []
    for carrier, already in zip(cells.carriers, cells.already(INDOOR), strict=True):
        expected.append(reached(carrier, already, counting_on(progress, done), outdoors=False))
        done += len(stations(frame, carrier, scenario))
    parts = [cells.numbered(own, INDOOR, nth) for nth, own in enumerate(expected)]
    for level in cells.copies:
        for nth, already in enumerate(cells.already(level)):
            if level == "outdoor":
                own = reached(cells.carriers[nth], already, lambda _: None, outdoors=True)
            else:
                own = _sure(expected[nth], scenario, already)
            yes = own.cover._replace(share=np.ones_like(own.cover.share))
            parts.append(cells.numbered(own._replace(cover=yes), level, nth))
    return _joined(parts, len(frame))


def _joined(parts: list[CoverRows], candidates: int) -> Cover:
    """Return all cells that each candidate serves, those of an earlier part first."""
    if len(parts) == 1 and parts[0].rows.size == candidates:
        return parts[0].cover
    row = np.concatenate([np.repeat(rows, np.diff(cover.first)) for rows, cover in parts])
    order = np.argsort(row, kind="stable")
    first = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=candidates))))
    cell = np.concatenate([cover.cell for _, cover in parts])[order]
    share = np.concatenate([cover.share for _, cover in parts])[order]
    return Cover(first.astype(np.int64), cell, share)


def ordinary(cover_: Cover, cells: DemandCells) -> Cover:
    """Return a cover without the copies of cells."""
    return _kept(cover_, cover_.cell < cells.ordinary) if cells.copies else cover_


def _kept(cover_: Cover, held: NDArray[np.bool_]) -> Cover:
    """Return the entries of a cover that are held."""
    first = np.concatenate(([0], np.cumsum(held)))[cover_.first].astype(np.int64)
    return Cover(first, cover_.cell[held], cover_.share[held])


def _sure(expected: CoverRows, scenario: Scenario, already: NDArray[np.float32]) -> CoverRows:
    """Return where candidates serve with the probability asked for and those on air do not."""
    cover_ = expected.cover
    held = (cover_.share >= scenario.service.probability) & (already[cover_.cell] < 1.0)
    return expected._replace(cover=_kept(cover_, held))


def gained(cover_: Cover, cells: DemandCells) -> pd.DataFrame:
    """Return what each candidate would serve by itself beyond the stations on air, by kind."""
    return pd.DataFrame(
        {kind: cover_.gains(cells.before, values) for kind, values in cells.kinds.items()}
    )


def speed_gained_mbps(scenario: Scenario, cover_: Cover, cells: DemandCells) -> Floats:
    """Return how much faster downloads become, the mean over people whom each serves better.

    From the level alone: interference of a network not yet chosen is not known.
    """
    share = np.concatenate([SMALL, 1.0 - SMALL])
    low, high = np.split(chain.mbps_where_served(share, scenario), 2)
    before = chain.mbps_where_served(cells.before, scenario)
    return mean_rise(cover_, before, cells.kinds["people"], low, high)


@kernel(**KERNEL)
def mean_rise(
    cover: Cover, before: NDArray, people: NDArray, low: NDArray, high: NDArray
) -> NDArray:
    """Return the mean rise over people of a quantity known at ``SMALL`` and at 1 less that."""
    mean = np.zeros(cover.first.size - 1)
    for i in range(mean.size):
        reached, more = 0.0, 0.0
        for e in range(cover.first[i], cover.first[i + 1]):
            share = cover.share[e]
            part = max(min(share, np.float32(1.0) - share), SMALLEST)
            bits = np.float32(part).view(np.int32) - FIRST
            k, rest = bits >> CUT, (bits & (2**CUT - 1)) / 2.0**CUT
            known = low if share < HALF else high
            after = known[k] + rest * (known[k + 1] - known[k])
            reached += people[cover.cell[e]]
            more += people[cover.cell[e]] * max(after - before[cover.cell[e]], 0.0)
        mean[i] = more / reached if reached > 0.0 else 0.0
    return mean
