"""Intervals of a plan's figures: the errors they reckon with, and units that agree."""

import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from phusong import cache_files, stored
from phusong import columns as col
from phusong.coverage import uncertainty
from phusong.coverage.uncertainty import Ends
from phusong.geodata import reference
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.config import carriers as carriers_
from phusong.scenarios.config import schema
from phusong.scenarios.plan import intervals, shares
from phusong.scenarios.plan.intervals import Counted, FigureWeights, LevelErrors
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
def study(mini_province, scenario):
    return demand_.study(mini_province, scenario)


@pytest.fixture(scope="module")
def pixels(study):
    return intervals.counted_pixels(study)


@pytest.fixture(scope="module")
def counts(study, pixels):
    return intervals.weights(study.demand, pixels, len(study.province.communes))


@pytest.fixture(scope="module")
def after(mini_province, scenario, study, pixels, level):
    known = intervals.errors(mini_province, scenario).at(pixels)
    return intervals.served(study, [pixels.of(level)], known)


def test_what_is_counted_are_the_pixels_of_the_province_and_its_zones(mini_province, study, pixels):
    commune = mini_province.commune_index.values.ravel()
    within = np.isin(np.arange(commune.size), np.concatenate(study.zone_pixels(study.zones)))
    assert pixels.pixel.tolist() == np.flatnonzero((commune >= 0) | within).tolist()
    np.testing.assert_array_equal(pixels.commune, commune[pixels.pixel])
    np.testing.assert_array_equal(pixels.of(mini_province.commune_index.values), pixels.commune)


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


def test_the_middle_is_the_figure_of_the_plan(
    mini_province, scenario, study, pixels, counts, level, after
):
    share = station_gains.served_share(scenario, carriers_.planned_networks(scenario), [level])
    np.testing.assert_array_equal(after.ends.mid, pixels.of(share))
    covered = np.zeros(mini_province.grid.shape, bool)
    units = shares.by_unit(mini_province, share, share, covered)
    communes, districts = intervals.on_units(units, mini_province, counts, after, after)
    zones = shares.by_zone(study, share, share)
    zones = intervals.on_zones(zones, study, pixels, after, after)
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


def test_what_is_gained_over_the_same_is_certain(counts, after):
    assert counts.of_all(after.less(after), "people")[:3] == (0.0, 0.0, 0.0)
    low, mid, high, whole = counts.of_all(after, "people")
    assert 0 < low < mid < high < whole == pytest.approx(counts.people.sum())


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_figures_of_everything_and_nothing(counts, share):
    every = Counted(Ends(*(np.full(counts.labels.shape, share, np.float32) for _ in range(3))))
    figures = intervals.told(intervals.of_shares(counts, "after", every, {"sure": every}))
    shares_ = [figures[f"{name}_share_after"] for name in ("people", "area", "zone_demand")]
    assert shares_ == pytest.approx([share] * 3)
    assert figures["sure_people_share_after"] == pytest.approx(share)
    assert figures["people_after"] == pytest.approx(35_500 * share)
    assert figures["people_after_low"] == figures["people_after_high"] == figures["people_after"]


# Memory: what is on every pixel lies in files

WIDTH, COMMUNES = 300, 12


@pytest.fixture
def small_bands(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_files, "root", lambda: tmp_path)
    monkeypatch.setattr(stored, "BAND_PIXELS", 2**13)
    monkeypatch.setattr(stored, "LEAST_BYTES", 2**14)


def interval(height: int) -> intervals.CoveredPart:
    """Return the interval of residents gained, and all that it is made of, on a made grid."""
    random, size = np.random.default_rng(1), height * WIDTH
    rows, columns = np.mgrid[:height, :WIDTH]
    labels = ((rows // 50 + columns // 50) % COMMUNES - 1).astype(np.int16)
    people = stored.stored(random.gamma(0.5, 2.0, size))
    before, after = (
        stored.stored(random.normal(middle, 12.0, (height, WIDTH)).astype(np.float32))
        for middle in (-105.0, -95.0)
    )
    scenario = schema.load("urban")
    study = SimpleNamespace(scenario=scenario, networks=carriers_.planned_networks(scenario))
    tracemalloc.start()
    patches = (intervals._patches(labels, side) for side in (17, 4))
    known = LevelErrors(3.0, 2.0, 4.0, *patches)
    weights = FigureWeights(people, people, people, labels.ravel(), COMMUNES)
    weights = weights.grown(np.linspace(1.0, 1.2, COMMUNES))
    ends = [intervals.served(study, [level], known) for level in (before, after)]
    found = weights.of_all(ends[1].less(ends[0]), "people")
    weights.of_all(intervals.reached(after, -100.0, known), "people")
    weights.of_all(ends[1].at_least(0.9), "people")
    peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    return found


peaks: list[int] = []


@pytest.mark.usefixtures("small_bands")
def test_twice_the_area_takes_what_the_kernels_copy_alone():
    """Labels are copied to 32 bits where a sum is made: the rest does not grow."""
    interval(300)  # imports, compiles
    peaks.clear()
    interval(600)
    interval(1200)
    assert peaks[0] > 2**13  # something was measured
    assert (peaks[1] - peaks[0]) / (600 * WIDTH) < 9.0  # bytes a pixel; once it was 90


@pytest.mark.usefixtures("small_bands")
def test_bands_do_not_change_the_figures(monkeypatch):
    by_bands = interval(400)
    monkeypatch.setattr(stored, "BAND_PIXELS", 2**22)
    assert interval(400) == pytest.approx(by_bands, rel=1e-9)


@pytest.mark.parametrize("side", [1, 4, 17, 90])
@pytest.mark.usefixtures("small_bands")
def test_patches_by_bands_are_those_of_the_whole_grid(side):
    random = np.random.default_rng(2)
    labels = np.repeat(np.repeat(random.integers(-1, 4, (40, 15)), 10, 0), 20, 1).astype(np.int16)
    whole = intervals._cut(uncertainty.patches(labels.shape, side).ravel(), labels.ravel())
    np.testing.assert_array_equal(intervals._patches(labels, side), whole)
