"""What makes a run quick changes nothing, or says so: workers, caches, proof left out."""

import json

import pandas as pd
import pytest

import phusong as ps
from phusong.commands import cli
from phusong.messages import message

SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=290"]
TOLD = ("timings_s", "seconds", "workers", "created")  # of this run alone
LEFT_OUT = "proof and redraws of the choice were left out (--no-proof)"


@pytest.fixture
def run(mini_folder, tmp_path, monkeypatch):
    """Return a function that runs the small province with caches of the test's own."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for name in ("FOLDER", "WINDOWS"):
        monkeypatch.setattr(f"phusong.scenarios.prediction.cache.{name}", tmp_path / name)

    def written(name, *more):
        arguments = ["run", "urban", "--province", str(mini_folder), "--out", str(tmp_path / name)]
        settings = [part for s in SETTINGS for part in ("--set", s)]
        assert cli.main([*arguments, "--lang", "en", *settings, *more]) == cli.DONE
        return tmp_path / name

    return written


def test_cold_and_warm_runs_of_any_workers_write_the_same_bytes(run):
    cold, warm = run("cold", "--workers", "1"), run("warm", "--workers", "2")
    names = sorted(path.name for path in cold.iterdir())
    assert sorted(path.name for path in warm.iterdir()) == names
    for name in set(names) - {"run.json"}:
        assert (warm / name).read_bytes() == (cold / name).read_bytes(), name
    records = [json.loads((out / "run.json").read_text("utf-8")) for out in (cold, warm)]
    for record in records:
        for key in TOLD:
            record.pop(key)
    assert records[0] == records[1]


def test_a_run_without_proof_says_so_everywhere_and_plans_the_same(run, capsys):
    whole, quick = run("whole"), run("quick", "--no-proof")
    assert LEFT_OUT in capsys.readouterr().out
    record = json.loads((quick / "run.json").read_text("utf-8"))
    choice = record["choice"]
    assert choice["proof"] is False
    assert choice["draws"] == 0
    assert {choice[name] for name in ("gap", "bound", "mean_probability_top_n")} == {None}
    assert {tier["gap"] for tier in record["tiers"]} == {None}
    assert message("warning.no_proof").id in [each["id"] for each in record["notes"]]
    for page in ("map.html", "report.html"):
        assert LEFT_OUT in (quick / page).read_text("utf-8"), page
    tables = [pd.read_csv(out / "ranking.csv") for out in (whole, quick)]
    unknown = ["stability", "probability_top_n", "probability_nearby"]
    assert tables[0][unknown].notna().all(axis=None)
    assert tables[1][unknown].isna().all(axis=None)
    pd.testing.assert_frame_equal(*(table.drop(columns=unknown) for table in tables))
    assert ps.open_run(quick).ranking["stability"].fillna("").eq("").all()
