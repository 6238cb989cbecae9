"""All ways of a wave together (eq. 40 to 44 and 57 to 69), and the way down to a terminal."""

import math

from phusong.coverage.elementary import OCTAVES_PER_E, arc_tangent, exp, log2, power_db
from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.delta_bullington import knife_edge_db
from phusong.coverage.p1812.line import F32, LANES, ONE, Floats
from phusong.coverage.p1812.loss import Setup

DUCTING_SCALE_DB = F32(2.5)
SCATTER_SCALE_DB = F32(5.0 / math.log(10.0))
TERMINAL_DB = F32(6.03)
DEGREES = F32(180.0 / math.pi)


@kernel(**INLINE)
def _smooth_maximum_db(first_db: float, second_db: float, scale_db: float) -> float:
    """Return scale * log(exp(first / scale) + exp(second / scale))."""
    apart_by = abs(first_db - second_db) / scale_db
    return max(first_db, second_db) + scale_db / OCTAVES_PER_E * log2(ONE + exp(-apart_by))


@kernel(**STAGE)
def combined_db(
    at: Floats,
    tx_mrad: Floats,
    rx_mrad: Floats,
    free_db: Floats,
    sight_db: Floats,
    sight_beta_db: Floats,
    diffraction_db: Floats,
    through_time_db: Floats,
    ducting_db: Floats,
    time_factor: Floats,
    setup: Setup,
    lloc_db: float,
    pixel_km: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Fill in the basic transmission loss not exceeded for the time and places (eq. 69)."""
    apart()
    to_km, earth = F32(pixel_km), F32(1000.0 * pixel_km / setup.radius_km)
    scatter_db, places_db = F32(setup.scatter_db), F32(lloc_db)
    for i in range(size // LANES * LANES):
        km = at[i] * to_km
        mrad = earth * at[i] + tx_mrad[i] + rx_mrad[i]
        factor, ldp_db = time_factor[i], through_time_db[i]
        lbd_db = sight_db[i] + ldp_db
        near = ONE / (ONE + exp(F32(0.15) * (km - F32(20.0))))  # F_k
        lminbap_db = _smooth_maximum_db(ducting_db[i], sight_db[i], DUCTING_SCALE_DB)
        lbda_db = min(lminbap_db + (lbd_db - lminbap_db) * near, lbd_db)
        lbd50_db = free_db[i] + diffraction_db[i]
        lminb0p_db = lbd50_db + (sight_beta_db[i] + ldp_db - lbd50_db) * factor
        lminb0p_db = lbd_db if factor >= ONE else lminb0p_db
        level = ONE / (ONE + exp(F32(16.0) * (mrad - F32(0.3))))  # F_j
        lbam_db = lbda_db + (lminb0p_db - lbda_db) * level
        lbs_db = scatter_db + F32(2.0) * power_db(km) + F32(0.573) * mrad
        lbc_db = -_smooth_maximum_db(-lbs_db, -lbam_db, SCATTER_SCALE_DB)
        loss_db[i] = max(sight_db[i], lbc_db + places_db)


@kernel(**STAGE)
def through_time_db(
    median_db: Floats, beta_db: Floats, time_factor: Floats, size: int, loss_db: Floats
) -> None:
    """Fill in L_dp, the diffraction not exceeded for p per cent of time (eq. 41)."""
    apart()
    for i in range(size // LANES * LANES):
        loss_db[i] = median_db[i] + time_factor[i] * (beta_db[i] - median_db[i])


@kernel(**STAGE)
def add_terminal_db(
    roof_m: Floats,
    height_m: float,
    street_width_m: float,
    frequency_ghz: float,
    tx_terminal_db: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Add the loss from the roofs down to terminals so high above ground (P.2108-1 eq. 2a)."""
    apart()
    below, ghz, fixed_db = F32(height_m), F32(frequency_ghz), F32(tx_terminal_db)
    per_street = F32(1.0 / street_width_m)
    for i in range(size // LANES * LANES):
        rise_m = max(roof_m[i] - below, F32(0.0))
        angle = DEGREES * arc_tangent(rise_m * per_street)
        down_db = knife_edge_db(F32(0.342) * math.sqrt(ghz * rise_m * angle)) - TERMINAL_DB
        loss_db[i] += fixed_db + (down_db if rise_m > F32(0.0) else F32(0.0))
