"""Read a planner's own list of places with optical fibre."""

from pathlib import Path

from geopandas import GeoDataFrame

from phusong import columns
from phusong.errors import InputError
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Names, Stated
from phusong.geodata.network import coordinates, positions
from phusong.messages import message

HEADERS: Names = {
    columns.POSITION_ID: (
        *("mavitri", "macot", "madiem", "matram", "siteid", "pointid", "nodeid"),
        *("id", "ma", "name", "ten", "tendiem"),
    ),
    **positions.HEADERS,
}


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
