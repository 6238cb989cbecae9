"""Audit polygons of communes: rings, gaps, overlaps, slivers, codes, names and residents."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.audit.findings import Finding, Level
from phusong.geodata.audit.text import audit as audit_text
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.province import TOWNSHIPS, WARDS
from phusong.geodata.units import admin, boundaries, unit_sets
from phusong.geodata.units.unit_sets import Held
from phusong.messages import Text, message

SLIVER_M2 = 1.0  # overlaps and gaps below are rounding
THIN_M = 10.0  # mean width of a part below this is no land but a slip of the pen
STRAIGHT_M, STRAIGHT_SHARE = (
    300.0,
    0.1,
)  # fine lines of the embedded province have 2 % straighter than that
ALMOST_SHARE = 0.9  # of a set's units from which a file seems to mean all of them
SHOWN = 5
TOWNS = (*WARDS, *TOWNSHIPS)
URBAN = ("pop2019urban", "popurban", "dansothanhthi", "dansodothi")
_DOUBLE = "its people and area count twice"
_LOST = message("why.sites_and_people_there_belong_to")
_JOIN = message("why.figures_are_joined_by_code")
_DISTRICT = message("why.a_figure_per_district_counts")
_BASIS = message("why.census_and_register_differ_by_17")
_NEAR = message("why.a_station_near_the_border_may")

Shapes = NDArray[np.object_]


def audit(table: Table) -> list[Finding]:
    """Return what there is to say of a file of communes, beyond what makes it unusable."""
    header_of = tables.recognise(table, boundaries.COMMUNE_HEADERS)
    planning = crs.PLANNING if table.shapes is None else crs.default(table.shapes)
    shapes, defects = boundaries.polygons(table, boundaries.POLYGONS, planning)
    findings = [
        *audit_text(table, header_of),
        *_codes(table, header_of),
        *_people(table, header_of),
    ]
    findings += townspeople(table)
    if any(defect.row is None for defect in defects) or not len(shapes):
        return findings
    sound = shapely.is_valid(shapes) & ~shapely.is_empty(shapes) & (shapely.area(shapes) > 0)
    sound_shapes = np.where(sound, shapes, shapely.Polygon())
    names = tables.texts(table, header_of, col.COMMUNE_CODE, [str(row) for row in table.rows])
    source, units = str(table.path), unit_sets.held(table, header_of)
    borders = [
        *_borders(source, sound_shapes, names),
        *(_areas(source, units, sound_shapes) if units else ()),
    ]
    outlines = Outlines(source, table.rows, names, sound_shapes, planning)
    return [*findings, *geometry(outlines), *borders]


class Outlines(NamedTuple):
    """Polygons of a file in the planning CRS, with their names and rows."""

    source: str
    rows: NDArray[np.int64] | None
    names: list[str]
    shapes: Shapes
    planning: str

    def row(self, index: int) -> int | None:
        """Return the row of a polygon in its file, where the file has rows."""
        return None if self.rows is None else int(self.rows[index])


def geometry(outlines: Outlines) -> Iterable[Finding]:
    """Find overlaps, gaps, slivers and parts in polygons of the planning CRS."""
    source, names, shapes, planning = (
        outlines.source,
        outlines.names,
        outlines.shapes,
        outlines.planning,
    )

    for a, b, shared in boundaries.overlaps(shapes):
        if shared > SLIVER_M2:
            problem = message(
                "problem.and_overlap_by_ha", names=names[a], names2=names[b], shared=shared / 1e4
            )
            place = shapely.intersection(shapes[a], shapes[b])
            defect = Defect(
                source, problem, message("remedy.cut_one_from_the_other"), outlines.row(b)
            )
            yield placed(defect, lonlat(place, planning), "overlap", _DOUBLE)
    whole = admin.dissolve(shapes)
    for hole in _holes(whole):
        lon, lat = lonlat(hole, planning)
        size = f"{hole.area / 1e4:,.2f} ha"
        problem = message("problem.a_gap_of_at_in_no", size=size, lon=lon, lat=lat)
        yield placed(
            Defect(source, problem, message("remedy.give_it_to_a_neighbour")),
            (lon, lat),
            "gap",
            _LOST,
        )
    for i in np.flatnonzero(~shapely.is_empty(shapes)).tolist():
        yield from _parts(outlines, i)


def _parts(outlines: Outlines, index: int) -> Iterable[Finding]:
    """Find parts of one commune that are slivers, and tell that it has parts."""
    source, row, name = outlines.source, outlines.row(index), outlines.names[index]
    parts = shapely.get_parts(outlines.shapes[index])
    width_m = 2 * shapely.area(parts) / np.maximum(shapely.length(parts), 1e-9)
    for part in parts[width_m < THIN_M]:
        problem = message("problem.has_a_sliver_of_ha", name=name, area=part.area / 1e4)
        yield placed(
            Defect(source, problem, message("remedy.remove_it"), row),
            lonlat(part, outlines.planning),
            "sliver",
            _LOST,
        )
    if len(parts) > 1:
        sizes = " and ".join(f"{area / 1e6:,.2f} km2" for area in sorted(shapely.area(parts))[::-1])
        defect = Defect(
            source, message("problem.has_parts", name=name, n=len(parts), sizes=sizes), "", row
        )
        place = lonlat(parts[0], outlines.planning)
        yield placed(defect, place, "parts", "true of few communes", level="note")


def _holes(shape: shapely.Geometry) -> list[shapely.Polygon]:
    rings = [ring for part in shapely.get_parts(shape) for ring in part.interiors]
    holes = [shapely.Polygon(ring) for ring in rings]
    return [hole for hole in holes if hole.area > SLIVER_M2]


def lonlat(shape: shapely.Geometry, planning: str) -> tuple[float, float]:
    """Return longitude and latitude of a point inside a shape of the planning CRS."""
    point = shape.representative_point()
    lon, lat = crs.transform([point.x], [point.y], planning, crs.GEOGRAPHIC)
    return round(float(lon[0]), 6), round(float(lat[0]), 6)


def placed(
    defect: Defect,
    place: tuple[float, float],
    check: str,
    why: Text,
    *,
    level: Level = "warning",
) -> Finding:
    """Return a finding at a place in degrees."""
    return Finding(level, defect, check, why, *place)


def _codes(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Tell which set of units the file holds; find codes that are not of it, and units it lacks."""
    header = header_of.get(col.COMMUNE_CODE)
    units = unit_sets.held(table, header_of) if header else None
    if header is None or units is None:
        return
    count, whole = int(units.fits.sum()), len(units.units)
    note = message("problem.holds_of_the_units_of_by", count=count, whole=whole, date=units.date)
    yield Finding("note", Defect(str(table.path), note), "units", _JOIN)
    for i in np.flatnonzero(~units.fits).tolist():
        problem = _why_not(units, i, table, header_of)
        defect = table.defect(i, problem, message("remedy.use_one_set_of_units"), header)
        yield Finding("warning", defect, "unknown-code", _JOIN)
    yield from _districts(table, header_of, units)
    if units.lacking and count >= ALMOST_SHARE * whole:
        shown = ", ".join(units.lacking[:SHOWN])
        defect = Defect(
            str(table.path),
            message("problem.lacks_of_these_units", n=len(units.lacking), shown=shown),
        )
        yield Finding("warning", defect, "missing-unit", _LOST)
    short = [i for i, code in enumerate(table.cells[header]) if code.isdigit() and len(code) < 5]
    if short:
        problem = message("problem.codes_lack_their_leading_zero", n=len(short))
        remedy = message("remedy.format_the_column_as_text")
        yield Finding("note", table.defect(short[0], problem, remedy, header), "zeros", _JOIN)


