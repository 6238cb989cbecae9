"""What compiled and computed things are kept by: the source of modules and of what they import."""

from phusong import code_keys


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
