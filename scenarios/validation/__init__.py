"""A model as it is, held against measurements: nothing is fitted here.

May import propagation, calibration and results.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = ["Interval", "Reliability", "intervals", "reliability"]

if TYPE_CHECKING:
    from phusong.scenarios.validation.scores import Interval, Reliability, intervals, reliability
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        scores=("Interval", "Reliability", "intervals", "reliability"),
    )
