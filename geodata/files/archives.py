"""Open packed files with care: bounded size, no path out of the folder, no links, no bombs."""

import gzip
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from phusong.errors import Defect, InputError
from phusong.messages import Text, message

MAX_BYTES = 2_000_000_000  # unpacked, all members together
MAX_MEMBERS = 10_000
MAX_RATIO = 200.0  # unpacked to packed; deflate of text and terrain stays far below
SMALL_BYTES = 10_000_000  # below, the ratio does not matter
CHUNK_BYTES = 1 << 20
PACKED = (".zip", ".kmz", ".gz")
_UNPACK = message("remedy.unpack_it_yourself_look_at_what")
_MARKUP = (".kml", ".xml", ".rels", ".gml", ".vml")
_FORBIDDEN = (b"<!doctype", b"<!entity")
_END, _END_BYTES, _COMMENT_BYTES = b"PK\x05\x06", 22, 65_535  # of a zip file, APPNOTE 4.3.16
_ENTRY_BYTES = 400  # of a member's name and place in the directory, at most
# What the libraries raise over a file that is not what it says.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, LZMAError, EOFError, NotImplementedError, RuntimeError),
    *(OSError, ValueError, struct.error),
)


@contextmanager
def opened(path: Path, suffixes: Sequence[str]) -> Iterator[Path]:
    """Yield the file to read: the path itself, or the one member with such a suffix, unpacked.

    Members beside it, such as the parts of a shapefile, are unpacked too. What was unpacked is
    removed afterwards. Archives in archives are not opened.

    Raises
    ------
    InputError
        When the archive is broken, too large, or holds a path out of its folder, a link, a
        password, no such file or several.
    """
    path = Path(path)
    if path.suffix.lower() not in PACKED or not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="phusong-") as name:
        folder = Path(name)
        if path.suffix.lower() == ".gz":
            gunzip(path, folder / path.stem)
        else:
            unpack(path, folder)
        inner = _the_one(path, folder, [suffix for suffix in suffixes if suffix not in PACKED])
        with _named(path, inner):
            yield inner


@contextmanager
def _named(path: Path, inner: Path) -> Iterator[None]:
    """Let defects of an unpacked file name the archive that the user gave."""
    try:
        yield
    except InputError as error:
        raise error.shown_as(str(inner), f"{path} ({inner.name})") from None


def unpack(path: Path, folder: Path) -> None:
    """Unpack a zip file into a folder, or raise and say why not."""
    left = MAX_BYTES
    with _zip(path) as archive:
        for member in checked(path, archive):
            target = folder / PurePosixPath(member.filename)
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source:
                left -= _copy(path, source, target, left)


def unzip(path: Path, name: str, target: Path, most: int = MAX_BYTES) -> None:
    """Unpack the one member called ``name``, in whatever folder, of a zip file into ``target``."""
    with _zip(path) as archive:
        members = checked(path, archive, most)
        hits = [member for member in members if PurePosixPath(member.filename).name == name]
        if len(hits) != 1:
            held = ", ".join(member.filename for member in members[:10]) or "nothing"
            raise _unusable(
                path, message("problem.holds_files_it_has", n=len(hits), name=name, held=held)
            )
        with archive.open(hits[0]) as source:
            _copy(path, source, target, most)


def gunzip(path: Path, target: Path, most: int = MAX_BYTES) -> None:
    """Unpack a gz file into ``target``; its checksum is verified on the way."""
    with _reading(path):
        most = min(most, int(max(SMALL_BYTES, MAX_RATIO * path.stat().st_size)))
        with gzip.open(path) as source:
            _copy(path, source, target, most)


