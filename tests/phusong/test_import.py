"""Importing phusong: quick, lazy, and without side effects."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import phusong as ps
from phusong import lazy

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("phusong", "coverage", "geodata", "scenarios", "maps")
HEAVY = {"numpy", "pandas", "numba", "geopandas", "rasterio", "folium", "xarray", "scipy"}
CELLS = "site_id,lon,lat,azimuth_deg,technology\nA,105.597,21.309,120,5G\n"


def run(code, folder, **environment):
    """Run code in a process of its own; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(folder), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_takes_less_than_a_third_of_a_second_and_loads_nothing_heavy():
    code = (
        "import sys, time; start = time.perf_counter(); import phusong; "
        "print(time.perf_counter() - start, *sys.modules)"
    )
    seconds, *modules = min((run(code, ROOT).split() for _ in range(3)), key=lambda w: float(w[0]))
    assert float(seconds) < 0.3
    assert not HEAVY & set(modules)
    assert "phusong.api" not in modules


def test_import_changes_no_environment_variable():
    code = (
        "import os; before = dict(os.environ); import phusong; phusong.lazy; "
        "print(before == dict(os.environ))"
    )
    assert run(code, ROOT) == "True"


@pytest.fixture(scope="module")
def install(tmp_path_factory):
    """Return a copy of the package that cannot be written to."""
    folder = tmp_path_factory.mktemp("install")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)


def listing(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_kernels_run_without_a_home_in_a_read_only_install(install):
    """Nothing is written beside the package, also by root, whom no mode of a file stops."""
    before = listing(install)
    code = (
        "import phusong; from phusong.coverage.models import free_space as f; "
        "import phusong.compilation as c; "
        "print(round(float(f.path_loss_db(1000.0, 2600.0, 30.0, 1.5)), 2), phusong.__file__)"
    )
    nowhere = {"HOME": "/dev/null/none", "XDG_CACHE_HOME": "/dev/null/none"}
    for environment in ({}, nowhere):
        loss_db, file = run(code, install, PYTHONDONTWRITEBYTECODE="1", **environment).split()
        assert float(loss_db) == pytest.approx(100.75, abs=0.1)  # 20 lg 2600 + 20 lg 1 + 32.45
        assert file.startswith(str(install))
    assert listing(install) == before


def test_everything_public_is_there_and_nothing_else():
    for name in ps.__all__:
        assert getattr(ps, name).__name__ == name
    assert set(ps.__all__) == set(dir(ps))
    with pytest.raises(AttributeError, match="module 'phusong' has no attribute 'nothing'"):
        ps.nothing  # noqa: B018


@pytest.mark.parametrize("first", ["", "import phusong.geodata.grid; "])
def test_subpackages_are_reachable_after_import(first):
    code = (
        f"{first}import phusong as ps; "
        "print(ps.geodata.network.sites.__name__, ps.coverage.units.__name__, "
        "ps.scenarios.config.schema.__name__, ps.maps.pictures.palette.__name__)"
    )
    names = (
        "geodata.network.sites",
        "coverage.units",
        "scenarios.config.schema",
        "maps.pictures.palette",
    )
    assert run(code, ROOT).split() == [f"phusong.{name}" for name in names]


def test_a_module_that_cannot_be_imported_says_so(tmp_path, monkeypatch):
    """Only what is not there is no attribute; what fails on import is not hidden."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "__init__.py").touch()
    (tmp_path / "box" / "broken.py").write_text("import no_such_library")
    get, _ = lazy.names("box")
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        get("broken")
    with pytest.raises(AttributeError, match="has no attribute 'absent'"):
        get("absent")
