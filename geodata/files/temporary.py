"""Names of files and folders that are being made, beside what they will become.

A name says whose it is: the computer and the process. What a killed process left behind is
removed by the next one that writes into the same folder.
"""

import os
import re
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phusong import cache_files

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
            made = _NAME.fullmatch(entry.name) if entry.name.startswith(".") else None
            if made and not cache_files.is_alive(int(made[1])):
                cache_files.remove(Path(entry))
