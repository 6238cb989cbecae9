"""Warp rasters of a run to web mercator and write them as pictures for the map.

Web maps place a picture by the latitude and longitude of two corners and stretch it linearly in
EPSG:3857. A raster must therefore be warped to that projection first, or it is off by up to
hundreds of metres.
"""

import base64
import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.warp import reproject
from shapely.geometry.base import BaseGeometry

from phusong import content_cache
from phusong.geodata.crs import GEOGRAPHIC, transform
from phusong.geodata.grid import PIXEL_M, Grid, Raster, covering
from phusong.maps.pictures.palette import NO_CLASS, rgb

MERCATOR = "EPSG:3857"
LARGEST_SIDE_PIXELS = 2400
OUTSIDE = -1

Corners = list[list[float]]


def mercator_grid(
    bounds_deg: tuple[float, float, float, float],
    margin_m: float = 0.0,
    ground_pixel_m: float = PIXEL_M,
) -> Grid:
    """Return the web-mercator grid over bounds (west, south, east, north) plus a margin.

    Mercator stretches by 1 / cos(latitude), so a pixel of ``ground_pixel_m`` on the ground is
    larger on the grid; pixels grow further when a side would pass LARGEST_SIDE_PIXELS.
    """
    west, south, east, north = bounds_deg
    x_m, y_m = transform([west, east], [south, north], GEOGRAPHIC, MERCATOR)
    stretch = 1.0 / math.cos(math.radians((south + north) / 2.0))
    side_m = max(float(np.ptp(x_m)), float(np.ptp(y_m))) + 2.0 * margin_m * stretch
    pixel_m = max(ground_pixel_m * stretch, side_m / LARGEST_SIDE_PIXELS)
    frame = covering((x_m[0], y_m[0], x_m[1], y_m[1]), margin_m * stretch, pixel_m)
    return Grid(frame.x_min_m, frame.y_max_m, frame.width, frame.height, pixel_m, MERCATOR)


def corners(grid: Grid) -> Corners:
    """Return [[south, west], [north, east]] in degrees, as Leaflet places a picture."""
    x_min, y_min, x_max, y_max = grid.bounds
    lon, lat = transform([x_min, x_max], [y_min, y_max], MERCATOR, GEOGRAPHIC)
    return [[float(lat[0]), float(lon[0])], [float(lat[1]), float(lon[1])]]


def warped(
    raster: Raster, grid: Grid, resampling: Resampling = Resampling.nearest
) -> NDArray[np.float32]:
    """Return a raster on a web-mercator grid, NaN where it has no value."""
    place = (raster.grid.transform, raster.grid.crs, grid)
    if resampling == Resampling.nearest:
        values = _at(raster.values, _nearest(raster.values.shape, *place))
        return _without(values, raster.nodata)
    return reprojected(_without(raster.values, raster.nodata), *place, resampling)


def _at(band: NDArray[Any], nearest: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return the values of pixels (flat), NaN where there is none."""
    return np.where(nearest >= 0, band.ravel()[nearest], np.float32(np.nan)).astype(np.float32)


def _without(values: NDArray[Any], nodata: float) -> NDArray[np.float32]:
    """Return values with NaN where they are nodata."""
    return np.where(values == nodata, np.float32(np.nan), values).astype(np.float32)


def reprojected(
    band: NDArray[np.float32],
    transform: Affine,
    crs: str,
    grid: Grid,
    resampling: Resampling = Resampling.nearest,
) -> NDArray[np.float32]:
    """Return values, NaN where there are none, on a web-mercator grid."""
    if resampling == Resampling.nearest:
        return _at(band, _nearest(band.shape, transform, crs, grid))
    values = np.full(grid.shape, np.nan, dtype=np.float32)
    _reproject(band, values, np.nan, transform, crs, grid, resampling)
    return values


@lru_cache(maxsize=3)  # of the map, of its ground and of the report
def _nearest(shape: tuple[int, int], transform: Affine, crs: str, grid: Grid) -> NDArray[np.int32]:
    """Return the nearest pixel of a raster (flat) for every pixel of a grid; -1 where none is."""
    nearest = np.full(grid.shape, OUTSIDE, np.int32)
    every = np.arange(shape[0] * shape[1], dtype=np.int32).reshape(shape)
    _reproject(every, nearest, OUTSIDE, transform, crs, grid, Resampling.nearest)
    return nearest


def _reproject(
    band: NDArray[Any],
    values: NDArray[Any],
    nodata: float,
    transform: Affine,
    crs: str,
    grid: Grid,
    resampling: Resampling,
) -> None:
    reproject(
        band,
        values,
        src_transform=transform,
        src_crs=crs,
        src_nodata=nodata,
        dst_transform=grid.transform,
        dst_crs=grid.crs,
        dst_nodata=nodata,
        resampling=resampling,
    )


def inside(area_deg: BaseGeometry, grid: Grid) -> NDArray[np.bool_]:
    """Return where a pixel's centre lies inside an area given in degrees."""
    area = gpd.GeoSeries([area_deg], crs=GEOGRAPHIC).to_crs(grid.crs)
    mask = geometry_mask(area, grid.shape, grid.transform, invert=True)
    return np.asarray(mask, dtype=bool)


def picture(index: NDArray[np.uint8], of_classes: Sequence[str]) -> bytes:
    """Return a PNG with a palette: pixel value = class, 0 and classes without colour clear."""
    inputs = ("classes", index, tuple(of_classes))
    return content_cache.cached(inputs, __name__, lambda: _classes_picture(index, of_classes))


def _classes_picture(index: NDArray[np.uint8], of_classes: Sequence[str]) -> bytes:
    image = Image.fromarray(index, mode="P")
    colours = [(0, 0, 0), *(rgb(colour or "#000000") for colour in of_classes)]
    image.putpalette([channel for colour in colours for channel in colour])
    clear = [NO_CLASS, *(i for i, colour in enumerate(of_classes, start=1) if not colour)]
    alpha = bytes(0 if i in clear else 255 for i in range(len(colours)))
    written = io.BytesIO()
    image.save(written, "PNG", transparency=alpha, compress_level=7)
    return written.getvalue()


def colour_picture(colours: NDArray[np.uint8], clear: tuple[int, int, int]) -> bytes:
    """Return a PNG of RGB colours in which one colour is clear."""

    def drawn() -> bytes:
        image, written = Image.fromarray(colours, mode="RGB"), io.BytesIO()
        image.save(written, "PNG", transparency=clear, compress_level=9)
        return written.getvalue()

    return content_cache.cached(("colours", colours, clear), __name__, drawn)


def data_url(content: bytes, kind: str) -> str:
    """Return a picture as a data URL of MIME type image/``kind``."""
    return inline(content, f"image/{kind}")


def inline(content: bytes, mime_type: str) -> str:
    """Return bytes as an address that holds them (RFC 2397)."""
    return f"data:{mime_type};base64,{base64.b64encode(content).decode('ascii')}"
