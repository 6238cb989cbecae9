"""Read the zones that a rollout serves first from a file of polygons or points."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
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
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.network import coordinates, positions
from phusong.geodata.units import admin, boundaries
from phusong.messages import message

HEADERS: Names = {
    columns.ZONE_ID: ("makhuvuc", "makhu", "ma", "id", "code"),
    columns.KIND: ("loai", "loaikhu", "loaikhuvuc", "type"),
    columns.NAME: ("ten", "tenkhu", "tenkhuvuc", "namevi", "zonename"),
    columns.CATEGORY: ("phanloai", "class"),
    columns.STATUS: ("trangthai", "tinhtrang", "statusyear"),
    columns.AREA_HA: ("dientich", "dientichha", "area"),
    columns.WORKERS: ("laodong", "solaodong", "congnhan", "employees"),
    columns.VISITORS: ("khach", "khachdulich", "luotkhach", "visitorsperday"),
    columns.COMMUNE_CODE: ("maxa", "wardcode"),
    columns.CONFIDENCE: ("dotincay",),
    columns.SOURCE: ("nguon",),
    **positions.HEADERS,
}
KINDS = {
    "urban": ("urban", "dothi", "khudothi", "kdt"),
    "industrial": ("industr", "congnghiep", "khucongnghiep", "kcn", "ccn", "cumcongnghiep"),
    "tourism": ("tour", "dulich", "khudulich", "diemdulich", "kdl"),
}
CATEGORIES = {"urban": "new_urban_area", "industrial": "industrial_park", "tourism": "tourism"}
STATUSES = {
    "operating": ("operating", "danghoatdong", "hoatdong"),
    "building": ("building", "dangxaydung", "xaydung"),
    "planned": ("planned", "quyhoach", "dukien"),
    "unknown": ("unknown", "chuaro", ""),
}


TWICE_SHARE = 0.8  # of the area of two zones of a kind together that both may hold
PART_SHARE = 0.2  # less of both together is a park inside a region, whose figures may agree
SAME_SHARE = 0.7  # of the smaller of two zones of a kind and name, or of the same demand
MEASURES = {
    columns.AREA_HA: Measure("ha", 0.0, words="a number of 0 or more"),
    columns.WORKERS: Measure("people", 0.0, whole=True),
    columns.VISITORS: Measure("people", 0.0, whole=True),
}


def read_zones(
    path: Path,
    communes: GeoDataFrame,
    stated: Stated = NOTHING,
) -> GeoDataFrame:
    """Return the zones of a file, with columns.ZONES, in the planning CRS.

    ``attrs["notes"]`` of the frame say how the file was read.

    A polygon needs a kind: urban, industrial or tourism, in English or Vietnamese. A point needs
    an area too and becomes a disc. Workers and visitors that are not given count as none.

    Raises
    ------
    InputError
        With every defect; an empty file is one.
    """
    planning = crs.name_of(communes)
    table = positions.split_positions(tables.read(path, HEADERS, stated))
    header_of = tables.recognise(table, HEADERS)
    table = coordinates.with_points(table, header_of, communes)
    shapes, defects = boundaries.polygons(table, (*boundaries.POLYGONS, "Point"), planning)
    if columns.KIND not in header_of:
        defects.append(tables.lacking(table, columns.KIND))
    if any(defect.row is None for defect in defects):
        raise InputError(
            message("refusal.does_not_hold_usable_zones", path=table.path.name), defects
        )
    read_numbers = {
        column: tables.measured(table, header_of, column, measure)
        for column, measure in MEASURES.items()
    }
    defects += [defect for read in read_numbers.values() for defect in read.defects]
    numbers = {column: read.values for column, read in read_numbers.items()}
    frame = _attributes(table, header_of, numbers, defects)
    shapes = _discs(table, shapes, frame[columns.AREA_HA].to_numpy(float), defects)
    commune = _communes(table, header_of, shapes, communes, defects)
    defects += _twice(table, shapes, frame)
    if defects:
        raise InputError(
            message("refusal.does_not_hold_usable_zones", path=table.path.name),
            tables.by_row(defects),
        )
    for column in (columns.COMMUNE_CODE, columns.DISTRICT_CODE):
        frame[column] = communes[column].to_numpy()[commune]
    frame[columns.AREA_HA] = frame[columns.AREA_HA].fillna(pd.Series(shapely.area(shapes) / 1e4))
    zones = gpd.GeoDataFrame(frame[list(columns.ZONES)], geometry=shapes, crs=planning)
    number_notes = [note for read in read_numbers.values() for note in read.notes]
    zones.attrs["notes"] = (*table.notes, *number_notes, *tables.unused(table, header_of))
    return zones


def _twice(table: Table, shapes: NDArray[np.object_], frame: pd.DataFrame) -> list[Defect]:
    """Return the zones drawn a second time.

    They have nearly the outline of another of their kind, or lie on it with its name, or with
    its workers and visitors where neither is but a small part of the other.
    """
    defects = []
    kinds = frame[columns.KIND].tolist()
    names = [tables.fold(name) for name in frame[columns.NAME]]
    demand = list(zip(frame[columns.WORKERS], frame[columns.VISITORS], strict=True))
    for a, b, shared in boundaries.overlaps(shapes):
        areas = shapely.area(shapes[[a, b]])
        share = shared / max(float(areas.sum()) - shared, 1.0)
        counted = demand[a] == demand[b] and any(demand[a]) and share > PART_SHARE
        alike = names[a] == names[b] or counted
        same = alike and shared > SAME_SHARE * float(areas.min())
        if kinds[a] == kinds[b] and (share > TWICE_SHARE or same):
            problem = message(
                "problem.overlaps_the_zone_of_row_by",
                kinds=kinds[a],
                rows=table.rows[a],
                shared=shared / 1e4,
            )
            remedy = message("remedy.its_workers_and_visitors_would_count")
            defects.append(table.defect(b, problem, remedy))
    return defects


def _attributes(
    table: Table,
    header_of: Mapping[str, str],
    numbers: Mapping[str, NDArray[np.float64]],
    defects: list[Defect],
) -> pd.DataFrame:
    """Return what the file says of each zone; what it says wrongly goes to ``defects``."""
    kinds = _choices(table, header_of, columns.KIND, KINDS, defects)
    names = _identifiers(table, header_of, kinds, defects)
    titles = tables.texts(table, header_of, columns.NAME, names)
    usual = [CATEGORIES.get(kind, "") for kind in kinds]
    return pd.DataFrame(
        {
            columns.ZONE_ID: names,
            columns.KIND: kinds,
            columns.NAME: [own or name for own, name in zip(titles, names, strict=True)],
            columns.CATEGORY: tables.texts(table, header_of, columns.CATEGORY, usual),
            columns.STATUS: _choices(table, header_of, columns.STATUS, STATUSES, defects),
            columns.AREA_HA: numbers[columns.AREA_HA],
            columns.WORKERS: _whole(numbers[columns.WORKERS]),
            columns.VISITORS: _whole(numbers[columns.VISITORS]),
            columns.CONFIDENCE: tables.texts(table, header_of, columns.CONFIDENCE, "given"),
            columns.SOURCE: tables.texts(table, header_of, columns.SOURCE, table.path.name),
        }
    )


def _choices(
    table: Table,
    header_of: Mapping[str, str],
    column: str,
    words: Mapping[str, Sequence[str]],
    defects: list[Defect],
) -> list[str]:
    """Return which of the known words each cell begins with; a defect where with none."""
    chosen = []
    for i, text in enumerate(tables.texts(table, header_of, column)):
        plain = tables.fold(text)
        hits = [key for key, starts in words.items() if text == "" and "" in starts]
        hits += [k for k, starts in words.items() if any(s and plain.startswith(s) for s in starts)]
        if not hits:
            problem = message("problem.is_none_of", words=[*words])
            defects.append(table.defect(i, problem, "", header_of.get(column)))
        chosen.append(hits[0] if hits else "")
    return chosen


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.round(np.nan_to_num(values)).astype(np.int64)


def _discs(
    table: Table,
    shapes: NDArray[np.object_],
    area_ha: NDArray[np.float64],
    defects: list[Defect],
) -> NDArray[np.object_]:
    """Return the shapes with every point made a disc of its area."""
    shapes = shapes.copy()
    for i in np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POINT).tolist():
        if np.isnan(area_ha[i]):
            problem = message("problem.is_a_point_without_an_area")
            defects.append(table.defect(i, problem, message("remedy.give_a_polygon_or_area_ha")))
        else:
            shapes[i] = shapes[i].buffer(np.sqrt(area_ha[i] * 1e4 / np.pi))
    return shapes


def _communes(
    table: Table,
    header_of: Mapping[str, str],
    shapes: NDArray[np.object_],
    communes: GeoDataFrame,
    defects: list[Defect],
) -> NDArray[np.int64]:
    """Return the row of each zone's commune: the file's own, else the one it has a point in."""
    points = gpd.GeoDataFrame(geometry=shapely.point_on_surface(shapes), crs=communes.crs)
    commune = admin.assign(points, communes)
    for i in np.flatnonzero((commune < 0) & ~table.where(defects)).tolist():
        remedy = message("remedy.remove_it_or_check_its_coordinate")
        defects.append(table.defect(i, message("problem.lies_outside_the_province_2"), remedy))
    row = {code: i for i, code in enumerate(communes[columns.COMMUNE_CODE])}
    own = tables.texts(table, header_of, columns.COMMUNE_CODE)
    return np.array([row.get(code, i) for code, i in zip(own, commune.tolist(), strict=True)])


def _identifiers(
    table: Table, header_of: Mapping[str, str], kinds: Sequence[str], defects: list[Defect]
) -> list[str]:
    """Return the zones' own identifiers, else U01, I01, T01 and so on."""
    own = tables.texts(table, header_of, columns.ZONE_ID)
    taken, seen = set(own), set[str]()
    numbers: dict[str, Iterator[str]] = {}
    names: list[str] = []
    for i, (name, kind) in enumerate(zip(own, kinds, strict=True)):
        if name and name in seen:
            problem = message("problem.the_identifier_is_already_that_of_2")
            defects.append(table.defect(i, problem, "", header_of[columns.ZONE_ID]))
        letter = kind[:1].upper()
        numbered = numbers.setdefault(letter, _numbered(letter))
        names.append(name or next(other for other in numbered if other not in taken))
        seen.add(names[-1])
    return names


def _numbered(letter: str) -> Iterator[str]:
    return (f"{letter}{number:02d}" for number in count(1))
