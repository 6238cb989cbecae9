"""Layers as files for other programs, in several formats."""

import errno
import importlib.util
import io
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from geopandas import GeoDataFrame

from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import whole
from phusong.geodata.writers import styles
from phusong.geodata.writers import vector as export
from phusong.geodata.writers.lineage import Publication
from phusong.messages import message

NAME_BYTES, TEXT_BYTES = 10, 254  # of a field in a dBASE table
MAPINFO_NAME = 31
_PROMOTED = {"Polygon": shapely.MultiPolygon, "LineString": shapely.MultiLineString}

Warn = Callable[[str], None]


def promoted(frame: GeoDataFrame) -> GeoDataFrame:
    """Return a layer whose geometries are of one kind: single parts of multi-part layers grow."""
    kinds = set(frame.geom_type.dropna())
    if not any(f"Multi{kind}" in kinds or kind == "Polygon" for kind in kinds):
        return frame
    shapes = [
        _PROMOTED[shape.geom_type]([shape]) if shape and shape.geom_type in _PROMOTED else shape
        for shape in frame.geometry
    ]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def write(
    target: Path,
    layers: Mapping[str, GeoDataFrame],
    publication: Publication,
    *,
    replace: bool = False,
    warn: Warn,
) -> list[Path]:
    """Write layers to a file of the format that its suffix names and return what was written.

    GeoPackage (.gpkg) holds all layers; FlatGeobuf (.fgb), GeoParquet (.parquet) and Shapefile
    (.shp), MapInfo (.tab) and DXF (.dxf) hold one each, so that several layers become NAME_LAYER
    files.

    Parameters
    ----------
    target : file.
    layers : frames by name.
    said : titles, language, lineage.
    replace : whether files that exist may be replaced.
    warn : is told what a format cannot hold.
    """
    suffix = target.suffix.lower()
    if suffix not in WRITERS:
        remedy = message("remedy.end_the_name_in_or_give", writers=[*WRITERS])
        raise InputError(
            message("refusal.unknown_format"),
            [Defect("--to", message("problem.unknown_suffix"), remedy, value=suffix)],
        )
    if suffix == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        remedy = message("remedy.pip_install_phusong_parquet")
        raise InputError(
            message("refusal.cannot_write_geoparquet"),
            [Defect("--to", message("problem.pyarrow_is_not_installed"), remedy)],
        )
    paths = _paths(target, list(layers))
    taken = [path for path in dict.fromkeys(paths.values()) if path.exists()]
    if taken and not replace:
        remedy = message("remedy.give_another_name_or_replace")
        raise InputError(
            message("refusal.the_file_exists"),
            [Defect(str(path), message("problem.exists"), remedy) for path in taken],
        )
    if not target.parent.is_dir():
        raise whole.unwritable(target, FileNotFoundError(2, "No such file or directory"))
    WRITERS[suffix](paths, layers, publication, warn)
    return list(dict.fromkeys(paths.values()))


def _paths(target: Path, names: Sequence[str]) -> dict[str, Path]:
    if target.suffix.lower() == ".gpkg" or len(names) == 1:
        return dict.fromkeys(names, target)
    return {name: target.with_name(f"{target.stem}_{name}{target.suffix}") for name in names}


Paths = Mapping[str, Path]
Layers = Mapping[str, GeoDataFrame]


def _geopackage(paths: Paths, layers: Layers, publication: Publication, _warn: Warn) -> None:
    path = next(iter(paths.values()))
    export.write_gpkg(path, layers, styles.plan_styles(layers, publication.language), publication)


def _flatgeobuf(paths: Paths, layers: Layers, _publication: Publication, _warn: Warn) -> None:
    for name, frame in layers.items():
        memory = io.BytesIO()  # GDAL does not say of every byte that a full disk does not take
        pyogrio.write_dataframe(promoted(frame), memory, driver="FlatGeobuf", layer=name)
        with whole.replace_whole(paths[name]) as temporary:
            temporary.write_bytes(memory.getbuffer())


def _parquet(paths: Paths, layers: Layers, _publication: Publication, _warn: Warn) -> None:
    for name, frame in layers.items():
        with whole.replace_whole(paths[name]) as temporary:
            frame.to_parquet(temporary, index=False, write_covering_bbox=True)


def _shapefile(paths: Paths, layers: Layers, publication: Publication, warn: Warn) -> None:
    """Write Shapefiles: shortened names, cut texts and the way back are said by ``warn``.

    References
    ----------
    ESRI Shapefile Technical Description (1998); dBASE III tables: names of 10 bytes, texts of 254.
    """
    warn(
        "Shapefile keeps field names of 10 bytes, texts of 254 bytes and no headings, styles "
        "or metadata; GeoPackage (.gpkg) keeps all"
    )
    for name, frame in layers.items():
        names = short_names([str(column) for column in frame.columns if column != "geometry"])
        changed = [f"{long} -> {short}" for long, short in names.items() if long != short]
        if changed:
            warn(f"{name}: renamed {', '.join(changed)}")
        fitted, cut = _fitted(frame)
        if cut:
            warn(f"{name}: texts cut at {TEXT_BYTES} bytes in {', '.join(cut)}")
        _write_shapefile(paths[name], promoted(fitted.rename(columns=names)), publication)


def short_names(names: Sequence[str], size: int = NAME_BYTES) -> dict[str, str]:
    """Return a name of at most so many bytes for each field, no two the same in either case."""
    given: dict[str, str] = {}
    for name in names:
        short, number = _cut(name, size), 1
        while short.lower() in {used.lower() for used in given.values()}:
            number += 1
            short = _cut(name, size - len(f"_{number}")) + f"_{number}"
        given[name] = short
    return given


