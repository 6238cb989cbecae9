"""ITU-R P.1812-7 from one mast to every pixel within a radius.

Every radial is walked once outwards (``line``); what its receivers need of it and of the last
steps of their own paths (``own_path``) is then worked out stage by stage, each a plain loop over
the receivers: horizons, Bullington's loss, the smooth Earth, line of sight, ducting, and all
together. The equations are those of the single path, in 32 bits. Ducting and the smooth Earth
are worked out only where they can matter.

Paths run inland: no sea is taken into account.

With streets (``Climate.street_width_m``) paths end at the roofs and the terminal loss of
``p1812_terminal`` is added: the height of a receiver is that of its pixel's clutter, or of the
highest clutter on the last stretch before it, whichever loses less.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from phusong.coverage import p2108
from phusong.coverage.area import loss_windows, reception
from phusong.coverage.area.radial import terrain_at
from phusong.coverage.area.reception import TAU, Fan, Mast, ReceiverGrid, Receivers
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR
from phusong.coverage.kernel import INLINE, LEAN, STAGE, apart, kernel
from phusong.coverage.p1812 import (
    bullington,
    climate,
    combination,
    ducting,
    horizons,
    line,
    own_path,
    sight,
    smooth_earth,
)
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812.climate import Climate, Knots
from phusong.coverage.p1812.ducting import DUCT_ROWS, Ducts
from phusong.coverage.p1812.line import LANES, Between, F, Floats, Frame, I, Integers, Line
from phusong.coverage.p1812.loss import BETA_RADIUS_KM, Setup
from phusong.coverage.p1812.own_path import FEWEST, Near, Paths


class Site(NamedTuple):
    """A mast and what it fixes for all its paths."""

    frame: Frame
    setup: Setup
    climate: Climate
    knots: Knots
    ground_m: float
    antenna_m: float  # above the sea, of the roof where the mast is below the clutter
    terminal_db: float  # of such a mast
    pixel_m: float
    receiver_height_m: float
    falls_m: tuple[float, float]  # within the first pixel, for both Earth radii
    limit: float  # closest approach, times the distance, that still counts
    median: bool  # half of the time: the second Earth radius is not asked for


class Places(NamedTuple):
    """Where the receivers of a radial stand, how high, and what they lose."""

    column: Floats  # from the mast's pixel
    row: Floats
    at: Floats
    ground_m: Floats
    clutter_m: Floats
    roof_m: Floats  # height above ground at which the path ends
    loss_db: Floats
    receiver: Integers


class Work(NamedTuple):
    """What stages hand on, a number for each receiver of a radial."""

    paths: Paths
    between: Between
    flat_m: Floats
    raised_m: Floats
    nearest_bare: Floats
    nearest_at: Floats
    near: Near
    beta: Near
    tx_slope: Floats
    rx_slope: Floats
    tx_steps: Floats
    rx_steps: Floats
    tx_surface_m: Floats
    rx_surface_m: Floats
    tx_height_m: Floats
    rx_height_m: Floats
    margin_m: Floats
    time_factor: Floats
    focusing_log: Floats
    least_db: Floats
    tx_mrad: Floats
    rx_mrad: Floats
    floor_db: Floats
    free_db: Floats
    sight_db: Floats
    sight_beta_db: Floats
    median_db: Floats
    beta_db: Floats
    through_time_db: Floats
    ducting_db: Floats
    ducts: Ducts


PLACES_ROWS = 7
WORK_ROWS = 41 + DUCT_ROWS, 5


@kernel(**INLINE)
def _places(a: Floats, receiver: Integers) -> Places:
    return Places(a[0], a[1], a[2], a[3], a[4], a[5], a[6], receiver)


@kernel(**INLINE)
def _work(a: Floats, steps: Integers) -> Work:
    return Work(
        Paths(a[0], a[1], a[2], a[3], a[4], a[5], a[6], steps[0], steps[1]),
        line.between(a[36:38], steps[2:4]),
        a[38],
        a[7],
        a[39],
        a[40],
        Near(a[8], a[9], a[10]),
        Near(a[11], a[12], a[13]),
        a[14],
        a[15],
        a[16],
        a[17],
        a[18],
        a[19],
        a[20],
        a[21],
        a[22],
        a[23],
        a[24],
        a[25],
        a[26],
        a[27],
        a[28],
        a[29],
        a[30],
        a[31],
        a[32],
        a[33],
        a[34],
        a[35],
        ducting.ducts(a[41:], steps[4]),
    )


@kernel(**INLINE)
def _over(site: Site, terrain: Floats, clutter: Floats, way: Line, to: Places, size: int, work: Work) -> None:
    """Fill in the losses of some receivers of a radial, at their heights above ground."""
    setup, antenna_m, falls_m = site.setup, site.antenna_m, site.falls_m
    pixel_km, sinks = 0.001 * site.pixel_m, falls_m[0] - falls_m[1]
    scale = 2.0 / (setup.wavelength_m * site.pixel_m)
    paths, near, beta, mast_m = work.paths, work.near, work.beta, (site.ground_m, antenna_m)
    end_m, slope, last, bare = paths.end_m, paths.slope, paths.last, paths.last_bare
    own_path.rays(
        to.column,
        to.row,
        to.at,
        to.ground_m,
        to.roof_m,
        site.frame,
        antenna_m,
        falls_m[0],
        size,
        end_m,
        slope,
        paths.step,
        paths.steps,
        paths.back_column,
        paths.back_row,
        last,
        bare,
    )
    own_path.look_back(
        terrain,
        clutter,
        site.frame,
        to.column,
        to.row,
        to.at,
        end_m,
        slope,
        paths.step,
        paths.steps,
        paths.back_column,
        paths.back_row,
        antenna_m,
        falls_m,
        site.limit,
        size,
        work.between.corner,
        work.between.nearest,
        work.between.x,
        work.between.y,
        work.flat_m,
        work.raised_m,
        near.rise,
        near.back,
        near.closest,
        beta.rise,
        beta.back,
        beta.closest,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
        work.nearest_bare,
        work.nearest_at,
    )
    _bullington_db(
        site, to.at, paths, way.obstacle, near, scale, 0.0, size, work.median_db
    )
    if not site.median:
        _bullington_db(site, to.at, paths, way.beta, beta, scale, sinks, size, work.beta_db)
    else:
        for i in range(size):
            work.beta_db[i] = work.median_db[i]
    horizons.bare_horizons(
        to.at,
        end_m,
        slope,
        last,
        size,
        way.bare.level_m,
        way.bare.horizon,
        way.horizon_at,
        way.bare.parent,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
    )
    smooth_earth.fitted(
        to.at,
        to.ground_m,
        bare,
        way.flat_m,
        way.area,
        way.moment,
        size,
        work.tx_surface_m,
        work.rx_surface_m,
    )
    smooth_earth.heights(
        to.at,
        to.ground_m,
        to.roof_m,
        work.tx_surface_m,
        work.rx_surface_m,
        mast_m,
        setup.radius_km,
        setup.wavelength_m,
        pixel_km,
        size,
        work.tx_height_m,
        work.rx_height_m,
        work.margin_m,
    )
    smooth_earth.add_excess(
        to.at,
        end_m,
        to.ground_m,
        to.roof_m,
        work.margin_m,
        work.tx_surface_m,
        work.rx_surface_m,
        work.rx_slope,
        work.rx_steps,
        bare,
        mast_m,
        falls_m[0],
        (setup.radius_km, 0.0 if site.median else BETA_RADIUS_KM),
        setup.earth,
        pixel_km,
        size,
        way.flat_m,
        way.bare.parent,
        way.flat_slope,
        work.median_db,
        work.beta_db,
    )
    climate.read(
        to.at,
        site.knots.time_factor,
        site.knots.focusing_log,
        site.knots.least_db,
        size,
        work.time_factor,
        work.focusing_log,
        work.least_db,
    )
    sight.sight_db(
        to.at,
        end_m,
        work.tx_steps,
        work.rx_steps,
        work.focusing_log,
        setup,
        antenna_m,
        falls_m[0],
        pixel_km,
        size,
        work.free_db,
        work.sight_db,
        work.sight_beta_db,
    )
    sight.angles(
        to.at,
        work.tx_slope,
        work.rx_slope,
        work.tx_steps,
        work.rx_steps,
        work.least_db,
        setup,
        falls_m[0],
        pixel_km,
        size,
        work.tx_mrad,
        work.rx_mrad,
        work.floor_db,
    )
    combination.through_time_db(
        work.median_db, work.beta_db, work.time_factor, size, work.through_time_db
    )
    _ducting_db(site, way, to, size, work)
    combination.combined_db(
        to.at,
        work.tx_mrad,
        work.rx_mrad,
        work.free_db,
        work.sight_db,
        work.sight_beta_db,
        work.median_db,
        work.through_time_db,
        work.ducting_db,
        work.time_factor,
        setup,
        site.climate.lloc_db,
        pixel_km,
        size,
        to.loss_db,
    )


@kernel(**INLINE)
def _bullington_db(
    site: Site,
    at: Floats,
    paths: Paths,
    chain: line.Chain,
    near: Near,
    scale: float,
    sinks: float,
    size: int,
    loss_db: Floats,
) -> None:
    """Fill in Bullington's losses over terrain and clutter, for one Earth radius."""
    horizons.obstacles(
        at,
        paths.end_m,
        paths.slope,
        paths.last,
        site.antenna_m,
        sinks,
        size,
        chain.level_m,
        chain.horizon,
        chain.skyline,
        chain.parent,
        chain.ridge_m,
        near.rise,
        near.back,
        near.closest,
    )
    bullington.bullington_db(
        at,
        paths.end_m,
        paths.slope,
        near.rise,
        near.back,
        near.closest,
        site.antenna_m,
        sinks,
        scale,
        0.001 * site.pixel_m,
        size,
        loss_db,
    )


