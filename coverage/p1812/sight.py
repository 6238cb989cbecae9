"""Losses in line of sight, angles of the horizons, and a floor of the loss by ducting."""

import math

from phusong.coverage.elementary import arc_tangent, exp, power_db
from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.line import F32, LANES, ONE, Floats
from phusong.coverage.p1812.loss import Setup

NOTHING = F32(0.0)


@kernel(**STAGE)
def sight_db(
    at: Floats,
    end_m: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
    focusing_log: Floats,
    setup: Setup,
    antenna_m: float,
    fall_m: float,
    pixel_km: float,
    size: int,
    free_db: Floats,
    sight_db: Floats,
    beta_db: Floats,
) -> None:
    """Fill in L_bfs, L_b0p and L_b0beta (eq. 8 to 11)."""
    apart()
    start, fall, to_km = F32(antenna_m), F32(fall_m), F32(pixel_km)
    constant_db, decade = F32(setup.free_space_db), F32(setup.focusing_log)
    for i in range(size // LANES * LANES):
        km = at[i] * to_km
        rise_km = F32(0.001) * (end_m[i] + fall * at[i] * at[i] - start)
        free_db[i] = constant_db + power_db(km * km + rise_km * rise_km)
        steps = tx_steps[i] + rx_steps[i]
        span_km = steps * to_km if steps > NOTHING else km
        focusing_db = F32(2.6) * (ONE - exp(F32(-0.1) * span_km))
        sight_db[i] = free_db[i] + focusing_db * decade
        beta_db[i] = free_db[i] + focusing_db * focusing_log[i]


@kernel(**INLINE)
def shielding(excess_mrad: float, horizon_km: float, frequency_ghz: float) -> float:
    """Return the factor by which a horizon shields (eq. 48), before its decibels are taken."""
    return ONE + F32(0.361) * excess_mrad * math.sqrt(frequency_ghz * horizon_km)


@kernel(**STAGE)
def angles(
    at: Floats,
    tx_slope: Floats,
    rx_slope: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
    least_db: Floats,
    setup: Setup,
    fall_m: float,
    pixel_km: float,
    size: int,
    tx_mrad: Floats,
    rx_mrad: Floats,
    floor_db: Floats,
) -> None:
    """Fill in the horizons' elevations, and a loss that ducting cannot undercut.

    The floor is the sum of eq. 46 with the least of eq. 53. In line of sight the point nearest
    to the ray is not yet known: it lies between the first step from the receiver and the mast,
    and shielding grows and falls only once in between.
    """
    apart()
    to_km, twice_fall, milli = F32(pixel_km), F32(2.0 * fall_m), F32(1000.0)
    per_metre, earth = F32(0.001 / pixel_km), F32(1000.0 * pixel_km / setup.radius_km)
    ghz, root = F32(setup.frequency_ghz), F32(setup.duct.frequency_root)
    fixed_db, per_mrad = F32(setup.duct.fixed_db), F32(setup.duct.angular_db_per_mrad)
    for i in range(size // LANES * LANES):
        tx_mrad[i] = milli * arc_tangent(tx_slope[i] * per_metre)
        rx_mrad[i] = milli * arc_tangent((rx_slope[i] - twice_fall * at[i]) * per_metre)
        hidden = rx_steps[i] > NOTHING
        km = at[i] * to_km
        tx_km = tx_steps[i] * to_km if hidden else NOTHING
        rx_km = rx_steps[i] * to_km if hidden else to_km
        span_km = tx_km + rx_km if hidden else km
        tx_excess = max(tx_mrad[i] - F32(0.1) * tx_km, NOTHING) if hidden else NOTHING
        rx_excess = max(rx_mrad[i] - F32(0.1) * rx_km, NOTHING)
        far_excess = NOTHING if hidden else max(rx_mrad[i] - F32(0.1) * km, NOTHING)
        far = shielding(far_excess, km, ghz)
        near = shielding(rx_excess, rx_km, ghz)
        near = near if hidden else min(near, far)
        linear = tx_excess + (rx_excess if hidden else far_excess)
        tx_least = min(tx_mrad[i], F32(0.1) * tx_km)
        rx_least = min(rx_mrad[i], F32(0.1) * rx_km if hidden else NOTHING)
        mrad = earth * at[i] + tx_least + rx_least
        factors = span_km * near * shielding(tx_excess, tx_km, ghz)
        floor_db[i] = (
            fixed_db
            + least_db[i]
            + F32(2.0) * power_db(factors)
            + F32(0.264) * root * linear
            + per_mrad * mrad
        )
