"""The bench of a finished run: the province and scenario that it was planned with."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.province import Province
from phusong.messages import message
from phusong.progress import Progress, silent
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation.bench import Bench, open_bench


def of_run(
    record: Mapping[str, Any],
    province: Province,
    stations: Sequence[str],
    *,
    progress: Progress = silent,
) -> Bench:
    """Return what stations of a run are tried on.

    Parameters
    ----------
    record
        What ``run.json`` says.
    province
        With which the run was planned: grid and sites are held against the record.
    stations
        Identifiers of the stations that the run builds.
    progress
        Called with a title and a total, returns what takes the number done.

    Raises
    ------
    InputError
        The province is another one, or the run is of another version.
    """
    _refuse(list(_differences(record, province)))
    scenario = schema.restored(record["parameters"], "run.json", country=province.country)
    bench = open_bench(province, scenario, progress=progress)
    known = set(bench.frame[col.SITE_ID])
    problem = message("problem.candidate_of_run_is_lacking")
    _refuse(
        [
            Defect("ranking.geojson", problem, row=row, column=col.SITE_ID, value=name)
            for row, name in enumerate(stations, start=1)
            if name not in known
        ]
    )
    return bench


def _refuse(defects: list[Defect]) -> None:
    if defects:
        raise InputError(message("refusal.province_of_another_run"), defects)


def _differences(record: Mapping[str, Any], province: Province) -> Iterator[Defect]:
    """Yield what a province has otherwise than the run: name, units, grid, sites."""
    stated, headline = record["province"], record["headline"]
    pairs = [
        ("name", province.name, stated["name"]),
        ("units", province.units, stated["units"]),
        ("crs", province.grid.crs, stated["crs"]),
        ("sites", len(province.live), headline.get("sites", len(province.live))),
    ]
    for name, value, expected in pairs:
        if value != expected:
            problem = message("problem.run_has_another", value=value, expected=expected)
            remedy = message("remedy.give_the_province_and_lists_of_the_run")
            yield Defect("run.json", problem, remedy, column=f"province.{name}")
