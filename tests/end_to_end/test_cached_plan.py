"""Whatever happens to the caches, a plan is the same: its values are compared, not its files."""

import random

import cache_damage
import numpy as np
import pytest

from phusong.scenarios.config import schema
from phusong.scenarios.plan import run
from phusong.scenarios.prediction import cache

SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 1 }", "candidates.lattice_m=900"]
CHANCE = random.Random(5)  # noqa: S311 - no secret


@pytest.fixture(autouse=True)
def own_caches(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "predictions")
    monkeypatch.setattr(cache, "WINDOWS", tmp_path / "windows")
    return tmp_path


def values(province):
    """Return the layers, the ranking and the figures of a plan."""
    plan = run.plan(province, schema.load("urban", SETTINGS), progress=lambda *_: lambda _: None)
    ranking = plan.ranking.drop(columns="geometry").to_json()
    layers = {name: layer() for name, layer in plan.layers.items()}
    return {**layers, "ranking": np.array(ranking), "headline": np.array(str(plan.headline))}


def test_a_plan_from_damaged_caches_has_the_same_values(own_caches, mini_province):
    """Without a prediction the windows are asked for; both are damaged in every way."""
    first = values(mini_province)
    for folder in ("predictions", "windows"):
        files = sorted(path for path in (own_caches / folder).rglob("*") if path.is_file())
        assert len(files) > 3
        for number, path in enumerate(files):
            way = cache_damage.WAYS[number % len(cache_damage.WAYS)]
            cache_damage.damage(path, files, CHANCE, way)
    second = values(mini_province)
    for name, expected in first.items():
        assert np.array_equal(second[name], expected, equal_nan=expected.dtype.kind == "f"), name
