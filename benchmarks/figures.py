"""Draw the plots of docs/method.md from the code: ``python -m benchmarks.figures``."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks import accuracy, terrain
from benchmarks.accuracy import Case, Errors
from phusong.coverage import profile
from phusong.coverage.models import REGISTRY, outside
from phusong.coverage.models.model import RadioPath

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "img"
FREQUENCY_MHZ = 2600.0
USER_M = 1.5
STEP_KM = 0.03
NEAREST_KM, FARTHEST_KM = 0.1, 20.0
FLAT_M = 10.0  # height of the flat ground above sea level
INK, GRID = "#22303a", "#d9dee2"
# Okabe and Ito's colours, told apart with any colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#e69f00", "#56b4e9", "#009e73"
BLUE, RED, PINK, GREY = "#0072b2", "#d55e00", "#cc79a7", "#7f7f7f"

Floats = NDArray[np.float64]


class Curve(NamedTuple):
    """A model by name, the height of its base antenna, and clutter on the flat ground."""

    model: str
    label: str
    colour: str
    base_m: float
    clutter_m: float = 0.0


CURVES = (
    Curve("cost231_urban", "COST-231, medium city", GREY, 30.0),
    Curve("spm", "SPM, coefficients of COST-231", RED, 30.0),
    Curve("uma", "TR 38.901 UMa, expected (25 m)", BLUE, 25.0),
    Curve("umi", "TR 38.901 UMi, expected (10 m)", PINK, 10.0),
    Curve("rma", "TR 38.901 RMa, expected", SKY, 30.0),
    Curve("p1812", "P.1812, clutter of 10 m", GREEN, 30.0, 10.0),
    Curve("p1812", "P.1812, bare ground", ORANGE, 30.0),
    Curve("free_space", "free space", BLACK, 30.0),
)


def loss_db(curve: Curve, distance_km: float) -> float:
    """Return the loss of a model over flat ground."""
    points = max(round(distance_km / STEP_KM) + 1, profile.FEWEST_POINTS)
    ground = profile.from_arrays(
        np.linspace(0.0, distance_km, points),
        np.full(points, FLAT_M),
        np.full(points, curve.clutter_m),
    )
    path = RadioPath(ground, FREQUENCY_MHZ, curve.base_m, USER_M)
    return REGISTRY[curve.model].for_path(path, {}).parts["loss_db"]


def distances_km(curve: Curve) -> Floats:
    """Return where a curve is drawn: over a profile in whole steps, P.1812 from 0.25 km on."""
    evenly = np.geomspace(NEAREST_KM, FARTHEST_KM, 220)
    if REGISTRY[curve.model].kind == "distance":
        return evenly
    steps = np.unique(np.round(evenly / STEP_KM))
    nearest_km = REGISTRY[curve.model].distance_m.low / 1000.0 if curve.model == "p1812" else 0.0
    return np.asarray(steps[steps * STEP_KM >= nearest_km] * STEP_KM)


def published(curve: Curve, distance_km: float) -> bool:
    """Return whether a model is used within its published range."""
    return not outside(
        REGISTRY[curve.model],
        frequency_mhz=FREQUENCY_MHZ,
        distance_m=1000.0 * distance_km,
        base_height_m=curve.base_m,
        user_height_m=USER_M,
    )


def apart(values: Floats, gap: float) -> Floats:
    """Return rising values moved apart to at least a gap, as little as it takes."""
    placed = np.asarray(values, float).copy()
    for _ in range(200):
        for i in range(placed.size - 1):
            lack = gap - (placed[i + 1] - placed[i])
            if lack > 1e-6:
                placed[i] -= 0.5 * lack
                placed[i + 1] += 0.5 * lack
    return placed


def axes_style(axes: Axes) -> None:
    """Give a plot its grid and quiet frame."""
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def model_curves() -> Figure:
    """Return path loss against distance: solid within the published range, else dashed."""
    figure = Figure(figsize=(8.6, 4.9), layout="constrained")
    axes = figure.subplots()
    ends = []
    for curve in CURVES:
        distance_km = distances_km(curve)
        values_db = np.array([loss_db(curve, float(d)) for d in distance_km])
        inside = np.array([published(curve, float(d)) for d in distance_km])
        dashes = (0, (3, 2))
        axes.plot(distance_km, values_db, color=curve.colour, linewidth=1.3, linestyle=dashes)
        axes.plot(distance_km, np.where(inside, values_db, np.nan), color=curve.colour, linewidth=2)
        ends.append((values_db[-1], curve))
    ends.sort(key=lambda end: float(end[0]))
    places = apart(np.array([value for value, _ in ends]), 7.0)
    for (value_db, curve), place_db in zip(ends, places, strict=True):
        axes.annotate(
            curve.label,
            (FARTHEST_KM, value_db),
            xytext=(1.15 * FARTHEST_KM, place_db),
            color=curve.colour,
            fontsize=9,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": curve.colour,
                "linewidth": 0.6,
                "relpos": (0, 0.5),
            },
        )
    axes.set_xscale("log")
    axes.set_xlim(NEAREST_KM, FARTHEST_KM)
    ticks_km = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
    axes.set_xticks(ticks_km, [f"{tick:g}" for tick in ticks_km])
    axes.minorticks_off()
    axes.set_xlabel("Distance (km)", color=INK)
    axes.set_ylabel("Path loss (dB)", color=INK)
    axes.set_title(
        f"{FREQUENCY_MHZ:g} MHz over flat ground, base 30 m or as said, handset {USER_M:g} m\n"
        "solid: within the published range; dashed: outside",
        fontsize=10,
        color=INK,
        loc="left",
    )
    axes_style(axes)
    return figure


def share_below(axes: Axes, difference_db: Floats, label: str, colour: str, dashes: str) -> None:
    """Draw the share of receivers whose absolute error is below a value."""
    rising = np.sort(np.abs(difference_db))
    share = 100.0 * (np.arange(rising.size) + 1) / rising.size
    axes.plot(np.maximum(rising, 1e-3), share, color=colour, linestyle=dashes, label=label)


def by_distance(axes: Axes, errors: Errors, label: str, colour: str) -> None:
    """Draw the absolute error that 95 and 50 % of receivers keep within each kilometre."""
    edges_km = np.arange(0.0, 10.5, 1.0)
    at = np.digitize(errors.distance_m / 1000.0, edges_km) - 1
    places = [i for i in range(edges_km.size - 1) if (at == i).any()]
    for percent, dashes, marker in ((95.0, "-", "o"), (50.0, ":", None)):
        kept_db = [np.percentile(np.abs(errors.difference_db[at == i]), percent) for i in places]
        name = f"{percent:g} % of receivers, {label}"
        axes.plot(edges_km[places] + 0.5, kept_db, dashes, color=colour, marker=marker, label=name)


def engine_error(ground: terrain.Ground, count: int) -> Figure:
    """Return the error of the area engine: its distribution, and how it grows with distance."""
    figure = Figure(figsize=(8.6, 3.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    for built, colour in ((False, ORANGE), (True, GREEN)):
        case = Case(terrain.FREQUENCY_MHZ, 50.0, built)
        found = [errors for _, errors in accuracy.of_case(ground, case, 10_000.0, count)]
        errors, name = accuracy.joined(found), "with clutter" if built else "bare ground"
        share_below(left, errors.difference_db, f"area engine, {name}", colour, "-")
        own_db = errors.finer_db - errors.loss_db
        share_below(left, own_db, f"single path with itself, {name}", colour, ":")
        by_distance(right, errors, name, colour)
    left.set_xscale("log")
    left.set_xlim(0.01, 30.0)
    left.set_xticks((0.01, 0.1, 1, 10), ("0.01", "0.1", "1", "10"))
    left.minorticks_off()
    left.set_xlabel("Absolute error (dB)", color=INK)
    left.set_ylabel("Share of receivers below (%)", color=INK)
    left.legend(fontsize=8, frameon=False, loc="lower right")
    left.set_ylim(0.0, 102.0)
    right.set_xlabel("Distance (km)", color=INK)
    right.set_ylabel("Absolute error (dB), at most", color=INK)
    right.set_ylim(0.0, 2.0)
    right.set_xlim(0.0, 10.0)
    right.legend(fontsize=8, frameon=False)
    for axes in (left, right):
        axes_style(axes)
    figure.suptitle(
        f"Area engine against single paths, P.1812 at {terrain.FREQUENCY_MHZ:g} MHz, five masts "
        f"over {ground.source}",
        fontsize=10,
        color=INK,
        x=0.01,
        ha="left",
    )
    return figure


def main(words: Sequence[str] | None = None) -> None:
    """Write both plots."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receivers", type=int, default=3000)
    wanted = parser.parse_args(words)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        ("model_curves", model_curves()),
        ("engine_error", engine_error(terrain.province(), wanted.receivers)),
    ):
        figure.savefig(FOLDER / f"{name}.png", dpi=140)
        print(FOLDER.name, f"{name}.png", (FOLDER / f"{name}.png").stat().st_size // 1000, "kB")


if __name__ == "__main__":
    main()
