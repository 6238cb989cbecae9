"""Communes, the districts they make up, and which one a point lies in or a row of a list names."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy.spatial import cKDTree

from phusong import columns
from phusong.geodata import crs, reference
from phusong.geodata.countries import current, open_country
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Names, Table
from phusong.geodata.folded import ascii_name
from phusong.geodata.grid import Grid, Raster

CRUMB_M2 = 10_000.0  # a detached part smaller than this goes to its neighbour
SNAP_M = 0.01  # vertices of the tessellation lie on multiples of this
OUTSIDE = -1

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


def tessellate(
    x_m: NDArray[np.float64],
    y_m: NDArray[np.float64],
    labels: Sequence[str],
    outline: shapely.Polygon,
) -> dict[str, shapely.Geometry]:
    """Return per label the part of the outline that is nearest to one of its points.

    The Voronoi edges and the outline are noded together and snapped to a centimetre before
    faces are built, so neighbours share every vertex: the result is a valid coverage.
    """
    points = shapely.points(x_m, y_m)
    edges = shapely.voronoi_polygons(
        shapely.multipoints(points), extend_to=outline, only_edges=True
    )
    lines = shapely.union_all([edges, outline.boundary], grid_size=SNAP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inner = shapely.point_on_surface(faces)
    inside = shapely.contains(outline, inner)
    centres = shapely.get_coordinates(inner[inside])
    _, nearest = cKDTree(np.column_stack([x_m, y_m])).query(centres)
    cells = _dissolve_by(faces[inside], np.asarray(labels)[nearest])
    return _dissolve_by(*_without_crumbs(cells))


def _dissolve_by(
    faces: NDArray[np.object_], owners: NDArray[np.str_]
) -> dict[str, shapely.Geometry]:
    """Return the union of each owner's faces; faces must be a coverage."""
    return {
        str(owner): shapely.coverage_union_all(faces[owners == owner])
        for owner in np.unique(owners)
    }


def _without_crumbs(
    cells: dict[str, shapely.Geometry],
) -> tuple[NDArray[np.object_], NDArray[np.str_]]:
    """Return parts and owners, tiny parts given to the neighbour with the longest shared edge."""
    parts, index = shapely.get_parts(list(cells.values()), return_index=True)
    owners = np.asarray(list(cells))[index]
    area_m2 = shapely.area(parts)
    largest_m2 = np.zeros(len(cells))
    np.maximum.at(largest_m2, index, area_m2)
    small = (area_m2 < CRUMB_M2) & (area_m2 < largest_m2[index])
    for row in np.flatnonzero(small):
        shared = shapely.length(shapely.intersection(parts[row], parts[~small]))
        owners[row] = owners[~small][np.argmax(shared)]
    return parts, owners


def reference_communes() -> GeoDataFrame:
    """Return the 136 communes of 2020-2024 as an approximate tessellation in the planning CRS.

    Nearest-point cells of ``commune_points.csv`` inside ``province_outline.csv``; residents are
    those of the census of 1 April 2019.

    Returns
    -------
    GeoDataFrame
        With ``columns.COMMUNES``.
    """
    points, outline = reference.table("commune_points"), reference.table("province_outline")
    outline_xy = crs.transform(outline["lon"], outline["lat"], crs.GEOGRAPHIC, crs.PLANNING)
    x_m, y_m = crs.transform(points["lon"], points["lat"], crs.GEOGRAPHIC, crs.PLANNING)
    cells = tessellate(
        x_m, y_m, list(points["commune_code"]), shapely.Polygon(np.column_stack(outline_xy))
    )
    facts = reference.table("communes").sort_values("code", ignore_index=True)
    table = pd.DataFrame(
        {
            columns.COMMUNE_CODE: facts["code"],
            columns.NAME: facts["commune"],
            columns.NAME_ASCII: facts["commune"].map(ascii_name),
            columns.COMMUNE_TYPE: facts["type"],
            columns.DISTRICT_CODE: facts["district_code"],
            columns.DISTRICT: facts["district"],
            columns.POPULATION: facts["pop_2019"].astype("int64"),
        }
    )
    return gpd.GeoDataFrame(
        table, geometry=[cells[code] for code in facts["code"]], crs=crs.PLANNING
    )


def dissolve(geometries: NDArray[np.object_]) -> shapely.Geometry:
    """Return the union of polygons; neighbours that share their vertices keep them unchanged.

    Parameters
    ----------
    geometries
        Polygons, shape (n,).

    Returns
    -------
    Geometry
        Their union.
    """
    if shapely.coverage_is_valid(geometries):
        return shapely.coverage_union_all(geometries)
    return shapely.union_all(geometries)


