"""Colours: ordered palettes grow darker, kinds stay apart for every colour vision."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vision import VISION, lab

from phusong.geodata.writers.classes import PROBABILITY
from phusong.maps.pictures import palette

ORDERED = [palette.LEVEL, palette.SINR, palette.THROUGHPUT, palette.SHARE, PROBABILITY]


def nearest_pair(colours, vision):
    seen = [lab(colour, vision) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2))


@pytest.mark.parametrize("classes", ORDERED, ids=lambda classes: classes.name)
@pytest.mark.parametrize("vision", VISION)
def test_ordered_palettes_grow_steadily_darker(classes, vision):
    lightness = [lab(colour, vision)[0] for colour in classes.colours if colour]
    assert np.diff(lightness).max() < -2.5


@pytest.mark.parametrize("vision", VISION)
def test_changes_of_a_place_stay_apart(vision):
    assert nearest_pair([c for c in palette.DIFFERENCE.colours if c], vision) > 18


@pytest.mark.parametrize("vision", VISION)
def test_changes_grow_darker_both_ways_and_gain_is_not_loss(vision):
    colours = palette.CHANGE.colours
    lightness = [lab(colour, vision)[0] for colour in colours]
    middle = len(colours) // 2
    assert np.diff(lightness[: middle + 1]).min() > 2.5
    assert np.diff(lightness[middle:]).max() < -2.5
    for loss, gain in zip(colours[:middle], reversed(colours[middle + 1 :]), strict=True):
        assert nearest_pair([loss, gain], vision) > 12


def test_changes_are_classed_alike_both_ways():
    values = np.array([0.3, 0.15, 0.05, 0.01])
    up, down = palette.CHANGE.index(values), palette.CHANGE.index(-values)
    assert (up + down == 8).all()


@given(st.lists(st.floats(-200, 50), min_size=1))
def test_a_class_holds_its_lower_threshold_and_not_its_upper(values):
    edges = (-np.inf, *palette.LEVEL.breaks, np.inf)
    for value, place in zip(values, palette.LEVEL.index(values), strict=True):
        assert edges[place - 1] <= value < edges[place]


def test_no_value_has_no_class():
    assert palette.SHARE.index([np.nan, 0.0, 0.1, 1.0]).tolist() == [0, 1, 2, 6]


@given(st.floats(-140, -40))
def test_operators_colours_on_fine_classes_say_the_same_as_its_own_classes(level_dbm):
    fine = palette.recoloured(palette.LEVEL, palette.OPERATOR)
    of_fine = fine.colours[int(fine.index([level_dbm])[0]) - 1]
    assert of_fine == palette.OPERATOR.colours[int(palette.OPERATOR.index([level_dbm])[0]) - 1]


def test_operators_thresholds_are_the_published_ones():
    assert palette.OPERATOR.breaks == (-105, -95, -85, -75, -65)


def test_mismatched_palettes_are_refused():
    with pytest.raises(ValueError, match="do not match"):
        palette.Classes("x", "", (1.0, 2.0), ("#000000", "#ffffff"))
    with pytest.raises(ValueError, match="do not match"):
        palette.Classes("x", "", (2.0, 1.0), ("#000000", "#888888", "#ffffff"))
    coarse = palette.Classes("odd", "", (-81.5,), ("#000000", "#ffffff"))
    with pytest.raises(ValueError, match="thresholds that level lacks"):
        palette.recoloured(palette.LEVEL, coarse)


def test_text_on_a_colour_can_be_read():
    assert palette.readable("#000000") == "#ffffff"
    assert palette.readable("#ffffff") == palette.INK
