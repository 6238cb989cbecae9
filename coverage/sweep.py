"""Loss from one mast to every pixel within a radius, by walking radials over the terrain.

A path-by-path computation walks the terrain once per receiver. Here each radial is walked
once, outwards. What a receiver needs of the terrain before it is kept as it grows: the
steepest slope seen from the mast (its horizon), the upper convex hull of the terrain, on
which the steepest slope seen from the receiver is found by bisection, and the highest point
of every eight, which tells where the ray may come close to the ground. Every receiver has
its own distance, azimuth and ground height; only the terrain between is that of the nearest
radial. Heights are lowered by the fall of the Earth, so that rays are straight lines.

Within the kernels distances are in pixels, slopes in metres per pixel.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from phusong.coverage.antenna import arc_tangent
from phusong.coverage.base_loss import KNOTS_PER_ROOT_METRE
from phusong.coverage.diffraction import KNIFE_EDGE_FLOOR, bullington_loss_from_nu_db
from phusong.coverage.kernel import INNER, KERNEL

EARTH_RADIUS_M = 6_371_000.0
MEDIAN_K = 4.0 / 3.0
BLOCK = 8  # steps whose highest point is kept
NEAR_STEPS = 6  # steps before a receiver that are taken from its own path
NEAREST_STEP = 0.5
TAU = 2.0 * math.pi


class Ground(NamedTuple):
    """The grid that paths run over, and who listens where."""

    terrain_m: NDArray[np.float32]
    environment: NDArray[np.uint8]  # row of the base loss table, per receiver
    receivers: NDArray[np.bool_]
    pixel_m: float
    receiver_height_m: float
    fall_m: float  # how far the Earth falls within the first pixel


class Mast(NamedTuple):
    """Where a signal starts; column and row may lie between pixel centres."""

    column: float
    row: float
    antenna_height_m: float
    wavelength_m: float


class Fan(NamedTuple):
    """The pixels within a radius, nearest first, and the number of radials through them."""

    offsets: NDArray[np.int16]  # column and row against the pixel of the mast
    radius: float  # pixels
    radials: int


class Receivers(NamedTuple):
    """The receivers of one mast, radial by radial, outwards."""

    pixel: NDArray[np.int32]  # index into the flattened grid
    distance: NDArray[np.float32]  # pixels
    azimuth: NDArray[np.float32]  # radians clockwise from north, 0 to 2 pi
    first: NDArray[np.int32]  # place of each radial's first receiver


@njit(**INNER)
def half_window(radius: float) -> int:
    """Return how many pixels a window reaches on either side of the mast's own."""
    return math.floor(radius + 0.5)


def fall_per_pixel_m(pixel_m: float, k_factor: float = MEDIAN_K) -> float:
    """Return the fall of the effective Earth within one pixel: d squared over twice k a."""
    return pixel_m**2 / (2.0 * k_factor * EARTH_RADIUS_M)


def fan(radius_m: float, pixel_m: float, radials_per_rim_pixel: float = 0.5) -> Fan:
    """Return the pixels in reach and a number of radials.

    One radial per pixel of the rim keeps every receiver within half a pixel of its radial;
    more come closer to path by path and cost time in proportion.
    """
    radius = radius_m / pixel_m
    reach = half_window(radius)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(rows, columns).ravel()
    order = np.argsort(distance, kind="stable")
    order = order[distance[order] <= radius + math.sqrt(0.5)]
    offsets = np.column_stack([columns.ravel()[order], rows.ravel()[order]]).astype(np.int16)
    radials = 8 * math.ceil(TAU * radius * radials_per_rim_pixel / 8.0)
    return Fan(offsets, radius, radials)


@njit(**INNER)
def _locate(ground: Ground, mast: Mast, fan: Fan, found: Receivers, radial: NDArray) -> int:
    """Fill in the receivers in reach, nearest first, and their radials; return how many."""
    height, width = ground.terrain_m.shape
    column0, row0 = math.floor(mast.column + 0.5), math.floor(mast.row + 0.5)
    count = 0
    for i in range(fan.offsets.shape[0]):
        column, row = column0 + fan.offsets[i, 0], row0 + fan.offsets[i, 1]
        if not (0 <= column < width and 0 <= row < height) or not ground.receivers[row, column]:
            continue
        east, north = column - mast.column, mast.row - row
        square = east * east + north * north
        if square > fan.radius * fan.radius:
            continue
        angle = arc_tangent(east, north)
        angle += TAU if angle < 0.0 else 0.0
        found.pixel[count] = row * width + column
        found.distance[count], found.azimuth[count] = math.sqrt(square), angle
        radial[count] = int(angle * (fan.radials / TAU) + 0.5) % fan.radials
        count += 1
    return count


