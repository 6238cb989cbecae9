"""Every goal of speed and memory beside what is measured, fair on a busy machine.

Run with ``python -m benchmarks.goals [PART ...] [--large FOLDER]``; the parts are kernel, peers,
province, run and start, by default all. Before and after each figure a reference job is timed. A
busy machine slows both alike, so that the ratio of the two stands for the code; wall seconds are
told as they are and as they would be on a quiet machine of two cores. ``benchmarks/history.jsonl``,
which git ignores, holds the figures of earlier runs on this machine; what became more than a tenth
slower, larger or less exact is named.
"""

import argparse
import datetime as dt
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import goal_figures
from benchmarks.goal_figures import BEFORE, PARTS, Goal, Measured

HISTORY = Path(__file__).with_name("history.jsonl")
WORSE = 0.10  # share by which a figure may differ by chance


def before(machine: str) -> dict[str, float]:
    """Return the last figure of each goal on a machine, as when it is quiet."""
    if not HISTORY.is_file():
        return {}
    figures: dict[str, float] = {}
    for line in HISTORY.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        if noted["machine"] == machine:
            figures |= noted.get("figures", {})
    return figures


def compared(goal: Goal, figure: float, earlier: float | None) -> str:
    """Return how a figure moved.

    >>> time, rate = Goal("run", "s", 8.0), Goal("sweep", "million points/s", 6.0, at_least=True)
    >>> compared(time, 1.2, 1.0), compared(time, 1.05, 1.0), compared(time, 1.0, None)
    ('WORSE, +20%', '+5%', 'first time')
    >>> compared(rate, 1.2, 1.0), compared(rate, 0.8, 1.0)
    ('+20%', 'WORSE, -20%')
    """
    if earlier is None:
        return "first time"
    moved = figure / earlier - 1.0
    worse = -moved if goal.at_least else moved
    return f"WORSE, {moved:+.0%}" if worse > WORSE else f"{moved:+.0%}"


def _figure(value: float) -> str:
    """Return a figure with three digits, or all before the point.

    >>> _figure(1119.6), _figure(7.4149), _figure(0.00566)
    ('1,120', '7.41', '0.00566')
    """
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.3g}"


def row(figure: Measured, earlier: float | None) -> str:
    """Return a row of the table."""
    goal, sign = figure.goal, ">=" if figure.goal.at_least else "<="
    reached = "yes" if figure.is_reached else "no"
    quiet = _figure(figure.quiet) if goal.unit == "s" else ""
    moved = compared(goal, figure.quiet, earlier)
    slow = f"{figure.machine.slowness:.1f} (+-{50.0 * figure.machine.spread:.0f} %)"
    return (
        f"| {goal.name} | {sign} {goal.limit:,.4g} {goal.unit} | {BEFORE.get(goal.name, '')} "
        f"| {_figure(figure.value)} | {quiet} | {reached} | {slow} | {moved} |"
    )


def load() -> str:
    """Return how many processes wanted a core in the last minute, where the system tells it."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def measured(parts: Sequence[str], large: Path | None, folder: Path) -> Iterator[Measured]:
    """Yield the figures of some parts."""
    for part in parts:
        yield from PARTS[part](folder)
    if large is not None:
        yield from goal_figures.large(folder, large)


def main(words: Sequence[str] = ()) -> None:
    """Print one row a goal, and note the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--large", type=Path, metavar="FOLDER", help="a large province")
    wanted = parser.parse_args(words)
    if unknown := set(wanted.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    machine = f"{platform.node()}, {os.cpu_count()} cores"
    earlier, figures, began = before(machine), {}, load()
    print(
        "| what | to reach | before | now | on a quiet machine, s | reached | slowness "
        "| since last time |\n|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        for figure in measured(wanted.parts or list(PARTS), wanted.large, Path(name)):
            figures[figure.goal.name] = figure.quiet
            print(row(figure, earlier.get(figure.goal.name)), flush=True)
    print(f"\nLoad {began} at the beginning, {load()} at the end. Slowness: the reference job over")
    print("what it takes on a quiet machine, and how far its rounds lie apart.")
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"machine": machine, "figures": figures, "when": now}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
