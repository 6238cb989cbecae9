"""Everything that a person reads, in a pseudo-language: what no catalogue holds stands out."""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import openpyxl
import pseudo
import pytest
import rasterio

from phusong.commands import cli, predict
from phusong.coverage.models import REGISTRY
from phusong.messages import catalogue, recognised

SETTINGS = ("rollout.stations={ 2024 = 2, 2025 = 1 }", "candidates.lattice_m=580")
# Symbols, units, standards and names of programs are the same in every language.
MODELS = tuple(REGISTRY)
TERMS = ("offset", "slope", "obstruction", "pattern_fill", "pattern_share")  # keys of a TOML
SYMBOLS = {
    *("dBm", "dBi", "MHz", "kHz", "Mbit", "Mbps", "dB", "VND", "USD", "RMS", "RMSE", "QCVN", "BTS"),
    *("RSRP", "SINR", "EIRP", "RSSI", "TOPSIS", "GPP", "ITU", "WGS", "EPSG", "SHA", "CSV", "A1"),
    *("phusong", "folium", "Leaflet", "QGIS", "OpenStreetMap", "html", "csv", "json", "geojson"),
}

BANDED = {
    "population",
    "served",
    "rsrp_by_year",
    "ss_sinr_by_year",
}  # their bands are named for programs, as columns are


@pytest.fixture(scope="module", autouse=True)
def _language():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "_catalogues", dict(catalogue._catalogues))
        pseudo.add()
        yield


@pytest.fixture(scope="module")
def spoken(mini_folder, tmp_path_factory):
    """Return the folder of a small run and what the terminal said: summary and warnings."""
    out = tmp_path_factory.mktemp("pseudo") / "urban"
    options = [part for setting in SETTINGS for part in ("--set", setting)]
    arguments = ["run", "urban", "--province", mini_folder, "--out", out, "--lang", pseudo.NAME]
    with redirect_stdout(io.StringIO()) as said, redirect_stderr(io.StringIO()) as progress:
        assert cli.main([*map(str, arguments), *options]) == cli.DONE
    (out / "said.txt").write_text(said.getvalue() + progress.getvalue(), encoding="utf-8")
    return out


@pytest.fixture(scope="module")
def known(spoken):
    """Return the words of the data: names and identifiers of tables and of the scenario."""
    data = set(SYMBOLS) | pseudo.words_of(*spoken.parts, *(p.name for p in spoken.iterdir()))
    for path in spoken.glob("*.geojson"):
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
            texts = [v for v in feature["properties"].values() if isinstance(v, str)]
            data |= pseudo.words_of(*(text for text in texts if "⟦" not in text))
    record = json.loads((spoken / "run.json").read_text(encoding="utf-8"))
    data |= pseudo.words_of(*record["scenario"]["title"].values(), record["service"]["layer"])
    for tier in record["tiers"]:
        data |= pseudo.words_of(*tier["title"].values())
    data |= pseudo.words_of(*record["scenario"]["description"].values(), record["province"])
    data |= pseudo.words_of(*(origin["licence"] for origin in record["layers"].values()))
    files = [origin["source"] for origin in record["layers"].values()]
    return data | pseudo.words_of(*(name for name in files if isinstance(name, str)))


@pytest.mark.parametrize("name", ["map.html", "report.html"])
def test_pages(spoken, known, name):
    assert cli.main([name.partition(".")[0], str(spoken), "--lang", pseudo.NAME]) == cli.DONE
    page = pseudo.Page((spoken / name).read_text(encoding="utf-8"))
    known = known | pseudo.words_of("Tiếng Việt", "English", "QPS")  # names of languages
    assert sum("⟦" in text for text in page.texts) > 20
    assert [(t, pseudo.untold(t, known)) for t in page.texts if pseudo.untold(t, known)] == []


