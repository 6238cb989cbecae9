"""The table of signs: what never looks alike, and that every name has words."""

import itertools

import numpy as np
import pytest
from vision import VISION, ciede2000, lab

from phusong.geodata import symbols
from phusong.geodata.symbols import OPERATORS, OTHER, STATES, STATIONS, YEARS, ZONES
from phusong.messages import message, speak

ALL = (
    {f"year {n}": colour for n, colour in enumerate(YEARS, start=1)}
    | {f"operator {n}": symbol.colour for n, symbol in enumerate(OPERATORS, start=1)}
    | {name: symbol.colour for name, symbol in (ZONES | STATES | {"other": OTHER}).items()}
)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [  # Sharma, Wu and Dalal (2005), table 1: pairs 1, 7 and more
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (50.0, 3.2592, 0.3350), 1.0),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ],
)
def test_the_distance_is_the_published_one(first, second, distance):
    assert ciede2000(first, second) == pytest.approx(distance, abs=1e-4)
    assert ciede2000(second, first) == pytest.approx(distance, abs=1e-4)


@pytest.mark.parametrize(
    ("vision", "least"), [(name, 20 if name == "normal" else 10) for name in VISION]
)
def test_years_operators_zones_and_states_never_look_alike(vision, least):
    seen = {name: lab(colour, vision) for name, colour in ALL.items()}
    near = {
        (a, b): round(ciede2000(seen[a], seen[b]), 1)
        for a, b in itertools.combinations(seen, 2)
        if ciede2000(seen[a], seen[b]) < least
    }
    assert not near


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("count", [2, 5, 9])
def test_years_run_from_dark_to_light(count, vision):
    colours = symbols.year_colours(range(2024, 2024 + count)).values()
    assert len(set(colours)) == count
    assert np.diff([lab(colour, vision)[0] for colour in colours]).min() > 3


def test_what_shares_a_group_differs_in_shape_or_line_too():
    assert len({symbol.shape for symbol in OPERATORS}) == len(OPERATORS)
    assert len({symbol.line for symbol in (*ZONES.values(), OTHER)}) == len(ZONES) + 1
    assert len({symbol.shape for symbol in STATIONS.values()}) == len(STATIONS)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_name_has_words(language):
    named = [*ZONES.values(), *STATES.values(), *STATIONS.values(), OTHER]
    words = [speak(message(symbol.word), language) for symbol in named]
    assert all(words)
    assert len(set(words)) == len(words)


def test_operators_beyond_the_table_share_the_last_symbol():
    many = symbols.operator_symbols([f"operator {n}" for n in range(9)])
    assert [many[f"operator {n}"] for n in (6, 7, 8)] == [OTHER] * 3
    assert symbols.year_colours([]) == {}
    assert list(symbols.year_colours([2026.0, 2024, 2025, 2024])) == [2024, 2025, 2026]
