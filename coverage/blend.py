"""Forms of a model weighed by ground they have not seen; the mean of forms is a form again.

A form that fits a drive test best predicts the next street worst. Blocks of ground are held out,
and the less a form errs on blocks it has not seen, the more it weighs. How well that goes is
told by blocks which the weights have not seen either (nested cross-validation).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from phusong.coverage import kriging, ladder, tuning
from phusong.coverage.kriging import Places
from phusong.coverage.ladder import Ladder, Rung, Seen
from phusong.coverage.tuning import Fit

SHARPNESS = 8.0  # weights fall by this power of the error
LEAST_WEIGHT = 0.01  # below it a form is left out
INNER_FOLDS = 4

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


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


def mean(steps: Ladder, fits: Mapping[str, Fit], weights: Mapping[str, float]) -> Blend:
    """Return the weighted mean of fitted forms."""
    names = list(steps.columns)
    weight = np.array([weights[rung.name] for rung in steps.rungs])
    value, deviation = np.zeros((2, weight.size, len(names)))
    bent, own = np.zeros((2, weight.size))
    share = weight * [steps.bend is not None and rung.bend is not None for rung in steps.rungs]
    for row, rung in enumerate(steps.rungs):
        value[row] = [float(name in rung.fixed) for name in names]
        found = fits[rung.name]
        for i, term in enumerate(rung.terms):
            value[row, names.index(term.name)] += found.values[i]
            deviation[row, names.index(term.name)] = found.deviations[i]
        if steps.bend is not None:
            bent[row], own[row] = steps.bend.term.start, steps.bend.term.spread
            if rung.bend:
                bent[row], own[row] = found.values[-1], found.deviations[-1]
    middle, sd = _mean_and_deviation(weight, value, _deviations(steps, weight, deviation))
    of_bend = share if share.sum() > 0.0 else np.ones(weight.size)
    bent_mean, width = _mean_and_deviation(of_bend / of_bend.sum(), bent[:, None], own[:, None])
    return Blend(
        dict(weights),
        dict(zip(names, middle.tolist(), strict=True)),
        dict(zip(names, sd.tolist(), strict=True)),
        min(float(share.sum()), 1.0),
        (float(bent_mean[0]), float(width[0])),
        float(weight @ [fits[rung.name].scale_db for rung in steps.rungs]),
    )


def _deviations(steps: Ladder, weight: Floats, deviation: Floats) -> Floats:
    """Return deviations by form; the plain one, whose constant is not told, has the others'."""
    plain = np.array([rung.plain for rung in steps.rungs])
    others = np.where(plain, 0.0, weight)
    if not plain.any() or others.sum() <= 0.0:
        return deviation
    usual = np.sqrt(others @ deviation**2 / others.sum())
    return np.where(plain[:, None], usual, deviation)


def _mean_and_deviation(
    weight: Floats, values: Floats, deviations: Floats
) -> tuple[Floats, Floats]:
    """Return mean and deviation of a mixture, by column."""
    middle = weight @ values
    return middle, np.sqrt(weight @ (deviations**2 + (values - middle) ** 2))


def blended_db(steps: Ladder, mixed: Blend) -> Floats:
    """Return the loss of every place by a mean of forms, without the field."""
    loss_db = np.zeros(len(steps))
    for name, value in mixed.coefficients.items():
        if value != 0.0:
            loss_db = loss_db + value * steps.columns[name]
    if steps.bend is not None and mixed.share > 0.0:
        level = steps.bend.loss_db @ steps.bend.weights(mixed.bent[0])[0]
        loss_db = loss_db + mixed.share * level
    return loss_db


