"""The ranking for Google Earth and for a spreadsheet: typed, and every name is text."""

import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import gis_folder
import maps_run
import openpyxl
import pandas as pd
import pytest
import ranked_run
import spreadsheet
from gis_folder import HOSTILE, said

from phusong import columns as col
from phusong.geodata.packages import package
from phusong.geodata.writers import kml, labels, lineage, markup, styles, vector, xlsx

# ruff: noqa: S314 - every document parsed here is this package's own
KML = {"k": kml.NAMESPACE}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return gis_folder.write_package(tmp_path_factory.mktemp("gis") / "run")


# Google Earth


class Tags(HTMLParser):
    """The tags and the text of a piece of HTML, as a browser would see them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = set(), []
        self.feed(html)

    def handle_starttag(self, tag, _attributes):
        """Note a tag."""
        self.tags.add(tag)

    def handle_data(self, data):
        """Note a text."""
        self.text.append(data)


def test_kml_shows_names_as_text_even_in_the_balloon(folder):
    root = ET.fromstring((folder / "ranking.kml").read_bytes())
    marks = root.findall(".//k:Placemark", KML)
    assert [mark.findtext("k:name", namespaces=KML) for mark in marks] == [
        f"{i}. {name}" for i, name in enumerate(HOSTILE[5:9], 1)
    ]
    for mark, zone in zip(marks, HOSTILE[1:5], strict=True):
        seen = Tags(mark.findtext("k:description", namespaces=KML))
        assert seen.tags == {"table", "tr", "td"}
        assert zone in seen.text
    balloons = {node.text for node in root.iterfind(".//k:BalloonStyle/k:text", KML)}
    assert balloons == {"$[description]"}
    assert not root.findall(".//k:href", KML)  # no picture is fetched


def test_kml_has_a_folder_a_style_and_a_time_for_each_year(folder):
    root = ET.fromstring((folder / "ranking.kml").read_bytes())
    years = [node.text for node in root.iterfind(".//k:Folder/k:name", KML)]
    assert years == ["2024", "2025"]
    assert {node.get("id") for node in root.iterfind(".//k:Style", KML)} >= {"year2024", "year2025"}
    begins = [node.text for node in root.iterfind(".//k:TimeSpan/k:begin", KML)]
    assert begins == ["2024", "2024", "2025", "2025"]
    fields = {n.get("name"): n.get("type") for n in root.iterfind(".//k:SimpleField", KML)}
    assert (fields[col.RANK], fields[col.PEOPLE_GAINED], fields[col.REASON]) == (
        "int",
        "double",
        "string",
    )


def test_gdal_reads_the_kml_where_the_points_are(folder):
    text = said("ogrinfo", "-ro", "-al", "-so", folder / "ranking.kml")
    assert text.count("Feature Count: 2") == 2
    west, south = maps_run.place(700, 700).coords[0]
    root = ET.fromstring((folder / "ranking.kml").read_bytes())
    first = root.findtext(".//k:coordinates", namespaces=KML)
    assert first == f"{west:.6f},{south:.6f}"


def test_kml_of_nothing_and_without_years_is_valid(tmp_path):
    about = lineage.publication_of(maps_run.record(), "vi")
    (tmp_path / "a.kml").write_text(
        kml.document("ranking", maps_run.ranking(0), about), encoding="utf-8"
    )
    assert not ET.parse(tmp_path / "a.kml").findall(".//k:Placemark", KML)
    (tmp_path / "b.kml").write_text(
        kml.document("sites", maps_run.sites(), about), encoding="utf-8"
    )
    assert len(ET.parse(tmp_path / "b.kml").findall(".//k:Placemark", KML)) == 10


# Spreadsheet


def test_workbook_is_typed_filtered_and_keeps_its_header_in_sight(folder):
    book = openpyxl.load_workbook(folder / "ranking.xlsx")
    sheet = book.worksheets[1]
    header = [cell.value for cell in sheet[1]]
    assert header[0] == labels.alias(col.RANK, "en")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    names = [str(n) for n in vector.plain_table(maps_run.ranking()).columns]
    for key in ("district_code", "commune_code", "zone_id"):  # names beside codes
        names.insert(names.index(key) + 1, f"beside_{key}")
    first = dict(zip(names, sheet[2], strict=True))
    assert (first[col.RANK].value, first[col.RANK].data_type) == (1, "n")
    assert (first[col.PEOPLE_GAINED].value, first[col.PEOPLE_GAINED].number_format) == (
        1200,
        "#,##0",
    )
    assert first[col.COMMUNE_CODE].value == "08700"  # the leading zero stays
    communes = gis_folder.hostile_layers()["communes"].set_index(col.COMMUNE_CODE)
    assert first["beside_commune_code"].value == markup.clean(communes.loc["08700", col.NAME])
    assert first[col.KIND].value == "On an existing mast"
    assert [s.max_row for s in book.worksheets[1:5]] == [5, 3, 7, 4]


def test_the_summary_holds_the_headline_by_name(folder):
    sheet = openpyxl.load_workbook(folder / "ranking.xlsx").worksheets[0]
    assert sheet.title == "Summary"
    rows = {row[-1]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
    stated = maps_run.record()["headline"]
    assert rows["stations"][2] == stated["stations"]
    assert rows["people_share"][1:3] == (
        stated["people_share_before"],
        stated["people_share_after"],
    )
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        held = database.execute("SELECT name, before, after FROM figures").fetchall()
    assert {name: (before, after) for name, before, after in held} == {
        name: row[1:3] for name, row in rows.items()
    }


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_printed_workbook_repeats_its_heading_on_few_pages(language, tmp_path):
    """The plan's 160 stations in LibreOffice: every sheet across A4, at most 12 pages."""
    ranking = maps_run.ranking()
    many = pd.concat([ranking] * 40, ignore_index=True)
    layers = gis_folder.hostile_layers() | {"ranking": many}
    package.write(tmp_path, layers, lineage.publication_of(maps_run.record(), language))
    for sheet in openpyxl.load_workbook(tmp_path / "ranking.xlsx"):
        assert sheet.page_setup.orientation == "landscape"
        on_one_page = int(sheet.max_row <= xlsx.ONE_PAGE)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, on_one_page)
        assert sheet.print_title_rows == "$1:$1"
        assert len(sheet.title) <= xlsx.LONGEST_TITLE
    pdf = spreadsheet.converted(tmp_path / "ranking.xlsx", tmp_path, "pdf")
    pages = re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())
    assert 8 <= len(pages) <= 12  # of eight sheets


