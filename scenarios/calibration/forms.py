"""The forms of a model that a calibration weighs, from nothing to everything that is fitted."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phusong.coverage import kriging
from phusong.coverage.ladder import Bend, Ladder, Rung
from phusong.coverage.models import REGISTRY, spm
from phusong.coverage.tuning import Term
from phusong.geodata.province import LandCover
from phusong.geodata.reference import default_model
from phusong.scenarios.calibration.paths import FILLS, Paths

FEWEST_CLASS_PATHS = 15  # of a land-cover class, before it counts as measured
FEWEST_CELL_PATHS = 5  # of a cell, before it gets an offset of its own
CELL_SPREAD_DB = 5.0  # of cells: cables, tilts, antennas; on 13 sets

# Unknowns: start, bounds, and how far from the start they may well be. Bounds of K2 to K5 are
# wider than the usual ranges of planning tools, for short paths in town.
OFFSET = Term("offset", 0.0, -80.0, 80.0, 30.0)
OBSTRUCTION = Term("obstruction", 0.5, 0.0, 1.5, 0.3)
FILL = Term("pattern_fill", float(np.log10(default_model.PATTERN_FILL)), -2.0, -0.699, 0.3)
CLUTTER = (0.0, -30.0, 40.0, 8.0)
CELL = (0.0, -40.0, 40.0, CELL_SPREAD_DB)
NOTHING_HOLD = 64.0  # an untuned level that fits the driven streets fits others less often
UNKNOWN = (0.0, -80.0, 80.0, 30.0)  # of a cell whose power is not known, among others
WIDE = (0.0, -300.0, 300.0, 100.0)  # of the plain form, where nothing is shrunk
K_TERMS = (
    Term("k1", 0.0, -150.0, 150.0, 50.0),
    Term("k2", 0.0, -44.9, 35.0, 15.0),
    Term("k3", 0.0, -36.0, 24.0, 5.0),
    Term("k4", 0.0, -1.0, 0.5, 0.5),
    Term("k5", 0.0, -8.5, 11.5, 3.0),
)

Floats = NDArray[np.float64]


def ladder(model: str, paths: Paths) -> Ladder:
    """Return the forms of a model over measured paths."""
    build = _standard if REGISTRY[model].tuned == "coefficients" else _by_offset
    columns, rungs = build(model, paths)
    bend = Bend(FILL, np.log10(FILLS), paths.filled_db) if np.any(paths.pattern_db > 0) else None
    limit_db = paths.limit_db if np.isfinite(paths.limit_db).all() else None
    places = kriging.places(paths.x_m, paths.y_m, paths.cell)
    return Ladder(paths.measured_db, columns, rungs, places, bend, limit_db)


def _by_offset(model: str, paths: Paths) -> tuple[dict[str, Floats], tuple[Rung, ...]]:
    """Return the forms of a model that predicts a loss: free space, obstruction, and more."""
    columns = {
        "free_space": paths.free_space_db,
        "obstruction": paths.loss_db[model] - paths.free_space_db,
        "offset": np.ones(len(paths)),
        "slope": np.log10(paths.distance_m / 1000.0),
        **_clutter(paths, paths.receiver_class[:, None] == np.arange(len(LandCover))),
        **_cells(paths),
    }
    clutter = tuple(Term(name, *CLUTTER) for name in columns if name.startswith("clutter_"))
    own, unknown = _cell_terms(paths, columns)
    free, whole = ("free_space",), ("free_space", "obstruction")
    wide = tuple(Term(term.name, *WIDE) for term in own)
    plain = (Term("offset", 0.0, -900.0, 900.0, 1000.0), *wide, _slope(15.0, 300.0, 300.0))
    every = (OFFSET, *own, *clutter)
    return columns, (
        Rung("nothing", whole, (), hold=NOTHING_HOLD),
        Rung("plain", free, plain, None, plain=True, prior=0.7),
        Rung("offset", whole, (OFFSET, *unknown), prior=0.2),
        Rung("distance", free, (OFFSET, *own, _slope(15.0, 25.0)), None, prior=0.1),
        Rung("cells", whole, (OFFSET, *own)),
        Rung("model", whole, (*every, _slope(0.0, 15.0)), bend=True),
        Rung("free_space", free, (*every, _slope(15.0, 20.0)), bend=True),
        Rung("obstruction", free, (*every, _slope(10.0, 15.0), OBSTRUCTION), bend=True),
    )


def _slope(start: float, spread: float, bound: float = 90.0) -> Term:
    return Term("slope", start, -bound, bound, spread)


def _standard(_model: str, paths: Paths) -> tuple[dict[str, Floats], tuple[Rung, ...]]:
    """Return the forms of the standard propagation model; K1 to K5 are counted from Hata's.

    K6 and K7 stay: one receiver height cannot tell them from K1.
    """
    hata = [spm.hata_coefficients(float(mhz)) for mhz in paths.frequency_mhz]
    log_d, log_h = np.log10(paths.distance_m), np.log10(paths.effective_m)
    own = (np.ones(len(paths)), log_d, log_h, paths.diffraction_db, log_d * log_h)
    k1, k6 = (np.array([getattr(each, name) for each in hata]) for name in ("k1", "k6"))
    first = k1 + k6 * paths.receiver_height_m
    usual = hata[0]
    tuned = np.array([usual.k2, usual.k3, usual.k4, usual.k5])
    columns = {
        "start": first + np.column_stack(own[1:]) @ tuned,
        **dict(zip((term.name for term in K_TERMS), own, strict=True)),
        **_clutter(paths, paths.clutter_share),
        **_cells(paths),
    }
    clutter = tuple(Term(name, *CLUTTER) for name in columns if name.startswith("clutter_"))
    cells, unknown = _cell_terms(paths, columns)
    start, one, two = ("start",), K_TERMS[:1], K_TERMS[:2]
    wide = tuple(Term(term.name, *WIDE) for term in cells)
    plain = (
        Term("k1", 0.0, -900.0, 900.0, 1000.0),
        *wide,
        Term("k2", 0.0, -300.0, 300.0, 300.0),
    )
    return columns, (
        Rung("nothing", start, (), hold=NOTHING_HOLD),
        Rung("plain", start, plain, None, plain=True, prior=0.7),
        Rung("offset", start, (*one, *unknown), prior=0.2),
        Rung("distance", start, (*two, *cells), None, prior=0.1),
        Rung("cells", start, (*one, *cells)),
        Rung("slope", start, (*two, *cells, *clutter), bend=True),
        Rung("coefficients", start, (*K_TERMS, *cells, *clutter), bend=True),
    )


def _cells(paths: Paths) -> dict[str, Floats]:
    """Return what tells cells apart, where there are several with some places each."""
    numbers, counts = np.unique(paths.cell, return_counts=True)
    if numbers.size < 2:
        return {}
    many = numbers[counts >= min(FEWEST_CELL_PATHS, counts.max())]
    return {f"cell_{number}": (paths.cell == number).astype(float) for number in many}


def _cell_terms(
    paths: Paths, columns: Mapping[str, Floats]
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the offsets of all cells that have one, and of those whose power is not known.

    The first are held together; the second are free where others are known. Where none is,
    cells are taken as alike.
    """
    lacking = ~paths.level_known
    deaf = set() if lacking.all() else set(np.unique(paths.cell[lacking]).tolist())
    names = [name for name in columns if name.startswith("cell_")]
    free = [int(name.removeprefix("cell_")) in deaf for name in names]
    own = [Term(n, *(UNKNOWN if f else CELL)) for n, f in zip(names, free, strict=True)]
    return tuple(own), tuple(term for term, f in zip(own, free, strict=True) if f)


