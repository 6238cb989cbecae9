"""Ducting and layer reflection (eq. 46 to 56) for the receivers where it may matter.

It never acts while even its floor exceeds the loss of the diffracted path (eq. 61). The others
are listed close together, so that their equations are worked out in vectors.
"""

import math
from typing import NamedTuple

from phusong.coverage.elementary import DB_PER_OCTAVE, OCTAVES_PER_E, exp2, log2, power_db
from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.horizons import highest_above, nearest_step
from phusong.coverage.p1812.line import F32, I32, LANES, Floats, Integers
from phusong.coverage.p1812.loss import Setup
from phusong.coverage.p1812.sight import NOTHING, shielding
from phusong.coverage.units import LOG10_E

TENTH = F32(0.1)
DECADES_PER_OCTAVE = F32(0.1) * DB_PER_OCTAVE


class Ducts(NamedTuple):
    """The receivers where ducting may matter: their places, and what its equations read."""

    receiver: Integers
    at: Floats
    tx_steps: Floats  # to the horizon, or to the point nearest to the ray
    rx_steps: Floats
    tx_mrad: Floats
    rx_mrad: Floats
    tx_height_m: Floats
    rx_height_m: Floats
    roughness_m: Floats
    incidence_log: Floats
    exponent: Floats
    decay: Floats
    loss_db: Floats


DUCT_ROWS = 12


@kernel(**INLINE)
def ducts(a: Floats, receiver: Integers) -> Ducts:
    """Return room for receivers, ``DUCT_ROWS`` rows of numbers."""
    return Ducts(receiver, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11])


@kernel(**STAGE)
def listed(
    floor_db: Floats, sight_db: Floats, loss_db: Floats, size: int, receiver: Integers
) -> int:
    """List the receivers whose loss exceeds the floor of ducting; return how many."""
    apart()
    count = 0
    for i in range(size):
        receiver[count] = i
        count += sight_db[i] + loss_db[i] > floor_db[i]
    return count


@kernel(**STAGE)
def gather(
    receiver: Integers,
    count: int,
    way: Floats,
    end_m: Floats,
    slope: Floats,
    from_mast: Floats,
    from_receiver: Floats,
    tx_angle: Floats,
    rx_angle: Floats,
    tx_antenna: Floats,
    rx_antenna: Floats,
    nearest_bare: Floats,
    nearest_at: Floats,
    last: Integers,
    last_bare: Integers,
    antenna_m: float,
    fall_m: float,
    limit: float,
    flat_m: Floats,
    level_m: Floats,
    ridge_m: Floats,
    skyline: Floats,
    parent: Integers,
    incidence_knots: Floats,
    exponent_knots: Floats,
    decay_knots: Floats,
    at: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
    tx_mrad: Floats,
    rx_mrad: Floats,
    tx_height_m: Floats,
    rx_height_m: Floats,
    roughness_m: Floats,
    incidence_log: Floats,
    exponent: Floats,
    decay: Floats,
) -> None:
    """Fill in what the equations read of the receivers listed, the roughness (eq. 93, 95) last."""
    apart()
    start, fall = F32(antenna_m), F32(fall_m)
    for n in range(count):
        i = receiver[n]
        at[n], tx_mrad[n], rx_mrad[n] = way[i], tx_angle[i], rx_angle[i]
        tx_height_m[n], rx_height_m[n] = tx_antenna[i], rx_antenna[i]
        surface_m = start - tx_height_m[n]
        rx_surface_m = end_m[i] + fall * at[n] * at[n] - rx_height_m[n]
        tilt = (rx_surface_m - surface_m) / at[n]
        if from_receiver[i] > NOTHING:
            tx_steps[n], rx_steps[n] = from_mast[i], from_receiver[i]
            span = (tx_steps[n], at[n] - rx_steps[n])
            roughness_m[n] = highest_above(flat_m, parent, last_bare[i], span, surface_m, tilt)
        else:
            near, most = nearest_bare[i], F32(limit) / at[n]
            k = nearest_step(level_m, ridge_m, skyline, last[i], at[n], start, slope[i], near, most)
            run = F32(k) if k > 0 else nearest_at[i]
            tx_steps[n], rx_steps[n] = run, at[n] - run
            clear_m = math.sqrt(near * run * rx_steps[n])
            own_m = start + slope[i] * run - clear_m + fall * run * run
            roughness_m[n] = (flat_m[k] if k > 0 else own_m) - surface_m - tilt * run
        low = I32(min(math.floor(at[n]), decay_knots.size - 2))
        share = at[n] - F32(low)
        incidence, power, fade = incidence_knots[low], exponent_knots[low], decay_knots[low]
        incidence_log[n] = incidence + share * (incidence_knots[low + 1] - incidence)
        exponent[n] = power + share * (exponent_knots[low + 1] - power)
        decay[n] = fade + share * (decay_knots[low + 1] - fade)


