"""The standard propagation model (SPM), the tunable model of commercial planning tools.

    L = K1 + K2 log d + K3 log Heff + K4 diffraction + K5 log d log Heff
        + K6 Hrx + K7 log Hrx + Kclutter f(clutter)

with d in metres, heights in metres and decimal logarithms. Heff is the height of the base
antenna above the ground that matters, in one of five ways; f(clutter) is the mean of the
clutter losses over the last stretch before the receiver, weighted towards it. The form is
Hata's with d in metres: ``hata_coefficients`` gives the coefficients that repeat Okumura-Hata
and COST-231 exactly, and is where a calibration starts. The diffraction is that of Bullington
(``diffraction.bullington_loss_db``). Usual for 150 to 3500 MHz and 1 to 20 km.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from phusong.coverage.diffraction import bullington_loss_db
from phusong.coverage.kernel import PATH, kernel
from phusong.coverage.profile import Profile
from phusong.coverage.units import FloatArray, wavelength_m

ABOVE_GROUND, ABOVE_AVERAGE, SLOPE_AT_RECEIVER, SPOT, ABSOLUTE_SPOT = 0, 1, 2, 3, 4
UNIFORM, TRIANGULAR, LOGARITHMIC, EXPONENTIAL = 0, 1, 2, 3
MIN_EFFECTIVE_M = 20.0
LARGEST_EFFECTIVE_M = 200.0


class Coefficients(NamedTuple):
    """The constants of the model; distances in metres."""

    k1: float
    k2: float = 44.9
    k3: float = 5.83
    k4: float = 1.0
    k5: float = -6.55
    k6: float = 0.0
    k7: float = 0.0
    k_clutter: float = 1.0


class SpmOptions(NamedTuple):
    """How the effective height and the clutter are taken from a profile."""

    effective_height: int = ABOVE_GROUND
    near_m: float = 3000.0  # the average profile starts here, seen from the base
    far_m: float = 15000.0  # and ends here
    slope_m: float = 3000.0  # the slope is that of so much ground before the receiver
    clutter_m: float = 200.0  # clutter counts so far from the receiver
    clutter_weighting: int = TRIANGULAR
    radius_km: float = 8495.0  # effective Earth radius, 4/3 of the true one


OPTIONS = SpmOptions()


class SpmLoss(NamedTuple):
    """A loss and what went into it."""

    loss_db: float
    effective_height_m: float
    diffraction_db: float
    clutter_db: float


@dataclass(frozen=True)
class SpmParameters:
    """A tuned model: without coefficients it starts from Hata, without clutter from none."""

    coefficients: Coefficients | None = None
    options: SpmOptions = OPTIONS
    clutter_db: FloatArray | None = None  # of the class at each point of the profile


def hata_coefficients(frequency_mhz: float) -> Coefficients:
    """Return the coefficients that repeat Okumura-Hata, or COST-231 Hata above 1500 MHz.

    Urban land, small or medium city; no diffraction and no clutter are in it, so K4 and
    Kclutter weigh what Hata's curves do not know.
    """
    log_f = math.log10(frequency_mhz)
    start_db = 69.55 + 26.16 * log_f if frequency_mhz <= 1500.0 else 46.3 + 33.9 * log_f
    k1 = start_db - 3.0 * 44.9 + 1.56 * log_f - 0.8
    return Coefficients(k1=k1, k3=3.0 * 6.55 - 13.82, k6=0.7 - 1.1 * log_f)


@kernel(**PATH)
def standard_loss_db(
    distance_m: float,
    effective_height_m: float,
    receiver_height_m: float,
    diffraction_db: float,
    clutter_db: float,
    coefficients: Coefficients,
) -> float:
    """Return the loss from prepared heights, diffraction and clutter.

    A receiver height of zero or less is only meaningful with K7 = 0.
    """
    log_d, log_h = math.log10(distance_m), math.log10(effective_height_m)
    loss_db = coefficients.k1 + coefficients.k2 * log_d + coefficients.k3 * log_h
    loss_db += coefficients.k4 * diffraction_db + coefficients.k5 * log_d * log_h
    loss_db += coefficients.k6 * receiver_height_m + coefficients.k_clutter * clutter_db
    if coefficients.k7 == 0.0:
        return loss_db
    return loss_db + coefficients.k7 * math.log10(receiver_height_m)


@kernel(**PATH)
def average_ground_m(
    distance_m: FloatArray, ground_m: FloatArray, near_m: float, far_m: float
) -> float:
    """Return the mean ground height of the points between two distances, NaN if none."""
    total_m, points = 0.0, 0
    for i in range(distance_m.size):
        if near_m <= distance_m[i] <= far_m:
            total_m += ground_m[i]
            points += 1
    return total_m / points if points > 0 else math.nan


@kernel(**PATH)
def slope_at_receiver(distance_m: FloatArray, ground_m: FloatArray, stretch_m: float) -> float:
    """Return the least-squares slope of the last stretch of ground, uphill positive."""
    start_m = distance_m[-1] - stretch_m
    points, x_sum, z_sum, xx_sum, xz_sum = 0, 0.0, 0.0, 0.0, 0.0
    for i in range(distance_m.size):
        if distance_m[i] >= start_m:
            x = distance_m[i] - distance_m[-1]
            points += 1
            x_sum += x
            z_sum += ground_m[i]
            xx_sum += x * x
            xz_sum += x * ground_m[i]
    spread = points * xx_sum - x_sum * x_sum
    return (points * xz_sum - x_sum * z_sum) / spread if spread > 0.0 else 0.0


@kernel(**PATH)
def effective_height_m(
    distance_m: FloatArray, ground_m: FloatArray, base_height_m: float, options: SpmOptions
) -> float:
    """Return the effective height of the base antenna, held between 20 and 200 m.

    Above ground; above the average ground; above the ground's slope at the receiver, drawn
    back to the base; above the receiver's ground where that is lower (spot); or with the
    absolute difference of both grounds (absolute spot).
    """
    method, rise_m = options.effective_height, ground_m[0] - ground_m[-1]
    height_m = base_height_m
    if method == ABOVE_AVERAGE:
        average_m = average_ground_m(distance_m, ground_m, options.near_m, options.far_m)
        height_m += 0.0 if math.isnan(average_m) else ground_m[0] - average_m
    elif method == SLOPE_AT_RECEIVER:
        slope = slope_at_receiver(distance_m, ground_m, options.slope_m)
        height_m += rise_m + slope * distance_m[-1]
    elif method == SPOT:
        height_m += max(rise_m, 0.0)
    elif method == ABSOLUTE_SPOT:
        height_m += abs(rise_m)
    return min(max(height_m, MIN_EFFECTIVE_M), LARGEST_EFFECTIVE_M)


@kernel(**PATH)
def clutter_weight(nearness: float, weighting: int) -> float:
    """Return the weight of clutter by nearness, 1 at the receiver and 0 at the reach's end."""
    if weighting == TRIANGULAR:
        return nearness
    if weighting == LOGARITHMIC:
        return math.log10(1.0 + nearness)
    if weighting == EXPONENTIAL:
        return math.exp(nearness) - 1.0
    return 1.0


