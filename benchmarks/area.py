"""Time the area engine: points a second of one core, and the whole province, cold and warm.

Run with ``python benchmarks/area.py``; ``--masts`` and ``--radius-km`` change the province.
"""

import argparse
import os
import platform
import resource
import time

import numba
import numpy as np
from numpy.typing import NDArray

from phusong.coverage import network, reception, sweep, sweep_p1812
from phusong.coverage.base_loss import EXPECTED
from phusong.coverage.cells import Masts, Reach, Surface, cells
from phusong.coverage.losses import Cache, Sweeps
from phusong.coverage.models.p1812 import Parameters

SIZE = 1700
PIXEL_M = 30.0
FREQUENCY_MHZ = 2550.0
MODELS = {"TR 38.901": EXPECTED, "P.1812": Parameters()}


def fractal(size: int, relief_m: float, seed: int = 1) -> NDArray[np.float32]:
    """Return terrain with the spectrum of hills."""
    noise = np.random.default_rng(seed).standard_normal((size, size))
    square = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.fftfreq(size)[None, :] ** 2
    square[0, 0] = 1.0
    height = np.fft.ifft2(np.fft.fft2(noise) * square**-1.1).real
    return (relief_m * (height - height.min()) / np.ptp(height)).astype(np.float32)


def province(masts: int) -> tuple[Surface, Masts]:
    """Return synthetic terrain with clutter, and masts that lie anywhere on it."""
    random = np.random.default_rng(2)
    shape = (SIZE, SIZE)
    patches = fractal(SIZE, 1.0, seed=3)
    surface = Surface(
        fractal(SIZE, 600.0),
        (patches > 0.6).astype(np.uint8),
        np.ones(shape, bool),
        PIXEL_M,
        np.select([patches > 0.6, patches > 0.5], [15.0, 10.0], 0.0).astype(np.float32),
    )
    places = random.uniform(0, SIZE - 1, (2, masts))
    heights = random.integers(18, 49, masts).astype(float)
    return surface, Masts(*places, heights, np.full(masts, FREQUENCY_MHZ))


def sweep_rate(surface: Surface, masts: Masts, reach: Reach, count: int = 30) -> float:
    """Return receive points a second of one thread, the median of a few masts."""
    sweeps = Sweeps(surface, masts, reach)
    tables, used = sweeps.base_tables
    rates = []
    for i, row in enumerate(masts.table()[:count]):
        mast = reception.Mast(*row)
        start = time.thread_time()
        receivers = reception.trace(sweeps.ground, mast, sweeps.fan)
        if reach.model == EXPECTED:
            sweep.walk(sweeps.ground, mast, tables[used[i]], sweeps.fan, receivers)
        else:
            sweep_p1812.walk(sweeps.ground, mast, reach.climate(), sweeps.fan, receivers)
        rates.append(receivers.pixel.size / (time.thread_time() - start))
    return float(np.median(rates[1:]))  # the first call compiles or loads


def province_seconds(
    surface: Surface, masts: Masts, reach: Reach, cache: Cache | None = None
) -> float:
    """Return wall seconds of best server, overlap and total power, three sectors a mast."""
    number = len(masts)
    plan = cells(np.repeat(np.arange(number), 3), np.tile([0.0, 120.0, 240.0], number), 43.1, 6.0)
    start = time.perf_counter()
    network.best_server(surface, masts, plan, reach, cache=cache)
    return time.perf_counter() - start


def peak_mib() -> float:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masts", type=int, default=3000)
    parser.add_argument("--radius-km", type=float, nargs="+", default=[3.0, 5.0])
    parser.add_argument("--warm", action="store_true", help="again, with all losses kept")
    wanted = parser.parse_args()
    surface, masts = province(wanted.masts)
    few = Masts(*(column[:2] for column in vars(masts).values()))
    print(f"{platform.machine()}, {os.cpu_count()} cores, {numba.get_num_threads()} threads")
    print(f"{wanted.masts} masts of 3 sectors, {SIZE} x {SIZE} pixels of {PIXEL_M:g} m")
    for name, parameters in MODELS.items():
        seconds = province_seconds(surface, few, Reach(1000.0, model=parameters))
        print(f"{name}: compiled or loaded in {seconds:.1f} s")
    cases = [
        (f"{name:10}{radius_km:6.1f}km", Reach(1000.0 * radius_km, model=parameters))
        for name, parameters in MODELS.items()
        for radius_km in wanted.radius_km
    ]
    print(f"{'model':10}{'radius':>8}{'points/s/core':>15}{'province':>10}{'peak':>10}{'warm':>9}")
    for title, reach in cases:
        rate = sweep_rate(surface, masts, reach)
        seconds = province_seconds(surface, masts, reach)
        line = f"{title}{rate:15,.0f}{seconds:8.1f} s{peak_mib():6.0f} MiB"
        cache: Cache = {}
        if wanted.warm:
            province_seconds(surface, masts, reach, cache)
            line += f"{province_seconds(surface, masts, reach, cache):7.1f} s"
        print(line, flush=True)


if __name__ == "__main__":
    main()
