"""Every byte of a feed as plainly as it can be had: packed files unpacked, tiles decoded."""

import gzip
import io
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from pmtiles.reader import MmapSource, Reader, all_tiles


def readings(folder):
    """Yield the name of each file with its bytes, as they are and unpacked."""
    for path in sorted(path for path in Path(folder).rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        yield name, name.encode() + path.read_bytes()
        for unpacked in UNPACKED.get(path.suffix, lambda _: ())(path):
            yield name, unpacked


def _tiles(path):
    with path.open("rb") as file:
        source = MmapSource(file)
        yield repr(Reader(source).metadata()).encode()
        for _, tile in all_tiles(source):
            yield gzip.decompress(tile) if tile[:2] == b"\x1f\x8b" else tile


def _package(path):
    with sqlite3.connect(path) as connection:
        for (table,) in connection.execute("select name from sqlite_master where type='table'"):
            rows = connection.execute(f'select * from "{table}"').fetchall()  # noqa: S608 - of the file
            for row in rows:
                yield b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in row)


def _parquet(path):
    frame = gpd.read_parquet(path)
    yield frame.to_csv().encode()
    yield b"".join(shapely.to_wkb(frame.geometry.to_numpy()))


def _raster(path):
    with rasterio.open(path) as source:
        yield source.read().tobytes()
        yield repr((source.profile, source.tags(), source.descriptions)).encode()


def _gzipped(path):
    yield gzip.decompress(path.read_bytes())


UNPACKED = {
    ".pmtiles": _tiles,
    ".gpkg": _package,
    ".parquet": _parquet,
    ".tif": _raster,
    ".gz": _gzipped,
}


def places(folder, crs):
    """Return every vertex of every vector file and tile, in a CRS; shape (n, 2)."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix in {".geojson", ".fgb", ".gpkg", ".pmtiles"}:
            for layer, kind in pyogrio.list_layers(path):
                if kind is not None:
                    frame = pyogrio.read_dataframe(path, layer=layer)
                    found.append(shapely.get_coordinates(frame.to_crs(crs).geometry.to_numpy()))
        elif path.suffix == ".parquet":
            frame = gpd.read_parquet(path)
            found.append(shapely.get_coordinates(frame.to_crs(crs).geometry.to_numpy()))
    return np.concatenate(found)


def as_text(content):
    """Return bytes as text, for numbers in it."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace").read()
