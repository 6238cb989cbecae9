"""Diffraction over terrain: knife edge, Bullington, smooth sphere, delta-Bullington.

Recommendation ITU-R P.526-16 with the notation of P.1812-7, section 4.3: distances along
the path in kilometres, heights in metres above sea level, slopes in metres per kilometre.
Every function is a scalar kernel that other kernels may call.
"""

import math
from typing import NamedTuple

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.units import LOG10_E, FloatArray, log10

KNIFE_EDGE_FLOOR = -0.78
LAND = (22.0, 0.003)  # relative permittivity, conductivity S/m (P.1812-7 section 4.3.3)
SEA = (80.0, 5.0)
HORIZONTAL, VERTICAL = 0, 1  # polarization


class SmoothEarth(NamedTuple):
    """What the smooth Earth is to a wave: prepared once for a frequency and polarization."""

    frequency_ghz: float
    wavelength_m: float
    land_admittance: float
    sea_admittance: float


class Diffraction(NamedTuple):
    """The three losses that delta-Bullington combines, for one effective Earth radius."""

    bullington_db: float
    smooth_bullington_db: float
    spherical_db: float


@kernel(**PATH)
def knife_edge_loss_db(nu: float) -> float:
    """Return the loss J(nu) of one knife edge (P.526-16 eq. 31); zero below nu = -0.78."""
    if nu <= KNIFE_EDGE_FLOOR:
        return 0.0
    shifted = nu - 0.1
    return 6.9 + 20.0 * log10(math.sqrt(shifted * shifted + 1.0) + shifted)


@kernel(**PATH)
def fresnel_radius_m(from_start_m: float, from_end_m: float, wavelength_m: float) -> float:
    """Return the radius of the first Fresnel zone at a point of the path (P.526-16 eq. 2)."""
    return math.sqrt(wavelength_m * from_start_m * from_end_m / (from_start_m + from_end_m))


@kernel(**PATH)
def knife_edge_nu(
    obstacle_m: float, from_start_km: float, from_end_km: float, wavelength_m: float
) -> float:
    """Return nu of an edge that stands so far above the ray (P.1812-7 eq. 15 and 19)."""
    span_km = from_start_km + from_end_km
    return obstacle_m * math.sqrt(0.002 * span_km / (wavelength_m * from_start_km * from_end_km))


@kernel(**PATH)
def bullington_obstacle_nu(
    slope_start: float,
    slope_end: float,
    start_m: float,
    end_m: float,
    path_km: float,
    wavelength_m: float,
) -> float:
    """Return nu of the Bullington point of a path beyond the horizon (P.1812-7 eq. 18, 19).

    The slopes (m/km) are the steepest seen from either terminal, Earth bulge included.
    """
    point_km = (end_m - start_m + slope_end * path_km) / (slope_start + slope_end)
    if not 0.0 < point_km < path_km:  # rounding at exactly grazing incidence
        return 0.0
    beyond_km = path_km - point_km
    ray_m = (start_m * beyond_km + end_m * point_km) / path_km
    obstacle_m = start_m + slope_start * point_km - ray_m
    return knife_edge_nu(obstacle_m, point_km, beyond_km, wavelength_m)


@kernel(**PATH)
def bullington_loss_from_nu_db(nu: float, path_km: float) -> float:
    """Return the Bullington loss of an equivalent edge (P.526-16 eq. 58; P.1812-7 eq. 21)."""
    edge_db = knife_edge_loss_db(nu)
    return edge_db + (1.0 - math.exp(-edge_db / 6.0)) * (10.0 + 0.02 * path_km)


@kernel(**PATH)
def bulge_m(from_start_km: float, from_end_km: float, curvature_per_km: float) -> float:
    """Return how far the Earth rises above the chord; curvature is one over the radius."""
    return 500.0 * curvature_per_km * from_start_km * from_end_km


