"""QGIS styles of rasters, chosen by what the file itself says: unit, type and colour table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import rasterio
from numpy.typing import NDArray

from phusong import content_cache, messages
from phusong.geodata.province import LandCover
from phusong.geodata.symbols import STATES, rgb, year_colours
from phusong.geodata.writers.classes import (
    LABELS,
    LEVEL,
    PROBABILITY,
    RSRQ,
    SINR,
    THROUGHPUT,
    Classes,
)
from phusong.geodata.writers.labels import kind_of
from phusong.geodata.writers.markup import element
from phusong.geodata.writers.styles import QGIS_VERSION

BY_UNIT = {"dBm": LEVEL, "dB": SINR, "Mbit/s": THROUGHPUT, "share": PROBABILITY}
BY_NAME = {"ss_rsrq_after": RSRQ, "served": PROBABILITY}
OPACITY = 0.8  # of what is predicted, over the ground
YEARLY = ("served", "rsrp_by_year", "ss_sinr_by_year")  # a band before, then one a year
HEIGHTS = ("#3f7d4e", "#a9c08a", "#ece3c0", "#c79f6e", "#8a5a3c", "#f5f2ee")
GREYS = ("#f2f2f2", "#1a1a1a")
MAX_LABELS = 4096
BELOW = 1e-4  # QGIS counts the upper limit to a class; here it begins the next
LANDCOVER = {
    LandCover.URBAN: "#c0504d",
    LandCover.INDUSTRIAL: "#8064a2",
    LandCover.SETTLEMENT: "#e6a57a",
    LandCover.FARMLAND: "#e9e3a6",
    LandCover.FOREST: "#5a8f4e",
    LandCover.WATER: STATES["water"].colour,
}
# What covered_year.tif holds beside years.
NOT_COVERED = (0, STATES["not_covered"].colour)
COVERED_BEFORE = (1, STATES["covered_before"].colour)
LANDCOVER_COLOURS = {int(cover): (*rgb(colour), 255) for cover, colour in LANDCOVER.items()}


@dataclass(frozen=True)
class RasterBand:
    """What a style needs to know of a raster: its unit, type, colours and values."""

    name: str
    unit: str
    whole: bool  # whole numbers
    colours: Mapping[int, tuple[int, ...]]
    low: float
    high: float
    present: tuple[int, ...]  # whole values that occur, where they are not too many
    number: int = 1  # in the file


def read(path: Path, number: int | None = None) -> RasterBand:
    """Read what the style of a band depends on: the last where its file holds a band a year."""
    inputs = ("style", path.stem, number, path.read_bytes())
    content = content_cache.cached(inputs, __name__, lambda: _summary(path, number))
    held = json.loads(content)
    colours = {int(value): tuple(colour) for value, colour in held.pop("colours")}
    return RasterBand(path.stem, colours=colours, present=tuple(held.pop("present")), **held)


def _summary(path: Path, number: int | None) -> bytes:
    """Return as JSON what a band holds, but for its name."""
    with rasterio.open(path) as source:
        number = number or (source.count if kind_of(path.stem) in YEARLY else 1)
        unit, kind = source.units[number - 1] or "", np.dtype(source.dtypes[0]).kind
        try:
            colours = source.colormap(1)
        except ValueError:
            colours = {}
        values = source.read(number, masked=True).compressed()
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    present = _present(values) if kind in "iu" and not unit else ()
    held = {"unit": unit, "whole": kind in "iu", "low": low, "high": high, "number": number}
    return json.dumps({**held, "colours": list(colours.items()), "present": present}).encode()


def _present(values: NDArray[np.generic]) -> tuple[int, ...]:
    values_ = np.unique(values)
    return tuple(int(value) for value in values_) if values_.size <= MAX_LABELS else ()


def pipe(band: RasterBand, language: str) -> ET.Element:
    """Return how QGIS draws a raster: classes of a known unit, labels, or a stretch of values."""
    root = element(None, "pipe")
    classes = BY_NAME.get(kind_of(band.name)) or BY_UNIT.get(band.unit)
    if classes:
        _classes(root, classes, band.unit, language)
    elif band.colours or band.present:
        _paletted(root, _entries(band, language))
    else:
        _stretched(root, band, HEIGHTS if band.unit == "m" else GREYS)
    for renderer in root.iter("rasterrenderer"):
        renderer.set("band", str(band.number))
        renderer.set("opacity", f"{OPACITY if classes else 1.0:g}")
    element(root, "rasterresampler", maxOversampling=2)
    return root


def document(band: RasterBand, language: str) -> str:
    """Return the style file (QML) that QGIS looks for beside a raster."""
    root = element(None, "qgis", version=QGIS_VERSION, styleCategories="AllStyleCategories")
    root.append(pipe(band, language))
    ET.indent(root)
    header = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return header + ET.tostring(root, encoding="unicode") + "\n"


def _classes(root: ET.Element, classes: Classes, unit: str, language: str) -> None:
    limits = (-np.inf, *classes.breaks, np.inf)
    shader = _shader(root, "DISCRETE", classes.breaks[0], classes.breaks[-1])
    for i, colour in enumerate(classes.colours):
        low, high = limits[i], limits[i + 1]
        start, end = (_shown(limit, classes, unit, language) for limit in (low, high))
        label = f"{start} – {end}"
        label = f"< {end}" if i == 0 else label
        label = f"≥ {start}" if np.isinf(high) else label
        value = "inf" if np.isinf(high) else f"{high - BELOW:.4f}"
        opacity = 255 if colour else 0
        element(shader, "item", value=value, color=colour or "#ffffff", label=label, alpha=opacity)


def _shown(value: float, classes: Classes, unit: str, language: str) -> str:
    """Return a limit of a class with its unit; probabilities in percent."""
    if classes is PROBABILITY:
        return messages.percent(value, language, 0)
    return f"{messages.general(value, language)} {unit}"


def _stretched(root: ET.Element, band: RasterBand, colours: Sequence[str]) -> None:
    shader = _shader(root, "INTERPOLATED", band.low, band.high)
    places = np.linspace(band.low, max(band.high, band.low + 1e-6), len(colours))
    for value, colour in zip(places, colours, strict=True):
        label = f"{value:.6g} {band.unit}".strip()
        element(shader, "item", value=f"{value:.6g}", color=colour, label=label, alpha=255)


def _shader(root: ET.Element, kind: str, low: float, high: float) -> ET.Element:
    renderer = element(
        root,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band=1,
        opacity=1,
        alphaBand=-1,
        classificationMin=f"{low:g}",
        classificationMax=f"{high:g}",
    )
    return element(
        element(renderer, "rastershader"),
        "colorrampshader",
        colorRampType=kind,
        classificationMode=1,
        clip=0,
        minimumValue=f"{low:g}",
        maximumValue=f"{high:g}",
    )


def _entries(band: RasterBand, language: str) -> list[tuple[int, str, str]]:
    """Return value, colour and label of every label of a raster."""
    if kind_of(band.name) == "landcover":
        words = messages.words(language, "landcover")
        return [(int(kind), colour, words[kind.name.lower()]) for kind, colour in LANDCOVER.items()]
    if kind_of(band.name) == "covered_year":
        return _years(band, language)
    if band.colours:
        used = band.present or tuple(band.colours)
        named = {value: band.colours[value] for value in used if value in band.colours}
        return [
            (v, "#" + "".join(f"{c:02x}" for c in rgba[:3]), str(v)) for v, rgba in named.items()
        ]
    return [(value, LABELS[value % len(LABELS)], str(value)) for value in band.present]


def _years(band: RasterBand, language: str) -> list[tuple[int, str, str]]:
    """Return the labels of covered_year, the years in the colours of the stations."""
    words = messages.words(language, "covered_year")
    stated = [label for label in (NOT_COVERED, COVERED_BEFORE) if label[0] in band.present]
    years = year_colours(v for v in band.present if v > COVERED_BEFORE[0])
    return [(value, colour, words[str(value)]) for value, colour in stated] + [
        (year, colour, str(year)) for year, colour in years.items()
    ]


def _paletted(root: ET.Element, entries: Sequence[tuple[int, str, str]]) -> None:
    renderer = element(root, "rasterrenderer", type="paletted", band=1, opacity=1, alphaBand=-1)
    palette = element(renderer, "colorPalette")
    for value, colour, label in entries:
        element(palette, "paletteEntry", value=value, color=colour, label=label, alpha=255)
