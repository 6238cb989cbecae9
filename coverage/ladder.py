"""Forms of a model from simple to rich, and which of them measurements can carry.

A form that fits a drive test best predicts the next street worst. Forms stand on a ladder;
blocks of ground are held out, and the less a form errs on blocks it has not seen, the more it
weighs. Forms are sums of the same columns, so that their weighted mean is one form again. How
well that goes is told by blocks which the weights have not seen either (nested
cross-validation). Residuals are alike over ground (``kriging``): fits weigh places by it, so
that a street driven ten times does not count ten times.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.spatial import cKDTree
from scipy.special import log_ndtr

from phusong.coverage import kriging, tuning
from phusong.coverage.kriging import Field, Places
from phusong.coverage.tuning import Fit, Term

MOST = 800  # thinned places that a fit weighs
INNER_FOLDS = 4
SHARPNESS = 8.0  # weights fall by this power of the error
LEAST_WEIGHT = 0.01  # below it a form is left out
TURNS = 3  # of the linearised term, and of levels cut off
NOTHING_DB = 0.01
LARGE_CUT = 4.0  # deviations above the prediction from which a limit says nothing

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


class Rung(NamedTuple):
    """A form: the columns that count as they are, and the terms that are fitted.

    Parameters
    ----------
    name
        Of the form.
    fixed
        Names of columns that are added as they are.
    terms
        Terms of the columns of the same names.
    bend
        Fit the bent term too; otherwise it is at its start. None leaves its loss out.
    plain
        By ordinary least squares: every place counts alike, outliers too.
    prior
        Its weight before anything is measured, from sets measured elsewhere.
    """

    name: str
    fixed: tuple[str, ...]
    terms: tuple[Term, ...]
    bend: bool | None = False
    plain: bool = False
    prior: float = 1.0


class Bend(NamedTuple):
    """A loss that is not linear in its unknown: known at knots, straight between them.

    Parameters
    ----------
    term
        The unknown.
    knots
        Its values, rising, shape (knots,).
    loss_db
        Shape (paths, knots) [dB].
    """

    term: Term
    knots: Floats
    loss_db: Floats

    def weights(self, value: float) -> tuple[Floats, Floats]:
        """Return what knots are multiplied with for the loss, and for its slope."""
        i = int(np.clip(np.searchsorted(self.knots, value) - 1, 0, self.knots.size - 2))
        step = self.knots[i + 1] - self.knots[i]
        part = float(np.clip((value - self.knots[i]) / step, 0.0, 1.0))
        level, slope = np.zeros(self.knots.size), np.zeros(self.knots.size)
        level[i : i + 2], slope[i : i + 2] = (1.0 - part, part), (-1.0 / step, 1.0 / step)
        return level, slope


@dataclass(frozen=True)
class Ladder:
    """Forms over measured places.

    Parameters
    ----------
    measured_db
        Loss at each place [dB].
    columns
        What terms and fixed parts are, by name.
    rungs
        From simple to rich.
    places
        Where was measured.
    bend
        The term that is not linear, if any.
    limit_db
        Loss at which a handset tells nothing any more, so that larger ones are missing [dB].
    field
        Covariance of residuals, up to its scale.
    """

    measured_db: Floats
    columns: Mapping[str, Floats]
    rungs: tuple[Rung, ...]
    places: Places
    bend: Bend | None = None
    limit_db: Floats | None = None
    field: Field = field(default_factory=Field)

    def __len__(self) -> int:
        """Return the number of places."""
        return self.measured_db.size

    def predicted_db(self, rung: Rung, found: Fit) -> Floats:
        """Return the loss of every place by a fitted form, without the field."""
        linear = len(rung.terms)
        loss_db = sum((self.columns[name] for name in rung.fixed), np.zeros(len(self)))
        for term, value in zip(rung.terms, found.values[:linear], strict=True):
            loss_db = loss_db + value * self.columns[term.name]
        if self.bend is None or rung.bend is None:
            return loss_db
        at = found.values[linear] if rung.bend else self.bend.term.start
        return loss_db + self.bend.loss_db @ self.bend.weights(float(at))[0]


class Seen(NamedTuple):
    """Places that a fit may use, thinned and freed of what neighbours have in common."""

    rows: Integers
    group: Integers  # thinned place of each row
    known: Places
    factor: Floats
    columns: dict[str, Floats]
    told: dict[str, Floats]  # the same as measured, times the root of the count
    bend_db: Floats
    block: Integers
    limit_db: Floats | None


def seen(ladder: Ladder, rows: Integers, block: Integers) -> Seen:
    """Return some places of a ladder as fits take them."""
    known, group = kriging.thinned(ladder.places.at(rows), MOST)
    factor = kriging.factor(ladder.field, known)
    names = ["measured", *ladder.columns]
    parts = [ladder.measured_db[rows], *(ladder.columns[name][rows] for name in ladder.columns)]
    bend_db = np.zeros((rows.size, 0)) if ladder.bend is None else ladder.bend.loss_db[rows]
    matrix = np.column_stack([*parts, bend_db])
    mean = kriging.means(group, matrix, np.ones(rows.size))
    white = solve_triangular(factor, mean, lower=True)
    first = np.unique(group, return_index=True)[1]
    limit_db = None
    if ladder.limit_db is not None:
        limit_db = kriging.means(group, ladder.limit_db[rows][:, None], np.ones(rows.size))[:, 0]
    columns = dict(zip(names, white.T[: len(names)], strict=True))
    told = dict(zip(names, (mean * np.sqrt(known.count)[:, None]).T, strict=False))
    rest = (white[:, len(names) :], block[rows][first], limit_db)
    return Seen(rows, group, known, factor, columns, told, *rest)


def fitted(ladder: Ladder, rung: Rung, over: Seen) -> Fit:
    """Return the values of a form on some places.

    The bent term is made straight round its last value, some times over. Where levels below a
    limit are missing, what is there lies above the mean of all: the rest is put in its place
    (the score of a truncated normal distribution).
    """
    if rung.plain:
        return _ordinary(rung, over)
    at = 0.0 if ladder.bend is None else ladder.bend.term.start
    measured = over.columns["measured"]
    found = _straight(ladder, rung, over, measured, at)
    for _ in range(TURNS):
        missing_db = _missing_db(ladder, rung, over, found)
        cut, bent = bool(np.any(missing_db > NOTHING_DB)), bool(rung.bend and ladder.bend)
        if not cut and not bent:
            break
        if cut:
            measured = over.columns["measured"] + solve_triangular(
                over.factor, missing_db, lower=True
            )
        found = _straight(ladder, rung, over, measured, float(found.values[-1]) if bent else at)
    return found


def _missing_db(ladder: Ladder, rung: Rung, over: Seen, found: Fit) -> Floats:
    """Return how far the mean of what is below a limit lies below the mean of all, by place."""
    if over.limit_db is None:
        return np.zeros(over.known.x_m.size)
    variance = ladder.field.alike_db2 + ladder.field.noise_db2 / over.known.count
    deviation_db = found.scale_db * np.sqrt(variance)
    predicted_db = ladder.predicted_db(rung, found)[over.rows]
    mean_db = kriging.means(over.group, predicted_db[:, None], np.ones(over.rows.size))[:, 0]
    ahead = (over.limit_db - mean_db) / deviation_db
    bounded = np.maximum(ahead, -LARGE_CUT)
    density = -0.5 * bounded**2 - 0.5 * np.log(2.0 * np.pi)
    return np.where(ahead < LARGE_CUT, deviation_db * np.exp(density - log_ndtr(bounded)), 0.0)


def _straight(ladder: Ladder, rung: Rung, over: Seen, measured: Floats, at: float) -> Fit:
    """Return the values of a form whose bent term is made straight round a value of it."""
    target = measured - sum((over.columns[name] for name in rung.fixed), np.zeros(measured.size))
    own = [over.columns[term.name] for term in rung.terms]
    bend = ladder.bend
    if bend is None or rung.bend is None:
        return _plain(own, target, rung.terms, over)
    if not rung.bend:
        level = over.bend_db @ bend.weights(bend.term.start)[0]
        return _plain(own, target - level, rung.terms, over)
    level, slope = (over.bend_db @ weight for weight in bend.weights(at))
    return _plain([*own, slope], target - level + at * slope, (*rung.terms, bend.term), over)


def _ordinary(rung: Rung, over: Seen) -> Fit:
    """Return the values of ordinary least squares."""
    target = over.told["measured"] - sum((over.told[name] for name in rung.fixed), 0.0)
    columns = np.column_stack([over.told[term.name] for term in rung.terms])
    return tuning.fit(columns, target, rung.terms, over.block, robust=math.inf)


def _plain(columns: list[Floats], target: Floats, terms: tuple[Term, ...], over: Seen) -> Fit:
    if not terms:
        nothing = np.zeros(0)
        return Fit((), nothing, nothing, tuning.deviation_db(target))
    return tuning.fit(np.column_stack(columns), target, terms, over.block)


class Blend(NamedTuple):
    """The weighted mean of fitted forms, which is a form again.

    Parameters
    ----------
    weights
        By form; together 1.
    coefficients
        What each column is multiplied with.
    deviations
        Of the coefficients: within forms and between them.
    share
        Weight of the forms that have the bent term.
    bent
        Value of the bent term, and its deviation.
    scale
        Deviation of what is left over, in units of the field.
    """

    weights: dict[str, float]
    coefficients: dict[str, float]
    deviations: dict[str, float]
    share: float
    bent: tuple[float, float]
    scale: float


def blend(ladder: Ladder, fits: Mapping[str, Fit], weights: Mapping[str, float]) -> Blend:
    """Return the weighted mean of fitted forms."""
    names = list(ladder.columns)
    weight = np.array([weights[rung.name] for rung in ladder.rungs])
    value, deviation = np.zeros((2, weight.size, len(names)))
    bent, own = np.zeros((2, weight.size))
    share = weight * [ladder.bend is not None and rung.bend is not None for rung in ladder.rungs]
    for row, rung in enumerate(ladder.rungs):
        value[row] = [float(name in rung.fixed) for name in names]
        found = fits[rung.name]
        for i, term in enumerate(rung.terms):
            value[row, names.index(term.name)] += found.values[i]
            deviation[row, names.index(term.name)] = found.deviations[i]
        if ladder.bend is not None:
            bent[row], own[row] = ladder.bend.term.start, ladder.bend.term.spread
            if rung.bend:
                bent[row], own[row] = found.values[-1], found.deviations[-1]
    mean, sd = _mean_and_deviation(weight, value, _deviations(ladder, weight, deviation))
    of_bend = share if share.sum() > 0.0 else np.ones(weight.size)
    middle, width = _mean_and_deviation(of_bend / of_bend.sum(), bent[:, None], own[:, None])
    return Blend(
        dict(weights),
        dict(zip(names, mean.tolist(), strict=True)),
        dict(zip(names, sd.tolist(), strict=True)),
        float(share.sum()),
        (float(middle[0]), float(width[0])),
        float(weight @ [fits[rung.name].scale_db for rung in ladder.rungs]),
    )


def _deviations(ladder: Ladder, weight: Floats, deviation: Floats) -> Floats:
    """Return deviations by form; the plain one, which tells cells from nothing, takes the others'."""
    plain = np.array([rung.plain for rung in ladder.rungs])
    others = np.where(plain, 0.0, weight)
    if not plain.any() or others.sum() <= 0.0:
        return deviation
    usual = np.sqrt(others @ deviation**2 / others.sum())
    return np.where(plain[:, None], usual, deviation)


