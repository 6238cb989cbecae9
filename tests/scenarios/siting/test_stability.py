"""Redraws: all alike without errors, more error less sure, same seed same result."""

from dataclasses import replace

import numba
import numpy as np
import pytest
from siting_problems import minimum, quota

from phusong.errors import InputError
from phusong.scenarios.siting import choose, stability
from phusong.scenarios.siting.problem import Cover, Problem, Tier, Year, ZoneParts
from phusong.scenarios.siting.stability import InputUncertainty, Predicted, Rules

SIDE = 30
CELLS = SIDE * SIDE
CANDIDATES = 40
STATIONS = 12


def predicted(seed=1, before_db=-np.inf):
    """Return candidates on a square whose margin falls with distance."""
    random = np.random.default_rng(seed)
    row, column = np.divmod(np.arange(CELLS), SIDE)
    x_m, y_m = 150.0 * column, 150.0 * row
    at = random.uniform(0, 150.0 * SIDE, (CANDIDATES, 2))
    far_m = np.hypot(x_m - at[:, :1], y_m - at[:, 1:])
    margin_db = -35.0 * np.log10(np.maximum(far_m, 50.0) / 500.0) + random.normal(
        0.0, 2.0, far_m.shape
    )
    near, cell = np.nonzero(margin_db > -20.0)
    first = np.searchsorted(near, np.arange(CANDIDATES + 1)).astype(np.int64)
    return Predicted(
        first,
        cell.astype(np.int32),
        margin_db[near, cell].astype(np.float32),
        np.full(CELLS, before_db, np.float32),
        x_m,
        y_m,
    )


LAYERS = np.random.default_rng(2).gamma(0.5, 1.0, (3, CELLS))
WEIGHTS = np.array([0.5, 0.3, 0.2])
RULES = Rules(
    np.random.default_rng(3).choice([700.0, 1000.0], CANDIDATES),
    np.array([[0, 1], [2, 3]]),
    STATIONS,
)


def redraw(spread, draws=60, rules=RULES, **given):
    ground = given.pop("ground", predicted())
    return stability.monte_carlo(ground, LAYERS, WEIGHTS, rules, spread, draws, **given)


def doubt(found):
    """Return how far the shares of draws are from all or none, 0 to 0.25 in the mean."""
    return float((found.probability * (1.0 - found.probability)).mean())


def test_without_uncertainty_every_draw_is_the_same():
    found = redraw(InputUncertainty(), draws=5)
    assert set(found.probability) == {0.0, 1.0}
    assert found.probability.sum() == STATIONS
    assert found.draws == 5


def test_stations_are_those_of_the_same_greedy_choice():
    """The plan of the siting without exchange, on probabilities by the normal distribution."""
    ground = predicted()
    share = stability.ndtr(ground.margin_db / 8.0)
    kept = share >= 0.1
    first = np.searchsorted(np.flatnonzero(kept), ground.first).astype(np.int64)
    weight = WEIGHTS @ (LAYERS / LAYERS.sum(axis=1, keepdims=True))
    case = Problem(
        Cover(first, ground.cell[kept], share[kept].astype(np.float32)),
        np.zeros(CELLS, np.float32),
        weight,
        np.full(CANDIDATES, 900.0),
        RULES.excludes,
        (),
        (),
        (Year(2026, STATIONS),),
        weight,
    )
    level_cost = replace(RULES, cost=np.full(CANDIDATES, 900.0))
    found = redraw(InputUncertainty(), draws=1, rules=level_cost)
    assert np.flatnonzero(found.probability).tolist() == (
        sorted(choose.choose(case, max_swaps=0).order.tolist())
    )


@pytest.mark.parametrize("kind", ["common_db", "site_db", "field_db"])
def test_more_error_makes_stations_less_sure(kind):
    doubts = [doubt(redraw(InputUncertainty(**{kind: db}))) for db in (0.0, 1.0, 8.0)]
    assert doubts[0] == 0.0
    assert doubts[0] < doubts[2]
    assert doubts[1] <= doubts[2]


def test_less_certain_weights_make_stations_less_sure():
    doubts = [doubt(redraw(InputUncertainty(concentration=c))) for c in (np.inf, 1000.0, 2.0)]
    assert doubts[0] == 0.0
    assert doubts[1] < doubts[2]


def test_less_certain_demand_makes_stations_less_sure():
    doubts = [doubt(redraw(InputUncertainty(demand_share=s))) for s in (0.0, 0.1, 1.0)]
    assert doubts[0] == 0.0
    assert doubts[1] < doubts[2]


WEST = np.arange(CELLS) % SIDE < SIDE // 2
DEMAND = LAYERS.sum(axis=0)


def tiered(weights_of_zones, target=0.25):
    """Return rules with a tier of all land, west and east as its zones, and their weights."""
    every = np.arange(CELLS)
    parts = ZoneParts(np.where(WEST, 0, 1), every, DEMAND)
    tier = Tier("all", DEMAND, DEMAND, (target,))
    return replace(RULES, tiers=(tier,), parts=(parts,), zone_weights=weights_of_zones)


