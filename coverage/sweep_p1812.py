"""ITU-R P.1812-7 from one mast to every pixel within a radius.

The numbers that the loss equations need of a path (``p1812_path.PathQuantities``) are found
while a radial is walked once: horizons by running maxima and convex hulls, the smooth
surface by running sums, delta-Bullington over terrain with clutter as in ``radial``. The
equations are those of the single path. Ducting is worked out only where it can matter: it
never acts while even its smallest loss exceeds that of the diffracted path (eq. 61).

Paths run inland: no sea is taken into account.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from phusong.coverage import diffraction, radial
from phusong.coverage.diffraction import (
    KNIFE_EDGE_FLOOR,
    bullington_loss_from_nu_db,
)
from phusong.coverage.kernel import INNER, KERNEL
from phusong.coverage.models import p1812_anomalous, p1812_loss, p1812_path
from phusong.coverage.models.p1812_anomalous import Duct, Reach
from phusong.coverage.models.p1812_loss import BETA_RADIUS_KM, Along, Setup
from phusong.coverage.models.p1812_path import PathQuantities
from phusong.coverage.radial import BLOCK, NEAR_STEPS, NEAREST_STEP, Near, Path, Progress, Walk
from phusong.coverage.reception import TAU, Fan, Ground, Mast, Receivers
from phusong.coverage.units import LOG10_E

NEGLIGIBLE = 12.0  # e to the power of minus this is left out of smooth maxima
COLUMNS = 8  # of the table by distance
TINY = 1e-6


class Climate(NamedTuple):
    """What a prediction assumes about climate, time and place (see ``p1812.Parameters``)."""

    time_percent: float
    radius_km: float
    n0: float
    polarization: int
    latitude_deg: float
    lloc_db: float


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
    least_time_db: float  # of ducting


@njit(**KERNEL)
def _distance_table(setup: Setup, climate: Climate, pixel_km: float, steps: int) -> NDArray:
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


@njit(**INNER)
def _between(table: NDArray, low: int, share: float, column: int) -> float:
    return table[low, column] + share * (table[low + 1, column] - table[low, column])


@njit(**INNER)
def _read_row(table: NDArray, at: float, distance_km: float) -> Row:
    """Return a row between two knots; the loss floor is the lower of both."""
    low = min(int(at), table.shape[0] - 2)
    share = at - low
    reach = Reach(
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


@njit(**INNER)
def _prepare(
    ground: Ground, mast: Mast, bearing: float, steps: int, line: Radial, beta_fall_m: float
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


@njit(**INNER)
def _advance(line: Radial, ahead: Ahead, until: float, start_m: float) -> Ahead:
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


@njit(**INNER)
def _look_back(
    ground: Ground,
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
    back_row, back_column = (mast.row - row) / at, (mast.column - column) / at
    count = min(NEAR_STEPS, int(at - NEAREST_STEP))
    blocked, closest = False, limit
    for j in range(1, count + 1):
        here_row, here_column = row + j * back_row, column + j * back_column
        flat_m = radial.terrain_at(ground.terrain_m, here_column, here_row)
        line.near_flat_m[j] = flat_m
        nearest_row = min(max(int(here_row + 0.5), 0), height - 1)
        nearest_column = min(max(int(here_column + 0.5), 0), width - 1)
        raised_m = flat_m + ground.clutter_m[nearest_row, nearest_column]
        level_m = raised_m - ground.fall_m * (at - j) * (at - j)
        line.obstacle.near_m[j] = level_m
        clear_m = path.end_m - path.slope * j - level_m
        blocked |= clear_m <= 0.0
        if clear_m * clear_m < closest * j * (at - j):
            closest = clear_m * clear_m / (j * (at - j))
    return Near(count, blocked, closest)


@njit(**INNER)
def _smooth_surface_m(
    line: Radial, ahead: Ahead, count: int, at: float, end_m: float
) -> tuple[float, float]:
    """Return the least-squares line of the terrain at both ends (eq. 85 to 88)."""
    area, moment = ahead.area, ahead.moment
    before, before_m = float(ahead.last), float(line.flat_m[ahead.last])
    for j in range(count, -1, -1):
        after = at - j
        after_m = line.near_flat_m[j] if j > 0 else end_m
        step = after - before
        area += step * (before_m + after_m)
        moment += step * (after_m * (2.0 * after + before) + before_m * (after + 2.0 * before))
        before, before_m = after, after_m
    return (2.0 * area * at - moment) / (at * at), (moment - area * at) / (at * at)


@njit(**INNER)
def _horizons(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> Horizons:
    """Return the horizons over the bare terrain (eq. 76 to 83).

    In line of sight the distances are left open: both lie at the point nearest to the ray.
    """
    at, tx_slope, tx_at = path.at, ahead.slope, ahead.at
    for j in range(count, 0, -1):
        rise_m = line.near_flat_m[j] - fall_m * (at - j) * (at - j) - path.start_m
        if rise_m > tx_slope * (at - j):
            tx_slope, tx_at = rise_m / (at - j), at - j
    if tx_slope <= path.slope:
        return Horizons(True, path.slope, -path.slope, 0.0, 0.0)
    rx_slope, rx_steps = -math.inf, at
    if ahead.size > 0:
        k = radial.tangent_point(line.terrain, ahead.size, path)
        rx_steps = at - line.terrain.hull_step[k]
        rx_slope = (line.terrain.hull_m[k] - path.end_m) / rx_steps
    for j in range(count, 0, -1):
        rise_m = line.near_flat_m[j] - fall_m * (at - j) * (at - j) - path.end_m
        if rise_m >= rx_slope * j:
            rx_slope, rx_steps = rise_m / j, float(j)
    return Horizons(False, tx_slope, rx_slope, tx_at, rx_steps)


@njit(**INNER)
def _highest_m(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> float:
    """Return the highest terrain over the straight line between the antennas (eq. 89d).

    The hull of the lowered terrain holds every point of the hull of the flat terrain; the
    highest is found by bisection on the former and looked for among its neighbours.
    """
    flat_end_m = path.end_m + fall_m * path.at * path.at
    slope = (flat_end_m - path.start_m) / path.at
    highest_m = -math.inf
    for j in range(1, count + 1):
        highest_m = max(highest_m, line.near_flat_m[j] - flat_end_m + slope * j)
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


@njit(**INNER)
def _lowered_surface_m(
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
        tx_slope = max(tx_slope, (line.near_flat_m[j] - path.start_m) / (at - j))
        rx_slope = max(rx_slope, (line.near_flat_m[j] - flat_end_m) / j)
    steps, from_mast = horizons.rx_steps, at - horizons.rx_steps
    edge_m = path.end_m + horizons.rx_slope * steps + fall_m * from_mast * from_mast
    rx_slope = max(rx_slope, (edge_m - flat_end_m) / steps)
    tx_share = (tx_slope - slope) / (tx_slope - slope + rx_slope + slope)
    return tx_surface_m - highest_m * tx_share, rx_surface_m - highest_m * (1.0 - tx_share)


@njit(**INNER)
def _smooth_excess_db(
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


@njit(**INNER)
def _nearest_steps(line: Radial, ahead: Ahead, count: int, path: Path, fall_m: float) -> float:
    """Return how far from the mast the terrain comes nearest to the ray (eq. 81).

    On a path in line of sight that is where the squared clearance over (s (at - s)) is
    smallest; blocks whose highest point cannot come nearer are passed over.
    """
    at, nearest_at, nearest = path.at, 0.0, math.inf
    for j in range(1, count + 1):
        level_m = line.near_flat_m[j] - fall_m * (at - j) * (at - j)
        clear_m = path.end_m - path.slope * j - level_m
        if clear_m * clear_m < nearest * j * (at - j):
            nearest, nearest_at = clear_m * clear_m / (j * (at - j)), at - j
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


@njit(**INNER)
def _roughness_m(
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
        step = path.at - j
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


@njit(**INNER)
def _mrad(slope: float, pixel_m: float) -> float:
    """Return the angle of a slope in metres per pixel, in milliradians."""
    tangent = slope / pixel_m
    if abs(tangent) > 0.2:
        return 1000.0 * math.atan(tangent)
    square = tangent * tangent
    series = 1.0 - square * (1.0 / 3.0 - square * (0.2 - square * (1.0 / 7.0 - square / 9.0)))
    return 1000.0 * tangent * series


@njit(**INNER)
def _bullington_db(
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


@njit(**INNER)
def _beta_near(
    line: Radial, near: Near, path: Path, limit: float, fall_m: float, beta_fall_m: float
) -> Near:
    """Return the terrain before a receiver for the Earth radius of beta_0."""
    at, blocked, closest = path.at, False, limit
    for j in range(1, near.steps + 1):
        raised_m = line.obstacle.near_m[j] + fall_m * (at - j) * (at - j)
        line.beta.near_m[j] = raised_m - beta_fall_m * (at - j) * (at - j)
        clear_m = path.end_m - path.slope * j - line.beta.near_m[j]
        blocked |= clear_m <= 0.0
        closest = min(closest, clear_m * clear_m / (j * (at - j)))
    return Near(near.steps, blocked, closest)


class Terms(NamedTuple):
    """What a receiver's path is made of, ready for the loss equations."""

    distance_km: float
    tx_amsl_m: float
    rx_amsl_m: float
    tx_mrad: float
    rx_mrad: float
    ld50_db: float
    ldb_db: float


