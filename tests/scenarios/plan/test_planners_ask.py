"""What planners ask: one input changes, and the plan moves as it should."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata.network import point_lists
from phusong.scenarios.candidates import demand
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan
from phusong.scenarios.results import result

FEW = (
    "rollout.stations={ 2024 = 1, 2026 = 2 }",
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "tiers=[]",
)


def planned(province, *settings):
    return plan(province, schema.load("urban", [*FEW, *settings]))


@pytest.fixture(scope="module")
def usual(mini_province):
    return planned(mini_province)


def test_residents_grow_alike_and_shares_stay(mini_province, usual):
    own = planned(mini_province, "demand.growth={ per_year = 0.02, since = 2020 }")
    factor = 1.02**6
    assert own.headline["population"] == pytest.approx(35_500 * factor, rel=1e-4)
    shares = [p.headline["people_share_after"] for p in (usual, own)]
    assert shares[0] == pytest.approx(shares[1], abs=2e-4)
    population = [year["population"] for year in own.years]
    assert population == pytest.approx([35_500 * 1.02**4, 35_500 * factor], rel=1e-4)
    record = result.record(own, result.counted(own)["masts_by_district"][0])
    assert record["province"]["population_year"] == 2026
    texts = [str(m) for m in record["assumptions"] if m.id == "assumption.growth"]
    assert "those of 2026" in texts[0]
    assert "+2.0% a year from 2020" in texts[0]
    assert own.province.sites.equals(mini_province.sites)


def test_a_unit_grows_by_itself_and_the_plan_follows(mini_province, usual):
    """The small commune in the north-east becomes the largest."""
    rule = 'demand.growth={ units = { "90004" = 0.2, "901" = -0.1 }, since = 2010 }'
    own = planned(mini_province, rule)
    people = own.communes.set_index(col.COMMUNE_CODE)[col.POPULATION]
    assert people.to_dict() == {
        "90001": round(21_000 * 0.9**16),
        "90002": round(9_000 * 0.9**16),
        "90003": 4_000,
        "90004": round(1_500 * 1.2**16),
    }
    shares = [
        p.communes.set_index(col.COMMUNE_CODE)[col.COVERED_POPULATION_SHARE_AFTER]["90004"]
        for p in (usual, own)
    ]
    assert shares[0] < shares[1] - 0.1
    for year in own.years:
        assert year["people_share_low"] <= year["people_share"] <= year["people_share_high"]


def test_a_number_is_the_rate_of_all():
    assert schema.load("urban", ["demand.growth=0.01"]).demand.growth.per_year == 0.01


def test_unknown_units_and_years_are_told(mini_province):
    with pytest.raises(InputError, match=r"(?s)is no code.*did you mean 9000.*which year"):
        planned(mini_province, 'demand.growth={ units = { "9000" = 0.1 } }')


@pytest.fixture
def schools(mini_province, tmp_path):
    at = mini_province.communes.geometry.iloc[[2, 3]].centroid.to_crs("EPSG:4326")
    lines = [
        f"Trường {i},{w},{p.x:.6f},{p.y:.6f}"
        for i, (w, p) in enumerate(zip((900, ""), at, strict=True))
    ]
    path = tmp_path / "schools.csv"
    path.write_text("\n".join(["Tên,Trọng số,lon,lat", *lines]), encoding="utf-8")
    return path


def test_points_count_by_their_weight(mini_province, schools):
    points = point_lists.read_demand_points(schools, mini_province.communes)
    assert points[col.WEIGHT].to_list() == [900.0, 1.0]


def test_a_tier_of_points_is_served_up_to_its_target(mini_province, schools):
    reached = []
    for target in (0.21, 0.99):
        tier = f'tiers=[{{ of = "points", targets = {{ 2024 = {target} }} }}]'
        own = planned(mini_province, f"demand.points_file={schools}", tier)
        (first,) = own.tiers
        assert first["demand"] == pytest.approx(901)
        reached.append(first["years"][0]["reached"])
    assert reached[1] > reached[0] + 0.1


def test_points_count_in_all_demand(mini_province, schools):
    scenario = schema.load("urban", ["demand.points=2.0"])
    points = point_lists.read_demand_points(schools, mini_province.communes)
    province = type(mini_province)(**{**vars(mini_province), "points": points})
    more = demand.demand(province, scenario).weighted
    less = demand.demand(mini_province, scenario).weighted
    assert (more - less).sum() == pytest.approx(2 * 901)


def test_points_outside_are_told_with_their_rows(mini_province, tmp_path):
    path = tmp_path / "schools.csv"
    path.write_text("name,weight,lon,lat\nA,1,105.6,21.29\nB,x,100.0,10.0\n")
    with pytest.raises(InputError, match=r"(?s)schools\.csv:3"):
        planned(mini_province, f"demand.points_file={path}")


def test_the_state_pays_a_share_of_equipment(mini_province, usual):
    own = planned(mini_province, "cost.state_equipment_share=0.15")
    (whole,) = usual.cost["payers"]
    payers = {row[col.PAYER]: row for row in own.cost["payers"]}
    assert set(payers) == {"operators", "state"}
    assert whole[col.COST_MILLION] == pytest.approx(usual.cost["capex_million"], abs=0.1)
    together = sum(row[col.COST_MILLION] for row in payers.values())
    assert together == pytest.approx(whole[col.COST_MILLION], abs=0.2)
    equipment = 400.0  # of 1,000 million VND, in three equal... parts of 40, 30 and 30 %
    assert payers["state"][col.COST_MILLION] == pytest.approx(0.15 * equipment * 3, abs=1.0)
    assert payers["state"][col.OPEX_MILLION] == 0.0
    assert list(own.ranking[col.SITE_ID]) == list(usual.ranking[col.SITE_ID])
    table, order = result.counted(own)["costs_by_payer"]
    assert list(table.columns) == list(order)


def test_operators_of_a_shared_station_pay_alike(mini_province):
    own = planned(mini_province, 'candidates.policy="shared"')
    paid = {row[col.PAYER]: row[col.COST_MILLION] for row in own.cost["payers"]}
    assert set(paid) == {"Viettel", "VNPT", "MobiFone"}
    assert np.ptp(list(paid.values())) < 0.2
    assert sum(paid.values()) == pytest.approx(own.cost["capex_million"], abs=0.3)


def test_present_value_counts_what_running_costs(mini_province):
    """The same million builds fewer stations where running them counts too."""
    money = "rollout={ stations = {}, budget_million = { 2024 = 4000.0 } }"
    capex = planned(mini_province, money)
    present = planned(mini_province, money, 'selection.money="present_value"')
    assert len(present.ranking) < len(capex.ranking)
    assert present.ranking[col.PRESENT_VALUE_MILLION].sum() <= 4000.0
    assert capex.ranking[col.COST_MILLION].sum() <= 4000.0


def test_the_figure_of_the_resolution_is_an_override():
    scenario = schema.load("urban", overrides=["resolution_193"])
    assert scenario.cost.state_equipment_share == 0.15
