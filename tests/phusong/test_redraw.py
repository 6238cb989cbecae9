"""Pages of a finished run drawn again, and shown on this computer only."""

import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import maps_run
import pytest
from pypdf import PdfReader

from phusong.commands import cli, printing, redraw
from phusong.maps.report.report import sections

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return maps_run.write_whole(tmp_path_factory.mktemp("redraw") / "run")


@pytest.mark.parametrize("name", ["map", "report"])
def test_pages_are_drawn_from_the_folder_in_either_language(run, capsys, name):
    path = run / f"{name}.html"
    for language in ("vi", "en"):
        path.unlink(missing_ok=True)
        assert cli.main([name, str(run), "--lang", language]) == cli.DONE
        assert capsys.readouterr().out == f"{path}\n"
        assert f'lang="{language}"' in path.read_text(encoding="utf-8")[:500]


def test_a_run_speaks_the_language_of_the_moment(run, monkeypatch, capsys):
    """That of the environment, else Vietnamese, whatever the run was written in."""
    for stated, language in (("en", "en"), ("", "vi")):
        monkeypatch.setenv("PHUSONG_LANG", stated)
        assert cli.main(["report", str(run)]) == cli.DONE
        assert f'lang="{language}"' in (run / "report.html").read_text(encoding="utf-8")[:500]
    monkeypatch.setenv("PHUSONG_LANG", "fr")
    assert cli.main(["report", str(run)]) == cli.WRONG_INPUT
    assert "ngôn ngữ không có (dùng vi hoặc en)" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["map", "report"])
def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys, name):
    assert cli.main([name, str(tmp_path)]) == cli.WRONG_INPUT
    assert "is not the folder of a finished run" in capsys.readouterr().err


@pytest.mark.browser
def test_report_is_printed_to_pdf_and_counted_to_the_run(run, capsys):
    try:
        printing.browser()
    except redraw.InputError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    assert cli.main(["report", str(run), "--pdf"]) == cli.DONE
    assert str(run / "report.pdf") in capsys.readouterr().out
    files = set(json.loads((run / "run.json").read_text(encoding="utf-8"))["files"])
    assert {"report.pdf", "annexes.pdf", "summary.pdf"} <= files
    assert not list(run.glob(".*"))
    read = {name: PdfReader(run / name) for name in printing.PARTS}
    assert len(read["summary.pdf"].pages) == 1
    assert 4 <= len(read["report.pdf"].pages) <= 12
    report = read["report.pdf"]
    marks = {mark.title: report.get_destination_page_number(mark) + 1 for mark in report.outline}
    named = sections("en")
    assert list(marks) == [named[key] for key in named if key not in {"stations", "communes"}]
    for title, page in marks.items():  # the bookmark leads to the heading, the contents tell it
        assert title in " ".join(report.pages[page - 1].extract_text().split())
    contents = " ".join(report.pages[1].extract_text().split())
    assert " ".join(map(str, marks.values())) in contents
    annexes = [mark.title for mark in read["annexes.pdf"].outline]
    assert annexes == [named["stations"], named["communes"]]


def test_the_report_is_written_for_word_and_counted_to_the_run(run, capsys):
    assert cli.main(["report", str(run), "--docx"]) == cli.DONE
    assert str(run / "report.docx") in capsys.readouterr().out
    assert "report.docx" in json.loads((run / "run.json").read_text(encoding="utf-8"))["files"]


