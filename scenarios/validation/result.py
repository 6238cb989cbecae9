"""Hold a model, as it is, against measurements, and write what comes out."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from phusong import __version__
from phusong import columns as col
from phusong.coverage import tuning
from phusong.geodata import crs, csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import toml_json
from phusong.geodata.grid import PIXEL_M
from phusong.geodata.measured import cautions, heard, measurements
from phusong.geodata.measured import ground as measured_ground
from phusong.geodata.measured.cells import MeasuredCells
from phusong.geodata.measured.ground import Wanted
from phusong.geodata.measured.measurements import Measurements
from phusong.geodata.measured.profiles import Ground
from phusong.geodata.province import LandCover
from phusong.geodata.reference import default_model
from phusong.geodata.writers import vector
from phusong.messages import Message, message
from phusong.moment import moment
from phusong.scenarios.calibration import paths as measured_paths
from phusong.scenarios.calibration.paths import Paths
from phusong.scenarios.propagation import calibrated
from phusong.scenarios.propagation.calibrated import Calibrated, Nearby
from phusong.scenarios.validation import scores

RECORD, RESIDUALS = "validation.json", "residuals"
BLOCK_M = 500.0  # ground over which errors are alike, as the stated error of an area is
FEWEST, FEW = 2, 30

DISTANCES_M = (0.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0, 5000.0, math.inf)
DEPRESSIONS_DEG = (-math.inf, 0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, math.inf)

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class ValidationOptions:
    """What is held against measurements: a model or a calibrated one, and what a map is asked.

    ``threshold_dbm`` is the level from which a place counts as covered; ``rule`` the share of
    the places shown as covered that must be.
    """

    model: str = default_model.NAME
    settings: Mapping[str, Any] = field(default_factory=dict)
    calibration: Calibrated | None = None
    pattern_fill: float = default_model.PATTERN_FILL
    receiver_height_m: float = 1.5
    threshold_dbm: float = -110.0
    rule: float = 0.95

    @property
    def parts_db(self) -> dict[str, float]:
        """Return the stated deviations of the error: common, of an area, of a place."""
        calibration = self.calibration
        if calibration is None:
            return dict(default_model.UNCERTAINTY)
        return {
            "common_db": calibration.common_sd_db,
            "area_db": calibration.error_sd_db,
            "place_db": calibration.sigma_db,
        }

    @property
    def deviation_db(self) -> float:
        """Return the stated deviation of one place, all parts together."""
        return math.hypot(*self.parts_db.values())

    def place_deviation_db(self, gained_db2: Floats) -> Floats:
        """Return the stated deviation of places, by what measured places near by take of it."""
        if self.calibration is None:
            return np.full(gained_db2.shape, self.deviation_db)
        return np.asarray(self.calibration.local_sd_db(self.deviation_db, gained_db2), float)

    def is_own(self, measured: Measurements) -> bool:
        """Return whether the calibration was fitted to these very measurements."""
        return bool(self.calibration and self.calibration.source.get("sha256") == measured.sha256)


LIMITS = {
    "pattern_fill": (0.0, 0.5),
    "receiver_height_m": (1.0, 50.0),
    "threshold_dbm": (-156.0, -31.0),  # the range that handsets report
    "rule": (0.01, 0.9999),
}


@dataclass(frozen=True)
class Validation:
    """A prediction beside what was measured."""

    options: ValidationOptions
    measured: Measurements
    listed: MeasuredCells
    ground: Ground
    paths: Paths
    predicted_db: Floats  # pattern and what is known of a cell's power included
    deviation_db: Floats  # stated, of every place
    left_out: Mapping[str, int]

    @property
    def residual_db(self) -> Floats:
        """Return predicted less measured loss."""
        return self.predicted_db - self.paths.measured_db

    @property
    def cell_ids(self) -> list[str]:
        """Return the identifiers of the cells by row."""
        return [str(name) for name in self.listed.cells[col.CELL_ID]]

    @property
    def block(self) -> NDArray[np.int64]:
        """Return the area that each place lies in."""
        return tuning.blocks(self.paths.x_m, self.paths.y_m, BLOCK_M)


def run(
    measured: Measurements, listed: MeasuredCells, wanted: Wanted, options: ValidationOptions
) -> Validation:
    """Predict every measured place; nothing is fitted.

    Raises
    ------
    InputError
        When the ground, the cells and the samples do not come together, when another band or
        technology was measured, or when fewer than two places are left.
    """
    samples, cell, unheard = heard.heard(measured, listed)
    ground = measured_ground.open_ground(wanted, listed.cells, samples)
    bins = measurements.binned(
        samples, cell, ground.terrain.grid.crs, PIXEL_M, options.receiver_height_m
    )
    paths, gone = measured_paths.measured_paths(
        bins,
        listed,
        ground,
        {options.model: options.settings},
        options.calibration.pattern_fill if options.calibration else options.pattern_fill,
    )
    left_out = {**measured.left_out, **unheard, **gone}
    if lacking := cautions.too_few(measured.name, len(paths), FEWEST, left_out):
        raise lacking
    cell_ids = [str(name) for name in listed.cells[col.CELL_ID]]
    predicted_db, gained_db2 = predicted(options, paths, cell_ids), np.zeros(len(paths))
    if options.calibration and options.calibration.measured:
        beyond_m = calibrated.BUFFER_M if options.is_own(measured) else 0.0
        nearby = carried(options.calibration, paths, cell_ids, ground.terrain.grid.crs, beyond_m)
        predicted_db = np.asarray(predicted_db + nearby.loss_db, float)
        gained_db2 = np.asarray(nearby.gained_db2, float)
    deviation_db = options.place_deviation_db(gained_db2)
    told = (options, measured, listed, ground, paths, predicted_db, deviation_db, left_out)
    return Validation(*told)


def carried(
    tuned: Calibrated, paths: Paths, cell_ids: list[str], crs_name: str, beyond_m: float
) -> Nearby:
    """Return what residuals of measured places carry to paths, where the model is tuned."""
    assert tuned.measured is not None  # noqa: S101 - asked where places are known
    cell = tuned.measured.rows(cell_ids)[paths.cell]
    nearby = tuned.measured.at(crs_name, paths.x_m, paths.y_m, cell, beyond_m)
    on = tuned.tuned_on(paths.receiver_class)
    return Nearby(*(np.where(on, part, 0.0) for part in nearby))


def predicted(options: ValidationOptions, paths: Paths, cell_ids: list[str]) -> Floats:
    """Return the predicted loss of every path, from what the cell is taken to radiate."""
    calibration = options.calibration
    if calibration is None:
        return paths.loss_db[options.model] + paths.pattern_db
    pattern_db = calibration.antenna_share * paths.pattern_db
    above_db = calibration.eirp_offsets_db(cell_ids)[paths.cell]
    return measured_paths.calibrated_db(calibration, paths) + pattern_db - above_db


def groups(paths: Paths, predicted_db: Floats, cell_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return scores by distance, land cover, sight, depression angle and cell."""
    return [
        {
            "by": by,
            "group": name,
            **tuning.score(paths.measured_db[rows], predicted_db[rows])._asdict(),
        }
        for by, name, rows in _members(paths, cell_ids)
        if rows.any()
    ]