def _mean_and_deviation(
    weight: Floats, values: Floats, deviations: Floats
) -> tuple[Floats, Floats]:
    """Return mean and deviation of a mixture, by column."""
    mean = weight @ values
    return mean, np.sqrt(weight @ (deviations**2 + (values - mean) ** 2))


def blended_db(ladder: Ladder, mixed: Blend) -> Floats:
    """Return the loss of every place by a mean of forms, without the field."""
    loss_db = np.zeros(len(ladder))
    for name, value in mixed.coefficients.items():
        if value != 0.0:
            loss_db = loss_db + value * ladder.columns[name]
    if ladder.bend is not None and mixed.share > 0.0:
        level = ladder.bend.loss_db @ ladder.bend.weights(mixed.bent[0])[0]
        loss_db = loss_db + mixed.share * level
    return loss_db


class Held(NamedTuple):
    """Losses of places as predicted by fits that have not seen their ground.

    Parameters
    ----------
    terms_db
        By forms that were weighed without them [dB].
    field_db
        By that and the residuals of other places [dB].
    """

    terms_db: Floats
    field_db: Floats


def away(places: Places, held: Booleans, buffer_m: float) -> Integers:
    """Return the places farther than a buffer from every one that is held out."""
    here = np.column_stack([places.x_m, places.y_m])
    rest = np.flatnonzero(~held)
    if buffer_m <= 0.0:
        return rest
    apart_m, _ = cKDTree(here[held]).query(here[rest])
    return np.asarray(rest[apart_m > buffer_m], np.int64)