def test_pdf_without_a_browser_changes_nothing_and_says_so(run, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    before = {path.name: path.stat().st_mtime_ns for path in run.iterdir()}
    assert cli.main(["report", str(run), "--pdf"]) == cli.WRONG_INPUT
    assert "none of chromium" in capsys.readouterr().err
    assert {path.name: path.stat().st_mtime_ns for path in run.iterdir()} == before


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script")
def test_a_browser_that_fails_is_quoted(run, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho out of luck >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(redraw.InputError, match="could not print: out of luck"):
        printing.write_pdf(str(broken), run / "report.html", tmp_path / "r.pdf")
    assert not (tmp_path / "r.pdf").exists()


@pytest.fixture
def port(tmp_path):
    """Serve a folder beside a secret; return the port."""
    folder = tmp_path / "run"
    (folder / "sub").mkdir(parents=True)
    (folder / "map.html").write_text("<p>map</p>")
    (folder / "50% & more.txt").write_text("odd")
    (folder / "notes.txt").write_text("my secret notes")
    listed = ["50% & more.txt", "link.txt", "sub", "sub/inner.txt", "../secret.txt", ".hidden", 5]
    (folder / "run.json").write_text(json.dumps({"files": listed}))
    (folder / "sub" / "inner.txt").write_text("inner")
    (folder / ".hidden").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    server = redraw.open_server(folder, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def answer(port, path, host=None, method="GET"):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{port}")
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace"), response.headers


def test_the_map_is_the_first_page(port):
    for path in ("/", "/map.html", "/map.html?x=1"):
        status, body, headers = answer(port, path)
        assert (status, body) == (200, "<p>map</p>")
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert answer(port, "/50%25%20%26%20more.txt")[:2] == (200, "odd")
    assert answer(port, "/", f"localhost:{port}")[0] == 200
    assert answer(port, "/", method="HEAD")[:2] == (200, "")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/sub/../../secret.txt",
        "//secret.txt",
        "/..\\secret.txt",
        "/link.txt",
        "/sub/",
        "/sub/inner.txt",
        "/.hidden",
        "/map.html%00",
        "/nothing",
        "/notes.txt",  # lies in the folder, but no run has written it
    ],
)
def test_nothing_else_is_served(port, path):
    status, body, _ = answer(port, path)
    assert status == 404
    assert "secret" not in body.replace("secret.txt", "")


def test_what_is_asked_for_is_never_said_back_as_markup(port):
    status, body, _ = answer(port, "/<script>alert(1)</script>")
    assert status == 404
    assert "<script" not in body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1:80"])
def test_a_host_without_a_port_is_the_same_host(port, host):
    assert answer(port, "/", host)[:2] == (200, "<p>map</p>")


@pytest.mark.parametrize("host", ["", ":", "127.0.0.1.evil.example", "127.0.0.1:x", "[::1]", "::"])
def test_a_host_that_is_another_is_refused(port, host):
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client:
        client.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        assert b" 403 " in client.recv(100)


def test_a_client_that_breaks_off_is_no_event(port, capfd):
    """Neither a traceback nor an end of the server."""
    for sent in (b"", b"GET / HT", b"GET /map.html HTTP/1.0\r\nHost: localhost\r\n\r\n", b"\xff\0"):
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.sendall(sent)
        client.close()  # with a reset
    assert answer(port, "/")[0] == 200
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("trickles", [True, False])
def test_a_client_that_falls_silent_is_let_go(port, monkeypatch, trickles):
    monkeypatch.setattr(redraw, "REQUEST_S", 0.6)
    start = time.monotonic()
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as client:
        client.sendall(b"GET / HTTP/1.0\r\n")
        with suppress(OSError):
            while trickles and time.monotonic() - start < 5:
                client.sendall(b"A: b\r\n")
                time.sleep(0.1)
        with suppress(ConnectionError):
            assert client.recv(100) == b""
    assert time.monotonic() - start < 4


def test_other_names_and_methods_are_refused(port):
    assert answer(port, "/", "evil.example")[0] == 403
    assert answer(port, "/", f"evil.example:{port}")[0] == 403
    assert answer(port, "/", method="POST")[0] == 501


def test_only_this_computer_is_answered(port):
    with redraw.open_server(ROOT, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
    name = socket.gethostname()
    outside = {i[4][0] for i in socket.getaddrinfo(name, None, socket.AF_INET)} - {"127.0.0.1"}
    for address in outside:
        with closing(socket.socket()) as there:
            there.settimeout(2)
            assert there.connect_ex((address, port)) != 0


def test_a_taken_port_and_a_folder_without_map_are_explained(port, tmp_path, capsys):
    (tmp_path / "run" / "run.json").unlink()
    assert cli.main(["serve", str(tmp_path / "run"), "--port", str(port)]) == cli.WRONG_INPUT
    assert "choose another, or 0" in capsys.readouterr().err
    assert cli.main(["serve", str(tmp_path)]) == cli.WRONG_INPUT
    assert "has no map.html" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["serve", str(tmp_path), "--port", "70000"])
    assert "from 0 to 65535" in capsys.readouterr().err


def heard():
    """Hear signals that a shell in the background has its commands ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path, sent):
    (tmp_path / "map.html").write_text("map")
    with subprocess.Popen(
        [sys.executable, "-m", "phusong", "serve", str(tmp_path), "--port", "0", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=heard,  # noqa: PLW1509 - it only sets signals
    ) as process:
        line = process.stdout.readline()
        assert line.startswith("http://127.0.0.1:")
        assert answer(int(line.split(":")[2].split("/")[0]), "/")[1] == "map"
        process.send_signal(sent)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == "phusong: stopped\n"
