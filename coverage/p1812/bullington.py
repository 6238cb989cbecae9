"""Bullington's loss of many paths (P.1812-7 section 4.3.1), given what stands on them."""

import math

from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR
from phusong.coverage.elementary import exp, power_db
from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.line import HALF, LANES, ONE, F, Floats

FLOOR = F(KNIFE_EDGE_FLOOR + 1e-4)


@kernel(**INLINE)
def knife_edge_db(nu: float) -> float:
    """Return the loss of one knife edge (P.526-16 eq. 31)."""
    shifted = nu - F(0.1)
    loss_db = F(6.9) + F(2.0) * power_db(math.sqrt(shifted * shifted + ONE) + shifted)
    return loss_db if nu > FLOOR else F(0.0)


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
    start, less, wave = F(start_m), F(sinks), F(scale)
    fixed_db, per_step_db = F(10.0), F(0.02 * pixel_km)
    for i in range(size // LANES * LANES):
        way = at[i]
        steep = slope[i] + less * way
        rises_m = (steep - slope[i]) * way + end_m[i] - start
        edge = (rises_m + back[i] * way) / (rise[i] + back[i])
        inside = edge > F(0.0) and edge < way  # else grazing, but for rounding
        edge = edge if inside else HALF * way
        over = (rise[i] - steep) * edge * math.sqrt(wave * way / (edge * (way - edge)))
        over = over if inside else F(0.0)
        nu = -math.sqrt(wave * way * closest[i]) if rise[i] < steep else over
        edge_db = knife_edge_db(nu)
        spread = ONE - exp(F(-1.0 / 6.0) * edge_db)
        loss_db[i] = edge_db + spread * (fixed_db + per_step_db * way)
