"""One writer at a time: the second stops and names the first, or waits."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from phusong import lock

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from pathlib import Path
sys.argv = ["phusong", "run", "--sites", "secret"]
from phusong import lock
lock.FOLDER = Path("{locks}")
with lock.held(Path("{target}")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "FOLDER", tmp_path / "locks")
    return tmp_path


@pytest.fixture
def holder(tmp_path):
    """Return another process that holds the lock of ``out`` until its input ends."""
    code = HOLDER.format(locks=tmp_path / "locks", target=tmp_path / "out")
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_stops_and_names_the_first(holder, tmp_path):
    with pytest.raises(lock.BusyError) as error, lock.held(tmp_path / "out"):
        pytest.fail("was let in")
    said = str(error.value)
    assert f"{tmp_path / 'out'} is being written by phusong run (process {holder.pid} on" in said
    assert "--wait" in said
    assert "secret" not in said
    with lock.held(tmp_path / "other"):  # another folder is free
        pass


@pytest.mark.usefixtures("holder")
def test_another_name_of_the_same_folder_is_the_same(tmp_path, monkeypatch):
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    for name in (Path("out"), Path("link"), Path("out/../out"), Path("./out/")):
        with pytest.raises(lock.BusyError), lock.held(name):
            pytest.fail("was let in")


def test_with_wait_it_goes_on_when_the_first_is_done(holder, tmp_path, caplog):
    threading.Timer(0.5, holder.stdin.close).start()
    with lock.held(tmp_path / "out", wait=True):
        assert holder.wait(timeout=5) == 0
    (record,) = caplog.records
    assert record.getMessage().endswith(": waiting")


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
def test_the_lock_of_a_killed_process_is_free(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with lock.held(tmp_path / "out"):
        pass


def test_the_same_thread_may_hold_it_twice_and_another_may_not(tmp_path):
    caught = []

    def other():
        try:
            with lock.held(tmp_path / "out"):
                pass
        except lock.BusyError as error:
            caught.append(error)

    with lock.held(tmp_path / "out"):
        with lock.held(tmp_path / "out"):
            pass
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(caught) == 1
    other()
    assert len(caught) == 1


def test_without_a_cache_folder_there_is_a_lock_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(lock, "FOLDER", tmp_path / "file" / "locks")
    monkeypatch.setattr(lock.cache_files, "spare_root", lambda: tmp_path / "spare")
    with lock.held(tmp_path / "out"):
        assert list((tmp_path / "spare" / "locks").glob("*.lock"))
    monkeypatch.setattr(lock.cache_files, "spare_root", lambda: tmp_path / "file")
    with pytest.raises(lock.PhusongError, match="cannot be written"), lock.held(tmp_path / "out"):
        pass
