"""The tables of facts agree with each other and keep their codes."""

import unicodedata

import pytest

from phusong.geodata import reference
from phusong.geodata.countries import country, open_country

TABLES = (
    "commune_crosswalk",
    "commune_points",
    "communes",
    "communes_2025",
    "costs",
    "districts",
    "glossary",
    "lakes",
    "priorities",
    "province_outline",
    "radio_bands",
    "rf_defaults",
    "spot_heights",
    "zone_priorities",
    "zones",
)
SOURCED = (
    "communes_2025",
    "costs",
    "districts",
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


@pytest.mark.parametrize("code", country.shipped())
def test_shares_of_operators_and_masts_are_whole(code):
    assert open_country(code).table("operators")["site_share_pct"].sum() == 100
    assert (open_country(code).table("heights").groupby("clutter")["share_pct"].sum() == 100).all()


@pytest.mark.parametrize("name", SOURCED)
def test_every_row_names_its_source(name):
    assert reference.table(name)["source"].str.len().gt(3).all()


@pytest.mark.parametrize("name", ["blocks", "costs", "heights", "survey_zones"])
def test_every_row_of_a_country_names_its_source(name):
    assert open_country().table(name)["source"].str.len().gt(3).all()


def test_generic_has_no_operator_and_no_spectrum():
    generic = open_country("generic")
    assert generic.table("operators")["operator"].tolist() == ["unknown"]
    assert len(generic.table("blocks")) == len(generic.table("band_holders")) == 0


def test_zones_write_communes_as_the_register_does():
    """The mark of a tone stands where the register puts it: Xuân Hoà, but Hợp Hòa."""
    communes = reference.table("communes")
    register = {*communes["commune"], *communes["commune_full"]}
    plain = {without_tones(name) for name in register}
    cells = reference.table("zones")["communes"].dropna()
    listed = [part.strip() for cell in cells for part in cell.split(";")]
    known = [name for name in listed if without_tones(name) in plain]
    assert len(known) > 30
    assert [name for name in known if name not in register] == []


def without_tones(name):
    """Return a name whose vowels keep their shape but have no tone."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    spread = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in spread if letter not in tones)
