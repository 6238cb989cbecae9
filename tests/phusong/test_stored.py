"""Arrays that lie in files: the same numbers, no memory while they rest, nothing left behind."""

import mmap
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from phusong import cache_files, stored

PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from phusong import stored

def resident_mib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

start = resident_mib()
grid = stored.empty((4096, 4096), np.float32)  # 64 MiB
for rows in stored.bands(grid.shape):
    grid[rows] = np.arange(rows.start, rows.stop)[:, None]
print(resident_mib() - start, float(grid[::7].sum(dtype=float)))
print(resident_mib() - start)
"""


@pytest.fixture(autouse=True)
def own_root(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_files, "root", lambda: tmp_path)
    monkeypatch.setattr(stored, "LEAST_BYTES", 1000)
    return tmp_path


def test_values_stay_what_they_are_and_files_have_no_name(own_root):
    values = np.random.default_rng(1).normal(size=(700, 300))
    grid = stored.stored(values)
    stored.rest()
    assert_array_equal(grid, values)
    assert isinstance(grid.base, mmap.mmap)
    if sys.platform != "win32":
        assert list((own_root / "arrays").iterdir()) == []


def test_small_arrays_stay_in_memory(own_root):
    assert stored.empty((10, 10), np.float32).base is None
    assert not (own_root / "arrays").exists()


def test_where_no_file_can_be_made_memory_holds_it(monkeypatch):
    def full(**_):
        raise OSError(28, "no space")

    monkeypatch.setattr(stored.tempfile, "TemporaryFile", full)
    grid = stored.empty((1000, 1000), np.float32)
    grid[3] = 1.0
    assert grid.sum() == 1000.0


@pytest.mark.parametrize("shape", [(5, 400), (10_000, 7), (3, 0), (0,), (2_000_000,)])
def test_bands_hold_every_row_once(monkeypatch, shape):
    monkeypatch.setattr(stored, "BAND_PIXELS", 1000)
    rows = [row for band in stored.bands(shape) for row in range(shape[0])[band]]
    assert rows == list(range(shape[0]))


def test_a_grid_made_by_bands_is_the_grid(monkeypatch):
    monkeypatch.setattr(stored, "BAND_PIXELS", 1000)
    values = np.arange(600.0 * 300).reshape(600, 300)
    assert_array_equal(
        stored.by_bands(lambda rows: 2 * values[rows], values.shape, float), 2 * values
    )


def test_a_sum_of_products_is_that_of_64_bits(monkeypatch):
    monkeypatch.setattr(stored, "BAND_PIXELS", 1000)
    random = np.random.default_rng(1)
    weight, share = random.gamma(1.0, 1e4, (90, 70)).astype(np.float32), random.random((90, 70))
    assert stored.dot(weight, share) == pytest.approx(float(np.sum(weight * share)), rel=1e-12)
    assert stored.dot(weight, share > 0.5) == pytest.approx(weight[share > 0.5].sum(dtype=float))


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is resident")
@pytest.mark.parametrize("shape", [(7,), (5, 3), (0,)])
def test_a_grid_holds_any_where_one_value_is_not_zero(monkeypatch, shape):
    monkeypatch.setattr(stored, "BAND_PIXELS", 2)
    values = np.zeros(shape)
    assert not stored.holds_any(values)
    values.flat[values.size - 1 :] = 0.5
    assert stored.holds_any(values) == (values.size > 0)


def test_what_rests_takes_no_memory(own_root):
    command = [sys.executable, "-c", PROGRAM]
    env = {"XDG_CACHE_HOME": str(own_root), "PYTHONPATH": ":".join(sys.path)}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    resting, total, read = map(float, told.split())
    assert total == 4096.0 * sum(range(0, 4096, 7))
    assert resting < 8.0
    assert read > 48.0


def test_arrays_may_come_and_rest_in_several_threads():
    """Files are written beside what is computed: both make arrays, and let all of them rest."""

    def made(number):
        return float(stored.stored(np.full((40, 50), number, float)).sum())

    before, interval_s = sys.getswitchinterval(), 1e-6
    sys.setswitchinterval(interval_s)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(made, range(400))) == [2000.0 * n for n in range(400)]
    finally:
        sys.setswitchinterval(before)


def test_what_is_mapped_rests_once_enough_was_worked_on(monkeypatch):
    """Pages that went come back at a price: not after every band, but before memory fills."""
    grid = stored.empty((64, 100), np.float64)
    rests = []
    stored.rest()
    monkeypatch.setattr(stored, "BAND_PIXELS", 800)
    whole = stored.rest
    monkeypatch.setattr(stored, "rest", lambda: (rests.append(1), whole()))
    for rows in stored.bands(grid.shape):
        grid[rows] = 1.0
    assert len(rests) == 1
    stored.tire(7 * 800)
    assert len(rests) == 1
    stored.tire(800)
    assert len(rests) == 2
    assert grid.sum() == grid.size
