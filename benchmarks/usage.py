"""What a process took. Its memory is its own, however large the one that started it.

A process begins with the largest memory of the one that it was started from (Linux keeps that
through exec), so that commands are started from a small one, which this module is too.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

STATUS = Path("/proc/self/status")


class Usage(NamedTuple):
    """What a process took: wall and processor seconds, and its largest memory."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def used(command: Sequence[str], cache: Path) -> Usage:
    """Run Python in a process of its own, with its own caches, and return what it took."""
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users keep what Python compiled
    small = [sys.executable, __file__, *command]
    said = subprocess.run(
        small, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    ).stdout
    if not said:
        raise SystemExit(f"{' '.join(command)} failed")
    return Usage(*json.loads(said))


def peak_mib() -> float:
    """Return the most memory this process has held since it was started."""
    if STATUS.is_file():
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
        return float(lines["VmHWM"].split()[0]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def main(command: Sequence[str]) -> None:
    """Run Python and print what it took, nothing where it fails."""
    start, nowhere = time.perf_counter(), subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, *command], stdout=nowhere, stderr=nowhere)
    _, status, taken = os.wait4(child.pid, 0)
    child.returncode = status  # it is over
    wall_s, cpu_s = time.perf_counter() - start, taken.ru_utime + taken.ru_stime
    if status == 0:
        print(json.dumps([wall_s, cpu_s, taken.ru_maxrss / 1024.0]))


if __name__ == "__main__":
    main(sys.argv[1:])
