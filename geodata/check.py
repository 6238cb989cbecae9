"""Audit a province folder, or any file on its way to be part of one, and tell what it holds."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import (
    admin,
    audit_cells,
    audit_measurements,
    audit_other,
    audit_rasters,
    audit_sites,
    audit_text,
    audit_units,
    boundaries,
    cell_list,
    dated_units,
    embedded,
    findings,
    folder,
    manifest,
    paths,
    positions,
    raster,
    sites,
    tables,
    vector_files,
    zone_list,
)
from phusong.geodata.audit_places import Ground
from phusong.geodata.findings import Finding
from phusong.geodata.landcover import LandCover
from phusong.geodata.province import Province
from phusong.geodata.tables import Table

MOST_FILES = 1_000  # of a folder that is no province
PEOPLE_TOLERANCE = 0.5
PACKED = (".zip", ".gz", ".kmz")
text = findings.text
Headers = Mapping[str, Mapping[str, str]]  # by layer and column

_UNITS = {**boundaries.COMMUNE_HEADERS, **zone_list.HEADERS, **cell_list.HEADERS, **sites.HEADERS}


def audit(
    path: Path | None,
    province: Path | None = None,
    stated_crs: str | None = None,
    headers: Headers | None = None,
) -> list[Finding]:
    """Return what there is to say of a province folder, of one file, or of a folder of files.

    A file is a raster, polygons of communes or zones, or a list of sites or cells, held against
    a province (the embedded one when left out). The most serious findings come first.

    Parameters
    ----------
    path : what to audit; the embedded province when None.
    province : province folder that files are held against.
    stated_crs : of files that do not say their own, and of coordinates in columns.
    headers : by layer, the own headers of a file by column, where they cannot be recognised.
    """
    if path is None or (Path(path) / manifest.NAME).is_file():
        return findings.in_order(_told(path, lambda: _folder(path)))
    path = Path(path)
    if path.name == manifest.NAME and path.is_file():
        return audit(path.parent)
    if not path.exists():
        return [Finding("error", Defect(str(path), "no such file or folder"))]
    if path.is_dir():
        listed = _files(path)
        if not listed:
            return findings.in_order(_told(path, lambda: _folder(path)))
        ground = _ground(province)
        each = [_file(item, ground, stated_crs, None) for item in listed]
        all_found = [finding for found in each for finding in found]
        return findings.in_order([*_links(path), *all_found, *_together(listed)])
    return findings.in_order(_file(path, _ground(province), stated_crs, headers or {}))


def _told(path: Path | None, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds; what stops it is an error."""
    try:
        return list(check())
    except InputError as error:
        defects = error.defects or (Defect(str(path), str(error)),)
        return [Finding("error", defect) for defect in defects]


def _ground(province: Path | None) -> Ground:
    """Return what files are held against: a province folder or the embedded province."""
    return _reference() if province is None else _ground_of(folder.open_province(province))


@cache
def _reference() -> Ground:
    land = paths.open_ground()
    return Ground(admin.reference_communes(), land.terrain, land.landcover, "approximate")


def _ground_of(province: Province) -> Ground:
    status = province.provenance["communes"].status
    return Ground(province.communes, province.terrain, province.landcover, status)


def _files(path: Path) -> list[Path]:
    """Return the files below a folder that may be data, none of them a link out of it."""
    known = {*tables.ROWS, *vector_files.SUFFIXES, *raster.SUFFIXES, *PACKED}
    inside = path.resolve()
    found = []
    for item in sorted(path.rglob("*")):
        data = item.suffix.lower() in known and not item.name.startswith(".")
        if data and item.is_file() and item.resolve().is_relative_to(inside):
            found.append(item)
        if len(found) == MOST_FILES:
            break
    return found


