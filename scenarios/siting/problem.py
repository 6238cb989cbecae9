"""A siting problem as arrays: who serves which demand cell, what it costs, what must hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import INNER, KERNEL, STAGE, apart, kernel
from phusong.errors import Defect, InputError
from phusong.messages import Text, message

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shares = NDArray[np.float32]

SOURCE = "siting problem"


class Cover(NamedTuple):
    """What each candidate serves, as sparse rows: ``cell[first[i]:first[i + 1]]``.

    ``cell`` is a demand cell (a block of pixels) and rises within a row; ``share`` in (0, 1] is
    the probability that the candidate serves it.

    Parameters
    ----------
    first
        Where each row begins, shape (candidates + 1,).
    cell
        Demand cells, shape (n,).
    share
        Probabilities, shape (n,).
    """

    first: Ints
    cell: NDArray[np.int32]
    share: Shares

    @property
    def candidates(self) -> int:
        """Return the number of candidates."""
        return self.first.size - 1

    def over(self, least: Shares, chosen: Ints) -> "Cover":
        """Return these rows, in this order, where they exceed a share of each cell.

        >>> cover = Cover(np.array([0, 2]), np.array([0, 1]), np.array([0.2, 0.8]))
        >>> cover.over(np.array([0.5, 0.5]), np.array([0, 0])).cell.tolist()
        [1, 1]
        """
        cut: Cover = _over(self, least, chosen)
        return cut

    def rows(self, chosen: Ints) -> "Cover":
        """Return these rows, in this order."""
        return self.over(np.zeros(int(self.cell.max(initial=-1)) + 1, np.float32), chosen)

    def gains(self, level: Shares, weight: Floats) -> Floats:
        """Return what each row adds to the level of cells, by their weight.

        >>> cover = Cover(np.array([0, 2]), np.array([0, 1]), np.array([0.25, 0.75]))
        >>> cover.gains(np.array([0.5, 0.5]), np.array([1.0, 8.0])).tolist()
        [2.0]
        """
        added: Floats = _gains(self, level, weight)
        return added


@kernel(**{**STAGE, "forceinline": False})  # which it would have from its callers
def _row_gain(cell: NDArray, share: NDArray, level: NDArray, weight: NDArray) -> float:
    """Return what a row adds, its terms summed in whatever order is fast."""
    apart()
    added = 0.0
    for e in range(cell.size):
        added += weight[cell[e]] * max(float(share[e]) - float(level[cell[e]]), 0.0)
    return added


@kernel(**INNER)
def gain(cover: Cover, level: NDArray, weight: NDArray, candidate: int) -> float:
    """Return what a candidate adds to the level of cells, by their weight."""
    first, end = cover.first[candidate], cover.first[candidate + 1]
    return _row_gain(cover.cell[first:end], cover.share[first:end], level, weight)


@kernel(**KERNEL)
def _gains(cover: Cover, level: NDArray, weight: NDArray) -> NDArray:
    added = np.empty(cover.first.size - 1)
    for i in range(added.size):
        added[i] = gain(cover, level, weight, i)
    return added


@kernel(**KERNEL)
def _over(cover: Cover, least: NDArray, chosen: NDArray) -> Cover:
    first, size = np.zeros(chosen.size + 1, np.int64), 0
    for row, i in enumerate(chosen):
        for e in range(cover.first[i], cover.first[i + 1]):
            size += cover.share[e] > least[cover.cell[e]]
        first[row + 1] = size
    cell, share = np.empty(size + 1, cover.cell.dtype), np.empty(size + 1, cover.share.dtype)
    size = 0
    for i in chosen:
        for e in range(cover.first[i], cover.first[i + 1]):
            cell[size], share[size] = cover.cell[e], cover.share[e]  # without a branch: faster
            size += cover.share[e] > least[cover.cell[e]]
    return Cover(first, cell[:size], share[:size])


@dataclass(frozen=True)
class Quota:
    """A served share that must be reached by the end of a year.

    The mean of the served share over ``cells``, weighed by ``weight``, must be at least
    ``target_share``: all of one industrial park, say, at 0.95.
    """

    name: str
    year: int
    cells: Ints
    weight: Floats
    target_share: float


@dataclass(frozen=True)
class Minimum:
    """A number of stations, ``existing`` and chosen together, that must stand by a year's end."""

    name: str
    year: int
    candidates: Ints
    existing: int
    least: int


@dataclass(frozen=True)
class Tier:
    """Demand that is served up to a share by each year before what comes after it gets any.

    ``demand`` is what it has in every cell, ``targets`` the share of that to be served by the end
    of each year of the plan. ``weight`` is what counts as gain in every cell: the demand, each
    zone's by its weight. What adds less than ``least_gain`` of ``weight`` per million waits.
    """

    name: str
    demand: Floats
    weight: Floats
    targets: tuple[float, ...]
    least_gain: float = 0.0


