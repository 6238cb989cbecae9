"""The STAC catalogue of a feed: self-contained, with relative links, an item for every layer.

References
----------
STAC specification 1.1.0, core; projection extension 2.0.0; file extension 2.1.0 (checksums are
multihashes: 12 20 and the SHA-256).
"""

from pathlib import Path
from typing import Any

from phusong.geodata.files import guard
from phusong.geodata.writers import labels
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed import layer_files, metadata, raster_files, tiles
from phusong.maps.feed.content import Content
from phusong.maps.feed.folder import Feed
from phusong.messages import message, speak

NAME, COLLECTION = "catalog.json", "collection.json"
VERSION = "1.1.0"
FILE = "https://stac-extensions.github.io/file/v2.1.0/schema.json"
PROJECTION = "https://stac-extensions.github.io/projection/v2.0.0/schema.json"
SHA256 = "1220"  # multihash: SHA-256, 32 bytes
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
MEDIA_TYPES = {
    ".tif": COG,
    ".geojson": "application/geo+json",
    ".fgb": "application/vnd.flatgeobuf",
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
    ".pmtiles": "application/vnd.pmtiles",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".qml": "application/xml",
    ".txt": "text/plain",
    ".yml": "application/yaml",
}
ROLES = {".qml": "style", ".json": "metadata", ".jsonld": "metadata", ".xml": "metadata"}

# Rasters and layers have items; a tree of tiles holds what a file of tiles holds.
_APART = frozenset({raster_files.FOLDER, layer_files.FOLDER, tiles.TREE})

Json = dict[str, Any]


def write_collection(folder: Path, content: Content) -> None:
    """Write the collection of a run and an item beside each of its layers and rasters.

    Parameters
    ----------
    folder
        Of the run, with all else written.
    content
        What it holds.
    """
    items: list[str] = []
    for kind in (raster_files.FOLDER, layer_files.FOLDER):
        names = content.rasters if kind == raster_files.FOLDER else content.layers
        for name in names:
            tree = item(folder / kind, name, content)
            feed_folder.write_json(folder / kind / f"{name}.json", tree)
            items.append(f"./{kind}/{name}.json")
    feed_folder.write_json(folder / COLLECTION, collection(folder, items, content))


def item(folder: Path, name: str, content: Content) -> Json:
    """Return the item of a layer or raster: where it lies, what it shows, its files."""
    raster = folder / f"{name}.tif"
    facts = raster_files.facts(raster) if raster.is_file() else None
    bounds = facts.bounds if facts else content.bounds
    assets = {path.suffix[1:]: asset(path, folder) for path in _files_of(folder, name)}
    properties: Json = {
        "title": labels.title(name, content.language),
        "datetime": content.publication.stamp,
        "created": content.publication.stamp,
    }
    if facts:
        properties |= {
            "proj:code": facts.crs,
            "proj:bbox": list(facts.crs_bounds),
            "proj:shape": list(facts.shape),
            "proj:transform": list(facts.transform),
        }
        assets["tif"] |= {"bands": [_band(facts)]}
    if facts and facts.description:
        properties["description"] = facts.description
    return {
        "type": "Feature",
        "stac_version": VERSION,
        "stac_extensions": [FILE, PROJECTION] if facts else [FILE],
        "id": f"{content.identifier}-{name}",
        "collection": content.identifier,
        "geometry": _box(bounds),
        "bbox": list(bounds),
        "properties": properties,
        "links": [
            {"rel": "root", "href": f"../../../{NAME}", "type": "application/json"},
            {"rel": "parent", "href": f"../{COLLECTION}", "type": "application/json"},
            {"rel": "collection", "href": f"../{COLLECTION}", "type": "application/json"},
        ],
        "assets": assets,
    }


def _files_of(folder: Path, name: str) -> list[Path]:
    paths = (folder / f"{name}{suffix}" for suffix in MEDIA_TYPES if suffix != ".json")
    return sorted(path for path in paths if path.is_file())


def _band(facts: raster_files.RasterFacts) -> Json:
    band: Json = {"name": "1", "data_type": facts.data_type}
    if facts.description:
        band["description"] = facts.description
    if facts.unit:
        band["unit"] = facts.unit
    if facts.nodata is not None:
        band["nodata"] = facts.nodata
    if facts.minimum is not None and facts.maximum is not None:
        band["statistics"] = {"minimum": facts.minimum, "maximum": facts.maximum}
    return band


def asset(path: Path, folder: Path) -> Json:
    """Return a file as an asset: where it is from a folder, its kind, size and checksum."""
    return {
        "href": f"./{path.relative_to(folder).as_posix()}",
        "type": MEDIA_TYPES[path.suffix],
        "roles": [ROLES.get(path.suffix, "data")],
        "file:size": path.stat().st_size,
        "file:checksum": SHA256 + guard.digest(path),
    }


def _box(bounds: tuple[float, float, float, float]) -> Json:
    west, south, east, north = bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(folder: Path, items: list[str], content: Content) -> Json:
    """Return the collection of a run: its extent, its items, its other files as assets."""
    assets = {
        path.relative_to(folder).as_posix(): asset(path, folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.relative_to(folder).parts[0] not in _APART
        and path.suffix in MEDIA_TYPES
    }
    return {
        "type": "Collection",
        "stac_version": VERSION,
        "stac_extensions": [FILE],
        "id": content.identifier,
        "title": content.title[content.language],
        "description": _description(content),
        "license": "other",
        "providers": [{"name": "phusong", "roles": ["processor"]}],
        "extent": {
            "spatial": {"bbox": [list(content.bounds)]},
            "temporal": {"interval": [_interval(content)]},
        },
        "links": [
            {"rel": "root", "href": f"../../{NAME}", "type": "application/json"},
            {"rel": "parent", "href": f"../../{NAME}", "type": "application/json"},
            {"rel": "license", "href": f"./{metadata.LICENCE}", "type": "text/plain"},
            *({"rel": "item", "href": href, "type": "application/geo+json"} for href in items),
        ],
        "assets": assets,
    }


def _interval(content: Content) -> list[str]:
    """Return the first and the last moment that a run tells of."""
    stamp, years = content.publication.stamp, content.years
    starts = [stamp, *(f"{year}-01-01T00:00:00Z" for year in years)]
    ends = [stamp, *(f"{year}-12-31T23:59:59Z" for year in years)]
    return [min(starts), max(ends)]


def _description(content: Content) -> str:
    text = message(
        "feed.description",
        province=content.province,
        version=content.record["phusong"],
        date=content.publication.stamp[:10],
    )
    return speak(text, content.language)


def root(feed: Feed, language: str) -> Json:
    """Return the catalogue of all runs of a feed."""
    links: list[Json] = [{"rel": "root", "href": f"./{NAME}", "type": "application/json"}]
    for run in feed.runs:
        href, title = f"./{run.href}/{COLLECTION}", run.title[language]
        links.append({"rel": "child", "href": href, "type": "application/json", "title": title})
    title = speak(message("feed.title", province=feed.province), language)
    return {
        "type": "Catalog",
        "stac_version": VERSION,
        "id": "phusong-feed",
        "title": title,
        "description": title,
        "links": links,
    }
