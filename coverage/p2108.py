"""Recommendation ITU-R P.2108-1: loss in the clutter around a terminal.

Three methods: a terminal among known clutter (section 3.1), terrestrial paths in towns
(section 3.2, a statistic of places), and slant paths to aircraft and satellites (section 3.3).
"""

import math

from phusong.coverage.diffraction import knife_edge_loss_db
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.normal import quantile

__all__ = ["slant_loss_db", "terrestrial_loss_db"]

STREET_WIDTH_M = 27.0
LONGEST_TERRESTRIAL_KM = 2.0  # the loss grows no further


@kernel(**PATH)
def obstructed_terminal_loss_db(
    frequency_mhz: float,
    terminal_height_m: float,
    clutter_m: float,
    street_width_m: float = STREET_WIDTH_M,
) -> float:
    """Return the loss behind houses or trees, 30 to 3000 MHz (section 3.1, eq. 2a).

    The rest of the path is worked out to the top of the clutter.
    """
    rise_m = clutter_m - terminal_height_m
    if rise_m <= 0.0:
        return 0.0
    angle_deg = math.degrees(math.atan(rise_m / street_width_m))
    nu = 0.342 * math.sqrt(frequency_mhz / 1000.0 * rise_m * angle_deg)
    return knife_edge_loss_db(nu) - 6.03


@kernel(**PATH)
def _terrestrial_loss_db(distance_km: float, frequency_ghz: float, deviations: float) -> float:
    """Return equation 3 at a distance."""
    log_f = math.log10(frequency_ghz)
    long_db = -2.0 * math.log10(10.0 ** (-5.0 * log_f - 12.5) + 10.0**-16.5)
    short_db = 32.98 + 23.9 * math.log10(distance_km) + 3.0 * log_f
    long_weight, short_weight = 10.0 ** (-0.2 * long_db), 10.0 ** (-0.2 * short_db)
    both = long_weight + short_weight
    sigma_db = math.sqrt((16.0 * long_weight + 36.0 * short_weight) / both)
    return -5.0 * math.log10(both) + sigma_db * deviations


@kernel(**PATH)
def terrestrial_loss_db(
    distance_m: float, frequency_mhz: float, location_percent: float = 50.0
) -> float:
    """Return the clutter loss not exceeded at a percentage of places in towns (section 3.2).

    For one terminal well below the roofs; 500 MHz to 67 GHz, paths of 250 m and more (1 km
    and more when it is applied to both ends).

    Parameters
    ----------
    distance_m
        Horizontal distance [m].
    frequency_mhz
        Frequency [MHz].
    location_percent
        Percentage of places, above 0 and below 100.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    Recommendation ITU-R P.2108-1 (2021), section 3.2.
    """
    deviations = quantile(location_percent / 100.0)
    frequency_ghz = frequency_mhz / 1000.0
    here_db = _terrestrial_loss_db(distance_m / 1000.0, frequency_ghz, deviations)
    return min(here_db, _terrestrial_loss_db(LONGEST_TERRESTRIAL_KM, frequency_ghz, deviations))


@kernel(**PATH)
def slant_loss_db(
    elevation_deg: float, frequency_mhz: float, location_percent: float = 50.0
) -> float:
    """Return the clutter loss not exceeded at a percentage of places under the sky (section 3.3).

    For a terminal in town and a platform seen at an elevation of 0 to 90 degrees, 10 to 100 GHz.

    Parameters
    ----------
    elevation_deg
        Of the platform above the horizon [degrees].
    frequency_mhz
        Frequency [MHz].
    location_percent
        Percentage of places, above 0 and below 100.

    Returns
    -------
    float
        Loss [dB].

    References
    ----------
    Recommendation ITU-R P.2108-1 (2021), section 3.3.
    """
    share = location_percent / 100.0
    factor = -math.log(1.0 - share) * 93.0 * (frequency_mhz / 1000.0) ** 0.175
    angle = 0.05 * (1.0 - elevation_deg / 90.0) + math.radians(elevation_deg)
    exponent = 0.5 * (90.0 - elevation_deg) / 90.0
    return float((factor / math.tan(angle)) ** exponent - 1.0 + 0.6 * quantile(share))
