"""The network as arrays: the surface it serves, its masts and its cells, and how far they reach."""

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import xxhash
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.antenna import Pattern, sector
from phusong.coverage.area import reception, squares
from phusong.coverage.area.reception import Fan, ReceiverGrid, half_window

RURAL, URBAN = 0, 1  # environments
FAR_RADIALS = 2 / 3  # of those of the nearest ring, for each receiver on the rim
ENGINE = b"6"  # to be raised when losses change, so that caches are not read across versions


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

    def framed(self, side: int) -> "Surface":
        """Return the surface made of whole squares, level and without receivers where it grows."""
        if not any(squares.missing(count, side) for count in self.terrain_m.shape):
            return self
        grids: dict[str, Any] = {
            each.name: squares.framed(values, side)
            for each in fields(self)
            if isinstance(values := getattr(self, each.name), np.ndarray)
        }
        grids["receivers"] = squares.framed(self.receivers, side, fill=False)
        moved = self.adjustment
        moved = moved and moved._replace(pixels=squares.framed(moved.pixels, side))
        return replace(self, **grids, adjustment=moved)

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


class Ring(NamedTuple):
    """Receivers between two distances from a mast, one for each square of ``stride`` pixels.

    ``coarser`` is the stride of the ring after it, its own where it is the last.
    """

    inner_m: float  # negative in the first
    outer_m: float
    stride: int
    coarser: int


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
        Radials for each receiver on the rim.
    coarsening
        Distances [m] in rising order, each with the side of the squares, in pixels, for which
        one receiver stands from there on: odd, and a multiple of the one before.
    model
        What sweeps the area.
    """

    radius_m: float = 5000.0
    receiver_height_m: float = 1.5
    radials_per_rim_pixel: float = 0.75
    coarsening: tuple[tuple[float, int], ...] = ()
    model: AreaLoss = field(kw_only=True)

    @property
    def rings(self) -> tuple[Ring, ...]:
        """Return the rings up to the radius, the nearest first."""
        begins = [(-1.0, 1), *(each for each in self.coarsening if each[0] < self.radius_m)]
        ends = [*begins[1:], (self.radius_m, begins[-1][1])]
        return tuple(
            Ring(inner_m, outer_m, stride, coarser)
            for (inner_m, stride), (outer_m, coarser) in zip(begins, ends, strict=True)
        )

    def fan(self, pixel_m: float, ring: Ring | None = None) -> Fan:
        """Return the receivers of a ring (by default the nearest) and the radials to them."""
        own = ring or self.rings[0]
        density = self.radials_per_rim_pixel * (FAR_RADIALS if own.stride > 1 else 1.0)
        return reception.fan(own.outer_m, pixel_m, density, own.inner_m, own.stride, own.coarser)


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
    """Everything that the losses of a set of masts over a ring depend on.

    The ring is the nearest where none is given; the grid holds whole squares of it
    (``Surface.framed``).
    """

    surface: Surface
    masts: Masts
    reach: Reach
    ring: Ring | None = None

    @cached_property
    def ground(self) -> ReceiverGrid:
        """Return the grid as the kernels read it, with the receivers of the ring."""
        whole = self.surface.ground(self.reach)
        return whole._replace(receivers=squares.middles(whole.receivers, self.fan.stride))

    @cached_property
    def fan(self) -> Fan:
        """Return the receivers in reach of a mast."""
        return self.reach.fan(self.surface.pixel_m, self.ring)

    @cached_property
    def table(self) -> NDArray[np.float64]:
        """Return the masts as the kernels read them."""
        return self.masts.table()

    @property
    def side(self) -> int:
        """Return the side of a window in squares."""
        return int(2 * half_window(self.fan) + 1)

    @cached_property
    def clutter_db(self) -> NDArray[np.float32]:
        """Return the clutter loss of every pixel, nothing where none is known."""
        given = self.surface.clutter_db
        bare = np.zeros(self.surface.terrain_m.shape, np.float32)
        return np.ascontiguousarray(bare if given is None else given, np.float32)

    @cached_property
    def digest(self) -> bytes:
        """Return the fingerprint of the ground, the model and its parameters."""
        mark = xxhash.xxh3_128(ENGINE)
        for part in self.ground:
            mark.update(np.ascontiguousarray(part).data)
        for name in ("clutter_db", "offset_db"):
            pixels = getattr(self.surface, name)
            if pixels is not None:
                mark.update(name.encode())
                mark.update(np.ascontiguousarray(pixels, np.float32).data)
        if (moved := self.surface.adjustment) is not None:
            mark.update(repr(moved[:2]).encode() + np.packbits(moved.pixels).tobytes())
        about = (self.ground.terrain_m.shape, self.reach.model, *self.fan[1:])
        mark.update(repr(about).encode())
        return mark.digest()

    def key(self, m: int) -> str:
        """Return the name under which a mast's window is kept."""
        mark = xxhash.xxh3_128(self.digest)
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

    def taken(self, rows: NDArray[np.int64]) -> "Cells":
        """Return some of the cells, with all patterns."""
        columns: dict[str, Any] = {
            each.name: np.asarray(getattr(self, each.name))[rows] for each in fields(self)[:-1]
        }
        return replace(self, **columns)


def cells(
    mast: ArrayLike,
    azimuth_deg: ArrayLike,
    eirp_dbm: ArrayLike,
    tilt_deg: ArrayLike = 0.0,
    pattern: Pattern | None = None,
    ports: int = 1,
) -> Cells:
    """Return cells of one antenna type, each of so many ports; single values hold for all."""
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
        np.full(index.size, ports, np.int64),
        (sector() if pattern is None else pattern,),
    )
