"""A zone has one share wherever it is told, and targets build what the curve of the plan needs."""

import numpy as np
import pytest

from phusong import columns as col
from phusong.scenarios.candidates import demand as demand_
from phusong.scenarios.candidates import demand_cells
from phusong.scenarios.config import schema
from phusong.scenarios.plan import run

LATTICE = "candidates.lattice_m=290"
QUOTA = {
    "kind": "industrial",
    "statuses": ["operating", "building"],
    "of": "area",
    "year": 2025,
    "target_share": 0.9,
    "strict": False,
}


@pytest.fixture(scope="module")
def plan(mini_province):
    settings = {
        "rollout.stations": {2024: 1, 2025: 2},
        "candidates.lattice_m": 290,
        "quotas": [QUOTA],
    }
    return run.plan(mini_province, schema.load("industrial", settings))


def test_a_park_has_one_figure_everywhere(plan):
    zones = plan.zones.set_index(col.ZONE_ID)
    (quota,) = [need for need in plan.choice["reached"] if need["kind"] == "quota"]
    park = quota["name"].split()[0]
    share = zones.loc[park, col.COVERED_SHARE_AFTER]
    assert zones.loc[park, col.SHARE_OF] == "area"
    assert quota["reached"] == pytest.approx(share, abs=1e-6)
    waiting = plan.waiting.set_index(col.ZONE_ID)[col.COVERED_SHARE_AFTER]
    for zone, told in waiting.items():
        assert told == pytest.approx(zones.loc[zone, col.COVERED_SHARE_AFTER], abs=1e-5)
    tier = next(t for t in plan.tiers if t["tier"] == zones.loc[park, col.TIER])
    assert tier["zones"] == 1
    assert tier["years"][-1]["reached"] == pytest.approx(share, abs=1e-6)


def test_cells_hold_every_tier_quota_and_all_people(mini_province):
    """Nothing is lost: what cells hold of each need is what pixels hold."""
    study = demand_.study(mini_province, schema.load("industrial", {"quotas": [QUOTA]}))
    nothing = [np.full(mini_province.grid.shape, -np.inf, np.float32)]
    cells = demand_cells.demand_cells(study, nothing, 1000)
    for tier in study.tiers:
        whole = study.tier_demand(tier)
        assert cells.of_grid(whole).sum() == pytest.approx(whole.sum())
    (pixels,) = study.zone_pixels(study.quota_zones(study.scenario.quotas[0]))
    held, weight = cells.of_pixels(pixels, study.demand.area_km2[pixels])
    assert weight.sum() == pytest.approx(study.demand.area_km2[pixels].sum())
    outside = np.setdiff1d(np.arange(cells.over.cell.size), pixels)
    assert not np.isin(cells.over.cell.ravel()[outside], held).any(), "no cell straddles a zone"


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_a_target_builds_what_its_own_curve_needs(mini_province, share):
    settings = ["rollout.stations={}", f"rollout.target_share={{ 2025 = {share} }}", LATTICE]
    plan = run.plan(mini_province, schema.load("urban", settings))
    whole = float(mini_province.communes[col.POPULATION].sum())
    served = np.array([step["people"] for step in plan.curve]) / whole
    needed = int(np.argmax(served >= share - 1e-5))
    assert served[-1] >= share - 1e-5
    assert len(plan.ranking) <= max(needed + 2, 1.01 * needed)
