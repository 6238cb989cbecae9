"""A page's sample says of a draft what the engine says of the same stations, to half a percent."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns as col
from phusong.scenarios.config import schema
from phusong.scenarios.evaluation.bench import open_bench
from phusong.scenarios.evaluation.evaluation import evaluate
from phusong.scenarios.plan import what_if
from phusong.scenarios.plan.run import plan
from phusong.scenarios.plan.what_if import STEPS, WhatIf, served, unpacked

CLOSE = 0.005  # of all that are served
FEW = (
    "candidates.lattice_m=600",
    "uncertainty.draws=2",
    "selection.seconds=1.0",
    "tiers.1.targets={ 2024 = 0.2, 2025 = 0.5 }",
    "rollout.stations={ 2024 = 2, 2025 = 3 }",
)


@pytest.fixture(scope="module", params=["one_network", "operators"])
def scenario(request):
    return schema.load("urban", (*FEW, f"candidates.policy={request.param}"))


@pytest.fixture(scope="module")
def planned(mini_province, scenario):
    return plan(mini_province, scenario)


@pytest.fixture(scope="module")
def bench(mini_province, scenario):
    return open_bench(mini_province, scenario)


@pytest.fixture(scope="module")
def tried(planned):
    return unpacked(planned.what_if.packed())


def figures(tried, names):
    """Return people and the share of zones of stations, as the file has them."""
    share, arrays = served(tried, names), tried.arrays
    row, cell, value = (arrays[f"zones_{part}"] for part in ("row", "cell", "value"))
    zones = np.bincount(row, value * share[cell], len(tried.about["zones"]))
    return float(share @ arrays["people"]), zones


def drafts(planned, tried, count=8):
    rng, built = np.random.default_rng(3), list(planned.ranking[col.SITE_ID])
    others = sorted(set(tried.about["stations"]) - set(built))
    for _ in range(count):
        kept = [name for name in built if rng.random() < 0.6]
        yield [*kept, *rng.choice(others, 3, replace=False)]


def test_people_are_those_of_the_engine(planned, bench, tried):
    rows = bench.frame.set_index(col.SITE_ID, drop=False)
    of_plan = evaluate(bench, planned.ranking)
    people, zones = figures(tried, planned.ranking[col.SITE_ID])
    for names in drafts(planned, tried):
        stations = rows.loc[names].assign(**{col.YEAR: 2025}).reset_index(drop=True)
        engine = evaluate(bench, stations)
        its_people, its_zones = figures(tried, names)
        shown = of_plan.years[-1]["people"] + its_people - people
        assert shown == pytest.approx(engine.years[-1]["people"], rel=CLOSE)
        shown_zones = np.array(list(of_plan.zones.values())) + its_zones - zones
        assert shown_zones == pytest.approx(list(engine.zones.values()), abs=0.02)


def test_what_counts_sums_to_all_of_it(bench, tried):
    arrays = tried.arrays
    assert arrays["people"].sum() == pytest.approx(bench.quantities.residents.sum(), rel=1e-5)
    for tier in bench.study.tiers:
        whole = bench.study.tier_demand(tier).sum()
        assert arrays[f"tier_{tier.number}_value"].sum() == pytest.approx(whole, rel=1e-5)


def test_the_plan_is_carried_with_its_years(planned, tried):
    years = dict(zip(tried.about["stations"], tried.arrays["year"].tolist(), strict=True))
    built = dict(zip(planned.ranking[col.SITE_ID], planned.ranking[col.YEAR], strict=True))
    assert {name: year for name, year in years.items() if year} == built
    record = planned.what_if.record()
    assert record["stations"] == len(years) <= what_if.MOST_STATIONS


@given(st.lists(st.lists(st.integers(0, 3000), unique=True, max_size=6), min_size=1, max_size=5))
def test_rows_come_back_from_their_steps(rows):
    rows = [sorted(row) for row in rows]
    cells = np.array(list(itertools.chain(*rows)), np.int32)
    first = np.cumsum([0, *map(len, rows)])
    arrays = what_if._cover(first, cells, np.linspace(0.1, 1.0, cells.size, dtype=np.float32))
    arrays["before"] = np.zeros(3001, np.uint8)
    tried = WhatIf({"stations": [str(n) for n in range(len(rows))]}, arrays)
    for number, row in enumerate(rows):
        share = served(tried, [str(number)])
        assert np.flatnonzero(share).tolist() == row
        assert share[row] == pytest.approx(
            arrays["share"][first[number] : first[number + 1]] / STEPS
        )
