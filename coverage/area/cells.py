"""The network as arrays: the surface it serves, its masts and its cells; checked at the door."""

import hashlib
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.antenna import Pattern, cut_angles_deg, sector
from phusong.coverage.area import reception
from phusong.coverage.area.reception import Fan, ReceiverGrid, half_window
from phusong.coverage.units import milliwatt_from_dbm, ratio_from_db
from phusong.errors import Defect, InputError
from phusong.messages import message

MAX_CELLS_PER_MAST = 255
RURAL, URBAN = 0, 1  # environments
ENGINE = b"3"  # to be raised when losses change, so that caches are not read across versions


class Adjustment(NamedTuple):
    """What a calibration makes of a model's loss at some pixels, beside an offset.

    Of the loss above free space over level ground a share counts; something is added by the
    distance.

    Parameters
    ----------
    obstruction
        Share of the loss above free space.
    slope_db
        Added for every decade of distance from 1 km on [dB].
    pixels
        Where it holds, shape (rows, columns).
    """

    obstruction: float
    slope_db: float
    pixels: NDArray[np.bool_]


@dataclass(frozen=True)
class Surface:
    """The grid of receivers: terrain, environment class, and who is asked for.

    ``environment`` holds ``RURAL`` or ``URBAN``; ``receivers`` is true
    where a result is wanted. ``clutter_m`` is the representative height of what stands on
    the ground, read by P.1812 only; ``clutter_db`` is the clutter loss that the standard
    propagation model weighs. Without them the ground is bare. ``offset_db`` is added to the
    loss of any model at the pixel, such as a calibration's, after its ``adjustment``. The first
    row is the northernmost.

    Parameters
    ----------
    terrain_m
        Heights above the sea, shape (rows, columns) [m].
    environment
        Class of each pixel.
    receivers
        Where a result is wanted.
    pixel_m
        Side of a pixel [m].
    clutter_m
        Height of what stands on the ground [m].
    clutter_db
        Loss by clutter [dB].
    offset_db
        Added to the loss [dB].
    adjustment
        Of the loss of the model.
    """

    terrain_m: NDArray[np.float32]
    environment: NDArray[np.uint8]
    receivers: NDArray[np.bool_]
    pixel_m: float
    clutter_m: NDArray[np.float32] | None = None
    clutter_db: NDArray[np.float32] | None = None
    offset_db: NDArray[np.float32] | None = None
    adjustment: Adjustment | None = None

    def ground(self, reach: "Reach") -> ReceiverGrid:
        """Return the record that the kernels read."""
        bare = np.zeros(self.terrain_m.shape, np.float32)
        return ReceiverGrid(
            np.ascontiguousarray(self.terrain_m, np.float32),
            np.ascontiguousarray(bare if self.clutter_m is None else self.clutter_m, np.float32),
            np.ascontiguousarray(self.environment, np.uint8),
            np.ascontiguousarray(self.receivers, np.bool_),
            float(self.pixel_m),
            float(reach.receiver_height_m),
            reach.model.fall_m(self.pixel_m),
        )


class AreaLoss(Protocol):
    """A model with its parameters fixed, as the area engine asks it.

    It is a frozen dataclass of numbers and texts: what it says of itself (``repr``) stands for
    its losses wherever they are kept.
    """

    def fall_m(self, pixel_m: float) -> float:
        """Return how far the effective Earth falls within the first pixel, in metres."""

    def fill(self, sweeps: "Sweeps", wanted: NDArray[np.int64], windows: NDArray) -> None:
        """Write the losses round some masts (rows of the table) into their windows."""

    def farthest_m(self, masts: "Masts", reach: "Reach", allowed_db: float) -> float:
        """Return a distance, at most the radius, beyond which losses exceed what is allowed."""


@dataclass(frozen=True)
class Reach:
    """By which model, how far and how finely masts are followed.

    ``radials_per_rim_pixel`` above 1 brings the sweep closer to path by path and costs time
    in proportion to it. ``model`` fixes the Earth radius too.

    Parameters
    ----------
    radius_m
        No loss beyond [m].
    receiver_height_m
        Above ground [m].
    radials_per_rim_pixel
        Radials for each pixel of the rim.
    model
        What sweeps the area.
    """

    radius_m: float = 5000.0
    receiver_height_m: float = 1.5
    radials_per_rim_pixel: float = 0.75
    model: AreaLoss = field(kw_only=True)

    def fan(self, pixel_m: float) -> Fan:
        """Return the pixels in reach of a mast and the radials through them."""
        return reception.fan(self.radius_m, pixel_m, self.radials_per_rim_pixel)


