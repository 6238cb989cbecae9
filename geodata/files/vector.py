"""Read vector files: the door to GeoJSON, GeoPackage, shapefile, KML and what else GDAL knows.

GDAL opens a file by its content, whatever its name, markup of a service among them. A file that is
not what its name says, or leads to other sources, is refused before GDAL sees it.
"""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.files import archives, features, guard, input_formats
from phusong.geodata.files.features import TOP_BYTES, Frame
from phusong.geodata.files.input_formats import FeatureFormat
from phusong.messages import Text, message

MAX_BYTES = 500_000_000
UNKNOWN = FeatureFormat("file that GDAL may know", ())
_LARGEST_DEGREES = 361.0
_SERVICE = re.compile(rb"<\s*(OGR\w*DataSource|GDAL_WMS|VRTDataset)", re.IGNORECASE)
_REMEDY = message("remedy.give_the_data_itself_geojson_geopackage")


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
    with archives.opened(path, input_formats.suffixes(FeatureFormat)) as inner:
        guard.check_plain(inner, MAX_BYTES)
        check(path, inner)
        frame = _format(inner).read(path, inner)
    return _with_crs(path, frame, stated_crs).reset_index(drop=True)


def check(path: Path, inner: Path) -> None:
    """Refuse a file that is not what its name says, or leads to other sources.

    Parameters
    ----------
    path : what the user gave, for the message.
    inner : the file itself, unpacked.
    """
    form = _format(inner)
    with inner.open("rb") as file:
        top = file.read(TOP_BYTES).replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if _SERVICE.search(top) or (top.startswith(b"<") and not form.begins.startswith(b"<")):
        raise _refused(path, message("problem.is_markup_that_leads_to_other"))
    if not top.lower().startswith(form.begins):
        raise _refused(
            path, message("problem.does_not_begin_like_a_file", lower=inner.suffix.lower())
        )
    if form.lure and (problem := form.lure(inner)):
        raise _refused(path, problem)


def spatial_layers(path: Path) -> list[str]:
    """Return the layers of a package that have a geometry."""
    with features.reading(path):
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind]


def read_layer(path: Path, inner: Path, name: str) -> Frame:
    """Read one of several layers; what leads to other sources is refused, see ``check``."""
    check(path, inner)
    features.check_layer(path, inner, name)
    with features.reading(path):
        return pyogrio.read_dataframe(path, layer=name)


def _format(inner: Path) -> FeatureFormat:
    form = input_formats.of_path(inner)
    return form if isinstance(form, FeatureFormat) else UNKNOWN


def _refused(path: Path, problem: Text) -> InputError:
    return InputError(message("refusal.unsafe_file"), [Defect(str(path), problem, _REMEDY)])


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
    fits = ", ".join(crs.fitting(*middle)) or message("problem.none_of_the_known_systems")
    problem = (
        message("problem.has_no_coordinate_system_crs")
        if frame.crs is None
        else message("problem.has_no_usable_coordinate_system")
    )
    if impossible:
        problem = message("problem.has_coordinates_such_as_which_are", middle=middle[0])
    remedy = message("remedy.state_it_in_the_file_or", fits=fits)
    raise InputError(
        message("refusal.wrong_coordinate_system"), [Defect(str(path), problem, remedy)]
    )
