"""Find coordinates that were written wrong, by what they would be with one slip undone."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from phusong import columns as col
from phusong.errors import Defect
from phusong.geodata.files.tables import Table, number
from phusong.messages import message

EARTH_M = 6_371_008.8
# No cell is received beyond 35 km (the timing advance of GSM), so the middle of its samples is
# not farther than this.
REACH_M = 50_000.0
CLEAR = 3.0  # a second reading must lie so many times farther away
DIGITS = "0123456789"
_PLAIN = re.compile(r"[-+]?\d{1,12}(?:[.,]\d{0,12})?")  # a number without other marks
# The least slip first: of readings that come to the same, the first names it.
SLIPS = ("the decimal point is moved", "a digit is missing", "the sign is turned")

Floats = NDArray[np.float64]


def apart_m(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> Floats:
    """Return distances over a sphere between places in degrees."""
    lon, lat, other_lon, other_lat = (np.radians(v) for v in (lon, lat, other_lon, other_lat))
    half = (
        np.sin((other_lat - lat) / 2.0) ** 2
        + np.cos(lat) * np.cos(other_lat) * np.sin((other_lon - lon) / 2.0) ** 2
    )
    return np.asarray(2.0 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))), float)


def readings(text: str) -> dict[float, str]:
    """Return what a number may have been before one slip: value and slip.

    >>> -34.89272 in readings("-3.489272"), 105.59 in readings("10.59")
    (True, True)
    """
    value = number(text) if _PLAIN.fullmatch(text.strip()) else None
    if value is None:
        return {}
    digits = text.strip().lstrip("+-").replace(",", ".")
    whole, _, part = digits.partition(".")
    joined, sign = whole + part, -1.0 if value < 0 else 1.0
    moved = [f"{joined[:i]}.{joined[i:]}" for i in range(1, len(joined) + 1) if i != len(whole)]
    longer = [digits[:i] + digit + digits[i:] for i in range(len(digits) + 1) for digit in DIGITS]
    slips: dict[float, str] = {}
    for slip, texts in zip(SLIPS, (moved, longer, [f"-{digits}"]), strict=True):
        for each in texts:
            slips.setdefault(sign * float(each), slip)
    slips.pop(value, None)
    return slips


def repair(
    table: Table, header_of: Mapping[str, str], cells: pd.DataFrame, middles: Floats
) -> tuple[list[Defect], list[Defect]]:
    """Put cells that stand out of reach of their samples where one slip undone lets them stand.

    ``cells`` is changed in place. A reading counts when it brings the cell within reach of the
    middle of its samples, and alone: another slip of the same coordinate must leave it three
    times as far.

    Parameters
    ----------
    table, found
        The list of cells and its headers.
    cells
        Its rows, with longitude and latitude.
    middles
        Longitude and latitude of the middle of each cell's samples, NaN where none was heard.

    Returns
    -------
    The repairs, and the cells for which there is none.
    """
    lon, lat = cells[col.LON].to_numpy(float), cells[col.LAT].to_numpy(float)
    away_m = apart_m(lon, lat, middles[:, 0], middles[:, 1])
    repairs, misplaced = [], []
    for i in np.flatnonzero(away_m > REACH_M).tolist():
        problem = message("problem.lies_km_from_the_middle_of", away_m=away_m[i] / 1000.0)
        better = _undone(table, header_of, i, (lon[i], lat[i]), tuple(middles[i]))
        if better is None:
            remedy = message("remedy.correct_it_no_single_slip_explains")
            misplaced.append(table.defect(i, problem, remedy, header_of[col.LON]))
            continue
        name, value, slip, near_m = better
        cells.loc[cells.index[i], name] = value
        remedy = message(
            "remedy.read_as_km_from_them", slip=slip, value=value, near_m=near_m / 1000.0
        )
        repairs.append(
            table.defect(
                i, problem, message("remedy.correct_the_list", remedy=remedy), header_of[name]
            )
        )
    return repairs, misplaced


def _undone(
    table: Table,
    header_of: Mapping[str, str],
    i: int,
    place: tuple[float, float],
    middle: tuple[float, float],
) -> tuple[str, float, str, float] | None:
    """Return column, value, slip and distance of the one reading that fits, or nothing."""
    options = []
    for axis, name in enumerate((col.LON, col.LAT)):
        for value, slip in readings(str(table.cells[header_of[name]].iloc[i])).items():
            at = (value, place[1]) if axis == 0 else (place[0], value)
            if abs(at[0]) <= 180.0 and abs(at[1]) <= 90.0:
                options.append((float(apart_m(*at, *middle)), name, value, slip))
    options.sort()
    fits = [option for option in options if option[0] <= REACH_M]
    if not fits or (len(fits) > 1 and fits[1][0] < CLEAR * fits[0][0]):
        return None
    near_m, name, value, slip = fits[0]
    return name, value, slip, near_m
