"""QGIS styles (QML) for the layers that a plan hands over; every layer gets one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

from geopandas import GeoDataFrame

from phusong import columns
from phusong.geodata import symbols
from phusong.geodata.symbols import Symbol
from phusong.geodata.writers import labels
from phusong.geodata.writers.markup import clean
from phusong.messages import DEFAULT, number, percent

Shape = Literal["marker", "line", "fill"]
_SYMBOL_LAYER = {"marker": "SimpleMarker", "line": "SimpleLine", "fill": "SimpleFill"}
_HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
QGIS_VERSION = "3.22.0"  # the oldest whose styles look like these

STATION_SHAPE = (
    f"if(\"{columns.KIND}\" = '{columns.NEW}', "
    f"'{symbols.STATIONS['new'].shape}', '{symbols.STATIONS['colocated'].shape}')"
)
SHARE_LIMITS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
SCORE_LIMITS = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
# YlGnBu and Purples of ColorBrewer, as matplotlib draws them from 0.15 to 0.9 of their length.
SHARE_COLOURS = ("#e6f5b2", "#95d5b9", "#3aaec3", "#216daf", "#1f2f87")
SCORE_COLOURS = ("#ebe9f3", "#c5c6e1", "#9894c5", "#705eaa", "#4f1f8b")
_PLAIN_SIZES: dict[str, tuple[float, float]] = {
    "marker": (1.6, 1.0),
    "line": (0.5, 1.0),
    "fill": (0.3, 0.4),
}


@dataclass(frozen=True)
class Look:
    """How a symbol is drawn: its shape, its size or line width [mm] and its opacity.

    The edge has the colour of the symbol where ``edge`` is empty; ``shape_by`` is an expression of
    QGIS that names the shape of each marker.
    """

    shape: Shape
    size_mm: float = 2.0
    opacity: float = 1.0
    edge: str = "#333333"
    filled: bool = True
    shape_by: str = ""


def categorized(
    attribute: str,
    signs: Mapping[str, Symbol] | Mapping[int, Symbol],
    look: Look,
    language: str = DEFAULT,
) -> str:
    """Return the style that gives every value of an attribute its sign, named in the legend."""
    renderer = ET.Element("renderer-v2", type="categorizedSymbol", attr=attribute)
    categories = ET.SubElement(renderer, "categories")
    drawn = ET.SubElement(renderer, "symbols")
    for place, (value, sign) in enumerate(signs.items()):
        ET.SubElement(
            categories,
            "category",
            value=clean(value),
            label=clean(labels.word(attribute, value, language)),
            type="string" if isinstance(value, str) else "long",
            symbol=str(place),
            render="true",
        )
        drawn.append(_symbol(place, sign, look))
    return _document(renderer)


def graduated(
    attribute: str,
    limits: Sequence[float],
    colours: Sequence[str],
    look: Look,
    language: str = DEFAULT,
) -> str:
    """Return the style that gives every class between two limits its colour.

    The legend tells shares, which end at 1, in percent.
    """
    renderer = ET.Element(
        "renderer-v2", type="graduatedSymbol", attr=attribute, graduatedMethod="GraduatedColor"
    )
    ranges = ET.SubElement(renderer, "ranges")
    symbols = ET.SubElement(renderer, "symbols")
    for place, colour in enumerate(colours):
        low, high = limits[place], limits[place + 1]
        ET.SubElement(
            ranges,
            "range",
            lower=f"{low:g}",
            upper=f"{high:g}",
            label=_range(low, high, language, share=limits[-1] == 1.0),
            symbol=str(place),
            render="true",
        )
        symbols.append(_symbol(place, Symbol(colour), look))
    return _document(renderer)


def _range(low: float, high: float, language: str, *, share: bool) -> str:
    written = percent if share else number
    return f"{written(low, language, 0)}–{written(high, language, 0)}"


def single(colour: str, look: Look) -> str:
    """Return the style that draws every feature alike."""
    renderer = ET.Element("renderer-v2", type="singleSymbol")
    ET.SubElement(renderer, "symbols").append(_symbol(0, Symbol(colour), look))
    return _document(renderer)


def plan_styles(layers: Mapping[str, GeoDataFrame], language: str = DEFAULT) -> dict[str, str]:
    """Return the style of every layer of a plan, by layer name.

    Sites are drawn by operator, stations by year of build and shape by kind, communes by the share
    of residents covered after the plan, districts in outline, zones by kind, ranked zones by score.
    Variants, such as communes of another date, are drawn as the layer they vary; a layer that is
    unknown, or lacks the column it would be coloured by, is drawn in one colour.
    """
    return {name: _style(name, frame, language) for name, frame in layers.items()}


def _style(name: str, frame: GeoDataFrame, language: str) -> str:
    label = labels.LABELS.get(labels.kind_of(name))
    lacks = label is not None and bool(label.coloured_by) and label.coloured_by not in frame
    if label is None or not label.colours or lacks:
        return _plain(frame)
    return MAKERS[label.colours](frame, language)


def _plain(frame: GeoDataFrame) -> str:
    return single(symbols.OTHER.colour, Look(shape_of(frame), *_PLAIN_SIZES[shape_of(frame)]))


def shape_of(frame: GeoDataFrame) -> Shape:
    """Return the symbol that suits the geometries of a layer."""
    kinds = " ".join(frame.geom_type.dropna().unique())
    if "Polygon" in kinds:
        return "fill"
    return "line" if "Line" in kinds else "marker"


def _sites(frame: GeoDataFrame, language: str) -> str:
    operators = symbols.operator_symbols(frame[columns.OPERATOR].dropna())
    return categorized(columns.OPERATOR, operators, Look("marker", 1.6), language)


def _ranking(frame: GeoDataFrame, language: str) -> str:
    colours = symbols.year_colours(frame[columns.YEAR].dropna())
    years = {year: Symbol(colour) for year, colour in colours.items()}
    return categorized(columns.YEAR, years, Look("marker", 3.2, shape_by=STATION_SHAPE), language)


def _outlines(_frame: GeoDataFrame, _language: str) -> str:
    return single("#22303a", Look("fill", 0.5, filled=False, edge="#22303a"))


def _shares(_frame: GeoDataFrame, language: str) -> str:
    """Return the same classes for every plan, so that two maps compare."""
    return graduated(
        columns.COVERED_POPULATION_SHARE_AFTER,
        SHARE_LIMITS,
        SHARE_COLOURS,
        Look("fill", 0.2, 0.75),
        language,
    )


def _scores(_frame: GeoDataFrame, language: str) -> str:
    """Return classes of the score of ranked zones, the best darkest."""
    look = Look("fill", 0.4, 0.75)
    return graduated(columns.SCORE, SCORE_LIMITS, SCORE_COLOURS, look, language)


def _zones(frame: GeoDataFrame, language: str) -> str:
    """Return outlines in the colour and line of each kind, so that what lies below shows."""
    kinds = sorted(set(frame[columns.KIND].dropna()))
    zones = {kind: symbols.ZONES.get(kind, symbols.OTHER) for kind in kinds}
    return categorized(columns.KIND, zones, Look("fill", 0.7, filled=False, edge=""), language)


def _holes(_frame: GeoDataFrame, _language: str) -> str:
    return single(symbols.STATES["hole"].colour, Look("fill", 0.2, 0.5))


# How the features of a layer are coloured.
MAKERS: dict[str, Callable[[GeoDataFrame, str], str]] = {
    "operators": _sites,
    "years": _ranking,
    "shares": _shares,
    "scores": _scores,
    "zones": _zones,
    "holes": _holes,
    "outlines": _outlines,
}


def _symbol(place: int, sign: Symbol, look: Look) -> ET.Element:
    symbol = ET.Element("symbol", type=look.shape, name=str(place), alpha=f"{look.opacity:g}")
    layer = ET.SubElement(symbol, "layer", {"class": _SYMBOL_LAYER[look.shape], "enabled": "1"})
    options = ET.SubElement(layer, "Option", type="Map")
    for name, value in _settings(sign, look).items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
        ET.SubElement(layer, "prop", k=name, v=value)
    if look.shape_by:
        layer.append(_data_defined("name", look.shape_by))
    return symbol


def _data_defined(setting: str, expression: str) -> ET.Element:
    """Return a setting of a symbol that follows the features by an expression of QGIS."""
    root = ET.Element("data_defined_properties")
    held = ET.SubElement(root, "Option", type="Map")
    ET.SubElement(held, "Option", name="name", type="QString", value="")
    listed = ET.SubElement(held, "Option", name="properties", type="Map")
    rule = ET.SubElement(listed, "Option", name=setting, type="Map")
    ET.SubElement(rule, "Option", name="active", type="bool", value="true")
    ET.SubElement(rule, "Option", name="expression", type="QString", value=expression)
    ET.SubElement(rule, "Option", name="type", type="int", value="3")
    ET.SubElement(held, "Option", name="type", type="QString", value="collection")
    return root


def _settings(sign: Symbol, look: Look) -> dict[str, str]:
    if look.shape == "line":
        return {"line_color": _rgba(sign.colour), "line_width": f"{look.size_mm:g}"}
    edge, fill = look.edge or sign.colour, "solid" if look.filled else "no"
    settings = {"color": _rgba(sign.colour), "outline_color": _rgba(edge), "style": fill}
    if look.shape == "marker":
        return settings | {"name": sign.shape, "size": f"{look.size_mm:g}", "outline_width": "0.1"}
    return settings | {"outline_style": sign.line, "outline_width": f"{look.size_mm:g}"}


def _rgba(colour: str) -> str:
    """Return a hexadecimal colour as QGIS writes it: red, green, blue and opacity to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},255"


def _document(renderer: ET.Element) -> str:
    root = ET.Element("qgis", version=QGIS_VERSION, styleCategories="Symbology")
    root.append(renderer)
    ET.indent(root)
    return _HEADER + ET.tostring(root, encoding="unicode") + "\n"
