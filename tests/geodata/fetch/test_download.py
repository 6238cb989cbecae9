"""Files from a server that breaks off, lies, redirects, is slow or is not there."""

import gzip
import hashlib
import logging
import shutil
import socket
import zipfile
from types import SimpleNamespace

import loopback
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phusong.errors import InputError, PhusongError
from phusong.geodata.fetch import download, web
from phusong.geodata.fetch.download import Download
from phusong.geodata.fetch.web import Address, BrokenError, MissingError, NetworkError, Patience
from phusong.geodata.files import archives

BODY = bytes(range(256)) * 40  # 10,240 bytes
SHA256 = hashlib.sha256(BODY).hexdigest()
HASTE = Patience(timeout_s=5.0, tries=2, pause_s=0.0)
ONCE = Patience(timeout_s=5.0, tries=1, pause_s=0.0)
SECRET = "pk.s3cr3t/with+signs"  # noqa: S105 - made up


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "FOLDER", tmp_path / "cache")
    monkeypatch.setattr(download, "CHUNK_BYTES", 1000)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def web_server():
    with loopback.running() as running:
        yield running


@pytest.fixture
def server(web_server):
    web_server.paths.clear()
    web_server.log.clear()
    return web_server


def wanted(url, rule="none", **more):
    return Download(Address(url), "file.bin", rule, **more)


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def ranges(server):
    return [asked.range for asked in server.log]


def test_a_file_comes_whole_and_the_second_time_nobody_is_asked(server):
    what = wanted(server.serve("/file.bin", BODY), f"sha256:{SHA256}")
    first = download.download(what, HASTE)
    assert first.path.read_bytes() == BODY
    assert first.sha256 == SHA256
    assert first.checked == "sha256 given by the source"
    assert download.download(what, HASTE) == first
    assert len(server.log) == 1
    assert not list(first.path.parent.glob("*.part*"))


def test_refresh_asks_again(server):
    what = wanted(server.serve("/file.bin", BODY))
    download.download(what, HASTE)
    server.serve("/file.bin", BODY[::-1], etag='"two"')
    assert download.download(what, HASTE).path.read_bytes() == BODY
    assert download.download(what, HASTE, refresh=True).path.read_bytes() == BODY[::-1]


def test_a_break_is_resumed_in_the_same_run(server):
    url = server.serve("/file.bin", BODY, cuts=[4000, 3000])
    file = download.download(wanted(url, f"sha256:{SHA256}"), HASTE)
    assert file.path.read_bytes() == BODY
    assert ranges(server) == [None, "bytes=4000-", "bytes=7000-"]
    assert server.sent("/file.bin") == len(BODY)


def test_a_break_is_resumed_in_a_later_run(server, own_cache):
    what = wanted(server.serve("/file.bin", BODY, cuts=[4000, 0]))
    with pytest.raises(BrokenError, match=r"broke off"):
        download.download(what, ONCE)
    (part,) = own_cache.rglob("*.part")
    assert part.read_bytes() == BODY[:4000]
    assert download.download(what, ONCE).path.read_bytes() == BODY
    assert ranges(server)[-1] == "bytes=4000-"


def test_a_file_that_changed_meanwhile_starts_again(server):
    what = wanted(server.serve("/file.bin", BODY, cuts=[4000, 0]))
    with pytest.raises(BrokenError):
        download.download(what, ONCE)
    other = b"another version" * 500
    server.serve("/file.bin", other, etag='"two"')
    assert download.download(what, ONCE).path.read_bytes() == other


def test_a_server_that_gives_less_than_was_asked_is_asked_again(server):
    url = server.serve("/file.bin", BODY, cuts=[4000], most=2500)
    assert download.download(wanted(url), HASTE).path.read_bytes() == BODY
    assert ranges(server) == [None, "bytes=4000-", "bytes=6500-", "bytes=9000-"]


@pytest.mark.parametrize("how", [{"ranges": False}, {"etag": ""}, {"etag": 'W/"weak"'}])
def test_a_server_that_cannot_continue_sends_it_all_again(server, how):
    url = server.serve("/file.bin", BODY, cuts=[4000], **how)
    assert download.download(wanted(url), HASTE).path.read_bytes() == BODY
    assert server.sent("/file.bin") == 4000 + len(BODY)


