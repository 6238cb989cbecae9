"""Run the benchmarks and print their tables: ``make bench``, less than half an hour in all.

Each also runs alone; whole runs of all scenarios (``benchmarks.runs``) and how far stations are
followed (``benchmarks.reach``) only so.
"""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks import accuracy, area, covering, goals, pages, peers, siting

CPU = Path("/proc/cpuinfo")


def processor() -> str:
    """Return the name of the processor."""
    if CPU.is_file():
        for line in CPU.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def machine() -> str:
    """Return the machine, the versions that matter, and how busy it is."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy"))
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = f"Python {platform.python_version()}, {versions}"
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}, {python}{busy}"


def main() -> None:
    """Print the tables of every benchmark."""
    print(machine())
    for title, module in (
        ("Goals", goals),
        ("Area engine", area),
        ("Beside other programs", peers),
        ("Against single paths", accuracy),
        ("Choice of stations", siting),
        ("Maximal covering, proven optimum", covering),
        ("The map page", pages),
    ):
        print(f"\n## {title}\n", flush=True)
        module.main(["--radius-km", "5"] if module is area else [])


if __name__ == "__main__":
    main()
