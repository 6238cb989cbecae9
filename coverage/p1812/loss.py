"""The loss equations of ITU-R P.1812-7 (Annex 1, sections 4.2 to 4.8), given the path.

This is the second half of a prediction: plain numbers to decibels, without a profile.

    setup(...)     once for a mast, frequency and set of parameters
    along(...)     once for a distance and its radio-climatic zones
    losses(...)    for every receiver

Symbols like ``lb0p`` are the Recommendation's L_b0p, always in decibels; the numbers of the
equations are the Recommendation's.
"""

import math
from typing import NamedTuple

from phusong.coverage import diffraction
from phusong.coverage.diffraction import Diffraction, SmoothEarth
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.normal import exceeded_deviations
from phusong.coverage.p1812 import anomalous as p1812_anomalous
from phusong.coverage.p1812.anomalous import AnomalousTerms, Duct
from phusong.coverage.p1812.path import EARTH_RADIUS_KM, PathQuantities, PathZones
from phusong.coverage.units import log10

WAVELENGTH_M_GHZ = 0.2998  # speed of light as the reference programs round it
BETA_RADIUS_KM = 3.0 * EARTH_RADIUS_KM  # radius exceeded for beta_0 of the time (eq. 7b)


class Setup(NamedTuple):
    """What a mast, a frequency and a set of parameters fix for every path."""

    frequency_ghz: float
    wavelength_m: float
    time_percent: float
    time_deviations: float
    radius_km: float
    focusing_log: float  # log(p / 50) of eq. 9
    free_space_db: float  # the terms of eq. 8 without the distance
    scatter_db: float  # the terms of eq. 44 without the path
    field_strength_db: float  # the terms of eq. 70 without the loss
    duct: Duct
    earth: SmoothEarth


class Along(NamedTuple):
    """What the length of a path and its zones fix, whatever the terrain."""

    zones: PathZones
    reach: AnomalousTerms
    time_factor: float  # F_i, eq. 40
    distance_factor: float  # F_k, eq. 58
    focusing_log: float  # log(beta_0 / 50) of eq. 9
    scatter_db: float  # 20 log d of eq. 44


class Losses(NamedTuple):
    """A prediction and its parts, in decibels, by the symbols of the Recommendation."""

    loss_db: float  # L_b: not exceeded for the time and location percentages (eq. 69)
    field_strength_dbuv_m: float  # E_p for 1 kW effective radiated power (eq. 70)
    lbfs_db: float  # free space (eq. 8)
    lb0p_db: float  # line of sight with focusing, p per cent of time (eq. 10)
    lb0b_db: float  # line of sight with focusing, beta_0 per cent of time (eq. 11)
    ld50_db: float  # diffraction, median radius (eq. 39)
    ldb_db: float  # diffraction, radius exceeded for beta_0 (eq. 39)
    ldp_db: float  # diffraction, p per cent of time (eq. 41)
    lbd50_db: float  # with diffraction, median (eq. 42)
    lbd_db: float  # with diffraction, p per cent of time (eq. 43)
    lminb0p_db: float  # least with line of sight and diffraction over sea (eq. 59)
    lba_db: float  # ducting and layer reflection (eq. 46)
    lminbap_db: float  # least with line of sight and ducting (eq. 60)
    lbda_db: float  # diffraction enhanced by ducting (eq. 61)
    lbam_db: float  # modified for both (eq. 62)
    lbs_db: float  # tropospheric scatter (eq. 44)
    lbc_db: float  # all combined, half of the locations (eq. 63)
    lloc_db: float  # location variability


@kernel(**PATH)
def scatter_constant_db(frequency_ghz: float, time_percent: float, n0: float) -> float:
    """Return the terms of tropospheric scatter that no path changes (eq. 44, 45)."""
    frequency_db = 25.0 * log10(frequency_ghz) - 2.5 * log10(0.5 * frequency_ghz) ** 2
    time_db = 10.125 * log10(50.0 / time_percent) ** 0.7
    return float(190.1 + frequency_db - 0.15 * n0 - time_db)