def checked(path: Path, archive: zipfile.ZipFile, most: int = MAX_BYTES) -> list[zipfile.ZipInfo]:
    """Return the files of an archive; raise when one of them must not be unpacked."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    total = sum(member.file_size for member in members)
    packed = path.stat().st_size
    if len(members) > MAX_MEMBERS:
        raise _unusable(
            path, message("problem.holds_files_more_than", n=len(members), max_members=MAX_MEMBERS)
        )
    if total > most:
        raise _unusable(path, message("problem.unpacks_to_bytes_more_than", total=total, most=most))
    if total > SMALL_BYTES and total > MAX_RATIO * packed:
        raise _unusable(path, message("problem.unpacks_to_times_its_size_a", total=total / packed))
    wrong = [(member, reason) for member in members if (reason := _reason(member))]
    if wrong:
        defects = [
            Defect(str(path), reason, _UNPACK, value=member.filename) for member, reason in wrong
        ]
        raise InputError(message("refusal.is_not_a_safe_archive", path=path.name), defects)
    return members


def check_markup(path: Path, most: int = MAX_BYTES) -> None:
    """Raise when markup declares entities: they multiply, and may name files of this machine.

    Looks into a file, or into the members of an archive such as a spreadsheet.
    """
    with _reading(path):
        if not zipfile.is_zipfile(path):
            with path.open("rb") as source:
                _refuse_entities(path, source)
            return
    with _zip(path) as archive:
        for member in checked(path, archive, most):
            if member.filename.lower().endswith(_MARKUP):
                with archive.open(member) as source:
                    _refuse_entities(path, source)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Say which archive is broken, and how."""
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        raise _unusable(path, message("problem.cannot_be_unpacked", error=error)) from None


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with _reading(path):
        _check_directory(path)
        with zipfile.ZipFile(path) as archive:
            yield archive


def _check_directory(path: Path) -> None:
    """Raise when a zip file has a list of members that would fill the memory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - _END_BYTES - _COMMENT_BYTES, 0))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_BYTES:
        raise _unusable(path, message("problem.cannot_be_unpacked_it_is_not"))
    (listed_bytes,) = struct.unpack_from("<I", tail, at + 12)
    if min(listed_bytes, size) > MAX_MEMBERS * _ENTRY_BYTES:
        raise _unusable(path, message("problem.lists_more_than_files", max_members=MAX_MEMBERS))


def _reason(member: zipfile.ZipInfo) -> Text:
    """Return why a member must not be unpacked, or nothing."""
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0] == "/" or PureWindowsPath(name).drive:
        return message("problem.holds_a_path_that_leads_out")
    if stat.S_ISLNK(member.external_attr >> 16):
        return message("problem.holds_a_symbolic_link")
    return message("problem.holds_a_file_with_a_password") if member.flag_bits & 1 else ""


def _refuse_entities(path: Path, source: IO[bytes]) -> None:
    before = b""
    read = 0
    while chunk := source.read(CHUNK_BYTES):
        read += len(chunk)
        seen = before + chunk.replace(b"\0", b"").lower()  # UTF-16 has a zero beside each letter
        if any(word in seen for word in _FORBIDDEN):
            problem = message("problem.declares_xml_entities_or_a_document")
            raise InputError(
                message("refusal.unsafe_markup"),
                [Defect(str(path), problem, message("remedy.save_it_without_them"))],
            )
        _check_size(path, read, MAX_BYTES)
        before = seen[-16:]


def _check_size(path: Path, size: int, most: int) -> None:
    if size > most:
        raise _unusable(path, message("problem.unpacks_to_more_than_bytes_a", most=most))


def _copy(path: Path, source: IO[bytes] | gzip.GzipFile, target: Path, most: int) -> int:
    """Copy at most so many bytes, whatever the archive says of its size; all or nothing."""
    size = 0
    try:
        with target.open("wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                size += len(chunk)
                _check_size(path, size, most)
                file.write(chunk)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return size


def _the_one(path: Path, folder: Path, suffixes: Sequence[str]) -> Path:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes and p.is_file())
    paths = [item for item in paths if not item.name.startswith("._")]  # left by macOS
    if len(paths) == 1:
        return paths[0]
    names = ", ".join(item.name for item in paths[:5])
    held = f"holds {len(paths)} of them: {names}" if paths else "holds none"
    problem = message("problem.one_file_ending_in_is_expected", suffixes=[*suffixes], held=held)
    raise InputError(message("refusal.cannot_choose_a_file"), [Defect(str(path), problem, _UNPACK)])


def _unusable(path: Path, problem: Text) -> InputError:
    return InputError(
        message("refusal.is_not_a_usable_archive", path=path.name),
        [Defect(str(path), problem, _UNPACK)],
    )