def districts_of(communes: GeoDataFrame) -> GeoDataFrame:
    """Return the districts that the communes make up, with columns.DISTRICTS, sorted by code.

    A district's residents are the sum over its communes. Communes without a district code are
    left out, so a set of units without districts (July 2025) gives an empty frame.

    Parameters
    ----------
    communes
        Communes with ``columns.COMMUNES``, in the planning CRS.

    Returns
    -------
    GeoDataFrame
        One row a district.
    """
    rows, shapes = [], []
    for code, members in communes.groupby(columns.DISTRICT_CODE, sort=True):
        if not str(code).strip():
            continue
        name = str(members[columns.DISTRICT].iloc[0])
        rows.append((str(code), name, ascii_name(name), int(members[columns.POPULATION].sum())))
        shapes.append(dissolve(members.geometry.to_numpy()))
    table = pd.DataFrame(rows, columns=list(columns.DISTRICTS))
    return gpd.GeoDataFrame(table, geometry=shapes, crs=communes.crs)


def assign(points: GeoDataFrame, communes: GeoDataFrame) -> NDArray[np.int64]:
    """Return for each point the row (position) of its commune, -1 where it is in none.

    A point on a shared border belongs to the commune with the smallest code, so every point
    gets at most one. Points in another CRS are transformed first.
    """
    if points.crs is not None and points.crs != communes.crs:
        points = points.to_crs(communes.crs)
    by_code = np.argsort(communes[columns.COMMUNE_CODE].to_numpy(str), kind="stable")
    polygons = communes.geometry.to_numpy()[by_code]
    tree = shapely.STRtree(points.geometry.to_numpy())
    polygon, point = tree.query(polygons, predicate="intersects")
    first = np.full(len(points), len(polygons), np.int64)
    np.minimum.at(first, point, polygon)
    return np.append(by_code, OUTSIDE)[first].astype(np.int64)


def index_raster(communes: GeoDataFrame, grid: Grid) -> Raster:
    """Return the row of the commune that holds each pixel's centre (int16, -1 outside).

    Parameters
    ----------
    communes
        Communes with ``columns.COMMUNES``, in the planning CRS.
    grid
        The grid.

    Returns
    -------
    Raster
        Rows of ``communes``.
    """
    shapes = [(shape, row) for row, shape in enumerate(communes.geometry)]
    values = rasterize(
        shapes, out_shape=grid.shape, transform=grid.transform, fill=OUTSIDE, dtype="int16"
    )
    return Raster(values, grid, OUTSIDE)


def plain(name: str) -> str:
    """Return a unit's name as it is compared: without type, diacritics and case.

    >>> plain("TT. Hợp Châu"), plain("xa Xuan Loi"), plain("Phương Khoan")
    ('hopchau', 'xuanloi', 'phuongkhoan')
    """
    kind = _type_before(str(current().folder), plain=name.isascii())
    return tables.fold(kind.sub("", unicodedata.normalize("NFC", name)))


@cache
def _type_before(folder: str, *, plain: bool) -> re.Pattern[str]:
    """Return what finds the type of a unit before its name, not a name that sounds like one."""
    levels = open_country(folder).levels
    names = [ascii_name(name) if plain else name for name in levels.prefixes if "." not in name]
    either = "|".join(map(re.escape, [*names, *levels.short_prefixes])) or "(?!)"
    return re.compile(rf"^\s*(?:{either})[.\s]+(?=\S)", re.IGNORECASE)


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
    said = list(zip(*cells_of, strict=True))
    row_of = {texts: _row(texts, codes, by_name) for texts in dict.fromkeys(said)}
    return np.array([row_of[texts] for texts in said], np.int64)


def districts_named(
    table: Table, header_of: Mapping[str, str], communes: GeoDataFrame
) -> dict[int, str]:
    """Return the rows whose district is none of the province, or not that of their commune.

    With each row stands the district of its commune, '' where the row names none that is known.
    """
    known = communes.get(columns.DISTRICT)
    if known is None or not known.astype(bool).any():
        return {}
    own = [plain(str(name)) for name in known]
    texts = [plain(text) for text in tables.texts(table, header_of, columns.DISTRICT)]
    return {
        i: "" if commune < 0 else str(known.iloc[commune])
        for i, (text, commune) in enumerate(
            zip(texts, rows_named(table, header_of, communes).tolist(), strict=True)
        )
        if text and (text != own[commune] if commune >= 0 else text not in own)
    }


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
    return plain(name) in _later_units()


@cache
def _later_units() -> frozenset[str]:
    return frozenset(reference.table("communes")["ward2025"].map(plain))
