"""Masts: heights follow their quantiles, sites their shares, 3G reaches as far as 4G."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong import columns
from phusong.geodata.countries import open_country
from phusong.geodata.provinces import masts


@given(st.integers(1, 100_000))
def test_operators_share_all_tenancies_by_largest_remainder(count):
    who = masts.operators(count, open_country())
    assert who.positions.sum() == count
    ideal = count * open_country().table("operators")["site_share_pct"].to_numpy() / 100
    assert np.abs(who.positions - ideal).max() < 1.0


def test_quantiles_come_back():
    level = np.array([0.1, 0.5, 0.9])
    assert masts.quantile(level, *np.full((3, 3), [18.0, 24.0, 32.0]).T).tolist() == [18, 24, 32]


@given(st.floats(0, 1), st.floats(0, 1))
def test_heights_rise_with_the_level(a, b):
    low, high = masts.quantile(np.sort([a, b]), *np.full((2, 3), [8.0, 12.0, 15.0]).T)
    assert 6.0 < low <= high < 17.0


@pytest.fixture(scope="module")
def sites(reference_province):
    return reference_province.sites


def test_heights_and_classes_follow_the_table(sites):
    table = open_country().table("heights")
    top = sites.groupby(columns.POSITION_ID)[columns.HEIGHT_M].max()
    first = sites.drop_duplicates(columns.POSITION_ID).set_index(columns.POSITION_ID)
    for setting, rows in table.groupby("clutter"):
        here = first[first[columns.CLUTTER] == setting]
        share = rows.groupby("mast_class")["share_pct"].sum() / 100
        seen = here[columns.MAST_CLASS].value_counts(normalize=True)
        error = 4 * np.sqrt(0.25 / len(here))  # four standard errors
        assert (seen - share).abs().max() < error
        mean = (rows["height_agl_m_p50"] * rows["share_pct"]).sum() / 100
        assert top[here.index].mean() == pytest.approx(mean, rel=0.12)


def test_tenants_hang_below_each_other(sites):
    tenants = sites.drop_duplicates([columns.POSITION_ID, columns.OPERATOR])
    shared = tenants[tenants.duplicated(columns.POSITION_ID, keep=False)]
    for _, group in shared.groupby(columns.POSITION_ID):
        steps = np.diff(group[columns.HEIGHT_M])
        assert (
            (steps == -masts.TENANT_STEP_M) | (group[columns.HEIGHT_M].iloc[1:] == masts.LOWEST_M)
        ).all()


def test_three_sectors_are_120_degrees_apart(sites):
    sectors = sites[columns.AZIMUTHS_DEG].str.split("/")
    threes = np.array([row for row in sectors if len(row) == 3], int)
    assert (np.diff(threes, axis=1) == 120).all()
    assert ((threes >= 0) & (threes < 360)).all()
    assert len(threes) / len(sites) > 0.9
    poles = sites[sites[columns.AZIMUTHS_DEG].str.count("/") < 2]
    assert (poles[columns.MAST_CLASS] == "A1").all()
    assert "" in set(poles[columns.AZIMUTHS_DEG])