def _districts(table: Table, header_of: Mapping[str, str], units: Held) -> Iterable[Finding]:
    """Find known units whose row names another district than theirs, or one there is not."""
    header, known = header_of.get(col.DISTRICT), unit_sets.districts(units.date)
    if header is None or not known:
        return
    for i, text in enumerate(table.cells[header]):
        own = known.get(units.codes[i], "")
        if units.fits[i] and text and admin.plain(text) != admin.plain(own):
            problem = message("problem.is_not_the_district_of", code=units.codes[i], own=own)
            remedy = message("remedy.correct_the_code_or_the_district")
            defect = table.defect(i, problem, remedy, header)
            yield Finding("warning", defect, "wrong-district", _DISTRICT)


def _why_not(units: Held, row: int, table: Table, header_of: Mapping[str, str]) -> Text:
    """Return why a row is not of the set that its file mostly holds."""
    code, name = units.codes[row], tables.texts(table, header_of, col.NAME)[row]
    if date := unit_sets.other_set(units.date, code, name):
        return message("problem.is_of_the_units_of_the", date=date, date2=units.date)
    if code in units.units:
        return message("problem.has_another_name_in_the_units", date=units.date)
    return message("problem.is_not_a_code_of_the", date=units.date)


def _areas(source: str, units: Held, shapes: Shapes) -> Iterable[Finding]:
    """Hold the areas of the polygons against those that are known of their units."""
    known = unit_sets.areas_km2(units.date)
    rows = [i for i in np.flatnonzero(units.fits).tolist() if units.codes[i] in known]
    if not rows:
        return
    given_km2 = np.array([known[units.codes[i]] for i in rows])
    off = shapely.area(shapes[rows]) / 1e6 / given_km2 - 1
    worst = int(np.abs(off).argmax())
    median, most = (
        f"{round(float(value), 3) + 0.0:+.1%}" for value in (np.median(off), off[worst])
    )
    code = units.codes[rows[worst]]
    problem = message(
        "problem.areas_differ_from_those_known_of", median=median, most=most, code=code
    )
    yield Finding(
        "note", Defect(source, problem), "areas", message("why.shares_of_area_follow_them")
    )


