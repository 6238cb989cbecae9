"""Runs at the edge: nothing to plan, nothing to serve, one of each; each ends in whole outputs."""

import json

import conftest
import geopandas as gpd
import pytest
from conftest import SIDE_M, SOUTH_M, WEST_M
from shapely.geometry import Point

from phusong import cli, pipeline
from phusong import columns as col
from phusong.geodata import embedded, folder
from phusong.scenarios import schema

FEW = {"rollout.stations": "{ 2024 = 2, 2025 = 1 }", "candidates.lattice_m": "290"}


def province(communes=None, zones=None, sites=None):
    """Return the small province with some of its layers replaced."""
    communes = conftest.mini_communes() if communes is None else communes
    return embedded.complete(
        "Mini",
        "2020-03",
        communes,
        conftest.mini_terrain(communes),
        1,
        zones=conftest.mini_zones() if zones is None else zones,
        sites=conftest.mini_sites() if sites is None else sites,
    )


def one_commune():
    sites = conftest.mini_sites()
    return province(
        conftest.mini_communes().iloc[:1],
        conftest.mini_zones().iloc[:1],
        sites[sites[col.COMMUNE_CODE] == "90001"],
    )


def one_district():
    communes, sites = conftest.mini_communes(), conftest.mini_sites()
    communes[col.DISTRICT_CODE], communes[col.DISTRICT] = "901", "Quận Nam"
    sites[col.DISTRICT_CODE] = "901"
    return province(communes, sites=sites)


def zone_outside():
    zones = conftest.mini_zones()
    zones.geometry = [
        Point(WEST_M - 9 * SIDE_M, SOUTH_M).buffer(400) if kind == "urban" else shape
        for kind, shape in zip(zones[col.KIND], zones.geometry, strict=True)
    ]
    return province(zones=zones)


EDGES = {
    "no zones": (lambda: province(zones=conftest.mini_zones().iloc[:0]), {}),
    "one commune": (one_commune, {}),
    "one district": (one_district, {}),
    "nothing covered": (
        province,
        {"service.threshold_dbm": "-31", "service.outdoor_threshold_dbm": "-31"},
    ),
    "all covered": (
        province,
        {
            "service.threshold_dbm": "-156",
            "service.outdoor_threshold_dbm": "-156",
            "service.location": "outdoor",
        },
    ),
    "no stations": (province, {"rollout.stations": "{ 2024 = 0 }"}),
    "no sites": (lambda: province(sites=conftest.mini_sites().iloc[:0]), {}),
    "no live 5g": (lambda: province(sites=conftest.mini_sites().iloc[1:]), {}),
    "zone outside": (zone_outside, {}),
}


@pytest.mark.parametrize("edge", EDGES)
def test_try(edge, tmp_path):
    make, settings = EDGES[edge]
    path = tmp_path / "mini"
    folder.save_province(make(), path)
    words = [
        part for key, value in (FEW | settings).items() for part in ("--set", f"{key}={value}")
    ]
    assert (
        cli.main(
            [
                "run",
                "urban",
                "--province",
                str(path),
                "--out",
                str(tmp_path / "o"),
                "--lang",
                "en",
                *words,
            ]
        )
        == 0
    )
    record = json.loads((tmp_path / "o" / "run.json").read_text())
    print(record["headline"])
