"""Large arrays that lie in files: only what is being read takes memory.

Such an array is mapped from a file and works as any other. Its pages come when they are read and
go when ``rest`` is called: the file has them. Files of arrays that no cache holds have no name and
end with their array, at the latest with the process, however that ends.
"""

import math
import mmap
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from phusong import cache_files

BAND_PIXELS = 2**19  # that are worked on at once
LEAST_BYTES = 8 * BAND_PIXELS  # what is no larger stays in memory
BANDS_BETWEEN = 8  # that are worked on until what was mapped rests: pages that went come at a price
_mapped: "weakref.WeakSet[mmap.mmap]" = weakref.WeakSet()
_worked_on = [0]  # places since the last rest
_listing = threading.Lock()  # of what is mapped: files are written beside what is computed


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array of zeros to be written, in a file of its own."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size <= LEAST_BYTES:
        return np.zeros(shape, kind)
    rest()
    file = _nameless(size)
    if file is None:  # memory then
        return np.zeros(shape, kind)
    with file:
        return _array(mmap.mmap(file.fileno(), size), 0, shape, kind)


def stored(values: NDArray[Any], dtype: DTypeLike | None = None) -> NDArray[Any]:
    """Return the same values, of another type where one is given, in a file of their own."""
    return by_bands(lambda at: values[at], values.shape, dtype or values.dtype)


def mapped(file: IO[bytes], offset: int, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array that cannot be written to, out of an open file, as it lies there."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size <= LEAST_BYTES:
        file.seek(offset)
        return np.ndarray(shape, kind, file.read(size))
    start = offset - offset % mmap.ALLOCATIONGRANULARITY
    length = offset + size - start
    content = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ, offset=start)
    return _array(content, offset - start, shape, kind)


def bands(shape: tuple[int, ...]) -> Iterator[slice]:
    """Yield rows (or places of a flat grid) band by band; what was mapped rests after some."""
    row = max(math.prod(shape[1:]), 1)
    rows = max(BAND_PIXELS // row, 1)
    for start in range(0, shape[0], rows):
        end = min(start + rows, shape[0])
        yield slice(start, end)
        tire((end - start) * row)


def tire(places: int) -> None:
    """Let what was mapped rest once enough places have been worked on."""
    _worked_on[0] += places
    if _worked_on[0] >= BANDS_BETWEEN * BAND_PIXELS:
        rest()


def by_bands(
    make: Callable[[slice], NDArray[Any]], shape: tuple[int, ...], dtype: DTypeLike
) -> NDArray[Any]:
    """Return a grid in a file that is made band by band.

    Bands are written to the file, then it is mapped: a page that is first written to through a
    map costs the system more than the work on most bands.
    """
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    file = None if size <= LEAST_BYTES else _nameless(size)
    if file is None:
        result = np.zeros(shape, kind)
        for rows in bands(shape):
            result[rows] = make(rows)
        return result
    with file:
        for rows in bands(shape):
            band = np.broadcast_to(make(rows), (rows.stop - rows.start, *shape[1:]))
            file.write(np.ascontiguousarray(band, kind).data)
        file.flush()
        return _array(mmap.mmap(file.fileno(), size), 0, shape, kind)


def _nameless(size: int) -> IO[bytes] | None:
    """Return a new file without a name and of a size; None where none can be made."""
    try:
        file = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115 - the caller closes it
        file.truncate(size)
    except OSError:
        return None
    return file


def dot(weight: NDArray[Any], share: NDArray[Any]) -> float:
    """Return the sum of the products of two grids, in 64 bits.

    By one thread: those of a library of linear algebra wait for each other more than they add.
    """
    flat, other = weight.ravel(), share.ravel()
    return sum(
        float(np.einsum("i,i->", flat[at], other[at], dtype=np.float64, casting="unsafe"))
        for at in bands(flat.shape)
    )


def holds_any(values: NDArray[Any]) -> bool:
    """Return whether any value of a grid is not zero."""
    return any(bool(values[at].any()) for at in bands(values.shape))


def rest() -> None:
    """Give back the memory of all arrays that lie in files, where the system can."""
    _worked_on[0] = 0
    if hasattr(mmap, "MADV_DONTNEED"):
        with _listing:
            contents = list(_mapped)
        for content in contents:
            content.madvise(mmap.MADV_DONTNEED)


def _array(
    content: mmap.mmap, offset: int, shape: tuple[int, ...], kind: np.dtype[Any]
) -> NDArray[Any]:
    with _listing:
        _mapped.add(content)
    return np.ndarray(shape, kind, content, offset)


def _folder() -> Path:
    """Return a folder on a disk: that of temporary files often lies in memory."""
    folder = cache_files.root() / "arrays"
    cache_files.make_folder(folder)
    return folder
