"""One table of signs: the colour, shape and name of what maps, report, QGIS and KML show.

Years of build, operators, zones and states never share a colour: any two lie at least 20 apart
(CIEDE2000), and at least 10 as people without red, green or blue cones see them (Machado, Oliveira
and Fernandes 2009); ``tests/geodata/test_symbols.py`` holds both. Stations and operators
also differ in shape, zones in their line. Names are messages, as the pages say them; operators and
years are named by the data.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

# As QGIS calls the shapes of simple markers and the lines round areas.
Shape = Literal["circle", "square", "triangle", "pentagon", "hexagon", "star", "diamond"]
Line = Literal["solid", "dash", "dot", "dash dot"]


class Symbol(NamedTuple):
    """How one kind of thing is drawn.

    Parameters
    ----------
    colour : ``#rrggbb``.
    word : identifier of the message that names it; '' where the data do.
    shape : of a marker.
    line : round an area.
    """

    colour: str
    word: str = ""
    shape: Shape = "circle"
    line: Line = "solid"


# The first year of a plan is darkest. More years than these spread over the same colours.
YEARS = ("#360747", "#a81f62", "#f25463", "#e9ae7d", "#f6e378")

OTHER = Symbol("#88948a", "page.other", line="dash dot")

# In the order of an operator's stations, the one with most first; the rest are drawn as OTHER.
OPERATORS = (
    Symbol("#053b88", shape="circle"),
    Symbol("#196768", shape="square"),
    Symbol("#448bc7", shape="triangle"),
    Symbol("#a06210", shape="pentagon"),
    Symbol("#7fbc10", shape="hexagon"),
    Symbol("#c69afc", shape="star"),
)

ZONES = {
    "urban": Symbol("#8449b9", "page.zone_urban", line="solid"),
    "industrial": Symbol("#5d593b", "page.zone_industrial", line="dash"),
    "tourism": Symbol("#1f8949", "page.zone_tourism", line="dot"),
}

STATES = {
    "live_5g": Symbol("#38373e", "page.live_5g", "star"),
    "covered_before": Symbol("#867d98", "page.gain_before"),
    "not_covered": Symbol("#e8e4da", "page.gain_none"),
    "hole": Symbol("#a1060c", "page.hole"),
    "water": Symbol("#9fd2ee", "page.water"),
}

# Stations have the colour of their year: a circle on a mast that stands, a diamond on a new one.
STATIONS: dict[str, Symbol] = {
    "colocated": Symbol("", "page.colocated", "circle"),
    "new": Symbol("", "page.new", "diamond"),
}


def year_colours(years: Iterable[float]) -> dict[int, str]:
    """Return the colour of each year of build, the first darkest.

    Examples
    --------
    >>> year_colours([2026, 2025])
    {2025: '#360747', 2026: '#a81f62'}
    """
    ordered = sorted({int(year) for year in years})
    colours = YEARS if len(ordered) <= len(YEARS) else ramp(YEARS, len(ordered))
    return dict(zip(ordered, colours, strict=False))


def operator_symbols(of_stations: Iterable[str]) -> dict[str, Symbol]:
    """Return the symbol of each operator, the one with most stations first.

    Parameters
    ----------
    of_stations
        The operator of every station.

    Examples
    --------
    >>> [(name, symbol.shape) for name, symbol in operator_symbols(["B", "A", "A"]).items()]
    [('A', 'circle'), ('B', 'square')]
    """
    counts = Counter(str(name) for name in of_stations)
    names = sorted(counts, key=lambda name: (-counts[name], name))
    return {
        name: OPERATORS[place] if place < len(OPERATORS) else OTHER
        for place, name in enumerate(names)
    }


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of a ``#rrggbb`` colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ramp(anchors: Sequence[str], count: int) -> tuple[str, ...]:
    """Return ``count`` colours spread evenly along straight lines between the anchors."""
    if count == 1:
        return (anchors[0],)
    stops = np.array([rgb(anchor) for anchor in anchors], dtype=float)
    at = np.linspace(0, len(anchors) - 1, count)
    channels = [np.interp(at, np.arange(len(anchors)), stops[:, band]) for band in range(3)]
    return tuple(
        f"#{round(red):02x}{round(green):02x}{round(blue):02x}"
        for red, green, blue in zip(*channels, strict=True)
    )
