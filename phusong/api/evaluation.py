"""What if: stations put on, moved or taken away, on the prediction of a finished run."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phusong.geodata.province import Province
    from phusong.progress import Progress
    from phusong.results import EvaluationResult, RunResult
    from phusong.scenarios.evaluation.bench import Bench

# Every function imports what it needs: naming it should not wait for numba.
# ruff: noqa: PLC0415

PathLike = str | os.PathLike[str]


def evaluate(
    run: "RunResult | PathLike | EvaluationResult",
    stations: Iterable[Mapping[str, Any]] | None = None,
    *,
    province: "Province | None" = None,
    progress: "Progress | None" = None,
) -> "EvaluationResult":
    """Say what a list of stations would serve and cost, by the prediction of a run.

    The figures are those that ``phusong.plan`` gives where it builds these stations and no other;
    nothing is chosen.

    Parameters
    ----------
    run
        A finished run or its folder; or the result of another call, on whose bench stations are
        tried in fractions of a second.
    stations
        Each with ``site_id`` of a candidate, or ``name``, ``lon`` and ``lat`` of one's own; with
        ``year`` (by default the last), ``height_m``, ``azimuths_deg``, ``downtilt_deg`` where they
        differ. If None, the stations that the run builds.
    province
        With which the run was planned; if None, the embedded one.
    progress
        Called with a title and a total, returns what takes the number done.

    Returns
    -------
    EvaluationResult
        Figures by year, commune and zone, and the probability of service on the grid.

    Raises
    ------
    InputError
        Every station that cannot be tried; or the province is not that of the run.

    Examples
    --------
    >>> import phusong as ps
    >>> ps.evaluate("nowhere")
    Traceback (most recent call last):
    phusong.errors.InputError: nowhere is not the folder of a finished run: there is no such folder
    """
    from phusong.results import EvaluationResult
    from phusong.scenarios.evaluation import draft as drafts
    from phusong.scenarios.evaluation.evaluation import evaluate as evaluated

    if isinstance(run, EvaluationResult):
        bench, usual = run.bench, run.draft
    else:
        bench, usual = _of_run(run, province, progress)
    tried = usual if stations is None else drafts.draft(bench.study.scenario, stations)
    table, warnings = drafts.table(bench, tried)
    return EvaluationResult(bench, tried, table, evaluated(bench, table), warnings)


def _of_run(
    run: "RunResult | PathLike", province: "Province | None", progress: "Progress | None"
) -> "tuple[Bench, Any]":
    """Return the bench of a run, and the draft that it builds."""
    from phusong import columns as col
    from phusong.api import inputs
    from phusong.progress import silent
    from phusong.scenarios.evaluation import of_run
    from phusong.scenarios.evaluation.draft import Draft

    opened = inputs.open_run(Path(run)) if isinstance(run, str | os.PathLike) else run
    ranking = opened.ranking
    names, years = ranking[col.SITE_ID].tolist(), ranking[col.YEAR].astype(int).tolist()
    if province is None:
        province = inputs.open_province(seed=int(opened.record["seed"]))
    bench = of_run.of_run(opened.record, province, names, progress=progress or silent)
    return bench, Draft(dict(zip(names, years, strict=True)))
