"""Read a planner's own list of base stations (BTS)."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata.files import guard, tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.network import azimuths, coordinates, layouts, positions, words
from phusong.geodata.network.words import DEFAULT_OPERATOR, DEFAULT_STATUS, DEFAULT_TECHNOLOGIES
from phusong.geodata.province import (
    NEIGHBOURS_M,
    OFF,
    PLANNED,
    TOWNSHIPS,
    WARDS,
    Provenance,
    SiteList,
)
from phusong.geodata.units import admin
from phusong.messages import Text, message

DEFAULT_HEIGHT_M = 30.0
HIGHEST_MAST_M = 200.0
HEIGHT = Measure(
    "m", 1e-9, HIGHEST_MAST_M, words=f"a height above 0 and up to {HIGHEST_MAST_M:g} m"
)
PLACEMARK = "Name"  # of a KML file: the identifier where no data field is one
FOLDER = "folder"  # of a KML file: the operator where all are called like one
SAME_POSITION_REACH_M = 200.0  # how far apart operators may survey one shared mast
# Of communes by type; the others are rural.
SETTINGS = {**dict.fromkeys(WARDS, "urban"), **dict.fromkeys(TOWNSHIPS, "township")}

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
    columns.ON_AIR: (
        *("ngayphatsong", "ngayhoatdong", "ngaykhaithac", "ngayduavaokhaithac", "ngayonair"),
        *("onairdate", "dateonair", "launchdate", "activationdate", "ngayphat", "thoidiemphatsong"),
    ),
    **admin.HEADERS,
    columns.CLUTTER: ("khuvuc", "khuvucdattram", "environment"),
    **positions.HEADERS,
}
SKIP = message("remedy.correct_it_or_leave_such_rows")

Parser = Callable[[str], object]


def read_sites(
    path: Path,
    communes: GeoDataFrame,
    *,
    skip_bad_rows: bool = False,
    rejected_csv: Path | None = None,
    stated: Stated = NOTHING,
) -> SiteList:
    """Return the base stations of a list, with columns.BTS in the planning CRS, and their origin.

    Any format of rows or features; English or Vietnamese headers. A site needs an identifier and
    a position; what else it lacks is assumed, and the provenance says so. Sites within 15 m of
    each other stand on one position unless the list says otherwise. Commune and district come
    from the position.

    Parameters
    ----------
    path
        The list.
    communes
        Communes of the province; a site farther outside than 30 km is a defect.
    skip_bad_rows
        Leave rows with a defect out instead of raising.
    rejected_csv
        Where to write the rows left out, with the reasons.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.

    Returns
    -------
    SiteList
        The sites, and their origin.

    Raises
    ------
    InputError
        With every defect of the list.
    """
    path = Path(path)
    with guard.unchanged(path):
        table = opened(tables.read(path, HEADERS, stated))
        header_of = headers_of(table)
        rejected = rejected_csv if skip_bad_rows else None
        read = usable(table, header_of, communes, skip=skip_bad_rows, rejected=rejected)
        note = "; ".join(read.notes)
        origin = Provenance("given", path.name, sha256=guard.digest(path), note=note)
        read.sites.attrs["stated"] = tuple(header_of)
        return SiteList(read.sites, origin)


def opened(table: Table) -> Table:
    """Return a table with the columns of a known layout, and a column for each coordinate."""
    return positions.split_positions(layouts.applied(table, layouts.LISTS))


class ParsedSites(NamedTuple):
    """What a table of sites holds: the sites, the defects of its rows, and what is to be said."""

    sites: GeoDataFrame
    defects: list[Defect]
    notes: list[str]


def usable(
    table: Table,
    header_of: Mapping[str, str],
    communes: GeoDataFrame,
    *,
    skip: bool,
    rejected: Path | None = None,
) -> ParsedSites:
    """Return the sites of a table; raise on a bad row, or skip it and write it to ``rejected``."""
    read = parse(table, header_of, communes)
    bad = leave_out(table, read.defects, "sites", skip=skip, rejected=rejected)
    listed = read.sites[~bad].reset_index(drop=True)
    notes = [
        *table.notes,
        *read.notes,
        *coordinates.reading_notes(table, header_of, communes),
        *tables.unused(table, header_of),
        *assumptions(table, header_of, len(listed)),
        *by_status(listed),
        *coordinates.neighbour_notes(listed, "sites"),
    ]
    return ParsedSites(listed, [], notes)


def leave_out(
    table: Table, defects: Sequence[Defect], what: str, *, skip: bool, rejected: Path | None
) -> NDArray[np.bool_]:
    """Return the rows with defects, written to ``rejected``; raise where they are not skipped.

    A defect of a whole column cannot be skipped with a row.
    """
    name = table.path.name
    whole = [defect for defect in defects if defect.row is None]
    if defects and (whole or not skip):
        raise InputError(
            message("refusal.is_not_a_usable_list_of_3", name=name, what=what), defects
        )
    bad = table.where(defects)
    if bad.all():
        raise InputError(
            message("refusal.holds_no_usable", name=name, removesuffix=what.removesuffix("s")),
            defects,
        )
    if defects and rejected is not None:
        tables.write_rejected(rejected, table, defects, SKIP)
    return bad


def by_status(sites: GeoDataFrame, what: str = "sites") -> list[str]:
    """Return how many sites of a list do not cover, and why; nothing where all are on air."""
    counts = sites[columns.STATUS].value_counts()
    planned, off = (int(counts.get(name, 0)) for name in (PLANNED, OFF))
    if not planned + off:
        return []
    live = len(sites) - planned - off
    others = f"{planned} planned are candidates, {off} switched off are neither"
    return [f"{live} {what} on air cover; {others}"]


def assumptions(table: Table, header_of: Mapping[str, str], used: int | None = None) -> list[str]:
    """Return what had to be assumed, and how many rows were left out where ``used`` were not."""
    assumed = _assumed(table, header_of)
    notes = ["assumed: " + "; ".join(assumed)] if assumed else []
    if used is not None and used < len(table.rows):
        notes.append(f"{len(table.rows) - used} of {len(table.rows)} rows left out")
    return notes


def headers_of(table: Table) -> dict[str, str]:
    """Return the headers of the columns of a site list; raise when it names no sites."""
    header_of = tables.recognise(table, HEADERS)
    named = table.path.suffix.lower() in {".kml", ".kmz"} and PLACEMARK in table.cells
    if columns.SITE_ID not in header_of and named:
        header_of[columns.SITE_ID] = PLACEMARK
    folders = set(table.cells.get(FOLDER, ())) - {""}
    brands = bool(folders) and all(tables.fold(folder) in words.brands() for folder in folders)
    if named and brands and columns.OPERATOR not in header_of:
        header_of[columns.OPERATOR] = FOLDER
    if columns.SITE_ID not in header_of:
        names = ", ".join(map(repr, table.cells.columns))
        remedy = message("remedy.name_it_site_id_or_m", names=names)
        defect = Defect(str(table.path), message("problem.has_no_column_for_the_site"), remedy)
        raise InputError(
            message("refusal.missing_columns"), [defect, *_no_position(table, header_of)]
        )
    if repeated := tables.repeated(table, header_of[columns.SITE_ID], columns.SITE_ID):
        raise InputError(message("refusal.the_sites_have_no_identifier"), [repeated])
    return header_of


def _no_position(table: Table, header_of: Mapping[str, str]) -> tuple[Defect, ...]:
    try:
        if table.shapes is None:
            positions.columns_of(table, header_of)
    except InputError as error:
        return error.defects
    return ()


def _assumed(table: Table, header_of: Mapping[str, str]) -> list[str]:
    """Return what is assumed, and for how many sites."""
    defaults: dict[str, object] = {
        columns.OPERATOR: DEFAULT_OPERATOR,
        columns.TECHNOLOGIES: DEFAULT_TECHNOLOGIES,
        columns.HEIGHT_M: f"{DEFAULT_HEIGHT_M:g} m",
        columns.AZIMUTHS_DEG: azimuths.DEFAULT_DEG,
        columns.MAST_CLASS: "A2a in wards, A2b elsewhere",
        columns.STATUS: DEFAULT_STATUS,
    }
    sentences = []
    for column, default in defaults.items():
        header = header_of.get(column)
        empty = len(table.rows) if header is None else int((table.cells[header] == "").sum())
        if empty and header != columns.AZIMUTHS_DEG:
            sentences.append(f"{column} {default} for {empty} of {len(table.rows)} rows")
    return sentences


def parse(table: Table, header_of: Mapping[str, str], communes: GeoDataFrame) -> ParsedSites:
    """Return a site per row, good or bad, the defects by row, and how numbers were read."""
    points, commune, defects = coordinates.locate(table, header_of, communes, NEIGHBOURS_M)
    frame: dict[str, Any] = {columns.SITE_ID: _cells(table, header_of, columns.SITE_ID)}
    defects += _identifier_defects(table, header_of)
    heights = tables.measured(table, header_of, columns.HEIGHT_M, HEIGHT)
    frame[columns.HEIGHT_M] = np.where(np.isnan(heights.values), DEFAULT_HEIGHT_M, heights.values)
    frame[columns.AZIMUTHS_DEG], wrong = _azimuths(table, header_of)
    for column, (parser, problem, remedy) in _PARSERS.items():
        frame[column], bad = _column(table, header_of, column, parser, problem, remedy)
        defects += bad
    defects += [*heights.defects, *wrong]
    inside = _own_commune(table, header_of, points, commune, communes)
    for column in (columns.COMMUNE_CODE, columns.DISTRICT_CODE, columns.COMMUNE_TYPE):
        frame[column] = coordinates.of_commune(communes, column, inside)
    kinds = frame.pop(columns.COMMUNE_TYPE)
    setting = [SETTINGS.get(str(kind), "rural") for kind in kinds]
    frame[columns.CLUTTER] = _filled(_cells(table, header_of, columns.CLUTTER), setting)
    rooftop = ["A2a" if name == "urban" else "A2b" for name in setting]
    frame[columns.MAST_CLASS] = _filled(frame[columns.MAST_CLASS], rooftop)
    frame[columns.POSITION_ID] = list(_position_ids(table, header_of, points))
    sites = gpd.GeoDataFrame(
        pd.DataFrame(frame)[_told(header_of)], geometry=points.geometry, crs=communes.crs
    )
    defects += _position_defects(table, header_of, sites)
    return ParsedSites(sites, tables.by_row(defects), heights.notes)


def _told(header_of: Mapping[str, str]) -> list[str]:
    """Return the columns of sites; with the day on air where the list has it."""
    return [*columns.BTS, *([columns.ON_AIR] if columns.ON_AIR in header_of else [])]


def _own_commune(
    table: Table,
    header_of: Mapping[str, str],
    points: GeoDataFrame,
    commune: NDArray[np.int64],
    communes: GeoDataFrame,
) -> NDArray[np.int64]:
    """Let a site on a border keep the commune that the list names."""
    row_of = {code: i for i, code in enumerate(communes[columns.COMMUNE_CODE])}
    own = [row_of.get(code, -1) for code in tables.texts(table, header_of, columns.COMMUNE_CODE)]
    known = np.flatnonzero(np.array(own) >= 0)
    named = communes.geometry.to_numpy()[np.array(own)[known]]
    near = shapely.distance(points.geometry.to_numpy()[known], named) < coordinates.BORDER_M
    commune[known[near]] = np.array(own)[known[near]]
    return commune


def _cells(table: Table, header_of: Mapping[str, str], column: str) -> list[object]:
    header = header_of.get(column)
    return [""] * len(table.rows) if header is None else table.cells[header].tolist()


def _filled(values: list[object], default: list[str]) -> list[object]:
    return [value or instead for value, instead in zip(values, default, strict=True)]


def _column(
    table: Table,
    header_of: Mapping[str, str],
    column: str,
    parser: Parser,
    problem: Text,
    remedy: Text,
) -> tuple[list[object], list[Defect]]:
    """Return the parsed values of a column, and a defect where the parser returns None."""
    texts = tables.texts(table, header_of, column)
    parsed = {text: parser(text) for text in dict.fromkeys(texts)}
    header = header_of.get(column)
    wrong = [
        table.defect(i, problem, remedy, header)
        for i, text in enumerate(texts)
        if parsed[text] is None
    ]
    return [parsed[text] for text in texts], wrong


def _azimuths(table: Table, header_of: Mapping[str, str]) -> tuple[list[str], list[Defect]]:
    """Return the azimuths of the sectors of every site as 0/120/240, '' all round."""
    header, texts = (
        header_of.get(columns.AZIMUTHS_DEG),
        tables.texts(table, header_of, columns.AZIMUTHS_DEG),
    )
    language = azimuths.language(dict.fromkeys(texts))
    empty = "" if header == columns.AZIMUTHS_DEG else azimuths.DEFAULT_DEG  # our own: empty is omni
    read: dict[str, str | Unreadable] = {"": empty}
    for text in dict.fromkeys(texts):
        if text:
            angles = azimuths.read(text, language, table.mark)
            read[text] = (
                Unreadable(angles)
                if isinstance(angles, str)
                else "/".join(f"{angle:g}" for angle in angles)
            )
    wrong = [
        table.defect(i, problem.words, SKIP, header)
        for i, text in enumerate(texts)
        if isinstance(problem := read[text], Unreadable)
    ]
    return ["" if isinstance(value := read[text], Unreadable) else value for text in texts], wrong


class Unreadable(NamedTuple):
    """Why a text cannot be read."""

    words: str


_PARSERS: dict[str, tuple[Parser, Text, Text]] = {
    columns.OPERATOR: (words.operator_name, message("problem.is_not_an_operator"), SKIP),
    columns.TECHNOLOGIES: (words.generations, message("problem.names_no_technology"), SKIP),
    columns.MAST_CLASS: (words.mast_class, message("problem.is_not_a_mast_class"), SKIP),
    columns.STATUS: (words.status, message("problem.is_not_a_known_status"), words.STATUS_WORDS),
    columns.ON_AIR: (words.day, message("problem.is_not_a_date"), words.DATE_FORMS),
}


def _identifier_defects(table: Table, header_of: Mapping[str, str]) -> list[Defect]:
    header = header_of[columns.SITE_ID]
    first: dict[str, int] = {}
    defects = []
    for i, name in enumerate(table.cells[header]):
        if not name:
            defects.append(
                table.defect(i, message("problem.the_site_has_no_identifier"), SKIP, header)
            )
        elif name in first:
            problem = message("problem.the_identifier_is_already_that_of_3", first=first[name])
            defects.append(table.defect(i, problem, SKIP, header))
        else:
            first[name] = int(table.rows[i])
    return defects


def _position_ids(table: Table, header_of: Mapping[str, str], points: GeoDataFrame) -> list[str]:
    """Return the position of each site: the list's own, else that of the first site near it."""
    own = [str(name) for name in _cells(table, header_of, columns.POSITION_ID)]
    names = [str(name) for name in _cells(table, header_of, columns.SITE_ID)]
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


