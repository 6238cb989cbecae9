"""Longer work, one after the other: begun by one request, looked at and stopped by others."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from phusong.errors import InputError

MOST_JOBS = 50  # whose results are held


class Jobs:
    """Work in a thread of its own; the oldest results are forgotten first."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="studio")
        self._jobs: OrderedDict[str, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, work: Callable[[], Any]) -> str:
        """Return the name under which the result of some work will be found."""
        name = secrets.token_hex(8)
        with self._lock:
            self._jobs[name] = self._pool.submit(work)
            while len(self._jobs) > MOST_JOBS:
                self._jobs.popitem(last=False)
        return name

    def state(self, name: str) -> dict[str, Any] | None:
        """Return ``waiting``, ``working``, ``stopped``, ``failed`` or ``done`` with the result."""
        job = self._jobs.get(name)
        if job is None:
            return None
        if job.cancelled():
            return {"state": "stopped"}
        if not job.done():
            return {"state": "working" if job.running() else "waiting"}
        error = job.exception()
        if error is None:
            return {"state": "done", "result": job.result()}
        if isinstance(error, InputError):
            return {"state": "failed", "error": str(error)}
        return {"state": "failed", "error": type(error).__name__}

    def stop(self, name: str) -> bool:
        """Stop work that has not begun, and forget the rest; return whether it was known."""
        with self._lock:
            job = self._jobs.pop(name, None)
        return job is not None and (job.cancel() or True)

    def close(self) -> None:
        """Begin nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
