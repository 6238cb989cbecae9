"""One policy for every request: no stray passwords, no way inside, no pages, no trickle."""

import base64
import hashlib
import socket
import threading
from contextlib import closing

import loopback
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from phusong.errors import PhusongError
from phusong.geodata.fetch import download, web, window
from phusong.geodata.fetch.area import Box
from phusong.geodata.fetch.download import Download
from phusong.geodata.fetch.web import Address, BrokenError, NetworkError, Patience

BODY = bytes(range(256)) * 40
HASTE = Patience(timeout_s=5.0, tries=2, pause_s=0.0)
ONCE = Patience(timeout_s=5.0, tries=1, pause_s=0.0)
PAGES = (
    b"<!DOCTYPE html><html><title>Log in</title></html>",
    b"\xef\xbb\xbf\n <HTML><body>",
    b"<!-- portal -->\n<!doctype html>",
    b"  <head></head>",
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setattr(download, "FOLDER", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def server():
    with loopback.running() as running:
        yield running


@pytest.fixture
def heard(monkeypatch):
    """Return the headers of every request that was sent."""
    sent = []
    real = web.requests.Session.send

    def noted(session, request, **options):
        sent.append((request.url, dict(request.headers)))
        return real(session, request, **options)

    monkeypatch.setattr(web.requests.Session, "send", noted)
    return sent


def wanted(url, name="file.bin", rule="none"):
    return Download(Address(url), name, rule)


def test_a_password_of_a_netrc_file_is_not_sent(server, heard, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password s3cr3t\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    raster(tmp_path / "a.tif")
    url = server.serve("/a.tif", (tmp_path / "a.tif").read_bytes())
    download.download(wanted(url), HASTE)
    window.cut([Address(url)], Box(105.1, 21.8, 105.2, 21.9), tmp_path / "cut.tif", HASTE)
    assert len(heard) > 2
    assert not [headers for _, headers in heard if "Authorization" in headers]


def test_a_password_of_the_address_goes_to_its_own_host_only(server, heard):
    with loopback.running() as other:
        other.serve("/there", BODY)
        moved = f"{other.url}/there"
        server.serve("/file.bin", status=302, headers={"Location": moved})
        url = server.url.replace("//", "//me:p%40ss@") + "/file.bin"
        file = download.download(wanted(url), HASTE)
    assert file.path.read_bytes() == BODY
    (first, own), (second, foreign) = heard
    assert own["Authorization"] == "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert "Authorization" not in foreign
    assert "me:" not in first + second
    record = file.path.with_name("file.bin.json").read_text("utf-8")
    assert "p%40ss" not in record
    assert "p@ss" not in record


@pytest.mark.parametrize(
    "place",
    ["127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "[::1]", "localhost", "0.0.0.0"],  # noqa: S104
)
def test_a_redirect_into_the_network_of_this_computer_is_refused(place):
    """The answer of a public server could make this computer ask its router."""
    with pytest.raises(NetworkError, match="is inside this network and was not stated"):
        web._next(Address("http://example.com/x"), "http://example.com/x", f"http://{place}/y")
    own = Address(f"http://{place}/x")
    assert web._next(own, own.url, f"http://{place}:8080/y") == f"http://{place}:8080/y"


@pytest.mark.parametrize("target", ["http://[bad/x", "http://a:port/x", "http://a:0/x"])
def test_a_redirect_to_nonsense_is_refused(target):
    with pytest.raises(NetworkError, match="redirects to what is no address"):
        web._next(Address("http://a/x"), "http://a/x", target)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("chunked", [True, False])
def test_a_page_to_log_in_is_never_kept(server, own_cache, page, chunked):
    url = server.serve("/file.bin", page * 50, chunked=chunked)
    with pytest.raises(NetworkError, match=r"file.bin: a web page comes, perhaps to log in"):
        download.download(wanted(url), ONCE)
    assert not [path for path in own_cache.rglob("*") if path.is_file() and path.suffix != ".json"]
    server.serve("/file.bin", BODY)
    server.serve("/file.bin.md5", page)
    with pytest.raises(NetworkError, match=r"file.bin.md5: a web page comes"):
        download.download(wanted(url, rule="md5-beside"), ONCE)


def test_a_page_in_a_mirror_folder_is_refused_and_stays(tmp_path):
    (tmp_path / "a.tif").write_bytes(PAGES[0])
    with pytest.raises(NetworkError, match="a web page comes"):
        download.local(tmp_path / "a.tif")
    assert (tmp_path / "a.tif").is_file()


def test_markup_that_is_no_page_is_data(server):
    for body in (b"<?xml version='1.0'?><osm></osm>", b"<kml></kml>", b"<htmlish/>"):
        url = server.serve("/file.bin", body)
        assert download.download(wanted(url), ONCE, refresh=True).path.read_bytes() == body


def test_a_trickle_is_not_waited_for_for_ever():
    """A byte now and then keeps every time limit of a socket from passing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        ended = threading.Event()

        def trickle():
            connection, _ = listener.accept()
            with closing(connection):
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
                while not ended.wait(0.05):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/file.bin"
        with pytest.raises(BrokenError, match=r"no answer within 0.4 s"):
            download.download(wanted(url), Patience(0.4, 1, 0.0))
        ended.set()
        thread.join()


def test_a_part_that_was_damaged_since_starts_again(server, own_cache):
    what = wanted(server.serve("/file.bin", BODY, cuts=[4000, 0]))
    with pytest.raises(BrokenError):
        download.download(what, ONCE)
    (part,) = own_cache.rglob("*.part")
    changed = bytearray(part.read_bytes())
    changed[100] ^= 4
    part.write_bytes(changed)
    assert download.download(what, ONCE).path.read_bytes() == BODY
    assert server.log[-1].range is None


def test_a_file_under_the_name_of_another_is_asked_for_again(server):
    one, other = (wanted(server.serve(f"/{name}", name.encode() * 99)) for name in "ab")
    first, second = (download.download(what, ONCE).path for what in (one, other))
    for name in ("file.bin", "file.bin.json"):
        (first.parent / name).write_bytes((second.parent / name).read_bytes())
    assert download.download(one, ONCE).path.read_bytes() == b"a" * 99


def test_downloads_not_used_for_longest_make_room(server, monkeypatch):
    monkeypatch.setattr(download, "MAX_CACHE_BYTES", 25_000)
    for name in "abc":
        download.download(wanted(server.serve(f"/{name}", BODY)), ONCE)
    left = list(download.FOLDER.glob("*/file.bin"))
    assert len(left) == 2
    assert download.cached(wanted(server.url + "/c")) in left


def raster(path):
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=400,
        height=400,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(105, 22, 1 / 400, 1 / 400),
        tiled=True,
        blockxsize=64,
        blockysize=64,
    ) as target:
        target.write(np.random.default_rng(1).random((400, 400), np.float32), 1)


def test_a_window_is_that_of_the_whole_file_however_the_server_breaks_off(server, tmp_path):
    raster(tmp_path / "a.tif")
    body, box = (tmp_path / "a.tif").read_bytes(), Box(105.1, 21.5, 105.7, 21.9)
    window.cut([tmp_path / "a.tif"], box, tmp_path / "near.tif", ONCE)
    url = server.serve("/a.tif", body, cuts=[None, 3000, None, 1])
    window.cut([Address(url)], box, tmp_path / "far.tif", Patience(5.0, 4, 0.0))
    assert hashlib.sha256((tmp_path / "far.tif").read_bytes()).digest() == (
        hashlib.sha256((tmp_path / "near.tif").read_bytes()).digest()
    )


def test_a_far_raster_that_changes_while_it_is_read_is_an_error(server, tmp_path, monkeypatch):
    raster(tmp_path / "a.tif")
    url = server.serve("/a.tif", (tmp_path / "a.tif").read_bytes())
    real = window._frame

    def meddle(*arguments):
        server.paths["/a.tif"].etag = '"two"'
        return real(*arguments)

    monkeypatch.setattr(window, "_frame", meddle)
    with pytest.raises(PhusongError, match=r"a.tif: changed while it was read"):
        window.cut([Address(url)], Box(105.1, 21.5, 105.7, 21.9), tmp_path / "c.tif", ONCE)
    assert not (tmp_path / "c.tif").exists()
