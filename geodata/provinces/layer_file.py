"""The layers of a province as bytes of a cache: frames and rasters, to the bit.

A header in JSON says what the frames and rasters are; their arrays follow, each as numpy writes it.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import IO, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import content_cache
from phusong.code_keys import versions
from phusong.geodata.grid import Grid, Raster

LIBRARIES = ("geopandas", "pandas", "pyproj", "shapely")  # beside those of ``content_cache``
GEOMETRY = "geometry"


class ProvinceLayers(NamedTuple):
    """What a province is made of."""

    communes: GeoDataFrame
    districts: GeoDataFrame
    zones: GeoDataFrame
    sites: GeoDataFrame
    terrain: Raster
    landcover: Raster
    population: Raster
    commune_index: Raster


def cached(
    inputs: Iterable[object], module: str, make: Callable[[], ProvinceLayers]
) -> ProvinceLayers:
    """Return the layers that ``make`` makes from these inputs, as ``content_cache.cached`` does.

    Rows of frames are numbered from 0; columns hold texts, numbers and geometries.
    """
    every = (*inputs, versions(*LIBRARIES))
    content = content_cache.cached(every, module, lambda: _bytes(make()))
    return _layers(io.BytesIO(content))


def _bytes(layers: ProvinceLayers) -> bytes:
    written = io.BytesIO()
    header = {name: _described(layer) for name, layer in layers._asdict().items()}
    written.write(json.dumps(header).encode() + b"\n")
    for layer in layers:
        for array in _arrays(layer):
            np.save(written, array, allow_pickle=False)
    return written.getvalue()


def _described(layer: GeoDataFrame | Raster) -> dict[str, Any]:
    if isinstance(layer, Raster):
        return {"grid": asdict(layer.grid), "nodata": layer.nodata}
    return {"columns": list(layer.columns), "crs": layer.crs.to_string()}


def _arrays(layer: GeoDataFrame | Raster) -> Iterator[NDArray[Any]]:
    """Yield what is written of a layer: a raster's values, or column by column of a frame."""
    if isinstance(layer, Raster):
        yield layer.values
        return
    for name, column in layer.items():
        if name == GEOMETRY:
            shapes = shapely.to_wkb(column.to_numpy())
            yield np.array([len(shape) for shape in shapes], np.int64)
            yield np.frombuffer(b"".join(shapes), np.uint8)
        else:
            yield column.to_numpy() if column.dtype.kind in "biuf" else column.to_numpy(str)


def _layers(file: IO[bytes]) -> ProvinceLayers:
    header = json.loads(file.readline())
    return ProvinceLayers(**{name: _layer(file, about) for name, about in header.items()})


def _layer(file: IO[bytes], about: Mapping[str, Any]) -> GeoDataFrame | Raster:
    if "grid" in about:
        values = np.load(file, allow_pickle=False)
        return Raster(values, Grid(**about["grid"]), about["nodata"])
    columns: dict[str, Any] = {}
    for name in about["columns"]:
        values = np.load(file, allow_pickle=False)
        if name == GEOMETRY:
            joined, ends = np.load(file, allow_pickle=False).tobytes(), np.cumsum(values).tolist()
            starts = [0, *ends]
            wkb = [joined[start:end] for start, end in zip(starts, ends, strict=False)]
            columns[name] = shapely.from_wkb(wkb)
        else:
            columns[name] = values if values.dtype.kind != "U" else values.tolist()
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=GEOMETRY, crs=about["crs"])
