"""The choice itself: scores and optimisation on plain arrays.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Cover", "Problem", "Siting"]

if TYPE_CHECKING:
    from phusong.scenarios.siting.choose import Siting
    from phusong.scenarios.siting.problem import Cover, Problem
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        choose=("Siting",),
        problem=("Cover", "Problem"),
    )
