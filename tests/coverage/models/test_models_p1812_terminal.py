"""P.1812 to the roofs with terminal loss: its parts, limits, and what physics asks of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.coverage import p2108, profile
from phusong.coverage.models import p1812, p1812_terminal
from phusong.coverage.models.free_space import free_space_loss_db
from phusong.coverage.models.p1812_terminal import P1812TerminalParameters, predict

MHZ = 2550.0
ROUNDED_DB = 0.06  # the constant of P.1812-7 eq. 8 is 92.4, not 92.45


def ground(clutter_m, height_m=10.0, step_m: float = 30.0) -> profile.Profile:
    clutter = np.asarray(clutter_m, float)
    km = np.arange(clutter.size) * step_m / 1000.0
    return profile.from_arrays(km, np.broadcast_to(height_m, clutter.shape), clutter)


def loss_db(clutter_m, mast_m: float = 25.0, receiver_m: float = 1.5, **other) -> float:
    return predict(
        ground(clutter_m), MHZ, mast_m, receiver_m, P1812TerminalParameters(**other)
    ).loss_db


@pytest.mark.parametrize(
    ("clutter_m", "published_db"), [(15.0, 27.1), (10.0, 23.3), (5.0, 15.7), (0.0, 0.0)]
)
def test_the_step_down_is_the_terminal_loss_of_p2108(clutter_m, published_db):
    """P.2108-1 eq. 2a by hand: nu = 0.342 sqrt(2.55 (R - h) theta), J(nu) - 6.03."""
    found = predict(ground([clutter_m] * 40), MHZ, 30.0, 1.5)
    assert found.rx_terminal_db == pytest.approx(published_db, abs=0.05)
    assert found.loss_db == pytest.approx(found.roof.losses.loss_db + found.rx_terminal_db)


@pytest.mark.parametrize("clutter_m", [0.0, 1.5])
def test_without_clutter_above_the_terminals_it_is_p1812(clutter_m):
    path = ground([clutter_m] * 80)
    plain = p1812.predict(path, MHZ, 30.0, 1.5).losses.loss_db
    assert predict(path, MHZ, 30.0, 1.5).loss_db == plain


@pytest.mark.parametrize("clutter_m", [5.0, 10.0, 15.0])
@pytest.mark.parametrize("mast_m", [12.0, 25.0, 45.0])
def test_loss_grows_with_distance_over_flat_ground(clutter_m, mast_m):
    losses = [loss_db([clutter_m] * count, mast_m) for count in range(5, 200, 3)]
    assert np.all(np.diff(losses) > 0.0)


def test_a_higher_mast_never_loses_more_over_flat_town():
    losses = [loss_db([10.0] * 60, mast_m) for mast_m in range(6, 60, 2)]
    assert np.all(np.diff(losses) <= 1e-9)


def test_there_is_no_jump_where_a_terminal_rises_above_the_clutter():
    losses = [loss_db([10.0] * 60, 25.0, height_m) for height_m in (9.99, 10.0, 10.01)]
    assert np.ptp(losses) < 0.5


@given(
    st.lists(st.sampled_from([0.0, 5.0, 10.0, 15.0]), min_size=4, max_size=80),
    st.floats(6.0, 60.0),
    st.integers(0, 2**31),
)
def test_it_never_loses_less_than_free_space(clutter_m, mast_m, seed):
    relief_m = np.random.default_rng(seed).uniform(0.0, 40.0, len(clutter_m))
    found = predict(ground(clutter_m, relief_m), MHZ, mast_m, 1.5)
    rise_m = relief_m[0] + found.tx_roof_m - relief_m[-1] - found.rx_roof_m
    slant_m = np.hypot(30.0 * (len(clutter_m) - 1), rise_m)
    assert found.loss_db >= float(free_space_loss_db(slant_m, MHZ)) - ROUNDED_DB


def test_a_hill_still_casts_its_shadow():
    hill = np.full(80, 10.0)
    hill[40] = 90.0
    town = [10.0] * 80
    behind = predict(ground(town, hill), MHZ, 25.0, 1.5).loss_db
    assert behind > loss_db(town) + 15.0


def behind_village(metres: int, edge_m: float = 500.0) -> float:
    """Return the loss in a field behind a village that ends 990 m from the mast."""
    count = metres // 30
    return loss_db([5.0] * 3 + [10.0] * 31 + [5.0] * count, edge_m=edge_m)


def test_behind_a_village_nothing_jumps_by_more_than_its_last_step_down():
    inside = loss_db([10.0] * 34)
    losses = [inside, *(behind_village(metres) for metres in range(30, 1500, 30))]
    assert np.max(np.abs(np.diff(losses))) < 3.0
    assert max(losses) < inside + 3.0


def test_without_the_rule_of_edges_a_village_would_shadow_its_field_by_a_second_edge():
    assert behind_village(30, edge_m=0.0) > behind_village(30) + 15.0


def test_a_mast_below_the_roofs_loses_as_a_terminal_does():
    low = predict(ground([15.0] * 60), MHZ, 10.0, 1.5)
    high = predict(ground([15.0] * 60), MHZ, 15.0, 1.5)
    step_db = p2108.obstructed_terminal_loss_db(MHZ, 10.0, 15.0)
    assert low.tx_terminal_db == pytest.approx(step_db)
    assert low.loss_db - high.loss_db == pytest.approx(step_db)


def test_a_wider_street_loses_less():
    widths = [loss_db([10.0] * 60, street_width_m=width) for width in (10.0, 27.0, 60.0)]
    assert widths == sorted(widths, reverse=True)


def test_what_cannot_be_used_is_named():
    wrong = {"street_width_m": 1.0, "edge_m": -1.0, "time_percent": 80.0, "n0": 300.0}
    read = {each.name: each for each in p1812_terminal.P1812_TERMINAL.parameters}
    defects = (read[name].defect(value) for name, value in wrong.items())
    names = {defect.column for defect in defects if defect}
    assert names == {
        "p1812_terminal.street_width_m",
        "p1812_terminal.edge_m",
        "p1812.time_percent",
    }


def test_every_part_has_a_name():
    found = predict(ground([10.0] * 40), MHZ, 25.0, 1.5)
    values = p1812_terminal.named_values(found)
    assert next(iter(values)) == "loss_db"
    parts_db = values["roof_loss_db"] + values["rx_terminal_db"] + values["tx_terminal_db"]
    assert values["loss_db"] == pytest.approx(parts_db)