@dataclass(frozen=True)
class Masts:
    """Where antennas hang; one row per position, height and frequency.

    ``column`` and ``row`` count from 0.0 at the centre of the first pixel.

    Parameters
    ----------
    column
        Column of the grid, shape (masts,).
    row
        Row of the grid, shape (masts,).
    antenna_height_m
        Above ground, shape (masts,) [m].
    frequency_mhz
        Shape (masts,) [MHz].
    """

    column: NDArray[np.float64]
    row: NDArray[np.float64]
    antenna_height_m: NDArray[np.float64]
    frequency_mhz: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of masts."""
        return len(self.column)

    def table(self) -> NDArray[np.float64]:
        """Return the masts as rows of (column, row, height, frequency)."""
        columns = [self.column, self.row, self.antenna_height_m, self.frequency_mhz]
        return np.column_stack(columns).astype(np.float64)


@dataclass(frozen=True)
class Sweeps:
    """Everything that the losses of a set of masts depend on."""

    surface: Surface
    masts: Masts
    reach: Reach

    @cached_property
    def ground(self) -> ReceiverGrid:
        """Return the grid as the kernels read it."""
        return self.surface.ground(self.reach)

    @cached_property
    def fan(self) -> Fan:
        """Return the pixels in reach of a mast."""
        return self.reach.fan(self.surface.pixel_m)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """Return the masts as the kernels read them."""
        return self.masts.table()

    @property
    def side(self) -> int:
        """Return the side of a window in pixels."""
        return int(2 * half_window(self.fan.radius) + 1)

    @cached_property
    def clutter_db(self) -> NDArray[np.float32]:
        """Return the clutter loss of every pixel, nothing where none is known."""
        given = self.surface.clutter_db
        bare = np.zeros(self.surface.terrain_m.shape, np.float32)
        return np.ascontiguousarray(bare if given is None else given, np.float32)

    @cached_property
    def digest(self) -> bytes:
        """Return the fingerprint of the ground, the model and its parameters."""
        mark = hashlib.blake2b(ENGINE, digest_size=16)
        for part in self.ground:
            mark.update(np.ascontiguousarray(part).tobytes())
        for name in ("clutter_db", "offset_db"):
            pixels = getattr(self.surface, name)
            if pixels is not None:
                mark.update(name.encode() + np.ascontiguousarray(pixels, np.float32).tobytes())
        if (moved := self.surface.adjustment) is not None:
            mark.update(repr(moved[:2]).encode() + np.packbits(moved.pixels).tobytes())
        mark.update(repr((self.ground.terrain_m.shape, self.reach)).encode())
        return mark.digest()

    def key(self, m: int) -> str:
        """Return the name under which a mast's window is kept."""
        mark = hashlib.blake2b(self.digest, digest_size=16)
        mark.update(self.table[m].tobytes())
        return mark.hexdigest()


@dataclass(frozen=True)
class Cells:
    """What the masts radiate, one row per cell, in any order.

    ``eirp_dbm`` is the power per resource element in the main lobe; ``azimuth_deg`` is NaN
    where the antenna has no main direction; ``pattern`` is the row in ``patterns``.

    Parameters
    ----------
    mast
        Row of the mast, shape (cells,).
    azimuth_deg
        Clockwise from north [degrees].
    electrical_tilt_deg
        Below the horizon [degrees].
    mechanical_tilt_deg
        Below the horizon [degrees].
    eirp_dbm
        EIRP per resource element [dBm].
    pattern
        Row of the pattern.
    ports
        Antenna ports that each radiate ``eirp_dbm`` in a resource element of data.
    patterns
        The patterns.
    """

    mast: NDArray[np.int64]
    azimuth_deg: NDArray[np.float64]
    electrical_tilt_deg: NDArray[np.float64]
    mechanical_tilt_deg: NDArray[np.float64]
    eirp_dbm: NDArray[np.float64]
    pattern: NDArray[np.int64]
    ports: NDArray[np.int64]
    patterns: tuple[Pattern, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.mast)

    def table(self) -> NDArray[np.float64]:
        """Return the cells as rows of (azimuth, tilts, milliwatts, pattern, floor gain, ports)."""
        floors_db = np.array([pattern.floor_db for pattern in self.patterns])
        return np.column_stack(
            [
                np.mod(np.asarray(self.azimuth_deg, float) + 180.0, 360.0) - 180.0,
                self.electrical_tilt_deg,
                np.where(np.isnan(self.azimuth_deg), 0.0, self.mechanical_tilt_deg),
                milliwatt_from_dbm(np.asarray(self.eirp_dbm, float)),
                self.pattern,
                ratio_from_db(-floors_db[self.pattern]),
                self.ports,
            ]
        )

    def gains(self, knots_per_deg: int) -> NDArray[np.float32]:
        """Return both cuts of every pattern as power ratios at this many knots a degree."""
        angle_deg = np.linspace(-180.0, 180.0, 360 * knots_per_deg + 1)
        return np.array(
            [
                [ratio_from_db(-np.interp(angle_deg, cut_angles_deg(), cut)) for cut in p.cuts]
                for p in self.patterns
            ],
            np.float32,
        )


