"""What plans could do before there were tiers, they do beside tiers."""

import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.messages import speak
from phusong.scenarios.candidates import places
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan

FEW = ("candidates.lattice_m=600", "uncertainty.draws=2", "selection.seconds=1.0")
STATIONS = "rollout.stations={ 2024 = 2, 2025 = 3 }"
TIERS = "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }"
PARK = (
    'quotas=[{ kind = "industrial", statuses = ["operating"], target_share = 0.6, of = "area", '
    "year = 2024, strict = true }]"
)


def planned(province, *settings, overrides=()):
    scenario = schema.load("urban", [*FEW, TIERS, *settings], overrides)
    return plan(province, scenario)


@pytest.fixture(scope="module")
def usual(mini_province):
    return planned(mini_province, STATIONS)


def needs(result, kind):
    return [need for need in result.choice["reached"] if need["kind"] == kind]


def test_a_quota_comes_before_the_tiers(mini_province):
    own = planned(mini_province, STATIONS, PARK)
    (park,) = needs(own, "quota")
    assert park["met"]
    assert park["asked"] == 0.6
    assert own.ranking[col.TIER].iloc[0] == 0  # of a quota
    assert len(own.tiers) == 2


def test_a_target_share_is_reached_by_no_more_than_it_needs(mini_province):
    few = planned(mini_province, "rollout={ stations = {}, target_share = { 2024 = 0.4 } }")
    more = planned(mini_province, "rollout={ stations = {}, target_share = { 2024 = 0.5 } }")
    for own, share in ((few, 0.4), (more, 0.5)):
        assert own.years[-1]["people_share"] >= share - 1e-6
        assert needs(own, "target")[0]["met"]
    assert len(few.ranking) <= len(more.ranking)


def test_targets_out_of_reach_are_errors_unless_not_strict(mini_province):
    beyond = "rollout={ stations = {}, target_share = { 2024 = 1.0 } }"
    with pytest.raises(InputError, match="all candidates together reach"):
        planned(mini_province, beyond)
    own = planned(mini_province, beyond, "rollout.strict_targets=false")
    assert needs(own, "target")[0]["lowered_to"] < 1.0


def test_minima_of_districts_hold(mini_province):
    own = planned(mini_province, STATIONS, "rollout.min_per_district={ 2025 = 2 }")
    live = places.live_5g(mini_province)[col.DISTRICT_CODE].value_counts()
    built = own.ranking[col.DISTRICT_CODE].value_counts()
    assert all(built.get(code, 0) + live.get(code, 0) >= 2 for code in ("901", "902"))
    assert all(need["met"] for need in needs(own, "minimum"))


@pytest.mark.parametrize(
    ("override", "stations"), [("operators", 5), ("shared_masts", 5), ("outdoor", 5)]
)
def test_overrides_go_with_tiers(mini_province, usual, override, stations):
    own = planned(mini_province, STATIONS, overrides=[override])
    assert len(own.ranking) == stations
    assert [tier["tier"] for tier in own.tiers] == [tier["tier"] for tier in usual.tiers]
    named = set(own.ranking[col.OPERATOR])
    expected = {"shared_masts": {"MobiFone, VNPT, Viettel"}, "outdoor": {""}}
    assert named <= expected.get(override, {"Viettel", "VNPT", "MobiFone"})
    if override == "outdoor":
        assert own.headline["people_share_after"] > usual.headline["people_share_after"]


def test_plan_65_has_its_own_years(mini_province):
    own = planned(mini_province, overrides=["plan_65"])
    assert [year["year"] for year in own.years] == [2022, 2024, 2025]
    shares = [year["people_share"] for year in own.years]
    assert shares == sorted(shares)
    assert shares[0] >= 0.4 - 1e-6
    assert [len(tier["years"]) for tier in own.tiers] == [3, 3]


def test_money_and_stations_are_both_kept(mini_province):
    own = planned(mini_province, STATIONS, "rollout.budget_million={ 2024 = 900.0, 2025 = 900.0 }")
    spent = own.ranking.groupby(col.YEAR)[col.COST_MILLION].sum().cumsum()
    assert (spent <= [900.0 * (i + 1) for i in range(len(spent))]).all()
    assert 0 < len(own.ranking) < 5


def test_backhaul_and_sharing_are_counted(usual):
    assert usual.cost["backhaul_million"] >= 0.0
    assert {way["way"] for way in usual.cost["shared"]} == {"alone", "mast", "passive", "active"}
    assert len(usual.links) >= 0


def test_reasons_are_spoken_in_both_languages(usual):
    for reason in usual.ranking[col.REASON]:
        vietnamese, english = (speak(reason, language) for language in ("vi", "en"))
        assert vietnamese != english
        assert "{" not in vietnamese + english


def test_how_near_a_candidate_belongs_to_a_zone_is_kept(mini_province, usual):
    far = planned(mini_province, STATIONS, "zones.near_m=3000.0")
    count = [(p.candidates[col.ZONE_ID] != "").sum() for p in (usual, far)]
    assert count[0] < count[1]
