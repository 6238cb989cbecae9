"""The scenarios of the page "What planners ask" fit the embedded province as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

import phusong as ps
from phusong.messages import Message, speak
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


def test_what_planners_ask_stands_in_what_a_run_writes(mini_province, tmp_path):
    point = mini_province.sites.geometry.iloc[[1]].to_crs("EPSG:4326").iloc[0]
    text = f"site_id,operator,on_air,lon,lat\nN1,VNPT,5/2023,{point.x:.6f},{point.y:.6f}\n"
    (tmp_path / "on_air.csv").write_text(text, encoding="utf-8")
    settings = [
        "rollout.stations={ 2024 = 1, 2025 = 1 }",
        "candidates={ policy = 'shared', lattice_m = 600.0 }",
        "cost.state_equipment_share=0.15",
        "demand.growth={ per_year = 0.01, since = 2019 }",
        "uncertainty.draws=2",
    ]
    scenario = ps.load_scenario("urban", settings)
    made = ps.plan(mini_province, scenario, existing_5g=tmp_path / "on_air.csv", language="en")
    run = ps.open_run(made.write(tmp_path / "run"))
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "Who pays" in report
    assert "The state (share of equipment)" in report
    record = run.record
    assert record["baseline"]["date"] == "2023-12-31"
    assert record["baseline"]["stations"] == record["headline"]["live_5g"] == 1
    assert record["province"]["population_year"] == 2025
    said = " ".join(speak(told, "en") for told in map(ps_message, record["assumptions"]))
    assert "5G on air by 2023-12-31: 1 stations of on_air.csv" in said
    assert "The state pays 15.0% of equipment" in said
    rows = (tmp_path / "run" / "costs_by_payer.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["payer", "MobiFone", "VNPT", "Viettel", "state"]


def ps_message(stated):
    """Return a message as run.json holds it."""
    return stated if not isinstance(stated, dict) else Message(stated["id"], stated["values"])