@kernel(**INLINE)
def _ducting_db(site: Site, way: Line, to: Places, size: int, work: Work) -> None:
    """Fill in the losses by ducting where they may matter."""
    ducts, paths = work.ducts, work.paths
    count = ducting.listed(
        work.floor_db, work.sight_db, work.through_time_db, size, ducts.receiver
    )
    ducting.gather(
        ducts.receiver,
        count,
        to.at,
        paths.end_m,
        paths.slope,
        work.tx_steps,
        work.rx_steps,
        work.tx_mrad,
        work.rx_mrad,
        work.tx_height_m,
        work.rx_height_m,
        work.nearest_bare,
        work.nearest_at,
        paths.last,
        paths.last_bare,
        site.antenna_m,
        site.falls_m[0],
        site.limit,
        way.flat_m,
        way.bare.level_m,
        way.bare.ridge_m,
        way.bare.skyline,
        way.bare.parent,
        site.knots.incidence_log,
        site.knots.exponent,
        site.knots.decay,
        ducts.at,
        ducts.tx_steps,
        ducts.rx_steps,
        ducts.tx_mrad,
        ducts.rx_mrad,
        ducts.tx_height_m,
        ducts.rx_height_m,
        ducts.roughness_m,
        ducts.incidence_log,
        ducts.exponent,
        ducts.decay,
    )
    ducting.ducting_db(
        ducts.at,
        ducts.tx_steps,
        ducts.rx_steps,
        ducts.tx_mrad,
        ducts.rx_mrad,
        ducts.tx_height_m,
        ducts.rx_height_m,
        ducts.roughness_m,
        ducts.incidence_log,
        ducts.exponent,
        ducts.decay,
        site.setup,
        0.001 * site.pixel_m,
        (count + LANES - 1) // LANES * LANES,
        ducts.loss_db,
    )
    ducting.scatter(ducts.receiver, ducts.loss_db, count, size, work.ducting_db)


