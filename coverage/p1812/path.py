"""What ITU-R P.1812-7 reads out of a path profile (Annex 1, Attachment 1; section 3).

The results are plain numbers, collected in ``PathQuantities``; the loss equations of
``p1812`` need nothing else, so that an area engine may supply the same numbers from
quantities that run along a radial.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.profile import INLAND, SEA
from phusong.coverage.units import FloatArray

EARTH_RADIUS_KM = 6371.0
FAR_FROM_COAST_KM = 500.0


class PathQuantities(NamedTuple):
    """One path between a transmitter (tx) and a receiver (rx), as the loss equations need it.

    Heights are antenna heights above sea level (``amsl``) or above the smooth surface that
    the diffraction (``diffraction``) or ducting (``duct``) equations use.
    """

    distance_km: float
    tx_amsl_m: float
    rx_amsl_m: float
    tx_diffraction_height_m: float
    rx_diffraction_height_m: float
    tx_duct_height_m: float
    rx_duct_height_m: float
    roughness_m: float
    tx_horizon_km: float
    rx_horizon_km: float
    tx_horizon_mrad: float
    rx_horizon_mrad: float
    angular_distance_mrad: float


class PathZones(NamedTuple):
    """How a path is split between sea and land (sections 3.3 to 3.6)."""

    sea_fraction: float
    longest_land_km: float
    longest_inland_km: float
    tx_coast_km: float
    rx_coast_km: float


@kernel(**PATH)
def effective_radius_km(delta_n: float) -> float:
    """Return the median effective Earth radius for a refractivity lapse in N/km (eq. 6, 7a)."""
    return EARTH_RADIUS_KM * 157.0 / (157.0 - delta_n)


@kernel(**PATH)
def smooth_surface_m(distance_km: FloatArray, height_m: FloatArray) -> tuple[float, float]:
    """Return the least-squares straight line of the terrain at both ends (eq. 85 to 88)."""
    path_km = distance_km[-1]
    area, moment = 0.0, 0.0
    for i in range(1, distance_km.size):
        before_km, after_km = distance_km[i - 1], distance_km[i]
        before_m, after_m = height_m[i - 1], height_m[i]
        step_km = after_km - before_km
        area += step_km * (before_m + after_m)
        moment += step_km * (
            after_m * (2.0 * after_km + before_km) + before_m * (after_km + 2.0 * before_km)
        )
    return (2.0 * area * path_km - moment) / path_km**2, (moment - area * path_km) / path_km**2


@kernel(**PATH)
def obstruction(
    distance_km: FloatArray, height_m: FloatArray, tx_amsl_m: float, rx_amsl_m: float
) -> tuple[float, float, float]:
    """Return the highest obstruction over the straight path and its angles (eq. 89)."""
    path_km = distance_km[-1]
    highest_m, tx_slope, rx_slope = -math.inf, -math.inf, -math.inf
    for i in range(1, distance_km.size - 1):
        along_km, back_km = distance_km[i], path_km - distance_km[i]
        above_m = height_m[i] - (tx_amsl_m * back_km + rx_amsl_m * along_km) / path_km
        highest_m = max(highest_m, above_m)
        tx_slope = max(tx_slope, above_m / along_km)
        rx_slope = max(rx_slope, above_m / back_km)
    return highest_m, tx_slope, rx_slope


@kernel(**PATH)
def diffraction_surface_m(
    tx_surface_m: float,
    rx_surface_m: float,
    tx_ground_m: float,
    rx_ground_m: float,
    highest_m: float,
    tx_slope: float,
    rx_slope: float,
) -> tuple[float, float]:
    """Return the smooth surface lowered below obstructions and terminals (eq. 90, 91)."""
    if highest_m > 0.0:
        tx_share = tx_slope / (tx_slope + rx_slope)
        tx_surface_m -= highest_m * tx_share
        rx_surface_m -= highest_m * (1.0 - tx_share)
    return min(tx_surface_m, tx_ground_m), min(rx_surface_m, rx_ground_m)


@kernel(**PATH)
def elevation_mrad(rise_m: float, span_km: float, radius_km: float) -> float:
    """Return the elevation angle of a point so far away and so much higher (eq. 77)."""
    return 1000.0 * math.atan(rise_m / (1000.0 * span_km) - span_km / (2.0 * radius_km))


@kernel(**PATH)
def _elevation_slope(rise_m: float, span_km: float, radius_km: float) -> float:
    """Return the tangent of ``elevation_mrad``; horizons are found without arctangents."""
    return rise_m / (1000.0 * span_km) - span_km / (2.0 * radius_km)


@kernel(**PATH)
def tx_horizon(
    distance_km: FloatArray, height_m: FloatArray, tx_amsl_m: float, radius_km: float
) -> tuple[int, float]:
    """Return the inner point highest above the transmitter's horizon and its angle (eq. 76)."""
    best, steepest = 1, -math.inf
    for i in range(1, distance_km.size - 1):
        slope = _elevation_slope(height_m[i] - tx_amsl_m, distance_km[i], radius_km)
        if slope > steepest:
            best, steepest = i, slope
    return best, 1000.0 * math.atan(steepest)