@kernel(**PATH)
def steepest_slope_from_start(
    distance_km: FloatArray, height_m: FloatArray, start_m: float, curvature_per_km: float
) -> float:
    """Return the largest slope from the start to an inner point, m/km (P.1812-7 eq. 13)."""
    path_km = distance_km[-1]
    steepest = -math.inf
    for i in range(1, distance_km.size - 1):
        along_km = distance_km[i]
        raised_m = height_m[i] + bulge_m(along_km, path_km - along_km, curvature_per_km)
        steepest = max(steepest, (raised_m - start_m) / along_km)
    return steepest


@kernel(**PATH)
def steepest_slope_from_end(
    distance_km: FloatArray, height_m: FloatArray, end_m: float, curvature_per_km: float
) -> float:
    """Return the largest slope from the end to an inner point, m/km (P.1812-7 eq. 17)."""
    path_km = distance_km[-1]
    steepest = -math.inf
    for i in range(1, distance_km.size - 1):
        along_km, back_km = distance_km[i], path_km - distance_km[i]
        raised_m = height_m[i] + bulge_m(along_km, back_km, curvature_per_km)
        steepest = max(steepest, (raised_m - end_m) / back_km)
    return steepest


@kernel(**PATH)
def largest_nu(
    distance_km: FloatArray,
    height_m: FloatArray,
    start_m: float,
    end_m: float,
    curvature_per_km: float,
    wavelength_m: float,
) -> float:
    """Return the largest nu of the inner points against the direct ray (P.1812-7 eq. 15)."""
    path_km = distance_km[-1]
    largest = -math.inf
    for i in range(1, distance_km.size - 1):
        along_km, back_km = distance_km[i], path_km - distance_km[i]
        ray_m = (start_m * back_km + end_m * along_km) / path_km
        obstacle_m = height_m[i] + bulge_m(along_km, back_km, curvature_per_km) - ray_m
        largest = max(largest, knife_edge_nu(obstacle_m, along_km, back_km, wavelength_m))
    return largest


@kernel(**PATH)
def bullington_nu(
    distance_km: FloatArray,
    height_m: FloatArray,
    start_m: float,
    end_m: float,
    curvature_per_km: float,
    wavelength_m: float,
) -> float:
    """Return nu of the one edge that stands for a profile (P.526-16 section 4.5.1).

    Parameters
    ----------
    distance_km, height_m
        The profile, terminals included; distances rise from zero.
    start_m, end_m
        Heights of the two antennas above sea level.
    curvature_per_km
        One over the effective Earth radius.
    wavelength_m
        Wavelength.
    """
    path_km = distance_km[-1]
    slope_start = steepest_slope_from_start(distance_km, height_m, start_m, curvature_per_km)
    if slope_start < (end_m - start_m) / path_km:
        return largest_nu(distance_km, height_m, start_m, end_m, curvature_per_km, wavelength_m)
    slope_end = steepest_slope_from_end(distance_km, height_m, end_m, curvature_per_km)
    return bullington_obstacle_nu(slope_start, slope_end, start_m, end_m, path_km, wavelength_m)


@kernel(**PATH)
def bullington_loss_db(
    distance_km: FloatArray,
    height_m: FloatArray,
    start_m: float,
    end_m: float,
    curvature_per_km: float,
    wavelength_m: float,
) -> float:
    """Return the Bullington diffraction loss of a profile (P.526-16 section 4.5.1)."""
    if distance_km.size < 3:
        return 0.0
    nu = bullington_nu(distance_km, height_m, start_m, end_m, curvature_per_km, wavelength_m)
    return bullington_loss_from_nu_db(nu, distance_km[-1])


@kernel(**PATH)
def admittance(frequency_ghz: float, ground: tuple[float, float], polarization: int) -> float:
    """Return the surface admittance K (P.1812-7 eq. 29) without its factor radius^(-1/3)."""
    permittivity, loss = ground[0], 18.0 * ground[1] / frequency_ghz
    factor = 0.036 * frequency_ghz ** (-1.0 / 3.0)
    factor *= ((permittivity - 1.0) ** 2 + loss**2) ** -0.25
    if polarization == VERTICAL:
        factor *= math.sqrt(permittivity**2 + loss**2)
    return float(factor)


