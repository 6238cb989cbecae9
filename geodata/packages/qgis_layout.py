"""The print layout of a QGIS project: A4 across, title, map, legend, scale bar, north, sources."""

import math
import uuid
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

from phusong import messages
from phusong.geodata.writers import lineage
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import element

# Items as QGIS numbers them (QgsLayoutItemRegistry).
PAGE, MAP, PICTURE, LABEL, LEGEND, SCALE = 65638, 65639, 65640, 65641, 65642, 65646
NORTH = ":/images/north_arrows/layout_default_north_arrow.svg"  # QGIS's own
SPACE = uuid.UUID("9c1f0d0e-5d0a-4b86-9a57-2f3b7c1e8a11")  # of names of items
FONT = "DejaVu Sans,{size},-1,5,{weight},0,0,0,0,0"
WIDTH_MM, HEIGHT_MM = 297, 210
MAP_MM = (10.0, 20.0, 207.0, 170.0)  # left, top, width, height


def document(
    extent: Mapping[str, float], theme: str, publication: Publication, present: Sequence[str]
) -> ET.Element:
    """Return the layouts of a project: one page of A4.

    Parameters
    ----------
    extent : ``xmin, ymin, xmax, ymax`` of the province [m].
    theme : name of the map theme that is drawn.
    publication : title, language and sources.
    present : layers of the project.
    """
    words = messages.words(publication.language, "theme")
    root = element(None, "Layouts")
    layout = element(root, "Layout", name=words["layout"], units="mm", printResolution=300)
    pages = element(layout, "PageCollection")
    _item(pages, PAGE, "page", (0.0, 0.0, WIDTH_MM, HEIGHT_MM))
    title = f"{publication.title}: {theme}"
    _label(layout, "title", title, (10.0, 8.0, 277.0, 10.0), 16, bold=True)
    _map(layout, extent, theme)
    _legend(layout, words["legend"])
    _scale(layout, extent)
    north = _item(layout, PICTURE, "north", (199.0, 22.0, 15.0, 15.0), above=4)
    north.attrib.update(file=NORTH, mode="2", resizeMode="0", northMode="0", anchorPoint="0")
    _label(layout, "sources", _sources(publication, present), (10.0, 192.0, 277.0, 14.0), 6)
    return root


def _sources(publication: Publication, present: Sequence[str]) -> str:
    """Return where the layers come from, under which licence, when and by what."""
    licences = dict.fromkeys(x for name in present for x in lineage.licences(name, publication))
    lines = dict.fromkeys(x for name in present for x in lineage.sources(name, publication))
    return "; ".join([*lines, *licences, publication.stamp[:10]])


def _item(
    parent: ET.Element,
    kind: int,
    name: str,
    box_mm: tuple[float, float, float, float],
    above: int = 1,
) -> ET.Element:
    left, top, width, height = box_mm
    node = element(parent, "LayoutItem", type=kind, id=name, zValue=above, visibility="1")
    node.attrib.update(
        uuid=_identifier(name),
        templateUuid=_identifier(name),
        size=f"{width:g},{height:g},mm",
        position=f"{left:g},{top:g},mm",
        positionOnPage=f"{left:g},{top:g},mm",
        opacity="1",
        background="false",
        frame="false",
        itemRotation="0",
        referencePoint="0",
    )
    return node


def _identifier(name: str) -> str:
    return "{" + str(uuid.uuid5(SPACE, name)) + "}"


def _label(
    layout: ET.Element,
    name: str,
    text: str,
    box_mm: tuple[float, float, float, float],
    size: int,
    *,
    bold: bool = False,
) -> None:
    node = _item(layout, LABEL, name, box_mm, above=5)
    node.attrib.update(labelText=text, halign="1", valign="32" if bold else "128", htmlState="0")
    node.attrib.update(marginX="0", marginY="0")
    weight = 75 if bold else 50
    element(node, "LabelFont", description=FONT.format(size=size, weight=weight), style="")
    element(node, "FontColor", red=34, green=48, blue=58, alpha=255)


def _map(layout: ET.Element, extent: Mapping[str, float], theme: str) -> None:
    node = _item(layout, MAP, "map", MAP_MM)
    node.attrib.update(followPreset="true", followPresetName=theme, keepLayerSet="false")
    node.attrib.update(background="true", frame="true", drawCanvasItems="true", mapRotation="0")
    element(node, "BackgroundColor", red=255, green=255, blue=255, alpha=255)
    element(node, "Extent", **_fitted(extent))


def _fitted(extent: Mapping[str, float]) -> dict[str, str]:
    """Return the extent grown to the shape of the map's frame."""
    width, height = extent["xmax"] - extent["xmin"], extent["ymax"] - extent["ymin"]
    ratio = MAP_MM[2] / MAP_MM[3]
    wide, high = max(width, height * ratio) * 1.04, max(height, width / ratio) * 1.04
    x, y = (extent["xmin"] + extent["xmax"]) / 2, (extent["ymin"] + extent["ymax"]) / 2
    sides = {"xmin": x - wide / 2, "ymin": y - high / 2, "xmax": x + wide / 2, "ymax": y + high / 2}
    return {side: f"{value:.1f}" for side, value in sides.items()}


def _legend(layout: ET.Element, title: str) -> None:
    node = _item(layout, LEGEND, "legend", (220.0, 20.0, 68.0, 165.0), above=2)
    node.attrib.update(map_uuid=_identifier("map"), title=title, legendFilterByMap="1")
    node.attrib.update(resizeToContents="1", columnCount="1", symbolWidth="6", symbolHeight="3.5")
    node.attrib.update(wrapChar="", boxSpace="1", columnSpace="2", splitLayer="0")
    styles = element(node, "styles")
    sizes = {"title": 11, "group": 9, "subgroup": 9, "symbol": 8, "symbolLabel": 8}
    for name, size in sizes.items():
        style = element(styles, "style", name=name, alignment=1, indent=0, marginTop=1.5)
        description = FONT.format(size=size, weight=75 if name == "title" else 50)
        element(style, "styleFont", description=description, style="")


def _scale(layout: ET.Element, extent: Mapping[str, float]) -> None:
    """Add a scale bar of a round length, about a fifth of the map."""
    fifth_km = (extent["xmax"] - extent["xmin"]) / 5000
    power = 10.0 ** math.floor(math.log10(max(fifth_km, 1e-3)))
    length_km = max(step * power for step in (1, 2, 5) if step * power <= fifth_km or step == 1)
    node = _item(layout, SCALE, "scale", (12.0, 175.0, 70.0, 12.0), above=3)
    node.attrib.update(mapUuid=_identifier("map"), style="Single Box", unitType="km")
    node.attrib.update(
        unitLabel="km", numUnitsPerSegment=f"{length_km:g}", numMapUnitsPerScaleBarUnit="1"
    )
    node.attrib.update(numSegments="1", numSegmentsLeft="0", height="2", segmentSizeMode="0")
    node.attrib.update(labelBarSpace="2", boxContentSpace="1", segmentMillimeters="20")
    style = element(node, "text-style", fontFamily="DejaVu Sans", fontSize=8, fontSizeUnit="Point")
    style.attrib.update(textColor="34,48,58,255", textOpacity="1", fontWeight="50")
