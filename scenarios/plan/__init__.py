"""A scenario becomes a plan: constraints, choice, ranking, rollout, and the figures of it.

May import config, criteria, propagation, prediction, siting, candidates and costs.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Plan"]

if TYPE_CHECKING:
    from phusong.scenarios.plan.run import Plan
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        run=("Plan",),
    )
