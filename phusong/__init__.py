"""phusong: coverage planning for mobile networks, from a site list to a ranked 5G rollout.

>>> import phusong as ps
>>> province = ps.open_province()
>>> province.name, len(province.communes)
('Vĩnh Phúc', 136)

Everything below is imported when it is first used; ``ps.coverage``, ``ps.geodata``,
``ps.scenarios`` and ``ps.maps`` too.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from phusong import lazy

__version__ = "0.2.0"
__all__ = [
    "CalibrationResult",
    "ComparisonResult",
    "CoverageResult",
    "EvaluationResult",
    "InputError",
    "PhusongError",
    "PlanResult",
    "RunResult",
    "ValidationResult",
    "calibrate",
    "compare",
    "evaluate",
    "load_scenario",
    "open_province",
    "open_run",
    "plan",
    "predict",
    "publish",
    "read_cells",
    "read_sites",
    "validate",
]

# In a source checkout the four subpackages lie beside this folder, not inside it.
if (Path(__file__).resolve().parents[1] / "pyproject.toml").is_file():
    __path__.append(str(Path(__file__).resolve().parents[1]))

if TYPE_CHECKING:
    from phusong.api import (
        calibrate,
        compare,
        evaluate,
        load_scenario,
        open_province,
        open_run,
        plan,
        predict,
        publish,
        read_cells,
        read_sites,
        validate,
    )
    from phusong.errors import InputError, PhusongError
    from phusong.results import (
        CalibrationResult,
        ComparisonResult,
        CoverageResult,
        EvaluationResult,
        PlanResult,
        RunResult,
        ValidationResult,
    )
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        api=(
            "calibrate",
            "compare",
            "evaluate",
            "load_scenario",
            "open_province",
            "open_run",
            "plan",
            "predict",
            "publish",
            "read_cells",
            "read_sites",
            "validate",
        ),
        errors=("InputError", "PhusongError"),
        results=(
            "CalibrationResult",
            "ComparisonResult",
            "CoverageResult",
            "EvaluationResult",
            "PlanResult",
            "RunResult",
            "ValidationResult",
        ),
    )

lazy.open_folders(__name__, "coverage", "geodata", "scenarios", "maps")
