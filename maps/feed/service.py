"""What pygeoapi needs to hand out the latest run of a feed by the OGC API standards.

Features from the GeoPackage, Coverages from the rasters, Records of all layers, Tiles of two. It is
started inside the folder of the feed, so that every path is relative.

References
----------
pygeoapi configuration, version 0.21; OGC API - Features 1.0, Coverages (draft), Records 1.0.
"""

from pathlib import Path
from typing import Any

from phusong.geodata.writers import lineage
from phusong.maps.feed import dictionary, layer_files, raster_files, tiles
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed.content import Content, texts
from phusong.messages import message, speak

NAME, RECORDS = "pygeoapi-config.yml", "records.json"
ADDRESS = {"host": "127.0.0.1", "port": 5000}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
ITEMS = {"default_items": 100, "max_items": 10_000}
CATALOGUE = "records"

Json = dict[str, Any]


def write(folder: Path, run: Path, content: Content) -> None:
    """Write the configuration of a server, and the records that it searches.

    Parameters
    ----------
    folder
        Of the feed.
    run
        Of the run that it hands out.
    content
        What the run holds.
    """
    # YAML holds all of JSON. TinyDB, in which records are searched, is JSON of one table.
    feed_folder.write_json(folder / NAME, configuration(run.relative_to(folder), content))
    table = {str(number): record for number, record in enumerate(_records(content), 1)}
    feed_folder.write_json(run / RECORDS, {"_default": table})


def configuration(run: Path, content: Content) -> Json:
    """Return the configuration of pygeoapi for a run, by its path in the feed."""
    resources = {name: _features(name, run, content) for name in content.layers}
    if tiles.COVERED_YEAR in content.rasters:
        resources[tiles.COVERED_YEAR] = _collection(
            tiles.COVERED_YEAR, content, _tiles(tiles.COVERED_YEAR, run)
        )
    resources |= {f"{name}_raster": _coverage(name, run, content) for name in content.rasters}
    resources[CATALOGUE] = _catalogue(run, content)
    return {
        "server": {
            "bind": ADDRESS,
            "url": "http://{host}:{port}".format(**ADDRESS),
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["vi-VN", "en-US"],
            "cors": False,  # of the web server in front
            "pretty_print": True,
            "limits": ITEMS,
            "map": {"url": "", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": _metadata(content),
        "resources": resources,
    }


def _metadata(content: Content) -> Json:
    language = content.language
    unknown = "-"
    return {
        "identification": {
            "title": content.title,
            "description": _description(content),
            "keywords": speak(message("feed.keywords"), language).split(", "),
            "keywords_type": "theme",
            "terms_of_service": speak(message("feed.rights"), language),
            "url": "http://{host}:{port}".format(**ADDRESS),
        },
        "license": {
            "name": "; ".join(lineage.licences("", content.publication)),
            "url": f"./{feed_folder.RUNS}/{content.identifier}/LICENCE.txt",
        },
        "provider": {"name": "phusong", "url": "./"},
        "contact": {
            "name": unknown,
            "position": unknown,
            "address": unknown,
            "city": unknown,
            "stateorprovince": content.province,
            "postalcode": unknown,
            "country": unknown,
            "phone": unknown,
            "fax": unknown,
            "email": unknown,
            "url": "./",
            "hours": unknown,
            "instructions": unknown,
            "role": "pointOfContact",
        },
    }


def _description(content: Content) -> dict[str, str]:
    return texts(
        "feed.description",
        province=content.province,
        version=content.record["phusong"],
        date=content.publication.stamp[:10],
    )


def _collection(name: str, content: Content, provider: Json) -> Json:
    years = content.years
    moments = [content.publication.stamp, *(f"{year}-12-31T23:59:59Z" for year in years)]
    return {
        "type": "collection",
        "title": dictionary.titles(name),
        "description": dictionary.titles(name),
        "keywords": speak(message("feed.keywords"), content.language).split(", "),
        "links": [
            {
                "type": "application/json",
                "rel": "describedby",
                "title": "STAC",
                "href": f"./{feed_folder.RUNS}/{content.identifier}/collection.json",
            }
        ],
        "extents": {
            "spatial": {"bbox": list(content.bounds), "crs": CRS84},
            "temporal": {"begin": min(moments), "end": max(moments)},
        },
        "providers": [provider],
    }


def _features(name: str, run: Path, content: Content) -> Json:
    provider = {
        "type": "feature",
        "name": "OGR",
        "data": {
            "source_type": "GPKG",
            "source": (run / layer_files.PACKAGE).as_posix(),
            "source_capabilities": {"paging": True},
        },
        "id_field": "fid",
        "layer": name,
    }
    collection = _collection(name, content, provider)
    if name in tiles.TREES:
        collection["providers"].append(_tiles(name, run))
    return collection


def _tiles(name: str, run: Path) -> Json:
    return {
        "type": "tile",
        "name": "MVT-tippecanoe",
        "data": (run / tiles.TREE / name).as_posix(),
        "options": {"zoom": dict(zip(("min", "max"), tiles.ZOOMS, strict=True))},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }


def _coverage(name: str, run: Path, content: Content) -> Json:
    provider = {
        "type": "coverage",
        "name": "rasterio",
        "data": (run / raster_files.FOLDER / f"{name}.tif").as_posix(),
        "format": {"name": "GTiff", "mimetype": "image/tiff"},
    }
    return _collection(name, content, provider)


def _catalogue(run: Path, content: Content) -> Json:
    provider = {
        "type": "record",
        "name": "TinyDBCatalogue",
        "data": (run / RECORDS).as_posix(),
        "id_field": "id",
        "time_field": "created",
        "title_field": "title",
    }
    title = texts("feed.title", province=content.province)
    return _collection("", content, provider) | {"title": title, "description": title}


def _records(content: Content) -> list[Json]:
    """Return a record of every layer and raster (OGC API - Records, record core)."""
    named = [(name, layer_files.FOLDER) for name in content.layers]
    named += [(name, raster_files.FOLDER) for name in content.rasters]
    return [_record(name, kind, content) for name, kind in named]


def _record(name: str, kind: str, content: Content) -> Json:
    west, south, east, north = content.bounds
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    suffix = ".tif" if kind == raster_files.FOLDER else ".geojson"
    titles = dictionary.titles(name)
    return {
        "id": f"{kind}-{name}",
        "type": "Feature",
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "time": {"date": content.publication.stamp[:10]},
        "properties": {
            "type": "dataset",
            "title": titles[content.language],
            "description": " / ".join(titles.values()),
            "created": content.publication.stamp,
            "language": content.language,
            "_metadata-anytext": " ".join([name, *titles.values()]),
        },
        "links": [
            {
                "rel": "item",
                "title": titles[content.language],
                "href": f"./{feed_folder.RUNS}/{content.identifier}/{kind}/{name}{suffix}",
            }
        ],
    }