@njit(**INNER)
def _arrange(found: Receivers, radial: NDArray, arranged: Receivers, place: NDArray) -> None:
    """Copy receivers to the places of their radials."""
    for i in range(arranged.pixel.size):
        at = place[radial[i]]
        place[radial[i]] = at + 1
        arranged.pixel[at] = found.pixel[i]
        arranged.distance[at] = found.distance[i]
        arranged.azimuth[at] = found.azimuth[i]


@njit(**INNER)
def _settle(receivers: Receivers, start: int, end: int) -> None:
    """Put the receivers of one radial in order of distance; they are nearly so."""
    for i in range(start + 1, end):
        pixel, distance, azimuth = (
            receivers.pixel[i],
            receivers.distance[i],
            receivers.azimuth[i],
        )
        j = i
        while j > start and receivers.distance[j - 1] > distance:
            receivers.pixel[j] = receivers.pixel[j - 1]
            receivers.distance[j] = receivers.distance[j - 1]
            receivers.azimuth[j] = receivers.azimuth[j - 1]
            j -= 1
        receivers.pixel[j], receivers.distance[j], receivers.azimuth[j] = pixel, distance, azimuth


@njit(**KERNEL)
def _empty_receivers(count: int, first: NDArray) -> Receivers:
    return Receivers(
        np.empty(count, np.int32), np.empty(count, np.float32), np.empty(count, np.float32), first
    )


@njit(**KERNEL)
def trace(ground: Ground, mast: Mast, fan: Fan) -> Receivers:
    """Return the receivers of a mast, each on its nearest radial."""
    size = fan.offsets.shape[0]
    first, radial = np.zeros(fan.radials + 1, np.int32), np.empty(size, np.int32)
    found = _empty_receivers(size, first)
    count = _locate(ground, mast, fan, found, radial)
    for i in range(count):
        first[radial[i] + 1] += 1
    for k in range(fan.radials):
        first[k + 1] += first[k]
    arranged = _empty_receivers(count, first)
    _arrange(found, radial, arranged, first.copy())
    for k in range(fan.radials):
        _settle(arranged, first[k], first[k + 1])
    return arranged


@njit(**INNER)
def terrain_at(terrain_m: NDArray, column: float, row: float) -> float:
    """Return the terrain height between pixel centres (bilinear), level beyond the last."""
    height, width = terrain_m.shape
    column = min(max(column, 0.0), width - 1.0)
    row = min(max(row, 0.0), height - 1.0)
    left, top = min(int(column), width - 2), min(int(row), height - 2)
    x, y = column - left, row - top
    upper = terrain_m[top, left] + x * (terrain_m[top, left + 1] - terrain_m[top, left])
    lower = terrain_m[top + 1, left] + x * (terrain_m[top + 1, left + 1] - terrain_m[top + 1, left])
    return upper + y * (lower - upper)


class Walk(NamedTuple):
    """The terrain of one radial as far as it is walked, lowered by the fall of the Earth.

    The index is the step from the mast, the block of steps, or the step back from the
    receiver at hand.
    """

    height_m: NDArray[np.float32]
    hull_step: NDArray[np.float64]
    hull_m: NDArray[np.float64]
    ridge_m: NDArray[np.float64]  # highest point of every block
    skyline: NDArray[np.float64]  # slope above which a ray clears all up to the block's end
    near_m: NDArray[np.float64]  # the terrain just before the receiver, on its own path


class Progress(NamedTuple):
    """How far a radial is walked: steps, points of the hull, slopes of horizon and skyline."""

    last: int
    size: int
    horizon: float
    skyline: float


class Path(NamedTuple):
    """The ray to one receiver: distance in pixels, heights of its ends, slope."""

    at: float
    start_m: float
    end_m: float
    slope: float


class Near(NamedTuple):
    """The terrain just before a receiver: number of steps, and how near it comes to the ray."""

    count: int
    blocked: bool
    closest: float  # see _closest_approach


@njit(**INNER)
def _sample(ground: Ground, mast: Mast, bearing: float, count: int, height_m: NDArray) -> None:
    """Fill in the lowered terrain of the first steps of a radial."""
    terrain = ground.terrain_m
    height, width = terrain.shape
    right, bottom = np.float32(width - 1.0), np.float32(height - 1.0)
    east, south = math.sin(bearing), -math.cos(bearing)
    for step in range(1, count + 1):
        column = np.float32(mast.column + step * east)
        row = np.float32(mast.row + step * south)
        column = min(max(column, np.float32(0.0)), right)
        row = min(max(row, np.float32(0.0)), bottom)
        left, top = min(np.int32(column), width - 2), min(np.int32(row), height - 2)
        x, y = column - np.float32(left), row - np.float32(top)
        upper = terrain[top, left] + x * (terrain[top, left + 1] - terrain[top, left])
        lower = terrain[top + 1, left] + x * (terrain[top + 1, left + 1] - terrain[top + 1, left])
        height_m[step] = upper + y * (lower - upper) - np.float32(ground.fall_m * step * step)


