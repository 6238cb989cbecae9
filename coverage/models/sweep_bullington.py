"""Loss from one mast to every pixel within a radius: loss by distance plus diffraction.

A path-by-path computation walks the terrain once per receiver; here each radial is walked
once (see ``radial``). Every receiver has its own distance, azimuth and ground height; only
the terrain between is that of the nearest radial.
"""

import math

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area import loss_windows, radial, reception
from phusong.coverage.area.radial import Progress, Walk
from phusong.coverage.area.reception import TAU, Fan, Mast, ReceiverGrid, Receivers
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR, bullington_loss_from_nu_db
from phusong.coverage.kernel import INNER, KERNEL, in_threads, kernel
from phusong.coverage.units import wavelength_m

KNOTS_PER_ROOT_METRE = 6.0  # of the tables of loss by distance


@kernel(**INNER)
def _base_loss_db(base_db: NDArray, row: int, at_m: float) -> float:
    """Return the loss by distance, read from a row of a mast's table."""
    place = KNOTS_PER_ROOT_METRE * math.sqrt(at_m)
    low = min(int(place), base_db.shape[1] - 2)
    return base_db[row, low] + (place - low) * (base_db[row, low + 1] - base_db[row, low])


@kernel(**INNER)
def _walk_radial(
    ground: ReceiverGrid,
    mast: Mast,
    base_db: NDArray,
    walk: Walk,
    receivers: Receivers,
    span: tuple,
    bearing: float,
    loss_db: NDArray,
) -> None:
    """Fill in the loss of the receivers of one radial, ``span`` in their list."""
    width = ground.terrain_m.shape[1]
    start_m = radial.terrain_at(ground.terrain_m, mast.column, mast.row) + mast.antenna_height_m
    scale = 2.0 / (wavelength_m(mast.frequency_mhz) * ground.pixel_m)
    zone = -KNIFE_EDGE_FLOOR / math.sqrt(scale)
    if span[0] < span[1]:
        steps = int(receivers.distance[span[1] - 1])
        radial.sample(ground, mast, bearing, steps, walk.height_m)
        radial.lower(walk.height_m, ground.fall_m, steps)
    done = Progress(0, 0, -math.inf, -math.inf)
    for i in range(span[0], span[1]):
        at = max(float(receivers.distance[i]), 0.01)
        row, column = receivers.pixel[i] // width, receivers.pixel[i] % width
        done = radial.advance(walk, done, radial.walked_until(at), start_m, zone)
        end_m = ground.terrain_m[row, column] + ground.receiver_height_m - ground.fall_m * at * at
        path = radial.ray(at, start_m, end_m)
        limit = KNIFE_EDGE_FLOOR * KNIFE_EDGE_FLOOR / (scale * at)
        near = radial.look_back(ground, mast, row, column, path, limit, walk.near_m)
        total_db = _base_loss_db(base_db, ground.environment[row, column], at * ground.pixel_m)
        nu = radial.bullington_nu(walk, done, path, near, limit, scale)
        if nu > KNIFE_EDGE_FLOOR:
            total_db += bullington_loss_from_nu_db(nu, at * ground.pixel_m * 0.001)
        loss_db[i] = total_db


@kernel(**KERNEL)
def walk(
    ground: ReceiverGrid, mast: Mast, base_db: NDArray, fan: Fan, receivers: Receivers
) -> NDArray:
    """Return the loss of every receiver, in decibels."""
    loss_db = np.empty(receivers.pixel.size, np.float32)
    state = radial.empty_walk(int(fan.radius) + 2)
    for k in range(fan.radials):
        span = (receivers.first[k], receivers.first[k + 1])
        bearing = k * (TAU / fan.radials)
        _walk_radial(ground, mast, base_db, state, receivers, span, bearing, loss_db)
    return loss_db


@kernel(**KERNEL)
def distance_only(ground: ReceiverGrid, base_db: NDArray, receivers: Receivers) -> NDArray:
    """Return the loss of every receiver by distance alone, in decibels."""
    loss_db = np.empty(receivers.pixel.size, np.float32)
    width = ground.terrain_m.shape[1]
    for i in range(loss_db.size):
        row, column = receivers.pixel[i] // width, receivers.pixel[i] % width
        at_m = receivers.distance[i] * ground.pixel_m
        loss_db[i] = _base_loss_db(base_db, ground.environment[row, column], at_m)
    return loss_db


@kernel(**KERNEL)
def _bent_window(
    ground: ReceiverGrid, mast: Mast, base_db: NDArray, fan: Fan, window: NDArray
) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_db = walk(ground, mast, base_db, fan, receivers)
    loss_windows.spread(ground, mast, fan, receivers, loss_db, window)


@kernel(**KERNEL)
def _distance_only_window(
    ground: ReceiverGrid, mast: Mast, base_db: NDArray, fan: Fan, window: NDArray
) -> None:
    receivers = reception.trace(ground, mast, fan)
    loss_windows.spread(
        ground, mast, fan, receivers, distance_only(ground, base_db, receivers), window
    )


def fill_bent(
    ground: ReceiverGrid,
    masts: NDArray[np.float64],
    base_db: NDArray[np.float32],
    base: NDArray[np.int64],
    fan: Fan,
    wanted: NDArray[np.int64],
    windows: NDArray[np.uint16],
) -> None:
    """Write the losses round some masts into their windows; ``base`` is the table of each."""

    def one(m: int, window: NDArray[np.uint16]) -> None:
        _bent_window(ground, Mast(*masts[m].tolist()), base_db[base[m]], fan, window)

    in_threads(one, wanted.tolist(), windows)


def fill_distance_only(
    ground: ReceiverGrid,
    masts: NDArray[np.float64],
    base_db: NDArray[np.float32],
    base: NDArray[np.int64],
    fan: Fan,
    wanted: NDArray[np.int64],
    windows: NDArray[np.uint16],
) -> None:
    """Write the losses round some masts into their windows; ``base`` is the table of each."""

    def one(m: int, window: NDArray[np.uint16]) -> None:
        _distance_only_window(ground, Mast(*masts[m].tolist()), base_db[base[m]], fan, window)

    in_threads(one, wanted.tolist(), windows)