@kernel(**PATH)
def surface(frequency_ghz: float, wavelength_m: float, polarization: int) -> SmoothEarth:
    """Prepare the smooth Earth for a frequency and polarization."""
    land = admittance(frequency_ghz, LAND, polarization)
    sea = admittance(frequency_ghz, SEA, polarization)
    return SmoothEarth(frequency_ghz, wavelength_m, land, sea)


@kernel(**PATH)
def _distance_term_db(normalized: float) -> float:
    """Return the distance term F(X) of the first residue (P.1812-7 eq. 33)."""
    if normalized >= 1.6:
        return 11.0 + 10.0 * log10(normalized) - 17.6 * normalized
    exponent = math.log(normalized)
    return -20.0 * LOG10_E * exponent - 5.6488 * math.exp(1.425 * exponent)


@kernel(**PATH)
def _height_term_db(normalized: float, admittance_k: float) -> float:
    """Return the height gain G(Y) of the first residue, not below 2 + 20 log K (eq. 34, 35)."""
    least = 1.2589254117941673 * admittance_k  # 2 dB
    if normalized > 2.0:
        above = normalized - 1.1
        gain_db = 17.6 * math.sqrt(above) - 5.0 * log10(above) - 8.0
        return max(gain_db, 20.0 * log10(least))
    return 20.0 * log10(max(normalized + 0.1 * normalized**3, least))


@kernel(**PATH)
def first_term_loss_db(
    distance_km: float,
    start_m: float,
    end_m: float,
    radius_km: float,
    frequency_ghz: float,
    admittance_factor: float,
) -> float:
    """Return the first residue of diffraction over a smooth sphere (P.1812-7 eq. 29 to 36)."""
    root = radius_km ** (-1.0 / 3.0)
    k_squared = (admittance_factor * root) ** 2
    beta = (1.0 + k_squared * (1.6 + 0.67 * k_squared)) / (
        1.0 + k_squared * (4.5 + 1.53 * k_squared)
    )
    frequency_root = frequency_ghz ** (1.0 / 3.0)
    normalized = 21.88 * beta * frequency_root * root * root * distance_km
    height_factor = 0.9575 * beta * beta * frequency_root * frequency_root * root
    return -(
        _distance_term_db(normalized)
        + _height_term_db(height_factor * start_m, admittance_factor * root)
        + _height_term_db(height_factor * end_m, admittance_factor * root)
    )


@kernel(**PATH)
def mixed_first_term_loss_db(
    distance_km: float,
    start_m: float,
    end_m: float,
    radius_km: float,
    earth: SmoothEarth,
    sea_fraction: float,
) -> float:
    """Return the first residue over land and sea, by their shares (P.1812-7 eq. 28)."""
    frequency_ghz = earth.frequency_ghz
    land_db = first_term_loss_db(
        distance_km, start_m, end_m, radius_km, frequency_ghz, earth.land_admittance
    )
    if sea_fraction == 0.0:
        return land_db
    sea_db = first_term_loss_db(
        distance_km, start_m, end_m, radius_km, frequency_ghz, earth.sea_admittance
    )
    return sea_fraction * sea_db + (1.0 - sea_fraction) * land_db


@kernel(**PATH)
def smooth_horizon_km(start_m: float, end_m: float, radius_km: float) -> float:
    """Return the longest path in line of sight over a smooth sphere (P.1812-7 eq. 22)."""
    return math.sqrt(0.002 * radius_km) * (math.sqrt(start_m) + math.sqrt(end_m))


@kernel(**PATH)
def smallest_clearance(
    distance_km: float, start_m: float, end_m: float, radius_km: float
) -> tuple[float, float]:
    """Return where a ray comes closest to a smooth sphere, km, and how high it is there, m.

    P.1812-7 eq. 23 and 24; heights are above the sphere.
    """
    both_m = start_m + end_m
    c = (start_m - end_m) / both_m
    m = 250.0 * distance_km**2 / (radius_km * both_m)
    angle = math.acos(min(1.5 * c * math.sqrt(3.0 * m / (m + 1.0) ** 3), 1.0))
    b = 2.0 * math.sqrt((m + 1.0) / (3.0 * m)) * math.cos((math.pi + angle) / 3.0)
    first_km = 0.5 * distance_km * (1.0 + b)
    second_km = distance_km - first_km
    first_m = start_m - 500.0 * first_km**2 / radius_km
    second_m = end_m - 500.0 * second_km**2 / radius_km
    return first_km, (first_m * second_km + second_m * first_km) / distance_km


