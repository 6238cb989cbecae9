"""Ducting and layer reflection of ITU-R P.1812-7 (sections 3.6 and 4.5).

The equations are written in decimal logarithms of the Recommendation's factors, so that the
small percentages stay exact and few powers are taken.
"""

import math
from typing import NamedTuple

from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.p1812.path import PathQuantities, PathZones
from phusong.coverage.units import LOG10_E, log10


class Duct(NamedTuple):
    """What frequency, time percentage and effective Earth radius fix for every path."""

    frequency_ghz: float
    frequency_root: float  # f^(1/3)
    fixed_db: float  # the terms of eq. 47 that depend on the frequency alone
    angular_db_per_mrad: float  # eq. 51
    radius_km: float
    time_log: float  # log p


class AnomalousTerms(NamedTuple):
    """What the length of a path and its zones fix, whatever the terrain."""

    incidence_percent: float  # beta_0
    incidence_log: float
    geometry_exponent: float  # alpha
    decay: float  # 1e-6 d^1.13


@kernel(**PATH)
def inland_factor(longest_inland_km: float) -> float:
    """Return tau, which grows from 0 to 1 with the longest stretch inland (eq. 3)."""
    return 1.0 - math.exp(-4.12e-4 * longest_inland_km**2.41)


@kernel(**PATH)
def incidence_percent(latitude_deg: float, zones: PathZones) -> float:
    """Return beta_0, the share of time with ducting lapse rates (eq. 2 to 5)."""
    tau = inland_factor(zones.longest_inland_km)
    crossing = 10.0 ** (-zones.longest_land_km / (16.0 - 6.6 * tau))
    mu_1 = min((crossing + 10.0 ** (-(2.48 + 1.77 * tau))) ** 0.2, 1.0)
    latitude = abs(latitude_deg)
    if latitude <= 70.0:
        return float(10.0 ** (1.67 - 0.015 * latitude) * mu_1 ** (0.065 + 0.0176 * latitude))
    return float(4.17 * mu_1**1.3)


@kernel(**PATH)
def duct(frequency_ghz: float, time_percent: float, radius_km: float) -> Duct:
    """Prepare the ducting equations for a frequency and time percentage (eq. 47, 47a, 51)."""
    low_db = 0.0
    if frequency_ghz < 0.5:
        low_db = 45.375 - 137.0 * frequency_ghz + 92.5 * frequency_ghz**2
    root = frequency_ghz ** (1.0 / 3.0)
    return Duct(
        frequency_ghz,
        root,
        102.45 + 20.0 * log10(frequency_ghz) + low_db,
        5e-5 * radius_km * root,
        radius_km,
        log10(time_percent),
    )


@kernel(**PATH)
def reach(distance_km: float, latitude_deg: float, zones: PathZones) -> AnomalousTerms:
    """Prepare what depends on the distance alone (eq. 2 to 5, 53a, 55a)."""
    incidence = incidence_percent(latitude_deg, zones)
    tau = inland_factor(zones.longest_inland_km)
    exponent = -0.6 - 3.5e-9 * distance_km**3.1 * tau
    return AnomalousTerms(
        incidence, log10(incidence), max(exponent, -3.4), 1e-6 * distance_km**1.13
    )


@kernel(**PATH)
def shielding_loss_db(horizon_mrad: float, horizon_km: float, duct: Duct) -> float:
    """Return the loss of a terminal shielded by its horizon (eq. 48)."""
    excess_mrad = horizon_mrad - 0.1 * horizon_km
    if excess_mrad <= 0.0:
        return 0.0
    spread = 0.361 * excess_mrad * math.sqrt(duct.frequency_ghz * horizon_km)
    return 20.0 * log10(1.0 + spread) + 0.264 * excess_mrad * duct.frequency_root


