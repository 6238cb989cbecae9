"""Colours of the best server: neighbours differ, no two stations share one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from phusong.maps.pictures import palette, servers


def chequered(rows, columns, side=6):
    """Return square areas of one station each, as on a map of streets."""
    number = np.arange(rows * columns).reshape(rows, columns)
    return np.kron(number, np.ones((side, side), int))


def test_borders_are_counted_in_pixel_edges():
    server = np.array([[0, 0, 1], [0, 2, 1], [-1, 2, 2]])
    assert servers.borders(server) == {0: {1: 1, 2: 2}, 1: {0: 1, 2: 2}, 2: {0: 2, 1: 2}}


def test_neighbours_differ_where_four_colours_are_enough():
    server = chequered(9, 9)
    kind = servers.kinds(server, 81)
    for station, others in servers.borders(server).items():
        assert all(kind[station] != kind[other] for other in others)
    assert np.bincount(kind).min() >= 81 // (2 * len(palette.SERVER_COLOURS))


@given(npst.arrays(np.int64, (6, 7), elements=st.integers(-1, 5)))
def test_any_map_of_six_stations_is_coloured_without_a_clash(server):
    """Eight colours serve six stations whatever the areas look like; absent ones get one too."""
    kind = servers.kinds(server, 6)
    assert ((kind >= 0) & (kind < len(palette.SERVER_COLOURS))).all()
    for station, others in servers.borders(server).items():
        assert all(kind[station] != kind[other] for other in others)


def test_twenty_stations_that_all_touch_clash_over_the_least_border():
    """More neighbours than colours: who shares one shares the shortest border there is."""
    rng = np.random.default_rng(3)
    server = rng.integers(0, 20, (40, 40))
    kind = servers.kinds(server, 20)
    shared = servers.borders(server)
    clash = sum(
        edges for a, row in shared.items() for b, edges in row.items() if kind[a] == kind[b]
    )
    every = sum(sum(row.values()) for row in shared.values())
    assert 0 < clash < every / len(palette.SERVER_COLOURS)


@given(st.lists(st.integers(0, len(palette.SERVER_COLOURS) - 1), min_size=1, max_size=600))
def test_every_station_has_a_colour_of_its_own_near_that_of_its_kind(kinds):
    found = servers.colours(np.array(kinds)).astype(int)
    assert len(np.unique(found, axis=0)) == len(kinds)
    base = np.array([palette.rgb(palette.SERVER_COLOURS[kind]) for kind in kinds])
    assert np.abs(found - base).max() <= 15
    assert (found.sum(axis=1) > 0).all()


def test_more_stations_than_shades_are_refused():
    with pytest.raises(ValueError, match="more than 4096 stations of one colour"):
        servers.colours(np.zeros(4097, np.int64))


def test_the_picture_has_the_colour_of_the_server_and_is_clear_without_one():
    colours = servers.colours(np.array([0, 1]))
    painted = servers.painted(np.array([[0, 1], [-1, 0]]), colours)
    assert painted.tolist()[0] == colours.tolist()
    assert painted.tolist()[1] == [list(servers.CLEAR), colours[0].tolist()]