@kernel(**PATH)
def setup(
    frequency_mhz: float, time_percent: float, radius_km: float, n0: float, polarization: int
) -> Setup:
    """Prepare the equations for a mast.

    Parameters
    ----------
    frequency_mhz
        Frequency, 30 to 6000 MHz.
    time_percent
        Percentage of an average year for which the loss is not exceeded, 1 to 50.
    radius_km
        Median effective Earth radius, see ``p1812_path.effective_radius_km``.
    n0
        Refractivity at sea level, N-units.
    polarization
        ``diffraction.HORIZONTAL`` or ``diffraction.VERTICAL``.
    """
    frequency_ghz = frequency_mhz / 1000.0
    wavelength_m = WAVELENGTH_M_GHZ / frequency_ghz
    return Setup(
        frequency_ghz,
        wavelength_m,
        time_percent,
        exceeded_deviations(time_percent / 100.0),
        radius_km,
        log10(time_percent / 50.0),
        92.4 + 20.0 * log10(frequency_ghz),
        scatter_constant_db(frequency_ghz, time_percent, n0),
        199.36 + 20.0 * log10(frequency_ghz),
        p1812_anomalous.duct(frequency_ghz, time_percent, radius_km),
        diffraction.surface(frequency_ghz, wavelength_m, polarization),
    )


@kernel(**PATH)
def time_factor(setup: Setup, incidence_percent: float) -> float:
    """Return F_i, how far p lies between beta_0 and the median (eq. 40)."""
    if setup.time_percent < incidence_percent:
        return 1.0
    return setup.time_deviations / exceeded_deviations(incidence_percent / 100.0)


@kernel(**PATH)
def along(setup: Setup, distance_km: float, latitude_deg: float, zones: PathZones) -> Along:
    """Prepare what depends on the length of the path and its zones alone."""
    reach = p1812_anomalous.reach(distance_km, latitude_deg, zones)
    return Along(
        zones,
        reach,
        time_factor(setup, reach.incidence_percent),
        0.5 - 0.5 * math.tanh(1.5 * (distance_km - 20.0) / 20.0),
        log10(reach.incidence_percent / 50.0),
        20.0 * log10(distance_km),
    )


@kernel(**PATH)
def free_space_loss_db(setup: Setup, path: PathQuantities) -> float:
    """Return L_bfs over the slant distance (eq. 8)."""
    rise_km = (path.tx_amsl_m - path.rx_amsl_m) / 1000.0
    return setup.free_space_db + 10.0 * log10(path.distance_km**2 + rise_km**2)


@kernel(**PATH)
def focusing_scale_db(path: PathQuantities) -> float:
    """Return how strongly multipath and focusing act, per decade of time (eq. 9)."""
    return 2.6 * (1.0 - math.exp(-0.1 * (path.tx_horizon_km + path.rx_horizon_km)))


@kernel(**PATH)
def angular_factor(angular_distance_mrad: float) -> float:
    """Return F_j, which fades line of sight out with angular distance (eq. 57)."""
    exponent = 2.4 * (angular_distance_mrad - 0.3) / 0.3
    return 0.0 if exponent > 20.0 else 0.5 - 0.5 * math.tanh(exponent)


@kernel(**PATH)
def smooth_maximum_db(first_db: float, second_db: float, scale_db: float) -> float:
    """Return scale * log(exp(first / scale) + exp(second / scale)) without overflow."""
    apart = abs(first_db - second_db) / scale_db
    return max(first_db, second_db) + scale_db * math.log1p(math.exp(-apart))


@kernel(**PATH)
def diffraction_for_time_db(setup: Setup, along: Along, ld50_db: float, ldb_db: float) -> float:
    """Return L_dp, the diffraction loss not exceeded for p per cent of time (eq. 41)."""
    if setup.time_percent >= 50.0:
        return ld50_db
    return ld50_db + along.time_factor * (ldb_db - ld50_db)


