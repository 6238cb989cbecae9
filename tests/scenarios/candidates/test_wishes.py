"""Stations ruled out are gone, those asked for stand in time, and what does not fit is named."""

import pytest

from phusong import columns as col
from phusong.errors import InputError
from phusong.scenarios.candidates import places
from phusong.scenarios.config import schema
from phusong.scenarios.plan.run import plan

FEW = ("rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=600")


def candidates(province, *settings):
    return places.candidates(province, schema.load("urban", [*FEW, *settings]))


@pytest.fixture(scope="module")
def every(mini_province):
    return candidates(mini_province)


def test_what_is_forbidden_is_gone_by_station_or_position(mini_province, every):
    new = every[every[col.KIND] == col.NEW][col.SITE_ID].iloc[0]
    left = candidates(mini_province, f'candidates.forbid=["P01", "{new}"]')
    gone = set(every[col.SITE_ID]) - set(left[col.SITE_ID])
    assert gone == {"5G-P01", new}


def test_only_masts_of_an_operator_and_new_ones_are_used(mini_province, every):
    left = candidates(mini_province, 'candidates.only_masts_of=["VNPT"]')
    assert (left[col.KIND] == col.NEW).sum() == (every[col.KIND] == col.NEW).sum()
    on = left[left[col.KIND] == col.COLOCATED][places.OPERATORS]
    assert 0 < len(on) < (every[col.KIND] == col.COLOCATED).sum()
    assert on.str.contains("VNPT").all()


def test_a_required_station_stands_by_its_year(mini_province):
    draws = "uncertainty.draws=2"
    usual = plan(mini_province, schema.load("urban", [*FEW, draws])).ranking
    away = next(f"5G-P{i:02}" for i in range(1, 10) if f"5G-P{i:02}" not in set(usual[col.SITE_ID]))
    own = f'candidates.require={{ "{away}" = 2024 }}'
    table = plan(mini_province, schema.load("urban", [*FEW, draws, own])).ranking
    built = table.set_index(col.SITE_ID)
    assert built[col.YEAR][away] == 2024
    assert built[col.TIER][away] == 0
    assert len(table) == len(usual) == 5


def test_all_that_does_not_fit_is_named_at_once(mini_province):
    settings = (
        'candidates.forbid=["5G-P01", "5G-P99"]',
        'candidates.require={ "5G-P01" = 2024, "N0-0" = 2024 }',
        'candidates.only_masts_of=["Gtel"]',
    )
    with pytest.raises(InputError) as caught:
        candidates(mini_province, *settings)
    text = str(caught.value)
    assert "5G-P99" in text
    assert "did you mean" in text
    assert "'N0-0'" in text
    assert "Gtel" in text
    assert "there are VNPT, Viettel" in text
    with pytest.raises(InputError, match="'5G-P01'.*ruled out too"):
        candidates(
            mini_province, 'candidates.forbid=["P01"]', 'candidates.require={ "5G-P01" = 2024 }'
        )