@kernel(**STAGE)
def _settle(
    pixel: Integers,
    distance: Floats,
    first: int,
    count: int,
    size: int,
    terrain: Floats,
    clutter: Floats,
    frame: Frame,
    column: Floats,
    row: Floats,
    at: Floats,
    ground_m: Floats,
    clutter_m: Floats,
) -> None:
    """Fill in the places of the receivers of a radial; the last fills the lanes up."""
    apart()
    top, left = -int(frame.north), -int(frame.west)
    for i in range(size):
        k = np.uint32(pixel[first + min(i, count - 1)])
        below = k // np.uint32(frame.width)
        row[i] = F(I(below) - top)
        column[i] = F(I(k - below * np.uint32(frame.width)) - left)
        at[i] = max(distance[first + min(i, count - 1)], FEWEST)
        ground_m[i], clutter_m[i] = terrain[k], clutter[k]


@kernel(**STAGE)
def _roofs(clutter_m: Floats, height_m: float, streets: bool, size: int, roof_m: Floats) -> None:
    """Fill in the heights at which paths end: of terminals, or of the roofs above them."""
    apart()
    for i in range(size):
        roof_m[i] = max(F(height_m), clutter_m[i]) if streets else F(height_m)


@kernel(**STAGE)
def _edges(
    at: Floats,
    roof_m: Floats,
    highest_m: Floats,
    column: Floats,
    row: Floats,
    ground_m: Floats,
    count: int,
    to_receiver: Integers,
    to_at: Floats,
    to_column: Floats,
    to_row: Floats,
    to_ground_m: Floats,
    to_roof_m: Floats,
) -> int:
    """List the receivers with higher roofs before them; return how many."""
    apart()
    found = 0
    for i in range(count):
        if highest_m[i] > roof_m[i]:
            to_receiver[found], to_at[found], to_roof_m[found] = i, at[i], highest_m[i]
            to_column[found], to_row[found], to_ground_m[found] = column[i], row[i], ground_m[i]
            found += 1
    whole = (found + LANES - 1) // LANES * LANES
    for n in range(found, whole):
        to_at[n], to_roof_m[n] = to_at[found - 1], to_roof_m[found - 1]
        to_column[n], to_row[n] = to_column[found - 1], to_row[found - 1]
        to_ground_m[n] = to_ground_m[found - 1]
    return found


