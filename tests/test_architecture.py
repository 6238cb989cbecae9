"""The shape of the repository: folders, packaging and the direction of imports."""

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("coverage", "geodata", "scenarios", "maps")
SCRIPTS = {"urban", "industrial", "tourism", "province"}

LEAVES = (
    "errors",
    "languages",
    "moment",
    "columns",
    "cache_files",
    "compilation",
    "code_keys",
    "content_cache",
    "lock",
    "memory",
    "progress",
    "stored",
    "lazy",
)
FACTS = {"__version__"}  # of the package itself

# Who may import whom; front door, results, commands and scripts stand above all.
ALLOWED = {
    "errors": {"messages"},
    "languages": {"errors", "messages"},
    "columns": set(),
    "moment": {"errors", "messages"},
    "cache_files": set(),
    "code_keys": set(),
    "compilation": {"cache_files", "code_keys"},
    "content_cache": {"cache_files", "code_keys", "stored"},
    "lock": {"errors", "messages", "cache_files"},
    "memory": set(),
    "progress": {"languages", "messages"},
    "stored": {"cache_files"},
    "lazy": set(),
    "meanings": {"columns", "messages"},
    "messages": {"messages"},
    "coverage": {"errors", "columns", "compilation", "lazy", "messages", "coverage"},
    "geodata": {
        *(
            "errors",
            "columns",
            "lazy",
            "meanings",
            "messages",
            "cache_files",
            "code_keys",
            "content_cache",
            "stored",
            "lock",
            "geodata",
        ),
    },
    "scenarios": {
        *("errors", "columns", "compilation", "lazy", "cache_files", "code_keys", "content_cache"),
        *("memory", "messages", "moment", "progress", "stored"),
        *("coverage", "geodata", "scenarios", *FACTS),
    },
    "maps": {
        "code_keys",
        "content_cache",
        "stored",
        "errors",
        "languages",
        "columns",
        "lazy",
        "meanings",
        "messages",
        "geodata",
        "maps",
        *FACTS,
    },
}


# Inside a folder: which rooms each room may import, lower floors first; its docstring says so.
# Modules at the root of a folder are below its rooms: every room may import them.
FLOORS = {
    "coverage": {"area": set(), "p1812": {"area"}, "models": {"area", "p1812"}},
    "geodata": {
        "countries": set(),
        "files": {"countries"},
        "units": {"countries", "files"},
        "ground": {"countries", "files"},
        "writers": {"countries", "files"},
        "packages": {"countries", "files", "writers"},
        "network": {"countries", "files", "units", "ground"},
        "provinces": {"countries", "files", "units", "ground", "writers", "network"},
        "runs": {"countries", "files", "units", "writers", "packages"},
        "fetch": {"countries", "files", "units", "writers", "provinces"},
        "measured": {"countries", "files", "ground", "network", "provinces"},
        "audit": {"countries", "files", "units", "ground", "network", "provinces", "measured"},
    },
    "scenarios": {
        "criteria": set(),
        "siting": set(),
        "propagation": set(),
        "config": {"criteria", "propagation"},
        "prediction": {"config", "propagation"},
        "candidates": {"config", "prediction", "siting"},
        "costs": {"config"},
        "plan": {
            "config",
            "criteria",
            "propagation",
            "prediction",
            "siting",
            "candidates",
            "costs",
        },
        "evaluation": {"config", "prediction", "siting", "candidates", "costs", "plan"},
        "results": {"config", "criteria", "propagation", "prediction", "candidates", "plan"},
        "calibration": {"propagation", "prediction", "results"},
        "validation": {"propagation", "calibration", "results"},
        "comparison": set(),
        "as_built": {"config", "prediction", "candidates"},
    },
    "maps": {
        "texts": set(),
        "pictures": set(),
        "plots": {"texts", "pictures"},
        "frame": {"texts"},
        "layers": {"texts", "pictures"},
        "report": {"texts", "pictures", "plots", "frame", "layers"},
        "pages": {"texts", "pictures", "plots", "frame", "layers"},
        "feed": {"texts", "pictures", "frame"},
    },
}
FILES_IN_A_ROOM = 16
# Pairs of a module and a module it imports in another room of the folder.
PAIRS = {"geodata": 155, "scenarios": 158}


def sources(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path):
    """Return the parts of phusong that a module imports: ``coverage``, ``errors`` and so on."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {n.split(".")[1] for n in names if n.startswith("phusong.")}
    return found


@pytest.mark.parametrize("folder", FOLDERS)
def test_root_folders_are_not_packages_of_their_own(folder):
    """A ./coverage package would hide coverage.py from numba."""
    assert not (ROOT / folder / "__init__.py").exists()


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_keep_their_direction(folder):
    for path in sources(folder):
        if folder == "scenarios" and path.stem in SCRIPTS:
            continue
        assert imported(path) <= ALLOWED[folder], path


@pytest.mark.parametrize("leaf", [*LEAVES])
def test_leaves_import_nothing_of_ours_but_leaves(leaf):
    assert imported(ROOT / "phusong" / f"{leaf}.py") == ALLOWED[leaf]


def test_messages_know_nothing_of_what_is_said():
    for path in sources("phusong/messages"):
        assert imported(path) <= ALLOWED["messages"], path


def test_terminal_knows_no_command():
    for path in sources("phusong/terminal"):
        assert imported(path) <= {"messages", "progress", "lock", "terminal"}, path


def test_coverage_touches_no_file_frame_or_clock():
    forbidden = {"pandas", "geopandas", "rasterio", "folium", "logging", "time", "pathlib"}
    for path in sources("coverage"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not names & forbidden, path


def test_packages_list_is_complete():
    """A folder with modules that is not listed would be missing from the wheel."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {"phusong", "phusong.maps"}  # what maps holds beside its rooms is data
    for folder in FOLDERS:
        for path in sources(folder):
            found.add("phusong." + ".".join(path.parent.relative_to(ROOT).parts))
    for path in (ROOT / "phusong").glob("*/*.py"):
        found.add("phusong." + path.parent.name)
    assert listed == found


