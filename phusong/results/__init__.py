"""What the front door hands out: results that know where they lie, drawn and written by request.

May import everything but commands; nothing but the front door and commands imports it.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
    "CalibrationResult",
    "ComparisonResult",
    "CoverageResult",
    "EvaluationResult",
    "PlanResult",
    "RolloutResult",
    "RunResult",
    "ValidationResult",
]

if TYPE_CHECKING:
    from phusong.results.calibration import CalibrationResult
    from phusong.results.comparison import ComparisonResult
    from phusong.results.coverage import CoverageResult
    from phusong.results.evaluation import EvaluationResult
    from phusong.results.plan import PlanResult
    from phusong.results.rollout import RolloutResult
    from phusong.results.run import RunResult
    from phusong.results.validation import ValidationResult
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        calibration=("CalibrationResult",),
        comparison=("ComparisonResult",),
        coverage=("CoverageResult",),
        evaluation=("EvaluationResult",),
        plan=("PlanResult",),
        rollout=("RolloutResult",),
        run=("RunResult",),
        validation=("ValidationResult",),
    )
