"""The data dictionary of a feed: every layer, column and raster, in both languages."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from phusong import messages
from phusong.geodata.files import whole
from phusong.geodata.writers import labels
from phusong.maps.feed import folder as feed_folder
from phusong.maps.feed import raster_files
from phusong.maps.feed.content import Content, Texts, texts

NAME, TABLE = "dictionary.json", "dictionary.csv"
HEADER = ("layer", "column", "type", "unit", "meaning_vi", "meaning_en")
DEGREES = "EPSG:4326"

Json = dict[str, Any]


def write(folder: Path, content: Content) -> None:
    """Write the dictionary as JSON and as a table, the files of the layers being written."""
    tree = document(folder, content)
    feed_folder.write_json(folder / NAME, tree)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_lines(tree))
    whole.write_text(folder / TABLE, buffer.getvalue())


def document(folder: Path, content: Content) -> Json:
    """Return what layers, columns and rasters mean, with units and types."""
    rasters = folder / raster_files.FOLDER
    return {
        "layers": {name: _layer(name, content) for name in content.layers},
        "rasters": {name: _raster(name, rasters / f"{name}.tif") for name in content.rasters},
    }


def _layer(name: str, content: Content) -> Json:
    frame = content.layers[name]
    columns = [column for column in frame.columns if column != frame.geometry.name]
    return {
        "title": titles(name),
        "crs": DEGREES,
        "geometry": sorted({str(kind) for kind in frame.geom_type}),
        "features": len(frame),
        "columns": [_column(column, frame[column]) for column in columns],
    }


def titles(name: str) -> Texts:
    """Return what a layer is called in each language."""
    return {language: labels.title(name, language) for language in messages.SHIPPED}


def _column(name: str, values: "pd.Series[Any]") -> Json:
    meanings = {language: labels.meaning(name, language) for language in messages.SHIPPED}
    return {
        "name": name,
        "type": _type(values),
        "unit": labels.unit(name, "en"),
        "meaning": {language: text or name for language, text in meanings.items()},
    }


def _type(values: "pd.Series[Any]") -> str:
    if pd.api.types.is_bool_dtype(values):
        return "boolean"
    if pd.api.types.is_integer_dtype(values):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(values) else "string"


def _raster(name: str, path: Path) -> Json:
    facts = raster_files.facts(path)
    known = messages.has_words(f"raster.{name}")
    return {
        "title": titles(name),
        "meaning": texts(f"raster.{name}") if known else titles(name),
        "crs": facts.crs,
        "unit": facts.unit,
        "type": facts.data_type,
        "nodata": facts.nodata,
    }


def _lines(tree: Json) -> Iterator[list[str]]:
    for layer, about in tree["layers"].items():
        for column in about["columns"]:
            meaning = column["meaning"]
            kind = (column["type"], column["unit"])
            yield [layer, column["name"], *kind, meaning["vi"], meaning["en"]]
    for raster, about in tree["rasters"].items():
        meaning = about["meaning"]
        yield [raster, "", about["type"], about["unit"], meaning["vi"], meaning["en"]]
