"""The commands ``map``, ``report`` and ``serve``: the pages of a finished run, drawn again.

``serve`` also hands out a published feed, with the ranges of bytes that its tiles are read by.
"""

import argparse
import io
import json
import re
import socket
import sys
import threading
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from phusong.commands import printing, run
from phusong.errors import Defect, InputError
from phusong.messages import message
from phusong.terminal.parsing import add_wait
from phusong.terminal.speech import sayer, warn

# The commands import what they need: --help and a typing error should not wait for geopandas.
# Printing is what commands are for.
# ruff: noqa: PLC0415, T201

Commands = Any  # argparse keeps the type of subparsers private
HOST, PORT = "127.0.0.1", 8000
SILENCE_S, REQUEST_S = 30, 20  # of a client; until the whole request is here
FIRST_PAGE = "map.html"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")  # one range; several are answered with the whole file


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    drawn = _add(commands, "map", _map, "Draw the map of a finished run again.")
    add_wait(drawn, _map, lambda options: options.run)
    drawn.add_argument("--png", type=Path, metavar="FILE", help="also one picture, A4 on its side")
    report = _add(commands, "report", _report, "Write the report of a finished run again.")
    add_wait(report, _report, lambda options: options.run)
    report.add_argument(
        "--pdf",
        action="store_true",
        help="also report.pdf, annexes.pdf and summary.pdf (one page), through Chromium",
    )
    report.add_argument("--docx", action="store_true", help="also report.docx, for Word")
    what = (
        "Open a run in the browser: its map, and what if stations stood elsewhere (give the "
        "province and lists that it was planned with). Shows predictions and published feeds too."
    )
    serve = _add(commands, "serve", _serve, what)
    serve.add_argument(
        "--port", type=_port, default=PORT, help=f"port, 0 for any free one (default: {PORT})"
    )
    serve.add_argument("--view", action="store_true", help="show the pages alone, without what-if")
    serve.add_argument("--host", default=HOST, help=f"address to answer at (default: {HOST})")
    serve.add_argument("--token", default="", help="what trying and keeping needs (default: made)")
    run.add_inputs(serve)


def _add(commands: Commands, name: str, command: Any, what: str) -> argparse.ArgumentParser:  # noqa: ANN401
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=what, epilog=f"example: phusong {name} out/urban"
    )
    parser.set_defaults(command=command)
    parser.add_argument("run", type=Path, metavar="RUN", help="folder of a finished run")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("must be a whole number from 0 to 65535")
    return int(text)


def _map(options: argparse.Namespace) -> None:
    from phusong.geodata.runs import folder as run_folder
    from phusong.maps.pages import province_map

    with run_folder.whole_run(options.run):
        written = province_map.write_map(options.run, options.lang)
    print(written)
    if options.png:
        from phusong.maps.pages import still

        print(still.write_png(options.run, options.png, options.lang))


def _report(options: argparse.Namespace) -> None:
    from phusong.geodata.runs import folder as run_folder
    from phusong.maps.report import report

    browser = printing.browser() if options.pdf else ""
    with run_folder.whole_run(options.run):
        written = [report.write_report(options.run, options.lang)]
        if options.pdf:
            written += printing.write_pdfs(browser, options.run, options.lang)
        if options.docx:
            written.append(printing.write_docx(options.run, options.lang))
    for path in written:
        print(path)
    for path in written[1:]:
        _list_file(options.run / "run.json", path.name)


