"""Which commune a row of a list names, whatever way it writes it."""

import difflib
import re
import unicodedata
from collections.abc import Mapping

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns
from phusong.geodata import reference
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Names, Table

HEADERS: Names = {
    columns.COMMUNE_CODE: ("maxa", "maphuongxa", "madvhc", "wardcode"),
    columns.COMMUNE: (
        *("xa", "tenxa", "xaphuong", "phuongxa", "xaphuongthitran", "xaphuongtt", "phuong"),
        *("tenphuongxa", "ward", "wardname", "communename"),
    ),
    columns.DISTRICT: (
        *("huyen", "tenhuyen", "quanhuyen", "huyenthanhpho", "huyenthixa", "districtname"),
    ),
}
NEAR = 0.8  # of the letters that must agree
NOT_SAID, UNKNOWN, SEVERAL = -1, -2, -3
_SHORT = "p|tt|tx|tp|x|h"
_TYPE = re.compile(  # Phường, not the name Phương
    rf"^\s*(?:phường|thị trấn|thị xã|thành phố|huyện|quận|xã|{_SHORT})[.\s]+(?=\S)", re.IGNORECASE
)
_PLAIN_TYPE = re.compile(
    rf"^\s*(?:phuong|thi tran|thi xa|thanh pho|huyen|quan|xa|{_SHORT})[.\s]+(?=\S)", re.IGNORECASE
)


def plain(name: str) -> str:
    """Return a unit's name as it is compared: without type, diacritics and case.

    >>> plain("Phường Tích Sơn"), plain("TT. Hợp Châu"), plain("xa Xuan Loi"), plain("Phương Khoan")
    ('tichson', 'hopchau', 'xuanloi', 'phuongkhoan')
    """
    kind = _PLAIN_TYPE if name.isascii() else _TYPE
    return tables.fold(kind.sub("", unicodedata.normalize("NFC", name)))


def rows_named(
    table: Table, header_of: Mapping[str, str], communes: GeoDataFrame
) -> NDArray[np.int64]:
    """Return for each row the commune that it names by code or name.

    ``NOT_SAID`` where the row names none, ``UNKNOWN`` where no commune is called so and
    ``SEVERAL`` where more than one is.
    """
    codes = {code: i for i, code in enumerate(communes[columns.COMMUNE_CODE])}
    by_name = _by_name(communes)
    cells_of = [
        tables.texts(table, header_of, column)
        for column in (columns.COMMUNE_CODE, columns.COMMUNE, columns.DISTRICT)
    ]
    rows = [
        _row((code, name, district), codes, by_name)
        for code, name, district in zip(*cells_of, strict=True)
    ]
    return np.array(rows, np.int64)


def _by_name(communes: GeoDataFrame) -> dict[str, list[tuple[int, str]]]:
    """Return the rows of each name with the district they are in."""
    rows_of: dict[str, list[tuple[int, str]]] = {}
    if columns.NAME in communes:
        districts = communes.get(columns.DISTRICT, communes.index)
        for i, (name, district) in enumerate(zip(communes[columns.NAME], districts, strict=True)):
            rows_of.setdefault(plain(str(name)), []).append((i, plain(str(district))))
    return rows_of


def _row(
    texts: tuple[str, str, str],
    codes: Mapping[str, int],
    by_name: Mapping[str, list[tuple[int, str]]],
) -> int:
    code, name, district = texts
    if code:
        return codes.get(code.zfill(5) if code.isdigit() else code, UNKNOWN)
    if not name:
        return NOT_SAID
    hits = by_name.get(plain(name)) or by_name.get(tables.fold(name), [])
    near = [hit for hit in hits if plain(district) == hit[1]] if district else []
    hits = near or hits
    return SEVERAL if len(hits) > 1 else hits[0][0] if hits else UNKNOWN


def near(name: str, communes: GeoDataFrame) -> str:
    """Return the commune whose name is nearest to one that is misspelt, '' where none is near."""
    known = {plain(str(own)): str(own) for own in communes.get(columns.NAME, ())}
    matches = difflib.get_close_matches(plain(name), known, 1, NEAR) if name else []
    return known[matches[0]] if matches else ""


def is_later_unit(name: str) -> bool:
    """Return whether a commune is called so since the merger of 1 July 2025."""
    known = reference.table("communes")["ward2025"]
    return plain(name) in set(known.map(plain))
