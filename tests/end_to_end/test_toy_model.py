"""A propagation model is added by one module and one line, and is then everywhere."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from phusong.commands import cli
from phusong.coverage.models import REGISTRY, by_distance, free_space
from phusong.coverage.models.model import ANY
from phusong.errors import InputError
from phusong.scenarios.config import schema
from phusong.scenarios.prediction import cache
from phusong.scenarios.propagation import options

# The module: what a planner would write in coverage/models/toy.py.

DB_PER_KM = 20.0


def toy_loss_db(distance_m, frequency_mhz, base_height_m, user_height_m):
    """Return the loss of free space, and so many decibels for every kilometre."""
    free_db = free_space.path_loss_db(distance_m, frequency_mhz, base_height_m, user_height_m)
    return free_db + DB_PER_KM * distance_m / 1000.0


TOY = by_distance.model(
    "toy",
    toy_loss_db,
    title="Free space and a constant per kilometre",
    title_vi="Không gian tự do và một hằng số mỗi km",
    source="a test",
    frequency_mhz=ANY,
    distance_m=ANY,
    base_height_m=ANY,
    user_height_m=ANY,
)

SETTINGS = (
    "candidates.lattice_m=600",
    "rollout.stations={ 2026 = 2 }",
    "uncertainty.draws=10",
    "layer_5g.radius_m=3000",
    "layer_4g.radius_m=3000",
)
CELL = "site_id,x_m,y_m,height_m,azimuth_deg,band,technology,antenna\n"
CELL += "A,560000,2356000,40,omni,B3,4G,isotropic\n"


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """Register the model: the line in coverage/models/__init__.py."""
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "predictions")
    monkeypatch.setattr(cache, "WINDOWS", tmp_path / "windows")
    monkeypatch.setitem(REGISTRY, "toy", TOY)


@pytest.mark.usefixtures("toy")
def test_it_is_listed(capsys):
    for language, title in (("en", TOY.title), ("vi", TOY.title_vi)):
        assert cli.main(["models", "--lang", language]) == cli.DONE
        assert title in capsys.readouterr().out


@pytest.mark.usefixtures("toy")
def test_it_predicts_a_link(capsys, mini_folder):
    ends = ["--from", "105.5950,21.3100,30", "--to", "105.6000,21.3200,1.5", "--model", "toy"]
    where = ["--province", str(mini_folder), "--frequency-mhz", "2600", "--json"]
    assert cli.main(["link", *ends, *where]) == cli.DONE
    found = json.loads(capsys.readouterr().out)
    assert found["loss_db"] == pytest.approx(toy_loss_db(found["distance_m"], 2600.0, 30.0, 1.5))
    assert found["excess_db"] == pytest.approx(DB_PER_KM * found["distance_m"] / 1000.0)


@pytest.mark.usefixtures("toy")
def test_it_predicts_levels_of_cells(mini_folder, tmp_path):
    listed, out = tmp_path / "cells.csv", tmp_path / "out"
    listed.write_text(CELL)
    where = ["--province", str(mini_folder), "--out", str(out), "--model", "toy"]
    assert cli.main(["predict", str(listed), *where]) == cli.DONE
    cell = json.loads((out / "cells.geojson").read_text(encoding="utf-8"))["features"][0]
    power_dbm = cell["properties"]["eirp_per_re_dbm"]
    frequency_mhz = cell["properties"]["frequency_mhz"]
    with rasterio.open(out / "rsrp_4g_all.tif") as file:
        row, column = file.index(561_500.0, 2_357_000.0)
        x_m, y_m = file.xy(row, column)
        level_dbm = file.read(1)[row, column]
    distance_m = math.hypot(x_m - 560_000.0, y_m - 2_356_000.0)
    expected_dbm = power_dbm - toy_loss_db(distance_m, frequency_mhz, 40.0, 1.5)
    assert level_dbm == pytest.approx(expected_dbm, abs=0.15)  # written in tenths


@pytest.mark.usefixtures("toy")
def test_it_plans_a_run(mini_folder, tmp_path):
    changes = [part for text in SETTINGS for part in ("--set", text)]
    where = ["--province", str(mini_folder), "--set", "propagation.model=toy"]
    assert cli.main(["run", "urban", *where, *changes, "--out", str(tmp_path / "run")]) == cli.DONE
    record = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert record["headline"]["stations"] == 2
    assert TOY.title in json.dumps(record)
    with rasterio.open(tmp_path / "run" / "rsrp_after.tif") as file:
        assert np.isfinite(file.read(1)).any()


@pytest.mark.usefixtures("toy")
def test_an_unknown_model_is_refused_with_its_neighbours():
    with pytest.raises(InputError, match=r"unknown model; did you mean toy\?"):
        schema.load("urban", ["propagation.model=toys"])


def test_a_model_without_a_sweep_is_refused_at_the_door(monkeypatch):
    """It is never swept as something else."""
    monkeypatch.setitem(REGISTRY, "toy", replace(TOY, area=None))
    with pytest.raises(InputError, match="toy predicts no area"):
        schema.load("urban", ["propagation.model=toy"])
    with pytest.raises(InputError, match="toy predicts no area"):
        options.chosen("toy", None, [], {})
    with pytest.raises(InputError, match="predicts no area"):
        REGISTRY["toy"].for_area({}, 2600.0)


def test_an_area_model_is_refused_for_a_path(monkeypatch, capsys):
    monkeypatch.setitem(REGISTRY, "toy", replace(TOY, predict_path=None))
    ends = ["--from", "105.595,21.31,30", "--to", "105.6,21.32,1.5", "--frequency-mhz", "2600"]
    assert cli.main(["link", *ends, "--model", "toy"]) == cli.WRONG_INPUT
    assert "predicts areas" in capsys.readouterr().err
