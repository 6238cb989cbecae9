"""Numbers as a language writes them: halves as browsers round them, no sign of nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong import messages


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [
        (10904.5, 0, "10,905"),  # as Intl.NumberFormat: half expand
        (10905.5, 0, "10,906"),
        (-2.5, 0, "\u22123"),
        (12.45, 1, "12.5"),
        (-0.04, 1, "0.0"),
        (1e25, 0, "1e+25"),
    ],
)
def test_halves_are_rounded_away_from_zero(value, decimals, said):
    assert messages.number(value, "en", decimals) == said


def test_percents_are_rounded_as_the_page_rounds_them():
    assert messages.percent(0.1245, "en") == "12.5%"
    assert messages.percent(0.6217607, "vi") == "62,2%"


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_what_is_written_lies_within_half_a_step(value, decimals):
    said = messages.number(value, "en", decimals).replace(",", "").replace("\u2212", "-")
    assert abs(float(said) - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + 1e-9