@kernel(**PATH)
def weighted_clutter_db(
    distance_m: FloatArray, clutter_db: FloatArray, reach_m: float, weighting: int
) -> float:
    """Return f(clutter), the weighted mean of the clutter losses before the receiver."""
    total_db, weights = 0.0, 0.0
    for i in range(distance_m.size):
        nearness = 1.0 - (distance_m[-1] - distance_m[i]) / reach_m
        if nearness >= 0.0:
            weight = clutter_weight(nearness, weighting)
            total_db += weight * clutter_db[i]
            weights += weight
    return total_db / weights


@kernel(**PATH)
def _predict(
    distance_m: FloatArray,
    ground_m: FloatArray,
    clutter_db: FloatArray,
    base_height_m: float,
    receiver_height_m: float,
    wave_m: float,
    coefficients: Coefficients,
    options: SpmOptions,
) -> SpmLoss:
    """Prepare the heights, the diffraction and the clutter, and add them up."""
    start_m, end_m = ground_m[0] + base_height_m, ground_m[-1] + receiver_height_m
    effective_m = effective_height_m(distance_m, ground_m, base_height_m, options)
    diffraction_db = bullington_loss_db(
        distance_m / 1000.0, ground_m, start_m, end_m, 1.0 / options.radius_km, wave_m
    )
    mean_db = weighted_clutter_db(
        distance_m, clutter_db, options.clutter_m, options.clutter_weighting
    )
    loss_db = standard_loss_db(
        distance_m[-1], effective_m, receiver_height_m, diffraction_db, mean_db, coefficients
    )
    return SpmLoss(loss_db, effective_m, diffraction_db, mean_db)


def predict(
    ground: Profile,
    frequency_mhz: float,
    base_height_m: float,
    receiver_height_m: float,
    parameters: SpmParameters | None = None,
) -> SpmLoss:
    """Predict the loss of one path over a profile of at least three points."""
    chosen = parameters or SpmParameters()
    clutter_db = chosen.clutter_db
    if clutter_db is None:
        clutter_db = np.zeros_like(ground.distance_km)
    prediction: SpmLoss = _predict(
        1000.0 * ground.distance_km,
        ground.height_m,
        clutter_db,
        float(base_height_m),
        float(receiver_height_m),
        wavelength_m(float(frequency_mhz)),
        chosen.coefficients or hata_coefficients(frequency_mhz),
        chosen.options,
    )
    return prediction