@kernel(**PATH)
def sea_coupling_db(
    coast_km: float, horizon_km: float, antenna_amsl_m: float, sea_fraction: float
) -> float:
    """Return the gain, as a negative loss, of a terminal by the sea (eq. 49)."""
    if sea_fraction < 0.75 or coast_km > min(horizon_km, 5.0):
        return 0.0
    height_factor = 1.0 + math.tanh(0.07 * (50.0 - antenna_amsl_m))
    return -3.0 * math.exp(-0.25 * coast_km**2) * height_factor


@kernel(**PATH)
def coupling_loss_db(duct: Duct, zones: PathZones, path: PathQuantities) -> float:
    """Return the fixed losses between the antennas and the duct (eq. 47)."""
    loss_db = duct.fixed_db + 20.0 * log10(path.tx_horizon_km + path.rx_horizon_km)
    loss_db += shielding_loss_db(path.tx_horizon_mrad, path.tx_horizon_km, duct)
    loss_db += shielding_loss_db(path.rx_horizon_mrad, path.rx_horizon_km, duct)
    if zones.sea_fraction < 0.75:
        return loss_db
    return (
        loss_db
        + sea_coupling_db(zones.tx_coast_km, path.tx_horizon_km, path.tx_amsl_m, zones.sea_fraction)
        + sea_coupling_db(zones.rx_coast_km, path.rx_horizon_km, path.rx_amsl_m, zones.sea_fraction)
    )


@kernel(**PATH)
def geometry_log(duct: Duct, reach: AnomalousTerms, path: PathQuantities) -> float:
    """Return log mu_2, the correction for path geometry (eq. 55); never above zero."""
    roots = math.sqrt(path.tx_duct_height_m) + math.sqrt(path.rx_duct_height_m)
    ratio = 500.0 * (path.distance_km / roots) ** 2 / duct.radius_km
    return min(reach.geometry_exponent * log10(ratio), 0.0)


@kernel(**PATH)
def roughness_log(path: PathQuantities) -> float:
    """Return log mu_3, the correction for terrain roughness (eq. 56); never above zero."""
    if path.roughness_m <= 10.0:
        return 0.0
    between_km = min(path.distance_km - path.tx_horizon_km - path.rx_horizon_km, 40.0)
    return -4.6e-5 * (path.roughness_m - 10.0) * (43.0 + 6.0 * between_km) * LOG10_E


@kernel(**PATH)
def time_loss_db(duct: Duct, reach: AnomalousTerms, path: PathQuantities) -> float:
    """Return how the loss depends on the percentage of time (eq. 53, 53a, 54)."""
    beta_log = reach.incidence_log + geometry_log(duct, reach, path) + roughness_log(path)
    rate = 9.51 - 4.8 * beta_log + 0.198 * beta_log**2
    gamma = 1.076 * math.exp(-1.012 * math.log(2.0058 - beta_log) - rate * reach.decay)
    ratio_log = duct.time_log - beta_log
    slope_db = (1.2 + 3.7e-3 * path.distance_km) * ratio_log
    return slope_db - 12.0 + 12.0 * math.exp(gamma * ratio_log / LOG10_E)


@kernel(**PATH)
def angular_loss_db(duct: Duct, path: PathQuantities) -> float:
    """Return the loss that grows with the angular distance (eq. 50 to 52)."""
    tx_mrad = min(path.tx_horizon_mrad, 0.1 * path.tx_horizon_km)
    rx_mrad = min(path.rx_horizon_mrad, 0.1 * path.rx_horizon_km)
    return duct.angular_db_per_mrad * (
        1000.0 * path.distance_km / duct.radius_km + tx_mrad + rx_mrad
    )


@kernel(**PATH)
def ducting_loss_db(
    duct: Duct, reach: AnomalousTerms, zones: PathZones, path: PathQuantities
) -> float:
    """Return L_ba, the basic transmission loss by ducting and layer reflection (eq. 46)."""
    return (
        coupling_loss_db(duct, zones, path)
        + angular_loss_db(duct, path)
        + time_loss_db(duct, reach, path)
    )