class ZoneParts(NamedTuple):
    """What a tier counts of its zones in each cell, as triples.

    Parameters
    ----------
    zone
        Row of the zone of each, shape (n,).
    cell
        Its cell, shape (n,).
    demand
        What the tier counts there, shape (n,).
    """

    zone: Ints
    cell: Ints
    demand: Floats

    def weight(self, of_zone: Floats, cells: int) -> Floats:
        """Return what gain counts in every cell where each zone weighs so much."""
        return np.bincount(self.cell, of_zone[self.zone] * self.demand, cells).astype(float)


@dataclass(frozen=True)
class Year:
    """What a year may spend, or what it must reach.

    Stations and money that a year leaves over go to the next year, unless the year has no limit
    of that kind. With a target share the year builds no more than it needs until the people
    served (``Problem.target_weight``) reach it; a limit beside it comes first.
    """

    year: int
    stations: int | None = None
    budget_million: float | None = None
    target_share: float | None = None


@dataclass(frozen=True)
class Problem:
    """What to choose from, what counts and what must hold.

    Value of a set S: the sum over cells of ``weight`` times the greatest of ``before`` (served by
    the stations on air) and the shares of S: the best server counts. ``cost`` in millions;
    ``excludes`` are pairs of candidates of which one at most may be built.

    Parameters
    ----------
    cover
        What each candidate serves.
    before
        Share of each cell served today, shape (cells,).
    weight
        Demand of each cell, shape (cells,).
    cost
        Of each candidate, millions, shape (candidates,).
    excludes
        Pairs of rows of candidates, shape (n, 2).
    quotas
        What must be served by a year.
    minima
        Least numbers by group.
    years
        Limits of each year.
    target_weight
        What counts for targets, shape (cells,).
    tiers
        What is served first, in order; the rest of the means goes to ``weight``.
    least_gain
        Of the rest: what adds less of ``weight`` per million is not built.
    """

    cover: Cover
    before: Shares
    weight: Floats
    cost: Floats
    excludes: Ints
    quotas: tuple[Quota, ...]
    minima: tuple[Minimum, ...]
    years: tuple[Year, ...]
    target_weight: Floats
    tiers: tuple[Tier, ...] = ()
    least_gain: float = 0.0

    @property
    def constraints(self) -> list[Quota | Minimum]:
        """Return quotas and minima."""
        return [*self.quotas, *self.minima]


def due(problem: Problem, year: int) -> int:
    """Return the place of the last plan year that ends by the year a need is due.

    What is due before the plan starts holds from its first year.
    """
    return max(int(np.searchsorted([y.year for y in problem.years], year, side="right")) - 1, 0)


def subset(problem: Problem, chosen: Ints, least: Shares | None = None) -> Problem:
    """Return the problem with these candidates alone, in this order.

    With ``least`` what they serve of a cell counts where it exceeds that share.
    """
    place = np.full(problem.cover.candidates, -1)
    place[chosen] = np.arange(chosen.size)
    pairs = place[problem.excludes]
    placed = [place[minimum.candidates] for minimum in problem.minima]
    return replace(
        problem,
        cover=problem.cover.rows(chosen) if least is None else problem.cover.over(least, chosen),
        cost=problem.cost[chosen],
        excludes=pairs[(pairs >= 0).all(axis=1)].reshape(-1, 2),
        minima=tuple(
            replace(minimum, candidates=places[places >= 0])
            for minimum, places in zip(problem.minima, placed, strict=True)
        ),
    )


def level(problem: Problem, built: Sequence[int] | Ints) -> Shares:
    """Return the share served in each cell when these candidates stand."""
    served = problem.before.copy()
    for i in built:
        span = slice(problem.cover.first[i], problem.cover.first[i + 1])
        cell = problem.cover.cell[span]
        served[cell] = np.maximum(served[cell], problem.cover.share[span])
    return served


def check(problem: Problem) -> None:
    """Raise one error with everything that is wrong with the problem."""
    parts = (_cover, _values, _years, _constraints, _tiers)
    defects = [defect for part in parts for defect in part(problem)]
    if defects:
        raise InputError(message("refusal.the_siting_problem_is_not_sound"), defects)


def _wrong(column: str, problem: Text, remedy: Text, value: object = None) -> Defect:
    return Defect(SOURCE, problem, remedy, column=column, value=value)


def _outside(indices: NDArray[np.integer], size: int) -> bool:
    return bool(indices.size and (indices.min() < 0 or indices.max() >= size))


def _cover(problem: Problem) -> Iterator[Defect]:
    first, cell, share = problem.cover
    if first.size == 0 or first[0] != 0 or first[-1] != cell.size or cell.size != share.size:
        yield _wrong(
            "cover",
            message("problem.rows_do_not_fit_the_entries"),
            message("remedy.first_runs_from_0_to_the"),
        )
        return
    if np.any(np.diff(first) < 0):
        yield _wrong(
            "cover", message("problem.rows_overlap"), message("remedy.first_must_not_fall")
        )
        return
    if _outside(cell, problem.before.size):
        yield _wrong(
            "cover",
            message("problem.a_cell_does_not_exist"),
            message("remedy.cells_are_0_to", size=problem.before.size - 1),
        )
    within = np.ones(cell.size, bool)
    within[first[:-1][first[:-1] < cell.size]] = False
    if np.any(within[1:] & (np.diff(cell) <= 0)):
        yield _wrong(
            "cover",
            message("problem.cells_do_not_rise_within_a"),
            message("remedy.sort_each_row_no_cell_twice"),
        )
    if not np.all((share > 0.0) & (share <= 1.0)):
        yield _wrong(
            "cover",
            message("problem.a_share_lies_outside_0_to"),
            message("remedy.leave_out_entries_of_share_0"),
        )


