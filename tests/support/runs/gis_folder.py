"""A small run folder as GIS programs receive it, with names that try to be more than text."""

import shutil
import subprocess

import geopandas as gpd
import maps_run
import pytest
from shapely.geometry import LineString

from phusong import columns as col
from phusong.geodata.packages import package
from phusong.geodata.writers import lineage

HOSTILE = [
    "Xã \"Đạo Trù\", 'Tam Đảo'",
    "<script>alert(1)</script>",
    "A & B > C ]]> &amp; {{ 1 }}",
    "📶 5G",
    "مرحبا \u202eabc",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\x0b\x00tab\tline\nend",
]


def hostile_layers():
    """Return the layers of a plan whose every name is hostile, a variant and an unknown layer."""
    layers = {make.__name__: make() for make in maps_run.TABLES}
    layers["sites"][col.SITE_ID] = HOSTILE
    layers["sites"][col.OPERATOR] = HOSTILE
    layers["communes"][col.NAME] = HOSTILE[:6]
    layers["zones"][col.NAME] = HOSTILE[4:7]
    layers["zones"][col.KIND] = HOSTILE[1:4]
    layers["ranking"] = maps_run.ranking(4)
    layers["ranking"][col.SITE_ID] = HOSTILE[5:9]
    layers["ranking"][col.ZONE_ID] = HOSTILE[1:5]
    layers["ranking"][col.REASON] = HOSTILE[6:]
    layers["communes_2025-07"] = layers["communes"].iloc[:2]
    line = LineString([(560_100, 2_354_100), (562_000, 2_356_000)])
    layers["backhaul"] = gpd.GeoDataFrame(
        {"link_kind": [HOSTILE[1]]}, geometry=[line], crs=layers["sites"].crs
    )
    return layers


def record(title=None):
    """Return the record of the run, with a title that is hostile too."""
    told = maps_run.record()
    told["scenario"]["title"] = {"vi": title or HOSTILE[1], "en": title or HOSTILE[1]}
    zones = {"status": "given", "source": HOSTILE[2], "licence": "", "note": ""}
    told["layers"] = {**told["layers"], "zones": zones}
    return told


def write_package(folder, language="en"):
    """Write rasters and package of the hostile plan into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    maps_run.write_rasters(folder)
    package.write(folder, hostile_layers(), lineage.publication_of(record(), language))
    return folder


def said(program, *arguments):
    """Return what a program of gdal-bin answers; skip without it."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} (gdal-bin) is not installed")
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    assert not done.stderr, done.stderr
    return done.stdout
