"""Figures, holes and words of a plan, against counting by hand."""

import numpy as np
import pandas as pd
import pytest

from phusong import columns as col
from phusong.geodata.countries import open_country
from phusong.messages import message, speak
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.candidates import places
from phusong.scenarios.config import schema
from phusong.scenarios.plan import holes, shares
from phusong.scenarios.plan.explain import reason

REPORTED = open_country().published


@pytest.fixture(scope="module")
def demand(mini_province):
    return demand_.demand(mini_province, schema.load("province"))


def empty(province):
    return np.zeros(province.grid.shape, bool)


def test_one_commune_covered(mini_province):
    first = mini_province.commune_index.values == 0
    communes, districts = shares.by_unit(mini_province, empty(mini_province), first, first)
    assert communes[col.COVERED_POPULATION_SHARE_AFTER].tolist() == [1, 0, 0, 0]
    assert communes[col.COVERED_AREA_SHARE_AFTER].tolist() == [1, 0, 0, 0]
    assert communes[col.COVERED_POPULATION_SHARE_BEFORE].tolist() == [0, 0, 0, 0]
    assert districts[col.COVERED_POPULATION_SHARE_AFTER].tolist() == [21_000 / 30_000, 0]
    assert districts[col.COVERED_AREA_SHARE_AFTER].tolist() == pytest.approx([0.5, 0])
    assert communes[col.SITES].sum() == districts[col.SITES].sum() == 12


def test_zone_without_demand_counts_area(mini_province):
    north = np.arange(mini_province.grid.height)[:, None] < mini_province.grid.height // 2
    covered = north & np.ones(mini_province.grid.shape, bool)
    study = demand_.study(mini_province, schema.load("province"))
    zones = shares.by_zone(study, empty(mini_province), covered)
    after = dict(zip(zones[col.ZONE_ID], zones[col.COVERED_SHARE_AFTER], strict=True))
    wards = {"C90001": 0.0, "C90002": 0.0}
    assert after == pytest.approx({**wards, "I01": 0.0, "T01": 1.0})
    assert zones.set_index(col.ZONE_ID)[col.TIER].to_dict() == {
        "C90001": 1,
        "C90002": 1,
        "I01": 2,
        "T01": 3,
    }
    assert (zones[col.COVERED_SHARE_BEFORE] == 0).all()


@pytest.mark.parametrize(
    ("share", "people", "ok", "words"),
    [
        (1.0, 3000, (True, True), ("agrees", "within")),
        (0.9, 100, (False, False), ("below", "fewer")),
        (0.99, 9000, (True, False), ("agrees", "more than")),
    ],
)
def test_checks_explain_what_differs(share, people, ok, words):
    headline = {"people_share_4g": share, "people_per_station": people, "stations": 4}
    found = shares.checks(headline, REPORTED)
    assert tuple(check["ok"] for check in found) == ok
    for check, word in zip(found, words, strict=True):
        assert word in speak(check["explanation"], "en")
        assert speak(check["explanation"], "vi")


def test_a_plan_without_stations_is_not_compared_by_station():
    headline = {"people_share_4g": 1.0, "people_per_station": 0.0, "stations": 0}
    assert [check["name"] for check in shares.checks(headline, REPORTED)] == ["people_share_4g"]


def test_a_country_that_reports_nothing_is_not_compared():
    headline = {"people_share_4g": 1.0, "people_per_station": 3000, "stations": 4}
    assert shares.checks(headline, open_country("generic").published) == []


def test_holes_are_per_commune_and_count_everyone(mini_province):
    found = holes.holes(mini_province, empty(mini_province), empty(mini_province), np.empty((0, 2)))
    assert found.is_valid.all()
    assert found[col.PEOPLE].sum() == pytest.approx(35_500, rel=0.05)
    assert set(found[col.COMMUNE_CODE]) == set(mini_province.communes[col.COMMUNE_CODE])
    assert found[col.PEOPLE].is_monotonic_decreasing
    assert {speak(cause, "en") for cause in found[col.CAUSE]} == {"no 5G station within 2 km"}
    assert {speak(cause, "vi") for cause in found[col.CAUSE]} == {
        "không có trạm 5G trong bán kính 2 km"
    }
    joined = found.sjoin(mini_province.communes[["geometry", col.NAME]], predicate="within")
    assert len(joined) == len(found)


def test_causes_of_holes(mini_province):
    everywhere = ~empty(mini_province)
    nowhere = empty(mini_province)
    x_m, y_m = mini_province.grid.centres()
    around = np.array([[x, y] for x in x_m[::20] for y in y_m[::20]])
    near = holes.holes(mini_province, nowhere, nowhere, around)
    assert all(cause == message("hole.terrain") for cause in near[col.CAUSE])
    outdoors = holes.holes(mini_province, nowhere, everywhere, around)
    assert all(cause == message("hole.outdoor_only") for cause in outdoors[col.CAUSE])


def test_no_holes_when_all_is_covered(mini_province):
    everywhere = ~empty(mini_province)
    found = holes.holes(mini_province, everywhere, everywhere, np.empty((0, 2)))
    assert found.empty
    assert set(col.HOLES) <= set(found.columns)


def station(**changes):
    values = {
        col.KIND: col.COLOCATED,
        col.POSITION_ID: "P1",
        places.OPERATORS: "VNPT",
        col.HEIGHT_M: 36.0,
        col.MAST_CLASS: "A2b",
        places.NEAREST_M: 0.0,
        col.PEOPLE_GAINED: 1234.4,
        col.WORKERS_GAINED: 0.0,
        col.VISITORS_GAINED: 0.0,
        col.COST_MILLION: 1700.0,
    }
    return pd.Series(values | changes)


def test_reason_in_english():
    assert speak(reason(station(), "KCN Khai Quang"), "en") == (
        "Newly covers 1,234 residents; in or beside KCN Khai Quang; stands on the existing mast P1 "
        "(VNPT), antenna at 36 m; costs 1,700 million VND."
    )


def test_reason_in_vietnamese():
    changed = station(
        **{
            col.KIND: col.NEW,
            places.NEAREST_M: 430.2,
            col.WORKERS_GAINED: 20_000.0,
            col.VISITORS_GAINED: 7.0,
        }
    )
    assert speak(reason(changed, ""), "vi") == (
        "Phủ sóng thêm 1.234 người dân, 20.000 lao động và 7 khách du lịch ngày cao điểm; ngoài "
        "các khu vực ưu tiên; trạm xây mới loại A2b, ăng ten cao 36 m, cách cột gần nhất 430 m; "
        "chi phí 1.700 triệu đồng."
    )


def test_reason_for_nobody_and_the_only_mast():
    changed = station(
        **{
            col.PEOPLE_GAINED: 0.2,
            col.KIND: col.NEW,
            places.NEAREST_M: np.inf,
        }
    )
    assert "nobody more" in speak(reason(changed, ""), "en")
    assert "inf" not in speak(reason(changed, ""), "en")


@pytest.mark.parametrize(("share", "ok", "word"), [(0.02, True, "nothing"), (0.7, False, "beyond")])
def test_the_edge_of_reach_is_checked(share, ok, word):
    check = shares.edge_check("5g", share, 30_000.0)
    assert (check["name"], check["value"], check["ok"]) == ("edge_share_5g", share, ok)
    assert word in speak(check["explanation"], "en")
    assert "30 km" in speak(check["explanation"], "vi")
