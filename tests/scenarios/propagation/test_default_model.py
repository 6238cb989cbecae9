"""The default model: its data file, the code and the scenarios agree."""

import tomllib
from importlib.resources import files

import pytest

from phusong.coverage.models import REGISTRY
from phusong.geodata.province import LandCover
from phusong.geodata.reference import default_model
from phusong.scenarios.config import schema
from phusong.scenarios.propagation.options import PredictionOptions

RECORD = default_model.RECORD
MODEL = REGISTRY[default_model.NAME]


def test_constants_of_the_file_are_those_of_the_code():
    stated = RECORD["parameters"]
    by_name = {each.name: each.default for each in MODEL.parameters}
    assert by_name["street_width_m"] == stated["street_width_m"]
    assert by_name["edge_m"] == stated["edge_m"]
    assert MODEL.clutter_m({}) == RECORD["clutter_m"]
    assert set(RECORD["clutter_m"]) == {kind.name.lower() for kind in LandCover}
    assert set(RECORD["clutter_m"]) <= set(RECORD["evidence"]) | {"outside"}


def test_scenarios_and_predictions_use_it():
    base = tomllib.loads(files("phusong.scenarios").joinpath("base.toml").read_text("utf-8"))
    assert base["propagation"]["model"] == PredictionOptions().model == default_model.NAME
    for name, value in RECORD["parameters"].items():
        assert base["propagation"][name] == value
    assert PredictionOptions().pattern_fill == RECORD["parameters"]["pattern_fill"]


def test_the_sets_behind_it_keep_the_figures_that_are_promised():
    """|Mean bias| <= 3 dB, none beyond 10; RMSE at most 11 dB on each and 10 on average."""
    known = [each for each in RECORD["set"] if each["level_known"]]
    bias = [each["bias_db"] for each in known]
    rmse = [each["rmse_db"] for each in known]
    assert len(known) == 4
    assert abs(sum(bias) / len(bias)) <= 3.0
    assert max(map(abs, bias)) <= 10.0
    assert max(rmse) <= 11.0
    assert sum(rmse) / len(rmse) <= 10.0


def test_every_constant_is_set_in_a_scenario():
    settings = ["propagation.street_width_m=20", "propagation.clutter_m={ farmland = 3.0 }"]
    found = schema.load("urban", [*settings, "propagation.pattern_fill=0.0"]).propagation
    assert (found.street_width_m, found.pattern_fill) == (20.0, 0.0)
    assert found.clutter_m == {"farmland": 3.0}


@pytest.mark.parametrize("setting", ["clutter_m={ jungle = 3.0 }", "street_width_m=1"])
def test_what_cannot_be_used_is_refused(setting):
    with pytest.raises(Exception, match=setting.partition("=")[0]):
        schema.load("urban", [f"propagation.{setting}"])
