"""A QGIS project of a run: layers by group, styled, with paths relative to its folder."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

import numpy as np
import rasterio
from geopandas import GeoDataFrame
from pyproj import CRS

from phusong import columns
from phusong.geodata import crs
from phusong.geodata.writers import labels, lineage, raster_styles, styles
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import element

HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
GEOMETRIES = {"marker": "Point", "line": "Line", "fill": "Polygon"}
LABELLED = "districts"  # named on the map


@dataclass(frozen=True)
class Item:
    """A layer of the project: its name, where its data lie, and what describes it."""

    name: str
    source: str
    provider: Literal["ogr", "gdal"]
    node: ET.Element


def document(
    layers: Mapping[str, GeoDataFrame],
    qml: Mapping[str, str],
    rasters: Iterable[Path],
    publication: Publication,
    *,
    package: str = "plan.gpkg",
) -> str:
    """Return a project (.qgs) that opens the layers of a package and the rasters beside it.

    Parameters
    ----------
    layers : frames by name, as they are in the package.
    qml : style of each layer.
    rasters : GeoTIFFs.
    said : titles, language and lineage.
    package : file name of the GeoPackage.
    """
    items = [_vector(name, layers[name], qml[name], package, publication) for name in layers]
    items += [_raster(raster, publication) for raster in rasters]
    items.sort(key=lambda item: labels.place(item.name))
    root = element(None, "qgis", projectname=publication.title, version=styles.QGIS_VERSION)
    element(root, "homePath", path="")
    element(root, "title", publication.title)
    planning = crs.name_of(next(iter(layers.values())))
    root.append(_reference("projectCrs", planning))
    root.append(_tree(items, publication))
    _canvas(root, layers, planning)
    stored = element(root, "projectlayers")
    stored.extend(item.node for item in items)
    order = element(root, "layerorder")
    for item in items:
        element(order, "layer", id=identifier(item.name))
    _properties(root)
    ET.indent(root)
    return HEADER + ET.tostring(root, encoding="unicode") + "\n"


def identifier(name: str) -> str:
    """Return the identifier of a layer; QGIS drops those of ten characters or less."""
    return f"phusong_layer_{name}"


def _tree(items: Sequence[Item], publication: Publication) -> ET.Element:
    """Return the layers by group, as the panel of layers shows them."""
    root = element(None, "layer-tree-group")
    for key in labels.GROUPS:
        members = [item for item in items if labels.group(item.name) == key]
        if not members:
            continue
        title = labels.group_title(key, publication.language)
        group = element(root, "layer-tree-group", name=title, checked=_state(True), expanded=1)
        for item in members:
            element(
                group,
                "layer-tree-layer",
                id=identifier(item.name),
                name=labels.title(item.name, publication.language),
                source=item.source,
                providerKey=item.provider,
                checked=_state(labels.shown(item.name)),
                expanded=0,
            )
    return root


def _state(checked: bool) -> str:  # noqa: FBT001 - the only argument
    return "Qt::Checked" if checked else "Qt::Unchecked"


def _vector(
    name: str, frame: GeoDataFrame, qml: str, package: str, publication: Publication
) -> Item:
    geometry = GEOMETRIES[styles.shape_of(frame)]
    source = f"./{package}|layername={name}"
    node = element(None, "maplayer", type="vector", geometry=geometry, labelsEnabled=0)
    _described(node, name, source, frame.crs.to_string(), publication)
    element(node, "provider", "ogr", encoding="UTF-8")
    _headings(node, frame, publication)
    node.append(_renderer(qml))
    if name == LABELLED and columns.NAME in frame:
        node.set("labelsEnabled", "1")
        node.append(_labels(columns.NAME))
    element(node, "layerOpacity", 1)
    return Item(name, source, "ogr", node)


def _raster(path: Path, publication: Publication) -> Item:
    with rasterio.open(path) as opened:
        authority = opened.crs.to_string()
    name, source = path.stem, f"./{path.name}"
    node = element(None, "maplayer", type="raster")
    _described(node, name, source, authority, publication)
    element(node, "provider", "gdal")
    node.append(raster_styles.pipe(raster_styles.read(path), publication.language))
    return Item(name, source, "gdal", node)


def _described(
    node: ET.Element, name: str, source: str, authority: str, publication: Publication
) -> None:
    element(node, "id", identifier(name))
    element(node, "datasource", source)
    element(node, "layername", labels.title(name, publication.language))
    node.append(_reference("srs", authority))
    node.append(lineage.metadata(name, publication, authority))


def _headings(node: ET.Element, frame: GeoDataFrame, publication: Publication) -> None:
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    listed = element(node, "aliases")
    for number, (name, heading) in enumerate(
        labels.aliases(names, publication.language).items(), 1
    ):
        element(listed, "alias", field=name, index=number, name=heading)


def _renderer(qml: str) -> ET.Element:
    styled = ET.fromstring(qml.partition("\n")[2])  # noqa: S314 - made by this package
    renderer = styled.find("renderer-v2")
    if renderer is None:
        raise ValueError("a style without renderer")
    return renderer


def _labels(attribute: str) -> ET.Element:
    labeling = element(None, "labeling", type="simple")
    settings = element(labeling, "settings", calloutType="simple")
    style = element(
        settings,
        "text-style",
        fieldName=attribute,
        isExpression=0,
        fontSize=9,
        fontSizeUnit="Point",
        textColor="34,48,58,255",
    )
    element(
        style,
        "text-buffer",
        bufferDraw=1,
        bufferSize=0.8,
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )
    element(settings, "placement", placement=1, layerType="PolygonGeometry")
    return labeling


def _reference(tag: str, authority: str) -> ET.Element:
    """Return a CRS by its code, and in full for a QGIS that does not know the code."""
    known = CRS.from_user_input(authority)
    root = element(None, tag)
    system = element(root, "spatialrefsys", nativeFormat="Wkt")
    element(system, "wkt", known.to_wkt("WKT2_2019"))
    element(system, "authid", authority)
    element(system, "description", known.name)
    element(system, "geographicflag", str(known.is_geographic).lower())
    return root


def _canvas(root: ET.Element, layers: Mapping[str, GeoDataFrame], planning: str) -> None:
    """Open the project on the whole province, in metres of the planning CRS."""
    edges = [
        frame.to_crs(planning).total_bounds
        for frame in layers.values()
        if not frame.empty and not frame.is_empty.all()
    ]
    canvas = element(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    element(canvas, "units", "meters")
    if edges:
        lows, highs = np.min(edges, axis=0)[:2], np.max(edges, axis=0)[2:]
        values = [f"{value:.1f}" for value in (*lows, *highs)]
        sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), values, strict=True))
        extent = element(canvas, "extent")
        for side, value in sides.items():
            element(extent, side, value)
        view = element(element(root, "ProjectViewSettings"), "DefaultViewExtent", **sides)
        view.extend(_reference("view", planning))
    canvas.append(_reference("destinationsrs", planning))


def _properties(root: ET.Element) -> None:
    listed = element(root, "properties")
    element(element(listed, "Paths"), "Absolute", "false", type="bool")
    element(element(listed, "SpatialRefSys"), "ProjectionsEnabled", 1, type="int")