@kernel(**STAGE)
def ducting_db(
    at: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
    tx_mrad: Floats,
    rx_mrad: Floats,
    tx_height_m: Floats,
    rx_height_m: Floats,
    roughness_m: Floats,
    incidence_log: Floats,
    exponent: Floats,
    decay: Floats,
    setup: Setup,
    pixel_km: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Fill in L_ba, the loss by ducting and layer reflection (eq. 46)."""
    apart()
    duct, to_km = setup.duct, F32(pixel_km)
    ghz, root = F32(duct.frequency_ghz), F32(duct.frequency_root)
    fixed_db, per_mrad = F32(duct.fixed_db - 12.0), F32(duct.angular_db_per_mrad)
    time_log, earth = F32(duct.time_log), F32(1000.0 * pixel_km / duct.radius_km)
    curved, rough = F32(500.0 * pixel_km * pixel_km / duct.radius_km), F32(-4.6e-5 * LOG10_E)
    for n in range(size // LANES * LANES):
        km, tx_km, rx_km = at[n] * to_km, tx_steps[n] * to_km, rx_steps[n] * to_km
        tx_excess = max(tx_mrad[n] - TENTH * tx_km, NOTHING)
        rx_excess = max(rx_mrad[n] - TENTH * rx_km, NOTHING)
        factors = shielding(tx_excess, tx_km, ghz) * shielding(rx_excess, rx_km, ghz)
        coupling_db = F32(2.0) * power_db((tx_km + rx_km) * factors)
        coupling_db += F32(0.264) * root * (tx_excess + rx_excess)
        mrad = earth * at[n] + min(tx_mrad[n], TENTH * tx_km) + min(rx_mrad[n], TENTH * rx_km)
        heights_root = math.sqrt(tx_height_m[n]) + math.sqrt(rx_height_m[n])
        ratio = at[n] / heights_root
        geometry_log = exponent[n] * DECADES_PER_OCTAVE * log2(curved * ratio * ratio)
        between_km = min(km - tx_km - rx_km, F32(40.0))
        excess_m = max(roughness_m[n] - F32(10.0), NOTHING)
        roughness_log = rough * excess_m * (F32(43.0) + F32(6.0) * between_km)
        beta_log = incidence_log[n] + min(geometry_log, NOTHING) + roughness_log
        rate = F32(9.51) - F32(4.8) * beta_log + F32(0.198) * beta_log * beta_log
        power = F32(-1.012) * log2(F32(2.0058) - beta_log) - OCTAVES_PER_E * rate * decay[n]
        gamma = F32(1.076) * exp2(power)
        ratio_log = time_log - beta_log
        time_db = (F32(1.2) + F32(3.7e-3) * km) * ratio_log
        time_db += F32(12.0) * exp2(gamma * ratio_log / DECADES_PER_OCTAVE)
        loss_db[n] = fixed_db + coupling_db + per_mrad * mrad + time_db


@kernel(**STAGE)
def scatter(receiver: Integers, loss_db: Floats, count: int, size: int, of_all_db: Floats) -> None:
    """Give the losses to the receivers listed; by ducting nothing comes to the others."""
    apart()
    for i in range(size // LANES * LANES):
        of_all_db[i] = F32(1e9)
    for n in range(count):
        of_all_db[receiver[n]] = loss_db[n]
