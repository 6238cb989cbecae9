"""Masts by class, sharing by operator and what a plan adds: hand counts, sums, published rates."""

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from phusong import columns as col
from phusong.scenarios.results import infrastructure
from phusong.scenarios.results.infrastructure import EVERY

DISTRICTS = gpd.GeoDataFrame({col.DISTRICT_CODE: ["901", "902"], col.NAME: ["Nam", "Bắc"]})
COMMUNES = gpd.GeoDataFrame(
    {col.COMMUNE_CODE: ["90001", "90002", "90003"], col.NAME: ["Một", "Hai", "Ba"]}
)
DISTRICT_OF = {"90001": "901", "90002": "901", "90003": "902"}
# position, operator, technologies, class, height, commune
SITES = [
    ("P1", "Viettel", "3G/4G", "A2a", 20.0, "90001"),
    ("P1", "VNPT", "4G/5G", "A2b", 30.0, "90001"),  # the higher antenna decides the class
    ("P2", "Viettel", "4G", "A2b", 36.0, "90001"),
    ("P3", "MobiFone", "3G/4G", "A1", 12.0, "90003"),
]
# rank, position, kind, operator, class, height, commune, year, cost
PLAN = [
    (1, "P2", "colocated", "VNPT", "A2b", 30.0, "90001", 2026, 700.0),
    (2, "N1", "new", "Viettel", "A2b", 36.0, "90002", 2026, 1000.0),
    (3, "N1", "new", "VNPT", "A2b", 33.0, "90002", 2027, 1000.0),
    (4, "P3", "colocated", "MobiFone, Viettel", "A1", 9.0, "90003", 2027, 700.0),
]


def sites(rows=SITES):
    names = (col.POSITION_ID, col.OPERATOR, col.TECHNOLOGIES, col.MAST_CLASS, col.HEIGHT_M)
    return _frame(rows, (*names, col.COMMUNE_CODE))


def plan(rows=PLAN):
    names = (col.RANK, col.POSITION_ID, col.KIND, col.OPERATOR, col.MAST_CLASS, col.HEIGHT_M)
    return _frame(rows, (*names, col.COMMUNE_CODE, col.YEAR, col.COST_MILLION))


def _frame(rows, names):
    table = pd.DataFrame(rows, columns=list(names))
    table[col.DISTRICT_CODE] = table[col.COMMUNE_CODE].map(DISTRICT_OF)
    return gpd.GeoDataFrame(table, geometry=[Point(0, 0)] * len(table), crs=5897)


def tables(listed, ranked):
    made = infrastructure.tables(listed, ranked, COMMUNES, DISTRICTS, "Mini")
    for frame, order in made.values():
        assert set(order) <= set(frame.columns)
    return {name: frame for name, (frame, _) in made.items()}


def row(frame, **keys):
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, keys
    return frame.iloc[0]


def counts(found, *names):
    return [int(found[name]) for name in names]


MAST_COUNTS = (
    col.MASTS,
    col.SHARED_MASTS,
    col.NEW_MASTS,
    col.MASTS_AFTER,
    col.SHARED_MASTS_AFTER,
)


def test_masts_are_counted_once_by_the_class_of_their_highest_antenna():
    found = tables(sites(), plan())["masts_by_district"]
    south = row(found, district_code="901", mast_class="A2b")
    assert counts(south, *MAST_COUNTS) == [2, 1, 1, 3, 3]  # P1, P2; N1 is new; all are shared after
    assert set(found[col.MAST_CLASS]) == {"A1", "A2b", EVERY}
    whole = row(found, district_code=EVERY, mast_class=EVERY)
    assert counts(whole, *MAST_COUNTS) == [3, 1, 1, 4, 4]
    assert whole[col.SHARING_SHARE] == pytest.approx(1 / 3)
    assert whole[col.NAME] == "Mini"


def test_sharing_by_operator_before_and_after():
    found = tables(sites(), plan())["sharing_by_operator"]
    viettel = row(found, district_code=EVERY, operator="Viettel")
    names = (col.SITES, col.SHARED_SITES, col.MASTS, col.SHARED_MASTS, col.MASTS_AFTER)
    assert counts(viettel, *names) == [2, 1, 2, 1, 4]
    assert viettel[col.SHARED_MASTS_AFTER] == 4
    everyone = row(found, district_code=EVERY, operator=EVERY)
    assert counts(everyone, *names) == [4, 2, 3, 1, 4]
    nobody = row(found, district_code="902", operator="VNPT")
    assert nobody[col.MASTS] == 0
    assert pd.isna(nobody[col.SHARING_SHARE])  # no share of nothing


def test_stations_that_belong_to_nobody_do_not_make_a_mast_shared():
    nobodys = [(*station[:3], "", *station[4:]) for station in PLAN]
    found = tables(sites(), plan(nobodys))["masts_by_district"]
    whole = row(found, district_code=EVERY, mast_class=EVERY)
    assert whole[col.SHARED_MASTS_AFTER] == whole[col.SHARED_MASTS] == 1
    assert whole[col.NEW_MASTS] == 1


