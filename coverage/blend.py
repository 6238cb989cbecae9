"""Forms of a model weighed by ground they have not seen; the mean of forms is a form again.

A form that fits a drive test best predicts the next street worst. Blocks of ground are held out,
and forms weigh what predicts blocks that they have not seen best together; so does the share of
residuals that is carried on. How well that goes is told by blocks which the weights have not seen
either (nested cross-validation).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.spatial import cKDTree

from phusong.coverage import kriging, ladder, tuning
from phusong.coverage.kriging import Places, ResidualField
from phusong.coverage.ladder import Ladder, Rung, Seen
from phusong.coverage.tuning import Fit

PRIOR_BLOCKS = 40.0  # blocks of ground that prior weights are worth, on 13 sets
CLEAR_BLOCKS = 2.0  # the same where another form is clearly better
DOUBTFUL, CLEAR = 2.0, 4.0  # standard errors between which evidence grows
CARRY_BLOCKS = 3.0  # the same of carrying residuals in full
LEAST_WEIGHT = 0.01  # below it a form is left out
SUM_FIRMNESS = 1000.0  # of weights to be 1 together
MOST_CARRIED = 600  # places on which carrying is tried
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
    carried
        Share of what places have in common that is carried from place to place.
    """

    weights: dict[str, float]
    coefficients: dict[str, float]
    deviations: dict[str, float]
    share: float
    bent: tuple[float, float]
    scale: float
    carried: float = 1.0

    def field(self, usual: ResidualField) -> ResidualField:
        """Return the covariance of what is left over."""
        return usual.carried(self.carried).scaled(self.scale**2)


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


class PartHeldOut(NamedTuple):
    """Places that were held out, and what every form leaves at the thinned places of the rest.

    Parameters
    ----------
    held
        Rows of the places, shape (held,).
    known
        The thinned places.
    rest_db
        Measured less predicted, shape (known, forms) [dB].
    """

    held: Integers
    known: Places
    rest_db: Floats


class Tried(NamedTuple):
    """What forms leave on ground that they have not seen.

    Parameters
    ----------
    rows
        Of the places.
    rest_db
        Measured less predicted, shape (places, forms), NaN where nothing could be fitted [dB].
    block
        Of ground, of each place.
    parts
        One for each part held out.
    """

    rows: Integers
    rest_db: Floats
    block: Integers
    parts: tuple[PartHeldOut, ...]

    @property
    def blocks(self) -> int:
        """Return the number of blocks of ground."""
        return int(np.unique(self.block).size)

    def error_db(self) -> Floats:
        """Return the root mean square error of every form."""
        return np.asarray(np.sqrt(np.nanmean(self.rest_db**2, axis=0)), float)


def tried(steps: Ladder, rows: Integers, block: Integers, fold: Integers, buffer_m: float) -> Tried:
    """Return what every form leaves on blocks of some places held out."""
    rest_db, parts = np.full((rows.size, len(steps.rungs)), np.nan), []
    within = steps.places.at(rows)
    for part in np.unique(fold):
        held = fold == part
        kept = rows[away(within, held, buffer_m)]
        if kept.size == 0:
            continue
        over = ladder.seen(steps, kept, block)
        every_db = np.column_stack(
            [
                steps.measured_db - steps.predicted_db(rung, ladder.fitted(steps, rung, over))
                for rung in steps.rungs
            ]
        )
        rest_db[held] = every_db[rows[held]]
        known_db = kriging.means(over.group, every_db[over.rows], np.ones(over.rows.size))
        parts.append(PartHeldOut(np.flatnonzero(held), over.known, known_db))
    return Tried(rows, rest_db, block[rows], tuple(parts))


def weights(rungs: tuple[Rung, ...], test: Tried) -> Floats:
    """Return how much each form counts, by what the forms leave together on unseen ground.

    The mean of forms with the least square error, each weight 0 or more, held to its prior as by
    ``PRIOR_BLOCKS`` of ground: a form must do better on many blocks before it counts. Where one
    clearly beats those that count before, priors give way, down to ``CLEAR_BLOCKS``.

    References
    ----------
    Wolpert, Neural Networks 5 (1992) 241; Breiman, Machine Learning 24 (1996) 49 (stacking).
    """
    prior = np.array([rung.prior for rung in rungs])
    prior = prior / prior.sum()
    told = np.isfinite(test.rest_db).all(axis=1)
    rest_db = test.rest_db[told]
    if rest_db.size == 0:
        return np.asarray(prior, float)
    least_db = max(float(np.sqrt(np.mean(rest_db**2, axis=0)).min()), 1e-6)
    firm = PRIOR_BLOCKS * (CLEAR_BLOCKS / PRIOR_BLOCKS) ** _evidence(
        rest_db, test.block[told], prior
    )
    hold = np.sqrt(firm * np.array([rung.hold for rung in rungs]))
    rows = rest_db / least_db * np.sqrt(test.blocks / rest_db.shape[0])
    together = np.full((1, prior.size), SUM_FIRMNESS)
    columns = np.vstack([rows, np.diag(hold), together])
    wanted = np.concatenate([np.zeros(rest_db.shape[0]), hold * prior, [SUM_FIRMNESS]])
    weight, _ = nnls(columns, wanted)
    weight = np.where(weight < LEAST_WEIGHT, 0.0, weight)
    return np.asarray(weight / weight.sum(), float)


