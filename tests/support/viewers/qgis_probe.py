"""Open a project in QGIS without a screen: say what loaded, render it. Run by QGIS's Python."""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def opened(layer):
    aliases = [field.alias() for field in layer.fields()] if hasattr(layer, "fields") else []
    return {
        "valid": layer.isValid(),
        "crs": layer.crs().authid(),
        "title": layer.name(),
        "renderer": layer.renderer().type(),
        "history": layer.metadata().history(),
        "aliases": [alias for alias in aliases if alias],
    }


def has_labels(layer):
    return bool(hasattr(layer, "labelsEnabled") and layer.labelsEnabled())


def render(project, layers, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(project.viewSettings().defaultViewExtent())
    settings.setOutputSize(QSize(300, 200))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(path)
    seen = {image.pixel(x, y) for x in range(0, 300, 5) for y in range(0, 200, 5)}
    return {"colours": len(seen), "errors": [error.message for error in job.errors()]}


application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
read = project.read(sys.argv[1])
tree = project.layerTreeRoot()
found = {node.layerId(): node.layer() for node in tree.findLayers()}
visible = [node.layer() for node in tree.findLayers() if node.isVisible()]
layouts = project.layoutManager().layouts()
printed = QgsLayoutExporter(layouts[0]) if layouts else None
settings = QgsLayoutExporter.ImageExportSettings()
settings.dpi = 60
if printed:
    printed.exportToImage(sys.argv[2].replace(".png", "_layout.png"), settings)
ranking = project.mapLayer("phusong_layer_ranking")
told = {
    "read": read,
    "title": project.title(),
    "crs": project.crs().authid(),
    "groups": [group.name() for group in tree.children()],
    "layers": {name: opened(layer) if layer else None for name, layer in found.items()},
    "themes": {
        name: [layer.id() for layer in project.mapThemeCollection().mapThemeVisibleLayers(name)]
        for name in project.mapThemeCollection().mapThemes()
    },
    "visible": [layer.id() for layer in visible if layer],
    "labelled": [node.layerId() for node in tree.findLayers() if has_labels(node.layer())],
    "years": [
        project.timeSettings().temporalRange().begin().date().year(),
        project.timeSettings().temporalRange().end().date().year(),
    ],
    "timed": bool(ranking and ranking.temporalProperties().isActive()),
    "words": ranking.editorWidgetSetup(ranking.fields().indexOf("kind")).config()
    if ranking
    else {},
    "shown": ranking.displayExpression() if ranking else "",
    "layout": [item.displayName() for item in layouts[0].items() if hasattr(item, "uuid")]
    if layouts
    else [],
    "picture": render(project, visible, sys.argv[2]),
}
print(json.dumps(told))  # noqa: T201 - the answer
project.clear()
application.exitQgis()
