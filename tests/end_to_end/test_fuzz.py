"""Broken files: every reader returns a result or names the file; see fuzz.py for campaigns."""

import warnings

import fuzz
import fuzz_seeds
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SLOW = ("run: ", "province checked", "checked")  # a third of a second each
QUICK, FEW = 8, 2


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of GDAL, about names it shortens
        return fuzz_seeds.targets(tmp_path_factory.mktemp("seeds") / "seeds")


NAMES = (
    *("sites.csv", "sites.tsv", "sites.xlsx", "sites.geojson", "sites.gpkg", "sites.kml"),
    *("sites.kmz", "sites.fgb", "sites.gml", "sites.tab", "sites.mif", "sites.shp", "sites.gpx"),
    *("sites.zip", "zones.csv", "zones.geojson", "cells.csv", "a.msi", "measured.csv"),
    *(
        "served.csv",
        "profile.csv",
        "receivers.csv",
        "fibre.csv",
        "schools.csv",
        "452.csv.gz",
        "units.geojson",
    ),
    *("communes.geojson", "roads.geojson", "dem.tif", "whole.tif", "cover.tif", "dem.asc"),
    *("N21E105.hgt.zip", "N21E105.hgt.gz", "tile.tif", "province.toml", "scenario.toml"),
    *("calibration.toml", "province", "province checked", "checked.csv", "checked.geojson"),
    *(
        "checked.tif",
        "run: map",
        "run: report",
        "run: compare",
        "run: export",
        "run: restate",
        "run: serve",
    ),
)


def test_every_reader_is_tried(targets):
    assert set(targets) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_whole_is_read(name, targets):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        targets[name].read(targets[name].path)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_broken_is_read_or_refused_by_name(name, targets):
    target = targets[name]

    @settings(
        max_examples=FEW if name.startswith(SLOW) else QUICK,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 10**9))
    def read(number):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert fuzz.outcome(target, number, seed=0) in {"valid", "refused"}

    read()
