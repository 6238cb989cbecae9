"""The front door: what a notebook, a script and the command line call.

May import everything but commands; what is public here is reached as ``phusong.NAME``.
"""

from typing import TYPE_CHECKING

from phusong import lazy

__all__ = [
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

if TYPE_CHECKING:
    from phusong.api.checks import validate
    from phusong.api.evaluation import evaluate
    from phusong.api.inputs import load_scenario, open_province, open_run, read_cells, read_sites
    from phusong.api.publishing import publish
    from phusong.api.studies import calibrate, compare, plan, predict
else:
    __getattr__, __dir__ = lazy.names(
        __name__,
        checks=("validate",),
        evaluation=("evaluate",),
        inputs=("load_scenario", "open_province", "open_run", "read_cells", "read_sites"),
        publishing=("publish",),
        studies=("calibrate", "compare", "plan", "predict"),
    )
