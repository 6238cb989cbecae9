"""The last steps before every receiver, on its own path.

There a few metres sideways matter most. What is wanted of them are maxima and minima alone, so
that nothing is stored: loops run over receivers, step after step.
"""

from typing import NamedTuple

import numpy as np

from phusong.coverage.kernel import INLINE, STAGE, apart, kernel
from phusong.coverage.p1812.line import (
    F32,
    I32,
    LANES,
    LOWEST,
    ONE,
    Floats,
    Frame,
    Integers,
    between_pixels,
    place,
)

OWN_STEPS = 24
NEAREST_STEP = F32(0.5)  # pixels; no point of the radial stands nearer to a receiver
ROUNDING = F32(1e-4)  # of distances that are whole steps
FEWEST = F32(0.01)  # pixels, of a receiver on the mast's own place


class Rays(NamedTuple):
    """The straight rays to the receivers of a radial, a number each."""

    at: Floats  # distance in pixels
    end_m: Floats  # height of the antenna, lowered by the fall of the Earth
    slope: Floats
    step: Floats  # distance of the points of a profile of its own, about a pixel
    steps: Floats  # how many make the path
    back_column: Floats  # of one step towards the mast
    back_row: Floats
    last: Integers  # step of the radial after which the own path begins
    last_bare: Integers  # step of the radial before the receiver


class Obstructions(NamedTuple):
    """What stands just before the receivers; later of the whole path."""

    rise: Floats  # steepest slope from the mast
    back: Floats  # steepest slope from the receiver
    closest: Floats  # least squared clearance over the product of the distances from both ends


