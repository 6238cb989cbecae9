"""Time whole runs of the command: first with empty caches, then again.

Run with ``python -m benchmarks.runs [SCENARIO ...]``.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from phusong.scenarios.config.schema import SHIPPED


class Timed(NamedTuple):
    """Wall seconds of a run, its peak memory, the seconds of its steps and its map's size."""

    seconds: float
    peak_mib: float
    steps_s: dict[str, float]
    map_mb: float


def timed(scenario: str, out: Path, cache: Path) -> Timed:
    """Run one scenario in a process of its own with its own cache folder."""
    command = [sys.executable, "-m", "phusong", "run", scenario, "--out", str(out)]
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    start = time.perf_counter()
    child = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    peak_mib = usage.ru_maxrss / 1024.0
    return Timed(seconds, peak_mib, record["timings_s"], (out / "map.html").stat().st_size / 1e6)


def main(scenarios: Sequence[str] = ()) -> None:
    """Print one row a run."""
    print("| run | caches | wall s | peak MiB | map MB | steps |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        for scenario in scenarios or SHIPPED:
            for state in ("empty" if not cache.exists() else "of the runs above", "warm"):
                run = timed(scenario, Path(folder) / scenario, cache)
                steps = ", ".join(f"{name} {s:.1f}" for name, s in run.steps_s.items())
                print(
                    f"| {scenario} | {state} | {run.seconds:.1f} | {run.peak_mib:.0f} "
                    f"| {run.map_mb:.1f} | {steps} |",
                    flush=True,
                )
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    print(f"\nlargest process: {children:.0f} MiB")


if __name__ == "__main__":
    main(sys.argv[1:])
