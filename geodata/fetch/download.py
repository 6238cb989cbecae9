"""Download files: resumed after a break, checked, kept in a cache, whole or not at all.

Why not pooch: it starts again from nothing after a break and shows the whole address, with any
token in it, in its messages. What is needed beyond requests is this module.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import requests

from phusong import cache_files, lock
from phusong.errors import Defect, InputError, PhusongError
from phusong.geodata.fetch import web
from phusong.geodata.fetch.web import Address, BrokenError, MissingError, NetworkError, Patience
from phusong.geodata.files import toml_json
from phusong.geodata.files.whole import unwritable, write_text
from phusong.messages import message

FOLDER = cache_files.root() / "downloads"
MAX_CACHE_BYTES = 20 * 2**30
CHUNK_BYTES = 1 << 18
MAX_TEXT_BYTES = 10_000
SPARE_BYTES = 50_000_000  # a disk is not filled to the brim
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")
_DIGEST = re.compile(r"\b[0-9a-fA-F]{32}\b")

Move = Callable[[int], None]
Progress = Callable[[str, int], Move]  # title, bytes in all (0: not known) -> bytes done


class File(NamedTuple):
    """A file that is here and whole, and how that was checked."""

    path: Path
    sha256: str
    checked: str


@dataclass(frozen=True)
class Download:
    """A file to have: where it is, its name, how to check it, how large it may be."""

    address: Address
    name: str
    rule: str = "none"  # see ``sources.Source.checksum``
    max_bytes: int = 2_000_000_000


def silent(title: str, total: int) -> Move:  # noqa: ARG001 - the signature of a progress bar
    """Show no progress."""
    return lambda done: None  # noqa: ARG005


def download(
    wanted: Download,
    patience: Patience | None = None,
    progress: Progress = silent,
    *,
    refresh: bool = False,
) -> File:
    """Return a file of the network, from the cache if it is there and ``refresh`` is not asked.

    A transfer that breaks off goes on where it stopped, now or in a later run, if the server
    can continue and the file is still the same; else it starts again. The file gets its name
    only when it is whole and its checksum, where the source gives one, is right.

    Raises
    ------
    NetworkError
        When the file cannot be had; what came of it stays for the next run.
    PhusongError
        When the checksum is wrong or the file too large; nothing stays.
    """
    with lock.held(cached(wanted), wait=True):  # the other brings the same file
        return _download(wanted, patience or Patience(), progress, refresh=refresh)


def _download(wanted: Download, patience: Patience, progress: Progress, *, refresh: bool) -> File:
    path = cached(wanted)
    record = _read(_record(path))
    same = path.is_file() and record.get("address") == str(wanted.address)
    if same and not refresh and record.get("sha256") == digest_of(path, "sha256"):
        os.utime(path.parent)  # what is not used for longest goes first
        return File(path, record["sha256"], str(record.get("checked", "")))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    kind, digest = _expected(wanted, patience)
    part = path.with_name(f"{path.name}.part")
    _persist(wanted, part, patience, progress)
    file = _checked(wanted, part, kind, digest)
    write_text(_record(path), _json({"address": str(wanted.address), **file._asdict()}))
    part.replace(path)
    _record(part).unlink(missing_ok=True)
    cache_files.make_room(FOLDER, "*", MAX_CACHE_BYTES, path.parent)
    return file._replace(path=path)


def cached(wanted: Download) -> Path:
    """Return the place of a file in the cache: by the address without its secret."""
    key = hashlib.sha256(str(wanted.address).encode()).hexdigest()[:16]
    return FOLDER / key / wanted.name


def local(path: Path, rule: str = "none") -> File:
    """Return a file of a mirror folder, checked like one of the network."""
    wanted = Download(Address(str(path)), path.name, rule)
    beside = path.with_name(f"{path.name}.md5")
    kind, _, digest = rule.partition(":")
    if rule == "md5-beside":
        kind, digest = "md5", _digest_in(beside.read_text("utf-8")) if beside.is_file() else ""
    return _checked(wanted, path, kind, digest, keep=True)


def text(address: Address, patience: Patience) -> str:
    """Return a short text of the network."""
    with web.answer_to(address, patience) as answer:
        read = next(web.chunks(answer, MAX_TEXT_BYTES, patience), b"")
        if web.is_page(read, ""):
            raise web.page_error(address)
        return read.decode("utf-8", "replace")


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    """Say which file cannot be written, for example on a full disk."""
    try:
        yield
    except requests.RequestException:  # an OSError too, but not of a file
        raise
    except OSError as error:
        raise unwritable(path, error) from error


def _expected(wanted: Download, patience: Patience) -> tuple[str, str]:
    """Return the kind of checksum and the digest that the source gives, empty if none."""
    kind, _, digest = wanted.rule.partition(":")
    if kind != "md5-beside":
        return kind, digest
    beside = Address(f"{wanted.address.url}.md5", wanted.address.secret)
    try:
        return "md5", _digest_in(text(beside, patience))
    except MissingError:
        return "md5", ""


def _digest_in(text: str) -> str:
    match = _DIGEST.search(text)
    return match[0].lower() if match else ""


def _persist(wanted: Download, part: Path, patience: Patience, progress: Progress) -> None:
    """Transfer until the file is whole; give up after so many tries in a row without a byte."""
    vain = 0
    while True:
        before = _size(part)
        try:
            _transfer(wanted, part, patience, progress)
        except BrokenError:
            vain = 0 if _size(part) > before else vain + 1
            if vain >= patience.tries:
                raise
            time.sleep(patience.pause_s * 2**vain)
        else:
            return


def _transfer(wanted: Download, part: Path, patience: Patience, progress: Progress) -> None:
    """Ask once for what is still missing of a file, and append it."""
    state = _read(_record(part))
    have = _whole_bytes(part, state)
    headers = {}
    if have and state.get("validator"):
        headers = {"Range": f"bytes={have}-", "If-Range": state["validator"]}
    with web.answer_to(wanted.address, patience, headers) as answer:
        start, total = _place(answer)
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            if have and total == have:
                return  # everything had come, only the end of the run was missed
            part.unlink(missing_ok=True)
            raise BrokenError(wanted.address, message("problem.the_server_cannot_continue"))
        if start not in {0, have}:
            part.unlink(missing_ok=True)
            raise BrokenError(wanted.address, message("problem.the_server_continues_elsewhere"))
        _check_size(wanted, part, max(total - start, 0), total)
        write_text(_record(part), _json({"validator": _validator(answer)}))
        try:
            _append(wanted, part, answer, start, progress(wanted.name, total), patience)
        finally:
            _note_part(part, _validator(answer))
    if total and _size(part) < total:
        reason = message("problem.broke_off_at_of_bytes", size=_size(part), total=total)
        raise BrokenError(wanted.address, reason)


def _whole_bytes(part: Path, state: Mapping[str, Any]) -> int:
    """Return how much of a file is here; a part that was damaged since is dropped."""
    bytes_, digest = state.get("bytes"), state.get("sha256")
    if isinstance(bytes_, int) and _size(part):
        with part.open("rb") as file:
            if hashlib.sha256(file.read(bytes_)).hexdigest() != digest:
                _drop(part)
    return _size(part)


def _note_part(part: Path, validator: str) -> None:
    """Keep what a part is of, and its digest, for the transfer that goes on with it."""
    if part.is_file():
        state = {"validator": validator, "bytes": _size(part), "sha256": digest_of(part, "sha256")}
        write_text(_record(part), _json(state))


def _append(
    wanted: Download,
    part: Path,
    answer: requests.Response,
    start: int,
    move: Move,
    patience: Patience,
) -> None:
    done = start
    with _writable(part), part.open("ab" if start else "wb") as file:
        for chunk in web.chunks(answer, CHUNK_BYTES, patience):
            if not done and web.is_page(chunk, wanted.name):
                file.close()
                _drop(part)
                raise web.page_error(wanted.address)
            done += file.write(chunk)
            if done > wanted.max_bytes:
                file.close()
                _drop(part)
                raise _too_large(wanted, done)
            move(done)
        file.flush()
        os.fsync(file.fileno())


def _place(answer: requests.Response) -> tuple[int, int]:
    """Return at which byte the body starts, and the size of the whole file (0: not said)."""
    match = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    if answer.status_code == requests.codes.ok or not match:
        length = answer.headers.get("Content-Length", "")
        return 0, int(length) if length.isdecimal() else 0
    start, total = match.groups()
    return int(start or 0), int(total) if total.isdecimal() else 0


def _validator(answer: requests.Response) -> str:
    """Return what tells whether the file is still the same: a strong ETag, else its date."""
    tag = str(answer.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(answer.headers.get("Last-Modified", ""))


def _check_size(wanted: Download, part: Path, coming: int, total: int) -> None:
    if total > wanted.max_bytes:
        _drop(part)
        raise _too_large(wanted, total)
    free = shutil.disk_usage(part.parent).free
    if free < coming + SPARE_BYTES * (coming > SPARE_BYTES):
        problem = message("problem.mb_are_to_come_mb_are", coming=coming / 1e6, free=free / 1e6)
        remedy = message("remedy.make_room_or_set_xdg_cache")
        raise InputError(
            message("refusal.not_enough_room"), [Defect(str(part.parent), problem, remedy)]
        )


def _too_large(wanted: Download, size: int) -> PhusongError:
    most = f"{wanted.max_bytes / 1e6:,.0f} MB are expected at most"
    return PhusongError(
        message("refusal.mb_come_where", address=wanted.address, size=size / 1e6, most=most)
    )


def _checked(wanted: Download, path: Path, kind: str, digest: str, *, keep: bool = False) -> File:
    """Return the file when its checksum is right; else drop it, unless it is the user's own."""
    if _size(path) == 0:
        raise PhusongError(message("refusal.is_empty", address=wanted.address))
    with path.open("rb") as content:
        start = content.read(MAX_TEXT_BYTES)
    if web.is_page(start, wanted.name):
        if not keep:
            _drop(path)
        raise web.page_error(wanted.address)
    sha256 = digest_of(path, "sha256")
    if kind not in {"sha256", "md5"} or not digest:
        how = {"crc": "checksum inside the format", "none": "size"}.get(kind, "no checksum beside")
        return File(path, sha256, how)
    digest_found = sha256 if kind == "sha256" else digest_of(path, "md5")
    if digest_found == digest:
        return File(path, sha256, f"{kind} given by the source")
    if not keep:
        _drop(path)
    raise PhusongError(
        message(
            "refusal.wrong_checksum_but_the_source_says",
            address=wanted.address,
            kind=kind,
            digest_found=digest_found,
            digest=digest,
        )
    )


def digest_of(path: Path, kind: str) -> str:
    """Return the digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _record(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        return toml_json.read_json(path)
    except InputError:
        return {}  # none, or one that says nothing: the file is asked for again


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, default=str, indent=1)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _drop(part: Path) -> None:
    part.unlink(missing_ok=True)
    _record(part).unlink(missing_ok=True)


__all__ = ["Download", "File", "NetworkError", "cached", "download", "local", "text"]
