"""The ground that benchmarks run over: made hills for speed, the province for accuracy."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from phusong.coverage import profile
from phusong.coverage.area.cells import Masts, Surface
from phusong.coverage.area.reception import Mast
from phusong.geodata import crs
from phusong.geodata.grid import PIXEL_M, Grid, Raster, covering
from phusong.geodata.ground import landcover, mosaic
from phusong.geodata.ground import terrain as relief
from phusong.geodata.province import clutter_heights_m
from phusong.geodata.provinces import embedded, zones
from phusong.geodata.units import admin

SIZE = 1700  # pixels, about the province's
FREQUENCY_MHZ = 2550.0
SEED = 1
SRTM = Path(__file__).resolve().parents[2] / "shared" / "data" / "dem_srtm3_vinhphuc.tif"


class Site(NamedTuple):
    """A mast of the province: WGS 84 position and antenna height above ground."""

    name: str
    lon: float
    lat: float
    antenna_height_m: float


# Kinds of places that differ in what stands between a mast and its receivers.
SITES = (
    Site("town rooftop, Vĩnh Yên", 105.5970, 21.3090, 24.0),
    Site("plain, Vĩnh Tường", 105.5000, 21.2200, 45.0),
    Site("foothill, Tam Quan", 105.6000, 21.4300, 36.0),
    Site("ridge, Tam Đảo", 105.6459, 21.4642, 30.0),
    Site("hidden valley, Tam Đảo", 105.5921, 21.4709, 30.0),
)


class Ground(NamedTuple):
    """Terrain and clutter of the province as the engine takes them, and where they come from."""

    surface: Surface
    grid: Grid
    source: str

    def bare(self) -> "Ground":
        """Return the same terrain without clutter."""
        kept = self.surface
        naked = Surface(kept.terrain_m, kept.environment, kept.receivers, kept.pixel_m)
        return Ground(naked, self.grid, self.source)

    def mast(self, site: Site, frequency_mhz: float) -> Mast:
        """Return a site as the engine takes it."""
        x_m, y_m = crs.transform([site.lon], [site.lat], crs.GEOGRAPHIC, self.grid.crs)
        column, row = self.grid.fractional(x_m, y_m)
        return Mast(float(column[0]), float(row[0]), site.antenna_height_m, frequency_mhz)


def province() -> Ground:
    """Return SRTM where the file is beside the project, else the embedded terrain."""
    communes = admin.reference_communes()
    grid = covering(tuple(communes.total_bounds), embedded.MARGIN_M, crs=crs.PLANNING)
    if SRTM.is_file():
        heights, source = mosaic.terrain_on_grid([SRTM], grid).terrain, "SRTM, 3 arc seconds"
    else:
        heights, source = relief.reference_terrain(grid), "embedded spot heights (no SRTM found)"
    index = admin.index_raster(communes, grid)
    cover = landcover.generate(communes, zones.reference_zones(communes), heights, index, SEED)
    return Ground(surface(heights, cover), grid, source)


def surface(heights: Raster, cover: Raster) -> Surface:
    """Return terrain and land cover as the engine takes them, with receivers everywhere."""
    shape = heights.grid.shape
    return Surface(
        np.ascontiguousarray(heights.values, np.float32),
        np.zeros(shape, np.uint8),
        np.ones(shape, bool),
        heights.grid.pixel_m,
        clutter_heights_m(cover.values),
    )


def path(ground: Surface, mast: Mast, row: int, column: int, step: float = 1.0) -> profile.Profile:
    """Return the profile of one receiver: even steps of at most ``step`` pixels, straight to it.

    Terrain is bilinear, clutter that of the pixel a point lies in, as in ``phusong link``.
    """
    pixels = float(np.hypot(row - mast.row, column - mast.column))
    points = max(int(np.ceil(pixels / step - 1e-9)) + 1, profile.FEWEST_POINTS)
    share = np.linspace(0.0, 1.0, points)
    rows = mast.row + share * (row - mast.row)
    columns = mast.column + share * (column - mast.column)
    height_m = map_coordinates(
        ground.terrain_m, [rows, columns], order=1, mode="nearest", output=np.float64
    )
    clutter_m = None
    if ground.clutter_m is not None:
        nearest = (np.floor(at + 0.5).astype(int) for at in (rows, columns))
        clutter_m = ground.clutter_m[tuple(nearest)]
    return profile.from_arrays(1e-3 * ground.pixel_m * pixels * share, height_m, clutter_m)


def fractal(size: int, relief_m: float, seed: int = 1) -> NDArray[np.float32]:
    """Return terrain with the spectrum of hills."""
    noise = np.random.default_rng(seed).standard_normal((size, size))
    square = np.fft.fftfreq(size)[:, None] ** 2 + np.fft.fftfreq(size)[None, :] ** 2
    square[0, 0] = 1.0
    height = np.fft.ifft2(np.fft.fft2(noise) * square**-1.1).real
    return np.asarray(relief_m * (height - height.min()) / np.ptp(height), np.float32)


def made(masts: int) -> tuple[Surface, Masts]:
    """Return made hills with clutter, and masts that lie anywhere on them."""
    random = np.random.default_rng(2)
    shape = (SIZE, SIZE)
    patches = fractal(SIZE, 1.0, seed=3)
    ground = Surface(
        fractal(SIZE, 600.0),
        (patches > 0.6).astype(np.uint8),
        np.ones(shape, bool),
        PIXEL_M,
        np.select([patches > 0.6, patches > 0.5], [15.0, 10.0], 0.0).astype(np.float32),
    )
    column, row = random.uniform(0, SIZE - 1, (2, masts))
    heights = random.integers(18, 49, masts).astype(float)
    return ground, Masts(column, row, heights, np.full(masts, FREQUENCY_MHZ))
