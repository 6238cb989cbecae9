"""The coordinate systems of the province, and moving points between them."""

import re
from functools import lru_cache

import numpy as np
from geopandas import GeoSeries
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from phusong.errors import Defect, InputError

__all__ = ["transform"]

GEOGRAPHIC = "EPSG:4326"
PLANNING = "EPSG:5897"  # VN-2000 / TM-3 zone 482, central meridian 105 degrees
VIETNAM = (102.0, 8.0, 110.0, 24.0)  # west, south, east, north [deg]
# What lists and maps of the province come in; names and parameters by the EPSG register.
KNOWN = {
    GEOGRAPHIC: "WGS 84 longitude and latitude",
    PLANNING: "VN-2000 / TM-3, 105°00'",
    "EPSG:3405": "VN-2000 / UTM 48N",
    "EPSG:32648": "WGS 84 / UTM 48N",
    "EPSG:9208": "VN-2000 / TM-3, 104°45'",
}
METRIC = tuple(name for name in KNOWN if name != GEOGRAPHIC)
_EPSG = re.compile(r"^(?:epsg:)?(\d{4,6})$", re.IGNORECASE)


@lru_cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def transform(
    x: ArrayLike, y: ArrayLike, source: str, target: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points in another CRS; x is always easting or longitude.

    Parameters
    ----------
    x
        Easting [m] or longitude [degrees].
    y
        Northing [m] or latitude [degrees].
    source
        CRS of the points, such as ``EPSG:4326``.
    target
        CRS wanted.

    Returns
    -------
    tuple of ndarray
        X and y in the target.
    """
    moved_x, moved_y = _transformer(source, target).transform(np.asarray(x), np.asarray(y))
    return np.asarray(moved_x, float), np.asarray(moved_y, float)


def is_usable(system: CRS) -> bool:
    """Return whether points of a coordinate system can be brought to longitude and latitude.

    >>> is_usable(CRS("EPSG:5897")), is_usable(CRS("EPSG:5773"))  # the second is one of heights
    (True, False)
    """
    try:
        Transformer.from_crs(system, GEOGRAPHIC, always_xy=True)
    except ProjError:
        return False
    return bool(system.is_geographic or system.is_projected)


def named(text: str) -> str:
    """Return the coordinate system that a user states, such as 9208 or EPSG:9208.

    >>> named("9208")
    'EPSG:9208'

    Parameters
    ----------
    text
        A code, or EPSG: and a code.

    Returns
    -------
    str
        Such as ``EPSG:9208``.

    Raises
    ------
    InputError
        There is no such coordinate system.

    Examples
    --------
    >>> named("9208")
    'EPSG:9208'
    """
    code = _EPSG.match(text.strip())
    try:
        CRS.from_epsg(int(code[1]) if code else text)
    except CRSError:
        known = ", ".join(f"{name[5:]} ({what})" for name, what in KNOWN.items())
        defect = Defect("--crs", "is not a coordinate system", f"for example {known}", value=text)
        raise InputError("unknown coordinate system", [defect]) from None
    return f"EPSG:{code[1] if code else text}"


def label(name: str) -> str:
    """Return a coordinate system with what it is.

    >>> label("EPSG:3405")
    'EPSG:3405 (VN-2000 / UTM 48N)'
    """
    return f"{name} ({KNOWN[name]})" if name in KNOWN else name


def fitting(x: float, y: float) -> list[str]:
    """Return the known coordinate systems in which a point lies in Vietnam.

    >>> fitting(105.6, 21.3), fitting(0.0, 0.0)
    (['EPSG:4326'], [])
    """
    west, south, east, north = VIETNAM
    names = []
    for name in KNOWN:
        lon, lat = transform([x], [y], name, GEOGRAPHIC)
        if west <= lon[0] <= east and south <= lat[0] <= north:
            names.append(name)
    return names


def outside_vietnam(shapes: GeoSeries) -> tuple[str, str] | None:
    """Return what is wrong and what to do where shapes, taken together, leave Vietnam."""
    west, south, east, north = shapes.to_crs(GEOGRAPHIC).total_bounds
    left, bottom, right, top = VIETNAM
    if west > left and south > bottom and east < right and north < top:
        return None
    place = f"longitude {west:.4g} to {east:.4g}, latitude {south:.4g} to {north:.4g}"
    remedy = f"the file says its CRS is {shapes.crs.to_string()}; state the right one"
    return f"lies outside Vietnam ({place})", remedy
