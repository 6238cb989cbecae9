"""Read the communes of a province from any file of polygons, and check them."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.countries import DEFAULT, Country, current, open_country
from phusong.geodata.files import tables
from phusong.geodata.files.tables import NOTHING, Measure, Names, Stated, Table
from phusong.geodata.folded import ascii_name
from phusong.geodata.province import FAR_M
from phusong.messages import message

COMMON_GRID_M = 1e-3  # corners of what two polygons share are snapped to it
MAX_COMMUNES = 2_000  # a province has rarely more than 600
REPAIRED_M2, REPAIRED_SHARE = 1e6, 0.05  # what a repair may move: 100 ha, of a polygon
OVERLAP_M2 = 10_000.0  # two communes may overlap by less: boundaries are rarely perfect

COMMUNE_HEADERS: Names = {
    columns.COMMUNE_CODE: (
        *("code", "ma", "maxa", "maphuongxa", "madvhc", "madonvihanhchinh", "wardcode", "gsocode"),
        *("lau2", "laucode", "lauid", "insee", "inseecom", "ags", "shapeid", "gid2", "gid3"),
        *("adm2pcode", "adm3pcode", "istat", "municipalitycode"),
    ),
    columns.NAME: (
        "ten",
        "tenxa",
        "tenphuongxa",
        "namevi",
        "communename",
        "wardname",
        "launame",
        "nom",
        "nomcom",
        "gen",
        "shapename",
        "municipality",
    ),
    columns.NAME_ASCII: ("tenkhongdau", "nameen"),
    columns.COMMUNE_TYPE: ("type", "loai", "loaidonvi", "loaidvhc"),
    columns.DISTRICT_CODE: ("mahuyen", "maquanhuyen", "madistrict"),
    columns.DISTRICT: ("huyen", "tenhuyen", "quanhuyen", "tenquanhuyen", "districtname"),
    columns.POPULATION: (
        "pop2019",
        "danso2019",
        "population2019",
        "danso",
        "dso",
        "pop",
        "popregister",
        "dansodangky",
        "danso2025",
        "pop2025est",
    ),
}
Kind = Literal["ward", "township", "unit"]
KINDS: dict[str, Kind] = {
    **dict.fromkeys(("phuong", "p", "ward"), "ward"),
    **dict.fromkeys(("thitran", "tt", "township", "town"), "township"),
    **dict.fromkeys(("xa", "x", "commune"), "unit"),
}
POLYGONS = ("Polygon", "MultiPolygon")
RESIDENTS = Measure("people", 0.0, words="a number of residents")


class Repair(NamedTuple):
    """A slip of the pen that was mended: which polygon changed, how, over which and how much."""

    commune_code: str
    kind: Literal["overlap cut off", "gap filled"]
    other: str
    area_ha: float


def read_communes(
    path: Path,
    stated: Stated = NOTHING,
    *,
    counted: bool = True,
    planning: str = "",
    repairs: list[Repair] | None = None,
) -> GeoDataFrame:
    """Return the communes of a polygon file, with columns.COMMUNES, in the planning CRS.

    ``attrs["notes"]`` of the frame sum up what was repaired, where the user asks for it.

    Parameters
    ----------
    path
        The file.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised; and
        whether small overlaps and gaps are repaired.
    counted
        Whether the file must hold residents; where it need not and does not, they are 0.
    planning
        Coordinate system to plan in; that of the country's rule if empty.
    repairs
        Takes every repair.

    Returns
    -------
    GeoDataFrame
        One row a commune.

    Raises
    ------
    InputError
        With every defect: no polygon, invalid ring, missing or repeated code, no residents,
        overlap of more than a hectare, a place outside the country, a coordinate system that
        cannot carry a planning grid.
    """
    home = current()
    table, header_of, notes = _coded(tables.read(path, COMMUNE_HEADERS, stated), home.code)
    planning = planning or _planning(table, home)
    if misfit := _misfit(table, planning, home):
        raise InputError(message("refusal.the_planning_grid_needs_metres"), [misfit])
    shapes, defects = polygons(table, POLYGONS, planning)
    if columns.COMMUNE_CODE not in header_of:
        defects.append(tables.lacking(table, columns.COMMUNE_CODE))
    uncounted = [_uncounted(table)] if counted and columns.POPULATION not in header_of else []
    if any(defect.row is None for defect in defects):
        raise InputError(
            message("refusal.does_not_hold_usable_communes", path=table.path.name),
            [*defects, *uncounted],
        )
    defects += _code_defects(table, header_of[columns.COMMUNE_CODE])
    people: NDArray[np.int64] = np.zeros(len(table.rows), np.int64)
    if columns.POPULATION in header_of:
        people, wrong = counts(table, header_of)
        defects += wrong
    if len(table.rows) > MAX_COMMUNES:
        problem = message(
            "problem.holds_communes_more_than", n=len(table.rows), max_communes=MAX_COMMUNES
        )
        defects.append(Defect(str(table.path), problem, message("remedy.cut_the_province_out")))
    if not defects and stated.repair:
        shapes, mended = repaired(shapes, table.cells[header_of[columns.COMMUNE_CODE]].tolist())
        notes += _told(mended)
        if repairs is not None:
            repairs += mended
    if not defects:
        defects = _overlap_defects(table, header_of[columns.COMMUNE_CODE], shapes)
    defects += uncounted
    if defects:
        raise InputError(
            message("refusal.does_not_hold_usable_communes", path=table.path.name),
            tables.by_row(defects),
        )
    frame = _commune_columns(table, header_of).assign(**{columns.POPULATION: people})
    read = gpd.GeoDataFrame(frame[list(columns.COMMUNES)], geometry=shapes, crs=planning)
    read.attrs["notes"] = tuple(notes)
    return read


def _coded(table: Table, code: str) -> tuple[Table, dict[str, str], list[str]]:
    """Return a table with its headers; abroad, units without a code are numbered, and a note."""
    header_of = tables.recognise(table, COMMUNE_HEADERS)
    if columns.COMMUNE_CODE in header_of or code == DEFAULT:
        return table, header_of, []
    digits = len(str(len(table.rows)))
    numbers = [f"{number:0{digits}d}" for number in range(1, len(table.rows) + 1)]
    cells = table.cells.assign(**{columns.COMMUNE_CODE: numbers})
    header_of[columns.COMMUNE_CODE] = columns.COMMUNE_CODE
    note = f"the units have no code: numbered 1 to {len(numbers)} in the order of the file"
    return dataclasses.replace(table, cells=cells), header_of, [note]


def _planning(table: Table, home: Country) -> str:
    """Return the system to plan in by the country's rule at the middle of the polygons."""
    if table.shapes is None:
        return crs.PLANNING
    west, south, east, north = table.shapes.to_crs(crs.GEOGRAPHIC).total_bounds
    middle = ((west + east) / 2, (south + north) / 2)
    if not np.isfinite(middle).all():
        return crs.PLANNING
    return home.planning_crs(*(round(float(degrees), 2) for degrees in middle))