@kernel(**PATH)
def spherical_loss_db(
    distance_km: float,
    start_m: float,
    end_m: float,
    radius_km: float,
    earth: SmoothEarth,
    sea_fraction: float,
) -> float:
    """Return the diffraction loss of a smooth sphere (P.1812-7 section 4.3.2)."""
    if distance_km >= smooth_horizon_km(start_m, end_m, radius_km):
        return mixed_first_term_loss_db(distance_km, start_m, end_m, radius_km, earth, sea_fraction)
    point_km, clearance_m = smallest_clearance(distance_km, start_m, end_m, radius_km)
    return _sight_spherical_loss_db(
        distance_km, start_m, end_m, point_km, clearance_m, earth, sea_fraction
    )


@kernel(**PATH)
def _sight_spherical_loss_db(
    distance_km: float,
    start_m: float,
    end_m: float,
    point_km: float,
    clearance_m: float,
    earth: SmoothEarth,
    sea_fraction: float,
) -> float:
    """Return the loss of a sphere that leaves the ray clear by so much (P.1812-7 eq. 25 to 27)."""
    spread = point_km * (distance_km - point_km) * earth.wavelength_m / distance_km
    required_m = 17.456 * math.sqrt(spread)
    if clearance_m > required_m:
        return 0.0
    # The radius at which the path just has line of sight.
    radius_km = 500.0 * (distance_km / (math.sqrt(start_m) + math.sqrt(end_m))) ** 2
    marginal_db = mixed_first_term_loss_db(
        distance_km, start_m, end_m, radius_km, earth, sea_fraction
    )
    return (1.0 - clearance_m / required_m) * max(marginal_db, 0.0)


@kernel(**PATH)
def smooth_obstacle_nu(
    distance_km: float, start_m: float, end_m: float, radius_km: float, wavelength_m: float
) -> float:
    """Return nu of the Bullington point beyond a smooth sphere (P.1812-7 eq. 107 to 110)."""
    bulge = 500.0 / radius_km
    slope_start = bulge * distance_km - 2.0 * math.sqrt(bulge * start_m)
    slope_end = bulge * distance_km - 2.0 * math.sqrt(bulge * end_m)
    return bullington_obstacle_nu(slope_start, slope_end, start_m, end_m, distance_km, wavelength_m)


@kernel(**PATH)
def smooth_losses_db(
    distance_km: float,
    start_m: float,
    end_m: float,
    radius_km: float,
    earth: SmoothEarth,
    sea_fraction: float,
) -> tuple[float, float]:
    """Return the Bullington and the spherical loss of a smooth sphere, no profile needed.

    The Bullington loss is that of P.1812-7 Annex 1, Attachment 4 (eq. 104 to 112): the limit
    of a dense profile. The closest point is worked out once for both losses.
    """
    if distance_km >= smooth_horizon_km(start_m, end_m, radius_km):
        nu = smooth_obstacle_nu(distance_km, start_m, end_m, radius_km, earth.wavelength_m)
        spherical_db = mixed_first_term_loss_db(
            distance_km, start_m, end_m, radius_km, earth, sea_fraction
        )
    else:
        point_km, clearance_m = smallest_clearance(distance_km, start_m, end_m, radius_km)
        nu = knife_edge_nu(-clearance_m, point_km, distance_km - point_km, earth.wavelength_m)
        spherical_db = _sight_spherical_loss_db(
            distance_km, start_m, end_m, point_km, clearance_m, earth, sea_fraction
        )
    return bullington_loss_from_nu_db(nu, distance_km), spherical_db


@kernel(**PATH)
def delta_bullington_loss_db(losses: Diffraction) -> float:
    """Return the diffraction loss of a general path (P.1812-7 eq. 39; P.526-16 eq. 62)."""
    excess_db = losses.spherical_db - losses.smooth_bullington_db
    return losses.bullington_db + max(excess_db, 0.0)
