"""Machine code is kept for the same code only, and read from where nobody else can write."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import cache_damage
import pytest

CHANCE = random.Random(1)  # noqa: S311 - no secret
ROOT = Path(__file__).resolve().parents[2]
CODE = """
import sys
from phusong import compilation
@compilation.kernel()
def doubled(x):
    return 2.0 * x
@compilation.kernel()
def squared(x):
    return x * x
for kernel in (doubled, squared):
    print(kernel(3.0), sum(kernel.stats.cache_hits.values()))
"""


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "kernels"
    path.mkdir(mode=0o700)
    return path


def compiled(folder):
    """Return what a new process computes, how often it finds code, and what it says."""
    script = folder.parent / "script.py"
    script.write_text(CODE)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=True, env=environment
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [float(value) for value, _ in lines], [int(hits) for _, hits in lines], done.stderr


def test_code_is_found_again_and_damaged_code_is_compiled_again(folder):
    """Another kernel's code under the name of this one would give its numbers."""
    assert compiled(folder) == ([6.0, 9.0], [0, 0], "")
    assert compiled(folder) == ([6.0, 9.0], [1, 1], "")
    one, other = sorted(folder.rglob("*.nbc"))
    for way in cache_damage.WAYS:
        cache_damage.damage(one, [other], CHANCE, way)
        values, hits, said = compiled(folder)
        assert (values, hits) == ([6.0, 9.0], [0, 1]), way
        assert said.count("thrown away") == 1
        assert compiled(folder) == ([6.0, 9.0], [1, 1], "")


@pytest.mark.skipif(os.name == "nt", reason="modes of Unix")
def test_no_code_is_read_from_where_others_can_write(folder):
    compiled(folder)
    (inner,) = {path.parent for path in folder.rglob("*.nbc")}
    for shared in (folder, inner):
        shared.chmod(0o777)
        values, hits, said = compiled(folder)
        assert (values, hits) == ([6.0, 9.0], [0, 0])
        assert said.count("others can write there") == 1
        shared.chmod(0o700)
    assert compiled(folder)[1] == [1, 1]
    for file in inner.glob("*.nbc"):
        file.chmod(0o666)
    assert compiled(folder)[1] == [0, 0]  # compiled anew, in files of one's own
    assert compiled(folder)[1] == [1, 1]


def test_without_a_folder_kernels_work_all_the_same(folder):
    shutil.rmtree(folder)
    folder.write_text("a file where the folder should be")
    assert compiled(folder) == ([6.0, 9.0], [0, 0], "")
