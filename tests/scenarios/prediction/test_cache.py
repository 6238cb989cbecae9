"""The cache of predictions: found again by content, never wrong, never in the way."""

import os
import random
from dataclasses import dataclass

import cache_damage
import numpy as np
import pytest

from phusong import code_keys, stored
from phusong.coverage import antenna
from phusong.coverage.area import loss_windows, network, sample
from phusong.coverage.area.cells import Masts, Reach, Surface, cells
from phusong.coverage.models.tr38901_mixed import Mixed
from phusong.scenarios.prediction import cache, speeds

CHANCE = random.Random(1)  # noqa: S311 - no secret
CODE = "phusong.coverage.antenna"


@dataclass(frozen=True)
class Record:
    """Stands for any record of inputs."""

    values: np.ndarray
    name: str = "a"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    monkeypatch.setattr(cache, "WINDOWS", tmp_path / "windows")
    return tmp_path / "cache"


def counting():
    calls = []

    def make():
        calls.append(1)
        return {"x": np.arange(3.0), "n": np.array([len(calls)])}

    return make, calls


def test_the_second_time_it_is_found():
    make, calls = counting()
    first = cache.cached((Record(np.ones(2)), 1.5), make)
    second = cache.cached((Record(np.ones(2)), 1.5), make)
    assert len(calls) == 1
    assert first["x"].tolist() == second["x"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "other",
    [
        (Record(np.array([1.0, 2.0])), 1.5),
        (Record(np.ones(2, np.float32)), 1.5),
        (Record(np.ones((2, 1))), 1.5),
        (Record(np.ones(2), "b"), 1.5),
        (Record(np.ones(2)), 1.0),
        (Record(np.ones(2)), "1.5"),
        (Record(np.ones(2)), (1.5,)),
    ],
)
def test_any_difference_is_another_key(other):
    assert cache.digest(other, CODE) != cache.digest((Record(np.ones(2)), 1.5), CODE)


def test_other_code_is_another_key():
    assert cache.digest((1,), CODE) != cache.digest((1,), "phusong.coverage.units")


def test_a_broken_file_is_made_again(own_folder):
    make, calls = counting()
    cache.cached((1,), make)
    (path,) = own_folder.glob("*.npz")
    path.write_bytes(path.read_bytes()[:40])
    assert cache.cached((1,), make)["n"].tolist() == [2]
    assert cache.cached((1,), make)["n"].tolist() == [2]
    assert len(calls) == 2


LARGE = {
    "x": np.arange(90_000.0).reshape(300, 300),
    "odd": np.arange(300_001, dtype=np.uint8),
    "few": np.array([3, 4]),
    "none": np.zeros((5, 0, 2), np.float32),
}


def test_large_arrays_stay_in_their_file_and_cannot_be_changed():
    first = cache.lying((1,), lambda: LARGE, CODE)
    second = cache.lying((1,), dict, CODE)
    for found in (first, second):
        assert list(found) == list(LARGE)
        for name, values in LARGE.items():
            assert found[name].dtype == values.dtype
            assert np.array_equal(found[name], values)
            assert found[name].ctypes.data % found[name].itemsize == 0
        with pytest.raises(ValueError, match="read-only"):
            found["x"][0] = 1.0


def test_large_arrays_outlive_the_file_that_is_dropped(own_folder):
    found = cache.lying((1,), lambda: LARGE, CODE)
    (path,) = own_folder.iterdir()
    path.unlink()
    stored.rest()
    assert np.array_equal(found["x"], LARGE["x"])


def test_large_arrays_that_cannot_be_kept_are_those_that_were_made(own_folder):
    own_folder.write_text("no folder")
    assert cache.lying((1,), lambda: LARGE, CODE)["x"] is LARGE["x"]


@pytest.mark.parametrize("way", cache_damage.WAYS)
def test_damaged_large_arrays_are_made_again(own_folder, way):
    for number in range(2):
        cache.lying((number,), lambda: {**LARGE, "n": np.array([number])}, CODE)  # noqa: B023
    files = sorted(own_folder.iterdir())
    for path in files:
        cache_damage.damage(path, files, CHANCE, way)
    assert cache.lying((0,), lambda: {"n": np.array([7])}, CODE)["n"].tolist() == [7]


@pytest.mark.parametrize("way", cache_damage.WAYS)
def test_a_damaged_file_is_made_again(own_folder, way):
    """A file of the same shape and type with other numbers is damaged too."""
    made = [lambda: {"x": np.arange(3.0)}, lambda: {"x": np.arange(3.0) + 9}]
    for number, make in enumerate(made):
        cache.cached((number,), make)
    files = sorted(own_folder.glob("*.npz"))
    for path in files:
        cache_damage.damage(path, files, CHANCE, way)
    for number, make in enumerate(made):
        assert np.array_equal(cache.cached((number,), make)["x"], make()["x"])


@pytest.mark.parametrize("way", cache_damage.WAYS)
def test_a_damaged_window_is_no_window(own_folder, way):
    kept = cache.Windows()
    kept["abc"], kept["abd"] = window(7), window(8)
    files = sorted(own_folder.with_name("windows").rglob("*.npy"))
    cache_damage.damage(files[0], files, CHANCE, way)
    assert kept.get("abc") is None
    assert np.array_equal(kept.get("abd"), window(8))


