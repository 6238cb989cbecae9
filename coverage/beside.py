"""A job on another thread, while what does not need its result goes on."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

import numba

Bar = Callable[[int], None]
T = TypeVar("T")
NICENESS = 10  # of a job that fills cores which would be idle


@contextmanager
def beside(job: Callable[..., T], *given: object, niceness: int = 0) -> Iterator[Future[T]]:
    """Do a job while the block runs, before it where there is one thread.

    Parameters
    ----------
    job
        What is done; what it raises comes with its result.
    given
        What it is called with.
    niceness
        Of its threads, where the system tells threads apart.
    """
    with second_worker(niceness) as begin:
        yield begin(job, *given)


@contextmanager
def second_worker(niceness: int = 0) -> Iterator[Callable[..., Future[Any]]]:
    """Let a second thread do one job after the other while the block runs.

    The block is given what begins a job, see ``beside``. Where it breaks off, what has not begun is
    left undone.

    Parameters
    ----------
    niceness
        Of its threads, where the system tells threads apart.
    """
    threads = numba.get_num_threads()
    with ThreadPoolExecutor(1, initializer=_prepare, initargs=(threads, niceness)) as pool:

        def begin(job: Callable[..., Any], *given: object) -> Future[Any]:
            doing = pool.submit(copy_context().run, job, *given)  # the country is the caller's
            if threads == 1:
                wait([doing])
            return doing

        try:
            yield begin
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _prepare(threads: int, niceness: int) -> None:
    """Let this thread, and those that it starts, use so many cores and give way to others."""
    numba.set_num_threads(threads)
    if niceness and sys.platform == "linux":  # elsewhere a whole process has one priority
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def until(over: threading.Event, bar: Bar) -> Bar:
    """Return a bar by whose next move a job is broken off once it is over."""

    def move(done: int) -> None:
        if over.is_set():
            raise InterruptedError
        bar(done)

    return move
