"""Write a file or a folder of results whole or not at all, and say why it cannot be written.

A folder is made beside, then put in the place of an earlier one, file by file. A break while it
is made leaves the earlier files as they were and a hidden folder beside, which nothing reads. A
break in the moment in which the files change places leaves a mark, so that no reader takes a
mixture of old and new for a result.
"""

import glob
import os
import re
import secrets
import shutil
import socket
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pyogrio.errors import DataLayerError, DataSourceError
from rasterio._err import CPLE_BaseError  # of GDAL, where rasterio hands it on
from rasterio.errors import RasterioError

from phusong import cache_files, lock
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard
from phusong.messages import message

LONGEST_REASON = 150
MARK = ".unfinished"  # of a folder whose files are changing places
KEPT = ".replaced"  # what stood where they go
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
        reason = f"…{reason[-LONGEST_REASON:]}"
    remedy = message("remedy.choose_a_folder_that_exists_that")
    return InputError(
        message("refusal.cannot_write", path=path.name), [Defect(str(path), reason, remedy)]
    )


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


@contextmanager
def folder_in(parent: Path, name: str) -> Iterator[Path]:
    """Yield a new hidden folder in a folder that this process alone writes, removed afterwards."""
    with lock.held(parent), ExitStack() as stack:
        with writing(parent):
            folder = stack.enter_context(folder_beside(parent / name))
        try:
            yield folder
        except InputError as error:
            raise error.shown_as(str(folder), str(parent)) from None


def exchange(made: Path, folder: Path, names: Sequence[str]) -> None:
    """Move files and folders from one folder into another, in order, each in one step.

    What they replace is kept until all have their place; where one cannot, all come back.

    Parameters
    ----------
    made : where they are, on the same file system.
    folder : where they go.
    names : relative paths with forward slashes.
    """
    kept = made / KEPT
    moved: list[str] = []
    try:
        for name in names:
            _keep(folder / name, kept / name)
            moved.append(name)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).replace(folder / name)
    except BaseException:
        for name in reversed(moved):
            _put_back(kept / name, folder / name)
        raise


def _keep(path: Path, kept: Path) -> None:
    """Move a folder away, or copy a file, which a reader may want meanwhile."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.replace(kept)
    elif path.exists():
        shutil.copy2(path, kept)


def _put_back(kept: Path, path: Path) -> None:
    """Let what was there before stand there again; nothing where there was nothing."""
    if path.is_dir():
        shutil.rmtree(path)
    elif not kept.exists():
        path.unlink(missing_ok=True)
    if kept.exists():
        kept.replace(path)


def drop_left_overs(folder: Path) -> None:
    """Remove what processes of this computer that are gone have left half-made in a folder.

    A folder that one of them had moved away, and put nothing in its place, stands there again.
    """
    with suppress(OSError):
        for entry in os.scandir(folder):
            match = _NAME.fullmatch(entry.name) if entry.name.startswith(".") else None
            if match and not cache_files.is_alive(int(match[1])):
                _restore(Path(entry) / KEPT, folder)
                cache_files.remove(Path(entry))


def _restore(kept: Path, folder: Path) -> None:
    """Move folders that are kept to where nothing stands now."""
    for path in sorted(kept.rglob("*")):
        place = folder / path.relative_to(kept)
        if path.is_dir() and not place.exists() and place.parent.is_dir():
            path.replace(place)


def is_ours(out: Path, record: str) -> bool:
    """Return whether a folder may be replaced: it is empty, or holds an earlier result."""
    names = {path.name for path in out.iterdir()}
    return not names or bool(names & {record, MARK})


def check_whole(folder: Path) -> None:
    """Raise when the files of a folder were being replaced when something stopped it."""
    if (folder / MARK).exists():
        problem = message("problem.holds_files_of_two_runs_one")
        raise InputError(
            message("refusal.is_not_whole", folder=folder),
            [Defect(str(folder), problem, message("remedy.run_it_again"))],
        )


@contextmanager
def replaced(out: Path, record: str, own: Iterable[str]) -> Iterator[Path]:
    """Yield an empty folder whose files take their place in ``out`` when the block succeeds.

    Parameters
    ----------
    out : the folder, which is made if it is not there; foreign files in it stay.
    record : the file by which the result is known; it takes its place last.
    own : names of the earlier result, which go where the new one does not write them.
    """
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
    with lock.held(out), _made_beside(out) as folder:
        try:
            yield folder
            with writing(out):
                _swap(folder, out, record, own)
        except InputError as error:
            raise error.shown_as(str(folder), str(out)) from None


@contextmanager
def _made_beside(out: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        with writing(out):
            folder = stack.enter_context(folder_beside(out))
        yield folder


@contextmanager
def steady(*folders: Path, records: Sequence[str]) -> Iterator[None]:
    """Raise when a folder that the block reads was replaced meanwhile, by its records."""
    for folder in folders:
        check_whole(folder)
    with guard.unchanged(*(folder / record for folder in folders for record in records)):
        yield
    for folder in folders:
        check_whole(folder)


def _swap(folder: Path, out: Path, record: str, own: Iterable[str]) -> None:
    new = sorted(path.name for path in folder.iterdir())
    out.mkdir(exist_ok=True)
    (out / MARK).touch()
    for old in own:
        if old not in new and (out / old).is_file():
            (out / old).unlink()
    for name in [n for n in new if n != record] + [record]:
        (folder / name).replace(out / name)
    (out / MARK).unlink()