def errors_db(
    ladder: Ladder, rows: Integers, block: Integers, fold: Integers, buffer_m: float
) -> dict[str, float]:
    """Return the root mean square error of every form on blocks of some places held out."""
    square = dict.fromkeys((rung.name for rung in ladder.rungs), 0.0)
    within = ladder.places.at(rows)
    for part in np.unique(fold):
        held = fold == part
        kept = rows[away(within, held, buffer_m)]
        if kept.size == 0:
            continue
        over = seen(ladder, kept, block)
        for rung in ladder.rungs:
            predicted_db = ladder.predicted_db(rung, fitted(ladder, rung, over))
            rest_db = (predicted_db - ladder.measured_db)[rows[held]]
            square[rung.name] += float(rest_db @ rest_db)
    return {name: float(np.sqrt(total / rows.size)) for name, total in square.items()}


def weights(rungs: tuple[Rung, ...], error_db: Mapping[str, float]) -> dict[str, float]:
    """Return how much each form counts by its error on ground it has not seen."""
    error = np.array([max(error_db[rung.name], 1e-6) for rung in rungs])
    weight = np.array([rung.prior for rung in rungs]) * (error.min() / error) ** SHARPNESS
    weight = np.where(weight < LEAST_WEIGHT * weight.sum(), 0.0, weight)
    return dict(zip((r.name for r in rungs), (weight / weight.sum()).tolist(), strict=True))


