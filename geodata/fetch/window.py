"""Cut the province's window out of rasters, near or far, without reading the rest of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError, WindowError
from rasterio.transform import Affine
from rasterio.windows import Window, from_bounds

from phusong.errors import Defect, InputError, PhusongError
from phusong.geodata.fetch import web
from phusong.geodata.fetch.area import Box
from phusong.geodata.fetch.web import Address, BrokenError, Patience
from phusong.geodata.files.whole import replace_whole

STRIP_ROWS = 512  # read and written at a time; a multiple of the output's blocks
BLOCK_PIXELS = 256
MAX_SIDE = 100_000  # pixels of a window: five degrees at 5 m
NO_HEIGHT = -32767.0
SAME_PIXEL = 1e-3  # of a pixel: tiles that differ by more are not of one grid


def has_ranges(address: Address, patience: Patience) -> bool:
    """Return whether a server gives parts of a file.

    Raises
    ------
    NetworkError
        When it cannot be reached; ``web.MissingError`` when it has no such file.
    """
    for _ in range(patience.tries - 1):
        with suppress(BrokenError):
            return _gives_part(address, patience)
    return _gives_part(address, patience)


def _gives_part(address: Address, patience: Patience) -> bool:
    with web.asked(address, patience, {"Range": "bytes=0-0"}) as answer:
        return answer.status_code == 206 and "Content-Range" in answer.headers


def cut(places: Sequence[str | Path], box: Box, target: Path, patience: Patience) -> None:
    """Write what rasters of one grid hold in a box as one GeoTIFF, pixels as they are.

    A place is a file or the address of a cloud-optimised GeoTIFF, of which only the blocks in
    the box are read by range requests. What no raster holds is nodata.

    Raises
    ------
    InputError
        When a raster cannot be read or they do not fit together.
    PhusongError
        When the box holds no value.
    """
    with rasterio.Env(**_settings(patience)), ExitStack() as stack:
        sources = [stack.enter_context(_opened(place)) for place in places]
        _check_alike(sources)
        frame = _frame(sources[0], box)
        with replace_whole(target) as temporary:
            known = _write(sources, frame, temporary)
            _read_back(temporary)
    if not known:
        target.unlink()
        raise PhusongError(f"{_names(sources)}: hold no value in {box.text()}")


def _settings(patience: Patience) -> dict[str, str | int]:
    """Return how GDAL asks: no listing of folders, no side files, few bytes, patience."""
    return {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_CONNECTTIMEOUT": max(round(patience.timeout_s), 1),
        "GDAL_HTTP_LOW_SPEED_TIME": max(round(patience.timeout_s), 1),
        "GDAL_HTTP_LOW_SPEED_LIMIT": 1,
        "GDAL_HTTP_MAX_RETRY": patience.tries - 1,
        "GDAL_HTTP_RETRY_DELAY": max(round(patience.pause_s), 1),
        "GDAL_HTTP_USERAGENT": web.USER_AGENT,
        "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/http",  # a file may change while we run
    }


def _opened(place: str | Path) -> rasterio.DatasetReader:
    # One format each: a virtual one in its place could name files of this machine.
    driver = "SRTMHGT" if str(place).endswith(".hgt") else "GTiff"
    try:
        return rasterio.open(place, driver=driver)
    except RasterioError as error:
        raise _unreadable(str(place), error) from error


def _unreadable(place: str, error: Exception) -> InputError:
    problem = f"cannot be read as a raster: {error}"
    remedy = "try again; if it stays so, download the file and give its folder with --from"
    return InputError("unreadable raster", [Defect(place, problem, remedy)])


def _names(sources: Sequence[rasterio.DatasetReader]) -> str:
    return ", ".join(source.name for source in sources)


def _check_alike(sources: Sequence[rasterio.DatasetReader]) -> None:
    """Raise when the rasters are not parts of one grid of one band."""
    first = sources[0]
    defects = [
        Defect(source.name, "its pixels are not north-up")
        for source in sources
        if source.transform.a <= 0
        or source.transform.e >= 0
        or source.transform.b
        or source.transform.d
    ]
    for source in [] if defects else sources:
        column, row = _offset(source, first.transform)
        shifted = max(abs(column - round(column)), abs(row - round(row)))
        same = source.crs == first.crs and source.dtypes == first.dtypes and source.count == 1
        if not same or source.crs is None or shifted > SAME_PIXEL or not _same_size(source, first):
            problem = "does not lie on the grid of the first one, or has no CRS or several bands"
            defects.append(Defect(source.name, problem))
    if defects:
        raise InputError("the tiles do not fit together", defects)


def _same_size(source: rasterio.DatasetReader, first: rasterio.DatasetReader) -> bool:
    return bool(np.allclose(source.res, first.res, rtol=1e-6, atol=0))


def _offset(source: rasterio.DatasetReader, affine: Affine) -> tuple[float, float]:
    """Return column and row of a raster's corner on another's grid."""
    column = (source.transform.c - affine.c) / affine.a
    return float(column), float((source.transform.f - affine.f) / affine.e)


def _frame(first: rasterio.DatasetReader, box: Box) -> Window:
    """Return the window of whole pixels that covers the box, on the grid of the first raster."""
    exact = from_bounds(*box, transform=first.transform)
    left, top = np.floor(exact.col_off), np.floor(exact.row_off)
    width = np.ceil(exact.col_off + exact.width) - left
    height = np.ceil(exact.row_off + exact.height) - top
    if not max(width, height) <= MAX_SIDE:
        problem = f"has {width:,.0f} x {height:,.0f} pixels in {box.text()}"
        raise InputError("the pixels are too small", [Defect(first.name, problem, "ask for less")])
    return Window(int(left), int(top), int(width), int(height))


def _write(sources: Sequence[rasterio.DatasetReader], frame: Window, path: Path) -> bool:
    """Write the window; return whether any pixel of it is known."""
    first = sources[0]
    nodata = first.nodata
    if nodata is None:
        nodata = NO_HEIGHT if first.dtypes[0].startswith("float") else 0
    profile = {
        "driver": "GTiff",
        "dtype": first.dtypes[0],
        "count": 1,
        "height": frame.height,
        "width": frame.width,
        "crs": first.crs,
        "transform": rasterio.windows.transform(frame, first.transform),
        "nodata": nodata,
        "tiled": True,
        "blockxsize": BLOCK_PIXELS,
        "blockysize": BLOCK_PIXELS,
        "compress": "deflate",
        "bigtiff": "if_safer",
    }
    known = False
    with rasterio.open(path, "w", **profile) as target:
        for source in sources:
            for here, there in _strips(source, first.transform, frame):
                values = _values(source, here)
                target.write(values, 1, window=there)
                known = known or bool((np.isfinite(values) & (values != nodata)).any())
    return known


def _read_back(path: Path) -> None:
    """Raise when not every block can be read: GDAL does not tell of the last."""
    with rasterio.open(path) as written:
        for _, block in written.block_windows(1):
            written.read(1, window=block)


def _values(source: rasterio.DatasetReader, window: Window) -> NDArray[np.generic]:
    try:
        return np.asarray(source.read(1, window=window))
    except RasterioError as error:
        raise _unreadable(source.name, error) from error


def _strips(
    source: rasterio.DatasetReader, affine: Affine, frame: Window
) -> Iterator[tuple[Window, Window]]:
    """Yield windows of a raster and where they go in the frame, a strip of rows at a time."""
    column, row = (round(offset) for offset in _offset(source, affine))
    whole = Window(column, row, source.width, source.height)
    try:
        shared = whole.intersection(frame)
    except WindowError:
        return
    bottom = shared.row_off + shared.height
    top = shared.row_off
    while top < bottom:
        down = STRIP_ROWS - (top - frame.row_off) % STRIP_ROWS
        height = min(down, bottom - top)
        here = Window(shared.col_off - column, top - row, shared.width, height)
        there = Window(shared.col_off - frame.col_off, top - frame.row_off, shared.width, height)
        yield here, there
        top += height
