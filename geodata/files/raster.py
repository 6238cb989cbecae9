"""Read and write rasters: cloud-optimised GeoTIFF, and rasters brought to the planning grid."""

import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from numpy.typing import NDArray
from rasterio._err import CPLE_BaseError  # of GDAL, where rasterio hands it on
from rasterio.enums import Resampling
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError, WindowError
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds
from rasterio.windows import Window, from_bounds

from phusong import content_cache, stored
from phusong.errors import Defect, InputError
from phusong.geodata import measures
from phusong.geodata.files import archives, guard, input_formats
from phusong.geodata.files.input_formats import RasterFormat
from phusong.geodata.files.whole import replace_whole
from phusong.geodata.grid import Grid, Raster
from phusong.messages import message

Colour = tuple[int, int, int, int]
BLOCK_PIXELS = 256
_AVERAGED = ("int16", "float32", "float64")  # quantities; other types hold labels
_LACKS_CRS = message("remedy.state_it_with_crs_or_in")
METRES_PER_DEGREE = 111_195.0  # on a sphere of 6,371 km
FARTHEST_M = 1e8  # no coordinate on Earth is larger
SMALLEST_PIXEL = 1e-18  # square degrees: a tenth of a millimetre
MAX_PIXELS = 100_000_000  # of a raster that is read whole: 300 km square at 30 m
MAX_WINDOW_PIXELS = 20_000_000_000  # of what lies around the province, thinned on the way in
MAX_BLOCK_BYTES = 500_000_000  # GDAL reads a block whole
PLACED_PIXELS = 0.001  # how far off a pixel may be read; GDAL allows itself 0.125, 4 m at 30 m
TEXT_GRID = "AAIGrid"


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

    Parameters
    ----------
    path
        The file.
    raster
        Values on a grid.
    description
        What they are.
    unit
        Of the values.
    nodata
        Of the file.
    colormap
        Red, green, blue and opacity (0 to 255) by value, of labels.
    """
    about = replace(raster, description=description, unit=unit)
    write_storable(path, [storable(about, nodata)], colormap)


def write_bands(path: Path, bands: Mapping[str, Raster]) -> None:
    """Write rasters of one grid and type as the bands of a file, described by their names."""
    named = [replace(raster, description=name) for name, raster in bands.items()]
    write_storable(path, [storable(raster) for raster in named])


def write_storable(
    path: Path, bands: Sequence[Raster], colormap: Mapping[int, Colour] | None = None
) -> None:
    """Write rasters of one grid and type as ``storable`` returns them, as the bands of a file."""
    colours = tuple(sorted(colormap.items())) if colormap else ()
    arrays, grid = tuple(raster.values for raster in bands), bands[0].grid
    about = tuple((raster.description, raster.unit) for raster in bands)
    place = (*grid.transform[:6], str(grid.crs), bands[0].nodata)
    content = content_cache.cached(
        (arrays, place, about, colours), __name__, lambda: _compressed(bands, colours)
    )
    with replace_whole(path) as temporary:
        temporary.write_bytes(content)


def _compressed(bands: Sequence[Raster], colours: Sequence[tuple[int, Colour]]) -> bytes:
    """Return the bytes of a file: GDAL compresses what it copies without Python's lock.

    In memory: GDAL does not say of every byte that a full disk does not take.
    """
    grid, kind = bands[0].grid, str(bands[0].values.dtype)
    profile = {
        "driver": "GTiff",
        "dtype": kind,
        "count": len(bands),
        "height": grid.height,
        "width": grid.width,
        "crs": grid.crs,
        "transform": grid.transform,
        "nodata": bands[0].nodata,
        "interleave": "band",
        "bigtiff": "IF_SAFER",
    }
    options = {
        "COMPRESS": "DEFLATE",
        # Values of float32 are rounded: differences of their bits repeat, which byte planes hide.
        "PREDICTOR": "STANDARD" if kind == "float32" else "YES",
        "BLOCKSIZE": BLOCK_PIXELS,
        "OVERVIEW_RESAMPLING": "AVERAGE" if kind in _AVERAGED else "NEAREST",
    }
    with MemoryFile() as plain, MemoryFile() as memory:
        with plain.open(**profile) as source:
            for number, band in enumerate(bands, start=1):
                source.write(band.values, number)
                source.set_band_description(number, band.description)
                source.set_band_unit(number, band.unit)
                stored.rest()
            if colours:
                source.write_colormap(1, dict(colours))
        rasterio.shutil.copy(plain.name, memory.name, driver="COG", **options)
        return bytes(memory.getbuffer())


def storable(raster: Raster, nodata: float | None = None) -> Raster:
    """Return a raster as its file holds it: of a type GeoTIFF knows, nodata where a value is not.

    It is what ``read_raster`` and ``read_bands`` give of the file.
    """
    values = raster.values
    if values.dtype == bool:
        values = values.astype(np.uint8)
    elif values.dtype.kind == "f" and values.dtype != np.float64:
        values = values.astype(np.float32)
    if nodata is None:
        nodata = raster.nodata if np.isfinite(raster.nodata) else _usual_nodata(values.dtype)
    filled = np.array(nodata, values.dtype)

    def of_rows(rows: slice) -> NDArray[np.generic]:
        missing = values[rows] == raster.nodata
        if values.dtype.kind == "f":
            missing |= ~np.isfinite(values[rows])
        return np.where(missing, filled, values[rows])

    filled_in = stored.by_bands(of_rows, values.shape, values.dtype)
    return replace(raster, values=filled_in, nodata=float(nodata))


def _usual_nodata(kind: np.dtype[np.generic]) -> float:
    if kind.kind == "f":
        return -9999.0
    limits = np.iinfo(kind)  # type: ignore[type-var]
    return float(limits.min if kind.kind == "i" else limits.max)


@contextmanager
def opened(
    path: Path, stated_crs: str | None = None, *, several: bool = False
) -> Iterator[rasterio.DatasetReader]:
    """Yield an open raster of one band (or ``several``) with a CRS, also out of a zip or gz file.

    Errors of reading it inside the block become an ``InputError`` too.
    """
    path = Path(path)
    guard.check_plain(path)
    try:
        with archives.opened(path, input_formats.suffixes(RasterFormat)) as inner:
            _check_kind(path, inner)
            with rasterio.Env(), _dataset(inner) as source:
                _check_readable(source, path, stated_crs, several=several)
                _walk(source)
                yield source
    except (RasterioError, CRSError, CPLE_BaseError, OSError, MemoryError) as error:
        raise _unreadable(path, error) from error


def _walk(source: rasterio.DatasetReader) -> None:
    """Read a grid of text from its first row on; a row that is not there fails at once.

    GDAL finds a row by reading those before it, and tries each again where the file ends early: a
    window at the foot of a short file would never come.
    """
    if source.driver == TEXT_GRID:
        for row in range(source.height):
            source.read(1, window=Window(0, row, source.width, 1))


_OPENING = threading.Lock()


def _dataset(inner: Path) -> rasterio.DatasetReader:
    drivers = [form.driver for form in input_formats.FORMATS if isinstance(form, RasterFormat)]
    with _OPENING, warnings.catch_warnings():  # filters are those of all threads
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # told as a defect
        return rasterio.DatasetReader(inner, driver=drivers)


def _check_kind(path: Path, inner: Path) -> None:
    if inner.suffix.lower() == ".vrt":
        problem = message("problem.leads_to_other_files")
        raise InputError(
            message("refusal.wrong_raster"),
            [Defect(str(path), problem, message("remedy.give_those_files_instead"))],
        )


def crs_of(source: rasterio.DatasetReader, stated_crs: str | None) -> rasterio.crs.CRS:
    """Return the CRS that a raster says, else the one that is stated."""
    return source.crs or rasterio.crs.CRS.from_string(stated_crs)


def read_raster(path: Path) -> Raster:
    """Read the first band of a raster of square, north-up pixels in a metric CRS.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Raster
        With nodata, unit and description of the band.

    Raises
    ------
    InputError
        The file is no such raster, or has too many pixels to be read whole.
    """
    with opened(path) as source:
        return _bands(source, path)[0]


def read_bands(path: Path) -> dict[str, Raster]:
    """Read every band of a raster by its description; errors are those of ``read_raster``."""
    with opened(path, several=True) as source:
        return {raster.description: raster for raster in _bands(source, path)}


def _bands(source: rasterio.DatasetReader, path: Path) -> list[Raster]:
    affine, nodata = source.transform, source.nodata
    if affine.b or affine.d or not np.isclose(affine.a, -affine.e):
        problem = message("problem.pixels_are_not_square_and_north_up")
        raise InputError(message("refusal.wrong_raster"), [Defect(str(path), problem)])
    check_pixels(source, path)
    grid = Grid(affine.c, affine.f, source.width, source.height, affine.a, source.crs.to_string())
    nodata = float("nan") if nodata is None else float(nodata)
    about = zip(source.indexes, source.units, source.descriptions, strict=True)
    return [
        Raster(source.read(number), grid, nodata, unit or "", description or "")
        for number, unit, description in about
    ]


def check_pixels(source: rasterio.DatasetReader, path: Path) -> None:
    """Raise when a raster has more pixels than are read whole."""
    if source.width * source.height > MAX_PIXELS:
        size = {"columns": source.width, "rows": source.height}
        problem = message("problem.has_too_many_pixels_to_read_whole", **size)
        raise InputError(
            message("refusal.wrong_raster"),
            [Defect(str(path), problem, message("remedy.cut_the_province_out"))],
        )


def pixel_area_m2(path: Path, stated_crs: str | None = None) -> float:
    """Return the size of one pixel on the ground [m2], that of the middle where it varies."""
    with opened(path, stated_crs) as source:
        area = abs(source.transform.a * source.transform.e)
        if not crs_of(source, stated_crs).is_geographic:
            return float(area)
        row, column = source.height / 2, source.width / 2
        latitude = np.radians((source.transform @ (column, row))[1])
        return float(area * METRES_PER_DEGREE**2 * np.cos(latitude))


def on_grid(
    path: Path, grid: Grid, *, labels: bool, stated_crs: str | None = None
) -> NDArray[np.float32]:
    """Bring a single-band raster in any CRS to the planning grid; NaN where it says nothing.

    Quantities are interpolated; of labels the most frequent wins.

    Raises
    ------
    InputError
        When the file cannot be read, or has no CRS or several bands.
    """
    read = read_around(path, grid, labels=labels, stated_crs=stated_crs)
    if read is None:
        return np.full(grid.shape, np.nan, np.float32)
    return warped(*read, grid, Resampling.mode if labels else Resampling.bilinear)


def read_around(
    path: Path, grid: Grid, *, labels: bool, stated_crs: str | None = None
) -> tuple[NDArray[np.float32], Affine, str] | None:
    """Return what a file holds around the grid, None where it lies elsewhere."""
    with opened(path, stated_crs) as source:
        return _read_around(source, grid, crs_of(source, stated_crs), labels=labels)


def _check_readable(
    source: rasterio.DatasetReader, path: Path, stated: str | None, *, several: bool
) -> None:
    defects = []
    if source.crs is None and stated is None:
        defects.append(
            Defect(str(path), message("problem.has_no_coordinate_system_crs"), _LACKS_CRS)
        )
    if source.count != 1 and not several:
        problem = message("problem.has_bands_where_one_is_expected", bands=source.count)
        defects.append(Defect(str(path), problem, message("remedy.give_the_values_not_a_picture")))
    affine = source.transform
    sane = np.abs(affine) <= FARTHEST_M  # also false for NaN
    if affine.is_identity or not sane.all() or abs(affine.determinant) < SMALLEST_PIXEL:
        problem = message("problem.does_not_say_where_its_pixels_lie")
        defects.append(Defect(str(path), problem, message("remedy.give_it_with_its_georeference")))
    rows, columns = source.block_shapes[0] if source.count else (1, 1)
    if rows * columns * np.dtype(source.dtypes[0]).itemsize > MAX_BLOCK_BYTES:
        problem = message("problem.is_stored_in_blocks_too_large", columns=columns, rows=rows)
        defects.append(Defect(str(path), problem, message("remedy.tile_it_gdal_translate_of_cog")))
    if defects:
        raise InputError(message("refusal.wrong_raster"), defects)


def north_up(source: rasterio.DatasetReader) -> tuple[Affine, bool]:
    """Return the transform of a raster with its rows from north to south, and if they are not."""
    affine = source.transform
    if affine.e <= 0 or affine.b or affine.d:
        return affine, False
    top = affine.f + affine.e * source.height
    return Affine(affine.a, 0.0, affine.c, 0.0, -affine.e, top), True


def unit_of(path: Path, stated_crs: str | None = None) -> str:
    """Return the unit that the band of a raster says it is in, '' where it does not."""
    with opened(path, stated_crs) as source:
        words = (source.units[0], source.descriptions[0])
    return next((unit for text in words if text for unit in _units_in(str(text))), "")


def _units_in(text: str) -> list[str]:
    units = [text, measures.header_unit(text, "m")[0]]
    return [unit for unit in units if unit and measures.conversion(unit, "m") is not None]


def _read_around(
    source: rasterio.DatasetReader, grid: Grid, name: rasterio.crs.CRS, *, labels: bool
) -> tuple[NDArray[np.float32], Affine, str] | None:
    """Return the values around the grid, nodata as NaN, with their transform and CRS.

    Pixels much finer than the grid's are thinned to half of its on the way in.
    """
    bounds = transform_bounds(grid.crs, name, *grid.bounds, densify_pts=21)
    affine, south_up = north_up(source)
    part = from_bounds(*bounds, transform=affine).round_offsets().round_lengths()
    finer = max(1, int(part.width / grid.width / 2)), max(1, int(part.height / grid.height / 2))
    rim = 3 * finer[0], 3 * finer[1]
    wide = Window(
        part.col_off - rim[0],
        part.row_off - rim[1],
        part.width + 2 * rim[0] + 1,
        part.height + 2 * rim[1] + 1,
    )
    try:
        window = wide.intersection(Window(0, 0, source.width, source.height))
    except WindowError:
        return None
    if window.width * window.height > MAX_WINDOW_PIXELS:
        size = {"columns": int(window.width), "rows": int(window.height)}
        problem = message("problem.has_pixels_around_the_province", **size)
        raise InputError(
            message("refusal.wrong_raster"),
            [Defect(source.name, problem, message("remedy.give_a_coarser_one"))],
        )
    shape = (max(1, int(window.height) // finer[1]), max(1, int(window.width) // finer[0]))
    how = Resampling.mode if labels else Resampling.average
    stored = window
    if south_up:  # its first row is the southernmost
        first = source.height - window.row_off - window.height
        stored = Window(window.col_off, first, window.width, window.height)
    data = source.read(1, window=stored, out_shape=shape, masked=True, resampling=how)
    data = data[::-1] if south_up else data
    values = np.ma.filled(data.astype(np.float32), np.nan) * source.scales[0] + source.offsets[0]
    wider, higher = window.width / shape[1], window.height / shape[0]
    corner = rasterio.windows.transform(window, affine)
    affine = Affine(
        corner.a * wider, corner.b * higher, corner.c, corner.d * wider, corner.e * higher, corner.f
    )
    return values.astype(np.float32), affine, name.to_wkt()


def warped(
    values: NDArray[np.float32], affine: Affine, name: str, grid: Grid, how: Resampling
) -> NDArray[np.float32]:
    """Return values brought to the planning grid, NaN where there are none."""
    with held(values, affine, name) as source:
        return warped_from(source, grid, how)


@contextmanager
def held(
    values: NDArray[np.float32], affine: Affine, name: str
) -> Iterator[rasterio.DatasetReader]:
    """Hold values as a file in memory, from which several grids can be read."""
    height, width = values.shape
    options = {"count": 1, "height": height, "width": width, "dtype": "float32", "nodata": np.nan}
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", crs=name, transform=affine, **options) as source:
            source.write(values.astype(np.float32), 1)
        with memory.open() as source:
            yield source


def warped_from(source: rasterio.DatasetReader, grid: Grid, how: Resampling) -> NDArray[np.float32]:
    """Return what a held file has on a grid, NaN where there is nothing.

    ``reproject`` of rasterio takes a tolerance and does not hand it on; the virtual raster does.
    """
    placed = {"crs": grid.crs, "transform": grid.transform, "nodata": np.nan}
    shape = {"height": grid.height, "width": grid.width}
    options = {"resampling": how, "tolerance": PLACED_PIXELS}
    with WarpedVRT(source, **placed, **shape, **options) as target:
        return np.asarray(target.read(1), np.float32)


def _unreadable(path: Path, error: Exception) -> InputError:
    missing = not Path(path).exists()
    problem = message("problem.cannot_be_read_as_a_raster", error=str(error))
    if missing:
        problem = message("problem.no_such_file")
    tile = not missing and path.suffix.lower() == ".hgt"
    remedy = message("remedy.a_tile_is_called_by_its_corner") if tile else ""
    return InputError(message("refusal.unreadable_raster"), [Defect(str(path), problem, remedy)])
