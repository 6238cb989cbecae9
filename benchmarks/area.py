"""Time the area engine: points a second of one core, and the whole province, cold and warm.

Run with ``python -m benchmarks.area``; ``--masts`` and ``--radius-km`` change the province.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from benchmarks import terrain
from benchmarks.usage import peak_mib
from phusong.coverage import profile
from phusong.coverage.area import loss_windows, network
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps, cells
from phusong.coverage.area.loss_windows import Cache
from phusong.coverage.models import REGISTRY, Model
from phusong.coverage.models.model import RadioPath
from phusong.geodata.grid import PIXEL_M
from phusong.scenarios.prediction import cache as kept
from phusong.scenarios.prediction.area import COARSENING

# One of each kind that the area engine sweeps; all models of distance alone are alike.
MODELS = {
    "P.1812": "p1812",
    "standard propagation model": "spm",
    "TR 38.901 with Bullington": "tr38901",
    "COST-231 Hata": "cost231_urban",
}
SINGLE_S = 0.2  # how long a single-path model is timed


class Case(NamedTuple):
    """A model, how far it is followed, and from how many masts."""

    model: str
    radius_m: float
    masts: int
    warm: bool
    rings: bool = False  # far receivers stand for squares, as in plans


class Timed(NamedTuple):
    """Points a second of one core, wall seconds of the province, MiB; NaN if not asked for."""

    points_per_s: float
    cold_s: float
    peak_mib: float
    warm_s: float


def sweep_rates(
    surface: Surface, masts: Masts, reach: Reach, count: int = 30
) -> NDArray[np.float64]:
    """Return receive points a second of one thread, for each of a few masts."""
    sweeps, rates = Sweeps(surface, masts, reach), []
    window = np.empty((1, sweeps.side, sweeps.side), np.uint16)
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    for i in range(min(count, len(masts))):
        start = time.thread_time()
        reach.model.fill(sweeps, np.array([i]), window)
        seconds = time.thread_time() - start
        rates.append(np.count_nonzero(window != loss_windows.NO_PATH) / seconds)
    numba.set_num_threads(threads)
    return np.array(rates[1:])  # the first call compiles or loads


def province_seconds(
    surface: Surface, masts: Masts, reach: Reach, cache: Cache | None = None
) -> float:
    """Return wall seconds of best server, overlap and total power, three sectors a mast."""
    number = len(masts)
    plan = cells(np.repeat(np.arange(number), 3), np.tile([0.0, 120.0, 240.0], number), 43.1, 6.0)
    start = time.perf_counter()
    network.best_server(surface, masts, plan, reach, cache=cache)
    return time.perf_counter() - start


def timed(case: Case) -> Timed:
    """Return the figures of one case; in a process of its own its peak is its own too."""
    surface, masts = terrain.made(case.masts)
    parameters = REGISTRY[MODELS[case.model]].for_area({}, terrain.FREQUENCY_MHZ)
    few = Masts(*(column[:2] for column in vars(masts).values()))
    province_seconds(surface, few, Reach(1000.0, model=parameters))  # compiles or loads
    rings = COARSENING if case.rings else ()
    reach = Reach(case.radius_m, coarsening=rings, model=parameters)
    rate = float(np.median(sweep_rates(surface, masts, reach)))
    cold_s, peak, warm_s = province_seconds(surface, masts, reach), peak_mib(), float("nan")
    if case.warm:
        with tempfile.TemporaryDirectory() as folder:
            kept.WINDOWS = Path(folder)
            province_seconds(surface, masts, reach, kept.Windows())
            warm_s = province_seconds(surface, masts, reach, kept.Windows())
    return Timed(rate, cold_s, peak, warm_s)


def single_rate(model: Model) -> float:
    """Return single paths of 5 km a second of one thread, through Python, a point every 30 m."""
    distance_m = np.linspace(0.0, 5000.0, 168)
    hills = profile.from_arrays(distance_m / 1000.0, 40.0 + 30.0 * np.sin(distance_m / 600.0))
    path = RadioPath(hills, terrain.FREQUENCY_MHZ, 30.0, 1.5)
    model.for_path(path, {})  # compiles or loads
    start, count = time.thread_time(), 0
    while time.thread_time() - start < SINGLE_S:
        model.for_path(path, {})
        count += 1
    return count / (time.thread_time() - start)


def main(words: Sequence[str] | None = None) -> None:
    """Print a table of the area engine and one of single paths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masts", type=int, default=3000)
    parser.add_argument("--radius-km", type=float, nargs="+", default=[3.0, 5.0])
    parser.add_argument("--warm", action=argparse.BooleanOptionalAction, default=True)
    wanted = parser.parse_args(words)
    print(
        f"{wanted.masts:,} masts of 3 sectors, {terrain.SIZE} x {terrain.SIZE} pixels of "
        f"{PIXEL_M:g} m.\nRates are CPU time of one thread; warm: with all losses kept "
        "in memory.\n\n"
        "| model | radius, km | points/s of one core | province, s | warm, s | peak, MiB |\n"
        "|---|---|---|---|---|---|"
    )
    alone = multiprocessing.get_context("spawn")
    for name in MODELS:
        for radius_km in wanted.radius_km:
            case = Case(name, 1000.0 * radius_km, wanted.masts, wanted.warm)
            with ProcessPoolExecutor(1, mp_context=alone) as pool:
                found = pool.submit(timed, case).result()
            print(
                f"| {name} | {radius_km:g} | {found.points_per_s:,.0f} | {found.cold_s:.1f} "
                f"| {found.warm_s:.1f} | {found.peak_mib:,.0f} |",
                flush=True,
            )
    print("\n| model of single paths | paths/s of one core |\n|---|---|")
    for model in REGISTRY.values():
        if model.predict_path is not None:
            print(f"| {model.name} | {single_rate(model):,.0f} |", flush=True)


if __name__ == "__main__":
    main()
