"""What a page needs to try other stations by itself: a few candidates on a small sample of cells.

The best server of every cell is exact: shares of stations are held, not sums. What is told of a
draft is the plan's own figure and what the sample says of the difference, so that the plan itself
is told as it is. The file is a line of JSON, which says where each array lies, then the arrays.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong import stored
from phusong.geodata import crs
from phusong.scenarios.plan import constraints, rollout
from phusong.scenarios.plan.choice import CandidateCoverage, Choice
from phusong.scenarios.plan.unreached import Offer

MOST_STATIONS = 600
MOST_CELLS, LEAST_CELLS = 10_000, 5_000  # of all networks together, and of each
STEPS = 255  # of a share
NO_ZONE = -1
ALIGNED = 8  # bytes: the arrays of a page lie on whole numbers of their items

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class WhatIf:
    """What a page tries stations on.

    Parameters
    ----------
    about
        What is no array: names of stations and zones, means of years, tiers, quotas, minima.
    arrays
        By name: stations, what each serves, cells and what counts in them.
    """

    NAME: ClassVar[str] = "what_if.bin"  # of the file of a run

    about: dict[str, Any]
    arrays: Arrays

    def packed(self) -> bytes:
        """Return both as one file."""
        places, parts, start = [], [], 0
        for name, values in self.arrays.items():
            data = np.ascontiguousarray(values).tobytes()
            padded = data + bytes(-len(data) % ALIGNED)
            places.append([name, values.dtype.str[1:], start, int(values.size)])
            parts.append(padded)
            start += len(padded)
        head = json.dumps({**self.about, "arrays": places}, ensure_ascii=True, allow_nan=False)
        return head.encode() + b"\n" + b"".join(parts)

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the file."""
        return {
            "file": self.NAME,
            "stations": len(self.about["stations"]),
            "cells": int(self.arrays["people"].size),
        }


def unpacked(data: bytes) -> WhatIf:
    """Return what a file holds.

    Parameters
    ----------
    data
        As ``WhatIf.packed`` returns it.
    """
    head, _, body = data.partition(b"\n")
    about = json.loads(head)
    places = about.pop("arrays")
    arrays = {
        name: np.frombuffer(body, np.dtype("<" + kind), size, start)
        for name, kind, start, size in places
    }
    return WhatIf(about, arrays)


def what_if(chosen: Choice, rows: NDArray[np.int64], coverage: CandidateCoverage) -> WhatIf:
    """Return what a page tries stations on.

    Parameters
    ----------
    chosen
        The plan.
    rows
        Of the candidates that are offered, rising.
    coverage
        What they would serve of a small sample of cells.
    """
    study, cells = chosen.study, coverage.cells
    problem = constraints.problem(study, coverage.frame, coverage.cover, cells)
    ranked = chosen.zones.measured
    about = {
        "version": 1,
        "stations": coverage.frame[col.SITE_ID].tolist(),
        "candidates": len(chosen.candidates.frame),
        "communes": study.province.communes[col.COMMUNE_CODE].tolist(),
        "zones": study.zones[col.ZONE_ID].tolist(),
        "ranked": ranked.zones[col.ZONE_ID].tolist(),
        "weights": chosen.zones.ranked.weight.round(6).tolist(),
        "years": study.scenario.rollout.years,
        "means": _means(study.scenario.rollout),
        "least_gain": problem.least_gain,
        "tiers": [_tier(study, tier, problem.tiers) for tier in _counted(study)],
        "quotas": [[q.name, q.year, q.target_share] for q in problem.quotas],
        "minima": [
            [m.name, m.year, m.candidates.tolist(), int(m.least - m.existing)]
            for m in problem.minima
        ],
    }
    arrays = {
        **_stations(coverage.frame, problem.cost),
        **_built(chosen, rows),
        **_cover(*coverage.cover),
        "excludes": problem.excludes.astype(np.int16).ravel(),
        **_cells(study, cells),
        **_tiers(study, cells, ranked.parts_on(cells)),
        **_triples("quotas", *_joined([(quota.cells, quota.weight) for quota in problem.quotas])),
        "growth": np.concatenate(rollout.residents_by_year(study)).astype(np.float32),
    }
    return WhatIf(about, arrays)


def _means(stated: Any) -> dict[str, Any]:  # noqa: ANN401 - of a scenario
    names = ("stations", "budget_million", "target_share")
    return {name: dict(getattr(stated, name)) for name in names}


def _counted(study: Any) -> list[Any]:  # noqa: ANN401 - a study and its tiers
    return [tier for tier in study.tiers if stored.holds_any(study.tier_demand(tier))]


def _tier(study: Any, tier: Any, asked: Sequence[Any]) -> dict[str, Any]:  # noqa: ANN401
    """Return a tier's targets by year, and the most that can be asked of it here."""
    years, rule = study.scenario.rollout.years, tier.rule
    within = [max(each.targets) for each in asked if each.name == tier.name]
    targets = {str(year): rule.target(year) for year in years} if rule.targets else {}
    return {
        "number": tier.number,
        "targets": targets,
        "least_gain": rule.least_gain,
        "most": max(within, default=1.0),
    }


def _stations(frame: GeoDataFrame, money: NDArray[np.float64]) -> Arrays:
    place = frame.to_crs(crs.GEOGRAPHIC).geometry
    return {
        "lon": place.x.to_numpy(np.float32),
        "lat": place.y.to_numpy(np.float32),
        "cost": frame[col.COST_MILLION].to_numpy(np.float32),
        "money": money.astype(np.float32),
        "opex": frame[col.OPEX_MILLION].to_numpy(np.float32),
        "new": (frame[col.KIND] == col.NEW).to_numpy(np.uint8),
    }


