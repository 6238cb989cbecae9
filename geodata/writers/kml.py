"""KML of points in order of build, for Google Earth."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from phusong import columns
from phusong.geodata import symbols
from phusong.geodata.writers import labels
from phusong.geodata.writers.lineage import Publication
from phusong.geodata.writers.markup import clean, element
from phusong.geodata.writers.vector import plain_table

NAMESPACE = "http://www.opengis.net/kml/2.2"
Row = Mapping[Any, Any]  # values of a point by their columns
_POSITIONS = (columns.LON, columns.LAT, columns.X_M, columns.Y_M)


def document(
    name: str, frame: GeoDataFrame, publication: Publication, order: Sequence[str] | None = None
) -> str:
    """Return a layer of points as KML, by year where it has years, for the slider of time.

    No request leaves the file: the pins are Google Earth's own. The balloon of a point is a
    table of its columns with the headings of the language.

    References
    ----------
    OGC 12-007r2, KML 2.3, sections 9.1 (Feature), 12.1 (Style) and 15.1 (TimePrimitive).
    """
    root = element(None, "kml", xmlns=NAMESPACE)
    body = element(root, "Document")
    element(body, "name", f"{publication.title}: {labels.title(name, publication.language)}")
    table = plain_table(frame, order)
    years = _years(table)
    _styles(body, sorted(set(years.dropna())))
    headings = labels.aliases([str(n) for n in table.columns], publication.language)
    _schema(body, table, headings)
    folders: dict[object, ET.Element] = {}
    shown = labels.worded(table, publication.language).to_dict("records")
    for year, row, words in zip(years, table.to_dict("records"), shown, strict=True):
        known = not pd.isna(year)
        key = int(year) if known else ""
        if key not in folders:
            folders[key] = element(body, "Folder")
            element(folders[key], "name", key if known else "-")
        _placemark(folders[key], row, headings, str(key), words)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _years(table: pd.DataFrame) -> pd.Series:
    if columns.YEAR not in table:
        return pd.Series(np.full(len(table), np.nan), index=table.index)
    return pd.to_numeric(table[columns.YEAR])


def _styles(document: ET.Element, years: Sequence[float]) -> None:
    coloured = {str(year): colour for year, colour in symbols.year_colours(years).items()}
    for year, colour in {"": symbols.OTHER.colour, **coloured}.items():
        style = element(document, "Style", id=f"year{year}")
        icon = element(style, "IconStyle")
        element(icon, "color", f"ff{colour[5:7]}{colour[3:5]}{colour[1:3]}")
        element(icon, "scale", 0.9)
        element(element(style, "LabelStyle"), "scale", 0.7)
        element(element(style, "BalloonStyle"), "text", "$[description]")


def _schema(document: ET.Element, table: pd.DataFrame, headings: dict[str, str]) -> None:
    """Name the columns once, with their types and headings."""
    schema = element(document, "Schema", name="columns", id="columns")
    for name, heading in headings.items():
        kinds = {type(value) for value in table[name] if value is not None}
        field = element(schema, "SimpleField", name=name, type=_type(kinds))
        element(field, "displayName", heading)


def _type(kinds: set[type]) -> str:
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "int"
    return "double" if kinds and kinds <= {int, float} else "string"


def _placemark(
    folder: ET.Element, row: Row, headings: dict[str, str], year: str, shown: Row
) -> None:
    """Add a point; its description is HTML, so that values are escaped once more inside it.

    The description has words (``shown``) where the data have codes.
    """
    mark = element(folder, "Placemark")
    parts = [row[name] for name in (columns.RANK, columns.SITE_ID) if name in row]
    element(mark, "name", ". ".join(str(part) for part in parts))
    element(mark, "Snippet", "", maxLines=0)
    element(mark, "description", _balloon(shown, headings))
    if year:
        element(element(mark, "TimeSpan"), "begin", year)
    element(mark, "styleUrl", f"#year{year}")
    data = element(element(mark, "ExtendedData"), "SchemaData", schemaUrl="#columns")
    for name in headings:
        if row[name] is not None:
            element(data, "SimpleData", row[name], name=name)
    lon, lat = row[columns.LON], row[columns.LAT]
    element(element(mark, "Point"), "coordinates", f"{lon:.6f},{lat:.6f}")


def _balloon(row: Row, headings: dict[str, str]) -> str:
    lines = [
        f"<tr><td>{escape(clean(headings[name]))}</td><td>{escape(clean(row[name]))}</td></tr>"
        for name in headings
        if row[name] not in {None, ""} and name not in _POSITIONS
    ]
    return f"<table>{''.join(lines)}</table>"