@njit(**INNER)
def _least_shielding_db(horizon_mrad: float, horizon_km: float, duct: Duct) -> float:
    """Return a loss not above ``p1812_anomalous.shielding_loss_db``, without its logarithm.

    The logarithm of 1 + x is at least 2 x / (2 + x).
    """
    excess_mrad = horizon_mrad - 0.1 * horizon_km
    if excess_mrad <= 0.0:
        return 0.0
    spread = 0.361 * excess_mrad * math.sqrt(duct.frequency_ghz * horizon_km)
    return (
        20.0 * LOG10_E * 2.0 * spread / (2.0 + spread) + 0.264 * excess_mrad * duct.frequency_root
    )


@njit(**INNER)
def _smallest_ducting_db(
    setup: Setup, row: Row, terms: Terms, horizons: Horizons, pixel_km: float
) -> float:
    """Return a loss that ducting cannot undercut (eq. 46 to 56 with their least terms).

    In line of sight the point nearest to the ray is not yet known: it lies between the first
    step from the receiver and the mast, and shielding grows and falls only once in between.
    """
    duct = setup.duct
    if horizons.sight:
        span_km, tx_mrad, rx_mrad = (
            terms.distance_km,
            min(terms.tx_mrad, 0.0),
            min(terms.rx_mrad, 0.0),
        )
        shielding_db = min(
            _least_shielding_db(terms.rx_mrad, pixel_km, duct),
            _least_shielding_db(terms.rx_mrad, terms.distance_km, duct),
        )
    else:
        tx_km, rx_km = horizons.tx_steps * pixel_km, horizons.rx_steps * pixel_km
        span_km = tx_km + rx_km
        tx_mrad, rx_mrad = min(terms.tx_mrad, 0.1 * tx_km), min(terms.rx_mrad, 0.1 * rx_km)
        shielding_db = _least_shielding_db(terms.tx_mrad, tx_km, duct)
        shielding_db += _least_shielding_db(terms.rx_mrad, rx_km, duct)
    mrad = 1000.0 * terms.distance_km / setup.radius_km + tx_mrad + rx_mrad
    fixed_db = setup.duct.fixed_db + row.least_time_db + shielding_db
    return fixed_db + 20.0 * math.log10(span_km) + duct.angular_db_per_mrad * mrad