def _misfit(table: Table, planning: str, home: Country) -> Defect | None:
    """Return why a coordinate system cannot carry the planning grid of these polygons."""
    problem = crs.unfit(planning)
    if not problem and table.shapes is not None:
        west, south, east, north = table.shapes.to_crs(crs.GEOGRAPHIC).total_bounds
        share = crs.stretch(planning, float(west + east) / 2, float(south + north) / 2)
        if home.code != DEFAULT and not abs(share) <= crs.LARGEST_STRETCH:
            problem = message(
                "problem.crs_stretches", share=abs(share), system=crs.described(planning)
            )
    if not problem:
        return None
    remedy = message("remedy.give_a_projected_crs", fits=crs.label(_planning(table, home)))
    return Defect("--planning-crs", problem, remedy, value=planning)


def _uncounted(table: Table) -> Defect:
    own = tables.lacking(table, columns.POPULATION)
    remedy = message("remedy.or_give_a_raster_of_residents", remedy=own.remedy)
    return dataclasses.replace(own, remedy=remedy)


def mainland(
    communes: GeoDataFrame, far_m: float = FAR_M
) -> tuple[tuple[float, float, float, float], NDArray[np.bool_]]:
    """Return the bounds of the land that is planned [m], and which communes lie beyond.

    Parts of communes within ``far_m`` of each other belong together; the group with most
    residents is planned. Hoàng Sa and Trường Sa lie beyond, hundreds of kilometres off the coast.
    """
    parts, owner = shapely.get_parts(communes.geometry.to_numpy(), return_index=True)
    near = shapely.STRtree(parts).query(parts, predicate="dwithin", distance=far_m)
    size = len(parts)
    links = coo_array((np.ones(near.shape[1]), (near[0], near[1])), shape=(size, size))
    count, group = connected_components(links, directed=False)
    area = shapely.area(parts)
    share = area / np.bincount(owner, area)[owner]
    people = (
        communes[columns.POPULATION].to_numpy(float)[owner]
        if columns.POPULATION in communes
        else 0.0
    )
    weight = np.bincount(group, people * share + 1e-9 * area, count)
    planned = group == int(np.argmax(weight))
    west, south, east, north = shapely.bounds(parts[planned]).T
    bounds = (float(west.min()), float(south.min()), float(east.max()), float(north.max()))
    return bounds, np.bincount(owner, planned, len(communes)) == 0


