"""What is on air when a plan begins follows the list of existing 5G and its date."""

import json

import pytest

import phusong as ps
from phusong.geodata.provinces import reported
from phusong.scenarios.candidates import asked, places, policy_zones
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan
from phusong.scenarios.results import result

FEW = (
    "rollout.stations={ 2024 = 1 }",
    "candidates.lattice_m=600",
    "candidates.new=false",
    "uncertainty.draws=2",
    "tiers=[]",
)


@pytest.fixture(scope="module")
def on_air(mini_province, tmp_path_factory):
    """Write three stations of 5G, the last of which is on air a year later."""
    points = mini_province.sites.geometry.iloc[[1, 2, 4]].to_crs("EPSG:4326")
    dates = ("2023-05-01", "06/2023", "1/8/2024")
    rows = [
        f"N{i},VNPT,{day},{p.x:.7f},{p.y:.7f}"
        for i, (day, p) in enumerate(zip(dates, points, strict=True))
    ]
    path = tmp_path_factory.mktemp("lists") / "5g.csv"
    path.write_text("\n".join(["site_id,operator,on_air,lon,lat", *rows]), encoding="utf-8")
    return path


def test_the_list_is_a_key_of_the_scenario_and_its_date_is_recorded(mini_province, on_air):
    usual = plan(mini_province, schema.load("urban", FEW))
    own = plan(mini_province, schema.load("urban", [*FEW, f"existing_5g.file={on_air}"]))
    later = [f"existing_5g={{ file = '{on_air}', by = '2024-12-31' }}"]
    both = plan(mini_province, schema.load("urban", [*FEW, *later]))
    assert [p.headline["live_5g"] for p in (usual, own, both)] == [1, 2, 3]
    before = [p.headline["people_share_before"] for p in (own, both)]
    assert before[0] < before[1]
    record = json.loads(
        json.dumps(result.record(own, result.counted(own)["masts_by_district"][0])["baseline"])
    )
    assert record["date"] == "2023-12-31"  # the plan begins in 2024
    assert (record["stations"], record["later"], record["source"]) == (2, 1, "5g.csv")
    assert (
        result.record(usual, result.counted(usual)["masts_by_district"][0])["baseline"]["date"]
        is None
    )
    texts = [
        m
        for m in result.record(own, result.counted(own)["masts_by_district"][0])["assumptions"]
        if m.id == "assumption.baseline"
    ]
    assert "5G on air by 2023-12-31: 2 stations of 5g.csv" in str(texts[0])
    assert not {"5G-P01", "5G-P02"} & set(own.candidates["site_id"])


def test_a_plan_takes_the_list_as_an_argument(mini_province, on_air):
    scenario = ps.load_scenario("urban", FEW)
    made = ps.plan(mini_province, scenario, existing_5g=on_air)
    assert made.figures["live_5g"] == 2
    read = ps.read_sites(on_air, mini_province)
    assert ps.plan(mini_province, scenario, existing_5g=read).figures == made.figures


def test_a_list_that_cannot_be_read_is_told_with_all_else(mini_province, tmp_path):
    settings = [*FEW, f"existing_5g.file={tmp_path / 'none.csv'}", 'candidates.forbid=["X"]']
    with pytest.raises(ps.errors.InputError, match=r"(?s)none\.csv.*candidates\.forbid"):
        plan(mini_province, schema.load("urban", settings))


def test_a_number_without_positions_is_called_synthetic_and_a_list_goes_before_it(
    mini_province, on_air
):
    count = "existing_5g={ stations = 4, by = '2023-12-31', source = 'press' }"
    own = plan(mini_province, schema.load("urban", [*FEW, count]))
    record = result.record(own, result.counted(own)["masts_by_district"][0])
    assert (own.headline["live_5g"], record["baseline"]["placement"]) == (4, "counted")
    texts = [str(m) for m in record["assumptions"] if m.id.startswith("assumption.baseline")]
    assert len(texts) == 1
    assert "5G on air by 2023-12-31: 4 stations (press)" in texts[0]
    assert "synthetic rule" in texts[0]
    both = plan(mini_province, schema.load("urban", [*FEW, count, f"existing_5g.file={on_air}"]))
    assert both.headline["live_5g"] == 2
    assert (
        result.record(both, result.counted(both)["masts_by_district"][0])["baseline"]["placement"]
        == "listed"
    )


def test_a_number_needs_a_date_and_a_source():
    with pytest.raises(ps.errors.InputError, match=r"needs by .a date. and source"):
        schema.load("urban", ["existing_5g.stations=100"])


def test_more_stations_than_sites_are_refused_with_what_there_is(mini_province):
    count = "existing_5g={ stations = 50, by = '2023-12-31', source = 'press' }"
    with pytest.raises(ps.errors.InputError, match=r"existing_5g.*only 12 live sites of 4G of any"):
        plan(mini_province, schema.load("urban", [*FEW, count]))


def test_the_embedded_province_dates_its_stations_and_can_take_those_of_2025():
    province = ps.open_province()
    assert (province.baseline.date, province.baseline.stations) == ("2023-08-31", 5)
    scenario = schema.load("urban", overrides=["mid_2025"])
    later = asked.prepared(province, scenario, asked.Findings())
    live = places.live_5g(later)
    assert (later.baseline.date, later.baseline.stations, len(live)) == ("2025-06-30", 100, 100)
    assert later.baseline.source == reported.reported("26", "5G")[1].source
    assert scenario.rollout.years[0] == 2026  # the plan begins after what it begins with
    wards = policy_zones.policy_zones(province)
    wards = wards[(wards.category == "ward")]
    assert all(live.intersects(ward).any() for ward in wards.geometry)
