"""Write report.docx: the report for Word, with real headings and tables, in one language."""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from phusong import columns as col
from phusong import messages
from phusong.geodata import headline
from phusong.geodata.countries import current, speaking
from phusong.geodata.files.whole import replace_whole
from phusong.geodata.runs.folder import RunFolder
from phusong.geodata.writers import labels
from phusong.geodata.writers.markup import clean
from phusong.maps.frame import offline
from phusong.maps.layers import ranked_zones
from phusong.maps.report import report, static_map, tables
from phusong.maps.texts import text

# python-docx is imported where it is used: most runs write no DOCX.
# ruff: noqa: PLC0415

Row = dict[str, Any]
Document = Any  # python-docx has no types of its own
PICTURE_CM = 11.5
A4_CM = (21.0, 29.7)


def map_page(run: RunFolder, language: str) -> str:
    """Return a page that holds the first map of the report alone, for a browser to draw."""
    word = text.words(language)
    shared = static_map.prepare(run)
    names = report.district_names(run)
    column = col.COVERED_POPULATION_SHARE_AFTER
    drawn = static_map.plan(shared, run, column, word["figure_plan"], names)
    style = f"{offline.static('report.css')} body {{ background: #fff; }}"
    return f"<!DOCTYPE html><meta charset='utf-8'><style>{style}</style>{shared.ground}{drawn}"


@speaking("run")
def write(run: RunFolder, language: str, path: Path, picture: bytes = b"") -> Path:
    """Write the report of a run as DOCX.

    Parameters
    ----------
    run : in the language.
    language : of headings and numbers.
    path : file to write.
    picture : PNG of the first map; none when empty.
    """
    import docx

    document = docx.Document()
    _set_up(document, run, language)
    _first_page(document, run, language, picture)
    _rollout(document, run, language)
    _zones(document, run, language)
    _coverage(document, run, language)
    _stations(document, run, language)
    _method(document, run, language)
    buffer = io.BytesIO()
    document.save(buffer)
    with replace_whole(path) as temporary:
        temporary.write_bytes(buffer.getvalue())
    return path


