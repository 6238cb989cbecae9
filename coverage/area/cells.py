"""The network as arrays: the surface it serves, its masts and its cells; checked at the door."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phusong.coverage.antenna import Pattern, cut_angles_deg, sector
from phusong.coverage.area import reception
from phusong.coverage.area.base_loss import EXPECTED
from phusong.coverage.area.radial_p1812 import Climate
from phusong.coverage.area.reception import Fan, Ground
from phusong.coverage.models import p1812_terminal, spm
from phusong.coverage.models.p1812 import POLARIZATIONS, Parameters
from phusong.coverage.models.p1812_loss import location_loss_db
from phusong.coverage.models.p1812_path import effective_radius_km
from phusong.coverage.units import milliwatt_from_dbm, ratio_from_db
from phusong.errors import Defect, InputError

MAX_CELLS_PER_MAST = 255


@dataclass(frozen=True)
class Surface:
    """The grid of receivers: terrain, environment class, and who is asked for.

    ``environment`` holds ``base_loss.RURAL`` or ``base_loss.URBAN``; ``receivers`` is true
    where a result is wanted. ``clutter_m`` is the representative height of what stands on
    the ground, read by P.1812 only; ``clutter_db`` is the clutter loss that the standard
    propagation model weighs. Without them the ground is bare. ``offset_db`` is added to the
    loss of any model at the pixel, such as a calibration's. The first row is the northernmost.
    """

    terrain_m: NDArray[np.float32]
    environment: NDArray[np.uint8]
    receivers: NDArray[np.bool_]
    pixel_m: float
    clutter_m: NDArray[np.float32] | None = None
    clutter_db: NDArray[np.float32] | None = None
    offset_db: NDArray[np.float32] | None = None

    def ground(self, reach: "Reach") -> Ground:
        """Return the record that the kernels read."""
        bare = np.zeros(self.terrain_m.shape, np.float32)
        return Ground(
            np.ascontiguousarray(self.terrain_m, np.float32),
            np.ascontiguousarray(bare if self.clutter_m is None else self.clutter_m, np.float32),
            np.ascontiguousarray(self.environment, np.uint8),
            np.ascontiguousarray(self.receivers, np.bool_),
            float(self.pixel_m),
            float(reach.receiver_height_m),
            reach.fall_m(self.pixel_m),
        )


@dataclass(frozen=True)
class Reach:
    """How far and how finely masts are followed.

    ``radials_per_rim_pixel`` above 1 brings the sweep closer to path by path and costs time
    in proportion to it. ``model`` says how loss is predicted: by ITU-R P.1812 or the standard
    propagation model under the parameters given, which fix the Earth radius too; by
    ``base_loss.EXPECTED``, the mean of TR 38.901 by environment plus diffraction over the
    bare terrain; or by a model of distance in the registry, by name.
    """

    radius_m: float = 5000.0
    receiver_height_m: float = 1.5
    k_factor: float = reception.MEDIAN_K
    radials_per_rim_pixel: float = 0.75
    model: Parameters | spm.Parameters | str = EXPECTED

    def fall_m(self, pixel_m: float) -> float:
        """Return how far the effective Earth falls within the first pixel."""
        if isinstance(self.model, Parameters):
            return pixel_m**2 / (2000.0 * effective_radius_km(self.model.delta_n))
        if isinstance(self.model, spm.Parameters):
            return pixel_m**2 / (2000.0 * self.model.options.radius_km)
        return reception.fall_per_pixel_m(pixel_m, self.k_factor)

    def climate(self) -> Climate:
        """Return the parameters of P.1812 as the kernels read them."""
        chosen = self.model if isinstance(self.model, Parameters) else Parameters()
        return Climate(
            float(chosen.time_percent),
            float(effective_radius_km(chosen.delta_n)),
            float(chosen.n0),
            POLARIZATIONS[chosen.polarization],
            float(chosen.latitude_deg),
            float(location_loss_db(chosen.location_percent, chosen.location_sigma_db)),
            float(chosen.street_width_m) if isinstance(chosen, p1812_terminal.Parameters) else 0.0,
            float(chosen.edge_m) if isinstance(chosen, p1812_terminal.Parameters) else 0.0,
        )

    def fan(self, pixel_m: float) -> Fan:
        """Return the pixels in reach of a mast and the radials through them."""
        return reception.fan(self.radius_m, pixel_m, self.radials_per_rim_pixel)


@dataclass(frozen=True)
class Masts:
    """Where antennas hang; one row per position, height and frequency.

    ``column`` and ``row`` count from 0.0 at the centre of the first pixel.
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
class Cells:
    """What the masts radiate, one row per cell, in any order.

    ``eirp_dbm`` is the power per resource element in the main lobe; ``azimuth_deg`` is NaN
    where the antenna has no main direction; ``pattern`` is the row in ``patterns``.
    """

    mast: NDArray[np.int64]
    azimuth_deg: NDArray[np.float64]
    electrical_tilt_deg: NDArray[np.float64]
    mechanical_tilt_deg: NDArray[np.float64]
    eirp_dbm: NDArray[np.float64]
    pattern: NDArray[np.int64]
    patterns: tuple[Pattern, ...]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.mast)

    def table(self) -> NDArray[np.float64]:
        """Return the cells as rows of (azimuth, tilts, milliwatts, pattern, floor gain)."""
        floors_db = np.array([pattern.floor_db for pattern in self.patterns])
        return np.column_stack(
            [
                np.mod(np.asarray(self.azimuth_deg, float) + 180.0, 360.0) - 180.0,
                self.electrical_tilt_deg,
                np.where(np.isnan(self.azimuth_deg), 0.0, self.mechanical_tilt_deg),
                milliwatt_from_dbm(np.asarray(self.eirp_dbm, float)),
                self.pattern,
                ratio_from_db(-floors_db[self.pattern]),
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
    """Return cells of one antenna type with electrical tilt; single values hold for all."""
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
            problem = f"{near.sum()} pixels without terrain height within {reach.radius_m:g} m"
            remedy = "fill the voids or choose a smaller radius"
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
        problem = f"radius {reach.radius_m:g} m is less than a pixel"
        defects.append(Defect("reach", problem))
    elif not defects:
        defects += _void_defects(surface, masts, reach)
    if cells is not None:
        defects += _cell_defects(masts, cells)
    if defects:
        raise InputError("The network cannot be computed", defects)
