"""Several arrays in one file, each as numpy writes it, so that they can be read where they lie.

First stand the names of the arrays, as an array of text; every array begins at a multiple of 64
bytes, to which numpy fills up its headers.
"""

from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from phusong import stored

Arrays = dict[str, NDArray[Any]]


def write(file: IO[bytes], arrays: Arrays) -> None:
    """Write arrays one after the other."""
    for values in (np.array(list(arrays)), *arrays.values()):
        np.save(file, np.ascontiguousarray(values), allow_pickle=False)
        file.write(b"\0" * (-file.tell() % npy.ARRAY_ALIGN))
        stored.rest()


def mapped(file: IO[bytes]) -> Arrays:
    """Return the arrays of a file by name, as they lie in it; they cannot be written to."""
    names = _next(file).tolist()
    return {str(name): _next(file) for name in names}


def _next(file: IO[bytes]) -> NDArray[Any]:
    """Return the next array of a file, and go behind it."""
    npy.read_magic(file)
    shape, _, dtype = npy.read_array_header_1_0(file)
    start = file.tell()
    values = stored.mapped(file, start, shape, dtype)
    end = start + values.nbytes
    file.seek(end + -end % npy.ARRAY_ALIGN)
    return values
