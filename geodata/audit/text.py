"""Audit the text of a table: failed formulas, dates for codes, letters in two normal forms."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata.audit.findings import Finding
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.messages import message

SEPARATORS = {";": "semicolons", "|": "bars"}
_FAILED = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)$")
_DATE = re.compile(
    r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$|^\d{1,2}[-/](Thg|Jan|Feb|Mar|Apr|May|"
    r"Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s?\d*$"
)
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?E[+-]?\d+$")
_SPREADSHEET = message("remedy.format_the_column_as_text_before")


def audit(table: Table, header_of: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with the text of a table, whatever it lists."""
    why = message("why.other_programs_open_text_of_an")
    notes = [
        Finding("warning", Defect(str(table.path), note), "old-encoding", why)
        if "kept in" in note
        else Finding("note", Defect(str(table.path), note), "reading")
        for note in table.notes
    ]
    return [
        *notes,
        *_separator(table),
        *_failed(table),
        *_forms(table),
        *_identifiers(table, header_of),
    ]


def _separator(table: Table) -> Iterable[Finding]:
    if table.separator in SEPARATORS:
        problem = message("problem.cells_are_separated_by", separators=SEPARATORS[table.separator])
        why = message("why.programs_that_expect_commas_read_one")
        yield Finding("note", Defect(str(table.path), problem), "separator", why)


def _failed(table: Table) -> Iterable[Finding]:
    why = message("why.the_value_it_stands_for_is")
    for header in map(str, table.cells):
        for i, text in enumerate(table.cells[header]):
            if _FAILED.match(text):
                problem = message("problem.is_a_formula_that_failed")
                defect = table.defect(
                    i, problem, message("remedy.repair_it_in_the_spreadsheet"), header
                )
                yield Finding("error", defect, "failed-formula", why)


def _forms(table: Table) -> Iterable[Finding]:
    """Find cells with decomposed letters (NFD): they look like others and are not equal."""
    why = message("why.names_that_look_alike_are_not")
    for header in map(str, table.cells):
        for i, text in enumerate(table.cells[header]):
            if not text.isascii() and not unicodedata.is_normalized("NFC", text):
                problem = message("problem.is_written_in_decomposed_letters_nfd")
                defect = table.defect(
                    i, problem, message("remedy.save_it_in_composed_letters_nfc"), header
                )
                yield Finding("warning", defect, "decomposed-letters", why)


def _identifiers(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Find identifiers that a spreadsheet changed, and those that differ by case or space only."""
    header = header_of.get(col.SITE_ID)
    if header is None:
        return
    first: dict[str, tuple[str, int]] = {}
    for i, text in enumerate(table.cells[header]):
        if _DATE.match(text) or _SCIENTIFIC.match(text):
            problem = message("problem.looks_like_a_date_or_number")
            defect = table.defect(i, problem, _SPREADSHEET, header)
            yield Finding(
                "warning", defect, "changed-code", message("why.two_codes_may_have_become_one")
            )
        seen, row = first.setdefault(tables.fold(text), (text, i))
        if text and seen != text and tables.fold(text):
            problem = message(
                "problem.differs_from_of_row_by_case", seen=seen, rows=table.rows[row]
            )
            defect = table.defect(i, problem, message("remedy.give_one_site_one_code"), header)
            yield Finding(
                "warning", defect, "similar-code", message("why.one_site_may_be_counted_twice")
            )
