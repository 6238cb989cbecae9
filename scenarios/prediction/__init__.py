"""From cells to levels and what follows from them: service, speed, quality.

May import config and propagation.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["TECHNOLOGIES", "Maps", "Technology", "completed"]

if TYPE_CHECKING:
    from phusong.scenarios.prediction.levels import Maps, completed
    from phusong.scenarios.prediction.technology import TECHNOLOGIES, Technology
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        levels=("Maps", "completed"),
        technology=("TECHNOLOGIES", "Technology"),
    )
