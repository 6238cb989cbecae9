"""Whose words are spoken: those of the country of a province, of a run, or of what has one."""

from types import SimpleNamespace

import pytest

from phusong.geodata.countries import at_home, current, speaking
from phusong.messages import million

PROVINCE = SimpleNamespace(country="generic", currency="EUR")


@pytest.mark.parametrize(
    "thing",
    [
        PROVINCE,
        SimpleNamespace(province=PROVINCE),
        SimpleNamespace(record={"country": "generic", "currency": "EUR"}),
    ],
)
def test_words_are_those_of_the_things_country(thing):
    with at_home(thing):
        assert current().code == "generic"
        assert million(1.0, "en") == "1.00 million EUR"
    assert current().code == "vn"


def test_a_run_of_a_country_that_is_not_here_speaks_neutral_words_in_its_currency():
    with at_home(SimpleNamespace(record={"country": "/nowhere/at", "currency": "CHF"})):
        assert (current().code, million(1.0, "en")) == ("generic", "1.00 million CHF")


def test_a_run_of_before_is_of_the_default_country():
    with at_home(SimpleNamespace(record={"currency": "VND"})):
        assert (current().code, million(1.0, "en")) == ("vn", "1 million VND")


def test_a_function_speaks_the_words_of_its_argument_also_where_it_fails():
    @speaking("province")
    def told(first, province):  # noqa: ARG001 - it is what speaking looks at
        if first:
            raise ValueError
        return current().code

    assert told(0, province=PROVINCE) == told(0, PROVINCE) == "generic"
    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        told(1, PROVINCE)
    assert current().code == "vn"