def test_an_unknown_operator_is_counted_but_shares_with_nobody():
    listed = [*SITES, ("P2", "unknown", "4G", "A2b", 30.0, "90001")]
    found = tables(sites(listed), plan([]))
    assert (
        row(found["masts_by_district"], district_code=EVERY, mast_class=EVERY)[col.SHARED_MASTS]
        == 1
    )
    bts = found["sites_by_technology"]
    assert row(bts, district_code=EVERY, operator="unknown", technology="4G")[col.SITES] == 1


def test_a_site_outside_all_districts_counts_once_in_the_total():
    listed = sites([*SITES, ("P9", "VNPT", "4G", "A2b", 30.0, "99999")]).fillna("")
    found = tables(listed, plan([]))
    assert row(found["masts_by_district"], district_code=EVERY, mast_class=EVERY)[col.MASTS] == 4
    bts = row(found["sites_by_technology"], district_code=EVERY, operator=EVERY, technology=EVERY)
    assert bts[col.SITES] == 5


def test_a_new_mast_counts_in_its_first_year_only():
    found = tables(sites(), plan())["stations_by_commune"]
    names = (col.COLOCATED_STATIONS, col.MASTS_USED, col.NEW_STATIONS, col.NEW_MASTS)
    assert counts(row(found, year="2026", commune_code="90002"), *names) == [0, 0, 1, 1]
    assert counts(row(found, year="2027", commune_code="90002"), *names) == [0, 0, 1, 0]
    assert counts(row(found, year="", commune_code="90002"), *names) == [0, 0, 2, 1]
    whole = row(found, year="", commune_code="")
    assert counts(whole, *names) == [2, 2, 2, 1]
    assert whole[col.COST_MILLION] == 3400.0
    assert whole[col.NAME] == "Mini"


def test_technologies_of_a_site_are_counted_each():
    found = tables(sites(), plan())["sites_by_technology"]
    by = [
        row(found, district_code=EVERY, operator=EVERY, technology=name)[col.SITES]
        for name in ("3G", "4G", "5G", EVERY)
    ]
    assert by == [2, 4, 1, 4]


@pytest.mark.parametrize(
    "nothing", [(sites([]), plan([])), (sites().iloc[:0], plan().iloc[:0])], ids=["bare", "typed"]
)
def test_no_sites_and_no_stations_give_tables_of_zeros(nothing):
    found = tables(*nothing)
    whole = row(found["masts_by_district"], district_code=EVERY, mast_class=EVERY)
    assert counts(whole, *MAST_COUNTS) == [0] * 5
    assert row(found["sharing_by_operator"], district_code=EVERY, operator=EVERY)[col.SITES] == 0
    assert len(found["stations_by_commune"]) == 0


places = st.sampled_from(["P1", "P2", "P3", "P4"])
COMMUNE_OF = {"P1": "90001", "P2": "90001", "P3": "90002", "P4": "90003"}
tenant = st.tuples(
    places,
    st.sampled_from(["Viettel", "VNPT", "MobiFone"]),
    st.sampled_from(["4G", "3G/4G", "4G/5G"]),
    st.sampled_from(["A1", "A2a", "A2b"]),
    st.sampled_from([12.0, 30.0, 42.0]),
).map(lambda site: (*site, COMMUNE_OF[site[0]]))


@settings(deadline=None, max_examples=40)
@given(st.lists(tenant, max_size=12), st.lists(tenant, max_size=6))
def test_totals_are_the_sums_of_their_parts_and_a_plan_never_unshares(listed, added):
    ranked = [
        (i, p, "colocated", o, m, h, c, 2026, 700.0)
        for i, (p, o, _, m, h, c) in enumerate(added, start=1)
    ]
    found = tables(sites(listed), plan(ranked))
    masts = found["masts_by_district"]
    whole = row(masts, district_code=EVERY, mast_class=EVERY)
    parts = masts[(masts[col.DISTRICT_CODE] != EVERY) & (masts[col.MAST_CLASS] != EVERY)]
    for name in MAST_COUNTS:
        assert parts[name].sum() == whole[name]
    assert whole[col.MASTS] == len({site[0] for site in listed})
    tenants = {p: {s[1] for s in listed if s[0] == p} for p in COMMUNE_OF}
    assert whole[col.SHARED_MASTS] == sum(len(names) >= 2 for names in tenants.values())
    assert whole[col.SHARED_MASTS_AFTER] >= whole[col.SHARED_MASTS]
    bts = found["sites_by_technology"]
    each = bts[(bts[col.DISTRICT_CODE] != EVERY) & (bts[col.OPERATOR] != EVERY)]
    assert each[each[col.TECHNOLOGY] == EVERY][col.SITES].sum() == len(listed)


def test_the_embedded_province_shares_as_published(reference_province):
    """Plans ask for 20 % of positions shared (Lào Cai 2025); 3,000 BTS stand on about 1,250."""
    p = reference_province
    made = infrastructure.tables(p.sites, plan([]), p.communes, p.districts, p.name)
    whole = row(made["sharing_by_operator"][0], district_code=EVERY, operator=EVERY)
    assert whole[col.SITES] == 3000
    assert whole[col.MASTS] == 1250
    assert whole[col.SHARING_SHARE] == pytest.approx(0.20, abs=0.001)
