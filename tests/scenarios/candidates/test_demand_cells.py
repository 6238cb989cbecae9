"""Demand cells: what is read off a table beside the same computed for every entry."""

from types import SimpleNamespace

import numpy as np
import pytest

import phusong as ps
from phusong.scenarios.candidates import demand_cells
from phusong.scenarios.prediction import chain
from phusong.scenarios.siting.problem import Cover


def test_speeds_read_off_a_table_are_those_of_every_share():
    scenario, random = ps.load_scenario("urban"), np.random.default_rng(1)
    share = np.concatenate([random.uniform(0.005, 1.0, 4000), [1.0, 0.5, 1.0 - 1e-7, 0.005]])
    share = share.astype(np.float32)
    cells = np.arange(share.size, dtype=np.int32)
    cover = Cover(np.arange(share.size + 1), cells, share)  # one cell each
    before = random.uniform(0.0, 0.3, share.size).astype(np.float32)
    known = SimpleNamespace(before=before, kinds={"people": np.ones(share.size)})
    rise = demand_cells.speed_gained_mbps(scenario, cover, known)
    after, today = (chain.mbps_where_served(each, scenario) for each in (share, before))
    assert rise == pytest.approx(np.maximum(after - today, 0.0), abs=0.01)
    assert (rise > 1.0).mean() > 0.5


def test_who_reaches_nobody_makes_nothing_faster():
    scenario = ps.load_scenario("urban")
    cover = Cover(np.array([0, 0]), np.empty(0, np.int32), np.empty(0, np.float32))
    known = SimpleNamespace(before=np.zeros(1, np.float32), kinds={"people": np.ones(1)})
    assert demand_cells.speed_gained_mbps(scenario, cover, known).tolist() == [0.0]
