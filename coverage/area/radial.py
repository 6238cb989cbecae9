"""The terrain along one radial, walked once outwards for all receivers on it.

What a receiver needs of the terrain before it is kept as the walk goes on: the steepest
slope seen from the mast (its horizon), the upper convex hull of the terrain, on which the
steepest slope seen from the receiver is found by bisection, and the highest point of every
eight, which tells where the ray may come close to the ground. The last steps before a
receiver, where a few metres sideways matter most, are taken from its own path. Heights are
lowered by the fall of the Earth, so that rays are straight lines; distances are in pixels,
slopes in metres per pixel.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.area.reception import Mast, ReceiverGrid
from phusong.coverage.kernel import INNER, KERNEL, kernel

BLOCK = 8  # steps whose highest point is kept
NEAR_STEPS = 12  # steps before a receiver that are taken from its own path
NEAREST_STEP = 0.5


@kernel(**INNER)
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
    """The ray to one receiver: distance in pixels, heights of its ends, slope.

    ``step`` is the distance of the points of a profile of its own, about a pixel; so many
    equal steps make the path.
    """

    at: float
    start_m: float
    end_m: float
    slope: float
    step: float


class Near(NamedTuple):
    """The terrain just before a receiver: number of steps, and how near it comes to the ray."""

    steps: int
    blocked: bool
    closest: float  # see closest_approach


@kernel(**KERNEL)
def empty_walk(steps: int) -> Walk:
    """Return room for a radial of so many steps."""
    blocks = steps // BLOCK + 1
    return Walk(
        np.empty(steps, np.float32),
        np.empty(steps),
        np.empty(steps),
        np.full(blocks, -np.inf),
        np.full(blocks, -np.inf),
        np.empty(NEAR_STEPS + 1),
    )


@kernel(**INNER)
def sample(ground: ReceiverGrid, mast: Mast, bearing: float, count: int, height_m: NDArray) -> None:
    """Fill in the terrain at the first steps of a radial, the mast's own ground as step 0."""
    terrain = ground.terrain_m
    height, width = terrain.shape
    right, bottom = np.float32(width - 1.0), np.float32(height - 1.0)
    east, south = math.sin(bearing), -math.cos(bearing)
    for step in range(count + 1):
        column = np.float32(mast.column + step * east)
        row = np.float32(mast.row + step * south)
        column = min(max(column, np.float32(0.0)), right)
        row = min(max(row, np.float32(0.0)), bottom)
        left, top = min(np.int32(column), width - 2), min(np.int32(row), height - 2)
        x, y = column - np.float32(left), row - np.float32(top)
        upper = terrain[top, left] + x * (terrain[top, left + 1] - terrain[top, left])
        lower = terrain[top + 1, left] + x * (terrain[top + 1, left + 1] - terrain[top + 1, left])
        height_m[step] = upper + y * (lower - upper)


@kernel(**INNER)
def lower(height_m: NDArray, fall_m: float, count: int) -> None:
    """Lower the first steps of a radial by the fall of the Earth."""
    for step in range(1, count + 1):
        height_m[step] -= fall_m * step * step


@kernel(**INNER)
def push(walk: Walk, size: int, step: float, level_m: float) -> int:
    """Add the newest point to the upper convex hull; return the hull's new size."""
    while size >= 2:
        a, b = walk.hull_step[size - 2], walk.hull_step[size - 1]
        a_m, b_m = walk.hull_m[size - 2], walk.hull_m[size - 1]
        if (b_m - a_m) * (step - a) > (level_m - a_m) * (b - a):
            break
        size -= 1
    walk.hull_step[size], walk.hull_m[size] = step, level_m
    return size + 1