@njit(**INNER)
def _sight_db(
    setup: Setup, climate: Climate, along: Along, terms: Terms, span_km: float
) -> tuple[float, float, float]:
    """Return L_bfs, L_b0p and L_b0beta (eq. 8 to 11); at 50 per cent there is no focusing."""
    rise_km = 0.001 * (terms.tx_amsl_m - terms.rx_amsl_m)
    slant = terms.distance_km * terms.distance_km + rise_km * rise_km
    lbfs_db = setup.free_space_db + 10.0 * math.log10(slant)
    if climate.time_percent >= 50.0:
        return lbfs_db, lbfs_db, lbfs_db
    focusing_db = 2.6 * (1.0 - math.exp(-0.1 * span_km))
    return (
        lbfs_db,
        lbfs_db + focusing_db * setup.focusing_log,
        lbfs_db + focusing_db * along.focusing_log,
    )


@njit(**INNER)
def _combined_db(
    setup: Setup, along: Along, mrad: float, lminb0p_db: float, lbda_db: float
) -> float:
    """Return L_bc of line of sight, diffraction, ducting and scatter (eq. 44, 57, 62, 63)."""
    lbam_db = lbda_db
    if abs(lminb0p_db - lbda_db) > 1e-3:
        lbam_db += (lminb0p_db - lbda_db) * p1812_loss.angular_factor(mrad)
    lbs_db, scale_db = setup.scatter_db + along.scatter_db + 0.573 * mrad, 5.0 / math.log(10.0)
    if lbs_db - lbam_db > NEGLIGIBLE * scale_db:
        return lbam_db
    return -p1812_loss.smooth_maximum_db(-lbs_db, -lbam_db, scale_db)


class Site(NamedTuple):
    """A mast and what it fixes for all its paths."""

    mast: Mast
    setup: Setup
    climate: Climate
    ground_m: float
    beta_fall_m: float


