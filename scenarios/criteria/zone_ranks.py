"""Zones by weighted sum and TOPSIS, their weights in tiers, and how far ranks move."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from phusong import columns as col
from phusong.geodata.province import Province
from phusong.scenarios.criteria import explanations, scores, zone_criteria
from phusong.scenarios.criteria.weights import Weights
from phusong.scenarios.criteria.zone_criteria import ComparedZones

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST, MOST = 1.0 / 3.0, 3.0  # of the weight of a zone in its tier
STEPS = 60  # of halving the interval that holds the factor
OUTER = 0.05  # of the draws lie on either side of the interval of a rank
TOP = 10  # zones that a decision begins with
STREAM = 15  # of the seed: random numbers of their own


@dataclass(frozen=True)
class Uncertain:
    """What the redraws vary: weights of criteria, and an error that all predictions share.

    Parameters
    ----------
    concentration
        Of the Dirichlet distribution of the weights; larger is surer.
    common_db
        Standard deviation of the error [dB].
    draws
        How many.
    seed
        Of the random numbers.
    errors_db
        Errors for which it is known what is not served, rising, shape (errors,).
    measured
        By column of a criterion, what it measures for each error, shape (errors, zones).
    """

    concentration: float
    common_db: float
    draws: int
    seed: int
    errors_db: Floats
    measured: Mapping[str, Floats]


@dataclass(frozen=True)
class Ranked:
    """Zones in the order they were given in.

    Parameters
    ----------
    weighting
        Of the criteria.
    columns
        Rank, weight, score, TOPSIS, interval of the rank, probability of the first, criteria, why.
    weight
        Of each zone in its tier, not rounded, shape (zones,).
    drawn
        The same in every redraw, shape (draws, zones).
    criteria
        All that the weighted sum needs, by criterion.
    """

    weighting: Weights
    columns: pd.DataFrame
    weight: Floats
    drawn: Floats
    criteria: list[dict[str, Any]]

    def weights(self) -> dict[str, float]:
        """Return the weights of the criteria that have one, by their names."""
        return {c["name"]: c["weight"] for c in self.criteria if c["weight"] > 0.0}

    def record(self) -> dict[str, Any]:
        """Return what run.json says of the ranking."""
        score, topsis = self.columns[[col.SCORE, col.TOPSIS]].to_numpy(float).T
        return {
            "zones": len(self.columns),
            "criteria": self.criteria,
            "weights": self.weights(),
            "consistency_ratio": self.weighting.consistency_ratio,
            "score_topsis_correlation": scores.rank_correlation(score, topsis),
            "weight_least": LEAST,
            "weight_most": MOST,
            "draws": len(self.drawn),
            "top": min(TOP, len(self.columns)),
        }


def ranked(
    province: Province,
    zones: GeoDataFrame,
    unserved: Callable[[Floats], Floats],
    demand: Floats,
    section: Mapping[str, object],
    source: str,
    uncertain: Uncertain,
) -> Ranked:
    """Rank zones by the criteria that a scenario weighs.

    Parameters
    ----------
    province
        What the zones are of.
    zones
        With the number of the tier and what criteria are measured by.
    unserved
        Returns what is not served in each of a quantity given for each pixel (flat).
    demand
        What the tier counts in each, shape (zones,).
    section
        The scenario's weights or judgements.
    source
        What it is called in errors.
    uncertain
        What redraws vary.
    """
    weighting = zone_criteria.read(section, source)
    measured = zone_criteria.values(ComparedZones(province, zones, unserved))
    benefit, tier = zone_criteria.benefit(), zones[col.TIER].to_numpy()
    values = measured.to_numpy(float)
    score = scores.weighted_sum(values, weighting.values, benefit)
    redrawn = drawn(values, weighting.values, uncertain)
    rank, ranks = scores.ranks(score), scores.ranks(redrawn)
    low, high = interval(rank, ranks)
    weight = zone_weights(score, demand, tier)
    standings = explanations.standings(values, weighting.values, benefit)
    columns = {
        col.RANK: rank,
        col.WEIGHT: weight.round(4),
        col.SCORE: (100 * score).round(4),
        col.TOPSIS: (100 * scores.topsis(values, weighting.values, benefit)).round(4),
        col.RANK_LOW: low,
        col.RANK_HIGH: high,
        col.PROBABILITY_TOP_N: (ranks <= TOP).mean(axis=0).round(3),
        col.EXPLANATION: [
            explanations.explain(standing, zone_criteria.CRITERIA, len(zones))
            for standing in standings
        ],
    }
    return Ranked(
        weighting,
        measured.assign(**columns),
        weight,
        zone_weights(redrawn, demand, tier),
        zone_criteria.record(values, weighting.values),
    )


def zone_weights(score: Floats, demand: Floats, tier: Ints) -> Floats:
    """Return what a person of each zone counts in its tier, 1/3 to 3, 1 in the mean of a tier.

    The weight is ``min(max(k 3^(2 score - 1), 1/3), 3)``, with the ``k`` of each tier for which the
    mean over the demand of its zones is 1; zones of tier 0, and of a tier without demand, weigh 1.

    Parameters
    ----------
    score
        Weighted sum of each zone, 0 to 1, shape (..., zones).
    demand
        What the tier counts in each zone, shape (zones,).
    tier
        Number of the tier of each, shape (zones,).

    Returns
    -------
    ndarray
        Weights, in the shape of ``score``.

    Examples
    --------
    >>> zone_weights(np.array([0.0, 1.0]), np.array([3.0, 1.0]), np.array([1, 1])).round(3).tolist()
    [0.333, 3.0]
    """
    result = np.ones(np.shape(score))
    for number in np.unique(tier[tier > 0]):
        own = tier == number
        if demand[own].sum() > 0.0:
            raw = np.exp(math.log(MOST) * (2.0 * score[..., own] - 1.0))
            result[..., own] = _bounded(raw, demand[own] / demand[own].sum())
    return result


def _bounded(raw: Floats, part: Floats) -> Floats:
    """Return ``raw`` times the factor with which, cut to the bounds, its mean is 1."""
    low = np.full(raw.shape[:-1], math.log(LEAST / MOST))
    high = -low
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        mean = np.clip(raw * np.exp(middle)[..., None], LEAST, MOST) @ part
        low, high = np.where(mean < 1.0, middle, low), np.where(mean < 1.0, high, middle)
    cut: Floats = np.clip(raw * np.exp((low + high) / 2.0)[..., None], LEAST, MOST)
    return cut


def drawn(values: Floats, weights: Floats, uncertain: Uncertain) -> Floats:
    """Return the weighted sums of zones in every redraw, shape (draws, zones).

    Each has weights of its own, and an error of which what the criteria measure is read off a
    straight line between those that are known.

    Parameters
    ----------
    values
        What the criteria measure, shape (zones, criteria).
    weights
        Of the criteria, their sum 1, shape (criteria,).
    uncertain
        What is varied, and how far.
    """
    random = np.random.default_rng([uncertain.seed, STREAM])
    own, errors_db = weights > 0.0, uncertain.errors_db
    each = random.dirichlet(uncertain.concentration * weights[own], uncertain.draws)
    error_db = uncertain.common_db * random.standard_normal(uncertain.draws)
    error_db = np.clip(error_db, errors_db[0], errors_db[-1])
    after = np.clip(np.searchsorted(errors_db, error_db), 1, errors_db.size - 1)
    part = (error_db - errors_db[after - 1]) / (errors_db[after] - errors_db[after - 1])
    redrawn = np.repeat(values[None], uncertain.draws, axis=0)
    for place, name in enumerate(zone_criteria.columns()):
        if (known := uncertain.measured.get(name)) is not None:
            step = known[after] - known[after - 1]
            redrawn[:, :, place] = known[after - 1] + part[:, None] * step
    benefit = zone_criteria.benefit()
    return scores.weighted_sum(redrawn[..., own], each[:, None, :], benefit[own])


def interval(rank: Ints, ranks: Ints) -> tuple[Ints, Ints]:
    """Return the ranks between which nine draws in ten lie, widened to hold the rank itself.

    Parameters
    ----------
    rank
        Without errors, shape (zones,).
    ranks
        Of every draw, shape (draws, zones).
    """
    ordered, last = np.sort(ranks, axis=0), len(ranks) - 1
    low = ordered[math.floor(OUTER * last)]
    high = ordered[math.ceil((1.0 - OUTER) * last)]
    return np.minimum(low, rank), np.maximum(high, rank)