def repaired(
    shapes: NDArray[np.object_], names: Sequence[str]
) -> tuple[NDArray[np.object_], list[Repair]]:
    """Return polygons with small overlaps cut and small gaps filled, and each repair.

    An overlap is cut from the polygon that comes later; a gap goes to the neighbour with the
    longest border to it. What is larger than ``REPAIRED_M2`` or than a twentieth of a polygon is
    no slip of the pen, and stays.
    """
    shapes, repairs = shapes.copy(), []
    for a, b, shared in overlaps(shapes):
        smaller = min(shapely.area(shapes[a]), shapely.area(shapes[b]))
        if shared <= REPAIRED_M2 and shared <= REPAIRED_SHARE * smaller:
            shapes[b] = _areas(shapely.difference(shapes[b], shapes[a]))
            shapes[a] = _areas(shapely.difference(shapes[a], shapes[b]))  # where its border moved
            repairs.append(Repair(names[b], "overlap cut off", names[a], shared / 1e4))
    whole = shapely.union_all(shapes)
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    for gap in map(shapely.Polygon, rings):
        if 0 < gap.area <= REPAIRED_M2:
            border_m = shapely.length(shapely.intersection(shapes, gap.boundary))
            owner = int(np.argmax(border_m))
            shapes[owner] = _areas(shapely.union(shapes[owner], gap))
            repairs.append(Repair(names[owner], "gap filled", "", gap.area / 1e4))
    return shapes, repairs


def _told(repairs: Sequence[Repair]) -> list[str]:
    """Return how many repairs there are of each kind, their area and the largest."""
    notes = []
    for kind in dict.fromkeys(repair.kind for repair in repairs):
        alike = [repair for repair in repairs if repair.kind == kind]
        most = max(alike, key=lambda repair: repair.area_ha)
        over = f" over {most.other}" if most.other else ""
        notes.append(
            f"repaired: {kind} {len(alike):,} times, {sum(each.area_ha for each in alike):.2f} ha; "
            f"the largest {most.area_ha:.2f} ha of {most.commune_code}{over}"
        )
    return notes


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the areas of a shape; lines and points that a cut leaves are dropped."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def overlaps(shapes: NDArray[np.object_]) -> list[tuple[int, int, float]]:
    """Return the pairs of polygons that overlap and the area they share [m2].

    Shapes that are no areas, or have no finite corners, overlap nothing: others speak of them.
    """
    finite = np.isfinite(shapely.bounds(shapes)).all(axis=1)
    sound = np.array([shapely.Polygon()] * len(shapes), object)
    sound[finite] = shapely.make_valid(shapes[finite])
    first, second = shapely.STRtree(sound).query(sound, predicate="intersects")
    ahead = first < second
    first, second = first[ahead], second[ahead]
    shared = shapely.area(_common(sound[first], sound[second]))
    pairs = zip(first.tolist(), second.tolist(), shared.tolist(), strict=True)
    return [pair for pair in sorted(pairs) if pair[2] > 0]


