"""Which model predicts, with which parameters, and a single path by it.

Imports no other room.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Calibrated", "PredictionOptions"]

if TYPE_CHECKING:
    from phusong.scenarios.propagation.calibrated import Calibrated
    from phusong.scenarios.propagation.options import PredictionOptions
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        calibrated=("Calibrated",),
        options=("PredictionOptions",),
    )
