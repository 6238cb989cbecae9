"""Rules on masts: class and height by place, and where an antenna still fits."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns as col
from phusong.geodata.countries import open_country
from phusong.geodata.network import mast_rules
from phusong.geodata.provinces import masts

STEP_M = 0.5


@pytest.mark.parametrize(
    ("mast_class", "height_m", "name"),
    [
        ("A1", 15.0, "a1_low"),
        ("A1", 15.1, "a1_high"),
        ("A2a", 15.0, "a2a_low"),
        ("A2a", 24.0, "a2a_high"),
        ("A2b", 30.0, "a2b_low"),
        ("A2b", 42.0, "a2b_high"),
    ],
)
def test_masts_are_low_up_to_the_stated_height(mast_class, height_m, name):
    row = mast_rules.structure(np.array([mast_class], object), np.array([height_m]))
    assert mast_rules.STRUCTURES[row[0]] == name


def test_class_follows_the_plan_of_quang_nam():
    setting = np.array(["urban", "township", "industrial", "rural", "mountain"])
    plain = mast_rules.class_for(setting, np.zeros(5, bool))
    assert plain.tolist() == ["A2a", "A2a", "A2b", "A2b", "A2b"]
    assert set(mast_rules.class_for(setting, np.ones(5, bool))) == {"A1"}


def test_heights_are_the_medians_of_the_table():
    pairs = [("urban", "A2a"), ("rural", "A2b"), ("mountain", "A1"), ("industrial", "A2b")]
    setting, mast_class = np.array(pairs).T
    height_m = mast_rules.typical_height_m(setting, mast_class.astype(object), open_country())
    assert height_m.tolist() == [24.0, 42.0, 30.0, 33.0]


def test_every_class_has_a_height_in_every_setting_it_is_built_in():
    setting = np.array(masts.SETTINGS * 2)
    special = np.repeat([False, True], len(masts.SETTINGS))
    mast_class = mast_rules.class_for(setting, special)
    height_m = mast_rules.typical_height_m(setting, mast_class, open_country())
    assert np.isfinite(height_m).all()
    poles = special & np.isin(setting, ["township", "industrial", "rural"])
    assert (height_m[poles] == 12.0).all()  # no such row: as in a street


def test_sensitive_places_end_at_the_reach(mini_province):
    zone = mini_province.zones.set_index(col.KIND).geometry["tourism"]
    centre = shapely.point_on_surface(mini_province.communes.geometry.iloc[0])
    east = zone.bounds[2]
    spots = shapely.points(
        [zone.centroid.x, east + 199, east + 201, centre.x + 199, centre.x + 201],
        [zone.centroid.y, zone.centroid.y, zone.centroid.y, centre.y, centre.y],
    )
    found = mast_rules.sensitive(spots, mini_province.zones, mini_province.communes, 200.0)
    assert found.tolist() == [True, True, False, True, False]


def test_industrial_and_urban_zones_are_not_sensitive(mini_province):
    zones = mini_province.zones[mini_province.zones[col.KIND] != "tourism"]
    far = mini_province.communes.assign(geometry=mini_province.communes.translate(50_000.0))
    inside = shapely.centroid(zones.geometry.to_numpy())
    assert not mast_rules.sensitive(inside, zones, far, 200.0).any()


def test_centres_of_known_communes_are_their_published_points(reference_province):
    """The embedded boundaries are drawn round these points, so almost all lie inside."""
    communes = reference_province.communes
    centres = mast_rules.centres(communes)
    assert shapely.contains(communes.geometry.to_numpy(), centres).mean() > 0.95


def test_centres_of_unknown_communes_lie_inside(mini_province):
    communes = mini_province.communes
    assert shapely.contains(communes.geometry.to_numpy(), mast_rules.centres(communes)).all()


@given(
    st.lists(st.integers(10, 90), min_size=0, max_size=5),
    st.integers(40, 90),
    st.integers(2, 10),
    st.integers(1, 3),
)
def test_levels_are_the_highest_free_ones(users, top, separation, count):
    """Search every half metre downwards by hand."""
    taken, wanted = [STEP_M * user for user in users], []
    apart = STEP_M * separation
    for _ in range(count):
        level = STEP_M * top
        while any(abs(level - other) < apart for other in taken):
            level -= STEP_M
        taken.append(level)
        wanted.append(level)
    heights = np.array([[STEP_M * user for user in users]], float).reshape(1, -1)
    levels = mast_rules.levels_m(np.array([STEP_M * top]), heights, count, apart)
    assert levels[0].tolist() == wanted


def test_an_empty_mast_is_used_from_the_top():
    levels = mast_rules.levels_m(np.array([24.0]), np.full((1, 2), np.nan), 3, 3.0)
    assert levels.tolist() == [[24.0, 21.0, 18.0]]


def test_no_users_and_no_masts():
    assert mast_rules.levels_m(np.empty(0), np.empty((0, 0)), 2, 3.0).shape == (0, 2)
    assert mast_rules.levels_m(np.array([9.0]), np.empty((1, 0)), 1, 3.0).tolist() == [[9.0]]