def _values(problem: Problem) -> Iterator[Defect]:
    cells, candidates = problem.before.size, problem.cover.candidates
    for name, size in (("weight", cells), ("target_weight", cells), ("cost", candidates)):
        values = getattr(problem, name)
        if values.size != size:
            yield _wrong(
                name,
                message("problem.values_for", size=values.size, size2=size),
                message("remedy.give_one_value_for_each"),
            )
        elif not np.all(np.isfinite(values) & (values >= 0.0)):
            yield _wrong(
                name,
                message("problem.a_value_is_negative_or_not"),
                message("remedy.give_values_from_0_up"),
            )
        elif name == "cost" and not np.all(values > 0.0):
            yield _wrong(
                name,
                message("problem.a_cost_is_0"),
                message("remedy.every_station_costs_something"),
            )
    if not np.all((problem.before >= 0.0) & (problem.before <= 1.0)):
        yield _wrong(
            "before",
            message("problem.a_share_lies_outside_0_to"),
            message("remedy.give_probabilities"),
        )
    pairs = problem.excludes
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        yield _wrong(
            "excludes",
            message("problem.pairs_expected"),
            message("remedy.give_an_array_of_two_columns"),
        )
    elif _outside(pairs, candidates) or np.any(pairs[:, 0] == pairs[:, 1]):
        yield _wrong(
            "excludes",
            message("problem.a_pair_names_no_two_candidates"),
            message("remedy.give_two_row_numbers"),
        )


def _years(problem: Problem) -> Iterator[Defect]:
    years = [year.year for year in problem.years]
    if not years or years != sorted(set(years)):
        yield _wrong(
            "years",
            message("problem.years_do_not_rise"),
            message("remedy.give_each_year_once_in_order"),
            years,
        )
    for year in problem.years:
        limits = (year.stations, year.budget_million, year.target_share)
        if all(limit is None for limit in limits):
            yield _wrong(
                "years",
                message("problem.no_limit_and_no_target"),
                message("remedy.give_stations_budget_million_or_target"),
                year.year,
            )
        if any(limit is not None and not limit >= 0 for limit in limits):
            yield _wrong(
                "years",
                message("problem.a_limit_is_negative"),
                message("remedy.give_values_from_0_up"),
                year.year,
            )
        if year.target_share is not None and year.target_share > 1.0:
            yield _wrong(
                "years",
                message("problem.target_share_is_over_1"),
                message("remedy.give_a_share"),
                year.year,
            )


def _tiers(problem: Problem) -> Iterator[Defect]:
    for tier in problem.tiers:
        for values in (tier.demand, tier.weight):
            if values.size != problem.before.size or not np.all(values >= 0.0):
                yield Defect(
                    tier.name,
                    message("problem.cells_lack_a_weight_from_0_up"),
                    message("remedy.give_one_value_for_each"),
                )
            elif not values.sum() > 0.0:
                yield Defect(
                    tier.name,
                    message("problem.weights_do_not_sum_to_more_than_0"),
                    message("remedy.leave_the_tier_out"),
                )
        if len(tier.targets) != len(problem.years):
            yield Defect(
                tier.name,
                message("problem.there_are_targets", count=len(tier.targets)),
                message("remedy.give_one_for_each_year"),
            )
        elif not all(0.0 <= target <= 1.0 for target in tier.targets):
            yield Defect(
                tier.name,
                message("problem.a_share_lies_outside_0_to"),
                message("remedy.give_a_share"),
                value=tier.targets,
            )


def _constraints(problem: Problem) -> Iterator[Defect]:
    last = problem.years[-1].year if problem.years else 0
    for constraint in problem.constraints:
        if constraint.year > last:
            yield Defect(
                constraint.name,
                message("problem.due_in", year=constraint.year),
                message("remedy.the_plan_ends_in", last=last),
            )
    for quota in problem.quotas:
        if _outside(quota.cells, problem.before.size) or quota.cells.size != quota.weight.size:
            yield Defect(
                quota.name,
                message("problem.cells_do_not_exist_or_lack"),
                message("remedy.give_one_for_each"),
            )
        elif not (np.all(quota.weight >= 0.0) and quota.weight.sum() > 0.0):
            yield Defect(
                quota.name,
                message("problem.weights_do_not_sum_to_more"),
                message("remedy.leave_the_quota_out"),
            )
        if not 0.0 <= quota.target_share <= 1.0:
            yield Defect(
                quota.name,
                message("problem.the_target_is_not_a_share"),
                message("remedy.0_to_1"),
                value=quota.target_share,
            )
    for minimum in problem.minima:
        if _outside(minimum.candidates, problem.cover.candidates):
            yield Defect(
                minimum.name,
                message("problem.a_candidate_does_not_exist"),
                message("remedy.give_row_numbers"),
            )
