"""Have other processes compile the kernels of a plan while data is read.

numba compiles under one lock, so that threads would wait for each other, and what its compiler
takes is not given back. Two processes fill the cache of machine code (``phusong.compilation``) by
predicting a small made network, and by choosing, proving, redrawing and counting a small made
problem; nothing but the cache is changed. The run waits for a kernel on which one of them is at
work, and compiles for itself what they do not bring.
"""

import atexit
import os
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from phusong import cache_files, compilation
from phusong.code_keys import code_key

NAME = "phusong.api.rehearsal"
NICENESS = 5  # of what is not needed first


class Part(NamedTuple):
    """What one process compiles.

    Parameters
    ----------
    modules
        Of the kernels; names that these begin with.
    niceness
        Of the process.
    """

    modules: tuple[str, ...]
    niceness: int


PARTS = {
    "sweep": Part(
        (
            "phusong.coverage.area.loss_windows",
            "phusong.coverage.area.radial",
            "phusong.coverage.area.reception",
            "phusong.coverage.models.free_space",
            "phusong.coverage.p1812.",
            "phusong.coverage.p2108",
            "phusong.coverage.area.sight",
            "phusong.coverage.shadowing",
        ),
        0,
    ),
    "choice": Part(
        (
            "phusong.coverage.area.power",
            "phusong.coverage.area.sample",
            "phusong.coverage.area.service",
            "phusong.coverage.p2109",
            "phusong.coverage.statistics",
            "phusong.coverage.uncertainty",
            "phusong.scenarios.",
        ),
        NICENESS,
    ),
}
_begun: dict[str, subprocess.Popen[bytes]] = {}  # by this process, by part


def begin() -> None:
    """Start the processes where the kernels are not compiled and there is a core for them."""
    if (os.cpu_count() or 1) == 1:
        return
    for name, part in PARTS.items():
        if not (_done(name).is_file() or _at_work(name)):
            _start(name)
            compilation.expect(part.modules, partial(_at_work, name))


def _start(name: str) -> None:
    """Start the process of a part."""
    command, nowhere = [sys.executable, "-m", NAME, name], subprocess.DEVNULL
    with suppress(OSError):
        process = subprocess.Popen(command, stdout=nowhere, stderr=nowhere)  # noqa: S603 - ourselves
        _begun[name] = process
        atexit.register(process.kill)


def _at_work(name: str) -> bool:
    """Return whether the process of a part is at work."""
    return name in _begun and _begun[name].poll() is None


def _done(name: str) -> Path:
    """Return the file that says that the kernels of a part are compiled, as the code is now."""
    return compilation.FOLDER / code_key(NAME) / f"rehearsed-{name}"


def rehearse(name: str) -> None:
    """Call all kernels of a part, those that a plan needs first before the others."""
    # ruff: noqa: PLC0415 - a run calls neither
    from phusong.api import small_network

    if name == "sweep":
        small_network.sweep()
        small_network.tell_speeds()
        small_network.look_across()
    else:
        from phusong.api import small_problem

        small_network.add_up()
        small_problem.measure()
        small_problem.choose_and_prove()
        small_problem.redraw()
        small_problem.count()
    key = code_key(NAME)
    cache_files.write(_done(name), key, lambda file: file.write(b"compiled"))


if __name__ == "__main__":
    part = sys.argv[1]
    if hasattr(os, "nice"):
        os.nice(PARTS[part].niceness)
    rehearse(part)
