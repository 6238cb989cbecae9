"""A job that takes the same work whatever the code: it tells how fast this machine is just now.

Two threads sort numbers that fit in a core's own cache, as kernels work; the median of several
rounds counts. What else a machine does slows this job and a run alike.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

SORTED, TIMES, ROUNDS = 60_000, 1500, 7
REFERENCE_S = 0.19  # on the machine of docs/benchmarks.md when it is quiet


class Reference(NamedTuple):
    """Seconds of the job: the median of its rounds, and how far they lie apart."""

    seconds: float
    spread: float

    @property
    def slowness(self) -> float:
        """Return how many times slower the machine is than when it is quiet."""
        return self.seconds / REFERENCE_S


def measure() -> Reference:
    """Return how long the job takes now."""
    values = np.random.default_rng(1).random(SORTED).astype(np.float32)
    seconds = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            list(pool.map(lambda _: [np.sort(values) for _ in range(TIMES)], range(2)))
            seconds.append(time.perf_counter() - start)
    middle = float(np.median(seconds))
    return Reference(middle, (max(seconds) - min(seconds)) / middle)


def mean(first: Reference, second: Reference) -> Reference:
    """Return the mean of the job before and after something else."""
    return Reference(
        (first.seconds + second.seconds) / 2.0,
        max(first.spread, second.spread, abs(first.seconds - second.seconds) / second.seconds),
    )
