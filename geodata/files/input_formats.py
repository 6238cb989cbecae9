"""The files that phusong reads, one record for each format; every reader looks here.

To add a format, write a module beside this one with the function that reads it, and add its record
to ``FORMATS``. Tables, layers, archives, ``data check`` and the messages follow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from phusong.geodata.files import csv_rows, features, xlsx_rows
from phusong.geodata.files.csv_rows import Sheet
from phusong.geodata.files.features import Frame
from phusong.geodata.files.header_rows import Recognised


@dataclass(frozen=True)
class Format:
    """A kind of file.

    Parameters
    ----------
    name : as people call it.
    suffixes : of its files, in small letters, with the dot.
    """

    name: str
    suffixes: tuple[str, ...]


@dataclass(frozen=True)
class RowFormat(Format):
    """Rows of cells below a header.

    Parameters
    ----------
    read : returns headers and rows of an unpacked file; it is handed a function that counts the
        known headers among the cells of a row.
    """

    read: Callable[[Path, Recognised], Sheet]


@dataclass(frozen=True)
class FeatureFormat(Format):
    """Geometries with attributes.

    Parameters
    ----------
    begins : first bytes of a file without byte order mark, zeros and blanks, in small letters.
    read : returns the features; it is handed the path that the user gave, for its messages, and
        the unpacked file.
    lure : returns how an unpacked file leads to other sources, or nothing; raises where it is
        unsafe.
    """

    begins: bytes = b""
    read: Callable[[Path, Path], Frame] = features.read
    lure: Callable[[Path], str] | None = None


@dataclass(frozen=True)
class RasterFormat(Format):
    """A grid of values, in one file that names no other.

    Parameters
    ----------
    driver : of GDAL.
    """

    driver: str


# In the order in which messages name their suffixes.
FORMATS: tuple[Format, ...] = (
    RowFormat("text table", (".csv", ".tsv", ".txt", ".ntm"), csv_rows.read),
    RowFormat("Excel workbook", (".xlsx", ".xlsm"), xlsx_rows.read),
    FeatureFormat(
        "GeoJSON", (".geojson", ".json"), b"{", features.read_geojson, features.crs_address
    ),
    FeatureFormat("GeoPackage", (".gpkg",), b"sqlite format 3"),
    # 9994 as four bytes, of which two are zero and one is a line end
    FeatureFormat("shapefile", (".shp",), b"'", features.read_shapefile),
    FeatureFormat("KML", (".kml", ".kmz"), b"<", features.read_kml, features.entities),
    FeatureFormat("FlatGeobuf", (".fgb",), b"fgb\3"),
    FeatureFormat("GML", (".gml",), b"<", lure=features.entities),
    FeatureFormat("GPX", (".gpx",), b"<", features.read_gpx, features.entities),
    FeatureFormat("MapInfo table", (".tab",), b"!table", lure=features.other_tables),
    FeatureFormat("MapInfo exchange", (".mif",), b"version"),
    FeatureFormat("DXF drawing", (".dxf",), b"0"),
    RasterFormat("GeoTIFF", (".tif", ".tiff"), "GTiff"),
    RasterFormat("SRTM tile", (".hgt",), "SRTMHGT"),
    RasterFormat("ASCII grid", (".asc",), "AAIGrid"),
    RasterFormat("Erdas Imagine", (".img",), "HFA"),
    RasterFormat("ESRI grid of bytes", (".bil", ".flt"), "EHdr"),
)


def of_path(path: Path) -> Format | None:
    """Return the format that the suffix of a file names; None where there is no such."""
    suffix = path.suffix.lower()
    return next((form for form in FORMATS if suffix in form.suffixes), None)


def suffixes(*kinds: type[Format]) -> tuple[str, ...]:
    """Return the suffixes of the formats of some kinds.

    >>> suffixes(RowFormat)
    ('.csv', '.tsv', '.txt', '.ntm', '.xlsx', '.xlsm')
    """
    return tuple(suffix for form in FORMATS if isinstance(form, kinds) for suffix in form.suffixes)
