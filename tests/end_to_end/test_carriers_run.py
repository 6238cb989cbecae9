"""A run whose stations have a second carrier: what it covers, costs and says."""

import json

import numpy as np
import pytest
import rasterio
import spreadsheet

from phusong import columns as col
from phusong.commands import cli
from phusong.messages import speak

SMALL = ("rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=290", "layer_5g.load=0.4")
SECOND = ("carriers.nr700.frequency_mhz=768.0", "carriers.nr700.eirp_per_re_dbm=45.0")


@pytest.fixture(scope="module")
def out(mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("carriers") / "urban"
    settings = [part for text in (*SMALL, *SECOND) for part in ("--set", text)]
    arguments = ["run", "urban", "--province", str(mini_folder), "--out", str(path), "--lang", "en"]
    assert cli.main([*arguments, *settings]) == cli.DONE
    return path


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


def band(out, name):
    with rasterio.open(out / f"{name}.tif") as source:
        return source.read(1, masked=True).filled(np.nan), source.descriptions[0], source.units[0]


def test_budgets_and_assumptions_name_both_carriers(record):
    assert [each["layer"] for each in record["link_budgets"]] == ["NR 2600", "nr700"]
    assert [each["frequency_mhz"] for each in record["link_budgets"]] == [2550.0, 768.0]
    told = " ".join(speak(text, "en") for text in record["assumptions"])
    assert "nr700 (768 MHz)" in told
    assert "fill 40% of their resource elements" in told
    assert "62% of a station's equipment" in told


def test_the_second_carrier_costs_its_share_of_the_equipment(out, record):
    """700 million VND on a mast and 1,000 on a new one, 0.6226 times 400 more: by hand."""
    table = spreadsheet.frame(out / "ranking.csv")
    more = 0.6226 * 400.0
    plain = {"colocated": (700.0,), "new": (1000.0, 800.0, 542.4)}
    for kind, capex in zip(table[col.KIND], table[col.CAPEX_MILLION], strict=True):
        size = [542.4 / 700.0 if base == 542.4 else 1.0 for base in plain[kind]]
        expected = [base + more * part for base, part in zip(plain[kind], size, strict=True)]
        assert min(abs(capex - each) for each in expected) < 0.2
    assert record["parameters"]["cost"]["further_carrier_share"] == 0.6226


def test_quantities_are_named_and_hold_together(out):
    """SS-RSRQ is at most -10.8 dB; nine places in ten have less than the SINR at mean levels."""
    ss_sinr, named, unit = band(out, "ss_sinr_after")
    assert (named.startswith("SS-SINR"), unit) == (True, "dB")
    ss_rsrq, named, _ = band(out, "ss_rsrq_after")
    assert named.startswith("SS-RSRQ")
    known = np.isfinite(ss_rsrq)
    assert ss_rsrq[known].max() <= -10.7
    sinr, named, _ = band(out, "sinr_after")
    assert named.startswith("SINR of data")
    # Less load than the SSB's: data fares better, but for the two ports of 700 MHz.
    assert (sinr[known] >= ss_sinr[known] - 0.11).all()
    low, _, _ = band(out, "sinr_p10_after")
    assert np.nanmean(low) < np.nanmean(sinr)
    speed, named, unit = band(out, "throughput_after")
    assert ("mean over the shadowing" in named, unit) == (True, "Mbit/s")
    assert 0.0 <= np.nanmin(speed) <= np.nanmax(speed) <= 818.0
