"""The tables of a GeoPackage beside its layers: styles, headings of columns, metadata."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

from geopandas import GeoDataFrame

from phusong.geodata.writers import labels, lineage
from phusong.geodata.writers.lineage import Publication

GEOMETRY = "geom"
EPOCH = "2000-01-01T00:00:00.000Z"  # of a package that does not say when it was made

_LAYER_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
)"""
# OGC 12-128r17, GeoPackage 1.3, annexes F.9 (schema) and F.8 (metadata), tables 12, 15 and 16.
_DATA_COLUMNS = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
    description TEXT, mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
)"""
_METADATA = """
CREATE TABLE gpkg_metadata (
    id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
    md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
    mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
)"""
_REFERENCE = """
CREATE TABLE gpkg_metadata_reference (
    reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
    timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
    CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
    CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
)"""
_SPECIFICATION = "http://www.geopackage.org/spec121/#extension_"


def describe(
    path: Path,
    layers: Mapping[str, GeoDataFrame],
    styles: Mapping[str, str],
    publication: Publication | None,
) -> None:
    """Add styles, headings and metadata of the layers of a GeoPackage."""
    stamp = moment(publication)
    with closing(sqlite3.connect(path)) as database, database:
        if styles:
            _add_styles(database, {name: styles[name] for name in layers if name in styles}, stamp)
        if publication:
            _add_headings(database, layers, publication)
            _add_metadata(database, layers, publication)


def moment(publication: Publication | None) -> str:
    """Return the time of the run as GeoPackage writes it, to the millisecond."""
    return f"{publication.stamp[:-1]}.000Z" if publication else EPOCH


def _add_styles(database: sqlite3.Connection, styles: Mapping[str, str], stamp: str) -> None:
    """Fill the table in which QGIS looks for the default style of a layer."""
    database.execute(_LAYER_STYLES)
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
        " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,"
        " owner, ui, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', '', ?)",
        [(name, GEOMETRY, name, qml, stamp) for name, qml in styles.items()],
    )
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, srs_id)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?, 0)",
        [stamp],
    )


def _add_headings(
    database: sqlite3.Connection, layers: Mapping[str, GeoDataFrame], publication: Publication
) -> None:
    """Give columns the headings that GDAL and QGIS show as field aliases."""
    database.execute(_DATA_COLUMNS)
    for layer, frame in layers.items():
        names = [str(name) for name in frame.columns if name != frame.geometry.name]
        language = publication.language
        headings = labels.aliases(names, language)
        database.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description)"
            " VALUES (?, ?, ?, ?, ?)",
            [
                (
                    layer,
                    name,
                    heading,
                    heading,
                    labels.meaning(name, language) or heading,
                )
                for name, heading in headings.items()
            ],
        )
    _add_extension(database, "gpkg_schema", "schema", ["gpkg_data_columns"])


def _add_metadata(
    database: sqlite3.Connection, layers: Mapping[str, GeoDataFrame], publication: Publication
) -> None:
    """Say of every layer where it comes from, its date, CRS and licence."""
    database.execute(_METADATA)
    database.execute(_REFERENCE)
    for number, (layer, frame) in enumerate(layers.items(), 1):
        document = lineage.metadata(layer, publication, frame.crs.to_string())
        document.tag = "qgis"
        ET.indent(document)
        database.execute(
            "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)",
            (number, lineage.STANDARD, ET.tostring(document, encoding="unicode")),
        )
        database.execute(
            "INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, NULL)",
            (layer, moment(publication), number),
        )
    _add_extension(
        database, "gpkg_metadata", "metadata", ["gpkg_metadata", "gpkg_metadata_reference"]
    )


def _add_extension(
    database: sqlite3.Connection, name: str, anchor: str, tables: Iterable[str]
) -> None:
    database.executemany(
        "INSERT INTO gpkg_extensions (table_name, extension_name, definition, scope)"
        " VALUES (?, ?, ?, 'read-write')",
        [(table, name, _SPECIFICATION + anchor) for table in tables],
    )
