"""How loops over pixels are compiled."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core.extending import intrinsic

from phusong.compilation import kernel

__all__ = [
    "INLINE",
    "INNER",
    "KERNEL",
    "LEAN",
    "PATH",
    "STAGE",
    "apart",
    "in_threads",
    "kernel",
]

# Threads may run them side by side; a division by zero gives infinity, as in numpy. No code of
# another language calls them: without a way in for it they compile in less time.
KERNEL = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}

# Inner functions that make no arrays are compiled without numba's runtime: it would count
# references to their arrays at every call, by atomic operations that cost more than the work.
# They are put in place of their calls, which would pass dozens of numbers for their records.
LEAN = {**KERNEL, "_nrt": False}
INNER = {**LEAN, "forceinline": True}

# One path: for scalars, arrays and other kernels alike.
PATH = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}

# Stages are plain loops over many receivers that become vector instructions: their numbers are
# finite. Only kernels call them. Terms are put in no other order and not fused: how that is done
# may differ between a stage by itself and in its caller, and which of the two is called depends on
# what was compiled and what was loaded.
FINITE = {"nnan", "nsz"}
UNWRAPPED = {"no_cpython_wrapper": True}
STAGE = {**LEAN, **UNWRAPPED, "fastmath": FINITE}

# Put in place of its call before anything is compiled, since every level of calls is compiled
# together with all that it calls: what a stage does to one receiver, or a sequence of stages.
INLINE = {"inline": "always"}


def _apart(typing_context: Any) -> Any:  # noqa: ANN401, ARG001 - numba's own types
    """Tell the compiler, first thing in a stage, that its arrays do not overlap.

    Else no loop that writes one of many arrays becomes vector instructions. The stage stays apart
    from its caller, with which it would be compiled once more.
    """

    def mark(context: Any, builder: Any, signature: Any, values: Any) -> Any:  # noqa: ANN401
        del signature, values
        for argument in builder.function.args:
            if isinstance(argument.type, ir.PointerType):
                argument.add_attribute("noalias")
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.none(), mark


apart: Any = intrinsic(_apart)


def in_threads(task: Callable[..., object], *columns: Iterable[Any]) -> None:
    """Do a task for every item, as many at once as numba is allowed threads.

    Kernels let other threads run: plain loops that are dealt out so compile in a fraction of the
    time that numba's own parallel loops take.
    """
    threads = numba.get_num_threads()
    if threads == 1:
        for items in zip(*columns, strict=False):
            task(*items)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(task, *columns):
            pass
