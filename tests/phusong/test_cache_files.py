"""Files of caches: sealed, whole, of bounded size, and in folders that are one's own."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import cache_damage
import pytest

from phusong import cache_files

CHANCE = random.Random(1)  # noqa: S311 - no secret


@pytest.fixture
def damaged(monkeypatch, caplog):
    """Return what is said of damaged files, as if this process had met none before."""
    monkeypatch.setattr(cache_files, "_damaged", [])
    return caplog


def keep(path, key="k", content=b"content"):
    assert cache_files.write(path, key, lambda file: file.write(content))


def content(path, key="k"):
    with cache_files.opened(path, key) as file:
        return None if file is None else file.read()[: -cache_files.SEAL_BYTES]


def test_what_is_written_is_read_under_its_key_only(tmp_path, damaged):
    keep(tmp_path / "a", "one")
    assert content(tmp_path / "a", "one") == b"content"
    assert content(tmp_path / "a", "two") is None
    assert not (tmp_path / "a").exists()  # it can be of no use
    assert content(tmp_path / "a", "one") is None
    assert len(damaged.records) == 1


def test_any_flipped_bit_is_seen(tmp_path):
    keep(tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    for place in range(8 * len(whole)):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        (tmp_path / "a").write_bytes(changed)
        assert content(tmp_path / "a") is None, place
        assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 30])
def test_any_part_of_a_file_is_no_file(tmp_path, size):
    keep(tmp_path / "a")
    whole = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(whole[:size])
    assert content(tmp_path / "a") is None
    (tmp_path / "a").write_bytes(whole + whole[:size])
    assert content(tmp_path / "a") == (None if size else b"content")


def test_an_empty_content_is_content(tmp_path):
    keep(tmp_path / "a", content=b"")
    assert content(tmp_path / "a") == b""


def test_damage_is_said_once(tmp_path, damaged):
    for name in "abc":
        keep(tmp_path / name)
        cache_damage.damage(tmp_path / name, [], CHANCE, "cut")
        assert content(tmp_path / name) is None
    (record,) = damaged.records
    assert str(tmp_path / "a") in record.getMessage()
    assert "made again" in record.getMessage()


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    def fail(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    assert not cache_files.write(tmp_path / "a", "k", fail)
    assert not list(tmp_path.iterdir())


def test_what_is_used_is_kept_and_the_rest_goes_first(tmp_path):
    for number, name in enumerate("abcd"):
        keep(tmp_path / name)
        os.utime(tmp_path / name, (number, number))
    size = (tmp_path / "a").stat().st_size
    assert content(tmp_path / "a")  # the oldest, but used
    cache_files.make_room(tmp_path, "*", 2 * size)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "d"]
    assert cache_files.size_bytes(tmp_path) == 2 * size


def test_files_of_a_killed_process_go_and_those_of_a_living_one_stay(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    gone, own, nameless = (
        tmp_path / name for name in (f"x.{int(done.stdout)}.tmp", f"x.{os.getpid()}.tmp", "y.tmp")
    )
    for path in (gone, own, nameless):
        path.write_bytes(b"half")
    cache_files.make_room(tmp_path, "*.npy", 10)
    assert [path.exists() for path in (gone, own, nameless)] == [os.name == "nt", True, True]
    long_ago = time.time() - 2 * cache_files.LEFT_OVER_S
    os.utime(nameless, (long_ago, long_ago))
    cache_files.make_room(tmp_path, "*.npy", 10)
    assert not nameless.exists()


@pytest.mark.skipif(os.name == "nt", reason="modes of Unix")
def test_a_folder_that_others_can_write_is_not_private(tmp_path):
    folder = tmp_path / "a" / "b"
    cache_files.make_folder(folder)
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700
    assert cache_files.is_private(folder)
    for shared in (folder, folder.parent):
        for mode in (0o770, 0o707, 0o777):
            shared.chmod(mode)
            assert not cache_files.is_private(folder), oct(mode)
        shared.chmod(0o700)
    folder.parent.chmod(0o1777)  # as /tmp: nobody can rename what is another's
    assert cache_files.is_private(folder)
    assert not cache_files.is_private(tmp_path / "none")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs another user")
def test_a_folder_of_another_user_is_not_private(tmp_path):
    folder = tmp_path / "a"
    cache_files.make_folder(folder)
    os.chown(folder, 12345, -1)
    assert not cache_files.is_private(folder)


def test_without_a_home_there_is_a_folder_all_the_same(monkeypatch):
    monkeypatch.setattr(cache_files, "user_cache_path", lambda _: Path("~/.cache/phusong"))
    assert cache_files.root().is_absolute()


def test_all_files_are_looked_at_only_where_they_may_be_too_large(tmp_path, monkeypatch):
    folder, counts = tmp_path / "cache", []
    count_all = cache_files.make_room
    monkeypatch.setattr(
        cache_files, "make_room", lambda *given: counts.append(1) or count_all(*given)
    )
    for nth in range(100):
        keep(folder / f"{nth:03}", content=bytes(1_000 - cache_files.SEAL_BYTES))
        os.utime(folder / f"{nth:03}", (nth, nth))
        cache_files.grow(folder, "*", 32_000, 1_000, folder / f"{nth:03}")
        assert cache_files.size_bytes(folder) <= 32_000
        assert (folder / f"{nth:03}").is_file()
    assert len(counts) < 40  # at the first, and then once for every two that go beyond
    assert cache_files.size_bytes(folder) > 28_000


@pytest.mark.parametrize("text", [None, "", "many files", "1000", "5 -1e9"])
def test_a_sum_that_cannot_be_read_is_counted_anew(tmp_path, text):
    folder = tmp_path / "cache"
    for name in "abc":
        keep(folder / name)
    if text is not None:
        (tmp_path / "cache.bytes").write_text(text)
    cache_files.grow(folder, "*", 10**6, 1)
    counted, _ = (tmp_path / "cache.bytes").read_text().split()
    assert int(counted) == cache_files.size_bytes(folder)


def test_all_files_are_counted_once_a_day(tmp_path):
    folder = tmp_path / "cache"
    keep(folder / "a")
    yesterday = time.time() - 2.0 * cache_files.RECOUNT_S
    (tmp_path / "cache.bytes").write_text(f"10 {yesterday}")  # another process was missed
    cache_files.grow(folder, "*", 10**6, 1)
    counted, when = (tmp_path / "cache.bytes").read_text().split()
    assert (int(counted), float(when) > yesterday) == (cache_files.size_bytes(folder), True)
    cache_files.grow(folder, "*", 10**6, 7)
    assert (tmp_path / "cache.bytes").read_text().split() == [str(int(counted) + 7), when]