def test_a_file_that_was_whole_when_the_run_died_needs_nothing_more(server, own_cache):
    """The server then answers 416, and says the same size."""
    what = wanted(server.serve("/file.bin", BODY, cuts=[4000, 0]), f"sha256:{SHA256}")
    with pytest.raises(BrokenError):
        download.download(what, ONCE)
    (part,) = own_cache.rglob("*.part")
    part.write_bytes(BODY)
    assert download.download(what, ONCE).path.read_bytes() == BODY
    assert server.log[-1].status == 416


def test_a_part_longer_than_the_file_is_dropped(server, own_cache):
    what = wanted(server.serve("/file.bin", BODY, cuts=[4000, 0]))
    with pytest.raises(BrokenError):
        download.download(what, ONCE)
    (part,) = own_cache.rglob("*.part")
    part.write_bytes(BODY + b"more")
    assert download.download(what, HASTE).path.read_bytes() == BODY
    assert [asked.status for asked in server.log[-2:]] == [416, 200]


def test_less_than_the_length_that_was_told_is_a_break(server, own_cache):
    url = server.serve("/file.bin", BODY, cuts=[9000, 0, 0])
    with pytest.raises(BrokenError, match=r"http://127.*/file.bin: .*broke off"):
        download.download(wanted(url), HASTE)
    assert not list(own_cache.rglob("file.bin"))
    assert len(server.log) == 3  # the first brought bytes, so two more tries followed


def test_without_a_length_the_checksum_decides(server):
    url = server.serve("/file.bin", BODY, chunked=True)
    assert download.download(wanted(url, f"sha256:{SHA256}"), HASTE).path.read_bytes() == BODY
    short = server.serve("/short.bin", BODY[:-1], chunked=True)
    with pytest.raises(PhusongError, match="wrong checksum"):
        download.download(wanted(short, f"sha256:{SHA256}"), HASTE)


def test_a_wrong_checksum_leaves_nothing(server, own_cache):
    url = server.serve("/file.bin", BODY)
    with pytest.raises(PhusongError, match=f"wrong checksum: sha256 {SHA256}, but the source"):
        download.download(wanted(url, f"sha256:{'0' * 64}"), HASTE)
    assert not [path for path in own_cache.rglob("*") if path.is_file()]


def test_a_checksum_beside_the_file_is_used_where_there_is_one(server):
    md5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    url = server.serve("/file.bin", BODY)
    server.serve("/file.bin.md5", f"{md5}  file.bin\n".encode())
    assert download.download(wanted(url, "md5-beside"), HASTE).checked == "md5 given by the source"
    server.serve("/file.bin.md5", b"0" * 32)
    with pytest.raises(PhusongError, match=f"wrong checksum: md5 {md5}"):
        download.download(wanted(url, "md5-beside"), HASTE, refresh=True)
    del server.paths["/file.bin.md5"]
    again = download.download(wanted(url, "md5-beside"), HASTE, refresh=True)
    assert again.checked == "no checksum beside"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server, status):
    server.serve("/there", BODY)
    url = server.serve("/file.bin", status=status, headers={"Location": "/there"})
    assert download.download(wanted(url), HASTE).path.read_bytes() == BODY


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x"])
def test_a_redirect_to_another_scheme_is_refused(server, target):
    url = server.serve("/file.bin", status=302, headers={"Location": target})
    with pytest.raises(NetworkError, match=r"redirects to \w+:, which is not followed"):
        download.download(wanted(url), HASTE)


def test_a_redirect_away_from_https_is_refused():
    with pytest.raises(NetworkError, match="from https to http"):
        web._next(Address("https://a/x"), "https://a/x", "http://a/x")
    assert web._next(Address("http://a/x"), "http://a/x", "https://b/y") == "https://b/y"


def test_redirects_in_a_circle_end(server):
    url = server.serve("/file.bin", status=302, headers={"Location": "/file.bin"})
    with pytest.raises(NetworkError, match="more than 10 redirects"):
        download.download(wanted(url), HASTE)
    assert len(server.log) == 10


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (404, MissingError, "the server answers 404"),
        (410, MissingError, "the server answers 410"),
        (403, NetworkError, "the server answers 403"),
        (429, NetworkError, "limit of downloads"),
        (503, BrokenError, "the server answers 503"),
        (204, NetworkError, "the server answers 204"),
    ],
)
def test_refusals_are_said(server, status, kind, message):
    url = server.serve("/file.bin", status=status)
    with pytest.raises(kind, match=message):
        download.download(wanted(url), HASTE)
    assert len(server.log) == (2 if kind is BrokenError else 1)


