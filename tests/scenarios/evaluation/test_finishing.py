"""A plan finished around what is fixed keeps it, obeys the means, and is the plan where none is."""

import math

import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.geodata import crs
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation.bench import open_bench
from phusong.scenarios.evaluation.draft import Draft, draft, table
from phusong.scenarios.evaluation.evaluation import evaluate
from phusong.scenarios.evaluation.finishing import finished
from phusong.scenarios.plan.run import plan

FEW = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
    "tiers=[]",
)
NOTHING = Draft({})


@pytest.fixture(scope="module")
def bench(mini_province):
    return open_bench(mini_province, schema.load("urban", FEW))


@pytest.fixture(scope="module")
def planned(mini_province):
    return plan(mini_province, schema.load("urban", FEW))


def people(bench, own):
    return evaluate(bench, table(bench, own)[0]).years[-1]["people"]


def test_nothing_fixed_is_the_plan(bench, planned):
    own = finished(bench, NOTHING)
    its = dict(zip(planned.ranking[col.SITE_ID], planned.ranking[col.YEAR], strict=True))
    assert own.draft.years == its
    assert own.missed == []
    assert math.isnan(own.gap)


def test_what_is_fixed_stands_and_what_is_forbidden_does_not(bench, planned):
    chosen, all_ = set(planned.ranking[col.SITE_ID]), bench.frame[col.SITE_ID]
    other = all_[~all_.isin(chosen)].iloc[0]
    first = planned.ranking[col.SITE_ID].iloc[0]
    own = finished(bench, Draft({other: 2025}), [first])
    assert own.draft.years[other] == 2025
    assert first not in own.draft.years
    assert len(own.draft.years) == 5
    assert people(bench, own.draft) <= people(bench, finished(bench, NOTHING).draft) + 1.0


def test_an_own_station_is_built_and_the_rest_chosen_around_it(bench, mini_province):
    live = mini_province.communes.to_crs(crs.GEOGRAPHIC).geometry.iloc[0].centroid
    fixed = draft(bench.study.scenario, [{"name": "mine", "lon": live.x, "lat": live.y}])
    own = finished(bench, fixed)
    assert "5G-mine" in own.draft.years
    assert "5G-mine" in own.draft.own
    rows, _ = table(bench, own.draft)
    assert len(rows) == 5


def test_less_money_builds_less(bench):
    scenario = bench.study.scenario
    means = scenario.rollout.model_copy(
        update={"stations": {}, "budget_million": {"2024": 1500.0, "2025": 0.0}}
    )
    own = finished(bench, NOTHING, scenario=scenario.model_copy(update={"rollout": means}))
    rows, _ = table(bench, own.draft)
    assert 0 < len(rows) < 5
    assert rows[col.COST_MILLION].sum() <= 1500.0


def test_a_proof_is_given_when_asked_for(bench):
    own = finished(bench, NOTHING, proof_seconds=5.0)
    assert 0.0 <= own.gap < 0.2


def test_a_station_cannot_be_fixed_and_forbidden(bench):
    name = bench.frame[col.SITE_ID].iloc[0]
    with pytest.raises(InputError, match="fixed and forbidden"):
        finished(bench, Draft({name: 2025}), [name])
