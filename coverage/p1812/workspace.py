"""What the stages of a radial work on: a mast, the places of its receivers, and what is handed on.

Arrays are rows of a few large ones, which are made once for a mast.
"""

from typing import NamedTuple

from phusong.coverage.kernel import INLINE, kernel
from phusong.coverage.p1812 import ducting, line
from phusong.coverage.p1812.climate import Climate, Knots
from phusong.coverage.p1812.ducting import DUCT_ROWS, Ducts
from phusong.coverage.p1812.line import Between, Floats, Frame, Integers
from phusong.coverage.p1812.loss import Setup
from phusong.coverage.p1812.own_path import Obstructions, Rays


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


class PathEnds(NamedTuple):
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

    paths: Rays
    between: Between
    flat_m: Floats
    raised_m: Floats
    nearest_bare: Floats
    nearest_at: Floats
    near: Obstructions
    beta: Obstructions
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
WORK_ROWS = 41 + DUCT_ROWS, 5  # of 32-bit numbers, of 32-bit integers


@kernel(**INLINE)
def places(a: Floats, receiver: Integers) -> PathEnds:
    """Return room for receivers, ``PLACES_ROWS`` rows of numbers."""
    return PathEnds(a[0], a[1], a[2], a[3], a[4], a[5], a[6], receiver)


@kernel(**INLINE)
def work_of(a: Floats, steps: Integers) -> Work:
    """Return room for what stages hand on, so many rows as ``WORK_ROWS`` says."""
    return Work(
        Rays(a[0], a[1], a[2], a[3], a[4], a[5], a[6], steps[0], steps[1]),
        line.between(a[36:38], steps[2:4]),
        a[38],
        a[7],
        a[39],
        a[40],
        Obstructions(a[8], a[9], a[10]),
        Obstructions(a[11], a[12], a[13]),
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
