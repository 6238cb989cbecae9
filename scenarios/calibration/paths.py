"""What the models say of measured paths: every term that a calibration weighs."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from phusong import columns as col
from phusong.coverage import antenna, profile
from phusong.coverage.models import REGISTRY, Model, Value, spm
from phusong.coverage.models.model import RadioPath
from phusong.coverage.p1812.path import EARTH_RADIUS_KM
from phusong.coverage.units import wavelength_m
from phusong.geodata import crs
from phusong.geodata.grid import Grid
from phusong.geodata.measured import ground as measured_ground
from phusong.geodata.measured import measurements
from phusong.geodata.measured.cells import POWER_KNOWN, MeasuredCells
from phusong.geodata.measured.profiles import Ground
from phusong.geodata.network import antenna_files, cell_defaults
from phusong.geodata.province import BUILT_UP, LandCover, clutter_heights_m
from phusong.scenarios.prediction import area, levels, network_arrays, technology
from phusong.scenarios.propagation import calibrated
from phusong.scenarios.propagation.calibrated import Calibrated

MIN_DISTANCE_M = 20.0  # nearer, position and side lobes rule
FILLS = np.geomspace(0.01, 0.2, 9)  # of the nulls of patterns, as share of the power
FARTHEST_M = 35_000.0  # farther no cell is received: the timing advance of GSM
RADIUS_KM = 4.0 / 3.0 * EARTH_RADIUS_KM

Floats = NDArray[np.float64]
Settings = Mapping[str, Value]  # of a model, by key


@dataclass(frozen=True)
class Paths:
    """One row per cell and pixel: what was measured, and the terms of the models.

    ``clutter_share`` holds for each land-cover class its weight before the receiver, as the
    standard propagation model counts it. ``pattern_db`` is the loss of the cell's antenna
    pattern in the direction of the receiver, as the pattern tells it. ``loss_db`` is that of
    every model which a calibration tunes by an offset, by its name. ``filled_db`` is that of
    the pattern with its nulls filled, by ``FILLS``; ``free_space_db`` is over level ground, as
    predictions over an area have it. Beyond ``limit_db`` a handset tells no level any more.
    ``level_known`` is whether losses were measured, or levels of a cell whose power is known.
    """

    measured_db: Floats
    distance_m: Floats
    x_m: Floats
    y_m: Floats
    cell: NDArray[np.int64]
    samples: NDArray[np.int64]
    frequency_mhz: Floats
    pattern_db: Floats
    depression_deg: Floats  # of the receiver, seen from the antenna
    effective_m: Floats
    diffraction_db: Floats
    clutter_share: Floats
    receiver_class: NDArray[np.int64]
    line_of_sight: NDArray[np.bool_]
    loss_db: Mapping[str, Floats]
    filled_db: Floats
    free_space_db: Floats
    limit_db: Floats
    receiver_height_m: Floats
    level_known: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of paths."""
        return self.measured_db.size

    @property
    def receiver_heights_m(self) -> list[float]:
        """Return the heights of receivers that are met, rising."""
        return [float(height_m) for height_m in np.unique(self.receiver_height_m)]


def eirp_dbm(listed: MeasuredCells) -> Floats:
    """Return the power that each cell radiates per resource element, by default where not told."""
    cells = listed.cells
    told = cells.assign(**{col.CELL: np.arange(len(cells))})
    for name in (col.SITE_ID, col.OPERATOR, col.COMMUNE_CODE, col.DISTRICT_CODE, col.BAND):
        told[name] = ""
    for name in (col.EXPOSURE_DISTANCE_M, col.EIRP_DBM):
        told[name] = np.nan
    places = GeoSeries.from_xy(cells[col.LON], cells[col.LAT], crs=crs.GEOGRAPHIC)
    frame = GeoDataFrame(told, geometry=places)
    predicted = frame[col.TECHNOLOGY].isin(technology.TECHNOLOGIES)
    frame[col.TECHNOLOGY] = frame[col.TECHNOLOGY].where(predicted, "4G")
    filled, _ = cell_defaults.fill(frame)
    return np.asarray(levels.completed(filled)[col.EIRP_PER_RE_DBM], float)


def patterns(listed: MeasuredCells) -> list[antenna.Pattern]:
    """Return the pattern of every cell; one without a main direction and name loses nothing."""
    return [_pattern(row, listed) for row in listed.cells.to_dict("records")]


def _pattern(cell: Mapping[Hashable, Any], listed: MeasuredCells) -> antenna.Pattern:
    stated = str(cell[col.ANTENNA])
    name = stated if stated in listed.antennas else stated.lower()
    built_in = {*antenna_files.BUILT_IN} - {"sector"}
    if name not in {*listed.antennas} | built_in:
        name = "isotropic" if math.isnan(float(cell[col.AZIMUTH_DEG])) else "sector"
    beamwidths = (
        float(cell[col.HORIZONTAL_BEAMWIDTH_DEG]),
        float(cell[col.VERTICAL_BEAMWIDTH_DEG]),
    )
    return network_arrays.pattern(name, listed.antennas, lambda: antenna.sector(*beamwidths))