def test_a_slow_answer_is_not_waited_for_for_ever(server):
    url = server.serve("/file.bin", BODY, delay_s=1.0)
    with pytest.raises(BrokenError, match=r"no answer within 0.2 s"):
        download.download(wanted(url), Patience(0.2, 1, 0.0))


def test_no_network_is_said_at_once():
    url = f"http://127.0.0.1:{closed_port()}/file.bin"
    with pytest.raises(NetworkError, match=r"/file.bin: .*connection refused"):
        download.download(wanted(url), Patience(5.0, 9, 100.0))


def test_a_name_that_is_not_known_is_said_at_once():
    with pytest.raises(NetworkError, match="its name is not found|broke off|proxy"):
        download.download(wanted("http://no-such-host.invalid/file.bin"), ONCE)


def test_a_file_larger_than_expected_is_refused_before_and_while_it_comes(server, own_cache):
    told = server.serve("/file.bin", BODY)
    with pytest.raises(PhusongError, match="0 MB are expected at most"):
        download.download(wanted(told, max_bytes=5000), HASTE)
    endless = server.serve("/endless", BODY * 20, chunked=True)
    with pytest.raises(PhusongError, match="are expected at most"):
        download.download(wanted(endless, max_bytes=5000), HASTE)
    assert not list(own_cache.rglob("*.part"))


def test_a_full_disk_is_said_before_the_transfer(server, own_cache, monkeypatch):
    url = server.serve("/file.bin", BODY)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: SimpleNamespace(free=5000))
    with pytest.raises(InputError, match="not enough room"):
        download.download(wanted(url), HASTE)
    assert not list(own_cache.rglob("*.part"))


def test_a_cache_that_cannot_be_written_is_said(server, own_cache):
    own_cache.write_text("a file where the folder should be")
    with pytest.raises(InputError, match="choose a folder that exists"):
        download.download(wanted(server.serve("/file.bin", BODY)), HASTE)


def test_a_write_that_fails_half_way_leaves_a_part_to_go_on_with(server, own_cache):
    """As on a disk that fills: what was written stays for the next run."""
    what = wanted(server.serve("/file.bin", BODY))

    def move(done):
        if done > 5000:
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left on device"):
        download.download(what, HASTE, lambda *_: move)
    (part,) = own_cache.rglob("*.part")
    kept = part.stat().st_size
    assert 5000 < kept < len(BODY)
    assert download.download(what, HASTE).path.read_bytes() == BODY
    assert ranges(server)[-1] == f"bytes={kept}-"


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, len(BODY)), max_size=6), st.booleans())
def test_however_it_breaks_the_file_comes_out_the_same(server, own_cache, cuts, ranges):
    shutil.rmtree(own_cache, ignore_errors=True)
    url = server.serve("/file.bin", BODY, cuts=list(cuts), ranges=ranges)
    patient = Patience(timeout_s=5.0, tries=9, pause_s=0.0)
    assert download.download(wanted(url), patient).path.read_bytes() == BODY


def test_an_empty_file_is_no_file(server):
    with pytest.raises(PhusongError, match="is empty"):
        download.download(wanted(server.serve("/file.bin", b"")), HASTE)


def test_the_token_is_asked_with_and_told_to_nobody(server, own_cache, caplog, capfd):
    """Nor in errors, names, records, logs at the finest level, or the text of the record."""
    caplog.set_level(logging.DEBUG)
    address = Address(server.url + "/cells?token={token}&file=452.csv.gz", SECRET)
    asked = "/cells?token=pk.s3cr3t%2Fwith%2Bsigns&file=452.csv.gz"
    messages = []
    for status in (403, 404, 500):
        server.serve(asked, status=status)
        with pytest.raises(NetworkError, match=r"token=\*\*\*") as refused:
            download.download(Download(address, "452.csv.gz"), ONCE)
        messages += [str(refused.value), repr(refused.value), repr(refused.value.address)]
    away = Address(f"http://127.0.0.1:{closed_port()}/?token={{token}}", SECRET)
    with pytest.raises(NetworkError) as refused:
        download.download(Download(away, "x"), ONCE)
    messages += [str(refused.value), str(refused.value.__cause__)]
    server.serve(asked, BODY, cuts=[4000])
    file = download.download(Download(address, "452.csv.gz"), HASTE)
    assert file.path.read_bytes() == BODY
    messages += [path.read_text("utf-8") for path in own_cache.rglob("*.json")]
    messages += [str(path) for path in own_cache.rglob("*")]
    messages += [caplog.text, *capfd.readouterr()]
    for form in (SECRET, "pk.s3cr3t", "s3cr3t"):
        assert not [text for text in messages if form in text]


