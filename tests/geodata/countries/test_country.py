"""Countries are data: the shipped ones, folders of one's own, and what is wrong with them."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from phusong.errors import InputError
from phusong.geodata import countries
from phusong.geodata.countries import country as record


def own(folder, *changes):
    """Return the folder of a country of one's own: the generic one with changes to its text."""
    shutil.copytree(countries.open_country("generic").folder, folder)
    path = folder / record.NAME
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return folder


def test_shipped_countries_open_and_are_frozen():
    assert record.shipped() == ("generic", "vn")
    for code in record.shipped():
        country = countries.open_country(code)
        assert country.code == code
        with pytest.raises(ValueError, match="frozen"):
            country.code = "xx"


def test_outline_of_vietnam_holds_its_islands_and_no_luxembourg():
    vietnam = countries.open_country("vn")
    assert vietnam.contains((111.2, 15.7, 113.0, 17.2))  # Hoàng Sa
    assert vietnam.contains((111.5, 6.8, 117.0, 12.0))  # Trường Sa
    assert not vietnam.contains((5.7, 49.4, 6.5, 50.2))
    assert countries.open_country("generic").contains((5.7, 49.4, 6.5, 50.2))


def test_survey_zones_follow_the_central_meridian():
    vietnam = countries.open_country("vn")
    zones = vietnam.table("survey_zones")
    for row in zones.itertuples():
        system = CRS(f"EPSG:{row.epsg}")
        meridian = system.coordinate_operation.params[1].value
        assert meridian == pytest.approx(row.meridian_deg), row.province
        assert vietnam.planning_crs(row.lon, row.lat) == f"EPSG:{row.epsg}"
    assert vietnam.planning_crs(105.6, 21.3) == "EPSG:5897"  # Vĩnh Phúc


@given(st.floats(-180, 180), st.floats(-80, 84))
def test_utm_zone_has_the_place_within_three_degrees_of_its_meridian(lon, lat):
    system = CRS(countries.open_country("generic").planning_crs(lon, lat))
    zone = int(system.to_epsg()) % 100
    assert abs(lon - (6 * zone - 183)) <= 3.0 + 1e-9  # degrees, but for rounding at the edge
    assert (system.to_epsg() >= 32_700) == (lat < 0)


def test_an_unknown_country_names_the_near_ones():
    with pytest.raises(InputError, match=r"value .vm.: there is no such country .did you mean vn"):
        countries.open_country("vm")
    with pytest.raises(InputError, match=r"there are generic, vn"):
        countries.open_country("zzzzzz")


def test_a_folder_of_ones_own_is_a_country(tmp_path):
    folder = own(
        tmp_path / "lu", ('code = "generic"', 'code = "lu"'), ('code = "XXX"', 'code = "EUR"')
    )
    country = countries.open_country(str(folder))
    assert (country.code, country.currency.code) == ("lu", "EUR")


def test_every_defect_of_a_profile_comes_at_once_with_its_line(tmp_path):
    folder = own(
        tmp_path / "xx",
        ('code = "XXX"', 'cod = "XXX"'),
        ("shown_decimals = 2", 'shown_decimals = "two"'),
        ('planning = "utm"', 'planning = "utms"'),
    )
    lines = (folder / record.NAME).read_text(encoding="utf-8").splitlines()
    row = {
        key: 1 + next(i for i, line in enumerate(lines) if line.startswith(key))
        for key in ("cod =", "shown_decimals", "planning")
    }
    with pytest.raises(InputError) as error:
        countries.open_country(str(folder))
    told = {(defect.row, defect.column) for defect in error.value.defects}
    assert (row["shown_decimals"], "shown_decimals") in told
    assert (row["planning"], "planning") in told
    text = str(error.value)
    assert f"{record.NAME}:{row['cod =']}: unknown key 'cod' in [currency]" in text
    assert "did you mean 'code'?" in text
    assert "the key 'code' is missing in [currency]" in text


def test_a_profile_with_an_unknown_system_says_so(tmp_path):
    folder = own(tmp_path / "xx", ('"EPSG:4326" = ', '"EPSG:99999" = '))
    with pytest.raises(InputError, match="EPSG:99999.*is not a coordinate system"):
        countries.open_country(str(folder))


def test_a_profile_that_is_no_toml_says_so(tmp_path):
    folder = own(tmp_path / "xx", ('code = "generic"', "code = generic"))
    with pytest.raises(InputError, match=r"is not valid TOML(.|\n)*line 4"):
        countries.open_country(str(folder))
