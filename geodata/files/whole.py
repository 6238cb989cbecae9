"""Write a file whole or not at all, and say why it cannot be written."""

import glob
import os
import re
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError
from rasterio._err import CPLE_BaseError  # of GDAL, where rasterio hands it on
from rasterio.errors import RasterioError

from phusong import cache_files
from phusong.errors import Defect, InputError

LONGEST_REASON = 150
_FAILED = (OSError, sqlite3.Error, RasterioError, CPLE_BaseError, DataSourceError, DataLayerError)


@contextmanager
def replace_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside ``path`` that takes its place when the block succeeds.

    The temporary name keeps the suffix, for drivers that look at it. When the block fails,
    or is interrupted, the old file stays and nothing else is left.
    """
    path = Path(path)
    temporary = beside(path, path.suffix)
    drop_left_overs(path.parent)
    try:
        with writing(path):
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
    finally:
        for left in path.parent.glob(f"{glob.escape(temporary.name)}*"):
            left.unlink()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file or folder cannot be written and why, whoever writes it."""
    try:
        yield
    except _FAILED as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: Exception) -> InputError:
    """Return the error that says why a file cannot be written."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if len(reason) > LONGEST_REASON:  # of a database, which repeats what it was asked
        reason = f"... {reason[-LONGEST_REASON:]}"
    remedy = "choose a folder that exists, that you may write to, and that has room"
    return InputError(f"cannot write {path.name}", [Defect(str(path), reason, remedy)])


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with the line ends as they are."""
    with replace_whole(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "replace"))


HOST = re.sub(r"[^a-z0-9]", "", socket.gethostname().lower())[:20] or "host"
LONGEST_STEM = 50  # characters of the later name: a letter may take three bytes of 255
_NAME = re.compile(rf"\..*-{HOST}-(\d+)-[0-9a-f]{{8}}(\..*)?")


def beside(path: Path, suffix: str = "") -> Path:
    """Return a name that no one else uses, in the folder of a path."""
    mark = f"{HOST}-{os.getpid()}-{secrets.token_hex(4)}"
    return path.with_name(f".{path.stem[:LONGEST_STEM]}-{mark}{suffix}")


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """Yield a new folder beside a path, which is removed after the block."""
    drop_left_overs(path.parent)
    folder = beside(path)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def drop_left_overs(folder: Path) -> None:
    """Remove what processes of this computer that are gone have left half-made in a folder."""
    with suppress(OSError):
        for entry in os.scandir(folder):
            match = _NAME.fullmatch(entry.name) if entry.name.startswith(".") else None
            if match and not cache_files.is_alive(int(match[1])):
                cache_files.remove(Path(entry))