def _together(listed: list[Path]) -> list[Finding]:
    """Hold lists of sites against the measurements in the same folder."""
    read: dict[Path, Table] = {}
    for path in listed:
        if path.suffix.lower() in tables.ROWS:
            with suppress(InputError):
                read[path] = tables.read(path, _UNITS)
    kinds = {path: _kind(table) for path, table in read.items()}
    places: dict[Path, dict[str, tuple[float, float]]] = {}
    for path, kind in kinds.items():
        if kind == "measurements" and (middle := audit_measurements.centre(read[path])):
            places.setdefault(path.parent, {})[path.name] = middle
    return [
        finding
        for path, kind in kinds.items()
        if kind in {"cells", "sites"} and path.parent in places
        for finding in audit_measurements.lost_digits(read[path], places[path.parent])
    ]


def _links(path: Path) -> Iterable[Finding]:
    inside = path.resolve()
    for item in sorted(path.rglob("*")):
        if item.is_symlink() and not item.resolve().is_relative_to(inside):
            defect = Defect(str(item), "is a link out of the folder", "copy the file into it")
            yield Finding("warning", defect, "link", "it was not read")


def info(province: Province) -> str:
    """Return what a province holds, in a few lines."""
    inside = _inside(province)
    heights = province.terrain.values[inside]
    kinds = province.zones[columns.KIND].value_counts()
    zones = ", ".join(f"{kinds[kind]} {kind}" for kind in sorted(kinds.index)) or "none"
    masts = province.sites[columns.POSITION_ID].nunique()
    units = f"{len(province.communes)} in {len(province.districts)} districts"
    grid = province.grid
    size = f"{grid.width} x {grid.height} pixels of {grid.pixel_m:g} m"
    lines = [
        f"province    {province.name}, units of {province.units}",
        f"communes    {units}, {province.communes.area.sum() / 1e6:,.1f} km2",
        f"residents   {province.communes[columns.POPULATION].sum():,} ({province.basis})",
        f"sites       {len(province.sites):,} BTS on {masts:,} positions",
        f"zones       {zones}",
        f"terrain     {heights.min():,.0f} to {heights.max():,.0f} m",
        f"grid        {size}, {grid.crs}",
    ]
    for layer, origin in province.provenance.items():
        note = f" ({origin.note})" if origin.note else ""
        lines.append(f"{layer:<11} {origin.status}: {origin.source}{note}")
    return "\n".join(lines)


def _folder(path: Path | None) -> list[Finding]:
    province = folder.open_province(path)
    files = dict.fromkeys(folder.FILES, "embedded province")
    if path is not None:
        told = manifest.read(Path(path) / manifest.NAME)
        files = {layer: str(Path(path) / told.files.get(layer, layer)) for layer in files}
    return [finding for check in _CHECKS for finding in check(province, files)]


def _boundaries(province: Province, files: dict[str, str]) -> list[Finding]:
    """Return overlaps of communes, gaps between them, and how many parts the province has."""
    source, shapes = files["communes"], province.communes.geometry.to_numpy()
    codes = province.communes[columns.COMMUNE_CODE].tolist()
    found = list(audit_units.geometry(source, None, codes, shapes))
    whole = admin.dissolve(shapes)
    parts = len(shapely.get_parts(whole))
    if parts > 1:
        found.append(_warn(source, f"the province has {parts} parts that do not touch"))
    sound = "a valid coverage" if shapely.coverage_is_valid(shapes) else "not a valid coverage"
    number = f"{len(shapes)} communes, {shapely.area(whole) / 1e6:,.1f} km2"
    return [*found, _note(source, f"{number}, {sound}")]


def _residents(province: Province, files: dict[str, str]) -> list[Finding]:
    """Compare the residents of the raster with those of every commune."""
    source, inside = files["population"], _inside(province)
    people = province.communes[columns.POPULATION].to_numpy(float)
    row = province.commune_index.values[inside].astype(np.int64)
    codes = province.communes[columns.COMMUNE_CODE]
    on_grid = np.bincount(row, province.population.values[inside].astype(float), len(people))
    found = [
        _warn(source, f"commune {code} has {there:,.0f} residents here, {own:,.0f} in its record")
        for code, there, own in zip(codes, on_grid, people, strict=True)
        if abs(there - own) > PEOPLE_TOLERANCE
    ]
    stray = float(province.population.values[~inside].sum(dtype=float))
    if stray > PEOPLE_TOLERANCE:
        found.append(_warn(source, f"{stray:,.0f} residents lie outside the communes"))
    return [*found, _note(source, f"{on_grid.sum():,.0f} residents, communes {people.sum():,.0f}")]


