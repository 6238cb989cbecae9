"""Stations chosen by hand, held against the same demand as a plan: what they serve and cost.

May import config, prediction, siting, candidates, costs and plan.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Bench", "Evaluation"]

if TYPE_CHECKING:
    from phusong.scenarios.evaluation.bench import Bench
    from phusong.scenarios.evaluation.evaluation import Evaluation
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        bench=("Bench",),
        evaluation=("Evaluation",),
    )
