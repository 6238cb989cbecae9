"""A plan moved to another first year is the same plan, so many years later."""

import pytest

from phusong.errors import InputError
from phusong.scenarios.config import schema

QUOTA = (
    '{ kind = "industrial", statuses = ["operating"], target_share = 0.5, of = "area", '
    "year = 2026, strict = false }"
)
OWN = (
    "rollout.stations={ 2024 = 5, 2026 = 7 }",
    "rollout.min_per_district={ 2025 = 1 }",
    "tiers.1.targets={ 2024 = 0.5 }",
    'candidates.require={ "P1" = 2025 }',
    "quotas=[" + QUOTA + "]",
)


def test_every_year_moves_by_as_much():
    moved = schema.load("urban", [*OWN, "rollout.start=2030"])
    assert moved.rollout.years == [2030, 2032]
    assert moved.rollout.stations == {"2030": 5, "2032": 7}
    assert moved.rollout.min_per_district == {"2031": 1}
    assert moved.rollout.start == 2030
    assert moved.tiers[0].targets == {"2030": 0.5}
    assert moved.candidates.require == {"P1": 2031}
    assert moved.quotas[0].year == 2032


def test_years_stay_as_they_are_stated():
    stated = schema.load("urban", list(OWN))
    assert stated.rollout.years == [2024, 2026]
    assert stated == schema.load("urban", [*OWN, "rollout.start=0"])


def test_auto_is_the_year_after_the_present(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")  # January 2027
    scenario = schema.load("urban", ["rollout.start=auto"])
    assert scenario.rollout.years == [2028, 2029, 2030]
    assert sorted(scenario.tiers[0].targets) == ["2028", "2029", "2030"]
    assert scenario.rollout.start == 2028


@pytest.mark.parametrize("start", ["soon", "-3", "3000", "1.5"])
def test_a_start_that_is_no_year_is_refused(start):
    with pytest.raises(InputError, match=r"rollout\.start"):
        schema.load("urban", [f"rollout.start={start}"])
