"""Audit the text of a table: failed formulas, dates for codes, letters in two normal forms."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata.audit.findings import Finding
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table

SEPARATORS = {";": "semicolons", "|": "bars"}
_FAILED = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!)$")
_DATE = re.compile(
    r"^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$|^\d{1,2}[-/](Thg|Jan|Feb|Mar|Apr|May|"
    r"Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s?\d*$"
)
_SCIENTIFIC = re.compile(r"^\d(\.\d+)?E[+-]?\d+$")
_SPREADSHEET = "format the column as text before you type or paste"


def audit(table: Table, header_of: Mapping[str, str]) -> list[Finding]:
    """Return what is wrong with the text of a table, whatever it lists."""
    why = "other programs open text of an old encoding as nonsense"
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
        problem = f"cells are separated by {SEPARATORS[table.separator]}"
        why = "programs that expect commas read one column"
        yield Finding("note", Defect(str(table.path), problem), "separator", why)


def _failed(table: Table) -> Iterable[Finding]:
    why = "the value it stands for is lost"
    for header in map(str, table.cells):
        for i, text in enumerate(table.cells[header]):
            if _FAILED.match(text):
                problem = "is a formula that failed"
                defect = table.defect(i, problem, "repair it in the spreadsheet", header)
                yield Finding("error", defect, "failed-formula", why)


def _forms(table: Table) -> Iterable[Finding]:
    """Find cells with decomposed letters (NFD): they look like others and are not equal."""
    why = "names that look alike are not equal, so joins and searches miss them"
    for header in map(str, table.cells):
        for i, text in enumerate(table.cells[header]):
            if not text.isascii() and not unicodedata.is_normalized("NFC", text):
                problem = "is written in decomposed letters (NFD)"
                defect = table.defect(i, problem, "save it in composed letters (NFC)", header)
                yield Finding("warning", defect, "decomposed-letters", why)


def _identifiers(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Find identifiers that a spreadsheet changed, and those that differ by case or space only."""
    header = header_of.get(col.SITE_ID)
    if header is None:
        return
    first: dict[str, tuple[str, int]] = {}
    for i, text in enumerate(table.cells[header]):
        if _DATE.match(text) or _SCIENTIFIC.match(text):
            problem = "looks like a date or number that a spreadsheet made of a code"
            defect = table.defect(i, problem, _SPREADSHEET, header)
            yield Finding("warning", defect, "changed-code", "two codes may have become one")
        seen, row = first.setdefault(tables.fold(text), (text, i))
        if text and seen != text and tables.fold(text):
            problem = f"differs from '{seen}' of row {table.rows[row]} by case or signs only"
            defect = table.defect(i, problem, "give one site one code", header)
            yield Finding("warning", defect, "similar-code", "one site may be counted twice")
