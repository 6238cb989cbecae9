"""A run on processors without vectors of 512 bits, or with none worth the name: the same plan."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import rasterio

# No fused operations and 128 bits; fused ones and 256 bits.
SETS = {"generic": "generic", "AVX2": "haswell"}
STEP_DB = 0.1  # of levels in files: a level at the edge of a step may fall on either side
FLIPPED = 1e-3  # share of such pixels: by so many, levels are STEP_DB * FLIPPED apart in the mean
LEVELS = ("rsrp_before", "rsrp_after", "rsrp_4g", "sinr_after", "ss_sinr_after")


def run(folder, out, caches, **environment):
    """Run a small plan in a process of its own, with machine code of its own."""
    command = [sys.executable, "-m", "phusong", "run", "urban", "--province", str(folder)]
    settings = ["--set", "rollout.stations={ 2024 = 2, 2025 = 1 }", "--no-proof"]
    caches = {"XDG_CACHE_HOME": str(caches), "PHUSONG_LANG": "en"}
    done = subprocess.run(
        [*command, *settings, "--out", str(out)],
        env=os.environ | caches | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def own(mini_folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("own")
    return run(mini_folder, path / "out", path / "caches")


# Losses of masts on the edges and centres of pixels, where most points of paths lie midway.
SWEEP = """
import sys
import numpy as np
from phusong.coverage.area import loss_windows, reception
from phusong.coverage.area.cells import Masts, Reach, Surface, Sweeps
from phusong.coverage.models import REGISTRY
from phusong.coverage.p1812 import sweep
row, column = np.mgrid[:180, :200].astype(np.float32)
hills = 40.0 * np.sin(row / 17.0) * np.cos(column / 11.0) + 5.0 * np.sin(column / 2.3)
built = np.where((row // 3 + column // 5) % 4 == 0, 12.0, 0.0)
blank = np.zeros(hills.shape, np.uint8)
ground = Surface(hills.astype(np.float32), blank, blank == 0, 30.0, built.astype(np.float32))
at = np.array([60.0, 60.5, 91.0, 120.5, 100.0, 33.5])
masts = Masts(at, at[::-1].copy(), np.full(at.size, 30.0), np.full(at.size, 2600.0))
model = REGISTRY["p1812_terminal"].for_area({}, 2600.0)
sweeps, losses = Sweeps(ground, masts, Reach(3000.0, model=model)), []
for m in range(at.size):
    mast = loss_windows.mast_of(sweeps.table, m)
    receivers = reception.trace(sweeps.ground, mast, sweeps.fan)
    losses.append(sweep.walk(sweeps.ground, mast, model.climate(), sweeps.fan, receivers))
np.save(sys.argv[1], np.concatenate(losses))
"""
LEVELS_OF_CELLS = (
    SWEEP.rpartition("sweeps, losses")[0]
    + """
from phusong.coverage.area import network
from phusong.coverage.area.cells import cells
number = np.repeat(np.arange(at.size), 3)
plan = cells(number, np.tile([0.0, 120.0, 240.0], at.size), 43.1, 6.0)
layers = network.best_server(ground, masts, plan, Reach(3000.0, model=model), ranks=2)
np.save(sys.argv[1], np.concatenate([layers.total_mw.ravel(), layers.masts_mw.ravel()]))
"""
)


def swept(path, caches, script=SWEEP, **environment):
    """Run a script in a process of its own, with machine code of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env=os.environ | {"XDG_CACHE_HOME": str(caches)} | environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return np.load(path)


@pytest.mark.long
@pytest.mark.parametrize("kind", SETS)
def test_losses_are_those_of_any_processor(tmp_path, kind):
    processor = {"NUMBA_CPU_NAME": SETS[kind], "NUMBA_CPU_FEATURES": ""}
    expected = swept(tmp_path / "own.npy", tmp_path / "own")
    other = swept(tmp_path / "other.npy", tmp_path / "other", **processor)
    assert expected.size > 100_000
    np.testing.assert_array_equal(other, expected)


@pytest.mark.long
@pytest.mark.parametrize("script", [SWEEP, LEVELS_OF_CELLS], ids=["losses", "levels"])
def test_powers_are_the_same_when_compiled_and_when_loaded(tmp_path, script):
    """The first run compiles, the second takes its machine code from the cache."""
    compiled = swept(tmp_path / "compiled.npy", tmp_path / "caches", script)
    loaded = swept(tmp_path / "loaded.npy", tmp_path / "caches", script)
    np.testing.assert_array_equal(loaded, compiled)


def level_dbm(path):
    with rasterio.open(path) as file:
        return file.read(1, masked=True).filled(np.nan)


@pytest.mark.long
@pytest.mark.parametrize("kind", SETS)
def test_levels_and_decisions_are_those_of_any_processor(own, mini_folder, tmp_path, kind):
    processor = {"NUMBA_CPU_NAME": SETS[kind], "NUMBA_CPU_FEATURES": ""}
    other = run(mini_folder, tmp_path / "out", tmp_path / "caches", **processor)
    for name in LEVELS:
        expected, level = (level_dbm(out / f"{name}.tif") for out in (own, other))
        assert np.isfinite(expected).any()
        np.testing.assert_allclose(level, expected, rtol=0.0, atol=STEP_DB + 1e-4, err_msg=name)
        assert np.mean(np.abs(level - expected) > STEP_DB / 2.0) <= FLIPPED, name
    expected, ranking = (pd.read_csv(out / "ranking.csv") for out in (own, other))
    decided = ["rank", "site_id", "year", "kind", "zone_id"]
    pd.testing.assert_frame_equal(ranking[decided], expected[decided])