def measured_paths(
    bins: pd.DataFrame,
    listed: MeasuredCells,
    ground: Ground,
    models: Mapping[str, Settings] | None = None,
    pattern_fill: float = 0.0,
) -> tuple[Paths, dict[str, int]]:
    """Return the paths from cells to the pixels they were measured in, and what is left out.

    Parameters
    ----------
    bins
        Means per cell and pixel, see ``geodata.measurements.binned``.
    listed
        The cells.
    ground
        Terrain and land cover under all of them.
    models
        The models to predict by, with their settings by key; those that a calibration tunes by
        an offset if not given.
    pattern_fill
        Share of the power that fills the nulls of every pattern.
    """
    if models is None:
        models = {name: {} for name in calibrated.tunable("offset")}
    cells, grid = listed.cells, ground.terrain.grid
    x_m, y_m = crs.transform(cells[col.LON], cells[col.LAT], crs.GEOGRAPHIC, grid.crs)
    cell = bins[col.CELL].to_numpy(np.int64)
    far_m = np.hypot(bins[col.X_M] - x_m[cell], bins[col.Y_M] - y_m[cell]).to_numpy(float)
    on_grid = measured_ground.inside(grid, bins[col.X_M].to_numpy(), bins[col.Y_M].to_numpy())
    on_grid &= measured_ground.inside(grid, x_m, y_m)[cell]
    near, beyond = far_m < MIN_DISTANCE_M, far_m > FARTHEST_M
    left_out = {
        "nearer than 20 m": int((near & on_grid).sum()),
        "farther than 35 km": int((beyond & on_grid).sum()),
        "off the ground": int((~on_grid).sum()),
    }
    kept = bins[on_grid & ~near & ~beyond]
    rows = [
        _path(ground, cells.iloc[c], (x_m[c], y_m[c]), (x, y), height_m, models)
        for c, x, y, height_m in zip(
            *(kept[name] for name in (col.CELL, col.X_M, col.Y_M, col.RECEIVER_HEIGHT_M)),
            strict=True,
        )
    ]
    sky = [antenna.filled(each, pattern_fill) for each in patterns(listed)]
    names = list(models)
    masts = (x_m, y_m, grid)
    return _assembled(kept, rows, listed, sky, masts, names), left_out


@dataclass(frozen=True)
class _Terms:
    """What one path gives."""

    effective_m: float
    diffraction_db: float
    clutter_share: Floats
    receiver_class: int
    line_of_sight: bool
    loss_db: dict[str, float]
    drop_m: float  # from the base antenna to the receiver's


def _path(
    ground: Ground,
    cell: "pd.Series[float]",
    start_m: tuple[float, float],
    end_m: tuple[float, float],
    receiver_height_m: float,
    models: Mapping[str, Settings],
) -> _Terms:
    """Return the terms of one path."""
    under = measured_ground.under(ground, start_m, end_m)
    told = profile.from_arrays(*under.profile.__dict__.values())
    frequency_mhz, height_m = float(cell[col.FREQUENCY_MHZ]), float(cell[col.HEIGHT_M])
    use = (told, frequency_mhz, height_m, receiver_height_m)
    tuned = spm.predict(*use)
    path, grid = RadioPath(*use), ground.terrain.grid
    weights = np.array(
        [
            spm.weighted_clutter_db(
                1000.0 * told.distance_km,
                (under.classes == kind).astype(float),
                spm.OPTIONS.clutter_m,
                spm.OPTIONS.clutter_weighting,
            )
            for kind in LandCover
        ]
    )
    start, end = told.height_m[0] + height_m, told.height_m[-1] + receiver_height_m
    obstacle_m = profile.surface_m(told.height_m, told.clutter_m)
    ratio, _ = profile.fresnel_clearance(
        told.distance_km, obstacle_m, start, end, RADIUS_KM, wavelength_m(frequency_mhz)
    )
    return _Terms(
        tuned.effective_height_m,
        tuned.diffraction_db,
        weights,
        int(under.classes[-1]),
        bool(ratio >= 0.0),
        {
            name: _loss_db(REGISTRY[name], path, grid, under.classes, settings)
            for name, settings in models.items()
        },
        float(start - end),
    )


def _loss_db(
    model: Model, path: RadioPath, grid: Grid, classes: NDArray[np.int64], settings: Settings
) -> float:
    """Return the loss of a model with parameters and heights as predictions have them."""
    heights_m = np.asarray(clutter_heights_m(classes, model.clutter_m(settings)), float)
    built_up = bool(classes[-1] in BUILT_UP)
    ground = path.ground._replace(clutter_m=heights_m)
    own = path._replace(ground=ground, built_up=built_up)
    untuned = area.Method(model.name, model.own(settings), None, path.user_height_m)
    values = area.parameters(grid, untuned, path.frequency_mhz)
    return model.for_path(own, values).parts["loss_db"]


