"""The vector layers of a feed as files: GeoJSON, FlatGeobuf, GeoParquet, and one GeoPackage."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

from geopandas import GeoDataFrame

from phusong.geodata.writers import formats, vector
from phusong.maps.feed.content import Content
from phusong.messages import Text, message

FOLDER = "vectors"
PACKAGE = "layers.gpkg"
SUFFIXES = (".geojson", ".fgb", ".parquet")

Warn = Callable[[Text], None]


def write(folder: Path, content: Content, warn: Warn) -> None:
    """Write every layer into ``vectors`` in each format, and all into one GeoPackage.

    Parameters
    ----------
    folder
        Of the run.
    content
        Its layers.
    warn
        Is told which format was left out.
    """
    target = folder / FOLDER
    target.mkdir()
    with_parquet = importlib.util.find_spec("pyarrow") is not None
    if not with_parquet:
        warn(message("warning.no_geoparquet"))
    for name, frame in content.layers.items():
        vector.write_geojson(target / f"{name}.geojson", frame)
        _written(target / f"{name}.fgb", name, frame, content)
        if with_parquet:
            _written(target / f"{name}.parquet", name, frame, content)
    vector.write_gpkg(folder / PACKAGE, content.layers, about=content.publication)


def _written(path: Path, name: str, frame: GeoDataFrame, content: Content) -> None:
    formats.write(path, {name: frame}, content.publication, warn=lambda _: None)
