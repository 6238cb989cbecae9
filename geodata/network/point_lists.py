"""Read a planner's own lists of points: places with optical fibre, and points of demand."""

from pathlib import Path

import numpy as np
from geopandas import GeoDataFrame

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated
from phusong.geodata.network import coordinates, positions
from phusong.messages import message

HEADERS: Names = {
    columns.POSITION_ID: (
        *("mavitri", "macot", "madiem", "matram", "siteid", "pointid", "nodeid"),
        *("id", "ma", "name", "ten", "tendiem"),
    ),
    **positions.HEADERS,
}


DEMAND_HEADERS: Names = {
    columns.NAME: ("ten", "tendiem", "tentruong", "title"),
    columns.WEIGHT: ("trongso", "quymo", "soluong", "capacity", "size"),
    **positions.HEADERS,
}
WEIGHT = Measure("", 0.0, words="a number of 0 or more")


def read_fibre(path: Path, communes: GeoDataFrame, stated: Stated = NOTHING) -> GeoDataFrame:
    """Return the fibre points of a list, with position_id, in the planning CRS.

    CSV, GeoJSON, GeoPackage or shapefile; the identifier, where there is one, is that of the
    existing position the fibre ends at or any other name. Points without one are counted.
    ``attrs["notes"]`` of the frame say how the list was read.

    Parameters
    ----------
    path
        The file.
    communes
        Communes with ``columns.COMMUNES``, in the planning CRS.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.

    Returns
    -------
    GeoDataFrame
        One row a point.

    Raises
    ------
    InputError
        With every defect of the list, and where no point is left.
    """
    table = positions.split_positions(tables.read(path, HEADERS, stated))
    header_of = tables.recognise(table, HEADERS)
    points, _, defects = coordinates.locate(table, header_of, communes)
    own = tables.texts(table, header_of, columns.POSITION_ID)
    names = [name or f"F{row}" for name, row in zip(own, table.rows, strict=True)]
    first: dict[str, int] = {}
    for i, name in enumerate(names):
        if name in first:
            problem = message(
                "problem.the_identifier_is_already_that_of", rows=table.rows[first[name]]
            )
            defects.append(table.defect(i, problem, "", header_of.get(columns.POSITION_ID)))
        first.setdefault(name, i)
    if defects:
        raise InputError(
            message("refusal.is_not_a_usable_list", path=table.path.name), tables.by_row(defects)
        )
    listed = points.assign(**{columns.POSITION_ID: names})
    read_notes = coordinates.reading_notes(table, header_of, communes)
    listed.attrs["notes"] = (*table.notes, *read_notes, *tables.unused(table, header_of))
    return listed


def read_demand_points(
    path: Path, communes: GeoDataFrame, stated: Stated = NOTHING
) -> GeoDataFrame:
    """Return points of demand (schools, hospitals, stations, stops) with name and weight.

    A point without a weight has 1.

    Raises
    ------
    InputError
        With every defect of the list; a point outside the communes is one.
    """
    table = positions.split_positions(tables.read(path, DEMAND_HEADERS, stated))
    header_of = tables.recognise(table, DEMAND_HEADERS)
    points, _, defects = coordinates.locate(table, header_of, communes)
    weights = tables.measured(table, header_of, columns.WEIGHT, WEIGHT)
    defects += weights.defects
    if defects:
        raise InputError(
            message("refusal.is_not_a_usable_list", path=table.path.name), tables.by_row(defects)
        )
    known = np.where(np.isnan(weights.values), 1.0, weights.values)
    names = tables.texts(table, header_of, columns.NAME)
    return points.assign(**{columns.NAME: names, columns.WEIGHT: known})