def test_what_was_used_last_is_kept(own_folder, monkeypatch):
    make, calls = counting()
    for number in range(3):
        cache.cached((number,), make)
        path = own_folder / f"{cache.digest((number,), make.__module__)}.npz"
        os.utime(path, (number, number))
    cache.cached((0,), make)  # used again
    monkeypatch.setattr(cache, "MAX_BYTES", 3 * path.stat().st_size)
    cache.cached((9,), make)
    assert len(calls) == 4
    cache.cached((0,), make)
    assert len(calls) == 4
    cache.cached((1,), make)
    assert len(calls) == 5


def test_other_versions_of_the_libraries_are_another_key(monkeypatch):
    first = cache.digest((1,), CODE)
    monkeypatch.setattr(code_keys, "versions", lambda *_: "another numpy")
    code_keys.code_key.cache_clear()
    assert cache.digest((1,), CODE) != first
    code_keys.code_key.cache_clear()


def test_what_is_not_worth_it_is_not_kept():
    made = []

    def make():
        made.append(1)
        return {"n": np.array([len(made)])}

    for _ in range(2):
        cache.cached((7,), make, lambda found: found["n"][0] > 2)
    assert cache.cached((7,), make, lambda found: found["n"][0] > 2)["n"].tolist() == [3]
    assert cache.cached((7,), make)["n"].tolist() == [3]


def test_without_a_writable_folder_it_works_all_the_same(own_folder):
    own_folder.write_text("a file where the folder should be")
    make, calls = counting()
    cache.cached((1,), make)
    cache.cached((1,), make)
    assert len(calls) == 2


def test_the_oldest_make_room(own_folder, monkeypatch):
    make, _ = counting()
    cache.cached((1,), make)
    size = next(own_folder.glob("*.npz")).stat().st_size
    monkeypatch.setattr(cache, "MAX_BYTES", 5 * size // 2)
    for i in range(2, 6):
        cache.cached((i,), make)
    left = {path.stem for path in own_folder.glob("*")}
    assert len(left) == 2
    assert cache.digest((5,), make.__module__) in left


def test_what_has_no_content_is_refused():
    with pytest.raises(TypeError, match="digest"):
        cache.digest((object(),), CODE)


def window(value):
    return np.full((3, 3), value, np.uint16)


def test_windows_are_found_by_name_and_broken_ones_are_not_there(own_folder):
    kept = cache.Windows()
    assert kept.get("abc") is None
    kept["abc"] = window(7)
    kept["abd"] = window(8)
    assert np.array_equal(cache.Windows().get("abc"), window(7))
    assert np.array_equal(kept.get("abd"), window(8))
    for path in own_folder.with_name("windows").rglob("abc.npy"):
        path.write_bytes(path.read_bytes()[:-5])
    assert kept.get("abc") is None
    assert not list(own_folder.with_name("windows").rglob("*.tmp"))


def test_windows_not_used_for_longest_make_room(own_folder, monkeypatch):
    kept = cache.Windows()
    for number, key in enumerate(("one", "two", "six")):
        kept[key] = window(number)
        path = next(own_folder.with_name("windows").rglob(f"{key}.npy"))
        os.utime(path, (number, number))
    kept.get("one")  # used again: the second is now the oldest
    monkeypatch.setattr(cache, "MAX_WINDOW_BYTES", 5 * path.stat().st_size // 2)
    kept.make_room()
    assert kept.get("two") is None
    assert kept.get("one") is not None
    assert kept.get("six") is not None


def test_another_network_with_the_same_masts_reads_their_windows(own_folder):
    """A second network differs in power; nothing is swept again."""
    terrain_m = np.zeros((60, 60), np.float32)
    surface = Surface(terrain_m, terrain_m.astype(np.uint8), terrain_m == 0, 30.0)
    masts = Masts(*(np.array([v, v + 9.0]) for v in (20.0, 25.0, 30.0, 2000.0)))
    reach = Reach(500.0, model=Mixed())
    weak, strong = (cells([0, 1], 0.0, dbm, 0.0, antenna.isotropic()) for dbm in (40.0, 50.0))
    first = network.best_server(surface, masts, weak, reach, cache=cache.Windows())
    files = list(own_folder.with_name("windows").rglob("*.npy"))
    assert len(files) == 2
    for path in files:  # a loss that no sweep would give
        losses = cache.Windows().get(path.stem)
        cache.Windows()[path.stem] = np.where(losses == loss_windows.NO_PATH, losses, 6400)
    second = network.best_server(surface, masts, strong, reach, cache=cache.Windows())
    assert np.isfinite(first.rsrp_dbm).sum() == np.isfinite(second.rsrp_dbm).sum()
    assert second.rsrp_dbm.max() == pytest.approx(50.0 - 100.0, abs=0.01)


@pytest.mark.parametrize("module", [network, sample, speeds])
def test_predictions_hold_whatever_becomes_of_where_arrays_lie(module):
    """Their keys stand for what computes; how arrays are kept decides no number."""
    sources = code_keys.closure(module.__name__)
    assert "phusong.coverage.area.power" in sources
    assert not {"phusong.stored", "phusong.scenarios.prediction.area"} & set(sources)
