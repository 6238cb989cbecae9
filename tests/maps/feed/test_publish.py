"""A feed is whole or not there, holds several runs, and comes out the same every time."""

import errno
import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import feed_run
import maps_run
import pytest

import phusong as ps
from phusong.commands import cli
from phusong.errors import InputError
from phusong.geodata.files import toml_json, whole
from phusong.maps.feed import figures
from phusong.maps.feed import folder as feed_folder


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return feed_run.write_run(tmp_path_factory.mktemp("feed") / "run")


@pytest.fixture(scope="module")
def published(run, tmp_path_factory):
    """Return a feed with one run; read only."""
    folder = tmp_path_factory.mktemp("published") / "feed"
    feed_run.publish(run, folder)
    return folder


@pytest.fixture
def feed(published, tmp_path):
    """Return a feed of one's own."""
    return shutil.copytree(published, tmp_path / "feed")


def test_publishing_again_gives_the_same_bytes(run, feed, tmp_path):
    before = feed_run.tree(feed)
    feed_run.publish(run, feed)
    feed_run.publish(run, tmp_path / "other")
    assert feed_run.tree(feed) == before == feed_run.tree(tmp_path / "other")
    assert len(before) > 40
    assert not [name for name in before if "/." in f"/{name}"]


def test_runs_stand_side_by_side_and_the_newest_is_the_latest(run, feed, tmp_path):
    def at(moment):
        folder = shutil.copytree(run, tmp_path / moment[:4])
        feed_run.rewrite(folder, lambda record: record.update(created=moment))
        return feed_run.publish(folder, feed).name

    first = toml_json.read_json(feed / "latest.json")["id"]
    old, new = at("2020-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z")
    named = feed_run.publish(run, feed, name="Đô thị").name
    assert named == "do-thi-20261123T050000Z"
    held = toml_json.read_json(feed / feed_folder.NAME)
    assert {r["id"] for r in held["runs"]} == {first, old, new, named}
    assert {path.name for path in (feed / "runs").iterdir()} == {first, old, new, named}
    assert held["latest"] == new
    latest = toml_json.read_json(feed / "latest.json")
    assert toml_json.read_json(feed / latest["figures"])["run"]["id"] == new


def refusals(tmp_path):
    """Return runs and feeds that do not go together, and what is said of each."""

    def changed(name, edit):
        return feed_run.write_run(tmp_path / name, edit)

    def elsewhere(name):
        folder = changed(name, None)
        for table, frame in maps_run.tables().items():
            moved = frame.translate(90_000, 0)
            text = frame.set_geometry(moved).to_crs("EPSG:4326").to_json(drop_id=True)
            (folder / f"{table}.geojson").write_text(text, encoding="utf-8")
        return folder

    unfinished = changed("unfinished", None)
    (unfinished / whole.MARK).touch()
    lacking = changed("lacking", None)
    (lacking / "zones.geojson").unlink()
    return {
        "holds files of two runs": unfinished,
        "zones.geojson: file is missing": lacking,
        "made by an older version": changed("old", lambda r: r.update(schema_version=1)),
        "a feed of another province, Vĩnh Phúc": changed(
            "province", lambda r: r["province"].update(name="Phú Thọ")
        ),
        "lies elsewhere than the runs of this name": elsewhere("elsewhere"),
        "holds another run of this name and moment": changed("seed", lambda r: r.update(seed=2)),
        "is not the folder of a finished run": tmp_path / "nowhere",
    }


def test_a_run_that_does_not_fit_is_refused_and_the_feed_stays(feed, tmp_path):
    before = feed_run.tree(feed)
    for text, other in refusals(tmp_path).items():
        with pytest.raises(InputError, match=text):
            feed_run.publish(other, feed)
        assert feed_run.tree(feed) == before, text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"notes.txt": "mine"}, "is not empty and holds no feed of phusong"),
        ({"feed.json": "{}"}, "is no record of a feed"),
        ({"feed.json": '{"phusong_feed": 99}'}, "is a feed of another version"),
        ({"feed.json": "not json"}, "feed.json"),
        (None, "is a file"),
    ],
)
def test_a_folder_that_is_not_ours_is_refused_untouched(run, tmp_path, content, text):
    folder = tmp_path / "folder"
    if content is None:
        folder.write_text("a file")
    else:
        folder.mkdir()
        for name, body in content.items():
            (folder / name).write_text(body)
    before = feed_run.tree(tmp_path)
    with pytest.raises(InputError, match=text):
        feed_run.publish(run, folder)
    assert feed_run.tree(tmp_path) == before


