"""The terrain along one radial, walked once outwards for all receivers on it.

Points stand a pixel apart from the mast on. Levels are lowered by the fall of the Earth, so that
rays are straight lines; distances are in pixels, slopes in metres per pixel.

The upper convex hull of the first steps is kept for every step at once: ``parent`` of a step is
the point of the hull before it when it was added, 0 where there is none. The hull that a receiver
sees is the chain from the last step before it, however many receivers follow.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.kernel import INLINE, STAGE, apart, kernel

F32: Any = np.float32
I32: Any = np.int32
LANES = 16  # numbers that stages work on at a time; arrays hold whole lanes
BLOCK = 8  # steps whose highest point is kept
LOWEST = F32(-1e30)  # of slopes and levels: nothing stands there
HALF = F32(0.5)
# Points midway between two pixels, as on the diagonals of a mast on a pixel's edge, belong to the
# farther one on every processor: that is not left to the rounding of the last digit.
MIDWAY = F32(0.5002)
ONE = F32(1.0)

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Frame(NamedTuple):
    """The grid seen from a mast's pixel, from which rows and columns are counted."""

    origin: int  # place of the mast's pixel in the flat grid
    width: int
    west: float  # of the first column
    east: float  # of the last
    north: float
    south: float
    mast_column: float
    mast_row: float


class Chain(NamedTuple):
    """A surface along a radial; the index is the step from the mast."""

    level_m: Floats
    horizon: Floats  # steepest slope from the mast up to here
    skyline: Floats  # slope above which a ray clears all up to here
    parent: Integers
    ridge_m: Floats  # highest point of every block of steps


class Radial(NamedTuple):
    """What is known of a radial; the index is the step from the mast."""

    flat_m: Floats  # terrain above sea level
    raised_m: Floats  # with what stands on it
    bare: Chain  # terrain, median Earth radius
    obstacle: Chain  # with what stands on it
    beta: Chain  # the same, Earth radius exceeded for beta_0 of the time
    horizon_at: Integers  # step of the bare horizon
    flat_slope: Floats  # steepest slope from the mast over the terrain that is not lowered
    area: NDArray[np.float64]  # sums of the least-squares line (eq. 85, 86)
    moment: NDArray[np.float64]
    between: "Between"


class Between(NamedTuple):
    """Places between pixels: the pixel to the north-west, the nearest, and the shares beyond."""

    corner: Integers
    nearest: Integers
    x: Floats
    y: Floats


