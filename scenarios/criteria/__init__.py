"""What speaks for or against a zone: the criteria, their weights, scores and ranks by them.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "CRITERIA",
    "ComparedZones",
    "Weights",
    "ZoneCriterion",
    "ahp",
    "rank_correlation",
    "topsis",
    "weighted_sum",
]

if TYPE_CHECKING:
    from phusong.scenarios.criteria.scores import rank_correlation, topsis, weighted_sum
    from phusong.scenarios.criteria.weights import Weights, ahp
    from phusong.scenarios.criteria.zone_criteria import CRITERIA, ComparedZones, ZoneCriterion
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        scores=("rank_correlation", "topsis", "weighted_sum"),
        weights=("Weights", "ahp"),
        zone_criteria=("CRITERIA", "ComparedZones", "ZoneCriterion"),
    )
