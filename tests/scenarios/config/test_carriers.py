"""Licences: published blocks, and what each carrier radiates beside the scenario's own."""

import math
import re
from itertools import pairwise

import pytest
from antenna_text import lobe, text_of

from phusong.errors import InputError
from phusong.geodata.countries import open_country
from phusong.scenarios.config import carriers, schema
from phusong.scenarios.prediction import chain

VIETNAM = open_country()


def test_blocks_are_those_of_the_auctions_of_2024():
    table = open_country().table("blocks").set_index("operator")
    blocks = {name: (row["low_mhz"], row["high_mhz"]) for name, row in table.iterrows()}
    assert blocks == {"Viettel": (2500, 2600), "VNPT": (3700, 3800), "MobiFone": (3800, 3900)}


def test_carriers_lie_in_their_blocks_and_never_overlap():
    found = carriers.licences(schema.load("urban").layer_5g, VIETNAM)
    edges = [
        (c.frequency_mhz - c.bandwidth_mhz / 2, c.frequency_mhz + c.bandwidth_mhz / 2)
        for c in found
    ]
    assert edges == sorted(edges, reverse=True)
    assert all(below[1] <= above[0] for above, below in pairwise(edges))


def test_power_is_the_scenarios_at_its_own_band_and_typical_elsewhere():
    power = {
        c.operator: c.eirp_per_re_dbm
        for c in carriers.licences(schema.load("urban").layer_5g, VIETNAM)
    }
    assert power == {"Viettel": 43.1, "VNPT": 42.3, "MobiFone": 42.3}  # rf_defaults.csv


def test_a_change_of_the_scenarios_power_changes_all_alike():
    weaker = schema.load("urban", ["layer_5g.eirp_per_re_dbm=40.1"])
    usual = carriers.licences(schema.load("urban").layer_5g, VIETNAM)
    for before, after in zip(usual, carriers.licences(weaker.layer_5g, VIETNAM), strict=True):
        assert after.eirp_per_re_dbm == pytest.approx(before.eirp_per_re_dbm - 3.0)


@pytest.mark.parametrize(
    ("policy", "operators", "frequencies_mhz", "sets"),
    [
        ("one_network", [""], [2550.0], [1]),
        ("operators", ["MobiFone", "VNPT", "Viettel"], [3850.0, 3750.0, 2550.0], [1, 1, 1]),
        ("shared", ["MobiFone, VNPT, Viettel"], [3850.0], [3]),
    ],
)
def test_policy_chooses_the_licences(policy, operators, frequencies_mhz, sets):
    found = carriers.chosen(schema.load("urban", [f"candidates.policy={policy}"]))
    assert [c.operator for c in found] == operators
    assert [c.frequency_mhz for c in found] == frequencies_mhz
    assert [c.sets for c in found] == sets


def test_one_network_follows_the_scenarios_layer():
    layer = schema.load(
        "urban", ["layer_5g.frequency_mhz=768", "layer_5g.bandwidth_mhz=20"]
    ).layer_5g
    assert carriers.network(layer).frequency_mhz == 768


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["layer_5g.subcarrier_khz=15"], "no carrier of 5G is 100 MHz wide at 15 kHz"),
        (["layer_4g.bandwidth_mhz=7"], "no carrier of 4G is 7 MHz wide"),
        (["layer_5g.band=n78"], "2550 MHz is no downlink of 5G in band n78"),
        (["layer_4g.band=n3"], "1840 MHz is no downlink of 4G in band n3"),
        (["layer_5g.frequency_mhz=768"], "no carrier is 100 MHz wide in .*n28"),
    ],
)
def test_a_layer_of_no_standard_is_refused(settings, problem):
    with pytest.raises(InputError, match=problem):
        schema.load("urban", settings)


