"""What a country states lies between the shipped base and a scenario: base < country < scenario."""

import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from phusong.errors import InputError
from phusong.geodata.countries import open_country
from phusong.scenarios.config import carriers, schema

# Dumped before anything Vietnamese was taken out of base.toml; one key was renamed since.
BEFORE = json.loads(Path(__file__).with_name("settings_of_vietnam.json").read_text("utf-8"))
SECTIONS = set(BEFORE["urban"])  # in which later keys may stand beside those of before


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_settings_of_vietnam_are_those_of_before(name):
    before = BEFORE[name]
    before["cost"] = {
        "currency_per_usd" if key == "vnd_per_usd" else key: value
        for key, value in before["cost"].items()
    }
    assert known_before(json.loads(schema.load(name).model_dump_json()), before) == before


def known_before(now, before):
    """Return settings without the sections and keys that have been added since."""
    return {
        key: known_before(now[key], value)
        if key in SECTIONS and isinstance(value, dict)
        else now[key]
        for key, value in before.items()
    }


@pytest.mark.parametrize("name", schema.SHIPPED)
def test_every_scenario_loads_for_any_country(name):
    scenario = schema.load(name, country="generic")
    assert scenario.country.code == "generic"
    assert scenario.cost.new_million == 0.1
    rules = scenario.candidates
    assert rules.spacing_urban_m == rules.spacing_outside_m == rules.sensitive_m == 0.0


def test_later_wins(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('extends = "urban"\n[cost]\nnew_million = 0.2\n', encoding="utf-8")
    assert schema.load("urban", country="generic").cost.new_million == 0.1
    assert schema.load(str(path), country="generic").cost.new_million == 0.2
    last = schema.load(str(path), ["cost.new_million=0.3"], country="generic")
    assert last.cost.new_million == 0.3


def test_a_country_states_no_key_that_the_base_has_too():
    base = tomllib.loads(files("phusong.scenarios").joinpath("base.toml").read_text("utf-8"))
    for code in ("vn", "generic"):
        own = tomllib.loads((open_country(code).folder / "base.toml").read_text("utf-8"))
        for section, table in own.items():
            assert not set(table) & set(base[section]), (code, section)


def test_overrides_of_vietnam_are_its_own():
    assert schema.load("urban", overrides=["resolution_193"]).cost.state_equipment_share == 0.15
    with pytest.raises(InputError, match="resolution_193"):
        schema.load("urban", overrides=["resolution_193"], country="generic")


@pytest.mark.parametrize("policy", ["operators", "shared"])
def test_operators_that_build_for_themselves_must_be_stated(policy):
    with pytest.raises(InputError, match="'generic' states no operators with a block"):
        schema.load("urban", [f"candidates.policy={policy}"], country="generic")


def test_the_network_of_a_generic_country_is_of_no_operator():
    (network,) = carriers.planned_networks(schema.load("urban", country="generic"))
    assert (network.licence.operator, network.licence.frequency_mhz) == ("", 3550.0)


def test_a_key_that_named_a_currency_says_what_it_is_called_now():
    with pytest.raises(InputError, match="is called 'currency_per_usd' now"):
        schema.load("urban", ["cost.vnd_per_usd=24000.0"])
