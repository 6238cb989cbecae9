"""Read a planner's own list of base stations (BTS)."""

import csv
import io
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import guard, tables
from phusong.geodata.files.escaping import unarmed
from phusong.geodata.files.tables import Names, Table
from phusong.geodata.files.whole import write_text
from phusong.geodata.network import coordinates
from phusong.geodata.province import Provenance, SiteList
from phusong.geodata.units import matching
from phusong.spelling import ascii_name

DEFAULT_OPERATOR = "unknown"
DEFAULT_TECHNOLOGIES = "4G"
DEFAULT_HEIGHT_M = 30.0
DEFAULT_AZIMUTHS_DEG = "0/120/240"
DEFAULT_STATUS = "live"
HIGHEST_MAST_M = 200.0
SAME_POSITION_REACH_M = 200.0  # how far apart operators may survey one shared mast
SETTINGS = {"phuong": "urban", "thi tran": "township"}  # other communes are rural

# Folded headers (see tables.fold) by column, the best first.
HEADERS: Names = {
    columns.SITE_ID: (
        *("matram", "mabts", "matrambts", "sitecode", "btsid", "site", "bts", "sohieu"),
        *("sohieutram", "kyhieu", "kyhieutram"),
        *("id", "ma", "tentram", "tenbts", "sitename", "btsname"),
    ),
    columns.POSITION_ID: ("mavitri", "macot", "mastid", "towerid", "position", "vitri"),
    columns.OPERATOR: (
        *("nhamang", "doanhnghiep", "doanhnghiepvienthong", "nhakhaithac", "mang", "donvi"),
        *("carrier", "mno", "brand"),
    ),
    columns.TECHNOLOGIES: (
        *("congnghe", "congnghephatsong", "technology", "tech", "rat", "loaitram", "thehe"),
    ),
    columns.HEIGHT_M: (
        *("docao", "docaoangten", "docaoanten", "chieucao", "chieucaoangten", "chieucaoanten"),
        *("docaoangtensovoimatdat", "antennaheight", "height", "docaocot", "chieucaocot"),
    ),
    columns.AZIMUTHS_DEG: ("gocphuongvi", "phuongvi", "azimuth", "azimuths", "azimut"),
    columns.MAST_CLASS: ("loaicot", "loaicotangten", "loaicotanten", "masttype", "towertype"),
    columns.STATUS: ("trangthai", "tinhtrang", "state"),
    **matching.HEADERS,
    columns.CLUTTER: ("khuvuc", "khuvucdattram", "environment"),
    **coordinates.HEADERS,
}
BRANDS = {
    "viettel": "Viettel",
    "vnpt": "VNPT",
    "vinaphone": "VNPT",
    "mobifone": "MobiFone",
    "mobiphone": "MobiFone",
    "vietnamobile": "Vietnamobile",
    "gtel": "Gtel",
    "gmobile": "Gtel",
}
GENERATIONS = {
    "2g": "2G",
    "gsm": "2G",
    "3g": "3G",
    "umts": "3G",
    "wcdma": "3G",
    "hspa": "3G",
    "4g": "4G",
    "lte": "4G",
    "5g": "5G",
    "nr": "5G",
}
LIVE = ("live", "onair", "active", "danghoatdong", "hoatdong", "phatsong", "dangphatsong")
MAST_CLASSES = {"a1": "A1", "a1a": "A1", "a1b": "A1", "a2a": "A2a", "a2b": "A2b", "a2c": "A2b"}
BETWEEN_AZIMUTHS = re.compile(r"[/,;|\s°]+|(?<=\d)-(?=\d)")
SKIP = "correct it, or leave such rows out with --skip-bad-rows"

Parser = Callable[[str], object]


def read_sites(
    path: Path,
    communes: GeoDataFrame,
    *,
    skip_bad_rows: bool = False,
    rejected_csv: Path | None = None,
    headers: Mapping[str, str] | None = None,
    stated_crs: str | None = None,
) -> SiteList:
    """Return the base stations of a list, with columns.BTS in the planning CRS, and their origin.

    CSV with any usual separator, GeoJSON, GeoPackage or shapefile; English or Vietnamese
    headers. A site needs an identifier and a position; what else it lacks is assumed, and the
    provenance says so. Sites within 15 m of each other stand on one position unless the list
    says otherwise. Commune and district come from the position.

    Parameters
    ----------
    path : the list.
    communes : communes of the province; a site outside them is a defect.
    skip_bad_rows : leave rows with a defect out instead of raising.
    rejected_csv : where to write the rows left out, with the reasons.
    headers : the list's own header by column, where it cannot be recognised.
    stated_crs : of the coordinates; recognised when left out, see ``coordinates.axes_of``.

    Raises
    ------
    InputError
        With every defect of the list.
    """
    path = Path(path)
    with guard.unchanged(path):
        table = tables.read(path, HEADERS, stated_crs)
        found = columns_found(table, headers)
        rejected = rejected_csv if skip_bad_rows else None
        listed = usable(table, found, communes, stated_crs, skip=skip_bad_rows, rejected=rejected)
        notes = [*table.notes, *coordinates.said(table, found, communes, stated_crs)]
        notes += assumptions(table, found, len(listed))
        origin = Provenance("given", path.name, sha256=guard.digest(path), note="; ".join(notes))
        return SiteList(listed, origin)


