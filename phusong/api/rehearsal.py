"""Have a second process compile the kernels of a plan while data is read.

numba compiles under one lock, so that threads would wait for each other. A process of its own
fills the cache of machine code (``phusong.compilation``) by predicting a small made network, and by
choosing, proving and redrawing a small made problem; nothing but the cache is changed, and a run
that comes there first compiles for itself. What it begins with, the sweep, takes as long as data is
read: the run compiles the adding up of cells before it comes to that (``meanwhile``).
"""

import atexit
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from phusong import cache_files, compilation
from phusong.api import small_network
from phusong.content_cache import code_key
from phusong.scenarios.siting import bound, choose, stability
from phusong.scenarios.siting.problem import (
    Cover,
    Minimum,
    Problem,
    Quota,
    Tier,
    Year,
    ZoneParts,
)
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules

NAME = "phusong.api.rehearsal"
CANDIDATES, CELLS, SIDE_M = 30, 400, 3000.0
_begun: list[subprocess.Popen[bytes]] = []  # by this process


def begin() -> None:
    """Start the second process where the kernels are not compiled and there is a core for it."""
    if _done().is_file() or (os.cpu_count() or 1) == 1:
        return
    if any(process.poll() is None for process in _begun):
        return
    command, nowhere = [sys.executable, "-m", NAME], subprocess.DEVNULL
    with suppress(OSError):
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)  # noqa: S603 - ourselves
        _begun.append(process)
        atexit.register(process.kill)


def meanwhile() -> None:
    """Compile what the second process leaves to this one, where it is at work."""
    if any(process.poll() is None for process in _begun):
        small_network.add_up()


def _done() -> Path:
    """Return the file that says that the kernels of this code are compiled."""
    return compilation.FOLDER / code_key(NAME) / "rehearsed"


def rehearse() -> None:
    """Predict, choose, prove and redraw what is small and made, all that a plan can ask for."""
    small_network.sweep()
    small_network.add_up()
    small_network.look_across()
    small_network.tell_speeds()
    means: dict[str, Any]
    for means in ({"stations": 3}, {"budget_million": 2500.0}):
        problem = _problem([Year(year, **means) for year in (2024, 2025)])
        plan = choose.choose(problem)
        bound.bounds(problem, plan, seconds=5.0, tolerance=1e-6)
    reached = Year(2025, target_share=0.3)
    choose.choose(_problem([reached]))
    problem.cover.gains(problem.before, problem.weight)
    _redraw(problem)
    key = code_key(NAME)
    cache_files.write(_done(), key, lambda file: file.write(b"compiled"))


def _problem(years: list[Year]) -> Problem:
    """Return stations on a square whose service falls with distance; made, by a seed."""
    random = np.random.default_rng(1)
    x_m, y_m = random.uniform(0.0, SIDE_M, (2, CELLS))
    at_m = random.uniform(0.0, SIDE_M, (2, CANDIDATES))
    far_m = np.hypot(x_m - at_m[0][:, None], y_m - at_m[1][:, None])
    share = np.exp(-far_m / 400.0)
    candidate, cell = np.nonzero(share > 0.05)
    first = np.searchsorted(candidate, np.arange(CANDIDATES + 1)).astype(np.int64)
    weight, near = random.gamma(1.0, 10.0, CELLS), np.arange(40)
    demand = np.where(x_m < SIDE_M / 2.0, weight, 0.0)
    targets = tuple(0.2 for _ in years)
    return Problem(
        cover=Cover(first, cell.astype(np.int32), share[candidate, cell].astype(np.float32)),
        before=np.where(y_m < 300.0, 0.1, 0.0).astype(np.float32),
        weight=weight,
        cost=random.choice([700.0, 1000.0], CANDIDATES),
        excludes=np.array([[0, 1], [2, 3]]),
        quotas=(Quota("made", years[-1].year, near, weight[near], 0.05),),
        minima=(Minimum("made", years[-1].year, np.arange(5), 0, 1),),
        years=tuple(years),
        target_weight=weight,
        tiers=(Tier("made", demand, 1.1 * demand, targets, 1e-3),),
        least_gain=1e-3,
    )


def _redraw(problem: Problem) -> None:
    cover, random = problem.cover, np.random.default_rng(2)
    margin_db = (8.0 * (cover.share - 0.5)).astype(np.float32)
    x_m, y_m = random.uniform(0.0, SIDE_M, (2, CELLS))
    before_db = np.full(CELLS, -np.inf, np.float32)
    tier = problem.tiers[0]
    parts = ZoneParts(np.zeros(CELLS, np.int64), np.arange(CELLS), tier.demand)
    rules = Rules(
        problem.cost,
        problem.excludes,
        4,
        problem.quotas,
        problem.minima,
        problem.tiers,
        (parts,),
        np.ones((2, 1)),
    )
    spread = InputUncertainty(10.0, 2.0, 2.0, 3.0, 1000.0, 8.0, 0.005, 0.05, 0.1)
    predicted = Predicted(cover.first, cover.cell, margin_db, before_db, x_m, y_m)
    layers = problem.weight[None, :]
    stability.monte_carlo(predicted, layers, np.ones(1), rules, spread, 2, near=problem.excludes)


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)  # the run comes first
    rehearse()
