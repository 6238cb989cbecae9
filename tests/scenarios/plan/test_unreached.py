"""Why residents of a commune are missed: each cause by a case made for it, and sums that hold."""

import json

import numpy as np
import pytest
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point

from phusong import columns as col
from phusong.coverage.area import sample
from phusong.geodata.runs.folder import RunFolder
from phusong.messages import Message, message, speak, spoken_table, table_texts
from phusong.scenarios.candidates.demand_cells import DemandCells
from phusong.scenarios.config.carriers import PlannedNetwork
from phusong.scenarios.plan import unreached
from phusong.scenarios.siting.problem import Cover


@pytest.fixture(scope="module")
def cells(mini_province):
    inside = mini_province.commune_index.values >= 0
    people = mini_province.population.values * inside
    over = sample.sample(0.04 * inside, mini_province.commune_index.values)
    every = over.sums(people)
    carrier = PlannedNetwork(None, None, 1.0)
    return DemandCells(over, [carrier], {"people": every}, every, every, np.zeros(every.size))


def places(cells, province, cell, away_m=0.0):
    """Return one candidate that stands so far east of a cell."""
    x_m, y_m = unreached._places_of(province, cells)[cell]
    return GeoDataFrame(
        {col.SITE_ID: ["5G-P1"]}, geometry=[Point(x_m + away_m, y_m)], crs=province.grid.crs
    )


def serving(share):
    """Return the cover of one candidate that serves these cells."""
    number = np.flatnonzero(share).astype(np.int32)
    return Cover(np.array([0, number.size]), number, share[number].astype(np.float32))


def found(province, cells, frame, cover, after, chosen=()):
    return unreached.unreached(
        province, unreached.Offer(frame, cells, cover, after, np.array(chosen, int))
    )


def parts(result):
    """Return the share of each cause in all residents missed."""
    return dict(zip(unreached.CAUSES, result.people.sum(axis=0) / result.people.sum(), strict=True))


def test_what_a_candidate_left_out_would_serve_is_for_want_of_budget(mini_province, cells):
    after, one = np.zeros(cells.size), np.ones(cells.size)
    result = found(mini_province, cells, places(cells, mini_province, 0), serving(one), after)
    assert parts(result)["budget"] == pytest.approx(1.0)
    population = mini_province.communes[col.POPULATION].to_numpy(float)
    assert result.people.sum(axis=1) == pytest.approx(population, rel=1e-4)
    assert result.best == ["5G-P1"] * len(population)
    assert result.best_people == pytest.approx(population, rel=1e-4)


def test_a_chosen_candidate_is_never_named_as_the_best_left(mini_province, cells):
    one = np.ones(cells.size)
    frame, cover = places(cells, mini_province, 0), serving(one)
    result = found(mini_province, cells, frame, cover, 0.9 * one, [0])
    assert set(result.best) == {""}
    assert result.best_people.max() == 0.0


def test_places_served_more_often_than_not_are_missed_by_chance(mini_province, cells):
    after = np.full(cells.size, 0.8)
    frame, nothing = places(cells, mini_province, 0), serving(np.zeros(cells.size))
    result = found(mini_province, cells, frame, nothing, after)
    assert parts(result)["chance"] == pytest.approx(1.0)
    population = mini_province.communes[col.POPULATION].to_numpy(float)
    assert result.people.sum(axis=1) == pytest.approx(0.2 * population, rel=1e-4)


@pytest.mark.parametrize(
    ("away_m", "cause"), [(0.0, "terrain"), (15_000.0, "distance"), (90_000.0, "no_place")]
)
def test_the_rest_is_told_by_the_nearest_place(mini_province, cells, away_m, cause, monkeypatch):
    monkeypatch.setattr(unreached, "_reach_m", lambda *_: 10_000.0)
    frame, nothing = places(cells, mini_province, 0, away_m), serving(np.zeros(cells.size))
    result = found(mini_province, cells, frame, nothing, np.zeros(cells.size))
    centres = unreached._places_of(mini_province, cells)
    away = np.hypot(*(centres - [frame.geometry.x[0], frame.geometry.y[0]]).T)
    kinds = {
        "terrain": away <= 1e4,
        "distance": (away > 1e4) & (away <= 2e4),
        "no_place": away > 2e4,
    }
    people = cells.kinds["people"]
    assert parts(result)[cause] == pytest.approx(people[kinds[cause]].sum() / people.sum())
    assert parts(result)[cause] > 0.0


