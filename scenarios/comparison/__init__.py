"""Two runs side by side.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Comparison"]

if TYPE_CHECKING:
    from phusong.scenarios.comparison.compare import Comparison
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        compare=("Comparison",),
    )
