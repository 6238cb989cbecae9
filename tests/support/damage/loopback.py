"""A web server on the loopback address that behaves as badly as a test asks."""

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What a path answers; ``cuts`` are the bytes after which answers in turn break off."""

    body: bytes = b""
    status: int = 200
    etag: str = '"one"'
    ranges: bool = True
    cuts: list = field(default_factory=list)
    most: int | None = None  # bytes of a part that are given at most
    delay_s: float = 0.0
    headers: dict = field(default_factory=dict)
    chunked: bool = False  # no length is told


@dataclass
class Asked:
    """A request as the server saw it."""

    path: str
    range: str | None
    status: int
    sent: int = 0


class Server:
    """Paths that are served, and the requests that came."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.paths = {}
        self.log = []

    def serve(self, path, body=b"", **how):
        """Serve a body at a path and return its address."""
        self.paths[path] = Served(body, **how)
        return self.url + path

    def sent(self, path):
        """Return the bytes of bodies sent from a path."""
        return sum(asked.sent for asked in self.log if asked.path == path)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Keep the test's output clean."""

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def _answer(self, *, body):
        server = self.server.told
        served = server.paths.get(self.path, Served(b"not here", 404))
        time.sleep(served.delay_s)
        start, stop, status = self._span(served)
        asked = Asked(self.path, self.headers.get("Range"), status)
        server.log.append(asked)
        part = served.body[start:stop]
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(served.body)}")
        if status == 416:
            self.send_header("Content-Range", f"bytes */{len(served.body)}")
        if served.etag:
            self.send_header("ETag", served.etag)
        for name, value in served.headers.items():
            self.send_header(name, value)
        if not served.chunked:
            self.send_header("Content-Length", str(len(part)))
        if served.chunked or served.cuts:
            self.send_header("Connection", "close")
        self.end_headers()
        if body:
            self._send(part, served, asked)

    def _span(self, served):
        whole = (0, len(served.body), served.status)
        told = self.headers.get("Range")
        if not told or not served.ranges or served.status != 200:
            return whole
        if self.headers.get("If-Range", served.etag) != served.etag:
            return whole
        first, _, last = told.removeprefix("bytes=").partition("-")
        if int(first) >= len(served.body):
            return 0, 0, 416
        stop = min(int(last) + 1, len(served.body)) if last else len(served.body)
        if served.most is not None:
            stop = min(stop, int(first) + served.most)
        return int(first), stop, 206

    def _send(self, part, served, asked):
        cut = served.cuts.pop(0) if served.cuts else None
        part = part if cut is None else part[:cut]
        try:
            self.wfile.write(part)
            asked.sent = len(part)
        except OSError:
            pass
        if cut is not None or served.chunked:
            self.close_connection = True


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing of clients that hang up: tests make them."""


@contextmanager
def running():
    """Run a server in a thread and yield what it serves and saw."""
    http = _Quiet(("127.0.0.1", 0), _Handler)
    http.told = Server(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield http.told
    finally:
        http.shutdown()
        thread.join()
        http.server_close()