def weighed(
    ladder: Ladder, rows: Integers, block: Integers, buffer_m: float, seed: int
) -> tuple[Blend, Seen, dict[str, float]]:
    """Return the mean of forms that some places carry, and the errors of all forms."""
    _, own = np.unique(block[rows], return_inverse=True)
    fold = tuning.folds(np.asarray(own, np.int64).ravel(), INNER_FOLDS, seed)
    error_db = errors_db(ladder, rows, block, fold, buffer_m)
    over = seen(ladder, rows, block)
    fits = {rung.name: fitted(ladder, rung, over) for rung in ladder.rungs}
    return blend(ladder, fits, weights(ladder.rungs, error_db)), over, error_db


def residuals_db(ladder: Ladder, mixed: Blend, over: Seen) -> Floats:
    """Return what is left of measured losses at the thinned places."""
    rest_db = (ladder.measured_db - blended_db(ladder, mixed))[over.rows]
    return kriging.means(over.group, rest_db[:, None], np.ones(over.rows.size))[:, 0]


def held_out(ladder: Ladder, block: Integers, fold: Integers, buffer_m: float, seed: int) -> Held:
    """Return every place as predicted without its part, by forms weighed without it."""
    terms_db, field_db = np.empty((2, len(ladder)))
    for part in np.unique(fold):
        held = fold == part
        rows = away(ladder.places, held, buffer_m)
        if rows.size == 0:
            rows = np.flatnonzero(~held)
        mixed, over, _ = weighed(ladder, rows, block, buffer_m, seed)
        there = np.flatnonzero(held)
        terms_db[there] = blended_db(ladder, mixed)[there]
        rest_db = residuals_db(ladder, mixed, over)
        carried_db, _ = kriging.predicted(
            ladder.field, over.known, rest_db, ladder.places.at(there)
        )
        field_db[there] = terms_db[there] + carried_db
    return Held(terms_db, field_db)


def left_out(ladder: Ladder, block: Integers, group: Integers, weight: Mapping[str, float]) -> Held:
    """Return every place as predicted by the other groups, such as other cells, forms given."""
    terms_db, field_db = np.empty((2, len(ladder)))
    for part in np.unique(group):
        there = np.flatnonzero(group == part)
        over = seen(ladder, np.flatnonzero(group != part), block)
        fits = {rung.name: fitted(ladder, rung, over) for rung in ladder.rungs}
        mixed = blend(ladder, fits, weight)
        terms_db[there] = blended_db(ladder, mixed)[there]
        rest_db = residuals_db(ladder, mixed, over)
        wanted = ladder.places.at(there)
        field_db[there] = (
            terms_db[there] + kriging.predicted(ladder.field, over.known, rest_db, wanted)[0]
        )
    return Held(terms_db, field_db)
