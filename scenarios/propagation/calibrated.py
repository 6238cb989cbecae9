"""A calibrated model: its file, and how a prediction applies it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import antenna, kriging
from phusong.coverage.area import cells
from phusong.coverage.kriging import Places, ResidualField
from phusong.coverage.models import REGISTRY, spm
from phusong.coverage.models.sweep_spm import Spm
from phusong.geodata import crs
from phusong.geodata.grid import Grid
from phusong.geodata.province import LandCover
from phusong.messages import Message, message

FORMAT = 2
OLD = 1  # an offset and a share of the pattern, the same everywhere
ANY = ("offset", "coefficients")  # ways to tune a model
BUFFER_M = 100.0  # round held-out places, within which no other place tells anything
FAR_SHARE = 0.25  # a frequency farther than this from the measured one is warned of
CLASSES = {kind.name.lower(): kind for kind in LandCover if kind != LandCover.OUTSIDE}
TERMS = ("offset_db", "antenna_share", "pattern_fill", "obstruction", "slope_db")
ERRORS = ("rmse_db", "sigma_db", "error_sd_db", "common_share")


Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def tunable(*ways: str) -> list[str]:
    """Return the names of the models that can be tuned, in one of these ways or in any."""
    return [
        name for name, model in REGISTRY.items() if model.tuned and model.tuned in (ways or ANY)
    ]


def weakened(pattern: antenna.Pattern, share: float) -> antenna.Pattern:
    """Return a pattern that loses a share of its decibels.

    Waves scattered round a receiver in town leave the antenna in many directions, so that
    behind and below it less is lost than its pattern says; a calibration finds how much.
    """
    return replace(
        pattern,
        horizontal_db=pattern.horizontal_db * np.float32(share),
        vertical_db=pattern.vertical_db * np.float32(share),
        floor_db=pattern.floor_db * share,
    )


class Nearby(NamedTuple):
    """What measured places near by tell of others.

    Parameters
    ----------
    loss_db
        To add to predicted losses [dB].
    gained_db2
        Variance of the residual that they take away [dB2].
    """

    loss_db: NDArray[np.floating]
    gained_db2: NDArray[np.floating]


class Measured(NamedTuple):
    """What a calibrated model leaves over at measured places, thinned.

    Parameters
    ----------
    field
        Covariance of what is left over.
    cell_ids
        Names of the cells.
    cell
        Row of the cell of each place.
    lon
        Longitude [degrees].
    lat
        Latitude [degrees].
    residual_db
        Measured less predicted loss [dB].
    stands_for
        Places of 30 m behind each.
    """

    field: ResidualField
    cell_ids: tuple[str, ...]
    cell: Integers
    lon: Floats
    lat: Floats
    residual_db: Floats
    stands_for: Floats

    def known(self, crs_name: str) -> Places:
        """Return the places in a planar system."""
        x_m, y_m = crs.transform(self.lon, self.lat, crs.GEOGRAPHIC, crs_name)
        return Places(np.asarray(x_m, float), np.asarray(y_m, float), self.cell, self.stands_for)

    def rows(self, cell_ids: Iterable[str]) -> Integers:
        """Return the row of cells by name, -1 of those that were not measured."""
        row = {name: i for i, name in enumerate(self.cell_ids)}
        return np.array([row.get(name, -1) for name in cell_ids], np.int64)

    def at(
        self, crs_name: str, x_m: Floats, y_m: Floats, cell: Integers, beyond_m: float = 0.0
    ) -> Nearby:
        """Return what is carried to places of these cells, by row; -1 has the shared part only.

        Places nearer than ``beyond_m`` tell nothing.
        """
        wanted = kriging.places(x_m, y_m, cell)
        known = self.known(crs_name)
        told = kriging.predicted(self.field, known, self.residual_db, wanted, beyond_m)
        before_db2 = self.field.shared_db2 + self.field.own_db2 * (cell >= 0)
        return Nearby(told[0], before_db2 - told[1])

    def on_grid(self, grid: Grid, where: NDArray[np.bool_], cell: Integers | None = None) -> Nearby:
        """Return what is carried to the pixels of a grid, nought elsewhere than ``where``.

        ``cell`` is the row of each pixel's cell, shape of the grid; without it the part that
        all cells share is told.
        """
        row, column = np.nonzero(where & self._reached(grid))
        x_m, y_m = grid.centres()
        cells = np.full(row.size, -1, np.int64) if cell is None else cell[row, column]
        told = self.at(grid.crs, x_m[column], y_m[row], cells)
        layers = np.zeros((2, *where.shape), np.float32)
        layers[:, row, column] = told
        return Nearby(*layers)

    def _reached(self, grid: Grid) -> NDArray[np.bool_]:
        """Return the pixels of a grid that a measured place may tell something of."""
        known, (x_m, y_m) = self.known(grid.crs), grid.centres()
        reach_m = kriging.FARTHEST * self.field.length_m
        near = np.zeros((y_m.size, x_m.size), bool)
        for east_m, north_m in zip(known.x_m, known.y_m, strict=True):
            columns = np.flatnonzero(np.abs(x_m - east_m) <= reach_m)
            rows = np.flatnonzero(np.abs(y_m - north_m) <= reach_m)
            near[np.ix_(rows, columns)] = True
        return near


@dataclass(frozen=True)
class Calibrated:
    """What a calibration has found.

    ``coefficients`` are those of the standard propagation model at ``frequency_mhz``; to the
    loss of others ``offset_db`` is added. ``clutter_db`` is a loss by land-cover class:
    weighted before the receiver by the standard model, at the receiver with others. Of the
    loss above free space the share ``obstruction`` counts, and ``slope_db`` is added by decade
    of distance from 1 km on. ``pattern_fill`` is the share of the power that fills the nulls of
    antennas, ``antenna_share`` what counts of the patterns' loss in decibels. All that holds on
    ``classes`` of land, the measured ones, or everywhere where none is named; elsewhere the
    model is untuned. ``measured`` is what is left over at measured places. ``eirp_offset_db``
    is what cells radiate above the power they were taken to have. ``error_sd_db`` is the
    deviation of the model's error from one block of ground to another, ``common_share`` the share
    of its variance that is alike everywhere, ``sigma_db`` that of places within a block.

    Parameters
    ----------
    model
        Name of the model.
    frequency_mhz
        Of the measurements [MHz].
    coefficients
        Of the standard propagation model.
    offset_db
        Added to the loss [dB].
    clutter_db
        By class of land cover [dB].
    antenna_share
        0 to 1.
    eirp_offset_db
        By cell [dB].
    sigma_db
        Within a block [dB].
    error_sd_db
        From block to block [dB].
    common_share
        0 to 1.
    rmse_db
        On held-out blocks [dB].
    distance_m
        Shortest and longest path measured [m].
    source
        Measurements and ground.
    pattern_fill
        0 to 1.
    obstruction
        Share.
    slope_db
        By decade [dB].
    classes
        Of land that were measured.
    intervals
        Of every term, 95 %.
    measured
        Residuals at places.
    format
        Of the file.
    file
        Where it was read.
    sha256
        Checksum of the file.
    """

    model: str
    frequency_mhz: float
    coefficients: spm.Coefficients | None
    offset_db: float
    clutter_db: Mapping[LandCover, float]
    antenna_share: float
    eirp_offset_db: Mapping[str, float]
    sigma_db: float
    error_sd_db: float
    common_share: float
    rmse_db: float
    distance_m: tuple[float, float]
    source: Mapping[str, str] = field(default_factory=dict)
    pattern_fill: float = 0.0
    obstruction: float = 1.0
    slope_db: float = 0.0
    classes: tuple[LandCover, ...] = ()
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    measured: Measured | None = field(default=None, compare=False)
    format: int = FORMAT
    file: str = field(default="", compare=False)
    sha256: str = field(default="", compare=False)

    @property
    def place_sd_db(self) -> float:
        """Return the deviation of the held-out error from place to place."""
        return math.hypot(self.sigma_db, self.error_sd_db)

    @property
    def common_sd_db(self) -> float:
        """Return the deviation of the error that is alike everywhere: that of its mean."""
        return self.error_sd_db * math.sqrt(self.common_share)

    def stated(self) -> dict[str, dict[str, Any]]:
        """Return what a scenario takes from here, by section and key, unless it says otherwise."""
        return {
            "propagation": {"model": self.model},
            "service": {"shadowing_sigma_db": self.place_sd_db},
            "uncertainty": {
                "common_db": self.common_sd_db,
                "field_db": self.error_sd_db,
                "place_db": self.sigma_db,
            },
        }

    def record(self) -> dict[str, Any]:
        """Return what the record of a run or prediction says of the calibration."""
        names = ("file", "sha256", "format", "model", "frequency_mhz", *ERRORS, *TERMS)
        told = {name: getattr(self, name) for name in names}
        holds_mhz = [self.frequency_mhz * (1.0 + far) for far in (-FAR_SHARE, FAR_SHARE)]
        return {
            **told,
            "holds_mhz": holds_mhz,
            "distance_m": list(self.distance_m),
            "classes": [kind.name.lower() for kind in self.classes],
            "not_measured": [kind.name.lower() for kind in self.not_measured],
            "intervals": {name: list(ends) for name, ends in self.intervals.items()},
            "places": 0 if self.measured is None else int(self.measured.lon.size),
            "source": dict(self.source),
        }

    @property
    def not_measured(self) -> tuple[LandCover, ...]:
        """Return the classes of land on which the model is untuned."""
        every = CLASSES.values() if self.classes else ()
        return tuple(kind for kind in every if kind not in self.classes)

    def area_loss(self, given: cells.AreaLoss, frequency_mhz: float) -> cells.AreaLoss:
        """Return what ``cells.Reach`` takes: the tuned coefficients, or the model as it is given.

        At another frequency than the measured one, K1 and K6 move as Hata's do.
        """
        return given if self.coefficients is None else Spm(self.moved(frequency_mhz))

    def moved(self, frequency_mhz: float) -> spm.Coefficients:
        """Return the tuned coefficients at a frequency."""
        assert self.coefficients is not None  # noqa: S101 - asked of tuned coefficients only
        there, here = (spm.hata_coefficients(f) for f in (self.frequency_mhz, frequency_mhz))
        shifted = {
            name: getattr(self.coefficients, name) + getattr(here, name) - getattr(there, name)
            for name in ("k1", "k6")
        }
        return self.coefficients._replace(**shifted)

    def surface(
        self, ground: cells.Surface, landcover: NDArray[np.integer], grid: Grid | None = None
    ) -> cells.Surface:
        """Return the ground with what the calibration adds to the loss of every pixel.

        With the grid, residuals of measured places near by are carried to its pixels: their part
        that is shared between cells.
        """
        by_class = np.zeros(len(LandCover), np.float32)
        for kind, value_db in self.clutter_db.items():
            by_class[kind] = value_db
        classes = np.asarray(landcover, np.int64)
        clutter_db = by_class[classes]
        tuned = self.tuned_on(classes)
        carried_db = np.zeros(classes.shape, np.float32)
        if grid is not None and self.measured is not None:
            carried_db = self.measured.on_grid(grid, self.tuned_on(classes)).loss_db
        if self.coefficients is not None:
            offset_db = carried_db if carried_db.any() else None
            return replace(ground, clutter_db=clutter_db, offset_db=offset_db)
        added_db = np.where(tuned, clutter_db + np.float32(self.offset_db), np.float32(0.0))
        moves = (self.obstruction, self.slope_db) != (1.0, 0.0)
        moved = cells.Adjustment(self.obstruction, self.slope_db, tuned) if moves else None
        return replace(ground, offset_db=added_db + carried_db, adjustment=moved)

    def offset_loss_db(
        self,
        model_db: NDArray[np.float64],
        free_space_db: NDArray[np.float64],
        distance_m: NDArray[np.float64],
        receiver_class: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Return losses of a model tuned by an offset, path by path, as ``surface`` tunes an area.

        Parameters
        ----------
        model_db
            Losses by the untuned model [dB].
        free_space_db
            Losses over level ground by P.525 [dB].
        distance_m
            Lengths of the paths [m].
        receiver_class
            Classes of land at the receivers.
        """
        by_class = np.array([self.clutter_db.get(kind, 0.0) for kind in LandCover])
        tuned_db = free_space_db + self.obstruction * (model_db - free_space_db)
        tuned_db = tuned_db + self.slope_db * np.log10(distance_m / 1000.0)
        tuned_db = tuned_db + self.offset_db + by_class[receiver_class]
        return np.where(self.tuned_on(receiver_class), tuned_db, model_db)

    def tuned_on(self, landcover: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return where the model is tuned, by class of land."""
        if not self.classes:
            return np.ones(landcover.shape, bool)
        return np.isin(landcover, self.classes)

    def local_sd_db(
        self, deviation_db: float, gained_db2: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        """Return a deviation of places, less what measured places near by take of it.

        They tell of the error of an area, and take no more than that; what differs from place to
        place within it stays.
        """
        gained = np.minimum(gained_db2, self.error_sd_db**2)
        least_db2 = max(deviation_db**2 - self.error_sd_db**2, 0.0)
        return np.asarray(np.sqrt(np.maximum(deviation_db**2 - gained, least_db2)))

    def cells(self, radiating: cells.Cells) -> cells.Cells:
        """Return cells with the patterns as they are found in the field."""
        filled = (antenna.filled(each, self.pattern_fill) for each in radiating.patterns)
        patterns = tuple(weakened(each, self.antenna_share) for each in filled)
        return replace(radiating, patterns=patterns)

    def eirp_offsets_db(self, cell_ids: Iterable[str]) -> NDArray[np.float64]:
        """Return what cells radiate above the power they were taken to have, 0 where not found."""
        return np.array([self.eirp_offset_db.get(name, 0.0) for name in cell_ids], float)


def in_the_field(
    radiating: cells.Cells, calibration: Calibrated | None, pattern_fill: float
) -> cells.Cells:
    """Return cells with their patterns as a calibration has found them, else with filled nulls."""
    if calibration is not None:
        return calibration.cells(radiating)
    patterns = tuple(antenna.filled(each, pattern_fill) for each in radiating.patterns)
    return replace(radiating, patterns=patterns)


def warnings(found: Calibrated | None, frequencies_mhz: Iterable[float]) -> list[Message]:
    """Return what a prediction by a calibrated model must say of it; far frequencies each once."""
    if found is None:
        return []
    measured = found.frequency_mhz
    said = [message("warning.old_calibration", file=found.file)] if found.format == OLD else []
    if found.not_measured:
        names = [kind.name.lower() for kind in found.not_measured]
        said.append(message("warning.classes_not_measured", names=names))
    return said + [
        message("warning.calibrated_elsewhere", measured=measured, applied=mhz)
        for mhz in dict.fromkeys(frequencies_mhz)
        if abs(mhz / measured - 1.0) > FAR_SHARE
    ]
