"""A path drawn from the side: terrain over the curved Earth, clutter, the ray, its Fresnel zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from phusong import messages
from phusong.errors import Defect, InputError
from phusong.geodata.files.whole import replace_whole
from phusong.geodata.symbols import STATES
from phusong.maps.pictures.palette import INK, PAPER
from phusong.maps.texts import text
from phusong.messages import message

Floats = NDArray[np.float64]
SUFFIXES = (".png", ".svg", ".pdf")
DPI = 160
TERRAIN, TERRAIN_EDGE, CLUTTER = "#cdbf9c", "#7c6a43", "#8fae7f"
RAY, ZONE, SEA = "#1a5674", "#3f9f9b", "#8a9299"
FONT = "DejaVu Sans"  # comes with matplotlib and has every Vietnamese letter


@dataclass(frozen=True)
class PathPicture:
    """What is drawn: curves over one row of distances, on the same datum, and the headline.

    ``sea_m`` is the curved sea level, ``ground_m`` the terrain on it, ``obstacle_m`` the
    terrain with its clutter, ``fresnel_m`` the radius of the first Fresnel zone round the ray.
    """

    distance_km: Floats
    sea_m: Floats
    ground_m: Floats
    obstacle_m: Floats
    ray_m: Floats
    fresnel_m: Floats
    model: str  # its title in the language of the picture
    frequency_mhz: float
    loss_db: float
    line_of_sight: bool
    clearance: float
    clearance_km: float
    note: str = ""


def origin(statuses: Mapping[str, str], language: str) -> str:
    """Return a note on the layers that are not given: where the ground is not the real one."""
    words = messages.words(text.language(language), "profile")
    return "; ".join(
        f"{words[layer]}: {words[status]}"
        for layer, status in statuses.items()
        if status != "given"
    )


def check_name(path: Path) -> None:
    """Raise when the file's suffix is none that can be drawn."""
    if path.suffix.lower() not in SUFFIXES:
        defect = Defect(
            str(path),
            message("problem.is_not_a_kind_of_picture"),
            message("remedy.end_it_in", suffixes=[*SUFFIXES]),
        )
        raise InputError(message("refusal.unknown_kind_of_picture"), [defect])


def write(path: Path, picture: PathPicture, language: str = "vi") -> None:
    """Draw a path into a PNG, SVG or PDF file."""
    check_name(path)
    figure = draw(picture, text.language(language))
    stamp = {"Software": None} if path.suffix.lower() == ".png" else None
    with replace_whole(path) as temporary:
        figure.savefig(temporary, dpi=DPI, metadata=stamp)


def draw(picture: PathPicture, language: str) -> Figure:
    """Return the figure of a path."""
    words = messages.words(language, "profile")
    figure = Figure(figsize=(11.0, 5.4), facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER)
    low_m, high_m = _heights(picture)
    axes.set_xlim(0.0, picture.distance_km[-1])
    axes.set_ylim(low_m, high_m)
    _ground(axes, picture, words, low_m)
    _wave(axes, picture, words)
    _antennas(axes, picture, words, language)
    _least(axes, picture, words, language)
    _dress(axes, words, language)
    _headline(figure, axes, picture, words, language)
    return figure


def _heights(picture: PathPicture) -> tuple[float, float]:
    """Return the range of heights: all of the path, with room for the labels of the ends."""
    top_m = np.maximum(picture.ray_m + picture.fresnel_m, picture.obstacle_m)
    high_m, low_m = float(top_m.max()), float(picture.ground_m.min())
    span_m = max(high_m - low_m, 5.0)
    return low_m - 0.14 * span_m, high_m + 0.2 * span_m


def _ground(axes: Axes, picture: PathPicture, words: dict[str, str], low_m: float) -> None:
    km, ground_m, obstacle_m = picture.distance_km, picture.ground_m, picture.obstacle_m
    covered = obstacle_m > ground_m
    if covered.any():
        axes.fill_between(
            km, ground_m, obstacle_m, color=CLUTTER, linewidth=0, label=words["clutter"], zorder=2
        )
    axes.fill_between(
        km, ground_m, low_m, color=TERRAIN, linewidth=0, label=words["terrain"], zorder=3
    )
    axes.plot(km, ground_m, color=TERRAIN_EDGE, linewidth=1.2, zorder=4)
    if picture.sea_m.max() > low_m:
        axes.plot(
            *(km, picture.sea_m),
            color=SEA,
            linewidth=1.0,
            dashes=(5, 3),
            label=words["sea"],
            zorder=5,
        )


