"""The version of a run's record, as every command that opens run folders checks it."""

import json

import maps_run
import pytest

from phusong.commands import cli
from phusong.geodata.runs.record import SCHEMA_VERSION

COMMANDS = (
    ["map", "{run}"],
    ["report", "{run}"],
    ["compare", "{run}", "{run}", "--out", "{out}"],
    ["restate", "{run}", "--out", "{out}"],
    ["export", "{run}", "--to", "{out}.gpkg"],
    ["serve", "{run}", "--port", "0"],
)


@pytest.fixture
def run(tmp_path):
    """Return a finished run of small size."""
    folder = tmp_path / "run"
    maps_run.write_whole(folder)
    return folder


def restamped(run, version):
    """Give the record of a run another version, none when it is None."""
    record = json.loads((run / "run.json").read_text("utf-8"))
    del record["schema_version"]
    stamp = {} if version is None else {"schema_version": version}
    (run / "run.json").write_text(json.dumps(record | stamp), encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("version", [None, SCHEMA_VERSION - 1])
def test_a_run_of_an_older_version_is_refused_by_its_folder(
    run, tmp_path, capsys, command, version
):
    restamped(run, version)
    words = [word.format(run=run, out=tmp_path / "out") for word in command]
    assert cli.main(words) == 2
    said = capsys.readouterr().err
    assert f"{run} was made by an older version of phusong: run again" in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_run_of_a_newer_version_is_refused_too(run, capsys):
    restamped(run, SCHEMA_VERSION + 1)
    assert cli.main(["map", str(run)]) == 2
    assert "newer version of phusong" in capsys.readouterr().err


@pytest.mark.parametrize("currency", [None, "dong", "vnd"])
def test_the_currency_is_an_iso_code(run, capsys, currency):
    record = json.loads((run / "run.json").read_text("utf-8")) | {"currency": currency}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert cli.main(["map", str(run)]) == 2
    assert "currency" in capsys.readouterr().err
