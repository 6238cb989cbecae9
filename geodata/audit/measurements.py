"""Audit a drive test: impossible levels, cells at the vehicle, cells that lost a digit."""

from collections.abc import Iterable, Mapping

import numpy as np

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata.audit.findings import Finding
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.measured import measurements
from phusong.geodata.network import positions
from phusong.messages import message

SAME_DEG = 2e-4  # 20 m: no road leads so close to a mast
NEAR_DEG = 1.0
SCALES = {10.0: "problem.a_digit_is_missing", 0.1: "problem.a_digit_is_too_many"}
_LEVEL = message("why.one_impossible_level_moves_the_mean")
_AT_VEHICLE = message("why.the_distance_is_nought_and_no")
_SEVERAL = message("why.their_sectors_look_different_ways_so")


holds_levels, are_logged = measurements.holds_levels, measurements.are_logged


def audit(table: Table) -> list[Finding]:
    """Return the rows of a drive test that no calibration should use, and what is usable."""
    table = measurements.opened(table)
    header_of = tables.tentative(table, measurements.HEADERS)
    rows = [
        *_levels(table, header_of),
        *_at_vehicle(table, header_of),
        *_shared_places(table, header_of),
    ]
    return [*rows, *_usable(table)]


def centre(table: Table) -> tuple[float, float] | None:
    """Return the median longitude and latitude of what was measured."""
    lon, lat = _degrees(table, tables.tentative(table, measurements.HEADERS))
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
    header_of = tables.tentative(table, measurements.HEADERS)
    lon, lat = _degrees(table, header_of)
    findings = []
    for i, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        for column, scale, what, name in _near(x, y, places):
            value = (x if column == col.LON else y) * scale
            problem = message(what, value=f"{value:.9g}", name=name)
            defect = table.defect(
                i, problem, message("remedy.correct_it_in_the_list"), header_of[column]
            )
            findings.append(
                Finding("error", defect, "lost-digit", message("why.the_cell_is_on_another_coast"))
            )
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


def _degrees(table: Table, header_of: Mapping[str, str]) -> tuple[np.ndarray, np.ndarray]:
    values = [
        np.array([np.nan if v is None else v for v in map(positions.coordinate, texts)], float)
        for texts in (
            tables.texts(table, header_of, col.LON),
            tables.texts(table, header_of, col.LAT),
        )
    ]
    return values[0], values[1]


def _levels(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Find levels that no handset reports and losses that no receiver survives."""
    limits = {
        col.RSRP_DBM: (
            measurements.LOWEST_DBM,
            measurements.HIGHEST_DBM,
            "problem.is_not_a_level_of",
        ),
        col.PATH_LOSS_DB: (*measurements.LOSS_DB, "problem.is_not_a_loss_of"),
    }
    others = measurements.of_others(table, header_of)
    for column, (low, high, what) in limits.items():
        unit = "dB" if column == col.PATH_LOSS_DB else "dBm"
        for i, text in enumerate(
            tables.texts(table, header_of, column) if column in header_of else ()
        ):
            value = tables.quantity(text, unit) if text else None
            if not others[i] and (value is None or not low <= value <= high):
                problem = message(what, low=low, high=high)
                defect = table.defect(
                    i, problem, message("remedy.leave_the_row_out"), header_of[column]
                )
                yield Finding("warning", defect, "impossible-level", _LEVEL)


def _at_vehicle(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    if not {col.CELL_LON, col.CELL_LAT, col.LON, col.LAT} <= set(header_of):
        return
    names = (col.LON, col.CELL_LON, col.LAT, col.CELL_LAT)
    texts = [tables.texts(table, header_of, name) for name in names]
    for i, cells in enumerate(zip(*texts, strict=True)):
        here = [positions.coordinate(cell) for cell in cells]
        x, cell_x, y, cell_y = (np.nan if value is None else value for value in here)
        if abs(x - cell_x) < SAME_DEG and abs(y - cell_y) < SAME_DEG:
            defect = table.defect(
                i,
                message("problem.the_cell_lies_at_the_vehicle"),
                message("remedy.leave_the_row_out"),
            )
            yield Finding("warning", defect, "cell-at-vehicle", _AT_VEHICLE, x, y)


def _shared_places(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Tell that cells are known by their place only, where several sectors may stand."""
    if not {col.CELL_LON, col.CELL_LAT} <= set(header_of) or {col.CELL_ID, col.PCI} & set(
        header_of
    ):
        return
    keys = (col.CELL_LON, col.CELL_LAT, col.FREQUENCY_MHZ)
    cells = set(zip(*(tables.texts(table, header_of, name) for name in keys), strict=True))
    places = [cell[:2] for cell in cells]
    several = sum(places.count(place) > 1 for place in set(places))
    problem = message(
        "problem.cells_are_told_by_place_only", places=len(set(places)), several=several
    )
    defect = Defect(str(table.path), problem, message("remedy.give_a_column_cell_id_or"))
    yield Finding("note", defect, "shared-place", _SEVERAL)


def _usable(table: Table) -> Iterable[Finding]:
    """Tell how many samples a calibration takes and which it leaves out; why it takes none."""
    try:
        read = measurements.read(table.path, table.stated)
    except InputError as error:
        for defect in error.defects:
            yield Finding(
                "error", defect, "unusable", message("why.phusong_calibrate_cannot_use_the_file")
            )
        return
    counts = {"rows": read.rows, "usable": len(read.samples)}
    out = [f"{count:,} {why}" for why, count in read.left_out.items() if count]
    problem = message("problem.measurements_usable", **counts)
    if out:
        problem = message("problem.measurements_usable_left_out", out=out, **counts)
    yield Finding("note", Defect(str(table.path), problem), "measurements")
    notes = [note for note in read.notes if note not in table.notes]
    yield from (Finding("note", Defect(str(table.path), note), "reading") for note in notes)
