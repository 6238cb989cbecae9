"""Who listens to a mast: the pixels within a radius, each on the nearest of its radials."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.antenna import arc_tangent
from phusong.coverage.kernel import INNER, KERNEL, kernel

EARTH_RADIUS_M = 6_371_000.0
MEDIAN_K = 4.0 / 3.0
TAU = 2.0 * math.pi


class ReceiverGrid(NamedTuple):
    """The grid that paths run over, and who listens where."""

    terrain_m: NDArray[np.float32]
    clutter_m: NDArray[np.float32]  # representative heights, for models that know them
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
    frequency_mhz: float


class Fan(NamedTuple):
    """The receivers between two distances, nearest first, and the number of radials to them.

    A receiver stands in the middle pixel of every square of ``stride`` pixels a side. Squares
    begin at the first pixel of the grid, and those of the next ring, ``coarser`` pixels a side,
    hold whole squares of this one: the ring ends where the middle of a coarser square lies
    beyond ``outer``, and begins where that of its own lies beyond ``inner``, so that rings
    neither overlap nor leave a gap.
    """

    offsets: NDArray[np.int16]  # column and row of squares against that of the mast
    radius: float  # pixels; no receiver is farther
    radials: int
    stride: int = 1
    inner: float = -1.0  # pixels
    outer: float = math.inf
    coarser: int = 1


class Receivers(NamedTuple):
    """The receivers of one mast, radial by radial, outwards."""

    pixel: NDArray[np.int32]  # index into the flattened grid
    distance: NDArray[np.float32]  # pixels
    first: NDArray[np.int32]  # place of each radial's first receiver


@kernel(**INNER)
def half_window(fan: Fan) -> int:
    """Return how many squares a window reaches on either side of the mast's own."""
    return math.floor(fan.radius / fan.stride + 0.5)


@kernel(**INNER)
def square_of(at: float, stride: int) -> int:
    """Return the row (or column) of squares that a row (or column) of the grid lies in."""
    return math.floor(math.floor(at + 0.5) / stride)


@kernel(**INNER)
def middle(square: int, stride: int) -> int:
    """Return the row (or column) of pixels in the middle of a square; strides are odd."""
    return square * stride + stride // 2


def fall_per_pixel_m(pixel_m: float, k_factor: float = MEDIAN_K) -> float:
    """Return the fall of the effective Earth within one pixel: d squared over twice k a."""
    return pixel_m**2 / (2.0 * k_factor * EARTH_RADIUS_M)


def fan(
    radius_m: float,
    pixel_m: float,
    radials_per_rim_pixel: float = 0.75,
    inner_m: float = -1.0,
    stride: int = 1,
    coarser: int = 1,
) -> Fan:
    """Return the receivers in reach and a number of radials.

    One radial per square of the rim keeps every receiver within half a square of its radial;
    more come closer to path by path and cost time in proportion.
    """
    outer = radius_m / pixel_m
    radius = outer + (math.sqrt(0.5) * (coarser - stride))
    reach = math.floor(radius / stride + 0.5)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(rows, columns).ravel()
    order = np.argsort(distance, kind="stable")
    aside = math.sqrt(0.5)  # of a mast from the middle of its square
    inside = (distance[order] <= radius / stride + aside) & (
        distance[order] > inner_m / (pixel_m * stride) - aside
    )
    order = order[inside]
    offsets = np.column_stack([columns.ravel()[order], rows.ravel()[order]]).astype(np.int16)
    radials = 8 * math.ceil(TAU * outer / stride * radials_per_rim_pixel / 8.0)
    return Fan(offsets, radius, radials, stride, inner_m / pixel_m, outer, coarser)


@kernel(**INNER)
def _square_distance(mast: Mast, row: int, column: int) -> float:
    """Return the square of how far a pixel lies from a mast."""
    east, north = column - mast.column, mast.row - row
    return east * east + north * north


