"""What the cells of a mast give along a row of receivers, in stages over the whole row.

Like the stages of a path (``p1812.stages``) they are plain loops that become vector instructions,
in 32 bits. A row is cut to what lies between its first and its last receiver in reach.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage.antenna import DEGREES, Pattern, cut_angles_deg
from phusong.coverage.area.cells import Cells
from phusong.coverage.area.loss_windows import NO_PATH, STEPS_PER_DB
from phusong.coverage.elementary import DB_PER_OCTAVE, F32, angle, arc_tangent, exp2
from phusong.coverage.kernel import INLINE, LEAN, STAGE, apart, kernel
from phusong.coverage.units import milliwatt_from_dbm, ratio_from_db

GAIN_KNOTS_PER_DEG = 4
FIRST_DEG = -360.0  # of the cuts, which go round twice: no angle is ever brought back into a turn
AHEAD: float = -FIRST_DEG * GAIN_KNOTS_PER_DEG  # knots before the main direction
KNOTS_PER_RADIAN = F32(GAIN_KNOTS_PER_DEG * DEGREES)
OCTAVES_PER_STEP = F32(-1.0 / (STEPS_PER_DB * float(DB_PER_OCTAVE)))
LANES = 16  # numbers that vectors hold, at most
NEAREST = F32(1e-3)  # pixels; what stands nearer to a mast stands below it
FLOAT_ROWS, INTEGER_ROWS = 11, 3

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class Cell(NamedTuple):
    """A cell as the stages read it; angles are counted in knots of the cuts."""

    turns: float  # 0 where the antenna has no main direction
    azimuth: float  # place on the horizontal cut of what lies north
    elevation: float  # place on the vertical cut of what lies level
    power_mw: float
    floor: float
    ports: float


class Row(NamedTuple):
    """Room for a row of receivers: what they get of a mast, and where they see it."""

    passed: Floats  # share of the power left after the loss
    east: Floats  # pixels from the mast
    rise: Floats  # pixels above the antenna
    azimuth: Floats  # from the mast, knots
    elevation: Floats
    leaning_azimuth: Floats  # as an antenna sees them that leans forward
    leaning_elevation: Floats
    across: Floats  # gains
    upright: Floats
    best_mw: Floats
    total_mw: Floats
    steps: Integers
    cell: Integers
    servers: Integers


def room(width: int) -> tuple[Floats, Integers]:
    """Return room for a row of so many receivers, see ``row``."""
    lanes = -(-width // LANES) * LANES
    return np.empty((FLOAT_ROWS, lanes), np.float32), np.empty((INTEGER_ROWS, lanes), np.int32)


@kernel(**INLINE)
def row(floats: Floats, integers: Integers) -> Row:
    """Return the room as a record."""
    return Row(
        floats[0],
        floats[1],
        floats[2],
        floats[3],
        floats[4],
        floats[5],
        floats[6],
        floats[7],
        floats[8],
        floats[9],
        floats[10],
        integers[0],
        integers[1],
        integers[2],
    )


@kernel(**LEAN)
def heard(window: NDArray, first: int, last: int) -> tuple[int, int]:
    """Return where the receivers of a row of a window begin and end, within two columns."""
    while first < last and window[first] == NO_PATH:
        first += 1
    while last > first and window[last - 1] == NO_PATH:
        last -= 1
    return first, last


@kernel(**STAGE)
def directions(
    losses: NDArray,
    heights_m: Floats,
    east: tuple,
    north: float,
    stride: int,
    start_m: float,
    pixel_m: float,
    fall_m: float,
    weakest: float,
    count: int,
    steps: Integers,
    passed: Floats,
    easts: Floats,
    rise: Floats,
    azimuth: Floats,
    elevation: Floats,
) -> None:
    """Fill in the power left, and the directions from the mast to receivers from west to east.

    ``east`` and ``north`` are those of the first one, in pixels, ``east`` as whole pixels and the
    rest, so that no receiver's depends on where the row begins; ``weakest`` is the least share of
    the power that is received at all.
    """
    apart()
    size = (count + LANES - 1) // LANES * LANES
    for i in range(count):
        steps[i] = losses[i]
        rise[i] = heights_m[i]
    for i in range(count, size):
        steps[i] = NO_PATH
        rise[i] = F32(0.0)
    whole, rest, side = np.int32(east[0]), F32(east[1]), np.int32(stride)
    up, fall = F32(north), F32(fall_m)
    start, per_metre, least = F32(start_m), F32(1.0 / pixel_m), F32(weakest)
    for i in range(size):
        left = exp2(F32(steps[i]) * OCTAVES_PER_STEP)
        passed[i] = left if left >= least and steps[i] != NO_PATH else F32(0.0)
        easts[i] = F32(np.int32(whole + np.int32(np.int32(i) * side))) + rest
        square = easts[i] * easts[i] + up * up
        rise[i] = (rise[i] - start - fall * square) * per_metre
        azimuth[i] = angle(easts[i], up) * KNOTS_PER_RADIAN
        elevation[i] = arc_tangent(rise[i] / max(math.sqrt(square), NEAREST)) * KNOTS_PER_RADIAN


@kernel(**STAGE)
def leaning(
    east: Floats,
    rise: Floats,
    north: float,
    main: tuple,
    tilt: tuple,
    size: int,
    azimuth: Floats,
    elevation: Floats,
) -> None:
    """Fill in directions as an antenna sees them that leans forward (mechanical tilt).

    ``main`` and ``tilt`` are sine and cosine of its azimuth and of the tilt (TR 38.901 section
    7.1.3 with slant zero, as in ``antenna.tilted_angles_deg``).
    """
    apart()
    up = F32(north)
    sine, cosine, sine_tilt, cosine_tilt = F32(main[0]), F32(main[1]), F32(tilt[0]), F32(tilt[1])
    for i in range(size // LANES * LANES):
        forward = east[i] * sine + up * cosine
        right = east[i] * cosine - up * sine
        along = forward * cosine_tilt - rise[i] * sine_tilt
        rising = forward * sine_tilt + rise[i] * cosine_tilt
        level = max(math.sqrt(along * along + right * right), NEAREST)
        azimuth[i] = angle(right, along) * KNOTS_PER_RADIAN
        elevation[i] = arc_tangent(rising / level) * KNOTS_PER_RADIAN


@kernel(**STAGE)
def read_gains(
    cut: Floats, angles: Floats, turns: float, begin: float, size: int, gains: Floats
) -> None:
    """Fill in what a cut gives at angles (knots), counted from a place on it."""
    apart()
    factor, start = F32(turns), F32(begin)
    for i in range(size // LANES * LANES):
        place = factor * angles[i] + start
        knot = np.int32(place)
        k = np.uint32(knot)
        below = cut[k]
        gains[i] = below + (place - F32(knot)) * (cut[np.uint32(k + np.uint32(1))] - below)


@kernel(**STAGE)
def add_cell(
    passed: Floats,
    across: Floats,
    upright: Floats,
    cell: Cell,
    number: int,
    level_mw: float,
    size: int,
    best_mw: Floats,
    total_mw: Floats,
    best: Integers,
    servers: Integers,
) -> None:
    """Add a cell to what its mast gives."""
    apart()
    power_mw, floor, ports = F32(cell.power_mw), F32(cell.floor), F32(cell.ports)
    level, nth = F32(level_mw), np.int32(number)
    for i in range(size // LANES * LANES):
        here_mw = passed[i] * (power_mw * max(across[i] * upright[i], floor))
        better = here_mw > best_mw[i]
        best[i] = nth if better else best[i]
        best_mw[i] = max(here_mw, best_mw[i])
        total_mw[i] += here_mw * ports
        servers[i] += np.int32(1) if here_mw >= level else np.int32(0)


# Columns of the table of cells.
TURNS, AZIMUTH, ELEVATION, POWER_MW, FLOOR, PORTS, PATTERN, LEANS, ALIKE = range(9)
MAIN_SINE, MAIN_COSINE, TILT_SINE, TILT_COSINE = range(9, 13)


@kernel(**INLINE)
def cell_of(table: NDArray, i: int) -> Cell:
    """Return a row of the table of cells."""
    return Cell(
        table[i, TURNS],
        table[i, AZIMUTH],
        table[i, ELEVATION],
        table[i, POWER_MW],
        table[i, FLOOR],
        table[i, PORTS],
    )


@kernel(**LEAN)
def add_up(
    table: NDArray,
    cuts: NDArray,
    cells: tuple,
    north: float,
    level_mw: float,
    count: int,
    room: Row,
) -> None:
    """Add up the cells of a mast along a row whose directions are filled in."""
    size = (count + LANES - 1) // LANES * LANES
    for i in range(size):
        room.best_mw[i] = room.total_mw[i] = F32(0.0)
        room.cell[i] = room.servers[i] = np.int32(0)
    for c in range(cells[0], cells[1]):
        cell, pattern = cell_of(table, c), int(table[c, PATTERN])
        azimuth, elevation = room.azimuth, room.elevation
        if table[c, LEANS] > 0.0:
            azimuth, elevation = room.leaning_azimuth, room.leaning_elevation
            main = (table[c, MAIN_SINE], table[c, MAIN_COSINE])
            tilt = (table[c, TILT_SINE], table[c, TILT_COSINE])
            leaning(room.east, room.rise, north, main, tilt, size, azimuth, elevation)
        read_gains(cuts[pattern, 0], azimuth, cell.turns, cell.azimuth, size, room.across)
        if c == cells[0] or table[c, ALIKE] == 0.0:
            read_gains(cuts[pattern, 1], elevation, 1.0, cell.elevation, size, room.upright)
        add_cell(
            room.passed,
            room.across,
            room.upright,
            cell,
            c,
            level_mw,
            size,
            room.best_mw,
            room.total_mw,
            room.cell,
            room.servers,
        )


def cell_table(cells: Cells, order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return cells in an order as the stages read them, in the columns named above."""
    cells = cells.taken(order)
    main_deg = np.asarray(cells.azimuth_deg, float)
    turns = np.isfinite(main_deg)
    main_deg = np.where(turns, np.mod(main_deg + 180.0, 360.0) - 180.0, 0.0)
    tilt_deg = np.where(turns, cells.mechanical_tilt_deg, 0.0)
    leans = tilt_deg != 0.0
    floors_db = np.array([pattern.floor_db for pattern in cells.patterns])
    upright = AHEAD + GAIN_KNOTS_PER_DEG * np.asarray(cells.electrical_tilt_deg, float)
    alike = np.zeros(len(cells))
    alike[1:] = (
        (upright[1:] == upright[:-1])
        & (cells.pattern[1:] == cells.pattern[:-1])
        & ~leans[1:]
        & ~leans[:-1]
    )
    main, tilt = np.radians(main_deg), np.radians(tilt_deg)
    return np.column_stack(
        [
            turns,
            AHEAD - np.where(leans, 0.0, GAIN_KNOTS_PER_DEG * main_deg),
            upright,
            milliwatt_from_dbm(np.asarray(cells.eirp_dbm, float)),
            ratio_from_db(-floors_db[cells.pattern]),
            cells.ports,
            cells.pattern,
            leans,
            alike,
            np.sin(main),
            np.cos(main),
            np.sin(tilt),
            np.cos(tilt),
        ]
    )


def cut_gains(patterns: Sequence[Pattern]) -> NDArray[np.float32]:
    """Return both cuts of patterns as ratios of power, all round twice, with a knot to spare."""
    count = int(2 * AHEAD) + 2
    angle_deg = np.mod(np.arange(count) / GAIN_KNOTS_PER_DEG + 180.0, 360.0) - 180.0
    return np.array(
        [
            [ratio_from_db(-np.interp(angle_deg, cut_angles_deg(), cut)) for cut in p.cuts]
            for p in patterns
        ],
        np.float32,
    )