def test_zones_by_rank_have_a_sheet_of_their_own_and_a_style_by_score(tmp_path):
    ranked = ranked_run.zones_ranking()
    layers = {"ranking": maps_run.ranking(), "zones_ranking": ranked}
    package.write(tmp_path, layers, lineage.publication_of(maps_run.record(), "en"))
    sheet = openpyxl.load_workbook(tmp_path / "ranking.xlsx")["Ranking of zones"]
    rows = list(sheet.iter_rows(values_only=True))
    at = rows[0].index(labels.alias(col.SCORE, "en"))
    assert [row[at] for row in rows[1:]] == ranked[col.SCORE].tolist()
    assert labels.alias(col.SCORE, "en") not in [
        cell.value for cell in openpyxl.load_workbook(tmp_path / "ranking.xlsx").worksheets[0][1]
    ]
    style = ET.fromstring(styles.plan_styles({"zones_ranking": ranked})["zones_ranking"])
    renderer = style.find("renderer-v2")
    assert (renderer.get("type"), renderer.get("attr")) == ("graduatedSymbol", col.SCORE)
    ends = [float(step.get("upper")) for step in renderer.iter("range")]
    assert ends == [20.0, 40.0, 60.0, 80.0, 100.0]  # scores reach from 0 to 100


def test_no_cell_of_a_workbook_is_a_formula(folder):
    book = openpyxl.load_workbook(folder / "ranking.xlsx")
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    texts = {cell.value for cell in cells}
    assert {markup.clean(name) for name in (*HOSTILE[:9],)} <= texts
    armed = [cell for cell in cells if cell.data_type == "s" and cell.value[:1] in "=+-@"]
    assert armed
    assert all(cell.quotePrefix for cell in armed)


def test_workbook_holds_what_a_cell_can(tmp_path):
    long = pd.DataFrame({"reason": ["x" * 40_000], "share": [None]})
    xlsx.write(tmp_path / "a.xlsx", {"a/b[c]" * 9: long}, lineage.publication_of(maps_run.record()))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[1]
    assert len(sheet["A2"].value) == xlsx.LONGEST_TEXT
    assert sheet["B2"].value is None
    assert len(sheet.title) <= xlsx.LONGEST_TITLE
