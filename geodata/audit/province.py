"""Audit a province folder layer by layer, and tell what a province holds."""

from functools import cache
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from phusong import columns
from phusong.errors import Defect
from phusong.geodata.audit import rasters
from phusong.geodata.audit import sites as audit_sites
from phusong.geodata.audit import units as audit_units
from phusong.geodata.audit.findings import Finding
from phusong.geodata.audit.places import Reference
from phusong.geodata.files import tables
from phusong.geodata.network import coordinates, sites
from phusong.geodata.province import LandCover, Province
from phusong.geodata.provinces import folder, manifest
from phusong.geodata.units import admin
from phusong.messages import Text, message, recognised, speak

PEOPLE_TOLERANCE = 0.5


def folder_of(path: Path) -> Path:
    """Return the province folder that its manifest names; any other path as it is."""
    return path.parent if path.name == manifest.NAME and path.is_file() else path


def is_province(path: Path) -> bool:
    """Return whether a folder is that of a province."""
    return (path / manifest.NAME).is_file()


def open_ground(path: Path | None) -> Reference:
    """Return what files are held against: a province folder, or the embedded province."""
    return _reference() if path is None else ground_of(folder.open_province(path))


@cache
def _reference() -> Reference:
    terrain, landcover, _ = folder.open_ground()
    return Reference(admin.reference_communes(), terrain, landcover, "approximate")


def ground_of(province: Province) -> Reference:
    """Return what files are held against in a province."""
    status = province.provenance["communes"].status
    return Reference(province.communes, province.terrain, province.landcover, status)


def info(province: Province, language: str) -> str:
    """Return what a province holds, in a few lines."""

    def say(key: str, **values: object) -> str:
        return speak(message(f"province.{key}", **values), language)

    inside = _inside(province)
    heights = province.terrain.values[inside]
    kinds = province.zones[columns.KIND].value_counts()
    zones = [say("has_zones", n=kinds[kind], kind=say(kind)) for kind in sorted(kinds.index)]
    grid, sites_ = province.grid, province.sites
    people, basis = province.communes[columns.POPULATION].sum(), recognised(province.basis)
    area_km2 = province.communes.area.sum() / 1e6
    size = {"width": grid.width, "height": grid.height, "pixel_m": grid.pixel_m}
    counts = {"communes": len(province.communes), "districts": len(province.districts)}
    texts = {
        "province": say("is", name=province.name, units=province.units),
        "communes": say("has_communes", **counts, area_km2=area_km2),
        "residents": say("has_residents", people=people, basis=basis),
        "sites": say("has_sites", sites=len(sites_), masts=sites_[columns.POSITION_ID].nunique()),
        "zones": ", ".join(zones) or say("no_zones"),
        "terrain": say("has_heights", low=heights.min(), high=heights.max()),
        "grid": say("has_pixels", **size, crs=grid.crs),
    }
    rows = [*texts.items()]
    for layer, origin in province.provenance.items():
        told = {"status": say(origin.status), "source": recognised(origin.source)}
        key = "origin_note" if origin.note else "origin"
        rows.append((layer, say(key, **told, note=recognised(origin.note))))
    return "\n".join(f"{say(label):<12}{text}" for label, text in rows)


def audit(path: Path | None) -> list[Finding]:
    """Return what there is to say of a province folder; of the embedded province when None."""
    province = folder.open_province(path)
    files = dict.fromkeys(folder.FILES, "embedded province")
    if path is not None:
        manifest_ = manifest.read(Path(path) / manifest.NAME)
        files = {layer: str(Path(path) / manifest_.files.get(layer, layer)) for layer in files}
    return [finding for check in _CHECKS for finding in check(province, files)]


def _boundaries(province: Province, files: dict[str, str]) -> list[Finding]:
    """Return overlaps of communes, gaps between them, and how many parts the province has."""
    source, shapes = files["communes"], province.communes.geometry.to_numpy()
    codes = province.communes[columns.COMMUNE_CODE].tolist()
    outlines = audit_units.Outlines(source, None, codes, shapes, province.grid.crs)
    results = list(audit_units.geometry(outlines))
    whole = admin.dissolve(shapes)
    parts = len(shapely.get_parts(whole))
    if parts > 1:
        results.append(_warn(source, f"the province has {parts} parts that do not touch"))
    sound = "a valid coverage" if shapely.coverage_is_valid(shapes) else "not a valid coverage"
    number = f"{len(shapes)} communes, {shapely.area(whole) / 1e6:,.1f} km2"
    return [*results, _note(source, f"{number}, {sound}")]