def test_a_server_that_repeats_the_token_is_not_repeated():
    assert Address("http://a/{token}", "abc/d").hide("no abc/d, no abc%2Fd") == "no ***, no ***"


def test_another_token_finds_the_same_file(server):
    url = server.url + "/x?token={token}"
    server.serve("/x?token=a", BODY)
    first = download.download(Download(Address(url, "a"), "x"), HASTE)
    assert download.download(Download(Address(url, "b"), "x"), HASTE) == first


def test_the_progress_tells_the_bytes_done(server):
    seen = []

    def bar(title, total):
        seen.append((title, total))
        return seen.append

    url = server.serve("/file.bin", BODY, cuts=[4000])
    download.download(wanted(url), HASTE, bar)
    assert [item for item in seen if isinstance(item, tuple)] == [("file.bin", len(BODY))] * 2
    counts = [item for item in seen if isinstance(item, int)]
    assert counts == sorted(counts)
    assert counts[-1] == len(BODY)


def test_a_file_of_a_mirror_folder_is_checked_and_never_deleted(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(BODY)
    assert download.local(path, f"sha256:{SHA256}").checked == "sha256 given by the source"
    (tmp_path / "file.bin.md5").write_text("0" * 32)
    with pytest.raises(PhusongError, match="wrong checksum"):
        download.local(path, "md5-beside")
    assert path.read_bytes() == BODY


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def test_one_member_is_taken_out_of_a_zip(tmp_path):
    archive = zip_of(tmp_path / "a.zip", **{"deep/x.json": "{}", "y.json": "[]"})
    archives.unzip(archive, "x.json", tmp_path / "out.json")
    assert (tmp_path / "out.json").read_text() == "{}"
    with pytest.raises(InputError, match=r"holds 0 files 'z.json'; it has deep/x.json, y.json"):
        archives.unzip(archive, "z.json", tmp_path / "out.json")


@pytest.mark.parametrize(
    "name", ["../x.json", "/x.json", "a/../../x.json", "..\\x.json", "C:x.json"]
)
def test_a_zip_that_leads_out_of_itself_is_refused(tmp_path, name):
    folder = tmp_path / "in"
    folder.mkdir()
    archive = zip_of(folder / "a.zip", **{name: "evil", "x.json": "{}"})
    with pytest.raises(InputError, match="leads out of the folder"):
        archives.unzip(archive, "x.json", folder / "out.json")
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "a.zip"]


def test_a_zip_bomb_is_refused(tmp_path):
    archive = zip_of(tmp_path / "a.zip", **{"x.json": b"0" * 15_000_000})
    with pytest.raises(InputError, match="a zip bomb"):
        archives.unzip(archive, "x.json", tmp_path / "out.json")
    packed = tmp_path / "a.gz"
    packed.write_bytes(gzip.compress(b"0" * 5_000_000))
    with pytest.raises(InputError, match="unpacks to more than 1,000,000 bytes"):
        archives.gunzip(packed, tmp_path / "out", 1_000_000)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("break_it", [lambda b: b[: len(b) // 2], lambda b: b"<html>" + b])
def test_broken_archives_are_said(tmp_path, break_it):
    archive = zip_of(tmp_path / "a.zip", **{"x.json": "{}" * 100})
    archive.write_bytes(break_it(archive.read_bytes())[:-30])
    with pytest.raises(InputError, match="a.zip: cannot be unpacked"):
        archives.unzip(archive, "x.json", tmp_path / "out.json")
    packed = tmp_path / "a.gz"
    packed.write_bytes(break_it(gzip.compress(BODY)))
    with pytest.raises(InputError, match=r"a.gz: cannot be unpacked"):
        archives.gunzip(packed, tmp_path / "out")


def test_a_changed_byte_in_a_gz_file_is_found(tmp_path):
    body = bytearray(gzip.compress(BODY, compresslevel=0))
    body[500] ^= 1
    (tmp_path / "a.gz").write_bytes(bytes(body))
    with pytest.raises(InputError, match="cannot be unpacked: CRC check failed"):
        archives.gunzip(tmp_path / "a.gz", tmp_path / "out")