def _list_file(record: Path, name: str) -> None:
    """Count a file to the run, so that a later run into the folder replaces it."""
    from phusong.geodata.files import toml_json
    from phusong.geodata.files.whole import write_text

    content = toml_json.read_json(record)
    content["files"] = sorted({*content.get("files", []), name})
    write_text(record, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def _serve(options: argparse.Namespace) -> None:
    from phusong.geodata.runs import record
    from phusong.maps.feed import folder as feed_folder

    is_feed = (options.run / feed_folder.NAME).is_file()
    if is_feed:
        feed_folder.open_feed(options.run)
    elif (options.run / record.NAME).is_file():
        record.read(options.run / record.NAME)
    if not is_feed and not (options.run / FIRST_PAGE).is_file():
        remedy = message("remedy.give_the_folder_of_a_finished")
        raise InputError(
            message("refusal.nothing_to_show"),
            [Defect(str(options.run), message("problem.has_no_map_html"), remedy)],
        )
    if not is_feed and not options.view and _is_plan(options.run):
        _studio(options)
        return
    server = open_server(options.run, options.port)
    say = sayer(options.lang)
    print(say("serving", address=f"http://{HOST}:{server.server_port}/"), flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print(say("stopped"), file=sys.stderr)
    finally:
        server.server_close()


def _is_plan(folder: Path) -> bool:
    """Return whether a folder holds a plan that this version can try stations on."""
    from phusong.geodata.files import toml_json
    from phusong.geodata.runs import record

    path = folder / record.NAME
    parameters = toml_json.read_json(path).get("parameters", {}) if path.is_file() else {}
    return isinstance(parameters, dict) and "own" in (parameters.get("candidates") or {})


def _studio(options: argparse.Namespace) -> None:
    """Answer what-if on a run until the process is interrupted."""
    from phusong.geodata import baseline
    from phusong.geodata.runs import folder as run_folder
    from phusong.scenarios.config import schema
    from phusong.studio.server import StudioServer

    opened = run_folder.open_run(options.run)
    province, existing = run.with_lists(options, int(opened.record["seed"]))
    if existing:
        scenario = schema.restored(
            opened.record["parameters"], str(options.run), country=province.country
        )
        province = baseline.with_existing_5g(province, existing, scenario.baseline_date)
    server = StudioServer(
        options.run, province, host=options.host, port=options.port, token=options.token
    )
    say = sayer(options.lang)
    if server.is_open_to_others:
        warn(message("warning.studio_is_open"), options.lang)
    print(say("serving", address=server.address_with_token(options.lang)), flush=True)
    server.prepare()
    server.run_forever()
    print(say("stopped"), file=sys.stderr)


def open_server(run: Path, port: int) -> ThreadingHTTPServer:
    """Open a server of the files of a run or feed that only this computer reaches."""
    handler = FeedFiles if (run / "feed.json").is_file() else Pages
    try:
        return Server((HOST, port), partial(handler, directory=str(run.resolve())))
    except OSError as error:
        defect = Defect(
            "--port",
            error.strerror or str(error),
            message("remedy.choose_another_or_0"),
            value=port,
        )
        raise InputError(message("refusal.cannot_open_the_port"), [defect]) from None


def _host(stated: str) -> str:
    """Return the host of a Host header, which may be without a port."""
    name, colon, port = stated.rpartition(":")
    return (name if colon and port.isdecimal() else stated).lower()


def _files_of(folder: Path) -> set[str]:
    """Return the files that a run has written: what else lies beside them is nobody's business."""
    from phusong.geodata.files import toml_json
    from phusong.geodata.runs import record

    pages = {FIRST_PAGE, "report.html", *printing.NAMES}
    try:
        listed = toml_json.read_json(folder / record.NAME).get("files", [])
    except InputError:
        return pages
    return pages | {name for name in listed if isinstance(name, str)}


class Server(ThreadingHTTPServer):
    """A server that says nothing of clients that hang up or fall silent."""

    daemon_threads = True

    def handle_error(self, *_client: object) -> None:
        """Say what went wrong, in a line, unless the client did it."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            print(f"phusong: {type(error).__name__}: {error}", file=sys.stderr)


class Pages(SimpleHTTPRequestHandler):
    """Answers GET and HEAD for the files of the run, which lie in the folder itself."""

    timeout = SILENCE_S

    def handle(self) -> None:
        """Answer, unless the request does not come in time, however slowly it trickles."""
        self._late = threading.Timer(REQUEST_S, self._hang_up)
        self._late.daemon = True
        self._late.start()
        try:
            super().handle()
        finally:
            self._late.cancel()

    def _hang_up(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def send_head(self) -> Any:  # noqa: ANN401 - as in the base class
        """Send the head of a file, or say why not."""
        self._late.cancel()  # the request is here; the answer has the time limit of silence
        if _host(self.headers.get("Host", "")) not in {HOST, "localhost"}:
            # a foreign page could point its own name here
            return self.send_error(HTTPStatus.FORBIDDEN)
        path = self._asked_for(unquote(urlsplit(self.path).path)[1:])
        if path is None:
            return self.send_error(HTTPStatus.NOT_FOUND)
        self.path = f"/{quote(path.relative_to(self.directory).as_posix())}"
        return self._opened(path)

    def _asked_for(self, name: str) -> Path | None:
        """Return the file that is asked for; None where it is not to be handed out."""
        name, folder = name or FIRST_PAGE, Path(self.directory)
        path = folder / name
        hidden = name.startswith(".") or Path(name).name != name or "\0" in name or "\\" in name
        foreign = name not in _files_of(folder)
        if hidden or foreign or not path.is_file() or path.resolve().parent != folder:
            return None
        return path

    def _opened(self, _path: Path) -> Any:  # noqa: ANN401 - as in the base class
        return super().send_head()

    def end_headers(self) -> None:
        """Keep the browser from guessing types and from keeping old pages."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing of requests that succeed."""


class FeedFiles(Pages):
    """Answers for the files of a feed, whole or a range of their bytes (RFC 9110, section 14)."""

    def _asked_for(self, name: str) -> Path | None:
        from phusong.maps.feed import page

        folder = Path(self.directory)
        parts = (name or page.NAME).split("/")
        if any(not part or part.startswith(".") or "\0" in part or "\\" in part for part in parts):
            return None
        path = folder.joinpath(*parts)
        if not path.is_file() or path.resolve() != path or not _is_published(folder, parts):
            return None
        return path

    def guess_type(self, path: Any) -> str:  # noqa: ANN401 - as in the base class
        """Return the media type that the catalogue says too."""
        from phusong.maps.feed.catalogue import MEDIA_TYPES

        suffix = Path(path).suffix
        return MEDIA_TYPES.get(suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        """Say that ranges are understood."""
        self.send_header("Accept-Ranges", "bytes")
        super().end_headers()

    def _opened(self, path: Path) -> Any:  # noqa: ANN401 - as in the base class
        size = path.stat().st_size
        asked = _RANGE.fullmatch(self.headers.get("Range", "").replace(" ", ""))
        if not asked or asked.groups() == ("", "") or "If-Range" in self.headers:
            return super()._opened(path)
        first, last = _bounds(asked[1], asked[2], size)
        if first > last:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        with path.open("rb") as file:
            file.seek(first)
            part = file.read(last - first + 1)
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        return io.BytesIO(part)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first and last byte of a range; the first is after the last where it is empty."""
    if not first:  # so many of the last bytes
        return (max(size - int(last), 0), size - 1) if int(last) else (1, 0)
    return int(first), min(int(last), size - 1) if last else size - 1


def _is_published(folder: Path, parts: list[str]) -> bool:
    """Return whether a file belongs to a feed: what else lies there is nobody's business."""
    from phusong.maps.feed import folder as feed_folder
    from phusong.maps.feed import publish

    if parts[0] != feed_folder.RUNS:
        return "/".join(parts) in publish.files_of_feed()
    feed = feed_folder.open_feed(folder)
    return feed is not None and parts[1] in {run.id for run in feed.runs}
