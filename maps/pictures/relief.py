"""The map's own ground: shaded relief with a slight tint by height, and water."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from scipy.ndimage import distance_transform_edt, gaussian_filter
from shapely.geometry.base import BaseGeometry

from phusong import content_cache
from phusong.geodata.grid import Grid
from phusong.geodata.province import LandCover
from phusong.geodata.runs.folder import RunFolder
from phusong.maps.pictures import overlay, rasters
from phusong.maps.pictures.palette import PAPER, WATER, rgb

GROUND_PIXEL_M = 36.0
MARGIN_M = 5000.0
WEBP_QUALITY = 88

# Heights in metres and the tint at each: paler than any theme drawn on top.
TINT_M = (0.0, 40.0, 150.0, 400.0, 800.0, 1600.0)
TINT = ("#f3f2e6", "#eef0e1", "#e6ead6", "#e3e0c8", "#e0d3b8", "#efe9dd")
# The main light from the north-west, and weaker ones that open the shadows (azimuth, weight).
LIGHTS = ((315.0, 0.6), (270.0, 0.2), (0.0, 0.2))
SUN_HEIGHT_DEG = 45.0
EXAGGERATION = 3.0
STEEP = 1.0  # exaggerated slope at which the holding back sets in
SHADOW = "#5f6b70"
SUNLIT = "#fffdf4"
SHADOW_STRENGTH = 0.78
SUNLIT_STRENGTH = 1.6
OUTSIDE_STRENGTH = 0.45

# Terrain interpolated from spot heights is made of triangles: softened so that none show.
SMOOTH_M = {"given": 36.0, "approximate": 330.0, "synthetic": 330.0}

LANDCOVER = "landcover"
FloatArray = NDArray[np.float32]


def hillshade(height_m: FloatArray, pixel_m: float) -> FloatArray:
    """Return how brightly the ground is lit: 1 where flat, less in shadow, more in the sun.

    Lambert's cosine law for several lights, divided by the light on flat ground. Slopes are
    exaggerated where they are gentle and held back where they are steep, so that the hills of
    the plain and the folds of the ridge show on one map.
    """
    slope_y, slope_x = np.gradient(height_m * EXAGGERATION, pixel_m)
    held_back = np.sqrt(1.0 + (slope_x**2 + slope_y**2) / STEEP**2)
    slope_x, slope_y = slope_x / held_back, slope_y / held_back
    norm = np.sqrt(1.0 + slope_x**2 + slope_y**2)
    zenith = np.radians(90.0 - SUN_HEIGHT_DEG)
    lit = np.zeros_like(height_m)
    for azimuth_deg, weight in LIGHTS:
        azimuth = np.radians(azimuth_deg)
        toward = -slope_x * np.sin(azimuth) + slope_y * np.cos(azimuth)
        cosine = (np.cos(zenith) + np.sin(zenith) * toward) / norm
        lit += weight * np.clip(cosine, 0.0, None) / np.cos(zenith)
    return np.asarray(lit, dtype=np.float32)


def tint(height_m: FloatArray) -> FloatArray:
    """Return the colour of each height, shape (rows, columns, 3), 0 to 255."""
    stops = np.array([rgb(colour) for colour in TINT], dtype=float)
    bands = [np.interp(height_m, TINT_M, stops[:, band]) for band in range(3)]
    return np.stack(bands, axis=-1).astype(np.float32)


def paint(
    height_m: FloatArray,
    water: NDArray[np.bool_],
    province: NDArray[np.bool_],
    pixel_m: float,
    smooth_m: float = SMOOTH_M["given"],
) -> NDArray[np.uint8]:
    """Return the ground as RGB: relief, water, and paper that takes over beyond the province."""
    light = hillshade(gaussian_filter(height_m, smooth_m / pixel_m), pixel_m)
    ground = _mixed(tint(height_m), SHADOW, SHADOW_STRENGTH * np.clip(1.0 - light, 0.0, 1.0))
    ground = _mixed(ground, SUNLIT, np.clip(SUNLIT_STRENGTH * (light - 1.0), 0.0, 1.0))
    wet = gaussian_filter(water.astype(np.float32), 0.6)
    ground = _mixed(ground, WATER, wet)
    return _mixed(ground, PAPER, 1.0 - _strength(province, pixel_m)).round().astype(np.uint8)


def _mixed(picture: FloatArray, colour: str, share: FloatArray) -> FloatArray:
    """Return a picture with a share (0 to 1) of one colour mixed into each pixel."""
    part = share[..., np.newaxis]
    return np.asarray(picture * (1.0 - part) + np.array(rgb(colour)) * part, dtype=np.float32)


def _strength(province: NDArray[np.bool_], pixel_m: float) -> FloatArray:
    """Return 1 in the province, and beyond it less and less down to 0 at the picture's edge."""
    away_m = distance_transform_edt(~province) * pixel_m
    outside = OUTSIDE_STRENGTH * np.clip(1.0 - away_m / MARGIN_M, 0.0, 1.0) ** 1.5
    return np.where(province, 1.0, outside).astype(np.float32)


def picture(run: RunFolder, province_deg: BaseGeometry) -> tuple[bytes, Grid]:
    """Return the ground of a run as a WebP picture and the web-mercator grid it lies on."""
    grid = overlay.mercator_grid(province_deg.bounds, MARGIN_M, GROUND_PIXEL_M)

    def drawn() -> bytes:
        image = Image.fromarray(painted(run, grid, overlay.inside(province_deg, grid)), mode="RGB")
        written = io.BytesIO()
        image.save(written, "WEBP", quality=WEBP_QUALITY, method=6)
        return written.getvalue()

    inputs = (
        "ground",
        grid,
        province_deg.wkb,
        _smooth_m(run),
        *rasters.contents(run, "terrain", LANDCOVER),
    )
    return content_cache.cached(inputs, __name__, drawn), grid


def _smooth_m(run: RunFolder) -> float:
    status = run.record.get("layers", {}).get("terrain", {}).get("status", "given")
    return SMOOTH_M.get(status, SMOOTH_M["given"])


def painted(run: RunFolder, grid: Grid, inside: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return the ground of a run on a web-mercator grid of about GROUND_PIXEL_M, as RGB."""
    return paint(_height(run, grid), water(run, grid), inside, GROUND_PIXEL_M, _smooth_m(run))


def water_picture(run: RunFolder, grid: Grid) -> str:
    """Return the water as a picture to lie on top of themes; '' where the run has none."""

    def drawn() -> bytes:
        wet = water(run, grid).astype(np.uint8)
        return overlay.picture(wet, [WATER]) if wet.any() else b""

    inputs = ("water", grid, *rasters.contents(run, LANDCOVER))
    content = content_cache.cached(inputs, __name__, drawn)
    return overlay.data_url(content, "png") if content else ""


def _height(run: RunFolder, grid: Grid) -> FloatArray:
    terrain = rasters.first(run, "terrain")
    if terrain is None:
        return np.zeros(grid.shape, dtype=np.float32)
    height_m = overlay.warped(terrain, grid, Resampling.bilinear)
    missing = np.isnan(height_m)
    if missing.all():
        return np.zeros(grid.shape, dtype=np.float32)
    nearest = distance_transform_edt(missing, return_distances=False, return_indices=True)
    return np.asarray(height_m[tuple(nearest)], dtype=np.float32)


def water(run: RunFolder, grid: Grid) -> NDArray[np.bool_]:
    """Return where the run has water."""
    cover = rasters.first(run, LANDCOVER)
    if cover is None:
        return np.zeros(grid.shape, dtype=bool)
    return np.asarray(overlay.warped(cover, grid) == LandCover.WATER)