def test_data_of_the_map(spoken, known):
    """What its scripts show: words, sentences of the record, reasons."""
    page = (spoken / "map.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="phusong-data">(.*?)</script>', page, re.DOTALL)[1])
    texts = list(data["text"].values())
    record = data["record"]
    texts += [*record["assumptions"], *record["notes"]]
    texts += [check["explanation"] for check in record["checks"]]
    texts += [criterion["meaning"] for criterion in record["choice"]["zones"]["criteria"]]
    stations = data["candidates"]
    place = stations["columns"].index("reason")
    texts += [row[place] for row in stations["rows"]]
    assert len(texts) > 300
    assert [
        (text, pseudo.untold(text, known)) for text in texts if pseudo.untold(text, known)
    ] == []


def test_tables_and_rasters(spoken, known):
    with (spoken / "ranking.csv").open(encoding="utf-8-sig", newline="") as source:
        reasons = [row["reason"] for row in csv.DictReader(source)]
    texts = [*reasons]
    for path in spoken.glob("*.tif"):
        with rasterio.open(path) as source:
            if path.stem not in BANDED:
                texts.append(source.descriptions[0])
    assert all(text.startswith("⟦") for text in texts)
    assert [pseudo.untold(text, known) for text in texts if pseudo.untold(text, known)] == []


def test_gis_files(spoken, known):
    """Titles, headings and labels; names of columns themselves are the same in all languages."""
    with closing(sqlite3.connect(spoken / "plan.gpkg")) as package:
        tables = "SELECT identifier FROM gpkg_contents WHERE data_type = 'features'"
        texts = [row[0] for row in package.execute(tables)]
        texts += [row[0] for row in package.execute("SELECT title FROM gpkg_data_columns")]
    project = ET.parse(spoken / "plan.qgs").getroot()  # noqa: S314 - written by the test itself
    texts += [node.get("name") for node in project.iter("layer-tree-layer")]
    texts += [node.get("name") for node in project.iter("layer-tree-group") if node.get("name")]
    for style in spoken.glob("*.qml"):
        tree = ET.parse(style)  # noqa: S314 - likewise
        texts += [node.get("label") for node in tree.iter("paletteEntry")]
    book = openpyxl.load_workbook(spoken / "ranking.xlsx")
    texts += [cell.value for sheet in book for cell in sheet[1]]
    assert len(texts) > 100
    untold = {text: pseudo.untold(str(text), known) for text in texts}
    assert {text: words for text, words in untold.items() if words} == {}


def test_terminal_and_comparison(spoken, known, tmp_path, capsys):
    out = tmp_path / "compared"
    arguments = ["compare", spoken, spoken, "--out", out, "--lang", pseudo.NAME]
    assert cli.main([*map(str, arguments)]) == cli.DONE
    said = capsys.readouterr()
    names = known | pseudo.words_of(*out.parts, "compare.html", "Tiếng Việt", "English")
    assert [line for line in said.out.splitlines() if pseudo.untold(line, names)] == []
    page = pseudo.Page((out / "compare.html").read_text(encoding="utf-8"))
    record = json.loads((out / "compare.json").read_text(encoding="utf-8"))
    keys = pseudo.words_of(*(row["key"] for row in record["parameters"]))
    texts = [text for text in page.texts if pseudo.untold(text, names | keys)]
    assert texts == []


def test_terminal_of_a_run(spoken, known):
    """Summary, warnings and the titles of progress bars."""
    lines = re.split(r"[\r\n]+", (spoken / "said.txt").read_text(encoding="utf-8"))
    assert sum("⟦" in line for line in lines) > 10
    assert [line for line in lines if pseudo.untold(line, known)] == []


def test_terminal_of_a_prediction(known, tmp_path):
    figures = {"people_share_outdoors": 0.5, "people_share_indoors": 0.4}
    record = {
        "parameters": {"threshold_dbm": -110.0},
        "networks": [{"technology": "5G", "operator": "all", "cells": 3, **figures}],
        "assumed": [recognised("assumed: status live for 3 of 10 rows")],
    }
    said = predict.summary(record, tmp_path, 1.0, "all", pseudo.NAME)
    names = known | pseudo.words_of(*tmp_path.parts)
    assert [line for line in said.splitlines() if pseudo.untold(line, names)] == []


SECTORS = (
    ("A1", 105.597, 21.309, 0),
    ("A2", 105.597, 21.309, 180),
    ("B1", 105.610, 21.308, 90),
)


@pytest.fixture(scope="module")
def drive(tmp_path_factory):
    """Return a folder with three cells and what a drive past them might have measured."""
    folder = tmp_path_factory.mktemp("drive")
    cells = ["site_id,cell_id,lon,lat,height_m,azimuth_deg,technology,operator,frequency_mhz"]
    cells += [
        f"{name[0]},{name},{lon},{lat},35,{a},5G,Viettel,2550" for name, lon, lat, a in SECTORS
    ]
    (folder / "cells.csv").write_text("\n".join(cells))
    rng = np.random.default_rng(7)
    lines = ["lon,lat,rsrp_dbm,cell_id"]
    for cell, lon, lat, _ in SECTORS:
        distance_m, around = rng.uniform(100, 1800, 200), rng.uniform(0, 2 * np.pi, 200)
        level_dbm = -60 - 35 * np.log10(distance_m / 100) + rng.normal(0, 6, 200)
        lons = lon + distance_m * np.sin(around) / 103_700
        lats = lat + distance_m * np.cos(around) / 110_700
        rows = zip(lons, lats, level_dbm, strict=True)
        lines += [f"{x:.6f},{y:.6f},{z:.1f},{cell}" for x, y, z in rows]
    (folder / "drive.csv").write_text("\n".join(lines))
    return folder


def told(capsys, *arguments):
    """Return what a command says in the pseudo-language, line by line."""
    assert cli.main([*map(str, arguments), "--lang", pseudo.NAME]) == cli.DONE
    said = capsys.readouterr()
    return [line for line in re.split(r"[\r\n]+", said.out + said.err) if line]


def untold(lines, names):
    return [line for line in lines if pseudo.untold(line, names)]


@pytest.mark.parametrize("command", ["validate", "calibrate"])
def test_pages_of_measurements(drive, known, tmp_path, capsys, command):
    files = (drive / "drive.csv", "--cells", drive / "cells.csv", "--flat", "settlement")
    lines = told(capsys, command, *files, "--out", tmp_path / "out")
    names = known | pseudo.words_of(*(tmp_path / "out").parts, *drive.parts, *MODELS)
    names |= pseudo.words_of(*(path.name for path in (tmp_path / "out").iterdir()))
    names |= pseudo.words_of("cell", *TERMS)
    assert untold(lines, names) == []
    (page,) = (tmp_path / "out").glob("*.html")
    texts = pseudo.Page(page.read_text(encoding="utf-8")).texts
    assert sum("⟦" in text for text in texts) > 20
    assert untold(texts, names) == []


def test_terminal_of_a_link(known, tmp_path, capsys):
    profile = tmp_path / "hill.csv"
    rows = "".join(f"{0.1 * i:.1f},{10 + i}\n" for i in range(20))
    profile.write_text(f"distance_km,height_m\n{rows}")
    link = ("link", "--profile", profile, "--frequency-mhz", 900, "--tx-height", 30)
    assert cli.main([*map(str, link), "--rx-height", "1.5", "--json"]) == cli.DONE
    record = json.loads(capsys.readouterr().out)
    keys = [key for part in record.values() if isinstance(part, dict) for key in part]
    names = known | pseudo.words_of(*profile.parts, *MODELS, *keys, *record, "vertical", "mrad")
    assert untold(told(capsys, *link, "--rx-height", 1.5), names) == []


def test_terminal_of_a_real_prediction(drive, mini_folder, known, tmp_path, capsys):
    out = tmp_path / "out"
    more = ("--province", mini_folder, "--out", out, "--radius-m", 600)
    names = known | pseudo.words_of(*out.parts, *drive.parts)
    assert untold(told(capsys, "predict", drive / "cells.csv", *more), names) == []


def test_what_is_wrong_is_told(known, tmp_path, capsys):
    """An audit, and the error of a command: all but the names and values of the file."""
    path = tmp_path / "bts.csv"
    path.write_text(
        "site_id,lon,lat,status\nA,105.6,21.3,live\nA,abc,21.3,odd\nB,21.3,105.6,live\n"
    )
    names = known | pseudo.words_of(*path.parts, path.read_text())
    assert cli.main(["data", "check", str(path), "--lang", pseudo.NAME]) == cli.WRONG_INPUT
    said = capsys.readouterr()
    assert untold((said.out + said.err).splitlines(), names) == []


SCRIPTS = Path(predict.__file__).parents[2] / "maps" / "static"
# What scripts hold in quotes beside words: classes, events, fonts, units as the record names them.
QUOTED = {
    *("use strict", "bar chosen", "dot large square", "dot large", "badge small ", "main article"),
    *("mousemove click", "mouseout movestart", "move zoom viewreset resize"),
    *("Segoe UI", "Noto Sans", "Helvetica Neue", "million VND"),
}
_TEXT = r"[^\"'`\n]*"
SENTENCE = re.compile(rf"[\"'`]({_TEXT}[A-Za-zÀ-ỹ]{{3,}} {_TEXT}[A-Za-zÀ-ỹ]{{2,}}{_TEXT})[\"'`]")


def test_scripts_of_the_pages_hold_no_sentence():
    sentences = set()
    for path in sorted(SCRIPTS.glob("*.js")):
        lines = [line.partition("//")[0] for line in path.read_text(encoding="utf-8").splitlines()]
        texts = [text for line in lines for text in SENTENCE.findall(line)]
        sentences |= {text for text in texts if not re.search(r"[<>={}\[\];:#]|\.\w", text)}
    assert sentences <= QUOTED
    assert len(sentences) > 5