@njit(**INNER)
def _push(walk: Walk, size: int, step: float, level_m: float) -> int:
    """Add the newest point to the upper convex hull; return the hull's new size."""
    while size >= 2:
        a, b = walk.hull_step[size - 2], walk.hull_step[size - 1]
        a_m, b_m = walk.hull_m[size - 2], walk.hull_m[size - 1]
        if (b_m - a_m) * (step - a) > (level_m - a_m) * (b - a):
            break
        size -= 1
    walk.hull_step[size], walk.hull_m[size] = step, level_m
    return size + 1


@njit(**INNER)
def _advance(walk: Walk, done: Progress, until: float, start_m: float, zone: float) -> Progress:
    """Walk on to the last step before ``until``.

    ``zone`` scales the part of the Fresnel zone that counts, see ``_closest_approach``.
    """
    last, size, horizon, skyline = done.last, done.size, done.horizon, done.skyline
    while last + 1 <= until:
        last += 1
        level_m = float(walk.height_m[last])
        rise = (level_m - start_m) / last
        horizon = max(horizon, rise)
        skyline = max(skyline, rise + zone / math.sqrt(last))
        block = last // BLOCK
        if last % BLOCK == 0 or last == 1:
            walk.ridge_m[block] = level_m
        walk.ridge_m[block] = max(walk.ridge_m[block], level_m)
        walk.skyline[block] = skyline
        size = _push(walk, size, float(last), level_m)
    return Progress(last, size, horizon, skyline)


@njit(**INNER)
def _look_back(
    ground: Ground, mast: Mast, row: int, column: int, path: Path, limit: float, near_m: NDArray
) -> Near:
    """Fill in the terrain one step, two steps ... before a receiver, on its own path."""
    at = path.at
    back_row, back_column = (mast.row - row) / at, (mast.column - column) / at
    count = min(NEAR_STEPS, int(at - NEAREST_STEP))
    blocked, closest = False, limit
    for j in range(1, count + 1):
        height_m = terrain_at(ground.terrain_m, column + j * back_column, row + j * back_row)
        near_m[j] = height_m - ground.fall_m * (at - j) * (at - j)
        clear_m = path.end_m - path.slope * j - near_m[j]
        blocked |= clear_m <= 0.0
        if clear_m * clear_m < closest * j * (at - j):
            closest = clear_m * clear_m / (j * (at - j))
    return Near(count, blocked, closest)


@njit(**INNER)
def _horizon(walk: Walk, done: Progress, path: Path, near: Near) -> float:
    """Return the steepest slope from the mast to the terrain of a path."""
    steepest = done.horizon
    for j in range(1, near.count + 1):
        steepest = max(steepest, (walk.near_m[j] - path.start_m) / (path.at - j))
    return steepest


@njit(**INNER)
def _horizon_of_receiver(walk: Walk, done: Progress, path: Path, near: Near) -> float:
    """Return the steepest slope from the receiver back to the terrain.

    Over the walked part it is the tangent to the hull, found by bisection.
    """
    steepest = -math.inf
    for j in range(1, near.count + 1):
        steepest = max(steepest, (walk.near_m[j] - path.end_m) / j)
    if done.size == 0:
        return steepest
    low, high = 0, done.size - 1
    while low < high:
        middle = (low + high) // 2
        first = (walk.hull_m[middle] - path.end_m) * (path.at - walk.hull_step[middle + 1])
        second = (walk.hull_m[middle + 1] - path.end_m) * (path.at - walk.hull_step[middle])
        if first < second:
            low = middle + 1
        else:
            high = middle
    return max(steepest, (walk.hull_m[low] - path.end_m) / (path.at - walk.hull_step[low]))


