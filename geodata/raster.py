"""Read and write rasters: cloud-optimised GeoTIFF, and terrain brought to the planning grid."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import CRSError, RasterioError, WindowError
from rasterio.transform import Affine
from rasterio.warp import reproject, transform_bounds
from rasterio.windows import Window, from_bounds
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import binary_dilation, binary_fill_holes, distance_transform_edt

from phusong.errors import Defect, InputError
from phusong.geodata.export import replace_whole
from phusong.geodata.grid import Grid, Raster

Colour = tuple[int, int, int, int]
LOWEST_TERRAIN_M = -500.0  # the shore of the Dead Sea lies at -430 m; lower is a void
BLOCK_PIXELS = 256
DEEP_PIXELS = 60
_AVERAGED = ("int16", "float32", "float64")  # quantities; other types hold labels
_LACKS_CRS = "state it, for example: gdal_edit.py -a_srs EPSG:4326 FILE"


def write_cog(
    path: Path,
    raster: Raster,
    *,
    description: str,
    unit: str = "",
    nodata: float | None = None,
    colormap: Mapping[int, Colour] | None = None,
) -> None:
    """Write a raster as a cloud-optimised GeoTIFF with nodata, unit and description.

    NaN and the raster's own nodata become ``nodata`` (the raster's own when left out; a raster
    without one gets -9999, the lowest integer, or 255 in 8 bits). Overviews average
    quantities (float and 16-bit) and pick the nearest of labels (8 and 32-bit).
    """
    values, nodata = _storable(raster, nodata)
    kind = str(values.dtype)
    profile = {
        "driver": "COG",
        "dtype": kind,
        "count": 1,
        "height": raster.grid.height,
        "width": raster.grid.width,
        "crs": raster.grid.crs,
        "transform": raster.grid.transform,
        "nodata": nodata,
        "COMPRESS": "DEFLATE",
        "PREDICTOR": "YES",
        "BLOCKSIZE": BLOCK_PIXELS,
        "OVERVIEW_RESAMPLING": "AVERAGE" if kind in _AVERAGED else "NEAREST",
    }
    with replace_whole(path) as temporary, rasterio.open(temporary, "w", **profile) as target:
        target.write(values, 1)
        target.set_band_description(1, description)
        target.set_band_unit(1, unit)
        if colormap is not None:
            target.write_colormap(1, dict(colormap))


def _storable(raster: Raster, nodata: float | None) -> tuple[NDArray[np.generic], float]:
    """Return values of a type GeoTIFF knows, and the nodata that marks missing ones."""
    values = raster.values
    if values.dtype == bool:
        values = values.astype(np.uint8)
    elif values.dtype.kind == "f" and values.dtype != np.float64:
        values = values.astype(np.float32)
    if nodata is None:
        nodata = raster.nodata if np.isfinite(raster.nodata) else _usual_nodata(values.dtype)
    missing = values == raster.nodata
    if values.dtype.kind == "f":
        missing |= ~np.isfinite(values)
    if missing.any():
        values = np.where(missing, np.array(nodata, values.dtype), values)
    return values, float(nodata)


def _usual_nodata(kind: np.dtype[np.generic]) -> float:
    if kind.kind == "f":
        return -9999.0
    limits = np.iinfo(kind)  # type: ignore[type-var]
    return float(limits.min if kind.kind == "i" else limits.max)


def read_raster(path: Path) -> Raster:
    """Read the first band of a raster of square, north-up pixels in a metric CRS."""
    try:
        with rasterio.open(path) as source:
            _check_readable(source, path)
            affine, nodata = source.transform, source.nodata
            if affine.b or affine.d or not np.isclose(affine.a, -affine.e):
                problem = "its pixels are not square and north-up"
                raise InputError("wrong raster", [Defect(str(path), problem)])
            name = source.crs.to_string()
            grid = Grid(affine.c, affine.f, source.width, source.height, affine.a, name)
            values = source.read(1)
    except (RasterioError, CRSError, OSError) as error:
        raise _unreadable(path, error) from error
    return Raster(values, grid, float("nan") if nodata is None else float(nodata))


def on_grid(path: Path, grid: Grid, *, labels: bool) -> NDArray[np.float32]:
    """Bring a single-band raster in any CRS to the planning grid; NaN where it says nothing.

    Quantities are interpolated; of labels the most frequent wins.

    Raises
    ------
    InputError
        When the file cannot be read, or has no CRS or several bands.
    """
    read = _read(path, grid, labels=labels)
    if read is None:
        return np.full(grid.shape, np.nan, np.float32)
    return _warped(*read, grid, Resampling.mode if labels else Resampling.bilinear)


def terrain_on_grid(
    paths: Sequence[Path], grid: Grid, inside: NDArray[np.bool_] | None = None
) -> tuple[Raster, NDArray[np.bool_]]:
    """Bring terrain files in any CRS to the planning grid, and fill what they lack.

    Files are read in the order given: a later one only fills what the earlier ones lack.
    A void is nodata, NaN, or -500 m and lower. ``fill_voids`` fills them.

    Parameters
    ----------
    paths : elevation files, one band each [m].
    grid : planning grid.
    inside : pixels that the files must cover, voids allowed; all of the grid when left out.

    Returns
    -------
    Height above sea level (float32, finite everywhere) and the pixels that were filled.
    """
    heights = np.full(grid.shape, np.nan, np.float32)
    reached = np.zeros(grid.shape, bool)
    defects: list[Defect] = []
    for path in paths:
        try:
            _add_terrain(Path(path), grid, heights, reached)
        except InputError as error:
            defects += error.defects
    if not defects:
        defects = _coverage_defects(paths, grid, heights, reached, inside)
    if defects:
        raise InputError("cannot use the terrain", defects)
    void = np.isnan(heights)
    return Raster(fill_voids(heights), grid), void


def fill_voids(heights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the heights with every NaN filled.

    Holes get a thin-plate spline through the known pixels around them: it goes on rising
    towards a ridge where an average flattens it. Beyond the outermost known pixels, and
    more than ``DEEP_PIXELS`` from any, the nearest known height stands.
    """
    void = np.isnan(heights)
    if not void.any():
        return heights
    distance, nearest = distance_transform_edt(void, return_indices=True)
    filled = heights[nearest[0], nearest[1]]
    hole = void & (distance <= DEEP_PIXELS) & binary_fill_holes(~void)
    if hole.any():
        with suppress(np.linalg.LinAlgError):  # fewer than three known pixels: keep the nearest
            filled[hole] = _spline(heights, hole)
    return np.asarray(filled, np.float32)


