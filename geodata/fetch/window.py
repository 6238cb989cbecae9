"""Cut the province's window out of rasters, near or far, without reading the rest of them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
import requests
from numpy.typing import NDArray
from rasterio.errors import RasterioError, WindowError
from rasterio.transform import Affine
from rasterio.windows import Window, from_bounds

from phusong.errors import Defect, InputError, PhusongError
from phusong.geodata.fetch import web
from phusong.geodata.fetch.area import Box
from phusong.geodata.fetch.remote_file import RemoteFile
from phusong.geodata.fetch.web import Address, BrokenError, Patience
from phusong.geodata.files.whole import replace_whole
from phusong.messages import message

STRIP_ROWS = 512  # read and written at a time; a multiple of the output's blocks
BLOCK_PIXELS = 256
MAX_SIDE = 100_000  # pixels of a window: five degrees at 5 m
NO_HEIGHT = -32767.0
# No listing of folders, no side files; GDAL itself asks the network for nothing.
ENVIRONMENT = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_HTTP_NETRC": "NO"}
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
    with web.answer_to(address, patience, {"Range": "bytes=0-0"}) as answer:
        return answer.status_code == 206 and "Content-Range" in answer.headers


def cut(places: Sequence[Path | Address], box: Box, target: Path, patience: Patience) -> None:
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
    with rasterio.Env(**ENVIRONMENT), web.session_of() as session, ExitStack() as stack:
        sources = [stack.enter_context(_opened(place, patience, session)) for place in places]
        _check_alike(sources)
        frame = _frame(sources[0], box)
        with replace_whole(target) as temporary:
            known = _write(sources, frame, temporary)
            _read_back(temporary)
    if not known:
        target.unlink()
        raise PhusongError(
            message("refusal.hold_no_value_in", names=_names(sources), text=box.text())
        )


class _Source(NamedTuple):
    """An open raster, the name that people know it by, and where its bytes come from."""

    raster: rasterio.DatasetReader
    name: str
    far: RemoteFile | None


@contextmanager
def _opened(
    place: Path | Address, patience: Patience, session: requests.Session
) -> Iterator[_Source]:
    # One format each: a virtual one in its place could name files of this machine.
    far = RemoteFile(place, patience, session) if isinstance(place, Address) else None
    driver = "SRTMHGT" if str(place).endswith(".hgt") else "GTiff"
    try:
        raster = (
            rasterio.open(f"far/{id(far)}.tif", driver=driver, opener=far.opened)
            if far
            else rasterio.open(place, driver=driver)
        )
    except RasterioError as error:
        raise _failure(str(place), far, error) from None
    with raster:
        yield _Source(raster, str(place), far)


def _failure(name: str, far: RemoteFile | None, error: Exception) -> PhusongError:
    return far.error if far and far.error else _unreadable(name, error)


def _unreadable(place: str, error: Exception) -> InputError:
    problem = message("problem.cannot_be_read_as_a_raster", error=error)
    remedy = message("remedy.try_again_if_it_stays_so")
    return InputError(message("refusal.unreadable_raster"), [Defect(place, problem, remedy)])


def _names(sources: Sequence[_Source]) -> str:
    return ", ".join(source.name for source in sources)


def _check_alike(sources: Sequence[_Source]) -> None:
    """Raise when the rasters are not parts of one grid of one band."""
    first = sources[0]
    defects = [
        Defect(source.name, message("problem.its_pixels_are_not_north_up"))
        for source in sources
        if source.raster.transform.a <= 0
        or source.raster.transform.e >= 0
        or source.raster.transform.b
        or source.raster.transform.d
    ]
    for source in [] if defects else sources:
        column, row = _offset(source, first.raster.transform)
        shifted = max(abs(column - round(column)), abs(row - round(row)))
        same = (
            source.raster.crs == first.raster.crs
            and source.raster.dtypes == first.raster.dtypes
            and source.raster.count == 1
        )
        if (
            not same
            or source.raster.crs is None
            or shifted > SAME_PIXEL
            or not _same_size(source, first)
        ):
            problem = message("problem.does_not_lie_on_the_grid")
            defects.append(Defect(source.name, problem))
    if defects:
        raise InputError(message("refusal.the_tiles_do_not_fit_together"), defects)


def _same_size(source: _Source, first: _Source) -> bool:
    return bool(np.allclose(source.raster.res, first.raster.res, rtol=1e-6, atol=0))


def _offset(source: _Source, affine: Affine) -> tuple[float, float]:
    """Return column and row of a raster's corner on another's grid."""
    column = (source.raster.transform.c - affine.c) / affine.a
    return float(column), float((source.raster.transform.f - affine.f) / affine.e)


def _frame(first: _Source, box: Box) -> Window:
    """Return the window of whole pixels that covers the box, on the grid of the first raster."""
    exact = from_bounds(*box, transform=first.raster.transform)
    left, top = np.floor(exact.col_off), np.floor(exact.row_off)
    width = np.ceil(exact.col_off + exact.width) - left
    height = np.ceil(exact.row_off + exact.height) - top
    if not max(width, height) <= MAX_SIDE:
        problem = message("problem.has_x_pixels_in", width=width, height=height, text=box.text())
        raise InputError(
            message("refusal.the_pixels_are_too_small"),
            [Defect(first.name, problem, message("remedy.ask_for_less"))],
        )
    return Window(int(left), int(top), int(width), int(height))


def _write(sources: Sequence[_Source], frame: Window, path: Path) -> bool:
    """Write the window; return whether any pixel of it is known."""
    first = sources[0]
    nodata = first.raster.nodata
    if nodata is None:
        nodata = NO_HEIGHT if first.raster.dtypes[0].startswith("float") else 0
    profile = {
        "driver": "GTiff",
        "dtype": first.raster.dtypes[0],
        "count": 1,
        "height": frame.height,
        "width": frame.width,
        "crs": first.raster.crs,
        "transform": rasterio.windows.transform(frame, first.raster.transform),
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
            for here, there in _strips(source, first.raster.transform, frame):
                values = _values(source, here)
                target.write(values, 1, window=there)
                known = known or bool((np.isfinite(values) & (values != nodata)).any())
    return known


def _read_back(path: Path) -> None:
    """Raise when not every block can be read: GDAL does not tell of the last."""
    with rasterio.open(path) as written:
        for _, block in written.block_windows(1):
            written.read(1, window=block)


def _values(source: _Source, window: Window) -> NDArray[np.generic]:
    try:
        return np.asarray(source.raster.read(1, window=window))
    except RasterioError as error:
        raise _failure(source.name, source.far, error) from None


def _strips(source: _Source, affine: Affine, frame: Window) -> Iterator[tuple[Window, Window]]:
    """Yield windows of a raster and where they go in the frame, a strip of rows at a time."""
    column, row = (round(offset) for offset in _offset(source, affine))
    whole = Window(column, row, source.raster.width, source.raster.height)
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