def _position_defects(
    table: Table, header_of: Mapping[str, str], sites: GeoDataFrame
) -> list[Defect]:
    """Return defects of positions: an operator's technology twice on it, or two places for it."""
    header = header_of.get(columns.POSITION_ID)
    first: dict[tuple[str, str, str], int] = {}
    place: dict[str, int] = {}
    defects = []
    names = (columns.POSITION_ID, columns.OPERATOR, columns.TECHNOLOGIES)
    positions_, operators, technologies = (list(map(str, sites[name])) for name in names)
    located = np.flatnonzero(~sites.geometry.is_empty)
    apart_m = _from_first_m(sites.geometry.to_numpy(), positions_, located)
    for i in located.tolist():
        position, operator = positions_[i], operators[i]
        for technology in technologies[i].split("/"):
            twin = first.setdefault((position, operator, technology), i)
            if twin != i and operator != DEFAULT_OPERATOR:
                problem = message(
                    "problem.already_has_here_in_row",
                    operator=operator,
                    technology=technology,
                    rows=table.rows[twin],
                )
                remedy = message("remedy.keep_one_row_for_each_technology")
                defects.append(table.defect(i, problem, remedy, header_of[columns.SITE_ID]))
                break
        before = place.setdefault(position, i)
        if header is not None and apart_m[i] > SAME_POSITION_REACH_M:
            where = f"from where row {table.rows[before]} has it"
            problem = message("problem.the_position_is_m", apart_m=apart_m[i], where=where)
            defects.append(table.defect(i, problem, SKIP, header))
    return defects


def _from_first_m(
    shapes: NDArray[np.object_], names: Sequence[str], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how far each of some rows lies from the first of them with its name [m], else 0."""
    first: dict[str, int] = {}
    before = [first.setdefault(names[i], i) for i in rows.tolist()]
    apart_m = np.zeros(len(shapes))
    apart_m[rows] = shapely.distance(shapes[rows], shapes[np.array(before, np.int64)])
    return apart_m
