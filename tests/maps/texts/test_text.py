"""Figures of the pages as each language writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import InputError
from phusong.maps.texts import text


@pytest.mark.parametrize(
    ("value", "decimals", "vietnamese", "english"),
    [
        (1_151_154, 0, "1.151.154", "1,151,154"),
        (1234.5, 1, "1.234,5", "1,234.5"),
        (-79.84, 1, "−79,8", "−79.8"),
        (0, 0, "0", "0"),
    ],
)
def test_numbers_follow_the_language(value, decimals, vietnamese, english):
    assert text.number(value, "vi", decimals) == vietnamese
    assert text.number(value, "en", decimals) == english


@given(st.integers(-(10**12), 10**12))
def test_a_number_reads_back_as_itself(value):
    for language, mark in (("vi", "."), ("en", ",")):
        written = text.number(value, language)
        assert int(written.replace(mark, "").replace("−", "-")) == value


def test_money_grows_from_million_to_billion():
    assert text.money(900, "vi") == "900 triệu đồng"
    assert text.money(999.4, "en") == "999 million VND"
    assert text.money(1234.5, "vi") == "1,2 tỷ đồng"
    assert text.money(123_456, "en") == "123.5 billion VND"
    assert text.money_each(0.5614, "vi") == "561.000 đồng"


def test_dates_and_shares():
    assert text.date("2026-11-03T05:00:00Z", "vi") == "03/11/2026"
    assert text.date("2026-11-03T05:00:00Z", "en") == "3 November 2026"
    assert text.percent(0.1234, "vi") == "12,3%"
    assert text.percent(1.0, "en", 0) == "100%"


def test_an_unknown_language_names_the_known_ones():
    assert text.language("vi") == "vi"
    with pytest.raises(InputError, match="use vi or en"):
        text.language("fr")


def test_a_commune_is_named_with_its_type_once():
    assert text.unit_name("Tích Sơn", "phuong", "vi") == "Phường Tích Sơn"
    assert text.unit_name("Tam Đảo", "thi tran", "en") == "Tam Đảo township"
    assert text.unit_name("Xã Định Trung", "xa", "vi") == "Xã Định Trung"
    assert text.unit_name("Khu 5", "dac khu", "en") == "Khu 5"
