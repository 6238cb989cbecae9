"""Files of caches: written whole, checked on every reading, of bounded size, one's own.

A file ends in a seal: a checksum of its key and of every byte before. A file that is cut, changed,
or lies under another key has no seal of its own; it is thrown away and made again.
"""

import logging
import mmap
import os
import re
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import xxhash
from platformdirs import user_cache_path

MAGIC = b"phusong1"
SEAL_BYTES = len(MAGIC) + 16
LEFT_OVER_S = 3600.0  # age of a half-written file whose writer cannot be asked for
PRIVATE = 0o700
RECOUNT_S = 86_400.0  # after which all files of a cache are counted anew
SPARE = 16  # the part of a cache that is emptied beyond what must go, so that it fills a while
_TEMPORARY = re.compile(r"\.(\d+)\.tmp$")
_log = logging.getLogger("phusong")
_damaged: list[Path] = []  # thrown away by this process


def root() -> Path:
    """Return the folder of all caches of this user, whether there is a home folder or not."""
    path = user_cache_path("phusong")
    return path if path.is_absolute() else spare_root()


def spare_root() -> Path:
    """Return a folder of this user for what must be written where there is no home folder."""
    user = getattr(os, "getuid", lambda: "user")()
    return Path(tempfile.gettempdir()) / f"phusong-{user}"


def write(path: Path, key: str, save: Callable[[IO[bytes]], object]) -> bool:
    """Write a sealed file under a temporary name, then rename it; say whether that went well.

    Nothing is synced to the disk, which takes longer than most of what is kept took to compute: a
    file that a power cut tears has no seal.
    """
    try:
        make_folder(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=f".{os.getpid()}.tmp")
        try:
            with os.fdopen(handle, "w+b") as file:
                save(file)
                file.flush()
                file.seek(0, os.SEEK_END)
                file.write(MAGIC + _checksum(file, key, file.tell()))
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def make_folder(path: Path) -> None:
    """Make a folder, and whatever of those above it is missing, for this user alone."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(exist_ok=True, mode=PRIVATE)


@contextmanager
def opened(path: Path, key: str) -> Iterator[IO[bytes] | None]:
    """Yield a file whose seal is right, None where there is none; a damaged one is thrown away."""
    try:
        file = path.open("rb")
    except OSError:
        yield None
        return
    with file:
        whole = is_whole(file, key)
        if whole:
            with suppress(OSError):
                os.utime(path)  # what is not used for longest goes first
            yield file
    if not whole:  # closed first: Windows removes no open file
        discard(path)
        yield None


def is_whole(file: IO[bytes], key: str) -> bool:
    """Return whether an open file ends in the seal of its key; it is then at its start."""
    size = os.fstat(file.fileno()).st_size - SEAL_BYTES
    if size < 0:
        return False
    file.seek(size)
    right = file.read(SEAL_BYTES) == MAGIC + _checksum(file, key, size)
    file.seek(0)
    return right


def _checksum(file: IO[bytes], key: str, size: int) -> bytes:
    """Return the checksum of a key and of the first bytes of a file."""
    mark = xxhash.xxh3_128(key.encode() + b"\0")
    if size:
        with (
            mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) as content,
            memoryview(content) as view,
        ):
            mark.update(view)
    return mark.digest()


def discard(path: Path) -> None:
    """Throw a damaged file away, and say so the first time."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
    if not _damaged:
        _log.warning("damaged files of the cache are thrown away and made again; first: %s", path)
    _damaged.append(path)


def grow(
    folder: Path, pattern: str, max_bytes: int, added_bytes: int, newest: Path | None = None
) -> None:
    """Count what was added to a folder; look at all its files only where they may be too large.

    The sum stands in a file beside the folder. What two processes add at the same moment may be
    missed in it, so that all files are counted anew once a day.

    Parameters
    ----------
    folder, pattern, max_bytes, newest
        As of ``make_room``.
    added_bytes
        Size of what this process has just added.
    """
    sum_bytes, counted_s = _sum_beside(folder)
    sum_bytes += added_bytes
    if sum_bytes > max_bytes or not 0.0 <= time.time() - counted_s < RECOUNT_S:
        sum_bytes = make_room(folder, pattern, max_bytes - max_bytes // SPARE, newest)
        counted_s = time.time()
    with suppress(OSError):
        _sum_path(folder).write_text(f"{sum_bytes} {counted_s}")


def _sum_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.bytes")


def _sum_beside(folder: Path) -> tuple[int, float]:
    """Return the size of all files of a folder, and when they were last counted; 0 if never."""
    try:
        size, counted_s = _sum_path(folder).read_text().split()
        return int(size), float(counted_s)
    except (OSError, ValueError):
        return 0, 0.0


def make_room(folder: Path, pattern: str, max_bytes: int, newest: Path | None = None) -> int:
    """Drop files, or folders with all in them, that were not used for longest, beyond a size.

    Returns the size of what stays.
    """
    _drop_left_overs(folder)
    entries = [(path, _used(path), size_bytes(path)) for path in folder.glob(pattern)]
    size = sum(bytes_ for _, _, bytes_ in entries)
    for path, _, bytes_ in sorted(entries, key=lambda entry: entry[1]):
        if size <= max_bytes or path == newest:
            break
        size -= bytes_
        remove(path)
    return size


def remove(path: Path) -> None:
    """Remove a file, or a folder with all in it, as far as that can be done."""
    if path.is_dir() and not path.is_symlink():
        for inner in path.iterdir():
            remove(inner)
        with suppress(OSError):
            path.rmdir()
    else:
        with suppress(OSError):
            path.unlink()


def size_bytes(path: Path) -> int:
    """Return the size of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    total = 0
    for file in files:
        with suppress(OSError):
            status = file.lstat()
            total += status.st_size * stat.S_ISREG(status.st_mode)
    return total


def _used(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _drop_left_overs(folder: Path) -> None:
    """Remove half-written files of processes that are gone."""
    for path in folder.rglob("*.tmp"):
        writer = _TEMPORARY.search(path.name)
        old = time.time() - _used(path) > LEFT_OVER_S
        if old or (writer and not is_alive(int(writer[1]))):
            remove(path)


def is_alive(pid: int) -> bool:
    """Return whether a process of this computer may still be there; Windows is not asked."""
    if os.name == "nt":  # there, the question would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's
        return True
    return True


def is_private(folder: Path) -> bool:
    """Return whether no one else can write into a folder, or put another in its place."""
    folder = folder.resolve()
    if os.name == "nt":  # rights are not modes there: the user's own profile is private
        return folder.is_relative_to(Path.home())
    try:
        first, *above = [path.stat() for path in (folder, *folder.parents)]
    except OSError:
        return False
    return _is_ours(first) and all(_cannot_be_swapped(status) for status in above)


def is_own_file(path: Path) -> bool:
    """Return whether no one else can have written a file in a private folder."""
    return os.name == "nt" or _is_ours(path.lstat())


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _cannot_be_swapped(status: os.stat_result) -> bool:
    """Return whether only root and the user can rename what lies in a folder."""
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid in {0, os.geteuid()} and (
        not writable or bool(status.st_mode & stat.S_ISVTX)
    )
