"""The shipped scripts: each is short, runs, and says what it found."""

import runpy
from pathlib import Path

import pytest

import phusong
from phusong.scenarios.config import schema

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_script_writes_a_run(name, mini_province, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(phusong, "open_province", lambda: mini_province)
    runpy.run_path(str(SCENARIOS / f"{name}.py"), run_name="__main__")
    folder = tmp_path / "out" / name
    assert (folder / "ranking.geojson").is_file()
    assert (folder / "map.html").is_file()
    said = capsys.readouterr().out
    assert f"map: out/{name}/map.html" in said
    assert len(said.splitlines()) >= 2


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_script_fits_on_a_page(name):
    assert len((SCENARIOS / f"{name}.py").read_text(encoding="utf-8").splitlines()) < 60