@pytest.mark.skipif(os.name == "nt", reason="limits of Unix")
@pytest.mark.parametrize(("room", "new"), [(300, True), (30_000, False), (90_000, True)])
def test_a_disk_that_fills_leaves_what_was_there(run, feed, tmp_path, room, new):
    """Whichever file it is that does not fit."""
    folder = tmp_path / "new" if new else feed
    before = feed_run.tree(tmp_path)
    assert max(map(len, before.values())) > room
    with room_for(room), pytest.raises(InputError, match=r"cannot write.*\n.*room"):
        feed_run.publish(run, folder)
    assert feed_run.tree(tmp_path) == before
    assert folder.exists() is not new


@contextmanager
def room_for(size):
    """Let no file grow beyond a size: writing fails as it does on a full disk."""
    import resource  # noqa: PLC0415 - of Unix

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("failing", ["runs/urban-20261123T050000Z", "catalog.json", "feed.json"])
def test_what_has_changed_places_comes_back_when_one_cannot(feed, run, monkeypatch, failing):
    before = feed_run.tree(feed)
    original = type(feed).replace

    def stuck(self, target):
        if str(target) == str(feed / failing) and ".replaced" not in str(self):
            raise OSError(errno.EIO, "no more")
        return original(self, target)

    changed = shutil.copytree(run, feed.parent / "changed")
    zones = changed / "zones.geojson"
    zones.write_text(zones.read_text(encoding="utf-8").replace("operating", "building"), "utf-8")
    monkeypatch.setattr(type(feed), "replace", stuck)
    with pytest.raises(InputError, match="no more"):
        feed_run.publish(changed, feed)
    assert feed_run.tree(feed) == before
    monkeypatch.undo()
    feed_run.publish(changed, feed)
    assert feed_run.tree(feed) != before


def test_what_a_killed_process_had_moved_away_stands_there_again(feed):
    """Between the old run and the new one lies a moment; the next that publishes mends it."""
    before = feed_run.tree(feed)
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    )
    left = feed / f".urban-{whole.HOST}-{int(gone.stdout)}-0123abcd"
    (left / whole.KEPT / "runs").mkdir(parents=True)
    moved = next((feed / "runs").iterdir())
    moved.rename(left / whole.KEPT / "runs" / moved.name)
    (left / "runs" / moved.name).mkdir(parents=True)
    feed_folder.open_feed(feed)
    assert feed_run.tree(feed) == before
    assert not left.exists()


def test_the_command_says_where_it_is(run, tmp_path, capsys):
    assert cli.main(["publish", str(run), "--to", str(tmp_path / "feed"), "--lang", "vi"]) == 0
    path = tmp_path / "feed" / "runs" / "urban-20261123T050000Z"
    assert capsys.readouterr().out == f"{path}\n"
    assert (path / figures.NAME).is_file()
    assert cli.main(["publish", str(run), "--to", str(run), "--lang", "en"]) == cli.WRONG_INPUT
    assert "holds no feed of phusong" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "text"), [("..", "no letter or digit"), ("///", "no letter")])
def test_a_name_that_is_none_is_refused(run, tmp_path, name, text):
    with pytest.raises(InputError, match=text):
        feed_run.publish(run, tmp_path / "feed", name=name)
    assert not (tmp_path / "feed").exists()


def test_the_front_door_publishes_a_run_or_its_folder(run, published, tmp_path):
    one = ps.publish(ps.open_run(run), tmp_path / "one", language="en")
    two = ps.publish(str(run), str(tmp_path / "two"), language="en")
    assert one.name == two.name == "urban-20261123T050000Z"
    assert feed_run.tree(tmp_path / "one") == feed_run.tree(published)
    assert feed_run.tree(tmp_path / "two") == feed_run.tree(published)


def test_what_is_not_installed_is_said_and_left_out(run, tmp_path, monkeypatch, caplog):
    original = importlib.util.find_spec

    def without(name, *package):
        return None if name in {"pyarrow", "pygeometa"} else original(name, *package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    ps.publish(run, tmp_path / "feed")
    assert "no GeoParquet: pyarrow is not installed" in caplog.text
    assert "pip install phusong[feed]" in caplog.text
    names = feed_run.tree(tmp_path / "feed")
    assert not [name for name in names if name.endswith((".parquet", ".xml", ".jsonld"))]
    assert [name for name in names if name.endswith("metadata.yml")]
