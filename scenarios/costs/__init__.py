"""What stations cost to build and run, and how they reach fibre.

May import config.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["PresentValue", "net_present_value"]

if TYPE_CHECKING:
    from phusong.scenarios.costs.cost import PresentValue, net_present_value
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        cost=("PresentValue", "net_present_value"),
    )
