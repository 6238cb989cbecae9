"""Audit a province folder, or any file on its way to be part of one, and tell what it holds."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import shapely

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata.audit import cells as audit_cells
from phusong.geodata.audit import findings, measurements, places, rasters, units
from phusong.geodata.audit import province as audit_province
from phusong.geodata.audit import sites as audit_sites
from phusong.geodata.audit import text as audit_text
from phusong.geodata.audit import zones as audit_zones
from phusong.geodata.audit.findings import Finding
from phusong.geodata.audit.places import Listed, Reference, Steps
from phusong.geodata.files import input_formats, tables
from phusong.geodata.files.archives import PACKED
from phusong.geodata.files.input_formats import Format, RasterFormat, RowFormat
from phusong.geodata.files.tables import NOTHING, Stated, Table
from phusong.geodata.ground import roads
from phusong.geodata.network import cells as cell_list
from phusong.geodata.network import sites
from phusong.geodata.provinces import embedded, zone_reader
from phusong.geodata.units import boundaries, unit_sets
from phusong.messages import Text, message

DISTINCT_SHARE = 0.9  # of the rows of communes
MAX_FILES = 1_000  # of a folder that is no province
LONG_ROWS = 5_000  # from which a list gets a bar of progress
Progress = Callable[[str, int], Callable[[int], None]]  # opens a bar by its title and total
text = findings.text

_UNITS = {**boundaries.COMMUNE_HEADERS, **zone_reader.HEADERS, **cell_list.HEADERS, **sites.HEADERS}
ROAD_CLASSES = ("highway", "fclass", "class", "roadclass", "type", "loai", "loaiduong", "capduong")


def audit(
    path: Path | None,
    province: Path | None = None,
    stated: Stated = NOTHING,
    layer: str = "",
    progress: Progress | None = None,
) -> list[Finding]:
    """Return what there is to say of a province folder, of one file, or of a folder of files.

    A file is a raster, polygons of communes or zones, or a list of sites or cells, held against
    a province (the embedded one when left out). The most serious findings come first.

    Parameters
    ----------
    path
        What to audit; the embedded province when None.
    province
        Province folder that files are held against.
    stated
        Headers, units and coordinate system of the file, where they cannot be recognised.
    layer
        What the file is, such as communes, where the user says so.
    progress
        Opens a bar for a long list, by its name and number of rows.

    Returns
    -------
    list of Finding
        The most serious first.
    """
    path = path and audit_province.folder_of(Path(path))
    if path is None or audit_province.is_province(path):
        return findings.in_order(_findings_of(path, lambda: audit_province.audit(path)))
    if not path.exists():
        return [Finding("error", Defect(str(path), message("problem.no_such_file_or_folder")))]
    if path.is_dir():
        listed = _files(path)
        if not listed:
            return findings.in_order(_findings_of(path, lambda: audit_province.audit(path)))
        ground = audit_province.open_ground(province)
        each = [_file(item, ground, stated, "", progress, one_of_many=True) for item in listed]
        all_found = [finding for part in each for finding in part]
        return findings.in_order([*_links(path), *all_found, *_together(listed)])
    ground = audit_province.open_ground(province)
    return findings.in_order(_file(path, ground, stated, layer, progress))


def _findings_of(path: Path | None, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds; what stops it is an error."""
    try:
        return list(check())
    except InputError as error:
        defects = error.defects or (Defect(str(path), str(error)),)
        return [Finding("error", defect) for defect in defects]


def _files(path: Path) -> list[Path]:
    """Return the files below a folder that may be data, none of them a link out of it."""
    known = {*input_formats.suffixes(Format), *PACKED}
    inside = path.resolve()
    paths = []
    for item in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in item.relative_to(path).parts)
        data = item.suffix.lower() in known and not hidden
        if data and item.is_file() and item.resolve().is_relative_to(inside):
            paths.append(item)
        if len(paths) == MAX_FILES:
            break
    return paths


def _together(listed: list[Path]) -> list[Finding]:
    """Hold lists of sites against the measurements in the same folder."""
    read: dict[Path, Table] = {}
    for path in listed:
        if isinstance(input_formats.of_path(path), RowFormat):
            with suppress(InputError):
                read[path] = tables.read(path, _UNITS)
    kinds = {path: _kind(table) for path, table in read.items()}
    centres: dict[Path, dict[str, tuple[float, float]]] = {}
    for path, kind in kinds.items():
        if kind == "measurements" and (middle := measurements.centre(read[path])):
            centres.setdefault(path.parent, {})[path.name] = middle
    return [
        finding
        for path, kind in kinds.items()
        if kind in {"cells", "sites"} and path.parent in centres
        for finding in measurements.lost_digits(read[path], centres[path.parent])
    ]


