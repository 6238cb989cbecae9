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

from phusong import columns, messages
from phusong.geodata import crs
from phusong.geodata.packages import qgis_layout, qgis_view
from phusong.geodata.writers import labels, lineage, raster_styles, styles
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import element

HEADER = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
GEOMETRIES = {"marker": "Point", "line": "Line", "fill": "Polygon"}
BEFORE = "served_before"  # the first band of served.tif as a layer of its own


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
    items += [item for raster in rasters for item in _rasters(raster, publication)]
    items.sort(key=lambda item: labels.place(item.name))
    root = element(None, "qgis", projectname=publication.title, version=styles.QGIS_VERSION)
    element(root, "homePath", path="")
    element(root, "title", publication.title)
    planning = crs.name_of(next(iter(layers.values())))
    root.append(_reference("projectCrs", planning))
    root.append(_tree(items, publication))
    extent = _extent(layers, planning)
    _canvas(root, extent, planning)
    identifiers = {item.name: identifier(item.name) for item in items}
    root.append(qgis_view.themes([*identifiers], identifiers, publication.language))
    if (time := qgis_view.time_settings(layers)) is not None:
        root.append(time)
    if extent:
        theme = messages.words(publication.language, "theme")[qgis_view.first([*identifiers])]
        root.append(qgis_layout.document(extent, theme, publication, [*identifiers]))
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
    listed = [item.name for item in items]
    first = qgis_view.names(qgis_view.first(listed), listed)
    for key in labels.GROUPS:
        members = [item for item in items if _group(item) == key]
        if not members:
            continue
        title = labels.group_title(key, publication.language)
        group = element(root, "layer-tree-group", name=title, checked=_state(True), expanded=1)
        for item in members:
            element(
                group,
                "layer-tree-layer",
                id=identifier(item.name),
                name=item.node.findtext("layername"),
                source=item.source,
                providerKey=item.provider,
                checked=_state(item.name in first),
                expanded=0,
            )
    return root


def _group(item: Item) -> str:
    """Return the group of a layer; rasters without one are predictions of a network."""
    group = labels.group(item.name)
    return "prediction" if (group, item.provider) == ("other", "gdal") else group


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
    named = qgis_view.labelling(name, frame)
    own = (named, qgis_view.temporal(frame), qgis_view.words_for_codes(frame, publication.language))
    node.extend(part for part in own if part is not None)
    node.set("labelsEnabled", str(int(named is not None)))
    qgis_view.scales(node, name)
    shown = next((c for c in (columns.NAME, columns.SITE_ID) if c in frame), "")
    element(node, "previewExpression", f'"{shown}"' if shown else "")
    element(node, "layerOpacity", 1)
    return Item(name, source, "ogr", node)


def _rasters(path: Path, publication: Publication) -> list[Item]:
    """Return the layers of a raster: one, and of the probability of service that of before too."""
    if path.stem != "served":
        return [_raster(path, path.stem, None, publication)]
    bands = {path.stem: None, BEFORE: 1}
    return [_raster(path, name, number, publication) for name, number in bands.items()]


def _raster(path: Path, name: str, number: int | None, publication: Publication) -> Item:
    with rasterio.open(path) as opened:
        authority, description = opened.crs.to_string(), opened.descriptions[0]
    source = f"./{path.name}"
    node = element(None, "maplayer", type="raster")
    _described(node, name, source, authority, publication)
    if description and not labels.kind_of(name):
        for title in node.findall("layername"):
            title.text = f"{description} ({name})"
    element(node, "provider", "gdal")
    node.append(raster_styles.pipe(raster_styles.read(path, number), publication.language))
    return Item(name, source, "gdal", node)


def _described(
    node: ET.Element, name: str, source: str, authority: str, publication: Publication
) -> None:
    element(node, "id", identifier(name))
    element(node, "datasource", source)
    element(node, "layername", _title(name, publication.language))
    node.append(_reference("srs", authority))
    node.append(lineage.metadata(name, publication, authority))


def _title(name: str, language: str) -> str:
    """Return the title of a layer; that of the probability of service tells of when it is."""
    themed = {"served": "after", BEFORE: "before"}.get(name)
    return messages.words(language, "theme")[themed] if themed else labels.title(name, language)


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


def _extent(layers: Mapping[str, GeoDataFrame], planning: str) -> dict[str, float]:
    """Return the sides of the province in metres of the planning CRS; nothing without layers."""
    edges = [
        frame.to_crs(planning).total_bounds
        for frame in layers.values()
        if not frame.empty and not frame.is_empty.all()
    ]
    if not edges:
        return {}
    lows, highs = np.min(edges, axis=0)[:2], np.max(edges, axis=0)[2:]
    sides = ("xmin", "ymin", "xmax", "ymax")
    return dict(zip(sides, map(float, (*lows, *highs)), strict=True))


def _canvas(root: ET.Element, extent: Mapping[str, float], planning: str) -> None:
    """Open the project on the whole province."""
    canvas = element(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    element(canvas, "units", "meters")
    if extent:
        sides = {side: f"{value:.1f}" for side, value in extent.items()}
        node = element(canvas, "extent")
        for side, value in sides.items():
            element(node, side, value)
        view = element(element(root, "ProjectViewSettings"), "DefaultViewExtent", **sides)
        view.extend(_reference("view", planning))
    canvas.append(_reference("destinationsrs", planning))


def _properties(root: ET.Element) -> None:
    listed = element(root, "properties")
    element(element(listed, "Paths"), "Absolute", "false", type="bool")
    element(element(listed, "SpatialRefSys"), "ProjectionsEnabled", 1, type="int")
