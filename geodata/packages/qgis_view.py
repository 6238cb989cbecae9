"""What a QGIS project shows of a run when it opens: themes, labels, scales and the years."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns, messages
from phusong.geodata.writers import labels
from phusong.geodata.writers.markup import element

FIRST = "after"
# Layers of each theme, as the pages show them; those that a run lacks are left out.
THEMES = {
    "after": ("ranking", "zones", "districts", "served"),
    "before": ("zones", "districts", "served_before"),
    "quality": ("ranking", "districts", "throughput_after"),
    "ranking": ("ranking", "zones_ranking", "communes", "districts"),
    "prediction": ("cells", "districts", "rsrp"),
}
# Without this layer there is no such theme.
NEEDED = {
    "after": "ranking",
    "before": "served_before",
    "quality": "throughput_after",
    "ranking": "ranking",
    "prediction": "cells",
}
OF_NETWORKS = ("rsrp",)  # a raster a network: the first of all operators is shown
TOP = 20  # ranks that are told at every scale, as on the page
NEAR, NEARER = 200_000, 60_000  # scales from which all ranks, then names of stations are told
# Layers of many features, and the scale from which they are drawn.
CLOSE = {"sites": 150_000, "candidates": 150_000, "cells": 150_000, "backhaul": 400_000}
FONT = "DejaVu Sans"
TEXT, HALO = "34,48,58,255", "255,255,255,255"

_RANK = (
    f'CASE WHEN @map_scale < {NEARER} THEN "{columns.RANK}" || \'. \' || "{columns.SITE_ID}" '
    f'WHEN "{columns.RANK}" <= {TOP} OR @map_scale < {NEAR} THEN to_string("{columns.RANK}") END'
)
# Expression, size [pt], shape of the layer, and the scale from which labels are told.
LABELS = {
    "ranking": (_RANK, 8, "marker", 0),
    "districts": (f'"{columns.NAME}"', 11, "fill", 0),
    "zones": (f'"{columns.NAME}"', 8, "fill", 100_000),
    "zones_ranking": (f'"{columns.RANK}" || \'. \' || "{columns.NAME}"', 8, "fill", 200_000),
    "communes": (f'"{columns.NAME}"', 8, "fill", 150_000),
}
NEEDS = {"ranking": columns.RANK, "zones_ranking": columns.RANK}


def names(theme: str, present: Sequence[str]) -> list[str]:
    """Return the layers of a theme that a run or prediction has; none without what it needs."""
    shown: list[str] = []
    if NEEDED[theme] not in present:
        return shown
    for name in THEMES[theme]:
        networks = [other for other in present if other.startswith(f"{name}_")]
        network = [other for other in networks if other.endswith("_all")] or networks
        shown += network[:1] if name in OF_NETWORKS else [name] * (name in present)
    return shown


def first(present: Sequence[str]) -> str:
    """Return the theme that a project opens on."""
    return "prediction" if "cells" in present else FIRST


def themes(present: Sequence[str], identifier: Mapping[str, str], language: str) -> ET.Element:
    """Return the map themes of a project."""
    words = messages.words(language, "theme")
    root = element(None, "visibility-presets")
    for theme in THEMES:
        shown = names(theme, present)
        if not shown:
            continue
        preset = element(root, "visibility-preset", name=words[theme])
        preset.set("has-expanded-info", "0")
        for name in shown:
            element(preset, "layer", id=identifier[name], visible=1, expanded=0, style="default")
    return root


def labelling(name: str, frame: GeoDataFrame) -> ET.Element | None:
    """Return how the features of a layer are named on the map; None where they are not."""
    kind = labels.kind_of(name)
    if name not in LABELS or NEEDS.get(kind, columns.NAME) not in frame:
        return None
    expression, size, shape, scale = LABELS[name]
    root = element(None, "labeling", type="simple")
    settings = element(root, "settings", calloutType="simple")
    style = element(settings, "text-style", fieldName=expression, isExpression=1, fontSize=size)
    style.attrib.update(
        fontSizeUnit="Point", textColor=TEXT, textOpacity="1", fontFamily=FONT, fontWeight="63"
    )
    buffer = element(style, "text-buffer", bufferDraw=1, bufferSize=0.6, bufferSizeUnits="MM")
    buffer.attrib.update(
        bufferColor=HALO, bufferOpacity="1", bufferNoFill="0", bufferJoinStyle="128"
    )
    if shape == "marker":
        place = element(settings, "placement", placement=6, layerType="PointGeometry", dist=1.2)
        place.set("distUnits", "MM")
    else:
        element(settings, "placement", placement=1, layerType="PolygonGeometry")
    visible = element(settings, "rendering", scaleVisibility=int(bool(scale)), scaleMin=0)
    visible.attrib.update(scaleMax=str(scale), obstacle="1", drawLabels="1")
    return root


def scales(node: ET.Element, name: str) -> None:
    """Draw a layer of many features from near only."""
    if scale := CLOSE.get(labels.kind_of(name)):
        node.set("hasScaleBasedVisibilityFlag", "1")
        node.set("minScale", str(scale))
        node.set("maxScale", "0")


def temporal(frame: GeoDataFrame) -> ET.Element | None:
    """Return when each feature begins to stand: on the first day of its year."""
    if columns.YEAR not in frame:
        return None
    node = element(None, "temporal", enabled=1, mode=4, limitMode=0, accumulate=0)
    start = f'make_datetime("{columns.YEAR}", 1, 1, 0, 0, 0)'
    node.attrib.update(startExpression=start, endExpression="", fixedDuration="0")
    node.attrib.update(startField="", endField="", durationField="", durationUnit="min")
    span = element(node, "fixedRange")
    element(span, "start", "")
    element(span, "end", "")
    return node


def time_settings(layers: Mapping[str, GeoDataFrame]) -> ET.Element | None:
    """Return the time that the temporal controller plays, a year a step; None without years."""
    ranking = layers.get("ranking")
    if ranking is None or columns.YEAR not in ranking:
        return None
    years = pd.to_numeric(ranking[columns.YEAR]).dropna()
    if years.empty:
        return None
    root = element(None, "ProjectTimeSettings", timeStep=1, timeStepUnit="y", frameRate=1)
    root.set("cumulativeTemporalRange", "1")
    span = element(root, "TemporalRange")
    element(span, "start", f"{int(years.min())}-01-01T00:00:00Z")
    element(span, "end", f"{int(years.max())}-12-31T00:00:00Z")
    return root


def words_for_codes(frame: GeoDataFrame, language: str) -> ET.Element | None:
    """Return the fields whose codes forms and tables show in words; None where there is none."""
    root = element(None, "fieldConfiguration")
    for name in frame.columns.drop(frame.geometry.name):
        codes = {value for value in frame[name].dropna().tolist() if isinstance(value, str)}
        spoken = {code: labels.word(str(name), code, language) for code in sorted(codes)}
        changed = {code: word for code, word in spoken.items() if word != code}
        if changed:
            _value_map(root, str(name), changed)
    return root if len(root) else None


def _value_map(root: ET.Element, name: str, words: Mapping[str, str]) -> None:
    widget = element(element(root, "field", name=name), "editWidget", type="ValueMap")
    options = element(element(widget, "config"), "Option", type="Map")
    listed = element(options, "Option", name="map", type="List")
    for code, word in words.items():
        element(element(listed, "Option", type="Map"), "Option", name=word, type="QString").set(
            "value", code
        )
