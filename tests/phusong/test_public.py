"""What is public: listed once, reached lazily, and documented in full."""

import ast
import importlib.util
import inspect
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from numpydoc.validate import validate

import phusong as ps

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

ROOMS = reference.rooms()
NAMES = [(room, name) for room in ROOMS for name in import_module(room).__all__]
# Not asked for: types (they stand in the signature), extended summaries, "See Also", examples.
CHECKS = {
    *("GL03", "GL05", "GL06", "GL07", "GL08", "GL09"),
    *("SS01", "SS02", "SS03", "SS04", "SS05", "SS06"),
    *("PR01", "PR02", "PR03", "PR05", "PR07", "PR08", "PR09", "PR10"),
    *("RT01", "RT03", "RT04", "RT05", "YD01"),
}
PROPERTY = {"SS05", "RT01", "RT03"}  # a property is a noun


def test_about_120_names_are_public():
    assert 100 <= len(set(NAMES)) <= 160


@pytest.mark.parametrize(("room", "name"), NAMES, ids=[f"{r}.{n}" for r, n in NAMES])
def test_public_names_are_documented(room, name):
    value = getattr(import_module(room), name)
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return  # a table of models, say, which the room's own lines tell of
    full = f"{value.__module__}.{value.__qualname__}"
    found = validate(full)["errors"]
    assert [error for error in found if error[0] in CHECKS] == []


def methods():
    """Return the methods and properties of what the front door hands out."""
    classes = {value for name in ps.__all__ if inspect.isclass(value := getattr(ps, name))}
    for owner in {base for each in classes for base in each.__mro__ if is_ours(base)}:
        for name, value in vars(owner).items():
            function = getattr(value, "fget", None) or getattr(value, "func", None) or value
            if not name.startswith("_") and inspect.isfunction(inspect.unwrap(function)):
                yield f"{owner.__module__}.{owner.__qualname__}.{name}", function is not value


def is_ours(owner):
    return owner.__module__.startswith("phusong.")


def of(room, name):
    return getattr(import_module(room), name)


@pytest.mark.parametrize(("full", "noun"), sorted(set(methods())))
def test_public_methods_are_documented(full, noun):
    checks = CHECKS - PROPERTY if noun else CHECKS
    assert [error for error in validate(full)["errors"] if error[0] in checks] == []


@pytest.mark.parametrize("room", [r for r in ROOMS if import_module(r).__file__.endswith("t__.py")])
def test_a_room_imports_for_type_checkers_what_it_says_is_public(room):
    module = import_module(room)
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    guarded = [node for node in tree.body if isinstance(node, ast.If) and is_guard(node.test)]
    if not guarded:
        return  # a room that imports what it says
    imports = [node for node in guarded[0].body if isinstance(node, ast.ImportFrom)]
    named = [alias.asname or alias.name for node in imports for alias in node.names]
    assert sorted(named) == sorted(module.__all__) == sorted(module.__dir__())
    for node in imports:
        for alias in node.names:
            assert getattr(module, alias.name) is getattr(import_module(node.module), alias.name)


def is_guard(test):
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def test_no_public_name_stands_for_two_things():
    things = {(name, id(of(room, name))) for room, name in NAMES}
    twice = [name for name, count in Counter(name for name, _ in things).items() if count > 1]
    assert twice == []
