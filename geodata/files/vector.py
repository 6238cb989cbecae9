"""Read vector files: GeoJSON, GeoPackage, shapefile, KML and what else GDAL knows."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import archives, csv_rows, encodings, guard, signatures

SUFFIXES = (
    *(".geojson", ".json", ".gpkg", ".shp", ".kml", ".kmz", ".fgb", ".gml", ".gpx", ".tab", ".mif"),
)
MAX_BYTES = 500_000_000
MAX_FEATURES = 1_000_000
QGIS_TABLES = ("layer_styles", "qgis_projects")  # beside the layers of a GeoPackage
_FOLDER = "folder"  # of a KML file, which has a layer per folder
_LARGEST_DEGREES = 361.0

Frame: TypeAlias = "gpd.GeoDataFrame | pd.DataFrame"


def read(path: Path, stated_crs: str | None = None) -> Frame:
    """Read the one layer of a vector file, the folders of a KML file as one.

    Parameters
    ----------
    path : file; also zipped, or gzipped.
    stated_crs : coordinate system where the file does not say its own.

    Raises
    ------
    InputError
        When the file cannot be read, has several layers or no CRS, or names other sources.
    """
    path = Path(path)
    guard.check_plain(path)
    with archives.opened(path, SUFFIXES) as inner:
        guard.check_plain(inner, MAX_BYTES)
        signatures.check(path, inner)
        frame = _decoded(_frame(path, inner), inner)
    return _with_crs(path, frame, stated_crs).reset_index(drop=True)


def _frame(path: Path, inner: Path) -> Frame:
    geojson = inner.suffix.lower() in {".geojson", ".json"}
    options = {"DATE_AS_STRING": "YES"} if geojson else {}  # an identifier may look like a date
    if inner.suffix.lower() == ".shp" and not inner.with_suffix(".cpg").is_file():
        options["encoding"] = "ISO-8859-1"  # every byte stays; what they mean is told later
    with reading(path, inner):
        layers = _layers(path, inner)
        frames = [_layer(path, inner, layer, options) for layer in layers]
    return _joined(path, layers, frames)


@contextmanager
def reading(path: Path, inner: Path | None = None) -> Iterator[None]:
    """Say which file GDAL cannot read, by the name that the user gave, and why."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of GDAL, about files that it reads all the same
            yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken file fails in any of a dozen ways
        unnamed = str(error).replace(str(inner), path.name) or type(error).__name__
        problem = f"cannot be read: {unnamed}"
        remedy = "give CSV, GeoJSON or GeoPackage"
        raise InputError("unreadable file", [Defect(str(path), problem, remedy)]) from None


def _layers(path: Path, inner: Path) -> list[str]:
    """Return the layers to read: one, the folders of a KML file, or what a GPX file has."""
    layers = [str(name) for name in pyogrio.list_layers(inner)[:, 0] if name not in QGIS_TABLES]
    if inner.suffix.lower() == ".gpx":
        parts = (name for name in layers if not name.endswith("_points"))  # of routes and tracks
        counts = {n: pyogrio.read_info(inner, n, force_feature_count=True) for n in parts}
        layers = [name for name, told in counts.items() if told["features"]]
    if len(layers) != 1 and inner.suffix.lower() != ".kml":
        problem = f"has {len(layers)} layers: {', '.join(layers)}"
        raise InputError("cannot choose a layer", [Defect(str(path), problem, "keep one")])
    return layers


def _layer(path: Path, inner: Path, layer: str, options: dict[str, str]) -> Frame:
    signatures.check_layer(path, inner, layer)
    features = int(pyogrio.read_info(inner, layer=layer, **options)["features"])
    if features > MAX_FEATURES:
        raise csv_rows.too_large(path, f"has {features:,} features")
    return pyogrio.read_dataframe(inner, layer=layer, **options)


def _joined(path: Path, layers: list[str], frames: list[Frame]) -> Frame:
    full = [
        frame.assign(**{_FOLDER: name}) if len(layers) > 1 else frame
        for name, frame in zip(layers, frames, strict=True)
        if len(frame) and isinstance(frame, gpd.GeoDataFrame)
    ]
    if len(frames) == 1:
        return frames[0]
    if not full:
        raise InputError("empty file", [Defect(str(path), "holds no features")])
    return pd.concat(full, ignore_index=True)


def _decoded(frame: Frame, inner: Path) -> Frame:
    """Return a shapefile's text as Unicode when it is UTF-8 that nothing says so of."""
    if inner.suffix.lower() != ".shp":
        return frame
    names = [name for name in frame.columns if frame[name].dtype.kind not in "fiubM"]
    texts = [name for name in names if name != getattr(frame, "_geometry_column_name", None)]
    whole = "\n".join(str(v) for name in texts for v in frame[name] if isinstance(v, str))
    if whole.isascii() or encodings.vietnamese(whole) >= encodings.SURE_SHARE:
        return frame
    try:
        whole.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return frame
    fixed = {
        name: [
            v.encode("latin-1").decode("utf-8") if isinstance(v, str) else v for v in frame[name]
        ]
        for name in texts
    }
    return frame.assign(**fixed)


def _with_crs(path: Path, frame: Frame, stated: str | None) -> Frame:
    """Return the frame in the CRS that it says, or that is stated; raise where there is none."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.empty:
        return frame
    bounds = np.abs(frame.total_bounds)
    impossible = (
        frame.crs is not None and frame.crs.is_geographic and bounds.max() > _LARGEST_DEGREES
    )
    usable = frame.crs is not None and crs.is_usable(frame.crs)
    if usable and not impossible:
        return frame
    if stated is not None:
        return frame.set_crs(stated, allow_override=True)
    west, south, east, north = frame.total_bounds
    middle = ((west + east) / 2, (south + north) / 2)
    fits = ", ".join(crs.fitting(*middle)) or "none of those known here"
    problem = "has no coordinate system (CRS)" + " that can be used" * (frame.crs is not None)
    if impossible:
        problem = f"has coordinates such as {middle[0]:.10g}, which are not degrees as it says"
    remedy = f"state it in the file, or with --crs; in Vietnam would lie: {fits}"
    raise InputError("wrong coordinate system", [Defect(str(path), problem, remedy)])
