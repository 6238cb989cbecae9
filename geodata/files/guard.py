"""The user's own files: plain, of bounded size, and the same from the first read to the last."""

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phusong.errors import Defect, InputError

_KINDS = {
    stat.S_IFDIR: "is a folder, a file is needed",
    stat.S_IFIFO: "is a pipe, a plain file is needed",
    stat.S_IFSOCK: "is a socket, a plain file is needed",
    stat.S_IFCHR: "is a device, a plain file is needed",
    stat.S_IFBLK: "is a device, a plain file is needed",
}


def check_plain(path: Path, most: int | None = None) -> None:
    """Raise when a path is no plain file, cannot be read, or is larger than ``most`` bytes.

    A pipe or a device would keep a reader waiting for ever.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError) as error:  # a zero byte in the name is a ValueError
        raise unreadable(path, error) from None
    if problem := _KINDS.get(stat.S_IFMT(status.st_mode)):
        raise InputError("unreadable file", [Defect(str(path), problem)])
    if most is not None and status.st_size > most:
        problem = f"has {status.st_size:,} bytes, more than the {most:,} that are read"
        raise InputError(
            f"{Path(path).name} is too large", [Defect(str(path), problem, "split it")]
        )


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of a plain file of at most so many bytes."""
    check_plain(path, most)
    try:
        with Path(path).open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(content) > most:
        problem = f"grew beyond {most:,} bytes while it was read"
        raise InputError(f"{Path(path).name} is too large", [Defect(str(path), problem)])
    return content


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error that says why a file cannot be read."""
    missing = isinstance(error, FileNotFoundError)
    reason = "no such file" if missing else f"cannot be read: {getattr(error, 'strerror', error)}"
    return InputError("unreadable file", [Defect(str(path), reason)])


def digest(path: Path) -> str:
    """Return the SHA-256 of a plain file; memory does not grow with it."""
    check_plain(path)
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from None


def _digest_or_none(path: Path) -> str | None:
    try:
        return digest(path)
    except InputError:
        return None


@contextmanager
def unchanged(*paths: Path) -> Iterator[None]:
    """Raise when a file is another after the block than before it.

    A digest taken inside is then that of all that was read. Files that cannot be read are left
    to their readers.
    """
    before = {path: _digest_or_none(path) for path in paths}
    yield
    defects = [
        Defect(str(path), "changed while it was read", "run again when it is finished")
        for path, known in before.items()
        if known and _digest_or_none(path) != known
    ]
    if defects:
        raise InputError("a file changed", defects)


def beside(folder: Path, name: str) -> Path:
    """Return a plain file of a folder; raise when its name, or a link, leads out of it."""
    path = Path(folder) / name
    try:
        inside = path.resolve().is_relative_to(Path(folder).resolve())
    except (OSError, ValueError, RuntimeError) as error:  # links in a circle are the last
        raise unreadable(path, error) from None
    if not inside:
        problem = "leads out of the folder"
        raise InputError("unsafe file", [Defect(str(path), problem, "copy the file into it")])
    check_plain(path)
    return path
