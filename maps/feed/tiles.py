"""The vector layers of a feed, and coverage by year, as vector tiles in one file each (PMTiles).

References
----------
PMTiles specification, version 3; Mapbox Vector Tile specification, version 2.1. GDAL cuts them.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
from geopandas import GeoDataFrame
from rasterio.features import shapes
from shapely.geometry import shape

from phusong import columns as col
from phusong.geodata.files import whole
from phusong.maps.feed import raster_files
from phusong.maps.feed.content import Content

FOLDER = "tiles"
COVERED_YEAR = "covered_year"
ZOOMS = (7, 12)
WEB_MERCATOR = "EPSG:3857"
NEVER = 0  # of covered_year.tif
# Sentences fill tiles; they stand in the layers themselves.
SENTENCES = (col.REASON, col.EXPLANATION, col.WHY)


def write(folder: Path, content: Content) -> list[str]:
    """Write ``tiles/NAME.pmtiles`` for every layer, and for coverage where there is any.

    Parameters
    ----------
    folder
        Of the run, its rasters written.
    content
        Its layers.

    Returns
    -------
    list of str
        The names of what was written.
    """
    target = folder / FOLDER
    target.mkdir()
    names = []
    for name, frame in _frames(folder, content):
        with whole.replace_whole(target / f"{name}.pmtiles") as temporary:
            temporary.write_bytes(tiled(name, frame))
        names.append(name)
    return names


def _frames(folder: Path, content: Content) -> Iterator[tuple[str, GeoDataFrame]]:
    yield from content.layers.items()
    raster = folder / raster_files.FOLDER / f"{COVERED_YEAR}.tif"
    if raster.is_file() and len(frame := coverage(raster)):
        yield COVERED_YEAR, frame


def tiled(name: str, frame: GeoDataFrame) -> bytes:
    """Return a layer as a file of tiles; the same layer gives the same bytes."""
    table = frame.drop(columns=[column for column in SENTENCES if column in frame])
    options: dict[str, Any] = {
        "NAME": name,
        "MINZOOM": str(ZOOMS[0]),
        "MAXZOOM": str(ZOOMS[1]),
    }
    memory = io.BytesIO()  # GDAL does not say of every byte that a full disk does not take
    pyogrio.write_dataframe(
        table.to_crs(WEB_MERCATOR), memory, driver="PMTiles", layer=name, dataset_options=options
    )
    return memory.getvalue()


def coverage(path: Path) -> GeoDataFrame:
    """Return the areas of ``covered_year.tif`` with the year in which each is first covered."""
    with rasterio.open(path) as source:
        years, affine, crs = source.read(1), source.transform, source.crs
        covered = (years != NEVER) & (years != source.nodata)
    outlines = list(shapes(years.astype(np.int32), covered, connectivity=4, transform=affine))
    frame = gpd.GeoDataFrame(
        {col.YEAR: [int(year) for _, year in outlines]},
        geometry=[shape(outline) for outline, _ in outlines],
        crs=crs,
    )
    return frame.sort_values(col.YEAR, kind="stable", ignore_index=True)
