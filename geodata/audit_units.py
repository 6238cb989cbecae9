"""Audit polygons of communes: rings, gaps, overlaps, slivers, codes, names and residents."""

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import admin, bases, boundaries, crs, named_units, reference, tables
from phusong.geodata.audit_text import audit as audit_text
from phusong.geodata.findings import Finding, Level
from phusong.geodata.tables import Table

SLIVER_M2 = 1.0  # overlaps and gaps below are rounding
THIN_M = 10.0  # mean width of a part below this is no land but a slip of the pen
SETS = {"2020-03": ("code", "commune"), "2025-07": ("ward2025_code", "ward2025")}
_DOUBLE = "its people and area count twice"
_LOST = "sites and people there belong to no commune"
_JOIN = "figures are joined by code"

Shapes = NDArray[np.object_]


def audit(table: Table) -> list[Finding]:
    """Return what there is to say of a file of communes, beyond what makes it unusable."""
    found = tables.recognise(table, boundaries.COMMUNE_HEADERS)
    shapes, defects = boundaries.polygons(table, boundaries.POLYGONS)
    findings = [*audit_text(table, found), *_codes(table, found), *_people(table, found)]
    if any(defect.row is None for defect in defects) or not len(shapes):
        return findings
    sound = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    kept = np.where(sound, shapes, shapely.Polygon())
    names = tables.texts(table, found, col.COMMUNE_CODE, [str(row) for row in table.rows])
    return [*findings, *geometry(str(table.path), table.rows, names, kept)]


def geometry(
    source: str, rows: NDArray[np.int64] | None, names: list[str], shapes: Shapes
) -> Iterable[Finding]:
    """Find overlaps, gaps, slivers and parts in polygons of the planning CRS."""

    def row(index: int) -> int | None:
        return None if rows is None else int(rows[index])

    for a, b, shared in boundaries.overlaps(shapes):
        if shared > SLIVER_M2:
            problem = f"{names[a]} and {names[b]} overlap by {shared / 1e4:,.2f} ha"
            place = shapely.intersection(shapes[a], shapes[b])
            defect = Defect(source, problem, "cut one from the other", row(b))
            yield placed(defect, place, "overlap", _DOUBLE)
    whole = admin.dissolve(shapes)
    for hole in _holes(whole):
        lon, lat = _lonlat(hole)
        size = f"{hole.area / 1e4:,.2f} ha"
        problem = f"a gap of {size} at {lon:.5f}, {lat:.5f} in no commune"
        yield placed(Defect(source, problem, "give it to a neighbour"), hole, "gap", _LOST)
    for i in np.flatnonzero(~shapely.is_empty(shapes)).tolist():
        shape = shapes[i]
        yield from _parts(source, row(i), names[i], shape)


def _parts(source: str, row: int | None, name: str, shape: shapely.Geometry) -> Iterable[Finding]:
    """Find parts of one commune that are slivers, and tell that it has parts."""
    parts = shapely.get_parts(shape)
    width_m = 2 * shapely.area(parts) / np.maximum(shapely.length(parts), 1e-9)
    for part in parts[width_m < THIN_M]:
        problem = f"{name} has a sliver of {part.area / 1e4:,.3f} ha"
        yield placed(Defect(source, problem, "remove it", row), part, "sliver", _LOST)
    if len(parts) > 1:
        sizes = " and ".join(f"{area / 1e6:,.2f} km2" for area in sorted(shapely.area(parts))[::-1])
        defect = Defect(source, f"{name} has {len(parts)} parts ({sizes})", "", row)
        yield placed(defect, parts[0], "parts", "true of few communes", level="note")


def _holes(shape: shapely.Geometry) -> list[shapely.Polygon]:
    rings = [ring for part in shapely.get_parts(shape) for ring in part.interiors]
    holes = [shapely.Polygon(ring) for ring in rings]
    return [hole for hole in holes if hole.area > SLIVER_M2]


def _lonlat(shape: shapely.Geometry) -> tuple[float, float]:
    point = shape.representative_point()
    lon, lat = crs.transform([point.x], [point.y], crs.PLANNING, crs.GEOGRAPHIC)
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def placed(
    defect: Defect, shape: shapely.Geometry, check: str, why: str, *, level: Level = "warning"
) -> Finding:
    """Return a finding at a point inside a shape."""
    return Finding(level, defect, check, why, *_lonlat(shape))


def _codes(table: Table, found: Mapping[str, str]) -> Iterable[Finding]:
    """Find codes that are not of the set of units that the file mostly holds."""
    header = found.get(col.COMMUNE_CODE)
    if header is None:
        return
    codes = [code.zfill(5) if code.isdigit() else code for code in table.cells[header]]
    facts, known = reference.table("communes"), {}
    for date, (code, name) in SETS.items():
        known[date] = dict(zip(facts[code], facts[name].map(named_units.plain), strict=True))
    names = [named_units.plain(name) for name in tables.texts(table, found, col.NAME)]
    hits = {
        date: [units.get(code) == name for code, name in zip(codes, names, strict=True)]
        for date, units in known.items()
    }
    date = max(hits, key=lambda key: (sum(hits[key]), key == "2020-03"))
    if not sum(hits[date]):
        return
    for i, (code, fits) in enumerate(zip(codes, hits[date], strict=True)):
        if fits:
            continue
        other = next((key for key in SETS if key != date and hits[key][i]), None)
        problem = f"is not a code of the units of {date}, which the file mostly holds"
        if other:
            problem = f"is of the units of {other}, the file mostly holds those of {date}"
        elif code in known[date]:
            problem = f"has another name in the units of {date}"
        defect = table.defect(i, problem, "use one set of units", header)
        yield Finding("warning", defect, "unknown-code", _JOIN)
    short = [i for i, code in enumerate(table.cells[header]) if code.isdigit() and len(code) < 5]
    if short:
        problem = f"{len(short)} codes lack their leading zero"
        remedy = "format the column as text"
        yield Finding("note", table.defect(short[0], problem, remedy, header), "zeros", _JOIN)


def _people(table: Table, found: Mapping[str, str]) -> Iterable[Finding]:
    """Tell on which basis residents are, and warn when bases seem mixed."""
    why = "census and register differ by 17 %; shares of one by the other are wrong"
    for said in bases.notes(table, found):
        level: Level = "warning" if "mixed" in said else "note"
        yield Finding(level, Defect(str(table.path), said), "population-basis", why)


def unusable(table: Table, stated_crs: str | None = None) -> list[Finding]:
    """Return the defects that make a file of communes unusable, as errors."""
    try:
        boundaries.read_communes(table.path, stated_crs=stated_crs)
    except InputError as error:
        why = "the province cannot be built from it"
        return [Finding("error", defect, "unusable", why) for defect in error.defects]
    return []