def measured_kinds(paths: Paths) -> tuple[LandCover, ...]:
    """Return the known classes of land with enough places."""
    counts = np.bincount(paths.receiver_class, minlength=len(LandCover))
    known: list[LandCover] = [kind for kind in LandCover if kind != LandCover.OUTSIDE]
    return tuple(kind for kind in known if counts[kind] >= FEWEST_CLASS_PATHS)


def _clutter(paths: Paths, weight: Floats) -> dict[str, Floats]:
    """Return what tells classes of land apart: their mean over places is zero.

    So the common offset is that of all places, however few a class has.
    """
    kinds = measured_kinds(paths)
    if len(kinds) < 2:
        return {}
    parts = {f"clutter_{kind.name.lower()}": weight[:, kind].astype(float) for kind in kinds}
    return {name: part - part.mean() for name, part in parts.items()}


def clutter_db(
    paths: Paths, values: Mapping[str, float], weight: Floats
) -> tuple[dict[LandCover, float], float]:
    """Return the loss of each measured class, and what the centring adds to the offset."""
    kinds = [kind for kind in measured_kinds(paths) if f"clutter_{kind.name.lower()}" in values]
    by_class_db = {kind: values[f"clutter_{kind.name.lower()}"] for kind in kinds}
    shift_db = -sum(value * float(weight[:, kind].mean()) for kind, value in by_class_db.items())
    return by_class_db, shift_db
