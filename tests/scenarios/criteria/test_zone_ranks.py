"""Ranking of zones on plain numbers: weights of mean 1 within bounds, draws, intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from phusong import columns as col
from phusong import messages
from phusong.errors import InputError
from phusong.meanings import COLUMNS
from phusong.scenarios.criteria import zone_criteria, zone_ranks
from phusong.scenarios.criteria.zone_criteria import CRITERIA
from phusong.scenarios.criteria.zone_ranks import Uncertain

NAMES = list(zone_criteria.columns())
SCORES = arrays(float, 6, elements=st.floats(0, 1))
DEMANDS = arrays(float, 6, elements=st.floats(0.1, 1e5))
TIERS = np.array([1, 1, 1, 2, 2, 0])


def zones(values, tier=1):
    """Return zones that differ in people not served and in cost alone."""
    frame = pd.DataFrame(0.0, index=range(len(values)), columns=NAMES)
    frame[col.PEOPLE_UNSERVED], frame[col.COST_MILLION_PER_1000] = np.transpose(values)
    return frame.assign(**{col.TIER: tier})


def uncertain(concentration=50.0, common_db=0.0, draws=400, measured=None, seed=1):
    return Uncertain(
        concentration, common_db, draws, seed, np.linspace(-16.0, 16.0, 17), measured or {}
    )


def ranked(frame, section, spread=None):
    demand = np.ones(len(frame))
    return zone_ranks.ranked(None, frame, np.copy, demand, section, "test", spread or uncertain())


FOUR = zones([(900.0, 50.0), (500.0, 10.0), (300.0, 30.0), (100.0, 5.0)])


@settings(max_examples=60)
@given(SCORES, DEMANDS)
def test_weights_have_mean_1_in_every_tier_and_keep_their_bounds(score, demand):
    weight = zone_ranks.zone_weights(score, demand, TIERS)
    for number in (1, 2):
        own = number == TIERS
        assert weight[own] @ demand[own] == pytest.approx(demand[own].sum())
    assert (weight >= 1 / 3 - 1e-12).all()
    assert (weight <= 3 + 1e-12).all()
    assert weight[TIERS == 0].tolist() == [1.0]


@settings(max_examples=60)
@given(SCORES, DEMANDS)
def test_the_better_zone_of_a_tier_never_weighs_less(score, demand):
    weight = zone_ranks.zone_weights(score, demand, np.ones(6, int))
    order = np.argsort(score)
    assert (np.diff(weight[order]) >= -1e-12).all()


def test_equal_scores_weigh_1_and_half_the_scale_is_worth_a_factor_of_3():
    demand = np.array([70.0, 20.0, 10.0])
    one = np.ones(3, int)
    assert zone_ranks.zone_weights(np.full(3, 0.8), demand, one) == pytest.approx(1.0)
    apart = zone_ranks.zone_weights(np.array([0.25, 0.75, 0.5]), demand, one)
    assert apart[1] / apart[0] == pytest.approx(3.0)
    assert apart[2] / apart[0] == pytest.approx(3**0.5)


def test_all_weight_on_one_criterion_ranks_by_it():
    by_people = ranked(FOUR, {"people": 1.0}).columns
    by_cost = ranked(FOUR, {"cost": 2.0}).columns
    assert by_people[col.RANK].tolist() == [1, 2, 3, 4]
    assert by_cost[col.RANK].tolist() == [4, 2, 3, 1]
    assert by_people[col.SCORE].tolist() == pytest.approx([100.0, 50.0, 25.0, 0.0])


def test_sure_weights_and_predictions_leave_every_rank_where_it_is():
    columns = ranked(FOUR, {"people": 3.0, "cost": 1.0}, uncertain(1e9)).columns
    assert (columns[col.RANK_LOW] == columns[col.RANK]).all()
    assert (columns[col.RANK_HIGH] == columns[col.RANK]).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000))
def test_intervals_hold_the_rank_and_draws_are_permutations(seed):
    values = np.random.default_rng(seed).uniform(1.0, 100.0, (15, 2))
    result = ranked(zones(values), {"people": 1.0, "cost": 1.0}, uncertain(5.0, seed=seed))
    columns = result.columns
    assert (columns[col.RANK_LOW] <= columns[col.RANK]).all()
    assert (columns[col.RANK] <= columns[col.RANK_HIGH]).all()
    assert columns[col.PROBABILITY_TOP_N].sum() == pytest.approx(zone_ranks.TOP, abs=0.02)
    assert result.drawn.shape == (400, 15)
    assert result.drawn @ np.ones(15) == pytest.approx(15.0)


def test_the_spread_of_drawn_weights_is_that_of_a_dirichlet_distribution():
    """With two criteria the score of a zone that leads one of them is that one's weight."""
    spread = uncertain(10.0, draws=20_000)
    score = zone_ranks.drawn(
        zones([(1.0, 1.0), (0.0, 0.0)])[NAMES].to_numpy(),
        np.array([0.3 if name == col.PEOPLE_UNSERVED else 0.0 for name in NAMES])
        + np.array([0.7 if name == col.COST_MILLION_PER_1000 else 0.0 for name in NAMES]),
        spread,
    )
    assert score[:, 0].mean() == pytest.approx(0.3, abs=0.01)
    assert score[:, 0].var() == pytest.approx(0.3 * 0.7 / 11.0, rel=0.05)


