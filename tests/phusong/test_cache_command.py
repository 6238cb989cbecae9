"""``phusong cache``: how much is kept, and nothing but that is thrown away."""

import json

import pytest

from phusong import compilation, content_cache
from phusong.commands import cache, cli
from phusong.geodata.fetch import download
from phusong.scenarios.prediction import cache as predictions


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Give every cache a folder of its own with a file of 1,000 bytes in it."""
    for module, name, folder in (
        (compilation, "FOLDER", "kernels"),
        (predictions, "FOLDER", "predictions"),
        (predictions, "WINDOWS", "windows"),
        (content_cache, "FOLDER", "files"),
        (download, "FOLDER", "downloads"),
    ):
        path = tmp_path / folder
        (path / "ab").mkdir(parents=True)
        (path / "ab" / "file").write_bytes(bytes(1000))
        monkeypatch.setattr(module, name, path)
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_info_tells_every_cache(folders, capsys):
    assert cli.main(["cache", "info", "--json"]) == cli.DONE
    rows = json.loads(capsys.readouterr().out)
    assert [row["cache"] for row in rows] == list(cache.WHATS)
    for row in rows:
        assert row["folder"] == str(folders / row["cache"])
        assert (row["files"], row["bytes"]) == (1, 1000)
        assert row["max_bytes"] > 1000
    assert cli.main(["cache", "info"]) == cli.DONE
    assert capsys.readouterr().out.count("1 files in") == 5


def test_clear_takes_what_is_named_and_leaves_the_rest(folders, capsys):
    assert cli.main(["cache", "clear", "windows"]) == cli.DONE
    assert capsys.readouterr().out == f"windows: 0.0 MB freed in {folders / 'windows'}\n"
    assert not list((folders / "windows").iterdir())
    assert (folders / "downloads" / "ab" / "file").is_file()
    assert cli.main(["cache", "clear"]) == cli.DONE
    assert not [path for path in folders.rglob("file") if path.is_file()]
    assert (folders / "notes.txt").read_text() == "mine"
    assert cli.main(["cache", "clear"]) == cli.DONE  # nothing there is no error


def test_a_link_in_a_cache_is_removed_and_not_followed(folders):
    (folders / "windows" / "link").symlink_to(folders / "notes.txt")
    (folders / "windows" / "folder").symlink_to(folders)
    assert cli.main(["cache", "clear", "windows"]) == cli.DONE
    assert (folders / "notes.txt").read_text() == "mine"


def test_another_word_is_refused(capsys):
    with pytest.raises(SystemExit):
        cli.main(["cache", "clear", "everything"])
    assert "invalid choice: 'everything'" in capsys.readouterr().err