@kernel(**PATH)
def minimum_with_sight_db(
    along: Along, ldp_db: float, lb0p_db: float, lb0b_db: float, lbd50_db: float
) -> float:
    """Return L_minb0p, the least loss with line of sight and over-sea diffraction (eq. 59)."""
    over_land_db = (1.0 - along.zones.sea_fraction) * ldp_db
    if along.time_factor == 1.0:
        return lb0p_db + over_land_db
    return lbd50_db + (lb0b_db + over_land_db - lbd50_db) * along.time_factor


@kernel(**PATH)
def enhanced_loss_db(along: Along, lbd_db: float, lminbap_db: float) -> float:
    """Return L_bda, diffraction enhanced by ducting (eq. 61)."""
    if lminbap_db > lbd_db:
        return lbd_db
    return lminbap_db + (lbd_db - lminbap_db) * along.distance_factor


@kernel(**PATH)
def losses(
    setup: Setup,
    along: Along,
    path: PathQuantities,
    median: Diffraction,
    beta: Diffraction,
    lloc_db: float,
) -> Losses:
    """Return the loss of a path and its parts (sections 4.2 to 4.8).

    ``median`` and ``beta`` are the diffraction losses at the median effective radius and at
    ``BETA_RADIUS_KM``; at 50 per cent of time the loss does not depend on the latter.
    """
    lbfs_db = free_space_loss_db(setup, path)
    focusing_db = focusing_scale_db(path)
    lb0p_db = lbfs_db + focusing_db * setup.focusing_log
    lb0b_db = lbfs_db + focusing_db * along.focusing_log
    ld50_db = diffraction.delta_bullington_loss_db(median)
    ldb_db = diffraction.delta_bullington_loss_db(beta)
    ldp_db = diffraction_for_time_db(setup, along, ld50_db, ldb_db)
    lbd50_db, lbd_db = lbfs_db + ld50_db, lb0p_db + ldp_db
    lminb0p_db = minimum_with_sight_db(along, ldp_db, lb0p_db, lb0b_db, lbd50_db)
    lba_db = p1812_anomalous.ducting_loss_db(setup.duct, along.reach, along.zones, path)
    lminbap_db = smooth_maximum_db(lba_db, lb0p_db, 2.5)
    lbda_db = enhanced_loss_db(along, lbd_db, lminbap_db)
    lbam_db = lbda_db + (lminb0p_db - lbda_db) * angular_factor(path.angular_distance_mrad)
    lbs_db = setup.scatter_db + along.scatter_db + 0.573 * path.angular_distance_mrad
    lbc_db = -smooth_maximum_db(-lbs_db, -lbam_db, 5.0 / math.log(10.0))
    loss_db = max(lb0p_db, lbc_db + lloc_db)
    return Losses(
        loss_db,
        setup.field_strength_db - loss_db,
        lbfs_db,
        lb0p_db,
        lb0b_db,
        ld50_db,
        ldb_db,
        ldp_db,
        lbd50_db,
        lbd_db,
        lminb0p_db,
        lba_db,
        lminbap_db,
        lbda_db,
        lbam_db,
        lbs_db,
        lbc_db,
        lloc_db,
    )


@kernel(**PATH)
def location_sigma_db(
    frequency_mhz: float, rx_height_m: float, clutter_m: float, resolution_m: float
) -> float:
    """Return the standard deviation of location variability outdoors (section 4.8).

    The resolution is the side of the square over which the loss varies, 50 to 1000 m. A
    receiver 10 m and more above the clutter around it sees no variation.
    """
    share = min(max(1.0 - (rx_height_m - clutter_m) / 10.0, 0.0), 1.0)
    return float((0.52 + 0.024e-3 * frequency_mhz) * resolution_m**0.28 * share)


@kernel(**PATH)
def location_loss_db(location_percent: float, sigma_db: float) -> float:
    """Return how much the loss at a percentage of locations is above the median's."""
    return -exceeded_deviations(location_percent / 100.0) * sigma_db
