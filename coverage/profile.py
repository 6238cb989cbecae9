"""The ground between two antennas: the record, its defects, and how clear the ray is of it."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.diffraction import bulge_m, fresnel_radius_m
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.units import FloatArray
from phusong.errors import Defect
from phusong.messages import message

__all__ = ["Profile", "fresnel_clearance", "from_arrays"]

SEA, COASTAL_LAND, INLAND = 1, 3, 4  # radio-climatic zones of P.1812
FEWEST_POINTS = 3
_FIRST_ROW = 2  # the header of a table is row 1


class Profile(NamedTuple):
    """The ground under a path, from the transmitter to the receiver.

    Parameters
    ----------
    distance_km
        From the transmitter, rising from 0, shape (n,) [km].
    height_m
        Of the ground above the sea, shape (n,) [m].
    clutter_m
        Of what stands on it, shape (n,) [m].
    zone
        1 sea, 3 coastal land, 4 inland, shape (n,).
    """

    distance_km: FloatArray
    height_m: FloatArray
    clutter_m: FloatArray
    zone: NDArray[np.int64]


def from_arrays(
    distance_km: ArrayLike,
    height_m: ArrayLike,
    clutter_m: ArrayLike | None = None,
    zone: ArrayLike | None = None,
) -> Profile:
    """Return a profile; without clutter or zones it is bare ground far inland.

    Parameters
    ----------
    distance_km
        From the transmitter, rising from 0 [km].
    height_m
        Of the ground above the sea [m].
    clutter_m
        Of what stands on it [m]; bare ground if None.
    zone
        1 sea, 3 coastal land, 4 inland; inland if None.

    Returns
    -------
    Profile
        The ground as arrays.

    Examples
    --------
    >>> from_arrays([0.0, 0.5, 1.0], [12.0, 14.0, 13.0]).clutter_m.tolist()
    [0.0, 0.0, 0.0]
    """
    distances_km = np.array(distance_km, dtype=np.float64)
    clutter = np.zeros_like(distances_km) if clutter_m is None else clutter_m
    zones = np.full(distances_km.shape, INLAND) if zone is None else zone
    return Profile(
        distances_km,
        np.array(height_m, dtype=np.float64),
        np.array(clutter, dtype=np.float64),
        np.array(zones, dtype=np.int64),
    )


def defects(ground: Profile, source: str) -> list[Defect]:
    """Return everything that keeps a profile from being used, by row of its table."""
    points = ground.distance_km.size
    if any(column.size != points for column in ground):
        sizes = ", ".join(str(column.size) for column in ground)
        return [Defect(source, message("problem.the_columns_differ_in_length", sizes=sizes))]
    defects_ = [*_row_defects(ground, source)]
    if points < FEWEST_POINTS:
        remedy = message("remedy.give_points_at_least", fewest_points=FEWEST_POINTS)
        defects_.append(
            Defect(source, message("problem.a_profile_of_points", points=points), remedy)
        )
    elif ground.distance_km[0] != 0.0:
        remedy = message("remedy.begin_at_the_transmitter")
        first_km = float(ground.distance_km[0])
        defects_.append(
            Defect(
                source,
                message("problem.does_not_start_at_0"),
                remedy,
                _FIRST_ROW,
                "distance_km",
                first_km,
            )
        )
    return defects_


def _row_defects(ground: Profile, source: str) -> Iterator[Defect]:
    """Yield what is wrong with single rows."""
    steps_km = np.diff(ground.distance_km, prepend=-math.inf)
    wrong = [
        ("distance_km", ~np.isfinite(ground.distance_km), "is not a number"),
        ("distance_km", steps_km <= 0.0, "is not beyond the row before"),
        ("height_m", ~np.isfinite(ground.height_m), "is missing or not a number"),
        ("clutter_m", ~(ground.clutter_m >= 0.0), "is negative or not a number"),
        ("zone", ~np.isin(ground.zone, (SEA, COASTAL_LAND, INLAND)), "is not 1, 3 or 4"),
    ]
    for column, mask, problem in wrong:
        for row in np.flatnonzero(mask):
            value = getattr(ground, column)[row].item()
            yield Defect(source, problem, "", int(row) + _FIRST_ROW, column, value)


@kernel(**PATH)
def surface_m(height_m: FloatArray, clutter_m: FloatArray) -> FloatArray:
    """Return the terrain with its clutter on the inner points; antennas stand on the ground."""
    raised_m = height_m + clutter_m
    raised_m[0], raised_m[-1] = height_m[0], height_m[-1]
    return raised_m


@kernel(**PATH)
def fresnel_clearance(
    distance_km: FloatArray,
    obstacle_m: FloatArray,
    start_m: float,
    end_m: float,
    radius_km: float,
    wavelength_m: float,
) -> tuple[float, float]:
    """Return the least clearance of the ray, in first Fresnel radii, and where it is.

    Negative clearance means that the path is not in line of sight; 0.6 is the usual rule for
    a path without diffraction loss.

    Parameters
    ----------
    distance_km
        From the transmitter, shape (n,) [km].
    obstacle_m
        Heights above the sea that may stand in the way, shape (n,) [m].
    start_m
        Height of the transmitter above the sea [m].
    end_m
        Height of the receiver above the sea [m].
    radius_km
        Effective radius of the Earth [km].
    wavelength_m
        Wavelength [m].

    Returns
    -------
    tuple of float
        Clearance in radii, and its distance from the transmitter [km].

    References
    ----------
    Recommendation ITU-R P.526-16, section 2.
    """
    path_km, least, min_km = distance_km[-1], math.inf, 0.0
    for i in range(1, distance_km.size - 1):
        along_km, back_km = distance_km[i], path_km - distance_km[i]
        ray_m = (start_m * back_km + end_m * along_km) / path_km
        clear_m = ray_m - obstacle_m[i] - bulge_m(along_km, back_km, 1.0 / radius_km)
        ratio = clear_m / fresnel_radius_m(1000.0 * along_km, 1000.0 * back_km, wavelength_m)
        if ratio < least:
            least, min_km = ratio, along_km
    return least, min_km