@kernel(**STAGE)
def rays(
    column: Floats,
    row: Floats,
    at: Floats,
    ground_m: Floats,
    roof_m: Floats,
    frame: Frame,
    start_m: float,
    fall_m: float,
    size: int,
    end_m: Floats,
    slope: Floats,
    step: Floats,
    steps: Floats,
    back_column: Floats,
    back_row: Floats,
    last: Integers,
    last_bare: Integers,
) -> None:
    """Fill in the rays to receivers so high above ground."""
    apart()
    start, fall = F32(start_m), F32(fall_m)
    mast_column, mast_row = F32(frame.mast_column), F32(frame.mast_row)
    for i in range(size // LANES * LANES):
        count = max(np.ceil(at[i] - ROUNDING), ONE)
        share = ONE / count
        steps[i], step[i] = count, at[i] * share
        back_column[i] = (mast_column - column[i]) * share
        back_row[i] = (mast_row - row[i]) * share
        end_m[i] = ground_m[i] + roof_m[i] - fall * at[i] * at[i]
        slope[i] = (end_m[i] - start) / at[i]
        before = at[i] - F32(OWN_STEPS) * at[i] * share - NEAREST_STEP
        last[i] = I32(max(before, F32(0.0)))
        last_bare[i] = I32(max(at[i] - NEAREST_STEP, F32(0.0)))


@kernel(**INLINE)
def _stretch(nth: float, steps: float, step: float, at: float) -> tuple[bool, float, float]:
    """Return whether a step stands on the path, and how far from the mast and the receiver."""
    real, away = nth < steps, nth * step
    return real, at - away if real else ONE, away


@kernel(**INLINE)
def _seen(
    level_m: float, start_m: float, end_m: float, slope: float, run: float, away: float
) -> tuple[float, float, float]:
    """Return the slopes from both ends to a point, and how near it comes to the ray."""
    both = ONE / (run * away)
    clear_m = end_m - slope * away - level_m
    rises, backs = (level_m - start_m) * (away * both), (level_m - end_m) * (run * both)
    return rises, backs, clear_m * clear_m * both


@kernel(**STAGE)
def look_back(
    terrain: Floats,
    clutter: Floats,
    frame: Frame,
    column: Floats,
    row: Floats,
    at: Floats,
    end_m: Floats,
    slope: Floats,
    step: Floats,
    steps: Floats,
    back_column: Floats,
    back_row: Floats,
    start_m: float,
    falls_m: tuple,
    limit: float,
    size: int,
    corner: Integers,
    nearest: Integers,
    x: Floats,
    y: Floats,
    flat_m: Floats,
    raised_m: Floats,
    rise: Floats,
    back: Floats,
    closest: Floats,
    rise_beta: Floats,
    back_beta: Floats,
    closest_beta: Floats,
    tx_slope: Floats,
    rx_slope: Floats,
    tx_steps: Floats,
    rx_steps: Floats,
    nearest_bare: Floats,
    nearest_at: Floats,
) -> None:
    """Fill in what stands one step, two steps ... before the receivers, for both Earth radii.

    ``limit`` is the closest approach, times the distance, that still counts.
    """
    apart()
    size = size // LANES * LANES
    start, fall, fall_beta = F32(start_m), F32(falls_m[0]), F32(falls_m[1])
    sinks = fall - fall_beta
    for i in range(size):
        rise[i] = rise_beta[i] = back[i] = back_beta[i] = LOWEST
        closest[i] = closest_beta[i] = F32(limit) / at[i]
        tx_slope[i] = rx_slope[i] = LOWEST
        tx_steps[i] = rx_steps[i] = nearest_at[i] = F32(0.0)
        nearest_bare[i] = -LOWEST
    for j in range(1, OWN_STEPS + 1):
        nth = F32(I32(j))
        for i in range(size):
            corner[i], nearest[i], x[i], y[i] = place(
                frame, column[i] + nth * back_column[i], row[i] + nth * back_row[i]
            )
        for i in range(size):
            flat_m[i] = between_pixels(terrain, corner[i], frame.width, x[i], y[i])
            raised_m[i] = flat_m[i] + clutter[np.uint32(nearest[i])]
        for i in range(size):
            real, run, away = _stretch(nth, steps[i], step[i], at[i])
            rises, backs, near = _seen(
                raised_m[i] - fall * run * run, start, end_m[i], slope[i], run, away
            )
            rise[i] = max(rise[i], rises if real else LOWEST)
            back[i] = max(back[i], backs if real else LOWEST)
            closest[i] = min(closest[i], near if real else closest[i])
        for i in range(size):
            real, run, away = _stretch(nth, steps[i], step[i], at[i])
            rises, backs, near = _seen(
                flat_m[i] - fall * run * run, start, end_m[i], slope[i], run, away
            )
            steeper, behind = real and rises >= tx_slope[i], real and backs > rx_slope[i]
            tx_slope[i], tx_steps[i] = (
                rises if steeper else tx_slope[i],
                run if steeper else tx_steps[i],
            )
            rx_slope[i], rx_steps[i] = (
                backs if behind else rx_slope[i],
                away if behind else rx_steps[i],
            )
            nearer = real and near < nearest_bare[i]
            nearest_at[i] = run if nearer else nearest_at[i]
            nearest_bare[i] = near if nearer else nearest_bare[i]
        if falls_m[1] >= 0.0:
            for i in range(size):
                real, run, away = _stretch(nth, steps[i], step[i], at[i])
                level_m, less = raised_m[i] - fall_beta * run * run, sinks * at[i]
                end, steep = end_m[i] + less * at[i], slope[i] + less
                rises, backs, near = _seen(level_m, start, end, steep, run, away)
                rise_beta[i] = max(rise_beta[i], rises if real else LOWEST)
                back_beta[i] = max(back_beta[i], backs if real else LOWEST)
                closest_beta[i] = min(closest_beta[i], near if real else closest_beta[i])


@kernel(**STAGE)
def highest_before(
    clutter: Floats,
    frame: Frame,
    column: Floats,
    row: Floats,
    step: Floats,
    steps: Floats,
    back_column: Floats,
    back_row: Floats,
    edge: float,
    size: int,
    corner: Integers,
    nearest: Integers,
    x: Floats,
    y: Floats,
    highest_m: Floats,
) -> None:
    """Fill in the highest clutter on the last stretch (pixels) before the receivers."""
    apart()
    size = size // LANES * LANES
    stretch = F32(edge) + ROUNDING
    most = 0
    for i in range(size):
        highest_m[i] = F32(0.0)
        most = max(most, int(min(stretch / step[i], steps[i] - ONE)))
    for j in range(1, most + 1):
        nth = F32(I32(j))
        for i in range(size):
            real = nth < steps[i] and nth * step[i] <= stretch
            back = nth if real else F32(0.0)
            corner[i], nearest[i], x[i], y[i] = place(
                frame, column[i] + back * back_column[i], row[i] + back * back_row[i]
            )
        for i in range(size):
            highest_m[i] = max(highest_m[i], clutter[np.uint32(nearest[i])])
