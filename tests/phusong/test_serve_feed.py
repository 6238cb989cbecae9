"""A published feed handed out on this computer, with ranges of bytes."""

import http.client
import re
import threading
from contextlib import closing
from pathlib import Path

import feed_run
import pytest

from phusong.commands import cli, redraw

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "feed.md"


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    feed_run.publish(feed_run.write_run(root / "run"), root / "feed")
    (root / "feed" / "notes.txt").write_text("my secret notes")
    (root / "feed" / "runs" / "mine").mkdir()
    (root / "feed" / "runs" / "mine" / "a.txt").write_text("secret")
    (root / "feed" / ".hidden").write_text("secret")
    (root / "secret.txt").write_text("secret")
    run = next((root / "feed" / "runs").glob("urban-*"))
    (run / "link.txt").symlink_to(root / "secret.txt")
    return root / "feed"


@pytest.fixture(scope="module")
def port(feed):
    server = redraw.open_server(feed, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def answer(port, path, method="GET", **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read(), response.headers


TILES = "runs/urban-20261123T050000Z/tiles/ranking.pmtiles"


def test_every_file_of_the_feed_is_handed_out(feed, port):
    foreign = {"notes.txt", "runs/mine/a.txt", ".hidden", "runs/urban-20261123T050000Z/link.txt"}
    names = feed_run.tree(feed).keys() - foreign
    assert len(names) > 60
    for name in names:
        status, body, headers = answer(port, f"/{name}")
        assert (status, body) == (200, (feed / name).read_bytes()), name
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert answer(port, "/")[1] == (feed / "index.html").read_bytes()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-15", 0, 15),
        ("bytes=7-7", 7, 7),
        ("bytes=100-", 100, None),
        ("bytes=-20", -20, None),
        ("bytes=5-99999999", 5, None),
        ("bytes=-99999999", 0, None),
    ],
)
def test_a_range_is_answered_with_its_bytes(feed, port, asked, first, last):
    content = (feed / TILES).read_bytes()
    status, body, headers = answer(port, f"/{TILES}", Range=asked)
    assert status == 206
    assert body == content[first : None if last is None else last + 1]
    begin = first % len(content)
    stated = f"bytes {begin}-{begin + len(body) - 1}/{len(content)}"
    assert headers["Content-Range"] == stated
    assert headers["Content-Type"] == "application/vnd.pmtiles"
    assert answer(port, f"/{TILES}", "HEAD", Range=asked)[0:2] == (206, b"")


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-5", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(feed, port, asked):
    status, body, headers = answer(port, f"/{TILES}", Range=asked)
    assert (status, body) == (416, b"")
    assert headers["Content-Range"] == f"bytes */{(feed / TILES).stat().st_size}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "items=0-1", "bytes=-", "bytes=a-b", ""])
def test_what_is_no_single_range_gets_the_whole_file(feed, port, asked):
    status, body, _ = answer(port, f"/{TILES}", Range=asked)
    assert (status, body) == (200, (feed / TILES).read_bytes())


@pytest.mark.parametrize(
    "path",
    [
        "/notes.txt",
        "/.hidden",
        "/runs/mine/a.txt",
        "/runs",
        "/runs/",
        "/runs/urban-20261123T050000Z",
        "/runs/urban-20261123T050000Z/link.txt",
        "/runs/urban-20261123T050000Z/../../../secret.txt",
        "/runs/urban-20261123T050000Z/%2e%2e/%2e%2e/notes.txt",
        "/../secret.txt",
        "/app\\feed.js",
        "/feed.json%00",
        "/nothing",
    ],
)
def test_nothing_else_is_served(port, path):
    status, body, _ = answer(port, path)
    assert status == 404
    assert b"secret" not in body.replace(b"secret.txt", b"")


def test_another_host_is_refused(port):
    assert answer(port, "/", Host="evil.example")[0] == 403
    assert answer(port, f"/{TILES}", Host="evil.example", Range="bytes=0-1")[0] == 403


def test_a_damaged_feed_is_explained(tmp_path, capsys):
    (tmp_path / "feed.json").write_text("{}")
    assert cli.main(["serve", str(tmp_path), "--port", "0"]) == cli.WRONG_INPUT
    assert "is no record of a feed" in capsys.readouterr().err


def test_the_python_of_the_guide_runs_as_written(port, capsys):
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = {}
    exec(code.replace("127.0.0.1:8000", f"127.0.0.1:{port}"), names)  # noqa: S102 - our own
    assert "38.4% of residents, 31.2% to 45.7%" in capsys.readouterr().out
    assert len(names["communes"]) == 6
