"""What does not fit between a scenario and its province is told in one error, with its line."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.scenarios.candidates import asked, demand
from phusong.scenarios.candidates.policy_zones import with_files
from phusong.scenarios.config import schema

PARKS = """zone_id,name,kind,category,status,workers,lon,lat,area_ha
,North park,industrial,industrial_park,operating,2000,{},{},20
K2,South park,industrial,industrial_park,planned,1000,{},{},20
"""


def parks_file(path, province):
    """Write two parks in the first and the third commune."""
    points = province.communes.geometry.iloc[[0, 2]].centroid.to_crs("EPSG:4326")
    path.write_text(PARKS.format(*(v for p in points for v in (p.x, p.y))), encoding="utf-8")
    return path


def nothing_served(province):
    return np.zeros(province.grid.shape, np.float32)


def opened(province, scenario, served=None):
    findings = asked.Findings()
    prepared = asked.prepared(province, scenario, findings)
    served = nothing_served(province) if served is None else served
    return asked.asked(prepared, scenario, served, findings)


def test_zones_of_a_file_are_a_tier_and_move_nobody(mini_province, tmp_path):
    parks_file(tmp_path / "parks.csv", mini_province)
    (tmp_path / "mine.toml").write_text(
        'extends = "industrial"\n'
        "[[tiers]]\n"
        'zones = { file = "parks.csv" }\n'
        'of = "workers"\n'
        "targets = { 2024 = 0.5 }\n"
    )
    scenario = schema.load(str(tmp_path / "mine.toml"))
    study, frame = opened(mini_province, scenario)
    (tier,) = study.tiers
    assert sorted(tier.zones[col.NAME]) == ["North park", "South park"]
    assert "parks-I01" in set(tier.zones[col.ZONE_ID])  # I01 is the province's own
    assert study.tier_demand(tier).sum() == pytest.approx(2000)  # planned ones do not count
    before = demand.study(mini_province, schema.load("industrial"))
    assert np.array_equal(study.demand.people, before.demand.people)
    assert study.province.sites.equals(mini_province.sites)
    assert len(study.province.zones) == len(mini_province.zones) + 2
    assert len(frame)
    assert scenario.model_dump()["tiers"][0]["zones"]["file"] == "parks.csv"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ('ids = ["T01"]', {"T01"}),
        ('statuses = ["operating"], kind = "industrial"', {"I01"}),
        ('kind = "urban", unit_types = ["phuong"]', {"C90001", "C90002"}),
    ],
)
def test_tiers_name_zones_by_what_they_are(mini_province, named, expected):
    setting = f"tiers=[{{ zones = {{ {named} }}, of = 'area', targets = {{ 2024 = 0.5 }} }}]"
    study, _ = opened(mini_province, schema.load("urban", [setting]))
    assert set(study.tiers[0].zones[col.ZONE_ID]) == expected


def test_everything_that_does_not_fit_is_told_at_once_with_its_line(mini_province, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'extends = "urban"\n'
        "[[tiers]]\n"
        'zones = { kind = "urban" }\n'
        'of = "people"\n'
        "targets = { 2024 = 0.1, 2025 = 0.9 }\n"
        "[[tiers]]\n"
        'zones = { ids = ["X9"] }\n'
        "targets = { 2024 = 0.5 }\n"
        "[[tiers]]\n"
        "targets = { 2024 = 0.5 }\n"
        'of = "road_km"\n'
        "[tiers.zones]\n"
        'ids = ["T01"]\n'
        "[zones]\n"
        'extra = ["none.geojson"]\n'
        "[candidates]\n"
        'forbid = ["5G-P01"]\n'
        'require = { "5G-P01" = 2024, "5G-P9X" = 2025 }\n'
    )
    scenario = schema.load(str(path), ['candidates.only_masts_of=["Gtel"]'])
    with pytest.raises(InputError) as caught:
        opened(mini_province, scenario, nothing_served(mini_province) + np.float32(0.3))
    told = {(d.column, d.row) for d in caught.value.defects if d.source == str(path)}
    assert told == {
        ("tiers.1.targets.2024", 5),
        ("tiers.2.zones", 7),
        ("tiers.3.of", 11),
        ("candidates.require", 18),
    }
    text = str(caught.value)
    assert "under the 30.0% that are served before the plan" in text
    assert "'5G-P9X': no station can be built there" in text
    assert "did you mean 5G-P" in text
    assert "'5G-P01': is ruled out too" in text
    assert "none.geojson" in text
    assert "--set candidates.only_masts_of" in text


def test_a_tier_that_may_go_may_be_reached_already(mini_province):
    served = nothing_served(mini_province) + np.float32(0.9)
    assert len(opened(mini_province, schema.load("urban"), served).study.tiers) == 2


def test_targets_that_fall_and_shares_over_one_are_told_with_their_lines(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'extends = "urban"\n'
        "[[tiers]]\n"
        "targets = { 2024 = 0.8, 2025 = 0.6 }\n"
        "[[tiers]]\n"
        "[tiers.targets]\n"
        "2024 = 0.5\n"
        "2025 = 1.5\n"
    )
    with pytest.raises(InputError) as caught:
        schema.load(str(path), ["tiers.1.least_gain=-1"])
    told = {(d.source, d.column, d.row) for d in caught.value.defects}
    assert told == {
        (str(path), "tiers.1.targets", 3),
        (str(path), "tiers.2.targets.2025", 7),
        ("--set tiers.1.least_gain=-1", "tiers.1.least_gain", None),
    }
    assert "falls from 0.8 in 2024 to 0.6 in 2025" in str(caught.value)


def test_a_point_outside_the_province_is_told_with_its_row(mini_province, tmp_path):
    path = tmp_path / "parks.csv"
    path.write_text(PARKS.format(105.6, 21.3, 10.0, 50.0), encoding="utf-8")
    with pytest.raises(InputError, match=r"parks\.csv:"):
        with_files(mini_province, [str(path)])