def _cut(text: str, size: int) -> str:
    """Return as much of a text as ``size`` bytes of UTF-8 hold, no character halved."""
    return text.encode()[:size].decode("utf-8", "ignore")


def _fitted(frame: GeoDataFrame) -> tuple[GeoDataFrame, list[str]]:
    """Return the layer with texts that fit, truth as 1 and 0, and the columns that were cut."""
    fitted, cut = frame.copy(), []
    for name in frame.columns.drop("geometry"):
        if pd.api.types.is_bool_dtype(frame[name]):
            fitted[name] = frame[name].astype("int32")
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            texts = [_cut(v, TEXT_BYTES) if isinstance(v, str) else v for v in frame[name]]
            if any(a != b for a, b in zip(texts, frame[name], strict=True) if isinstance(b, str)):
                cut.append(str(name))
            fitted[name] = pd.Series(texts, index=frame.index, dtype=object)
    return fitted, cut


def _write_shapefile(path: Path, frame: GeoDataFrame, publication: Publication) -> None:
    with (
        whole.writing(path),
        whole.folder_beside(path) as folder,
    ):
        pyogrio.write_dataframe(
            frame,
            folder / path.name,
            driver="ESRI Shapefile",
            geometry_type=None if len(frame) else "Point",
            encoding="UTF-8",
            layer_options={"DBF_DATE_LAST_UPDATE": publication.stamp[:10]},
        )
        _check_shapefile(folder / path.name)
        for part in sorted(folder.iterdir()):
            part.replace(path.parent / part.name)


def _mapinfo(paths: Paths, layers: Layers, _publication: Publication, warn: Warn) -> None:
    """Write MapInfo tables, in UTF-8 and WGS 84; names that they do not take are changed and said.

    MapInfo knows national systems only by its own list: read elsewhere, positions would be some
    100 m off. In WGS 84 they are right everywhere.

    References
    ----------
    MapInfo Professional, appendix "MapInfo Interchange Format": names of 31 letters, digits and _.
    """
    warn(
        "MapInfo tables are written in WGS 84, with field names of 31 letters, texts of 254 bytes "
        "and no styles or metadata; GeoPackage (.gpkg) keeps all"
    )
    for name, frame in layers.items():
        fitted, cut = _fitted(frame.to_crs(crs.GEOGRAPHIC))
        if cut:
            warn(f"{name}: texts cut at {TEXT_BYTES} bytes in {', '.join(cut)}")
        headers = [str(column) for column in frame.columns if column != "geometry"]
        shape = promoted(fitted.rename(columns=short_names(headers, MAPINFO_NAME)))
        options = {"ENCODING": "UTF-8", "BOUNDS": _bounds(fitted)}
        _write_parts(paths[name], shape, "MapInfo File", options)


def _bounds(frame: GeoDataFrame) -> str:
    """Return the range of coordinates, which sets their precision: the layer with a margin."""
    if frame.empty:
        return "0,0,1,1"
    west, south, east, north = frame.total_bounds
    margin = max(east - west, north - south, 1e-6) * 0.1
    sides = (west - margin, south - margin, east + margin, north + margin)
    return ",".join(f"{side:.9g}" for side in sides)


def _dxf(paths: Paths, layers: Layers, _publication: Publication, warn: Warn) -> None:
    """Write drawings for CAD: shapes in the units of the CRS, each on a layer of its name.

    References
    ----------
    Autodesk, DXF Reference, AutoCAD 2010: LAYER, LWPOLYLINE, POINT, TEXT entities.
    """
    warn(
        "DXF keeps shapes on a layer of its name and no attributes, coordinate system, styles or "
        "metadata; GeoPackage (.gpkg) keeps all"
    )
    for name, frame in layers.items():
        shapes = list(frame.geometry)
        drawn = gpd.GeoDataFrame({"Layer": [name] * len(frame)}, geometry=shapes, crs=frame.crs)
        drawn = drawn.explode(ignore_index=True)
        with whole.replace_whole(paths[name]) as temporary:
            pyogrio.write_dataframe(drawn, temporary, driver="DXF", geometry_type="Unknown")


def _write_parts(path: Path, frame: GeoDataFrame, driver: str, options: dict[str, str]) -> None:
    """Write a layer that lies in several files, all of them or none."""
    with whole.writing(path), whole.folder_beside(path) as folder:
        pyogrio.write_dataframe(
            frame,
            folder / path.name,
            driver=driver,
            geometry_type=None if len(frame) else "Point",
            layer_options=options,
        )
        for part in sorted(folder.iterdir()):
            part.replace(path.parent / part.name)


def _check_shapefile(path: Path) -> None:
    """Raise when a part is shorter than it says: a full disk, of which GDAL says nothing.

    References
    ----------
    ESRI Shapefile Technical Description (1998), main file header; dBASE III, table header.
    """
    for part in (path, path.with_suffix(".shx"), path.with_suffix(".dbf")):
        head, size = part.read_bytes()[:32].ljust(32, b"\0"), part.stat().st_size
        stated_bytes = 2 * struct.unpack_from(">I", head, 24)[0]
        if part.suffix == ".dbf":
            rows, start, width = struct.unpack_from("<IHH", head, 4)
            stated_bytes = start + rows * width
        if not 0 < stated_bytes <= size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(part))


WRITERS = {
    ".gpkg": _geopackage,
    ".fgb": _flatgeobuf,
    ".parquet": _parquet,
    ".shp": _shapefile,
    ".tab": _mapinfo,
    ".dxf": _dxf,
}
