"""Any terminal: a clear message or plain work, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from phusong import moment
from phusong.commands import cli
from phusong.errors import InputError
from phusong.terminal import streams

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ["data", "template", "sites"]


def ran(*command, shell="", **variables):
    """Run a command in a process of its own, its output read as bytes."""
    environment = {**os.environ, "PHUSONG_LANG": "vi", "PYTHONPATH": str(ROOT), **variables}
    environment = {name: value for name, value in environment.items() if value is not None}
    order = [sys.executable, "-m", "phusong", *map(str, command)]
    if shell:
        order = ["sh", "-c", f'exec "$@" {shell}', "sh", *order]
    done = subprocess.run(order, capture_output=True, check=False, env=environment)
    assert b"Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp1258", "cp437", "utf-8"])
def test_letters_that_an_output_lacks_lose_their_marks_and_that_is_said(encoding):
    done = ran(*TEMPLATE, PYTHONIOENCODING=encoding)
    assert done.returncode == cli.DONE
    header = done.stdout.decode(encoding).splitlines()[0]
    if encoding == "utf-8":
        assert header.startswith("Mã trạm,Kinh độ")
        assert not done.stderr
    else:
        assert done.stderr.decode(encoding).count("PYTHONIOENCODING=utf-8") == 1
        assert "Kinh " in header
        assert "?" not in header


def test_json_keeps_every_letter_in_any_encoding(tmp_path):
    (tmp_path / "a.csv").write_text("site_id,lon,lat,Xã\nTrạm Đỏ,105.6,999,Tích Sơn\n", "utf-8")
    plain = ran("data", "check", tmp_path / "a.csv", "--json")
    narrow = ran("data", "check", tmp_path / "a.csv", "--json", PYTHONIOENCODING="ascii")
    assert json.loads(narrow.stdout.decode("ascii")) == json.loads(plain.stdout.decode("utf-8"))
    assert streams._escaped("😀") == "\\ud83d\\ude00"


@pytest.mark.skipif(os.name == "nt", reason="needs a shell of Unix")
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_output_harms_nothing(closed, tmp_path):
    """Else the first file that is opened is number 1, and a library writes its words into it."""
    target = tmp_path / "bts.csv"
    assert ran(*TEMPLATE, "--out", target, shell=closed).returncode == cli.DONE
    assert target.read_text("utf-8-sig").startswith("Mã trạm,")
    assert target.read_text("utf-8").count("fill it in") == 0
    assert ran("models", shell=closed).returncode == cli.DONE


@pytest.mark.parametrize("home", [None, ""])
def test_without_a_home_it_works(home):
    done = ran("cache", "info", HOME=home, XDG_CACHE_HOME=None)
    assert done.returncode == cli.DONE
    assert b"kernels" in done.stdout


def test_a_name_that_the_language_lacks_is_told(tmp_path):
    path = tmp_path / "Xã.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for command in ("data check", "link --points"):
        done = ran(*command.split(), path, **plain)
        assert done.returncode == cli.WRONG_INPUT
        assert done.stderr


@pytest.mark.parametrize("stated", ["soon", "1e9", "9" * 30, "-" * 3, "1.5", "0x10"])
def test_a_wrong_date_is_told_before_anything_is_done(stated, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv(moment.VARIABLE, stated)
    with pytest.raises(InputError, match="is not a whole number of seconds since 1970"):
        moment.moment()
    command = ["data", "template", "sites", "--out", str(tmp_path / "a.csv")]
    assert cli.main(command) == cli.WRONG_INPUT
    assert "SOURCE_DATE_EPOCH" in capsys.readouterr().err
    assert not (tmp_path / "a.csv").exists()


@pytest.mark.parametrize("stated", ["", "  "])
def test_an_empty_date_is_no_date(stated, monkeypatch):
    monkeypatch.setenv(moment.VARIABLE, stated)
    assert moment.moment().year > 2023
