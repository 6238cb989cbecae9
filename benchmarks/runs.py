"""Time whole runs of the command: first with empty caches, then again.

Run with ``python -m benchmarks.runs [SCENARIO ...]``.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks import usage
from phusong.scenarios.config.schema import SHIPPED


class Timed(NamedTuple):
    """Wall seconds of a run, its peak memory, the seconds of its steps and its map's size."""

    seconds: float
    peak_mib: float
    steps_s: dict[str, float]
    map_mb: float


def timed(scenario: str, out: Path, cache: Path) -> Timed:
    """Run one scenario in a process of its own with its own cache folder."""
    taken = usage.used(["-m", "phusong", "run", scenario, "--out", str(out)], cache)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    map_mb = (out / "map.html").stat().st_size / 1e6
    return Timed(taken.wall_s, taken.peak_mib, record["timings_s"], map_mb)


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


if __name__ == "__main__":
    main(sys.argv[1:])
