"""What the markup of a workbook's sheet says beside its values: hidden rows, merges, formulas."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from xml.etree import ElementTree as ET

CHUNK = 1 << 20
_TELLING = (b"<mergeCell", b"hidden=", b"<f", b":mergeCell", b":f>", b":f ")
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TRUE = ("1", "true")


class CellRange(NamedTuple):
    """A rectangle of cells; rows and columns count from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Return the area as a spreadsheet names it, such as D2:D7."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass
class Markup:
    """What a sheet says beside its values."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[CellRange] = field(default_factory=list)
    unstored: list[tuple[int, int]] = field(default_factory=list)  # formulas without a value


def read(archive: zipfile.ZipFile, part: str) -> Markup:
    """Return what a sheet says beside its values; a plain sheet is only skimmed.

    Parameters
    ----------
    archive : the workbook; its markup must have been checked.
    part : the sheet's file in it.
    """
    with archive.open(part) as file:
        if not _tells(file):
            return Markup()
    markup = Markup()
    with archive.open(part) as file:
        for event in _elements(file):
            _take(markup, event)
    return markup


def _tells(file: IO[bytes]) -> bool:
    rest = b""
    while chunk := file.read(CHUNK):
        if any(mark in rest + chunk for mark in _TELLING):
            return True
        rest = chunk[-20:]
    return False


def _elements(file: IO[bytes]) -> Iterator[ET.Element]:
    """Yield rows, columns and merges as they end; memory does not grow with the sheet."""
    root: ET.Element | None = None
    for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - checked before
        if root is None:
            root = element
        if event == "end" and _name(element) in {"row", "col", "mergeCell"}:
            yield element
            element.clear()
            if _name(element) == "row":
                for parent in root:
                    if _name(parent) == "sheetData":
                        parent.clear()


def _take(markup: Markup, element: ET.Element) -> None:
    kind = _name(element)
    if kind == "mergeCell":
        markup.merged += area(element.get("ref", ""))
    elif kind == "col" and element.get("hidden") in _TRUE:
        first, last = int(element.get("min", 0)), int(element.get("max", 0))
        markup.hidden_columns |= set(range(first, min(last, first + 1000) + 1))
    elif kind == "row":
        number = int(element.get("r", 0))
        if element.get("hidden") in _TRUE:
            markup.hidden_rows.add(number)
        markup.unstored += [(number, column) for column in _unstored(element)]


def _unstored(row: Iterable[ET.Element]) -> Iterator[int]:
    """Yield the columns of a row's formulas that have no stored value."""
    for cell in row:
        kinds = {_name(child): child for child in cell}
        value = kinds.get("v")
        if "f" in kinds and (value is None or not (value.text or "").strip()):
            if cell.get("t") == "str" and value is not None:
                continue  # a formula whose result is empty text
            place = _CELL.fullmatch(cell.get("r", ""))
            if place:
                yield number_of(place[1])


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def area(text: str) -> list[CellRange]:
    """Return the area that a text such as D2:D7 names, none where it names none.

    >>> area("D2:E7"), area("D2"), area("x")
    ([Area(top=2, left=4, bottom=7, right=5)], [], [])
    """
    corners = [_CELL.fullmatch(part) for part in text.split(":")]
    if len(corners) != 2 or not all(corners):
        return []
    (left, top), (right, bottom) = ((number_of(c[1]), int(c[2])) for c in corners if c)
    return [CellRange(top, left, bottom, right)]


def letters(column: int) -> str:
    """Return a column as a spreadsheet names it.

    >>> letters(1), letters(28), number_of("AB")
    ('A', 'AB', 28)
    """
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def number_of(name: str) -> int:
    """Return the number of a column by its letters, from 1."""
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
