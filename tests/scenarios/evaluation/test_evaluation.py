"""Stations evaluated by hand say what a plan of the same stations says."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation.bench import open_bench
from phusong.scenarios.evaluation.evaluation import evaluate
from phusong.scenarios.plan.run import plan

FEW = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    'tiers.1.level="outdoor"',
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)


@pytest.fixture(scope="module")
def scenario():
    return schema.load("urban", FEW)


@pytest.fixture(scope="module")
def planned(mini_province, scenario):
    return plan(mini_province, scenario)


@pytest.fixture(scope="module")
def bench(mini_province, scenario):
    return open_bench(mini_province, scenario)


def test_a_plan_evaluated_is_the_plan(planned, bench):
    own = evaluate(bench, planned.ranking)
    for mine, its in zip(own.years, planned.years, strict=True):
        for name in ("year", "stations", "new", "cost_million", "opex_million_per_year"):
            assert mine[name] == its[name]
        for name in ("people_share", "zone_demand_share"):
            assert mine[name] == pytest.approx(its[name], abs=2e-6)
    after = planned.communes.set_index(col.COMMUNE_CODE)[col.COVERED_POPULATION_SHARE_AFTER]
    assert own.communes == pytest.approx(after.to_dict(), abs=2e-5)
    zones = planned.zones.set_index(col.ZONE_ID)[col.COVERED_SHARE_AFTER]
    assert own.zones == pytest.approx(zones.to_dict(), abs=2e-5)
    for tier in planned.tiers:
        by_year = [year["reached"] for year in tier["years"]]
        mine = [year["tiers"][str(tier["tier"])] for year in own.years]
        assert mine == pytest.approx(by_year, abs=2e-6)


def test_no_stations_serve_what_is_served_today(planned, bench):
    own = evaluate(bench, planned.ranking.iloc[:0])
    assert own.years[-1]["people_share"] == pytest.approx(
        planned.headline["people_share_before"], abs=2e-6
    )
    assert own.years[-1]["cost_million"] == 0.0


def test_a_station_more_never_serves_less(planned, bench):
    for count in range(len(planned.ranking)):
        less, more = (evaluate(bench, planned.ranking.iloc[:n]) for n in (count, count + 1))
        assert np.all(more.share >= less.share - 1e-6)


def test_a_station_known_is_not_predicted_again(planned, bench, monkeypatch):
    evaluate(bench, planned.ranking)
    monkeypatch.setattr(
        "phusong.scenarios.evaluation.bench.chain.footprints",
        lambda *_: pytest.fail("predicted again"),
    )
    evaluate(bench, planned.ranking.iloc[::-1])
