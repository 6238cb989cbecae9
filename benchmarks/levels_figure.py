"""Draw docs/img/evidence_levels.png: the default model beside others and measured medians."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.figures import BLACK, BLUE, FLAT_M, FOLDER, GREY, INK, ORANGE, RED, SKY, axes_style
from phusong.coverage import profile
from phusong.coverage.models import REGISTRY, p1812_terminal
from phusong.coverage.models.free_space import free_space_loss_db
from phusong.coverage.models.model import RadioPath
from phusong.geodata.province import CLUTTER_HEIGHT_M, LandCover

NAME = "evidence_levels.png"
MEDIANS = Path(__file__).parent / "measured_medians.csv"
FREQUENCY_MHZ, MAST_M, USER_M, EIRP_DBM = 2550.0, 25.0, 1.5, 43.1
STEPS = np.unique(np.round(np.geomspace(2, 170, 60)))
OTHERS = {"uma": ("UMa, expected", BLUE), "umi": ("UMi, expected", SKY), "rma": ("RMa", ORANGE)}
MARKS = {"South Bend": "o", "Recife": "s", "Kano": "^", "Lebanon": "D"}


def level_dbm(model: str, distance_m: float, clutter_m: float) -> float:
    """Return the level in the main lobe over flat ground of one class."""
    points = max(round(distance_m / 30.0) + 1, profile.FEWEST_POINTS)
    ground = profile.from_arrays(
        np.linspace(0.0, distance_m / 1000.0, points),
        np.full(points, FLAT_M),
        np.full(points, clutter_m),
    )
    path = RadioPath(ground, FREQUENCY_MHZ, MAST_M, USER_M)
    return EIRP_DBM - REGISTRY[model].for_path(path, {}).parts["loss_db"]


def draw(axes: Axes, kind: LandCover, measured: pd.DataFrame) -> None:
    """Draw one class: the default and P.1812 with their heights, 3GPP, and what was measured."""
    name, metres = kind.name.lower(), 30.0 * STEPS
    heights = (p1812_terminal.HEIGHTS_M[name], CLUTTER_HEIGHT_M[kind])
    for model, label, colour, height_m, width in (
        ("p1812_terminal", "default model", RED, heights[0], 2.4),
        ("p1812", "P.1812, clutter beside the handset", GREY, heights[1], 1.4),
        *((key, label, colour, 0.0, 1.4) for key, (label, colour) in OTHERS.items()),
    ):
        levels = [level_dbm(model, float(d), height_m) for d in metres]
        axes.plot(metres, levels, color=colour, linewidth=width, label=label)
    for set_, part in measured[measured["class"] == name].groupby("set"):
        free_db = [free_space_loss_db(float(d), FREQUENCY_MHZ) for d in part["distance_m"]]
        levels = EIRP_DBM - np.array(free_db) - part["excess_db"]
        style = {"marker": MARKS[str(set_)], "color": BLACK, "linestyle": "", "markersize": 5}
        axes.plot(part["distance_m"], levels, label=f"measured, {set_}", **style)
    axes.set_xscale("log")
    axes.set_title(name, loc="left", color=INK)
    axes.set_xlabel("distance from the mast (m)", color=INK)
    axes_style(axes)
    axes.legend(frameon=False, fontsize=7.5, loc="lower left")


def levels_figure() -> Figure:
    """Return level against distance by class of land."""
    figure = Figure(figsize=(12.0, 4.4), layout="constrained")
    measured = pd.read_csv(MEDIANS)
    every = figure.subplots(1, 3, sharey=True)
    kinds = (LandCover.URBAN, LandCover.SETTLEMENT, LandCover.FARMLAND)
    for axes, kind in zip(every, kinds, strict=True):
        draw(axes, kind, measured)
    every[0].set_ylabel("level per resource element in the main lobe (dBm)", color=INK)
    return figure


if __name__ == "__main__":
    levels_figure().savefig(FOLDER / NAME, dpi=110, metadata={"Software": None})
