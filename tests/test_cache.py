"""The cache of predictions: found again by content, never wrong, never in the way."""

from dataclasses import dataclass

import numpy as np
import pytest

from phusong.scenarios import cache


@dataclass(frozen=True)
class Record:
    """Stands for any record of inputs."""

    values: np.ndarray
    name: str = "a"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "cache")
    return tmp_path / "cache"


def counting():
    calls = []

    def make():
        calls.append(1)
        return {"x": np.arange(3.0), "n": np.array([len(calls)])}

    return make, calls


def test_the_second_time_it_is_found():
    make, calls = counting()
    first = cache.kept((Record(np.ones(2)), 1.5), make)
    second = cache.kept((Record(np.ones(2)), 1.5), make)
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
    assert cache.digest(other) != cache.digest((Record(np.ones(2)), 1.5))


def test_other_code_is_another_key(monkeypatch):
    before = cache.digest((1,))
    monkeypatch.setattr(cache, "KERNELS_KEY", "edited")
    assert cache.digest((1,)) != before


def test_a_broken_file_is_made_again(own_folder):
    make, calls = counting()
    cache.kept((1,), make)
    (path,) = own_folder.glob("*.npz")
    path.write_bytes(path.read_bytes()[:40])
    assert cache.kept((1,), make)["n"].tolist() == [2]
    assert cache.kept((1,), make)["n"].tolist() == [2]
    assert len(calls) == 2


def test_without_a_writable_folder_it_works_all_the_same(own_folder):
    own_folder.write_text("a file where the folder should be")
    make, calls = counting()
    cache.kept((1,), make)
    cache.kept((1,), make)
    assert len(calls) == 2


def test_the_oldest_make_room(own_folder, monkeypatch):
    make, _ = counting()
    cache.kept((1,), make)
    size = next(own_folder.glob("*.npz")).stat().st_size
    monkeypatch.setattr(cache, "MOST_BYTES", 2 * size + 1)
    for i in range(2, 6):
        cache.kept((i,), make)
    left = {path.stem for path in own_folder.glob("*")}
    assert len(left) == 2
    assert cache.digest((5,)) in left


def test_what_has_no_content_is_refused():
    with pytest.raises(TypeError, match="digest"):
        cache.digest((object(),))
