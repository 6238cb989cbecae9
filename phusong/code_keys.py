"""Digests of the source of modules, by which compiled and computed things are kept.

A module counts with all of phusong that it imports: an edited helper leaves nothing old behind.
"""

import hashlib
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import phusong

CALCULATING = ("numpy", "scipy", "numba")
_IMPORT = re.compile(r"^\s*from (phusong[\w.]*) import (\([^)]*\)|[^\n]+)", re.MULTILINE)


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
