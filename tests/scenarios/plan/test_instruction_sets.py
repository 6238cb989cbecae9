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
APART_DB = 0.01
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
        np.testing.assert_allclose(level, expected, rtol=0.0, atol=APART_DB, err_msg=name)
    expected, ranking = (pd.read_csv(out / "ranking.csv") for out in (own, other))
    decided = ["rank", "site_id", "year", "kind", "zone_id"]
    pd.testing.assert_frame_equal(ranking[decided], expected[decided])
