"""The shape of the repository: folders, packaging and the direction of imports."""

import ast
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("coverage", "geodata", "scenarios", "maps")
SCRIPTS = {"urban", "industrial", "tourism", "province"}

LEAVES = ("errors", "columns", "cache_files", "compilation", "progress", "spelling", "lazy")
FACTS = {"__version__"}  # of the package itself

# Who may import whom; front door, results, commands and scripts stand above all.
ALLOWED = {
    "errors": set(),
    "columns": set(),
    "cache_files": set(),
    "compilation": {"cache_files"},
    "progress": set(),
    "spelling": set(),
    "lazy": set(),
    "meanings": {"columns"},
    "messages": {"errors", "messages"},
    "coverage": {"errors", "columns", "compilation", "lazy", "coverage"},
    "geodata": {
        *(
            "errors",
            "columns",
            "lazy",
            "meanings",
            "messages",
            "spelling",
            "cache_files",
            "geodata",
        ),
    },
    "scenarios": {
        *("errors", "columns", "compilation", "lazy", "cache_files", "messages", "progress"),
        *("coverage", "geodata", "scenarios", *FACTS),
    },
    "maps": {"errors", "columns", "lazy", "meanings", "messages", "geodata", "maps", *FACTS},
}


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
    found = {"phusong"}
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
