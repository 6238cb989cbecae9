"""Say in words what a candidate's score is made of, and what would lift it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phusong.scenarios.criteria import scores
from phusong.scenarios.criteria.criteria import Criterion
from phusong.scenarios.plan.reason import number

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NAMED = 2  # criteria named as the strongest
TEXTS = {
    "vi": {
        "rank": "Hạng {rank} trên {count}, điểm {score}",
        "strongest": "mạnh nhất: {what}",
        "part": "{meaning} ({share} % số điểm)",
        "and": " và ",
        "nothing": "không vượt trội ở tiêu chí nào",
        "lift": "bị kìm lại bởi {meaning}: nếu đạt mức tốt nhất thì lên hạng {rank}",
        "first": "không vị trí nào xếp trên",
        "stays": "không tiêu chí đơn lẻ nào đủ để nâng hạng",
    },
    "en": {
        "rank": "Rank {rank} of {count}, score {score}",
        "strongest": "strongest: {what}",
        "part": "{meaning} ({share} % of the score)",
        "and": " and ",
        "nothing": "better than the worst in no criterion",
        "lift": "held back by {meaning}: at the best value it would rank {rank}",
        "first": "no candidate ranks above it",
        "stays": "no single criterion would lift its rank",
    },
}


@dataclass(frozen=True)
class Standing:
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


def standings(values: Floats, weights: Floats, benefit: Bools) -> list[Standing]:
    """Return how each candidate stands by the weighted sum.

    The lift keeps the yardstick of the other candidates: best and worst stay what they are. Of two
    criteria that lift to the same rank the one that adds more to the score counts, then the first.
    """
    contributed = scores.contributions(values, weights, benefit)
    score = contributed.sum(axis=1)
    shares = scores.shares(contributed)
    lifted = _lifted_ranks(contributed, weights, scores.varies(values))
    return [
        Standing(rank, float(score[row]), shares[row], _strongest(shares[row]), lift, lifted_rank)
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


def explain(standing: Standing, criteria: Sequence[Criterion], count: int, language: str) -> str:
    """Return one sentence: rank, the strongest two criteria, and what holds it back.

    ``criteria`` are the columns that were scored, ``count`` is the number of candidates.
    """
    words = TEXTS[language]
    named = [
        words["part"].format(
            meaning=_meaning(criteria[criterion], language),
            share=round(100 * float(standing.shares[criterion])),
        )
        for criterion in standing.strongest
    ]
    parts = [
        words["rank"].format(
            rank=number(standing.rank, language),
            count=number(count, language),
            score=_decimal(standing.score, language),
        ),
        words["strongest"].format(what=words["and"].join(named)) if named else words["nothing"],
        _held_back(standing, criteria, language),
    ]
    return "; ".join(parts) + "."


def _held_back(standing: Standing, criteria: Sequence[Criterion], language: str) -> str:
    words = TEXTS[language]
    if standing.lift is None:
        return words["first" if standing.rank == 1 else "stays"]
    return words["lift"].format(
        meaning=_meaning(criteria[standing.lift], language),
        rank=number(standing.lifted_rank, language),
    )


def _meaning(criterion: Criterion, language: str) -> str:
    return criterion.meaning_vi if language == "vi" else criterion.meaning_en


def _decimal(value: float, language: str) -> str:
    text = f"{value:.2f}"
    return text.replace(".", ",") if language == "vi" else text
