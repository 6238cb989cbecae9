"""Pictures of a calibration: measured and predicted are named, residuals have their own scale."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, TwoSlopeNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from phusong import columns as col
from phusong.maps.pictures.palette import INK, PAPER, ramp

DPI = 130
ACCENT, PALE, GUIDE = "#1a5674", "#b08a4a", "#8a9299"
FONT = "DejaVu Sans"  # comes with matplotlib and has every Vietnamese letter
LOSS = LinearSegmentedColormap.from_list(
    "loss", ramp(("#281f52", "#23788b", "#83c0a1", "#d8bf6e"), 64)
)
RESIDUAL = LinearSegmentedColormap.from_list("residual", ["#8f1d2c", "#d3ccb9", "#1a4f9c"])
CLASSES = 12  # of distance

Floats = NDArray[np.float64]
Words = dict[str, str]


def figure_of(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    return Figure(figsize=(width, height), facecolor=PAPER, layout="constrained")


def axes_of(figure: Figure, columns: int = 1) -> list[Axes]:
    """Return axes side by side, with a faint grid."""
    axes_ = [figure.add_subplot(1, columns, i + 1, facecolor=PAPER) for i in range(columns)]
    for axes in axes_:
        axes.grid(visible=True, color=INK, alpha=0.09, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(colors=INK, labelsize=8.5, length=3)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    return axes_


def name_axes(axes: Axes, across: str, up: str, title: str = "") -> None:
    """Name both axes and the drawing."""
    axes.set_xlabel(across, fontsize=9.5, color=INK, family=FONT)
    axes.set_ylabel(up, fontsize=9.5, color=INK, family=FONT)
    axes.set_title(title, fontsize=10.5, color=INK, loc="left", family=FONT)


def scatter(frame: pd.DataFrame, words: Words) -> Figure:
    """Return measured against predicted losses, untuned and calibrated, on the same axes."""
    figure = figure_of(10.0, 4.6)
    measured = frame[col.MEASURED_LOSS_DB]
    both = [frame[col.PREDICTED_BEFORE_DB], frame[col.PREDICTED_LOSS_DB]]
    ends = (
        float(min(measured.min(), *(each.min() for each in both))),
        float(max(measured.max(), *(each.max() for each in both))),
    )
    names = (words["before"], words["after"])
    for axes, predicted, name in zip(axes_of(figure, 2), both, names, strict=True):
        axes.plot(ends, ends, color=GUIDE, linewidth=1.2, zorder=1)
        axes.scatter(predicted, measured, s=7, color=ACCENT, alpha=0.35, linewidth=0, zorder=2)
        axes.set_xlim(ends)
        axes.set_ylim(ends)
        axes.set_aspect("equal")
        name_axes(axes, words["axis_predicted"], words["axis_measured"], name)
    return figure


def by_distance(frame: pd.DataFrame, words: Words) -> Figure:
    """Return median and middle half of the residuals by distance, untuned and calibrated."""
    figure = figure_of(10.0, 3.6)
    (axes,) = axes_of(figure)
    distance_m = frame[col.DISTANCE_M].to_numpy(float)
    edges_m = np.unique(np.quantile(distance_m, np.linspace(0.0, 1.0, CLASSES + 1)))
    place = np.clip(np.digitize(distance_m, edges_m) - 1, 0, edges_m.size - 2)
    axes.axhline(0.0, color=GUIDE, linewidth=1.2)
    kinds = ((col.PREDICTED_BEFORE_DB, PALE, "before"), (col.PREDICTED_LOSS_DB, ACCENT, "after"))
    for column, colour, key in kinds:
        residual_db = (frame[column] - frame[col.MEASURED_LOSS_DB]).to_numpy(float)
        parts = [residual_db[place == i] for i in range(edges_m.size - 1)]
        middle_m = [float(np.median(distance_m[place == i])) for i in range(edges_m.size - 1)]
        low, mid, high = (np.array([np.quantile(p, q) for p in parts]) for q in (0.25, 0.5, 0.75))
        axes.fill_between(middle_m, low, high, color=colour, alpha=0.22, linewidth=0)
        label = f"{words[key]}: {words['median']}"
        axes.plot(middle_m, mid, "o-", color=colour, markersize=4, linewidth=1.6, label=label)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: f"{value:g}" if _shown(value) else "")
    axes.tick_params(axis="x", which="minor", labelsize=8, colors=INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    name_axes(axes, words["axis_distance"], words["axis_residual"])
    return figure


def _shown(value: float) -> bool:
    """Return whether a minor tick is 2 or 5 times a power of ten."""
    return round(value / 10.0 ** np.floor(np.log10(value))) in {2, 5}


def maps(frame: pd.DataFrame, words: Words) -> Figure:
    """Return measured and predicted losses side by side, each named, with one bar for both.

    Of several cells at a place, that with the least measured loss is shown.
    """
    figure = figure_of(10.0, 4.8)
    frame = frame.sort_values(col.MEASURED_LOSS_DB).drop_duplicates([col.LON, col.LAT])
    values = frame[[col.MEASURED_LOSS_DB, col.PREDICTED_LOSS_DB]].to_numpy(float)
    low, high = np.quantile(values, [0.01, 0.99])
    panels = axes_of(figure, 2)
    for axes, loss_db, key in zip(panels, values.T, ("measured", "predicted"), strict=True):
        drawn = draw_dots(axes, frame, loss_db, cmap=LOSS, vmin=low, vmax=high)
        name_axes(axes, "", "", words[key])
    bar = figure.colorbar(drawn, ax=panels, shrink=0.85, pad=0.01)
    bar.set_label(words["axis_loss"], fontsize=9.5, color=INK, family=FONT)
    bar.ax.invert_yaxis()
    return figure


def residual_map(frame: pd.DataFrame, words: Words) -> Figure:
    """Return residuals on the map: blue where more is received than predicted, red where less.

    Of several cells at a place, the mean is shown.
    """
    figure = figure_of(10.0, 5.6)
    frame = frame.groupby([col.LON, col.LAT], as_index=False)[[col.RESIDUAL_DB]].mean()
    (axes,) = axes_of(figure)
    residual_db = frame[col.RESIDUAL_DB].to_numpy(float)
    end = max(float(np.quantile(np.abs(residual_db), 0.98)), 1.0)
    drawn = draw_dots(axes, frame, residual_db, cmap=RESIDUAL, norm=TwoSlopeNorm(0.0, -end, end))
    bar = figure.colorbar(drawn, ax=axes, shrink=0.85, pad=0.01)
    bar.set_label(words["axis_residual"], fontsize=9.5, color=INK, family=FONT)
    return figure


def draw_dots(axes: Axes, frame: pd.DataFrame, values: Floats, **scale: Any) -> Any:  # noqa: ANN401
    """Draw one dot per place, extremes last, on axes true to scale."""
    order = np.argsort(np.abs(values - np.median(values)))
    lon, lat = frame[col.LON].to_numpy(float), frame[col.LAT].to_numpy(float)
    axes.set_aspect(1.0 / np.cos(np.radians(float(lat.mean()))))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.margins(0.03)
    return axes.scatter(lon[order], lat[order], s=9, c=values[order], linewidth=0, **scale)


def correlogram(record: dict[str, Any], words: Words) -> Figure:
    """Return the correlation of residuals by the distance between two places."""
    figure = figure_of(10.0, 3.0)
    (axes,) = axes_of(figure)
    edges_m = np.array(record["edges_m"], float)
    value = np.array([np.nan if v is None else v for v in record["correlation"]], float)
    axes.axhline(0.0, color=GUIDE, linewidth=1.2)
    middle_m = 0.5 * (edges_m[1:] + edges_m[:-1])
    axes.plot(middle_m, value, "o-", color=ACCENT, markersize=4, linewidth=1.6)
    axes.set_ylim(min(-0.2, float(np.nanmin(value)) - 0.05), 1.0)
    name_axes(axes, words["axis_apart"], words["correlation"])
    return figure


def embedded(draw: Callable[[], Figure], alternative: str) -> Markup:
    """Return a figure as an image that the page carries in itself."""
    buffer = io.BytesIO()
    draw().savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Markup(  # noqa: S704 - the text in it is escaped here
        f'<img src="data:image/png;base64,{data}" alt="{escape(alternative)}">'
    )
