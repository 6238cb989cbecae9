"""What a scenario says: read, checked, and the networks it asks for.

May import criteria and propagation.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Scenario"]

if TYPE_CHECKING:
    from phusong.scenarios.config.sections import Scenario
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        sections=("Scenario",),
    )
