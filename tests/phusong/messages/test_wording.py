"""Words of a country: terms, levels called otherwise, money; and what is no word stays."""

import tomllib

import pytest

from phusong import messages
from phusong.geodata.countries import open_country, within
from phusong.messages import message, million, speak, wording


def country(code, currency="XXX"):
    return wording.Wording(open_country(code).folder, currency)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("5G by commune", "en", "5G by unit"),
        ("Communes and districts", "en", "Units and regions"),
        ("{commune} in {district}", "en", "{commune} in {district}"),
        ("communes.geojson", "en", "communes.geojson"),
        ("commune_code", "en", "commune_code"),
        ("--communes", "en", "--communes"),
        ("Theo xã, phường, thị trấn", "vi", "Theo đơn vị"),
        ("kinh tế xã hội của tỉnh", "vi", "kinh tế xã hội của địa phương"),
        ("hoàn chỉnh", "vi", "hoàn chỉnh"),
    ],
)
def test_levels_are_called_as_the_country_calls_them(text, language, said):
    assert wording.worded(text, country("generic"), language) == said
    assert wording.worded(text, country("vn", "VND"), language) == text


@pytest.mark.parametrize(
    ("currency", "language", "said"),
    [
        ("EUR", "en", "cost, million EUR"),
        ("EUR", "vi", "chi phí, triệu EUR"),
        ("XXX", "en", "cost, million"),
        ("XXX", "vi", "chi phí, triệu"),
    ],
)
def test_money_is_in_the_currency_that_is_stated_and_else_cost(currency, language, said):
    with within("generic", currency):
        assert speak(message("terminal.cost_million"), language) == said


def test_amounts_keep_the_decimals_of_their_country():
    assert million(1234.4, "en") == "1,234 million VND"
    assert million(1234.4, "vi") == "1.234 triệu đồng"
    with within("generic", "EUR"):
        assert million(12.345, "en") == "12.35 million EUR"
    with within("generic"):
        assert million(12.345, "en") == "12.35 million"


def test_every_term_that_a_catalogue_names_is_known_in_every_country():
    for language in messages.SHIPPED:
        held = str(messages.catalogue.catalogue(language).sections)
        named = set(wording._TERM.findall(held))
        assert len(named) > 8
        for code in ("vn", "generic"):
            assert named <= set(wording.terms(country(code), language)), (code, language)


def test_countries_name_the_same_terms():
    named = {
        (code, language): set(table["terms"]) - {"currency_VND"}
        for code in ("vn", "generic")
        for language, table in tomllib.loads(
            (open_country(code).folder / "words.toml").read_text("utf-8")
        ).items()
    }
    assert len(set(map(frozenset, named.values()))) == 1


def test_words_are_those_of_the_default_country_again_after_the_block():
    before = messages.words("vi", "page")
    with within("generic"):
        assert messages.words("vi", "page") != before
    assert messages.words("vi", "page") == before