def test_redrawn_weights_of_zones_move_the_stations():
    """In half of the draws the west counts three times, in the other half the east does."""
    ground, draws = predicted(), 40
    heavy = np.tile([[3.0, 1.0 / 3.0], [1.0 / 3.0, 3.0]], (draws // 2, 1))
    same = np.ones((draws, 2))
    west, east, both, alike = (
        redraw(InputUncertainty(), draws, replace(tiered(w), stations=4), ground=ground)
        for w in (heavy[::2].repeat(2, axis=0), heavy[1::2].repeat(2, axis=0), heavy, same)
    )
    assert doubt(west) == doubt(east) == doubt(alike) == 0.0
    assert both.probability == pytest.approx((west.probability + east.probability) / 2)
    side = [WEST[ground.cell[ground.first[i]]] for i in range(CANDIDATES)]
    assert west.probability @ side > east.probability @ side


def test_less_certain_targets_make_stations_less_sure():
    """A tier of the west alone: with other targets it takes more or fewer of the stations."""
    west = Tier("west", DEMAND * WEST, DEMAND * WEST, (0.4,))
    rules = replace(RULES, tiers=(west,))
    doubts = [
        doubt(redraw(InputUncertainty(target_share=s), rules=rules)) for s in (0.0, 0.02, 0.3)
    ]
    assert doubts[0] == 0.0
    assert doubts[1] <= doubts[2]
    assert doubts[2] > 0.0


SOME = InputUncertainty(50.0, 2.0, 3.0, 3.0, 1000.0)


def test_a_seed_reproduces_whatever_the_threads():
    one = redraw(SOME, seed=7)
    most = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        other = redraw(SOME, seed=7)
    finally:
        numba.set_num_threads(most)
    assert np.array_equal(one.probability, other.probability)
    assert not np.array_equal(one.probability, redraw(SOME, seed=8).probability)


def test_probabilities_sum_to_the_stations():
    assert redraw(SOME).probability.sum() == pytest.approx(STATIONS)


def test_candidates_that_exclude_each_other_share_their_chances():
    found = redraw(SOME)
    assert found.probability[[0, 1]].sum() <= 1.0
    assert found.probability[[2, 3]].sum() <= 1.0


def test_quotas_and_minima_are_kept():
    """What no plan builds is built where a minimum or a quota asks for it."""
    last = int(np.flatnonzero(redraw(InputUncertainty(), draws=1).probability == 0.0)[-1])
    ground = predicted()
    span = slice(ground.first[last], ground.first[last + 1])
    best = ground.cell[span][np.argmax(ground.margin_db[span])]
    asked = replace(RULES, minima=(minimum(1, [last]),))
    assert redraw(InputUncertainty(), draws=1, rules=asked).probability[last] == 1.0
    none = np.empty((0, 2), np.int64)
    asked = replace(RULES, quotas=(quota(0.9, cells=[best]),), excludes=none, stations=1)
    built = int(np.argmax(redraw(InputUncertainty(), draws=1, rules=asked).probability))
    assert best in ground.cell[ground.first[built] : ground.first[built + 1]]


def test_where_everything_is_on_air_nothing_is_chosen():
    found = redraw(InputUncertainty(), draws=2, ground=predicted(before_db=60.0))
    assert found.probability.sum() == 0.0


def test_the_field_has_unit_variance_and_falls_to_1_over_e_at_its_length():
    ground = predicted()
    noise = stability._noise(ground, InputUncertainty(correlation_m=1500.0))
    random = np.random.default_rng(4)
    fields = np.array(
        [stability.field(noise, random.standard_normal(noise.knots)) for _ in range(3000)]
    )
    assert fields.std(axis=0) == pytest.approx(np.ones(CELLS), abs=0.07)
    pixels = 10  # of 150 m
    pairs = [(row * SIDE + c, row * SIDE + c + pixels) for row in range(SIDE) for c in range(20)]
    apart = np.mean([np.mean(fields[:, a] * fields[:, b]) for a, b in pairs])
    assert apart == pytest.approx(np.exp(-1.0), abs=0.06)


def test_probabilities_are_those_of_the_normal_distribution():
    table = stability._table(InputUncertainty(shadowing_db=8.0, cut_off_share=0.1))
    margins = np.linspace(-10.2, 40.0, 500).astype(np.float32)
    share = np.empty(500, np.float32)
    stability._served(margins, np.zeros(500, np.float32), table, share)
    assert share == pytest.approx(stability.ndtr(margins / 8.0), abs=3e-4)
    faint = np.full(1, -10.3, np.float32)  # 8 dB times -1.2816 is -10.25 dB
    stability._served(faint, np.zeros(1, np.float32), table, share[:1])
    assert share[0] == 0.0


def test_a_layer_of_no_demand_is_an_error():
    with pytest.raises(InputError, match="a layer of demand sums to 0"):
        stability.monte_carlo(predicted(), 0.0 * LAYERS, WEIGHTS, RULES, InputUncertainty(), 1)


def test_one_near_counts_for_the_other():
    pairs = np.array([[4, 5], [5, 6]])
    alone, found = redraw(SOME), redraw(SOME, near=pairs)
    assert np.array_equal(alone.probability_nearby, alone.probability)
    assert np.array_equal(found.probability, alone.probability)
    beside = np.delete(np.arange(CANDIDATES), [4, 5, 6])
    assert np.array_equal(found.probability_nearby[beside], alone.probability[beside])
    for one, others in ((4, [4, 5]), (5, [4, 5, 6]), (6, [5, 6])):
        assert found.probability_nearby[one] >= found.probability[others].max()
        assert found.probability_nearby[one] <= found.probability[others].sum()


def test_where_all_stand_together_one_is_always_near():
    every = np.array([(i, j) for i in range(CANDIDATES) for j in range(i)])
    assert redraw(SOME, near=every).probability_nearby.min() == 1.0