def _spline(heights: NDArray[np.float32], hole: NDArray[np.bool_]) -> NDArray[np.float64]:
    around = binary_dilation(hole, iterations=2) & np.isfinite(heights)
    known = np.argwhere(around)
    spline = RBFInterpolator(known, heights[around], neighbors=min(40, len(known)))
    return np.asarray(spline(np.argwhere(hole)), float)


def _add_terrain(
    path: Path, grid: Grid, heights: NDArray[np.float32], reached: NDArray[np.bool_]
) -> None:
    """Fill in what one file knows."""
    read = _read(path, grid, labels=False)
    if read is None:
        return
    values, affine, name = read
    values[~(values > LOWEST_TERRAIN_M)] = np.nan
    here = _warped(values, affine, name, grid, Resampling.bilinear)
    if np.isnan(values).any():  # at the rim of a void the known side alone would weigh
        rim = _warped(np.isnan(values).astype(np.float32), affine, name, grid, Resampling.bilinear)
        here[rim > 1e-3] = np.nan
    seen = _warped(np.ones_like(values), affine, name, grid, Resampling.nearest)
    lacking = np.isnan(heights) & np.isfinite(here)
    heights[lacking] = here[lacking]
    reached |= np.isfinite(seen)


def _read(
    path: Path, grid: Grid, *, labels: bool
) -> tuple[NDArray[np.float32], Affine, str] | None:
    """Return what a file holds around the grid, None where it lies elsewhere."""
    try:
        with rasterio.open(path) as source:
            _check_readable(source, path)
            return _read_around(source, grid, labels=labels)
    except (RasterioError, CRSError, OSError) as error:
        raise _unreadable(path, error) from error


def _check_readable(source: rasterio.DatasetReader, path: Path) -> None:
    defects = []
    if source.crs is None:
        defects.append(Defect(str(path), "has no coordinate system (CRS)", _LACKS_CRS))
    if source.count != 1:
        problem = f"has {source.count} bands where one is expected"
        defects.append(Defect(str(path), problem, "give the values, not a picture of them"))
    if defects:
        raise InputError("wrong raster", defects)


def _read_around(
    source: rasterio.DatasetReader, grid: Grid, *, labels: bool
) -> tuple[NDArray[np.float32], Affine, str] | None:
    """Return the values around the grid, nodata as NaN, with their transform and CRS.

    Pixels much finer than the grid's are thinned to half of its on the way in.
    """
    bounds = transform_bounds(grid.crs, source.crs, *grid.bounds, densify_pts=21)
    asked = from_bounds(*bounds, transform=source.transform).round_offsets().round_lengths()
    wide = Window(asked.col_off - 3, asked.row_off - 3, asked.width + 7, asked.height + 7)
    try:
        window = wide.intersection(Window(0, 0, source.width, source.height))
    except WindowError:
        return None
    fineness = max(1, int(min(asked.width / grid.width, asked.height / grid.height) / 2))
    shape = (max(1, int(window.height) // fineness), max(1, int(window.width) // fineness))
    how = Resampling.mode if labels else Resampling.average
    data = source.read(1, window=window, out_shape=shape, masked=True, resampling=how)
    values = np.ma.filled(data.astype(np.float32), np.nan) * source.scales[0] + source.offsets[0]
    wider, higher = window.width / shape[1], window.height / shape[0]
    corner = rasterio.windows.transform(window, source.transform)
    affine = Affine(
        corner.a * wider, corner.b * higher, corner.c, corner.d * wider, corner.e * higher, corner.f
    )
    return values.astype(np.float32), affine, source.crs.to_wkt()


def _warped(
    values: NDArray[np.float32], affine: Affine, name: str, grid: Grid, how: Resampling
) -> NDArray[np.float32]:
    target = np.full(grid.shape, np.nan, np.float32)
    reproject(
        values,
        target,
        src_transform=affine,
        src_crs=name,
        src_nodata=np.nan,
        dst_transform=grid.transform,
        dst_crs=grid.crs,
        dst_nodata=np.nan,
        resampling=how,
        tolerance=0.01,
    )
    return target


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
    remedy = f"give elevation for {area}, or state the right CRS of the file"
    if share < 1:
        problem = f"covers {100 * share:.1f} % of the province only"
        return [Defect(source, problem, remedy)]
    if known < 0.5:
        return [Defect(source, f"{100 * (1 - known):.1f} % of the province is void", remedy)]
    return []


def _unreadable(path: Path, error: Exception) -> InputError:
    missing = not Path(path).exists()
    problem = "no such file" if missing else f"cannot be read as a raster: {error}"
    return InputError("unreadable raster", [Defect(str(path), problem)])
