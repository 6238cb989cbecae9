"""Keep predictions by the content of everything they depend on, and find them again."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from phusong.compilation import code_key
from phusong.coverage import models

FOLDER = user_cache_path("phusong") / "predictions"
WINDOWS = user_cache_path("phusong") / "windows"
MAX_BYTES = 2 * 2**30
MAX_WINDOW_BYTES = 4 * 2**30
Arrays = dict[str, NDArray[np.generic]]


def always(_arrays: Arrays) -> bool:
    """Keep whatever is made."""
    return True


def kept(
    inputs: Iterable[object],
    make: Callable[[], Arrays],
    worth: Callable[[Arrays], bool] = always,
) -> Arrays:
    """Return the arrays that ``make`` makes from these inputs, from the cache where it can.

    Only what is ``worth`` it is kept.

    The key is a digest of the inputs (numbers, texts, arrays, records of them) and of the code
    that ``make`` comes from, so nothing is ever out of date. A file that cannot be read is made
    again; a cache that cannot be written is done without.
    """
    path = FOLDER / f"{digest(inputs, make.__module__)}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            arrays = dict(found)
    except Exception:  # noqa: BLE001 - half a file fails in any of a dozen ways
        arrays = make()
        if worth(arrays):
            _keep(path, arrays)
    return arrays


def digest(inputs: Iterable[object], module: str) -> str:
    """Return what stands for the content of the inputs and for a module with all it imports."""
    told = hashlib.blake2b(code_key(module).encode(), digest_size=16)
    for item in inputs:
        _add(told, item)
    return told.hexdigest()


def _add(told: "hashlib.blake2b", item: object) -> None:
    if is_dataclass(item) and not isinstance(item, type):
        for part in fields(item):
            if part.compare:
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


class Windows:
    """Windows of loss around masts, a file each, under the names that ``losses`` gives them.

    A name stands for the mast, its height and frequency, the ground and the model, so that any
    network with that mast finds its window. A window that cannot be read is not there; one that
    cannot be written is done without.
    """

    def get(self, key: str) -> NDArray[np.uint16] | None:
        """Return a window, None where there is none."""
        path = self._path(key)
        try:
            window: NDArray[np.uint16] = np.load(path, allow_pickle=False)
            os.utime(path)  # the oldest in use goes last
        except Exception:  # noqa: BLE001 - as above
            return None
        return window

    def __setitem__(self, key: str, window: NDArray[np.uint16]) -> None:
        """Keep a window."""
        _write(self._path(key), lambda file: np.save(file, window, allow_pickle=False))

    @staticmethod
    def _path(key: str) -> Path:
        return WINDOWS / code_key(models.__name__) / key[:2] / f"{key}.npy"

    @staticmethod
    def make_room() -> None:
        """Drop the windows that were not used for longest, beyond what may be kept."""
        _make_room(WINDOWS, "*/*/*.npy", MAX_WINDOW_BYTES)


def _keep(path: Path, arrays: Arrays) -> None:
    """Write the arrays under a temporary name, then rename; make room by dropping the oldest."""
    if _write(path, lambda file: np.savez(file, allow_pickle=False, **arrays)):
        _make_room(path.parent, "*.npz", MAX_BYTES, path)


def _write(path: Path, save: Callable[[IO[bytes]], None]) -> bool:
    """Write a file under a temporary name, then rename it; say whether that went well."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                save(file)
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _make_room(folder: Path, pattern: str, max_bytes: int, newest: Path | None = None) -> None:
    found = [(path, path.stat()) for path in folder.glob(pattern)]
    size = sum(stat.st_size for _, stat in found)
    for path, stat in sorted(found, key=lambda pair: pair[1].st_mtime):
        if size <= max_bytes or path == newest:
            break
        size -= stat.st_size
        path.unlink(missing_ok=True)