@kernel(**INNER)
def on_edge(mast: Mast, fan: Fan, place: tuple) -> bool:
    """Return whether a receiver stands on the last squares of the last ring."""
    if fan.coarser != fan.stride:
        return False
    inner = max(fan.outer - fan.stride, 0.0)
    return _square_distance(mast, place[0], place[1]) > inner * inner


@kernel(**INNER)
def _in_ring(mast: Mast, fan: Fan, row: int, column: int, square: float) -> bool:
    """Return whether the receiver of a square belongs to the ring, see ``Fan``."""
    if fan.inner >= 0.0 and square <= fan.inner * fan.inner:
        return False
    if fan.coarser != fan.stride:
        around_row = middle(row // fan.coarser, fan.coarser)
        around_column = middle(column // fan.coarser, fan.coarser)
        square = _square_distance(mast, around_row, around_column)
    return square <= fan.outer * fan.outer


@kernel(**INNER)
def _locate(
    ground: ReceiverGrid, mast: Mast, fan: Fan, receivers: Receivers, radial: NDArray
) -> int:
    """Fill in the receivers in reach, nearest first, and their radials; return how many."""
    height, width = ground.terrain_m.shape
    column0, row0 = square_of(mast.column, fan.stride), square_of(mast.row, fan.stride)
    count = 0
    for i in range(fan.offsets.shape[0]):
        column = middle(column0 + fan.offsets[i, 0], fan.stride)
        row = middle(row0 + fan.offsets[i, 1], fan.stride)
        if not (0 <= column < width and 0 <= row < height) or not ground.receivers[row, column]:
            continue
        square = _square_distance(mast, row, column)
        if not _in_ring(mast, fan, row, column, square):
            continue
        angle = arc_tangent(column - mast.column, mast.row - row)
        angle += TAU if angle < 0.0 else 0.0
        receivers.pixel[count] = row * width + column
        receivers.distance[count] = math.sqrt(square)
        radial[count] = int(angle * (fan.radials / TAU) + 0.5) % fan.radials
        count += 1
    return count


@kernel(**INNER)
def _arrange(receivers: Receivers, radial: NDArray, arranged: Receivers, place: NDArray) -> None:
    """Copy receivers to the places of their radials."""
    for i in range(arranged.pixel.size):
        at = place[radial[i]]
        place[radial[i]] = at + 1
        arranged.pixel[at] = receivers.pixel[i]
        arranged.distance[at] = receivers.distance[i]


@kernel(**INNER)
def _settle(receivers: Receivers, start: int, end: int) -> None:
    """Put the receivers of one radial in order of distance; they are nearly so."""
    for i in range(start + 1, end):
        pixel, distance = receivers.pixel[i], receivers.distance[i]
        j = i
        while j > start and receivers.distance[j - 1] > distance:
            receivers.pixel[j] = receivers.pixel[j - 1]
            receivers.distance[j] = receivers.distance[j - 1]
            j -= 1
        receivers.pixel[j], receivers.distance[j] = pixel, distance


@kernel(**KERNEL)
def _empty_receivers(count: int, first: NDArray) -> Receivers:
    return Receivers(np.empty(count, np.int32), np.empty(count, np.float32), first)


@kernel(**KERNEL)
def trace(ground: ReceiverGrid, mast: Mast, fan: Fan) -> Receivers:
    """Return the receivers of a mast, each on its nearest radial."""
    size = fan.offsets.shape[0]
    first, radial = np.zeros(fan.radials + 1, np.int32), np.empty(size, np.int32)
    located = _empty_receivers(size, first)
    count = _locate(ground, mast, fan, located, radial)
    for i in range(count):
        first[radial[i] + 1] += 1
    for k in range(fan.radials):
        first[k + 1] += first[k]
    arranged = _empty_receivers(count, first)
    _arrange(located, radial, arranged, first.copy())
    for k in range(fan.radials):
        _settle(arranged, first[k], first[k + 1])
    return arranged