def _members(paths: Paths, cell_ids: Sequence[str]) -> Iterator[tuple[str, str, Booleans]]:
    yield from _bins("distance", paths.distance_m, DISTANCES_M)
    for kind in LandCover:
        yield "landcover", kind.name.lower(), paths.receiver_class == kind
    for seen in (True, False):
        yield "sight", str(seen), paths.line_of_sight == seen
    yield from _bins("depression", paths.depression_deg, DEPRESSIONS_DEG)
    for i, name in enumerate(cell_ids):
        yield "cell", name, paths.cell == i


def _bins(by: str, values: Floats, edges: Iterable[float]) -> Iterator[tuple[str, str, Booleans]]:
    for low, high in pairwise(edges):
        name = f"{low:g} - {high:g}"
        if math.isinf(low):
            name = f"< {high:g}"
        elif math.isinf(high):
            name = f">= {low:g}"
        yield by, name, (values >= low) & (values < high)


def frame(validation: Validation) -> gpd.GeoDataFrame:
    """Return every place with its measured and its predicted loss."""
    paths = validation.paths
    kinds = np.array([kind.name.lower() for kind in LandCover])
    table = pd.DataFrame(
        {
            col.CELL_ID: np.array(validation.cell_ids)[paths.cell],
            col.DISTANCE_M: np.round(paths.distance_m, 1),
            col.DEPRESSION_DEG: np.round(paths.depression_deg, 2),
            col.LANDCOVER: kinds[paths.receiver_class],
            col.LINE_OF_SIGHT: paths.line_of_sight,
            col.SAMPLES: paths.samples,
            col.MEASURED_LOSS_DB: np.round(paths.measured_db, 2),
            col.PREDICTED_LOSS_DB: np.round(validation.predicted_db, 2),
            col.RESIDUAL_DB: np.round(validation.residual_db, 2),
        }
    )
    places = gpd.GeoSeries.from_xy(paths.x_m, paths.y_m, crs=validation.ground.terrain.grid.crs)
    return gpd.GeoDataFrame(table, geometry=places).to_crs(crs.GEOGRAPHIC)


