"""Take one file out of an archive, bounded in size and never written where the archive says."""

import gzip
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Protocol

from phusong.errors import Defect, InputError
from phusong.geodata.export import replace_whole

MOST_BYTES = 2_000_000_000
MOST_RATIO = 200  # text of coordinates shrinks to a tenth; a bomb to a thousandth
CHUNK_BYTES = 1 << 20
_BAD = "download it again, or look where it came from"


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def gunzip(archive: Path, target: Path, most_bytes: int = MOST_BYTES) -> None:
    """Unpack a .gz file into ``target``; its checksum is verified on the way."""
    with gzip.open(archive, "rb") as source, replace_whole(target) as temporary:
        _copy(source, temporary, archive, most_bytes)


def unzip(archive: Path, name: str, target: Path, most_bytes: int = MOST_BYTES) -> None:
    """Unpack the one member called ``name``, in whatever folder, of a .zip file into ``target``.

    Raises
    ------
    InputError
        When the archive is broken or encrypted, names a place outside itself, or expands
        beyond measure; or when it has no such member, or several.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            member = _member(archive, opened, name)
            if member.file_size > min(most_bytes, MOST_RATIO * max(member.compress_size, 1)):
                raise _unusable(archive, f"'{member.filename}' would expand beyond measure")
            with opened.open(member) as source, replace_whole(target) as temporary:
                _copy(source, temporary, archive, most_bytes)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise _unusable(archive, f"is not a .zip file that can be read: {error}") from error


def _member(archive: Path, opened: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = opened.infolist()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise _unusable(archive, f"'{member.filename}' leads out of the archive")
    hits = [member for member in members if PurePosixPath(member.filename).name == name]
    if len(hits) != 1:
        held = ", ".join(member.filename for member in members[:10]) or "nothing"
        raise _unusable(archive, f"holds {len(hits)} files '{name}'; it has {held}")
    return hits[0]


def _copy(source: _Source, target: Path, archive: Path, most_bytes: int) -> None:
    with target.open("wb") as file:
        while chunk := _read(source, archive):
            if file.tell() + len(chunk) > most_bytes:
                raise _unusable(archive, f"expands beyond {most_bytes / 1e6:,.0f} MB")
            file.write(chunk)


def _read(source: _Source, archive: Path) -> bytes:
    try:
        return source.read(CHUNK_BYTES)
    except (gzip.BadGzipFile, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise _unusable(archive, f"is broken: {error}") from error


def _unusable(archive: Path, problem: str) -> InputError:
    return InputError("unusable archive", [Defect(str(archive), problem, _BAD)])
