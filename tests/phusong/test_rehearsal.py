"""The rehearsal compiles what a plan calls, in the forms in which it calls it."""

import importlib
import os
import pkgutil
from types import SimpleNamespace

import pytest
from numba.core.registry import CPUDispatcher

from phusong import compilation
from phusong.api import rehearsal
from phusong.coverage import area, p1812, shadowing
from phusong.scenarios import siting
from phusong.scenarios.config import schema
from phusong.scenarios.plan import run
from phusong.scenarios.prediction import cache

SETTINGS = ["rollout.stations={ 2024 = 2, 2025 = 3 }", "candidates.lattice_m=290"]


def forms():
    """Return the compiled forms of every kernel of a plan that is compiled by itself."""
    return {form for name in modules() for form in forms_of(name)}


def modules():
    """Yield the modules of sweep, network and choice, and that of speeds over the shadowing."""
    yield shadowing.__name__
    for room in (area, p1812, siting):
        for each in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            yield each.name


def forms_of(module_name):
    """Yield the compiled forms of a module's own kernels."""
    for name, kernel in vars(importlib.import_module(module_name)).items():
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
    rehearsal.rehearse()
    rehearsed = forms()
    assert len(rehearsed) > 10
    run.plan(mini_province, schema.load("urban", SETTINGS))
    assert forms() - rehearsed == set()


@pytest.mark.usefixtures("marked")
def test_it_is_done_once_and_only_where_there_is_a_second_core(monkeypatch):
    started, ended = [], []
    monkeypatch.setattr(rehearsal, "_begun", [])

    def popen(arguments, **_quiet):
        started.append(arguments)
        return SimpleNamespace(kill=lambda: None, poll=lambda: 0 if ended else None)

    monkeypatch.setattr(rehearsal.subprocess, "Popen", popen)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    rehearsal.begin()
    assert not started
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    rehearsal.begin()
    rehearsal.begin()  # one is at work
    assert [arguments[1:] for arguments in started] == [["-m", rehearsal.NAME]]
    ended.append(True)
    rehearsal.begin()  # it was ended before it came to the end
    assert len(started) == 2
    rehearsal.rehearse()
    rehearsal.begin()
    assert len(started) == 2