class HeldOut(NamedTuple):
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
    steps: Ladder, rows: Integers, block: Integers, fold: Integers, buffer_m: float
) -> dict[str, float]:
    """Return the root mean square error of every form on blocks of some places held out."""
    square = dict.fromkeys((rung.name for rung in steps.rungs), 0.0)
    within = steps.places.at(rows)
    for part in np.unique(fold):
        held = fold == part
        kept = rows[away(within, held, buffer_m)]
        if kept.size == 0:
            continue
        over = ladder.seen(steps, kept, block)
        for rung in steps.rungs:
            predicted_db = steps.predicted_db(rung, ladder.fitted(steps, rung, over))
            rest_db = (predicted_db - steps.measured_db)[rows[held]]
            square[rung.name] += float(rest_db @ rest_db)
    return {name: float(np.sqrt(total / rows.size)) for name, total in square.items()}


def weights(rungs: tuple[Rung, ...], error_db: Mapping[str, float]) -> dict[str, float]:
    """Return how much each form counts by its error on ground it has not seen."""
    error = np.array([max(error_db[rung.name], 1e-6) for rung in rungs])
    weight = np.array([rung.prior for rung in rungs]) * (error.min() / error) ** SHARPNESS
    weight = np.where(weight < LEAST_WEIGHT * weight.sum(), 0.0, weight)
    return dict(zip((r.name for r in rungs), (weight / weight.sum()).tolist(), strict=True))


def weighed(
    steps: Ladder, rows: Integers, block: Integers, buffer_m: float, seed: int
) -> tuple[Blend, Seen, dict[str, float]]:
    """Return the mean of forms that some places carry, and the errors of all forms."""
    _, own = np.unique(block[rows], return_inverse=True)
    fold = tuning.folds(np.asarray(own, np.int64).ravel(), INNER_FOLDS, seed)
    error_db = errors_db(steps, rows, block, fold, buffer_m)
    over = ladder.seen(steps, rows, block)
    fits = {rung.name: ladder.fitted(steps, rung, over) for rung in steps.rungs}
    return mean(steps, fits, weights(steps.rungs, error_db)), over, error_db


def residuals_db(steps: Ladder, mixed: Blend, over: Seen) -> Floats:
    """Return what is left of measured losses at the thinned places."""
    rest_db = (steps.measured_db - blended_db(steps, mixed))[over.rows]
    return kriging.means(over.group, rest_db[:, None], np.ones(over.rows.size))[:, 0]


def held_out(steps: Ladder, block: Integers, fold: Integers, buffer_m: float, seed: int) -> HeldOut:
    """Return every place as predicted without its part, by forms weighed without it."""
    terms_db, field_db = np.empty((2, len(steps)))
    for part in np.unique(fold):
        held = fold == part
        rows = away(steps.places, held, buffer_m)
        if rows.size == 0:
            rows = np.flatnonzero(~held)
        mixed, over, _ = weighed(steps, rows, block, buffer_m, seed)
        there = np.flatnonzero(held)
        terms_db[there] = blended_db(steps, mixed)[there]
        rest_db = residuals_db(steps, mixed, over)
        carried_db, _ = kriging.predicted(steps.field, over.known, rest_db, steps.places.at(there))
        field_db[there] = terms_db[there] + carried_db
    return HeldOut(terms_db, field_db)


def left_out(
    steps: Ladder, block: Integers, group: Integers, weight: Mapping[str, float]
) -> HeldOut:
    """Return every place as predicted by the other groups, such as other cells, forms given."""
    terms_db, field_db = np.empty((2, len(steps)))
    for part in np.unique(group):
        there = np.flatnonzero(group == part)
        over = ladder.seen(steps, np.flatnonzero(group != part), block)
        fits = {rung.name: ladder.fitted(steps, rung, over) for rung in steps.rungs}
        mixed = mean(steps, fits, weight)
        terms_db[there] = blended_db(steps, mixed)[there]
        rest_db = residuals_db(steps, mixed, over)
        wanted = steps.places.at(there)
        field_db[there] = (
            terms_db[there] + kriging.predicted(steps.field, over.known, rest_db, wanted)[0]
        )
    return HeldOut(terms_db, field_db)
