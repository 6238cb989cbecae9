"""Take the administrative units of an area out of public polygons, and count their residents."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from rasterio.features import rasterize

from phusong import columns
from phusong.errors import Defect, InputError, PhusongError
from phusong.geodata import crs
from phusong.geodata.fetch.area import Area
from phusong.geodata.files import vector
from phusong.messages import message

MIN_SHARE = 0.5  # of a unit in the area, or of the area in a unit
CODES = ("shapeID", "adm1_pcode", "ADM1_PCODE", columns.COMMUNE_CODE)
NAMES = ("shapeName", "adm1_name1", "adm1_name", "ADM1_VI", "ADM1_EN", columns.NAME)


def read(path: Path) -> GeoDataFrame:
    """Return code, name and shape of every unit of a file of geoBoundaries or HDX, in WGS 84."""
    with path.open("rb") as file:  # GDAL would try any of its formats
        if not file.read(100).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            raise InputError(
                message("refusal.unusable_units"),
                [Defect(str(path), message("problem.is_not_geojson"))],
            )
    units = vector.read(path)
    if not isinstance(units, GeoDataFrame):
        raise InputError(
            message("refusal.unusable_units"),
            [Defect(str(path), message("problem.holds_no_geometry"))],
        )
    frame = pd.DataFrame(
        {
            columns.COMMUNE_CODE: units[_header(path, units, CODES)].astype(str),
            columns.NAME: units[_header(path, units, NAMES)].astype(str),
        }
    )
    shapes = shapely.make_valid(units.geometry.to_crs(crs.GEOGRAPHIC).to_numpy())
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs.GEOGRAPHIC)


def _header(path: Path, frame: GeoDataFrame, known: Sequence[str]) -> str:
    header = next((name for name in known if name in frame), None)
    if header is None:
        problem = message("problem.has_none_of_the_columns", known=[*known])
        remedy = message("remedy.it_has", columns=[*map(str, frame.columns)])
        raise InputError(message("refusal.unusable_units"), [Defect(str(path), problem, remedy)])
    return header


def within(units: GeoDataFrame, area: Area) -> GeoDataFrame:
    """Return the units of which half lies in the area, or that hold half of the area."""
    shape = shapely.make_valid(area.shape)
    shared = shapely.area(shapely.intersection(units.geometry.to_numpy(), shape))
    own = np.maximum(shapely.area(units.geometry.to_numpy()), 1e-12)
    chosen = (shared / own >= MIN_SHARE) | (shared / shape.area >= MIN_SHARE)
    if not chosen.any():
        raise PhusongError(
            message("refusal.none_of_the_units_lies_in", n=len(units), text=area.box.text())
        )
    return units[chosen].reset_index(drop=True)


def as_communes(units: GeoDataFrame, population: Path | None, *, districts: bool) -> GeoDataFrame:
    """Return the units with the columns that ``data build --communes`` takes.

    Units that are ``districts`` are the district of themselves; others get none.

    Residents are counted on a raster of people where there is one, and rounded: an estimate, not
    a census. Without a raster the column is left out.
    """
    frame = units
    if districts:
        codes, names = units[columns.COMMUNE_CODE], units[columns.NAME]
        frame = units.assign(**{columns.DISTRICT_CODE: codes, columns.DISTRICT: names})
    if population is not None:
        people = residents(units, population)
        frame = frame.assign(**{columns.POPULATION: np.rint(people).astype(np.int64)})
    return frame


def residents(units: GeoDataFrame, population: Path) -> NDArray[np.float64]:
    """Return the sum of a raster of people over each unit; a pixel belongs where its centre is."""
    with rasterio.open(population) as source:
        people = np.ma.filled(source.read(1, masked=True).astype(float), 0.0)
        shapes = units.geometry.to_crs(source.crs)
        labels = rasterize(
            zip(shapes, range(1, len(units) + 1), strict=True),
            out_shape=people.shape,
            transform=source.transform,
            dtype="int32",
        )
    sums = np.bincount(labels.ravel(), np.maximum(people, 0.0).ravel(), len(units) + 1)
    return np.asarray(sums[1:], float)
