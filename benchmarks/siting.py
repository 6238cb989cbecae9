"""Time the choice of stations, its bound and its redraws on a random province.

Run with ``python benchmarks/siting.py``; ``--candidates``, ``--cells``, ``--stations``,
``--cells-each`` and ``--draws`` change the case, ``--seconds`` limits the bound.
"""

import argparse
import os
import platform
import time
from collections.abc import Sequence
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr

from benchmarks.usage import peak_mib
from phusong.scenarios.siting import bound, choose, stability
from phusong.scenarios.siting.problem import Cover, Problem, Year
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules

CELL_M = 150.0
SHADOWING_DB = 8.0
CUT_OFF = 0.1
SPREAD = InputUncertainty(50.0, 3.0, 4.0, 4.0, 1000.0, SHADOWING_DB, CUT_OFF)
TOWNS = 25
SPACING_M = 100.0


class Ground(NamedTuple):
    """Cells on a square, with people in towns and villages."""

    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    people: NDArray[np.float64]


def ground(cells: int, random: np.random.Generator) -> Ground:
    """Return cells of 150 m with a million people: towns of uneven size, and scattered few."""
    side = int(np.sqrt(cells))
    row, column = np.divmod(np.arange(cells), side)
    people = 0.002 * random.gamma(0.3, 1.0, cells)
    for x, y in random.uniform(0, side, (TOWNS, 2)):
        far = (column - x) ** 2 + (row - y) ** 2
        size = random.pareto(1.5) * np.exp(-far / (2 * random.uniform(3, 12) ** 2))
        people += size * random.gamma(1.0, 1.0, cells)
    return Ground(CELL_M * column, CELL_M * row, 1e6 * people / people.sum())


def predicted(
    land: Ground, candidates: int, cells_each: tuple[int, int], random: np.random.Generator
) -> Predicted:
    """Return candidates where people are, with margins that fall with distance.

    ``cells_each`` is the least and the most cells that one serves with 50 % probability or
    so; the rows reach as far as the errors of the redraws can lift.
    """
    cells = land.people.size
    at = random.choice(cells, candidates, p=0.6 * land.people / 1e6 + 0.4 / cells)
    points = np.column_stack([land.x_m, land.y_m])
    tree = cKDTree(points)
    size = np.exp(random.uniform(*np.log(cells_each), candidates))
    reach_m = CELL_M * np.sqrt(size / np.pi)
    first, cell, margin_db = [0], [], []
    for centre, reach in zip(at, reach_m, strict=True):
        near = np.sort(tree.query_ball_point(points[centre], reach))
        far_m = np.hypot(*(points[near] - points[centre]).T)
        margin = -38.0 * np.log10(np.maximum(far_m / reach, 0.05) / 0.75)
        cell.append(near)
        margin_db.append(margin + random.normal(0.0, 6.0, near.size))
        first.append(first[-1] + near.size)
    return Predicted(
        np.array(first, np.int64),
        np.concatenate(cell).astype(np.int32),
        np.concatenate(margin_db).astype(np.float32),
        np.full(cells, -np.inf, np.float32),
        land.x_m,
        land.y_m,
    )


def problem(land: Ground, levels: Predicted, stations: int, random: np.random.Generator) -> Problem:
    """Return the siting problem of a prediction: one year, costs of two kinds, spacing."""
    share = ndtr(levels.margin_db / SHADOWING_DB)
    kept = share >= CUT_OFF
    first = np.searchsorted(np.flatnonzero(kept), levels.first).astype(np.int64)
    candidates, cells = levels.first.size - 1, land.people.size
    row = np.repeat(np.arange(candidates), np.diff(levels.first))
    held = np.bincount(row)
    centres = [np.bincount(row, metres[levels.cell]) / held for metres in (land.x_m, land.y_m)]
    pairs = cKDTree(np.column_stack(centres)).query_pairs(SPACING_M, output_type="ndarray")
    return Problem(
        Cover(first, levels.cell[kept], share[kept].astype(np.float32)),
        np.zeros(cells, np.float32),
        land.people,
        random.choice([700.0, 1000.0], candidates),
        pairs.astype(np.int64).reshape(-1, 2),
        (),
        (),
        (Year(2026, stations),),
        land.people,
    )


def case(wanted: argparse.Namespace, candidates: int, cells: int) -> tuple[Predicted, Problem]:
    """Return the prediction and the problem of a size."""
    random = np.random.default_rng(wanted.seed)
    land = ground(cells, random)
    levels = predicted(land, candidates, tuple(wanted.cells_each), random)
    return levels, problem(land, levels, min(wanted.stations, candidates), random)


def redrawn_seconds(
    levels: Predicted, choice: Problem, stations: int, draws: int
) -> tuple[float, float]:
    """Return the wall and the processor seconds of redraws over three layers of demand."""
    people = choice.weight
    layers = np.stack([people, np.sqrt(people), np.roll(people, people.size // 3)])
    rules = Rules(choice.cost, choice.excludes, stations)
    start, worked = time.perf_counter(), time.process_time()
    stability.monte_carlo(levels, layers, np.array([0.5, 0.3, 0.2]), rules, SPREAD, draws)
    return time.perf_counter() - start, time.process_time() - worked


def main(words: Sequence[str] | None = None) -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=3000)
    parser.add_argument("--cells", type=int, default=50_000)
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--cells-each", type=int, nargs=2, default=[50, 1000])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--tolerance", type=float, default=0.005)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args(words)
    print(f"{platform.machine()}, {os.cpu_count()} cores, {numba.get_num_threads()} threads")
    start = time.perf_counter()
    levels, small = case(wanted, 60, 900)
    bound.upper_bound(small, choose.choose(small))
    redrawn_seconds(levels, small, 10, 2)
    print(f"compiled or loaded in {time.perf_counter() - start:.1f} s")
    levels, choice = case(wanted, wanted.candidates, wanted.cells)
    print(f"{wanted.candidates} x {wanted.cells}, {choice.cover.cell.size} entries of 10 % or more")
    for title, swaps in (("greedy", 0), ("greedy with exchange", choose.MAX_SWAPS)):
        start = time.perf_counter()
        plan = choose.choose(choice, swaps)
        seconds = time.perf_counter() - start
        served = plan.total / choice.weight.sum()
        print(f"{title}: {seconds:.2f} s, {served:.2%} served, {plan.swaps} swaps", flush=True)
    print(f"peak {peak_mib():.0f} MiB")
    most = bound.upper_bound(choice, plan, seconds=wanted.seconds, tolerance=wanted.tolerance)
    print(f"bound: gap {most.gap:.2%} in {most.seconds:.1f} s ({most.method})", flush=True)
    print(f"peak {peak_mib():.0f} MiB")
    wall, worked = redrawn_seconds(levels, choice, wanted.stations, wanted.draws)
    print(
        f"{wanted.draws} redraws of {levels.cell.size} entries: {wall:.1f} s, "
        f"{worked:.1f} s of processor time"
    )
    print(f"peak {peak_mib():.0f} MiB")


if __name__ == "__main__":
    main()
