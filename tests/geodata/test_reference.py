"""The tables of facts agree with each other and keep their codes."""

import pytest

from phusong.geodata import reference

TABLES = (
    "band_holders",
    "blocks",
    "commune_crosswalk",
    "commune_points",
    "communes",
    "communes_2025",
    "costs",
    "districts",
    "glossary",
    "heights",
    "lakes",
    "operators",
    "priorities",
    "province_outline",
    "radio_bands",
    "rf_defaults",
    "spot_heights",
    "zone_priorities",
    "zones",
)
SOURCED = (
    "blocks",
    "communes_2025",
    "costs",
    "districts",
    "heights",
    "lakes",
    "priorities",
    "rf_defaults",
    "zone_priorities",
    "zones",
)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_reads_and_has_rows(name):
    assert len(reference.table(name)) > 0


def test_codes_keep_their_leading_zeros():
    communes = reference.table("communes")
    assert communes["code"].str.fullmatch(r"0[89]\d{3}").all()
    links = reference.table("commune_crosswalk")
    for column in ("code_136", "code_121", "code_36"):
        assert links[column].str.fullmatch(r"0[89]\d{3}").all()
    assert reference.table("zones")["district_code"].str.fullmatch(r"2\d\d").all()


def test_census_of_2019_adds_up_over_communes_and_districts():
    communes, districts = reference.table("communes"), reference.table("districts")
    assert communes["pop_2019"].sum() == districts["pop_2019"].sum() == 1_151_154
    by_district = communes.groupby("district_code")["pop_2019"].sum()
    assert (by_district == districts.set_index("code")["pop_2019"]).all()
    assert (
        communes["district_code"].value_counts().sort_index().to_numpy()
        == districts.set_index("code")["communes"].sort_index().to_numpy()
    ).all()


def test_every_commune_has_points_of_its_own():
    points, communes = reference.table("commune_points"), reference.table("communes")
    assert set(points["commune_code"]) == set(communes["code"])
    assert not points.duplicated(["lon", "lat"]).any()


def test_shares_of_operators_and_masts_are_whole():
    assert reference.table("operators")["site_share_pct"].sum() == 100
    assert (reference.table("heights").groupby("clutter")["share_pct"].sum() == 100).all()


@pytest.mark.parametrize("name", SOURCED)
def test_every_row_names_its_source(name):
    assert reference.table(name)["source"].str.len().gt(3).all()
