"""Memory of large arrays goes back to the system as soon as they are dropped.

glibc raises the size from which it maps blocks one by one each time such a block is freed, up to
32 MiB; from then on rasters lie in its heap, between them what is small and stays, and what is
dropped is not given back. A size that is set stays (mallopt(3), M_MMAP_THRESHOLD).
"""

import ctypes
import sys
from contextlib import suppress

LARGE_BYTES = 2**20
_M_MMAP_THRESHOLD = -3


def hand_back() -> None:
    """Set the size for this process, where the C library is glibc; for programs, not libraries."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
