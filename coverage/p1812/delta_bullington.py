"""Diffraction of many paths: Bullington's loss, and what the smooth Earth adds (section 4.3)."""

import math

from numpy.typing import NDArray

from phusong.coverage import diffraction
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR, SmoothEarth
from phusong.coverage.elementary import exp, power_db
from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.horizons import highest_above
from phusong.coverage.p1812.line import F32, HALF, LANES, ONE, Floats, Integers

FLOOR = F32(KNIFE_EDGE_FLOOR + 1e-4)
CLEAR = 17.456  # of eq. 27


@kernel(**INLINE)
def knife_edge_db(nu: float) -> float:
    """Return the loss of one knife edge (P.526-16 eq. 31)."""
    shifted = nu - F32(0.1)
    loss_db = F32(6.9) + F32(2.0) * power_db(math.sqrt(shifted * shifted + ONE) + shifted)
    return loss_db if nu > FLOOR else F32(0.0)


@kernel(**STAGE)
def bullington_db(
    at: Floats,
    end_m: Floats,
    slope: Floats,
    rise: Floats,
    back: Floats,
    closest: Floats,
    start_m: float,
    sinks: float,
    scale: float,
    pixel_km: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Fill in the losses; ``scale`` is two over wavelength times pixel.

    ``sinks`` is how much less the Earth falls within the first pixel than for the rays given.
    """
    apart()
    start, less, wave = F32(start_m), F32(sinks), F32(scale)
    fixed_db, per_step_db = F32(10.0), F32(0.02 * pixel_km)
    for i in range(size // LANES * LANES):
        way = at[i]
        steep = slope[i] + less * way
        rises_m = (steep - slope[i]) * way + end_m[i] - start
        edge = (rises_m + back[i] * way) / (rise[i] + back[i])
        inside = edge > F32(0.0) and edge < way  # else grazing, but for rounding
        edge = edge if inside else HALF * way
        over = (rise[i] - steep) * edge * math.sqrt(wave * way / (edge * (way - edge)))
        over = over if inside else F32(0.0)
        nu = -math.sqrt(wave * way * closest[i]) if rise[i] < steep else over
        edge_db = knife_edge_db(nu)
        spread = ONE - exp(F32(-1.0 / 6.0) * edge_db)
        loss_db[i] = edge_db + spread * (fixed_db + per_step_db * way)


@kernel(**STAGE)
def fitted(
    at: Floats,
    ground_m: Floats,
    last: Integers,
    flat_m: Floats,
    area: NDArray,
    moment: NDArray,
    size: int,
    tx_surface_m: Floats,
    rx_surface_m: Floats,
) -> None:
    """Fill in the least-squares line of the terrain at both ends (eq. 85 to 88)."""
    apart()
    for i in range(size):
        way, s = float(at[i]), last[i]
        before_m, here_m, step = float(flat_m[s]), float(ground_m[i]), way - s
        whole = area[s] + step * (before_m + here_m)
        turned = moment[s] + step * (here_m * (2.0 * way + s) + before_m * (way + 2.0 * s))
        square = 1.0 / (way * way)
        tx_surface_m[i] = (2.0 * whole * way - turned) * square
        rx_surface_m[i] = (turned - whole * way) * square


@kernel(**STAGE)
def heights(
    at: Floats,
    ground_m: Floats,
    roof_m: Floats,
    tx_surface_m: Floats,
    rx_surface_m: Floats,
    mast_m: tuple,
    radius_km: float,
    wavelength_m: float,
    pixel_km: float,
    size: int,
    tx_height_m: Floats,
    rx_height_m: Floats,
    margin_m: Floats,
) -> None:
    """Fill in the antennas' heights over the smooth surface (eq. 92), and their margin.

    ``mast_m`` is the mast's ground and its antenna above the sea. The ray stays at least
    2 sqrt(tx rx) - 250 d^2 / a above the ground, in units of sqrt(u (1 - u)) along the path:
    with a margin above nothing the smooth Earth adds nothing.
    """
    apart()
    start_m, antenna_m = F32(mast_m[0]), F32(mast_m[1])
    bulge = F32(250.0 * pixel_km * pixel_km / radius_km)
    zone = F32(CLEAR * math.sqrt(pixel_km * wavelength_m))
    for i in range(size // LANES * LANES):
        tx_height_m[i] = antenna_m - min(tx_surface_m[i], start_m)
        rx_height_m[i] = ground_m[i] + roof_m[i] - min(rx_surface_m[i], ground_m[i])
        clear_m = F32(2.0) * math.sqrt(tx_height_m[i] * rx_height_m[i]) - bulge * at[i] * at[i]
        margin_m[i] = clear_m - zone * math.sqrt(at[i])


@kernel(**INLINE)
def lowered_m(
    at: float,
    end_m: float,
    fall_m: float,
    start_m: float,
    surface_m: tuple,
    horizon: tuple,
    ground: tuple,
) -> tuple[float, float]:
    """Return the smooth surface lowered below the terrain that stands in the way (eq. 90).

    ``horizon`` is the receiver's, as slope and steps; ``ground`` the terrain of the radial, its
    hull, steepest slopes, and the last step.
    """
    tx_surface_m, rx_surface_m = surface_m
    flat_m, parent, flat_slope, last = ground
    flat_end_m = end_m + fall_m * at * at
    slope = (flat_end_m - start_m) / at
    highest_m = highest_above(flat_m, parent, last, (F32(0.0), at), start_m, slope)
    if highest_m <= F32(0.0):
        return tx_surface_m, rx_surface_m
    from_mast = at - horizon[1]
    edge_m = end_m + horizon[0] * horizon[1] + fall_m * from_mast * from_mast
    tx_rise, rx_rise = flat_slope[last] - slope, (edge_m - flat_end_m) / horizon[1] + slope
    tx_share = tx_rise / (tx_rise + rx_rise)
    return tx_surface_m - highest_m * tx_share, rx_surface_m - highest_m * (F32(1.0) - tx_share)


@kernel(**INLINE)
def _excess_db(
    earth: SmoothEarth, distance_km: float, tx_m: float, rx_m: float, radius_km: float
) -> float:
    """Return what the smooth Earth adds to Bullington's loss (eq. 39)."""
    smooth_db, spherical_db = diffraction.smooth_losses_db(
        distance_km, tx_m, rx_m, radius_km, earth, 0.0
    )
    return max(spherical_db - smooth_db, 0.0)


@kernel(**STAGE)
def add_excess(
    at: Floats,
    end_m: Floats,
    ground_m: Floats,
    roof_m: Floats,
    margin_m: Floats,
    tx_surface_m: Floats,
    rx_surface_m: Floats,
    rx_slope: Floats,
    rx_steps: Floats,
    last: Integers,
    mast_m: tuple,
    fall_m: float,
    radii_km: tuple,
    earth: SmoothEarth,
    pixel_km: float,
    size: int,
    flat_m: Floats,
    parent: Integers,
    flat_slope: Floats,
    loss_db: Floats,
    beta_db: Floats,
) -> None:
    """Add what the smooth Earth adds, for both Earth radii, where the margin leaves it open."""
    apart()
    start_m, antenna_m, fall = F32(mast_m[0]), F32(mast_m[1]), F32(fall_m)
    for i in range(size):
        if margin_m[i] > F32(0.0):
            continue
        surface_m = (tx_surface_m[i], rx_surface_m[i])
        if rx_steps[i] > F32(0.0):
            ground = (flat_m, parent, flat_slope, last[i])
            horizon = (rx_slope[i], rx_steps[i])
            surface_m = lowered_m(at[i], end_m[i], fall, antenna_m, surface_m, horizon, ground)
        tx_m = float(antenna_m - min(surface_m[0], start_m))
        rx_m = float(ground_m[i] + roof_m[i] - min(surface_m[1], ground_m[i]))
        distance_km = at[i] * pixel_km
        loss_db[i] += _excess_db(earth, distance_km, tx_m, rx_m, radii_km[0])
        if radii_km[1] > 0.0:
            beta_db[i] += _excess_db(earth, distance_km, tx_m, rx_m, radii_km[1])
