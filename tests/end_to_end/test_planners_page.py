"""The scenarios of the page "What planners ask" fit the embedded province as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

from phusong.scenarios.candidates import asked
from phusong.scenarios.config import schema

PAGE = Path(__file__).resolve().parents[2] / "docs" / "planners.md"
TEXT = PAGE.read_text(encoding="utf-8")
SCENARIOS = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
FILES = dict(re.findall(r"`(\w+\.csv)`:\n\n```\n(.*?)```", TEXT, re.DOTALL))
QUICK = ("candidates.lattice_m=3000", "service.shadowing_sigma_db=9.3")


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_page_has_a_scenario_for_each_question():
    assert len(SCENARIOS) == len(re.findall(r"^## ", TEXT, re.MULTILINE)) == 6
    assert set(FILES) == {"parks.csv", "on_air.csv", "schools.csv"}


@pytest.mark.parametrize("number", range(6))
def test_a_scenario_of_the_page_fits_the_province(reference_province, folder, number):
    path = folder / "mine.toml"
    path.write_text(SCENARIOS[number], encoding="utf-8")
    scenario = schema.load(str(path), QUICK)
    findings = asked.Findings()
    province = asked.prepared(reference_province, scenario, findings)
    served = np.zeros(province.grid.shape, np.float32)
    study, frame = asked.asked(province, scenario, served, findings)
    assert len(frame)
    assert len(study.tiers) == len(scenario.tiers)
