"""The columns of a table that give a position, and the coordinates in them, however written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import measures, numerals
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Names, Quantities, Table
from phusong.messages import message

FARTHEST_M = 1e7  # no easting or northing on Earth is larger
NEAREST_M = 10_000.0  # no easting or northing is usually smaller
LARGEST_DEGREES = 180.0
BOTH = "both axes"  # in one cell
FIRST, SECOND = "first axis", "second axis"  # X and Y, whose meaning depends on the surveyor
HEADERS: Names = {
    columns.LON: ("longitude", "long", "lng", "kinhdo", "toadokinhdo", "longitudedeg", "londeg"),
    columns.LAT: ("latitude", "vido", "toadovido", "latitudedeg", "latdeg"),
    columns.X_M: ("easting", "east", "toadodong", "eastingm", "e"),
    columns.Y_M: ("northing", "north", "toadobac", "northingm", "n"),
    BOTH: (
        *("toado", "toadogps", "gps", "latlng", "latlon", "latlong", "lonlat", "longlat"),
        *("latitudelongitude", "longitudelatitude", "coordinates", "coordinate", "coords"),
        *("toadovn2000", "toadowgs84", "vidokinhdo", "kinhdovido", "toadokinhdovido", "wkt"),
    ),
    FIRST: ("x", "toadox", "xvn2000", "vn2000x", "xcoord", "coordx"),
    SECOND: ("y", "toadoy", "yvn2000", "vn2000y", "ycoord", "coordy"),
}
_ANGLE = re.compile(  # 21°18'36.5"N, N 21 18 36.5, 21:18:36, 21°18.6', 21N18'36"
    r"^([NSEWBĐ]?)\s*(\d{1,3})\s*[°:\sdº-]\s*(\d{1,2}(?:[.,]\d+)?)"
    r"(?:\s*['′’:\sm-]\s*(\d{1,2}(?:[.,]\d+)?))?\s*(?:[\"″”s'′’m]|'')?\s*([NSEWBĐ]?)$",
    re.IGNORECASE,
)
_LETTER_WITHIN = re.compile(r"(\d{1,3})([NSEW])(\d{1,2}['′].*)", re.IGNORECASE)
LONGEST_ANGLE = 60  # characters; the pattern takes long over a row of spaces
_LETTERED = re.compile(r"([NSEWBĐ]?) ?([+-]?[\d.,' ]*\d)°? ?([NSEWBĐ]?)", re.IGNORECASE)
_ANGULAR = {tables.fold(name) for name in (columns.LON, columns.LAT)} | {
    *("longitude", "long", "lng", "kinhdo", "latitude", "vido"),
}
_DEGREE_MARKS = "°º:d"

Floats = NDArray[np.float64]


def split_positions(table: Table) -> Table:
    """Return a table in which a position of one cell ("21.31, 105.6") stands in two columns.

    Which part is which is told by its size, as for columns called X and Y.
    """
    header_of = tables.recognise(table, HEADERS, {})
    if table.shapes is not None or BOTH not in header_of or _has_pair(header_of):
        return table
    header = header_of[BOTH]
    parts = [_pair(text) for text in table.cells[header]]
    if not any(len(pair) == 2 for pair in parts):
        return table
    first, second = f"X ({header})", f"Y ({header})"
    texts = [pair if len(pair) == 2 else pair * 2 for pair in parts]
    cells = table.cells.assign(**{first: [a for a, _ in texts], second: [b for _, b in texts]})
    cells = cells.drop(columns=header)
    note = f"'{header}' holds both coordinates"
    return replace(table, cells=cells.astype(object), notes=(*table.notes, note))


def _pair(text: str) -> tuple[str, ...]:
    """Return the two coordinates of a cell, the text alone where there are not two."""
    plain = re.sub(r"(?i)^\s*point\s*|[()\[\]]", "", text).strip()
    for separator in (r"\s*[;/|\n]\s*", r",\s+", r"(?<=[NSEWBĐ])[\s,]+(?=\d)", r"\s+", r","):
        parts = [part for part in re.split(separator, plain) if part]
        if len(parts) == 2 and all(coordinate(part) is not None for part in parts):
            return tuple(parts)
    commas = plain.replace(" ", "").split(",")
    if len(commas) == 4:
        return f"{commas[0]},{commas[1]}", f"{commas[2]},{commas[3]}"
    return (text,)


def _has_pair(header_of: Mapping[str, str]) -> bool:
    pairs = ((columns.LON, columns.LAT), (columns.X_M, columns.Y_M), (FIRST, SECOND))
    return any(east in header_of and north in header_of for east, north in pairs)


def columns_of(table: Table, header_of: Mapping[str, str]) -> tuple[str, str]:
    """Return the headers of the two columns that give the position; raise if there are none."""
    pairs = ((columns.LON, columns.LAT), (columns.X_M, columns.Y_M), (FIRST, SECOND))
    for east, north in pairs:
        if east in header_of and north in header_of:
            return header_of[east], header_of[north]
    half = [header_of[name] for pair in pairs for name in pair if name in header_of]
    headers = ", ".join(map(repr, table.cells.columns))
    problem = message("problem.has_no_columns_for_the_position")
    if half:
        problem = message("problem.has_no_columns_for_the_position_beside", header=half[0])
    remedy = message("remedy.name_them_lon_and_lat_or", headers=headers)
    raise InputError(message("refusal.missing_columns"), [Defect(str(table.path), problem, remedy)])


def numbers(table: Table, name: str) -> Floats:
    """Return the coordinates of a column, NaN where there is none.

    A number whose decimals have marks of thousands (105.601.230) is read by its size.
    """
    cells = table.cells[name]
    values = pd.to_numeric(cells, errors="coerce").to_numpy(float)
    values = np.where(np.isfinite(values), values, np.nan)
    for i in np.flatnonzero(np.isnan(values)).tolist():
        value = coordinate(cells.iloc[i])
        values[i] = np.nan if value is None else value
    for i in np.flatnonzero(~(np.abs(values) <= FARTHEST_M)).tolist():
        values[i] = _regrouped(cells.iloc[i], values[i], name)
    usual = np.nanmedian(np.abs(values)) if np.isfinite(values).any() else np.nan
    if usual > LARGEST_DEGREES:
        for i in np.flatnonzero(np.abs(values) < NEAREST_M).tolist():
            other = numerals.readings(cells.iloc[i]).comma
            values[i] = other if other is not None and other >= NEAREST_M else values[i]
    return values


def degrees(table: Table, header_of: Mapping[str, str], column: str, limit: float) -> Quantities:
    """Return the longitudes or latitudes of a column, NaN where it says nothing or is wrong."""
    if column not in header_of:
        return Quantities(np.full(len(table.rows), np.nan))
    values = numbers(table, header_of[column])
    wrong = ~(np.abs(values) <= limit) & (table.cells[header_of[column]] != "").to_numpy(bool)
    problem = message("problem.is_not_a_number_from_to", value=-limit, limit=limit)
    defects = [
        table.defect(i, problem, "", header_of[column]) for i in np.flatnonzero(wrong).tolist()
    ]
    return Quantities(np.where(wrong, np.nan, values), defects)


def regrouped(table: Table, headers: Sequence[str]) -> list[str]:
    """Return how coordinates with marks of thousands in their decimals were read."""
    return [
        f"'{text}' under '{name}' was read as {numbers(table, name)[0]:.10g}"
        for name in headers
        for text in table.cells[name].head(1)
        if numerals.broken(text) is not None
    ]


def _regrouped(text: str, value: float, header: str) -> float:
    """Return a coordinate that was given marks of thousands, as degrees or as metres."""
    options = numerals.broken(text)
    if options is None:
        return value
    degrees, metres = options
    angular = tables.fold(header) in _ANGULAR or not NEAREST_M <= metres <= FARTHEST_M
    return degrees if angular and abs(degrees) <= LARGEST_DEGREES else metres


@lru_cache(400_000)
def coordinate(text: str) -> float | None:
    """Return a coordinate: a number, or degrees, minutes and seconds in any usual form.

    >>> coordinate("105 36 18"), coordinate("N21°18.6'"), coordinate("2 356 283,5")
    (105.605, 21.31, 2356283.5)
    >>> coordinate("105.6 E"), coordinate("560500 m"), coordinate("21.31°N")
    (105.6, 560500.0, 21.31)
    """
    angle = in_degrees(text)
    if angle is not None:
        return angle
    lettered = _LETTERED.fullmatch(numerals.clean(text))
    if lettered:
        sign = -1 if (lettered[1] or lettered[3] or "").upper() in {"S", "W"} else 1
        value = numerals.number(lettered[2])
        return None if value is None else sign * value
    bare, unit = measures.split(text)
    if unit and measures.conversion(unit, "m") is not None:
        value = numerals.number(bare)
        return None if value is None else float(measures.conversion(unit, "m")(value))  # type: ignore[misc]
    return numerals.number(text)


def in_degrees(text: str) -> float | None:
    """Return the angle that degrees, minutes and seconds give, None for any other text."""
    text = _LETTER_WITHIN.sub(r"\1°\3\2", text) if len(text) <= LONGEST_ANGLE else ""
    parts = _ANGLE.match(text.strip()) if text else None
    if parts is None or (parts[4] is None and not set(text) & set(_DEGREE_MARKS)):
        return None
    degrees, minutes, seconds = (float((p or "0").replace(",", ".")) for p in parts.groups()[1:4])
    if degrees > 180 or minutes >= 60 or seconds >= 60:
        return None
    sign = -1 if (parts[1] or parts[5]).upper() in {"S", "W"} else 1
    return sign * round(degrees + minutes / 60 + seconds / 3600, 12)
