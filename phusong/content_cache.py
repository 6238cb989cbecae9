"""Bytes that are made again from the same content are taken from a cache: rasters, pictures.

A key stands for all that the bytes are made from: arrays, numbers and texts, the modules that make
them with all that they import (``code_key``), and the versions of the libraries that write
them.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from phusong import cache_files, stored
from phusong.code_keys import code_key, versions

FOLDER = cache_files.root() / "files"
MAX_BYTES = 2**30
WRITING = ("rasterio", "pillow")  # they carry their codecs


def cached(inputs: Iterable[object], module: str, make: Callable[[], bytes]) -> bytes:
    """Return the bytes that ``make`` makes from these inputs, from the cache where it can.

    A file that is damaged or cannot be read is made again; a cache that cannot be written is done
    without.

    Parameters
    ----------
    inputs
        Numbers, texts, arrays, and tuples and records of them: all that the bytes depend on.
    module
        Name of the module that makes them; what it imports counts too.
    make
        Makes them.
    """
    key = _key(inputs, module)
    path = FOLDER / key[:2] / key
    with cache_files.opened(path, key) as file:
        if file is not None:
            return file.read()[: -cache_files.SEAL_BYTES]
    content = make()
    if cache_files.write(path, key, lambda file: file.write(content)):
        cache_files.grow(FOLDER, "*/*", MAX_BYTES, len(content), path)
    return content


def cached_array(
    inputs: Iterable[object], module: str, make: Callable[[], NDArray[Any]]
) -> NDArray[Any]:
    """Return the array that ``make`` makes from these inputs, as ``cached`` does with bytes."""

    def made() -> bytes:
        written = io.BytesIO()
        np.save(written, make(), allow_pickle=False)
        return written.getvalue()

    array: NDArray[Any] = np.load(io.BytesIO(cached(inputs, module, made)), allow_pickle=False)
    return array


def _key(inputs: Iterable[object], module: str) -> str:
    hasher = xxhash.xxh3_128(f"{versions(*WRITING)} {code_key(module)}".encode())
    for item in inputs:
        add(hasher, item)
    return hasher.hexdigest()


def add(hasher: "xxhash.xxh3_128", item: object) -> None:
    """Add an item to a digest: a number, text, array, or a tuple or record of such."""
    if is_dataclass(item) and not isinstance(item, type):
        for part in fields(item):
            if part.compare:
                add(hasher, getattr(item, part.name))
    elif isinstance(item, np.ndarray):
        hasher.update(f"{item.dtype}{item.shape}".encode())
        rows = np.atleast_1d(item)
        for band in stored.bands(rows.shape):  # a grid in a file is never in memory as a whole
            hasher.update(np.ascontiguousarray(rows[band]).data)
    elif isinstance(item, tuple):
        hasher.update(f"tuple{len(item)}".encode())
        for part in item:
            add(hasher, part)
    elif isinstance(item, bytes):
        hasher.update(f"bytes{len(item)};".encode())
        hasher.update(item)
    elif item is None or isinstance(item, bool | int | float | str):
        hasher.update(f"{type(item).__name__}{item!r};".encode())
    else:
        raise TypeError(f"cannot take the digest of {type(item)}")
