"""The coordinate systems of the province, and moving points between them."""

import re
from functools import lru_cache

import numpy as np
from geopandas import GeoSeries
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from phusong.errors import Defect, InputError
from phusong.messages import Text, message

__all__ = ["transform"]

GEOGRAPHIC = "EPSG:4326"
PLANNING = "EPSG:5897"  # VN-2000 / TM-3 zone 482, central meridian 105 degrees
VN2000 = "EPSG:4756"  # longitude and latitude in VN-2000, about 200 m from WGS 84
# West, south, east, north [deg]: the mainland, and with Hoàng Sa and Trường Sa.
VIETNAM = (102.0, 8.0, 110.0, 24.0)
WITH_ISLANDS = (102.0, 6.0, 118.0, 24.0)
NORTHWARDS_DEG = 1e-3  # about 110 m: true north bends less than a millionth of a degree on it
# What lists and maps come in; names and parameters by the EPSG register. TM-3 zones of VN-2000 are
# called by their central meridian.
USUAL = {
    GEOGRAPHIC: "WGS 84 longitude and latitude",
    PLANNING: "VN-2000 / TM-3, 105°00'",
    "EPSG:3405": "VN-2000 / UTM 48N",
    "EPSG:32648": "WGS 84 / UTM 48N",
    "EPSG:9208": "VN-2000 / TM-3, 104°45'",
}
_TM3 = {
    5896: "102°00'",
    9205: "103°00'",
    9206: "104°00'",
    9207: "104°30'",
    9209: "105°30'",
    9210: "105°45'",
    9211: "106°00'",
    9212: "106°15'",
    9213: "106°30'",
    9214: "107°00'",
    9215: "107°15'",
    9216: "107°30'",
    5899: "107°45'",
    5898: "108°00'",
    9217: "108°15'",
    9218: "108°30'",
}
KNOWN = {
    **USUAL,
    **{f"EPSG:{code}": f"VN-2000 / TM-3, {meridian}" for code, meridian in _TM3.items()},
    "EPSG:3406": "VN-2000 / UTM 49N",
    "EPSG:32649": "WGS 84 / UTM 49N",
    VN2000: "VN-2000 longitude and latitude",
}
METRIC = tuple(name for name in KNOWN if name not in {GEOGRAPHIC, VN2000})
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


def true_north_deg(x_m: ArrayLike, y_m: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return the azimuth of true north in a grid, clockwise from grid north.

    It is the convergence of the meridian with its sign turned: about the difference in longitude
    from the central meridian times the sine of the latitude, towards it. An azimuth from true north
    plus this is one from grid north.

    Parameters
    ----------
    x_m
        Easting [m].
    y_m
        Northing [m].
    name
        The grid's CRS, such as ``EPSG:5897``.

    Returns
    -------
    ndarray
        Azimuth of true north [degrees].
    """
    x, y = np.asarray(x_m, float), np.asarray(y_m, float)
    lon, lat = transform(x, y, name, GEOGRAPHIC)
    here_x, here_y = transform(lon, lat, GEOGRAPHIC, name)
    north_x, north_y = transform(lon, lat + NORTHWARDS_DEG, GEOGRAPHIC, name)
    return np.degrees(np.arctan2(north_x - here_x, north_y - here_y))


def is_usable(system: CRS) -> bool:
    """Return whether points of a coordinate system can be brought to degrees and to the plan.

    >>> is_usable(CRS("EPSG:5897")), is_usable(CRS("EPSG:5773"))  # the second is one of heights
    (True, False)
    """
    try:
        for target in (GEOGRAPHIC, PLANNING):
            Transformer.from_crs(system, target, always_xy=True)
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
        defect = Defect(
            "--crs",
            message("problem.is_not_a_coordinate_system"),
            message("remedy.for_example", known=known),
            value=text,
        )
        raise InputError(message("refusal.unknown_coordinate_system"), [defect]) from None
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
    for name in USUAL:
        lon, lat = transform([x], [y], name, GEOGRAPHIC)
        if west <= lon[0] <= east and south <= lat[0] <= north:
            names.append(name)
    return names


def outside_vietnam(shapes: GeoSeries) -> tuple[Text, Text] | None:
    """Return what is wrong and what to do where shapes, taken together, leave Vietnam."""
    west, south, east, north = shapes.to_crs(GEOGRAPHIC).total_bounds
    left, bottom, right, top = WITH_ISLANDS
    if west > left and south > bottom and east < right and north < top:
        return None
    problem = message(
        "problem.lies_outside_the_country", west=west, east=east, south=south, north=north
    )
    remedy = message("remedy.the_file_says_its_crs_is", to_string=shapes.crs.to_string())
    return problem, remedy
