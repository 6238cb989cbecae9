"""Places with fibre: the assumption does not depend on order, and lists are read with care."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.geodata.network.point_lists import read_fibre
from phusong.scenarios.costs import fibre


def places(count, setting="rural"):
    ids = [f"P{i:04d}" for i in range(count)]
    return gpd.GeoDataFrame(
        {col.POSITION_ID: ids, col.HEIGHT_M: 30.0, col.CLUTTER: setting},
        geometry=gpd.points_from_xy(560_000.0 + 100.0 * np.arange(count), np.full(count, 2.36e6)),
        crs=crs.PLANNING,
    )


def names(points):
    return points[col.POSITION_ID].to_list()


def test_positions_keep_their_highest_site(mini_province):
    found = fibre.existing(mini_province.sites.sample(frac=1.0, random_state=3))
    assert names(found) == [f"P{i:02}" for i in range(10)]
    tall = mini_province.sites.copy()
    tall.loc[tall[col.SITE_ID] == "S10", col.HEIGHT_M] = 44.0  # the second site on P00
    assert fibre.existing(tall)[col.HEIGHT_M].to_list() == [44.0] + [30.0] * 9


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 99), st.floats(0, 1), st.floats(0, 1), st.integers(1, 60))
def test_a_position_draws_for_itself(seed, one, other, kept):
    """Neither order nor other rows matter, and a larger share only adds positions."""
    every = places(60)
    low, high = sorted((one, other))
    few = fibre.fibre_points(every, seed, {"rural": low})
    many = fibre.fibre_points(every, seed, {"rural": high})
    assert set(names(few)) <= set(names(many))
    part = every.iloc[::-1].iloc[:kept]
    wanted = set(names(part)) & set(names(many))
    assert set(names(fibre.fibre_points(part, seed, {"rural": high}))) == wanted


def test_shares_follow_the_setting():
    for setting, share in fibre.FIBRE_SHARE.items():
        found = fibre.fibre_points(places(4000, setting), 1)
        assert len(found) / 4000 == pytest.approx(share, abs=0.03)
    unknown = fibre.fibre_points(places(4000, "nơi khác"), 1)
    assert names(unknown) == names(fibre.fibre_points(places(4000), 1))
    assert names(fibre.fibre_points(places(50), 1)) != names(fibre.fibre_points(places(50), 2))
    assert fibre.fibre_points(places(50), 1, {"rural": 0.0}).empty
    assert len(fibre.fibre_points(places(50), 1, {"rural": 1.0})) == 50


def test_listed_points_on_a_position_take_its_id():
    there = places(3)
    listed = gpd.GeoDataFrame(
        {col.POSITION_ID: ["B", "A", "C"]},
        geometry=[Point(560_010, 2.36e6), Point(560_050, 2.36e6), Point(560_002, 2.36e6)],
        crs=crs.PLANNING,
    )
    found = fibre.listed_points(listed, there)
    assert names(found) == ["P0000", "fibre A"]
    assert names(fibre.listed_points(listed.iloc[::-1], there)) == names(found)
    assert names(fibre.listed_points(listed, there.iloc[:0])) == ["fibre A", "fibre B", "fibre C"]


def test_a_list_is_read_with_vietnamese_headers(tmp_path, mini_province):
    path = tmp_path / "cap_quang.csv"
    lon, lat = crs.transform(559_000.0, 2_354_500.0, crs.PLANNING, crs.GEOGRAPHIC)
    path.write_text(
        f"Mã điểm;Kinh độ;Vĩ độ\nODF-1;{lon:.6f};{lat:.6f}\n;{lon + 0.001:.6f};{lat:.6f}\n",
        encoding="utf-8",
    )
    found = read_fibre(path, mini_province.communes)
    assert names(found) == ["ODF-1", "F3"]
    assert found.geometry.x.iloc[0] == pytest.approx(559_000.0, abs=0.2)


def test_all_defects_of_a_list_at_once(tmp_path, mini_province):
    path = tmp_path / "fibre.csv"
    path.write_text("id,x_m,y_m\nA,559000,2354500\nA,559100,2354500\nB,1,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="2 defects") as error:
        read_fibre(path, mini_province.communes)
    assert "fibre.csv:3, column 'id', value 'A': the identifier is already that of row 2" in str(
        error.value
    )
    assert "fibre.csv:4, column 'y_m', value 'x': is not a number" in str(error.value)