@kernel(**PATH)
def rx_horizon(
    distance_km: FloatArray, height_m: FloatArray, rx_amsl_m: float, radius_km: float
) -> tuple[int, float]:
    """Return the inner point highest above the receiver's horizon and its angle (eq. 82)."""
    best, steepest = 1, -math.inf
    for i in range(1, distance_km.size - 1):
        back_km = distance_km[-1] - distance_km[i]
        slope = _elevation_slope(height_m[i] - rx_amsl_m, back_km, radius_km)
        if slope >= steepest:
            best, steepest = i, slope
    return best, 1000.0 * math.atan(steepest)


@kernel(**PATH)
def nearest_to_ray(
    distance_km: FloatArray,
    height_m: FloatArray,
    tx_amsl_m: float,
    rx_amsl_m: float,
    radius_km: float,
) -> int:
    """Return the inner point with the largest nu on a path in line of sight (eq. 81)."""
    path_km, curvature = distance_km[-1], 1.0 / radius_km
    best, largest = 1, -math.inf
    for i in range(1, distance_km.size - 1):
        along_km, back_km = distance_km[i], path_km - distance_km[i]
        ray_m = (tx_amsl_m * back_km + rx_amsl_m * along_km) / path_km
        above_m = height_m[i] + 500.0 * curvature * along_km * back_km - ray_m
        nu = above_m / math.sqrt(along_km * back_km)
        if nu >= largest:
            best, largest = i, nu
    return best


@kernel(**PATH)
def horizons(
    distance_km: FloatArray,
    height_m: FloatArray,
    tx_amsl_m: float,
    rx_amsl_m: float,
    radius_km: float,
) -> tuple[int, int, float, float]:
    """Return the horizon points of both terminals and their elevation angles (eq. 76 to 83).

    On a path in line of sight both points are the one nearest to the ray, and the angles are
    those to the other terminal.
    """
    path_km = distance_km[-1]
    first, tx_mrad = tx_horizon(distance_km, height_m, tx_amsl_m, radius_km)
    direct_mrad = elevation_mrad(rx_amsl_m - tx_amsl_m, path_km, radius_km)
    if tx_mrad > direct_mrad:
        last, rx_mrad = rx_horizon(distance_km, height_m, rx_amsl_m, radius_km)
        return first, last, tx_mrad, rx_mrad
    nearest = nearest_to_ray(distance_km, height_m, tx_amsl_m, rx_amsl_m, radius_km)
    rx_mrad = elevation_mrad(tx_amsl_m - rx_amsl_m, path_km, radius_km)
    return nearest, nearest, direct_mrad, rx_mrad


@kernel(**PATH)
def roughness_m(
    distance_km: FloatArray,
    height_m: FloatArray,
    tx_surface_m: float,
    rx_surface_m: float,
    first: int,
    last: int,
) -> float:
    """Return how far the terrain between the horizons rises above the surface (eq. 93, 95)."""
    slope = (rx_surface_m - tx_surface_m) / distance_km[-1]
    highest_m = -math.inf
    for i in range(first, last + 1):
        highest_m = max(highest_m, height_m[i] - tx_surface_m - slope * distance_km[i])
    return highest_m


