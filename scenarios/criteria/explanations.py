"""What the score of a zone is made of and what would lift it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong.messages import Message, message
from phusong.scenarios.criteria import scores, zone_criteria
from phusong.scenarios.criteria.zone_criteria import ZoneCriterion

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NAMED = 2  # criteria named as the strongest


@dataclass(frozen=True)
class ZoneStanding:
    """How one zone stands; criteria are columns of the scored array.

    ``lift`` is the criterion whose improvement to the best value of all zones raises the
    rank most, to ``lifted_rank``; None where no single one does.
    """

    rank: int
    score: float
    shares: Floats
    strongest: tuple[int, ...]
    lift: int | None
    lifted_rank: int


def standings(values: Floats, weights: Floats, benefit: Bools) -> list[ZoneStanding]:
    """Return how each zone stands by the weighted sum.

    The lift keeps the yardstick of the other zones: best and worst stay what they are. Of two
    criteria that lift to the same rank the one that adds more to the score counts, then the first.
    """
    contributed = scores.contributions(values, weights, benefit)
    score = contributed.sum(axis=1)
    shares = scores.shares(contributed)
    lifted = _lifted_ranks(contributed, weights, scores.varies(values))
    return [
        ZoneStanding(
            rank, float(score[row]), shares[row], _strongest(shares[row]), lift, lifted_rank
        )
        for row, (rank, (lift, lifted_rank)) in enumerate(
            zip(scores.ranks(score).tolist(), lifted, strict=True)
        )
    ]


def _lifted_ranks(
    contributed: Floats, weights: Floats, varies: Bools
) -> list[tuple[int | None, int]]:
    """Return per zone the criterion that lifts it most, and the rank it lifts to."""
    score = contributed.sum(axis=1)
    gain = np.where(varies, weights - contributed, 0.0)
    in_order = np.sort(score.round(scores.DECIMALS))
    # A zone's own score is below its lifted one, so it is not among those above.
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


def explain(standing: ZoneStanding, criteria: Sequence[ZoneCriterion], count: int) -> Message:
    """Return one sentence: rank, the strongest two criteria, and what holds it back.

    ``criteria`` are the columns that were scored, ``count`` is the number of zones.
    """
    named = [
        message(
            "explanation.part",
            meaning=zone_criteria.meaning(criteria[criterion]),
            share=round(float(standing.shares[criterion]), 6),
        )
        for criterion in standing.strongest
    ]
    score = round(100.0 * standing.score, 4)
    parts = [
        message("explanation.rank", rank=standing.rank, count=count, score=score),
        message("explanation.strongest", what=named) if named else message("explanation.nothing"),
        _held_back(standing, criteria),
    ]
    return message("explanation.sentence", parts=parts)


def _held_back(standing: ZoneStanding, criteria: Sequence[ZoneCriterion]) -> Message:
    if standing.lift is None:
        return message("explanation.first" if standing.rank == 1 else "explanation.stays")
    lifting = zone_criteria.meaning(criteria[standing.lift])
    return message("explanation.lift", meaning=lifting, rank=standing.lifted_rank)