def _assembled(
    kept: pd.DataFrame,
    rows: list[_Terms],
    listed: MeasuredCells,
    sky: Sequence[antenna.Pattern],
    masts: tuple[Floats, Floats, Grid],
    models: Sequence[str],
) -> Paths:
    """Return the terms of all paths as arrays; ``masts`` are eastings and northings on a grid."""
    cell = kept[col.CELL].to_numpy(np.int64)
    x_m, y_m = kept[col.X_M].to_numpy(float), kept[col.Y_M].to_numpy(float)
    mast_x_m, mast_y_m, grid = masts
    east_m, north_m = x_m - mast_x_m[cell], y_m - mast_y_m[cell]
    level, loss = (kept[name].to_numpy(float) for name in (col.RSRP_DBM, col.PATH_LOSS_DB))
    radiated_dbm = eirp_dbm(listed)[cell]
    measured_db = np.where(np.isnan(loss), radiated_dbm - level, loss)
    distance_m = np.hypot(east_m, north_m)
    drop_m = np.array([row.drop_m for row in rows])
    elevation_deg = np.degrees(np.arctan2(-drop_m, distance_m))
    north_deg = crs.true_north_deg(mast_x_m, mast_y_m, grid.crs)[cell]
    bearing_deg = np.degrees(np.arctan2(east_m, north_m)) - north_deg  # from true north
    frequency_mhz = listed.cells[col.FREQUENCY_MHZ].to_numpy(float)[cell]
    receiver_height_m = kept[col.RECEIVER_HEIGHT_M].to_numpy(float)
    above_m = listed.cells[col.HEIGHT_M].to_numpy(float)[cell] - receiver_height_m
    towards = (cell, bearing_deg, elevation_deg)
    return Paths(
        measured_db,
        distance_m,
        x_m,
        y_m,
        cell,
        kept[col.SAMPLES].to_numpy(np.int64),
        frequency_mhz,
        _pattern_db(listed, sky, *towards),
        -elevation_deg,
        np.array([row.effective_m for row in rows]),
        np.array([row.diffraction_db for row in rows]),
        np.array([row.clutter_share for row in rows]).reshape(len(rows), len(LandCover)),
        np.array([row.receiver_class for row in rows], np.int64),
        np.array([row.line_of_sight for row in rows], bool),
        {name: np.array([row.loss_db[name] for row in rows]) for name in models},
        _filled_db(listed, *towards),
        20.0 * np.log10(4.0 * np.pi * np.hypot(distance_m, above_m) / wavelength_m(frequency_mhz)),
        np.where(np.isnan(loss), radiated_dbm - measurements.FLOOR_DBM, np.inf),
        receiver_height_m,
        np.isfinite(loss) | listed.cells[POWER_KNOWN].to_numpy(bool)[cell],
    )


def _filled_db(
    listed: MeasuredCells, cell: NDArray[np.int64], bearing_deg: Floats, elevation_deg: Floats
) -> Floats:
    """Return the loss of patterns with their nulls filled, shape (paths, FILLS)."""
    bare = patterns(listed)
    lost_db = np.empty((cell.size, FILLS.size))
    for i, fill in enumerate(FILLS):
        sky = [antenna.filled(each, float(fill)) for each in bare]
        lost_db[:, i] = _pattern_db(listed, sky, cell, bearing_deg, elevation_deg)
    return lost_db


def _pattern_db(
    listed: MeasuredCells,
    sky: Sequence[antenna.Pattern],
    cell: NDArray[np.int64],
    bearing_deg: Floats,
    elevation_deg: Floats,
) -> Floats:
    """Return the loss of each cell's pattern towards its receivers."""
    lost_db = np.zeros(cell.size)
    for number, pattern in enumerate(sky):
        own = np.flatnonzero(cell == number)
        if not own.size:
            continue
        told = listed.cells.iloc[number]
        azimuth = float(told[col.AZIMUTH_DEG])
        held = network_arrays.tilt_in_pattern_deg(str(told[col.ANTENNA]), listed.antennas)
        lost_db[own] = antenna.loss_db(
            pattern,
            bearing_deg[own] - (0.0 if math.isnan(azimuth) else azimuth),
            elevation_deg[own],
            float(told[col.ELECTRICAL_TILT_DEG]) - held,
            0.0 if math.isnan(azimuth) else float(told[col.MECHANICAL_TILT_DEG]),
        )
    return lost_db


def calibrated_db(tuned: Calibrated, paths: Paths) -> Floats:
    """Return the loss of every path by a calibrated model, without its antenna's pattern."""
    if tuned.coefficients is None:
        losses_db = (paths.loss_db[tuned.model], paths.free_space_db)
        return tuned.offset_loss_db(*losses_db, paths.distance_m, paths.receiver_class)
    by_class = np.array([tuned.clutter_db.get(kind, 0.0) for kind in LandCover])
    heights_m = (paths.effective_m, paths.receiver_height_m)
    clutter_db = paths.clutter_share @ by_class
    columns = (paths.distance_m, *heights_m, paths.diffraction_db, clutter_db)
    return np.array(
        [
            spm.standard_loss_db(*terms, tuned.moved(float(mhz)))
            for *terms, mhz in zip(*columns, paths.frequency_mhz, strict=True)
        ]
    )
