"""What a sweep assumes of climate, time and place, and what the distance alone fixes."""

import math
from typing import NamedTuple

import numpy as np

from phusong.coverage.kernel import KERNEL, STAGE, apart, kernel
from phusong.coverage.p1812 import anomalous as p1812_anomalous
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812 import path as p1812_path
from phusong.coverage.p1812.line import F32, I32, Floats
from phusong.coverage.p1812.loss import Setup
from phusong.coverage.p1812.path import PathQuantities

NEAREST_STEPS = 0.25  # pixels; the first knot of the table
NEVER_DB = -1e9  # a loss that leaves ducting open


class Climate(NamedTuple):
    """What a prediction assumes about climate, time and place (see ``p1812.Parameters``).

    A street of no width leaves the terminals on the bare ground; else paths end at the roofs,
    and terminal loss is added (see ``p1812_terminal``).
    """

    time_percent: float
    radius_km: float
    n0: float
    polarization: int
    latitude_deg: float
    lloc_db: float
    street_width_m: float
    edge_m: float


class Knots(NamedTuple):
    """What the distance alone fixes, for every step from the mast.

    ``least_db`` is the time term of ducting without the corrections for geometry and roughness,
    which only add to it. It holds where p is not below beta_0.
    """

    time_factor: Floats  # F_i
    focusing_log: Floats
    incidence_log: Floats
    exponent: Floats
    decay: Floats
    least_db: Floats


@kernel(**KERNEL)
def knots(setup: Setup, climate: Climate, pixel_km: float, steps: int) -> Knots:
    """Return what the distance alone fixes, for every step from the mast."""
    rows = np.empty((6, steps), F32)
    table = Knots(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5])
    for step in range(steps):
        distance_km = max(step, NEAREST_STEPS) * pixel_km
        along = p1812_loss.along(
            setup, distance_km, climate.latitude_deg, p1812_path.inland_zones(distance_km)
        )
        table.time_factor[step] = along.time_factor
        table.focusing_log[step] = along.focusing_log
        table.incidence_log[step] = along.reach.incidence_log
        table.exponent[step] = along.reach.geometry_exponent
        table.decay[step] = along.reach.decay
        smooth = PathQuantities(
            distance_km, 0.0, 0.0, 0.0, 0.0, 1e9, 1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        )
        time_db = p1812_anomalous.time_loss_db(setup.duct, along.reach, smooth)
        usable = climate.time_percent >= along.reach.incidence_percent
        table.least_db[step] = time_db if usable else NEVER_DB
    return table


@kernel(**STAGE)
def read(
    at: Floats,
    time_knots: Floats,
    focusing_knots: Floats,
    least_knots: Floats,
    size: int,
    time_factor: Floats,
    focusing_log: Floats,
    least_db: Floats,
) -> None:
    """Read what every receiver needs between two knots; the loss floor is the lower of both."""
    apart()
    for i in range(size):
        low = I32(min(math.floor(at[i]), least_knots.size - 2))
        share = at[i] - F32(low)
        time, focusing = time_knots[low], focusing_knots[low]
        time_factor[i] = time + share * (time_knots[low + 1] - time)
        focusing_log[i] = focusing + share * (focusing_knots[low + 1] - focusing)
        least_db[i] = min(least_knots[low], least_knots[low + 1])
