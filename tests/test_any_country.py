"""A run in a country of which nothing is known: no word, unit or rule of another in any output."""

import json
import re
import sqlite3
import zipfile

import numpy as np
import pytest
import rasterio
import shapely
from mini_province import mini_communes, mini_sites, mini_terrain, mini_zones

from phusong import columns as col
from phusong.commands import cli
from phusong.geodata.grid import Raster, covering
from phusong.geodata.provinces import embedded, folder

CRS = "EPSG:32632"
EAST_M, NORTH_M = -268_020.0, 3_146_520.0  # from Vietnam to Luxembourg, whole pixels
SETTINGS = [
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
    "candidates.lattice_m=900",
    "uncertainty.draws=20",
]
NATIONAL = re.compile(
    "|".join(
        (
            *(r"\bVND\b", r"_vnd", "triệu đồng", "tỷ đồng", "QCVN", "TCVN", "BTTTT", r"\bGSO\b"),
            *("Viettel", "VNPT", "Mobi[Ff]one", "VinaPhone", "Vietnam", "Việt Nam", r"VN-?2000"),
            *(r"EPSG:(?:5897|9208|3405)", "Vĩnh Phúc", "Vinh Phuc", "Phú Thọ", "Hà Nội"),
            *(r"(?i:\btỉnh\b|\bhuyện\b|\bphường\b|\bthị trấn\b|\bxã\b(?! hội))", "qcvn"),
        )
    )
)
TEXTS = {".json", ".geojson", ".csv", ".html", ".qml", ".qgs", ".kml", ".toml"}


def moved(frame):
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.add(xy, (EAST_M, NORTH_M)))
    return frame.set_geometry(shapes, crs=None).set_crs(CRS, allow_override=True)


def names(frame, column, words):
    return frame.assign(**{column: [words[i % len(words)] for i in range(len(frame))]})


def foreign_province():
    communes = moved(mini_communes())
    communes = names(communes, col.NAME, ("Aspelt", "Bech", "Canach", "Dalheim"))
    communes = names(communes, col.NAME_ASCII, ("Aspelt", "Bech", "Canach", "Dalheim"))
    communes = names(communes, col.COMMUNE_TYPE, ("ward", "unit"))
    communes = names(communes, col.DISTRICT, ("South", "South", "North", "North"))
    zones = names(moved(mini_zones()), col.NAME, ("Centre", "Works", "Lake"))
    sites = moved(mini_sites())
    sites[col.OPERATOR] = sites[col.OPERATOR].map({"Viettel": "Orbis", "VNPT": "Telo"})
    grid = covering(tuple(communes.total_bounds), margin_m=600.0, crs=CRS)
    terrain = Raster(mini_terrain(mini_communes()).values, grid)
    return embedded.complete(
        *("Smallland", "2024-01", communes, terrain, 1),
        zones=zones,
        sites=sites,
        country="generic",
        currency="EUR",
    )


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Return the folder of a province, and of a run of it in Vietnamese."""
    path = tmp_path_factory.mktemp("any")
    folder.save_province(foreign_province(), path / "province")
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    arguments = ["--province", str(path / "province"), "--out", str(path / "run"), "--lang", "vi"]
    assert cli.main(["run", "urban", *arguments, *settings]) == cli.DONE
    return path


def database_text(path):
    """Return the names of tables and columns of a GeoPackage, and all its texts."""
    with sqlite3.connect(path) as opened:
        opened.text_factory = lambda raw: raw.decode("utf-8", "replace")
        every = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'rtree%'"
        tables = [name for (name,) in opened.execute(every)]
        parts = list(tables)
        for table in tables:
            rows = opened.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of its own
            parts += [column for column, *_ in rows.description]
            parts += [value for row in rows for value in row if isinstance(value, str)]
    return "\n".join(parts)


def text_of(path):
    """Return the text of an output: of files of text, workbooks, databases, and tags of rasters."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode("utf-8") for name in book.namelist())
    if path.suffix == ".gpkg":
        return database_text(path)
    if path.suffix == ".tif":
        with rasterio.open(path) as opened:
            return f"{opened.tags()} {opened.descriptions} {opened.units} {opened.crs.to_wkt()}"
    if path.name == "what_if.bin":
        return ""  # numbers, whose names stand in run.json
    assert path.suffix in TEXTS, path
    return path.read_text(encoding="utf-8")


def test_no_output_names_anything_national(outputs):
    files = [path for path in sorted(outputs.rglob("*")) if path.is_file()]
    assert {".gpkg", ".xlsx", ".html", ".tif", ".json"} <= {path.suffix for path in files}
    found = {
        path.name: sorted(
            {match[0] for match in NATIONAL.finditer(path.name + "\n" + text_of(path))}
        )
        for path in files
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_the_search_finds_what_a_run_of_vietnam_names():
    """The pattern is not blind: pages and tables of Vietnam hold these."""
    for text in ("9.400 triệu đồng", "qcvn126.csv", "Theo xã, phường", "EPSG:5897", "tỉnh Mini"):
        assert NATIONAL.search(text), text


def test_amounts_are_in_the_currency_that_is_stated(outputs):
    record = json.loads((outputs / "run" / "run.json").read_text(encoding="utf-8"))
    assert (record["country"], record["currency"]) == ("generic", "EUR")
    assert record["province"]["crs"] == CRS
    # Stations of 70,000 to 100,000 and their backhaul, in millions, not rounded away.
    costs = [
        year["cost_million"] / year["stations"] for year in record["years"] if year["stations"]
    ]
    assert costs
    assert all(0.06 < cost < 0.5 for cost in costs)
    report = (outputs / "run" / "report.html").read_text(encoding="utf-8")
    assert "triệu EUR" in report


def test_nothing_is_judged_by_rules_or_reports_that_nobody_stated(outputs):
    record = json.loads((outputs / "run" / "run.json").read_text(encoding="utf-8"))
    assert {check["name"].rpartition("_")[0] for check in record["checks"]} <= {"edge_share"}
    assert record["summary"]["quality"] == []
    rules = record["parameters"]["candidates"]
    assert rules["spacing_urban_m"] == rules["spacing_outside_m"] == rules["sensitive_m"] == 0.0
    assert np.isclose(record["parameters"]["layer_5g"]["frequency_mhz"], 3550.0)
