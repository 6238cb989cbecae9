"""What a score is made of and would lift it, why a station stands, and what the plan misses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns as col
from phusong.messages import Message, message
from phusong.scenarios.candidates.places import NEAREST_M, OPERATORS
from phusong.scenarios.criteria import scores
from phusong.scenarios.criteria.criteria import Criterion

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NAMED = 2  # criteria named as the strongest
FARTHEST_M = 1e6  # what stands for the distance to the nearest mast where there is none
WORST_NAMED = 4  # of the worst, in one sentence


@dataclass(frozen=True)
class CandidateRank:
    """How one candidate stands; criteria are columns of the scored array.

    ``lift`` is the criterion whose improvement to the best value of all candidates raises the
    rank most, to ``lifted_rank``; None where no single one does.
    """

    rank: int
    score: float
    shares: Floats
    strongest: tuple[int, ...]
    lift: int | None
    lifted_rank: int


def standings(values: Floats, weights: Floats, benefit: Bools) -> list[CandidateRank]:
    """Return how each candidate stands by the weighted sum.

    The lift keeps the yardstick of the other candidates: best and worst stay what they are. Of two
    criteria that lift to the same rank the one that adds more to the score counts, then the first.
    """
    contributed = scores.contributions(values, weights, benefit)
    score = contributed.sum(axis=1)
    shares = scores.shares(contributed)
    lifted = _lifted_ranks(contributed, weights, scores.varies(values))
    return [
        CandidateRank(
            rank, float(score[row]), shares[row], _strongest(shares[row]), lift, lifted_rank
        )
        for row, (rank, (lift, lifted_rank)) in enumerate(
            zip(scores.ranks(score).tolist(), lifted, strict=True)
        )
    ]


def _lifted_ranks(
    contributed: Floats, weights: Floats, varies: Bools
) -> list[tuple[int | None, int]]:
    """Return per candidate the criterion that lifts it most, and the rank it lifts to."""
    score = contributed.sum(axis=1)
    gain = np.where(varies, weights - contributed, 0.0)
    in_order = np.sort(score.round(scores.DECIMALS))
    # A candidate's own score is below its lifted one, so it is not among those above.
    above = score.size - np.searchsorted(
        in_order, (score[:, None] + gain).round(scores.DECIMALS), side="right"
    )
    ranks = scores.ranks(score)
    result: list[tuple[int | None, int]] = []
    for rank, gains, lifted in zip(ranks.tolist(), gain, above + 1, strict=True):
        best = int(np.lexsort((-gains, lifted))[0])
        better = int(lifted[best]) < rank
        result.append((best, int(lifted[best])) if better else (None, rank))
    return result


def _strongest(shares: Floats) -> tuple[int, ...]:
    order = np.argsort(-shares, kind="stable")[:NAMED]
    return tuple(int(criterion) for criterion in order if shares[criterion] > 0)


def explain(standing: CandidateRank, criteria: Sequence[Criterion], count: int) -> Message:
    """Return one sentence: rank, the strongest two criteria, and what holds it back.

    ``criteria`` are the columns that were scored, ``count`` is the number of candidates.
    """
    named = [
        message(
            "explanation.part",
            meaning=meaning(criteria[criterion]),
            share=round(float(standing.shares[criterion]), 6),
        )
        for criterion in standing.strongest
    ]
    score = round(standing.score, 6)
    parts = [
        message("explanation.rank", rank=standing.rank, count=count, score=score),
        message("explanation.strongest", what=named) if named else message("explanation.nothing"),
        _held_back(standing, criteria),
    ]
    return message("explanation.sentence", parts=parts)


def _held_back(standing: CandidateRank, criteria: Sequence[Criterion]) -> Message:
    if standing.lift is None:
        return message("explanation.first" if standing.rank == 1 else "explanation.stays")
    lifting = meaning(criteria[standing.lift])
    return message("explanation.lift", meaning=lifting, rank=standing.lifted_rank)


def meaning(criterion: Criterion) -> Message:
    """Return what a criterion counts, as the catalogues name it."""
    return message(f"criterion.{criterion.name}")


def reason(station: pd.Series, zone_name: str) -> Message:
    """Return one sentence: what is gained, where, on which mast, at what cost."""
    parts = [
        message("reason.gain", what=_gained(station) or [message("reason.nobody")]),
        message("reason.zone", zone=zone_name) if zone_name else message("reason.outside"),
        _mast(station),
        message("reason.cost", cost=round(station[col.COST_MILLION])),
    ]
    return message("reason.sentence", parts=parts)


def _gained(station: pd.Series) -> list[Message]:
    columns = (
        ("people", col.PEOPLE_GAINED),
        ("workers", col.WORKERS_GAINED),
        ("visitors", col.VISITORS_GAINED),
    )
    return [
        message(f"reason.{kind}", n=round(station[column]))
        for kind, column in columns
        if round(station[column]) >= 1
    ]


def _mast(station: pd.Series) -> Message:
    height_m = round(station[col.HEIGHT_M])
    if station[col.KIND] == col.COLOCATED:
        return message(
            "reason.colocated",
            position=station[col.POSITION_ID],
            operators=station[OPERATORS],
            height=height_m,
        )
    nearest_m = round(min(station[NEAREST_M], FARTHEST_M))
    return message("reason.new", mast=station[col.MAST_CLASS], height=height_m, nearest=nearest_m)


def shortfalls(reached: list[dict[str, Any]]) -> list[Message]:
    """Return a sentence for each kind of need that the plan misses, the worst ones named.

    ``reached`` has kind, name, year, asked, reached and met, as in run.json (``choice.reached``).
    """
    by_kind = {
        kind: [need for need in reached if need["kind"] == kind]
        for kind in ("quota", "minimum", "target")
    }
    short = {kind: [need for need in own if not need["met"]] for kind, own in by_kind.items()}
    return [
        message(f"shortfall.{kind}", n=len(missed), of=len(by_kind[kind]), worst=_worst(missed))
        for kind, missed in short.items()
        if missed
    ]


def _worst(short: list[dict[str, Any]]) -> Message:
    worst = sorted(short, key=lambda need: (need["reached"] / need["asked"], need["name"]))[
        :WORST_NAMED
    ]
    named = [_need(need) for need in worst]
    if len(short) <= WORST_NAMED:
        return message("shortfall.worst", named=named)
    return message("shortfall.worst_and_more", named=named, n=len(short) - WORST_NAMED)


def _need(need: dict[str, Any]) -> Message:
    unit = "count" if need["kind"] == "minimum" else "share"
    values = {key: need[key] for key in ("name", "year", "reached", "asked")}
    return message(f"shortfall.{unit}", **values)
