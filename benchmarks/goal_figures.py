"""What the goals are and how each figure comes about, part by part."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import accuracy, area, peers, reference_job, terrain
from benchmarks.area import Case, Timed
from benchmarks.reference_job import Reference
from benchmarks.usage import Usage, used
from phusong.coverage.area.cells import Reach
from phusong.coverage.models import REGISTRY

RADIUS_M, MASTS, RATED = 5000.0, 3000, 40
RECEIVERS = 1000  # of each mast, held against single paths
RUN = ["-m", "phusong", "run"]
CHANGES = {
    "downtilt": ("--set", "layer_5g.downtilt_deg=7"),
    "budget": ("--set", "rollout.budget_million={ 2026 = 120000 }"),
    "weights": ("--set", "weights={ policy = 1.0 }"),
}
FIGURES_AND_MAP = ("--no-proof", "--only", "map,ranking")
OTHER_WEIGHTS = ("--set", "weights={ people = 1.0 }")  # that nothing was run with before


class Goal(NamedTuple):
    """What is measured, in which unit, and the figure to reach.

    Parameters
    ----------
    name
        In the table and in the history.
    unit
        s, CPU s, MiB, dB, million points/s or times.
    limit
        The figure to reach: at most, or at least.
    at_least
        Whether more is better.
    """

    name: str
    unit: str
    limit: float
    at_least: bool = False


# As measured at e511827 on the same machine, which was quiet; not all was measured then.
BEFORE = {
    "p1812 at 50 % of time": "2.6",
    "p1812_terminal at 50 % of time": "2.2",
    "p1812 at 1 % of time": "1.7",
    "p1812_terminal at 1 % of time": "1.6",
    "RMS against single paths, 5 km, clutter": "0.92",
    "crc-covlib, profiles handed over: faster by": "28 to 37",
    "province, 5 km, cold": "57",
    "province, 5 km, warm": "6.5",
    "run, empty caches, nothing compiled": "114",
    "run, warm": "24, proof and redraws kept",
    "run, other weights, proof and redraws": "64",
    "largest memory of a run": "2,048",
    "large province, cold": "over 1,800",
    "largest memory of a large province": "7,500",
}


class Measured(NamedTuple):
    """A figure, and how slow the machine was meanwhile.

    Only wall seconds grow where others work: other figures stand as they are.
    """

    goal: Goal
    value: float
    machine: Reference

    @property
    def quiet(self) -> float:
        """Return the figure as a quiet machine would have it."""
        return self.value / self.machine.slowness if self.goal.unit == "s" else self.value

    @property
    def is_reached(self) -> bool:
        """Return whether the goal is reached."""
        return (self.quiet >= self.goal.limit) == self.goal.at_least


def beside_reference(measure: Callable[[], Usage]) -> tuple[Usage, Reference]:
    """Return what a job took, and the reference job before and after it."""
    before = reference_job.measure()
    usage = measure()
    return usage, reference_job.mean(before, reference_job.measure())


def kernel(_folder: Path) -> Iterator[Measured]:
    """Yield rates of the sweep on one core, the best of many masts, and its errors."""
    surface, masts = terrain.made(RATED)
    machine = reference_job.measure()
    for model, percent, least in (
        ("p1812", 50, 6.0),
        ("p1812_terminal", 50, 6.0),
        ("p1812", 1, 4.0),
        ("p1812_terminal", 1, 4.0),
    ):
        loss = REGISTRY[model].for_area({"time_percent": float(percent)}, terrain.FREQUENCY_MHZ)
        rate = area.sweep_rates(surface, masts, Reach(RADIUS_M, model=loss), RATED).max()
        goal = Goal(f"{model} at {percent} % of time", "million points/s", least, at_least=True)
        yield Measured(goal, float(rate) / 1e6, machine)
    yield from _errors(machine)


def _errors(machine: Reference) -> Iterator[Measured]:
    """Yield the errors against single paths, with clutter and where both read the same terrain."""
    ground, built = terrain.province(), accuracy.Case(terrain.FREQUENCY_MHZ, 50.0, built=True)
    parts = [errors for _, errors in accuracy.of_case(ground, built, RADIUS_M, RECEIVERS)]
    rms_db = accuracy.summary(accuracy.joined(parts).difference_db).rms_db
    name = "RMS against single paths, 5 km, clutter"
    name += "" if terrain.SRTM.is_file() else f" ({ground.source})"  # the goal is one on SRTM
    yield Measured(Goal(name, "dB", 0.75), rms_db, machine)
    axes_db = np.concatenate([accuracy.on_axes(ground, site, RADIUS_M) for site in terrain.SITES])
    most_db = float(np.abs(axes_db).max())
    yield Measured(Goal("largest error on the axes", "dB", 0.05), most_db, machine)


def beside_peers(_folder: Path) -> Iterator[Measured]:
    """Yield how many times faster the sweep is than crc-covlib, where that is installed."""
    machine = reference_job.measure()
    times = peers.times_faster(50.0, RADIUS_M)
    if times is not None:
        goal = Goal("crc-covlib, profiles handed over: faster by", "times", 100.0, at_least=True)
        yield Measured(goal, times, machine)


def province(_folder: Path) -> Iterator[Measured]:
    """Yield the province of 3,000 masts: anew, from kept losses, followed to 30 km."""
    case = Case("P.1812", RADIUS_M, MASTS, warm=True)
    near, machine = _apart(case)
    yield Measured(Goal("province, 5 km, cold", "s", 25.0), near.cold_s, machine)
    yield Measured(Goal("province, 5 km, warm", "s", 4.0), near.warm_s, machine)
    far, machine = _apart(case._replace(radius_m=30_000.0, warm=False, rings=True))
    yield Measured(Goal("province, full reach with rings, cold", "s", 40.0), far.cold_s, machine)
    peak_mib = max(near.peak_mib, far.peak_mib)
    yield Measured(Goal("largest memory of the province", "MiB", 1024.0), peak_mib, machine)


def _apart(case: Case) -> tuple[Timed, Reference]:
    """Return the figures of a case in a process of its own, beside the reference job."""
    before, spawn = reference_job.measure(), multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        figures = pool.submit(area.timed, case).result()
    return figures, reference_job.mean(before, reference_job.measure())


def runs(folder: Path, scenario: str = "urban") -> Iterator[Measured]:
    """Yield whole runs, each building on the caches of those before."""
    run = [*RUN, scenario, "--out", str(folder / "out")]
    quick = (
        (f"figures and map, other {name}, no proof", 10.0, (*more, *FIGURES_AND_MAP))
        for name, more in CHANGES.items()
    )
    peak_mib = 0.0
    for name, most_s, more in (
        ("run, empty caches, nothing compiled", 60.0, ()),
        ("run, warm", 8.0, ()),
        *quick,
        ("run, other weights, proof and redraws", 20.0, OTHER_WEIGHTS),
        ("run, warm, --only map,ranking", 8.0, ("--only", "map,ranking")),
    ):
        usage, machine = beside_reference(lambda more=more: used([*run, *more], folder / "cache"))
        peak_mib = max(peak_mib, usage.peak_mib)
        yield Measured(Goal(name, "s", most_s), usage.wall_s, machine)
    yield Measured(Goal("largest memory of a run", "MiB", 1228.8), peak_mib, machine)


def start(folder: Path) -> Iterator[Measured]:
    """Yield the processor time of ``phusong --help`` and of ``import phusong``."""
    machine = reference_job.measure()
    for goal, command in (
        (Goal("phusong --help", "CPU s", 0.15), ["-m", "phusong", "--help"]),
        (Goal("import phusong", "CPU s", 0.3), ["-c", "import phusong"]),
    ):
        used(command, folder / "cache")  # compiled by Python
        cpu_s = min(used(command, folder / "cache").cpu_s for _ in range(3))
        yield Measured(goal, cpu_s, machine)


def large(folder: Path, province_folder: Path) -> Iterator[Measured]:
    """Yield a run on a large province, from empty caches."""
    run = [*RUN, "urban", "--province", str(province_folder), "--out", str(folder / "large")]
    usage, machine = beside_reference(lambda: used(run, folder / "cache_of_large"))
    yield Measured(Goal("large province, cold", "s", 600.0), usage.wall_s, machine)
    goal = Goal("largest memory of a large province", "MiB", 3072.0)
    yield Measured(goal, usage.peak_mib, machine)


PARTS: dict[str, Callable[[Path], Iterator[Measured]]] = {
    "kernel": kernel,
    "peers": beside_peers,
    "province": province,
    "run": runs,
    "start": start,
}