def _sites(province: Province, files: dict[str, str]) -> list[Finding]:
    """Return sites outside the province and those whose commune code is not where they stand."""
    source, table = files["sites"], province.sites
    row = admin.assign(table, province.communes)
    row = positions.with_border(table, row, province.communes)
    outside = table[columns.SITE_ID][row < 0].tolist()
    found = [_error(source, f"site {name} lies outside the province") for name in outside]
    codes = province.communes[columns.COMMUNE_CODE].to_numpy(object)[row]
    wrong = (row >= 0) & (codes != table[columns.COMMUNE_CODE].to_numpy(object))
    found += [
        _error(source, f"site {name} stands in commune {code}, not in the one it names")
        for name, code in zip(table[columns.SITE_ID][wrong], codes[wrong], strict=True)
    ]
    empty = np.bincount(row[row >= 0], minlength=len(province.communes)) == 0
    bare = province.communes[columns.NAME][empty].tolist()
    if bare:
        found.append(_warn(source, f"{len(bare)} communes have no site: {', '.join(bare[:5])}"))
    masts = table[columns.POSITION_ID].nunique()
    return [*found, _note(source, f"{len(table):,} sites on {masts:,} positions")]


def _zones(province: Province, files: dict[str, str]) -> list[Finding]:
    source, zones = files["zones"], province.zones
    if zones.empty:
        return [_warn(source, "the province has no zones: only residents can be planned for")]
    found = []
    for kind, demand in (("industrial", columns.WORKERS), ("tourism", columns.VISITORS)):
        open_now = (zones[columns.KIND] == kind) & (zones[columns.STATUS] == "operating")
        silent = zones[columns.ZONE_ID][open_now & (zones[demand] == 0)].tolist()
        found += [_warn(source, f"operating zone {name} has no {demand}") for name in silent]
    return [*found, _note(source, f"{len(zones)} zones")]


def _terrain(province: Province, files: dict[str, str]) -> list[Finding]:
    return audit_rasters.heights(files["terrain"], province.terrain, _inside(province))


def _listed(province: Province, files: dict[str, str]) -> list[Finding]:
    """Audit the rows of the folder's own site list."""
    path = Path(files["sites"])
    if not path.is_file():
        return []
    table = tables.read(path, sites.HEADERS)
    return [f for f in audit_sites.audit(table, _ground_of(province)) if f.level != "error"]


def _landcover(province: Province, files: dict[str, str]) -> list[Finding]:
    source, inside = files["landcover"], _inside(province)
    values = province.landcover.values[inside]
    bare = int(np.count_nonzero(values == LandCover.OUTSIDE))
    found = [_warn(source, f"{bare} pixels of the province have no class")] if bare else []
    shares = [f"{k.name.lower()} {np.mean(values == k):.1%}" for k in LandCover if k]
    return [*found, _note(source, ", ".join(shares))]


def _provenance(province: Province, files: dict[str, str]) -> list[Finding]:
    found = []
    for layer, origin in province.provenance.items():
        note = f"; {origin.note}" if origin.note else ""
        found.append(_note(files[layer], f"{layer} {origin.status}: {origin.source}{note}"))
    return found


def _file(
    path: Path, ground: Ground, stated_crs: str | None, headers: Headers | None
) -> list[Finding]:
    """Audit one file by what it is; one of many (no headers) that is no layer is only told."""

    def check() -> Iterable[Finding]:
        if _is_raster(path):
            return audit_rasters.audit(path, ground, stated_crs)
        return _table(path, ground, stated_crs, headers)

    return _told(path, check)


def _is_raster(path: Path) -> bool:
    inner = path.with_suffix("") if path.suffix.lower() in PACKED else path
    zipped = path.suffix.lower() in PACKED and ".hgt" in path.name.lower()
    return zipped or inner.suffix.lower() in {*raster.SUFFIXES, ".vrt"}


