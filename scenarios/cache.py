"""Keep predictions by the content of everything they depend on, and find them again."""

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from phusong import KERNELS_KEY

FOLDER = user_cache_path("phusong") / "predictions"
MOST_BYTES = 2 * 2**30
Arrays = dict[str, NDArray[np.generic]]


def kept(inputs: Iterable[object], make: Callable[[], Arrays]) -> Arrays:
    """Return the arrays that ``make`` makes from these inputs, from the cache where it can.

    The key is a digest of the inputs (numbers, texts, arrays, records of them) and of the code
    of the models, so nothing is ever out of date. A file that cannot be read is made again; a
    cache that cannot be written is done without.
    """
    path = FOLDER / f"{digest(inputs)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = dict(found)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        arrays = make()
        _keep(path, arrays)
    return arrays


def digest(inputs: Iterable[object]) -> str:
    """Return what stands for the content of the inputs and the code of the models."""
    told = hashlib.blake2b(KERNELS_KEY.encode(), digest_size=16)
    for item in inputs:
        _add(told, item)
    return told.hexdigest()


def _add(told: "hashlib.blake2b", item: object) -> None:
    if is_dataclass(item) and not isinstance(item, type):
        for part in fields(item):
            _add(told, getattr(item, part.name))
    elif isinstance(item, np.ndarray):
        told.update(f"{item.dtype}{item.shape}".encode())
        told.update(np.ascontiguousarray(item).data)
    elif isinstance(item, tuple):
        told.update(f"tuple{len(item)}".encode())
        for part in item:
            _add(told, part)
    elif item is None or isinstance(item, bool | int | float | str):
        told.update(f"{type(item).__name__}{item!r};".encode())
    else:
        raise TypeError(f"cannot take the digest of {type(item)}")


def _keep(path: Path, arrays: Arrays) -> None:
    """Write the arrays under a temporary name, then rename; make room by dropping the oldest."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _make_room(path)
    except OSError:
        return


def _make_room(newest: Path) -> None:
    files = sorted(newest.parent.glob("*.npz"), key=lambda path: path.stat().st_mtime)
    size = sum(path.stat().st_size for path in files)
    for path in files:
        if size <= MOST_BYTES or path == newest:
            break
        size -= path.stat().st_size
        path.unlink(missing_ok=True)