def test_the_common_error_moves_what_is_not_served():
    """The second zone misses more people when levels are lower than predicted."""
    errors = np.linspace(-16.0, 16.0, 17)
    missed = np.column_stack([np.full(17, 500.0), 400.0 - 50.0 * errors])
    frame = zones([(500.0, 1.0), (400.0, 1.0)])
    spread = uncertain(1e9, 4.0, 2000, {col.PEOPLE_UNSERVED: missed})
    columns = ranked(frame, {"people": 1.0}, spread).columns
    assert columns[col.RANK].tolist() == [1, 2]
    assert columns[col.RANK_HIGH].tolist() == [2, 2]
    draws = zone_ranks.drawn(frame[NAMES].to_numpy(), np.eye(len(NAMES))[0], spread)
    below_2_db = 0.3085  # of a normal distribution of 4 dB
    assert (draws[:, 1] > draws[:, 0]).mean() == pytest.approx(below_2_db, abs=0.03)


def test_the_same_seed_gives_the_same_draws_and_another_others():
    section = {"people": 1.0, "cost": 1.0}
    one, same, other = (ranked(FOUR, section, uncertain(5.0, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.drawn, same.drawn)
    assert not np.array_equal(one.drawn, other.drawn)


def test_a_score_is_what_the_record_says():
    result = ranked(FOUR, {"people": 0.25, "cost": 0.5, "policy": 0.25})
    again = pd.Series(0.0, FOUR.index)
    for criterion in result.record()["criteria"]:
        span = criterion["high"] - criterion["low"]
        if span > 0.0:
            share = (FOUR[criterion["column"]] - criterion["low"]) / span
            again += criterion["weight"] * (share if criterion["benefit"] else 1.0 - share)
    assert 100 * again.to_numpy() == pytest.approx(result.columns[col.SCORE].to_numpy(), abs=1e-4)


def test_every_criterion_is_explained_in_both_languages_and_has_a_column():
    for language in messages.SHIPPED:
        assert set(messages.words(language, "criterion")) == set(zone_criteria.names())
    assert {c.name for c in CRITERIA if not c.benefit} == {"cost", "backhaul"}
    assert set(NAMES) <= set(col.ZONES_RANKING)
    for criterion in CRITERIA:
        assert criterion.unit == COLUMNS[criterion.column].unit or criterion.unit.startswith("0 ")


@pytest.mark.parametrize(("old", "new"), zone_criteria.REPLACED.items())
def test_criteria_of_stations_name_those_of_zones(old, new):
    with pytest.raises(InputError, match=rf"(?s)'{old}' was one of stations.*use '{new}'"):
        zone_criteria.read({old: 1.0}, "mine.toml")
    with pytest.raises(InputError, match=rf"(?s)'{old}' was one of stations.*use '{new}'"):
        zone_criteria.read({"pairwise": {f"people / {old}": 3}}, "mine.toml")
