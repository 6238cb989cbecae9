"""Time the area engine: points a second of one core, and the whole province.

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

from phusong.coverage import base_loss, network, sweep
from phusong.coverage.cells import Masts, Reach, Surface, cells

SIZE = 1700
PIXEL_M = 30.0
FREQUENCY_MHZ = 2550.0


def fractal(size: int, relief_m: float, seed: int = 1) -> NDArray[np.float32]:
    """Return terrain with the spectrum of hills."""
    noise = np.random.default_rng(seed).standard_normal((size, size))
    square = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.fftfreq(size)[None, :] ** 2
    square[0, 0] = 1.0
    height = np.fft.ifft2(np.fft.fft2(noise) * square**-1.1).real
    return (relief_m * (height - height.min()) / np.ptp(height)).astype(np.float32)


def province(masts: int) -> tuple[Surface, Masts]:
    """Return synthetic terrain and masts that lie anywhere on it."""
    random = np.random.default_rng(2)
    shape = (SIZE, SIZE)
    surface = Surface(
        fractal(SIZE, 600.0),
        random.integers(0, 2, shape, dtype=np.uint8),
        np.ones(shape, bool),
        PIXEL_M,
    )
    places = random.uniform(0, SIZE - 1, (2, masts))
    heights = random.integers(18, 49, masts).astype(float)
    return surface, Masts(*places, heights, np.full(masts, FREQUENCY_MHZ))


def sweep_rate(surface: Surface, masts: Masts, radius_m: float, count: int = 30) -> float:
    """Return receive points a second of one thread, the fastest mast of a few."""
    reach = Reach(radius_m=radius_m)
    ground, fan = surface.ground(reach), reach.fan(surface.pixel_m)
    tables, used = base_loss.expected_tables_db(
        masts.antenna_height_m, masts.frequency_mhz, reach.receiver_height_m, radius_m
    )
    fastest = 0.0
    for i, row in enumerate(masts.table()[:count]):
        mast = sweep.Mast(*row)
        start = time.thread_time()
        receivers = sweep.trace(ground, mast, fan)
        sweep.walk(ground, mast, tables[used[i]], fan, receivers)
        if i > 0:  # the first call compiles or loads
            fastest = max(fastest, receivers.pixel.size / (time.thread_time() - start))
    return fastest


def province_seconds(surface: Surface, masts: Masts, radius_m: float) -> float:
    """Return wall seconds of best server, overlap and total power, three sectors a mast."""
    number = len(masts)
    plan = cells(np.repeat(np.arange(number), 3), np.tile([0.0, 120.0, 240.0], number), 43.1, 6.0)
    start = time.perf_counter()
    network.best_server(surface, masts, plan, Reach(radius_m=radius_m))
    return time.perf_counter() - start


def peak_mib() -> float:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--masts", type=int, default=3000)
    parser.add_argument("--radius-km", type=float, nargs="+", default=[3.0, 5.0])
    wanted = parser.parse_args()
    surface, masts = province(wanted.masts)
    print(f"{platform.machine()}, {os.cpu_count()} cores, {numba.get_num_threads()} threads")
    few = Masts(*(column[:2] for column in vars(masts).values()))
    print(f"compile or load: {province_seconds(surface, few, 1000.0):.1f} s")
    print(f"{'radius':>8}{'points/s/core':>15}{'province':>10}{'peak':>10}")
    for radius_km in wanted.radius_km:
        rate = sweep_rate(surface, masts, 1000.0 * radius_km)
        seconds = province_seconds(surface, masts, 1000.0 * radius_km)
        print(f"{radius_km:6.1f}km{rate:15,.0f}{seconds:8.1f} s{peak_mib():6.0f} MiB")


if __name__ == "__main__":
    main()