@kernel(**STAGE)
def _least(receiver: Integers, over_db: Floats, count: int, loss_db: Floats) -> None:
    """Take the way over the higher roofs where it loses less."""
    apart()
    for n in range(count):
        loss_db[receiver[n]] = min(loss_db[receiver[n]], over_db[n])


@kernel(**INLINE)
def _radial(
    site: Site,
    terrain: Floats,
    clutter: Floats,
    way: Line,
    count: int,
    own: Places,
    edge: Places,
    work: Work,
) -> None:
    """Fill in the losses of the receivers of a radial whose places are known."""
    size = (count + LANES - 1) // LANES * LANES
    air, paths, between = site.climate, work.paths, work.between
    streets = air.street_width_m > 0.0
    _roofs(own.clutter_m, site.receiver_height_m, streets, size, own.roof_m)
    _over(site, terrain, clutter, way, own, size, work)
    if not streets:
        return
    _down(site, own, size)
    own_path.highest_before(
        clutter,
        site.frame,
        own.column,
        own.row,
        paths.step,
        paths.steps,
        paths.back_column,
        paths.back_row,
        air.edge_m / site.pixel_m,
        size,
        between.corner,
        between.nearest,
        between.x,
        between.y,
        work.raised_m,
    )
    over = _edges(
        own.at,
        own.roof_m,
        work.raised_m,
        own.column,
        own.row,
        own.ground_m,
        count,
        edge.receiver,
        edge.at,
        edge.column,
        edge.row,
        edge.ground_m,
        edge.roof_m,
    )
    if over > 0:
        size = (over + LANES - 1) // LANES * LANES
        _over(site, terrain, clutter, way, edge, size, work)
        _down(site, edge, size)
        _least(edge.receiver, edge.loss_db, over, own.loss_db)


@kernel(**INLINE)
def _down(site: Site, to: Places, size: int) -> None:
    """Add the losses from the roofs down to both terminals."""
    combination.add_terminal_db(
        to.roof_m,
        site.receiver_height_m,
        site.climate.street_width_m,
        site.setup.frequency_ghz,
        site.terminal_db,
        size,
        to.loss_db,
    )


@lru_cache(maxsize=64)
def _of_distance(
    frequency_mhz: float, air: Climate, pixel_km: float, steps: int
) -> tuple[Setup, Knots]:
    """Return what all masts of a frequency have in common."""
    setup = p1812_loss.setup(
        frequency_mhz, air.time_percent, air.radius_km, air.n0, air.polarization
    )
    return setup, climate.knots(setup, air, pixel_km, steps)


