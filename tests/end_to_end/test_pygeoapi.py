"""pygeoapi, in an environment of its own, hands a feed out by the OGC API standards.

OWSLib and GDAL read it as clients. The variable PHUSONG_PYGEOAPI names a Python that has pygeoapi
and GDAL's bindings; ``.ci/run`` makes one.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import closing

import feed_run
import maps_run
import pyogrio
import pytest
import rasterio
from owslib.ogcapi.coverages import Coverages
from owslib.ogcapi.features import Features
from owslib.ogcapi.records import Records
from rasterio.io import MemoryFile

from phusong import columns as col
from phusong.maps.feed import service

VARIABLE = "PHUSONG_PYGEOAPI"
SERVE = "import sys; from pygeoapi.flask_app import APP; APP.run('127.0.0.1', int(sys.argv[1]))"
DESCRIBE = "from pygeoapi import cli; cli()"
STARTS_S = 60


@pytest.fixture(scope="module")
def python():
    """Return the interpreter of the server; skip without one, fail without one in CI."""
    program = os.environ.get(VARIABLE, "")
    if not shutil.which(program):
        absent = f"{VARIABLE} names no Python with pygeoapi: the server was not asked"
        if os.environ.get("CI"):
            pytest.fail(absent)
        pytest.skip(absent)
    return program


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    root = tmp_path_factory.mktemp("pygeoapi")
    feed_run.publish(feed_run.write_run(root / "run"), root / "feed")
    return root / "feed"


@pytest.fixture(scope="module")
def address(python, feed):
    """Start the server in the folder of the feed, and return its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = feed / service.NAME
    configuration = json.loads(path.read_text(encoding="utf-8"))
    configuration["server"]["bind"]["port"] = port
    configuration["server"]["url"] = f"http://127.0.0.1:{port}"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    names = {"PYGEOAPI_CONFIG": service.NAME, "PYGEOAPI_OPENAPI": "openapi.yml"}
    where = {"cwd": feed, "env": {**os.environ, **names, "PYTHONPATH": ""}}
    described = [python, "-c", DESCRIBE, "openapi", "generate", service.NAME]
    subprocess.run([*described, "--output-file", "openapi.yml"], check=True, **where)
    with subprocess.Popen(
        [python, "-c", SERVE, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **where,
    ) as process:
        try:
            wait(process, f"http://127.0.0.1:{port}/?f=json")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def wait(process, url):
    end = time.monotonic() + STARTS_S
    while True:
        assert process.poll() is None, "the server has stopped"
        try:
            return read(url)
        except OSError:
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.2)


def read(url):
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - loopback
        return answer.read()


def test_owslib_lists_collections_and_filters_by_commune_and_year(address):
    client = Features(address)
    assert {"ranking", "sites", "communes"} <= set(client.feature_collections())
    sites = client.collection_items("sites", commune_code="08700", limit=100)
    assert len(sites["features"]) == len(maps_run.sites())
    assert client.collection_items("sites", commune_code="08799")["features"] == []
    later = client.collection_items("ranking", year=2025)
    wanted = maps_run.ranking()
    assert {f["properties"][col.SITE_ID] for f in later["features"]} == {
        *wanted[wanted[col.YEAR] == 2025][col.SITE_ID]
    }


def test_pages_are_followed_to_the_end(address):
    codes, url = [], f"{address}collections/communes/items?f=json&limit=4"
    pages = 0
    while url:
        page = json.loads(read(url))
        pages += 1
        codes += [feature["properties"][col.COMMUNE_CODE] for feature in page["features"]]
        links = [link["href"] for link in page["links"] if link["rel"] == "next"]
        url = links[0] if links and page["features"] else None
    assert pages >= 2
    assert sorted(codes) == [f"0870{i}" for i in range(6)]


def test_gdal_reads_it_with_its_driver_of_ogc_api_features(address):
    source = f"OAPIF:{address.rstrip('/')}"
    assert {"ranking", "communes"} <= {str(name) for name, _ in pyogrio.list_layers(source)}
    frame = pyogrio.read_dataframe(source, layer="ranking").to_crs("EPSG:5897")
    wanted = maps_run.ranking().set_index(col.SITE_ID)
    assert sorted(frame[col.SITE_ID]) == sorted(wanted.index)
    for row in frame.itertuples():
        assert row.geometry.distance(wanted.geometry[row.site_id]) < 0.2
    filtered = pyogrio.read_dataframe(source, layer="communes", where="commune_code = '08703'")
    assert list(filtered[col.NAME]) == [maps_run.COMMUNES[3]]


def test_records_are_searched(address):
    client = Records(address)
    assert client.records() == ["records"]
    found = client.collection_items("records", q="communes")
    assert [record["id"] for record in found["features"]] == ["vectors-communes"]


def test_a_coverage_is_the_raster(address, feed):
    assert "covered_year_raster" in Coverages(address).coverages()
    content = read(f"{address}collections/covered_year_raster/coverage?f=GTiff")
    path = next(feed.rglob("covered_year.tif"))
    with MemoryFile(content) as memory, memory.open() as got, rasterio.open(path) as wanted:
        assert got.crs == wanted.crs
        assert (got.read() == wanted.read()).all()


def test_tiles_are_those_of_the_tree(address, feed):
    tree = next(feed.rglob("xyz")) / "communes"
    path = max(tree.rglob("*.pbf"), key=lambda each: each.stat().st_size)
    zoom, x, y = path.with_suffix("").relative_to(tree).parts
    url = f"{address}collections/communes/tiles/WebMercatorQuad/{zoom}/{y}/{x}?f=mvt"
    assert read(url) == path.read_bytes()
