"""Audit a drive test: impossible levels, cells at the vehicle, cells that lost a digit."""

from collections.abc import Iterable, Mapping

import numpy as np

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata import positions, tables
from phusong.geodata.findings import Finding
from phusong.geodata.tables import Names, Table

RSRP, CELL_LON, CELL_LAT = "rsrp", "longitude of the cell", "latitude of the cell"
HEADERS: Names = {
    RSRP: ("rsrpdbm", "ssrsrp", "rxlev"),
    CELL_LON: ("celllon", "celllongitude", "kinhdocell"),
    CELL_LAT: ("celllat", "celllatitude", "vidocell"),
    col.LON: positions.HEADERS[col.LON],
    col.LAT: positions.HEADERS[col.LAT],
}
MEASURED = ("rsrp", "rsrpdbm", "ssrsrp", "rxlev", "plreal")  # folded headers of a drive test
WEAKEST_DBM, STRONGEST_DBM = -156.0, -31.0  # TS 38.133 table 10.1.6.1-1
SAME_DEG = 2e-4  # 20 m: no road leads so close to a mast
NEAR_DEG = 1.0
SCALES = {10.0: "a digit is missing", 0.1: "a digit is too many"}
_LEVEL = "one impossible level moves the mean of its pixel"
_AT_VEHICLE = "the distance is nought and no model fits it"


def audit(table: Table) -> list[Finding]:
    """Return the rows of a drive test that no calibration should use."""
    found = tables.recognise(table, HEADERS)
    return [*_levels(table, found), *_at_vehicle(table, found)]


def centre(table: Table) -> tuple[float, float] | None:
    """Return the median longitude and latitude of what was measured."""
    lon, lat = _degrees(table, tables.recognise(table, HEADERS))
    if not np.isfinite(lon).any() or not np.isfinite(lat).any():
        return None
    return float(np.nanmedian(lon)), float(np.nanmedian(lat))


def lost_digits(table: Table, places: Mapping[str, tuple[float, float]]) -> list[Finding]:
    """Find rows that lie far from every measurement, but near one with a digit more or less.

    Parameters
    ----------
    table : list of sites or cells.
    places : centre of each file of measurements beside it.
    """
    found = tables.recognise(table, HEADERS)
    lon, lat = _degrees(table, found)
    findings = []
    for i, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        for column, scale, what, name in _near(x, y, places):
            value = (x if column == col.LON else y) * scale
            problem = f"{what}: {value:.9g} lies among the measurements of {name}"
            defect = table.defect(i, problem, "correct it in the list", found[column])
            findings.append(Finding("error", defect, "lost-digit", "the cell is on another coast"))
            break
    return findings


def _near(
    x: float, y: float, places: Mapping[str, tuple[float, float]]
) -> Iterable[tuple[str, float, str, str]]:
    def close(x: float, y: float, place: tuple[float, float]) -> bool:
        return abs(x - place[0]) < NEAR_DEG and abs(y - place[1]) < NEAR_DEG

    if any(close(x, y, place) for place in places.values()):
        return
    for name, place in places.items():
        for scale, what in SCALES.items():
            if close(x * scale, y, place):
                yield col.LON, scale, what, name
            elif close(x, y * scale, place):
                yield col.LAT, scale, what, name


def _degrees(table: Table, found: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray]:
    values = [
        np.array([np.nan if v is None else v for v in map(positions.coordinate, texts)], float)
        for texts in (tables.texts(table, found, col.LON), tables.texts(table, found, col.LAT))
    ]
    return values[0], values[1]


def _levels(table: Table, found: Mapping[str, str]) -> Iterable[Finding]:
    for i, text in enumerate(tables.texts(table, found, RSRP)):
        value = tables.number(text) if text else None
        if value is None or not WEAKEST_DBM <= value <= STRONGEST_DBM:
            problem = f"is not a level of {WEAKEST_DBM:g} to {STRONGEST_DBM:g} dBm"
            if RSRP in found:
                defect = table.defect(i, problem, "leave the row out", found[RSRP])
                yield Finding("warning", defect, "impossible-level", _LEVEL)


def _at_vehicle(table: Table, found: Mapping[str, str]) -> Iterable[Finding]:
    if not {CELL_LON, CELL_LAT, col.LON, col.LAT} <= set(found):
        return
    texts = [tables.texts(table, found, name) for name in (col.LON, CELL_LON, col.LAT, CELL_LAT)]
    for i, cells in enumerate(zip(*texts, strict=True)):
        here = [tables.number(cell) for cell in cells]
        x, cell_x, y, cell_y = (np.nan if value is None else value for value in here)
        if abs(x - cell_x) < SAME_DEG and abs(y - cell_y) < SAME_DEG:
            defect = table.defect(i, "the cell lies at the vehicle", "leave the row out")
            yield Finding("warning", defect, "cell-at-vehicle", _AT_VEHICLE, x, y)


def told(path: str, number: int) -> Finding:
    """Return the note that a file holds measurements."""
    return Finding("note", Defect(path, f"{number:,} measurements: phusong calibrate reads them"))