def _table(
    path: Path, ground: Ground, stated_crs: str | None, headers: Headers | None
) -> Iterable[Finding]:
    """Audit communes, zones, cells or sites, told apart by their geometry and columns."""
    table = tables.read(path, _UNITS, stated_crs)
    kind = next(iter(headers or ()), "") or _kind(table)
    own = (headers or {}).get(kind)
    if kind == "communes":
        return _communes(table, stated_crs, own)
    if kind == "zones":
        zones = zone_list.read_zones(path, ground.communes, own, stated_crs)
        names = tables.recognise(table, zone_list.HEADERS, own)
        return [*audit_text.audit(table, names), _note(str(path), f"{len(zones)} usable zones")]
    if kind == "cells":
        found = audit_cells.audit(table, ground)
        return [*found, _usable(table, found, "cells")]
    if kind == "measurements":
        return [*audit_text.audit(table, {}), *audit_measurements.audit(table)]
    if kind == "other" and (headers is None or not _may_list(table)):
        return [*audit_text.audit(table, {}), *audit_other.audit(table)]
    found = audit_sites.audit(table, ground, stated_crs, own)
    names = sites.columns_found(table, own)
    said = positions.said(table, names, ground.communes, stated_crs)
    said += filter(None, [sites.provenance(path, own).note])
    notes = [_note(str(path), note) for note in said]
    return [*found, *notes, _usable(table, found, "sites")]


def _kind(table: Table) -> str:
    """Return what a table lists: communes, zones, cells, sites, measurements or other."""
    names = tables.recognise(table, boundaries.COMMUNE_HEADERS)
    if not _may_list(table):
        if {columns.POPULATION, columns.COMMUNE_CODE} <= set(names):
            return "other" if dated_units.are_larger(table) else "communes"
        zones = tables.recognise(table, zone_list.HEADERS)
        polygons = set(table.shapes.geom_type) <= set(boundaries.POLYGONS)  # type: ignore[union-attr]
        return "zones" if polygons and columns.KIND in zones else "other"
    if _are_zones(table):
        return "zones"
    if audit_measurements.holds_levels(table):
        return "measurements"
    if cell_list.tells_cells(table):
        return "cells"
    return "sites" if columns.SITE_ID in tables.recognise(table, sites.HEADERS) else "other"


def _may_list(table: Table) -> bool:
    """Return whether a table has no other geometry than points."""
    return table.shapes is None or set(table.shapes.geom_type) <= {"Point"}


def _are_zones(table: Table) -> bool:
    """Return whether a table of points says of each what kind of zone it is."""
    found = tables.recognise(table, zone_list.HEADERS)
    if columns.KIND not in found or columns.ZONE_ID not in found:
        return False
    starts = tuple(start for group in zone_list.KINDS.values() for start in group)
    return any(tables.fold(text).startswith(starts) for text in table.cells[found[columns.KIND]])


def _communes(
    table: Table, stated_crs: str | None, headers: Mapping[str, str] | None
) -> list[Finding]:
    wrong = audit_units.unusable(table, stated_crs, headers)
    found = [*wrong, *audit_units.audit(table, headers)]
    if wrong:
        return found
    read = boundaries.read_communes(table.path, headers, stated_crs)
    people = f"{read[columns.POPULATION].sum():,} residents"
    known = " of the reference province" * embedded.is_reference(read)
    return [*found, _note(str(table.path), f"{len(read)} usable communes{known}, {people}")]


def _usable(table: Table, found: list[Finding], what: str) -> Finding:
    bad = {f.defect.row for f in found if f.level == "error" and f.defect.row is not None}
    return _note(str(table.path), f"{len(table.rows) - len(bad):,} usable {what}")


def _inside(province: Province) -> NDArray[np.bool_]:
    return np.asarray(province.commune_index.values.astype(np.int64) >= 0, bool)


def _error(source: str, problem: str) -> Finding:
    return Finding("error", Defect(source, problem))


def _warn(source: str, problem: str) -> Finding:
    return Finding("warning", Defect(source, problem))


def _note(source: str, problem: str) -> Finding:
    return Finding("note", Defect(source, problem))


_CHECKS = (*(_boundaries, _residents, _sites, _listed, _zones, _terrain, _landcover, _provenance),)
