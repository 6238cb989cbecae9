"""One writer at a time for an output folder, a file or a download.

Locks lie in the user's own cache folder, so that nothing is left beside the outputs; the system
lets go of the lock of a process that ends, however it ends. Two users, or two computers, that
write into one folder do not see each other's locks.
"""

import hashlib
import json
import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from phusong import cache_files
from phusong.errors import PhusongError
from phusong.messages import message

FOLDER = cache_files.root() / "locks"
WAIT_S = 0.2  # between two looks at a lock that is waited for
_log = logging.getLogger("phusong")


class BusyError(PhusongError):
    """Another process writes there; the command line exits with 1."""


@contextmanager
def held(target: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock of an output, which may be held already by the same thread.

    Parameters
    ----------
    target : folder or file that the block writes; it need not exist.
    wait : whether to wait for another process that holds it.

    Raises
    ------
    BusyError
        When another process holds it, with which and since when.
    """
    path = _lock_of(target)
    lock = FileLock(path, is_singleton=True, poll_interval=WAIT_S)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = _holder(path)
        if not wait:
            remedy = message("remedy.wait_until_it_is_done_or")
            raise BusyError(f"{target} is being written by {holder}: {remedy}") from None
        _log.warning("%s is being written by %s: waiting", target, holder)
        lock.acquire(timeout=-1)
    try:
        _tell_holder(path)
        yield
    finally:
        lock.release()


def _lock_of(target: Path) -> Path:
    """Return the lock file of a target: one for all ways to name it."""
    place = os.path.normcase(Path(target).resolve())
    name = hashlib.sha256(os.fsencode(place)).hexdigest()[:24]
    for folder in (FOLDER, cache_files.spare_root() / "locks"):
        with suppress(OSError):
            cache_files.make_folder(folder)
            if os.access(folder, os.W_OK):
                return folder / f"{name}.lock"
    raise PhusongError(
        message("refusal.cannot_lock_cannot_be_written", target=target, folder=FOLDER)
    )


def _tell_holder(path: Path) -> None:
    """Say in a file beside the lock who holds it: no argument that could hold a secret."""
    words = [word for word in sys.argv[1:3] if word.isalpha()]
    holder = {
        "command": " ".join(["phusong", *words]),
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
    }
    with suppress(OSError):
        path.with_suffix(".json").write_text(json.dumps(holder), encoding="utf-8")


def _holder(path: Path) -> str:
    try:
        holder = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        where = f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
        return f"{holder['command']} ({where})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
