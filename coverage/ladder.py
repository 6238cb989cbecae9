"""Forms of a model from simple to rich, and which of them measurements can carry.

Forms are sums of the same columns, each with terms of its own (``blend`` weighs them).
Residuals are alike over ground (``kriging``): fits weigh places by it, so that a street driven
ten times does not count ten times.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import log_ndtr

from phusong.coverage import kriging, tuning
from phusong.coverage.kriging import Places, ResidualField
from phusong.coverage.tuning import Fit, Term

MOST = 800  # thinned places that a fit weighs
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
    hold
        How firmly it is held to that weight, 1 for most.
    """

    name: str
    fixed: tuple[str, ...]
    terms: tuple[Term, ...]
    bend: bool | None = False
    plain: bool = False
    prior: float = 0.0
    hold: float = 1.0


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
    field: ResidualField = field(default_factory=ResidualField)

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
    told = dict(zip(names, (mean * np.sqrt(known.stands_for)[:, None]).T, strict=False))
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
    # Single places are cut off, not the means of thinned ones.
    variance = ladder.field.alike_db2 + ladder.field.noise_db2
    deviation_db = np.full(over.known.x_m.size, found.scale_db * np.sqrt(variance))
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