@pytest.mark.parametrize(("band", "duplex"), [("n41", "TDD"), ("n7", "FDD")])
def test_duplex_of_a_layer_is_that_of_its_band(band, duplex):
    """2655 MHz lies in both; a layer of one operator's licence keeps no band of another."""
    stated = [f"layer_5g.band={band}", "layer_5g.frequency_mhz=2655", "layer_5g.bandwidth_mhz=20"]
    scenario = schema.load("urban", stated)
    assert scenario.layer_5g.duplex == duplex
    own = schema.load("urban", [*stated, "candidates.policy=operators"])
    assert {carrier.layer.duplex for carrier in carriers.planned_networks(own)} == {"TDD"}


# Further carriers and antennas


def test_a_further_carrier_is_taken_as_in_a_list_of_cells():
    """NR 700: 10 MHz at 15 kHz, 120 W, 15 dBi, 0.5 dB, two ports: 34.3 dBm an element and port."""
    scenario = schema.load("urban", ["carriers.low.frequency_mhz=768.0"])
    (layer,) = scenario.further_layers
    assert (layer.name, layer.bandwidth_mhz, layer.subcarrier_khz, layer.ports) == (
        *("low", 10.0, 15.0),
        2,
    )
    by_hand_dbm = 30 + 10 * math.log10(120 / (52 * 12 * 2)) + 15.0 - 0.5
    assert layer.eirp_per_re_dbm == pytest.approx(by_hand_dbm)
    assert layer.duplex == "FDD"
    assert layer.load == scenario.layer_5g.load
    own = carriers.planned_networks(scenario)
    assert [each.name for each in own[0].layers] == ["NR 2600", "low"]


def test_several_carriers_are_read_from_a_file(tmp_path):
    (tmp_path / "mine.toml").write_text(
        'extends = "urban"\n'
        '[carriers.n28]\nfrequency_mhz = 768.0\nband = "n28"\nbandwidth_mhz = 20.0\n'
        "[carriers.n3]\nfrequency_mhz = 1840.0\nports = 4\neirp_per_re_dbm = 30.0\n"
        '[carriers.n78]\nfrequency_mhz = 3700.0\nantenna = "8T8R"\nload = 0.2\n'
    )
    layers = schema.load(str(tmp_path / "mine.toml")).further_layers
    assert [layer.frequency_mhz for layer in layers] == [768.0, 1840.0, 3700.0]
    assert layers[0].bandwidth_mhz == 20.0
    assert (layers[1].ports, layers[1].eirp_per_re_dbm) == (4, 30.0)
    assert (layers[2].antenna, layers[2].load) == ("8t8r", 0.2)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (["carriers.a.frequency_mhz=2550.0"], "a has the frequency of layer_5g"),
        (["carriers.a.frequency_mhz=768.0", "carriers.a.bandwidth_mhz=60.0"], "60 MHz wide"),
        (["carriers.a.frequency_mhz=768.0", "carriers.a.width=3"], "width"),
        (["layer_5g.antenna=16T16R"], "is not an antenna"),
        (["layer_5g.antenna=none.msi"], "none.msi"),
        (["layer_5g.ports=3"], "3 antenna ports"),
    ],
)
def test_wrong_carriers_and_antennas_are_refused(settings, problem):
    with pytest.raises(InputError, match=re.escape(problem)):
        schema.load("urban", settings)


def test_a_pattern_file_lies_beside_the_scenario(tmp_path, monkeypatch):
    (tmp_path / "near.msi").write_text(
        text_of(lobe(65), lobe(10, 4), "NAME x\nFREQUENCY 2550\nTILT ELECTRICAL\nGAIN 17.5 dBi\n")
    )
    (tmp_path / "mine.toml").write_text('extends = "urban"\n[layer_5g]\nantenna = "near.msi"\n')
    monkeypatch.chdir(tmp_path.parent)
    layer = schema.load(str(tmp_path / "mine.toml")).layer_5g
    assert layer.antenna == str(tmp_path / "near.msi")
    pattern, tilt_deg = chain._pattern(layer)
    assert tilt_deg == 4.0
    assert pattern.name == "x"