@pytest.mark.parametrize("name", ["base", "urban", "industrial", "tourism", "province"])
def test_scenarios_are_shipped(name):
    assert files("phusong.scenarios").joinpath(f"{name}.toml").is_file()


def test_coverage_py_is_found_from_the_root():
    """Run where the folder ./coverage could hide the package that numba imports."""
    code = "import coverage, numba; assert coverage.types; import phusong.coverage.units"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_no_module_is_too_long():
    for folder in (*FOLDERS, "phusong"):
        for path in sources(folder):
            assert len(path.read_text(encoding="utf-8").splitlines()) < 500, path


def named(path, known):
    """Return the modules among the known ones that a module imports, wherever in it."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            modules |= {full if full in known else node.module for full in inner.values()}
    return modules & set(known)


def modules_of(folder):
    """Return the path of every module of a folder by its dotted name."""
    paths = {}
    for path in sources(folder):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts if folder == "phusong" else ("phusong", *parts))
        paths[name.removesuffix(".__init__")] = path
    return paths


def room_of(name):
    """Return the room of a module, '' at the root of its folder: phusong.geodata.files.guard."""
    parts = name.split(".")
    return parts[2] if len(parts) > 3 else ""


def pairs(folder):
    """Return the pairs of a module and a module it imports that lie in different rooms."""
    paths = modules_of(folder)
    return {
        (name, other)
        for name, path in paths.items()
        for other in named(path, paths)
        if room_of(name) and room_of(other) and room_of(name) != room_of(other)
    }


@pytest.mark.parametrize("folder", FLOORS)
def test_rooms_import_lower_floors_only(folder):
    floors = FLOORS[folder]
    rooms = {room_of(name) for name in modules_of(folder)} - {"", "reference"}
    assert rooms == set(floors)
    order = list(floors)
    assert all(order.index(low) < order.index(room) for room in order for low in floors[room])
    wrong = {
        f"{name} imports {other}"
        for name, other in pairs(folder)
        if room_of(other) not in floors[room_of(name)]
    }
    assert not wrong


@pytest.mark.parametrize("folder", FLOORS)
def test_rooms_say_what_they_may_import(folder):
    for room, lower in FLOORS[folder].items():
        tree = ast.parse((ROOT / folder / room / "__init__.py").read_text(encoding="utf-8"))
        words = " ".join((ast.get_docstring(tree) or "").split())
        told = re.search(r"May import ([\w, ]+)\.|Imports no other room\.", words)
        assert told, f"{folder}/{room} does not say what it may import"
        assert set(re.split(r", | and ", told[1] or "")) - {""} == lower, f"{folder}/{room}"


@pytest.mark.parametrize("folder", PAIRS)
def test_rooms_hold_together(folder):
    """Modules that need each other stand in one room: few imports cross from room to room."""
    assert len(pairs(folder)) <= PAIRS[folder]


@pytest.mark.parametrize("folder", [*FOLDERS, "phusong", "tests"])
def test_no_room_is_a_warehouse(folder):
    for room in (ROOT / folder).glob("**/"):
        if room == ROOT / "coverage":  # equations of parts, at most 18
            continue
        count = len(list(room.glob("*.py")))
        assert count <= FILES_IN_A_ROOM, room


def test_maps_and_makers_of_tests_stand_in_rooms():
    assert not list((ROOT / "maps").glob("*.py"))
    assert not list((ROOT / "tests" / "support").glob("*.py"))


def test_no_modules_import_each_other_in_a_circle():
    """Late imports count too; ``phusong`` itself, which holds the version, does not."""
    paths = {name: path for folder in FOLDERS for name, path in modules_of(folder).items()}
    needs = {name: named(path, paths) - {name} for name, path in paths.items()}
    assert tuple(graphlib.TopologicalSorter(needs).static_order())


def test_no_class_name_stands_twice():
    """One word, one thing: a reader who meets a class by its name knows which it is."""
    modules = {}
    for folder in (*FOLDERS, "phusong"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    modules.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert len(modules) > 150
    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}


def test_tests_share_makers_not_tests():
    """A test imports no other test: what several make stands in tests/support."""
    support = ROOT / "tests" / "support"
    tests = [p for p in (ROOT / "tests").rglob("*.py") if support not in p.parents]
    names = {path.stem for path in tests}
    for path in tests:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {module, *modules} & names, path


def test_tests_mirror_the_rooms():
    for folder in (*FOLDERS, "phusong"):
        for path in (ROOT / "tests" / folder).rglob("test_*.py"):
            room = path.parent.relative_to(ROOT / "tests")
            assert (ROOT / room).is_dir(), f"{path} tests a room that is not there"
