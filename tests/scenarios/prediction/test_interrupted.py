"""A prediction that ends in the middle goes on where it was, and nothing half-written is used."""

import os
import signal
import sys

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from phusong import cache_files
from phusong.coverage.area import loss_windows, network
from phusong.coverage.area.cells import Masts, Reach, Surface, cells
from phusong.coverage.models import REGISTRY
from phusong.scenarios.prediction import area, cache
from phusong.scenarios.prediction.area import CarrierNetwork

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends a forked process")
MASTS, BEFORE_THE_END = 12, 5


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "FOLDER", tmp_path / "predictions")
    monkeypatch.setattr(cache, "WINDOWS", tmp_path / "windows")
    monkeypatch.setattr(network, "BATCH_BYTES", 1)  # a mast at a time
    return tmp_path


def town() -> CarrierNetwork:
    """Return masts on hills, on one carrier."""
    random, shape = np.random.default_rng(4), (60, 70)
    hills_m = random.uniform(0.0, 90.0, shape).astype(np.float32)
    place = (random.uniform(0.0, size - 1.0, MASTS) for size in reversed(shape))
    masts = Masts(*place, np.full(MASTS, 30.0), np.full(MASTS, 2550.0))
    ground = Surface(hills_m, np.zeros(shape, np.uint8), np.ones(shape, bool), 30.0)
    reach = Reach(900.0, model=REGISTRY["free_space"].for_area({}, 2550.0))
    return CarrierNetwork(ground, masts, cells(np.arange(MASTS), 0.0, 43.0), reach)


def predicted() -> network.Layers:
    return area.best_server(town(), -90.0, lambda _: None)


def computing(monkeypatch, then=lambda _count: None) -> list[int]:
    """Return a list that notes how many windows are computed at a time; ``then`` hears the sum."""
    computed, compute = [], loss_windows.compute

    def noted(sweeps, wanted):
        windows = compute(sweeps, wanted)
        computed.append(wanted.size)
        then(sum(computed))
        return windows

    monkeypatch.setattr(loss_windows, "compute", noted)
    return computed


def in_a_process(work) -> int:
    """Do some work in a process of its own and return how that ended: minus a signal."""
    process = os.fork()
    if process == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_after_an_end_in_the_middle_only_what_is_missing_is_computed(monkeypatch, sent):
    def end(count):
        if count == BEFORE_THE_END:
            os.kill(os.getpid(), sent)

    with monkeypatch.context() as patch:
        computing(patch, end)
        assert in_a_process(predicted) == -sent
    again = computing(monkeypatch)
    layers = predicted()
    assert sum(again) == MASTS - (BEFORE_THE_END - 1)  # the last was not yet kept
    again.clear()
    predicted()
    assert again == []
    for name, values in vars(whole_at_once()).items():
        assert_array_equal(values, getattr(layers, name), err_msg=name)


def test_an_interrupt_leaves_what_is_done_and_no_half_file(monkeypatch, own_folder):
    """SIGTERM comes as Ctrl-C does: it ends a network between two masts."""

    def end(count):
        if count == BEFORE_THE_END:
            signal.raise_signal(signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            computing(patch, end)
            with pytest.raises(KeyboardInterrupt):
                predicted()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(list(own_folder.rglob("*.npy"))) == BEFORE_THE_END - 1
    assert [path for path in own_folder.rglob("*") if path.suffix in (".tmp", ".npys")] == []
    again = computing(monkeypatch)
    predicted()
    assert sum(again) == MASTS - (BEFORE_THE_END - 1)


@pytest.mark.parametrize(("file", "kept"), [(3, 2), (MASTS + 1, MASTS)])
def test_what_is_written_when_the_process_ends_is_not_used(monkeypatch, own_folder, file, kept):
    """The third window, and the layers themselves, are cut off before they have their name."""
    written, seal = [], cache_files._checksum

    def end(*content):
        written.append(content)
        if len(written) == file:
            os.kill(os.getpid(), signal.SIGKILL)
        return seal(*content)

    with monkeypatch.context() as patch:
        patch.setattr(cache_files, "_checksum", end)
        assert in_a_process(predicted) == -signal.SIGKILL
    assert len(list(own_folder.rglob("*.tmp"))) == 1
    again = computing(monkeypatch)
    layers = predicted()
    assert sum(again) == MASTS - kept
    for name, values in vars(whole_at_once()).items():
        assert_array_equal(values, getattr(layers, name), err_msg=name)


def whole_at_once() -> network.Layers:
    """Return the same network without a cache."""
    net = town()
    return network.best_server(*net.parts, -90.0)