def _built(chosen: Choice, rows: NDArray[np.int64]) -> Arrays:
    """Return the year in which the plan builds each station, 0 where it does not, and its place."""
    sited, every = chosen.siting, len(chosen.candidates.frame)
    year, order = np.zeros(every, np.int16), np.zeros(every, np.int16)
    year[sited.order], order[sited.order] = sited.year, np.arange(1, sited.order.size + 1)
    return {"year": year[rows], "order": order[rows]}


def _cells(study: Any, cells: Any) -> Arrays:  # noqa: ANN401 - a study and its cells
    """Return what counts in every cell, the share served today, and what zones count there."""
    commune = study.province.commune_index.values.ravel()[cells.over.pixel]
    grid = study.province.grid
    x_m, y_m = grid.centres()
    row, column = np.divmod(cells.over.pixel, grid.width)
    lon, lat = crs.transform(x_m[column], y_m[row], grid.crs, crs.GEOGRAPHIC)
    shares = [(zone.pixels, zone.values / zone.values.sum()) for zone in study.zone_demand()]
    return {
        "before": _steps(cells.before),
        "people": cells.kinds["people"].astype(np.float32),
        "weight": cells.weighted.astype(np.float32),
        "first_demand": cells.first.astype(np.float32),
        "commune": commune[cells.place].astype(np.int16),
        "cell_lon": lon[cells.place].astype(np.float32),
        "cell_lat": lat[cells.place].astype(np.float32),
        **_triples("zones", *_joined([_whole(*cells.of_pixels(*each)) for each in shares])),
    }


def _whole(cell: NDArray[Any], value: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return shares that sum to 1 whatever the weights of the networks."""
    return cell, value / max(float(value.sum()), 1e-9)


def _tiers(study: Any, cells: Any, parts: Mapping[str, Any]) -> Arrays:  # noqa: ANN401
    """Return what every tier counts, by zone where it has zones."""
    arrays: Arrays = {}
    for tier in _counted(study):
        own = parts.get(tier.name)
        if own is None:
            demand = cells.of_grid(study.tier_demand(tier), tier.rule.level)
            cell = np.flatnonzero(demand > 0.0)
            own = (np.full(cell.size, NO_ZONE), cell, demand[cell])
        arrays |= _triples(f"tier_{tier.number}", *own)
    return arrays


def cells_of(networks: int) -> int:
    """Return of how many places the sample is, so that the file stays small with many networks."""
    return max(MOST_CELLS // networks, LEAST_CELLS)


def offered(chosen: Choice, offer: Offer) -> NDArray[np.int64]:
    """Return the rows of the candidates that a page carries, rising.

    Those of the plan, and of the others in turn the next by what it would serve alone and by what
    it would add to the plan, of residents and of all demand.
    """
    cells, built = chosen.candidates.cells, chosen.siting.order
    before = Offer(offer.frame, cells, offer.cover, cells.before.astype(float), built)
    counted = (cells.kinds["people"], cells.weighted)
    ranked = [np.argsort(-each.more(w), kind="stable") for w in counted for each in (before, offer)]
    turns = np.stack(ranked, axis=1).ravel()
    taking = np.concatenate([built, turns])
    first = np.sort(np.unique(taking, return_index=True)[1])
    return np.sort(taking[first][: max(MOST_STATIONS, built.size)])


def _joined(held: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> tuple[NDArray[Any], ...]:
    """Return cells and values of one thing after the other, with the row of each."""
    row = np.repeat(np.arange(len(held)), [cell.size for cell, _ in held])
    none = np.empty(0)
    return row, *(np.concatenate([none, *(each[k] for each in held)]) for k in (0, 1))


def _triples(name: str, row: NDArray[Any], cell: NDArray[Any], value: NDArray[Any]) -> Arrays:
    return {
        f"{name}_row": row.astype(np.int16),
        f"{name}_cell": cell.astype(np.int32),
        f"{name}_value": value.astype(np.float32),
    }


def _steps(share: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.round(share * STEPS).astype(np.uint8)


def _cover(first: NDArray[np.int64], cell: NDArray[np.int32], share: NDArray[np.float32]) -> Arrays:
    """Return what stations serve: steps from cell to cell in bytes, and shares.

    A step of 255 or more takes a byte of 255 for each 255 in it, and one for the rest.
    """
    step = np.diff(cell.astype(np.int64), prepend=0)
    starts = first[:-1][np.diff(first) > 0]
    step[starts] = cell[starts]
    longer, rest = np.divmod(step, STEPS)
    at = np.cumsum(longer + 1) - 1
    coded = np.full(int((longer + 1).sum()), STEPS, np.uint8)
    coded[at] = rest
    return {"first": first.astype(np.int32), "step": coded, "share": _steps(share)}


def served(tried: WhatIf, built: Mapping[str, int] | Sequence[str]) -> NDArray[np.float64]:
    """Return the share of every cell that stations serve.

    Parameters
    ----------
    tried
        What they are tried on.
    built
        Names of the stations.
    """
    arrays = tried.arrays
    more = arrays["step"] == STEPS
    whole = np.cumsum(np.concatenate(([0], arrays["step"].astype(np.int64))))
    ends = np.flatnonzero(~more)
    first, rows = arrays["first"], {name: n for n, name in enumerate(tried.about["stations"])}
    share = arrays["before"].astype(float)
    for name in built:
        own = slice(first[rows[name]], first[rows[name] + 1])
        if own.stop > own.start:
            start = whole[ends[own.start - 1] + 1] if own.start else 0
            cell = whole[ends[own] + 1] - start
            share[cell] = np.maximum(share[cell], arrays["share"][own])
    return np.asarray(share / STEPS)
