"""The user's own files: plain, of bounded size, and the same from the first read to the last."""

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phusong.errors import Defect, InputError
from phusong.messages import message

_KINDS = {
    stat.S_IFDIR: message("problem.is_a_folder"),
    stat.S_IFIFO: message("problem.is_a_pipe"),
    stat.S_IFSOCK: message("problem.is_a_socket"),
    stat.S_IFCHR: message("problem.is_a_device"),
    stat.S_IFBLK: message("problem.is_a_device"),
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
        raise InputError(message("refusal.unreadable_file"), [Defect(str(path), problem)])
    if most is not None and status.st_size > most:
        problem = message("problem.has_bytes_more_than_the_that", st_size=status.st_size, most=most)
        raise InputError(
            message("refusal.is_too_large_2", name=Path(path).name),
            [Defect(str(path), problem, message("remedy.split_it"))],
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
        problem = message("problem.grew_beyond_bytes_while_it_was", most=most)
        raise InputError(
            message("refusal.is_too_large_2", name=Path(path).name), [Defect(str(path), problem)]
        )
    return content


def unreadable(path: Path, error: Exception) -> InputError:
    """Return the error that says why a file cannot be read."""
    missing = isinstance(error, FileNotFoundError)
    reason = (
        message("problem.no_such_file")
        if missing
        else message("problem.cannot_be_read_3", getattr=getattr(error, "strerror", error))
    )
    return InputError(message("refusal.unreadable_file"), [Defect(str(path), reason)])


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
        Defect(
            str(path),
            message("problem.changed_while_it_was_read"),
            message("remedy.run_again_when_it_is_finished"),
        )
        for path, known in before.items()
        if known and _digest_or_none(path) != known
    ]
    if defects:
        raise InputError(message("refusal.a_file_changed"), defects)


def beside(folder: Path, name: str) -> Path:
    """Return a plain file of a folder; raise when its name, or a link, leads out of it."""
    path = Path(folder) / name
    try:
        inside = path.resolve().is_relative_to(Path(folder).resolve())
    except (OSError, ValueError, RuntimeError) as error:  # links in a circle are the last
        raise unreadable(path, error) from None
    if not inside:
        problem = message("problem.leads_out_of_the_folder")
        raise InputError(
            message("refusal.unsafe_file"),
            [Defect(str(path), problem, message("remedy.copy_the_file_into_it"))],
        )
    check_plain(path)
    return path
