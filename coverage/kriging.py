"""What is left of measured losses, as a field: alike over some hundred metres of ground.

Streets, blocks of houses and woods make a place better or worse than a model says, for a cell
and partly for all of them. Places near measured ones share that: kriging carries it over, and
tells how much less is then unknown. Everything is bounded: fits use thinned places,
predictions the nearest ones.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

NEAREST = 48  # places that a prediction uses
CHUNK = 4096  # predictions at a time
FARTHEST = 4.0  # lengths beyond which a place tells less than 2 %

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class ResidualField(NamedTuple):
    """The covariance of residuals: exponential, of all cells and of each alone, and noise.

    Parameters
    ----------
    shared_db2
        Variance alike for all cells [dB2].
    own_db2
        Variance alike for one cell [dB2].
    noise_db2
        Variance of a single place [dB2].
    length_m
        Over which the correlation falls to 1/e [m].
    """

    shared_db2: float = 17.0
    own_db2: float = 17.0
    noise_db2: float = 30.0
    length_m: float = 300.0

    @property
    def alike_db2(self) -> float:
        """Return the variance that neighbours have in common."""
        return self.shared_db2 + self.own_db2

    def scaled(self, factor: float) -> "ResidualField":
        """Return the field with all variances times a factor."""
        variances = (factor * self.shared_db2, factor * self.own_db2, factor * self.noise_db2)
        return ResidualField(*variances, self.length_m)

    def carried(self, share: float) -> "ResidualField":
        """Return the field where only a share of what neighbours have in common is; rest: noise."""
        shared_db2, own_db2 = share * self.shared_db2, share * self.own_db2
        noise_db2 = self.noise_db2 + (1.0 - share) * self.alike_db2
        return ResidualField(shared_db2, own_db2, noise_db2, self.length_m)


class Places(NamedTuple):
    """Where was measured: position, row of the cell, and how many places stand behind each.

    A cell of -1 is none that was measured: it has the shared part only.
    """

    x_m: Floats
    y_m: Floats
    cell: Integers
    stands_for: Floats

    def at(self, rows: NDArray) -> "Places":
        """Return some of the places."""
        return Places(*(part[rows] for part in self))


def places(x_m: Floats, y_m: Floats, cell: Integers) -> Places:
    """Return places that each stand for themselves."""
    return Places(x_m, y_m, np.asarray(cell, np.int64), np.ones(x_m.size))


def covariance_db2(field: ResidualField, here: Places, there: Places) -> Floats:
    """Return the covariance between places, without noise, shape (here, there) [dB2]."""
    apart_m = np.hypot(here.x_m[:, None] - there.x_m, here.y_m[:, None] - there.y_m)
    same = (here.cell[:, None] == there.cell) & (there.cell >= 0)
    return _alike_db2(field, apart_m, same)


def _alike_db2(field: ResidualField, apart_m: Floats, same: NDArray[np.bool_]) -> Floats:
    """Return the covariance of residuals so far apart, of the same cell or not."""
    variance = field.shared_db2 + field.own_db2 * same
    return np.asarray(variance * np.exp(-apart_m / field.length_m), float)


def factor(field: ResidualField, known: Places) -> Floats:
    """Return the lower Cholesky factor of the covariance of residuals, noise included."""
    covariance = covariance_db2(field, known, known)
    covariance[np.diag_indices_from(covariance)] += field.noise_db2 / known.stands_for
    return np.asarray(np.linalg.cholesky(covariance), float)


def thinned(known: Places, most: int, side_m: float = 60.0) -> tuple[Places, Integers]:
    """Return at most so many places, and the one that each belongs to.

    Places of a cell in one square of ground become their mean; the side of squares doubles
    until there are few enough.
    """
    if known.x_m.size <= most:
        return known, np.arange(known.x_m.size, dtype=np.int64)
    while True:
        square = [np.floor(each / side_m).astype(np.int64) for each in (known.x_m, known.y_m)]
        keys = np.column_stack([known.cell, *square])
        _, group = np.unique(keys, axis=0, return_inverse=True)
        group = np.asarray(group, np.int64).ravel()
        if group.max() < most:
            break
        side_m *= 2.0
    mean = means(group, np.column_stack(known), known.stands_for)
    count = np.asarray(np.bincount(group, known.stands_for), float)
    return Places(mean[:, 0], mean[:, 1], np.round(mean[:, 2]).astype(np.int64), count), group


def means(group: Integers, values: Floats, weight: Floats) -> Floats:
    """Return the weighted mean of columns by group, shape (groups, columns)."""
    total = np.zeros((int(group.max()) + 1, values.shape[1]))
    np.add.at(total, group, values * weight[:, None])
    return np.asarray(total / np.bincount(group, weight)[:, None], float)


def predicted(
    field: ResidualField,
    known: Places,
    residual_db: Floats,
    wanted: Places,
    beyond_m: float = 0.0,
) -> tuple[Floats, Floats]:
    """Return the residual at places by simple kriging, and the variance that is left of it.

    Parameters
    ----------
    field
        Its covariance.
    known
        Where residuals are known.
    residual_db
        Measured less predicted loss at each, mean zero where nothing is known.
    wanted
        Where they are asked for.
    beyond_m
        Distance within which known places do not count [m].

    Returns
    -------
    tuple
        Residuals [dB] and the variance of the field round them [dB2], both by wanted place.

    References
    ----------
    Cressie, Statistics for Spatial Data (1993), section 3.4.5 (simple kriging).
    """
    mean_db = np.zeros(wanted.x_m.size)
    left_db2 = np.asarray(field.shared_db2 + field.own_db2 * (wanted.cell >= 0), float)
    if known.x_m.size == 0 or wanted.x_m.size == 0:
        return mean_db, left_db2
    tree = cKDTree(np.column_stack([known.x_m, known.y_m]))
    reach_m = FARTHEST * field.length_m
    for start in range(0, wanted.x_m.size, CHUNK):
        rows = np.arange(start, min(start + CHUNK, wanted.x_m.size))
        place = np.column_stack([wanted.x_m[rows], wanted.y_m[rows]])
        count = min(NEAREST * (1 + (beyond_m > 0.0)), known.x_m.size)
        nearest = tree.query(place, k=np.arange(1, count + 1), distance_upper_bound=reach_m)
        near = np.asarray(nearest[1], np.int64)
        if beyond_m > 0.0:
            near = np.where(np.asarray(nearest[0]) > beyond_m, near, known.x_m.size)
        some = (near < known.x_m.size).any(axis=1)
        rows, near = rows[some], near[some]
        part_db, gained_db2 = _local(field, known, residual_db, wanted.at(rows), near)
        mean_db[rows], left_db2[rows] = part_db, left_db2[rows] - gained_db2
    return mean_db, np.maximum(left_db2, 0.0)


def _local(
    field: ResidualField, known: Places, residual_db: Floats, wanted: Places, near: NDArray
) -> tuple[Floats, Floats]:
    """Return the mean and the gained variance from the nearest places; those too far count 0."""
    exists = near < known.x_m.size
    own = known.at(np.where(exists, near, 0))
    apart_m = np.hypot(own.x_m - wanted.x_m[:, None], own.y_m - wanted.y_m[:, None])
    same = (own.cell == wanted.cell[:, None]) & (own.cell >= 0)
    towards = np.where(exists, _alike_db2(field, apart_m, same), 0.0)
    across_m = np.hypot(
        own.x_m[:, :, None] - own.x_m[:, None], own.y_m[:, :, None] - own.y_m[:, None]
    )
    alike = own.cell[:, :, None] == own.cell[:, None]
    between = _alike_db2(field, across_m, alike)
    between += np.eye(near.shape[1]) * (field.noise_db2 / own.stands_for)[:, None]
    weight = np.linalg.solve(between, towards[:, :, None])[:, :, 0]
    told_db = np.where(exists, residual_db[np.where(exists, near, 0)], 0.0)
    gained_db2 = np.sum(weight * towards, axis=1)
    return np.sum(weight * told_db, axis=1), np.asarray(gained_db2, float)
