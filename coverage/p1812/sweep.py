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
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import p2108
from phusong.coverage.area import loss_windows, reception
from phusong.coverage.area.radial import terrain_at
from phusong.coverage.area.reception import TAU, Fan, Mast, ReceiverGrid, Receivers
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR
from phusong.coverage.kernel import LEAN, in_threads, kernel
from phusong.coverage.p1812 import climate, line, roofs, workspace
from phusong.coverage.p1812 import loss as p1812_loss
from phusong.coverage.p1812.climate import Climate, Knots
from phusong.coverage.p1812.line import F32, I32, LANES, Floats, Integers
from phusong.coverage.p1812.loss import BETA_RADIUS_KM, Setup
from phusong.coverage.p1812.workspace import PLACES_ROWS, WORK_ROWS, Site


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
    own, edge = (
        workspace.places(rooms[3][:PLACES_ROWS], rooms[4][0]),
        workspace.places(rooms[3][PLACES_ROWS:], rooms[4][1]),
    )
    work = workspace.work_of(rooms[3][2 * PLACES_ROWS :], rooms[4][2:])
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
        roofs.settle(
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
        roofs.losses_db(site, terrain, clutter, way, count, own, edge, work)
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
        np.empty((floats, size), F32),
        np.empty((integers, size), I32),
        np.empty((sums, size)),
        np.empty((2 * PLACES_ROWS + WORK_ROWS[0], room), F32),
        np.empty((2 + WORK_ROWS[1], room), I32),
    )
    loss_db = np.empty(receivers.pixel.size, F32)
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

    in_threads(one, wanted.tolist(), windows)
