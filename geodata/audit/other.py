"""Tell what a file is that is no list and no layer of a province: larger units, lines, tables."""

from collections.abc import Iterable

import shapely

from phusong.errors import Defect
from phusong.geodata import crs
from phusong.geodata.audit import places, units
from phusong.geodata.audit.findings import Finding
from phusong.geodata.files import tables
from phusong.geodata.files.tables import Table
from phusong.geodata.ground import roads
from phusong.geodata.units import unit_sets

ROAD_CLASSES = ("highway", "fclass", "class", "roadclass", "type", "loai", "loaiduong", "capduong")


def audit(table: Table) -> list[Finding]:
    """Return what there is to say of a file that no command but ``data check`` may know."""
    kinds = set() if table.shapes is None else set(table.shapes.geom_type)
    if kinds and kinds <= set(roads.LINES):
        return [*_lines(table)]
    if unit_sets.are_larger(table):
        problem = f"{len(table.rows)} districts or provinces: the communes make them up"
        return [_note(table, problem, "give the communes")]
    shapes = f" ({', '.join(sorted(kinds))})" if kinds else ""
    problem = f"{len(table.rows):,} rows{shapes} that are no layer of a province"
    return [*units.townspeople(table), *_coarse(table), _note(table, problem)]


def _note(table: Table, problem: str, remedy: str = "", check: str = "other") -> Finding:
    return Finding("note", Defect(str(table.path), problem, remedy), check)


def _lines(table: Table) -> Iterable[Finding]:
    """Tell how long lines are, and what roads lack that a backhaul would use."""
    shapes = table.shapes
    if shapes is None:
        return
    length_km = float(shapely.length(shapes.to_crs(crs.PLANNING).to_numpy()).sum()) / 1000
    problem = f"{len(table.rows):,} lines, {length_km:,.0f} km: roads for run --roads, if they are"
    yield _note(table, problem, check="lines")
    if not {tables.fold(str(header)) for header in table.cells} & set(ROAD_CLASSES):
        yield _note(table, "lines have no class: tracks count like highways", check="no-class")


def _coarse(table: Table) -> Iterable[Finding]:
    """Tell how many places of a table are given coarsely, in one finding."""
    rows = places.coarse(table) if table.shapes is None else []
    if not rows:
        return
    first = rows[0].defect
    problem = f"{len(rows)} of {len(table.rows)} places are coarse; the first {first.problem}"
    defect = Defect(first.source, problem, first.remedy, first.row, first.column, first.value)
    yield Finding("warning", defect, "coarse-position", "what is placed by them is as far off")
