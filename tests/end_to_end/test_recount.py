"""The script of the docs counts the figures of a run again from its files, without phusong."""

import itertools
import json
import runpy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio

import phusong as ps
from phusong.commands import cli

SCRIPT = Path(__file__).parents[2] / "docs" / "recount.py"
SETTINGS = ["rollout.stations={ 2024 = 1, 2025 = 2 }", "candidates.lattice_m=290"]
EXACT = 2e-4  # shares of many pixels, whose probabilities are stored to 0.005


@pytest.fixture(scope="module")
def out(mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("run") / "industrial"
    settings = [part for each in SETTINGS for part in ("--set", each)]
    given = ["--province", str(mini_folder), "--out", str(path), "--lang", "en", *settings]
    assert cli.main(["run", "industrial", *given]) == cli.DONE
    return path


@pytest.fixture(scope="module")
def recounted(out):
    return runpy.run_path(str(SCRIPT))["recount"](out)


def test_the_script_needs_no_phusong():
    assert "import phusong" not in SCRIPT.read_text(encoding="utf-8")


def test_headline_and_years_are_counted_again(out, recounted):
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    for name, share in recounted["headline"].items():
        assert share == pytest.approx(run["headline"][name], abs=EXACT)
    years = {str(year["year"]): year["people_share"] for year in run["years"]}
    assert recounted["years"] == pytest.approx(years, abs=EXACT)
    assert len(set(years.values())) == len(years), "years differ, so that mixing them up shows"


def test_communes_and_zones_are_counted_again(out, recounted):
    communes = gpd.read_file(out / "communes.geojson").set_index("commune_code")
    after = communes["covered_population_share_after"].to_dict()
    assert recounted["communes"] == pytest.approx(after, abs=2 * EXACT)
    zones = gpd.read_file(out / "zones.geojson").set_index("zone_id")
    assert set(zones["share_of"]) > {"area"}
    after = zones["covered_share_after"].to_dict()
    assert recounted["zones"] == pytest.approx(after, abs=2 * EXACT)


def test_bands_say_what_they_hold(out, mini_province):
    with rasterio.open(out / "population.tif") as source:
        assert source.descriptions == ("residents", "workers", "visitors")
        assert set(source.dtypes) == {"float32"}
        assert source.crs.to_epsg() == 5897
        assert source.nodata == -9999
    layers = ps.open_run(out).layers
    residents = layers["population_residents"].values
    inside = mini_province.commune_index.values >= 0
    assert residents[inside].sum() == pytest.approx(mini_province.communes["population"].sum())
    assert (residents[~inside] == -9999).all()
    shares = [layers[f"served_{when}"].values[inside] for when in ("before", "2024", "2025")]
    assert all(np.all(a <= b + 1e-6) for a, b in itertools.pairwise(shares))
    assert set(layers) >= {"served_before", "served_2024", "served_2025", "commune_index"}