@kernel(**PATH)
def path_quantities(
    distance_km: FloatArray,
    height_m: FloatArray,
    tx_height_m: float,
    rx_height_m: float,
    radius_km: float,
) -> PathQuantities:
    """Analyse a terrain profile of at least three points (Attachment 1).

    Parameters
    ----------
    distance_km, height_m
        Distances from the transmitter, rising from zero, and terrain heights above sea level.
    tx_height_m, rx_height_m
        Antenna heights above ground.
    radius_km
        Median effective Earth radius.
    """
    path_km, tx_ground_m, rx_ground_m = distance_km[-1], height_m[0], height_m[-1]
    tx_m, rx_m = tx_ground_m + tx_height_m, rx_ground_m + rx_height_m
    tx_surface_m, rx_surface_m = smooth_surface_m(distance_km, height_m)
    highest_m, tx_slope, rx_slope = obstruction(distance_km, height_m, tx_m, rx_m)
    tx_lowered_m, rx_lowered_m = diffraction_surface_m(
        tx_surface_m, rx_surface_m, tx_ground_m, rx_ground_m, highest_m, tx_slope, rx_slope
    )
    first, last, tx_mrad, rx_mrad = horizons(distance_km, height_m, tx_m, rx_m, radius_km)
    tx_duct_m, rx_duct_m = min(tx_surface_m, tx_ground_m), min(rx_surface_m, rx_ground_m)
    return PathQuantities(
        path_km,
        tx_m,
        rx_m,
        tx_m - tx_lowered_m,
        rx_m - rx_lowered_m,
        tx_m - tx_duct_m,
        rx_m - rx_duct_m,
        roughness_m(distance_km, height_m, tx_duct_m, rx_duct_m, first, last),
        distance_km[first],
        path_km - distance_km[last],
        tx_mrad,
        rx_mrad,
        1000.0 * path_km / radius_km + tx_mrad + rx_mrad,
    )


@kernel(**PATH)
def stretches_km(distance_km: FloatArray, inside: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the longest and the total stretch inside; borders lie half way between points."""
    longest_km, total_km, entered_km = 0.0, 0.0, -1.0
    for i in range(distance_km.size):
        if not inside[i]:
            entered_km = -1.0
            continue
        before_km = 0.5 * (distance_km[i] + distance_km[max(i - 1, 0)])
        after_km = 0.5 * (distance_km[i] + distance_km[min(i + 1, distance_km.size - 1)])
        entered_km = before_km if entered_km < 0.0 else entered_km
        total_km += after_km - before_km
        longest_km = max(longest_km, after_km - entered_km)
    return longest_km, total_km


@kernel(**PATH)
def zone_lengths(
    distance_km: FloatArray, zone: NDArray[np.int64], tx_coast_km: float, rx_coast_km: float
) -> PathZones:
    """Split a path by radio-climatic zone; a terminal at sea has no distance to the coast."""
    longest_land_km, _ = stretches_km(distance_km, zone != SEA)
    longest_inland_km, _ = stretches_km(distance_km, zone == INLAND)
    _, sea_km = stretches_km(distance_km, zone == SEA)
    return PathZones(
        sea_km / distance_km[-1],
        longest_land_km,
        longest_inland_km,
        0.0 if zone[0] == SEA else tx_coast_km,
        0.0 if zone[-1] == SEA else rx_coast_km,
    )


@kernel(**PATH)
def inland_zones(distance_km: float) -> PathZones:
    """Return the zones of a path that never comes near a coast."""
    return PathZones(0.0, distance_km, distance_km, FAR_FROM_COAST_KM, FAR_FROM_COAST_KM)


@kernel(**PATH)
def path_centre_latitude_deg(
    tx_longitude_deg: float,
    tx_latitude_deg: float,
    rx_longitude_deg: float,
    rx_latitude_deg: float,
    distance_km: float,
) -> float:
    """Return the latitude half way along a path (ITU-R P.2001-5 Attachment H)."""
    tx, rx = math.radians(tx_latitude_deg), math.radians(rx_latitude_deg)
    turn = math.radians(rx_longitude_deg - tx_longitude_deg)
    bearing = math.atan2(
        math.sin(turn) * math.cos(rx),
        math.cos(tx) * math.sin(rx) - math.sin(tx) * math.cos(rx) * math.cos(turn),
    )
    half = 0.5 * distance_km / EARTH_RADIUS_KM
    sine = math.sin(tx) * math.cos(half) + math.cos(tx) * math.sin(half) * math.cos(bearing)
    return math.degrees(math.asin(sine))
