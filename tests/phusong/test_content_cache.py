"""Bytes from the cache: those that would be made, for these inputs and no others."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong import cache_files, code_keys, content_cache


@dataclass(frozen=True)
class Pair:
    """A record of two parts."""

    first: object
    second: object


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(content_cache, "FOLDER", tmp_path / "files")
    return tmp_path / "files"


def made(calls, content=b"content"):
    def make():
        calls.append(content)
        return content

    return make


def test_the_same_inputs_are_made_once_and_a_damaged_file_again(folder):
    calls = []
    inputs = ("picture", np.arange(6).reshape(2, 3), (1.5, None), Pair("a", b"b"))
    for _ in range(3):
        assert content_cache.cached(inputs, __name__, made(calls)) == b"content"
    assert len(calls) == 1
    (path,) = (each for each in folder.rglob("*") if each.is_file())
    path.write_bytes(path.read_bytes()[:-3])
    assert content_cache.cached(inputs, __name__, made(calls)) == b"content"
    assert len(calls) == 2


LIKE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, "", "1", "a", b"", b"a"]),
    st.lists(st.integers(0, 2), max_size=3).map(tuple),
    st.lists(st.integers(0, 2), max_size=3).map(np.array),
)


def same(one, other):
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and not isinstance(one, np.ndarray) and one == other


@given(LIKE, LIKE)
def test_other_inputs_have_another_key(one, other):
    keys = [content_cache._key((each,), __name__) for each in (one, other)]
    assert (keys[0] == keys[1]) == same(one, other)


@pytest.mark.usefixtures("folder")
def test_an_edit_in_what_the_module_imports_leaves_no_old_bytes(monkeypatch):
    """Pictures are drawn by helpers; what draws them, and what that imports, counts."""
    sources = {
        "phusong.picture": "from phusong.palette import colours\n",
        "phusong.palette": "colours = 3\n",
        "phusong.elsewhere": "x = 1\n",
    }
    monkeypatch.setattr(code_keys, "_source", sources.get)
    calls = []

    def times_made():
        code_keys.code_key.cache_clear()
        content_cache.cached((1,), "phusong.picture", made(calls))
        return len(calls)

    assert (times_made(), times_made()) == (1, 1)
    sources["phusong.elsewhere"] = "x = 2\n"
    assert times_made() == 1
    sources["phusong.palette"] = "colours = 4\n"
    assert times_made() == 2
    sources["phusong.picture"] += "# edited\n"
    assert times_made() == 3
    code_keys.code_key.cache_clear()


@pytest.mark.parametrize(
    ("module", "helpers"),
    [
        ("geodata.ground.landcover", ("geodata.ground.terrain", "geodata.ground.spacing")),
        ("geodata.writers.raster_styles", ("geodata.writers.labels",)),
        ("maps.pictures.relief", ("maps.pictures.overlay", "geodata.files.raster", "geodata.grid")),
        (
            "maps.pages.province_map",
            ("maps.layers.themes", "maps.layers.settled", "maps.pictures.servers", "geodata.crs"),
        ),
    ],
)
def test_what_is_kept_depends_on_all_helpers_that_make_it(module, helpers):
    closure = code_keys.closure(f"phusong.{module}")
    assert {f"phusong.{helper}" for helper in helpers} <= set(closure)


def test_what_has_no_digest_is_refused():
    with pytest.raises(TypeError, match="digest of <class 'set'>"):
        content_cache._key(({1},), __name__)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(content_cache, "FOLDER", tmp_path / "file")
    calls = []
    for _ in range(2):
        assert content_cache.cached((1,), __name__, made(calls)) == b"content"
    assert len(calls) == 2


def test_the_cache_stays_within_its_size(folder, monkeypatch):
    monkeypatch.setattr(content_cache, "MAX_BYTES", 5_000)
    for nth in range(20):
        content_cache.cached((nth,), __name__, made([], bytes(1_000)))
    assert 0 < cache_files.size_bytes(folder) <= 5_000


def test_code_is_a_module_with_all_that_it_imports(monkeypatch):
    """An edit in what is imported counts, one elsewhere does not."""
    sources = {
        "phusong.a": "from phusong.b import x\nfrom phusong import (\n    c,  # why\n)\n",
        "phusong.b": "x = 1\n",
        "phusong.c": "y = 1\n",
        "phusong.d": "z = 1\n",
    }
    monkeypatch.setattr(code_keys, "_source", sources.get)

    def key():
        code_keys.code_key.cache_clear()
        return code_keys.code_key("phusong.a")

    first = key()
    sources["phusong.d"] += "z = 2\n"
    assert key() == first
    for name in ("phusong.b", "phusong.c", "phusong.a"):
        sources[name] += "# edited\n"
        assert key() != first
        first = key()
    code_keys.code_key.cache_clear()


def test_modules_that_import_each_other_have_keys_of_their_own(monkeypatch):
    """One must not be given the machine code of a function of the same name in the other."""
    sources = {"phusong.a": "from phusong.b import x\n", "phusong.b": "from phusong.a import y\n"}
    monkeypatch.setattr(code_keys, "_source", sources.get)
    code_keys.code_key.cache_clear()
    assert code_keys.code_key("phusong.a") != code_keys.code_key("phusong.b")
    code_keys.code_key.cache_clear()


def test_a_registry_of_a_room_counts_only_where_it_is_named(monkeypatch):
    sources = {
        "phusong.a": "from phusong.room import b\n",
        "phusong.room": "from phusong.room import b, c\n",
        "phusong.room.b": "x = 1\n",
        "phusong.room.c": "y = 1\n",
        "phusong.d": "from phusong.room import REGISTRY\n",
    }
    monkeypatch.setattr(code_keys, "_source", sources.get)
    code_keys.code_key.cache_clear()
    assert set(code_keys.closure("phusong.a")) == {"phusong.a", "phusong.room.b"}
    assert set(code_keys.closure("phusong.d")) == set(sources) - {"phusong.a"}
    code_keys.code_key.cache_clear()


def test_compiled_kernels_do_not_depend_on_how_files_are_kept():
    """Else an edit there has every user compile and predict anew."""
    kept_by = code_keys.closure("phusong.coverage.models")
    assert "phusong.coverage.p1812.sweep" in kept_by
    assert not {"phusong.content_cache", "phusong.stored"} & set(kept_by)
