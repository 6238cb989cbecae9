"""Compile kernels by numba, and say by which code compiled and computed things are kept."""

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from platformdirs import user_cache_path

import phusong

_IMPORT = re.compile(r"^\s*from (phusong[\w.]*) import (\([^)]*\)|[^\n]+)", re.MULTILINE)


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:  # noqa: ANN401
    """Compile a function by numba, and keep the machine code by all code that it depends on.

    numba's own cache overlooks an edit in a module that a kernel calls, and lies in a folder
    that the whole process shares. Where no folder can be written, nothing is kept.
    """

    def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401
        with _kept_in(_folder(function.__module__)) as cached:
            return numba.njit(**{**options, "cache": cached})(function)

    return compiled


@contextmanager
def _kept_in(folder: Path | None) -> Iterator[bool]:
    """Let numba's cache lie in a folder while a function is declared; say whether it can."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(folder) if folder else before
    try:
        yield folder is not None
    finally:
        config.CACHE_DIR = before


@lru_cache
def _folder(module: str) -> Path | None:
    """Return where the machine code of a module's kernels is kept, None where nothing can be."""
    path = Path(config.CACHE_DIR or user_cache_path("phusong") / "kernels") / code_key(module)
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".probe"
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError:
        return None
    return path


@lru_cache
def code_key(module: str) -> str:
    """Return a digest of a module's source and of all of phusong that it imports.

    >>> code_key("phusong.coverage.units") == code_key("phusong.coverage.antenna")
    False
    """
    digest = hashlib.sha256()
    for name, source in sorted(_closure(module).items()):
        digest.update(f"{name}\n{source}".encode())
    return digest.hexdigest()[:16]


def _closure(module: str) -> dict[str, str]:
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
    """Yield every name that may be a module of phusong which a source imports."""
    for package, names in _IMPORT.findall(source):
        yield package
        for name in names.strip("()").split(","):
            words = name.split("#")[0].split()
            if words:
                yield f"{package}.{words[0]}"


@lru_cache
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
