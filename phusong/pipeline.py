"""The whole chain: open a province, run a scenario, write every output."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numba
from tqdm import tqdm

from phusong.geodata import folder, site_source
from phusong.geodata.province import Province
from phusong.maps import page, report
from phusong.scenarios import result, run
from phusong.scenarios.schema import Scenario

Bar = Callable[[int], None]
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
    headers: Mapping[str, str] | None = None,
    stated_crs: str | None = None,
    seed: int = 1,
) -> Province:
    """Open a province (the embedded one if None), with another site list if one is given.

    Rejected rows of the list go to rejected.csv beside it. ``headers`` are the list's own by
    column and ``stated_crs`` that of its coordinates, where they are not recognised.
    """
    province = folder.open_province(path, seed=seed)
    if site_list is None:
        return province
    listed, origin = site_source.read(
        site_list,
        province.communes,
        headers=headers,
        stated_crs=stated_crs,
        skip_bad_rows=skip_bad_rows,
    )
    return replace(province, sites=listed, provenance={**province.provenance, "sites": origin})


def run_scenario(
    scenario: Scenario,
    province: Province,
    out: Path,
    *,
    language: str = "vi",
    workers: int | None = None,
    progress: run.Progress = bars,
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


def _since(start: float) -> float:
    return round(time.perf_counter() - start, 1)
