"""The report for Word: headings that Word knows, repeated headings of tables, the figures."""

import docx
import maps_run
import pytest
import spreadsheet
from docx.oxml.ns import qn

from phusong import messages
from phusong.geodata import headline
from phusong.geodata.runs.folder import open_run
from phusong.maps.report import report, word_report


@pytest.fixture(scope="module", params=["vi", "en"])
def language(request):
    return request.param


@pytest.fixture(scope="module")
def written(language, tmp_path_factory):
    folder = maps_run.write_whole(tmp_path_factory.mktemp("word") / "run")
    run = open_run(folder).in_language(language)
    return word_report.write(run, language, folder / "report.docx")


def test_headings_are_those_of_word_in_the_language(written, language):
    document = docx.Document(written)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    words = messages.words(language, "report")
    assert headings[0] == words["rollout"]
    assert headings[-1] == words["method"]
    assert {words["coverage"], messages.words(language, "page")["ranking_table"]} <= set(headings)
    assert document.core_properties.language == messages.locale(language)
    assert report.lead(open_run(written.parent).in_language(language), language) in {
        paragraph.text for paragraph in document.paragraphs
    }


def test_every_table_repeats_its_heading_and_breaks_no_row(written):
    tables = docx.Document(written).tables
    assert len(tables) >= 4
    for table in tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert len(table.rows) > 1


def test_the_first_table_holds_the_headline(written, language):
    first = docx.Document(written).tables[0]
    shown = [cell.text for row in first.rows for cell in row.cells]
    stated = maps_run.record()["headline"]
    assert messages.percent(stated["people_share_after"], language) in shown
    assert messages.number(stated["stations"], language) in shown
    assert len(first.rows) == len(headline.figures(stated)) + 1


def test_stations_stand_in_order_of_build(written):
    last = docx.Document(written).tables[-1]
    assert [row.cells[0].text for row in last.rows[1:]] == ["1", "2", "3", "4"]


def test_word_opens_it(written, tmp_path):
    """LibreOffice reads it as Word does, and prints it."""
    pdf = spreadsheet.converted(written, tmp_path, "pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
