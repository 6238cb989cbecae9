"""What ITU-R P.1812-7 needs of a path, found while a radial is walked once.

Horizons by running maxima and convex hulls, the smooth surface by running sums,
delta-Bullington over terrain with clutter as in ``radial``.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import diffraction
from phusong.coverage.area import radial
from phusong.coverage.area.radial import BLOCK, Near, Path, Progress, Walk
from phusong.coverage.area.reception import Mast, ReceiverGrid
from phusong.coverage.diffraction import (
    KNIFE_EDGE_FLOOR,
    bullington_loss_from_nu_db,
)
from phusong.coverage.kernel import INNER, KERNEL, kernel
from phusong.coverage.p1812 import anomalous as p1812_anomalous
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812 import path as p1812_path
from phusong.coverage.p1812.anomalous import AnomalousTerms
from phusong.coverage.p1812.loss import Along, Setup
from phusong.coverage.p1812.path import PathQuantities

COLUMNS = 8  # of the table by distance
TINY = 1e-6


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


class Radial(NamedTuple):
    """The surfaces along one radial; index is the step from the mast, or back for ``near``."""

    flat_m: NDArray[np.float32]  # terrain above sea level
    terrain: Walk
    obstacle: Walk  # terrain and clutter, median Earth radius
    beta: Walk  # the same, Earth radius exceeded for beta_0 of the time
    near_flat_m: NDArray[np.float64]


class Ahead(NamedTuple):
    """How far the bare terrain is walked.

    Steps, points of the hull, steepest slope over the lowered and over the flat terrain and
    where the former stands, and the sums of the least-squares line (eq. 85, 86).
    """

    last: int
    size: int
    slope: float
    at: float
    flat_slope: float
    area: float
    moment: float


class Horizons(NamedTuple):
    """Slopes (m per pixel) of both horizons and how far they are from their terminals."""

    sight: bool
    tx_slope: float
    rx_slope: float
    tx_steps: float
    rx_steps: float


class Row(NamedTuple):
    """What the distance alone fixes, read between the knots of a table."""

    along: Along
    min_time_db: float  # of ducting


@kernel(**KERNEL)
def distance_table(setup: Setup, climate: Climate, pixel_km: float, steps: int) -> NDArray:
    """Return what the distance alone fixes, for every step from the mast.

    The last column is the time term of ducting without the corrections for geometry and
    roughness, which only add to it. It holds where p is not below beta_0.
    """
    table = np.empty((steps, COLUMNS))
    for step in range(steps):
        distance_km = max(step, 0.25) * pixel_km
        along = p1812_loss.along(
            setup, distance_km, climate.latitude_deg, p1812_path.inland_zones(distance_km)
        )
        table[step, 0] = along.time_factor
        table[step, 1] = along.distance_factor
        table[step, 2] = along.focusing_log
        table[step, 3] = along.scatter_db
        table[step, 4] = along.reach.incidence_log
        table[step, 5] = along.reach.geometry_exponent
        table[step, 6] = along.reach.decay
        smooth = PathQuantities(
            distance_km, 0.0, 0.0, 0.0, 0.0, 1e9, 1e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        )
        time_db = p1812_anomalous.time_loss_db(setup.duct, along.reach, smooth)
        usable = climate.time_percent >= along.reach.incidence_percent
        table[step, 7] = time_db if usable else -math.inf
    return table


@kernel(**INNER)
def _between(table: NDArray, low: int, share: float, column: int) -> float:
    return table[low, column] + share * (table[low + 1, column] - table[low, column])


@kernel(**INNER)
def read_row(table: NDArray, at: float, distance_km: float) -> Row:
    """Return a row between two knots; the loss floor is the lower of both."""
    low = min(int(at), table.shape[0] - 2)
    share = at - low
    reach = AnomalousTerms(
        0.0,  # the logarithm is used
        _between(table, low, share, 4),
        _between(table, low, share, 5),
        _between(table, low, share, 6),
    )
    along = Along(
        p1812_path.inland_zones(distance_km),
        reach,
        _between(table, low, share, 0),
        _between(table, low, share, 1),
        _between(table, low, share, 2),
        _between(table, low, share, 3),
    )
    return Row(along, min(table[low, 7], table[low + 1, 7]))


@kernel(**INNER)
def prepare(
    ground: ReceiverGrid, mast: Mast, bearing: float, steps: int, line: Radial, beta_fall_m: float
) -> None:
    """Fill in the surfaces of a radial."""
    radial.sample(ground, mast, bearing, steps, line.flat_m)
    height, width = ground.terrain_m.shape
    east, south = math.sin(bearing), -math.cos(bearing)
    for step in range(1, steps + 1):
        column = min(max(int(mast.column + step * east + 0.5), 0), width - 1)
        row = min(max(int(mast.row + step * south + 0.5), 0), height - 1)
        raised_m = line.flat_m[step] + ground.clutter_m[row, column]
        line.terrain.height_m[step] = line.flat_m[step] - ground.fall_m * step * step
        line.obstacle.height_m[step] = raised_m - ground.fall_m * step * step
        line.beta.height_m[step] = raised_m - beta_fall_m * step * step


@kernel(**INNER)
def advance(line: Radial, ahead: Ahead, until: float, start_m: float) -> Ahead:
    """Walk the bare terrain on to the last step before ``until``."""
    last, size, slope, at, flat_slope, area, moment = ahead
    while last + 1 <= until:
        last += 1
        level_m, flat_m = float(line.terrain.height_m[last]), float(line.flat_m[last])
        rise = (level_m - start_m) / last
        if rise > slope:
            slope, at = rise, float(last)
        flat_slope = max(flat_slope, (flat_m - start_m) / last)
        before_m = float(line.flat_m[last - 1])
        block = last // BLOCK
        if last % BLOCK == 0 or last == 1:
            line.terrain.ridge_m[block] = level_m
        line.terrain.ridge_m[block] = max(line.terrain.ridge_m[block], level_m)
        area += before_m + flat_m
        moment += flat_m * (3.0 * last - 1.0) + before_m * (3.0 * last - 2.0)
        size = radial.push(line.terrain, size, float(last), level_m)
    return Ahead(last, size, slope, at, flat_slope, area, moment)


@kernel(**INNER)
def look_back(
    ground: ReceiverGrid,
    mast: Mast,
    place: tuple,
    path: Path,
    limit: float,
    line: Radial,
) -> Near:
    """Fill in terrain and obstacles one step, two steps ... before a receiver."""
    row, column = place
    height, width = ground.terrain_m.shape
    at = path.at
    share = path.step / at
    back_row, back_column = (mast.row - row) * share, (mast.column - column) * share
    count = radial.near_steps(path)
    blocked, closest = False, limit
    for j in range(1, count + 1):
        here_row, here_column = row + j * back_row, column + j * back_column
        flat_m = radial.terrain_at(ground.terrain_m, here_column, here_row)
        line.near_flat_m[j] = flat_m
        nearest_row = min(max(int(here_row + 0.5), 0), height - 1)
        nearest_column = min(max(int(here_column + 0.5), 0), width - 1)
        raised_m = flat_m + ground.clutter_m[nearest_row, nearest_column]
        back = j * path.step
        level_m = raised_m - ground.fall_m * (at - back) * (at - back)
        line.obstacle.near_m[j] = level_m
        clear_m = path.end_m - path.slope * back - level_m
        blocked |= clear_m <= 0.0
        if clear_m * clear_m < closest * back * (at - back):
            closest = clear_m * clear_m / (back * (at - back))
    return Near(count, blocked, closest)


@kernel(**INNER)
def smooth_surface_m(
    line: Radial, ahead: Ahead, count: int, path: Path, end_m: float
) -> tuple[float, float]:
    """Return the least-squares line of the terrain at both ends (eq. 85 to 88)."""
    at = path.at
    area, moment = ahead.area, ahead.moment
    before, before_m = float(ahead.last), float(line.flat_m[ahead.last])
    for j in range(count, -1, -1):
        after = at - j * path.step
        after_m = line.near_flat_m[j] if j > 0 else end_m
        step = after - before
        area += step * (before_m + after_m)
        moment += step * (after_m * (2.0 * after + before) + before_m * (after + 2.0 * before))
        before, before_m = after, after_m
    return (2.0 * area * at - moment) / (at * at), (moment - area * at) / (at * at)


@kernel(**INNER)
def find_horizons(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> Horizons:
    """Return the horizons over the bare terrain (eq. 76 to 83).

    In line of sight the distances are left open: both lie at the point nearest to the ray.
    """
    at, tx_slope, tx_at = path.at, ahead.slope, ahead.at
    for j in range(count, 0, -1):
        along = at - j * path.step
        rise_m = line.near_flat_m[j] - fall_m * along * along - path.start_m
        if rise_m > tx_slope * along:
            tx_slope, tx_at = rise_m / along, along
    if tx_slope <= path.slope:
        return Horizons(True, path.slope, -path.slope, 0.0, 0.0)
    rx_slope, rx_steps = -math.inf, at
    if ahead.size > 0:
        k = radial.tangent_point(line.terrain, ahead.size, path)
        rx_steps = at - line.terrain.hull_step[k]
        rx_slope = (line.terrain.hull_m[k] - path.end_m) / rx_steps
    for j in range(count, 0, -1):
        back = j * path.step
        rise_m = line.near_flat_m[j] - fall_m * (at - back) * (at - back) - path.end_m
        if rise_m >= rx_slope * back:
            rx_slope, rx_steps = rise_m / back, back
    return Horizons(False, tx_slope, rx_slope, tx_at, rx_steps)


@kernel(**INNER)
def _highest_m(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> float:
    """Return the highest terrain over the straight line between the antennas (eq. 89d).

    The hull of the lowered terrain holds every point of the hull of the flat terrain; the
    highest is found by bisection on the former and looked for among its neighbours.
    """
    flat_end_m = path.end_m + fall_m * path.at * path.at
    slope = (flat_end_m - path.start_m) / path.at
    highest_m = -math.inf
    for j in range(1, count + 1):
        above_m = line.near_flat_m[j] - flat_end_m + slope * j * path.step
        highest_m = max(highest_m, above_m)
    walk, low, high = line.terrain, 0, ahead.size - 1
    while low < high:
        middle = (low + high) // 2
        run = walk.hull_step[middle + 1] - walk.hull_step[middle]
        if walk.hull_m[middle + 1] - walk.hull_m[middle] > path.slope * run:
            low = middle + 1
        else:
            high = middle
    for k in range(max(low - 1, 0), min(low + 2, ahead.size)):
        step = walk.hull_step[k]
        flat_m = walk.hull_m[k] + fall_m * step * step
        highest_m = max(highest_m, flat_m - path.start_m - slope * step)
    return highest_m


@kernel(**INNER)
def lowered_surface_m(
    line: Radial,
    ahead: Ahead,
    count: int,
    path: Path,
    fall_m: float,
    horizons: Horizons,
    surface_m: tuple,
) -> tuple[float, float]:
    """Return the smooth surface lowered below the terrain that stands in the way (eq. 90)."""
    tx_surface_m, rx_surface_m = surface_m
    highest_m = _highest_m(line, ahead, count, path, fall_m)
    if highest_m <= 0.0:
        return tx_surface_m, rx_surface_m
    at, flat_end_m = path.at, path.end_m + fall_m * path.at * path.at
    slope = (flat_end_m - path.start_m) / at
    tx_slope, rx_slope = ahead.flat_slope, -math.inf
    for j in range(1, count + 1):
        back = j * path.step
        tx_slope = max(tx_slope, (line.near_flat_m[j] - path.start_m) / (at - back))
        rx_slope = max(rx_slope, (line.near_flat_m[j] - flat_end_m) / back)
    steps, from_mast = horizons.rx_steps, at - horizons.rx_steps
    edge_m = path.end_m + horizons.rx_slope * steps + fall_m * from_mast * from_mast
    rx_slope = max(rx_slope, (edge_m - flat_end_m) / steps)
    tx_share = (tx_slope - slope) / (tx_slope - slope + rx_slope + slope)
    return tx_surface_m - highest_m * tx_share, rx_surface_m - highest_m * (1.0 - tx_share)


@kernel(**INNER)
def smooth_excess_db(
    setup: Setup, distance_km: float, tx_m: float, rx_m: float, radius_km: float
) -> float:
    """Return what the smooth Earth adds to Bullington's loss (eq. 39), often nothing.

    The first test is on a clearance that is nowhere undercut: the ray stays at least
    2 sqrt(tx rx) - 250 d^2 / a above the ground, in units of sqrt(u (1 - u)) along the path.
    """
    clear_m = 2.0 * math.sqrt(tx_m * rx_m) - 250.0 * distance_km * distance_km / radius_km
    if clear_m > 17.456 * math.sqrt(distance_km * setup.wavelength_m):
        return 0.0
    smooth_db, spherical_db = diffraction.smooth_losses_db(
        distance_km, tx_m, rx_m, radius_km, setup.earth, 0.0
    )
    return max(spherical_db - smooth_db, 0.0)


@kernel(**INNER)
def nearest_steps(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> float:
    """Return how far from the mast the terrain comes nearest to the ray (eq. 81).

    On a path in line of sight that is where the squared clearance over (s (at - s)) is
    smallest; blocks whose highest point cannot come nearer are passed over.
    """
    at, nearest_at, nearest = path.at, 0.0, math.inf
    for j in range(1, count + 1):
        back, along = j * path.step, at - j * path.step
        level_m = line.near_flat_m[j] - fall_m * along * along
        clear_m = path.end_m - path.slope * back - level_m
        if clear_m * clear_m < nearest * back * along:
            nearest, nearest_at = clear_m * clear_m / (back * along), along
    for block in range(ahead.last // BLOCK, -1, -1):
        first, end = max(block * BLOCK, 1), min(block * BLOCK + BLOCK - 1, ahead.last)
        ray_m = path.start_m + min(path.slope * first, path.slope * end)
        clear_m = ray_m - line.terrain.ridge_m[block]
        widest = max(first * (at - first), end * (at - end))
        if first < 0.5 * at < end:
            widest = 0.25 * at * at
        if clear_m > 0.0 and clear_m * clear_m >= nearest * widest:
            continue
        for s in range(first, end + 1):
            clear_m = path.start_m + path.slope * s - line.terrain.height_m[s]
            if clear_m * clear_m < nearest * s * (at - s):
                nearest, nearest_at = clear_m * clear_m / (s * (at - s)), float(s)
    return nearest_at


@kernel(**INNER)
def roughness_m(
    line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float, surface_m: tuple, span: tuple
) -> float:
    """Return the terrain's rise above the smooth surface between the horizons (eq. 93, 95).

    Both horizons are points of the hull, so that the points between them are enough; the
    single point of a path in line of sight is looked up.
    """
    slope = (surface_m[1] - surface_m[0]) / path.at
    start, end = span
    highest_m = -math.inf
    for j in range(1, count + 1):
        step = path.at - j * path.step
        if start - TINY <= step <= end + TINY:
            highest_m = max(highest_m, line.near_flat_m[j] - surface_m[0] - slope * step)
    if start == end:
        if start <= ahead.last and highest_m == -math.inf:
            highest_m = line.flat_m[int(start)] - surface_m[0] - slope * start
        return highest_m
    for k in range(ahead.size - 1, -1, -1):
        step = line.terrain.hull_step[k]
        if step < start:
            break
        if step <= end:
            flat_m = line.terrain.hull_m[k] + fall_m * step * step
            highest_m = max(highest_m, flat_m - surface_m[0] - slope * step)
    return highest_m


@kernel(**INNER)
def slope_mrad(slope: float, pixel_m: float) -> float:
    """Return the angle of a slope in metres per pixel, in milliradians."""
    tangent = slope / pixel_m
    if abs(tangent) > 0.2:
        return 1000.0 * math.atan(tangent)
    square = tangent * tangent
    series = 1.0 - square * (1.0 / 3.0 - square * (0.2 - square * (1.0 / 7.0 - square / 9.0)))
    return 1000.0 * tangent * series


@kernel(**INNER)
def bullington_db(
    walk: Walk,
    done: Progress,
    path: Path,
    near: Near,
    limit: float,
    scale: float,
    distance_km: float,
) -> float:
    """Return Bullington's loss of a path."""
    nu = radial.bullington_nu(walk, done, path, near, limit, scale)
    if nu <= KNIFE_EDGE_FLOOR:
        return 0.0
    return bullington_loss_from_nu_db(nu, distance_km)


@kernel(**INNER)
def near_of_beta(
    line: Radial, near: Near, path: Path, limit: float, fall_m: float, beta_fall_m: float
) -> Near:
    """Return the terrain before a receiver for the Earth radius of beta_0."""
    at, blocked, closest = path.at, False, limit
    for j in range(1, near.steps + 1):
        back, along = j * path.step, at - j * path.step
        raised_m = line.obstacle.near_m[j] + fall_m * along * along
        line.beta.near_m[j] = raised_m - beta_fall_m * along * along
        clear_m = path.end_m - path.slope * back - line.beta.near_m[j]
        blocked |= clear_m <= 0.0
        closest = min(closest, clear_m * clear_m / (back * along))
    return Near(near.steps, blocked, closest)
