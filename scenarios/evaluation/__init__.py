"""Stations chosen by hand, held against the same demand as a plan: what they serve and cost.

May import config, prediction, siting, candidates, costs and plan.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Draft", "Evaluation"]

if TYPE_CHECKING:
    from phusong.scenarios.evaluation.draft import Draft
    from phusong.scenarios.evaluation.evaluation import Evaluation
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        draft=("Draft",),
        evaluation=("Evaluation",),
    )
