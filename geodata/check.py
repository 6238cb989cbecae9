"""Audit a province and tell what it holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect, InputError
from phusong.geodata import (
    admin,
    boundaries,
    crs,
    embedded,
    folder,
    manifest,
    raster,
    sites,
    tables,
    zone_list,
)
from phusong.geodata.grid import Raster
from phusong.geodata.landcover import LandCover
from phusong.geodata.province import Province

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
SLIVER_M2 = 1.0  # overlaps and gaps below are rounding
LOWEST_M, HIGHEST_M = -30.0, 3_143.0  # below Vietnam's plains; the height of Fansipan
SPIKE_M = 150.0  # one pixel of 30 m does not stand so much above or below all its neighbours
PEOPLE_TOLERANCE = 0.5


@dataclass(frozen=True)
class Finding:
    """One thing an audit has to say: an error, a warning or a note."""

    level: Level
    defect: Defect

    def __str__(self) -> str:
        """Return ``level: file: what``."""
        return f"{self.level}: {self.defect}"


def audit(path: Path | None) -> list[Finding]:
    """Return what there is to say of a province folder, or of one file on its way to be one.

    A file is a raster, polygons of communes or zones, or a list of sites; the last two are held
    against the embedded reference province. The most serious findings come first.
    """
    try:
        found = _file(Path(path)) if path and Path(path).is_file() else _folder(path)
    except InputError as error:
        defects = error.defects or (Defect(str(path), str(error)),)
        found = [Finding("error", defect) for defect in defects]
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def text(findings: list[Finding]) -> str:
    """Return the findings as lines, and their number by level."""
    counts = [sum(finding.level == level for finding in findings) for level in LEVELS]
    summary = ", ".join(
        f"{count} {level}{'s' * (count != 1)}" for count, level in zip(counts, LEVELS, strict=True)
    )
    return "\n".join([*map(str, findings), summary])


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
        f"residents   {province.communes[columns.POPULATION].sum():,}",
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
    found = [
        _warn(source, f"{codes[a]} and {codes[b]} overlap by {area / 1e4:,.2f} ha")
        for a, b, area in boundaries.overlaps(shapes)
        if area > SLIVER_M2
    ]
    whole = admin.dissolve(shapes)
    for hole in _holes(whole):
        place = hole.representative_point()
        lon, lat = crs.transform([place.x], [place.y], crs.PLANNING, crs.GEOGRAPHIC)
        size = f"{hole.area / 1e4:,.2f} ha"
        found.append(_warn(source, f"a gap of {size} at {lon[0]:.5f}, {lat[0]:.5f} in no commune"))
    parts = len(shapely.get_parts(whole))
    if parts > 1:
        found.append(_warn(source, f"the province has {parts} parts that do not touch"))
    sound = "a valid coverage" if shapely.coverage_is_valid(shapes) else "not a valid coverage"
    number = f"{len(shapes)} communes, {shapely.area(whole) / 1e6:,.1f} km2"
    return [*found, _note(source, f"{number}, {sound}")]


def _holes(shape: shapely.Geometry) -> list[shapely.Polygon]:
    rings = [ring for part in shapely.get_parts(shape) for ring in part.interiors]
    holes = [shapely.Polygon(ring) for ring in rings]
    return [hole for hole in holes if hole.area > SLIVER_M2]


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
    return _heights(files["terrain"], province.terrain, _inside(province))


def _heights(source: str, terrain: Raster, inside: NDArray[np.bool_]) -> list[Finding]:
    """Return extremes and spikes of the terrain."""
    heights = terrain.values[inside].astype(float)
    low, high = float(heights.min()), float(heights.max())
    found = []
    if low < LOWEST_M or high > HIGHEST_M:
        problem = f"{low:,.0f} to {high:,.0f} m is more than the terrain of Vietnam has"
        found.append(_warn(source, problem))
    spikes = int(np.count_nonzero(_spikes(terrain.values.astype(np.float32)) & inside))
    if spikes:
        problem = f"{spikes} pixels stand {SPIKE_M:g} m above or below all their neighbours"
        found.append(_warn(source, problem))
    return [*found, _note(source, f"{low:,.0f} to {high:,.0f} m above sea level")]


def _spikes(heights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the pixels far above or below all eight neighbours."""
    padded = np.pad(heights, 1, mode="edge")
    rows, cols = heights.shape
    steps = [(i, j) for i in (0, 1, 2) for j in (0, 1, 2) if (i, j) != (1, 1)]
    around = [padded[i : i + rows, j : j + cols] for i, j in steps]
    above = heights - np.maximum.reduce(around)
    below = np.minimum.reduce(around) - heights
    return np.asarray(np.maximum(above, below) > SPIKE_M, bool)


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


def _file(path: Path) -> list[Finding]:
    """Audit one file by what it is."""
    if path.name == manifest.NAME:
        return _folder(path.parent)
    if path.suffix.lower() in {".tif", ".tiff", ".vrt", ".hgt", ".asc", ".img"}:
        found = raster.read_raster(path)
        values = found.values.astype(float)
        known = np.isfinite(values) & (values != found.nodata)
        grid = found.grid
        size = f"{grid.width} x {grid.height} pixels of {grid.pixel_m:g} in {grid.crs}"
        voids = f"{np.mean(~known):.2%} without a value"
        span = f"{values[known].min():g} to {values[known].max():g}" if known.any() else "no value"
        return [_note(str(path), f"{size}, {span}, {voids}")]
    return _table(path)


def _table(path: Path) -> list[Finding]:
    """Audit communes, zones or sites, told apart by their geometry and columns."""
    table = tables.read(path, sites.HEADERS)
    points = table.shapes is None or set(table.shapes.geom_type) <= {"Point"}
    communes = admin.reference_communes()
    if points:
        listed = sites.read_sites(path, communes)
        origin = sites.provenance(path)
        notes = [_note(str(path), origin.note)] if origin.note else []
        return [*notes, _note(str(path), f"{len(listed):,} usable sites")]
    peopled = columns.POPULATION in tables.recognise(table, boundaries.COMMUNE_HEADERS)
    if not peopled and columns.KIND in tables.recognise(table, zone_list.HEADERS):
        zones = zone_list.read_zones(path, communes)
        return [_note(str(path), f"{len(zones)} usable zones")]
    read = boundaries.read_communes(path)
    people = f"{read[columns.POPULATION].sum():,} residents"
    known = " of the reference province" * embedded.is_reference(read)
    return [_note(str(path), f"{len(read)} usable communes{known}, {people}")]


def _inside(province: Province) -> NDArray[np.bool_]:
    return np.asarray(province.commune_index.values.astype(np.int64) >= 0, bool)


def _error(source: str, problem: str) -> Finding:
    return Finding("error", Defect(source, problem))


def _warn(source: str, problem: str) -> Finding:
    return Finding("warning", Defect(source, problem))


def _note(source: str, problem: str) -> Finding:
    return Finding("note", Defect(source, problem))


_CHECKS = (_boundaries, _residents, _sites, _zones, _terrain, _landcover, _provenance)
