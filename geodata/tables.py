"""Read a table as a planner keeps it: CSV with any separator, GeoJSON, GeoPackage, shapefile."""

import csv
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from geopandas import GeoSeries
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from phusong.errors import Defect, InputError
from phusong.geodata.admin import ascii_name
from phusong.geodata.markup import rearmed
from phusong.meanings import COLUMNS

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SEPARATORS = ",;\t|"
QGIS_TABLES = ("layer_styles", "qgis_projects")  # beside the layers of a GeoPackage
HEADER_WITHIN = 10  # rows that may stand above the header, such as a title
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SAVE_AS_UTF8 = "save it as UTF-8; in Excel choose 'CSV UTF-8 (Comma delimited)'"
_DEGREES = re.compile(r"^(\d+)°\s*(?:(\d+)['′]\s*)?(?:([\d.,]+)[\"″]\s*)?([NSEWBĐ]?)$")

Names = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Table:
    """The cells of a file as text, with the row the user sees for each, and points if it has them.

    ``cells`` has a default index; missing values are empty text. ``rows`` are lines of a text
    file, or features counted from 1.
    """

    path: Path
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    shapes: GeoSeries | None = None

    def defect(
        self, index: int, problem: str, remedy: str = "", column: str | None = None
    ) -> Defect:
        """Return a defect of one row; the value is that of the column."""
        value = None if column is None else self.cells[column].iloc[index]
        return Defect(str(self.path), problem, remedy, int(self.rows[index]), column, value)


class _Line(NamedTuple):
    """A row of a text file and the line it starts on."""

    start: int
    cells: list[str]


def fold(name: str) -> str:
    """Return the letters and digits of a header, without diacritics, case and unit.

    >>> fold("Độ cao ăng-ten (m)")
    'docaoangten'
    """
    plain = ascii_name(re.sub(r"[(\[].*?[)\]]", "", name)).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def number(text: str) -> float | None:
    r"""Return the number a cell holds, with a decimal point or comma, or None.

    Spaces are ignored; of both marks the last is the decimal one; degrees, minutes and
    seconds are read too.

    >>> number("2.356.283,3"), number("105,6"), number("21°18'36\"N"), number("cao")
    (2356283.3, 105.6, 21.31, None)
    """
    plain = re.sub(r"\s", "", text)
    angle = _DEGREES.match(plain)
    if angle:
        parts = [float((part or "0").replace(",", ".")) for part in angle.groups()[:3]]
        sign = -1 if angle[4] in {"S", "W"} else 1
        return sign * round(parts[0] + parts[1] / 60 + parts[2] / 3600, 12)
    mark = max(".,", key=plain.rfind)  # the decimal one, unless it comes more than once
    other = "." if mark == "," else ","
    plain = plain.replace(other, "").replace(mark, "." if plain.count(mark) == 1 else "")
    try:
        value = float(plain) if "_" not in plain else float("nan")
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def read(path: Path, names: Names) -> Table:
    """Read a table; ``names`` (folded headers by column) tell a header row from a title.

    Raises
    ------
    InputError
        When the file cannot be read, or holds no row.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError("unreadable table", [Defect(str(path), "no such file")])
    table = _read_text(path, names) if path.suffix.lower() in TEXT_SUFFIXES else _read_vector(path)
    if not len(table.rows):
        raise InputError("empty table", [Defect(str(path), "holds no rows")])
    return table


def recognise(table: Table, names: Names, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the file's own header for each column that it has.

    The names of a column are tried in order, so the first wins; ``given`` (column to header)
    goes before. Two headers that read alike are a defect.
    """
    headers = list(table.cells.columns)
    found, defects = dict(given or {}), []
    for column, header in found.items():
        if column not in names or header not in headers:
            problem = f"cannot take '{column}' from '{header}'"
            remedy = f"columns: {', '.join(names)}; headers of the file: {', '.join(headers)}"
            defects.append(Defect(str(table.path), problem, remedy))
    for column, aliases in names.items():
        for alias in () if column in found else (fold(column), *aliases):
            hits = [header for header in headers if fold(header) == alias]
            if len(hits) > 1:
                problem = f"the headers {' and '.join(map(repr, hits))} both mean {column}"
                defects.append(Defect(str(table.path), problem, "rename or remove one"))
            if hits:
                found[column] = hits[0]
                break
    if defects:
        raise InputError("ambiguous columns", defects)
    return found


def texts(
    table: Table, found: Mapping[str, str], column: str, default: Sequence[str] | str = ""
) -> list[str]:
    """Return the cells of a column; the default where the file has no such column."""
    if column in found:
        return [str(cell) for cell in table.cells[found[column]]]
    return [default] * len(table.rows) if isinstance(default, str) else list(default)


