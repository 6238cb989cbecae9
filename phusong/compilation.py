"""Compile kernels by numba, and keep their machine code by the code that it was made from."""

import hashlib
import logging
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.core.serialize import dumps

from phusong import cache_files
from phusong.code_keys import code_key

_log = logging.getLogger("phusong")

FOLDER = Path(config.CACHE_DIR) / "phusong" if config.CACHE_DIR else cache_files.root() / "kernels"
MAX_BYTES = 2**29
LOOK_S = 0.02  # between looks for what another process compiles
_expected: dict[str, Callable[[], bool]] = {}  # by module: whether others are at work on it


def expect(modules: Iterable[str], at_work: Callable[[], bool]) -> None:
    """Wait for the kernels of some modules while another process compiles them.

    What is not there when that is no longer at work is compiled here.

    Parameters
    ----------
    modules
        Names that those of the modules begin with.
    at_work
        Says whether the other process is at work.
    """
    _expected.update(dict.fromkeys(modules, at_work))


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:  # noqa: ANN401
    """Compile a function by numba, and keep the machine code by all code that it depends on.

    numba's own cache overlooks an edit in a module that a kernel calls, lies in a folder that the
    whole process shares, runs whatever lies there, and mixes up what two processes keep at once.
    Where there is no folder into which this user alone can write, nothing is kept.
    """

    def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401
        folder = _folder(function.__module__)
        with _in_folder(folder):
            dispatcher = numba.njit(**{**options, "cache": folder is not None})(function)
        if folder is not None:
            code = _MachineCode(folder, function.__module__, function.__qualname__)
            dispatcher._cache._cache_file = code  # noqa: SLF001
        return dispatcher

    return compiled


class _MachineCode:
    """The compiled forms of a kernel in files of a cache; numba asks it as its own index.

    Machine code runs as it is, so a file that others can have written is not read.
    """

    def __init__(self, folder: Path, module: str, name: str) -> None:
        self._folder, self._module, self._name = folder, module, name

    def load(self, key: object) -> object | None:
        """Return what was kept for a signature, a processor and a compiler; None where nothing."""
        path = self._path(key)
        while _comes(self._module) and not path.is_file():
            time.sleep(LOOK_S)
        if not (path.is_file() and cache_files.is_own_file(path) and _is_private(self._folder)):
            return None
        with cache_files.opened(path, self._key(key)) as file:
            content: object = None if file is None else pickle.load(file)  # noqa: S301 - sealed, own
        return content

    def save(self, key: object, content: object) -> None:
        """Keep what was compiled."""
        if _is_private(self._folder):
            cache_files.write(
                self._path(key), self._key(key), lambda file: file.write(dumps(content))
            )

    def flush(self) -> None:
        """Forget nothing: a file holds for its key only."""

    def _key(self, key: object) -> str:
        return f"{self._folder.name} {self._name} {sys.version} {key!r}"

    def _path(self, key: object) -> Path:
        name = hashlib.sha256(self._key(key).encode()).hexdigest()[:16]
        return self._folder / f"{self._name}-{name}.nbc"


def _comes(module: str) -> bool:
    """Return whether others are at work on the kernels of a module."""
    return any(module.startswith(name) and at_work() for name, at_work in _expected.items())


@contextmanager
def _in_folder(folder: Path | None) -> Iterator[None]:
    """Let numba's cache lie in a folder while a function is declared."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder) if folder else before
    try:
        yield
    finally:
        config.CACHE_DIR = before


@lru_cache
def _folder(module: str) -> Path | None:
    """Return where the machine code of a module's kernels is kept, None where nothing can be."""
    path = FOLDER / code_key(module)
    new = not path.is_dir()
    try:
        cache_files.make_folder(path)
        os.utime(path)  # the folder not used for longest goes first
        if not os.access(path, os.W_OK) or not _is_private(path):
            return None
    except OSError:
        return None
    if new:
        cache_files.make_room(FOLDER, "[0-9a-f]*", MAX_BYTES, path)
    return path


@lru_cache
def _is_private(folder: Path) -> bool:
    private = cache_files.is_private(folder)
    if not private:
        _warn_of(FOLDER)
    return private


@lru_cache
def _warn_of(folder: Path) -> None:
    _log.warning("compiled code is not kept in %s: others can write there", folder)
