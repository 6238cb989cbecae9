"""Intervals of a plan's figures: the errors they reckon with, and units that agree."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.geodata import reference
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.config import carriers as carriers_
from phusong.scenarios.config import schema
from phusong.scenarios.plan import intervals, shares
from phusong.scenarios.prediction import station_gains


@pytest.fixture(scope="module")
def scenario():
    return schema.load("province")


@pytest.fixture(scope="module")
def level(mini_province):
    """Return levels that fall from the south-west, so that half of the people are served."""
    row, column = np.indices(mini_province.grid.shape)
    far = np.hypot(column, mini_province.grid.height - row) / mini_province.grid.height
    return (-72.0 - 28.0 * far).astype(np.float32)


@pytest.fixture(scope="module")
def after(mini_province, scenario, level):
    known = intervals.errors(mini_province, scenario)
    return intervals.served(demand_.study(mini_province, scenario), [level], known)


def test_errors_are_those_of_the_sets_behind_the_default_model(mini_province, scenario):
    """Parts of areas and places make up what the service reckons with."""
    measured = reference.settings("p1812_terminal")["uncertainty"]
    found = intervals.errors(mini_province, scenario)
    assert found.common_db == measured["common_db"]
    assert found.area_db == measured["area_db"]
    assert found.place_db == pytest.approx(measured["place_db"], abs=0.01)
    whole_db = np.hypot(measured["area_db"], measured["place_db"])
    assert scenario.service.shadowing_sigma_db == pytest.approx(whole_db, abs=0.01)
    assert found.far_db == pytest.approx(found.common_db * 1.6449, abs=1e-3)
    # What a place deviates by is part of what the service reckons with.
    little = schema.load("province", ["service.shadowing_sigma_db=2.0"])
    less = intervals.errors(mini_province, little)
    assert np.hypot(less.area_db, less.place_db) <= 2.0 + 1e-9


def test_patches_have_their_size_and_end_at_communes(mini_province, scenario):
    found = intervals.errors(mini_province, scenario)
    commune = mini_province.commune_index.values.ravel()
    for patch, side_m in ((found.area, 500.0), (found.place, intervals.PLACE_M)):
        sizes = np.bincount(patch[commune >= 0])
        assert sizes.max() <= round(side_m / 30.0) ** 2
        owner = np.full(patch.max() + 1, -2)
        owner[patch] = commune
        np.testing.assert_array_equal(owner[patch], commune)


def test_the_middle_is_the_figure_of_the_plan(mini_province, scenario, level, after):
    share = station_gains.served_share(scenario, carriers_.planned_networks(scenario), [level])
    np.testing.assert_array_equal(after.ends.mid, share.ravel())
    covered = np.zeros(mini_province.grid.shape, bool)
    units = shares.by_unit(mini_province, share, share, covered)
    communes, districts = intervals.on_units(units, mini_province, after, after)
    study = demand_.study(mini_province, scenario)
    zones = shares.by_zone(study, share, share)
    zones = intervals.on_zones(zones, study, after, after)
    for frame, name in (
        (communes, col.COVERED_POPULATION_SHARE_AFTER),
        (districts, col.COVERED_POPULATION_SHARE_AFTER),
        (zones, col.COVERED_SHARE_AFTER),
    ):
        assert (frame[f"{name}_low"] < frame[name]).all()
        assert (frame[name] < frame[f"{name}_high"]).all()
    # A district of two communes is surer than they are, but no surer than their mean.
    width = col.COVERED_POPULATION_SHARE_AFTER_HIGH, col.COVERED_POPULATION_SHARE_AFTER_LOW
    mine, theirs = (frame[width[0]] - frame[width[1]] for frame in (districts, communes))
    people = communes[col.POPULATION]
    for number, pair in enumerate(([0, 1], [2, 3])):
        mean = np.average(theirs.iloc[pair], weights=people.iloc[pair])
        assert 0.5 * mean < mine.iloc[number] < mean


def test_levels_alone_move_with_the_common_error(mini_province, scenario, level):
    known = intervals.errors(mini_province, scenario)
    found = intervals.reached(level, -90.0, known)
    assert found.local == ()
    for end, moved_db in zip(found.ends, (-known.far_db, 0.0, known.far_db), strict=True):
        np.testing.assert_array_equal(end, (level + np.float32(moved_db) >= -90.0).ravel())


def test_what_is_gained_over_the_same_is_certain(mini_province, scenario, after):
    counts = intervals.weights(mini_province, demand_.demand(mini_province, scenario))
    assert counts.numbers(after.less(after), "people") == (0.0, 0.0)
    low, high = counts.numbers(after, "people")
    assert 0 < low < high < counts.people.sum()
