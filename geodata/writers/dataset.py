"""Rasters as other libraries hold them in memory: an xarray dataset, and polygons."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.features import shapes
from shapely.geometry import shape
from shapely.ops import unary_union

from phusong.geodata.grid import Grid, Raster

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry
    from xarray import DataArray, Dataset

CRS_VARIABLE = "spatial_ref"  # as rioxarray and GDAL name it


def to_dataset(rasters: Mapping[str, Raster]) -> "Dataset":
    """Return rasters of one grid as a dataset that names CRS, units and nodata (CF 1.11).

    Parameters
    ----------
    rasters
        By the name of the variable; at least one, all on one grid.

    Returns
    -------
    xarray.Dataset
        With dimensions ``y`` (north first) and ``x``, the centres of the pixels [m]. Where a
        raster has no value, floats are NaN and whole numbers the variable's ``_FillValue``.

    References
    ----------
    CF conventions 1.11, section 5.6 (grid mappings), with the WKT of the CRS.
    """
    import xarray  # noqa: PLC0415 - takes 0.4 s, and few need it

    grid = next(iter(rasters.values())).grid
    x_m, y_m = grid.centres()
    axes = {
        "x": ("x", x_m, {"units": "m", "standard_name": "projection_x_coordinate"}),
        "y": ("y", y_m, {"units": "m", "standard_name": "projection_y_coordinate"}),
        CRS_VARIABLE: ((), 0, _grid_mapping(grid)),
    }
    arrays = {name: _array(raster) for name, raster in rasters.items()}
    return xarray.Dataset(arrays, axes, {"Conventions": "CF-1.11"})


def _grid_mapping(grid: Grid) -> dict[str, str]:
    """Return the attributes by which CF, rioxarray and GDAL know the CRS and the pixels."""
    crs = CRS.from_user_input(grid.crs)
    transform = " ".join(f"{value:.12g}" for value in grid.transform.to_gdal())
    return {**crs.to_cf(), "spatial_ref": crs.to_wkt(), "GeoTransform": transform}


def _array(raster: Raster) -> "DataArray":
    import xarray  # noqa: PLC0415 - as above

    about: dict[str, object] = {"units": raster.unit or "1", "grid_mapping": CRS_VARIABLE}
    if raster.description:
        about["long_name"] = raster.description
    values = raster.values
    if values.dtype.kind == "f":
        values = np.where(_valid(raster), values, values.dtype.type(np.nan))
    elif np.isfinite(raster.nodata):
        about["_FillValue"] = values.dtype.type(raster.nodata)
    return xarray.DataArray(values, dims=("y", "x"), attrs=about)


def _valid(raster: Raster) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(raster.values) & (raster.values != raster.nodata))


def area_at_least(raster: Raster, level: float) -> "BaseGeometry":
    """Return the area of the pixels whose value is at least a level, in the grid's CRS.

    Parameters
    ----------
    raster
        Values.
    level
        The least value.

    Returns
    -------
    Geometry
        Polygons along the pixels.

    Examples
    --------
    >>> from phusong.geodata.grid import Grid
    >>> grid = Grid(0.0, 60.0, 2, 2)
    >>> area_at_least(Raster(np.array([[-90.0, -120.0], [-95.0, np.nan]]), grid), -100.0).area
    1800.0
    """
    mask = _valid(raster) & (raster.values >= level)
    outlines = shapes(mask.astype(np.uint8), mask, connectivity=4, transform=raster.grid.transform)
    return unary_union([shape(outline) for outline, _ in outlines])


def covered(rasters: Sequence[Raster], level_dbm: float) -> GeoDataFrame:
    """Return where each of some levels reaches a threshold.

    Parameters
    ----------
    rasters
        Levels [dBm], on one grid.
    level_dbm
        The threshold.

    Returns
    -------
    GeoDataFrame
        One row a raster, in the grid's CRS: ``level_dbm, area_km2`` and the area.
    """
    areas = [area_at_least(raster, level_dbm) for raster in rasters]
    columns = {"level_dbm": level_dbm, "area_km2": [area.area / 1e6 for area in areas]}
    return gpd.GeoDataFrame(columns, geometry=areas, crs=rasters[0].grid.crs)
