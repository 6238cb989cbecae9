"""Colours of the maps: ordered classes with thresholds, and kinds told apart by colour.

Ordered palettes grow steadily darker, so that they read in grey and with any colour vision;
colours of kinds stay apart under simulated protanopia, deuteranopia and tritanopia. The
exception is the five-threshold scale of received level that operators of a country print,
offered where its ``words.toml`` names one (``level_classes``), because readers know it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phusong.geodata import symbols
from phusong.geodata.symbols import ramp, rgb
from phusong.geodata.writers.classes import (
    LABELS,
    LEVEL,
    NO_CLASS,
    PROBABILITY,
    RSRQ,
    SINR,
    THROUGHPUT,
    Classes,
)

__all__ = [
    "LEVEL",
    "NO_CLASS",
    "PROBABILITY",
    "RSRQ",
    "SINR",
    "THROUGHPUT",
    "Classes",
    "ramp",
    "rgb",
]

from phusong.geodata.runs.change_classes import COLOURS as DIFFERENCE_COLOURS

PAPER = "#f6f3ec"
INK = "#22303a"
WATER = symbols.STATES["water"].colour
BRIGHT = 150  # luma (0 to 255) above which dark text reads better


def readable(colour: str) -> str:
    """Return the colour of text that reads best on a colour: white or ink."""
    red, green, blue = rgb(colour)
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > BRIGHT else "#ffffff"


def mixed(colour: str, with_: str, share: float) -> str:
    """Return a colour of which a share is left, the rest another one."""
    return _hex(share * np.array(rgb(colour)) + (1.0 - share) * np.array(rgb(with_)))


def recoloured(fine: Classes, coarse: Classes) -> Classes:
    """Return ``fine`` with the colours of ``coarse``, whose breaks must all be breaks of fine."""
    if not set(coarse.breaks) <= set(fine.breaks):
        raise ValueError(f"{coarse.name} has thresholds that {fine.name} lacks")
    below = (*fine.breaks, np.inf)
    colours = [coarse.colours[int(np.searchsorted(coarse.breaks, upper))] for upper in below]
    return Classes(coarse.name, fine.unit, fine.breaks, tuple(colours))


OPERATOR = Classes(
    "operator",
    "unit_dbm",
    (-105.0, -95.0, -85.0, -75.0, -65.0),
    ("#1c1c1c", "#d7301f", "#f7d038", "#8fd16f", "#1a7f37", "#2b5fc4"),
)
SHARE = Classes(
    "share",
    "",
    (0.1, 0.2, 0.4, 0.6, 0.8),
    ("#f7f3e7", "#d9e5c8", "#a3cdb6", "#62aeab", "#2e8493", "#1a5674"),
)
# From one run to another: purple is lost, orange gained, as on the classes of difference.tif.
DIFFERENCE = Classes(
    "difference",
    "",
    (0.5, 1.5, 2.5),
    ("", *(DIFFERENCE_COLOURS[kind] for kind in sorted(DIFFERENCE_COLOURS))),
)
CHANGE = Classes(
    "change",
    "",
    (-0.25, -0.1, -0.02, 0.02, 0.1, 0.25),
    ("#5e3a94", "#9b8fc6", "#d3d1e8", "#f7f5ee", "#fbdcae", "#eeaa58", "#c8691a"),
)

# Areas of neighbouring stations: eight colours of Okabe and Ito (2008), as in the QGIS style.
SERVER_COLOURS = LABELS
_YEAR_TINT = 0.75  # of a year's colour in the area that it covers, the rest is paper


def coverage_years(years: Sequence[int]) -> Classes:
    """Return the classes of covered_year: not covered, covered before the plan, and each year.

    An area has a paler shade of the colour of the stations of its year.
    """
    ordered = sorted(set(years))
    tints = [mixed(colour, PAPER, _YEAR_TINT) for colour in symbols.year_colours(ordered).values()]
    breaks = (0.5, *(() if not ordered else (1.5,)), *(year - 0.5 for year in ordered[1:]))
    return Classes(
        "covered_year", "", breaks, ("", symbols.STATES["covered_before"].colour, *tints)
    )


def _hex(channels: NDArray[np.float64]) -> str:
    return "#" + "".join(f"{round(float(channel)):02x}" for channel in channels)