def test_reach_holds_nine_in_ten_of_the_places_served(mini_province, cells):
    rng = np.random.default_rng(5)
    share = rng.uniform(size=cells.size)
    frame, cover = places(cells, mini_province, 3), serving(share)
    reach_m = unreached._reach_m(mini_province, frame, cover, cells)
    centres = unreached._places_of(mini_province, cells)
    away = np.hypot(*(centres - centres[3]).T)[share >= 0.5]
    assert (away <= reach_m).mean() == pytest.approx(0.9, abs=2.0 / away.size)


def test_cells_lie_where_the_pixels_are_that_stand_for_them(mini_province, cells):
    x_m, y_m = np.meshgrid(*mini_province.grid.centres())
    expected = np.column_stack([x_m.ravel(), y_m.ravel()])[cells.over.pixel]
    assert unreached._places_of(mini_province, cells) == pytest.approx(expected)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_causes_sum_to_those_missed(mini_province, cells, seed):
    rng = np.random.default_rng(seed)
    after = rng.uniform(size=cells.size) * (rng.uniform(size=cells.size) < rng.uniform())
    frame = places(cells, mini_province, int(rng.integers(cells.over.count)), 3000.0)
    share = rng.uniform(0.05, 1.0, cells.size) * (rng.uniform(size=cells.size) < 0.3)
    result = found(mini_province, cells, frame, serving(share), after)
    assert result.people.min() >= 0.0
    missed = cells.kinds["people"] @ (1.0 - after)
    assert result.people.sum() == pytest.approx(missed, rel=1e-6)


def test_no_candidates_at_all(mini_province, cells):
    frame = places(cells, mini_province, 0).iloc[:0]
    nothing = Cover(np.array([0]), np.empty(0, np.int32), np.empty(0, np.float32))
    result = found(mini_province, cells, frame, nothing, np.zeros(cells.size))
    assert parts(result)["no_place"] == pytest.approx(1.0)
    assert set(result.best) == {""}


def communes(share):
    return GeoDataFrame({col.POPULATION: [10_000], col.COVERED_POPULATION_SHARE_AFTER: [share]})


def told_of(share, people, best="5G-P7"):
    given_ = unreached.Unreached(np.array([people], float), [best], np.array([1234.0]), 1.25)
    row = unreached.with_reasons(communes(share), given_).iloc[0]
    return row[col.MAIN_CAUSE], row[col.WHY]


def test_sentences_name_the_causes_by_their_weight():
    cause, why = told_of(0.4, [300, 0, 100, 5, 0])
    assert cause == "budget"
    assert speak(why, "en") == (
        "40% of the residents are covered after the plan, 6,000 are not: 4,444 could be covered "
        "from places compared but not chosen (5G-P7 alone: 1,234): stations and money go where "
        "they gain more; 1,481 live beyond the reach (1.3 km) of every place compared."
    )
    assert "còn 6.000 người chưa được phủ" in speak(why, "vi")
    assert "riêng 5G-P7: 1.234 người" in speak(why, "vi")
    assert "tầm 1,3 km" in speak(why, "vi")


def test_a_commune_that_misses_few_counts_as_served():
    cause, why = told_of(0.97, [0, 300, 0, 0, 0])
    assert cause == "served"
    assert speak(why, "en").startswith(
        "97% of the residents are covered after the plan: 300 are hidden"
    )
    cause, why = told_of(1.0, [0, 0, 0, 0, 0])
    assert (cause, speak(why, "en")) == (
        "served",
        "100% of the residents are covered after the plan.",
    )


def test_texts_are_chosen_by_language(tmp_path):
    why = message("unreached.chance", n=1200)
    frame = GeoDataFrame({col.WHY: [why]}, geometry=[Point(0, 0)], crs="EPSG:4326")
    texts = table_texts({"communes": frame, "sites": frame[["geometry"]]})
    record = json.loads(json.dumps({"texts": texts}, default=Message.record))
    assert record["texts"] == {"communes": {col.WHY: [why.record()]}}
    run = RunFolder(tmp_path, record, *[spoken_table(frame, "vi")] * 6)
    assert run.communes[col.WHY][0].startswith("1.200 người ở nơi nhiều khả năng")
    assert (
        run.in_language("en").communes[col.WHY][0].startswith("1,200 live where coverage is likely")
    )
    assert run.in_language("en").holes[col.WHY][0].startswith("1.200 người")