def cells(
    mast: ArrayLike,
    azimuth_deg: ArrayLike,
    eirp_dbm: ArrayLike,
    tilt_deg: ArrayLike = 0.0,
    pattern: Pattern | None = None,
) -> Cells:
    """Return cells of one antenna type, of one port each; single values hold for all."""
    index, azimuth, power, tilt = np.broadcast_arrays(
        np.atleast_1d(np.asarray(mast, np.int64)),
        np.asarray(azimuth_deg, float),
        np.asarray(eirp_dbm, float),
        np.asarray(tilt_deg, float),
    )
    return Cells(
        index,
        azimuth,
        tilt,
        np.zeros(index.size),
        power,
        np.zeros(index.size, np.int64),
        np.ones(index.size, np.int64),
        (sector() if pattern is None else pattern,),
    )


def _mast_defects(surface: Surface, masts: Masts) -> list[Defect]:
    """Return the masts that stand outside the terrain or have no physical height."""
    height, width = surface.terrain_m.shape
    inside = (np.abs(np.asarray(masts.column) - 0.5 * (width - 1)) <= 0.5 * width) & (
        np.abs(np.asarray(masts.row) - 0.5 * (height - 1)) <= 0.5 * height
    )
    tall = np.asarray(masts.antenna_height_m) > 0.0
    tuned = np.asarray(masts.frequency_mhz) > 0.0
    rules = (
        (inside, "stands outside the terrain", "use a terrain that covers the site"),
        (tall, "antenna height is not above zero", ""),
        (tuned, "frequency is not above zero", ""),
    )
    return [
        Defect("masts", problem, remedy, row=int(i) + 1)
        for holds, problem, remedy in rules
        for i in np.flatnonzero(~holds)
    ]


def _void_defects(surface: Surface, masts: Masts, reach: Reach) -> list[Defect]:
    """Return the masts whose circle holds terrain without a height."""
    rows, columns = np.nonzero(~np.isfinite(surface.terrain_m))
    if rows.size == 0:
        return []
    radius = reach.radius_m / surface.pixel_m + 2.0
    defects = []
    for i in range(len(masts)):
        near = np.hypot(rows - masts.row[i], columns - masts.column[i]) <= radius
        if near.any():
            problem = message(
                "problem.pixels_without_terrain_height_within_m",
                sum=near.sum(),
                radius_m=reach.radius_m,
            )
            remedy = message("remedy.fill_the_voids_or_choose_a")
            defects.append(Defect("masts", problem, remedy, row=i + 1))
    return defects


def _cell_defects(masts: Masts, cells: Cells) -> list[Defect]:
    """Return the cells that belong to no mast, to a crowded one, or have no power."""
    mast = np.asarray(cells.mast)
    known = (mast >= 0) & (mast < len(masts))
    per_mast = np.bincount(mast[known], minlength=len(masts))
    roomy = np.ones(len(mast), bool)
    roomy[known] = per_mast[mast[known]] <= MAX_CELLS_PER_MAST
    rules = (
        (known, "belongs to no mast"),
        (roomy, f"its mast has more than {MAX_CELLS_PER_MAST} cells"),
        (np.isfinite(cells.eirp_dbm), "power is not a number"),
        ((cells.pattern >= 0) & (cells.pattern < len(cells.patterns)), "has no antenna pattern"),
    )
    return [
        Defect("cells", problem, row=int(i) + 1)
        for holds, problem in rules
        for i in np.flatnonzero(~holds)
    ]


def check(surface: Surface, masts: Masts, cells: Cells | None, reach: Reach) -> None:
    """Raise one InputError with everything that keeps the network from being computed."""
    defects = _mast_defects(surface, masts)
    if not (math.isfinite(reach.radius_m) and reach.radius_m >= surface.pixel_m):
        problem = message("problem.radius_m_is_less_than_a", radius_m=reach.radius_m)
        defects.append(Defect("reach", problem))
    elif not defects:
        defects += _void_defects(surface, masts, reach)
    if cells is not None:
        defects += _cell_defects(masts, cells)
    if defects:
        raise InputError(message("refusal.the_network_cannot_be_computed"), defects)
