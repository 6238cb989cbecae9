"""A row of receivers in vectors: directions and gains as the antenna gives them one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phusong.coverage import antenna
from phusong.coverage.area import received
from phusong.coverage.area.cells import Cells, cells
from phusong.coverage.elementary import angle
from phusong.coverage.kernel import KERNEL, kernel

BETWEEN_DB = 0.02  # power is taken as linear between quarters of a degree
COUNT, PIXEL_M, NORTH, EAST = 150, 30.0, -6.3, -70.2
HEIGHTS_M = (40.0 * np.sin(np.arange(COUNT) / 9.0)).astype(np.float32)


@kernel(**KERNEL)
def _angles(y, x, result):
    for i in range(y.size):
        result[i] = angle(y[i], x[i])


@kernel(**KERNEL)
def _row(losses, heights_m, places, table, cuts, count):
    room = received.row(places[0], places[1])
    received.directions(
        losses,
        heights_m,
        (-71, 0.8),
        -6.3,
        1,
        25.0,
        30.0,
        0.0,
        1e-30,
        count,
        room.steps,
        room.passed,
        room.east,
        room.rise,
        room.azimuth,
        room.elevation,
    )
    received.add_up(table, cuts, (0, table.shape[0]), -6.3, 1e-9, count, room)
    return room.best_mw[:count], room.total_mw[:count], room.cell[:count], room.servers[:count]


def along(plan: Cells, steps: int = 6400):
    """Return what the cells of one mast, 25 m high, give along a row of hills, 100 dB lost."""
    losses = np.full(COUNT, steps, np.uint16)
    table = received.cell_table(plan, np.arange(len(plan)))
    places, cuts = received.room(COUNT), received.cut_gains(plan.patterns)
    return _row(losses, HEIGHTS_M, places, table, cuts, COUNT)


def expected_dbm(plan: Cells, i: int) -> np.ndarray:
    """Return the level of a cell by its antenna alone."""
    east = EAST + np.arange(COUNT)
    elevation = np.degrees(
        np.arctan2(HEIGHTS_M.astype(float) - 25.0, PIXEL_M * np.hypot(east, NORTH))
    )
    azimuth = np.degrees(np.arctan2(east, NORTH))
    main = plan.azimuth_deg[i]
    bearing = np.zeros(COUNT) if np.isnan(main) else azimuth - main
    lost_db = antenna.loss_db(
        plan.patterns[plan.pattern[i]],
        bearing,
        elevation,
        float(plan.electrical_tilt_deg[i]),
        0.0 if np.isnan(main) else float(plan.mechanical_tilt_deg[i]),
    )
    return plan.eirp_dbm[i] - lost_db - 100.0


def plan_of(azimuths, tilts, leans) -> Cells:
    """Cells of one mast, each as strong as the others."""
    plain = cells(np.zeros(len(azimuths), int), azimuths, 40.0, tilts)
    leaning = np.asarray(leans, float)
    return Cells(
        plain.mast,
        plain.azimuth_deg,
        plain.electrical_tilt_deg,
        leaning,
        plain.eirp_dbm,
        plain.pattern,
        plain.ports,
        plain.patterns,
    )


def test_angle_is_that_of_the_library_all_round():
    turn = np.linspace(-np.pi, np.pi, 20001)[1:-1]
    y, x = (f(turn).astype(np.float32) for f in (np.sin, np.cos))
    result = np.empty_like(y)
    _angles(y, x, result)
    np.testing.assert_allclose(result, np.arctan2(y, x), atol=7e-7)
    np.testing.assert_allclose(result, turn, atol=7e-7)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(0.0, 360.0), st.just(np.nan)),
            st.floats(0.0, 15.0),
            st.sampled_from([0.0, 0.0, 3.0, -2.0, 8.0]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_row_is_what_antennas_give_one_by_one(sectors):
    plan = plan_of(*(np.array(column) for column in zip(*sectors, strict=True)))
    best_mw, total_mw, cell, servers = along(plan)
    levels = np.array([expected_dbm(plan, i) for i in range(len(plan))])
    np.testing.assert_allclose(10.0 * np.log10(best_mw), levels.max(axis=0), atol=BETWEEN_DB)
    np.testing.assert_allclose(
        10.0 * np.log10(total_mw),
        10.0 * np.log10((10.0 ** (levels / 10.0)).sum(axis=0)),
        atol=BETWEEN_DB,
    )
    of_cell = levels[cell, np.arange(COUNT)]
    np.testing.assert_allclose(of_cell, levels.max(axis=0), atol=BETWEEN_DB)
    sure = np.abs(levels + 90.0).min(axis=0) > BETWEEN_DB
    assert np.array_equal(servers[sure], (levels >= -90.0).sum(axis=0)[sure])


def test_loss_is_taken_off_in_steps_of_a_64th():
    plan = plan_of([20.0], [4.0], [0.0])
    near, far = (10.0 * np.log10(along(plan, steps)[0]) for steps in (6400, 6400 + 64 * 37 + 5))
    np.testing.assert_allclose(near - far, 37.0 + 5.0 / 64.0, atol=2e-4)
    assert not along(plan, 65535)[0].any()


@pytest.mark.parametrize("ports", [1, 4])
def test_total_counts_every_port(ports):
    plan = cells([0], 60.0, 40.0, ports=ports)
    best_mw, total_mw, _, _ = along(plan)
    np.testing.assert_allclose(total_mw, ports * best_mw, rtol=1e-6)


def test_a_row_begins_and_ends_with_a_receiver():
    losses = np.full(9, 65535, np.uint16)
    losses[[3, 6]] = 100
    assert received.heard(losses, 0, 9) == (3, 7)
    assert received.heard(losses, 4, 6) == (6, 6)