def _wave(axes: Axes, picture: PathPicture, words: dict[str, str]) -> None:
    km, ray_m, radius_m = picture.distance_km, picture.ray_m, picture.fresnel_m
    axes.fill_between(
        km,
        ray_m - radius_m,
        ray_m + radius_m,
        color=ZONE,
        alpha=0.22,
        linewidth=0,
        label=words["zone"],
        zorder=6,
    )
    for share, width in ((-1.0, 0.9), (1.0, 0.9), (-0.6, 0.7), (0.6, 0.7)):
        style = "-" if abs(share) == 1.0 else ":"
        axes.plot(km, ray_m + share * radius_m, style, color=ZONE, linewidth=width, zorder=7)
    axes.plot(km, ray_m, color=RAY, linewidth=1.6, label=words["ray"], zorder=8)


def _antennas(axes: Axes, picture: PathPicture, words: dict[str, str], language: str) -> None:
    for end, key, side in ((0, "tx", "left"), (-1, "rx", "right")):
        km, top_m = float(picture.distance_km[end]), float(picture.ray_m[end])
        foot_m = float(picture.ground_m[end])
        axes.plot(
            [km, km],
            [foot_m, top_m],
            color=INK,
            linewidth=4.0,
            solid_capstyle="butt",
            clip_on=False,
            zorder=9,
        )
        axes.plot([km], [top_m], "o", color=INK, markersize=6, clip_on=False, zorder=10)
        height = text.number(top_m - foot_m, language, 1)
        axes.annotate(
            f"{words[key]}\n{height} m",
            (km, top_m),
            xytext=(10 if end == 0 else -10, 14),
            textcoords="offset points",
            ha=side,
            va="bottom",
            fontsize=10,
            color=INK,
            zorder=11,
            path_effects=_HALO,
        )


_HALO = [withStroke(linewidth=3.0, foreground=PAPER)]


def _least(axes: Axes, picture: PathPicture, words: dict[str, str], language: str) -> None:
    """Mark where the obstacles come nearest to the ray, or stand highest in it."""
    km = picture.clearance_km
    ray_m, obstacle_m = (
        float(np.interp(km, picture.distance_km, curve))
        for curve in (picture.ray_m, picture.obstacle_m)
    )
    colour = RAY if picture.line_of_sight else STATES["hole"].colour
    axes.plot([km, km], [obstacle_m, ray_m], color=colour, linewidth=1.4, zorder=12)
    axes.plot([km], [obstacle_m], "v", color=colour, markersize=6, zorder=12)
    aside = "right" if km > 0.6 * picture.distance_km[-1] else "left"
    axes.annotate(
        words["least"].format(ratio=text.number(picture.clearance, language, 2)),
        (km, obstacle_m),
        xytext=(-12 if aside == "right" else 12, -16 if picture.line_of_sight else 8),
        textcoords="offset points",
        ha=aside,
        va="top" if picture.line_of_sight else "bottom",
        fontsize=9,
        color=colour,
        zorder=13,
        path_effects=_HALO,
    )


def _dress(axes: Axes, words: dict[str, str], language: str) -> None:
    axes.set_xlabel(words["distance"])
    axes.set_ylabel(words["height"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set(color=INK, fontsize=10, family=FONT)
        axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, language)))
    axes.tick_params(colors=INK, labelsize=9, length=3)
    axes.grid(visible=True, color=INK, alpha=0.09, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(SEA)
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.13),
        ncols=5,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
    )


def _tick(value: float, language: str) -> str:
    decimals = next((n for n in range(3) if round(value, n) == round(value, 6)), 3)
    return text.number(value, language, decimals)


def _headline(
    figure: Figure,
    axes: Axes,
    picture: PathPicture,
    words: dict[str, str],
    language: str,
) -> None:
    loss = text.number(picture.loss_db, language, 1)
    sight = words["sight" if picture.line_of_sight else "no_sight"]
    axes.set_title(
        f"{words['loss']} {loss} dB, {sight}",
        loc="left",
        fontsize=14,
        color=INK,
        pad=26,
        fontweight="bold",
    )
    frequency = text.number(picture.frequency_mhz, language, int(picture.frequency_mhz % 1 > 0))
    km = text.number(float(picture.distance_km[-1]), language, 2)
    axes.text(
        0.0,
        1.025,
        f"{picture.model}  ·  {frequency} MHz  ·  {km} km",
        fontsize=10,
        color=INK,
        transform=axes.transAxes,
    )
    if picture.note:
        figure.supxlabel(picture.note, fontsize=8, color=SEA, x=0.99, ha="right")