def usable(
    table: Table,
    found: Mapping[str, str],
    communes: GeoDataFrame,
    stated_crs: str | None,
    *,
    skip: bool,
    rejected: Path | None = None,
) -> GeoDataFrame:
    """Return the sites of a table; raise on a bad row, or skip it and write it to ``rejected``."""
    name = table.path.name
    sites, defects = parse(table, found, communes, stated_crs)
    if defects and not skip:
        raise InputError(f"{name} is not a usable list of sites", defects)
    bad = np.isin(table.rows, [defect.row for defect in defects if defect.row is not None])
    if bad.all():
        raise InputError(f"{name} holds no usable site", defects)
    if defects and rejected is not None:
        write_rejected(rejected, table, defects)
    return sites[~bad].reset_index(drop=True)


def assumptions(table: Table, found: Mapping[str, str], kept: int | None = None) -> list[str]:
    """Return what had to be assumed, and how many rows were left out where ``kept`` were not."""
    assumed = _assumed(table, found)
    notes = ["assumed: " + "; ".join(assumed)] if assumed else []
    if kept is not None and kept < len(table.rows):
        notes.append(f"{len(table.rows) - kept} of {len(table.rows)} rows left out")
    return notes


def columns_found(table: Table, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the headers of the columns of a site list; raise when it names no sites."""
    found = tables.recognise(table, HEADERS, headers)
    if columns.SITE_ID not in found:
        names = ", ".join(map(repr, table.cells.columns))
        remedy = f"name it site_id or Mã trạm, or say --map site_id=HEADER; it has {names}"
        defect = Defect(str(table.path), "has no column for the site identifier", remedy)
        raise InputError("missing columns", [defect, *_no_position(table, found)])
    if repeated := tables.repeated(table, found[columns.SITE_ID], columns.SITE_ID):
        raise InputError("the sites have no identifier", [repeated])
    return found


def _no_position(table: Table, found: Mapping[str, str]) -> tuple[Defect, ...]:
    try:
        if table.shapes is None:
            coordinates.columns_of(table, found)
    except InputError as error:
        return error.defects
    return ()


def _assumed(table: Table, found: Mapping[str, str]) -> list[str]:
    """Return what is assumed, and for how many sites."""
    defaults: dict[str, object] = {
        columns.OPERATOR: DEFAULT_OPERATOR,
        columns.TECHNOLOGIES: DEFAULT_TECHNOLOGIES,
        columns.HEIGHT_M: f"{DEFAULT_HEIGHT_M:g} m",
        columns.AZIMUTHS_DEG: DEFAULT_AZIMUTHS_DEG,
        columns.MAST_CLASS: "A2a in wards, A2b elsewhere",
        columns.STATUS: DEFAULT_STATUS,
    }
    said = []
    for column, default in defaults.items():
        header = found.get(column)
        empty = len(table.rows) if header is None else int((table.cells[header] == "").sum())
        if empty and header != columns.AZIMUTHS_DEG:
            said.append(f"{column} {default} for {empty} of {len(table.rows)} rows")
    return said


def parse(
    table: Table, found: Mapping[str, str], communes: GeoDataFrame, stated_crs: str | None = None
) -> tuple[GeoDataFrame, list[Defect]]:
    """Return a site per row, good or bad, and the defects by row."""
    points, commune, defects = coordinates.locate(table, found, communes, stated_crs)
    frame = {columns.SITE_ID: _cells(table, found, columns.SITE_ID)}
    defects += _identifier_defects(table, found)
    for column, (parser, problem) in _PARSERS.items():
        frame[column], wrong = _column(table, found, column, parser, problem)
        defects += wrong
    inside = np.maximum(_own_commune(table, found, points, commune, communes), 0)
    for column in (columns.COMMUNE_CODE, columns.DISTRICT_CODE):
        frame[column] = communes[column].to_numpy(object)[inside].tolist()
    kinds = communes[columns.COMMUNE_TYPE].to_numpy(object)[inside]
    setting = [SETTINGS.get(str(kind), "rural") for kind in kinds]
    frame[columns.CLUTTER] = _filled(_cells(table, found, columns.CLUTTER), setting)
    rooftop = ["A2a" if name == "urban" else "A2b" for name in setting]
    frame[columns.MAST_CLASS] = _filled(frame[columns.MAST_CLASS], rooftop)
    frame[columns.POSITION_ID] = list(_position_ids(table, found, points))
    sites = gpd.GeoDataFrame(
        pd.DataFrame(frame)[list(columns.BTS)], geometry=points.geometry, crs=crs.PLANNING
    )
    defects += _position_defects(table, found, sites)
    return sites, tables.by_row(defects)


def _own_commune(
    table: Table,
    found: Mapping[str, str],
    points: GeoDataFrame,
    commune: NDArray[np.int64],
    communes: GeoDataFrame,
) -> NDArray[np.int64]:
    """Let a site on a border keep the commune that the list names."""
    row_of = {code: i for i, code in enumerate(communes[columns.COMMUNE_CODE])}
    own = [row_of.get(code, -1) for code in tables.texts(table, found, columns.COMMUNE_CODE)]
    known = np.flatnonzero(np.array(own) >= 0)
    named = communes.geometry.to_numpy()[np.array(own)[known]]
    near = shapely.distance(points.geometry.to_numpy()[known], named) < coordinates.BORDER_M
    commune[known[near]] = np.array(own)[known[near]]
    return commune


def _cells(table: Table, found: Mapping[str, str], column: str) -> list[object]:
    header = found.get(column)
    return [""] * len(table.rows) if header is None else table.cells[header].tolist()


def _filled(values: list[object], default: list[str]) -> list[object]:
    return [value or instead for value, instead in zip(values, default, strict=True)]


def _column(
    table: Table, found: Mapping[str, str], column: str, parser: Parser, problem: str
) -> tuple[list[object], list[Defect]]:
    """Return the parsed values of a column, and a defect where the parser returns None."""
    values = [parser(str(text)) for text in _cells(table, found, column)]
    header = found.get(column)
    if column == columns.AZIMUTHS_DEG and header == column:  # our own files: empty means omni
        values = [
            value if text else "" for value, text in zip(values, table.cells[header], strict=True)
        ]
    wrong = [table.defect(i, problem, SKIP, header) for i, v in enumerate(values) if v is None]
    return values, wrong


def operator_name(text: str) -> str:
    """Return an operator under its usual name."""
    plain = tables.fold(text)
    return BRANDS.get(plain, text) if text else DEFAULT_OPERATOR


def generations(text: str) -> str | None:
    """Return the generations named, oldest first.

    >>> generations("LTE + NR, 3G")
    '3G/4G/5G'
    """
    words = [word for word in re.split(r"[^0-9a-z]+", ascii_name(text).casefold()) if word]
    known = [GENERATIONS.get(re.sub(r"(?<=[a-z])\d+$", "", word)) for word in words]
    if None in known:
        return None
    return "/".join(sorted({name for name in known if name})) or DEFAULT_TECHNOLOGIES


def antenna_height_m(text: str) -> float | None:
    """Return a height above ground, None when no mast is so high."""
    if not text:
        return DEFAULT_HEIGHT_M
    value = tables.number(re.sub(r"(?<=\d)\s*m$", "", text.casefold()))
    return value if value is not None and 0 < value <= HIGHEST_MAST_M else None


def _azimuths(text: str) -> str | None:
    """Return the azimuths of the sectors, '' for an omnidirectional antenna.

    >>> _azimuths("0; 120; 240°")
    '0/120/240'
    """
    if not text:
        return DEFAULT_AZIMUTHS_DEG
    if tables.fold(text).startswith("omni"):
        return ""
    parts = [part for part in BETWEEN_AZIMUTHS.split(text) if part]
    values = [tables.number(part) for part in parts]
    if not values or any(value is None or not 0 <= value <= 360 for value in values):
        return None
    return "/".join(f"{value % 360:g}" for value in values if value is not None)


def _mast_class(text: str) -> str | None:
    return MAST_CLASSES.get(tables.fold(text)) if text else ""


def _status(text: str) -> str:
    return DEFAULT_STATUS if not text or tables.fold(text) in LIVE else text


_PARSERS: dict[str, tuple[Parser, str]] = {
    columns.OPERATOR: (operator_name, "is not an operator"),
    columns.TECHNOLOGIES: (generations, "names no technology such as 3G/4G"),
    columns.HEIGHT_M: (antenna_height_m, f"is not a height above 0 and up to {HIGHEST_MAST_M:g} m"),
    columns.AZIMUTHS_DEG: (_azimuths, "is not a list of azimuths from 0 to 360, such as 0/120/240"),
    columns.MAST_CLASS: (_mast_class, "is not a mast class: A1, A2a or A2b"),
    columns.STATUS: (_status, "is not a status"),
}


def _identifier_defects(table: Table, found: Mapping[str, str]) -> list[Defect]:
    header = found[columns.SITE_ID]
    first: dict[str, int] = {}
    defects = []
    for i, name in enumerate(table.cells[header]):
        if not name:
            defects.append(table.defect(i, "the site has no identifier", SKIP, header))
        elif name in first:
            problem = f"the identifier is already that of row {first[name]}"
            defects.append(table.defect(i, problem, SKIP, header))
        else:
            first[name] = int(table.rows[i])
    return defects


def _position_ids(table: Table, found: Mapping[str, str], points: GeoDataFrame) -> list[str]:
    """Return the position of each site: the list's own, else that of the first site near it."""
    own = [str(name) for name in _cells(table, found, columns.POSITION_ID)]
    names = [str(name) for name in _cells(table, found, columns.SITE_ID)]
    labels = coordinates.cluster(points).tolist()
    shared: dict[int, str] = {}
    for label, name in zip(labels, own, strict=True):
        if name:
            shared.setdefault(label, name)
    taken = set(own)
    counts: dict[str, Iterator[int]] = {}
    for label, name in zip(labels, names, strict=True):
        if label not in shared:
            shared[label] = _free(f"P-{name}", taken, counts.setdefault(name, count(2)))
            taken.add(shared[label])
    return [name or shared[label] for name, label in zip(own, labels, strict=True)]


def _free(name: str, taken: Collection[str], numbers: Iterator[int]) -> str:
    """Return the name, with the next of the numbers after it if it is taken."""
    numbered = (f"{name}-{i}" for i in numbers)
    return next(candidate for candidate in chain([name], numbered) if candidate not in taken)


def _position_defects(table: Table, found: Mapping[str, str], sites: GeoDataFrame) -> list[Defect]:
    """Return defects of positions: two sites of one operator on it, or two places for it."""
    header = found.get(columns.POSITION_ID)
    first: dict[tuple[str, str], int] = {}
    place: dict[str, int] = {}
    defects = []
    located = np.flatnonzero(~sites.geometry.is_empty)
    for i in located.tolist():
        position, operator = sites[columns.POSITION_ID].iloc[i], sites[columns.OPERATOR].iloc[i]
        twin = first.setdefault((position, operator), i)
        if twin != i and operator != DEFAULT_OPERATOR:
            problem = f"{operator} already has a site on this position in row {table.rows[twin]}"
            remedy = "join the rows to one site with all its technologies, such as 3G/4G"
            defects.append(table.defect(i, problem, remedy, found[columns.SITE_ID]))
        before = place.setdefault(position, i)
        apart_m = sites.geometry.iloc[i].distance(sites.geometry.iloc[before])
        if header is not None and apart_m > SAME_POSITION_REACH_M:
            problem = f"the position is {apart_m:,.0f} m from where row {table.rows[before]} has it"
            defects.append(table.defect(i, problem, SKIP, header))
    return defects


def write_rejected(path: Path, table: Table, defects: Sequence[Defect]) -> None:
    """Write the rows left out, each with its row number, reasons and remedies, formulas disarmed.

    The mark at the start tells Excel that the file is UTF-8.
    """
    reasons: dict[int | None, list[str]] = {}
    for defect in defects:
        said = f"{defect.column}: {defect.problem}" if defect.column else defect.problem
        said += f" ({defect.remedy})" if defect.remedy not in {"", SKIP} else ""
        reasons.setdefault(defect.row, []).append(said)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([unarmed(str(name)) for name in (*table.cells.columns, "row", "reasons")])
    for cells, row in zip(table.cells.to_numpy(object), table.rows.tolist(), strict=True):
        if row in reasons:
            texts = [*map(str, cells), str(row), "; ".join(reasons[row])]
            writer.writerow([unarmed(text) for text in texts])
    write_text(path, "\ufeff" + buffer.getvalue())
