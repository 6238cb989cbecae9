"""How sure stations are: the plan chosen again under redrawn weights, targets and errors.

Each draw has its own random numbers, so the result is the same whatever the number of threads.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr, ndtri

from phusong.coverage.kernel import KERNEL, STAGE, apart, kernel
from phusong.errors import InputError
from phusong.messages import message
from phusong.scenarios.siting import greedy, tiers
from phusong.scenarios.siting.greedy import (
    CONSTRAINTS,
    DEMAND,
    TIER,
    Constraints,
    GreedyInputs,
    Pairs,
    Room,
)
from phusong.scenarios.siting.problem import (
    Cover,
    Floats,
    Ints,
    Minimum,
    Quota,
    Shares,
    Tier,
    ZoneParts,
)

STEPS = 1024  # of the table of probabilities, per standard deviation: within 0.0002
WIDEST = 4.0  # standard deviations, beyond which a probability is 1
LENGTH_TO_SPACING = 0.86  # linear noise on knots h apart falls to 1/e at 0.86 h
CORNERS = 4


@dataclass(frozen=True)
class Predicted:
    """What is predicted of every candidate: levels less the level of 50 % probability.

    Sparse rows as in ``Cover``; ``margin_db`` may reach below the cut-off as far as errors are
    wanted to lift it. ``before_margin_db`` holds, per cell, for the stations on air (-inf where
    there is none); ``x_m`` and ``y_m`` are the centres of the cells.
    """

    first: Ints
    cell: NDArray[np.int32]
    margin_db: Shares
    before_margin_db: Shares
    x_m: Floats
    y_m: Floats


@dataclass(frozen=True)
class Rules:
    """What every redrawn plan respects; cost in millions.

    ``parts`` are what the tiers count of their zones, None where zones weigh alike, and
    ``zone_weights`` the weights of zones in every draw, shape (draws, zones).
    """

    cost: Floats
    excludes: Ints
    stations: int
    quotas: tuple[Quota, ...] = ()
    minima: tuple[Minimum, ...] = ()
    tiers: tuple[Tier, ...] = ()
    parts: tuple[ZoneParts | None, ...] = ()
    zone_weights: Floats | None = None


@dataclass(frozen=True)
class InputUncertainty:
    """How uncertain weights, targets, demand and prediction are.

    ``concentration`` of the Dirichlet distribution of weights (infinite: weights are certain);
    standard deviations of the error that all predictions share, of that of one candidate, and of
    a field of errors over the land with its correlation length (where it falls to 1/e); the
    shadowing that turns a margin into a probability, and the probability that counts as none;
    standard deviations of the targets of tiers (share), and of the logarithm of demand, a field of
    the same length.
    """

    concentration: float = math.inf
    common_db: float = 0.0
    site_db: float = 0.0
    field_db: float = 0.0
    correlation_m: float = 1000.0
    shadowing_db: float = 8.0
    cut_off_share: float = 0.1
    target_share: float = 0.0
    demand_share: float = 0.0


@dataclass(frozen=True)
class Stability:
    """How sure the candidates are.

    ``probability`` is the share of ``draws`` that build a candidate, ``probability_nearby`` that in
    which it or one near it is built.
    """

    probability: Floats
    probability_nearby: Floats
    draws: int


class Draw(NamedTuple):
    """One set of weights of cells and errors in dB of candidates and cells."""

    weight: Floats
    site_db: Shares
    field_db: Shares


class TierDraw(NamedTuple):
    """How much more demand there is in each cell, and how much higher the targets of tiers are."""

    demand: Floats
    target_share: float


class Noise(NamedTuple):
    """Knots of a coarse grid around each cell, and their weights, with squares that sum to 1."""

    knot: Ints
    weight: Floats
    knots: int


class MarginTable(NamedTuple):
    """Probabilities by margin: ``share[(margin - lowest_db) * steps_per_db]``."""

    share: Shares
    lowest_db: float
    steps_per_db: float


class TierEntries(NamedTuple):
    """Entries of candidates that lie in cells of a tier: their rows, cells, and places."""

    first: Ints
    cell: NDArray[np.int32]
    entry: Ints

    def cover(self, share: Shares) -> Cover:
        """Return what candidates serve of the tier, given the shares of all entries."""
        return Cover(self.first, self.cell, share[self.entry])


class Redrawn(NamedTuple):
    """What all draws have in common."""

    predicted: Predicted
    rules: Rules
    spread: InputUncertainty
    layers: Floats
    layer_weight: Floats
    noise: Noise
    table: MarginTable
    constraints: Constraints
    apart: Pairs
    tiers: tuple[TierEntries, ...]


def monte_carlo(
    predicted: Predicted,
    layers: Floats,
    layer_weight: Floats,
    rules: Rules,
    spread: InputUncertainty,
    draws: int = 1000,
    seed: int = 0,
    near: Ints | None = None,
) -> Stability:
    """Choose the plan again in every draw and return how often each candidate is built.

    ``layers`` are demand by kind and cell, each scaled here to sum 1, with the weights
    ``layer_weight``. A redrawn plan serves quotas and minima first, then one tier after the other
    up to its last target, then demand, by gain per cost, up to ``rules.stations``; it knows no
    years and no exchange. ``near`` are pairs of
    candidates that stand close together.
    """
    total = layers.sum(axis=1, keepdims=True)
    if not np.all(total > 0.0):
        raise InputError(message("refusal.a_layer_of_demand_sums_to"))
    case = _case(predicted, layers / total, layer_weight / layer_weight.sum(), rules, spread)
    built = np.zeros((draws, rules.cost.size), bool)

    def work(start: int) -> None:
        share = np.empty(predicted.cell.size, np.float32)
        for draw in range(start, draws, threads):
            random = np.random.default_rng([seed, draw])
            built[draw, _order(case, draw, *_sample(case, random), share)] = True

    threads = max(1, min(numba.get_num_threads(), draws))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))
    pairs = np.empty((0, 2), np.int64) if near is None else near
    return Stability(built.mean(axis=0), _or_near(built, pairs).mean(axis=0), draws)


def _case(
    predicted: Predicted,
    layers: Floats,
    layer_weight: Floats,
    rules: Rules,
    spread: InputUncertainty,
) -> Redrawn:
    candidates, cells = rules.cost.size, predicted.before_margin_db.size
    asked = [*rules.quotas, *map(tiers.as_quota, rules.tiers)]
    return Redrawn(
        predicted,
        rules,
        spread,
        layers,
        layer_weight,
        _noise(predicted, spread),
        _table(spread),
        greedy.constraints(asked, [*rules.minima], cells, candidates),
        greedy.pairs(rules.excludes, candidates),
        tuple(_tier_entries(predicted, tier) for tier in rules.tiers),
    )


def _tier_entries(predicted: Predicted, tier: Tier) -> TierEntries:
    """Return the entries of candidates that a tier counts."""
    counted = (tier.demand + tier.weight) > 0.0
    entry = np.flatnonzero(counted[predicted.cell])
    first = np.searchsorted(entry, predicted.first).astype(np.int64)
    return TierEntries(first, predicted.cell[entry], entry)


def _or_near(built: NDArray[np.bool_], near: Ints) -> NDArray[np.bool_]:
    """Return, per draw, whether a candidate or one near it is built."""
    one, other = np.concatenate([near, near[:, ::-1]]).T
    size = built.shape[1]
    beside = sparse.coo_matrix((np.ones(one.size), (one, other)), (size, size)).tocsr()
    result: NDArray[np.bool_] = built | ((built @ beside) > 0.0)
    return result


def _tiers(rules: Rules, draw: int, drawn: TierDraw) -> list[Tier]:
    """Return the tiers of one draw: with its weights of zones, its demand and its targets."""
    result = []
    for k, tier in enumerate(rules.tiers):
        parts, weight = rules.parts[k] if rules.parts else None, tier.weight
        if parts is not None and rules.zone_weights is not None:
            weight = parts.weight(rules.zone_weights[draw], weight.size)
        target = min(max(tier.targets[-1] + drawn.target_share, 0.0), 1.0)
        result.append(replace(tier, weight=weight * drawn.demand, targets=(target,)))
    return result


def _table(spread: InputUncertainty) -> MarginTable:
    """Return the probability that a margin holds under shadowing, from the cut-off on."""
    lowest = float(ndtri(spread.cut_off_share))
    knots = np.arange(math.ceil((WIDEST - lowest) * STEPS) + 1)
    share = ndtr(lowest + (knots + 0.5) / STEPS)
    share[-1] = 1.0
    return MarginTable(
        share.astype(np.float32), lowest * spread.shadowing_db, STEPS / spread.shadowing_db
    )


def _noise(predicted: Predicted, spread: InputUncertainty) -> Noise:
    """Return the knots and weights that spread independent numbers to a smooth field."""
    spacing_m = spread.correlation_m / LENGTH_TO_SPACING
    x = (predicted.x_m - predicted.x_m.min(initial=math.inf)) / spacing_m
    y = (predicted.y_m - predicted.y_m.min(initial=math.inf)) / spacing_m
    column, row = x.astype(np.int64), y.astype(np.int64)
    width = int(column.max(initial=0)) + 2
    right, down = x - column, y - row
    knot = row * width + column
    weight = np.stack(
        [(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down]
    )
    weight /= np.sqrt((weight**2).sum(axis=0))
    knots = np.stack([knot, knot + 1, knot + width, knot + width + 1])
    return Noise(knots, weight, int(knots.max(initial=0)) + 1)


def field(noise: Noise, numbers: Floats) -> Floats:
    """Return a field of unit variance at the cells from independent numbers at the knots."""
    total = np.zeros(noise.knot.shape[1])
    for corner in range(CORNERS):
        total += noise.weight[corner] * numbers[noise.knot[corner]]
    return total


def _sample(case: Redrawn, random: np.random.Generator) -> tuple[Draw, TierDraw]:
    """Draw weights, errors, demand and targets; what is certain draws its numbers all the same."""
    spread, noise, layer_weight = case.spread, case.noise, case.layer_weight
    if math.isinf(spread.concentration):
        weight = layer_weight
    else:
        weight = np.zeros(layer_weight.size)
        some = layer_weight > 0.0
        weight[some] = random.dirichlet(spread.concentration * layer_weight[some])
    common_db = spread.common_db * random.standard_normal()
    site_db = common_db + spread.site_db * random.standard_normal(case.rules.cost.size)
    field_db = common_db + spread.field_db * field(noise, random.standard_normal(noise.knots))
    other = spread.demand_share * field(noise, random.standard_normal(noise.knots))
    demand = np.exp(other - spread.demand_share**2 / 2.0)
    # the common error is in the field once; of the candidate only what is its own
    drawn = Draw(
        (weight @ case.layers) * demand,
        (site_db - common_db).astype(np.float32),
        field_db.astype(np.float32),
    )
    return drawn, TierDraw(demand, spread.target_share * random.standard_normal())


@kernel(**KERNEL)
def _served(margin_db: NDArray, error_db: NDArray, table: MarginTable, share: NDArray) -> None:
    """Fill in the probability in each cell of what is on air."""
    for d in range(share.size):
        place = (margin_db[d] + error_db[d] - table.lowest_db) * table.steps_per_db
        share[d] = 0.0
        if place >= 0.0:
            share[d] = table.share[int(min(place, table.share.size - 1.0))]


@kernel(**STAGE)
def _row(
    cell: NDArray,
    margin_db: NDArray,
    shift_db: float,
    field_db: NDArray,
    steps_per_db: float,
    table: NDArray,
    share: NDArray,
) -> None:
    """Fill in the shares of a row, 0 under the cut-off."""
    apart()
    none, last = np.float32(0.0), np.float32(table.size - 1)
    for e in range(cell.size):
        place = (margin_db[e] + shift_db + field_db[cell[e]]) * steps_per_db
        probability = table[int(min(max(place, none), last))]
        share[e] = probability if place >= none else none


@kernel(**KERNEL)
def _fill(
    cover: Cover, margin_db: NDArray, site_db: NDArray, field_db: NDArray, table: MarginTable
) -> None:
    """Fill in the shares of a draw."""
    for i in range(site_db.size):
        row = slice(cover.first[i], cover.first[i + 1])
        _row(
            cover.cell[row],
            margin_db[row],
            np.float32(site_db[i] - table.lowest_db),
            field_db,
            np.float32(table.steps_per_db),
            table.share,
            cover.share[row],
        )


def _order(case: Redrawn, number: int, draw: Draw, drawn: TierDraw, share: Shares) -> Ints:
    """Return the candidates of the plan of one draw in order of build.

    ``share`` is scratch, one for each entry.
    """
    predicted, rules, table = case.predicted, case.rules, case.table
    before = np.empty(predicted.before_margin_db.size, np.float32)
    _served(predicted.before_margin_db, draw.field_db, table, before)
    cover = Cover(predicted.first, predicted.cell, share)
    _fill(cover, predicted.margin_db, draw.site_db, draw.field_db, table)
    inputs = GreedyInputs(cover, draw.weight, rules.cost, rules.cost, case.constraints, case.apart)
    state = greedy.start(before, case.constraints, rules.cost.size)
    parts = [greedy.take(inputs, state, Room(rules.stations, math.inf), CONSTRAINTS)]
    for k, tier in enumerate(_tiers(rules, number, drawn)):
        left = Room(_left(rules, parts), math.inf, tier.least_gain)
        own = tiers.alone(inputs, len(rules.quotas) + k, tier, tier.targets[-1])
        own = own._replace(cover=case.tiers[k].cover(share))
        parts.append(greedy.take(own, state.copy(), left, TIER))
        greedy.build_all(inputs, state, parts[-1])
    parts.append(greedy.take(inputs, state, Room(_left(rules, parts), math.inf), DEMAND))
    return np.concatenate(parts)


def _left(rules: Rules, parts: list[Ints]) -> int:
    return rules.stations - sum(part.size for part in parts)
