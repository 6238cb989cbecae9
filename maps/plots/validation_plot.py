"""Pictures of a validation: measured is round, predicted square, a residual a diamond."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from phusong import columns as col
from phusong.maps.pictures.palette import INK
from phusong.maps.plots.calibration_plot import (
    ACCENT,
    GUIDE,
    LOSS,
    RESIDUAL,
    axes_of,
    draw_dots,
    figure_of,
    name_axes,
)

Words = dict[str, str]
MEASURED, PREDICTED, RESIDUAL_MARK = "o", "s", "D"
BINS = 12


def scatter(frame: pd.DataFrame, words: Words) -> Figure:
    """Return measured against predicted losses."""
    figure = figure_of(10.0, 4.6)
    (axes,) = axes_of(figure)
    measured, predicted = frame[col.MEASURED_LOSS_DB], frame[col.PREDICTED_LOSS_DB]
    ends = (min(measured.min(), predicted.min()), max(measured.max(), predicted.max()))
    axes.plot(ends, ends, color=GUIDE, linewidth=1.2, zorder=1)
    axes.scatter(predicted, measured, s=7, color=ACCENT, alpha=0.35, linewidth=0, zorder=2)
    axes.set_aspect("equal")
    name_axes(axes, words["axis_predicted"], words["axis_measured"])
    return figure


def by_distance(frame: pd.DataFrame, words: Words) -> Figure:
    """Return median and middle half of the residuals by distance and by depression angle."""
    figure = figure_of(10.0, 3.6)
    drawn = zip(
        axes_of(figure, 2),
        (col.DISTANCE_M, col.DEPRESSION_DEG),
        ("axis_distance", "axis_depression"),
        strict=True,
    )
    for axes, column, key in drawn:
        values = frame[column].to_numpy(float)
        residual_db = frame[col.RESIDUAL_DB].to_numpy(float)
        edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, BINS + 1)))
        place = np.clip(np.digitize(values, edges) - 1, 0, max(edges.size - 2, 0))
        parts = [(values[place == i], residual_db[place == i]) for i in np.unique(place)]
        middle = [float(np.median(part[0])) for part in parts]
        low, mid, high = ([np.quantile(p[1], q) for p in parts] for q in (0.25, 0.5, 0.75))
        axes.axhline(0.0, color=GUIDE, linewidth=1.2)
        axes.fill_between(middle, low, high, color=ACCENT, alpha=0.22, linewidth=0)
        axes.plot(middle, mid, f"{RESIDUAL_MARK}-", color=ACCENT, markersize=4, linewidth=1.6)
        if column == col.DISTANCE_M:
            axes.set_xscale("log")
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.xaxis.set_minor_formatter(
                lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else ""
            )
        name_axes(axes, words[key], words["axis_residual"])
    return figure


def intervals(stated: Sequence[dict[str, Any]], words: Words) -> Figure:
    """Return the share of places in every stated interval against what it should hold."""
    figure = figure_of(10.0, 3.2)
    (axes,) = axes_of(figure)
    stated_percent = [100.0 * each["probability"] for each in stated]
    holds = [100.0 * each["share"] for each in stated]
    axes.plot([40.0, 100.0], [40.0, 100.0], color=GUIDE, linewidth=1.2)
    axes.plot(stated_percent, holds, "D-", color=ACCENT, markersize=5, linewidth=1.6)
    for across, up in zip(stated_percent, holds, strict=True):
        axes.annotate(f"{up:.0f}%", (across, up), (4, -12), textcoords="offset points", color=INK)
    name_axes(axes, words["axis_stated"], words["axis_held"])
    return figure


def maps(frame: pd.DataFrame, words: Words) -> Figure:
    """Return measured (round) and predicted (square) losses, named, with one bar for both.

    Of several cells at a place, that with the least measured loss is shown.
    """
    figure = figure_of(10.0, 4.8)
    strongest = frame.sort_values(col.MEASURED_LOSS_DB).drop_duplicates([col.LON, col.LAT])
    columns = (col.MEASURED_LOSS_DB, col.PREDICTED_LOSS_DB)
    low, high = np.quantile(strongest[list(columns)].to_numpy(float), [0.01, 0.99])
    both = axes_of(figure, 2)
    kinds = zip(both, columns, ("measured", "predicted"), (MEASURED, PREDICTED), strict=True)
    for axes, column, key, marker in kinds:
        scale = {"cmap": LOSS, "vmin": low, "vmax": high, "marker": marker}
        drawn = draw_dots(axes, strongest, strongest[column].to_numpy(float), **scale)
        name_axes(axes, "", "", words[key])
    bar = figure.colorbar(drawn, ax=both, shrink=0.85, pad=0.01)
    bar.set_label(words["axis_loss"], fontsize=9.5, color=INK)
    bar.ax.invert_yaxis()
    return figure


def residual_map(frame: pd.DataFrame, words: Words) -> Figure:
    """Return residuals on the map: blue where more is lost in the prediction, red where less.

    Of several cells at a place, the mean is shown.
    """
    figure = figure_of(10.0, 5.6)
    means = frame.groupby([col.LON, col.LAT], as_index=False)[[col.RESIDUAL_DB]].mean()
    (axes,) = axes_of(figure)
    residual_db = means[col.RESIDUAL_DB].to_numpy(float)
    end = max(float(np.quantile(np.abs(residual_db), 0.98)), 1.0)
    scale = {"cmap": RESIDUAL, "vmin": -end, "vmax": end, "marker": RESIDUAL_MARK}
    drawn = draw_dots(axes, means, residual_db, **scale)
    bar = figure.colorbar(drawn, ax=axes, shrink=0.85, pad=0.01)
    bar.set_label(words["axis_residual"], fontsize=9.5, color=INK)
    return figure