def _borders(source: str, shapes: Shapes, names: list[str]) -> Iterable[Finding]:
    """Tell how much of the borders is straight over a length that no border in the field is."""
    edges = [_edges_m(shape) for shape in shapes]
    straight_m = np.array([lengths[lengths > STRAIGHT_M].sum() for lengths in edges])
    share = float(straight_m.sum() / max(sum(map(np.sum, edges)), 1.0))
    if share > STRAIGHT_SHARE:
        most = ", ".join(names[i] for i in np.argsort(-straight_m)[:SHOWN])
        problem = message(
            "problem.of_the_borders_length_is_straight",
            share=share,
            straight_m=STRAIGHT_M,
            most=most,
        )
        remedy = message("remedy.take_the_original_lines_where_you")
        yield Finding("note", Defect(source, problem, remedy), "coarse-border", _NEAR)


def _edges_m(shape: shapely.Geometry) -> NDArray[np.float64]:
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shape)]
    return np.concatenate([np.hypot(*np.diff(xy, axis=0).T) for xy in rings] or [np.empty(0)])


def _people(table: Table, header_of: Mapping[str, str]) -> Iterable[Finding]:
    """Tell on which basis residents are; two in one column make a file unusable."""
    source = str(table.path)
    for note in unit_sets.notes(table, header_of):
        yield Finding("note", Defect(source, note), "population-basis", _BASIS)
    if problem := unit_sets.mixed(table, header_of):
        yield Finding("error", Defect(source, problem, unit_sets.ONE), "population-basis", _BASIS)


def townspeople(table: Table) -> Iterable[Finding]:
    """Find wards and townships whose column of urban residents says none."""
    headers = {tables.fold(str(header)): str(header) for header in table.cells}
    urban = next((headers[name] for name in URBAN if name in headers), None)
    header_of = tables.tentative(
        table, {col.COMMUNE_TYPE: boundaries.COMMUNE_HEADERS[col.COMMUNE_TYPE]}
    )
    if urban is None or col.COMMUNE_TYPE not in header_of:
        return
    towns = np.isin(tables.texts(table, header_of, col.COMMUNE_TYPE), TOWNS)
    none = np.array([tables.number(text) == 0 for text in table.cells[urban]])
    if count := int((towns & none).sum()):
        problem = message("problem.wards_and_townships_have_no_residents", count=count, urban=urban)
        remedy = message("remedy.the_count_is_of_an_earlier")
        row = int(table.rows[np.flatnonzero(towns & none)[0]])
        defect = Defect(str(table.path), problem, remedy, row, urban)
        yield Finding(
            "note", defect, "townspeople", message("why.shares_of_urban_residents_would_be")
        )


def unusable(table: Table) -> list[Finding]:
    """Return the defects that make a file of communes unusable, as errors."""
    try:
        boundaries.read_communes(table.path, table.stated)
    except InputError as error:
        why = message("why.the_province_cannot_be_built_from")
        return [Finding("error", defect, "unusable", why) for defect in error.defects]
    return []
