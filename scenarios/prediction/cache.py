"""Keep predictions by the content of everything they depend on, and find them again."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from phusong import cache_files, content_cache, stored
from phusong.code_keys import code_key
from phusong.coverage import models
from phusong.scenarios.prediction import array_file

FOLDER = cache_files.root() / "predictions"
WINDOWS = cache_files.root() / "windows"
MAX_BYTES = 2 * 2**30
MAX_WINDOW_BYTES = 4 * 2**30
LYING = ".npys"
Arrays = dict[str, NDArray[np.generic]]
_added_bytes: list[int] = []  # sizes of windows written since room was last made


def always(_arrays: Arrays) -> bool:
    """Keep whatever is made."""
    return True


def cached(
    inputs: Iterable[object],
    make: Callable[[], Arrays],
    worth: Callable[[Arrays], bool] = always,
    code: str = "",
) -> Arrays:
    """Return the arrays that ``make`` makes from these inputs, from the cache where it can.

    Only what is ``worth`` it is kept.

    The key is a digest of the inputs (numbers, texts, arrays, records of them) and of the code
    that computes: the module ``code``, by default that of ``make``, with all that it imports. So
    nothing is ever out of date, and an edit elsewhere throws nothing away. A file that is damaged
    or cannot be read is made again; a cache that cannot be written is done without.
    """
    key = digest(inputs, code or make.__module__)
    path = FOLDER / f"{key}.npz"
    arrays = _read(path, key)
    if arrays is None:
        arrays = make()
        if worth(arrays):
            _keep(path, key, arrays)
    return arrays


def lying(
    inputs: Iterable[object], make: Callable[[], Arrays], code: str = ""
) -> dict[str, NDArray[Any]]:
    """Return the same of large arrays, which stay in their file and cannot be written to.

    Where they cannot be kept they lie wherever ``make`` puts them.
    """
    key = digest(inputs, code or make.__module__)
    path = FOLDER / f"{key}{LYING}"
    arrays: dict[str, NDArray[Any]] | None = _mapped(path, key)
    if arrays is None:
        arrays = make()
        if cache_files.write(path, key, partial(array_file.write, arrays=arrays)):
            arrays = _mapped(path, key) or arrays
            _grow(path)
    return arrays


def _read(path: Path, key: str) -> Arrays | None:
    with cache_files.opened(path, key) as file:
        if file is None:
            return None
        with np.load(file, allow_pickle=False) as archive:
            return dict(archive)


def _mapped(path: Path, key: str) -> Arrays | None:
    with cache_files.opened(path, key) as file:
        return None if file is None else array_file.mapped(file)


def _grow(newest: Path) -> None:
    """Drop what was not used for longest, beyond what may be kept."""
    size_bytes = newest.stat().st_size
    cache_files.grow(newest.parent, "*.np[yz]*", MAX_BYTES, size_bytes, newest)


def digest(inputs: Iterable[object], module: str) -> str:
    """Return what stands for the content of the inputs and for a module with all it imports."""
    hasher = xxhash.xxh3_128(code_key(module).encode())
    for item in inputs:
        content_cache.add(hasher, item)
        stored.rest()
    return hasher.hexdigest()


class Windows:
    """Windows of loss around masts, a file each, under the names that ``losses`` gives them.

    A name stands for the mast, its height and frequency, the ground and the model, so that any
    network with that mast finds its window. A window that cannot be read is not there; one that
    cannot be written is done without.
    """

    def get(self, key: str) -> NDArray[np.uint16] | None:
        """Return a window, None where there is none."""
        with cache_files.opened(self._path(key), self._sealed_as(key)) as file:
            return None if file is None else np.load(file, allow_pickle=False)

    def __setitem__(self, key: str, window: NDArray[np.uint16]) -> None:
        """Keep a window."""
        path, sealed_as = self._path(key), self._sealed_as(key)
        if cache_files.write(path, sealed_as, lambda f: np.save(f, window, allow_pickle=False)):
            _added_bytes.append(window.nbytes)

    @staticmethod
    def _sealed_as(key: str) -> str:
        return f"{code_key(models.__name__)}/{key}"

    def _path(self, key: str) -> Path:
        return WINDOWS / code_key(models.__name__) / key[:2] / f"{key}.npy"

    @staticmethod
    def make_room() -> None:
        """Drop the windows that were not used for longest, beyond what may be kept."""
        if _added_bytes:
            added_bytes = sum(_added_bytes)
            _added_bytes.clear()
            cache_files.grow(WINDOWS, "*/*/*.npy", MAX_WINDOW_BYTES, added_bytes)


def _keep(path: Path, key: str, arrays: Arrays) -> None:
    """Write the arrays; make room by dropping what was not used for longest."""
    if cache_files.write(path, key, lambda file: np.savez(file, allow_pickle=False, **arrays)):
        _grow(path)
