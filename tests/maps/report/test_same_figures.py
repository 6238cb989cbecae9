"""A figure of a given name is the same on map, report, workbook, DOCX, GeoPackage and JSON."""

import html
import json
import re
import sqlite3
from contextlib import closing

import docx
import gis_folder
import maps_run
import openpyxl
import pytest

from phusong import messages
from phusong.geodata import headline
from phusong.geodata.packages import package
from phusong.geodata.runs.folder import open_run
from phusong.geodata.writers import lineage
from phusong.maps.pages import province_map
from phusong.maps.report import report, word_report
from phusong.maps.texts import text


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def folder(language, tmp_path_factory):
    """Return a run with every face that shows its headline."""
    path = maps_run.write_whole(tmp_path_factory.mktemp("faces") / "run")
    package.write(
        path, gis_folder.hostile_layers(), lineage.publication_of(maps_run.record(), language)
    )
    province_map.write_map(path, language)
    report.write_report(path, language)
    run = open_run(path).in_language(language)
    word_report.write(run, language, path / "report.docx")
    return path


@pytest.fixture(scope="module")
def figures(folder):
    """Return the figures by name: before, after."""
    stated = json.loads((folder / "run.json").read_text(encoding="utf-8"))["headline"]
    return {f.name: (f.before, f.after) for f in headline.figures(stated)}


def shown(value, name, language):
    """Return a figure as people read it."""
    unit = headline.PAIRS.get(name) or headline.SINGLE[name][0]
    if unit == headline.SHARE:
        return text.percent(value, language)
    return text.money(value, language) if unit == headline.MONEY else text.number(value, language)


def test_names_are_those_of_the_record(figures):
    assert {"people_share", "stations", "cost_million", "people"} <= set(figures)
    stated = maps_run.record()["headline"]
    for name, (before, after) in figures.items():
        keys = (f"{name}_before", f"{name}_after") if name in headline.PAIRS else ("", name)
        assert (stated.get(keys[0]), stated[keys[1]]) == (before, after)


def test_the_workbook_and_the_package_hold_the_figures(folder, figures):
    sheet = openpyxl.load_workbook(folder / "ranking.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {row[-1]: row[1:3] for row in rows} == figures
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        held = database.execute("SELECT name, before, after FROM figures").fetchall()
    assert {name: (before, after) for name, before, after in held} == figures


def test_the_map_holds_the_figures(folder, figures):
    page = (folder / "map.html").read_text(encoding="utf-8")
    embedded = json.loads(re.search(r'"headline":(\{[^{}]*\})', page)[1])
    for name, (before, after) in figures.items():
        keys = (f"{name}_before", f"{name}_after") if name in headline.PAIRS else ("", name)
        assert embedded[keys[1]] == pytest.approx(after, abs=1e-4)
        assert before is None or embedded[keys[0]] == pytest.approx(before, abs=1e-4)


def test_the_report_for_word_tells_the_figures(folder, figures, language):
    table = docx.Document(folder / "report.docx").tables[0]
    told = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    titles = {f.name: f.title for f in headline.figures(maps_run.record()["headline"])}
    for name, (before, after) in figures.items():
        title = messages.speak(messages.message(titles[name]), language)
        row = next(row for row in told if row[0] == title)
        assert row[2] == shown(after, name, language)
        assert row[1] == ("" if before is None else shown(before, name, language))


def test_the_report_tells_the_figures(folder, figures, language):
    page = (folder / "report.html").read_text(encoding="utf-8")
    words = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for name in ("people_share", "stations", "colocated", "new", "cost_million"):
        for value in figures[name]:
            assert value is None or shown(value, name, language) in words, name