def record(validation: Validation) -> dict[str, Any]:
    """Return what validation.json says; ``places`` and the errors stand first."""
    tree: dict[str, Any] = toml_json.without_nan(_record(validation))
    return tree


def _record(validation: Validation) -> dict[str, Any]:
    options, measured = validation.options, validation.measured
    stated = scores.intervals(validation.residual_db, validation.deviation_db)
    held = {f"{100 * each.probability:g}": each.share for each in stated}
    return {
        **tuning.score(validation.paths.measured_db, validation.predicted_db)._asdict(),
        "interval_90_share": held["90"],
        "intervals": [each._asdict() for each in stated],
        "stated_db": {**options.parts_db, "together_db": options.deviation_db},
        "reliability": _reliability(validation),
        "model": options.model,
        "settings": dict(options.settings),
        "pattern_fill": options.pattern_fill,
        "calibration": options.calibration.record() if options.calibration else None,
        "groups": groups(validation.paths, validation.predicted_db, validation.cell_ids),
        "warnings": [each.record() for each in warnings(validation)],
        "measurements": {
            "file": measured.name,
            "sha256": measured.sha256,
            "rows": measured.rows,
            "left_out": dict(validation.left_out),
            "notes": list(measured.notes),
            "timed": measured.timed,
            "losses": measured.are_losses,
        },
        "cells": {
            "listed": len(validation.listed.cells),
            "measured": int(np.unique(validation.paths.cell).size),
            "assumed": list(validation.listed.assumed),
        },
        "ground": {
            layer: dict(vars(origin)) for layer, origin in validation.ground.provenance.items()
        },
        "receiver_height_m": validation.paths.receiver_heights_m,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
    }


def _reliability(validation: Validation) -> dict[str, Any] | None:
    """Return how a map does, None where losses were measured and not levels."""
    if validation.measured.are_losses:
        return None
    radiated_dbm = measured_paths.eirp_dbm(validation.listed)[validation.paths.cell]
    return scores.reliability(
        radiated_dbm - validation.paths.measured_db,
        radiated_dbm - validation.predicted_db,
        validation.options.threshold_dbm,
        validation.block,
        validation.options.rule,
    )._asdict()


def warnings(validation: Validation) -> list[Message]:
    """Return what a reader must know."""
    told = (validation.measured, validation.listed, validation.ground, validation.left_out)
    cautions_ = cautions.of_measured(*told)
    if validation.measured.are_losses:
        cautions_.append(message("validation.losses"))
    if len(validation.paths) < FEW:
        cautions_.append(message("validation.few", places=len(validation.paths)))
    calibration = validation.options.calibration
    if validation.options.is_own(validation.measured):
        cautions_.append(message("validation.own", metres=calibrated.BUFFER_M))
    measured_mhz = float(np.median(validation.paths.frequency_mhz))
    return cautions_ + calibrated.warnings(calibration, [measured_mhz])


def write(
    validation: Validation,
    folder: Path,
    language: str,
    also: tuple[str, ...] = (),
    form: CsvForm = csv_forms.MACHINE,
) -> None:
    """Write residuals and record into an empty folder."""
    table = frame(validation)
    vector.write_csv(folder / f"{RESIDUALS}.csv", table, col.VALIDATED, form)
    vector.write_geojson(folder / f"{RESIDUALS}.geojson", table, col.VALIDATED)
    facts = {**record(validation), "language": language}
    toml_json.write_record(folder, RECORD, facts, also)