def _set_up(document: Document, run: RunFolder, language: str) -> None:
    """Set A4, a font that has every Vietnamese letter, the language and the title."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    section = document.sections[0]
    section.page_width, section.page_height = map(Cm, A4_CM)
    section.left_margin = section.right_margin = Cm(2.0)
    section.top_margin = section.bottom_margin = Cm(1.8)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(11)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), "Times New Roman")
    about = document.core_properties
    about.title, about.author = _title(run, language), "phusong"
    about.language = messages.locale(language)
    about.created = about.modified = datetime.fromisoformat(str(run.record["created"]))


def _title(run: RunFolder, language: str) -> str:
    return text.words(language)["report_title"].format(province=run.record["province"]["name"])


def _first_page(document: Document, run: RunFolder, language: str, picture: bytes) -> None:
    from docx.shared import Cm

    word, say = text.words(language), messages.words(language, "report")
    scenario = messages.speak(run.record["scenario"]["title"], language)
    document.add_heading(_title(run, language), 0)
    date = text.date(str(run.record["created"]), language)
    document.add_paragraph(f"{word['scenario']}: {scenario}. {date}")
    document.add_paragraph(report.lead(run, language))
    _headline(document, run, language)
    if picture:
        document.add_picture(io.BytesIO(picture), width=Cm(PICTURE_CM))
        document.add_paragraph(f"{word['figure_plan']}. {word['figure_numbers']}", "Caption")
    for sentence in report.meanings_of(run.record, language):
        document.add_paragraph(sentence)
    caveats = (say["predicted"], say["typical_costs"], word["about_legal"])
    document.add_paragraph(f"{say['caveats']}: {' '.join(caveats)}")


def _headline(document: Document, run: RunFolder, language: str) -> None:
    """Add the figures of the headline, under the names that all faces use."""
    words = messages.words(language, "workbook")
    rows = [
        [
            messages.speak(messages.message(figure.title), language),
            _value(figure.before, figure.unit, language),
            _value(figure.after, figure.unit, language),
            _range(figure, language),
        ]
        for figure in headline.figures(run.record["headline"])
    ]
    interval = messages.words(language, "report")["interval"]
    _table(document, [words["figure"], words["before"], words["after"], interval], rows)


def _value(value: float | None, unit: str, language: str) -> str:
    if value is None:
        return ""
    if unit == headline.SHARE:
        return text.percent(value, language)
    return text.money(value, language) if unit == headline.MONEY else text.number(value, language)


def _range(figure: headline.HeadlineFigure, language: str) -> str:
    ends = [_value(value, figure.unit, language) for value in (figure.low, figure.high)]
    return "–".join(ends) if all(ends) else ""


def _rollout(document: Document, run: RunFolder, language: str) -> None:
    word, say = text.words(language), messages.words(language, "report")
    document.add_heading(say["rollout"], 1)
    years = run.record.get("years") or []
    header = [word["year"], word["stations_in_year"], word["cost"], word["share_by_end"]]
    rows = [
        [
            str(year["year"]),
            text.number(year["stations"], language),
            text.money(year["cost_million"], language),
            _share(year["people_share"], language),
        ]
        for year in years
    ]
    _table(document, header, rows)


def _zones(document: Document, run: RunFolder, language: str) -> None:
    word, say = text.words(language), messages.words(language, "report")
    ranked = ranked_zones.with_service(run, language)
    if not ranked:
        return
    document.add_heading(say["zones_in_order"], 1)
    header = [word["rank"], word["zone"], word["kind"], word["score_short"], word["covered_demand"]]
    rows = [
        [
            text.number(row[col.RANK], language),
            str(row[col.NAME]),
            labels.word(col.KIND, row[col.KIND], language),
            text.number(row[col.SCORE], language, 1),
            _pair(row, "covered_share", language),
        ]
        for row in ranked
    ]
    _table(document, header, rows)


def _coverage(document: Document, run: RunFolder, language: str) -> None:
    word, say = text.words(language), messages.words(language, "report")
    document.add_heading(say["coverage"], 1)
    units = tables.with_planned(run.districts, run.ranking, col.DISTRICT_CODE)
    if units:
        document.add_heading(word["by_district"], 2)
        header = [word["unit"], word["population"], word["proposed_stations"]]
        rows = [
            [
                str(row[col.NAME]),
                text.number(row[col.POPULATION], language),
                text.number(row["planned"], language),
                _pair(row, "covered_population_share", language),
            ]
            for row in units
        ]
        _table(document, [*header, word["people_before_after"]], rows)
    rule = current().quality
    quality = tables.of_districts(run.rows(rule.table) if rule else [])
    if quality:
        document.add_heading(say["quality"], 2)
        header = [word["unit"], say["mean_down"], say["mean_up"], say["fast"], say["result"]]
        _table(document, header, [_quality(row, say, language) for row in quality])


def _quality(row: Row, say: dict[str, str], language: str) -> list[str]:
    if row[col.MEAN_DOWNLINK_MBPS] is None:
        return [str(row[col.NAME]), "", "", "", say["no_service"]]
    return [
        str(row[col.NAME]),
        _speed(row[col.MEAN_DOWNLINK_MBPS], language),
        ""
        if row[col.MEAN_UPLINK_MBPS] is None
        else text.number(row[col.MEAN_UPLINK_MBPS], language, 1),
        _share(row[col.FAST_SHARE], language),
        say["met"] if row[col.COMPLIES] else say["not_met"],
    ]


def _stations(document: Document, run: RunFolder, language: str) -> None:
    """Add all stations in order of build."""
    word = text.words(language)
    names = report.full_names(run, language)
    document.add_heading(word["ranking_table"], 1)
    header = [word["rank"], word["station"], word["year"], word["place"], word["kind"]]
    rows = [
        [
            str(row[col.RANK]),
            str(row[col.SITE_ID]),
            str(row[col.YEAR]),
            names.get(row[col.COMMUNE_CODE], str(row[col.COMMUNE_CODE] or "–")),
            labels.word(col.KIND, row[col.KIND], language),
            text.number(row[col.PEOPLE_GAINED], language),
            text.money(row[col.COST_MILLION], language),
        ]
        for row in tables.records(run.ranking.sort_values(col.RANK))
    ]
    _table(document, [*header, word["people_gained_short"], word["cost"]], rows)


def _method(document: Document, run: RunFolder, language: str) -> None:
    word, say = text.words(language), messages.words(language, "report")
    document.add_heading(say["method"], 1)
    for title, listed in (("about_assumptions", "assumptions"), ("about_notes", "notes")):
        if run.record.get(listed):
            document.add_heading(word[title], 2)
            for item in run.record[listed]:
                document.add_paragraph(clean(messages.speak(item, language)), "List Bullet")
    document.add_heading(word["about_data"], 2)
    for name, layer in run.record["layers"].items():
        parts = [layer[key] for key in ("source", "note", "licence") if layer.get(key)]
        stated = [word[f"data_{layer['status']}"], *(messages.speak(p, language) for p in parts)]
        line = f"{word.get(f'layer_{name}', name)}: {' · '.join(stated)}"
        document.add_paragraph(clean(line), "List Bullet")


def _speed(value: float | None, language: str) -> str:
    return "" if value is None else text.number(value, language, 1)


def _share(value: float | None, language: str) -> str:
    return "" if value is None else text.percent(value, language)


def _pair(row: Row, name: str, language: str) -> str:
    """Return a share before and after."""
    return " → ".join(_share(row[f"{name}_{end}"], language) for end in ("before", "after"))


def _table(document: Document, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Add a table whose heading is repeated on each page and whose rows are not broken."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    if not rows:
        return
    table = document.add_table(rows=1, cols=len(header), style="Light Grid Accent 1")
    for cells in (header, *rows):
        line = table.rows[0] if cells is header else table.add_row()
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no other way
        for cell, value in zip(line.cells, cells, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.add_run(clean(value)).font.size = Pt(9)
            if cells is not header and value[:1].isdigit():
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - likewise
    document.add_paragraph()
