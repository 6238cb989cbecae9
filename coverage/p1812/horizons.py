"""What stands between a mast and its receivers, found on the hulls of their radial.

One receiver after another: each follows the chain of its hull only as far as it must.
"""

from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.line import BLOCK, F32, I32, LOWEST, Floats, Integers

QUARTER = F32(0.25)
TINY = F32(1e-4)


@kernel(**INLINE)
def tangent_point(level_m: Floats, parent: Integers, top: int, at: float, end_m: float) -> int:
    """Return the point of a hull that stands steepest above a receiver, from its last point on."""
    best = I32(top)
    under = parent[best]
    while under > 0 and (level_m[under] - end_m) * (at - F32(best)) > (level_m[best] - end_m) * (
        at - F32(under)
    ):
        best, under = under, parent[under]
    return best


@kernel(**INLINE)
def _may_be_nearer(
    ridge_m: float, first: int, end: int, at: float, start_m: float, slope: float, nearest: float
) -> bool:
    """Return whether the highest point of a block may come nearer to a ray."""
    near, far = F32(first), F32(end)
    clear_m = start_m + min(slope * near, slope * far) - ridge_m
    widest = max(near * (at - near), far * (at - far))
    if near < F32(0.5) * at and F32(0.5) * at < far:
        widest = QUARTER * at * at
    return clear_m <= F32(0.0) or clear_m * clear_m < nearest * widest


@kernel(**STAGE)
def obstacles(
    at: Floats,
    end_m: Floats,
    slope: Floats,
    last: Integers,
    start_m: float,
    sinks: float,
    size: int,
    level_m: Floats,
    horizon: Floats,
    skyline: Floats,
    parent: Integers,
    ridge_m: Floats,
    rise: Floats,
    back: Floats,
    closest: Floats,
) -> None:
    """Bring what stands before the receivers up to their whole paths.

    In sight the search for the closest approach ends where the ray is above the skyline of all
    that is left. ``sinks`` is how much less the Earth falls within the first pixel than for
    the rays given.
    """
    apart()
    start, less = F32(start_m), F32(sinks)
    for i in range(size):
        top, way = last[i], at[i]
        if top == 0:
            continue
        down_m, steep = end_m[i] + less * way * way, slope[i] + less * way
        far = horizon[top]
        rise[i] = max(rise[i], far)
        if rise[i] >= steep:
            k = tangent_point(level_m, parent, top, way, down_m)
            back[i] = max(back[i], (level_m[k] - down_m) / (way - F32(k)))
        elif steep <= skyline[top]:
            closest[i] = _closest(level_m, ridge_m, skyline, top, way, start, steep, closest[i])


@kernel(**INLINE)
def _closest(
    level_m: Floats,
    ridge_m: Floats,
    skyline: Floats,
    top: int,
    at: float,
    start_m: float,
    slope: float,
    closest: float,
) -> float:
    """Return the smallest squared clearance over (s (at - s)) of a ray in sight."""
    for block in range(top // BLOCK, -1, -1):
        first, end = I32(max(block * BLOCK, 1)), I32(min(block * BLOCK + BLOCK - 1, top))
        if slope > skyline[end]:
            break
        if not _may_be_nearer(ridge_m[block], first, end, at, start_m, slope, closest):
            continue
        for s in range(first, end + 1):
            run = F32(I32(s))
            clear_m = start_m + slope * run - level_m[s]
            closest = min(closest, clear_m * clear_m / (run * (at - run)))
    return closest


@kernel(**STAGE)
def bare_horizons(
    at: Floats,
    end_m: Floats,
    slope: Floats,
    last: Integers,
    size: int,
    level_m: Floats,
    horizon: Floats,
    horizon_at: Integers,
    parent: Integers,
    tx_slope: Floats,
    rx_slope: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
) -> None:
    """Fill in the horizons over the bare terrain (eq. 76 to 83), and how far away they are.

    They hold what stands just before the receivers. In line of sight they become the other
    antenna, and the distances nothing.
    """
    apart()
    for i in range(size):
        top = last[i]
        if horizon[top] >= tx_slope[i]:
            tx_slope[i], tx_steps[i] = horizon[top], F32(horizon_at[top])
        if tx_slope[i] <= slope[i]:
            tx_slope[i], rx_slope[i] = slope[i], -slope[i]
            tx_steps[i] = rx_steps[i] = F32(0.0)
        elif top > 0:
            k = tangent_point(level_m, parent, top, at[i], end_m[i])
            steps = at[i] - F32(k)
            steep = (level_m[k] - end_m[i]) / steps
            if steep > rx_slope[i]:
                rx_slope[i], rx_steps[i] = steep, steps


@kernel(**INLINE)
def nearest_step(
    level_m: Floats,
    ridge_m: Floats,
    skyline: Floats,
    top: int,
    at: float,
    start_m: float,
    slope: float,
    nearest: float,
    limit: float,
) -> int:
    """Return the step at which the terrain comes nearer than that to a ray in sight (eq. 81).

    0 where there is none. Within the limit the skyline holds: above it nothing is so near.
    """
    best = I32(0)
    for block in range(top // BLOCK, -1, -1):
        first, end = I32(max(block * BLOCK, 1)), I32(min(block * BLOCK + BLOCK - 1, top))
        if nearest <= limit and slope > skyline[end]:
            break
        if not _may_be_nearer(ridge_m[block], first, end, at, start_m, slope, nearest):
            continue
        for k in range(end, first - 1, -1):
            run = F32(I32(k))
            clear_m = start_m + slope * run - level_m[k]
            near = clear_m * clear_m
            if near < nearest * run * (at - run):
                nearest, best = near / (run * (at - run)), I32(k)
    return best


@kernel(**INLINE)
def highest_above(
    flat_m: Floats, parent: Integers, top: int, span: tuple, from_m: float, slope: float
) -> float:
    """Return how far the terrain between two steps rises above a straight line from the mast.

    Points of the hull are enough: it is that of terrain lowered by the fall of the Earth, which
    holds all points of the hull of the terrain.
    """
    highest_m, k = LOWEST, I32(top)
    while k > 0 and F32(k) >= span[0] - TINY:
        if F32(k) <= span[1] + TINY:
            highest_m = max(highest_m, flat_m[k] - from_m - slope * F32(k))
        k = parent[k]
    return highest_m
