"""Which planned station each built one is, and whether it came in time."""

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong import columns as col

ON_TIME, EARLY, LATE, UNDATED = "on_time", "early", "late", "undated"
NOT_BUILT, NOT_DUE, ELSEWHERE = "not_built", "not_due", "elsewhere"
BUILT = (ON_TIME, EARLY, LATE, UNDATED)  # where planned
STATUSES = (*BUILT, NOT_BUILT, NOT_DUE, ELSEWHERE)
WITHIN_M = 100.0  # a new mast is found within so much of where it is drawn
NOBODY = -1

Rows = NDArray[np.int64]


def years_built(built: GeoDataFrame, as_of: str) -> Rows:
    """Return the year in which each station went on air; undated ones count in the last."""
    return np.array([int((day or as_of)[:4]) for day in built[col.ON_AIR]], np.int64)


def paired(planned: GeoDataFrame, built: GeoDataFrame, within_m: float) -> Rows:
    """Return the row of the built station that each planned one is, ``NOBODY`` where none is.

    The nearest two within the distance are one station, then the nearest of those left. Where a
    plan names operators only a station of one of them is it.
    """
    row = np.full(len(planned), NOBODY, np.int64)
    if planned.empty or built.empty:
        return row
    near = cKDTree(_xy_m(planned)).sparse_distance_matrix(
        cKDTree(_xy_m(built)), within_m, output_type="ndarray"
    )
    order = np.lexsort((near["j"], near["i"], near["v"]))
    taken: set[int] = set()
    operators = [list(planned[col.OPERATOR]), list(built[col.OPERATOR])]
    for i, j in zip(near["i"][order].tolist(), near["j"][order].tolist(), strict=True):
        if row[i] == NOBODY and j not in taken and _may_be(operators[0][i], operators[1][j]):
            row[i] = j
            taken.add(j)
    return row


def _may_be(planned: str, built: str) -> bool:
    """Return whether a station of an operator may be one that a plan has for these.

    >>> _may_be("", "B"), _may_be("A, B", "B"), _may_be("C", "B")
    (True, True, False)
    """
    return not planned or built in planned.split(", ")


def _xy_m(frame: GeoDataFrame) -> NDArray[np.float64]:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def before_plan(
    live: GeoDataFrame, built: GeoDataFrame, within_m: float, first_year: int
) -> NDArray[np.bool_]:
    """Return which stations of a list are those that the plan began with.

    They stand within the distance of one of its own operator, and have no date or one before the
    first year of the plan.
    """
    row = paired(live.reset_index(drop=True), built, within_m)
    known = np.zeros(len(built), bool)
    known[row[row != NOBODY]] = True
    early = np.array([day < f"{first_year}-01-01" for day in built[col.ON_AIR]], bool)
    return np.asarray(known & early, bool)


def stations(
    planned: GeoDataFrame, built: GeoDataFrame, within_m: float, as_of: str
) -> GeoDataFrame:
    """Return every planned station, then those built elsewhere (columns.AS_BUILT_STATIONS)."""
    row = paired(planned, built, within_m)
    there = row != NOBODY
    year = years_built(built, as_of)
    others = np.setdiff1d(np.arange(len(built)), row[there])
    first = planned.assign(
        **{
            col.STATUS: _statuses(planned, built, row, as_of),
            col.PLANNED_SITE_ID: planned[col.SITE_ID],
            col.PLANNED_YEAR: planned[col.YEAR].astype("Int64"),
            **_of_built(built, year, row),
            col.AWAY_M: _away_m(planned, built, row),
        }
    )
    rest = built.iloc[others].assign(
        **{
            col.STATUS: ELSEWHERE,
            col.PLANNED_SITE_ID: "",
            col.PLANNED_YEAR: pd.array([pd.NA] * len(others), "Int64"),
            **_of_built(built, year, others),
            col.AWAY_M: np.nan,
            col.RANK: pd.array([pd.NA] * len(others), "Int64"),
            col.KIND: "",
            col.ZONE_ID: "",
        }
    )
    first[col.OPERATOR] = np.where(there, first[col.OPERATOR], planned[col.OPERATOR])
    first[col.RANK] = first[col.RANK].astype("Int64")
    names = [*col.AS_BUILT_STATIONS, "geometry"]
    return GeoDataFrame(pd.concat([first[names], rest[names]], ignore_index=True), crs=planned.crs)


def _statuses(planned: GeoDataFrame, built: GeoDataFrame, row: Rows, as_of: str) -> list[str]:
    due = planned[col.YEAR].to_numpy(np.int64)
    year = np.append(years_built(built, as_of), 0)[row]
    dated = np.append((built[col.ON_AIR] != "").to_numpy(bool), False)[row]
    over = np.array([f"{year}-12-31" <= as_of for year in due.tolist()], bool)
    missing = np.where(over, NOT_BUILT, NOT_DUE)
    dated_ = np.select([year < due, year > due], [EARLY, LATE], ON_TIME)
    status = np.where(row == NOBODY, missing, np.where(dated, dated_, UNDATED))
    return [str(name) for name in status]


def _of_built(built: GeoDataFrame, year: Rows, row: Rows) -> dict[str, object]:
    """Return what a list says of the stations in some of its rows, nothing where there is none."""
    there = row != NOBODY
    texts = {
        col.BUILT_SITE_ID: built[col.SITE_ID],
        col.OPERATOR: built[col.OPERATOR],
        col.ON_AIR: built[col.ON_AIR],
    }
    told: dict[str, object] = {
        name: np.where(there, np.append(values.to_numpy(object), "")[row], "")
        for name, values in texts.items()
    }
    years = pd.array(np.append(year, 0)[row], "Int64")
    years[~there] = pd.NA
    return told | {col.BUILT_YEAR: years}


def _away_m(planned: GeoDataFrame, built: GeoDataFrame, row: Rows) -> NDArray[np.float64]:
    """Return how far each planned station was built from where it was planned, in whole metres."""
    away = np.full(len(row), np.nan)
    there = row != NOBODY
    if there.any():
        gap = _xy_m(planned)[there] - _xy_m(built)[row[there]]
        away[there] = np.round(np.hypot(*gap.T))
    return away
