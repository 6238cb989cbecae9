"""How a plan grows: places and communes by year, whatever order the networks are counted in."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from phusong import columns as col
from phusong.scenarios.plan import rollout as growth
from phusong.scenarios.prediction import chain, station_gains

REQUIRED_DBM = -80.0


@pytest.fixture
def grown(monkeypatch):
    """Return a function that grows a plan on six pixels from hand-made steps."""
    monkeypatch.setattr(chain, "required_dbm", lambda _service: REQUIRED_DBM)
    communes = pd.DataFrame({col.COMMUNE_CODE: ["a", "b"], col.POPULATION: [100, 40]})
    communes[col.COVERED_POPULATION_SHARE_BEFORE] = [0.1, 0.0]
    people = np.array([50.0, 30.0, 20.0, 40.0, 0.0, 0.0])
    kind = {name: np.zeros(6) for name in growth.KINDS} | {"people": people}
    demand = SimpleNamespace(of_kind=kind.__getitem__, first=np.zeros(6), people=people)
    province = SimpleNamespace(
        commune_index=SimpleNamespace(values=np.array([[0, 0, 0], [1, 1, -1]])), communes=communes
    )
    scenario = SimpleNamespace(rollout=SimpleNamespace(years=[2024, 2025, 2026]), service=None)
    study = SimpleNamespace(
        province=province,
        scenario=scenario,
        networks=[],
        demand=demand,
        tiers=[],
        levels=["indoor"],
    )
    before = np.full((2, 3), -120.0)
    before[0, 0] = -70.0
    before = SimpleNamespace(layers=SimpleNamespace(rsrp_dbm=before), levels=[])
    table = pd.DataFrame({col.YEAR: [2024, 2025, 2026]})

    def grow(*steps):
        monkeypatch.setattr(station_gains, "station_gains", lambda *_: iter(steps))
        found = growth.rollout_gains(study, table, before, lambda _: None)
        return found, growth.with_communes([{"year": y} for y in found.years], found, communes)

    return grow


def step(row, pixels, level_dbm, more):
    added = {"indoor": np.array(more)}
    return station_gains.StationGain(row, np.array(pixels), np.array(level_dbm), added)


FIRST = step(0, [0, 1], [-60.0, -80.0], [0.0, 0.9])
SECOND = step(1, [1, 2, 3], [-75.0, -80.1, -79.9], [0.05, 0.5, 0.9])
THIRD = step(2, [2], [-70.0], [0.4])


def test_a_place_keeps_the_first_year_in_which_its_level_is_reached(grown):
    found, _ = grown(FIRST, SECOND, THIRD)
    assert found.covered_year.dtype == np.uint16
    assert found.covered_year.tolist() == [
        [growth.BEFORE, 2024, 2026],  # -80.1 dBm in 2025 is not enough
        [2025, growth.NOT_COVERED, growth.OUTSIDE],
    ]


def test_networks_may_be_counted_one_after_the_other(grown):
    """Another network's station of 2025 is counted after that of 2026: 2025 it is."""
    one, _ = grown(FIRST, SECOND, THIRD)
    other, _ = grown(THIRD, SECOND, FIRST)
    assert np.array_equal(one.covered_year, other.covered_year)
    assert np.allclose(one.people, other.people)


def test_communes_gain_year_by_year_and_stations_what_they_add(grown):
    found, years = grown(FIRST, SECOND, THIRD)
    assert found.added["people"].tolist() == pytest.approx([27.0, 1.5 + 10 + 36, 8.0])
    assert years[0]["communes"] == {"a": pytest.approx(0.1 + 0.27), "b": 0.0}
    assert years[1]["communes"] == {"a": pytest.approx(0.37 + 0.115), "b": pytest.approx(0.9)}
    assert years[2]["communes"] == {"a": pytest.approx(0.485 + 0.08), "b": pytest.approx(0.9)}


def test_a_plan_without_stations_leaves_what_is_covered_before(grown):
    found, years = grown()
    assert set(found.covered_year.ravel()) == {growth.BEFORE, growth.NOT_COVERED, growth.OUTSIDE}
    assert [year["communes"]["a"] for year in years] == [0.1, 0.1, 0.1]