def _common(one: NDArray[np.object_], other: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what pairs of polygons share; on a grid where exact arithmetic fails."""
    try:
        return np.asarray(shapely.intersection(one, other))
    except shapely.errors.GEOSException:
        return np.asarray(shapely.intersection(one, other, grid_size=COMMON_GRID_M))


def polygons(
    table: Table, allowed: Sequence[str], planning: str
) -> tuple[NDArray[np.object_], list[Defect]]:
    """Return the shapes in the planning CRS, and a defect for each that is not usable."""
    if table.shapes is None:
        problem = message("problem.holds_no_geometry")
        return np.array([]), [
            Defect(str(table.path), problem, message("remedy.give_geojson_or_geopackage"))
        ]
    kinds = table.shapes.geom_type.fillna("missing")
    defects = []
    for i, (kind, shape) in enumerate(zip(kinds, table.shapes, strict=True)):
        if kind not in allowed or shape.is_empty:
            defects.append(
                table.defect(i, message("problem.its_geometry_is_a_polygon_is", kind=kind))
            )
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            remedy = message("remedy.repair_it_with_fix_geometries_in")
            defects.append(
                table.defect(i, message("problem.its_polygon_is_not_valid", reason=reason), remedy)
            )
    if wrong := crs.outside_country(table.shapes):
        defects.append(Defect(str(table.path), *wrong))
    return shapely.force_2d(table.shapes.to_crs(planning).to_numpy()), defects


def _code_defects(table: Table, header: str) -> list[Defect]:
    first: dict[str, int] = {}
    defects = []
    for i, code in enumerate(table.cells[header]):
        if not code:
            defects.append(table.defect(i, message("problem.the_commune_has_no_code"), "", header))
        elif code in first:
            problem = message("problem.the_code_is_already_that_of", first=first[code])
            defects.append(
                table.defect(i, problem, message("remedy.join_the_parts_of_a_commune"), header)
            )
        else:
            first[code] = int(table.rows[i])
    return defects


def counts(table: Table, header_of: Mapping[str, str]) -> tuple[NDArray[np.int64], list[Defect]]:
    """Return residents per commune as whole numbers."""
    header = header_of[columns.POPULATION]
    read = tables.measured(table, header_of, columns.POPULATION, RESIDENTS)
    remedy = message("remedy.give_every_commune_its_residents")
    empty = [
        table.defect(i, message("problem.is_not", words=RESIDENTS.words), remedy, header)
        for i, text in enumerate(table.cells[header])
        if not text
    ]
    return np.round(np.nan_to_num(read.values)).astype(np.int64), [*empty, *read.defects]


def _overlap_defects(table: Table, header: str, shapes: NDArray[np.object_]) -> list[Defect]:
    codes = table.cells[header]
    return [
        table.defect(
            b,
            message("problem.overlaps_by_ha", codes=codes[a], shared=shared / 1e4),
            message("remedy.cut_one_from_the_other_or"),
            header,
        )
        for a, b, shared in overlaps(shapes)
        if shared > OVERLAP_M2
    ]


def _commune_columns(table: Table, header_of: Mapping[str, str]) -> pd.DataFrame:
    """Return the attributes of the communes; those of our own files stay as they are."""
    codes = table.cells[header_of[columns.COMMUNE_CODE]].tolist()
    names = tables.texts(table, header_of, columns.NAME, codes)
    names = [name or code for name, code in zip(names, codes, strict=True)]
    kinds = tables.texts(table, header_of, columns.COMMUNE_TYPE)
    above = [] if current().code == DEFAULT else tables.texts(table, header_of, columns.DISTRICT)
    districts = tables.texts(table, header_of, columns.DISTRICT_CODE, above or "")
    if header_of.get(columns.COMMUNE_TYPE) != columns.COMMUNE_TYPE:
        kinds = [_kind(kind, name) for kind, name in zip(kinds, names, strict=True)]
        names = [_prefix(str(current().folder)).sub("", name) for name in names]
        digits = current().levels.code_digits
        codes = [_padded(code, digits[0]) for code in codes]
        districts = [_padded(code, digits[1]) for code in districts]
    return pd.DataFrame(
        {
            columns.COMMUNE_CODE: codes,
            columns.NAME: names,
            columns.NAME_ASCII: [ascii_name(name) for name in names],
            columns.COMMUNE_TYPE: kinds,
            columns.DISTRICT_CODE: districts,
            columns.DISTRICT: tables.texts(table, header_of, columns.DISTRICT, districts),
        }
    )


def _kind(kind: str, name: str) -> str:
    """Return the type of a commune by its column, else by what stands before its name."""
    country = current()
    before = _prefix(str(country.folder)).match(name)
    known = KINDS.get(tables.fold(kind)) or KINDS.get(tables.fold(before[1]) if before else "")
    return country.levels.types[known or "unit"]


@cache
def _prefix(folder: str) -> re.Pattern[str]:
    """Return what finds the type of a commune before its name, whole or short with a point."""
    levels = open_country(folder).levels
    whole = [name for name in levels.prefixes if tables.fold(name) not in levels.short_prefixes]
    every = [*whole, *(f"{short}." for short in levels.short_prefixes)]
    own = [name for name in every if tables.fold(name) in KINDS]
    either = "|".join(map(re.escape, own)) or "(?!)"
    return re.compile(rf"^({either})\s+", re.IGNORECASE)


def _padded(code: str, width: int) -> str:
    """Return an official code with the leading zeros that a spreadsheet takes away."""
    return code.zfill(width) if code.isdigit() else code
