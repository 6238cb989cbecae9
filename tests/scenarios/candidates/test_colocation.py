"""Who still fits on a mast: sets, levels and operators, on masts made by hand."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point

from phusong import columns as col
from phusong import messages
from phusong.errors import InputError
from phusong.scenarios.candidates import colocation
from phusong.scenarios.candidates import places as candidates
from phusong.scenarios.config import schema

WEST_M, SOUTH_M = 558_000.0, 2_353_500.0
VIETTEL, VNPT, MOBIFONE = "Viettel", "VNPT", "MobiFone"
OTHER = "Vietnamobile"


def policy(name, *more):
    return schema.load("urban", [f"candidates.policy={name}", "candidates.new=false", *more])


def on_one_mast(mini_province, mast_class, heights_m, operators, live=()):
    """Return the small province with one mast, and the operators on it at these heights."""
    rows = [
        {
            col.SITE_ID: f"S{i}",
            col.POSITION_ID: "P1",
            col.OPERATOR: name,
            col.TECHNOLOGIES: "4G/5G" if name in live else "4G",
            col.STATUS: "live",
            col.COMMUNE_CODE: "90001",
            col.DISTRICT_CODE: "901",
            col.HEIGHT_M: float(height_m),
            col.MAST_CLASS: mast_class,
            col.CLUTTER: "rural",
            col.AZIMUTHS_DEG: "0/120/240",
            "geometry": Point(WEST_M + 700, SOUTH_M + 700),
        }
        for i, (height_m, name) in enumerate(zip(heights_m, operators, strict=True))
    ]
    return dataclasses.replace(mini_province, sites=gpd.GeoDataFrame(rows, crs="EPSG:5897"))


def heights(province, scenario):
    """Return operator and height of each candidate, and reason of each one left out."""
    frame, out = candidates.candidates(province, scenario), candidates.left_out(province, scenario)
    fits = dict(zip(frame[col.OPERATOR], frame[col.HEIGHT_M], strict=True))
    return fits, dict(zip(out[col.OPERATOR], out[col.REASON], strict=True))


@pytest.mark.parametrize(
    ("mast_class", "heights_m", "height_m", "reason"),
    [
        ("A1", [12], 9.0, ""),
        ("A1", [12, 9], None, colocation.FULL),
        ("A1", [8], None, colocation.LOW),
        ("A1", [30, 27, 24], 21.0, ""),
        ("A2a", [12, 9], None, colocation.FULL),
        ("A2a", [24, 21, 18], 15.0, ""),
        ("A2a", [24, 21, 18, 15], None, colocation.FULL),
        ("A2b", [36, 33, 30, 27], 24.0, ""),
        ("A2b", [42, 30], 39.0, ""),  # a gap between two users
        ("A2b", [30, 30, 30], 27.0, ""),  # a list that knows no heights
        ("A2b", [30, 30, 30, 30], None, colocation.FULL),
    ],
)
def test_a_mast_takes_what_its_class_and_height_carry(
    mini_province, mast_class, heights_m, height_m, reason
):
    names = (VIETTEL, VNPT, MOBIFONE, OTHER)[: len(heights_m)]
    province = on_one_mast(mini_province, mast_class, heights_m, names)
    fits, out = heights(province, policy("one_network"))
    assert fits == ({} if reason else {"": height_m})
    assert out == ({"": reason} if reason else {})


def test_capacity_is_a_parameter(mini_province):
    province = on_one_mast(mini_province, "A1", [12, 9], (VIETTEL, VNPT))
    more = policy("one_network", "candidates.masts.a1_low.antenna_sets=3")
    assert heights(province, more) == ({"": 6.0}, {})
    higher = policy(
        "one_network",
        "candidates.masts.a1_low.antenna_sets=3",
        "candidates.min_height_m=7",
    )
    assert heights(province, higher) == ({}, {"": colocation.LOW})


def test_separation_is_a_parameter(mini_province):
    province = on_one_mast(mini_province, "A2b", [36, 33], (VIETTEL, VNPT))
    assert heights(province, policy("one_network", "candidates.separation_m=5"))[0] == {"": 28.0}


def test_operators_hang_in_turn_owners_first(mini_province):
    province = on_one_mast(mini_province, "A2b", [36, 33], (VNPT, VIETTEL))
    fits, out = heights(province, policy("operators"))
    assert fits == {VNPT: 30.0, VIETTEL: 27.0, MOBIFONE: 24.0}
    assert out == {}


def test_what_is_full_for_the_last_is_not_for_the_first(mini_province):
    province = on_one_mast(mini_province, "A2a", [24, 21], (VIETTEL, OTHER))
    fits, out = heights(province, policy("operators"))
    assert fits == {VIETTEL: 18.0, MOBIFONE: 15.0}
    assert out == {VNPT: colocation.FULL}


def test_a_mast_of_one_operator_is_closed_to_the_others(mini_province):
    province = on_one_mast(mini_province, "A2b", [36], (VNPT,))
    fits, out = heights(province, policy("operators"))
    assert fits == {VNPT: 33.0}
    assert out == {}


def test_5g_on_air_bars_only_its_operator(mini_province):
    province = on_one_mast(mini_province, "A2b", [36, 33], (VIETTEL, VNPT), live=(VIETTEL,))
    fits, out = heights(province, policy("operators"))
    assert fits == {VNPT: 30.0, MOBIFONE: 27.0}
    assert out == {VIETTEL: colocation.LIVE}
    for whole in ("one_network", "shared"):
        fits, out = heights(province, policy(whole))
        assert not fits
        assert set(out.values()) == {colocation.LIVE}


def test_5g_on_air_takes_a_set_of_its_own(mini_province):
    names = (VIETTEL, VNPT, MOBIFONE)
    province = on_one_mast(mini_province, "A2a", [24, 21, 18], names, live=(VIETTEL,))
    assert heights(province, policy("operators")) == (
        {},
        {VIETTEL: colocation.LIVE, VNPT: colocation.FULL, MOBIFONE: colocation.FULL},
    )


def test_a_shared_mast_needs_three_sets_and_counts_with_the_lowest(mini_province):
    together = "MobiFone, VNPT, Viettel"
    one = on_one_mast(mini_province, "A2a", [24], (VNPT,))
    assert heights(one, policy("shared")) == ({together: 15.0}, {})
    two = on_one_mast(mini_province, "A2a", [24, 21], (VNPT, VIETTEL))
    assert heights(two, policy("shared")) == ({}, {together: colocation.FULL})


def test_operators_need_operators(mini_province):
    province = on_one_mast(mini_province, "A2b", [36], ("unknown",))
    with pytest.raises(
        InputError, match=r"no site belongs to MobiFone, VNPT, Viettel.*one_network"
    ):
        candidates.candidates(province, policy("operators"))
    assert len(candidates.candidates(province, policy("one_network"))) == 1


def test_every_reason_is_said_in_both_languages():
    assert set(colocation.LEFT_OUT) == {colocation.LIVE, colocation.FULL, colocation.LOW}
    for language in ("vi", "en"):
        assert set(messages.words(language, "left_out")) == set(colocation.LEFT_OUT)


def test_technologies_of_one_operator_share_a_set(mini_province):
    """2G, 3G and 4G as rows of their own take one set; 5G a second; another 4G a third."""
    province = on_one_mast(mini_province, "A2b", [30] * 4, [VIETTEL] * 3 + [VNPT])
    province.sites[col.TECHNOLOGIES] = ["2G", "3G", "4G", "4G"]
    places = candidates._positions(province.sites)
    assert colocation.load_of(places, province.sites).sets.tolist() == [2]
    province.sites[col.TECHNOLOGIES] = ["3G", "4G", "5G", "4G"]
    assert colocation.load_of(places, province.sites).sets.tolist() == [3]
    province.sites[col.OPERATOR] = "unknown"
    province.sites[col.TECHNOLOGIES] = ["3G", "4G", "4G", "4G"]
    assert colocation.load_of(places, province.sites).sets.tolist() == [3]


def test_load_counts_sets_operators_and_5g(mini_province):
    places = candidates._positions(mini_province.live)
    load = colocation.load_of(places, mini_province.sites)
    assert load.sets.tolist() == [3, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert load.operators.tolist() == [2, 2, 1, 1, 1, 1, 1, 1, 1, 1]
    assert load.live.tolist() == [True] + [False] * 9
    assert np.isfinite(load.users_m).sum(axis=1).tolist() == load.operators.tolist()
