"""ITU-R P.1812-7 from one mast to every pixel within a radius.

The numbers that the loss equations need of a path (``p1812_path.PathQuantities``) are found
while a radial is walked once: horizons by running maxima and convex hulls, the smooth
surface by running sums, delta-Bullington over terrain with clutter as in ``radial``. The
equations are those of the single path. Ducting is worked out only where it can matter: it
never acts while even its smallest loss exceeds that of the diffracted path (eq. 61).

Paths run inland: no sea is taken into account.

With streets (``Climate.street_width_m``) paths end at the roofs and the terminal loss of
``p1812_terminal`` is added: the height of a receiver is that of its pixel's clutter, or of the
highest clutter on the last stretch before it, whichever loses less.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import prange
from numpy.typing import NDArray

from phusong.coverage import p2108
from phusong.coverage.area import loss_windows, radial, reception
from phusong.coverage.area.radial import NEAR_STEPS, Path, Progress
from phusong.coverage.area.reception import TAU, Fan, Mast, ReceiverGrid, Receivers
from phusong.coverage.diffraction import (
    KNIFE_EDGE_FLOOR,
)
from phusong.coverage.kernel import INNER, KERNEL, PARALLEL, kernel
from phusong.coverage.p1812 import anomalous as p1812_anomalous
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812.anomalous import Duct
from phusong.coverage.p1812.loss import BETA_RADIUS_KM, Along, Setup
from phusong.coverage.p1812.path import PathQuantities
from phusong.coverage.p1812.radial import (
    Ahead,
    Climate,
    Horizons,
    Radial,
    Row,
    advance,
    bullington_db,
    distance_table,
    find_horizons,
    look_back,
    lowered_surface_m,
    near_of_beta,
    nearest_steps,
    prepare,
    read_row,
    roughness_m,
    slope_mrad,
    smooth_excess_db,
    smooth_surface_m,
)
from phusong.coverage.units import LOG10_E

TINY = 1e-6
NEGLIGIBLE = 12.0  # e to the power of minus this is left out of smooth maxima


class Terms(NamedTuple):
    """What a receiver's path is made of, ready for the loss equations."""

    distance_km: float
    tx_amsl_m: float
    rx_amsl_m: float
    tx_mrad: float
    rx_mrad: float
    ld50_db: float
    ldb_db: float


@kernel(**INNER)
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


@kernel(**INNER)
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
    fixed_db = setup.duct.fixed_db + row.min_time_db + shielding_db
    return fixed_db + 20.0 * math.log10(span_km) + duct.angular_db_per_mrad * mrad


@kernel(**INNER)
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


@kernel(**INNER)
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
    terminal_db: float  # of a mast below the clutter around it


@kernel(**INNER)
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


