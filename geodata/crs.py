"""Coordinate systems: those of a country, and moving points between them."""

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError

from phusong.errors import Defect, InputError
from phusong.geodata import countries
from phusong.geodata.countries.country import utm_zone
from phusong.messages import Text, message

__all__ = ["transform"]

GEOGRAPHIC, WEB_MERCATOR = "EPSG:4326", "EPSG:3857"
LEAST_UNIT = 1e-9  # of an axis, in metres or radians: smaller or larger ones are none
PLANNING = "EPSG:5897"  # of the embedded province, and of province folders that state none
NORTHWARDS_DEG = 1e-3  # about 110 m: true north bends less than a millionth of a degree on it
LARGEST_STRETCH = 0.01  # by which a planning grid may lengthen or shorten distances
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


def name_of(frame: GeoDataFrame | GeoSeries) -> str:
    """Return the name of a frame's coordinate system, such as ``EPSG:32632``."""
    return str(frame.crs.to_string())


def known() -> Mapping[str, str]:
    """Return the systems that lists and maps of the country come in, and what they are."""
    return countries.current().coordinates.known


def usual(planning: str) -> tuple[str, ...]:
    """Return the systems that lists come in where planning is in this one.

    >>> usual("EPSG:32632")
    ('EPSG:4326', 'EPSG:32632')
    """
    stated = countries.current().coordinates.usual
    return tuple(stated) if planning in known() else (GEOGRAPHIC, planning)


def metric(planning: str) -> tuple[str, ...]:
    """Return the systems in metres that lists may be in where planning is in this one."""
    if planning not in known():
        return (planning,)
    return tuple(name for name in known() if not _counts_degrees(name))


def degrees() -> tuple[str, ...]:
    """Return the systems in degrees that lists may be in, WGS 84 first."""
    return tuple(name for name in known() if _counts_degrees(name))


@lru_cache
def _counts_degrees(name: str) -> bool:
    return bool(CRS(name).is_geographic)


def default(shapes: GeoDataFrame | GeoSeries) -> str:
    """Return the system to plan in where none is stated: by the country's rule in it, else UTM."""
    west, south, east, north = map(float, shapes.to_crs(GEOGRAPHIC).total_bounds)
    middle = (west + east) / 2, (south + north) / 2
    if not np.isfinite(middle).all():
        return PLANNING
    country = countries.current()
    inside = country.contains((west, south, east, north))
    return country.planning_crs(*middle) if inside else utm_zone(*middle)


def unfit(name: str) -> Text:
    """Return why a coordinate system cannot carry a planning grid, or nothing.

    >>> unfit("EPSG:32632")
    ''
    >>> str(unfit("EPSG:4326"))
    'counts in degrees (WGS 84)'
    """
    try:
        system = CRS(name)
    except CRSError:
        return message("problem.is_not_a_coordinate_system")
    if system.is_geographic:
        return message("problem.crs_counts_in_degrees", system=system.name)
    if not system.is_projected:
        return message("problem.crs_is_not_projected", system=system.name)
    units = sorted({axis.unit_name for axis in system.axis_info} - {"metre"})
    if not units:
        return ""
    return message("problem.crs_counts_in", system=system.name, units=", ".join(units))


def stretch(name: str, lon: float, lat: float) -> float:
    """Return by how much a projection lengthens distances at a place, at most in any direction.

    The largest departure of the two semi-axes of Tissot's indicatrix from one (Snyder, Map
    Projections: A Working Manual, USGS Professional Paper 1395, 1987, section 4).

    >>> f"{stretch('EPSG:32632', 9.0, 49.8):.4f}", f"{stretch('EPSG:3857', 6.1, 49.8):.2f}"
    ('-0.0004', '0.55')
    """
    factors = Proj(name).get_factors(lon, lat)
    axes = (factors.tissot_semimajor - 1.0, factors.tissot_semiminor - 1.0)
    return float(max(axes, key=abs))


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
        The grid's CRS, such as ``EPSG:32648``.

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
    """Return whether points of a coordinate system can be brought to degrees and to metres.

    >>> is_usable(CRS("EPSG:32648")), is_usable(CRS("EPSG:5773"))  # the second is one of heights
    (True, False)
    """
    try:
        for target in (GEOGRAPHIC, WEB_MERCATOR):
            Transformer.from_crs(system, target, always_xy=True)
    except ProjError:
        return False
    below = system.geodetic_crs
    axes = [*system.axis_info, *(below.axis_info if below else ())]
    if not all(LEAST_UNIT < axis.unit_conversion_factor < 1.0 / LEAST_UNIT for axis in axes):
        return False
    return bool(system.is_geographic or system.is_projected)


def named(text: str) -> str:
    """Return the coordinate system that a user states, such as 32648 or EPSG:32648.

    >>> named("32648")
    'EPSG:32648'

    Parameters
    ----------
    text
        A code, or EPSG: and a code.

    Returns
    -------
    str
        Such as ``EPSG:32648``.

    Raises
    ------
    InputError
        There is no such coordinate system.

    Examples
    --------
    >>> named("32648")
    'EPSG:32648'
    """
    code = _EPSG.match(text.strip())
    try:
        CRS.from_epsg(int(code[1]) if code else text)
    except CRSError:
        names = ", ".join(f"{name[5:]} ({what})" for name, what in known().items())
        defect = Defect(
            "--crs",
            message("problem.is_not_a_coordinate_system"),
            message("remedy.for_example", known=names),
            value=text,
        )
        raise InputError(message("refusal.unknown_coordinate_system"), [defect]) from None
    return f"EPSG:{code[1] if code else text}"


def label(name: str) -> str:
    """Return a coordinate system with what it is.

    >>> label("EPSG:2169")
    'EPSG:2169 (LUREF / Luxembourg TM)'
    """
    return f"{name} ({described(name)})"


def described(name: str) -> str:
    """Return what a coordinate system is called, by the country or by the EPSG register."""
    return known().get(name) or _registered(name)


@lru_cache
def _registered(name: str) -> str:
    return str(CRS(name).name)


def fitting(x: float, y: float) -> list[str]:
    """Return the usual coordinate systems in which a point lies in the country; none without one.

    >>> fitting(105.6, 21.3), fitting(0.0, 0.0)
    (['EPSG:4326'], [])
    """
    country = countries.current()
    if country.outline is None:
        return []
    west, south, east, north = country.outline.mainland
    names = []
    for name in country.coordinates.usual:
        lon, lat = transform([x], [y], name, GEOGRAPHIC)
        if west <= lon[0] <= east and south <= lat[0] <= north:
            names.append(name)
    return names


def outside_country(shapes: GeoSeries) -> tuple[Text, Text] | None:
    """Return what is wrong and what to do where shapes, taken together, leave the country."""
    west, south, east, north = map(float, shapes.to_crs(GEOGRAPHIC).total_bounds)
    if countries.current().contains((west, south, east, north)):
        return None
    problem = message(
        "problem.lies_outside_the_country", west=west, east=east, south=south, north=north
    )
    remedy = message("remedy.the_file_says_its_crs_is", to_string=shapes.crs.to_string())
    return problem, remedy
