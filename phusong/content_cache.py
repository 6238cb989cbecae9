"""Bytes that are made again from the same content are taken from a cache: rasters, pictures.

A key stands for all that the bytes are made from: arrays, numbers and texts, the modules that make
them with all that they import (``code_key``), and the versions of the libraries that write
them.
"""

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

import phusong
from phusong import cache_files

FOLDER = cache_files.root() / "files"
MAX_BYTES = 2**30
CALCULATING = ("numpy", "scipy", "numba")
WRITING = ("rasterio", "pillow")  # they carry their codecs
_IMPORT = re.compile(r"^\s*from (phusong[\w.]*) import (\([^)]*\)|[^\n]+)", re.MULTILINE)


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
        hasher.update(np.ascontiguousarray(item).data)
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


@lru_cache
def code_key(module: str) -> str:
    """Return a digest of a module's name and source, of all that it imports, and of versions.

    >>> code_key("phusong.coverage.units") == code_key("phusong.coverage.antenna")
    False
    """
    digest = hashlib.sha256(f"{versions(*CALCULATING)} {module}".encode())
    for name, source in sorted(closure(module).items()):
        digest.update(f"{name}\n{source}".encode())
    return digest.hexdigest()[:16]


@lru_cache
def versions(*libraries: str) -> str:
    """Return the versions of libraries, with their names."""
    return " ".join(f"{name} {version(name)}" for name in libraries)


def closure(module: str) -> dict[str, str]:
    """Return the sources of a module and of whatever of phusong it imports, by name."""
    sources: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in sources and (source := _source(name)) is not None:
            sources[name] = source
            waiting += _imported(source)
    return sources


def _imported(source: str) -> Iterator[str]:
    """Yield the modules of phusong that a source imports from, or imports as a whole.

    Of a room only the modules named count, not all that its registry lists.
    """
    for package, name in _imports(source):
        module = f"{package}.{name}"
        yield package if _source(module) is None else module


@lru_cache(maxsize=1024)  # a module is in the closure of many
def _imports(source: str) -> tuple[tuple[str, str], ...]:
    """Return the packages of phusong that a source imports from, each with a name from it."""
    pairs = [
        (package, name.split("#")[0].split())
        for package, names in _IMPORT.findall(source)
        for name in names.strip("()").split(",")
    ]
    return tuple((package, words[0]) for package, words in pairs if words)


@lru_cache(maxsize=1024)
def _source(module: str) -> str | None:
    """Return the source of a module of phusong, None where that is no module."""
    package, *parts = module.split(".")
    if package != "phusong" or not parts:  # others, and our name and version, decide nothing
        return None
    for root in phusong.__path__:
        for path in (Path(root, *parts).with_suffix(".py"), Path(root, *parts, "__init__.py")):
            if path.is_file():
                return path.read_text(encoding="utf-8")
    return None