def lacking(table: Table, column: str) -> Defect:
    """Return the defect of a file without a column that it needs."""
    headers = ", ".join(map(repr, table.cells.columns))
    problem = f"has no column for {column} ({COLUMNS[column].vietnamese})"
    return Defect(str(table.path), problem, f"name it {column}; the file has {headers}")


def by_row(defects: Sequence[Defect]) -> list[Defect]:
    """Return the defects in the order of the rows; those of the whole file first."""
    return sorted(defects, key=lambda defect: defect.row or 0)


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            "unreadable table", [Defect(str(path), f"cannot be read: {error.strerror}")]
        ) from None
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = f"byte 0x{raw[error.start]:02X} is not UTF-8; it may be Windows-1258 or TCVN3"
        raise InputError(
            "unreadable text", [Defect(str(path), problem, _SAVE_AS_UTF8, line)]
        ) from None


def _read_text(path: Path, names: Names) -> Table:
    text = _decode(path)
    known = {fold(column) for column in names} | {n for group in names.values() for n in group}

    def recognised(line: _Line) -> int:
        return sum(fold(cell) in known for cell in line.cells)

    def score(parsed: tuple[list[_Line], Defect | None]) -> tuple[int, int]:
        top = parsed[0][:HEADER_WITHIN]
        return max(map(recognised, top), default=0), max((len(r.cells) for r in top), default=0)

    top = "\n".join(text.splitlines()[:HEADER_WITHIN])
    marks = [mark for mark in SEPARATORS if mark == "," or mark in top]
    lines, broken = max((_parse(path, text, mark) for mark in marks), key=score)
    if broken:
        raise InputError("unreadable text", [broken])
    if not lines:
        raise InputError("empty table", [Defect(str(path), "holds no rows")])
    head = max(range(min(HEADER_WITHIN, len(lines))), key=lambda i: (recognised(lines[i]), -i))
    return _tabulate(path, lines[head].cells, lines[head + 1 :])


def _parse(path: Path, text: str, separator: str) -> tuple[list[_Line], Defect | None]:
    """Return the rows that hold anything, and the defect that stopped the reading."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[_Line] = []
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row) and not row[0].startswith("sep="):
                lines.append(_Line(start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        problem = f"the row that starts here cannot be read: {error}"
        remedy = "look for a quotation mark that is not closed"
        return lines, Defect(str(path), problem, remedy, start)
    return lines, None


def _tabulate(path: Path, head: Sequence[str], body: Sequence[_Line]) -> Table:
    headers: list[str] = []
    for i, cell in enumerate(
        head[: max((k + 1 for k, c in enumerate(head) if c.strip()), default=0)]
    ):
        name = " ".join(cell.split()) or f"column {i + 1}"
        while name in headers:
            name += " "
        headers.append(name)
    width = len(headers)
    defects = [
        Defect(
            str(path),
            f"has {len(line.cells)} cells where the header has {width}",
            "quote a cell that holds the separator, a decimal comma for example",
            line.start,
        )
        for line in body
        if any(cell.strip() for cell in line.cells[width:])
    ]
    if defects:
        raise InputError("rows do not fit the header", defects)
    padded = [[rearmed(c.strip()) for c in line.cells[:width]] + [""] * width for line in body]
    frame = pd.DataFrame([row[:width] for row in padded], columns=headers, dtype=object)
    return Table(path, frame, np.array([line.start for line in body], np.int64))


def _read_vector(path: Path) -> Table:
    frame = read_vector(path)
    shapes = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(frame.drop(columns=shapes.name if shapes is not None else []))
    text = {name: [as_text(value) for value in cells[name].tolist()] for name in cells}
    return Table(
        path,
        pd.DataFrame(text, index=cells.index, dtype=object),
        np.arange(1, len(frame) + 1),
        shapes,
    )


def read_vector(path: Path) -> gpd.GeoDataFrame | pd.DataFrame:
    """Read the one layer of a vector file that GDAL knows; its CRS must be stated."""
    geojson = path.suffix.lower() in {".geojson", ".json"}
    options = {"DATE_AS_STRING": "YES"} if geojson else {}  # an identifier may look like a date
    try:
        layers = [str(name) for name in pyogrio.list_layers(path)[:, 0] if name not in QGIS_TABLES]
        if len(layers) != 1:
            problem = f"has {len(layers)} layers: {', '.join(layers)}"
            raise InputError("cannot choose a layer", [Defect(str(path), problem, "keep one")])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(path, layer=layers[0], **options)
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        problem = f"cannot be read: {error}" if path.exists() else "no such file"
        raise InputError(
            "unreadable file", [Defect(str(path), problem, "give CSV, GeoJSON or GeoPackage")]
        ) from None
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is None:
        defect = Defect(str(path), "has no coordinate system (CRS)", "state it in the file")
        raise InputError("wrong coordinate system", [defect])
    return frame.reset_index(drop=True)


def as_text(value: object) -> str:
    """Return what a cell shows: nothing for a missing value, no '.0' for a whole number."""
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if np.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()