def _evidence(rest_db: Floats, block: Integers, prior: Floats) -> float:
    """Return how clear it is that another form beats the one that counts most before, 0 to 1.

    By the mean over blocks of how much less it errs, in standard errors of that mean.
    """
    usual, square = int(prior.argmax()), rest_db**2
    total = square.sum(axis=0)
    total[usual] = np.inf
    less = square[:, usual] - square[:, int(total.argmin())]
    _, place = np.unique(block, return_inverse=True)
    count = int(place.max()) + 1
    apart = np.bincount(place, less - less.mean())
    error = float(np.sqrt(apart @ apart * count / max(count - 1, 1))) / less.size
    clear = float(less.mean()) / max(error, 1e-9)
    return float(np.clip((clear - DOUBTFUL) / (CLEAR - DOUBTFUL), 0.0, 1.0))


def carried_share(steps: Ladder, test: Tried, weight: Floats) -> float:
    """Return the share of carried residuals that serves on unseen ground, 0 to 1.

    By least squares, held to 1 by ``CARRY_BLOCKS``.
    """
    thin = max(1, test.rows.size // MOST_CARRIED)
    carried, left = [], []
    for part in test.parts:
        there = part.held[::thin]
        wanted = steps.places.at(test.rows[there])
        known_db = part.rest_db @ weight
        carried.append(kriging.predicted(steps.field, part.known, known_db, wanted)[0])
        left.append(test.rest_db[there] @ weight)
    if not carried:
        return 1.0
    carried_db, left_db = np.concatenate(carried), np.concatenate(left)
    unit = max(float(left_db @ left_db), 1e-9) / test.blocks
    told = (float(carried_db @ left_db), float(carried_db @ carried_db))
    return float(np.clip((told[0] / unit + CARRY_BLOCKS) / (told[1] / unit + CARRY_BLOCKS), 0, 1))


def weighed(
    steps: Ladder, rows: Integers, block: Integers, buffer_m: float, seed: int
) -> tuple[Blend, Seen, dict[str, float]]:
    """Return the mean of forms that some places carry, and the errors of all forms."""
    _, own = np.unique(block[rows], return_inverse=True)
    fold = tuning.folds(np.asarray(own, np.int64).ravel(), INNER_FOLDS, seed)
    test = tried(steps, rows, block, fold, buffer_m)
    weight = weights(steps.rungs, test)
    over = ladder.seen(steps, rows, block)
    fits = {rung.name: ladder.fitted(steps, rung, over) for rung in steps.rungs}
    names = [rung.name for rung in steps.rungs]
    mixed = mean(steps, fits, dict(zip(names, weight.tolist(), strict=True)))
    mixed = mixed._replace(carried=carried_share(steps, test, weight))
    return mixed, over, dict(zip(names, test.error_db().tolist(), strict=True))


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
        carried_db, _ = kriging.predicted(
            mixed.field(steps.field), over.known, rest_db, steps.places.at(there)
        )
        field_db[there] = terms_db[there] + carried_db
    return HeldOut(terms_db, field_db)


def left_out(steps: Ladder, block: Integers, group: Integers, whole: Blend) -> HeldOut:
    """Return every place as predicted by the other groups, such as cells; weights are given."""
    terms_db, field_db = np.empty((2, len(steps)))
    for part in np.unique(group):
        there = np.flatnonzero(group == part)
        over = ladder.seen(steps, np.flatnonzero(group != part), block)
        fits = {rung.name: ladder.fitted(steps, rung, over) for rung in steps.rungs}
        mixed = mean(steps, fits, whole.weights)._replace(carried=whole.carried)
        terms_db[there] = blended_db(steps, mixed)[there]
        rest_db = residuals_db(steps, mixed, over)
        wanted = steps.places.at(there)
        field_db[there] = (
            terms_db[there]
            + kriging.predicted(mixed.field(steps.field), over.known, rest_db, wanted)[0]
        )
    return HeldOut(terms_db, field_db)
