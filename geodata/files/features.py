"""Read the features of one unpacked vector file through GDAL: each format has its quirks.

GDAL also follows what a file names: a reference system to fetch from an address, other tables, a
view that computes for ever. What looks for such stands here beside the reading.
"""

import json
import mmap
import re
import sqlite3
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio

from phusong.errors import Defect, InputError
from phusong.geodata.files import archives, csv_rows, encodings
from phusong.messages import message

MAX_FEATURES = 1_000_000
QGIS_TABLES = ("layer_styles", "qgis_projects")  # beside the layers of a GeoPackage
TOP_BYTES = 65_536
MAX_CRS = 1_000  # members of that name in a file
CRS_BYTES = 4_096
_FOLDER = "folder"  # of a KML file, which has a layer per folder
_CRS = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*(?=\{)', re.IGNORECASE)
_NAMED = ("name", "epsg", "ogc")
_SEAMLESS = re.compile(rb"\\IsSeamless\W*=\W*TRUE", re.IGNORECASE)  # names other tables

Frame: TypeAlias = "gpd.GeoDataFrame | pd.DataFrame"
Layers: TypeAlias = "Callable[[Path], list[str]]"


def names_of_layers(inner: Path) -> list[str]:
    """Return the layers of a file."""
    return [str(name) for name in pyogrio.list_layers(inner)[:, 0] if name not in QGIS_TABLES]


def read(path: Path, inner: Path, layers_of: Layers = names_of_layers, **options: str) -> Frame:
    """Read the one layer of a file.

    Parameters
    ----------
    path : what the user gave, for the messages.
    inner : the file itself, unpacked.
    layers_of : returns the layers of it that count.
    options : of GDAL.
    """
    with reading(path, inner):
        layers = layers_of(inner)
        if len(layers) != 1:
            problem = message("problem.has_layers", n=len(layers), layers=[*layers])
            raise InputError(
                message("refusal.cannot_choose_a_layer"),
                [Defect(str(path), problem, message("remedy.keep_one"))],
            )
        return _layer(path, inner, layers[0], options)


def read_geojson(path: Path, inner: Path) -> Frame:
    """Read GeoJSON; an identifier may look like a date."""
    return read(path, inner, DATE_AS_STRING="YES")


def read_shapefile(path: Path, inner: Path) -> Frame:
    """Read a shapefile; where nothing says its encoding every byte stays, to be told later."""
    if inner.with_suffix(".cpg").is_file():
        return _decoded(read(path, inner))
    return _decoded(read(path, inner, encoding="ISO-8859-1"))


def read_gpx(path: Path, inner: Path) -> Frame:
    """Read the one kind of feature that a GPX file has: waypoints, routes or tracks."""
    return read(path, inner, _filled_parts)


def read_kml(path: Path, inner: Path) -> Frame:
    """Read the folders of a KML file as one layer."""
    with reading(path, inner):
        layers = names_of_layers(inner)
        frames = [_layer(path, inner, layer, {}) for layer in layers]
        marked = _placemarks(inner)
        if [len(rows) for rows in marked] == [len(frame) for frame in frames]:
            pairs = zip(frames, marked, strict=True)
            frames = [_described(frame, rows) for frame, rows in pairs]
        if len(frames) == 1 and _has_folder(inner):
            frames = [frames[0].assign(**{_FOLDER: layers[0]})]
    return _joined(path, layers, frames)


def _has_folder(inner: Path) -> bool:
    """Return whether the placemarks of a KML file stand in a folder."""
    if zipfile.is_zipfile(inner):
        return False
    root = ET.parse(inner).getroot()  # noqa: S314 - entities were refused before
    return any(_tag(element) == "Folder" for element in root.iter())


def _placemarks(inner: Path) -> list[list[dict[str, str]]]:
    """Return what the placemarks of each folder say, in the words of the markup.

    GDAL spoils names of data that are not plain ASCII, and leaves descriptions as they are.
    """
    folders: list[list[dict[str, str]]] = []

    def visit(container: ET.Element) -> None:
        own = [child for child in container if _tag(child) == "Placemark"]
        if own:
            folders.append([_placemark(child) for child in own])
        for child in container:
            if _tag(child) in {"Folder", "Document"}:
                visit(child)

    if zipfile.is_zipfile(inner):
        return []
    visit(ET.parse(inner).getroot())  # noqa: S314 - entities were refused before
    return folders


def _placemark(mark: ET.Element) -> dict[str, str]:
    """Return the name, the data and the described values of a placemark."""
    values = {"Name": "", "placemark id": mark.get("id", "")}
    for child in mark.iter():
        if child in list(mark) and _tag(child) == "name":
            values["Name"] = (child.text or "").strip()
        if child in list(mark) and _tag(child) == "description":
            values |= _described_values(child.text or "")
        if _tag(child) == "SimpleData":
            values[child.get("name", "")] = (child.text or "").strip()
        if _tag(child) == "Data":
            value = next((part.text for part in child if _tag(part) == "value"), "")
            values[child.get("name", "")] = (value or "").strip()
    return values


_CELLS = re.compile(r"(?i):?\s*</t[dh]>\s*<t[dh][^>]*>")  # between name and value of a table
_ENDS = re.compile(r"(?i)<br\s*/?>|</(?:tr|p|li|div)>|\n")


def _described_values(text: str) -> dict[str, str]:
    """Return the values of a description whose lines are all "name: value", else the text."""
    text = _CELLS.sub(": ", text)
    lines = [re.sub(r"<[^>]*>", "", line).strip() for line in _ENDS.split(text)]
    pairs = [line.partition(":") for line in lines if line]
    if pairs and all(mark and name.strip() and value.strip() for name, mark, value in pairs):
        return {name.strip(): value.strip() for name, _, value in pairs}
    return {"description": " ".join(filter(None, lines))} if any(lines) else {}


def _described(frame: Frame, rows: list[dict[str, str]]) -> Frame:
    """Return features with what their placemarks say in place of what GDAL made of it."""
    names = dict.fromkeys(name for row in rows for name in row if any(r.get(name) for r in rows))
    cells = {name: [row.get(name, "") for row in rows] for name in names}
    if not isinstance(frame, gpd.GeoDataFrame):
        return pd.DataFrame(cells)
    return gpd.GeoDataFrame(cells, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def _tag(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _filled_parts(inner: Path) -> list[str]:
    parts = [name for name in names_of_layers(inner) if not name.endswith("_points")]
    counts = {n: pyogrio.read_info(inner, n, force_feature_count=True) for n in parts}
    return [name for name, layer in counts.items() if layer["features"]]


def _layer(path: Path, inner: Path, layer: str, options: dict[str, str]) -> Frame:
    check_layer(path, inner, layer)
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
        raise InputError(
            message("refusal.empty_file"), [Defect(str(path), message("problem.holds_no_features"))]
        )
    return pd.concat(full, ignore_index=True)


def _decoded(frame: Frame) -> Frame:
    """Return a shapefile's text as Unicode when it is UTF-8 that nothing says so of."""
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
        problem = message("problem.cannot_be_read", unnamed=unnamed)
        remedy = message("remedy.give_csv_geojson_or_geopackage")
        raise InputError(
            message("refusal.unreadable_file"), [Defect(str(path), problem, remedy)]
        ) from None


def check_layer(path: Path, inner: Path, layer: str) -> None:
    """Refuse a view of a GeoPackage: it may compute without end."""
    if inner.suffix.lower() != ".gpkg":
        return
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND lower(name) = lower(?)"
    try:
        with closing(sqlite3.connect(f"{inner.resolve().as_uri()}?mode=ro", uri=True)) as database:
            (views,) = database.execute(query, [layer]).fetchone()
    except sqlite3.Error as error:
        raise InputError(
            message("refusal.unreadable_file"),
            [Defect(str(path), message("problem.cannot_be_read_2", error=error))],
        ) from None
    if views:
        problem = message("problem.its_layer_is_a_view_not", layer=layer)
        raise InputError(
            message("refusal.unsafe_file"),
            [Defect(str(path), problem, message("remedy.save_the_layer_as_a_table"))],
        )


def entities(inner: Path) -> str:
    """Raise when markup declares entities, which may name files of this machine."""
    archives.check_markup(inner)
    return ""


def other_tables(inner: Path) -> str:
    """Return whether a MapInfo table is made of others."""
    with inner.open("rb") as file:
        top = file.read(TOP_BYTES).replace(b"\0", b"")
    return "is a seamless table that leads to others" if _SEAMLESS.search(top) else ""


def crs_address(inner: Path) -> str:
    """Return whether GeoJSON names an address of its coordinate system, which GDAL would ask."""
    away = any(_leads_away(value) for value in _systems(inner))
    return "names an address to fetch its coordinate system (crs) from" if away else ""


def _systems(inner: Path) -> Iterator[Any]:
    """Yield the objects called ``crs`` in a JSON file; None for one that cannot be told."""
    if not inner.stat().st_size:
        return
    with inner.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for number, match in enumerate(_CRS.finditer(content)):
            text = content[match.end() : match.end() + CRS_BYTES].decode("utf-8", "replace")
            try:
                yield json.JSONDecoder().raw_decode(text)[0]
            except (ValueError, RecursionError):
                yield None
            if number > MAX_CRS:
                yield None


def _leads_away(system: object) -> bool:
    if not isinstance(system, dict):
        return True
    kind = system.get("type", "name")
    return not isinstance(kind, str) or kind.lower() not in _NAMED
