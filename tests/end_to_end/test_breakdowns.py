"""A small share of the campaigns of tests/support/damage: kills, damaged caches, broken files."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

DAMAGE = Path(__file__).resolve().parents[1] / "support" / "damage"
pytestmark = pytest.mark.long


def campaign(name, *options):
    """Return what a campaign prints, run as its readers are told to run it."""
    order = [sys.executable, str(DAMAGE / name), *map(str, options)]
    return subprocess.run(order, capture_output=True, text=True, check=True, timeout=600).stdout


def test_a_plan_from_damaged_caches_keeps_its_values():
    done = ast.literal_eval(campaign("breakdowns.py", "--entries", 40).splitlines()[-1])
    assert "wrong plan" not in done
    assert sum(done.values()) >= 40


def test_a_killed_run_harms_no_other():
    done = ast.literal_eval(campaign("breakdowns.py", "--kills", 4).splitlines()[-1])
    assert "NEXT RUN WRONG" not in done
    assert "LEFT A MIXTURE" not in done
    assert done["next run right"] == 1


def test_damaged_results_and_windows_keep_their_values():
    done = ast.literal_eval(campaign("breakdowns.py", "--arrays", 200).splitlines()[-1])
    assert "WRONG VALUES" not in done
    assert sum(done.values()) == 400


def test_a_killed_writer_leaves_one_result_or_a_mark():
    done = ast.literal_eval(campaign("breakdowns.py", "--writers", 20).splitlines()[-1])
    assert not {"A MIXTURE", "NEXT WRONG"} & set(done)
    assert done["next right and swept"] == 4


def test_half_a_minute_of_broken_files_finds_nothing():
    printed = campaign("fuzz.py", "--minutes", 0.5, "--seed", 2)
    rows = [line.split() for line in f"\n{printed}".partition("\nreader ")[2].splitlines()[1:]]
    assert sum(int(row[-4]) for row in rows) > 100
    assert [row for row in rows if row[-1] != "0"] == []
