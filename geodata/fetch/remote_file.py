"""A file of the network of which only the parts that are asked for are brought.

GDAL could read far files itself, but by its own rules: with passwords of a .netrc file, and
along any redirect. Here every part comes through ``web``.
"""

import io
import time
from collections import OrderedDict

import requests

from phusong.errors import PhusongError
from phusong.geodata.fetch import web
from phusong.geodata.fetch.web import Address, BrokenError, NetworkError, Patience
from phusong.messages import message

PAGE_BYTES = 1 << 14
MAX_PAGES = 4096  # 64 MiB in memory


class RemoteFile:
    """Parts of a file of the network, kept in pages.

    Raises
    ------
    NetworkError
        When the server does not give parts, or another state of the file than before.
    """

    def __init__(self, address: Address, patience: Patience, session: requests.Session) -> None:
        self.error: PhusongError | None = None  # GDAL does not hand on what its reader raises
        self.size = 0
        self._address, self._patience, self._session = address, patience, session
        self._pages: OrderedDict[int, bytes] = OrderedDict()
        self._validator: str | None = None
        self._bring(0, 1)

    def opened(self, path: str, mode: str = "rb") -> "Handle":  # noqa: ARG002 - as GDAL asks
        """Return what GDAL reads: whatever it calls the file, this is the one."""
        return Handle(self)

    def span(self, start: int, stop: int) -> bytes:
        """Return the bytes of a span; none where they do not come: ``error`` says why."""
        stop = min(stop, self.size)
        if stop <= start or self.error:
            return b""
        first, last = start // PAGE_BYTES, (stop - 1) // PAGE_BYTES
        try:
            pages = b"".join(self._page(number, last) for number in range(first, last + 1))
        except PhusongError as error:
            self.error = error
            return b""
        return pages[start - first * PAGE_BYTES : stop - first * PAGE_BYTES]

    def _page(self, number: int, last: int) -> bytes:
        """Return a page; those up to the last that are missing come with it."""
        if number not in self._pages:
            after = number + 1
            while after <= last and after not in self._pages:
                after += 1
            self._bring(number, after)
        self._pages.move_to_end(number)
        return self._pages[number]

    def _bring(self, first: int, after: int) -> None:
        content = self._persisted(first * PAGE_BYTES, after * PAGE_BYTES)
        for number in range(first, after):
            start = (number - first) * PAGE_BYTES
            self._pages[number] = content[start : start + PAGE_BYTES]
        while len(self._pages) > max(MAX_PAGES, after - first):
            self._pages.popitem(last=False)

    def _persisted(self, start: int, stop: int) -> bytes:
        """Return the bytes of a span; what may pass is tried again."""
        for attempt in range(1, self._patience.tries):
            try:
                return self._part(start, stop)
            except BrokenError:
                time.sleep(self._patience.pause_s * 2**attempt)
        return self._part(start, stop)

    def _part(self, start: int, stop: int) -> bytes:
        """Return the bytes of a span, of the same state of the file as those before."""
        span = {"Range": f"bytes={start}-{stop - 1}"}
        with web.answer_to(self._address, self._patience, span, self._session) as answer:
            self._check(answer, start)
            content = b"".join(web.chunks(answer, PAGE_BYTES, self._patience))
        expected = min(stop, self.size) - start
        if len(content) < expected:
            reason = message("problem.broke_off_at_of_bytes_2", n=len(content), expected=expected)
            raise BrokenError(self._address, reason)
        return content[:expected]

    def _check(self, answer: requests.Response, start: int) -> None:
        place, _, total = answer.headers.get("Content-Range", "").partition("/")
        if answer.status_code != 206 or not place.startswith(f"bytes {start}-"):
            raise NetworkError(self._address, message("problem.the_server_gives_no_parts"))
        if not total.isdecimal():
            raise NetworkError(self._address, message("problem.the_server_does_not_say_the_size"))
        validator = str(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")
        if self._validator is not None and (self._validator, self.size) != (validator, int(total)):
            raise NetworkError(self._address, message("problem.changed_while_it_was_read"))
        self._validator, self.size = validator, int(total)


class Handle(io.RawIOBase):
    """A place in a far file, as a reader has it open."""

    def __init__(self, file: RemoteFile) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any place can be read."""
        return True

    def tell(self) -> int:
        """Return the place that is read next."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._file.size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; none at the end, or where they do not come."""
        stop = self._file.size if size < 0 else self._at + size
        content = self._file.span(self._at, stop)
        self._at += len(content)
        return content