def _links(path: Path) -> Iterable[Finding]:
    inside = path.resolve()
    for item in sorted(path.rglob("*")):
        if item.is_symlink() and not item.resolve().is_relative_to(inside):
            defect = Defect(
                str(item),
                message("problem.is_a_link_out_of_the"),
                message("remedy.copy_the_file_into_it"),
            )
            yield Finding("warning", defect, "link", message("why.it_was_not_read"))


def _file(
    path: Path,
    ground: Reference,
    stated: Stated,
    layer: str = "",
    progress: Progress | None = None,
    *,
    one_of_many: bool = False,
) -> list[Finding]:
    """Audit one file by what it is; one of many that is no layer is only told."""

    def check() -> Iterable[Finding]:
        if _is_raster(path):
            unit = next(iter(stated.units.get(columns.HEIGHT_M, ())), "")
            return rasters.audit(path, ground, stated.crs, unit)
        steps = partial(_steps, progress)
        return _table(path, ground, stated, layer, steps, one_of_many=one_of_many)

    return _findings_of(path, check)


def _is_raster(path: Path) -> bool:
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    zipped = path.suffix.lower() in PACKED and ".hgt" in path.name.lower()
    is_raster = isinstance(input_formats.of_path(inner), RasterFormat)
    return zipped or is_raster or inner.suffix.lower() == ".vrt"


