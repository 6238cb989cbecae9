"""Models tuned with measurements.

May import propagation, prediction and results.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Calibration", "Outcome"]

if TYPE_CHECKING:
    from phusong.scenarios.calibration.fit import Calibration
    from phusong.scenarios.calibration.result import Outcome
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        fit=("Calibration",),
        result=("Outcome",),
    )