def _site(ground: ReceiverGrid, mast: Mast, air: Climate, steps: int) -> Site:
    """Return a mast and what it fixes for all its paths."""
    setup, knots = _of_distance(mast.frequency_mhz, air, 0.001 * ground.pixel_m, steps)
    ground_m = float(terrain_at(ground.terrain_m, mast.column, mast.row))
    roof_m, terminal_db = mast.antenna_height_m, 0.0
    if air.street_width_m > 0.0:
        row, column = (
            min(max(math.floor(at + 0.5), 0), count - 1)
            for at, count in zip((mast.row, mast.column), ground.clutter_m.shape, strict=True)
        )
        roof_m = max(roof_m, float(ground.clutter_m[row, column]))
        terminal_db = p2108.obstructed_terminal_loss_db(
            mast.frequency_mhz, mast.antenna_height_m, roof_m, air.street_width_m
        )
    median = air.time_percent >= 50.0
    beta_fall_m = ground.pixel_m**2 / (2000.0 * BETA_RADIUS_KM)
    return Site(
        line.frame(ground.terrain_m.shape, mast.column, mast.row),
        setup,
        air,
        knots,
        ground_m,
        ground_m + roof_m,
        terminal_db,
        ground.pixel_m,
        ground.receiver_height_m,
        (ground.fall_m, -1.0 if median else beta_fall_m),
        0.5 * setup.wavelength_m * ground.pixel_m * KNIFE_EDGE_FLOOR**2,
        median,
    )


@kernel(**LEAN)
def _walk(
    site: Site,
    terrain: Floats,
    clutter: Floats,
    radials: int,
    pixel: Integers,
    distance: Floats,
    of_radial: Integers,
    rooms: tuple,
    loss_db: Floats,
) -> None:
    """Fill in the loss of every receiver, radial by radial."""
    way = line.line(rooms[0], rooms[1], rooms[2])
    own, edge = _places(rooms[3][:PLACES_ROWS], rooms[4][0]), _places(rooms[3][PLACES_ROWS:], rooms[4][1])
    work = _work(rooms[3][2 * PLACES_ROWS:], rooms[4][2:])
    zone = math.sqrt(site.limit)
    for k in range(radials):
        first, end = of_radial[k], of_radial[k + 1]
        if first == end:
            continue
        count, bearing = end - first, k * (TAU / radials)
        size = (count + LANES - 1) // LANES * LANES
        last = int(distance[end - 1])
        line.walk_out(
            terrain,
            clutter,
            site.frame,
            bearing,
            last,
            site.antenna_m,
            zone,
            site.falls_m,
            way,
        )
        _settle(
            pixel,
            distance,
            first,
            count,
            size,
            terrain,
            clutter,
            site.frame,
            own.column,
            own.row,
            own.at,
            own.ground_m,
            own.clutter_m,
        )
        _radial(site, terrain, clutter, way, count, own, edge, work)
        for i in range(count):
            loss_db[first + i] = own.loss_db[i]


def walk(
    ground: ReceiverGrid, mast: Mast, air: Climate, fan: Fan, receivers: Receivers
) -> NDArray[np.float32]:
    """Return the loss of every receiver, in decibels."""
    steps = int(fan.radius) + 2
    size, room = (line.lanes(count + 1) for count in (steps, np.diff(receivers.first).max()))
    floats, integers, sums = line.LINE_ROWS
    rooms = (
        np.empty((floats, size), F),
        np.empty((integers, size), I),
        np.empty((sums, size)),
        np.empty((2 * PLACES_ROWS + WORK_ROWS[0], room), F),
        np.empty((2 + WORK_ROWS[1], room), I),
    )
    loss_db = np.empty(receivers.pixel.size, F)
    _walk(
        _site(ground, mast, air, steps),
        ground.terrain_m.ravel(),
        ground.clutter_m.ravel(),
        fan.radials,
        *receivers,
        rooms,
        loss_db,
    )
    return loss_db


def fill(
    ground: ReceiverGrid,
    masts: NDArray[np.float64],
    air: Climate,
    fan: Fan,
    wanted: NDArray[np.int64],
    windows: NDArray[np.uint16],
) -> None:
    """Write the losses round some masts into their windows, one task per mast."""

    def one(m: int, losses: NDArray[np.uint16]) -> None:
        mast = Mast(*masts[m].tolist())
        receivers = reception.trace(ground, mast, fan)
        loss_db = walk(ground, mast, air, fan, receivers)
        loss_windows.write(ground, mast, fan, receivers, loss_db, losses)

    with ThreadPoolExecutor(numba.get_num_threads()) as pool:
        list(pool.map(one, wanted.tolist(), windows))