@njit(**INNER)
def _closest_approach(walk: Walk, done: Progress, path: Path, limit: float) -> float:
    """Return the smallest squared clearance over (s (at - s)) of a ray above the terrain.

    ``limit`` is where the search begins: nothing clearer is looked at. It goes backwards from
    the receiver until the ray is above the skyline of all that is left; blocks whose highest
    point cannot come closer than what was found are passed over.
    """
    closest, at = limit, path.at
    for block in range(done.last // BLOCK, -1, -1):
        if path.slope > walk.skyline[block]:
            break
        near, far = max(block * BLOCK, 1), min(block * BLOCK + BLOCK - 1, done.last)
        clear_m = path.start_m + min(path.slope * near, path.slope * far) - walk.ridge_m[block]
        widest = max(near * (at - near), far * (at - far))
        if near < 0.5 * at < far:
            widest = 0.25 * at * at
        if clear_m > 0.0 and clear_m * clear_m >= closest * widest:
            continue
        for s in range(near, far + 1):
            clear_m = path.start_m + path.slope * s - walk.height_m[s]
            if clear_m * clear_m < closest * s * (at - s):
                closest = clear_m * clear_m / (s * (at - s))
    return closest


@njit(**INNER)
def _bullington_nu(
    walk: Walk, done: Progress, path: Path, near: Near, limit: float, scale: float
) -> float:
    """Return nu of the edge that stands for the terrain of a path (P.526-16 section 4.5.1).

    ``scale`` is two over wavelength times pixel; ``limit`` is where nu no longer matters.
    """
    at = path.at
    if done.horizon < path.slope and not near.blocked:
        closest = _closest_approach(walk, done, path, near.closest)
        return -math.sqrt(scale * at * closest) if closest < limit else -math.inf
    horizon = _horizon(walk, done, path, near)
    back = _horizon_of_receiver(walk, done, path, near)
    edge = (path.end_m - path.start_m + back * at) / (horizon + back)
    if not 0.0 < edge < at:  # rounding at exactly grazing incidence
        return 0.0
    return (horizon - path.slope) * edge * math.sqrt(scale * at / (edge * (at - edge)))


@njit(**INNER)
def _base_loss_db(base_db: NDArray, row: int, at_m: float) -> float:
    """Return the loss by distance, read from a row of a mast's table."""
    place = KNOTS_PER_ROOT_METRE * math.sqrt(at_m)
    low = min(int(place), base_db.shape[1] - 2)
    return base_db[row, low] + (place - low) * (base_db[row, low + 1] - base_db[row, low])


@njit(**INNER)
def _walk_radial(
    ground: Ground,
    mast: Mast,
    base_db: NDArray,
    walk: Walk,
    receivers: Receivers,
    span: tuple,
    bearing: float,
    results: tuple,
) -> None:
    """Fill in loss and elevation of the receivers of one radial, ``span`` in their list."""
    loss_db, elevation = results
    width = ground.terrain_m.shape[1]
    start_m = terrain_at(ground.terrain_m, mast.column, mast.row) + mast.antenna_height_m
    scale = 2.0 / (mast.wavelength_m * ground.pixel_m)
    zone = -KNIFE_EDGE_FLOOR / math.sqrt(scale)
    if span[0] < span[1]:
        _sample(ground, mast, bearing, int(receivers.distance[span[1] - 1]), walk.height_m)
    done = Progress(0, 0, -math.inf, -math.inf)
    for i in range(span[0], span[1]):
        at = max(float(receivers.distance[i]), 0.01)
        row, column = receivers.pixel[i] // width, receivers.pixel[i] % width
        done = _advance(walk, done, at - NEAR_STEPS - NEAREST_STEP, start_m, zone)
        end_m = ground.terrain_m[row, column] + ground.receiver_height_m - ground.fall_m * at * at
        path = Path(at, start_m, end_m, (end_m - start_m) / at)
        limit = KNIFE_EDGE_FLOOR * KNIFE_EDGE_FLOOR / (scale * at)
        near = _look_back(ground, mast, row, column, path, limit, walk.near_m)
        total_db = _base_loss_db(base_db, ground.environment[row, column], at * ground.pixel_m)
        nu = _bullington_nu(walk, done, path, near, limit, scale)
        if nu > KNIFE_EDGE_FLOOR:
            total_db += bullington_loss_from_nu_db(nu, at * ground.pixel_m * 0.001)
        loss_db[i] = total_db
        elevation[i] = arc_tangent(end_m - start_m, at * ground.pixel_m)


@njit(**KERNEL)
def walk(
    ground: Ground, mast: Mast, base_db: NDArray, fan: Fan, receivers: Receivers
) -> tuple[NDArray, NDArray]:
    """Return loss (dB) and elevation (radians, seen from the mast) of every receiver."""
    loss_db = np.empty(receivers.pixel.size, np.float32)
    elevation = np.empty(receivers.pixel.size, np.float32)
    steps = int(fan.radius) + 2
    blocks = steps // BLOCK + 1
    state = Walk(
        np.empty(steps, np.float32),
        np.empty(steps),
        np.empty(steps),
        np.full(blocks, -np.inf),
        np.full(blocks, -np.inf),
        np.empty(NEAR_STEPS + 1),
    )
    for k in range(fan.radials):
        span = (receivers.first[k], receivers.first[k + 1])
        bearing = k * (TAU / fan.radials)
        _walk_radial(ground, mast, base_db, state, receivers, span, bearing, (loss_db, elevation))
    return loss_db, elevation
