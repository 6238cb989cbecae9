"""Zones ranked in a plan: the score computed again, TOPSIS too, and what the weights change."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.candidates import policy, zone_measures
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan

SETTINGS = (
    "rollout.stations={ 2024 = 2, 2025 = 2 }",
    "candidates.lattice_m=600",
    "uncertainty.draws=20",
    "tiers.1.targets={ 2024 = 0.5, 2025 = 0.9 }",
    "tiers.1.least_gain=0",
)


def planned(province, *settings):
    return plan(province, schema.load("urban", [*SETTINGS, *settings]))


@pytest.fixture(scope="module")
def shipped(mini_province):
    return planned(mini_province)


def normal(values, benefit):
    low, high = values.min(), values.max()
    if high == low:
        return np.zeros(values.size)
    return (values - low if benefit else high - values) / (high - low)


def test_scores_are_those_of_the_table_and_the_record(shipped):
    """By hand from the columns that are written, and the weights of run.json."""
    table, record = shipped.zones_ranking, shipped.choice["zones"]
    score = sum(
        c["weight"] * normal(table[c["column"]].to_numpy(float), c["benefit"])
        for c in record["criteria"]
    )
    assert 100 * score == pytest.approx(table[col.SCORE].to_numpy(), abs=1e-3)
    assert sum(c["weight"] for c in record["criteria"]) == pytest.approx(1.0)
    assert table[col.RANK].tolist() == sorted(table[col.RANK])
    assert record["zones"] == len(table) == 2


def test_topsis_is_that_of_the_table(shipped):
    table, record = shipped.zones_ranking, shipped.choice["zones"]
    best, worst = np.zeros(len(table)), np.zeros(len(table))
    for c in record["criteria"]:
        values = table[c["column"]].to_numpy(float)
        length = np.sqrt((values**2).sum())
        weighted = c["weight"] * values / length if length else values
        good, bad = weighted.max(), weighted.min()
        good, bad = (good, bad) if c["benefit"] else (bad, good)
        best += (weighted - good) ** 2
        worst += (weighted - bad) ** 2
    closeness = 100 * np.sqrt(worst) / (np.sqrt(best) + np.sqrt(worst))
    assert closeness == pytest.approx(table[col.TOPSIS].to_numpy(), abs=1e-3)


def test_what_is_not_served_is_counted_at_every_pixel(mini_province, shipped):
    study = demand_.study(mini_province, schema.load("urban", list(SETTINGS)))
    zones = shipped.zones.set_index(col.ZONE_ID)
    table = shipped.zones_ranking
    for zone, pixels in zip(table.itertuples(), study.zone_pixels(table), strict=True):
        people = study.demand.people[pixels].sum()
        share = zones[col.COVERED_SHARE_BEFORE][zone.zone_id]
        assert zone.people_unserved == pytest.approx(people * (1.0 - share), abs=0.06)
        assert zone.demand_unserved == zone.people_unserved


def test_weights_have_mean_1_over_the_demand_of_the_tier(mini_province, shipped):
    study = demand_.study(mini_province, schema.load("urban", list(SETTINGS)))
    table = shipped.zones_ranking
    owned = zone_measures.owned(study, table)
    demand = [study.tier_demand(study.tiers[0])[pixels].sum() for pixels in owned]
    assert np.dot(table[col.WEIGHT], demand) / np.sum(demand) == pytest.approx(1.0, abs=1e-4)
    assert sum(demand) == pytest.approx(study.tier_demand(study.tiers[0]).sum())


def test_judgements_change_the_order_of_build(mini_province):
    """All weight on people puts the larger ward first, all on fibre the one where fibre is.

    The first station of the plan then stands in the ward that weighs more.
    """
    by_people = planned(mini_province, "weights.people=1.0")
    by_fibre = planned(mini_province, "weights.backhaul=1.0")
    for result, first, second in ((by_people, "90001", "90002"), (by_fibre, "90002", "90001")):
        table = result.zones_ranking
        assert table[col.COMMUNE_CODE].tolist() == [first, second]
        assert table[col.WEIGHT].iloc[0] > 1.0 > table[col.WEIGHT].iloc[1]
        assert result.ranking[col.COMMUNE_CODE].iloc[0] == first


def test_the_same_plan_has_the_same_ranking(mini_province, shipped):
    again = planned(mini_province).zones_ranking
    assert again.drop(columns="geometry").equals(shipped.zones_ranking.drop(columns="geometry"))


def test_without_tiers_the_zones_of_the_kind_are_ranked_and_weigh_1(mini_province):
    table = planned(mini_province, "tiers=[]").zones_ranking
    assert set(table[col.KIND]) == {"urban"}
    assert (table[col.WEIGHT] == 1.0).all()
    assert (table[col.TIER] == 0).all()


def test_the_centre_of_the_provincial_capital_comes_first_by_policy(reference_province):
    study = demand_.study(reference_province, schema.load("province"))
    zones = zone_measures.compared(study)
    priority = policy.zone_priorities(zones, reference_province)
    best = zones[priority == priority.max()]
    core = reference_province.zones.set_index(col.ZONE_ID).loc["U01"]
    assert priority.max() == 1.0
    assert set(best[col.DISTRICT_CODE]) == {core[col.DISTRICT_CODE]}
    assert best.geometry.contains(core.geometry.representative_point()).any()
    wards = (zones[col.CATEGORY] == "ward").to_numpy()
    assert priority[wards].min() > priority[~wards].max()