@kernel(**INNER)
def advance(walk: Walk, done: Progress, until: float, start_m: float, zone: float) -> Progress:
    """Walk on to the last step before ``until``.

    ``zone`` scales the part of the Fresnel zone that counts, see ``closest_approach``.
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
        size = push(walk, size, float(last), level_m)
    return Progress(last, size, horizon, skyline)


@kernel(**INNER)
def look_back(
    ground: ReceiverGrid,
    mast: Mast,
    row: int,
    column: int,
    path: Path,
    limit: float,
    near_m: NDArray,
) -> Near:
    """Fill in the terrain one step, two steps ... before a receiver, on its own path.

    One loop does it all: this is the innermost one.
    """
    at = path.at
    share = path.step / at
    back_row, back_column = (mast.row - row) * share, (mast.column - column) * share
    count = near_steps(path)
    blocked, closest = False, limit
    for j in range(1, count + 1):
        height_m = terrain_at(ground.terrain_m, column + j * back_column, row + j * back_row)
        back = j * path.step
        near_m[j] = height_m - ground.fall_m * (at - back) * (at - back)
        clear_m = path.end_m - path.slope * back - near_m[j]
        blocked |= clear_m <= 0.0
        if clear_m * clear_m < closest * back * (at - back):
            closest = clear_m * clear_m / (back * (at - back))
    return Near(count, blocked, closest)


@kernel(**INNER)
def ray(at: float, start_m: float, end_m: float) -> Path:
    """Return the straight ray to a receiver."""
    return Path(at, start_m, end_m, (end_m - start_m) / at, step_of(at))


@kernel(**INNER)
def step_of(at: float) -> float:
    """Return how far apart the points of a path's own profile are, as in ``geodata.paths``."""
    return at / max(math.ceil(at - 1e-9), 1.0)


@kernel(**INNER)
def near_steps(path: Path) -> int:
    """Return how many points before the receiver are taken from its own path."""
    return min(NEAR_STEPS, int(path.at / path.step + 0.5) - 1)


@kernel(**INNER)
def walked_until(at: float) -> float:
    """Return where the radial gives way to a receiver's own path; it rises with the distance."""
    return at - NEAR_STEPS * step_of(at) - NEAREST_STEP


@kernel(**INNER)
def horizon_of_mast(walk: Walk, done: Progress, path: Path, near: Near) -> float:
    """Return the steepest slope from the mast to the terrain of a path."""
    steepest = done.horizon
    for j in range(1, near.steps + 1):
        rise_m, run = walk.near_m[j] - path.start_m, path.at - j * path.step
        if rise_m > steepest * run:
            steepest = rise_m / run
    return steepest


@kernel(**INNER)
def tangent_point(walk: Walk, size: int, path: Path) -> int:
    """Return the point of the hull that stands steepest above the receiver, by bisection."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        first = (walk.hull_m[middle] - path.end_m) * (path.at - walk.hull_step[middle + 1])
        second = (walk.hull_m[middle + 1] - path.end_m) * (path.at - walk.hull_step[middle])
        if first < second:
            low = middle + 1
        else:
            high = middle
    return low


@kernel(**INNER)
def horizon_of_receiver(walk: Walk, done: Progress, path: Path, near: Near) -> float:
    """Return the steepest slope from the receiver back to the terrain."""
    steepest = -math.inf
    for j in range(1, near.steps + 1):
        rise_m, run = walk.near_m[j] - path.end_m, j * path.step
        if rise_m > steepest * run:
            steepest = rise_m / run
    if done.size == 0:
        return steepest
    k = tangent_point(walk, done.size, path)
    return max(steepest, (walk.hull_m[k] - path.end_m) / (path.at - walk.hull_step[k]))


@kernel(**INNER)
def closest_approach(walk: Walk, done: Progress, path: Path, limit: float) -> float:
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


@kernel(**INNER)
def bullington_nu(
    walk: Walk, done: Progress, path: Path, near: Near, limit: float, scale: float
) -> float:
    """Return nu of the edge that stands for the terrain of a path (P.526-16 section 4.5.1).

    ``scale`` is two over wavelength times pixel; ``limit`` is where nu no longer matters.
    """
    at = path.at
    if done.horizon < path.slope and not near.blocked:
        closest = closest_approach(walk, done, path, near.closest)
        return -math.sqrt(scale * at * closest) if closest < limit else -math.inf
    horizon = horizon_of_mast(walk, done, path, near)
    back = horizon_of_receiver(walk, done, path, near)
    edge = (path.end_m - path.start_m + back * at) / (horizon + back)
    if not 0.0 < edge < at:  # rounding at exactly grazing incidence
        return 0.0
    return (horizon - path.slope) * edge * math.sqrt(scale * at / (edge * (at - edge)))