@kernel(**INNER)
def _ducting_db(
    ground: ReceiverGrid,
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
        tx_steps = nearest_steps(line, ahead, count, path, ground.fall_m)
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
    if fixed_db + row.min_time_db >= limit_db:
        return math.inf
    span = (tx_steps, tx_steps if horizons.sight else path.at - rx_steps)
    rough_m = roughness_m(line, ahead, count, path, ground.fall_m, duct_m, span)
    return fixed_db + p1812_anomalous.time_loss_db(
        duct, row.along.reach, _with_roughness(quantities, rough_m)
    )


@kernel(**INNER)
def _receiver_loss_db(
    ground: ReceiverGrid,
    site: Site,
    table: NDArray,
    line: Radial,
    progress: tuple,
    place: tuple,
    path: Path,
    rx_height_m: float,
) -> float:
    """Return the loss of one receiver at a height above ground."""
    ahead, done, done_beta = progress
    setup, climate, at = site.setup, site.climate, path.at
    pixel_km = 0.001 * ground.pixel_m
    distance_km = at * pixel_km
    tx_m, rx_ground_m = path.start_m, float(ground.terrain_m[place[0], place[1]])
    rx_m = rx_ground_m + rx_height_m
    scale = 2.0 / (setup.wavelength_m * ground.pixel_m)
    limit = KNIFE_EDGE_FLOOR * KNIFE_EDGE_FLOOR / (scale * at)
    near = look_back(ground, site.mast, place, path, limit, line)
    horizons = find_horizons(line, ahead, near.steps, path, ground.fall_m)
    fitted_m = smooth_surface_m(line, ahead, near.steps, path, rx_ground_m)
    lowered_m = fitted_m
    if not horizons.sight:
        lowered_m = lowered_surface_m(
            line, ahead, near.steps, path, ground.fall_m, horizons, fitted_m
        )
    tx_height_m = tx_m - min(lowered_m[0], site.ground_m)
    rx_height_m = rx_m - min(lowered_m[1], rx_ground_m)
    ld50_db = bullington_db(line.obstacle, done, path, near, limit, scale, distance_km)
    ld50_db += smooth_excess_db(setup, distance_km, tx_height_m, rx_height_m, setup.radius_km)
    ldb_db = ld50_db
    if climate.time_percent < 50.0:
        beta_path = radial.ray(at, tx_m, rx_m - site.beta_fall_m * at * at)
        beta_near = near_of_beta(line, near, beta_path, limit, ground.fall_m, site.beta_fall_m)
        ldb_db = bullington_db(
            line.beta, done_beta, beta_path, beta_near, limit, scale, distance_km
        )
        ldb_db += smooth_excess_db(setup, distance_km, tx_height_m, rx_height_m, BETA_RADIUS_KM)
    terms = Terms(
        distance_km,
        tx_m,
        rx_m,
        slope_mrad(horizons.tx_slope, ground.pixel_m),
        slope_mrad(horizons.rx_slope - 2.0 * ground.fall_m * at, ground.pixel_m),
        ld50_db,
        ldb_db,
    )
    row = read_row(table, at, distance_km)
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


@kernel(**INNER)
def _clutter_m(ground: ReceiverGrid, row: float, column: float) -> float:
    """Return the clutter height of the pixel that a point lies in."""
    height, width = ground.terrain_m.shape
    nearest_row = min(max(int(row + 0.5), 0), height - 1)
    nearest_column = min(max(int(column + 0.5), 0), width - 1)
    return float(ground.clutter_m[nearest_row, nearest_column])


@kernel(**INNER)
def _highest_before_m(
    ground: ReceiverGrid, mast: Mast, place: tuple, at: float, edge_m: float
) -> float:
    """Return the highest clutter on the last stretch before a receiver, on its own path."""
    row, column = place
    step = radial.step_of(at)
    back_row, back_column = (mast.row - row) * step / at, (mast.column - column) * step / at
    count = min(int(edge_m / (step * ground.pixel_m) + TINY), int(at / step + 0.5) - 1)
    highest_m = 0.0
    for j in range(1, count + 1):
        highest_m = max(highest_m, _clutter_m(ground, row + j * back_row, column + j * back_column))
    return highest_m


@kernel(**INNER)
def _roofs_m(ground: ReceiverGrid, site: Site, place: tuple, at: float) -> tuple[float, float]:
    """Return the heights by which the wave may come down to a receiver, its own first."""
    height_m = ground.receiver_height_m
    if site.climate.street_width_m <= 0.0:
        return height_m, 0.0
    own_m = max(height_m, float(ground.clutter_m[place[0], place[1]]))
    return own_m, _highest_before_m(ground, site.mast, place, at, site.climate.edge_m)


@kernel(**INNER)
def _terminal_db(site: Site, height_m: float, roof_m: float) -> float:
    """Return the loss from the roofs down to a terminal."""
    if roof_m <= height_m:
        return 0.0
    return p2108.obstructed_terminal_loss_db(
        site.mast.frequency_mhz, height_m, roof_m, site.climate.street_width_m
    )


@kernel(**INNER)
def _least_sight_db(setup: Setup, climate: Climate, distance_m: float) -> float:
    """Return a loss that no path of a length undercuts: free space, and the most of focusing."""
    sight_db = setup.free_space_db + 20.0 * math.log10(0.001 * distance_m)
    if climate.time_percent >= 50.0:
        return sight_db
    return sight_db + 2.6 * setup.focusing_log


@kernel(**INNER)
def _walk_radial(
    ground: ReceiverGrid,
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
        prepare(ground, site.mast, bearing, steps, line, site.beta_fall_m)
    ahead = Ahead(0, 0, -math.inf, 0.0, -math.inf, 0.0, 0.0)
    done = Progress(0, 0, -math.inf, -math.inf)
    done_beta = done
    for i in range(span[0], span[1]):
        at = max(float(receivers.distance[i]), 0.01)
        row, column = receivers.pixel[i] // width, receivers.pixel[i] % width
        until = radial.walked_until(at)
        ahead = advance(line, ahead, until, start_m)
        done = radial.advance(line.obstacle, done, until, start_m, zone)
        if site.climate.time_percent < 50.0:
            done_beta = radial.advance(line.beta, done_beta, until, start_m, zone)
        roofs_m = _roofs_m(ground, site, (row, column), at)
        loss_db[i] = math.inf
        for roof in range(2):
            down_db = _terminal_db(site, ground.receiver_height_m, roofs_m[roof])
            if roof == 1:
                least_db = _least_sight_db(site.setup, site.climate, at * ground.pixel_m)
                least_db += down_db + site.terminal_db
                if roofs_m[1] <= roofs_m[0] or least_db >= loss_db[i]:
                    break
            end_m = ground.terrain_m[row, column] + roofs_m[roof] - ground.fall_m * at * at
            over_db = _receiver_loss_db(
                ground,
                site,
                table,
                line,
                (ahead, done, done_beta),
                (row, column),
                radial.ray(at, start_m, end_m),
                roofs_m[roof],
            )
            loss_db[i] = min(loss_db[i], over_db + down_db + site.terminal_db)


@kernel(**KERNEL)
def walk(
    ground: ReceiverGrid, mast: Mast, climate: Climate, fan: Fan, receivers: Receivers
) -> NDArray:
    """Return the loss of every receiver, in decibels."""
    setup = p1812_loss.setup(
        mast.frequency_mhz,
        climate.time_percent,
        climate.radius_km,
        climate.n0,
        climate.polarization,
    )
    steps = int(fan.radius) + 2
    table = distance_table(setup, climate, 0.001 * ground.pixel_m, steps)
    line = Radial(
        np.empty(steps, np.float32),
        radial.empty_walk(steps),
        radial.empty_walk(steps),
        radial.empty_walk(steps),
        np.empty(NEAR_STEPS + 1),
    )
    ground_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row)
    beta_fall_m = ground.pixel_m * ground.pixel_m / (2000.0 * BETA_RADIUS_KM)
    roof_m, terminal_db = mast.antenna_height_m, 0.0
    if climate.street_width_m > 0.0:
        roof_m = max(roof_m, _clutter_m(ground, mast.row, mast.column))
        terminal_db = p2108.obstructed_terminal_loss_db(
            mast.frequency_mhz, mast.antenna_height_m, roof_m, climate.street_width_m
        )
    raised = Mast(mast.column, mast.row, roof_m, mast.frequency_mhz)
    site = Site(raised, setup, climate, ground_m, beta_fall_m, terminal_db)
    loss_db = np.empty(receivers.pixel.size, np.float32)
    for k in range(fan.radials):
        span = (receivers.first[k], receivers.first[k + 1])
        bearing = k * (TAU / fan.radials)
        _walk_radial(ground, site, table, line, receivers, span, bearing, loss_db)
    return loss_db


@kernel(**KERNEL)
def _window(ground: ReceiverGrid, mast: Mast, climate: Climate, fan: Fan, window: NDArray) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = walk(ground, mast, climate, fan, receivers)
    loss_windows.spread(ground, mast, fan, receivers, loss_db, window)


@kernel(**PARALLEL)
def fill(
    ground: ReceiverGrid,
    masts: NDArray,
    climate: Climate,
    fan: Fan,
    wanted: NDArray,
    windows: NDArray,
) -> None:
    """Write the losses round some masts into their windows."""
    for i in prange(wanted.size):
        _window(ground, loss_windows.mast_of(masts, wanted[i]), climate, fan, windows[i])
