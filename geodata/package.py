"""Everything of a run folder that other programs open: package, styles, project, KML, workbook."""

from collections.abc import Mapping
from pathlib import Path

from geopandas import GeoDataFrame

from phusong.geodata import export, kml, qgis_project, raster_styles, styles, workbook
from phusong.geodata.lineage import About

PACKAGE = "plan.gpkg"
PROJECT = "plan.qgs"
RANKED = "ranking"
SHEETS = ("ranking", "districts", "communes", "zones")


def write(folder: Path, layers: Mapping[str, GeoDataFrame], said: About) -> None:
    """Write the layers for GIS programs beside the rasters that the folder holds.

    ``plan.gpkg`` with headings, styles and metadata; a style beside every raster; ``plan.qgs``
    that opens all of them; ``ranking.kml`` and ``ranking.xlsx`` where there is a ranking.

    Parameters
    ----------
    folder : folder of the run, its rasters written.
    layers : frames by name, in the planning CRS.
    said : titles, language, lineage.
    """
    rasters = sorted(folder.glob("*.tif"))
    qml = styles.plan_styles(layers)
    export.write_gpkg(folder / PACKAGE, layers, qml, said)
    for path in rasters:
        document = raster_styles.document(raster_styles.read(path), said.language)
        export.write_text(path.with_suffix(".qml"), document)
    qgis_project.write(folder / PROJECT, layers, qml, rasters, said, package=PACKAGE)
    if RANKED in layers:
        kml.write(folder / f"{RANKED}.kml", RANKED, layers[RANKED], said)
        tables = {name: layers[name] for name in SHEETS if name in layers}
        flat = {n: t if n == RANKED else t.drop(columns=t.geometry.name) for n, t in tables.items()}
        workbook.write(folder / f"{RANKED}.xlsx", flat, said)
