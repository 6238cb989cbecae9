"""Bring terrain from one or several files to the planning grid, and fill what they lack.

Heights read at the centres of the pixels cut off what lies between them: a ridge of posts 90 m
apart loses a quarter of the height that it has over its neighbours. Paths read the grid between
its centres too, by bilinear interpolation; the heights are chosen so that this surface, not only
its values at the centres, is closest to that of the file in least squares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio import DatasetReader
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import transform_bounds
from scipy.ndimage import binary_dilation, correlate1d, label

from phusong.errors import Defect, InputError
from phusong.geodata import measures
from phusong.geodata.files import raster
from phusong.geodata.grid import Grid, Raster
from phusong.geodata.ground.voids import fill_voids
from phusong.messages import message

LOWEST_TERRAIN_M = -500.0  # the shore of the Dead Sea lies at -430 m; lower is a void
HIGHEST_TERRAIN_M = 9_000.0  # no land is higher
MARKS_OF_VOIDS = 32_767.0  # and more: the largest of 16 bits marks voids too
FEWEST_IN_HOLE, RIM_M = 9, 5.0  # pixels of a flat hole of 0 m, and how high its whole rim lies
PARTS = 3  # of a pixel, along each axis, on which the two surfaces are compared
ROUNDS = 4  # of correction; further ones change the error by less than 1 %
BAND_PIXELS, LEAST_ROWS = 2**19, 64  # of the grid, corrected at once
MARGIN = 2 * ROUNDS  # pixels around a band; a correction reaches one around
RIM_SHARE = 1e-3  # of a height from missing ones
_HAT = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9.0  # how much of a part belongs to a centre
MEASURED, SECOND_SOURCE, INTERPOLATED = 0, 1, 2  # of a pixel of terrain_mask.tif

Heights = NDArray[np.float32]


@dataclass(frozen=True)
class Mosaic:
    """Terrain on the planning grid, finite everywhere, and where every height comes from."""

    terrain: Raster
    origin: NDArray[np.uint8]  # MEASURED, SECOND_SOURCE or INTERPOLATED
    notes: tuple[str, ...] = ()  # what was done to the heights of the files

    @property
    def void(self) -> NDArray[np.bool_]:
        """Return the pixels that no file knew."""
        return np.asarray(self.origin == INTERPOLATED, bool)


def terrain_on_grid(
    paths: Sequence[Path],
    grid: Grid,
    inside: NDArray[np.bool_] | None = None,
    stated_crs: str | None = None,
    unit: str = "",
) -> Mosaic:
    """Bring terrain files in any CRS to the planning grid, and fill what they lack.

    Files are tiles or whole rasters, read in the order given: a later one only fills what the
    earlier ones lack. A void is nodata, NaN, or -500 m and lower. ``fill_voids`` fills them.

    Parameters
    ----------
    paths
        Elevation files, one band each [m].
    grid
        Planning grid.
    inside
        Pixels that the files must cover, voids allowed; all of the grid when left out.
    stated_crs
        Of files that do not say their own, such as an ASCII grid.
    unit
        Of the heights, as the user states it; else that of the band, else metres.

    Returns
    -------
    Mosaic
        Heights on the grid, and where each was filled.
    """
    heights = np.full(grid.shape, np.nan, np.float32)
    reached = np.zeros(grid.shape, bool)
    second = np.zeros(grid.shape, bool)
    defects: list[Defect] = []
    notes: list[str] = []
    for path in paths:
        try:
            before = np.isnan(heights) & reached
            notes += _add_terrain(Path(path), grid, heights, reached, stated_crs, unit)
            second |= before & np.isfinite(heights)
        except InputError as error:
            defects += error.defects
    if not defects:
        defects = _coverage_defects(paths, grid, heights, reached, inside)
    if defects:
        raise InputError(message("refusal.cannot_use_the_terrain"), defects)
    origin = np.where(np.isnan(heights), INTERPOLATED, np.where(second, SECOND_SOURCE, MEASURED))
    return Mosaic(Raster(fill_voids(heights), grid), origin.astype(np.uint8), tuple(notes))


def _add_terrain(
    path: Path,
    grid: Grid,
    heights: NDArray[np.float32],
    reached: NDArray[np.bool_],
    stated_crs: str | None,
    unit: str,
) -> list[str]:
    """Fill in what one file knows; return what was done to its heights."""
    read = raster.read_around(path, grid, labels=False, stated_crs=stated_crs)
    if read is None:
        return []
    values, affine, name = read
    values, notes = in_metres(values, unit or raster.unit_of(path, stated_crs))
    here = closest(values, affine, name, grid)
    seen = raster.warped(np.ones_like(values), affine, name, grid, Resampling.nearest)
    lacking = np.isnan(heights) & np.isfinite(here)
    heights[lacking] = here[lacking]
    reached |= np.isfinite(seen)
    return [f"{path.name}: {note}" for note in notes]


def closest(values: Heights, affine: Affine, name: str, grid: Grid) -> Heights:
    """Return heights on a grid whose bilinear surface is closest to that of a file.

    Parameters
    ----------
    values
        Heights of the file [m], NaN where it has none.
    affine
        Its transform.
    name
        Its CRS, as WKT or code.
    grid
        Planning grid.

    Returns
    -------
    ndarray
        Heights [m], shape of the grid, NaN where the file has none.
    """
    heights = np.full(grid.shape, np.nan, np.float32)
    void = np.isnan(values).astype(np.float32)
    with (
        raster.held(values, affine, name) as source,
        raster.held(void, affine, name) as missing,
    ):
        most = max(BAND_PIXELS // grid.width, LEAST_ROWS)
        for first in range(0, grid.height, most):
            rows = min(most, grid.height - first)
            surface = _surface(source, missing, _around(grid, first, rows))
            heights[first : first + rows] = _corrected(surface)[MARGIN:-MARGIN, MARGIN:-MARGIN]
    return heights


def _surface(source: DatasetReader, missing: DatasetReader, grid: Grid) -> Heights:
    """Return the bilinear surface of a file, NaN where one of the four heights is missing."""
    surface = raster.warped_from(source, grid, Resampling.bilinear)
    rim = raster.warped_from(missing, grid, Resampling.bilinear)
    surface[rim > RIM_SHARE] = np.nan  # there the known side alone would weigh
    return surface


def _around(grid: Grid, first: int, rows: int) -> Grid:
    """Return the parts of the pixels of some rows and of a margin around them."""
    left_m = grid.x_min_m - MARGIN * grid.pixel_m
    top_m = grid.y_max_m - (first - MARGIN) * grid.pixel_m
    width, height = ((count + 2 * MARGIN) * PARTS for count in (grid.width, rows))
    return Grid(left_m, top_m, width, height, grid.pixel_m / PARTS, grid.crs)


def _corrected(surface: Heights) -> Heights:
    """Return the heights of the pixels from the surface on their parts, by gradient steps."""
    heights = surface[PARTS // 2 :: PARTS, PARTS // 2 :: PARTS].copy()
    for _ in range(ROUNDS):
        residual = surface - _bilinear(heights)
        heights += _gathered(np.where(np.isfinite(residual), residual, np.float32(0.0)))
    return heights


def _gathered(parts: Heights) -> Heights:
    """Return for each pixel the mean of the parts around its centre, nearer ones more."""
    for axis in (0, 1):
        parts = correlate1d(parts, _HAT, axis=axis, mode="nearest")
    return parts[PARTS // 2 :: PARTS, PARTS // 2 :: PARTS]


def _bilinear(heights: Heights) -> Heights:
    """Return the bilinear surface through the centres of the pixels, on their parts."""
    for axis in (0, 1):
        heights = np.moveaxis(_along(np.moveaxis(heights, axis, 0)), 0, axis)
    return heights


def _along(heights: Heights) -> Heights:
    count = len(heights) * PARTS
    position = (np.arange(count) - PARTS // 2) / PARTS
    before = np.clip(position.astype(int), 0, max(len(heights) - 2, 0))
    after = np.minimum(before + 1, len(heights) - 1)
    share = (position - before).astype(np.float32)[:, None]
    share[(share < 0) | (share > 1)] = np.nan  # beyond the outermost centres: not compared
    return np.asarray(heights[before] * (1 - share) + heights[after] * share, np.float32)


def in_metres(values: NDArray[np.float32], unit: str = "") -> tuple[NDArray[np.float32], list[str]]:
    """Return heights in metres with voids as NaN, and what was done to them.

    Voids are what no land is so low or high as, such as -32768 or 32767, and flat holes of 0 m
    amid higher land, which some programs write for them.

    Parameters
    ----------
    values
        Heights as a file has them, NaN where it marks none.
    unit
        Theirs; metres when left out.

    Returns
    -------
    tuple
        Heights [m] and notes.
    """
    notes = []
    convert = measures.conversion(unit or "m", "m")
    if convert is None:
        problem = message("problem.is_in_which_is_no_unit", unit=unit)
        raise InputError(
            message("refusal.wrong_terrain"),
            [Defect("terrain", problem, message("remedy.state_it_in_m_or_ft"))],
        )
    void = (values <= LOWEST_TERRAIN_M) | (values >= MARKS_OF_VOIDS)
    heights = np.where(void, np.nan, convert(values)).astype(np.float32)
    if float(convert(1.0)) != 1.0:
        notes.append(f"heights converted from {unit} to m")
    high = heights > HIGHEST_TERRAIN_M
    heights[high] = np.nan
    if count := int(np.count_nonzero((void & (values > 0)) | high)):
        notes.append(f"{count} pixels above {HIGHEST_TERRAIN_M:,.0f} m, such as 32767, are voids")
    holes = _holes_of_nought(heights)
    heights[holes] = np.nan
    if count := int(np.count_nonzero(holes)):
        notes.append(f"{count} pixels of 0 m in flat holes amid higher land are voids")
    return heights, notes


def _holes_of_nought(heights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return flat patches of exactly 0 m whose whole rim lies well above; the sea goes on."""
    labels, count = label(heights == 0)
    if not count:
        return np.zeros(heights.shape, bool)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    lowest = np.full(count + 1, np.inf)
    rim = binary_dilation(labels > 0) & (labels == 0) & np.isfinite(heights)
    for step in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        beside = np.where(rim, np.roll(labels, step, (0, 1)), 0)
        np.minimum.at(lowest, beside[rim], heights[rim])
    holes = (sizes >= FEWEST_IN_HOLE) & np.isfinite(lowest) & (lowest > RIM_M)
    edges = (labels[0], labels[-1], labels[:, 0], labels[:, -1])
    holes[np.unique(np.concatenate([[0], *edges]))] = False
    return np.asarray(holes[labels], bool)


def _coverage_defects(
    paths: Sequence[Path],
    grid: Grid,
    heights: NDArray[np.float32],
    reached: NDArray[np.bool_],
    inside: NDArray[np.bool_] | None,
) -> list[Defect]:
    """Return a defect when the files leave out part of what they must cover."""
    needed = np.ones(grid.shape, bool) if inside is None else inside
    share = float(np.mean(reached[needed]))
    known = float(np.mean(np.isfinite(heights[needed])))
    source = ", ".join(str(path) for path in paths) or "no file"
    west, south, east, north = transform_bounds(grid.crs, "EPSG:4326", *grid.bounds)
    area = f"longitude {west:.3f} to {east:.3f}, latitude {south:.3f} to {north:.3f}"
    remedy = message("remedy.give_elevation_for_or_state_the", area=area)
    if share < 1:
        problem = message("problem.covers_of_the_province_only", share=share)
        return [Defect(source, problem, remedy)]
    if known < 0.5:
        problem = message("problem.of_the_province_is_void", share=1 - known)
        return [Defect(source, problem, remedy)]
    return []
