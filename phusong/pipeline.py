"""The whole chain: open a province, run a scenario, write every output."""

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numba
from tqdm import tqdm

from phusong.geodata.files.stated import NOTHING, Stated
from phusong.geodata.ground import roads as roads_
from phusong.geodata.network import fibre as fibre_list
from phusong.geodata.network import sites
from phusong.geodata.province import Province
from phusong.geodata.provinces import folder
from phusong.geodata.runs import folder as run_folder
from phusong.maps import difference, page, report
from phusong.progress import Bar, Progress
from phusong.scenarios.comparison import compare
from phusong.scenarios.comparison import result as compare_result
from phusong.scenarios.config.schema import Scenario
from phusong.scenarios.plan import run
from phusong.scenarios.results import result

PAGES = ("map.html", "report.html")


def use_workers(count: int | None) -> int:
    """Set the number of threads (all cores if None) and return it; results do not depend on it."""
    most: int = numba.config.NUMBA_NUM_THREADS
    threads = most if count is None else min(count, most)
    numba.set_num_threads(threads)
    return threads


def bars(title: str, total: int) -> Bar:
    """Open a progress bar on stderr and return what moves it to the number done."""
    bar = tqdm(total=total, desc=title, unit="mast", file=sys.stderr, leave=True)

    def move(done: int) -> None:
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    return move


def open_province(
    path: Path | None = None,
    *,
    site_list: Path | None = None,
    skip_bad_rows: bool = False,
    roads: Path | None = None,
    fibre: Path | None = None,
    stated: Mapping[str, Stated] | None = None,
    seed: int = 1,
) -> Province:
    """Open a province (the embedded one if None), with another site list if one is given.

    Roads and fibre points, for the backhaul, come from files of their own.

    Rejected rows of the list go to rejected.csv beside it. ``stated`` is what the user says of
    the files of ``sites``, ``roads`` and ``fibre``, where they do not say it themselves.
    """
    province, stated = folder.open_province(path, seed=seed), stated or {}
    if roads is not None:
        lines = roads_.read_roads(roads, stated.get("roads", NOTHING))
        province = replace(province, roads=lines)
    if fibre is not None:
        points = fibre_list.read_fibre(fibre, province.communes, stated.get("fibre", NOTHING))
        province = replace(province, fibre=points)
    if site_list is None:
        return province
    listed = sites.read_sites(
        site_list,
        province.communes,
        stated=stated.get("sites", NOTHING),
        skip_bad_rows=skip_bad_rows,
        rejected_csv=site_list.with_name("rejected.csv"),
    )
    return province.with_sites(listed)


def run_scenario(
    scenario: Scenario,
    province: Province,
    out: Path,
    *,
    language: str = "vi",
    workers: int | None = None,
    progress: Progress = bars,
) -> run.Plan:
    """Plan and write every file of a run into ``out``, whole or not at all."""
    result.check_folder(out)
    threads = use_workers(workers)
    start = time.perf_counter()
    plan = run.plan(province, scenario, language=language, progress=progress)
    with result.replacing(out) as temporary:
        result.write(plan, temporary, also=PAGES, workers=threads, seconds=_since(start))
        page.write_map(temporary, language)
        report.write_report(temporary, language)
    return plan


def compare_runs(
    run_a: Path,
    run_b: Path,
    out: Path,
    *,
    language: str = "vi",
    on_units: str | None = None,
    restate: bool = False,
) -> dict[str, Any]:
    """Write the comparison of two run folders, whole or not at all, and return its record."""
    result.check_folder(out, compare_result.RECORD)
    a, b = run_folder.open_run(run_a), run_folder.open_run(run_b)
    compared = compare.compare(a, b, on_units=on_units, restate=restate)
    with result.replacing(out, compare_result.RECORD) as temporary:
        record = compare_result.write(compared, temporary, language, also=(difference.FILE_NAME,))
        difference.write_page(temporary, a, language)
    return record


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 1)
