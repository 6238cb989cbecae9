"""Open a project in QGIS without a screen: say what loaded, render it. Run by QGIS's Python."""

import json
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from qgis.core import QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsProject
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
told = {
    "read": read,
    "title": project.title(),
    "crs": project.crs().authid(),
    "groups": [group.name() for group in tree.children()],
    "layers": {name: opened(layer) if layer else None for name, layer in found.items()},
    "picture": render(project, visible, sys.argv[2]),
}
print(json.dumps(told))  # noqa: T201 - the answer
project.clear()
application.exitQgis()
