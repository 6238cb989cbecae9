"""A plan with tiers: figures by tier are those of the pixels, and what is short is listed."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan

SETTINGS = (
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
    "candidates.lattice_m=600",
    "uncertainty.draws=5",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.7 }",
)


@pytest.fixture(scope="module")
def made(mini_province):
    scenario = schema.load("urban", list(SETTINGS))
    return demand_.study(mini_province, scenario), plan(mini_province, scenario)


def test_a_tier_reaches_what_its_zones_do(made):
    """The share of a tier of people is that of its zones together, counted at every pixel."""
    study, result = made
    zones = result.zones[result.zones[col.TIER] == 1]
    people = [study.demand.people[pixels].sum() for pixels in study.zone_pixels(zones)]
    together = float(np.dot(people, zones[col.COVERED_SHARE_AFTER]) / np.sum(people))
    assert result.tiers[0]["years"][-1]["reached"] == pytest.approx(together, abs=1e-6)
    rest = result.tiers[-1]
    assert rest["years"][-1]["reached"] == pytest.approx(result.headline["people_share_after"])
    assert rest["zones"] == 0


def test_a_tier_is_told_outdoors_expected_and_with_the_probability_asked_for(made):
    _, result = made
    head = result.headline
    whole = result.tiers[-1]["levels"]
    names = {"outdoor": "outdoor_people", "indoor": "people", "indoor_90": "sure_people"}
    for level, name in names.items():
        assert whole[level] == pytest.approx(head[f"{name}_share_after"], abs=1e-6)
    for tier in result.tiers:
        levels = tier["levels"]
        assert levels["indoor_90"] <= levels["indoor"] <= levels["outdoor"]
        assert levels["indoor"] == pytest.approx(tier["years"][-1]["reached"], abs=1e-6)


def test_stations_and_money_of_the_tiers_are_those_of_the_years(made):
    _, result = made
    for place, year in enumerate(result.years):
        own = [tier["years"][place] for tier in result.tiers]
        assert sum(each["stations"] for each in own) == year["stations"]
        assert sum(each["cost_million"] for each in own) == pytest.approx(
            year["cost_million"], abs=0.2
        )


def test_stations_of_a_tier_add_at_least_what_it_asks_for(made):
    _, result = made
    own = result.ranking[result.ranking[col.TIER] == 1]
    assert len(own)
    assert (own[col.GAIN_PER_BILLION] >= 1000.0).all()


def test_zones_under_their_target_wait_and_no_others(made):
    _, result = made
    short = result.zones[(result.zones[col.TIER] == 1)]
    short = short[short[col.COVERED_SHARE_AFTER] < 0.7 - 1e-3]
    waiting = result.waiting
    assert set(waiting[col.ZONE_ID]) == set(short[col.ZONE_ID])
    assert (waiting[col.MISSED] > 0).all()
    built = set(result.ranking[col.SITE_ID])
    for row in waiting.itertuples():
        assert row.reason in ("reach", "least_gain", "means")
        assert (row.site_id == "") == (row.way in ("in_building", "lower_band"))
        assert row.site_id not in built
        if row.site_id:
            assert row.gain >= 0.1 * row.missed
