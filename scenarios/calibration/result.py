"""From measurements, cells and ground to calibrated models, and the files that tell of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from phusong import __version__
from phusong import columns as col
from phusong.errors import Defect, InputError
from phusong.geodata import crs, csv_forms
from phusong.geodata.csv_forms import CsvForm
from phusong.geodata.files import toml_json, whole
from phusong.geodata.grid import PIXEL_M
from phusong.geodata.measured import cautions, heard, measurements
from phusong.geodata.measured import ground as measured_ground
from phusong.geodata.measured.cells import MeasuredCells
from phusong.geodata.measured.ground import Wanted
from phusong.geodata.measured.measurements import Measurements
from phusong.geodata.measured.profiles import Ground
from phusong.geodata.province import LandCover
from phusong.geodata.reference import default_model
from phusong.geodata.runs.record import SCHEMA_VERSION
from phusong.geodata.writers import vector
from phusong.messages import Message, message
from phusong.moment import moment
from phusong.scenarios.calibration import fit
from phusong.scenarios.calibration import paths as measured_paths
from phusong.scenarios.calibration.fit import Calibration
from phusong.scenarios.calibration.paths import Paths
from phusong.scenarios.propagation import calibration_file
from phusong.scenarios.results import result

RECORD, MODEL = "calibration.json", "calibration.toml"
RESIDUALS = "residuals"


@dataclass(frozen=True)
class Options:
    """What a calibration is asked for."""

    model: str = default_model.NAME
    receiver_height_m: float = 1.5
    block_m: float = fit.BLOCK_M
    seed: int = 1


@dataclass(frozen=True)
class Outcome:
    """What calibration gives; ``options.model`` is the one that was asked for.

    Parameters
    ----------
    options
        What was asked for.
    measured
        The samples.
    listed
        The cells.
    ground
        Terrain and land cover.
    paths
        Every path measured.
    by_model
        Calibrations by model.
    left_out
        Samples left out, by reason.
    """

    options: Options
    measured: Measurements
    listed: MeasuredCells
    ground: Ground
    paths: Paths
    by_model: Mapping[str, Calibration]
    left_out: Mapping[str, int]

    @property
    def chosen(self) -> Calibration:
        """Return the calibration of the model that was asked for."""
        return self.by_model[self.options.model]

    @property
    def cell_ids(self) -> list[str]:
        """Return the identifiers of the cells by row."""
        return [str(name) for name in self.listed.cells[col.CELL_ID]]


LIMITS = {"receiver_height_m": (1.0, 50.0), "block_m": (60.0, 50_000.0), "seed": (0, 2**31)}


def check(options: Options) -> None:
    """Raise one error with every number that cannot be used, or an unknown model."""
    defects = [
        Defect(
            name,
            message("problem.is_not_between_and", low=low, high=high),
            value=getattr(options, name),
        )
        for name, (low, high) in LIMITS.items()
        if not low <= getattr(options, name) <= high
    ]
    if options.model not in fit.models():
        problem = message("problem.is_not_a_model_that_can_be_tuned", known=fit.models())
        defects.append(Defect("model", problem, value=options.model))
    if defects:
        raise InputError(message("refusal.unusable_options"), defects)


def run(measured: Measurements, listed: MeasuredCells, wanted: Wanted, options: Options) -> Outcome:
    """Calibrate both models with cleaned measurements.

    Raises
    ------
    InputError
        When the ground, the cells and the samples do not come together.
    """
    samples, cell, unheard = heard.heard(measured, listed)
    ground = measured_ground.open_ground(wanted, listed.cells, samples)
    bins = measurements.binned(
        samples, cell, ground.terrain.grid.crs, PIXEL_M, options.receiver_height_m
    )
    paths, gone = measured_paths.measured_paths(bins, listed, ground)
    left_out = {**measured.left_out, **unheard, **gone}
    if lacking := cautions.too_few(measured.name, len(paths), fit.FEWEST_PATHS, left_out):
        raise lacking
    block_m = fit.block_side_m(paths, options.block_m)
    place = listed.cells[[col.LON, col.LAT]].round(4)
    group = place.groupby([col.LON, col.LAT]).ngroup()
    site = np.asarray(group.to_numpy()[paths.cell], np.int64)
    by_model = {
        model: fit.calibrate(
            model, paths, block_m, options.seed, site if model == options.model else None
        )
        for model in fit.models()
    }
    return Outcome(options, measured, listed, ground, paths, by_model, left_out)


def write(
    outcome: Outcome,
    folder: Path,
    language: str,
    also: tuple[str, ...] = (),
    form: CsvForm = csv_forms.MACHINE,
) -> None:
    """Write the calibrated model, the residuals and the record into an empty folder."""
    source = {
        "measurements": outcome.measured.name,
        "sha256": outcome.measured.sha256,
        "ground": outcome.ground.provenance["terrain"].source,
        "created": moment().isoformat(timespec="seconds"),
    }
    crs_name = outcome.ground.terrain.grid.crs
    model = fit.calibrated(outcome.chosen, outcome.paths, outcome.cell_ids, source, crs_name)
    whole.write_text(folder / MODEL, calibration_file.text(model))
    frame = residuals(outcome)
    vector.write_csv(folder / f"{RESIDUALS}.csv", frame, col.RESIDUALS, form)
    vector.write_geojson(folder / f"{RESIDUALS}.geojson", frame, col.RESIDUALS)
    facts = {**record(outcome), "language": language}
    toml_json.write_record(folder, RECORD, facts, also)


def residuals(outcome: Outcome) -> gpd.GeoDataFrame:
    """Return every path with its measured and its predicted loss, the block held out."""
    paths, calibration = outcome.paths, outcome.chosen
    kinds = np.array([kind.name.lower() for kind in LandCover])
    frame = pd.DataFrame(
        {
            col.CELL_ID: np.array(outcome.cell_ids)[paths.cell],
            col.DISTANCE_M: np.round(paths.distance_m, 1),
            col.LANDCOVER: kinds[paths.receiver_class],
            col.LINE_OF_SIGHT: paths.line_of_sight,
            col.SAMPLES: paths.samples,
            col.MEASURED_LOSS_DB: np.round(paths.measured_db, 2),
            col.PREDICTED_BEFORE_DB: np.round(calibration.before_db, 2),
            col.PREDICTED_LOSS_DB: np.round(calibration.after_db, 2),
            col.RESIDUAL_DB: np.round(calibration.after_db - paths.measured_db, 2),
        }
    )
    places = gpd.GeoSeries.from_xy(paths.x_m, paths.y_m, crs=outcome.ground.terrain.grid.crs)
    return gpd.GeoDataFrame(frame, geometry=places).to_crs(crs.GEOGRAPHIC)


def record(outcome: Outcome) -> dict[str, Any]:
    """Return what calibration.json says."""
    measured, chosen = outcome.measured, outcome.chosen
    return {
        "schema_version": SCHEMA_VERSION,
        "phusong": __version__,
        "created": moment().isoformat(timespec="seconds"),
        "model": outcome.options.model,
        "measurements": {
            "file": measured.name,
            "sha256": measured.sha256,
            "rows": measured.rows,
            "left_out": dict(outcome.left_out),
            "notes": list(measured.notes),
            "timed": measured.timed,
            "places": len(outcome.paths),
            "losses": measured.are_losses,
        },
        "cells": {
            "listed": len(outcome.listed.cells),
            "measured": int(np.unique(outcome.paths.cell).size),
            "assumed": list(outcome.listed.assumed),
            "repaired": [cautions.repair(defect) for defect in outcome.listed.repairs],
        },
        "ground": {
            layer: result.origin_of(origin) for layer, origin in outcome.ground.provenance.items()
        },
        "receiver_height_m": outcome.paths.receiver_heights_m,
        "blocks": {
            "side_m": chosen.block_m,
            "count": chosen.blocks,
            "folds": fit.FOLDS,
            "seed": outcome.options.seed,
        },
        "models": {
            name: _of_model(calibration, outcome) for name, calibration in outcome.by_model.items()
        },
        "groups": fit.groups(chosen, outcome.paths, outcome.cell_ids),
        "warnings": warnings(outcome),
    }


def _of_model(calibration: Calibration, outcome: Outcome) -> dict[str, Any]:
    """Return the errors and values of one model."""
    names = outcome.cell_ids
    values = []
    for term, value, deviation in zip(
        calibration.fit.terms, calibration.fit.values, calibration.fit.deviations, strict=True
    ):
        low, high = calibration.fit.interval(term.name)
        row = {"name": _shown(term.name, names), "value": value, "deviation_db": deviation}
        values.append(row | {"low": low, "high": high, "start": term.start})
    return {
        "errors": calibration.errors.record(),
        "forms": {
            name: {"weight": weight, "rmse_db": calibration.form_errors[name]}
            for name, weight in calibration.mixed.weights.items()
        },
        "values": values,
        "at_bound": [_shown(name, names) for name in calibration.fit.bounded()],
        "spread": calibration.spread._asdict(),
        "correlogram": {
            "edges_m": fit.CORRELOGRAM_M.tolist(),
            "correlation": [None if np.isnan(v) else float(v) for v in calibration.correlogram],
        },
    }


def _shown(name: str, cell_ids: list[str]) -> str:
    """Return the name of a term; that of a cell by its identifier; K1 is counted from Hata's."""
    if name == "k1":
        return "k1 - k1 (Hata)"
    number = name.removeprefix("cell_")
    return f"cell {cell_ids[int(number)]}" if name != number else name


def warnings(outcome: Outcome) -> list[Message]:
    """Return what a reader must know."""
    told = (outcome.measured, outcome.listed, outcome.ground, outcome.left_out)
    cautions_ = cautions.of_measured(*told)
    errors, names = outcome.chosen.errors, outcome.cell_ids
    after_db, baseline_db = errors.after.rmse_db, errors.baseline.rmse_db
    if after_db >= baseline_db:
        cautions_.append(message("warning.no_better", after=after_db, baseline=baseline_db))
    if bounded := [_shown(name, names) for name in outcome.chosen.fit.bounded()]:
        cautions_.append(message("warning.at_bound", names=bounded))
    return cautions_