def _steps(progress: Progress | None, table: Table) -> Steps:
    """Return what moves a bar over the rows of a long list, none for a short one."""
    rows = len(table.rows)
    if progress is None or rows < LONG_ROWS:
        return places.silent
    bar, all_steps = progress(table.path.name, rows), 0

    def tell(left: int) -> None:
        nonlocal all_steps
        all_steps = all_steps or left + 1  # the first is behind us
        bar(rows * (all_steps - left) // all_steps)

    return tell


def _table(
    path: Path,
    ground: Reference,
    stated: Stated,
    layer: str,
    steps: Callable[[Table], Steps],
    *,
    one_of_many: bool,
) -> Iterable[Finding]:
    """Audit communes, zones, cells or sites, told apart by their geometry and columns."""
    table = tables.read(path, _UNITS, stated)
    logged = measurements.are_logged(table)
    table = table if logged else sites.opened(table)
    kind = layer or ("measurements" if logged else _kind(table))
    if kind == "communes":
        return _communes(table)
    if kind == "zones":
        return _zones(table, ground)
    if kind == "measurements":
        return [*audit_text.audit(table, {}), *measurements.audit(table)]
    if kind == "other" and (one_of_many or not _may_list(table)):
        return [*audit_text.audit(table, {}), *_other(table)]
    audited = audit_cells if kind == "cells" else audit_sites
    rows, sentences = audited.with_notes(table, ground, steps(table))
    notes = [_note(str(path), text) for text in sentences]
    return [*rows, *notes, _usable(table, rows, audited.WHAT)]


def _zones(table: Table, ground: Reference) -> list[Finding]:
    zones = zone_reader.read_zones(table.path, ground.communes, table.stated)
    names = tables.recognise(table, zone_reader.HEADERS)
    notes = [_note(str(table.path), note) for note in zones.attrs["notes"]]
    usable = _note(str(table.path), message("finding.usable_zones", count=len(zones)))
    overlaps = boundaries.overlaps(zones.geometry.to_numpy())
    doubts = audit_zones.audit(Listed(table, names, zones, ground), overlaps)
    return [*doubts, *audit_text.audit(table, names), *notes, usable]


def _distinct(table: Table, header: str) -> bool:
    """Say whether each row has a code of its own: things in communes share theirs."""
    codes = table.cells[header]
    return bool(codes.nunique() >= DISTINCT_SHARE * len(codes))


def _official(table: Table, header: str) -> bool:
    """Say whether each row has an official code of a commune of its own: five digits."""
    codes = table.cells[header]
    return bool(codes.str.fullmatch(r"\d{5}").all()) and _distinct(table, header)


def _kind(table: Table) -> str:
    """Return what a table lists: communes, zones, cells, sites, measurements or other."""
    names = tables.tentative(table, boundaries.COMMUNE_HEADERS)
    if not _may_list(table):
        zones = tables.tentative(table, zone_reader.HEADERS)
        coded = names.get(columns.COMMUNE_CODE, "").lower() != "code" or columns.DISTRICT in names
        named = coded and columns.NAME in names and columns.KIND not in zones
        if columns.COMMUNE_CODE in names and (
            columns.POPULATION in names
            or (named and _distinct(table, names[columns.COMMUNE_CODE]))
            or (_are_polygons(table) and _official(table, names[columns.COMMUNE_CODE]))
        ):
            return "other" if unit_sets.are_larger(table) else "communes"
        demand = {columns.WORKERS, columns.VISITORS} & set(zones)
        told = columns.KIND in zones if _are_polygons(table) else _names_kinds(table, zones)
        return "zones" if told or (demand and columns.ZONE_ID in zones) else "other"
    if _are_zones(table):
        return "zones"
    if measurements.holds_levels(table):
        return "measurements"
    if cell_list.tells_cells(table):
        return "cells"
    placemarks = table.path.suffix.lower() in {".kml", ".kmz"} and sites.PLACEMARK in table.cells
    return (
        "sites"
        if placemarks or columns.SITE_ID in tables.tentative(table, sites.HEADERS)
        else "other"
    )


def _are_polygons(table: Table) -> bool:
    return table.shapes is not None and set(table.shapes.geom_type) <= set(boundaries.POLYGONS)


def _may_list(table: Table) -> bool:
    """Return whether a table has no other geometry than points."""
    return table.shapes is None or set(table.shapes.geom_type) <= {"Point"}


def _are_zones(table: Table) -> bool:
    """Return whether a table of points says of each what kind of zone it is."""
    header_of = tables.tentative(table, zone_reader.HEADERS)
    return columns.ZONE_ID in header_of and _names_kinds(table, header_of)


def _names_kinds(table: Table, header_of: Mapping[str, str]) -> bool:
    """Return whether any row of a table names a kind of zone."""
    starts = tuple(start for group in zone_reader.KINDS.values() for start in group)
    texts = tables.texts(table, header_of, columns.KIND)
    return any(tables.fold(text).startswith(starts) for text in texts)


def _communes(table: Table) -> list[Finding]:
    wrong = units.unusable(table)
    unit_findings = [*wrong, *units.audit(table)]
    names = tables.recognise(table, boundaries.COMMUNE_HEADERS)
    unit_findings += [_note(str(table.path), note) for note in tables.unused(table, names)]
    if wrong:
        return unit_findings
    read = boundaries.read_communes(table.path, table.stated)
    kind = "reference" if embedded.is_reference(read) else "communes"
    people = int(read[columns.POPULATION].sum())
    usable = message(f"finding.usable_{kind}", count=len(read), people=people)
    return [*unit_findings, _note(str(table.path), usable)]


def _usable(table: Table, row_findings: list[Finding], what: str) -> Finding:
    wrong = [finding.defect for finding in row_findings if finding.level == "error"]
    bad = table.where(wrong) | any(defect.row is None for defect in wrong)
    return _note(str(table.path), message(f"finding.usable_{what}", count=int((~bad).sum())))


def _note(source: str, problem: Text) -> Finding:
    return Finding("note", Defect(source, problem))


def _other(table: Table) -> list[Finding]:
    """Return what there is to say of a file that no command but ``data check`` may know."""
    kinds = set() if table.shapes is None else set(table.shapes.geom_type)
    if kinds and kinds <= set(roads.LINES):
        return [*_lines(table)]
    if unit_sets.are_larger(table):
        problem = message("problem.districts_or_provinces_the_communes_make", n=len(table.rows))
        return [_remark(table, problem, "give the communes")]
    shapes = f" ({', '.join(sorted(kinds))})" if kinds else ""
    problem = message("problem.rows_that_are_no_layer_of", n=len(table.rows), shapes=shapes)
    return [*units.townspeople(table), *_coarse(table), _remark(table, problem)]


def _remark(table: Table, problem: Text, remedy: Text = "", check: str = "other") -> Finding:
    return Finding("note", Defect(str(table.path), problem, remedy), check)


def _lines(table: Table) -> Iterable[Finding]:
    """Tell how long lines are, and what roads lack that a backhaul would use."""
    shapes = table.shapes
    if shapes is None:
        return
    length_km = (
        float(shapely.length(shapes.to_crs(shapes.estimate_utm_crs()).to_numpy()).sum()) / 1000
    )
    problem = message(
        "problem.lines_km_roads_for_run_roads", n=len(table.rows), length_km=length_km
    )
    yield _remark(table, problem, check="lines")
    if not {tables.fold(str(header)) for header in table.cells} & set(ROAD_CLASSES):
        yield _remark(table, "lines have no class: tracks count like highways", check="no-class")


def _coarse(table: Table) -> Iterable[Finding]:
    """Tell how many places of a table are given coarsely, in one finding."""
    rows = places.coarse(table) if table.shapes is None else []
    if not rows:
        return
    first = rows[0].defect
    problem = message(
        "problem.of_places_are_coarse_the_first",
        n=len(rows),
        n2=len(table.rows),
        problem=first.problem,
    )
    defect = Defect(first.source, problem, first.remedy, first.row, first.column, first.value)
    yield Finding("warning", defect, "coarse-position", message("why.what_is_placed_by_them_is"))
