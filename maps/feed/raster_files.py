"""The rasters of a feed as files: cloud-optimised GeoTIFF with overviews, and their styles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.io import MemoryFile
from rasterio.warp import transform_bounds

from phusong.geodata.files import raster, whole
from phusong.geodata.writers import raster_styles
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed.content import Content

FOLDER = "rasters"
BLOCK_PIXELS = 256


@dataclass(frozen=True)
class RasterFacts:
    """What a catalogue says of a raster: places in degrees and in its own CRS, values."""

    bounds: tuple[float, float, float, float]
    crs: str
    crs_bounds: tuple[float, float, float, float]
    shape: tuple[int, int]
    transform: tuple[float, ...]
    data_type: str
    nodata: float | None
    unit: str
    description: str
    minimum: float | None
    maximum: float | None


def write(folder: Path, content: Content) -> None:
    """Write every raster into ``rasters``, with a QGIS style beside it."""
    target = folder / FOLDER
    target.mkdir()
    for name, source in content.rasters.items():
        copied = target / f"{name}.tif"
        if isinstance(source, Path):
            _copy(source, copied)
        else:
            raster.write_cog(copied, source, description=source.description, unit=source.unit)
        style = raster_styles.document(raster_styles.read(copied), content.language)
        whole.write_text(copied.with_suffix(".qml"), style)


def _copy(path: Path, target: Path) -> None:
    """Copy a cloud-optimised GeoTIFF as it is; make one of any other."""
    with rasterio.open(path) as source:
        is_optimised = source.tags(ns="IMAGE_STRUCTURE").get("LAYOUT") == "COG"
    if is_optimised:
        feed_folder.copy(path, target)
        return
    options = {"driver": "COG", "COMPRESS": "DEFLATE", "PREDICTOR": "YES"}
    # In memory first: GDAL does not say of every byte that a full disk does not take.
    with MemoryFile() as memory, whole.replace_whole(target) as temporary:
        rasterio.shutil.copy(path, memory.name, BLOCKSIZE=BLOCK_PIXELS, **options)
        temporary.write_bytes(memory.getbuffer())


def facts(path: Path) -> RasterFacts:
    """Read what a catalogue says of a raster."""
    with rasterio.open(path) as source:
        values = source.read(1, masked=True).compressed()
        values = values[np.isfinite(values)] if values.dtype.kind == "f" else values
        degrees = transform_bounds(source.crs, "EPSG:4326", *source.bounds, densify_pts=21)
        return RasterFacts(
            bounds=_rounded(degrees, 6),
            crs=source.crs.to_string(),
            crs_bounds=_rounded(source.bounds, 3),
            shape=source.shape,
            transform=tuple(source.transform)[:6],
            data_type=source.dtypes[0],
            nodata=source.nodata,
            unit=source.units[0] or "",
            description=source.descriptions[0] or "",
            minimum=float(values.min()) if values.size else None,
            maximum=float(values.max()) if values.size else None,
        )


def _rounded(
    edges: tuple[float, float, float, float], digits: int
) -> tuple[float, float, float, float]:
    west, south, east, north = (round(float(edge), digits) for edge in edges)
    return west, south, east, north
