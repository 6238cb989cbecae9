"""The vector layers of a feed, and coverage by year, as vector tiles in one file each (PMTiles).

Two of them lie as a tree of files too, for servers and programs that read no PMTiles.

References
----------
PMTiles specification, version 3; Mapbox Vector Tile specification, version 2.1. GDAL cuts them.
"""

import gzip
import io
import struct
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

FOLDER, TREE = "tiles", "xyz"
COVERED_YEAR = "covered_year"
TREES = ("communes", COVERED_YEAR)
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
        packed = tiled(name, frame)
        with whole.replace_whole(target / f"{name}.pmtiles") as temporary:
            temporary.write_bytes(packed)
        if name in TREES:
            _write_tree(folder / TREE / name, packed)
        names.append(name)
    return names


def _write_tree(folder: Path, packed: bytes) -> None:
    """Write the tiles of a file as ``ZOOM/COLUMN/ROW.pbf``, and ``metadata.json`` beside them."""
    for (zoom, x, y), tile in unpacked(packed):
        path = folder / str(zoom) / str(x) / f"{y}.pbf"
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole.replace_whole(path) as temporary:
            temporary.write_bytes(tile)
    start, length = struct.unpack_from("<QQ", packed, 24)
    whole.write_text(
        folder / "metadata.json", gzip.decompress(packed[start : start + length]).decode()
    )


def unpacked(packed: bytes) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """Yield the zoom, column and row of every tile of a PMTiles file, with its plain bytes.

    Parameters
    ----------
    packed
        The file; directories and tiles are gzipped, as GDAL writes them.
    """
    root, length, leaves, data = (struct.unpack_from("<Q", packed, at)[0] for at in (8, 16, 40, 56))
    waiting = [packed[root : root + length]]
    while waiting:
        for number, run, offset, size in _entries(gzip.decompress(waiting.pop())):
            if run == 0:  # a leaf directory
                waiting.append(packed[leaves + offset : leaves + offset + size])
            for step in range(run):
                tile = packed[data + offset : data + offset + size]
                yield _zoom_column_row(number + step), gzip.decompress(tile)


def _entries(directory: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the entries of a directory: number of the tile, run, offset and length."""
    numbers = _varints(directory)
    count = next(numbers)
    columns = [[next(numbers) for _ in range(count)] for _ in range(4)]
    number, end = 0, 0
    for step, run, size, offset in zip(*columns, strict=True):
        number += step
        start = offset - 1 if offset else end
        end = start + size
        yield number, run, start, size


def _varints(content: bytes) -> Iterator[int]:
    value, shift = 0, 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value, shift = 0, 0


def _zoom_column_row(number: int) -> tuple[int, int, int]:
    """Return where a tile lies by its number along the Hilbert curves of all zooms.

    >>> [_zoom_column_row(number) for number in (0, 1, 2, 3, 4, 19_078_479)]
    [(0, 0, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0), (12, 3423, 1763)]
    """
    zoom = 0
    while number >= 4**zoom:
        number -= 4**zoom
        zoom += 1
    x, y = 0, 0
    for level in range(zoom):
        side = 1 << level
        right = (number >> 1) & 1
        down = (number & 1) ^ right
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y, number = x + side * right, y + side * down, number >> 2
    return zoom, x, y


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
