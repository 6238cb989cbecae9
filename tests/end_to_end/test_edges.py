"""Runs at the edge: nothing to plan, nothing to serve, one of each; each ends in whole outputs."""

import json
import math
from xml.etree import ElementTree as ET

import geopandas as gpd
import mini_province as mini
import openpyxl
import pytest
from browser import wait
from mini_province import SIDE_M, SOUTH_M, WEST_M
from rio_cogeo.cogeo import cog_validate
from run_files import FILES, VECTORS
from shapely.geometry import Point

from phusong import columns as col
from phusong.commands import cli
from phusong.geodata.provinces import embedded, folder

# ruff: noqa: S314 - every document parsed here is this package's own
FEW = {"rollout.stations": "{ 2024 = 2, 2025 = 1 }", "candidates.lattice_m": "290"}


def province(communes=None, zones=None, sites=None):
    """Return the small province with some of its layers replaced."""
    communes = mini.mini_communes() if communes is None else communes
    return embedded.complete(
        "Mini",
        "2020-03",
        communes,
        mini.mini_terrain(communes),
        1,
        zones=mini.mini_zones() if zones is None else zones,
        sites=mini.mini_sites() if sites is None else sites,
    )


def one_commune():
    sites = mini.mini_sites()
    return province(
        mini.mini_communes().iloc[:1],
        mini.mini_zones().iloc[:1],
        sites[sites[col.COMMUNE_CODE] == "90001"],
    )


def one_district():
    communes, sites = mini.mini_communes(), mini.mini_sites()
    communes[col.DISTRICT_CODE], communes[col.DISTRICT] = "901", "Quận Nam"
    sites[col.DISTRICT_CODE] = "901"
    return province(communes, sites=sites)


def all_on_air():
    """Return the small province with 5G on every mast."""
    return province(sites=mini.mini_sites().assign(**{col.TECHNOLOGIES: "4G/5G"}))


def zone_outside():
    zones = mini.mini_zones()
    zones.geometry = [
        Point(WEST_M - 9 * SIDE_M, SOUTH_M).buffer(400) if kind == "urban" else shape
        for kind, shape in zip(zones[col.KIND], zones.geometry, strict=True)
    ]
    return province(zones=zones)


EDGES = {
    "no zones": (lambda: province(zones=mini.mini_zones().iloc[:0]), {}),
    "one commune": (one_commune, {}),
    "one district": (one_district, {}),
    "nothing covered": (province, {"service.threshold_dbm": "-31"}),
    "all covered": (
        all_on_air,
        {"service.threshold_dbm": "-156", "service.location": "outdoor"},
    ),
    "no stations": (province, {"rollout.stations": "{ 2024 = 0 }"}),
    "no live 5G": (lambda: province(sites=mini.mini_sites().iloc[1:]), {}),
}
NO_STATION = "The plan proposes no 5G station."
SAID = {"nothing covered": NO_STATION, "all covered": NO_STATION, "no stations": NO_STATION}


def run(made, out, settings):
    """Run the urban scenario on a province; return the exit code."""
    path = out.parent / "province"
    folder.save_province(made, path)
    words = [f"--set={key}={value}" for key, value in (FEW | settings).items()]
    place = ["--province", str(path), "--out", str(out)]
    return cli.main(["run", "urban", *place, "--lang", "en", *words])


@pytest.fixture(scope="module", params=EDGES)
def finished(request, tmp_path_factory):
    """Return the name of an edge, and the folder and record of a run there."""
    make, settings = EDGES[request.param]
    out = tmp_path_factory.mktemp("edge") / "out"
    assert run(make(), out, settings) == cli.DONE
    return request.param, out, json.loads((out / "run.json").read_text(encoding="utf-8"))


def test_every_file_is_written_and_opens(finished):
    _, out, record = finished
    assert {path.name for path in out.iterdir()} == set(record["files"]) == FILES
    for name, columns in VECTORS.items():
        layer = gpd.read_file(out / "plan.gpkg", layer=name)
        assert set(columns) <= set(layer.columns), name
        written = json.loads((out / f"{name}.geojson").read_text(encoding="utf-8"))
        assert len(written["features"]) == len(layer)
    for path in out.glob("*.tif"):
        valid, errors, _ = cog_validate(path, strict=True, quiet=True)
        assert valid, errors
    assert len(openpyxl.load_workbook(out / "ranking.xlsx").sheetnames) == 8
    assert ET.parse(out / "ranking.kml").getroot().tag.endswith("kml")
    assert ET.parse(out / "plan.qgs").find(".//maplayer") is not None


def test_figures_are_those_of_the_edge(finished):
    edge, out, record = finished
    head = record["headline"]
    count = {name: len(gpd.read_file(out / f"{name}.geojson")) for name in VECTORS}
    wards = (
        gpd.read_file(out / "communes.geojson")["commune_type"].isin(["phuong", "thi_tran"]).sum()
    )
    expected = {
        # Without zones of a list, wards and townships by their built-up land are left.
        "no zones": count["zones"] == wards > 0 and head["stations"] > 0,
        "one commune": count["communes"] == count["districts"] == 1 <= head["stations"],
        "one district": (count["communes"], count["districts"]) == (4, 1),
        "nothing covered": head["people_after"] == head["stations"] == 0 < count["holes"],
        "all covered": head["people_share_before"] > 0.999 and head["stations"] == 0,
        "no stations": head["people_after"] == head["people_before"] > 0 == head["stations"],
        "no live 5G": head["people_before"] == 0 < head["people_after"],
    }
    assert expected[edge]
    assert count["ranking"] == head["stations"]
    # Places of fewer pixels than a hole needs may stay, with a few people.
    assert (count["holes"] == 0) == (head["sure_people_share_after"] > 0.9999)
    numbers = [value for value in head.values() if isinstance(value, float)]
    assert all(map(math.isfinite, numbers))


@pytest.mark.browser
def test_page_and_report_open_and_say_so(finished, chromium):
    edge, out, record = finished
    chromium.get((out / "map.html").as_uri())
    wait(chromium, "document.body.dataset.ready === 'true'")
    listed = chromium.execute_script("return phusong.candidates.length")
    assert listed == record["headline"]["stations"]
    for kind, records in (("commune", "communes"), ("district", "districts")):
        title = chromium.execute_script(
            f"phusong.select('{kind}', phusong.{records}[0]);"
            "return document.querySelector('#card h2').textContent"
        )
        assert title
    chromium.get((out / "report.html").as_uri())
    report = chromium.find_element("tag name", "body").text
    assert SAID.get(edge, "The plan builds") in report
    assert "NaN" not in report
    assert [entry["message"] for entry in chromium.get_log("browser")] == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (zone_outside, "zones.geojson:1: lies outside the province"),
        (lambda: province(sites=mini.mini_sites().iloc[:0]), "sites.geojson: holds no rows"),
    ],
)
def test_what_makes_no_sense_is_one_clear_error(make, said, tmp_path, capsys):
    assert run(make(), tmp_path / "out", {}) == cli.WRONG_INPUT
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()
