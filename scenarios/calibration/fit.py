"""Calibrate a model with measured paths, and report how wrong it is on ground it has not seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import blend, tuning
from phusong.coverage.blend import Blend
from phusong.coverage.kriging import Places, ResidualField
from phusong.coverage.ladder import Ladder
from phusong.coverage.models import REGISTRY, spm
from phusong.coverage.tuning import Fit, Score, Term
from phusong.errors import Defect, InputError
from phusong.geodata import crs
from phusong.geodata.province import LandCover
from phusong.geodata.reference import default_model
from phusong.messages import message
from phusong.scenarios.calibration import forms
from phusong.scenarios.calibration.paths import Paths
from phusong.scenarios.propagation import calibrated as calibrated_model
from phusong.scenarios.propagation.calibrated import BUFFER_M, Calibrated, Measured

FOLDS = 5
BLOCK_M, MIN_BLOCK_M = 500.0, 60.0
FEWEST_PATHS = 30
GROUPS = 10  # of cells or sites left out together, where there are more
DISTANCE_PERCENT = (1.0, 99.0)  # of the places, between which the model was measured
CORRELOGRAM_M = np.array([0, 30, 60, 100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400], float)
DISTANCES_M = (0.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0, math.inf)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Errors(NamedTuple):
    """Scores on the same points: untuned, calibrated with the block held out, baseline.

    ``after`` counts what residuals of places near by say, ``terms`` does not; ``cell_out`` and
    ``site_out`` are by the other cells and the other sites alone, where there are some.
    """

    before: Score
    after: Score
    baseline: Score
    terms: Score
    cell_out: Score | None = None
    site_out: Score | None = None

    def record(self) -> dict[str, dict[str, float]]:
        """Return the scores by name; what could not be tried is left out."""
        return {name: score._asdict() for name, score in self._asdict().items() if score}


class Residuals(NamedTuple):
    """What a calibrated model leaves over at thinned places, and the field it is part of."""

    places: Places
    residual_db: Floats
    field: ResidualField


@dataclass(frozen=True)
class Calibration:
    """A calibrated model and how it did on held-out blocks.

    Parameters
    ----------
    model
        Name of the model.
    mixed
        Weights of the forms, coefficients of their mean.
    fit
        Terms, their values and deviations.
    form_errors
        Held-out error of every form [dB].
    errors
        Before, after and of the baseline.
    before_db
        Loss by the untuned model, shape (paths,) [dB].
    after_db
        Loss with the block held out, shape (paths,) [dB].
    block_m
        Side of a block [m].
    block
        Of each path.
    spread
        Within and between blocks, far from any measured place.
    correlogram
        Correlation of residuals by distance.
    residuals
        What is left over.
    """

    model: str
    mixed: Blend
    fit: Fit
    form_errors: dict[str, float]
    errors: Errors
    before_db: Floats
    after_db: Floats  # each predicted without its own block
    block_m: float
    block: Integers
    spread: tuning.Spread
    correlogram: Floats
    residuals: Residuals

    @property
    def blocks(self) -> int:
        """Return the number of blocks of ground."""
        return int(self.block.max()) + 1


def models() -> list[str]:
    """Return the names of the models that can be tuned."""
    return calibrated_model.tunable()


def block_side_m(paths: Paths, wished_m: float = BLOCK_M) -> float:
    """Return the side of blocks: as wished, halved until there are two blocks a fold.

    Raises
    ------
    InputError
        When the measurements lie on too little ground for blocks to be held out.
    """
    side_m = wished_m
    while np.unique(tuning.blocks(paths.x_m, paths.y_m, side_m)).size < 2 * FOLDS:
        side_m /= 2.0
        if side_m < MIN_BLOCK_M:
            least = {"blocks": 2 * FOLDS, "side_m": MIN_BLOCK_M}
            problem = message("problem.they_lie_on_fewer_than_blocks", **least)
            remedy = message("remedy.measure_over_more_ground")
            defect = Defect("measurements", problem, remedy)
            raise InputError(message("refusal.too_little_ground"), [defect])
    return side_m


def calibrate(
    model: str, paths: Paths, block_m: float, seed: int = 1, site: Integers | None = None
) -> Calibration:
    """Calibrate a model, and predict every point once by a fit that has not seen its block."""
    steps = forms.ladder(model, paths)
    block = tuning.blocks(paths.x_m, paths.y_m, block_m)
    fold = tuning.folds(block, FOLDS, seed)
    held = blend.held_out(steps, block, fold, BUFFER_M, seed)
    every = np.arange(len(paths))
    mixed, over, form_errors = blend.weighed(steps, every, block, BUFFER_M, seed)
    rest_db = blend.residuals_db(steps, mixed, over)
    untuned = Fit((), np.zeros(0), np.zeros(0), 1.0)
    before_db = steps.predicted_db(steps.rungs[0], untuned)
    scored = {
        "before": before_db,
        "after": held.field_db,
        "baseline": _baseline_db(steps, paths, fold),
        "terms": held.terms_db,
        "cell_out": None if site is None else _left_out_db(steps, block, paths.cell, mixed),
        "site_out": None if site is None else _left_out_db(steps, block, site, mixed),
    }
    scores: dict[str, Any] = {
        name: None if each is None else tuning.score(paths.measured_db, each)
        for name, each in scored.items()
    }
    residual_db = held.terms_db - paths.measured_db
    return Calibration(
        model,
        mixed,
        _values(steps, mixed),
        form_errors,
        Errors(**scores),
        before_db,
        held.field_db,
        block_m,
        block,
        tuning.spread(residual_db, block),
        tuning.correlogram(paths.x_m, paths.y_m, residual_db, CORRELOGRAM_M),
        Residuals(over.known, rest_db, mixed.field(steps.field)),
    )


def _baseline_db(steps: Ladder, paths: Paths, fold: Integers) -> Floats:
    """Return held-out losses of an offset per cell and a slope, the same places left out."""
    _, cell = np.unique(paths.cell, return_inverse=True)
    cell, predicted_db = np.asarray(cell, np.int64).ravel(), np.empty(len(paths))
    for part in np.unique(fold):
        held = fold == part
        rows = blend.away(steps.places, held, BUFFER_M)
        rows = np.concatenate([rows if rows.size else np.flatnonzero(~held), np.flatnonzero(held)])
        chosen = (cell[rows], paths.distance_m[rows], paths.measured_db[rows])
        found_db = tuning.baseline_db(*chosen, held[rows].astype(np.int64), parts=(1,))
        predicted_db[held] = found_db[held[rows]]
    return predicted_db


def _left_out_db(steps: Ladder, block: Integers, group: Integers, mixed: Blend) -> Floats | None:
    """Return losses by the other cells or sites, some together where there are many."""
    _, number = np.unique(group, return_inverse=True)
    number = np.asarray(number, np.int64).ravel()
    if number.max() == 0:
        return None
    return blend.left_out(steps, block, number % GROUPS, mixed).field_db


def _values(steps: Ladder, mixed: Blend) -> Fit:
    """Return the terms of the mean of forms, the bent one and its share at the end."""
    terms = {term.name: term for rung in steps.rungs if not rung.plain for term in rung.terms}
    values = [mixed.coefficients[name] for name in terms]
    deviations = [mixed.deviations[name] for name in terms]
    every = [*terms.values()]
    if steps.bend is not None:
        every += [steps.bend.term, Term("pattern_share", 1.0, 0.0, 1.0, 0.5)]
        values += [mixed.bent[0], mixed.share]
        deviations += [mixed.bent[1], math.sqrt(mixed.share * (1.0 - mixed.share))]
    return Fit(tuple(every), np.array(values), np.array(deviations), mixed.scale)


def calibrated(
    calibration: Calibration,
    paths: Paths,
    cell_ids: Sequence[str],
    source: dict[str, str],
    crs_name: str,
) -> Calibrated:
    """Return the model as scenarios and predictions name it."""
    values = calibration.mixed.coefficients
    frequency_mhz = float(np.median(paths.frequency_mhz))
    by_offset = REGISTRY[calibration.model].tuned == "offset"
    weight = paths.clutter_share
    if by_offset:
        weight = (paths.receiver_class[:, None] == np.arange(len(LandCover))).astype(float)
    clutter_db, shift_db = forms.clutter_db(paths, values, weight)
    coefficients = None
    if not by_offset:
        hata = spm.hata_coefficients(frequency_mhz)
        moved = {term.name: values[term.name] for term in forms.K_TERMS}
        moved["k1"] += shift_db
        added = {name: getattr(hata, name) + value for name, value in moved.items()}
        coefficients = hata._replace(**added)
    low, high = np.percentile(paths.distance_m, DISTANCE_PERCENT)
    return Calibrated(
        model=calibration.model,
        frequency_mhz=frequency_mhz,
        coefficients=coefficients,
        offset_db=values.get("offset", 0.0) + shift_db if by_offset else 0.0,
        clutter_db=clutter_db,
        antenna_share=calibration.mixed.share if np.any(paths.pattern_db > 0.0) else 1.0,
        eirp_offset_db={
            cell_ids[int(name.removeprefix("cell_"))]: -value
            for name, value in values.items()
            if name.startswith("cell_")
        },
        sigma_db=calibration.spread.sigma_db,
        error_sd_db=calibration.spread.error_sd_db,
        common_share=calibration.spread.common_share,
        rmse_db=calibration.errors.terms.rmse_db,
        distance_m=(float(low), float(high)),
        pattern_fill=(
            10.0 ** calibration.mixed.bent[0]
            if np.any(paths.pattern_db > 0.0)
            else default_model.PATTERN_FILL
        ),
        obstruction=values["obstruction"] if by_offset else 1.0,
        slope_db=values["slope"] if by_offset else 0.0,
        classes=forms.measured_kinds(paths),
        intervals={
            _shown(term.name, cell_ids): calibration.fit.interval(term.name)
            for term in calibration.fit.terms
        },
        measured=(
            _measured(calibration.residuals, cell_ids, crs_name)
            if calibration.mixed.carried >= blend.LEAST_WEIGHT
            else None
        ),
        source=source,
    )


def _shown(name: str, cell_ids: Sequence[str]) -> str:
    number = name.removeprefix("cell_")
    return f"cell {cell_ids[int(number)]}" if name != number else name


def _measured(residuals: Residuals, cell_ids: Sequence[str], crs_name: str) -> Measured:
    """Return residuals by geographic place, as predictions on any grid take them."""
    known = residuals.places
    lon, lat = crs.transform(known.x_m, known.y_m, crs_name, crs.GEOGRAPHIC)
    parts = (lon, lat, residuals.residual_db, known.stands_for)
    numbers = (np.round(np.asarray(part, float), 6) for part in parts)
    return Measured(residuals.field, tuple(cell_ids), known.cell, *numbers)


def groups(calibration: Calibration, paths: Paths, cell_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return scores before and after by distance, land cover, line of sight and cell."""
    named: list[tuple[str, str, NDArray[np.bool_]]] = []
    for low, high in pairwise(DISTANCES_M):
        inside = (paths.distance_m >= low) & (paths.distance_m < high)
        named.append(("distance", f"{low:g}-{high:g}".replace("-inf", "+"), inside))
    named += [("landcover", kind.name.lower(), paths.receiver_class == kind) for kind in LandCover]
    named += [("sight", str(seen), paths.line_of_sight == seen) for seen in (True, False)]
    named += [("cell", name, paths.cell == i) for i, name in enumerate(cell_ids)]
    return [
        {
            "by": by,
            "group": name,
            "before": tuning.score(paths.measured_db[rows], calibration.before_db[rows])._asdict(),
            "after": tuning.score(paths.measured_db[rows], calibration.after_db[rows])._asdict(),
        }
        for by, name, rows in named
        if rows.any()
    ]
