"""The rehearsal compiles what a plan calls, in the forms in which it calls it."""

import os
import sys
from types import SimpleNamespace

import pytest
from numba.core.registry import CPUDispatcher

from phusong import compilation
from phusong.api import rehearsal
from phusong.scenarios.config import schema
from phusong.scenarios.plan import run
from phusong.scenarios.prediction import cache

SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=290"]


def forms():
    """Return the compiled forms of every kernel that is compiled by itself."""
    names = [name for name in sys.modules if name.startswith("phusong.")]
    return {form for name in names for form in forms_of(name)}


def forms_of(module_name):
    """Yield the compiled forms of a module's own kernels."""
    for name, kernel in vars(sys.modules[module_name]).items():
        own = isinstance(kernel, CPUDispatcher) and kernel.py_func.__module__ == module_name
        if own and not kernel.targetoptions.get("forceinline"):
            for form in kernel.signatures:
                yield module_name, name, str(form)


@pytest.fixture
def marked(tmp_path, monkeypatch):
    """Keep the mark of what is compiled in a folder of the test's own."""
    monkeypatch.setattr(compilation, "FOLDER", tmp_path / "kernels")
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "predictions")


@pytest.mark.usefixtures("marked")
def test_a_plan_calls_no_kernel_in_another_form(mini_province):
    for part in rehearsal.PARTS:
        rehearsal.rehearse(part)
    rehearsed = forms()
    assert len(rehearsed) > 10
    run.plan(mini_province, schema.load("urban", SETTINGS))
    assert forms() - rehearsed == set()


def test_a_run_waits_for_kernels_on_which_a_part_is_at_work(monkeypatch):
    """Kernels of models that nothing rehearses are compiled at once."""
    monkeypatch.setattr(compilation, "_expected", {})
    at_work = set(rehearsal.PARTS)
    for name, part in rehearsal.PARTS.items():
        compilation.expect(part.modules, lambda name=name: name in at_work)
    swept, chosen = "phusong.coverage.p1812.sweep", "phusong.scenarios.siting.swap"
    assert compilation._comes(swept)
    assert compilation._comes(chosen)
    assert not compilation._comes("phusong.coverage.models.sweep_spm")
    at_work.remove("sweep")
    assert not compilation._comes(swept)
    assert compilation._comes(chosen)


def test_a_kernel_that_comes_from_elsewhere_is_not_compiled(tmp_path, monkeypatch):
    """Another process keeps the code of a kernel while this one waits for it."""
    code, looks = compilation._MachineCode(tmp_path, "phusong.made", "kernel"), []
    tmp_path.chmod(0o700)

    def at_work():
        looks.append(True)
        if len(looks) == 3:
            code.save("key", "machine code")
        return len(looks) < 9

    monkeypatch.setattr(compilation, "_expected", {"phusong.made": at_work})
    assert code.load("key") == "machine code"
    assert len(looks) == 3
    assert code.load("another") is None
    assert len(looks) == 9  # it never came


@pytest.mark.usefixtures("marked")
def test_it_is_done_once_and_only_where_there_is_a_second_core(monkeypatch):
    started, ended = [], set()
    monkeypatch.setattr(rehearsal, "_begun", {})
    monkeypatch.setattr(compilation, "_expected", {})

    def popen(arguments, **_quiet):
        part = arguments[-1]
        started.append(part)
        return SimpleNamespace(kill=lambda: None, poll=lambda: 0 if part in ended else None)

    monkeypatch.setattr(rehearsal.subprocess, "Popen", popen)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    rehearsal.begin()
    assert not started
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    rehearsal.begin()
    rehearsal.begin()  # both are at work
    assert started == ["sweep", "choice"]
    ended.add("choice")
    rehearsal.begin()  # it was ended before it came to the end
    assert started == ["sweep", "choice", "choice"]
    ended.add("sweep")
    for part in rehearsal.PARTS:
        rehearsal.rehearse(part)
    rehearsal.begin()
    assert len(started) == 3
