"""QGIS styles (QML) for the layers that a plan hands over; every layer gets one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from geopandas import GeoDataFrame

from phusong import columns
from phusong.geodata import symbols
from phusong.geodata.writers import labels
from phusong.geodata.writers.markup import clean

Shape = Literal["marker", "line", "fill"]
_SYMBOL_LAYER = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
QGIS_VERSION = "3.22.0"  # the oldest whose styles look like these

SHARE_LIMITS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SCORE_LIMITS = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
_PLAIN_SIZES: dict[str, tuple[float, float]] = {
    "marker": (1.6, 1.0),
    "line": (0.5, 1.0),
    "fill": (0.3, 0.4),
}


@dataclass(frozen=True)
class Look:
    """How a symbol is drawn: its shape, its size or line width [mm] and its opacity."""

    shape: Shape
    size_mm: float = 2.0
    opacity: float = 1.0
    edge: str = "#333333"


def categorized(attribute: str, colours: Mapping[str, str] | Mapping[int, str], look: Look) -> str:
    """Return the style that gives every value of an attribute its colour."""
    renderer = ET.Element("renderer-v2", type="categorizedSymbol", attr=attribute)
    categories = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for number, (value, colour) in enumerate(colours.items()):
        ET.SubElement(
            categories,
            "category",
            value=clean(value),
            label=clean(value),
            type="string" if isinstance(value, str) else "long",
            symbol=str(number),
            render="true",
        )
        symbols.append(_symbol(number, colour, look))
    return _document(renderer)


def graduated(attribute: str, limits: Sequence[float], colours: Sequence[str], look: Look) -> str:
    """Return the style that gives every class between two limits its colour."""
    renderer = ET.Element(
        "renderer-v2", type="graduatedSymbol", attr=attribute, graduatedMethod="GraduatedColor"
    )
    ranges = ET.SubElement(renderer, "ranges")
    symbols = ET.SubElement(renderer, "symbols")
    for number, colour in enumerate(colours):
        low, high = limits[number], limits[number + 1]
        ET.SubElement(
            ranges,
            "range",
            lower=f"{low:g}",
            upper=f"{high:g}",
            label=f"{low:g} - {high:g}",
            symbol=str(number),
            render="true",
        )
        symbols.append(_symbol(number, colour, look))
    return _document(renderer)


def single(colour: str, look: Look) -> str:
    """Return the style that draws every feature alike."""
    renderer = ET.Element("renderer-v2", type="singleSymbol")
    ET.SubElement(renderer, "symbols").append(_symbol(0, colour, look))
    return _document(renderer)


def plan_styles(layers: Mapping[str, GeoDataFrame]) -> dict[str, str]:
    """Return the style of every layer of a plan, by layer name.

    Sites are coloured by operator, candidates by year of build, communes and districts by the
    share of residents covered after the plan, zones by kind, ranked zones by score. Variants, such
    as communes of another date, are drawn as the layer they vary; a layer that is unknown, or lacks
    the column it would be coloured by, is drawn in one colour.
    """
    return {name: _style(name, frame) for name, frame in layers.items()}


def _style(name: str, frame: GeoDataFrame) -> str:
    label = labels.LABELS.get(labels.kind_of(name))
    lacks = label is not None and bool(label.coloured_by) and label.coloured_by not in frame
    if label is None or not label.colours or lacks:
        return _plain(frame)
    return MAKERS[label.colours](frame)


def _plain(frame: GeoDataFrame) -> str:
    return single(symbols.OTHER.colour, Look(shape_of(frame), *_PLAIN_SIZES[shape_of(frame)]))


def shape_of(frame: GeoDataFrame) -> Shape:
    """Return the symbol that suits the geometries of a layer."""
    kinds = " ".join(frame.geom_type.dropna().unique())
    if "Polygon" in kinds:
        return "fill"
    return "line" if "Line" in kinds else "marker"


def _sites(frame: GeoDataFrame) -> str:
    operators = symbols.operator_symbols(frame[columns.OPERATOR].dropna())
    return categorized(
        columns.OPERATOR,
        {name: symbol.colour for name, symbol in operators.items()},
        Look("marker", 1.6),
    )


def _ranking(frame: GeoDataFrame) -> str:
    years = symbols.year_colours(frame[columns.YEAR].dropna())
    return categorized(columns.YEAR, years, Look("marker", 3))


def _shares(_frame: GeoDataFrame) -> str:
    """Return the same classes for every plan, so that two maps compare."""
    ramp = _ramp(len(SHARE_LIMITS) - 1, "YlGnBu")
    return graduated(
        columns.COVERED_POPULATION_SHARE_AFTER, SHARE_LIMITS, ramp, Look("fill", 0.2, 0.75)
    )


def _scores(_frame: GeoDataFrame) -> str:
    """Return classes of the score of ranked zones, the best darkest."""
    ramp = _ramp(len(SCORE_LIMITS) - 1, "Purples")
    return graduated(columns.SCORE, SCORE_LIMITS, ramp, Look("fill", 0.4, 0.75))


def _zones(frame: GeoDataFrame) -> str:
    kinds = sorted(set(frame[columns.KIND].dropna()))
    zones = {kind: symbols.ZONES.get(kind, symbols.OTHER) for kind in kinds}
    return categorized(
        columns.KIND,
        {kind: symbol.colour for kind, symbol in zones.items()},
        Look("fill", 0.4, 0.6),
    )


def _holes(_frame: GeoDataFrame) -> str:
    return single(symbols.STATES["hole"].colour, Look("fill", 0.2, 0.5))


# How the features of a layer are coloured.
MAKERS: dict[str, Callable[[GeoDataFrame], str]] = {
    "operators": _sites,
    "years": _ranking,
    "shares": _shares,
    "scores": _scores,
    "zones": _zones,
    "holes": _holes,
}


def _ramp(count: int, name: str) -> list[str]:
    """Return evenly spaced colours of a matplotlib palette."""
    places = np.linspace(0.15, 0.9, count) if count > 1 else np.full(count, 0.5)
    return [mpl.colors.to_hex(mpl.colormaps[name](place)) for place in places]


def _symbol(number: int, colour: str, look: Look) -> ET.Element:
    symbol = ET.Element("symbol", type=look.shape, name=str(number), alpha=f"{look.opacity:g}")
    layer = ET.SubElement(symbol, "layer", {"class": _SYMBOL_LAYER[look.shape], "enabled": "1"})
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in _settings(colour, look).items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
        ET.SubElement(layer, "prop", k=name, v=value)
    return symbol


def _settings(colour: str, look: Look) -> dict[str, str]:
    if look.shape == "line":
        return {"line_color": _rgba(colour), "line_width": f"{look.size_mm:g}"}
    settings = {"color": _rgba(colour), "outline_color": _rgba(look.edge), "style": "solid"}
    if look.shape == "marker":
        return settings | {"name": "circle", "size": f"{look.size_mm:g}", "outline_width": "0.1"}
    return settings | {"outline_style": "solid", "outline_width": f"{look.size_mm:g}"}


def _rgba(colour: str) -> str:
    """Return a hexadecimal colour as QGIS writes it: red, green, blue and opacity to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _document(renderer: ET.Element) -> str:
    root = ET.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    root.append(renderer)
    ET.indent(root)
    return _HEADER + ET.tostring(root, encoding="unicode") + "\n"
