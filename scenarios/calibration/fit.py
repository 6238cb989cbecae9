"""Calibrate a model with measured paths, and report how wrong it is on ground it has not seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import tuning
from phusong.coverage.models import REGISTRY, spm
from phusong.coverage.tuning import Fit, Score, Term
from phusong.errors import Defect, InputError
from phusong.geodata.province import LandCover
from phusong.scenarios.calibration.paths import Paths
from phusong.scenarios.propagation.calibrated import Calibrated

FOLDS = 5
BLOCK_M, MIN_BLOCK_M = 500.0, 60.0
FEWEST_PATHS = 30
FEWEST_CLASS_PATHS = 15  # of a land-cover class, before it gets a value of its own
CORRELOGRAM_M = np.array([0, 30, 60, 100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400], float)
DISTANCES_M = (0.0, 250.0, 500.0, 1000.0, 2000.0, 5000.0, math.inf)

# Unknowns: start, bounds, and how far from the start they may well be. K1 is counted from
# Hata's. Bounds of K2 to K5 are wider than the usual ranges of planning tools (K2 20 to 70,
# K5 -10 to 0, K4 0 to 1), for short paths in town. General knowledge, not verified.
OFFSET = Term("offset", 0.0, -80.0, 80.0, 30.0)
K_TERMS = (
    Term("k1", 0.0, -150.0, 150.0, 50.0),
    Term("k2", 44.9, 0.0, 80.0, 15.0),
    Term("k3", 5.83, -30.0, 30.0, 5.0),
    Term("k4", 1.0, 0.0, 1.5, 0.5),
    Term("k5", -6.55, -15.0, 5.0, 3.0),
)
CLUTTER = (0.0, -30.0, 40.0, 8.0)
ANTENNA = Term("antenna_share", 1.0, 0.0, 1.0, 0.5)
CELL = (0.0, -40.0, 40.0, 6.0)  # power of a cell that is not told, from the default

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Design(NamedTuple):
    """A model as known columns, unknown terms, and what is fixed."""

    columns: Floats
    terms: tuple[Term, ...]
    fixed_db: Floats


class Errors(NamedTuple):
    """Scores on the same points: untuned, calibrated with the block held out, baseline."""

    before: Score
    after: Score
    baseline: Score


@dataclass(frozen=True)
class Calibration:
    """A calibrated model and how it did on held-out blocks.

    Parameters
    ----------
    model
        Name of the model.
    fit
        Terms, their values and deviations.
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
        Within and between blocks.
    correlogram
        Correlation of residuals by distance.
    """

    model: str
    fit: Fit
    errors: Errors
    before_db: Floats
    after_db: Floats  # each predicted without its own block
    block_m: float
    block: Integers
    spread: tuning.Spread
    correlogram: Floats

    @property
    def blocks(self) -> int:
        """Return the number of blocks of ground."""
        return int(self.block.max()) + 1


def design(model: str, paths: Paths, free_cells: Sequence[int]) -> Design:
    """Return a model over measured paths.

    Standard propagation model: K1 to K5, a loss per land-cover class; K6 and K7 stay, since
    one receiver height cannot tell them from K1. Others: an offset, and one more per class at
    the receiver. Both: the share of the antenna pattern that is found in the field, and an
    offset for each of ``free_cells``, whose power is not known.
    """
    by_offset = REGISTRY[model].tuned == "offset"
    own, terms, fixed_db = _offset(paths, model) if by_offset else _spm(paths)
    if np.any(paths.pattern_db > 0.0):
        own, terms = [*own, paths.pattern_db], [*terms, ANTENNA]
    own = [*own, *((paths.cell == cell).astype(float) for cell in free_cells)]
    terms = [*terms, *(Term(f"cell_{cell}", *CELL) for cell in free_cells)]
    return Design(np.column_stack(own), tuple(terms), fixed_db)


def _spm(paths: Paths) -> tuple[list[Floats], list[Term], Floats]:
    start = [spm.hata_coefficients(float(mhz)) for mhz in paths.frequency_mhz]
    fixed_db = np.array([hata.k1 + hata.k6 * paths.receiver_height_m for hata in start])
    log_d, log_h = np.log10(paths.distance_m), np.log10(paths.effective_m)
    own = [np.ones(len(paths)), log_d, log_h, paths.diffraction_db, log_d * log_h]
    kinds = _kinds(paths)
    shares = [paths.clutter_share[:, kind] for kind in kinds]
    return [*own, *shares], [*K_TERMS, *_clutter_terms(kinds)], fixed_db


def _offset(paths: Paths, model: str) -> tuple[list[Floats], list[Term], Floats]:
    kinds = _kinds(paths)
    at_receiver = [(paths.receiver_class == kind).astype(float) for kind in kinds]
    terms = [OFFSET, *_clutter_terms(kinds)]
    return [np.ones(len(paths)), *at_receiver], terms, paths.loss_db[model]


def _kinds(paths: Paths) -> list[LandCover]:
    """Return the classes that get a value of their own: known, measured, and not the only one."""
    counts = np.bincount(paths.receiver_class, minlength=len(LandCover))
    known: list[LandCover] = [kind for kind in LandCover if kind != LandCover.OUTSIDE]
    kinds = [kind for kind in known if counts[kind] >= FEWEST_CLASS_PATHS]
    return kinds if np.count_nonzero(counts) > 1 else []


def _clutter_terms(kinds: Sequence[LandCover]) -> list[Term]:
    return [Term(f"clutter_{kind.name.lower()}", *CLUTTER) for kind in kinds]


def block_side_m(paths: Paths, wished_m: float = BLOCK_M) -> float:
    """Return the side of blocks: as wished, halved until there are two blocks a fold.

    Raises
    ------
    InputError
        When the measurements lie on too little ground for blocks to be held out.
    """
    if len(paths) < FEWEST_PATHS:
        problem = f"{len(paths)} places are left to calibrate with"
        remedy = f"measure {FEWEST_PATHS} pixels of 30 m or more"
        raise InputError("too few measurements", [Defect("measurements", problem, remedy)])
    side_m = wished_m
    while np.unique(tuning.blocks(paths.x_m, paths.y_m, side_m)).size < 2 * FOLDS:
        side_m /= 2.0
        if side_m < MIN_BLOCK_M:
            problem = f"they lie on fewer than {2 * FOLDS} blocks of {MIN_BLOCK_M:g} m"
            remedy = "measure over more ground: the error would not be honest"
            raise InputError("too little ground", [Defect("measurements", problem, remedy)])
    return side_m


def calibrate(
    model: str, paths: Paths, free_cells: Sequence[int], block_m: float, seed: int = 1
) -> Calibration:
    """Calibrate a model, and predict every point once by a fit that has not seen its block."""
    made = design(model, paths, free_cells)
    block = tuning.blocks(paths.x_m, paths.y_m, block_m)
    fold = tuning.folds(block, FOLDS, seed)
    target_db = paths.measured_db - made.fixed_db
    after_db = made.fixed_db + tuning.held_out_db(made.columns, target_db, made.terms, block, fold)
    start = np.array([term.start for term in made.terms])
    before_db = made.fixed_db + made.columns @ start
    _, cell = np.unique(paths.cell, return_inverse=True)
    plain_db = tuning.baseline_db(cell, paths.distance_m, paths.measured_db, fold)
    errors = Errors(
        *(tuning.score(paths.measured_db, each) for each in (before_db, after_db, plain_db))
    )
    residual_db = after_db - paths.measured_db
    return Calibration(
        model,
        tuning.fit(made.columns, target_db, made.terms, block),
        errors,
        before_db,
        after_db,
        block_m,
        block,
        tuning.spread(residual_db, block),
        tuning.correlogram(paths.x_m, paths.y_m, residual_db, CORRELOGRAM_M),
    )


def calibrated(
    found: Calibration, paths: Paths, cell_ids: Sequence[str], source: dict[str, str]
) -> Calibrated:
    """Return the model as scenarios and predictions name it."""
    values = dict(zip([t.name for t in found.fit.terms], found.fit.values.tolist(), strict=True))
    frequency_mhz = float(np.median(paths.frequency_mhz))
    coefficients = None
    if REGISTRY[found.model].tuned == "coefficients":
        hata = spm.hata_coefficients(frequency_mhz)
        tuned = {name: values[name] for name in ("k2", "k3", "k4", "k5")}
        coefficients = hata._replace(k1=hata.k1 + values["k1"], **tuned)
    prefix = "clutter_"
    return Calibrated(
        model=found.model,
        frequency_mhz=frequency_mhz,
        coefficients=coefficients,
        offset_db=values.get("offset", 0.0),
        clutter_db={
            LandCover[name.removeprefix(prefix).upper()]: value
            for name, value in values.items()
            if name.startswith(prefix)
        },
        antenna_share=values.get(ANTENNA.name, 1.0),
        eirp_offset_db={
            cell_ids[int(name.removeprefix("cell_"))]: -value
            for name, value in values.items()
            if name.startswith("cell_")
        },
        sigma_db=found.spread.sigma_db,
        error_sd_db=found.spread.error_sd_db,
        common_share=found.spread.common_share,
        rmse_db=found.errors.after.rmse_db,
        distance_m=(float(paths.distance_m.min()), float(paths.distance_m.max())),
        source=source,
    )


def groups(found: Calibration, paths: Paths, cell_ids: Sequence[str]) -> list[dict[str, Any]]:
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
            "before": tuning.score(paths.measured_db[rows], found.before_db[rows])._asdict(),
            "after": tuning.score(paths.measured_db[rows], found.after_db[rows])._asdict(),
        }
        for by, name, rows in named
        if rows.any()
    ]
