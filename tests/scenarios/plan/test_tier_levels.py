"""A tier is served as its level counts: outdoors, expected, or with the probability asked for."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.scenarios.candidates import asked, demand_cells, places
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan
from phusong.scenarios.prediction import live_network

LEVELS = ("outdoor", "indoor", "indoor_90")
TARGET = 0.45
SETTINGS = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=0.2",
    "service.entry_loss_db=3",  # thin walls alike, so that all three are within reach
    "service.entry_loss_sigma_db=2",
    "service.shadowing_sigma_db=3",
    "layer_5g.eirp_per_re_dbm=38",  # so that one station is not enough
    "rollout={ stations = { 2025 = 40 } }",
    f"tiers.1.targets={{ 2025 = {TARGET} }}",
    "tiers.1.least_gain=0",
    "tiers.3.least_gain=1e9",  # the rest waits: what is built is built for the tier
)


def loaded(*more):
    return schema.load("urban", [*SETTINGS, *more])


def at(level):
    return f"tiers.1.level='{level}'"


@pytest.fixture(scope="module")
def plans(mini_province):
    return {level: plan(mini_province, loaded(at(level))) for level in LEVELS}


def recounted(province, result, level):
    """Return the share of the people of the first tier, counted from the layers of a run."""
    study = demand_.study(province, result.scenario)
    pixels, layers = study.tiers[0].pixels, result.layers
    rsrp_dbm = layers["rsrp_after"]().ravel()[pixels]
    served = {
        "outdoor": rsrp_dbm >= result.scenario.service.outdoor_threshold_dbm,
        "indoor": layers["served_2025"]().ravel()[pixels],
        "indoor_90": rsrp_dbm >= result.required_dbm,
    }
    people = layers["residents"]().ravel()[pixels]
    return float(served[level] @ people / people.sum())


def test_the_harder_the_level_the_more_stations_reach_the_target(plans):
    count = {level: len(plans[level].ranking) for level in LEVELS}
    assert 0 < count["outdoor"] < count["indoor"] < count["indoor_90"]
    for level in LEVELS:
        (year,) = plans[level].tiers[0]["years"]
        assert year["met"]
        assert plans[level].tiers[0]["level"] == level


@pytest.mark.parametrize("level", LEVELS)
def test_the_share_of_a_tier_is_that_of_the_rasters_at_its_level(mini_province, plans, level):
    tier = plans[level].tiers[0]
    reached = tier["years"][-1]["reached"]
    assert reached == pytest.approx(recounted(mini_province, plans[level], level), abs=1e-4)
    assert reached == pytest.approx(tier["levels"][level], abs=1e-6)
    assert (plans[level].ranking[col.GAIN_PER_BILLION] > 0.0).all()
    missed = plans[level].waiting
    assert (missed[col.COVERED_SHARE_AFTER] < TARGET).all()


def test_the_expected_share_is_what_counts_unless_a_tier_says_otherwise(mini_province, plans):
    usual, own = plan(mini_province, loaded()), plans["indoor"]
    assert list(usual.ranking[col.SITE_ID]) == list(own.ranking[col.SITE_ID])
    assert usual.tiers == own.tiers
    assert usual.choice == own.choice


def test_what_candidates_serve_of_the_cells_is_what_the_network_of_all_serves(mini_province):
    """Two ways to the same: masts one by one on the sample, and the best server of the grid."""
    scenario = loaded(at("outdoor"), "tiers.3.targets={ 2025 = 0.9 }", "tiers.3.level='indoor_90'")
    nets, live = live_network.networks(scenario), places.live_5g(mini_province)
    before = live_network.predict(mini_province, live, nets, scenario, lambda _: None)
    study, frame = asked.asked(mini_province, scenario, before.share)
    cells = demand_cells.demand_cells(study, before.levels, len(frame))
    cover = demand_cells.cover(mini_province, scenario, frame, cells, lambda _: None)
    level = cells.before.copy()
    np.maximum.at(level, cover.cell, cover.share)
    every = live_network.with_5g(live_network.with_5g(live), frame)
    after = live_network.predict(mini_province, every, nets, scenario, lambda _: None)
    expected = demand_cells.served(cells.over, cells.copies, scenario, after.levels)
    assert set(cells.copies) == {"outdoor", "indoor_90"}
    assert level.size == expected.size == cells.size > cells.ordinary
    assert np.mean(np.abs(level - expected) > 1e-3) < 1e-3
    for name in cells.copies:
        start, own = cells.block(name)
        assert 0.0 < expected[start : start + own.size].mean() <= 1.0


def test_demand_counts_on_the_cells_of_its_level_alone(mini_province):
    study = demand_.study(mini_province, loaded(at("indoor_90")))
    nothing = [np.full(mini_province.grid.shape, -np.inf, np.float32)]
    cells = demand_cells.demand_cells(study, nothing, 100)
    whole = study.tier_demand(study.tiers[0])
    counted = cells.of_grid(whole, "indoor_90")
    assert counted.sum() == pytest.approx(whole.sum())
    assert not counted[: cells.ordinary].any()
    for values in (cells.weighted, cells.first, *cells.kinds.values()):
        assert not values[cells.ordinary :].any()
    pixels = study.tiers[0].pixels
    held, weight = cells.of_pixels(pixels, whole[pixels], "indoor_90")
    assert np.allclose(np.bincount(held, weight, cells.size), counted)


def test_a_level_that_there_is_not_is_told_with_those_there_are():
    with pytest.raises(InputError) as error:
        loaded(at("underground"))
    assert all(level in str(error.value) for level in LEVELS)
    with pytest.raises(InputError, match="without targets"):
        loaded("tiers.3.level='outdoor'")