def lanes(count: int) -> int:
    """Return so many numbers in whole lanes."""
    return int(-(-count // LANES) * LANES)


LINE_ROWS = 17, 6, 2  # of 32-bit numbers, of 32-bit integers, of 64-bit numbers


@kernel(**INLINE)
def between(floats: Floats, integers: Integers) -> Between:
    """Return room for places, two rows of either."""
    return Between(integers[0], integers[1], floats[0], floats[1])


@kernel(**INLINE)
def _chain(floats: Floats, parent: Integers) -> Chain:
    return Chain(floats[0], floats[1], floats[2], parent, floats[3])


@kernel(**INLINE)
def line(floats: Floats, integers: Integers, sums: NDArray) -> Radial:
    """Return room for a radial, so many rows of each as ``LINE_ROWS`` says."""
    return Radial(
        floats[0],
        floats[1],
        _chain(floats[2:6], integers[0]),
        _chain(floats[6:10], integers[1]),
        _chain(floats[10:14], integers[2]),
        integers[3],
        floats[14],
        sums[0],
        sums[1],
        between(floats[15:17], integers[4:6]),
    )


def frame(shape: tuple[int, ...], column: float, row: float) -> Frame:
    """Return the grid as seen from a mast."""
    left, top = math.floor(column), math.floor(row)
    return Frame(
        top * shape[1] + left,
        shape[1],
        -left,
        shape[1] - 1 - left,
        -top,
        shape[0] - 1 - top,
        column - left,
        row - top,
    )


@kernel(**INLINE)
def place(frame: Frame, column: float, row: float) -> tuple:
    """Return the pixel to the north-west of a place, the nearest, and the shares beyond.

    Beyond the grid the terrain goes on level.
    """
    west, east, north, south = F32(frame.west), F32(frame.east), F32(frame.north), F32(frame.south)
    column, row = min(max(column, west), east), min(max(row, north), south)
    left, top = min(np.floor(column), east - ONE), min(np.floor(row), south - ONE)
    middle, across = np.floor(column + MIDWAY), np.floor(row + MIDWAY)
    origin, width = I32(frame.origin), I32(frame.width)
    corner = I32(origin + I32(I32(top) * width) + I32(left))
    nearest = I32(origin + I32(I32(across) * width) + I32(middle))
    return corner, nearest, column - left, row - top


@kernel(**INLINE)
def between_pixels(pixels: Floats, corner: int, width: int, x: float, y: float) -> float:
    """Return a bilinear value; the index of a flat grid is not below zero."""
    k = np.uint32(corner)
    below = np.uint32(k + np.uint32(width))
    a, b = pixels[k], pixels[np.uint32(k + np.uint32(1))]
    c, d = pixels[below], pixels[np.uint32(below + np.uint32(1))]
    upper, lower = a + x * (b - a), c + x * (d - c)
    return upper + y * (lower - upper)


@kernel(**STAGE)
def sample(
    terrain: Floats,
    clutter: Floats,
    frame: Frame,
    direction: tuple,
    size: int,
    corner: Integers,
    nearest: Integers,
    x: Floats,
    y: Floats,
    flat_m: Floats,
    raised_m: Floats,
) -> None:
    """Fill in the terrain, and what stands on it, at the steps of a radial."""
    apart()
    east, south = F32(direction[0]), F32(direction[1])
    column, row = F32(frame.mast_column), F32(frame.mast_row)
    for s in range(size // LANES * LANES):
        run = F32(I32(s))
        corner[s], nearest[s], x[s], y[s] = place(frame, column + run * east, row + run * south)
    for s in range(size):
        flat_m[s] = between_pixels(terrain, corner[s], frame.width, x[s], y[s])
        raised_m[s] = flat_m[s] + clutter[np.uint32(nearest[s])]


@kernel(**STAGE)
def lowered(height_m: Floats, fall_m: float, size: int, level_m: Floats) -> None:
    """Lower the steps of a radial by the fall of the Earth."""
    apart()
    fall = F32(fall_m)
    for s in range(size // LANES * LANES):
        run = F32(I32(s))
        level_m[s] = height_m[s] - fall * run * run


@kernel(**STAGE)
def hull(level_m: Floats, last: int, parent: Integers) -> None:
    """Tie every step to the point of the upper convex hull before it."""
    apart()
    parent[0] = 0
    for s in range(1, last + 1):
        top = I32(s - 1)
        while top > 0:
            under = parent[top]
            if under == 0 or (level_m[top] - level_m[under]) * F32(s - under) > (
                level_m[s] - level_m[under]
            ) * F32(top - under):
                break
            top = under
        parent[s] = top


@kernel(**STAGE)
def ridges(level_m: Floats, last: int, ridge_m: Floats) -> None:
    """Fill in the highest point of every block of steps; the mast's own is none."""
    apart()
    for s in range(1, last + 1):
        block = s // BLOCK
        first = s % BLOCK == 0 or s == 1
        ridge_m[block] = level_m[s] if first else max(ridge_m[block], level_m[s])


@kernel(**STAGE)
def skylines(
    level_m: Floats, start_m: float, zone: float, last: int, horizon: Floats, skyline: Floats
) -> None:
    """Fill in the steepest slopes from the mast, and those that clear the Fresnel zone's part."""
    apart()
    start, part = F32(start_m), F32(zone)
    steepest, clear = LOWEST, LOWEST
    horizon[0] = skyline[0] = LOWEST
    for s in range(1, last + 1):
        inverse = ONE / F32(s)
        rise = (level_m[s] - start) * inverse
        steepest = max(steepest, rise)
        clear = max(clear, rise + part * math.sqrt(inverse))
        horizon[s], skyline[s] = steepest, clear


@kernel(**STAGE)
def ground_sums(
    flat_m: Floats,
    level_m: Floats,
    start_m: float,
    last: int,
    horizon: Floats,
    horizon_at: Integers,
    flat_slope: Floats,
    area: NDArray,
    moment: NDArray,
) -> None:
    """Fill in the horizon over the bare ground and the sums of its least-squares line."""
    apart()
    start, steepest, highest, stands = F32(start_m), LOWEST, LOWEST, I32(0)
    horizon[0] = flat_slope[0] = LOWEST
    horizon_at[0] = 0
    area[0] = moment[0] = 0.0
    for s in range(1, last + 1):
        inverse = ONE / F32(s)
        rise = (level_m[s] - start) * inverse
        stands = I32(s) if rise > steepest else stands
        steepest = max(steepest, rise)
        highest = max(highest, (flat_m[s] - start) * inverse)
        horizon[s], horizon_at[s], flat_slope[s] = steepest, stands, highest
        before_m, here_m = float(flat_m[s - 1]), float(flat_m[s])
        area[s] = area[s - 1] + before_m + here_m
        moment[s] = moment[s - 1] + here_m * (3.0 * s - 1.0) + before_m * (3.0 * s - 2.0)


@kernel(**INLINE)
def walk_out(
    terrain: Floats,
    clutter: Floats,
    frame: Frame,
    bearing: float,
    last: int,
    start_m: float,
    zone: float,
    falls_m: tuple,
    line: Radial,
) -> None:
    """Fill in a radial as far as a step; ``falls_m`` are those of both Earth radii.

    Without the second one the surface of beta_0 is left out.
    """
    direction, size = (math.sin(bearing), -math.cos(bearing)), (last // LANES + 1) * LANES
    at = line.between
    sample(
        terrain,
        clutter,
        frame,
        direction,
        size,
        at.corner,
        at.nearest,
        at.x,
        at.y,
        line.flat_m,
        line.raised_m,
    )
    lowered(line.flat_m, falls_m[0], size, line.bare.level_m)
    hull(line.bare.level_m, last, line.bare.parent)
    ridges(line.bare.level_m, last, line.bare.ridge_m)
    skylines(line.bare.level_m, start_m, zone, last, line.bare.horizon, line.bare.skyline)
    ground_sums(
        line.flat_m,
        line.bare.level_m,
        start_m,
        last,
        line.bare.horizon,
        line.horizon_at,
        line.flat_slope,
        line.area,
        line.moment,
    )
    _obstacles(line.raised_m, falls_m[0], size, start_m, zone, last, line.obstacle)
    if falls_m[1] >= 0.0:
        _obstacles(line.raised_m, falls_m[1], size, start_m, zone, last, line.beta)


@kernel(**INLINE)
def _obstacles(
    raised_m: Floats,
    fall_m: float,
    size: int,
    start_m: float,
    zone: float,
    last: int,
    chain: Chain,
) -> None:
    lowered(raised_m, fall_m, size, chain.level_m)
    hull(chain.level_m, last, chain.parent)
    ridges(chain.level_m, last, chain.ridge_m)
    skylines(chain.level_m, start_m, zone, last, chain.horizon, chain.skyline)