@njit(**INNER)
def _with_roughness(path: PathQuantities, roughness_m: float) -> PathQuantities:
    return PathQuantities(
        path.distance_km,
        path.tx_amsl_m,
        path.rx_amsl_m,
        path.tx_diffraction_height_m,
        path.rx_diffraction_height_m,
        path.tx_duct_height_m,
        path.rx_duct_height_m,
        roughness_m,
        path.tx_horizon_km,
        path.rx_horizon_km,
        path.tx_horizon_mrad,
        path.rx_horizon_mrad,
        path.angular_distance_mrad,
    )


@njit(**INNER)
def _ducting_db(
    ground: Ground,
    site: Site,
    row: Row,
    line: Radial,
    ahead: Ahead,
    count: int,
    path: Path,
    horizons: Horizons,
    terms: Terms,
    duct_m: tuple,
    limit_db: float,
) -> float:
    """Return the loss by ducting and layer reflection, if below a limit (eq. 46)."""
    tx_steps, rx_steps = horizons.tx_steps, horizons.rx_steps
    if horizons.sight:
        tx_steps = _nearest_steps(line, ahead, count, path, ground.fall_m)
        rx_steps = path.at - tx_steps
    pixel_km = 0.001 * ground.pixel_m
    duct, zones = site.setup.duct, row.along.zones
    quantities = PathQuantities(
        terms.distance_km,
        terms.tx_amsl_m,
        terms.rx_amsl_m,
        0.0,  # the heights over the diffraction surface are not read
        0.0,
        terms.tx_amsl_m - duct_m[0],
        terms.rx_amsl_m - duct_m[1],
        0.0,
        tx_steps * pixel_km,
        rx_steps * pixel_km,
        terms.tx_mrad,
        terms.rx_mrad,
        0.0,  # nor is the angular distance
    )
    fixed_db = p1812_anomalous.coupling_loss_db(duct, zones, quantities)
    fixed_db += p1812_anomalous.angular_loss_db(duct, quantities)
    if fixed_db + row.least_time_db >= limit_db:
        return math.inf
    span = (tx_steps, tx_steps if horizons.sight else path.at - rx_steps)
    rough_m = _roughness_m(line, ahead, count, path, ground.fall_m, duct_m, span)
    return fixed_db + p1812_anomalous.time_loss_db(
        duct, row.along.reach, _with_roughness(quantities, rough_m)
    )


@njit(**INNER)
def _receiver_loss_db(
    ground: Ground,
    site: Site,
    table: NDArray,
    line: Radial,
    progress: tuple,
    place: tuple,
    path: Path,
) -> float:
    """Return the loss of one receiver."""
    ahead, done, done_beta = progress
    setup, climate, at = site.setup, site.climate, path.at
    pixel_km = 0.001 * ground.pixel_m
    distance_km = at * pixel_km
    tx_m, rx_ground_m = path.start_m, float(ground.terrain_m[place[0], place[1]])
    rx_m = rx_ground_m + ground.receiver_height_m
    scale = 2.0 / (setup.wavelength_m * ground.pixel_m)
    limit = KNIFE_EDGE_FLOOR * KNIFE_EDGE_FLOOR / (scale * at)
    near = _look_back(ground, site.mast, place, path, limit, line)
    horizons = _horizons(line, ahead, near.steps, path, ground.fall_m)
    fitted_m = _smooth_surface_m(line, ahead, near.steps, at, rx_ground_m)
    lowered_m = fitted_m
    if not horizons.sight:
        lowered_m = _lowered_surface_m(
            line, ahead, near.steps, path, ground.fall_m, horizons, fitted_m
        )
    tx_height_m = tx_m - min(lowered_m[0], site.ground_m)
    rx_height_m = rx_m - min(lowered_m[1], rx_ground_m)
    ld50_db = _bullington_db(line.obstacle, done, path, near, limit, scale, distance_km)
    ld50_db += _smooth_excess_db(setup, distance_km, tx_height_m, rx_height_m, setup.radius_km)
    ldb_db = ld50_db
    if climate.time_percent < 50.0:
        beta_path = radial.ray(at, tx_m, rx_m - site.beta_fall_m * at * at)
        beta_near = _beta_near(line, near, beta_path, limit, ground.fall_m, site.beta_fall_m)
        ldb_db = _bullington_db(
            line.beta, done_beta, beta_path, beta_near, limit, scale, distance_km
        )
        ldb_db += _smooth_excess_db(setup, distance_km, tx_height_m, rx_height_m, BETA_RADIUS_KM)
    terms = Terms(
        distance_km,
        tx_m,
        rx_m,
        _mrad(horizons.tx_slope, ground.pixel_m),
        _mrad(horizons.rx_slope - 2.0 * ground.fall_m * at, ground.pixel_m),
        ld50_db,
        ldb_db,
    )
    row = _read_row(table, at, distance_km)
    span_km = distance_km if horizons.sight else (horizons.tx_steps + horizons.rx_steps) * pixel_km
    lbfs_db, lb0p_db, lb0b_db = _sight_db(setup, climate, row.along, terms, span_km)
    ldp_db = p1812_loss.diffraction_for_time_db(setup, row.along, ld50_db, ldb_db)
    lbda_db = lb0p_db + ldp_db
    if lbda_db > _smallest_ducting_db(setup, row, terms, horizons, pixel_km):
        duct_m = (min(fitted_m[0], site.ground_m), min(fitted_m[1], rx_ground_m))
        lba_db = _ducting_db(
            ground, site, row, line, ahead, near.steps, path, horizons, terms, duct_m, lbda_db
        )
        if lba_db < lbda_db:
            lminbap_db = p1812_loss.smooth_maximum_db(lba_db, lb0p_db, 2.5)
            lbda_db = p1812_loss.enhanced_loss_db(row.along, lbda_db, lminbap_db)
    lminb0p_db = p1812_loss.minimum_with_sight_db(
        row.along, ldp_db, lb0p_db, lb0b_db, lbfs_db + ld50_db
    )
    mrad = 1000.0 * distance_km / setup.radius_km + terms.tx_mrad + terms.rx_mrad
    lbc_db = _combined_db(setup, row.along, mrad, lminb0p_db, lbda_db)
    return max(lb0p_db, lbc_db + climate.lloc_db)


