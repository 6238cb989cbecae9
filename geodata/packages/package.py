"""Everything of a run folder that other programs open: package, styles, project, KML, workbook."""

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd
from geopandas import GeoDataFrame

from phusong.geodata.files import whole
from phusong.geodata.packages import qgis_project
from phusong.geodata.writers import kml, raster_styles, styles, vector
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import clean

PACKAGE = "plan.gpkg"
RANKED = "ranking"
SHEETS = ("ranking", "zones_ranking", "districts", "communes", "zones")


def write(
    folder: Path,
    layers: Mapping[str, GeoDataFrame],
    publication: Publication,
    stem: str = "plan",
) -> None:
    """Write the layers for GIS programs beside the rasters that the folder holds.

    ``STEM.gpkg`` with headings, styles and metadata; a style beside every raster; ``STEM.qgs``
    that opens all of them; ``ranking.kml`` and ``ranking.xlsx`` where there is a ranking.

    Parameters
    ----------
    folder : folder of the run, its rasters written.
    layers : frames by name, in the planning CRS.
    publication : titles, language, lineage.
    stem : of the names of package and project.
    """
    layers = {name: _readable(frame) for name, frame in layers.items()}
    rasters = sorted(folder.glob("*.tif"))
    qml = styles.plan_styles(layers, publication.language)
    vector.write_gpkg(folder / f"{stem}.gpkg", layers, qml, publication)
    for path in rasters:
        document = raster_styles.document(raster_styles.read(path), publication.language)
        whole.write_text(path.with_suffix(".qml"), document)
    project = qgis_project.document(layers, qml, rasters, publication, package=f"{stem}.gpkg")
    whole.write_text(folder / f"{stem}.qgs", project)
    if RANKED in layers:
        from phusong.geodata.writers import xlsx  # noqa: PLC0415 - slow to import

        whole.write_text(
            folder / f"{RANKED}.kml", kml.document(RANKED, layers[RANKED], publication)
        )
        tables = {name: layers[name] for name in SHEETS if name in layers}
        flat = {n: t if n == RANKED else t.drop(columns=t.geometry.name) for n, t in tables.items()}
        xlsx.write(folder / f"{RANKED}.xlsx", flat, publication)


def names(layers: Collection[str], rasters: Collection[str], stem: str = "plan") -> list[str]:
    """Return the names of the files that ``write`` adds, by the names of layers and rasters."""
    ranked = [f"{RANKED}.kml", f"{RANKED}.xlsx"] if RANKED in layers else []
    return [f"{stem}.gpkg", f"{stem}.qgs", *ranked, *(f"{name}.qml" for name in rasters)]


def _readable(frame: GeoDataFrame) -> GeoDataFrame:
    """Return a layer whose texts every format can hold, so that styles find their values."""
    cleaned = frame.copy()
    for name in frame.columns.drop(frame.geometry.name):
        if not pd.api.types.is_numeric_dtype(frame[name]):
            texts = [clean(v) if isinstance(v, str) else v for v in frame[name]]
            cleaned[name] = pd.Series(texts, index=frame.index, dtype=frame[name].dtype)
    return cleaned
