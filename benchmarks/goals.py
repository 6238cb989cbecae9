"""Every goal of speed and memory beside what is measured, fair on a busy machine.

Run with ``python -m benchmarks.goals [SCENARIO]``. Before and after each figure a reference job is
timed. A busy machine slows both alike, so that the ratio of the two stands for the code; seconds
are told as they would be where the reference takes ``REFERENCE_S``, on a quiet machine of two
cores. ``benchmarks/history.jsonl``, which git ignores, holds the ratios of earlier runs on this
machine; what became more than a tenth slower or larger is named.
"""

import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

HISTORY = Path(__file__).with_name("history.jsonl")
REFERENCE_S = 1.0  # two threads at once, on the machine of docs/benchmarks.md when it is quiet
SORTED, ROUNDS = 1_000_000, 60
WORSE = 0.10  # share by which a figure may differ by chance
CHANGED = ("--set", "weights={ policy = 1.0 }")


class Goal(NamedTuple):
    """What is measured, in which unit, and the most that it may be.

    Parameters
    ----------
    name
        In the table and in the history.
    unit
        s, CPU s or MiB.
    most
        The figure to reach.
    """

    name: str
    unit: str
    most: float


class Usage(NamedTuple):
    """What a process took: wall and processor seconds, and its largest memory."""

    wall_s: float
    cpu_s: float
    peak_mib: float


class Measured(NamedTuple):
    """A figure and how many times the reference job it took.

    Processor time and memory do not grow where others work: theirs is the figure itself.
    """

    goal: Goal
    value: float
    ratio: float

    @property
    def quiet(self) -> float:
        """Return the figure as a quiet machine would have it."""
        return self.ratio * (1.0 if self.goal.unit == "MiB" else REFERENCE_S)


COLD = Goal("run, empty caches, nothing compiled", "s", 60.0)
WARM = Goal("run, warm", "s", 8.0)
QUICK = Goal("run, other weights, without proof", "s", 10.0)
PROVEN = Goal("run, other weights, proof and redraws", "s", 20.0)
HELP = Goal("phusong --help", "CPU s", 0.15)
IMPORT = Goal("import phusong", "CPU s", 0.3)
PEAK = Goal("largest memory of a run", "MiB", 1228.8)


def reference_s() -> float:
    """Return the seconds of a job of sorting, on two threads at once."""
    values = np.random.default_rng(1).random(SORTED)
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: [np.sort(values) for _ in range(ROUNDS)], range(2)))
    return time.perf_counter() - start


def used(command: Sequence[str], cache: Path) -> Usage:
    """Run a command in a process of its own, with its own caches, and return what it took."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, *command], env=environment, **quiet)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status  # it is over
    if status != 0:
        raise SystemExit(f"{' '.join(command)} failed")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Usage(time.perf_counter() - start, cpu_s, usage.ru_maxrss / 1024.0)


def beside_reference(measure: Callable[[], Usage]) -> tuple[Usage, float]:
    """Return what a job took, and the mean seconds of the reference job before and after it."""
    before = reference_s()
    usage = measure()
    return usage, (before + reference_s()) / 2.0


def measured(scenario: str, folder: Path) -> Iterable[Measured]:
    """Yield every figure; runs build on the caches of those before."""
    cache, out = folder / "cache", folder / "out"
    run = ["-m", "phusong", "run", scenario, "--out", str(out)]
    peak_mib = 0.0
    for goal, more in (
        (COLD, ()),
        (WARM, ()),
        (QUICK, (*CHANGED, "--no-proof")),
        (PROVEN, CHANGED),
    ):
        usage, reference = beside_reference(lambda more=more: used([*run, *more], cache))
        peak_mib = max(peak_mib, usage.peak_mib)
        yield Measured(goal, usage.wall_s, usage.wall_s / reference)
    yield Measured(PEAK, peak_mib, peak_mib)
    for goal, command in ((HELP, ["-m", "phusong", "--help"]), (IMPORT, ["-c", "import phusong"])):
        used(command, cache)  # compiled by Python
        cpu_s = used(command, cache).cpu_s
        yield Measured(goal, cpu_s, cpu_s / REFERENCE_S)


def before(machine: str) -> dict[str, float]:
    """Return the ratios of the last run on a machine."""
    if not HISTORY.is_file():
        return {}
    lines = map(json.loads, HISTORY.read_text(encoding="utf-8").splitlines())
    return next((e["ratios"] for e in reversed(list(lines)) if e["machine"] == machine), {})


def compared(ratio: float, earlier: float | None) -> str:
    """Return how a ratio moved.

    >>> compared(1.2, 1.0), compared(1.05, 1.0), compared(1.0, None)
    ('SLOWER OR LARGER, +20%', '+5%', 'first time')
    """
    if earlier is None:
        return "first time"
    moved = ratio / earlier - 1.0
    return f"SLOWER OR LARGER, {moved:+.0%}" if moved > WORSE else f"{moved:+.0%}"


def main(words: Sequence[str] = ()) -> None:
    """Print one row a goal, and note the ratios."""
    machine = f"{platform.node()}, {os.cpu_count()} cores"
    earlier, ratios = before(machine), {}
    print("| what | to reach | measured | on a quiet machine | since last time |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for goal, value, ratio in measured([*words, "urban"][0], Path(folder)):
            ratios[goal.name] = ratio
            quiet = Measured(goal, value, ratio).quiet
            reached = "" if quiet <= goal.most else " (not reached)"
            moved = compared(ratio, earlier.get(goal.name))
            figures = f"{value:,.4g} {goal.unit} | {quiet:,.4g} {goal.unit}{reached}"
            print(
                f"| {goal.name} | {goal.most:,.4g} {goal.unit} | {figures} | {moved} |", flush=True
            )
    noted = {"machine": machine, "ratios": ratios}
    noted["when"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(noted) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