@njit(**INNER)
def _walk_radial(
    ground: Ground,
    site: Site,
    table: NDArray,
    line: Radial,
    receivers: Receivers,
    span: tuple,
    bearing: float,
    loss_db: NDArray,
) -> None:
    """Fill in the loss of the receivers of one radial, ``span`` in their list."""
    width = ground.terrain_m.shape[1]
    start_m = site.ground_m + site.mast.antenna_height_m
    zone = -KNIFE_EDGE_FLOOR * math.sqrt(0.5 * site.setup.wavelength_m * ground.pixel_m)
    if span[0] < span[1]:
        steps = int(receivers.distance[span[1] - 1])
        _prepare(ground, site.mast, bearing, steps, line, site.beta_fall_m)
    ahead = Ahead(0, 0, -math.inf, 0.0, -math.inf, 0.0, 0.0)
    done = Progress(0, 0, -math.inf, -math.inf)
    done_beta = done
    for i in range(span[0], span[1]):
        at = max(float(receivers.distance[i]), 0.01)
        row, column = receivers.pixel[i] // width, receivers.pixel[i] % width
        until = at - NEAR_STEPS - NEAREST_STEP
        ahead = _advance(line, ahead, until, start_m)
        done = radial.advance(line.obstacle, done, until, start_m, zone)
        if site.climate.time_percent < 50.0:
            done_beta = radial.advance(line.beta, done_beta, until, start_m, zone)
        end_m = ground.terrain_m[row, column] + ground.receiver_height_m - ground.fall_m * at * at
        path = radial.ray(at, start_m, end_m)
        loss_db[i] = _receiver_loss_db(
            ground, site, table, line, (ahead, done, done_beta), (row, column), path
        )


@njit(**KERNEL)
def walk(ground: Ground, mast: Mast, climate: Climate, fan: Fan, receivers: Receivers) -> NDArray:
    """Return the loss of every receiver, in decibels."""
    setup = p1812_loss.setup(
        mast.frequency_mhz,
        climate.time_percent,
        climate.radius_km,
        climate.n0,
        climate.polarization,
    )
    steps = int(fan.radius) + 2
    table = _distance_table(setup, climate, 0.001 * ground.pixel_m, steps)
    line = Radial(
        np.empty(steps, np.float32),
        radial.empty_walk(steps),
        radial.empty_walk(steps),
        radial.empty_walk(steps),
        np.empty(NEAR_STEPS + 1),
    )
    ground_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row)
    beta_fall_m = ground.pixel_m * ground.pixel_m / (2000.0 * BETA_RADIUS_KM)
    site = Site(mast, setup, climate, ground_m, beta_fall_m)
    loss_db = np.empty(receivers.pixel.size, np.float32)
    for k in range(fan.radials):
        span = (receivers.first[k], receivers.first[k + 1])
        bearing = k * (TAU / fan.radials)
        _walk_radial(ground, site, table, line, receivers, span, bearing, loss_db)
    return loss_db
