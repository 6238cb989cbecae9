"""Quotas and minima ahead of the choice: can they hold, what they need, and what gives least.

Before demand may take stations, the plan must know what its quotas and minima will need in later
years. Where they cannot hold, the smallest relaxation is found by an elastic integer programme.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from phusong.errors import Defect, InputError
from phusong.messages import message, million
from phusong.scenarios.siting import exact, greedy
from phusong.scenarios.siting.greedy import CONSTRAINTS, MET, Constraints, GreedyInputs, Room
from phusong.scenarios.siting.problem import Floats, Ints, Minimum, Problem, Quota, due

NEVER = -1.0  # the target of a quota that is not due yet
SLACK = 1e-6  # share or stations that an integer programme may be off


@dataclass(frozen=True)
class Reserve:
    """What quotas and minima need: stations by year, and what each year must leave for later."""

    picks: tuple[Ints, ...]
    stations: Floats
    money_million: Floats
    quotas_due: Ints
    minima_due: Ints


def own_rooms(problem: Problem) -> tuple[Floats, Floats]:
    """Return the stations and the money of each year alone, infinite where there is no limit."""
    stations = [math.inf if y.stations is None else y.stations for y in problem.years]
    money = [math.inf if y.budget_million is None else y.budget_million for y in problem.years]
    return np.array(stations, float), np.array(money, float)


def until(needed: Constraints, quotas_due: Ints, minima_due: Ints, year: int) -> Constraints:
    """Return the needs that are due by a year (a place in the plan); the others hold always."""
    target = needed.target.copy()
    target[: quotas_due.size][quotas_due > year] = NEVER
    target[quotas_due.size :] = NEVER  # target shares of years
    return needed._replace(target=target, least=np.where(minima_due > year, 0, needed.least))


def reserve(problem: Problem, inputs: GreedyInputs, *, thorough: bool = True) -> Reserve:
    """Return what must be kept for quotas and minima; an error where they cannot hold.

    Not ``thorough``, what the greedy choice cannot meet is refused without looking further.
    """
    defects = [*_unreachable_quotas(problem), *_unreachable_minima(problem)]
    if defects:
        raise InputError(message("refusal.quotas_or_minima_are_out_of"), defects)
    quotas_due = np.array([due(problem, q.year) for q in problem.quotas], np.int64)
    minima_due = np.array([due(problem, m.year) for m in problem.minima], np.int64)
    picks = _greedy_picks(problem, inputs, quotas_due, minima_due)
    if picks is None and not thorough:
        raise InputError(message("refusal.the_greedy_choice_does_not_meet"))
    if picks is None:
        picks = _exact_picks(problem)
    return _held(problem, picks, quotas_due, minima_due)


def _held(problem: Problem, picks: list[Ints], quotas_due: Ints, minima_due: Ints) -> Reserve:
    """Return the reserve: what a year cannot pay for itself, the years before it must leave.

    A year without a limit leaves nothing: what later years cannot pay for is due in it.
    """
    own_stations, own_money = own_rooms(problem)
    held_stations, held_money = np.zeros(len(picks)), np.zeros(len(picks))
    for t in range(len(picks) - 2, -1, -1):
        later = picks[t + 1]
        held_stations[t] = max(0.0, held_stations[t + 1] + later.size - own_stations[t + 1])
        spent = held_money[t + 1] + float(problem.cost[later].sum())
        held_money[t] = max(0.0, spent - own_money[t + 1])
        for own, held in ((own_stations, held_stations), (own_money, held_money)):
            if math.isinf(own[t]) and held[t] > 0.0:
                picks[t] = np.concatenate(picks[t:])
                picks[t + 1 :] = [np.empty(0, np.int64) for _ in picks[t + 1 :]]
                quotas_due, minima_due = np.minimum(quotas_due, t), np.minimum(minima_due, t)
                held_stations[t:], held_money[t:] = 0.0, 0.0
    return Reserve(tuple(picks), held_stations, held_money, quotas_due, minima_due)


def without(problem: Problem, reserved: Reserve, built: Ints, year: int) -> Reserve:
    """Return what is still to be kept after a year in which these stations are built."""
    none = np.empty(0, np.int64)
    picks = [
        none if t <= year else np.setdiff1d(pick, built) for t, pick in enumerate(reserved.picks)
    ]
    return _held(problem, picks, reserved.quotas_due, reserved.minima_due)


def _greedy_picks(
    problem: Problem, inputs: GreedyInputs, quotas_due: Ints, minima_due: Ints
) -> list[Ints] | None:
    """Return the stations that meet the needs of each year, or None where greed does not."""
    state = greedy.start(problem.before, inputs.constraints, problem.cover.candidates)
    stations, money = (np.cumsum(own) for own in own_rooms(problem))
    picks: list[Ints] = []
    for t in range(len(problem.years)):
        needed = until(inputs.constraints, quotas_due, minima_due, t)
        built = np.concatenate([np.empty(0, np.int64), *picks])
        room = Room(
            int(min(stations[t] - built.size, problem.cost.size)),
            float(money[t] - problem.cost[built].sum()),
            0.0,
        )
        picks.append(greedy.take(inputs._replace(constraints=needed), state, room, CONSTRAINTS))
        if not greedy.met(needed, state):
            return None
    return picks


def reachable_share(problem: Problem, cells: Ints, weight: Floats) -> float:
    """Return the served share of cells if every candidate were built."""
    level = problem.before.copy()
    np.maximum.at(level, problem.cover.cell, problem.cover.share)
    return float(level[cells].astype(float) @ weight / weight.sum())


def _unreachable_quotas(problem: Problem) -> Iterator[Defect]:
    for quota in problem.quotas:
        most = reachable_share(problem, quota.cells, quota.weight)
        if most < quota.target_share - MET:
            yield Defect(
                quota.name,
                message(
                    "problem.by_asked_all_candidates_together_reach",
                    target_share=quota.target_share,
                    year=quota.year,
                    floored=floored(most),
                ),
                message("remedy.lower_target_share_to_or_add", floored=floored(most)),
            )


def _unreachable_minima(problem: Problem) -> Iterator[Defect]:
    for minimum in problem.minima:
        most = minimum.existing + np.unique(minimum.candidates).size
        if most < minimum.least:
            yield Defect(
                minimum.name,
                message(
                    "problem.stations_by_asked_stand_and_can",
                    least=minimum.least,
                    year=minimum.year,
                    existing=minimum.existing,
                    most=most - minimum.existing,
                ),
                message("remedy.lower_least_to_or_add_candidates", most=most),
            )


def floored(share: float) -> float:
    """Return a share cut to four decimals, so that asking for it can be met."""
    return math.floor((share - SLACK) * 1e4) / 1e4 if share > SLACK else 0.0


def _useful(problem: Problem) -> Ints:
    """Return the candidates that quotas and minima can use."""
    cells = np.unique(np.concatenate([np.empty(0, np.int64), *(q.cells for q in problem.quotas)]))
    candidate = exact.entries(problem, cells)[1]
    return np.unique(np.concatenate([candidate, *(m.candidates for m in problem.minima)]))


def _exact_picks(problem: Problem) -> list[Ints]:
    """Return the cheapest stations that meet all needs; an error with the least relaxation."""
    useful = _useful(problem)
    years = max(due(problem, constraint.year) for constraint in problem.constraints) + 1
    cells = np.unique(np.concatenate([np.empty(0, np.int64), *(q.cells for q in problem.quotas)]))
    if exact.entries(problem, cells)[0].size * years > exact.MAX_ENTRIES:
        raise InputError(message("refusal.quotas_and_minima_were_not_met"), _unmet_defects(problem))
    lacking = _relaxation(problem, problem.quotas, problem.minima)
    if lacking.max() > SLACK:
        raise InputError(message("refusal.quotas_and_minima_clash"), [*_clash(problem, lacking)])
    stage, _ = exact.stages(problem, useful, years)
    exact.require(stage, problem, problem.quotas, problem.minima)
    cost = problem.cost[useful]
    last = stage.programme.minimise(stage.x[-1], cost, gap=0.01)
    if last.values is None:
        raise InputError(message("refusal.quotas_and_minima_were_not_met"), _unmet_defects(problem))
    stands = np.round(last.values[stage.x]).astype(bool)
    new = np.diff(stands, axis=0, prepend=False)
    picks = [useful[row & now] for row, now in zip(new, stands, strict=True)]
    none = np.empty(0, np.int64)
    return [*picks, *(none for _ in range(len(problem.years) - years))]


def _relaxation(problem: Problem, quotas: tuple[Quota, ...], minima: tuple[Minimum, ...]) -> Floats:
    """Return by how much each need falls short when the sum of all shortfalls is least.

    A quota counts in shares, a minimum in parts of its number.
    """
    part = replace(problem, quotas=quotas, minima=minima)
    years = max(due(problem, constraint.year) for constraint in part.constraints) + 1
    stage, _ = exact.stages(problem, _useful(part), years)
    lacking = exact.require(stage, problem, quotas, minima, slack=True)
    scale = np.array([*(1.0 for _ in quotas), *(1.0 / max(m.least, 1) for m in minima)])
    answer = stage.programme.minimise(lacking, scale)
    if answer.values is None:  # the search ended before it found anything
        return np.full(lacking.size, np.inf)
    return answer.values[lacking]


def _unmet_defects(problem: Problem) -> list[Defect]:
    return [
        Defect(
            constraint.name,
            message("problem.due_in", year=constraint.year),
            message("remedy.lower_it_or_raise_the_limits"),
        )
        for constraint in problem.constraints
    ]


def _clash(problem: Problem, lacking: Floats) -> Iterator[Defect]:
    """Yield each need that must give way, what it can reach alone, and what would allow it."""
    allow = _allowance(problem)
    for constraint, short in zip(problem.constraints, lacking, strict=True):
        if short <= SLACK:
            continue
        place = due(problem, constraint.year)
        within = _spoken_limits(problem, place)
        if isinstance(constraint, Quota):
            alone = constraint.target_share - _relaxation(problem, (constraint,), ())[0]
            left = floored(constraint.target_share - short)
            yield Defect(
                constraint.name,
                message(
                    "problem.by_asked_at_most",
                    target_share=constraint.target_share,
                    year=constraint.year,
                    alone=alone,
                    within=within,
                ),
                message("remedy.lower_target_share_to", left=left, allow=allow),
            )
        else:
            alone = constraint.least - _relaxation(problem, (), (constraint,))[0]
            left = math.floor(constraint.least - short + SLACK)
            yield Defect(
                constraint.name,
                message(
                    "problem.stations_by_asked_at_most",
                    least=constraint.least,
                    year=constraint.year,
                    alone=alone,
                    within=within,
                ),
                message("remedy.lower_least_to", left=left, allow=allow),
            )


def _spoken_limits(problem: Problem, place: int) -> str:
    stations, money = (np.cumsum(own)[place] for own in own_rooms(problem))
    parts = [f"{stations:.0f} stations"] if math.isfinite(stations) else []
    parts += [million(money, "en")] if math.isfinite(money) else []
    return f"with {' and '.join(parts)}" if parts else "with what excludes each other"


def _allowance(problem: Problem) -> str:
    """Return the least further stations or money that would let every need hold, in words."""
    extra = exact.limits(problem)
    years = max(due(problem, constraint.year) for constraint in problem.constraints) + 1
    extra = [limit for limit in extra if limit.until < years]
    stage, over = exact.stages(problem, _useful(problem), years, extra)
    exact.require(stage, problem, problem.quotas, problem.minima)
    typical = float(np.median(problem.cost))
    price = np.array([1.0 / typical if limit.is_money else 1.0 for limit in extra])
    answer = stage.programme.minimise(over, price)
    if answer.values is None:
        return ""
    parts = [
        _spoken_limit(problem, limit, more)
        for limit, more in zip(extra, answer.values[over], strict=True)
        if more > SLACK * (typical if limit.is_money else 1.0)
    ]
    return f" or allow {' and '.join(parts)}" if parts else ""


def _spoken_limit(problem: Problem, limit: exact.Limit, more: float) -> str:
    year = problem.years[limit.until].year
    if limit.is_money:
        return f"{million(math.ceil(limit.amount + more - SLACK), 'en')} by {year}"
    return f"{math.ceil(limit.amount + more - SLACK)} stations by {year}"