def _residents(province: Province, files: dict[str, str]) -> list[Finding]:
    """Compare the residents of the raster with those of every commune."""
    source, inside = files["population"], _inside(province)
    people = province.communes[columns.POPULATION].to_numpy(float)
    row = province.commune_index.values[inside].astype(np.int64)
    codes = province.communes[columns.COMMUNE_CODE]
    on_grid = np.bincount(row, province.population.values[inside].astype(float), len(people))
    results = [
        _warn(source, f"commune {code} has {there:,.0f} residents here, {own:,.0f} in its record")
        for code, there, own in zip(codes, on_grid, people, strict=True)
        if abs(there - own) > PEOPLE_TOLERANCE
    ]
    stray = float(province.population.values[~inside].sum(dtype=float))
    if stray > PEOPLE_TOLERANCE:
        results.append(_warn(source, f"{stray:,.0f} residents lie outside the communes"))
    return [
        *results,
        _note(source, f"{on_grid.sum():,.0f} residents, communes {people.sum():,.0f}"),
    ]


def _sites(province: Province, files: dict[str, str]) -> list[Finding]:
    """Return sites outside the province and those whose commune code is not where they stand."""
    source, table = files["sites"], province.sites
    row = admin.assign(table, province.communes)
    row = coordinates.with_border(table, row, province.communes)
    outside = table[columns.SITE_ID][row < 0].tolist()
    results = [_error(source, f"site {name} lies outside the province") for name in outside]
    codes = province.communes[columns.COMMUNE_CODE].to_numpy(object)[row]
    wrong = (row >= 0) & (codes != table[columns.COMMUNE_CODE].to_numpy(object))
    results += [
        _error(source, f"site {name} stands in commune {code}, not in the one it names")
        for name, code in zip(table[columns.SITE_ID][wrong], codes[wrong], strict=True)
    ]
    empty = np.bincount(row[row >= 0], minlength=len(province.communes)) == 0
    bare = province.communes[columns.NAME][empty].tolist()
    if bare:
        results.append(_warn(source, f"{len(bare)} communes have no site: {', '.join(bare[:5])}"))
    masts = table[columns.POSITION_ID].nunique()
    return [*results, _note(source, f"{len(table):,} sites on {masts:,} positions")]


def _zones(province: Province, files: dict[str, str]) -> list[Finding]:
    source, zones = files["zones"], province.zones
    if zones.empty:
        return [_warn(source, "the province has no zones: only residents can be planned for")]
    results = []
    for kind, demand in (("industrial", columns.WORKERS), ("tourism", columns.VISITORS)):
        open_now = (zones[columns.KIND] == kind) & (zones[columns.STATUS] == "operating")
        silent = zones[columns.ZONE_ID][open_now & (zones[demand] == 0)].tolist()
        results += [_warn(source, f"operating zone {name} has no {demand}") for name in silent]
    return [*results, _note(source, f"{len(zones)} zones")]


def _terrain(province: Province, files: dict[str, str]) -> list[Finding]:
    return rasters.heights(files["terrain"], province.terrain, _inside(province))


def _listed(province: Province, files: dict[str, str]) -> list[Finding]:
    """Audit the rows of the folder's own site list."""
    path = Path(files["sites"])
    if not path.is_file():
        return []
    table = tables.read(path, sites.HEADERS)
    return [f for f in audit_sites.audit(table, ground_of(province)) if f.level != "error"]


def _landcover(province: Province, files: dict[str, str]) -> list[Finding]:
    source, inside = files["landcover"], _inside(province)
    values = province.landcover.values[inside]
    bare = int(np.count_nonzero(values == LandCover.OUTSIDE))
    results = [_warn(source, f"{bare} pixels of the province have no class")] if bare else []
    shares = [f"{k.name.lower()} {np.mean(values == k):.1%}" for k in LandCover if k]
    return [*results, _note(source, ", ".join(shares))]


def _provenance(province: Province, files: dict[str, str]) -> list[Finding]:
    results = []
    for layer, origin in province.provenance.items():
        note = f"; {origin.note}" if origin.note else ""
        results.append(_note(files[layer], f"{layer} {origin.status}: {origin.source}{note}"))
    return results


def _inside(province: Province) -> NDArray[np.bool_]:
    return np.asarray(province.commune_index.values.astype(np.int64) >= 0, bool)


def _error(source: str, problem: Text) -> Finding:
    return Finding("error", Defect(source, problem))


def _warn(source: str, problem: Text) -> Finding:
    return Finding("warning", Defect(source, problem))


def _note(source: str, problem: Text) -> Finding:
    return Finding("note", Defect(source, problem))


_CHECKS = (*(_boundaries, _residents, _sites, _listed, _zones, _terrain, _landcover, _provenance),)
