"""What speaks for or against a candidate: the criteria, their weights, and scores by them.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "CRITERIA",
    "Compared",
    "Criterion",
    "Weights",
    "ahp",
    "rank_correlation",
    "topsis",
    "weighted_sum",
]

if TYPE_CHECKING:
    from phusong.scenarios.criteria.criteria import CRITERIA, Compared, Criterion
    from phusong.scenarios.criteria.scores import rank_correlation, topsis, weighted_sum
    from phusong.scenarios.criteria.weights import Weights, ahp
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        criteria=("CRITERIA", "Compared", "Criterion"),
        scores=("rank_correlation", "topsis", "weighted_sum"),
        weights=("Weights", "ahp"),
    )
