"""Points farthest first: spacing and reach are two sides of one choice."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phusong.geodata.ground import spacing


def cloud(seed, number):
    return np.random.default_rng(seed).uniform(0.0, 1000.0, (2, number))


def plain(x, y, step, count):
    """Return the same choice written the slow way."""
    taken = [int(np.argmin(step))]
    while len(taken) < count:
        apart = np.hypot(x[:, None] - x[taken], y[:, None] - y[taken]).min(axis=1)
        taken.append(int(np.argmax(apart / step)))
    return taken


@given(seed=st.integers(0, 10_000), number=st.integers(3, 120), part=st.floats(0.05, 0.9))
def test_equals_the_choice_written_the_slow_way(seed, number, part):
    x, y = cloud(seed, number)
    step = np.random.default_rng(seed + 1).uniform(1.0, 3.0, number)
    count = max(1, int(part * number))
    assert spacing.farthest_first(x, y, step, count).tolist() == plain(x, y, step, count)


@given(seed=st.integers(0, 10_000))
def test_no_point_is_farther_than_the_chosen_are_apart(seed):
    x, y = cloud(seed, 300)
    taken = spacing.farthest_first(x, y, np.ones(300), 20)
    apart = np.hypot(x[:, None] - x[taken], y[:, None] - y[taken])
    reach = apart.min(axis=1).max()
    between = apart[taken][~np.eye(20, dtype=bool)].min()
    assert between >= reach > 0


def test_smaller_spacing_gets_more_points():
    x, y = cloud(1, 4000)
    step = np.where(x < 500.0, 1.0, 3.0)
    taken = spacing.farthest_first(x, y, step, 200)
    west = (x[taken] < 500.0).sum()
    assert 6.0 < west / (200 - west) < 12.0  # nine times the density, less the border


def test_too_close_comes_only_when_nothing_else_is_left():
    x, y = np.array([0.0, 10.0, 1000.0, 1010.0]), np.zeros(4)
    least = np.full(4, 100.0)
    taken = spacing.farthest_first(x, y, np.array([1.0, 0.001, 1.0, 0.001]), 4, least)
    assert abs(x[taken[0]] - x[taken[1]]) > 900.0
    assert sorted(taken) == [0, 1, 2, 3]


def test_more_points_than_there_are_gives_each_once():
    assert sorted(spacing.farthest_first(*cloud(3, 5), np.ones(5), 9)) == list(range(5))


def test_sample_never_draws_weight_zero_and_prefers_the_heavy():
    weights = np.repeat([0.0, 1.0, 9.0], 1000)
    drawn = spacing.weighted_sample(weights, 200, np.random.default_rng(0))
    assert len(np.unique(drawn)) == 200
    assert (drawn >= 1000).all()
    assert (drawn >= 2000).sum() > 150
    assert len(spacing.weighted_sample(weights, 5000, np.random.default_rng(0))) == 2000
